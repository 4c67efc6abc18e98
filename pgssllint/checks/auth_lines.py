"""PGS027, PGS028 and PGS062 to PGS065: how lines of pg_hba.conf are put together and split."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from pgssllint.checks import check
from pgssllint.checks.library.fixes import without_returns, written
from pgssllint.checks.library.later_majors import read_later
from pgssllint.checks.library.places import at_file, at_record
from pgssllint.checks.library.record_faults import fault_problem, record_faults
from pgssllint.checks.library.words import line_at, line_of
from pgssllint.cluster import Cluster
from pgssllint.files import Presence
from pgssllint.finding import Confidence, Edit, Effect, Fix, Location, Problem, Severity
from pgssllint.postgres.auth_dialect import CONTINUATION_FROM, INCLUDE_WORDS, INCLUDES_FROM, dialect
from pgssllint.postgres.auth_model import IncludeList
from pgssllint.postgres.hba import FaultKind, Record, accepting_majors
from pgssllint.postgres.hba_model import CONNECTION_TYPES, GSS_TYPES_FROM
from pgssllint.postgres.hba_options import METHODS
from pgssllint.postgres.ident import FIELDS
from pgssllint.postgres.misreadings import Misreading, Slip, explains, goes_on, misreadings
from pgssllint.quoting import Place, Quote
from pgssllint.stages import Stage
from pgssllint.syntax.auth import Dialect
from pgssllint.syntax.auth_oddities import swallowed_lines
from pgssllint.text import Source, Span


@check("PGS027")
def include_list(cluster: Cluster) -> Iterator[Problem]:
    """Include records that name several files."""
    files = (cluster.auth.hba, cluster.auth.ident, cluster.auth.hosts)
    for listed in chain.from_iterable(file.include_lists for file in files if file is not None):
        first, *others = listed.names
        span = Span(others[0].span.start, others[-1].span.end)
        at = Location(listed.source.path, listed.source, span)
        arguments = {
            "names": Quote(",".join(name.text for name in listed.names), Place.PATHS),
            "first": first.quote(Place.PATH),
        }
        yield Problem(at, arguments, related=listed.chain, fix=_one_record_each(cluster, listed))


@check("PGS028")
def empty_at_file(cluster: Cluster) -> Iterator[Problem]:
    """Fields that vanish with an empty `@file`, and what follows moves up."""
    for record, misreading in _misread(cluster, Slip.EMPTY_FILE):
        emptied = next(e for e in record.emptied if e.span == misreading.span)
        if record.faults or emptied.before < len(record.fields):
            word = record.source.text[emptied.span.start : emptied.span.end]
            related = (at_file(emptied.file, "the empty file"),)
            yield _line_problem(record, misreading, {"word": Quote(word, Place.QUOTED_NAME)}, related=related)


@check("PGS062")
def hba_syntax_not_in_target(cluster: Cluster) -> Iterator[Problem]:
    """Words and line ends that other majors have."""
    for record, fault in record_faults(cluster, FaultKind.TYPE_NOT_IN_TARGET, FaultKind.METHOD_NOT_IN_TARGET):
        arguments: dict[str, object] = {"word": fault.quote, "target": cluster.major}
        if fault.kind is FaultKind.TYPE_NOT_IN_TARGET:
            included = fault.value in INCLUDE_WORDS
            message = "include" if included else "default"
            arguments["needed"] = INCLUDES_FROM if included else GSS_TYPES_FROM
        elif METHODS[fault.value].first > cluster.major:
            message, arguments["needed"] = "method", METHODS[fault.value].first
        else:
            message, arguments["removed"] = "removed", METHODS[fault.value].last + 1
        yield fault_problem(record, fault, arguments, message, accepted_by=accepting_majors(record))
    for records in _continued(cluster):
        fault = next(fault for record in records for fault in record.faults)
        first = records[0]
        ends = [record.trailing_backslash for record in records]
        arguments = {"line": line_of(first), "target": cluster.major}
        fix = _joined(first.source, [end for end in ends if end is not None]) if _is_one(cluster, first) else None
        yield Problem(
            at_record(first, next(end for end in ends if end is not None)), arguments, "backslash", first.chain,
            log=fault.log, fix=fix,
        )  # fmt: skip


@check("PGS063")
def comment_swallowing_record(cluster: Cluster) -> Iterator[Problem]:
    """Records that belong to the comment above them."""
    how = dialect(cluster.major)
    ident, hosts = cluster.auth.ident, cluster.auth.hosts
    maps = {mapping.map_name.text for mapping in ident.items if mapping.map_name} if ident is not None else set()
    for source in cluster.auth.hba.sources if cluster.auth.hba is not None else ():
        yield from swallowed_records(source, how, _is_record)
    for source in ident.sources if ident is not None else ():
        yield from swallowed_records(source, how, lambda words: len(words) == len(FIELDS) and words[0] in maps)
    for source in hosts.sources if hosts is not None else ():
        yield from swallowed_records(source, how, _is_entry)


@check("PGS064")
def unclosed_hba_quote(cluster: Cluster) -> Iterator[Problem]:
    """Double quotes that end with the line."""
    for record, misreading in _misread(cluster, Slip.OPEN_QUOTE):
        arguments = {"line": line_at(record.source, misreading.span.start)}
        yield _line_problem(record, misreading, arguments)


@check("PGS065")
def carriage_return_in_record(cluster: Cluster) -> Iterator[Problem]:
    """Carriage returns that parted words until 18."""
    for record, misreading in _misread(cluster, Slip.CARRIAGE_RETURN):
        at = at_record(record, misreading.span)
        arguments = {"line": line_at(record.source, misreading.span.start)}
        fix = without_returns(record)
        if record.faults:
            log = record.faults[0].log
            yield Problem(at, arguments, related=record.chain, log=log, fix=fix, accepted_by=accepting_majors(record))
        else:
            yield Problem(at, arguments, "loads", record.chain, Effect.NO_EFFECT, Severity.WARNING, fix=fix)


def _is_record(words: list[str]) -> bool:
    return words[0] in CONNECTION_TYPES and len(words) >= (4 if words[0] == "local" else 5)


def _is_entry(words: list[str]) -> bool:
    """Whether the words are those of an entry of pg_hosts.conf: a host, and two files with an extension."""
    return len(words) in (3, 4) and all(word.rpartition(".")[2] in ("crt", "pem", "key", "cer") for word in words[1:])


def swallowed_records(source: Source, how: Dialect, looks_right: Callable[[list[str]], bool]) -> Iterator[Problem]:
    """The lines of a file that look like records and belong to the comment above them."""
    for comment, number in swallowed_lines(source, how):
        words = source.line(number).split()
        if not words or not looks_right(words):
            continue
        span = source.line_span(number)
        text = source.text[span.start : span.end]
        at = Location(source.path, source, Span(span.end - len(text.lstrip()), span.start + len(text.rstrip())))
        above = source.line_span(number - 1)
        backslash = Span(above.start + len(source.line(number - 1).rstrip("\r")) - 1, above.end)
        fix = written(Location(source.path, source, backslash), "", "Delete the backslash.")
        related = (Location(source.path, source, comment, "the comment"),)
        yield Problem(at, {"line": source.written_line(number)}, related=related, fix=fix)


def _misread(cluster: Cluster, slip: Slip) -> Iterator[tuple[Record, Misreading]]:
    """The records with a misreading of one kind, the first of each."""
    for record in cluster.auth.records:
        found = next((m for m in misreadings(record) if m.slip is slip), None)
        if found is not None:
            yield record, found


def _line_problem(
    record: Record, misreading: Misreading, arguments: Mapping[str, object], *, related: tuple[Location, ...] = ()
) -> Problem:
    """The problem of a misreading, which is the reason where the server refuses the record."""
    at, related = at_record(record, misreading.span), related + record.chain
    if not any(explains(misreading, fault) for fault in record.faults):
        return Problem(at, arguments, related=related)
    return Problem(
        at, arguments, "refused", related, effect=Effect.REFUSES_START, severity=Severity.ERROR,
        confidence=Confidence.HIGH, log=record.faults[0].log, stage=Stage.HBA,
    )  # fmt: skip


def _continued(cluster: Cluster) -> Iterator[list[Record]]:
    """Before 14: the records that were meant to be one, joined by backslashes, where the server refuses them."""
    run: list[Record] = []
    for record in chain(cluster.auth.records if cluster.major < CONTINUATION_FROM else (), (None,)):
        if record is not None and run and goes_on(run[-1], record):
            run.append(record)
            continue
        if run and any(r.faults for r in run):
            yield run
        run = [record] if record is not None and record.trailing_backslash is not None else []


def _joined(source: Source, ends: list[Span]) -> Fix | None:
    """The fix that takes away backslashes together with the line ends behind them."""
    edits = []
    for backslash in ends:
        feed = source.text.find("\n", backslash.end)
        if feed < 0:
            return None
        edits.append(Edit(source.path, source, Span(backslash.start, feed + 1), ""))
    return Fix("Join the lines.", tuple(edits), safe=True)


def _one_record_each(cluster: Cluster, listed: IncludeList) -> Fix | None:
    """The fix that gives each name an include record of its own, in the same order; None where a file is not here, or
    TLS is off, without which records of the others may match nobody.
    """
    locator = cluster.deployment.locator
    opened = [locator.named(name.text, listed.source.path, explicit=False) for name in listed.names]
    if cluster.conf.ssl is False or any(one.presence is not Presence.HERE for one in opened):
        return None
    text = listed.source.text
    first, last = listed.names[0].span, listed.names[-1].span
    begun = listed.source.line_span(listed.source.position(first.start)[0])
    if any(name.origin is not None for name in listed.names) or last.end > begun.end:
        return None
    head = text[begun.start : first.start]
    end = "\r\n" if text[begun.end : begun.end + 1] == "\r" else "\n"
    names = [text[name.span.start : name.span.end] for name in listed.names]
    new = (end + head).join(names)
    edit = Edit(listed.source.path, listed.source, Span(first.start, last.end), new)
    return Fix("Write one include record for each file.", (edit,), safe=False)


def _is_one(cluster: Cluster, first: Record) -> bool:
    """Whether a major that joins lines makes a good record of the one that begins with `first`."""
    joined = read_later(cluster, CONTINUATION_FROM).auth.records
    whole = (one for one in joined if one.line == first.line and one.source.path == first.source.path)
    return any(not one.faults for one in whole)
