"""PGS140 to PGS145 and PGS171: the groups of the key agreement, and Diffie-Hellman parameters."""

import re
from collections.abc import Iterator
from dataclasses import replace

from pgssllint.checks import check
from pgssllint.checks.library.fixes import resetting, rewritten, written
from pgssllint.checks.library.negotiation import (
    MAX_GROUP_LIST,
    circumstances,
    effective_groups,
    listed,
    offered_by_default,
    protocol_bounds,
)
from pgssllint.checks.library.places import at_block, at_part
from pgssllint.checks.library.refusals import refusal, without_ssl
from pgssllint.checks.library.words import reason
from pgssllint.cluster import Cluster
from pgssllint.cluster.setting import Named
from pgssllint.files import Presence, errno_text
from pgssllint.finding import Effect, Fix, Location, Problem, Severity
from pgssllint.postgres.entries import Entry
from pgssllint.postgres.parameters import folded
from pgssllint.quoting import Place, Quote, ours
from pgssllint.stages import Reload
from pgssllint.target import MAJORS, OpenSSL
from pgssllint.tls.dh import DhFault, DhKind, Parameters, dh_fault, read_dh
from pgssllint.tls.groups import HYBRID, LISTS_FROM, Groups, Refusal, read_groups
from pgssllint.tls.handshake import negotiated
from pgssllint.tls.protocols import PROTOCOLS, TLS13, between
from pgssllint.tls.server_log import dh_file_not_loaded, dh_file_not_opened
from pgssllint.ways import Reason

_MIN_SECURITY_BITS = 112
_MIN_DH_BITS = 2048
_MESSAGES = {
    Refusal.UNKNOWN: "unknown",
    Refusal.EMPTY: "empty",
    Refusal.EMPTY_LIST: "empty_list",
    Refusal.REPEATED: "repeated",
    Refusal.MALFORMED: "malformed",
}


@check("PGS140")
def unusable_group(cluster: Cluster) -> Iterator[Problem]:
    """A value of which the server says that it is no curve, or no list of groups."""
    found = _groups(cluster)
    if found is None or found[1].refusal is None:
        return
    entry, groups = found
    value, major = entry.value, cluster.major
    element, by_list = value[groups.at.start : groups.at.end], folded(entry.name) == "ssl_groups"
    message = _MESSAGES.get(groups.refusal or Refusal.UNKNOWN, "unknown") if major >= LISTS_FROM else "default"
    if message == "unknown" and re.search(r"[,;\s]", element):
        message = "separator"
    arguments = {
        "value": Quote(value, Place.ITEMS),
        "setting": entry.spelling,
        "major": major,
        "group": Quote(element, Place.ITEMS),
    }
    arguments["openssl"] = cluster.target.openssl.series
    openssl = cluster.target.openssl
    others = () if by_list else tuple(m for m in MAJORS if read_groups(value, m, openssl).refusal is None)
    at = at_part(entry, groups.at) if major >= LISTS_FROM else entry.at

    def accepts(other: OpenSSL) -> bool:
        return read_groups(value, major, other).refusal is None

    fix = _usable(cluster, entry)
    yield refusal(cluster, at, arguments, message, groups.log, accepts, accepted_by=others, fix=fix)


@check("PGS141")
def empty_group_list(cluster: Cluster) -> Iterator[Problem]:
    """A curve or a list that leaves clients no group that they offer by default."""
    found = _groups(cluster)
    if found is None or found[1].refusal is not None:
        return
    (entry, read), left = found, effective_groups(cluster)
    if left is None or (cluster.major >= LISTS_FROM and cluster.target.openssl.behaviour != "3.5" and not read.groups):
        return
    arguments = {"setting": entry.spelling, "value": entry.quote}
    usual = [group for group in left if group.usual]
    fix = rewritten(entry, "prime256v1")
    fix = resetting(cluster, entry) if cluster.major >= LISTS_FROM else fix
    if usual:
        if all(group.hybrid for group in usual) and protocol_bounds(cluster)[0] != TLS13:
            yield Problem(entry.at, arguments, "hybrid", severity=Severity.WARNING, fix=fix)
        return
    newest = TLS13 in between(*protocol_bounds(cluster))
    if not _does_without_groups(cluster):
        yield without_ssl(cluster, Problem(entry.at, arguments, fix=fix))
    elif newest:
        yield without_ssl(cluster, Problem(entry.at, arguments, "newest", fix=fix))


