"""One root: what it declares, what lies in it, and what git tracks of it."""

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from pgssllint.files import Files, Unread
from pgssllint.finding import Location, Notification
from pgssllint.locate import PathMap
from pgssllint.quoting import Place, Quote, a_file, say
from pgssllint.roots import Placed, configuration_in, placed
from pgssllint.showing.telling import Showing
from pgssllint.sieve import MAIN_NAMES, Sieve
from pgssllint.target import OpenSSL, parse_versions, spoken_majors
from pgssllint.text import Source, legible
from pgssllint.toml_lines import LongKeyError, checked_keys, lines_of_keys
from pgssllint.tracking import WorkTrees, work_tree
from pgssllint.unknown import Unknown
from pgssllint.ways import Reason

MAX_WALKED = 200_000
"""So many names a walk looks at; a project with more is told to name its paths."""

MAX_FILES_GLOBS = 1000
"""So many patterns with wildcards `files` may have: each is held against each file of the root."""


_Parsed = TypeVar("_Parsed")


class ConfigurationError(ValueError):
    """The linter's own configuration is not right; the message names the file and says what to do."""


class Declared(NamedTuple):
    """What `pgssllint.toml`, or `[tool.pgssllint]` of pyproject.toml, says.

    `complete`: what the project does not hold does not exist. `windows`: its servers run on Windows. `maps`: where
    server paths lie here. `files`: further main files, as glob patterns relative to the root. `majors` and `openssl`:
    what pg-version and openssl say, empty and None where they are not set. `examples`: the names of folders that hold
    examples, None where the usual ones do. `require_reason`: suppressions are to give one. `path`: the file that says
    all this; None where there is none. `at`: where each key stands.
    """

    complete: bool = False
    windows: bool = False
    maps: tuple[PathMap, ...] = ()
    files: tuple[str, ...] = ()
    majors: tuple[int, ...] = ()
    openssl: OpenSSL | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    examples: tuple[str, ...] | None = None
    require_reason: bool = False
    path: str | None = None
    at: Mapping[str, Location] = {}

    def told(self, overruled: Collection[str] = ()) -> Notification | None:
        """One line with what it changes, but for the keys that options overrule; None where that is nothing.

        Of patterns and paths it has the number: what they say may be nobody else's business.
        """
        said = {
            "select": ", ".join(self.select),
            "ignore": ", ".join(self.ignore),
            "pg-version": spoken_majors(self.majors) if self.majors else None,
            "openssl": str(self.openssl) if self.openssl is not None else None,
            "complete": "true" if self.complete else None,
            "windows": "true" if self.windows else None,
            "files": f"{len(self.files)} of them" if self.files else None,
            "map": f"{len(self.maps)} of them" if self.maps else None,
            "examples": None if self.examples is None else ", ".join(self.examples) or "none",
            "require-reason": "true" if self.require_reason else None,
        }
        changed = [(at, key, text) for key, at in self.at.items() if (text := said[key]) and key not in overruled]
        if not changed:
            return None
        first = changed[0][0]
        words = [
            f"'{key}' to '{legible(text)}'" + (f" (line {at.line_key[1]})" if at.line_key != first.line_key else "")
            for at, key, text in changed
        ]
        return Notification(f"This configuration sets {', '.join(words)}.", first, configures=True)


@dataclass(frozen=True)
class Project:
    """A root (an absolute real path), the view of its files, what it declares, and the work trees of the whole run."""

    root: str
    files: Files
    declared: Declared = field(default_factory=Declared)
    trees: WorkTrees = field(default_factory=WorkTrees)

    @cached_property
    def walked(self) -> "Walked":
        """Every file of the root that a walk meets; made once."""
        return walk(self.root, self.files, self.trees)

    def named(self, base_name: str) -> tuple[str, ...]:
        """The files of the root with this base name."""
        return tuple(self._by_name.get(base_name, ()))

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        """The files of the walk by their base names, of which a run asks for many."""
        found: dict[str, list[str]] = {}
        for path in self.walked.paths:
            found.setdefault(os.path.basename(path), []).append(path)
        return found

    def is_main(self, path: str) -> bool:
        """Whether a walk takes the file for one of PostgreSQL's own: by its name, or because it is declared."""
        return os.path.basename(path) in MAIN_NAMES or self.is_declared(path)

    def is_declared(self, path: str) -> bool:
        """Whether the project declares a file to be a main file."""
        if not self.declared.files:
            return False
        relative = os.path.relpath(path, self.root)
        if relative in self._declared_names:
            return True
        return any(fnmatchcase(relative, glob) for glob in self._declared_globs)

    @cached_property
    def _declared_names(self) -> frozenset[str]:
        return frozenset(self.declared.files)

    @cached_property
    def _declared_globs(self) -> tuple[str, ...]:
        return tuple(glob for glob in self.declared.files if is_glob(glob))

    @cached_property
    def tracked(self) -> frozenset[str] | Unknown:
        """The absolute paths of what git tracks in the root's work tree; unknown where git does not answer."""
        tracked = self.trees.tracked(self.top) if self.top is not None else None
        if tracked is None:
            return frozenset()
        return tracked if isinstance(tracked, Unknown) else tracked.paths

    @cached_property
    def top(self) -> str | None:
        """The top of the git work tree that the root lies in; None where it lies in none."""
        return work_tree(self.root)


