"""PGS001 to PGS010 and PGS030 to PGS040: the lines, names and values of postgresql.conf."""

from collections.abc import Iterator
from functools import partial

from pgssllint.checks import check
from pgssllint.checks.library.fixes import written
from pgssllint.checks.library.places import MANY, labelled
from pgssllint.checks.library.record_faults import hba_faults
from pgssllint.checks.library.words import base, line_of, written_in
from pgssllint.cluster import Cluster
from pgssllint.files import Presence
from pgssllint.finding import Confidence, Location, LogLine, Problem, Severity
from pgssllint.postgres.auth_dialect import INCLUDE_WORDS
from pgssllint.postgres.auth_model import AuthKind
from pgssllint.postgres.entries import Entry, SettingsKind, unknown_name_log
from pgssllint.postgres.parameters import BEFORE_10, LIBPQ_WORDS, find, folded, majors_of, nearest
from pgssllint.postgres.values import ValueFault, ValueKind, check_value
from pgssllint.quoting import Place, Quote, ours
from pgssllint.stages import Reload, Stage
from pgssllint.suggestions import sparing
from pgssllint.target import MAJORS
from pgssllint.text import UTF16_MARKS, Source

_HBA_WORDS = frozenset({"clientcert", "clientname", "hostssl", "hostnossl", "local", "host", "map"})
_DOTTED = {"ssl": "ssl_{}", "tls": "ssl_{}", "hba": "hba_{}", "pg": "{}"}
"""What a name of which the part before the dot is one of these was meant as."""


@check("PGS001")
def conf_syntax_error(cluster: Cluster) -> Iterator[Problem]:
    """Lines that the server's scanner refuses."""
    for fault in cluster.conf.entries.faults_of(SettingsKind.SYNTAX):
        message = "default" if fault.token.text else "end"
        arguments = {"line": line_of(fault), "file": written_in(fault.source), "token": fault.token}
        yield Problem(fault.at, arguments, message, fault.chain, log=fault.log)


@check("PGS002")
def unquoted_special_value(cluster: Cluster) -> Iterator[Problem]:
    """Values that want single quotes."""
    for fault in cluster.conf.entries.faults_of(SettingsKind.UNQUOTED_VALUE):
        head, equals, _ = fault.source.line(fault.line).partition("=")
        name = Quote(head.split()[0], Place.ASSIGNED if equals and len(head.split()) == 1 else Place.WORD)
        text = "'" + fault.token.text.replace("'", "''") + "'"
        taken = _would_take(cluster, fault.source, name.text, fault.token.text)
        fix = written(fault.at, text, "Put the value in single quotes.", safe=True) if taken else None
        arguments = {"value": fault.token, "name": name}
        yield Problem(fault.at, arguments, related=fault.chain, log=fault.log, fix=fix)


@check("PGS010")
def byte_order_mark(cluster: Cluster) -> Iterator[Problem]:
    """Files that begin with a byte order mark."""
    for fault in cluster.conf.entries.faults_of(SettingsKind.BOM):
        yield _mark(fault.at, fault.log, fault.chain)
    for auth_fault, at in hba_faults(cluster, AuthKind.BOM):
        yield _mark(at, auth_fault.log, auth_fault.chain, Stage.HBA)


@check("PGS030")
def unknown_parameter(cluster: Cluster) -> Iterator[Problem]:
    """Names that no major knows; less sure where the configuration seems to be that of a major before 10."""
    near_settings = partial(sparing, partial(nearest, major=cluster.major))
    sought = cluster.deployment.files.once(("nearest setting", cluster.major), near_settings)
    for entry, related in _unknown_names(cluster):
        if majors_of(entry.name):
            continue
        near, name = sought(entry.name), entry.name.lower()
        message = "hba" if name in _HBA_WORDS else "client" if name in LIBPQ_WORDS else "nearest" if near else "default"
        fix = None
        if message == "nearest" and near is not None and _would_take(cluster, entry.source, near, entry.value):
            fix = written(entry.name_at, near, f"Write '{near}'.")
        arguments = {"name": entry.spelling} | ({"nearest": near} if near else {})
        unsure = cluster.target.assumed and (bool(cluster.target.evidence) or name in BEFORE_10)
        yield Problem(
            entry.name_at, arguments, message, related, severity=_severity(cluster, name, unsure=unsure),
            confidence=Confidence.MEDIUM if unsure else None, log=unknown_name_log(entry), fix=fix,
        )  # fmt: skip


def _severity(cluster: Cluster, name: str, *, unsure: bool) -> Severity | None:
    """A note where the whole file is that of a major before 10."""
    if cluster.target.before_10 and name in BEFORE_10:
        return Severity.NOTE
    return Severity.WARNING if unsure else None


@check("PGS031")
def removed_parameter(cluster: Cluster) -> Iterator[Problem]:
    """Names that only earlier majors know."""
    for entry, related in _unknown_names(cluster):
        majors = majors_of(entry.name)
        if majors and majors[-1] < cluster.major:
            arguments = {"name": entry.spelling, "removed": majors[-1] + 1, "target": cluster.major}
            log = unknown_name_log(entry)
            yield Problem(entry.name_at, arguments, related=related, log=log, accepted_by=majors)