def _does_without_groups(cluster: Cluster) -> bool:
    """Whether some host may come to a handshake of TLS 1.2 whose suite takes no group: by DH or an RSA key."""
    lowest, _ = protocol_bounds(cluster)
    expansion = listed(cluster)
    if expansion is None or lowest == TLS13:
        return lowest != TLS13
    return any(
        negotiated(offered_by_default(expansion), circumstances(cluster, one, expansion), PROTOCOLS[:3])
        for one in cluster.tls.credentials
    )


@check("PGS142")
def weak_group(cluster: Cluster) -> Iterator[Problem]:
    """A curve with less than 112 bits of security."""
    found = _groups(cluster)
    for group, span in found[1].groups if found is not None else ():
        if found is None or group.security_bits >= _MIN_SECURITY_BITS:
            continue
        entry = found[0]
        at, arguments = at_part(entry, span), {"curve": group.name, "bits": _MIN_SECURITY_BITS}
        fix = rewritten(entry, "prime256v1") if cluster.major < LISTS_FROM else None
        if group.since is None:
            # SSL_CTX_set_tmp_ecdh fails, which a server up to 17 does not look at.
            yield Problem(at, arguments, "ignored", effect=Effect.NO_EFFECT, fix=fix)
        else:
            yield Problem(at, arguments, fix=fix or written(at, "prime256v1", "Write 'prime256v1'."))
        return


@check("PGS143")
def weak_dh_parameters(cluster: Cluster) -> Iterator[Problem]:
    """Diffie-Hellman parameters below 2048 bits that OpenSSL takes."""
    for named, parameters in _dh(cluster):
        if not isinstance(parameters, Parameters) or parameters.bits >= _MIN_DH_BITS:
            continue
        if dh_fault(parameters, cluster.target.openssl) is None:
            arguments, related = _dh_arguments(named, parameters), _dh_block(named, parameters)
            yield Problem(named.at, arguments, related=related, fix=_drop(cluster))


@check("PGS144")
def unusable_dh_parameters(cluster: Cluster) -> Iterator[Problem]:
    """A file that is not there, or without parameters that the target's OpenSSL takes."""
    for named, found in _dh(cluster):
        yield from _unusable_dh(cluster, named, found)


def _unusable_dh(cluster: Cluster, named: Named, found: Parameters | DhFault | None) -> Iterator[Problem]:
    """The problem of a file of parameters that keeps a server from starting."""
    at, openssl, why = named.at, cluster.target.openssl, named.opened.reason
    if named.opened.presence is Presence.MISSING:
        # A folder can be opened for reading, and reading it gives nothing.
        log = dh_file_not_opened(named.name, errno_text(why))
        log = dh_file_not_loaded("no start line") if why is Reason.DIRECTORY else log
        missing = refusal(cluster, at, {"file": named.name, "reason": reason(why)}, "missing", log, fix=_drop(cluster))
        yield replace(missing, reload=Reload.OWN_PARAMETERS)
    fault = dh_fault(found, openssl) if found is not None else None
    source = named.source
    if fault is None or source is None:
        return

    def accepts(other: OpenSSL) -> bool:
        return dh_fault(read_dh(source, other), other) is None

    message = {DhKind.NOTHING: "nothing", DhKind.SIZE: "default"}.get(fault.kind, "damaged")
    arguments = _dh_arguments(named, found) | {"level": openssl.level}
    related = _dh_block(named, fault)
    unusable = refusal(cluster, at, arguments, message, fault.log, accepts, related=related, fix=_drop(cluster))
    # What is read, and then not taken by the library, is not replaced.
    yield unusable if fault.kind is DhKind.SIZE else replace(unusable, reload=Reload.OWN_PARAMETERS)