def is_glob(pattern: str) -> bool:
    """Whether a pattern of `files` has wildcards, so that it is more than a path."""
    return any(character in pattern for character in "*?[")


class Walked(NamedTuple):
    """The files met in a walk, in a stable order, and the folders that could not be entered.

    `skipped` and `silent` are as the sieve has them, `passed_over` is a .gitignore of which not all was looked at, as
    Ignores has it. `leaving` are links that lead out of the roots, which nobody follows.
    """

    paths: tuple[str, ...]
    closed: tuple[str, ...]
    truncated: bool = False
    skipped: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    passed_over: str | None = None
    leaving: tuple[str, ...] = ()


def walk(folder: str, files: Files, trees: WorkTrees) -> Walked:
    """All files below `folder` that git tracks, or does not ignore; links to folders are not followed."""
    sieve = Sieve(folder, files, trees)
    pending, paths, closed, leaving, seen = [folder], list[str](), list[str](), list[str](), 0
    while pending:
        here = pending.pop()
        listed = files.listed(here)
        if isinstance(listed, Unread):
            closed.append(here)
            continue
        below = []
        for one in listed:
            seen += 1
            path = os.path.join(here, one.name)
            led = files.look(path) if one.is_link else None
            is_folder = one.is_folder or (led is not None and led.kind == "directory")
            if not sieve.lets_through(path, is_folder):
                continue
            if led is not None and led.reason is Reason.OUTSIDE:
                leaving.append(path)
            if not is_folder:
                paths.append(path)
            elif not one.is_link:
                below.append(path)
        if seen > MAX_WALKED:
            break
        pending.extend(reversed(below))
    return Walked(
        paths=tuple(sorted(paths)),
        closed=tuple(closed),
        truncated=seen > MAX_WALKED,
        skipped=tuple(sorted(sieve.skipped)),
        silent=tuple(sorted(sieve.silent)),
        passed_over=sieve.passed_over,
        leaving=tuple(sorted(leaving)),
    )


def root_of_named(place: Placed, stated: str | None) -> str:
    """The root of a path that somebody names; `stated` is the folder of --root. Raises ConfigurationError."""
    return place.root if stated is None else stated_root(stated)


def stated_root(path: str) -> str:
    """The real path of a folder that is stated to be the root.

    Raises ConfigurationError where a link leads to it that is not the user's but of a project that it leads out of.
    """
    place = placed(os.path.abspath(path))
    if place.left is not None:
        raise ConfigurationError(f"The root '{path}' lies behind a link that leads out of '{place.left}'.")
    return place.path


def read_declared(root: str, files: Files) -> Declared:
    """What the root declares. Raises ConfigurationError."""
    import tomllib

    path = configuration_in(root)
    if path is None:
        return Declared()
    source = files.read(path)
    if isinstance(source, Unread):
        raise ConfigurationError(f"'{path}' {source.reason}, so its settings are not known.")
    try:
        table = tomllib.loads(checked_keys(source.data.decode()))
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"'{path}' is no TOML: byte {error.start} is not UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"'{path}' is no TOML{_where(error)}.") from None
    except RecursionError:
        raise ConfigurationError(f"'{path}' is nested too deeply.") from None
    except LongKeyError as error:
        raise ConfigurationError(f"'{path}' {error}.") from None
    except ValueError:
        raise ConfigurationError(f"'{path}' holds a number with too many digits.") from None
    own = ("tool", "pgssllint") if os.path.basename(path) == "pyproject.toml" else ()
    for name in own:
        table = table[name]
    return _declared(table, path, root)._replace(at=_places(source, own) if table else {})


