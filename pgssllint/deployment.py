"""Where one server's configuration was found, before anything is said about the target it is judged for."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeVar

from pgssllint.configuration.declared import Declared
from pgssllint.configuration.key import Entry
from pgssllint.configuration.keys import CLUSTER_FILES, CLUSTERS, DATA_DIRECTORY, ROOT
from pgssllint.files import Files, Opened, Presence
from pgssllint.handles import real_path, within
from pgssllint.launch import Launch
from pgssllint.locate import Locator
from pgssllint.postgres.entries import Entries
from pgssllint.postgres.include_bounds import ReadBefore, Shared
from pgssllint.project import Project
from pgssllint.sources.site import Site
from pgssllint.text import Source
from pgssllint.unknown import UNKNOWN, Unknown

T = TypeVar("T")

AuthName = Literal["hba", "ident", "hosts"]
"""The three files that say who may log in, by whom, and with which certificate."""


class AuthSetting(NamedTuple):
    """The setting that names one of the three files, and the file's name where it does not."""

    setting: str
    default: str


AUTH_SETTINGS: dict[AuthName, AuthSetting] = {
    "hba": AuthSetting("hba_file", "pg_hba.conf"),
    "ident": AuthSetting("ident_file", "pg_ident.conf"),
    "hosts": AuthSetting("hosts_file", "pg_hosts.conf"),
}


class Lone(NamedTuple):
    """One of the three files that no main file took: all that is known of its server."""

    name: AuthName
    source: Source


def version_file(folder: str, files: Files) -> Source | None:
    """The PG_VERSION of a folder, whatever it holds; None where there is none to be read."""
    source = files.read(os.path.join(folder, "PG_VERSION"))
    return source if isinstance(source, Source) else None


def shared_by_clusters(files: Files, key: tuple[str, str]) -> Shared:
    """What was read for the clusters of a run, whose files are looked at through `files`, as the one of a key has it
    (`Deployment.key`).
    """
    return Shared(files.once("shared by clusters", ReadBefore), key)


def stated_cluster(project: Project, at: str, deployed_in: str | None = None) -> Entry:
    """What the configuration of a main file says of its cluster alone: the first of its clusters that names it.

    `deployed_in` is the data directory of one that is deployed; None for sources. Raises ConfigurationError.
    """
    declared = project.configurations.of(at)
    if not declared[CLUSTERS]:
        return Entry()
    relative = project.configurations.relative(at, declared)

    def is_of(entry: Entry) -> bool:
        data_directory, root, files = entry[DATA_DIRECTORY], entry[ROOT], entry[CLUSTER_FILES]
        if deployed_in is not None:
            return data_directory is not None and real_path(data_directory) == real_path(deployed_in)
        if root is not None and real_path(root) != project.root:
            return False
        if files.texts:
            return files.covers(relative)
        return data_directory is None or within(at, data_directory)

    return next(filter(is_of, declared[CLUSTERS]), Entry())


@dataclass(frozen=True)
class Deployment:
    """One server's configuration, read once and for all majors.

    `at` is the main file's absolute path, or that of the `lone` file. `entries` are what the main file `main`, its
    includes, postgresql.auto.conf and the command line hold; without a main file they are not complete. `fragment`:
    `main` is no main file, so that everything it does not set is unknown. `deployed`: the files are those of a running
    server, not sources of it. `data_directory` is local and None if not known. `launches` are
    what says how the server is started, nearest first. `auto` is a postgresql.auto.conf that is there and was not read,
    `main_out_of_view` the main file that a tool names and that is not in view.
    `site` is what a tool makes of its file, at which the deployment then is. `server_paths` are those of files here as
    the server calls them, where its log would name them so.
    """

    at: str
    project: Project
    locator: Locator
    main: Source | None
    entries: Entries
    lone: Lone | None = None
    deployed: bool = False
    fragment: bool = False
    data_directory: str | None = None
    launches: tuple[Launch, ...] = ()
    auto: Opened | None = None
    main_out_of_view: Opened | None = None
    site: Site | None = None
    server_paths: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What a tool's file calls the server; empty where its own main file is what it was found by."""
        return self.site.name if self.site is not None else ""

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others of a run."""
        return self.at, self.name

    @property
    def declared(self) -> Declared:
        """What the nearest configuration says of it."""
        return self.project.configurations.of(self.at)

    @property
    def stated(self) -> Entry:
        """What the configuration says of this cluster alone."""
        return stated_cluster(self.project, self.at, self.data_directory if self.deployed else None)

    @property
    def files(self) -> Files:
        """The view of the file system."""
        return self.locator.files

    @property
    def whole(self) -> bool:
        """Whether everything that may set a parameter was read, so that what is not set has its default."""
        return self.main is not None and not self.fragment and self.entries.complete

    @property
    def first(self) -> Source | None:
        """The file that the deployment was found by."""
        return self.main or (self.lone.source if self.lone is not None else None)

    @property
    def folder(self) -> str:
        """The data directory, else the folder that may be one."""
        return self.data_directory or os.path.dirname(self.at)

    @property
    def version_file(self) -> Source | None:
        """The PG_VERSION beside its files."""
        return version_file(self.folder, self.files)

    def named(self, name: AuthName) -> Opened | Unknown:
        """The file that hba_file, ident_file or hosts_file names, or their default, as found in front of us.

        It is asked of the entries as they stand: all majors call these settings alike, and which of them has a
        hosts_file is for others to say.
        """
        setting, default = AUTH_SETTINGS[name]
        if self.lone is not None:
            return self._beside(name, self.lone)
        if self.main is None or self.fragment:
            return UNKNOWN
        entry = self.entries.last(setting)
        value = UNKNOWN if entry is not None and entry.unknown else entry.value if entry is not None else None
        return self.locator.configuration(value, default, self.at)

    def once(self, name: AuthName, major: int, read: Callable[[], T]) -> T:
        """What `read` makes of one of the three files for a server of `major`, made once until it is forgotten."""
        return self.files.once((self.key, name, major), read)

    @property
    def shared(self) -> Shared:
        """What was read for the clusters of the run."""
        return shared_by_clusters(self.files, self.key)

    def forget(self, major: int) -> None:
        """Let go of what was made of the three files for a server of `major`, which nobody will ask for again."""
        for name in AUTH_SETTINGS:
            self.files.forget((self.key, name, major))

    def _beside(self, name: AuthName, lone: Lone) -> Opened | Unknown:
        """The lone file itself; beside a pg_hba.conf the others are found by their usual names."""
        if lone.name == name:
            return Opened(os.path.basename(lone.source.path), Presence.HERE, lone.source.path, lone.source)
        if lone.name != "hba":
            return UNKNOWN
        beside = self.locator.named(AUTH_SETTINGS[name].default, self.at, explicit=False)
        return beside if beside.presence is Presence.HERE else UNKNOWN
