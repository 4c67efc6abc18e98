"""The file that configures a folder, and what it says."""

import os
import re
from collections.abc import Mapping

from pgssllint.configuration.declared import Declared
from pgssllint.configuration.key import Entry, read_entry
from pgssllint.configuration.keys import BY_NAME
from pgssllint.configuration.kinds import Where
from pgssllint.configuration.mistakes import ConfigurationError, MistakeError
from pgssllint.configuration.toml_places import LongKeyError, checked_keys
from pgssllint.files import Files, Unread
from pgssllint.text import Source

MAX_PYPROJECT = 1024 * 1024
"""A larger pyproject.toml is not looked into."""

NAMES = ("pgssllint.toml", ".pgssllint.toml")
"""What files that hold nothing else are called; of several in a folder the first counts."""

PYPROJECT = "pyproject.toml"

TABLE = ("tool", "pgssllint")
"""The table of pyproject.toml that is ours."""


def configuration_in(folder: str) -> str | None:
    """The file in `folder`, a real one, that configures the linter, or None."""
    import tomllib

    own = next((path for name in NAMES if os.path.isfile(path := os.path.join(folder, name))), None)
    if own is not None:
        return own
    pyproject = os.path.join(folder, PYPROJECT)
    source = Files((folder,)).read(pyproject)
    if isinstance(source, Unread) or len(source.data) > MAX_PYPROJECT or b"[tool.pgssllint" not in source.data:
        return None
    try:
        tool = tomllib.loads(checked_keys(source.data.decode())).get("tool")
    except (ValueError, RecursionError):
        return None
    return pyproject if isinstance(tool, dict) and isinstance(tool.get("pgssllint"), dict) else None


def read_declared(folder: str, files: Files, bounds: str | None = None) -> Declared:
    """What the configuration in a folder says, an empty one where there is none.

    `bounds` is the root that no path in it may lead out of; the folder, if None. Raises ConfigurationError.
    """
    path = configuration_in(folder)
    if path is None:
        return Declared()
    source = files.read(path)
    if isinstance(source, Unread):
        raise ConfigurationError(f"'{path}' {source.reason}, so its settings are not known.")
    return declared_in(source, Where((), folder, bounds or folder))


def declared_in(source: Source, where: Where) -> Declared:
    """What a file says that is a configuration, whose paths start from the folder of `where` and stay in its bounds.

    Raises ConfigurationError.
    """
    names = TABLE if os.path.basename(source.path) == PYPROJECT else ()
    table = _toml(source)
    for name in names:
        inner = table.get(name)
        table = inner if isinstance(inner, dict) else {}
    bare = Declared(Entry(), source, names)
    try:
        return Declared(read_entry(table, BY_NAME, where), source, names, free=where.bounds is None)
    except MistakeError as mistake:
        raise bare.mistake(str(mistake), *mistake.where) from None


def _toml(source: Source) -> Mapping[str, object]:
    """The tables of a file. Raises ConfigurationError."""
    import tomllib

    path = source.path
    try:
        return tomllib.loads(checked_keys(source.data.decode()))
    except UnicodeDecodeError as error:
        line = source.data.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(f"'{path}:{line}' is no TOML: byte {error.start} is not UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"'{path}' is no TOML{_where(error)}.") from None
    except RecursionError:
        raise ConfigurationError(f"'{path}' is nested too deeply.") from None
    except LongKeyError as error:
        raise ConfigurationError(f"'{path}:{error.line}' {error}.") from None
    except ValueError:
        raise ConfigurationError(f"'{path}' holds a number with too many digits.") from None


def _where(error: ValueError) -> str:
    """Where a file is no TOML, as the parser says it behind words of the file."""
    hit = re.search(r" \(at (?:line \d+, column \d+|end of document)\)\Z", str(error))
    return hit[0] if hit is not None else ""
