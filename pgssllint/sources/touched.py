"""What commands before the start of a server do to files: copies, and paths whose owner or mode they change."""

import fnmatch
import posixpath
from collections.abc import Collection, Iterable, Iterator

from pgssllint.sources.shell_effects import Call, Effect, Output
from pgssllint.sources.standing import is_within, standing
from pgssllint.sources.workload import Mount
from pgssllint.traced import Traced
from pgssllint.ways import clean

MAX_PATTERN, MAX_STARS = 200, 4
"""No pattern that is longer, or has as many stars, is tried."""

_CHANGING = frozenset(
    {
        "cp",
        "mv",
        "install",
        "chmod",
        "chown",
        "chgrp",
        "ln",
        "openssl",
        "tee",
        "touch",
        "sed",
        "rm",
        "rsync",
        "perl",
    }
)


def touched(before: tuple[Effect, ...]) -> tuple[str, ...]:
    """The absolute paths that commands name which change files; what is below one may be changed with it."""
    found: dict[str, None] = {}
    for effect in before:
        words = effect.words[1:] if isinstance(effect, Call) and effect.name in _CHANGING else ()
        for word in (*words, *((effect.path,) if isinstance(effect, Output) else ())):
            if word.is_known and word.text.startswith("/"):
                found[clean(word.text)] = None
    return tuple(found)


def without_rights(mounts: Iterable[Mount], paths: Collection[str]) -> Iterator[Mount]:
    """The mounts, without owner and mode where a command may have changed them."""
    for mount in mounts:
        above = _above(clean(mount.server)) if paths else ()
        yield mount._replace(mode=None, uid=None, gid=None) if any(one in paths for one in above) else mount


def _above(path: str) -> Iterator[str]:
    """A path and the folders that it lies in, but for the root."""
    while path not in ("/", ""):
        yield path
        path = posixpath.dirname(path)


def copied(before: tuple[Effect, ...], mounts: tuple[Mount, ...]) -> Iterator[Mount]:
    """What stands at another path since a command copies or moves it there, in the order of the commands."""
    for effect in before:
        if isinstance(effect, Call) and effect.name in ("cp", "mv", "install") and effect.is_certain:
            yield from copies(effect.words, mounts)


def copies(words: tuple[Traced, ...], mounts: tuple[Mount, ...]) -> Iterator[Mount]:
    """What `cp SOURCE... TARGET` makes stand where; owner and mode are those of the copy, which are not known."""
    named = [word for word in _arguments(words[1:]) if word.is_known and word.text.startswith("/")]
    for source in named[:-1]:
        target, found, at = named[-1].text, standing(source.text, mounts), named[-1].home()
        name = posixpath.basename(source.text)
        if target.endswith("/") or len(named) > 2 or ("." in name and "." not in posixpath.basename(target)):
            target = posixpath.join(target, name)
        if found is not None and at is not None:
            yield Mount(clean(target), found.local, at, found.contents)


def _arguments(words: tuple[Traced, ...]) -> Iterator[Traced]:
    """The words that are no options, nor the values of those of install."""
    skips = False
    for word in words:
        if not skips and not word.text.startswith("-"):
            yield word
        skips = word.text in ("-m", "-o", "-g", "-t", "--mode", "--owner", "--group")


def is_meant(server: str, path: str, *, is_deep: bool) -> bool:
    """Whether a path, which may be a pattern of names in a folder, means a file of the image."""
    if is_deep and is_within(server, path):
        return True
    if any(mark in path for mark in "*?[") and len(path) < MAX_PATTERN and path.count("*") < MAX_STARS:
        return posixpath.dirname(server) == posixpath.dirname(path) and fnmatch.fnmatchcase(server, path)
    return server == path