@check("PGS145")
def no_post_quantum_group(cluster: Cluster) -> Iterator[Problem]:
    """A list without the hybrid group that OpenSSL offers by itself."""
    setting = cluster.conf.setting("ssl_groups")
    if not cluster.conf.ssl or setting.value is None or cluster.target.openssl.behaviour != "3.5":
        return
    groups = read_groups(setting.value[:MAX_GROUP_LIST], cluster.major, cluster.target.openssl).groups
    if groups and all(group.name != HYBRID for group, _ in groups):
        fix = rewritten(setting.entry, f"{HYBRID}:{setting.value}") if setting.entry is not None else None
        at = setting.entry.at if setting.entry is not None else cluster.conf.ssl_at
        yield Problem(at, {"value": Quote(setting.value, Place.ITEMS), "group": ours(HYBRID)}, fix=fix)


@check("PGS171")
def old_curve_parameter_name(cluster: Cluster) -> Iterator[Problem]:
    """The name that the setting had up to 17."""
    for entry in cluster.conf.settings.of("ssl_groups"):
        if folded(entry.name) == "ssl_ecdh_curve" and entry.origin != "command line":
            at = entry.name_at
            yield Problem(at, fix=written(at, "ssl_groups", "Write 'ssl_groups'.", safe=True))


def _groups(cluster: Cluster) -> tuple[Entry, Groups] | None:
    """Where the groups are set, and what they come to."""
    entry = cluster.conf.setting("ssl_groups" if cluster.major >= LISTS_FROM else "ssl_ecdh_curve").entry
    if entry is None or entry.unknown or cluster.conf.ssl is False or len(entry.value) > MAX_GROUP_LIST:
        return None
    return entry, read_groups(entry.value, cluster.major, cluster.target.openssl)


def _usable(cluster: Cluster, entry: Entry) -> Fix | None:
    """Write what is usable of a value: up to 17 the first curve, then all groups, with colons."""
    names, major, openssl = list[str](), cluster.major, cluster.target.openssl
    for word in dict.fromkeys(re.split(r"[:,;\s]+", entry.value)[:50]):
        read = read_groups(word, LISTS_FROM, OpenSSL("3.0", 2) if major < LISTS_FROM else openssl)
        curves = [group.name for group, _ in read.groups if group.kind == "curve" or major >= LISTS_FROM]
        names += [name for name in curves if name not in names]
    if major < LISTS_FROM:
        return rewritten(entry, names[0] if names else "prime256v1")
    return rewritten(entry, ":".join(names)) if names else resetting(cluster, entry)


def _dh(cluster: Cluster) -> Iterator[tuple[Named, Parameters | DhFault | None]]:
    """The file of the parameters, where one is named, and what OpenSSL reads from it; None where it is not here."""
    named = cluster.tls.files["ssl_dh_params_file"]
    if isinstance(named, Named) and cluster.conf.ssl is not False:
        yield named, cluster.tls.reader.dh(named.source) if named.source is not None else None


def _dh_arguments(named: Named, found: Parameters | DhFault | None) -> dict[str, object]:
    return {"file": named.name, "bits": found.bits if isinstance(found, Parameters) else 0}


def _dh_block(named: Named, found: Parameters | DhFault) -> tuple[Location, ...]:
    """The block that is meant, as a related location."""
    source, block = named.source, found.block
    return (at_block(source, block, "the parameters"),) if source is not None and block is not None else ()


def _drop(cluster: Cluster) -> Fix | None:
    """Delete the setting: the server then has parameters of 2048 bits of its own."""
    entry = cluster.conf.setting("ssl_dh_params_file").entry
    return resetting(cluster, entry) if entry is not None else None
