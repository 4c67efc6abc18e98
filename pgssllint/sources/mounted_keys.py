"""Whether a server in a container may use a private key that is mounted into it, by mode, owner and groups.

The rule itself is PostgreSQL's (postgres/key_file.py); who the server is follows from the container and its image.
"""

from enum import StrEnum

from pgssllint.files import FileFacts
from pgssllint.permissions import User, readable_by
from pgssllint.postgres.key_file import is_too_open
from pgssllint.sources.image_behaviour import image_of
from pgssllint.sources.images import Family
from pgssllint.sources.workload import Mount, Workload
from pgssllint.traced import Traced


class KeyFault(StrEnum):
    """Why a server refuses the file of its key, in the order in which it looks."""

    FOREIGN = "belongs to another user than the server's and root"
    TOO_OPEN = "is open to others"
    UNREADABLE = "cannot be read by the server's user"


def server_user(workload: Workload) -> User | None:
    """Who the server runs as; None where that is not known.

    The official image starts as root and changes to its own user, who is in that user's groups alone: those of the
    container are lost. They hold where the container runs as a user from its start.
    """
    image = image_of(workload)
    given = _numbers(workload.user)
    if given is None and (workload.user is not None or image is None or image.uid is None):
        return None
    if given is not None and given[0] != 0:
        # Without a group of its own, a user by number is in root's, or in that which the image has for it: runtimes
        # differ, and what either gives is not found fault with.
        usual = {0, *([image.gid] if image is not None and image.gid is not None else [])}
        return User(given[0], frozenset({*({given[1]} if given[1] is not None else usual), *workload.groups}))
    if image is None or image.uid is None:
        return None
    own = frozenset({image.gid} if image.gid is not None else ())
    # An image that does not start as root keeps what the container adds.
    kept = workload.groups if image.family is not Family.OFFICIAL and given is None else ()
    return User(image.uid, own | frozenset(kept))


def _numbers(user: Traced | None) -> tuple[int, int | None] | None:
    """UID[:GID]; None for names, and for what is not known."""
    if user is None or not user.is_known:
        return None
    uid, _, gid = user.text.partition(":")
    if not (uid.isascii() and uid.isdecimal() and (not gid or (gid.isascii() and gid.isdecimal()))):
        return None
    return int(uid), int(gid) if gid else None


def key_fault(mount: Mount, user: User) -> KeyFault | None:
    """Why the server refuses a mounted key; None where it takes it, or its mode or owner is not known."""
    if mount.mode is None or mount.uid is None or mount.gid is None:
        return None
    if mount.uid not in (0, user.uid):
        return KeyFault.FOREIGN
    if is_too_open(mount.mode, by_root=mount.uid == 0 and user.uid != 0):
        return KeyFault.TOO_OPEN
    facts = FileFacts(mount.server, mount.server, None, "file", mount.mode, mount.uid, gid=mount.gid)
    return None if readable_by(facts, user) else KeyFault.UNREADABLE
