"""The faults of pg_hba.conf as problems."""

from collections.abc import Callable, Collection, Iterator
from difflib import get_close_matches

from pgssllint.checks.library.fixes import TLS_FIRST, to_hostssl, written
from pgssllint.checks.library.places import at_record, at_type
from pgssllint.cluster import Cluster
from pgssllint.finding import Fix, Location, Problem
from pgssllint.postgres.auth_dialect import INCLUDES_FROM
from pgssllint.postgres.auth_model import AuthFault, AuthKind
from pgssllint.postgres.hba import Fault, FaultKind, Record
from pgssllint.postgres.hba_options import METHODS, Row, option_fault
from pgssllint.suggestions import sparing
from pgssllint.text import Span

OWN_RULES = frozenset({
    FaultKind.UNKNOWN_TYPE, FaultKind.TYPE_NOT_IN_TARGET, FaultKind.UNKNOWN_METHOD, FaultKind.METHOD_NOT_IN_TARGET,
    FaultKind.CERT_OUTSIDE_HOSTSSL, FaultKind.UNKNOWN_OPTION, FaultKind.OPTION_NOT_IN_TARGET, FaultKind.NO_EQUALS,
    FaultKind.OPTION_FOR_OTHER_METHOD, FaultKind.CLIENTCERT_OUTSIDE_HOSTSSL, FaultKind.CLIENTNAME_OUTSIDE_HOSTSSL,
    FaultKind.LEGACY_CLIENTCERT_VALUE, FaultKind.INVALID_CLIENTCERT_VALUE, FaultKind.CLIENTCERT_CONFLICT,
    FaultKind.BAD_REGEX, FaultKind.BAD_ADDRESS, FaultKind.BAD_CIDR, FaultKind.BAD_MASK,
    FaultKind.MASK_OF_OTHER_FAMILY, FaultKind.UNKNOWN_ZONE,
    FaultKind.METHOD_NEEDS_LOCAL, FaultKind.METHOD_NOT_ON_LOCAL, FaultKind.MISSING_OPTION,
    FaultKind.OPTION_COMBINATION, FaultKind.BAD_OPTION_VALUE, FaultKind.INVALID_CLIENTNAME,
})  # fmt: skip
"""The faults that a rule of their own speaks of; PGS061 says the others."""


def hba_faults(cluster: Cluster, kind: AuthKind) -> Iterator[tuple[AuthFault, Location]]:
    """The faults of one kind in the lines of pg_hba.conf, with their places."""
    for fault in cluster.auth.hba.faults if cluster.auth.hba is not None else ():
        if fault.kind is kind:
            yield fault, Location(fault.source.path, fault.source, fault.span)


def endless_words(cluster: Cluster) -> Iterator[AuthFault]:
    """The `@file` words of pg_ident.conf for which a server does not come to an end of reading it (15 and earlier)."""
    if cluster.major < INCLUDES_FROM and cluster.auth.ident is not None:
        yield from (fault for fault in cluster.auth.ident.faults if fault.kind is AuthKind.INCLUDE_LOOP)


def record_faults(cluster: Cluster, *kinds: FaultKind) -> Iterator[tuple[Record, Fault]]:
    """The faults of these kinds, with their records, as `read_faults` has them."""
    return (found for found in cluster.auth.faults if found[1].kind in kinds)


def fault_problem(
    record: Record,
    fault: Fault,
    arguments: dict[str, object],
    message: str = "default",
    *,
    related: tuple[Location, ...] = (),
    accepted_by: tuple[int, ...] = (),
    fix: Fix | None = None,
) -> Problem:
    """The problem of a fault, with the log line; `accepted_by` are the majors on which it is none."""
    at = at_record(record, fault.span)
    return Problem(at, arguments, message, related + record.chain, log=fault.log, accepted_by=accepted_by, fix=fix)


def nearest_problem(
    cluster: Cluster,
    record: Record,
    fault: Fault,
    known: Collection[str],
    arguments: dict[str, object],
    *,
    whole: bool = True,
) -> Problem:
    """The problem of a word that exists nowhere, with the nearest that does."""
    word = fault.value.lower().replace("_", "-") if whole else fault.value.lower()
    near = word if word in known else _nearest_of(cluster, known)(word)
    if near is None:
        return fault_problem(record, fault, arguments)
    span = Span(fault.span.start, fault.span.start + len(fault.value))
    text = record.source.text[span.start : span.end]
    fix = written(at_record(record, span), near, f"Write '{near}'.") if text == fault.value else None
    return fault_problem(record, fault, arguments | {"nearest": near}, "nearest", fix=fix)


def _nearest_of(cluster: Cluster, known: Collection[str]) -> Callable[[str], str | None]:
    def nearest(word: str) -> str | None:
        return next(iter(get_close_matches(word, known, 1, 0.7)), None)

    return cluster.deployment.files.once(("nearest word", *known), lambda: sparing(nearest))


def needs_hostssl(cluster: Cluster, record: Record, fault: Fault, arguments: dict[str, object]) -> Problem:
    """The problem of what only hostssl records take, with the fix that makes the record one."""
    related = (at_type(record, "not hostssl"),)
    fix = to_hostssl(record) if _loads_on_hostssl(record) else None
    first = _wanting(cluster) if fix is not None else ""
    if first:
        fix = Fix(f"{first}, then change the connection type to 'hostssl'.", (), safe=False)
    return fault_problem(record, fault, arguments, related=related, fix=fix)


def _wanting(cluster: Cluster) -> str:
    """What a server lacks to ask clients for certificates, as far as that is known; empty if nothing."""
    authorities = "'ssl_ca_file' to the authorities of the clients' certificates"
    without_ca = cluster.conf.setting("ssl_ca_file").value == ""
    if cluster.conf.ssl is False:
        return f"{TLS_FIRST}{f', and {authorities}' if without_ca else ''}"
    return f"Set {authorities}" if without_ca else ""


def _loads_on_hostssl(record: Record) -> bool:
    """Whether the server takes all the options of a record once its type is hostssl."""
    method = record.method.text if record.method is not None else ""
    known = method in METHODS and record.major in METHODS[method]
    row = Row(record.major, "hostssl", method, known)
    return known and all(option_fault(option, row) is None for option in record.options)
