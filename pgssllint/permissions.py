"""What the server's user may read, by owner, group and mode: the linter itself may see more, or less."""

import os
import re
from typing import NamedTuple

from pgssllint.files import FileFacts, Files
from pgssllint.people import People, people_of
from pgssllint.text import legible
from pgssllint.ways import Hop

ROOT = 0

ANY_NAME = "..."
"""Stands for a name that no file has."""


class User(NamedTuple):
    """Who the server runs as, and the groups that it is in."""

    uid: int
    groups: frozenset[int]


class ServerView(NamedTuple):
    """What the server's user may open of the files, as each step on the way to them says: the folders that a path goes
    through as it is written and as links lead on, and what it ends at.

    What lies above `open_folder` is taken to be open: it is the data directory, where the server works.
    """

    files: Files
    user: User
    open_folder: str

    def may_read(self, path: str) -> bool:
        """Whether the user gets to what is at a path and may read it; True where that is not known."""
        return self.denied(path) is None

    def denied(self, path: str) -> Hop | None:
        """The first hop on the way to `path` that the user may not go through, or that it ends at and he may not read;
        None where there is none, as far as it is known, or nothing at all to be denied.
        """
        hops = tuple(self.files.hops(self.files.replaced(path)))
        for number, hop in enumerate(hops, 1):
            if hop.target is not None or hop.status is None:
                continue
            facts = self.files.facts_of(hop)
            if number == len(hops):
                return None if readable_by(facts, self.user) else hop
            if facts.kind != "directory":
                return None
            if not self._is_above(hop.path) and not searchable_by(facts, self.user):
                return hop
        return None

    def may_enter(self, folder: str) -> bool:
        """Whether the user may go through a folder and all on the way to it; True where that is not known."""
        return self.denied(os.path.join(folder, ANY_NAME)) is None

    def may_make_in(self, folder: str) -> bool:
        """Whether the user may make files in a folder; True where that is not known."""
        return self.may_enter(folder) and writable_by(self.files.look(self.files.replaced(folder)), self.user)

    def closed_folder(self, path: str) -> str | None:
        """The first folder on the way to `path` that the user may not go through; None if there is none."""
        hop = self.denied(path)
        return (
            hop.path if hop is not None and hop is not tuple(self.files.hops(self.files.replaced(path)))[-1] else None
        )

    def _is_above(self, folder: str) -> bool:
        return folder != self.open_folder and f"{self.open_folder}/".startswith(f"{folder.rstrip('/')}/")


class Identity(NamedTuple):
    """What is stated of the server's user: numbers of the user, the primary group, and further groups.

    None for the owner of the data directory, and for the groups that the machine knows him in.
    """

    uid: int | None = None
    gid: int | None = None
    groups: tuple[int, ...] = ()


def server_view(files: Files, data_directory: str, stated: Identity) -> ServerView | None:
    """What the server's user may open: he is who is stated, else the owner of the data directory; None where that is
    not known. Root he never is: a server that root starts ends at once.

    A user that the machine does not know is in the group of the data directory.
    """
    facts = files.look(data_directory)
    uid = facts.uid if stated.uid is None else stated.uid
    if uid is None or uid == ROOT:
        return None
    known = user_of(uid, facts.gid, people_of(files)).groups if stated.gid is None else frozenset({stated.gid})
    return ServerView(files, User(uid, known | set(stated.groups)), facts.real)


def readable_by(facts: FileFacts, user: User) -> bool:
    """Whether a user may read a file, by its owner, group and mode; True where the mode is not known."""
    return _may(facts, user, 0o4)


def searchable_by(facts: FileFacts, user: User) -> bool:
    """Whether a user may go through a folder, by its owner, group and mode; True where the mode is not known."""
    return _may(facts, user, 0o1)


def writable_by(facts: FileFacts, user: User) -> bool:
    """Whether a user may make files in a folder, by its owner, group and mode; True where the mode is not known."""
    return _may(facts, user, 0o2)


def _may(facts: FileFacts, user: User, bit: int) -> bool:
    if facts.mode is None or user.uid == ROOT:
        return True
    shift = 6 if facts.uid == user.uid else 3 if facts.gid in user.groups else 0
    return bool(facts.mode & bit << shift)


def user_of(uid: int, gid: int | None, people: People) -> User:
    """A user with the groups that are known of him; one that is not known is in the group `gid`, if given."""
    person = people.numbered(uid)
    if person is not None:
        return User(uid, people.groups_of(person))
    return User(uid, frozenset() if gid is None else frozenset({gid}))


def numbered(text: str, people: People) -> tuple[int, int | None]:
    """The numbers of the user and the group in `USER[:GROUP]`, by names or numbers; None where there is no group.

    Raises ValueError with a sentence.
    """
    user, _, group = text.partition(":")
    person = people.named(user)
    uid = _number(user)
    if uid is None and person is not None:
        uid = person.uid
    if uid is None:
        raise ValueError(f"there is no user '{legible(user)}' {people.where}; give the number of one.")
    return uid, group_number(group, people) if group else None


def group_number(text: str, people: People) -> int:
    """The number of a group by its name, or a number as it is. Raises ValueError with a sentence."""
    number = _number(text)
    gid = people.group(text) if number is None else number
    if gid is None:
        raise ValueError(f"there is no group '{legible(text)}' {people.where}; give the number of one.")
    return gid


def _number(text: str) -> int | None:
    """The number of a user or group, where it is written as one. Raises ValueError where none has it."""
    if not _NUMBER.fullmatch(text):
        return None
    digits = text.lstrip("0") or "0"
    if len(digits) > len(str(_HIGHEST)) or int(digits) > _HIGHEST:
        raise ValueError(f"'{legible(text)}' is no number of a user or group; they end at {_HIGHEST}.")
    return int(digits)


_NUMBER = re.compile("[0-9]+")

_HIGHEST = 2**32 - 2
"""The highest number of a user or group; the one above says that there is none (chown of POSIX)."""
