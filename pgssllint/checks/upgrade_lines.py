"""PGS865, PGS866 and PGS868: lines of pg_hba.conf and pg_ident.conf that a later major puts together or splits
otherwise, and what makes files those of an older major.
"""

from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.checks.library.fixes import without_returns, written
from pgssllint.checks.library.later_majors import first_to_break, read_later
from pgssllint.checks.library.places import MANY, at_record, labelled
from pgssllint.checks.library.words import line_at, line_of
from pgssllint.cluster import Cluster
from pgssllint.finding import Location, Problem
from pgssllint.older_majors import older_major
from pgssllint.postgres.auth_dialect import dialect
from pgssllint.postgres.hba import Record
from pgssllint.postgres.ident import Mapping
from pgssllint.postgres.misreadings import returns_in_words
from pgssllint.quoting import ours
from pgssllint.syntax.auth_oddities import swallowed_lines
from pgssllint.target import ASSUMED_MAJOR
from pgssllint.text import Source, Span


@check("PGS865")
def comment_becoming_continuation(cluster: Cluster) -> Iterator[Problem]:
    """Comments that take the record below them along on a later major."""
    later = first_to_break(cluster, _continues)
    if later is None or _continues(cluster.major):
        return
    hba, ident = cluster.auth.hba, cluster.auth.ident
    for source in hba.sources if hba is not None else ():
        yield from _swallowed(source, {r.line: r for r in cluster.auth.records if r.source is source}, later)
    for source in ident.sources if ident is not None else ():
        mappings = ident.items if ident is not None else ()
        yield from _swallowed(source, {m.line: m for m in mappings if m.source is source}, later)


@check("PGS868")
def files_of_an_older_major(cluster: Cluster) -> Iterator[Problem]:
    """What the assumed major would refuse, where an older one takes all and is taken for the server's."""
    older = older_major(cluster.deployment) if cluster.target.or_older else None
    if older is not None and older.number == cluster.target.number:
        first, *others = older.refused
        arguments = {"what": ours(first.what), "refusing": ASSUMED_MAJOR, "major": ours(cluster.target.version)}
        yield Problem(first.at, arguments, related=tuple(labelled(one.at, "nor with this") for one in others[:MANY]))


@check("PGS866")
def carriage_return_before_19(cluster: Cluster) -> Iterator[Problem]:
    """Carriage returns that part words, and on a later major are part of one."""
    later = first_to_break(cluster, _keeps_returns)
    if (
        later is None
        or cluster.auth.hba is None
        or not any(_has_returns(source) for source in cluster.auth.hba.sources)
    ):
        return
    good = {(record.source.path, record.line) for record in cluster.auth.records if not record.faults}
    for record in read_later(cluster, later).auth.records:
        returns = returns_in_words(record)
        if returns and (record.source.path, record.line) in good:
            arguments = {"line": line_at(record.source, returns[0].start), "later": later}
            message = "default" if record.faults else "loads"
            fix = without_returns(record)
            yield Problem(at_record(record, returns[0]), arguments, message, record.chain, fix=fix)


def _continues(major: int) -> bool:
    return dialect(major).continuation


def _keeps_returns(major: int) -> bool:
    return not dialect(major).separating_cr


def _has_returns(source: Source) -> bool:
    """Whether a carriage return stands anywhere but at the end of a line."""
    return source.text.count("\r") > source.text.count("\r\n")


def _swallowed(source: Source, below: dict[int, Record] | dict[int, Mapping], later: int) -> Iterator[Problem]:
    """The records and map lines of a file, by their lines, that a later major takes for a part of a comment."""
    for comment, number in swallowed_lines(source, dialect(later)):
        line = below.get(number)
        if line is None:
            continue
        above = source.line_span(number - 1)
        end = above.start + len(source.line(number - 1).rstrip("\r"))
        at = Location(source.path, source, Span(end - 1, end))
        arguments = {"comment": line_at(source, comment.start), "record": line_of(line), "later": later}
        related = (Location(source.path, source, line.span, "becomes part of the comment"),)
        yield Problem(at, arguments, related=related, fix=written(at, "", "Delete the backslash."))
