"""PGS300 to PGS319, PGS330 and PGS850: the server's private key, and keys that have no business beside it."""

import os
from collections.abc import Iterator
from dataclasses import replace

from pgssllint.checks import check, host_check
from pgssllint.checks.library.commands import key_for_server
from pgssllint.checks.library.pem_faults import PemFile, is_told_otherwise, loading_ends
from pgssllint.checks.library.places import at_certificate, at_file, at_key, labelled, named_by
from pgssllint.checks.library.refusals import tls_problem, without_ssl
from pgssllint.checks.library.sites import has_own_mode
from pgssllint.checks.library.words import reason, shown_subject
from pgssllint.cluster import Cluster
from pgssllint.cluster.credentials import Credentials
from pgssllint.cluster.setting import Named
from pgssllint.configuration.keys import WINDOWS
from pgssllint.files import FileFacts, Presence, errno_text
from pgssllint.finding import Confidence, Location, Problem, Severity
from pgssllint.postgres.key_file import is_too_open
from pgssllint.project import keys_in
from pgssllint.quoting import ours, say
from pgssllint.stages import Stage
from pgssllint.text import Source
from pgssllint.tls import server_log
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.key import same_key
from pgssllint.tls.loading import LoadKind
from pgssllint.tls.pem import BlockFault
from pgssllint.tls.sniff import holding
from pgssllint.ways import Reason