@check("PGS032")
def too_new_parameter(cluster: Cluster) -> Iterator[Problem]:
    """Names that only later majors know."""
    for entry, related in _unknown_names(cluster):
        majors = majors_of(entry.name)
        if majors and majors[-1] > cluster.major:
            needed = min(major for major in majors if major > cluster.major)
            arguments = {"name": entry.spelling, "needed": needed, "target": cluster.major}
            log = unknown_name_log(entry)
            yield Problem(entry.name_at, arguments, related=related, log=log, accepted_by=majors)


@check("PGS033")
def read_only_parameter(cluster: Cluster) -> Iterator[Problem]:
    """Parameters that only report."""
    for entry, fault in cluster.conf.faulty_values:
        if fault.kind is ValueKind.READ_ONLY:
            arguments = {"name": entry.spelling}
            yield Problem(entry.name_at, arguments, related=entry.chain, log=fault.log, reload=Reload.KEEPS_SETTING)


@check("PGS034")
def dotted_tls_parameter(cluster: Cluster) -> Iterator[Problem]:
    """Names with a dot where the parameter has an underscore."""
    for entry in cluster.conf.entries.all:
        prefix, _, rest = entry.name.lower().partition(".")
        meant = _DOTTED.get(prefix, "{}").format(rest)
        if prefix in _DOTTED and majors_of(meant):
            taken = _would_take(cluster, entry.source, meant, entry.value)
            fix = written(entry.name_at, meant, f"Write '{meant}'.") if taken else None
            yield Problem(entry.name_at, {"name": entry.spelling, "meant": meant}, related=entry.chain, fix=fix)


@check("PGS040")
def invalid_value(cluster: Cluster) -> Iterator[Problem]:
    """Effective values that the server refuses."""
    for entry, fault in cluster.conf.faulty_values:
        if fault.kind is ValueKind.READ_ONLY:
            continue
        message = _value_message(fault)
        arguments = {
            "name": entry.spelling, "value": entry.quote, "allowed": ours(_listed(fault.allowed)),
            "minimum": fault.minimum, "maximum": fault.maximum,
        }  # fmt: skip
        others = tuple(m for m in MAJORS if m != cluster.major and _accepts(entry, m))
        yield Problem(
            entry.at, arguments, message, entry.chain, log=fault.log, accepted_by=others, reload=Reload.KEEPS_SETTING
        )
    for entry, fault in cluster.conf.deferred_faults:
        arguments = {"name": entry.spelling, "value": entry.quote, "allowed": ours(_listed(fault.allowed))}
        yield Problem(entry.at, arguments, "allowed", entry.chain, log=fault.log, stage=Stage.DEFERRED)


def _would_take(cluster: Cluster, source: Source, name: str, value: str) -> bool:
    """Whether a server takes a line with this name and value: it knows the parameter, or finds what is included."""
    if name.lower() in INCLUDE_WORDS:
        opened = cluster.deployment.locator.named(value, source.path, explicit=False)
        return name.lower() == "include_if_exists" or opened.presence is Presence.HERE
    parameter = find(name, cluster.major)
    if parameter is None:
        return "." in name
    return not parameter.read_only and check_value(parameter, value, cluster.major, name) is None


def _unknown_names(cluster: Cluster) -> Iterator[tuple[Entry, tuple[Location, ...]]]:
    """The names that the target does not know, each once: where it first stands, and what is related to that."""
    entries: dict[str, list[Entry]] = {}
    for entry in cluster.conf.unknown_names:
        entries.setdefault(folded(entry.name), []).append(entry)
    for first, *others in entries.values():
        yield first, (*first.chain, *(labelled(other.name_at, "so is this one") for other in others[:MANY]))


def _mark(at: Location, log: LogLine | None, chain: tuple[Location, ...], stage: Stage | None = None) -> Problem:
    """The problem of a file that begins with a byte order mark."""
    utf16 = at.source is not None and at.source.data.startswith(UTF16_MARKS)
    fix = None if utf16 else written(at, "", "Delete the byte order mark.", safe=True)
    message = "utf16" if utf16 else "default"
    return Problem(at, {"file": base(at.path)}, message, chain, log=log, fix=fix, stage=stage)


def _value_message(fault: ValueFault) -> str:
    if fault.kind is ValueKind.BOOLEAN:
        return "boolean"
    if fault.kind is ValueKind.RANGE:
        return "range"
    if fault.kind is ValueKind.UNIT and fault.allowed:
        return "unit"
    return "allowed" if fault.allowed else "default"


def _listed(words: tuple[str, ...]) -> str:
    quoted = [f"'{word}'" for word in words]
    return " and ".join(([", ".join(quoted[:-1])] if quoted[:-1] else []) + quoted[-1:])


def _accepts(entry: Entry, major: int) -> bool:
    parameter = find(entry.name, major)
    return parameter is not None and check_value(parameter, entry.value, major, entry.name) is None
