"""PGS543, PGS552 to PGS555 and PGS557: the options behind a record's method."""

from collections.abc import Iterator
from dataclasses import replace

from pgssllint.checks import check
from pgssllint.checks.library.fixes import delete_option, written
from pgssllint.checks.library.places import at_method, at_record, at_value, labelled
from pgssllint.checks.library.reach import good_records
from pgssllint.checks.library.record_faults import fault_problem, record_faults
from pgssllint.checks.library.words import base
from pgssllint.cluster import Cluster
from pgssllint.finding import Confidence, Effect, Fix, Location, Problem, Severity
from pgssllint.postgres.hba import Fault, FaultKind, Option, Record, accepting_majors
from pgssllint.postgres.hba_options import CLIENTNAMES, SECRET_OPTIONS, SWITCHES, atoi
from pgssllint.postgres.ldap import obstacle
from pgssllint.postgres.lists import guc_list
from pgssllint.postgres.values import parse_bool
from pgssllint.quoting import NOTHING, say

_LIBRARIES = "oauth_validator_libraries"
_OTHERS_READ = 0o004


@check("PGS543")
def secret_in_hba(cluster: Cluster) -> Iterator[Problem]:
    """Passwords for other servers that stand in the file itself."""
    known: dict[str, str] = {}
    for record in cluster.auth.records:
        option = next((o for o in record.options if o.name in SECRET_OPTIONS and o.value), None)
        if option is None or option.name_span == option.span:
            # The second: it came out of an `@file`, which may be better kept.
            continue
        path = record.source.path
        if path not in known:
            known[path] = _readers(cluster, path)
        severity = None if known[path] == "default" else Severity.ERROR
        arguments = {"option": option.name, "file": base(path)}
        at = at_record(record, option.name_span)
        yield Problem(at, arguments, known[path], record.chain, severity=severity)


@check("PGS552")
def missing_option(cluster: Cluster) -> Iterator[Problem]:
    """Methods without what they need, and options that exclude each other."""
    kinds = (
        FaultKind.MISSING_OPTION, FaultKind.OPTION_COMBINATION, FaultKind.BAD_OPTION_VALUE,
        FaultKind.MALFORMED_LIBRARIES,
    )  # fmt: skip
    for record, fault in record_faults(cluster, *kinds):
        option = _option_at(record, fault)
        if fault.kind is FaultKind.BAD_OPTION_VALUE and (option is None or option.name != "validator"):
            continue
        message, arguments = _lack(record, fault)
        related = _concerned(record, fault, option)
        confidence = Confidence.HIGH
        if message in ("setting", "unlisted", "choose", "malformed"):
            related += _libraries_line(cluster)
            confidence = Confidence.HIGH if cluster.deployment.deployed else Confidence.MEDIUM
        named = f"Add the option '{fault.value}' to the record." if message == "default" else _LACKING[message]
        fix = Fix(named, (), safe=False)
        accepted = accepting_majors(record)
        told = fault_problem(record, fault, arguments, message, related=related, accepted_by=accepted, fix=fix)
        yield replace(told, at=at_method(record), confidence=confidence)


@check("PGS553")
def repeated_option(cluster: Cluster) -> Iterator[Problem]:
    """Options given twice; what the earlier one says is lost."""
    for record in _sound_records(cluster):
        found = _repeated(record)
        if found is None:
            continue
        earlier, later = found
        same = earlier.value == later.value
        yield Problem(
            at_record(record, earlier.span),
            {"option": later.spelling, "value": later.quote},
            "same" if same else "default",
            (at_record(record, later.span, "counts"),),
            Effect.HYGIENE if same else None,
            Severity.NOTE if same else None,
            fix=delete_option(record, earlier.span, "Delete the earlier option."),
        )


@check("PGS554")
def invalid_option_value(cluster: Cluster) -> Iterator[Problem]:
    """Values that the server looks at while it reads the file, and refuses."""
    for record, fault in record_faults(cluster, FaultKind.BAD_OPTION_VALUE, FaultKind.INVALID_CLIENTNAME):
        option = _option_at(record, fault)
        if option is None or option.name == "validator":
            continue
        arguments: dict[str, object] = {"option": option.spelling, "value": option.quote}
        message, fix = "default" if option.value else "empty", None
        near = option.value.upper()
        if option.name == "clientname" and near in CLIENTNAMES:
            message, arguments["nearest"] = "nearest", near
            fix = written(at_value(record, option), near, f"Write '{near}'.")
        yield fault_problem(record, fault, arguments, message, accepted_by=accepting_majors(record), fix=fix)


@check("PGS555")
def switch_option_not_one(cluster: Cluster) -> Iterator[Problem]:
    """Switches with a word that means on to people, or anything else but 1: they are off."""
    for record in _sound_records(cluster):
        for name in sorted(SWITCHES):
            option = record.option(name)
            if option is None or option.value == "1" or parse_bool(option.value) is False:
                continue
            fix = written(at_record(record, option.span), f"{name}=1", f"Write '{name}=1'.")
            arguments = {"option": name, "value": option.quote}
            message = "default" if option.value else "empty"
            yield Problem(at_record(record, option.span), arguments, message, fix=fix)
            break


