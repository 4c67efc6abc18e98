"""What the user asks about: paths or a data directory, and what is said of the server."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pgssllint.configuration.declared import Declared
from pgssllint.files import Overlay
from pgssllint.locate import PathMap
from pgssllint.permissions import Identity
from pgssllint.postgres.entries import Given
from pgssllint.target import Clients, OpenSSL, Stated


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for; paths as given, relative to the working directory.

    `majors` and `openssl` are empty where nothing is stated, and `upgrade_to` where it is not said what majors an
    upgrade may lead to. `installed`: the clusters in the packages' own places instead of paths. `server_uid` is None
    for the owner of the data directory, `server_gid` for the groups that its machine knows that user in. `settings`
    are stated of the start and win over all others. `deployment` picks one of the servers that tools' files set up, by
    what these call it. `tracked` has, by the real paths of their tops, what is tracked in work trees that git is not
    asked about. `overlays` lays modes, owners and contents over files (by absolute path). `imposed` is the
    configuration that counts instead of those that are found, where one is; with it there may be no paths.
    """

    paths: tuple[str, ...] = (".",)
    root: str | None = None
    data_dir: str | None = None
    installed: bool = False
    config_file: str | None = None
    chroot: str | None = None
    server_uid: int | None = None
    server_gid: int | None = None
    server_groups: tuple[int, ...] = ()
    maps: tuple[PathMap, ...] = ()
    settings: tuple[Given, ...] = ()
    majors: tuple[int, ...] = ()
    openssl: OpenSSL | None = None
    upgrade_to: tuple[int, ...] = ()
    clients: Clients = field(default_factory=Clients)
    deployment: str | None = None
    hook: bool = False
    tracked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    overlays: Mapping[str, Overlay] = field(default_factory=dict)
    imposed: Declared | None = None

    @property
    def names_servers(self) -> bool:
        """Whether servers are named by where they are deployed, instead of paths."""
        return self.data_dir is not None or self.installed

    @property
    def of_a_server(self) -> str | None:
        """An option that is about a deployed server and its machine, if one is given."""
        given = {
            "--chroot": self.chroot,
            "--server-user": self.server_uid,
            "--server-groups": self.server_groups or None,
        }
        return next((option for option, value in given.items() if value is not None), None)

    @property
    def identity(self) -> Identity:
        """What is said of the server's user."""
        return Identity(self.server_uid, self.server_gid, self.server_groups)

    @property
    def stated(self) -> Stated:
        """What is said of servers and clients."""
        return Stated(self.majors, self.openssl, self.upgrade_to, self.clients)

    def holding(self, contents: Mapping[str, bytes]) -> "Request":
        """The same, asked as if files, by their real paths, held something else."""
        held = {path: self.overlays.get(path, Overlay())._replace(data=data) for path, data in contents.items()}
        return replace(self, overlays={**self.overlays, **held})
