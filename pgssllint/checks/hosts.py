"""PGS720 to PGS729: pg_hosts.conf, by which a server of 19 or later has a certificate for each host name."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pgssllint.checks import check
from pgssllint.checks.library.places import at_certificate, at_type, labelled
from pgssllint.checks.library.reach import reachable
from pgssllint.checks.library.words import base, file_of, line_of, reason, written_in
from pgssllint.cluster import Cluster
from pgssllint.cluster.setting import Named
from pgssllint.files import Opened, Presence, errno_text
from pgssllint.finding import Confidence, Location, Problem
from pgssllint.postgres.auth_dialect import INCLUDE_WORDS
from pgssllint.postgres.auth_log import hosts_not_loaded
from pgssllint.postgres.hosts import (
    DEFAULT_HOST,
    NO_SNI,
    REPLACED_BY_HOSTS,
    HostsEntry,
    HostsKind,
    loads,
    repeated_hosts,
)
from pgssllint.postgres.parameters import folded
from pgssllint.quoting import Place, Quote, Sentence, a_file
from pgssllint.target import LIBPQ_NEWEST
from pgssllint.text import BYTE_ORDER_MARK
from pgssllint.tls.hostnames import address_of, covers, names_of
from pgssllint.ways import Reason

_SPECIAL = frozenset({DEFAULT_HOST, NO_SNI})
_NOT_IN_HOSTS = re.compile(r"[\s:/,]")
_FEW = 3
"""So many names of a certificate are told."""

_MESSAGES = {
    HostsKind.MISSING_FIELD: "default",
    HostsKind.SURPLUS_FIELD: "surplus",
    HostsKind.MULTIPLE_VALUES: "several",
    HostsKind.MIXED_HOSTS: "mixed",
    HostsKind.BAD_FLAG: "flag",
}


@check("PGS720")
def hosts_syntax_error(cluster: Cluster) -> Iterator[Problem]:
    """Lines for which a server that reads the file does not start."""
    opened, hosts = cluster.auth.opened("hosts"), cluster.auth.hosts
    if cluster.auth.sni is False:
        return
    if isinstance(opened, Opened) and opened.presence is Presence.MISSING and opened.reason is Reason.UNREADABLE:
        unread = {"file": base(opened.name), "reason": reason(opened.reason)}
        log = hosts_not_loaded(cluster.auth.path_in_log("hosts", opened), errno_text(opened.reason))
        yield Problem(cluster.conf.set_at("hosts_file"), unread, "unreadable", log=log)
    for auth in hosts.faults if hosts is not None else ():
        at = Location(auth.source.path, auth.source, auth.span)
        named: dict[str, object] = {"line": line_of(auth), "file": file_of(auth), "name": a_file(auth.value)}
        problem = Problem(at, named, "include", (*_by_setting(cluster), *auth.chain), log=auth.log)
        yield _as_sure(cluster, problem)
    for entry in hosts.items if hosts is not None else ():
        for fault in entry.faults:
            arguments = {"line": line_of(entry), "file": file_of(entry), "field": fault.quote}
            at = Location(entry.source.path, entry.source, fault.span)
            related = (*_by_setting(cluster), *entry.chain)
            yield _as_sure(cluster, Problem(at, arguments, _MESSAGES[fault.kind], related, log=fault.log))


@check("PGS721")
def repeated_host(cluster: Cluster) -> Iterator[Problem]:
    """Hosts with two entries."""
    hosts = cluster.auth.hosts
    if hosts is None or cluster.auth.sni is False:
        return
    numbers = {id(entry): number for number, entry in enumerate(hosts.items, 1)}
    for again in repeated_hosts(hosts.items):
        at = Location(again.entry.source.path, again.entry.source, again.host.span)
        first = Location(again.first.source.path, again.first.source, again.earlier.span, "the earlier entry")
        arguments = {"host": again.host.name, "file": file_of(again.entry)}
        number = numbers[id(again.entry)]
        problem = Problem(at, arguments, related=(first,), log=again.log, entry=number)
        yield _as_sure(cluster, problem)


@check("PGS722")
def idle_hosts_file(cluster: Cluster) -> Iterator[Problem]:
    """Entries that nobody reads."""
    for entry in _entries(cluster)[:1]:
        for name in ("ssl", "ssl_sni"):
            setting = cluster.conf.setting(name)
            if setting.on is False:
                related = (labelled(setting.entry.at, "is off"),) if setting.entry is not None else ()
                arguments = {"file": file_of(entry), "setting": name}
                yield Problem(entry.location, arguments, related=related)
                return


@check("PGS723")
def setting_replaced_by_hosts_file(cluster: Cluster) -> Iterator[Problem]:
    """Settings that the server does not look at, since there are entries."""
    entries = _entries(cluster)
    if not cluster.auth.sni or not entries:
        return
    for name in sorted(REPLACED_BY_HOSTS):
        entry = cluster.conf.setting(name).entry
        if entry is not None and entry.value:
            related = (labelled(entries[0].location, "the first entry"),)
            arguments = {"setting": name, "file": file_of(entries[0])}
            yield Problem(entry.name_at, arguments, related=related)


@check("PGS724")
def host_without_client_ca(cluster: Cluster) -> Iterator[Problem]:
    """Entries without a CA, while records ask for client certificates."""
    records = reachable(cluster) if cluster.auth.sni else ()
    record = next((record for record in records if record.clientcert is not None), None)
    without = [entry for entry in _entries(cluster) if not entry.has_ca]
    if record is None or not without:
        return
    others = (labelled(entry.location, "names no CA either") for entry in without[1:])
    related = (at_type(record, "asks for a client certificate"), *others)
    yield Problem(without[0].location, {"host": without[0].hostnames[0].name}, related=related)


@check("PGS725")
def no_default_host(cluster: Cluster) -> Iterator[Problem]:
    """No entry for clients that name another host, or none."""
    entries, hosts = _entries(cluster), cluster.auth.hosts
    if cluster.auth.sni is False or not entries or hosts is None or not hosts.complete or not loads(hosts):
        return
    if not any(entry.is_for(special) for entry in entries for special in (DEFAULT_HOST, NO_SNI)):
        yield _as_sure(cluster, Problem(entries[0].location, {"file": written_in(hosts.main)}))


@check("PGS726")
def host_not_in_certificate(cluster: Cluster) -> Iterator[Problem]:
    """Hosts whose certificate does not bear their name. Of declared ones PGS251 speaks."""
    declared = {folded(name) for name in cluster.target.clients.hostnames}
    for credentials in cluster.tls.credentials:
        entry, leaf, named = credentials.entry, credentials.leaf, credentials.certificate
        if (
            entry is None
            or leaf is None
            or not isinstance(named, Named)
            or credentials.leaf_out_of_place
            or not leaf.extensions_readable
        ):
            continue
        names = [name for name in entry.hostnames if names_of(leaf) and _never_asked_for(name.text) is None]
        names = [name for name in names if folded(name.text) not in declared and name.text not in _SPECIAL]
        wrong = next((name for name in names if not covers(leaf, name.text, LIBPQ_NEWEST)), None)
        if wrong is not None:
            at = Location(entry.source.path, entry.source, wrong.span)
            related = (at_certificate(credentials, leaf, _is_for(names_of(leaf)[:_FEW])),)
            yield Problem(at, {"host": wrong.name, "file": named.name}, related=related)


@check("PGS727")
def unmatchable_host_entry(cluster: Cluster) -> Iterator[Problem]:
    """Hosts that no client asks for, the first of each entry."""
    for entry in _entries(cluster):
        for name in entry.hostnames if not entry.faults else ():
            why = _never_asked_for(name.text)
            if why is not None:
                at = Location(entry.source.path, entry.source, name.span)
                yield _as_sure(
                    cluster,
                    Problem(
                        at, {"host": name.name._replace(text=name.text.removeprefix(BYTE_ORDER_MARK))}, why, entry.chain
                    ),
                )
                break


@check("PGS728")
def missing_hosts_file(cluster: Cluster) -> Iterator[Problem]:
    """A file that is not there, for which the server takes the ssl_* files without a word to the clients."""
    opened = cluster.auth.opened("hosts")
    if not cluster.auth.sni or not isinstance(opened, Opened) or opened.presence is not Presence.MISSING:
        return
    if opened.reason is Reason.UNREADABLE:
        return
    name = "hosts_file" if cluster.conf.setting("hosts_file").entry is not None else "ssl_sni"
    yield Problem(cluster.conf.set_at(name), {"file": base(opened.name), "reason": reason(opened.reason)})


@check("PGS729")
def include_taken_as_host(cluster: Cluster) -> Iterator[Problem]:
    """Includes of several files, which are entries for a host of that name."""
    for entry in cluster.auth.hosts.items if cluster.auth.hosts is not None else ():
        word = entry.hostnames[0].text if entry.hostnames else ""
        if word not in INCLUDE_WORDS or entry.faults:
            continue
        text = entry.source.text[entry.span.start : entry.span.end]
        said = tuple(Quote(part, Place.PATH) for part in text.split())
        arguments = {"line": Sentence(" ".join("{}" for _ in said), said), "word": word}
        # What the files bring may lock out on its own, and was never looked at: no edit.
        yield Problem(entry.location, arguments)


def _never_asked_for(host: str) -> str | None:
    """The message about a host that no client sends as the name of its server; None for one that some may send."""
    if host in _SPECIAL:
        return None
    if host.startswith(BYTE_ORDER_MARK):
        return "mark"
    if folded(host).strip("/").replace("-", "_") == "no_sni":
        return "special"
    if "*" in host or host.startswith("."):
        return "wildcard"
    if host.startswith("/"):
        return "pattern"
    if address_of(host.strip("[]")) is not None:
        return "address"
    return "default" if not host or host.endswith(".") or _NOT_IN_HOSTS.search(host) else None


def _entries(cluster: Cluster) -> tuple[HostsEntry, ...]:
    """The entries, less those that are includes by mistake, which another rule tells."""
    entries = cluster.auth.hosts.items if cluster.auth.hosts is not None else ()
    return tuple(entry for entry in entries if not entry.hostnames or entry.hostnames[0].text not in INCLUDE_WORDS)


def _by_setting(cluster: Cluster) -> tuple[Location, ...]:
    entry = cluster.conf.setting("hosts_file").entry if cluster.deployment.main is not None else None
    return (labelled(entry.at, "names the file"),) if entry is not None else ()


def _as_sure(cluster: Cluster, problem: Problem) -> Problem:
    """The problem; less sure where it is not known whether the server reads the file at all."""
    return problem if cluster.auth.sni else replace(problem, confidence=Confidence.MEDIUM)


def _is_for(names: Sequence[str]) -> Sentence:
    """The label of a certificate: the names it is for."""
    return Sentence("is for " + ", ".join("{}" for _ in names), tuple(Quote(name, Place.SUBJECT) for name in names))
