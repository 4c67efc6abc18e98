"""Who may read the files of a cluster: the server's user, and whoever clones the repository."""

import os

from pgssllint.deployment import Deployment
from pgssllint.files import FileFacts
from pgssllint.handles import real_path
from pgssllint.people import name_of, people_of
from pgssllint.permissions import ServerView
from pgssllint.unknown import Unknown


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
        return self.server_view.user.uid if self.server_view is not None else None

    @property
    def server_view(self) -> ServerView | None:
        """What the server's user may read of deployed input; None if that is not known."""
        return self._deployment.locator.view

    def may_read(self, path: str) -> bool:
        """Whether the server's user may read a file of deployed input; True if that is not known."""
        return self.server_view is None or self.server_view.may_read(path)

    def name_of(self, uid: int) -> str:
        """The name of a user of the machine or the image; the number of one that is not known."""
        return name_of(uid, people_of(self._deployment.files))

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
