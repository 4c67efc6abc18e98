"""Who may read the files of a cluster: the server's user, and whoever clones the repository."""

import os
from dataclasses import replace
from functools import cached_property

from pgssllint.deployment import Deployment
from pgssllint.files import FileFacts, Opened, Presence
from pgssllint.handles import real_path
from pgssllint.permissions import ServerView, user_of
from pgssllint.unknown import Unknown
from pgssllint.ways import Reason


class Rights:
    """Modes and owners of a deployment's files, and what git tracks of them."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    @property
    def data_directory(self) -> str:
        """The local data directory; where that is not known, the folder of the main file."""
        return self._deployment.data_directory or os.path.dirname(self._deployment.at)

    @property
    def server_uid(self) -> int | None:
        """The user that the server runs as, of deployed input; None if that is not known."""
        return self._deployment.server_uid

    @cached_property
    def server_view(self) -> ServerView | None:
        """What the server's user may read of deployed input; a user not known here is in the data directory's group."""
        uid = self.server_uid
        if not self._deployment.deployed or uid is None:
            return None
        user = user_of(uid, self._deployment.files.look(self.data_directory).gid)
        return ServerView(self._deployment.files, user, self.data_directory)

    def may_read(self, path: str) -> bool:
        """Whether the server's user may read a file of deployed input; True if that is not known."""
        return self.server_view is None or self.server_view.may_read(path)

    def for_server(self, opened: Opened) -> Opened:
        """A file as the server finds it: one that is here is missing to a user who may not read it."""
        if opened.presence is not Presence.HERE or opened.path is None or self.may_read(opened.path):
            return opened
        return replace(opened, presence=Presence.MISSING, source=None, reason=Reason.UNREADABLE)

    def facts(self, path: str) -> FileFacts:
        """Mode, owner and kind of a local path."""
        return self._deployment.files.look(path)

    def tracked(self, path: str) -> bool | Unknown:
        """Whether git tracks what a local path names or leads to; what is deployed is in no repository."""
        if self._deployment.deployed or self._deployment.project.top is None:
            return False
        tracked = self._deployment.project.tracked
        if isinstance(tracked, Unknown):
            return tracked
        return os.path.abspath(path) in tracked or real_path(path) in tracked
