"""PGS510 to PGS515: the names of databases, roles and hosts in records."""

import re
from collections.abc import Iterator, Mapping, Sequence

from pgssllint.checks import check
from pgssllint.checks.library.places import at_record
from pgssllint.checks.library.reach import good_records
from pgssllint.checks.library.record_faults import fault_problem, record_faults
from pgssllint.cluster import Cluster
from pgssllint.files import Presence
from pgssllint.finding import Edit, Fix, Problem
from pgssllint.postgres.address import KEYWORDS
from pgssllint.postgres.hba import FaultKind, Record
from pgssllint.postgres.hba_model import DATABASE_WORDS, ROLE_WORDS
from pgssllint.postgres.regex import Regex, read_regex
from pgssllint.quoting import ours
from pgssllint.syntax.auth import Value

_DATABASE_WORDS_ALONE = frozenset({"sameuser", "samerole", "samegroup"})
_LITERAL = re.compile(r"[A-Za-z0-9_-]+")
_NEEDS_QUOTES = re.compile(r"[\s,#\"]")


_WITH_FLAGS = re.compile(r"/[a-z]{1,4}\Z")
"""What ends a pattern in other languages, and stands here for itself: `/i` and the like."""


@check("PGS510")
def upper_case_keyword(cluster: Cluster) -> Iterator[Problem]:
    """Keywords but for their case."""
    for record in good_records(cluster):
        found = [
            (value, value.text.lower())
            for _, value, keywords in _names(record)
            if not value.quoted and value.text not in keywords and value.text.lower() in keywords
        ]
        if found:
            first, keyword = found[0]
            arguments = {"word": first.name, "keyword": keyword}
            yield _several(record, [value for value, _ in found], arguments, fix=_edited(record, found))


@check("PGS511")
def quoted_keyword(cluster: Cluster) -> Iterator[Problem]:
    """Keywords, groups and files that quotes turn into names."""
    for record in good_records(cluster):
        found = [
            (what, value)
            for what, value, keywords in _names(record)
            if value.quoted and _means_more(what, value.text, keywords)
        ]
        if found:
            what, first = found[0]
            arguments = {
                "written": first.name._replace(text=_as_written(record, first)),
                "what": ours(what),
                "word": first.name,
            }
            values = [value for _, value in found]
            changes = [(v, _unquoted(v.text) if _may_be_read(cluster, record, v) else None) for v in values]
            yield _several(record, values, arguments, fix=_edited(record, changes))


@check("PGS512")
def regex_before_16(cluster: Cluster) -> Iterator[Problem]:
    """Patterns where the target has only names."""
    for record in good_records(cluster):
        patterns = [(what, names, value) for what, names in _lists(record) for value in names if _is_pattern(value)]
        if patterns:
            what, names, first = patterns[0]
            alone = all(_is_pattern(value) for value in names)
            arguments = {"pattern": first.name, "target": cluster.major, "what": what}
            yield _several(record, [v for _, _, v in patterns], arguments, "default" if alone else "one")


@check("PGS513")
def invalid_regex(cluster: Cluster) -> Iterator[Problem]:
    """Patterns that the target's regular expressions do not know."""
    for record, fault in record_faults(cluster, FaultKind.BAD_REGEX):
        yield fault_problem(record, fault, {"pattern": fault.quote, "reason": fault.reason})


@check("PGS514")
def unanchored_regex(cluster: Cluster) -> Iterator[Problem]:
    """Patterns that let in longer names than they show."""
    known: dict[str, Regex] = {}
    for record in good_records(cluster):
        found = []
        for _, names in _lists(record) if record.admits else ():
            for value in filter(_is_pattern, names):
                pattern = value.text[1:]
                regex = known.get(pattern) or known.setdefault(pattern, read_regex(pattern, cluster.major))
                if not _is_closed(regex):
                    found.append((value, regex))
        if found:
            first, regex = found[0]
            example = _longer(regex)
            arguments = {"pattern": first.name} | ({"example": first.name._replace(text=example)} if example else {})
            fix = _edited(record, [(value, _anchored(record, value, r)) for value, r in found])
            yield _several(record, [v for v, _ in found], arguments, "default" if example else "other", fix=fix)


