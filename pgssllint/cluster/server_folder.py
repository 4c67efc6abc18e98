"""The data directory that a deployed server is started on, as its user finds it."""

import os
import re
from dataclasses import dataclass

from pgssllint.cluster import Cluster
from pgssllint.files import FileFacts
from pgssllint.finding import Location
from pgssllint.locate import Locator
from pgssllint.permissions import ServerView, writable_by
from pgssllint.text import Source
from pgssllint.ways import NOT_READ, Reason

_NOT_OPENED = frozenset({Reason.ABSENT, Reason.NOT_A_DIRECTORY, Reason.LOOP, Reason.NAME_TOO_LONG})


@dataclass(frozen=True, slots=True)
class ServerFolder:
    """The data directory: its local `path`, what the configuration calls it, and where it does.

    `called` is what the server's log calls it, None where that differs from major to major. `view` is what the
    server's user may open; None where that is not known, or the folder is another one's, which is said of the folder.
    """

    path: str
    shown: str
    called: str | None
    at: Location
    locator: Locator
    view: ServerView | None

    @property
    def is_shut(self) -> bool:
        """Whether the server's user does not get into it, which is said of the folder and not of each file."""
        return self.view is not None and not self.view.may_enter(self.path)

    def at_hand(self, name: str) -> str:
        """The local path of what has that name in it, or stands in its place."""
        return self.locator.standing(os.path.join(self.path, name))

    @property
    def named(self) -> dict[str, object]:
        """The argument of messages that names it."""
        return {"folder": self.shown}

    def facts(self, name: str) -> FileFacts:
        """The facts of what has that name in it."""
        return self.locator.files.look(self.at_hand(name))

    def is_folder(self, name: str) -> bool:
        """Whether that is a folder; True where it is not known."""
        facts = self.facts(name)
        return facts.kind == "directory" or (not facts.kind and facts.reason in NOT_READ)

    def closed(self, name: str) -> Reason | None:
        """Why the server does not open what has that name; None where it does, or where the linter cannot tell."""
        if self.view is not None and self.view.denied(self.at_hand(name)) is not None:
            return Reason.UNREADABLE
        reason = self.facts(name).reason
        return reason if reason in _NOT_OPENED else None

    def read(self, name: str) -> bytes | None:
        """The contents of a file of that name; None where there is none that the linter reads."""
        source = self.locator.files.read(self.at_hand(name))
        return source.data if isinstance(source, Source) else None


def server_folder(cluster: Cluster) -> ServerFolder | None:
    """The data directory of a deployed server; None where it is not there, no folder, or not known."""
    deployment, setting = cluster.deployment, cluster.conf.setting("data_directory")
    path = deployment.data_directory
    if not deployment.deployed or path is None:
        return None
    written = setting.entry.value if setting.entry is not None else path
    facts = deployment.files.look(path)
    if not written.startswith("/") or facts.kind != "directory":
        return None
    if setting.entry is not None and deployment.files.look(cluster.conf.local(written)).real != facts.real:
        return None
    view = cluster.rights.server_view
    own = view if view is not None and facts.uid == view.user.uid else None
    at = cluster.conf.set_at("data_directory")
    return ServerFolder(path, written, called(written), at, deployment.locator, own)


def why_not_written(cluster: Cluster, path: str) -> Reason | None:
    """Why the server cannot write into a file, or make it; None where it can, as far as that is known."""
    rights, folder = cluster.rights, os.path.dirname(path)
    facts, view = rights.facts(path), rights.server_view
    if view is not None and not view.may_enter(folder):
        return Reason.UNREADABLE
    if facts.reason in _NOT_OPENED and facts.reason is not Reason.ABSENT:
        return facts.reason
    if facts.kind == "directory":
        return Reason.DIRECTORY
    if facts.reason is Reason.ABSENT and rights.facts(folder).reason is Reason.ABSENT:
        return Reason.ABSENT
    if view is None or facts.kind not in ("file", ""):
        return None
    may = writable_by(facts, view.user) if facts.kind == "file" else view.may_make_in(folder)
    return None if may else Reason.UNREADABLE


def called(path: str) -> str | None:
    """What the log calls a data directory; None where '.' or '..' stands in the path, which some majors take out."""
    if re.search(r"/\.\.?(/|$)", path):
        return None
    return re.sub("/+", "/", path).rstrip("/") or "/"
