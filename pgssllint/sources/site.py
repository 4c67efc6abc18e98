"""One server as a tool sets it up: the files it gets, how it is started, and which of them a user wrote."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from pgssllint.postgres.entries import Given
from pgssllint.sources.workload import Mount, Said, Workload
from pgssllint.target import OpenSSL
from pgssllint.text import MASK, Home
from pgssllint.traced import Traced, Virtual

_NAME = re.compile(r"[\w.()-]{1,253}(?:/[\w.()-]{1,253})?")
_EXPRESSION = re.compile(r"\{\{[^{}]*\}\}|\$\{[^{}]*\}|\*\*\*")
_IMAGE = re.compile(r"(?:[\w.-]+(?::[0-9]{1,5})?/)?[\w./-]+(?::[\w.-]+)?(?:@sha(?:256|384|512):[0-9a-f]+)?")


def server_name(kind: str, name: str) -> str:
    """What a server is called: its kind, as `service`, and the name in its file, as far as it may be shown."""
    return f"{kind} {own_name(name)}"


def own_name(name: str) -> str:
    """A name that a user gave, as reports show it: of one that no tool takes for a name each word may be a secret."""
    shown = shown_name(name)
    return MASK if " " in shown else shown


def shown_name(name: str) -> str:
    """Words by which reports call a server: those that no tool takes for a name may be secrets that went astray, and
    what a template has yet to put in is nobody's name.
    """
    words = _EXPRESSION.sub("\0", name).split()
    shown = (word if _NAME.fullmatch(word.replace("\0", "") or "x") else MASK for word in words)
    return " ".join(word.replace("\0", MASK) for word in shown)


def shown_image(reference: str) -> str:
    """The reference of an image; in front of a registry nobody's name and password stand."""
    bare = _EXPRESSION.sub("\0", reference)
    return bare.replace("\0", MASK) if _IMAGE.fullmatch(bare.replace("\0", "x")) else MASK


class Image(NamedTuple):
    """What the image says of the server: its `version` as written, None where it says none, and the OpenSSL that it is
    built with; `sure` where the image's name says so, and not only when it was built. `is_assumed`: what it does is
    that of another image, which it is taken to do as. `key` is that of the version, where it is no image that says it.
    """

    version: Traced | None = None
    openssl: OpenSSL | None = None
    sure: bool = False
    is_assumed: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """A server as its tool sets it up, whatever the tool is.

    `at` is where it is declared and `name` what it is called there ("service db"), unique in that file. `judged` says
    in a few words what of it was looked at. `files` are those that the tool writes or that stand in its own file, and
    `stands` what is mounted or copied from local paths (None: not in view), both by the absolute paths that they have
    in the container. `main`, `hba` and `ident` are the paths there of the files that the server reads, where no setting
    names others; None where there is none or it is not known. `data_directory` is the server's own path.
    `uid` and `gid` are those of the server, where they are known. `mounts` are what stands in the container when the
    server starts, the later hiding the earlier; of the `touched` paths commands change owner or mode before. Both are
    empty where the image sees to that itself. `by_environment` has the settings that count where neither files nor the
    command line have them. `is_bare`: on a new volume its data directory has nothing but what initdb puts there and
    what is mounted. `may_be`: it stands under a condition of a template. `tool` is what sets up a server
    of which there is no `workload`.
    """

    at: Home
    name: str
    judged: str
    main: str | None = None
    auto: str | None = None
    hba: str | None = None
    ident: str | None = None
    files: Mapping[str, Virtual] = field(default_factory=dict)
    stands: tuple[tuple[str, str | None], ...] = ()
    given: tuple[Given, ...] = ()
    by_environment: tuple[Given, ...] = ()
    whole: bool = True
    data_directory: str | None = None
    image: Image = field(default_factory=Image)
    uid: int | None = None
    gid: int | None = None
    said: tuple[Said, ...] = ()
    workload: Workload | None = None
    mounts: tuple[Mount, ...] = ()
    touched: tuple[str, ...] = ()
    is_bare: bool = False
    may_be: bool = False
    tool: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", shown_name(self.name))


def named_once(sites: Iterable[Site]) -> Iterator[Site]:
    """The sites, each with a name of its own in its file: of several alike the later ones have a number behind it."""
    counts: dict[tuple[str, str], int] = {}
    for site in sites:
        key = (site.at.source.path, site.name)
        counts[key] = counts.get(key, 0) + 1
        yield site if counts[key] == 1 else replace(site, name=f"{site.name} ({counts[key]})")
