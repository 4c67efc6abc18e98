"""Whether a server starts, and what could not be looked at."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from pgssllint.cluster import Cluster
from pgssllint.cluster.revocation import CrlFolder
from pgssllint.cluster.setting import TLS_FILE_KINDS
from pgssllint.conditional import is_open
from pgssllint.deployment import AUTH_SETTINGS
from pgssllint.files import Opened, OpenedFolder, Presence
from pgssllint.finding import Confidence, Effect, Finding, Hidden, Location, LogLevel, LogLine, NotChecked, Prediction
from pgssllint.postgres.auth_log import hba_not_loaded
from pgssllint.postgres.entries import SettingsKind
from pgssllint.postgres.hba import complaints, dies_of, loads
from pgssllint.rulebook import Rulebook
from pgssllint.stages import Stage
from pgssllint.start_needs import needs_of
from pgssllint.start_warnings import warnings_of
from pgssllint.syntax.template_control import MayBe
from pgssllint.ways import NOT_READ

_MAIN = frozenset({"settings", *AUTH_SETTINGS})
"""The kinds of files that say how a server is configured."""

_NO_REFUSAL = frozenset({SettingsKind.INCLUDE_NOT_IN_VIEW})


class Untold(NamedTuple):
    """A line that the server refuses and that no finding tells of, in which step, and what it logs, if anything. One
    that may not be there is not `sure`.
    """

    at: Location
    log: LogLine | None
    stage: Stage
    sure: bool = True


_Refused = TypeVar("_Refused", bound=Finding | Untold)


def predict(
    cluster: Cluster,
    findings: Iterable[Finding],
    unspoken: Sequence[Untold],
    off: Mapping[str, Location | str] = MappingProxyType({}),
) -> Prediction:
    """Whether the server starts, from all findings on it, whatever is selected or suppressed.

    The first step of a starting server that fails names the rule and the log line: the first that the server writes
    of this step, which may be of a record that it takes. A refusal that is not sure, in sources or deployed, leaves it
    open and is named, and so is what no usual installation has; what one has is taken for granted. Nothing is said of
    servers that are older than the majors that the linter knows. `unspoken` is what
    `untold` gives; `off` has what switched a rule off.
    """
    if cluster.target.older is not None:
        needed = f"a server of PostgreSQL {cluster.target.major} or later to tell"
        return Prediction(cluster.target, None, open=(needed,))
    refusing = [f for f in findings if f.effect is Effect.REFUSES_START]
    sure = [f for f in refusing if f.confidence is Confidence.HIGH]
    surely = [one for one in unspoken if one.sure]
    if sure or surely:
        first = _first(list[Finding | Untold]([*sure, *surely]), cluster)
        # Only a refusal that is not sure can come before the first of those that are.
        doubted = len(refusing) > len(sure) or len(unspoken) > len(surely)
        may_be = _first(list[Finding | Untold]([*refusing, *unspoken]), cluster) if doubted else first
        log = None if may_be is not first or _may_end_before(cluster, first) else _first_line(cluster, first)
        if isinstance(first, Untold):
            return Prediction(cluster.target, False, None, log)
        return Prediction(cluster.target, False, first.rule, log, _hidden(first, sure, off))
    asked = tuple(needs_of(cluster))
    unusual = tuple(dict.fromkeys(need.text for need in asked if not need.usual))
    if refusing:
        unsure = _first(refusing, cluster)
        return Prediction(cluster.target, None, unsure.rule, hidden=_hidden(unsure, refusing, off), open=unusual)
    if unusual or unspoken or any(_doubts(cluster)):
        return Prediction(cluster.target, None, open=unusual)
    granted = tuple(dict.fromkeys(need.text for need in asked if need.usual))
    return Prediction(cluster.target, True, granted=granted)


def known_alone(cluster: Cluster) -> str:
    """What is known of a file that no main file took, and what would tell the rest; empty where one did, or
    where a tool sets up the server.
    """
    lone = cluster.deployment.lone
    if lone is None or cluster.deployment.site is not None:
        return ""
    name = os.path.basename(lone.source.written_path)
    hba = cluster.auth.hba
    loads_here = lone.name == "hba" and hba is not None and hba.complete and loads(hba) and not hba.templates
    known = f"{name} loads; " if loads_here else ""
    return f"{known}postgresql.conf is not here: give its path, or that of the data directory by --data-dir"


def untold(cluster: Cluster, findings: Iterable[Finding]) -> Iterator[Untold]:
    """The lines that the server refuses and that none of the findings tells of; none of one that is not known."""
    if cluster.target.older is not None:
        return
    told = {finding.at.line_key for finding in findings if finding.effect is Effect.REFUSES_START}
    may_be = MayBe()
    for refused in _refused(cluster):
        if refused.at.line_key not in told:
            yield refused._replace(sure=not is_open(refused.at, may_be))


def not_checked(cluster: Cluster, rules: Rulebook, chosen_rules: frozenset[str]) -> Iterator[NotChecked]:
    """The files that the configuration names and that are not in view, with the rules that need them."""
    for kind, name, at, opened in _named(cluster):
        if opened.presence is Presence.NOT_IN_VIEW:
            needing = tuple(r for r, page in rules.pages.items() if kind in page.needs and r in chosen_rules)
            yield NotChecked(name, at, needing, _reason(opened), opened.reason in NOT_READ)


def out_of_view(cluster: Cluster) -> frozenset[str]:
    """The kinds of files, by the words of pages' `needs`, of which the configuration names one that is not in view."""
    return frozenset(kind for kind, _, _, opened in _named(cluster) if opened.presence is Presence.NOT_IN_VIEW)


