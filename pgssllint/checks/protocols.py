"""PGS110 to PGS119: the TLS versions that the server negotiates."""

from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.checks.library.cipher_setting import negotiates_old
from pgssllint.checks.library.fixes import deleting, written
from pgssllint.checks.library.places import labelled
from pgssllint.checks.library.refusals import refusal
from pgssllint.cluster import Cluster
from pgssllint.finding import Edit, Fix, Problem
from pgssllint.postgres.entries import Entry
from pgssllint.text import Span
from pgssllint.tls.server_log import protocol_range_refused

_VERSIONS = ("tlsv1", "tlsv1.1", "tlsv1.2", "tlsv1.3")
_OLD = _VERSIONS[:2]
_BOUNDS_FROM = 12


@check("PGS110")
def old_protocol_allowed(cluster: Cluster) -> Iterator[Problem]:
    """A lower bound below TLS 1.2 that the target's OpenSSL can negotiate."""
    entry = _old_minimum(cluster)
    if entry is not None and negotiates_old(cluster):
        yield Problem(entry.at, {"value": entry.value}, fix=_to_tls12(entry))


@check("PGS111")
def old_protocol_by_default(cluster: Cluster) -> Iterator[Problem]:
    """A server whose default lower bound is TLS 1.0, or that has no setting for one."""
    entry, minimum = cluster.conf.setting("ssl").entry, cluster.conf.setting("ssl_min_protocol_version")
    if not cluster.conf.ssl or entry is None or not negotiates_old(cluster):
        return
    if cluster.major >= _BOUNDS_FROM:
        if minimum.is_default:
            yield Problem(entry.at, {"major": cluster.major}, fix=_with_minimum(entry))
    else:
        yield Problem(entry.at, {"major": cluster.major}, "no_setting")


@check("PGS112")
def dead_old_protocol(cluster: Cluster) -> Iterator[Problem]:
    """A lower bound below TLS 1.2 that OpenSSL 3 does not live up to at its security level."""
    entry = _old_minimum(cluster)
    if entry is not None and cluster.conf.ssl is not False and not negotiates_old(cluster):
        openssl = cluster.target.openssl.series.partition(".")[0]
        yield Problem(entry.at, {"value": entry.value, "openssl": openssl}, fix=_to_tls12(entry))


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
    entry = cluster.conf.setting("ssl_max_protocol_version").entry
    highest = _rank(entry.value) if entry is not None and not entry.unknown else None
    if entry is None or highest is None or cluster.conf.ssl is False or highest == len(_VERSIONS) - 1:
        return
    if not any(_inverted(cluster)):
        yield Problem(entry.at, {"value": entry.value}, fix=deleting(entry))


def _inverted(cluster: Cluster) -> Iterator[Problem]:
    """The bounds where the highest version is below the lowest, at the later one of those that are written."""
    low, high = (cluster.conf.setting(f"ssl_{end}_protocol_version") for end in ("min", "max"))
    lowest, highest = _rank(low.value), _rank(high.value)
    entries = [setting.entry for setting in (low, high) if setting.entry is not None]
    if cluster.conf.ssl is False or lowest is None or highest is None or lowest <= highest or not entries:
        return
    order = {id(entry): number for number, entry in enumerate(cluster.conf.entries.all)}
    *others, last = sorted(entries, key=lambda entry: order.get(id(entry), 0))
    related = tuple(labelled(entry.at, "the other bound") for entry in others)
    yield Problem(last.at, {"highest": high.value, "lowest": low.value}, related=related)


def _rank(value: str | None) -> int | None:
    """Where a version stands among all; None for one that is not known, or the empty upper bound."""
    return _VERSIONS.index(value.lower()) if value is not None and value.lower() in _VERSIONS else None


def _old_minimum(cluster: Cluster) -> Entry | None:
    entry = cluster.conf.setting("ssl_min_protocol_version").entry
    return entry if entry is not None and not entry.unknown and entry.value.lower() in _OLD else None


def _to_tls12(entry: Entry) -> Fix | None:
    return written(entry.at, "'TLSv1.2'", "Write 'TLSv1.2'.")


def _with_minimum(entry: Entry) -> Fix:
    """Set the lower bound on a line of its own, behind the line of `ssl`."""
    end = entry.source.line_span(entry.line).end
    edit = Edit(entry.source.path, entry.source, Span(end, end), "\nssl_min_protocol_version = 'TLSv1.2'")
    return Fix("Set 'ssl_min_protocol_version' to 'TLSv1.2'.", (edit,), safe=False)