@check("PGS515")
def group_in_database_field(cluster: Cluster) -> Iterator[Problem]:
    """Words that mean something in another field only."""
    for record in good_records(cluster):
        groups = [v for v in record.databases if not v.quoted and v.text.startswith("+") and len(v.text) > 1]
        words = [v for v in record.users if not v.quoted and v.text in _DATABASE_WORDS_ALONE]
        found = groups + words
        if found:
            yield _several(record, found, {"word": found[0].name}, "default" if groups else "role")


def _lists(record: Record) -> Iterator[tuple[str, tuple[Value, ...]]]:
    """What the names are names of, and the names."""
    yield "database", record.databases
    yield "role", record.users


def _names(record: Record) -> Iterator[tuple[str, Value, Sequence[str]]]:
    """All names of a record, with what they are names of and the keywords in their place."""
    for value in record.databases:
        yield "database", value, DATABASE_WORDS
    for value in record.users:
        yield "role", value, ROLE_WORDS
    if record.address is not None:
        yield "host", record.address, KEYWORDS


def _several(
    record: Record,
    values: Sequence[Value],
    arguments: Mapping[str, object],
    message: str = "default",
    fix: Fix | None = None,
) -> Problem:
    """One problem for a record: at the first of the values, the others related to it."""
    related = tuple(at_record(record, value.span, "the same here") for value in values[1:])
    return Problem(at_record(record, values[0].span), arguments, message, related + record.chain, fix=fix)


def _edited(record: Record, changes: Sequence[tuple[Value, str | None]]) -> Fix | None:
    """The fix that writes each value anew, as it stands in the file; None unless all can be."""
    edits = []
    for value, text in changes:
        if text is None or value.origin is not None or "\n" in _as_written(record, value):
            return None
        edits.append(Edit(record.source.path, record.source, value.span, text))
    words = " and ".join(f"'{text}'" for text in dict.fromkeys(text for _, text in changes))
    return Fix(f"Write {words}.", tuple(edits), safe=False)


def _as_written(record: Record, value: Value) -> str:
    return f'"{value.text}"' if value.origin is not None else record.source.text[value.span.start : value.span.end]


def _means_more(what: str, text: str, keywords: Sequence[str]) -> bool:
    """Whether a word without its quotes is more than a name."""
    return text in keywords or (len(text) > 1 and (text[0] == "@" or (text[0] == "+" and what == "role")))


def _may_be_read(cluster: Cluster, record: Record, value: Value) -> bool:
    """Whether a word is no file that a server would look for in vain."""
    if not value.text.startswith("@"):
        return True
    opened = cluster.deployment.locator.named(value.text[1:], record.source.path, explicit=False)
    return opened.presence is Presence.HERE


def _unquoted(text: str) -> str:
    """A word that begins without a quote, the rest in quotes where it must be."""
    if _NEEDS_QUOTES.search(text):
        return text[0] + '"' + text[1:].replace('"', '""') + '"'
    return text


def _is_pattern(value: Value) -> bool:
    return value.text.startswith("/")


def _is_closed(regex: Regex) -> bool:
    """Whether a pattern holds at both ends of a name, or says that anything may stand there."""
    pattern = regex.pattern
    start = regex.anchored_start or pattern.startswith((".*", ".+"))
    end = regex.anchored_end or (pattern.endswith((".*", ".+")) and not pattern[:-2].endswith("\\"))
    return regex.error is not None or regex.matches_all or regex.matches_none or (start and end)


def _longer(regex: Regex) -> str | None:
    """A name that a pattern of mere text matches besides that text."""
    text = regex.pattern.removeprefix("^").removesuffix("$")
    if not _LITERAL.fullmatch(text):
        return None
    return f"{text}x" if regex.anchored_start else f"x{text}"


def _anchored(record: Record, value: Value, regex: Regex) -> str | None:
    """The field with a pattern that matches whole names only; None where that takes judgement."""
    pattern, field = regex.pattern, _as_written(record, value)
    if pattern.startswith(("(?", "***")) or _WITH_FLAGS.search(pattern) or field not in (value.text, f'"{value.text}"'):
        return None
    if "|" in pattern:
        whole = f"^(?:{pattern})$"
    else:
        whole = ("" if regex.anchored_start else "^") + pattern + ("" if regex.anchored_end else "$")
    quote = "" if field == value.text else '"'
    return f"{quote}/{whole}{quote}" if _is_closed(read_regex(whole, record.major)) else None