def unread(cluster: Cluster) -> Iterator[tuple[str, str, Location, bool]]:
    """The files that are there and that the linter could not read: the name, why, what names it, and whether it is one
    of the files that make a cluster, so that next to nothing is known of it.
    """
    for kind, name, at, opened in _named(cluster):
        if opened.presence is Presence.NOT_IN_VIEW and opened.reason in NOT_READ:
            yield name, _reason(opened), at, kind in _MAIN and not isinstance(opened, OpenedFolder)


def _hidden(first: Finding, refusing: Sequence[Finding], off: Mapping[str, Location | str]) -> Hidden | None:
    """Why nothing is told of the finding that decides; None where it, or another one of its rule, is."""
    if first.rule in off:
        return Hidden("switched off", off[first.rule])
    if first.suppressed is None or any(f.rule == first.rule and f.suppressed is None for f in refusing):
        return None
    return Hidden("suppressed", first.suppressed.at)


def _first(refused: Sequence[_Refused], cluster: Cluster) -> _Refused:
    """What the first step of a starting server that fails is about; in one step, what the server comes to first."""
    if len(refused) == 1:
        return refused[0]
    ranks: dict[LogLine, int] = {}
    for rank, line in enumerate(_complaints(cluster)):
        ranks.setdefault(line, rank)

    def order(one: _Refused) -> tuple[object, ...]:
        return _step(cluster, one), len(ranks) if one.log is None else ranks.get(one.log, len(ranks)), one.at.key

    return min(refused, key=order)


def _step(cluster: Cluster, one: Finding | Untold) -> tuple[int, ...]:
    """Where the step that fails stands among those of a start, to be compared; before all where that is not known."""
    entry = one.entry if isinstance(one, Finding) else 0
    return one.stage.order_of(cluster.major, entry) if one.stage is not None else ()


def _first_line(cluster: Cluster, first: Finding | Untold) -> LogLine | None:
    """What the server writes first: of something that it puts up with before, or in the step that fails.

    Of pg_hba.conf that may be of a record that it takes. With a high log_min_messages it is the line that the server
    ends with, or none.
    """
    line, hba, silenced = first.log, cluster.auth.hba, cluster.conf.silenced
    if at := _step(cluster, first):
        for warned in warnings_of(cluster):
            step = warned.stage.order_of(cluster.major)
            if (step < at or (warned.first and step == at)) and warned.log.level not in silenced:
                return warned.log
    if first.stage is Stage.HBA and line is not None and hba is not None:
        line = next(complaints(hba), None if dies_of(hba) else line)
    if line is None or line.level not in silenced:
        return line
    if first.stage is Stage.SETTINGS:
        return cluster.conf.last_words(line)
    if first.stage is Stage.HBA and LogLevel.FATAL not in silenced:
        opened = cluster.auth.opened("hba")
        return hba_not_loaded(opened.path or opened.name, cluster.major) if isinstance(opened, Opened) else None
    return None


