"""`pgssllint access --against`: the ways in that a change adds and removes."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pgssllint.cli.output import put, put_lines, remark
from pgssllint.cli.parser import fail, wants_color
from pgssllint.runners import disarmed_json

if TYPE_CHECKING:
    from pgssllint.baseline.against import Earlier
    from pgssllint.baseline.ways import Changes, Found
    from pgssllint.cluster import Cluster
    from pgssllint.postgres.questions import Question
    from pgssllint.request import Request
    from pgssllint.views.rows import Cell

Row = Mapping[str, "Cell"]
Policies = Callable[["Cluster"], Sequence[str]]
"""The policies that hold for a cluster."""


class Told(NamedTuple):
    """What is told of a change, word by word as it may be shown: the ways added and removed, those of the added ones
    that break a policy, for certain or perhaps, and what may hold one and is not to be seen.
    """

    added: tuple[Row, ...]
    removed: tuple[Row, ...]
    forbidden: tuple[Row, ...] = ()
    possible: tuple[Row, ...] = ()
    unseen: tuple[Row, ...] = ()

    @property
    def exit_status(self) -> int:
        """1 where a policy is broken, 2 where it may be, else 0."""
        return 1 if self.forbidden else 2 if self.possible or self.unseen else 0


def show_changes(
    request: "Request", clusters: "Sequence[Cluster]", questions: "Sequence[Question]", arguments: argparse.Namespace,
    policies: Policies,
) -> int:  # fmt: skip
    """Show what a change does to the ways into `clusters`, which the request leads to now; gives the exit status."""
    from pgssllint.baseline.against import earlier
    from pgssllint.baseline.ways import changes, found

    try:
        with earlier(request, arguments.against) as one:
            old = _clusters(one)
            changed = changes(list(found(old, questions, one.root)), list(found(clusters, questions, one.now)))
            before = {reason for cluster in old for reason in _unseen(cluster, questions, policies, arguments)}
            told = _told(changed, one, policies, arguments)
            unseen = tuple(
                {"reason": reason, **_whose(cluster)}
                for cluster in clusters
                for reason in _unseen(cluster, questions, policies, arguments)
                if reason not in before
            )
    except ValueError as error:
        fail(str(error))
    told = told._replace(unseen=unseen)
    if arguments.format == "json":
        put(disarmed_json(json.dumps(told._asdict(), indent=2)) + "\n")
    elif arguments.format == "markdown":
        put("".join(_markdown(told, arguments.against)))
    else:
        _show_table(told, arguments)
    return told.exit_status


def _clusters(one: "Earlier") -> "Sequence[Cluster]":
    """The clusters of before that have a pg_hba.conf; what keeps them from being judged is said."""
    from pgssllint.api import gathered_clusters
    from pgssllint.configuration.mistakes import ConfigurationError

    if one.request is None:
        return ()
    try:
        found = gathered_clusters(one.request)
    except ConfigurationError as error:
        raise ConfigurationError(f"In {one.called}: {one.led(str(error))}") from None
    except ValueError as error:
        remark(f"In {one.called}: {one.led(str(error))}")
        return ()
    return [cluster for cluster in found if cluster.auth.hba is not None]


def _unseen(
    cluster: "Cluster", questions: "Sequence[Question]", policies: Policies, arguments: argparse.Namespace
) -> Iterator[str]:
    """What of pg_hba.conf is not to be seen and may break a policy."""
    from pgssllint.showing.telling import Showing
    from pgssllint.views.access import unseen_ways

    stated = policies(cluster)
    unseen = unseen_ways(cluster, questions, stated) if stated else None
    if unseen is not None:
        yield Showing(cluster.read, secrets=arguments.show_secrets).tell(unseen)


def _told(changed: "Changes", one: "Earlier", policies: Policies, arguments: argparse.Namespace) -> Told:
    from pgssllint.views.access import forbidden

    rows = [(found, _row(found, arguments)) for found in changed.added]
    broken = [
        (found.way.certain, {"policy": policy, **row})
        for found, row in rows
        for policy in policies(found.cluster)
        if forbidden(found.way, policy)
    ]
    removed = (_row(found, arguments) for found in changed.removed)
    led = ({key: one.led(value) if isinstance(value, str) else value for key, value in row.items()} for row in removed)
    return Told(
        tuple(row for _, row in rows),
        tuple(led),
        tuple(row for certain, row in broken if certain),
        tuple(row for certain, row in broken if not certain),
    )


def _row(found: "Found", arguments: argparse.Namespace) -> Row:
    from pgssllint.showing.telling import Showing
    from pgssllint.views.access import way_row
    from pgssllint.views.rows import told

    showing = Showing(found.cluster.read, secrets=arguments.show_secrets)
    return {**told(way_row(found.way), showing), **_whose(found.cluster)}


def _whose(cluster: "Cluster") -> dict[str, "Cell"]:
    return {"cluster": cluster.deployment.at, "deployment": cluster.deployment.name or None}


def _lines(told: Told) -> list[Row]:
    """The rows of a table: what was added, and what was removed."""
    from pgssllint.views.access import near

    rows = [{"change": "added", **row} for row in told.added] + [{"change": "removed", **row} for row in told.removed]
    return [near(row) for row in rows]


def _notes(told: Told) -> Iterator[str]:
    """Sentences on policies."""
    for head, rows in (("forbidden", told.forbidden), ("possibly forbidden", told.possible)):
        for row in rows:
            yield f"{head} ({row['policy']}): the way added by {_place(row)}."
    for row in told.unseen:
        yield f"not known: {row['reason']}; it may hold a way in."


def _place(row: Row) -> str:
    from pgssllint.views.access import near

    return f"line {row['line_number']} of '{near(row)['file_name']}'"


def _show_table(told: Told, arguments: argparse.Namespace) -> None:
    from pgssllint.text import visible
    from pgssllint.views.access import WAY_COLUMNS
    from pgssllint.views.layout import as_table

    rows = _lines(told)
    if not rows:
        put("No way in is added or removed.\n")
    else:
        put_lines(as_table(rows, ("change", *WAY_COLUMNS), bold=wants_color(arguments.color, sys.stdout)))
    put_lines(map(visible, _notes(told)))


def _markdown(told: Told, against: str) -> Iterator[str]:
    """The change as a comment on a pull request."""
    from pgssllint.report.markdown import escaped
    from pgssllint.views.access import WAY_COLUMNS
    from pgssllint.views.layout import shown

    yield f"## Ways in, against {escaped(against)}\n\n"
    rows = _lines(told)
    if not rows:
        yield "No way in is added or removed.\n"
    else:
        columns = ("change", *WAY_COLUMNS)
        yield f"| {' | '.join(column.replace('_', ' ') for column in columns)} |\n|{' --- |' * len(columns)}\n"
        yield from (f"| {' | '.join(escaped(shown(row[column])) for column in columns)} |\n" for row in rows)
    notes = list(_notes(told))
    yield "\n" * bool(notes)
    yield from (f"- {escaped(note)}\n" for note in notes)
