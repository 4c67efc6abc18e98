"""How a name in a configuration becomes a file in front of us: here, missing, or not in view.

A server's paths are rarely ours. In sources a file is *missing* only where the repository itself speaks for the server;
whatever else cannot be found is *not in view*, which is never a finding. In deployed input absence is a fact.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import NamedTuple

from pgssllint.endings import TEMPLATES
from pgssllint.files import Files, Opened, OpenedFolder, Presence, Unread
from pgssllint.permissions import ANY_NAME, ServerView
from pgssllint.unknown import Unknown
from pgssllint.ways import NOT_THERE, Reason, clean

UNSEEN = frozenset({Reason.OUTSIDE, Reason.KERNEL, Reason.TOO_DEEP, Reason.UNREADABLE, Reason.TOO_LARGE, Reason.FAILED})
"""Reasons that say something about the linter's view and nothing about the server's."""


class PathMap(NamedTuple):
    """The files below `server`, an absolute path as the server sees it, lie below `local` in front of us."""

    server: str
    local: str

    @classmethod
    def parse(cls, text: str) -> "PathMap":
        """`SERVER=LOCAL`. Raises ValueError with a sentence saying what is wrong."""
        server, equals, local = text.partition("=")
        if not equals or not server.startswith("/") or not local:
            raise ValueError(f"'{text}' is no path map; write one like '/etc/postgresql=deploy/postgresql'.")
        return cls(clean(server), os.path.abspath(local))

    def apply(self, server_path: str) -> str | None:
        """The local path of an absolute server path, or None if it lies elsewhere."""
        path = clean(server_path)
        if path == self.server:
            return self.local
        prefix = self.server.rstrip("/") + "/"
        return os.path.join(self.local, path[len(prefix) :]) if path.startswith(prefix) else None


@dataclass(frozen=True)
class Locator:
    """Seeks the files that one cluster names.

    `data_directory` is a local path, or None where it is not known; `server_data_directory` is what the server calls
    it. `find` gives the files of the project with a base name. `complete` says that what the project does not hold
    does not exist. `view` is what the server's user may open of deployed input, or None where that is not known: what
    it may not is missing for the server, whoever else can read it.
    """

    files: Files
    deployed: bool
    data_directory: str | None
    server_data_directory: str | None = None
    maps: Sequence[PathMap] = ()
    complete: bool = False
    find: Callable[[str], Sequence[str]] = lambda _: ()
    view: ServerView | None = None

    def open(self, name: str, beside: str) -> Opened:
        """A file that the file at `beside` includes: relative names start from its folder."""
        if not name.strip():
            return Opened(name, Presence.MISSING, reason=Reason.ABSENT)
        if not name.startswith("/"):
            folder = os.path.dirname(self.files.replaced(beside))
            # What lies beside a template is not what will lie beside the file that is made of it.
            return self._read(name, self.standing(_joined(folder, name)), speaks=not beside.endswith(TEMPLATES))
        return self._seek(name, beside, project_wide=True)

    def names(self, name: str, beside: str) -> Opened:
        """A file of names that a record in the file at `beside` takes in, found in the same manner."""
        return self.open(name, beside)

    def folder(self, name: str, beside: str) -> OpenedFolder:
        """A folder that the file at `beside` includes."""
        return self._folder(name, beside, os.path.dirname(self.files.replaced(beside)))

    def named_folder(self, name: str, beside: str) -> OpenedFolder:
        """A folder that a setting names: relative names start from the data directory. Its files are opened by their
        names, so that it need not be readable for the server, if only there is a way through it.
        """
        return self._folder(name, beside, self.data_directory, through=True)

    def _folder(self, name: str, beside: str, base: str | None, *, through: bool = False) -> OpenedFolder:
        reason = Reason.ABSENT
        for path, speaks, _ in self._ways(name, beside, base):
            if self.is_denied(os.path.join(path, ANY_NAME) if through else path):
                return OpenedFolder(name, Presence.MISSING, path, reason=Reason.UNREADABLE)
            names = self.files.once(("entries", path), partial(self.files.entries, path))
            if not isinstance(names, Unread):
                return OpenedFolder(name, Presence.HERE, path, names, shut=() if through else self._shut(path))
            if names.reason not in NOT_THERE or speaks:
                missing = self.deployed or self.complete or (speaks and name.startswith("/"))
                seen = missing and names.reason not in UNSEEN
                return OpenedFolder(name, Presence.MISSING if seen else Presence.NOT_IN_VIEW, path, reason=names.reason)
            reason = max(reason, names.reason, key=lambda one: one is not Reason.ABSENT)
        presence = Presence.MISSING if self.complete else Presence.NOT_IN_VIEW
        return OpenedFolder(name, presence, reason=reason)

    def _shut(self, path: str) -> tuple[str, ...]:
        """The names in a folder that the server may list and not go into, in the order of the disk."""
        if not self.is_denied(os.path.join(path, ANY_NAME)):
            return ()
        listed = self.files.listed(path)
        found = () if isinstance(listed, Unread) else sorted(listed, key=lambda one: one.place)
        return tuple(one.name for one in found)

    def named(self, name: str, beside: str, *, explicit: bool) -> Opened:
        """A file that a setting names: relative names start from the data directory.

        `explicit` is False for a built-in default, whose everyday name is not sought all over the project.
        """
        if not name:
            return Opened(name, Presence.MISSING, reason=Reason.ABSENT)
        return self._seek(name, beside, project_wide=explicit)

    def configuration(self, value: str | Unknown | None, default: str, beside: str) -> Opened | Unknown:
        """The file of hba_file, ident_file or hosts_file: of its `value`, or the `default` name where it is not set.

        By default the file lies in the data directory; in sources, where nobody says where that is, beside the main
        file, and when it does not it is only not in view.
        """
        if isinstance(value, Unknown):
            return value
        if value is None and self.deployed:
            return self.open(default, os.path.join(self.data_directory or "", "postgresql.conf"))
        opened = self.named(default if value is None else value, beside, explicit=True)
        if value is None and opened.presence is Presence.MISSING and not self.complete:
            opened = replace(opened, presence=Presence.NOT_IN_VIEW)
        return self._template(opened, beside) if opened.presence is Presence.NOT_IN_VIEW else opened

    def _template(self, sought: Opened, beside: str) -> Opened:
        """The template of a file that is not in view, where one lies beside the template that names it."""
        suffix = next((one for one in TEMPLATES if beside.endswith(one)), None)
        if suffix is None or self.deployed:
            return sought
        path = _joined(os.path.dirname(beside), os.path.basename(sought.name) + suffix)
        found = self._read(sought.name, path, speaks=False)
        return found if found.presence is Presence.HERE else sought

    def standing(self, path: str) -> str:
        """The local path of what is to be taken for what a deployed server finds at a local path: by a map that has
        something there, else itself.
        """
        for mapping in self._mapping(path) if self.deployed and self.maps else ():
            mapped = mapping.apply(path)
            if mapped is not None and self.files.look(mapped).reason not in NOT_THERE:
                self.files.lend(mapped, path)
                self.files.meet(mapping)
                return mapped
        return path

    def _seek(self, name: str, beside: str, *, project_wide: bool) -> Opened:
        for path, speaks, taken in self._ways(name, beside, self.data_directory):
            opened = self._read(name, path, speaks, path if taken else None)
            if opened.presence is Presence.HERE or speaks or opened.reason not in NOT_THERE:
                return opened
        candidates = tuple(self.find(os.path.basename(name))) if project_wide and not self.deployed else ()
        if len(candidates) == 1:
            return self._read(name, candidates[0], speaks=False, taken=candidates[0])
        presence = Presence.MISSING if self.complete or self.deployed else Presence.NOT_IN_VIEW
        return Opened(name, presence, reason=Reason.ABSENT, candidates=candidates)

    def _ways(self, name: str, beside: str, base: str | None) -> Iterator[tuple[str, bool, bool]]:
        """Local paths to try in order: the path, whether its absence is a fact, whether it is a stand-in."""
        if self.deployed:
            absolute = name.startswith("/")
            local = self.files.local(name) if absolute else _joined(base or os.path.dirname(beside), name)
            yield self.standing(local), True, False
            return
        server_path = name if name.startswith("/") else os.path.join(self.server_data_directory or "", name)
        for mapping in self._mapping(server_path) if server_path.startswith("/") else ():
            mapped = mapping.apply(server_path)
            if mapped is not None:
                self.files.meet(mapping)
                yield mapped, True, False
        if name.startswith("/"):
            if self.files.inside(clean(name)):
                yield clean(name), False, False
        elif base is not None:
            yield os.path.join(base, name), self.complete, False
        folder = os.path.dirname(beside)
        if not name.startswith("/"):
            yield os.path.join(folder, name), False, False
        if "/" in name:
            yield os.path.join(folder, os.path.basename(name)), False, True

    def _mapping(self, server_path: str) -> Iterator[PathMap]:
        """The maps of the folders that an absolute server path lies in, in their order."""
        found, folder = list(self._maps_of.get("/", ())), clean(server_path)
        while folder.strip("/"):
            found += self._maps_of.get(folder, ())
            folder = os.path.dirname(folder)
        yield from (mapping for _, mapping in sorted(found))

    @cached_property
    def _maps_of(self) -> Mapping[str, Sequence[tuple[int, PathMap]]]:
        """The maps by the folder that they speak of, numbered in their order."""
        found: dict[str, list[tuple[int, PathMap]]] = {}
        for number, mapping in enumerate(self.maps):
            found.setdefault(mapping.server, []).append((number, mapping))
        return found

    def _read(self, name: str, path: str, speaks: bool, taken: str | None = None) -> Opened:
        """What is at `path`; `speaks` says that absence there is the server's absence too."""
        if self.is_denied(path):
            is_folder = self.files.look(path).kind == "directory"
            return Opened(name, Presence.MISSING, path, reason=Reason.UNREADABLE, taken_for=taken, is_folder=is_folder)
        found = self.files.read(path)
        if not isinstance(found, Unread):
            return Opened(name, Presence.HERE, path, found, taken_for=taken)
        missing = (speaks or self.deployed or self.complete) and found.reason not in UNSEEN
        presence = Presence.MISSING if missing else Presence.NOT_IN_VIEW
        is_folder = found.reason is Reason.DIRECTORY
        return Opened(name, presence, path, reason=found.reason, taken_for=taken, is_folder=is_folder)

    def is_denied(self, path: str) -> bool:
        """Whether the server's user may not read what is at `path`, or does not get there."""
        return self.view is not None and self.view.denied(path) is not None


def idle_maps(maps: Sequence[PathMap], looked: Sequence[Files]) -> Iterator[str]:
    """A sentence for each map that led nowhere while configurations were read, whose files were looked at so."""
    for one in maps:
        if not any(files.has_met(one._replace(server=files.local(one.server))) for files in looked):
            local = min(one.local, os.path.relpath(one.local), key=len)
            yield f"Option '--map': '{one.server}={local}' stands in for nothing that was sought."


def _joined(folder: str, name: str) -> str:
    """The path of a relative name as a server joins it to a folder: without `.` and doubled slashes.

    `..` stays, as it does up to 14; later servers take it away as well (join_path_components, canonicalize_path).
    """
    return os.path.join(folder, *(part for part in name.split("/") if part not in ("", ".")))