def _complaints(cluster: Cluster) -> Iterator[LogLine]:
    """What the server writes of the files that it reads line by line, in its order in each."""
    yield from cluster.conf.refusals
    for name, file in cluster.auth.files:
        if name == "hosts":
            yield from (fault.log for fault in file.faults if fault.log is not None)
    if cluster.auth.hba is not None:
        yield from complaints(cluster.auth.hba)


def _refused(cluster: Cluster) -> Iterator[Untold]:
    """The lines of the files that the server does not get past, for which it does not start."""
    for fault in cluster.conf.entries.faults:
        if fault.kind not in _NO_REFUSAL:
            yield Untold(fault.at, fault.log, Stage.SETTINGS)
    for name, file in cluster.auth.files:
        if name == "hba" or (name == "hosts" and cluster.auth.sni):
            for auth in file.faults:
                stage = Stage.HBA if name == "hba" else Stage.HOSTS
                yield Untold(Location(auth.source.path, auth.source, auth.span), auth.log, stage)


def _may_end_before(cluster: Cluster, first: Finding | Untold) -> bool:
    """Whether something that is not known may end the start at the step of a finding, or before."""
    at = _step(cluster, first)
    return any(not need.usual and need.stage.order_of(cluster.major) <= at for need in needs_of(cluster))


def _doubts(cluster: Cluster) -> Iterator[bool]:
    """For each thing that could make a server refuse, whether it is out of view."""
    auth = cluster.auth
    yield not cluster.conf.whole or bool(cluster.conf.entries.templates)
    yield any(entry.unknown for entry in cluster.conf.entries.all)
    yield any(map(MayBe().somewhere, cluster.sources))
    opened = auth.opened("hba")
    yield auth.hba is None and (not isinstance(opened, Opened) or opened.presence is Presence.NOT_IN_VIEW)
    yield auth.hba is not None and not auth.hba.complete
    # With entries in pg_hosts.conf the files that they name decide.
    yield auth.sni is None or (bool(auth.replaced_settings) and (auth.hosts is None or not auth.hosts.complete))
    yield cluster.conf.ssl is None
    if cluster.conf.ssl:
        yield any(named.opened.presence is Presence.NOT_IN_VIEW for named in cluster.tls.named)


def _reason(opened: Opened | OpenedFolder) -> str:
    candidates = opened.candidates if isinstance(opened, Opened) else ()
    if candidates:
        return f"{len(candidates)} files could be meant: " + ", ".join(f"'{path}'" for path in candidates[:5])
    where = str(opened.reason) if opened.reason is not None else "is not known"
    return "it is not among the files given" if where == "does not exist" else f"it {where}"


def _named(cluster: Cluster) -> Iterator[tuple[str, str, Location, Opened | OpenedFolder]]:
    """Kind, name, place and what was found of every file the configuration names."""
    for include in cluster.conf.entries.includes:
        yield "settings", include.name, include.at, include.opened
    for beside in (cluster.deployment.main_out_of_view, cluster.deployment.auto):
        if beside is not None:
            yield "settings", beside.name, cluster.conf.main_at, beside
    read = {"hba": True, "ident": any(r.map_name for r in cluster.auth.records), "hosts": bool(cluster.auth.sni)}
    for name, (setting, _) in AUTH_SETTINGS.items():
        opened = cluster.auth.opened(name)
        if read[name] and isinstance(opened, Opened):
            yield name, opened.name, cluster.conf.set_at(setting), opened
    for name, file in cluster.auth.files:
        for at, word, why in file.not_in_view:
            yield name, word, at, Opened(word, Presence.NOT_IN_VIEW, reason=why)
    if cluster.conf.ssl is not False:
        for named in cluster.tls.named:
            yield TLS_FILE_KINDS[named.role], named.name, named.at, named.opened
        folder = cluster.tls.revocation.folder
        if isinstance(folder, CrlFolder):
            yield "crl", folder.opened.name, folder.at, folder.opened
