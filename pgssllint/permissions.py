"""What the server's user may read, by owner, group and mode: the linter itself may see more, or less."""

import os
from typing import NamedTuple

from pgssllint.files import FileFacts, Files


class User(NamedTuple):
    """Who the server runs as, and the groups that it is in."""

    uid: int
    groups: frozenset[int]


class ServerView(NamedTuple):
    """What the server's user sees of the files.

    `open_folder` and what lies above it are taken to be open: it is the data directory, where the server works.
    """

    files: Files
    user: User
    open_folder: str

    def may_read(self, path: str) -> bool:
        """Whether the user gets to a file and may read it; True where modes are not known."""
        return self.closed_folder(path) is None and readable_by(self.files.look(path), self.user)

    def closed_folder(self, path: str) -> str | None:
        """The first folder on the way to `path` that the user may not go through; None if there is none."""
        above = (f for f in _parents(path) if not f"{self.open_folder}/".startswith(f"{f.rstrip('/')}/"))
        return next((f for f in above if not searchable_by(self.files.look(f), self.user)), None)


def readable_by(facts: FileFacts, user: User) -> bool:
    """Whether a user may read a file, by its owner, group and mode; True where the mode is not known."""
    return _may(facts, user, 0o4)


def searchable_by(facts: FileFacts, user: User) -> bool:
    """Whether a user may go through a folder, by its owner, group and mode; True where the mode is not known."""
    return _may(facts, user, 0o1)


def _may(facts: FileFacts, user: User, bit: int) -> bool:
    if facts.mode is None or user.uid == 0:
        return True
    shift = 6 if facts.uid == user.uid else 3 if facts.gid in user.groups else 0
    return bool(facts.mode & bit << shift)


def user_of(uid: int, gid: int | None) -> User:
    """A user with the groups that this machine knows; one that it does not know is in the group `gid`, if given."""
    import pwd

    try:
        entry = pwd.getpwuid(uid)
        return User(uid, frozenset(os.getgrouplist(entry.pw_name, entry.pw_gid)))
    except (KeyError, OSError):
        return User(uid, frozenset() if gid is None else frozenset({gid}))


def _parents(path: str) -> list[str]:
    """The folders that a path leads through, outermost first."""
    folder = os.path.dirname(path)
    return [] if folder in ("", path) else [*_parents(folder), folder]


def user_name(uid: int) -> str:
    """The name of a user of this machine; the number of one it does not know."""
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
