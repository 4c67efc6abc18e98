"""How the readers of PostgreSQL's files ask for the files that those files name."""

from typing import Protocol

from pgssllint.files import Opened, OpenedFolder


class Opener(Protocol):
    """Finds the files that a configuration names; how names lead to local paths is the cluster's business.

    `name` is what the configuration says, with quotes resolved; `beside` is the absolute local path of the file that
    says it, whose folder a relative name starts from.
    """

    def open(self, name: str, beside: str) -> Opened:
        """The file called `name`; never raises."""

    def names(self, name: str, beside: str) -> Opened:
        """The file of names that `@name` stands for; never raises."""

    def folder(self, name: str, beside: str) -> OpenedFolder:
        """The folder called `name`; never raises."""
