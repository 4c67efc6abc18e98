"""PGS300 to PGS319 and PGS850: the server's private key."""

import os
from collections.abc import Iterator
from dataclasses import replace

from pgssllint.checks import check
from pgssllint.checks.places import at_file, at_key, labelled, named_by, reason, tls_problem
from pgssllint.cluster import Cluster
from pgssllint.files import FileFacts, Presence, Reason, errno_text
from pgssllint.finding import Confidence, Location, Problem, Severity
from pgssllint.setting import Named
from pgssllint.text import Source
from pgssllint.tls.key import KeyFile, read_keys
from pgssllint.tls.sniff import sniff

_GROUP_OR_WORLD = 0o077
"""What a key of the database user may not have (be-secure-common.c)."""

_ROOT_OWNED = 0o037
"""What a key of root may not have: its group may read it, nothing more."""


@check("PGS300")
def private_key_missing(cluster: Cluster) -> Iterator[Problem]:
    """No regular file at ssl_key_file."""
    key = cluster.key
    if key is None or cluster.ssl is not True or key.opened.presence is not Presence.MISSING:
        return
    why = key.opened.reason or Reason.ABSENT
    if why is Reason.UNREADABLE:
        log = f'could not load private key file "{key.name}": Permission denied'
    elif why in (Reason.DIRECTORY, Reason.NOT_REGULAR):
        why = Reason.NOT_REGULAR
        log = f'private key file "{key.name}" is not a regular file'
    else:
        log = f'could not access private key file "{key.name}": {errno_text(why)}'
    yield Problem(key.at, {"file": key.name, "reason": reason(why)}, log=f"FATAL:  {log}")


@check("PGS301")
def private_key_not_pem(cluster: Cluster) -> Iterator[Problem]:
    """A file without a private key that can be decoded."""
    key, held = cluster.key, cluster.key_file
    if key is None or key.source is None or held is None:
        return
    related = named_by(key)
    start = "no start line" if cluster.target.openssl.behaviour == "1.1.1" else "unsupported"
    log = f'FATAL:  could not load private key file "{key.name}": {start}'
    if not held.keys:
        at = at_file(key.source, secret=True)
        yield tls_problem(cluster, at, {"file": key.name, "what": sniff(key.source.data)}, related=related, log=log)
    elif held.keys[0].fault is not None:
        at = at_key(key.source, held.keys[0].block)
        confidence = None if held.keys[0].certain else Confidence.MEDIUM
        yield tls_problem(
            cluster, at, {"file": key.name}, "damaged", related=related, confidence=confidence,
            log=f'FATAL:  could not load private key file "{key.name}": {held.keys[0].fault}',
        )  # fmt: skip


@check("PGS310")
def key_mode_too_open(cluster: Cluster) -> Iterator[Problem]:
    """More mode bits than the server allows the owner's group and the world."""
    key = cluster.key
    if key is None or key.opened.path is None or not _looked_at(key):
        return
    facts = cluster.facts(key.opened.path)
    if facts.mode is None or not _too_open(cluster, facts):
        return
    at = key.at if key.setting.entry is not None else _key_at(cluster, key)
    related = (labelled(_key_at(cluster, key), f"has mode {facts.mode & 0o7777:04o}"),) if at is key.at else ()
    log = f'FATAL:  private key file "{key.name}" has group or world access'
    problem = tls_problem(
        cluster, at, {"file": key.name, "mode": f"{facts.mode & 0o7777:04o}"}, related=related, log=log
    )
    if not cluster.deployed and problem.severity is None:
        problem = replace(problem, severity=Severity.WARNING, confidence=Confidence.MEDIUM)
    yield problem


@check("PGS850")
def private_key_in_git(cluster: Cluster) -> Iterator[Problem]:
    """Private keys that git tracks: the server's own, and others that lie beside the cluster's files."""
    named = cluster.key
    own = named.opened.path if named is not None else None
    paths = (*((own,) if own is not None else ()), *cluster.keys_beside)
    for path in dict.fromkeys(paths):
        source = cluster.files.read(path) if cluster.facts(path).tracked is True else None
        held = read_keys(source) if isinstance(source, Source) else None
        if held is None or not isinstance(source, Source) or not held.keys:
            continue
        encrypted = all(key.encrypted for key in held.keys)
        message = "encrypted" if encrypted else "default" if path == own else "beside"
        related = named_by(named) if named is not None and path == own else ()
        severity = Severity.WARNING if encrypted else None
        arguments = {"file": os.path.relpath(path, cluster.site.project.root)}
        yield Problem(at_key(source, held.keys[0].block), arguments, message, related, severity=severity)


def _looked_at(key: Named) -> bool:
    """Whether the server gets as far as the mode: the path leads to a regular file."""
    return key.opened.presence is Presence.HERE or key.opened.reason is Reason.UNREADABLE


def _too_open(cluster: Cluster, facts: FileFacts) -> bool:
    """Whether a server would refuse the mode; in sources the owner is not known, and git keeps no such modes."""
    mode = facts.mode or 0
    if not cluster.deployed:
        return facts.tracked is False and bool(mode & _ROOT_OWNED)
    if facts.uid == cluster.site.server_uid:
        return bool(mode & _GROUP_OR_WORLD)
    return facts.uid == 0 and bool(mode & _ROOT_OWNED)


def _key_at(cluster: Cluster, key: Named) -> Location:
    """The key's BEGIN line, else the file."""
    held: KeyFile | None = cluster.key_file
    if key.source is not None and held is not None and held.keys:
        return at_key(key.source, held.keys[0].block)
    if key.source is not None:
        return at_file(key.source, secret=True)
    return Location(key.opened.path or "", secret=True)
