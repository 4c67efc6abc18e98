"""Places inside a setting's value, and problems of what OpenSSL refuses."""

from collections.abc import Callable, Iterable, Mapping

from pgssllint.checks.places import labelled, written
from pgssllint.cluster import Cluster
from pgssllint.finding import Confidence, Edit, Fix, Location, LogLine, Problem
from pgssllint.postgres.entries import Entry
from pgssllint.target import BEHAVIOURS, OpenSSL
from pgssllint.text import Span


def value_start(entry: Entry) -> int | None:
    """Where the text of a value begins in its file; None where escapes shift it."""
    start = entry.value_span.start
    quote = entry.source.text.startswith("'", start)
    return start + quote if entry.source.text.startswith(entry.value, start + quote) else None


def at_part(entry: Entry, part: Span, label: str = "") -> Location:
    """A part of a value, by its offsets there; the whole value where escapes shift it, or the part is empty."""
    start = value_start(entry)
    if start is None or part.start >= part.end:
        return labelled(entry.at, label)
    return Location(entry.source.path, entry.source, Span(start + part.start, start + part.end), label)


def rewritten(entry: Entry, value: str, *, safe: bool = False) -> Fix | None:
    """The fix that writes another value, in quotes."""
    return written(entry.at, "'" + value.replace("'", "''") + "'", f"Write '{value}'.", safe=safe)


def deleting(entry: Entry, *, safe: bool = False) -> Fix:
    """Delete the line of an entry, with its line end."""
    start, end = entry.source.line_span(entry.line)
    text = entry.source.text
    after = end + 1 if text.startswith("\n", end) else end + 2 if text.startswith("\r\n", end) else end
    return Fix("Delete the line.", (Edit(entry.source.path, entry.source, Span(start, after), ""),), safe)


def without_parts(entry: Entry, parts: Iterable[Span], description: str, *, safe: bool = False) -> Fix | None:
    """The fix that deletes parts of a list, each with a separator; None where escapes shift them or nothing is left."""
    start, edits, kept = value_start(entry), list[Edit](), entry.value
    if start is None:
        return None
    for part in sorted(parts, reverse=True):
        first, last = part
        if last < len(entry.value) and entry.value[last] in ":;, ":
            last += 1
        elif first and entry.value[first - 1] in ":;, ":
            first -= 1
        kept = kept[:first] + kept[last:]
        edits.append(Edit(entry.source.path, entry.source, Span(start + first, start + last), ""))
    return Fix(description, tuple(reversed(edits)), safe) if kept else None


def refusal(
    cluster: Cluster,
    at: Location,
    arguments: Mapping[str, object],
    message: str,
    log: LogLine | None,
    accepts: Callable[[OpenSSL], bool] | None = None,
    *,
    related: tuple[Location, ...] = (),
    accepted_by: tuple[int, ...] = (),
    fix: Fix | None = None,
) -> Problem:
    """What stops a server that has TLS on; where that is not known, it is less sure.

    `accepts` says whether another series of OpenSSL takes it; without it, none does.
    """
    confidence = Confidence.MEDIUM if cluster.ssl is None else None
    others = tuple(series for series in BEHAVIOURS if accepts(OpenSSL.parse(series))) if accepts is not None else ()
    return Problem(
        at, arguments, message, related, confidence=confidence, log=log, accepted_by=accepted_by,
        openssl_accepting=others, fix=fix,
    )  # fmt: skip
