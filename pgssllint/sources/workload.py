"""What starts a server in a container, whatever tool says so: image, command line, environment, files, ports.

The words are those of Compose and Kubernetes. A reader of a tool's file yields workloads; what the image makes of one
(`official_image`) is the same for all tools.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from pgssllint.text import Home
from pgssllint.traced import Traced
from pgssllint.unknown import Unknown

DOCKERFILE = "Dockerfile"
"""The tool of workloads that an image alone is."""

KUBERNETES = "Kubernetes"
"""The tool of those that manifests start."""


class Reach(StrEnum):
    """From where a port of a container is reached."""

    EVERYWHERE = "every interface"
    LOOPBACK = "loopback"
    NETWORK = "container network"
    UNKNOWN = "unknown"


class Port(NamedTuple):
    """A port of a container (`target`; None where that is not known) and where it is published: `address` as written,
    empty for every interface, and `published`, None where it is chosen at the start or not published at all.
    `protocol` is the one of IP that it is of.
    """

    target: int | None
    published: int | None
    address: str
    reach: Reach
    at: Home
    protocol: str = "tcp"


class Mount(NamedTuple):
    """What stands at the absolute path `server` in a container.

    `local` is the absolute local path of the file or folder that is mounted or copied; None where it is not in view (a
    named volume, a file outside the roots, a secret of the platform). `contents` is the text where a manifest itself
    holds it. `mode`, `uid` and `gid` are None where the mounted file's own hold. `is_volume`: a folder that is empty
    at the first start. `is_image`: it stands in the image and not in a volume over it. `mode_at` is where the mode is
    written, or what has it by default.
    """

    server: str
    local: str | None
    at: Home
    contents: Traced | None = None
    read_only: bool = False
    mode: int | None = None
    uid: int | None = None
    gid: int | None = None
    is_volume: bool = False
    is_image: bool = False
    mode_at: Home | None = None


class Variable(NamedTuple):
    """A variable of a container's environment. `value` is UNKNOWN where it is taken from what is not in view."""

    name: Traced
    value: Traced | Unknown


class Build(NamedTuple):
    """What an image is built from: the absolute local path of the folder `context`, None where it is not in view; the
    path of the Dockerfile in it or an absolute one; its text where the tool's file holds that (`inline`); arguments,
    which may be secret, and the stage that is the image (`target`, None for the last).
    """

    context: str | None
    dockerfile: str
    at: Home
    inline: Traced | None = None
    arguments: Mapping[str, Variable] = {}
    target: Traced | None = None


class Said(NamedTuple):
    """What the tool does with what a user wrote before PostgreSQL sees it; `kind` is the word rules know it by."""

    kind: str
    at: Home
    arguments: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Workload:
    """One container as its tool starts it.

    `at` is where it is declared, `tool` what reads it ("compose", "Dockerfile", "docker run", "systemd",
    "Kubernetes"), `kind` and `name` how that tool calls it ("service", "db"). `image` is UNKNOWN where it is built from
    what is not in view. `entrypoint` and `command` are None where the image's own hold and UNKNOWN where they are not
    known; else their words. `user` is what the container runs as, None for the image's own. `mounts` are in the order
    in which the later hides the earlier. `profiles` are those of which one must be on for the workload to be there;
    without any it always is. `build` is what the image is built from, where the tool's file says so; `image` is then
    the name that it gets, None without one. `is_environment_complete`: no file of variables is out of view. A word of a
    command that is not known (`Traced.is_known`) may be any number of words. Of `touched` paths in the image owner and
    mode are not known, since a command of its build changes them. `groups` are the numbers of those that the user of
    the container has besides its own. `may_be`: it stands under a condition of a template.
    """

    at: Home
    tool: str
    kind: str
    name: str
    image: Traced | Unknown | None
    entrypoint: tuple[Traced, ...] | Unknown | None = None
    command: tuple[Traced, ...] | Unknown | None = None
    environment: Mapping[str, Variable] = field(default_factory=dict)
    user: Traced | None = None
    mounts: tuple[Mount, ...] = ()
    ports: tuple[Port, ...] = ()
    said: tuple[Said, ...] = ()
    profiles: tuple[str, ...] = ()
    build: Build | None = None
    is_environment_complete: bool = True
    touched: tuple[str, ...] = ()
    groups: tuple[int, ...] = ()
    may_be: bool = False