def _places(source: Source, table: tuple[str, ...]) -> Mapping[str, Location]:
    """Where the keys of a table stand, in the order of the file."""
    lines = lines_of_keys(source.text, table)
    return {key: Location(source.path, source, source.line_span(line)) for key, line in lines.items()}


def _where(error: ValueError) -> str:
    """Where a file is no TOML, as the parser says it behind words of the file."""
    hit = re.search(r" \(at line \d+, column \d+\)\Z", str(error))
    return hit[0] if hit is not None else ""


def _declared(table: dict[str, Any], path: str, root: str) -> Declared:
    kinds: dict[str, type] = {
        "complete": bool, "windows": bool, "map": dict, "files": list, "pg-version": str, "openssl": str,
        "select": list, "ignore": list, "examples": list, "require-reason": bool,
    }  # fmt: skip
    for key, value in table.items():
        if key in _ON_THE_COMMAND_LINE:
            raise ConfigurationError(
                f"'{path}': '{key}' is an option of the command line, and no configuration has it."
            )
        if key not in kinds:
            shown = Showing().tell(Quote(key, Place.ASSIGNED))
            raise ConfigurationError(f"'{path}' has the unknown key '{shown}'; known are {', '.join(sorted(kinds))}.")
        if not isinstance(value, kinds[key]):
            raise ConfigurationError(f"'{path}': the value of '{key}' must be of type '{kinds[key].__name__}'.")
    maps = tuple(_map(server, local, path, root) for server, local in table.get("map", {}).items())
    majors = _parsed("pg-version", table["pg-version"], parse_versions, path) if "pg-version" in table else ()
    openssl = _parsed("openssl", table["openssl"], OpenSSL.parse, path) if "openssl" in table else None
    files, select, ignore = (tuple(str(word) for word in table.get(key, ())) for key in ("files", "select", "ignore"))
    if sum(map(is_glob, files)) > MAX_FILES_GLOBS:
        raise ConfigurationError(f"'{path}': 'files' has more than {MAX_FILES_GLOBS:,} patterns with wildcards.")
    return Declared(
        complete=table.get("complete", False), windows=table.get("windows", False), maps=maps, files=files,
        majors=majors, openssl=openssl, select=select, ignore=ignore, path=path,
        examples=tuple(str(word) for word in table["examples"]) if "examples" in table else None,
        require_reason=table.get("require-reason", False),
    )  # fmt: skip


_ON_THE_COMMAND_LINE = frozenset({"show-secrets", "show_secrets"})
"""Options that whoever writes a pull request must not be able to set."""


def _map(server: str, local: Any, path: str, root: str) -> PathMap:
    """An entry of the table `map`. Raises ConfigurationError, which quotes what is harmless of it."""
    try:
        return PathMap.parse(f"{server}={os.path.join(root, local)}")
    except (TypeError, ValueError):
        said = say(
            "'{}' is no path map; write one like '/etc/postgresql=deploy/postgresql'.", a_file(f"{server}={local}")
        )
        raise ConfigurationError(f"'{path}': {Showing().tell(said)}") from None


def _parsed(key: str, value: str, parse: Callable[[str], _Parsed], path: str) -> _Parsed:
    """What the value of a key says. Raises ConfigurationError, which quotes what is harmless of it."""
    try:
        return parse(value)
    except ValueError as error:
        shown = Showing().tell(Quote(value, Place.SCALAR))
        why = str(error) if shown == value else f"'{shown}' is no value of '{key}'."
        raise ConfigurationError(f"'{path}': {why}") from None


_KEY_NAME = re.compile(r"\.key\Z|key[^/]*\.(?:pem|der)\Z|\Aid_(?:rsa|ec|ed25519)\Z", re.IGNORECASE)


def keys_in(files: Files, folders: Iterable[str]) -> Iterator[str]:
    """The paths of the files in these folders that are named like private keys, folder by folder."""
    for folder in sorted(folders):
        names = files.entries(folder)
        if not isinstance(names, Unread):
            yield from (os.path.join(folder, name) for name in names if _KEY_NAME.search(name))
