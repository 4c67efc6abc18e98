"""What a postgresql.conf that a tool gives a server sets, with its place."""

from pgssllint.postgres.parameters import folded
from pgssllint.syntax import conf
from pgssllint.syntax.tree import SyntaxFault
from pgssllint.text import Source, Span
from pgssllint.traced import Traced, whole
from pgssllint.unknown import UNKNOWN, Unknown


def setting_in(source: Source, name: str) -> Traced | Unknown | None:
    """What a main file sets last for a name; UNKNOWN where it includes others, or a template has yet to write it."""
    value: Traced | Unknown | None = None
    for line in conf.parse(source):
        if isinstance(line.tree, SyntaxFault):
            continue
        parts = conf.assignment(line.tree)
        found = folded(source.text[parts.name.start : parts.name.end])
        if found.startswith("include"):
            value = UNKNOWN
        elif found == name:
            value = _value(source, parts)
    return value


def _value(source: Source, parts: conf.Assignment) -> Traced | Unknown:
    """The value of an assignment, which stands for its whole text where quotes or escapes are in it."""
    token = parts.value
    span = Span(token.start, token.end)
    text = conf.decoded(source, token)
    text_there = whole(source).part(*span)
    inner = text_there.stripped("'") if text_there.text.startswith("'") else text_there
    return inner if inner.text == text else text_there.become(text)


def shown_encryption(value: Traced) -> Traced:
    """What `postgres -C password_encryption` prints for a value: what it stands for."""
    spoken = {"on": "md5", "true": "md5", "yes": "md5", "1": "md5"}.get(value.text.lower(), value.text.lower())
    return value if spoken == value.text else value.become(spoken)