@check("PGS557")
def unworkable_option(cluster: Cluster) -> Iterator[Problem]:
    """Options that the server takes, and with which no login can succeed."""
    for record in good_records(cluster):
        match record.method_name:
            case "ldap":
                yield from _unworkable_ldap(record)
            case "radius":
                yield from _unworkable_radius(record)
            case "oauth":
                yield from _unworkable_oauth(record)


def _unworkable_ldap(record: Record) -> Iterator[Problem]:
    found = obstacle(record)
    if found is not None:
        why, option = found
        at = at_record(record, option.name_span) if option is not None else at_method(record)
        value, name = (option.quote, option.name) if option is not None else ("", "")
        yield Problem(at, {"value": value, "option": name}, why.value, record.chain)


def _unworkable_radius(record: Record) -> Iterator[Problem]:
    """Of several servers one is asked after the other."""
    ports = record.option("radiusports")
    if ports is not None and all(atoi(port) < 0 for port in guc_list(ports.value) or ("0",)):
        yield Problem(at_record(record, ports.name_span), {}, "port", record.chain)


def _unworkable_oauth(record: Record) -> Iterator[Problem]:
    issuer = record.option("issuer")
    if issuer is not None and not issuer.value.lower().startswith("https://"):
        at, arguments = at_value(record, issuer), {"value": issuer.quote}
        yield Problem(at, arguments, "issuer", record.chain, confidence=Confidence.MEDIUM)


def _readers(cluster: Cluster, path: str) -> str:
    """The message for who else can read a file: everybody with the repository, or with an account on the machine."""
    if cluster.deployment.deployed:
        mode = cluster.rights.facts(path).mode
        return "readable" if mode is not None and mode & _OTHERS_READ else "default"
    return "tracked" if cluster.rights.tracked(path) is True else "default"


_LACKING = {
    "base": "Add 'ldapbasedn' to the record, or 'ldapprefix' or 'ldapsuffix'.",
    "together": "Delete the one of the two that does not belong to the way the record logs people in.",
    "number": "Give both options one value, or as many as each other.",
    "setting": "Set 'oauth_validator_libraries' in postgresql.conf to the library that checks the clients' tokens.",
    "malformed": "Write 'oauth_validator_libraries' as a list of libraries with commas between them.",
    "unlisted": "Name the validator in 'oauth_validator_libraries' too, or a library from there in the record.",
    "choose": "Add 'validator' to the record, with one of the libraries in 'oauth_validator_libraries'.",
}
"""What mends what is lacking, by the message that tells of it; of the default one the option says so."""


def _lack(record: Record, fault: Fault) -> tuple[str, dict[str, object]]:
    """The message for what a method lacks or does not take, and its arguments."""
    arguments: dict[str, object] = {"method": record.method_name, "option": fault.quote, "value": fault.quote}
    if fault.kind is FaultKind.BAD_OPTION_VALUE:
        return "unlisted", arguments
    if fault.kind is FaultKind.MALFORMED_LIBRARIES:
        return "malformed", arguments
    if fault.kind is FaultKind.OPTION_COMBINATION:
        other = next((o.spelling for span, _ in fault.related for o in record.options if o.span == span), NOTHING)
        return "number" if record.method_name == "radius" else "together", arguments | {"other": other}
    special = {"ldapbasedn": "base", _LIBRARIES: "setting", "validator": "choose"}
    return special.get(fault.value, "default"), arguments


def _concerned(record: Record, fault: Fault, option: Option | None) -> tuple[Location, ...]:
    """The options that a fault is about."""
    found = () if option is None else (at_record(record, option.span, say("the option '{}'", option.spelling)),)
    return (*found, *(at_record(record, span, label) for span, label in fault.related))


def _libraries_line(cluster: Cluster) -> tuple[Location, ...]:
    entry = cluster.conf.setting(_LIBRARIES).entry
    return (labelled(entry.at, "the libraries"),) if entry is not None else ()


def _option_at(record: Record, fault: Fault) -> Option | None:
    """The option in which a fault lies."""
    inside = (o for o in record.options if o.span.start <= fault.span.start and fault.span.end <= o.span.end)
    return next(inside, None)


def _sound_records(cluster: Cluster) -> Iterator[Record]:
    """The records whose options the server takes; sspi, which servers on Windows have, is not held against them."""
    for record in cluster.auth.records:
        if all(fault.kind is FaultKind.METHOD_NOT_BUILT for fault in record.faults):
            yield record


def _repeated(record: Record) -> tuple[Option, Option] | None:
    """The first option that a later one of the same name overwrites, with the last of them."""
    if len(record.options) < 2:
        return None
    last = {option.name: option for option in record.options}
    for option in record.options:
        if last[option.name] is not option and not option.name.startswith("validator."):
            return option, last[option.name]
    return None
