"""PGS110 to PGS119: the TLS versions that the server negotiates."""

from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.checks.library.fixes import resetting, rewritten
from pgssllint.checks.library.negotiation import MAXIMUM, MINIMUM, effective_groups, old_versions, protocol_bounds
from pgssllint.checks.library.places import labelled
from pgssllint.checks.library.refusals import refusal
from pgssllint.cluster import Cluster
from pgssllint.finding import Edit, Fix, Problem
from pgssllint.postgres.entries import Entry
from pgssllint.postgres.parameters import find
from pgssllint.text import Span
from pgssllint.tls.protocols import OLD_PROTOCOLS, TLS13, between, number
from pgssllint.tls.server_log import protocol_range_refused


@check("PGS110")
def old_protocol_allowed(cluster: Cluster) -> Iterator[Problem]:
    """A lower bound below TLS 1.2 that the target's OpenSSL can negotiate."""
    entry = _old_minimum(cluster)
    if entry is not None and old_versions(cluster).negotiated:
        yield Problem(entry.at, {"value": entry.quote}, fix=_to_tls12(cluster, entry))


@check("PGS111")
def old_protocol_by_default(cluster: Cluster) -> Iterator[Problem]:
    """A server whose default lower bound is TLS 1.0, or that has no setting for one."""
    entry, negotiated = cluster.conf.setting("ssl").entry, old_versions(cluster).negotiated
    if not cluster.conf.ssl or entry is None or not negotiated:
        return
    arguments = {"major": cluster.major, "version": number(negotiated[0])}
    if find(MINIMUM, cluster.major) is None:
        yield Problem(entry.at, arguments, "no_setting")
    elif cluster.conf.setting(MINIMUM).is_default:
        yield Problem(entry.at, arguments, fix=_with_minimum(cluster, entry))


@check("PGS112")
def dead_old_protocol(cluster: Cluster) -> Iterator[Problem]:
    """A lower bound below TLS 1.2 that OpenSSL does not live up to at its security level."""
    entry, old, openssl = _old_minimum(cluster), old_versions(cluster), cluster.target.openssl
    if entry is not None and cluster.conf.ssl is not False and old.allowed and not old.negotiated:
        library = openssl.series if openssl.is_111 else openssl.series.partition(".")[0]
        versions = " and ".join(map(number, old.refused))
        arguments = {"value": entry.quote, "openssl": library, "versions": versions}
        yield Problem(entry.at, arguments, fix=_to_tls12(cluster, entry))


@check("PGS113")
def inverted_protocol_range(cluster: Cluster) -> Iterator[Problem]:
    """A highest version below the lowest, for which servers from 13 on do not start."""
    for problem in _inverted(cluster):
        log = protocol_range_refused(cluster.major)
        yield refusal(cluster, problem.at, problem.arguments, "default", log, related=problem.related)


@check("PGS114")
def empty_protocol_range(cluster: Cluster) -> Iterator[Problem]:
    """A highest version below the lowest, with which 12 starts."""
    yield from _inverted(cluster)


@check("PGS115")
def capped_protocol(cluster: Cluster) -> Iterator[Problem]:
    """An upper bound below TLS 1.3."""
    entry = cluster.conf.setting(MAXIMUM).entry
    bounds = protocol_bounds(cluster)
    if entry is None or cluster.conf.ssl is False or bounds[1] in ("", TLS13):
        return
    if between(*bounds):
        # Without the bound TLS 1.3 is spoken, which needs a group.
        groups = effective_groups(cluster)
        fix = resetting(cluster, entry) if groups is None or any(group.usual for group in groups) else None
        yield Problem(entry.at, {"value": entry.quote}, fix=fix)


def _inverted(cluster: Cluster) -> Iterator[Problem]:
    """The bounds where the highest version is below the lowest, at the later one of those that are written."""
    low, high = cluster.conf.setting(MINIMUM), cluster.conf.setting(MAXIMUM)
    entries = [setting.entry for setting in (low, high) if setting.entry is not None]
    if cluster.conf.ssl is False or between(*protocol_bounds(cluster)) or not entries:
        return
    order = {id(entry): number for number, entry in enumerate(cluster.conf.entries.all)}
    *others, last = sorted(entries, key=lambda entry: order.get(id(entry), 0))
    related = tuple(labelled(entry.at, "the other bound") for entry in others)
    yield Problem(last.at, {"highest": high.value, "lowest": low.value}, related=related)


def _old_minimum(cluster: Cluster) -> Entry | None:
    return cluster.conf.setting(MINIMUM).entry if protocol_bounds(cluster)[0] in OLD_PROTOCOLS else None


def _to_tls12(cluster: Cluster, entry: Entry) -> Fix | None:
    return _and_no_maximum(cluster, rewritten(entry, "TLSv1.2"))


def _with_minimum(cluster: Cluster, entry: Entry) -> Fix | None:
    """Set the lower bound on a line of its own, behind the line of `ssl`."""
    end = entry.source.line_span(entry.line).end
    edit = Edit(entry.source.path, entry.source, Span(end, end), f"\n{MINIMUM} = 'TLSv1.2'")
    return _and_no_maximum(cluster, Fix(f"Set '{MINIMUM}' to 'TLSv1.2'.", (edit,), safe=False))


def _and_no_maximum(cluster: Cluster, fix: Fix | None) -> Fix | None:
    """The fix that writes TLS 1.2 for the lower bound, and no upper bound where it would be below."""
    highest = cluster.conf.setting(MAXIMUM)
    if fix is None or highest.entry is None or protocol_bounds(cluster)[1] not in OLD_PROTOCOLS:
        return fix
    more = rewritten(highest.entry, "")
    description = f"{fix.description[:-1]}, and no '{MAXIMUM}'."
    return Fix(description, (*fix.edits, *more.edits), safe=False) if more is not None else None