@host_check("PGS300")
def private_key_missing(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """No regular file at ssl_key_file."""
    key = credentials.key
    if not isinstance(key, Named) or cluster.conf.ssl is not True or key.opened.presence is not Presence.MISSING:
        return
    why = key.opened.reason or Reason.ABSENT
    if why is Reason.UNREADABLE:
        # PGS312 tells of what the server may not read; PGS310 and PGS311 of what it refuses before it tries.
        return
    if why in (Reason.DIRECTORY, Reason.NOT_REGULAR):
        why = Reason.NOT_REGULAR
        log = server_log.key_not_regular(key.name)
    else:
        log = server_log.key_not_accessible(key.name, errno_text(why))
    yield Problem(key.at, {"file": key.name, "reason": reason(why)}, log=log)


@host_check("PGS301")
def private_key_not_pem(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A file without a private key that can be decoded."""
    key, fault = credentials.key, credentials.key_fault
    if not isinstance(key, Named) or key.source is None or fault is None:
        return
    file = PemFile(key, key.source, fault, credentials.number)
    if fault.kind is LoadKind.BLOCK and fault.block is not None:
        if fault.block.fault is not BlockFault.GLUED:
            yield loading_ends(cluster, file, at_key(key.source, fault.block), {"file": key.name}, "damaged")
    elif not is_told_otherwise(cluster, file):
        at = at_file(key.source, secret=True)
        yield loading_ends(cluster, file, at, {"file": key.name, "what": holding(key.source.data)})


@host_check("PGS310")
def key_mode_too_open(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """More mode bits than the server allows the owner's group and the world; on Windows it does not look at them."""
    key = credentials.key
    if not isinstance(key, Named) or key.opened.path is None or not _looked_at(cluster, key):
        return
    if cluster.deployment.declared[WINDOWS] or has_own_mode(cluster, key.name):
        return
    facts = cluster.rights.facts(key.opened.path)
    if facts.mode is None or not _too_open(cluster, facts):
        return
    mode = f"{facts.mode & 0o7777:04o}"
    at, related = _places(credentials, key, f"has mode {mode}")
    log = server_log.key_too_open(key.name)
    problem = tls_problem(
        cluster, at, {"file": key.name, "mode": mode}, related=related, log=log, commands=key_for_server(cluster, facts)
    )
    if not cluster.deployment.deployed and problem.severity is None:
        problem = replace(problem, severity=Severity.WARNING, confidence=Confidence.MEDIUM)
    yield problem


@host_check("PGS311")
def foreign_key_owner(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A key of neither the server's user nor root."""
    key = credentials.key
    if (
        not isinstance(key, Named)
        or key.opened.path is None
        or not _looked_at(cluster, key)
        or not cluster.deployment.deployed
    ):
        return
    facts, server = cluster.rights.facts(key.opened.path), cluster.rights.server_uid
    if facts.uid is None or server is None or facts.uid in (0, server):
        return
    at, related = _places(credentials, key, f"belongs to {cluster.rights.name_of(facts.uid)}")
    arguments = {"file": key.name, "owner": cluster.rights.name_of(facts.uid), "user": cluster.rights.name_of(server)}
    log, commands = server_log.key_of_another_owner(key.name), key_for_server(cluster, facts)
    yield tls_problem(cluster, at, arguments, related=related, log=log, commands=commands)


@host_check("PGS312")
def key_unreadable_to_server(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A key that the mode test would let pass, and that the server's user cannot read."""
    key, server, view = credentials.key, cluster.rights.server_uid, cluster.rights.server_view
    if not isinstance(key, Named) or key.opened.path is None or key.opened.reason is not Reason.UNREADABLE:
        return
    if server is None or view is None or key.opened.presence is not Presence.MISSING:
        return
    facts, folder = cluster.rights.facts(key.opened.path), view.closed_folder(key.opened.path)
    if folder is None and (facts.uid not in (0, server) or _too_open(cluster, facts)):
        return
    at, related = _places(credentials, key, "the server's user cannot read it")
    named = {"user": cluster.rights.name_of(server), "file": key.name}
    if folder is not None:
        log = server_log.key_not_accessible(key.name, errno_text(Reason.UNREADABLE))
        arguments = {**named, "folder": folder}
        problem = tls_problem(cluster, at, arguments, "folder", related=related, log=log)
        yield replace(problem, stage=Stage.KEY_ACCESS)
        return
    arguments = {**named, "owner": cluster.rights.name_of(facts.uid or 0), "mode": f"{(facts.mode or 0) & 0o7777:04o}"}
    log = server_log.file_not_loaded(key.role, key.name, errno_text(Reason.UNREADABLE))
    yield tls_problem(cluster, at, arguments, related=related, log=log)


@host_check("PGS313")
def writable_key_directory(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Folders of the key and of the client CAs that others may write to."""
    server = cluster.rights.server_uid
    for named in (credentials.key, credentials.client_ca):
        if (
            not isinstance(named, Named)
            or named.opened.path is None
            or named.source is None
            or not cluster.deployment.deployed
        ):
            continue
        facts = cluster.rights.facts(os.path.dirname(named.opened.path))
        mode = facts.mode or 0
        if mode & 0o022 == 0 and facts.uid in (0, server, None):
            continue
        message = "key" if named.role == "ssl_key_file" else "default"
        places = (Location(facts.path, label=say("has mode {}", ours(f"{mode & 0o7777:04o}"))),)
        arguments = {"file": named.name, "mode": f"{mode & 0o7777:04o}"}
        commands = (("chmod", "go-w", facts.path),) if mode & 0o022 else ()
        yield without_ssl(cluster, Problem(named.at, arguments, message, places, commands=commands))


@host_check("PGS314")
def key_in_group_readable_data_directory(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A key that the group of the data directory cannot read with the rest of it."""
    key, folder = credentials.key, cluster.rights.data_directory
    if not isinstance(key, Named) or key.source is None or key.opened.path is None or not cluster.deployment.deployed:
        return
    facts, mode = cluster.rights.facts(key.opened.path), cluster.rights.facts(folder).mode or 0
    inside = key.opened.path.startswith(f"{folder.rstrip('/')}/")
    if inside and mode & 0o047 == 0o040 and facts.mode is not None and not facts.mode & 0o040:
        places = (Location(folder, label=say("has mode {}", ours(f"{mode & 0o7777:04o}"))),)
        yield Problem(key.at, {"file": key.name}, related=places)


@check("PGS330")
def ca_key_on_server(cluster: Cluster) -> Iterator[Problem]:
    """The key of a CA beside the files of the server, where it has no business."""
    authorities = list(_authorities(cluster))
    own = {credentials.key.opened.path for credentials in cluster.tls.credentials if isinstance(credentials.key, Named)}
    for path in cluster.tls.keys_beside or _deployed_keys(cluster, own):
        source = cluster.deployment.files.read(path)
        held = cluster.tls.reader.keys(source) if isinstance(source, Source) and path not in own else None
        for key in held.keys if held is not None and isinstance(source, Source) else ():
            found = next(((h, c) for h, c in authorities if key.spki and same_key(key.spki, c.spki)), None)
            if found is None or not isinstance(source, Source):
                continue
            credentials, certificate = found
            places = (at_certificate(credentials, certificate, "the certificate of the CA"),)
            arguments = {"file": os.path.basename(path), "subject": shown_subject(certificate)}
            yield Problem(at_key(source, key.block), arguments, related=places)


@check("PGS850")
def private_key_in_git(cluster: Cluster) -> Iterator[Problem]:
    """Private keys that git tracks: the server's own, and others that lie beside the cluster's files."""
    named = cluster.tls.files["ssl_key_file"]
    own = named.opened.path if isinstance(named, Named) else None
    paths = (*((own,) if own is not None else ()), *cluster.tls.keys_beside)
    for path in dict.fromkeys(paths):
        source = cluster.deployment.files.read(path) if cluster.rights.tracked(path) is True else None
        held = cluster.tls.reader.keys(source) if isinstance(source, Source) else None
        if held is None or not isinstance(source, Source) or not held.keys:
            continue
        encrypted = all(key.encrypted for key in held.keys)
        message = "encrypted" if encrypted else "default" if path == own else "beside"
        related = named_by(named) if isinstance(named, Named) and path == own else ()
        severity = Severity.WARNING if encrypted else None
        arguments = {"file": os.path.relpath(path, cluster.deployment.project.root)}
        yield Problem(at_key(source, held.keys[0].block), arguments, message, related, severity=severity)


def _looked_at(cluster: Cluster, key: Named) -> bool:
    """Whether the server gets as far as owner and mode: the path leads to a regular file, which it may look at."""
    if key.opened.presence is Presence.HERE:
        return True
    path, view = key.opened.path, cluster.rights.server_view
    open_to_server = view is None or path is None or view.closed_folder(path) is None
    return key.opened.reason is Reason.UNREADABLE and open_to_server


def _places(credentials: Credentials, key: Named, label: str) -> tuple[Location, tuple[Location, ...]]:
    """Where a finding on the key points: the setting that names it and the key, or the key alone."""
    held = _key_at(credentials, key)
    return (key.at, (labelled(held, label),)) if key.explicit else (held, ())


def _authorities(cluster: Cluster) -> Iterator[tuple[Credentials, Certificate]]:
    """The CA certificates of the server's files, but for a self-signed one that is the server's own."""
    for credentials in cluster.tls.credentials:
        bundles = (credentials.bundle, credentials.ca_bundle)
        for certificate in (c for bundle in bundles if bundle is not None for c in bundle.certificates):
            if certificate.is_ca and certificate is not credentials.leaf:
                yield credentials, certificate


def _deployed_keys(cluster: Cluster, own: set[str | None]) -> Iterator[str]:
    """Deployed: the files named like keys in the folders of the TLS files that settings name."""
    if cluster.deployment.deployed:
        paths = [named.opened.path for named in cluster.tls.named if named.source is not None]
        folders = {os.path.dirname(path) for path in paths if path is not None}
        yield from (path for path in keys_in(cluster.deployment.files, folders) if path not in own)


def _too_open(cluster: Cluster, facts: FileFacts) -> bool:
    """Whether a server would refuse the mode; in sources the owner is not known, and git keeps no such modes."""
    mode = facts.mode or 0
    if not cluster.deployment.deployed:
        return cluster.rights.tracked(facts.path) is False and is_too_open(mode, by_root=True)
    if facts.uid == cluster.rights.server_uid:
        return is_too_open(mode, by_root=False)
    return facts.uid == 0 and is_too_open(mode, by_root=True)


def _key_at(credentials: Credentials, key: Named) -> Location:
    """The key's BEGIN line, else the file."""
    held = credentials.key_file
    if key.source is not None and held is not None and held.keys:
        return at_key(key.source, held.keys[0].block)
    if key.source is not None:
        return at_file(key.source, secret=True)
    return Location(key.opened.path or "", secret=True)
