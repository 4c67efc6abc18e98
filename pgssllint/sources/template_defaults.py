"""Defaults that stand in templates of a server's files: what it gets unless somebody says otherwise.

Nothing is evaluated: that a default stands there is told, not that it holds. Of the words told all are known: methods,
booleans and protocols; whatever else is a default may be a secret and is told nowhere.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from pgssllint.postgres.hba_options import METHODS
from pgssllint.sources.kinds import TEMPLATE_DEFAULT
from pgssllint.sources.site import Site
from pgssllint.sources.workload import Said
from pgssllint.syntax.template_control import marks
from pgssllint.text import Source, Span

_WORDS = frozenset({*METHODS, "on", "off", "true", "false", "yes", "no", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"})
_QUOTED = r"(?P<quote>['\"])(?P<value>[A-Za-z0-9.-]{1,20})(?P=quote)"
_DEFAULT = re.compile(
    rf"\|\s*(?:default|d)\s*(?:\(\s*)?{_QUOTED}"  # Jinja's filter, and Helm's behind a pipe
    rf"|\bdefault\s+{_QUOTED.replace('quote', 'before').replace('value', 'first')}"  # Helm's function
    rf"|\|\|\s*{_QUOTED.replace('quote', 'ruby').replace('value', 'otherwise')}"  # ERB
)
_SHELL = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*:?-(?P<value>[A-Za-z0-9.-]{1,20})\}")


def defaults(source: Source) -> Iterator[Said]:
    """The defaults in a file, each at its place."""
    text = source.text
    for mark in marks(text) if "default" in text or "|" in text else ():
        for hit in _DEFAULT.finditer(text, *mark.span):
            yield from _said(source, hit, next(name for name in ("value", "first", "otherwise") if hit[name]))
    for hit in _SHELL.finditer(text):
        yield from _said(source, hit, "value")


def _said(source: Source, hit: "re.Match[str]", group: str) -> Iterator[Said]:
    line = source.text[source.text.rfind("\n", 0, hit.start()) + 1 : hit.start()]
    if hit[group] in _WORDS and not line.lstrip().startswith("#"):
        yield Said(TEMPLATE_DEFAULT, source.home(Span(*hit.span(group))), {"value": hit[group]})


def with_defaults(site: Site) -> Site:
    """A site with what is said of the defaults in its files."""
    found = tuple(said for made in site.files.values() for said in defaults(made))
    return replace(site, said=(*site.said, *found)) if found else site
