"""One root: what it declares, what lies in it, and what git tracks of it."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, NamedTuple

from pgssllint.files import Files, Unread, within
from pgssllint.ignores import Ignores
from pgssllint.locate import PathMap
from pgssllint.unknown import UNKNOWN, Unknown

MAIN_NAMES = frozenset({"postgresql.conf", "postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf", "pg_hosts.conf"})
"""The names by which a walk knows PostgreSQL's own files."""

SKIPPED_FOLDERS = frozenset({".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".nox"})
"""Folders a walk does not enter."""

MAX_WALKED = 200_000
"""So many names a walk looks at; a project with more is told to name its paths."""

GIT_SECONDS = 10
"""How long git may take to answer."""


MAX_PYPROJECT = 1024 * 1024
"""A larger pyproject.toml is not looked into."""


class ConfigurationError(ValueError):
    """The linter's own configuration is not right; the message names the file and says what to do."""


class Declared(NamedTuple):
    """What `pgssllint.toml`, or `[tool.pgssllint]` of pyproject.toml, says.

    `complete`: what the project does not hold does not exist. `maps`: where server paths lie here. `files`: further
    main files, as glob patterns relative to the root. `pg_version` and `openssl`: as the options of those names.
    """

    complete: bool = False
    maps: tuple[PathMap, ...] = ()
    files: tuple[str, ...] = ()
    pg_version: str | None = None
    openssl: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True)
class Project:
    """A root (an absolute real path), the view of its files and what it declares."""

    root: str
    files: Files
    declared: Declared = field(default_factory=Declared)

    @cached_property
    def walked(self) -> "Walked":
        """Every file of the root that a walk meets; made once."""
        return walk(self.root, self.files)

    def named(self, base_name: str) -> tuple[str, ...]:
        """The files of the root with this base name."""
        return tuple(path for path in self.walked.paths if os.path.basename(path) == base_name)

    def is_main(self, path: str) -> bool:
        """Whether a walk takes the file for one of PostgreSQL's own: by its name, or because it is declared."""
        relative = os.path.relpath(path, self.root)
        return os.path.basename(path) in MAIN_NAMES or any(fnmatchcase(relative, p) for p in self.declared.files)

    @cached_property
    def tracked(self) -> frozenset[str] | Unknown:
        """The absolute paths of what git tracks below the root; unknown where git does not answer. Asked once."""
        return tracked_by_git(self.root)

    @cached_property
    def in_git(self) -> bool:
        """Whether the root lies in a git work tree."""
        return work_tree(self.root) is not None


class Walked(NamedTuple):
    """The files met in a walk, in a stable order, and the folders that could not be entered."""

    paths: tuple[str, ...]
    closed: tuple[str, ...]
    truncated: bool = False


def walk(folder: str, files: Files) -> Walked:
    """All files below `folder` that git does not ignore, links to folders not followed."""
    ignores = Ignores(files, work_tree(folder) or folder)
    pending, paths, closed, seen = [folder], list[str](), list[str](), 0
    while pending:
        here = pending.pop()
        names = files.entries(here)
        if isinstance(names, Unread):
            closed.append(here)
            continue
        below = []
        for name in names:
            seen += 1
            path = os.path.join(here, name)
            is_folder = os.path.isdir(path)
            if (name in SKIPPED_FOLDERS and is_folder) or ignores.match(path, is_folder):
                continue
            if not is_folder:
                paths.append(path)
            elif not os.path.islink(path):
                below.append(path)
        if seen > MAX_WALKED:
            return Walked(tuple(sorted(paths)), tuple(closed), truncated=True)
        pending.extend(reversed(below))
    return Walked(tuple(sorted(paths)), tuple(closed))


def root_of(path: str) -> str:
    """The root of an absolute path: the nearest ancestor-or-self that is marked as one, else the path's own folder."""
    start = path if os.path.isdir(path) else os.path.dirname(path)
    return _marked(start) or start


def project_around(folder: str) -> str | None:
    """The project that an absolute, real folder lies in; None where it lies in none.

    That is the nearest ancestor-or-self that is marked as a root. Where none is, as in an unpacked archive, it is the
    working directory, if the folder lies below: who works in a folder may have it from somebody else.
    """
    here = os.getcwd()
    return _marked(folder) or (here if within(folder, here) else None)


def project_left(path: str) -> str | None:
    """The project that a link on the way of an absolute path leads out of; None where none does.

    A link belongs to whoever wrote it, and so to the project that it lies in; who names a path in a project has not
    said that it be left.
    """
    at = "/"
    for part in path.strip("/").split("/"):
        here = os.path.join(at, part)
        at = os.path.realpath(here) if os.path.islink(here) else here
        root = project_around(os.path.dirname(here)) if at is not here else None
        if root is not None and not within(at, root):
            return root
    return None


def stated_root(path: str) -> str:
    """The real path of a folder that is stated to be the root.

    Raises ConfigurationError where a link leads to it that is not the user's but of a project that it leads out of.
    """
    left = project_left(os.path.abspath(path))
    if left is not None:
        raise ConfigurationError(f"The root '{path}' lies behind a link that leads out of '{left}'.")
    return os.path.realpath(path)


def _marked(folder: str) -> str | None:
    """The nearest ancestor-or-self that holds `.git` or a configuration of the linter, or None."""
    here = folder
    while True:
        if os.path.lexists(os.path.join(here, ".git")) or _configuration_in(here) is not None:
            return here
        parent = os.path.dirname(here)
        if parent == here:
            return None
        here = parent


def work_tree(path: str) -> str | None:
    """The nearest ancestor-or-self that holds `.git`, or None."""
    here = path
    while not os.path.lexists(os.path.join(here, ".git")):
        parent = os.path.dirname(here)
        if parent == here:
            return None
        here = parent
    return here


def tracked_by_git(root: str) -> frozenset[str] | Unknown:
    """The absolute paths of what git tracks below `root`; unknown where git does not answer.

    The repository is not trusted: its configuration may name programs to run, so fsmonitor and hooks are switched off,
    and only the index is asked for. A sparse index of a partial clone would be completed from its remote, by whatever
    program the configuration names for that, so no transport is allowed either. As nothing of the repository's runs, it
    may belong to another user, as it does in most containers.
    """
    import subprocess

    top = work_tree(root)
    if top is None:
        return frozenset()
    command = [
        "git",
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--",
    ]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment |= {"GIT_LITERAL_PATHSPECS": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    environment |= {"GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1"}
    try:
        done = subprocess.run(
            [*command, os.path.relpath(root, top)], cwd=top, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=GIT_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return UNKNOWN
    if done.returncode != 0:
        return UNKNOWN
    return frozenset(os.path.join(top, os.fsdecode(name)) for name in done.stdout.split(b"\0") if name)


def read_declared(root: str, files: Files) -> Declared:
    """What the root declares. Raises ConfigurationError."""
    import tomllib

    path = _configuration_in(root)
    if path is None:
        return Declared()
    source = files.read(path)
    if isinstance(source, Unread):
        raise ConfigurationError(f"'{path}' {source.reason}, so its settings are not known.")
    try:
        table = tomllib.loads(source.data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"'{path}' is no TOML: {error}.") from None
    except RecursionError:
        raise ConfigurationError(f"'{path}' is nested too deeply.") from None
    if os.path.basename(path) == "pyproject.toml":
        table = table["tool"]["pgssllint"]
    return _declared(table, path, root)


def _declared(table: dict[str, Any], path: str, root: str) -> Declared:
    kinds: dict[str, type] = {
        "complete": bool, "map": dict, "files": list, "pg-version": str, "openssl": str, "select": list, "ignore": list,
    }  # fmt: skip
    for key, value in table.items():
        if key not in kinds:
            raise ConfigurationError(f"'{path}' has the unknown key '{key}'; known are {', '.join(sorted(kinds))}.")
        if not isinstance(value, kinds[key]):
            raise ConfigurationError(f"'{path}': the value of '{key}' must be of type '{kinds[key].__name__}'.")
    try:
        maps = tuple(PathMap.parse(f"{k}={os.path.join(root, v)}") for k, v in table.get("map", {}).items())
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"'{path}': {error}") from None
    words = {key: tuple(str(word) for word in table.get(key, ())) for key in ("files", "select", "ignore")}
    return Declared(
        table.get("complete", False), maps, pg_version=table.get("pg-version"), openssl=table.get("openssl"), **words
    )


def _configuration_in(folder: str) -> str | None:
    """The file in `folder` that configures the linter, or None."""
    import tomllib

    own = os.path.join(folder, "pgssllint.toml")
    if os.path.isfile(own):
        return own
    pyproject = os.path.join(folder, "pyproject.toml")
    source = Files((folder,)).read(pyproject)
    if isinstance(source, Unread) or len(source.data) > MAX_PYPROJECT or b"[tool.pgssllint" not in source.data:
        return None
    try:
        tool = tomllib.loads(source.data.decode()).get("tool")
    except (ValueError, RecursionError):
        return None
    return pyproject if isinstance(tool, dict) and isinstance(tool.get("pgssllint"), dict) else None


_KEY_NAME = re.compile(r"\.key\Z|key[^/]*\.(?:pem|der)\Z|\Aid_(?:rsa|ec|ed25519)\Z", re.IGNORECASE)


def keys_in(files: Files, folders: Iterable[str]) -> Iterator[str]:
    """The paths of the files in these folders that are named like private keys, folder by folder."""
    for folder in sorted(folders):
        names = files.entries(folder)
        if not isinstance(names, Unread):
            yield from (os.path.join(folder, name) for name in names if _KEY_NAME.search(name))
