"""PGS811, PGS812 and PGS820 to PGS824: what a tool that runs servers makes of what a user wrote."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pgssllint.checks import check
from pgssllint.checks.library.reach import PLAINTEXT, ways_in
from pgssllint.checks.library.sites import at_home, said
from pgssllint.cluster import Cluster
from pgssllint.finding import Effect, Problem, Severity
from pgssllint.postgres.coverage import KINDS
from pgssllint.postgres.parameters import majors_of
from pgssllint.postgres.questions import Question, openings, refused_openings
from pgssllint.quoting import Place, Quote, ours
from pgssllint.sources.kinds import (
    BOOTSTRAP_IGNORED,
    BOOTSTRAP_ONLY,
    DROPPED_ITEM,
    DROPPED_NAME,
    DROPPED_VALUE,
    HIDDEN_LIST,
    LIST_AS_TEXT,
    MISPLACED_KEY,
    OPERATOR,
    REFUSED_BY_OPERATOR,
    REPLACED_LIST,
    REPLICATES,
    TAKEN_FROM,
    UNKNOWN_SELECTOR,
)
from pgssllint.stages import Reload
from pgssllint.traced import Virtual

_DROPPED: Mapping[str, str] = MappingProxyType(
    {
        DROPPED_VALUE: "default",
        DROPPED_NAME: "name",
        DROPPED_ITEM: "item",
        TAKEN_FROM: "elsewhere",
        MISPLACED_KEY: "key",
    }
)
"""The messages by what is dropped."""

_SECURING = ("ssl", "ssl_min_protocol_version", "ssl_ciphers", "password_encryption", "ssl_ca_file", "ssl_crl_file")
"""Parameters without which a server protects less than who wrote them meant."""

_OVER_TCP = frozenset(KINDS) - {"local"}


@check("PGS811")
def records_of_bootstrap(cluster: Cluster) -> Iterator[Problem]:
    """Records that are for the making of a cluster, and never written again."""
    for one in said(cluster, BOOTSTRAP_ONLY):
        yield Problem(at_home(one.at))
    for one in said(cluster, BOOTSTRAP_IGNORED):
        yield Problem(at_home(one.at), message="ignored", severity=Severity.WARNING)


@check("PGS812")
def list_without_replication(cluster: Cluster) -> Iterator[Problem]:
    """A list that replaces all records and has none by which the standbys that the tool makes can connect."""
    hba = cluster.auth.hba
    for one in said(cluster, REPLICATES):
        if hba is None or not hba.complete or any(record.faults for record in cluster.auth.records):
            return
        user = one.arguments["user"]
        question = Question(_OVER_TCP, role=user, replication=True)
        records = cluster.auth.records
        if not any(way.record.is_remote for way in openings(records, question)) and not any(
            refused_openings(records, question)
        ):
            yield Problem(at_home(one.at), {"user": Quote(user, Place.NAME)})


@check("PGS820")
def plaintext_by_operator(cluster: Cluster) -> Iterator[Problem]:
    """An operator's own last record, by which clients get in without TLS that no record of the user's takes."""
    for way in ways_in(cluster, PLAINTEXT):
        source, span = way.record.source, way.record.span
        if isinstance(source, Virtual) and all(run.key == OPERATOR for run in source.between(span)):
            yield Problem(at_home(source.home(span)), {"method": ours(way.record.method_name)})


@check("PGS824")
def refused_by_operator(cluster: Cluster) -> Iterator[Problem]:
    """Parameters and placeholders with which the operator takes no object."""
    for one in said(cluster, REFUSED_BY_OPERATOR):
        yield Problem(at_home(one.at), {"name": ours(one.arguments["name"])}, reload=Reload.GOES_ON)
    for one in said(cluster, UNKNOWN_SELECTOR):
        kind = Quote(one.arguments["kind"], Place.ASSIGNED)
        yield Problem(at_home(one.at), {"kind": kind}, "selector", reload=Reload.GOES_ON)


@check("PGS821")
def dropped_by_tool(cluster: Cluster) -> Iterator[Problem]:
    """Parameters, items and lists that the tool leaves out, so that the server goes without them."""
    for one in said(cluster, *_DROPPED):
        given = dict(one.arguments)
        name, key = given.pop("name", None), given.pop("key", None)
        named: dict[str, object] = {word: ours(text) for word, text in given.items()}
        if name is not None:
            named["name"] = ours(name) if majors_of(name) else Quote(name, Place.ASSIGNED)
        if key is not None:
            named["key"] = ours(key)
        exposes = one.kind == DROPPED_VALUE and str(name).lower() in _SECURING
        yield Problem(
            at_home(one.at), named, _DROPPED[one.kind], effect=Effect.EXPOSES if exposes else None,
            severity=Severity.NOTE if one.kind == TAKEN_FROM else None,
        )  # fmt: skip


@check("PGS822")
def list_written_as_text(cluster: Cluster) -> Iterator[Problem]:
    """A text in place of a list, of which each character becomes a line."""
    for one in said(cluster, LIST_AS_TEXT):
        yield Problem(at_home(one.at), {"key": ours(one.arguments["key"])})


@check("PGS823")
def list_replaced(cluster: Cluster) -> Iterator[Problem]:
    """A list of one layer that another one's replaces as a whole, or hides."""
    for one in said(cluster, REPLACED_LIST):
        yield Problem(at_home(one.at), {"key": ours(one.arguments["key"])})
    for one in said(cluster, HIDDEN_LIST):
        yield Problem(at_home(one.at), {"key": ours(one.arguments["key"])}, "hidden", severity=Severity.WARNING)
