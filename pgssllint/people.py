"""The users and groups of the machine that a server runs on: of an image by its own files, else of this one."""

import os
import re
import sys
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from pgssllint.files import Files, Unread
from pgssllint.system import users_by
from pgssllint.text import Source


class _Entry(Protocol):
    """An entry of the user database, as `pwd` has it."""

    @property
    def pw_name(self) -> str: ...

    @property
    def pw_uid(self) -> int: ...

    @property
    def pw_gid(self) -> int: ...


class Person(NamedTuple):
    """A user: the name, the number, and the number of the primary group."""

    name: str
    uid: int
    gid: int


class Group(NamedTuple):
    """A group: its name and number, and the names of the users that have it beside their primary one."""

    name: str
    gid: int
    members: frozenset[str]


class People(Protocol):
    """Who is asked for users and groups."""

    @property
    def where(self) -> str:
        """Where these users are, for a sentence."""

    def named(self, name: str) -> Person | None:
        """The user called `name`."""

    def numbered(self, uid: int) -> Person | None:
        """The user with this number."""

    def group(self, name: str) -> int | None:
        """The number of the group called `name`."""

    def groups_of(self, person: Person) -> frozenset[int]:
        """The numbers of all groups that a user is in."""


class OfImage(NamedTuple):
    """By the files of an image; of two with one name or number the first counts, as for the C library."""

    persons: tuple[Person, ...]
    groups: tuple[Group, ...]
    where: str

    def named(self, name: str) -> Person | None:
        """The user called `name`."""
        return next((one for one in self.persons if one.name == name), None)

    def numbered(self, uid: int) -> Person | None:
        """The user with this number."""
        return next((one for one in self.persons if one.uid == uid), None)

    def group(self, name: str) -> int | None:
        """The number of the group called `name`."""
        return next((one.gid for one in self.groups if one.name == name), None)

    def groups_of(self, person: Person) -> frozenset[int]:
        """The numbers of all groups that a user is in."""
        return frozenset({person.gid, *(group.gid for group in self.groups if person.name in group.members)})


class OfMachine:
    """By the name service of this machine, which may know more than the files in /etc."""

    where = "on this machine"

    def named(self, name: str) -> Person | None:
        """The user called `name`."""
        pwd = users_by("pwd")
        try:
            return Person(*_numbers(pwd.getpwnam(name))) if pwd is not None else None
        except (KeyError, ValueError):
            return None

    def numbered(self, uid: int) -> Person | None:
        """The user with this number."""
        pwd = users_by("pwd")
        try:
            return Person(*_numbers(pwd.getpwuid(uid))) if pwd is not None else None
        except (KeyError, OverflowError):
            return None

    def group(self, name: str) -> int | None:
        """The number of the group called `name`."""
        grp = users_by("grp")
        try:
            return int(grp.getgrnam(name).gr_gid) if grp is not None else None
        except (KeyError, ValueError):
            return None

    def groups_of(self, person: Person) -> frozenset[int]:
        """The numbers of all groups that a user is in."""
        if sys.platform == "win32":
            return frozenset({person.gid})
        try:
            return frozenset(os.getgrouplist(person.name, person.gid))
        except OSError:
            return frozenset({person.gid})


def name_of(uid: int, people: People) -> str:
    """The name of a user; the number of one that is not known."""
    person = people.numbered(uid)
    return person.name if person is not None else str(uid)


def people_of(files: Files) -> People:
    """The users and groups of the image that absolute paths begin in, else of this machine."""
    return files.once("people", lambda: _of_image(files) if files.chroot is not None else OfMachine())


def _of_image(files: Files) -> OfImage:
    return OfImage(
        tuple(_persons(files.read(files.local("/etc/passwd")))),
        tuple(_groups(files.read(files.local("/etc/group")))),
        f"in '{files.local('/etc')}'",
    )


def _numbers(entry: _Entry) -> tuple[str, int, int]:
    return entry.pw_name, entry.pw_uid, entry.pw_gid


def _persons(source: Source | Unread) -> Iterator[Person]:
    for fields in _fields(source):
        numbers = [int(field) for field in fields[2:4] if _NUMBER.fullmatch(field)]
        if len(numbers) == 2:
            yield Person(fields[0], *numbers)


def _groups(source: Source | Unread) -> Iterator[Group]:
    for fields in _fields(source):
        if len(fields) >= 4 and _NUMBER.fullmatch(fields[2]):
            yield Group(fields[0], int(fields[2]), frozenset(filter(None, fields[3].split(","))))


def _fields(source: Source | Unread) -> Iterator[list[str]]:
    """The fields of each line of a file such as passwd that has a name."""
    for line in source.text.split("\n") if isinstance(source, Source) else ():
        fields = line.split(":")
        if fields[0]:
            yield fields


_NUMBER = re.compile("[0-9]{1,10}")
