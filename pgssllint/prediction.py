"""Whether a server starts, and what could not be looked at."""

from collections.abc import Iterable, Iterator, Sequence

from pgssllint.cluster import Cluster
from pgssllint.files import Opened, OpenedFolder, Presence, Reason
from pgssllint.finding import Confidence, Effect, Finding, Location, LogLine, NotChecked, Prediction
from pgssllint.postgres.entries import SettingsKind
from pgssllint.rulebook import Rulebook
from pgssllint.setting import TLS_FILE_KINDS

_FIRST = (0, 0, 0)
_NO_REFUSAL = frozenset({SettingsKind.INCLUDE_NOT_IN_VIEW})


def predict(
    cluster: Cluster, findings: Iterable[Finding], unspoken: Sequence[tuple[Location, LogLine | None]]
) -> Prediction:
    """Whether the server starts, from all findings on it, whatever is selected or suppressed.

    The first step of a starting server that fails names the rule and the log line. Where a finding in sources would
    stop it but is not sure, that cannot be told; in deployed input all is there, and it does not count. `unspoken` is
    what `untold` gives.
    """
    refusing = [f for f in findings if f.effect is Effect.REFUSES_START]
    sure = [f for f in refusing if f.confidence is Confidence.HIGH]
    if sure:
        first = min(sure, key=lambda f: (f.stage.order_of(cluster.major, f.entry) if f.stage else _FIRST, f.at.key))
        return Prediction(cluster.target, False, first.rule, first.log)
    if unspoken:
        return Prediction(cluster.target, False, None, unspoken[0][1])
    doubtful = bool(refusing) and not cluster.deployed
    return Prediction(cluster.target, None if doubtful or any(_doubts(cluster)) else True)


def untold(cluster: Cluster, findings: Iterable[Finding]) -> Iterator[tuple[Location, LogLine | None]]:
    """The lines that the server refuses and that none of the findings tells of, with what it logs, if anything."""
    told = {finding.at.line_key for finding in findings if finding.effect is Effect.REFUSES_START}
    for fault in cluster.settings.faults:
        if fault.kind not in _NO_REFUSAL and fault.at.line_key not in told:
            yield fault.at, fault.log
    for record in cluster.hba.faults if cluster.hba is not None else ():
        at = Location(record.source.path, record.source, record.span)
        if at.line_key not in told:
            yield at, record.log


def _doubts(cluster: Cluster) -> Iterator[bool]:
    """For each thing that could make a server refuse, whether it is out of view."""
    yield not cluster.settings_whole or bool(cluster.settings.templates)
    yield cluster.hba is None and (cluster.hba_opened is None or cluster.hba_opened.presence is Presence.NOT_IN_VIEW)
    yield cluster.hba is not None and (not cluster.hba.complete or bool(cluster.hba.templates))
    # With entries in pg_hosts.conf the files that they name decide.
    yield cluster.sni is None or (
        bool(cluster.replaced_settings) and (cluster.hosts is None or not cluster.hosts.complete)
    )
    yield cluster.ssl is None
    if cluster.ssl:
        yield any(named.opened.presence is Presence.NOT_IN_VIEW for named in cluster.named_files)


def not_checked(cluster: Cluster, rules: Rulebook, chosen_rules: frozenset[str]) -> Iterator[NotChecked]:
    """The files that the configuration names and that are not in view, with the rules that need them."""
    for kind, name, at, opened in _named(cluster):
        if opened.presence is Presence.NOT_IN_VIEW:
            needing = tuple(r for r, page in rules.pages.items() if kind in page.needs and r in chosen_rules)
            yield NotChecked(name, at, needing, _reason(opened))


def _reason(opened: Opened | OpenedFolder) -> str:
    candidates = opened.candidates if isinstance(opened, Opened) else ()
    if candidates:
        return f"{len(candidates)} files could be meant: " + ", ".join(f"'{path}'" for path in candidates[:5])
    where = str(opened.reason) if opened.reason is not None else "is not known"
    return "it is not among the files given" if where == "does not exist" else f"it {where}"


def _named(cluster: Cluster) -> Iterator[tuple[str, str, Location, Opened | OpenedFolder]]:
    """Kind, name, place and what was found of every file the configuration names."""
    for include in cluster.settings.includes:
        yield "settings", include.name, include.at, include.opened
    opened = cluster.hba_opened
    if opened is not None:
        yield "hba", opened.name, cluster.set_at("hba_file"), opened
    yield from _maps_and_hosts(cluster)
    if cluster.ssl is not False:
        for named in cluster.named_files:
            yield TLS_FILE_KINDS[named.role], named.name, named.at, named.opened
        if cluster.revocation.folder is not None:
            yield (
                "crl",
                cluster.revocation.folder.opened.name,
                cluster.revocation.folder.at,
                cluster.revocation.folder.opened,
            )
    for at, name in cluster.hba.not_in_view if cluster.hba is not None else ():
        yield "hba", name, at, Opened(name, Presence.NOT_IN_VIEW, reason=Reason.ABSENT)


def _maps_and_hosts(cluster: Cluster) -> Iterator[tuple[str, str, Location, Opened | OpenedFolder]]:
    """pg_ident.conf where a record uses a map, pg_hosts.conf where the server reads it, and what they include."""
    ident, hosts = cluster.ident_opened, cluster.hosts_opened
    if ident is not None and any(record.map_name for record in cluster.records):
        yield "ident", ident.name, cluster.set_at("ident_file"), ident
    if hosts is not None and cluster.sni:
        yield "hosts", hosts.name, cluster.set_at("hosts_file"), hosts
    for kind, file in (("ident", cluster.ident), ("hosts", cluster.hosts)):
        for at, name in file.not_in_view if file is not None else ():
            yield kind, name, at, Opened(name, Presence.NOT_IN_VIEW, reason=Reason.ABSENT)
