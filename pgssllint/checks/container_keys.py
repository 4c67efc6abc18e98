"""PGS800, PGS806, PGS810 and PGS814: private keys in containers, images and manifests."""

import os
import posixpath
import re
from collections.abc import Iterator
from itertools import islice

from pgssllint.checks import check
from pgssllint.checks.library.places import at_key, labelled
from pgssllint.checks.library.sites import MountedKey, at_home, mounted_key, said, workload_of
from pgssllint.cluster import Cluster
from pgssllint.finding import Fix, Location, Problem, Severity
from pgssllint.permissions import User
from pgssllint.project import keys_in
from pgssllint.quoting import a_file, ours
from pgssllint.sources.image_behaviour import image_of
from pgssllint.sources.images import Family
from pgssllint.sources.kinds import KEY_MADE, PRIVATE_KEY
from pgssllint.sources.mounted_keys import KeyFault, key_fault, server_user
from pgssllint.sources.standing import is_within
from pgssllint.sources.workload import Mount, Workload
from pgssllint.stages import Reload
from pgssllint.text import Source
from pgssllint.traced import Traced
from pgssllint.ways import clean

MAX_KEYS = 50
"""Of one folder that is copied into an image, so many files that are named like keys are opened."""

_WITH_BIND_MOUNTS = frozenset({"compose", "docker run"})
"""The tools that mount folders of the machine that they run on."""

_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]+ )?PRIVATE KEY-----")
_KEY_NAME = re.compile(r"\.key\Z")


@check("PGS800")
def bind_mounted_key(cluster: Cluster) -> Iterator[Problem]:
    """A key that Docker mounts from the host, whose owner and mode are the host's in the container too."""
    key = mounted_key(cluster)
    if key is None or key.workload.tool not in _WITH_BIND_MOUNTS or not _is_bound(key.found.mount):
        return
    arguments = {"file": a_file(key.found.server)}
    facts = cluster.deployment.files.look(key.found.local) if key.found.local is not None else None
    if facts is None or not facts.kind:
        yield Problem(at_home(key.found.mount.at), arguments, "unseen", _named(key), severity=Severity.NOTE)
        return
    user = server_user(key.workload)
    if facts.kind != "file" or user is None or cluster.rights.tracked(facts.path) is True:
        # PGS850 tells what comes of a key that git tracks.
        return
    fault = key_fault(key.found.mount._replace(mode=facts.mode, uid=facts.uid, gid=facts.gid), user)
    if fault in (KeyFault.FOREIGN, KeyFault.UNREADABLE):
        yield Problem(at_home(key.found.mount.at), {**arguments, "uid": ours(user.uid)}, related=_named(key))


def _is_bound(mount: Mount) -> bool:
    """Whether a file or folder of the host is mounted, and no text and no secret of a platform."""
    is_secret = mount.local is None and mount.server.startswith("/run/secrets/")
    return not (mount.is_image or mount.contents is not None or mount.mode is not None or is_secret)


def _named(key: MountedKey) -> tuple[Location, ...]:
    return (labelled(key.named, "'ssl_key_file' names the file"),) if key.named is not None else ()


@check("PGS806")
def key_in_image(cluster: Cluster) -> Iterator[Problem]:
    """Private keys that a Dockerfile copies into an image, or makes there."""
    workload = workload_of(cluster)
    if workload is None:
        return
    own = mounted_key(cluster)
    told: set[tuple[str, int]] = set()
    for mount in workload.mounts:
        place = (mount.local or mount.at.source.path, -1 if mount.local is not None else mount.at.span.start)
        if not mount.is_image or place in told:
            continue
        told.add(place)
        is_own = own is not None and clean(mount.server) == own.found.server
        # An instruction that changes the mode of what another one copied copies nothing.
        first = next(one for one in workload.mounts if one.is_image and is_within(mount.server, one.server))
        yield from _copied(cluster, mount._replace(at=first.at), is_own=is_own)
    for one in said(cluster, KEY_MADE):
        yield Problem(at_home(one.at), {}, "made", severity=Severity.WARNING)


def _copied(cluster: Cluster, mount: Mount, *, is_own: bool) -> Iterator[Problem]:
    """The private keys in what one instruction puts into an image."""
    at, files = at_home(mount.at), cluster.deployment.files
    if isinstance(mount.contents, Traced):
        if mount.local is None and _BEGIN.search(mount.contents.text):
            yield Problem(at, {"file": a_file(posixpath.basename(mount.server))})
        return
    kind = files.look(mount.local).kind if mount.local is not None else ""
    if mount.local is not None and not kind and (is_own or _KEY_NAME.search(mount.local)):
        arguments = {"file": a_file(os.path.basename(mount.local))}
        yield Problem(at, arguments, "unseen", severity=Severity.WARNING)
    paths = [mount.local] if kind == "file" and mount.local is not None else []
    if kind == "directory" and mount.local is not None:
        paths = list(islice(keys_in(files, (mount.local,)), MAX_KEYS))
    for path in paths:
        source = files.read(path)
        held = cluster.tls.reader.keys(source) if isinstance(source, Source) else None
        if held is None or not isinstance(source, Source) or all(key.encrypted for key in held.keys):
            continue
        related = (at_key(source, held.keys[0].block, "the private key"),)
        yield Problem(at, {"file": a_file(os.path.basename(path))}, related=related)
        return


@check("PGS810")
def secret_key_mode(cluster: Cluster) -> Iterator[Problem]:
    """A key that a volume of Kubernetes, or an instruction of a Dockerfile, gives a mode that the server refuses."""
    key = mounted_key(cluster)
    user = server_user(key.workload) if key is not None else None
    fault = key_fault(key.found.mount, user) if key is not None and user is not None else None
    if key is None or user is None or fault is None:
        return
    mount = key.found.mount
    if mount.is_image and mount.local is not None and cluster.deployment.files.look(mount.local).kind != "file":
        return
    where = "image" if mount.is_image else "volume"
    arguments = {
        "file": a_file(key.found.server), "mode": f"{mount.mode or 0:04o}", "uid": ours(user.uid),
        "gid": ours(next(iter(sorted(user.groups - {0})), user.uid)), "owner": ours(_owner(key.workload, user)),
    }  # fmt: skip
    what = {KeyFault.TOO_OPEN: "", KeyFault.UNREADABLE: "-unreadable", KeyFault.FOREIGN: "-foreign"}[fault]
    owned = f"--chown={_owner(key.workload, user)} --chmod=0600"
    said = f"Copy the key with {owned}, or better mount it when the container starts."
    fix = Fix(said, (), safe=False) if mount.is_image else None
    at = at_home(mount.mode_at or mount.at)
    yield Problem(at, arguments, where + what, _named(key), reload=Reload.KEEPS_TLS, fix=fix)


def _owner(workload: Workload, user: User) -> str:
    """Whom an instruction of a Dockerfile gives a file to: the server's user by name where its image has one."""
    image = image_of(workload)
    named = image is not None and image.family is Family.OFFICIAL and image.uid == user.uid
    return "postgres:postgres" if named else f"{user.uid}:{min(user.groups, default=0)}"


@check("PGS814")
def private_key_in_manifest(cluster: Cluster) -> Iterator[Problem]:
    """Private keys in plain sight in manifests; what base64 hides is in plain sight too."""
    for one in said(cluster, PRIVATE_KEY):
        at = Location(one.at.source.path, one.at.source, one.at.span, secret=True)
        yield Problem(at)
