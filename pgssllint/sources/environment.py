"""The environment of a container of the official image, as its entry point reads it.

`POSTGRES_PASSWORD`, and what a `_FILE` variable names, is held and never told: a value of a variable whose name has
PASSWORD in it leaves this package nowhere.
"""

from collections.abc import Mapping
from typing import NamedTuple

from pgssllint.files import Files
from pgssllint.sources.shell_values import Values
from pgssllint.sources.standing import source_of, standing
from pgssllint.sources.workload import Mount, Said, Variable, Workload
from pgssllint.traced import Traced, whole
from pgssllint.unknown import UNKNOWN, Unknown

BY_FILE = ("POSTGRES_PASSWORD", "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_INITDB_ARGS")
"""The variables that have a form with `_FILE`."""


class Environment(NamedTuple):
    """The variables of a container. `is_whole`: no others come from what is not in view."""

    variables: Mapping[str, Variable]
    is_whole: bool

    def get(self, name: str) -> Traced | Unknown | None:
        """The value of a variable: None where it is certainly not set, or set to nothing."""
        held = self.variables.get(name)
        if held is None:
            return None if self.is_whole else UNKNOWN
        return held.value if isinstance(held.value, Unknown) or len(held.value) else None

    def values(self) -> Values:
        """The variables as a shell has them."""
        return {name: one.value for name, one in self.variables.items()}


def environment_of(workload: Workload) -> Environment:
    """The variables that a workload sets."""
    return Environment(workload.environment, workload.is_environment_complete)


def by_file(environment: Environment, name: str, mounts: tuple[Mount, ...], files: Files) -> Traced | Unknown | None:
    """A variable, or else what the file has that its `_FILE` form names."""
    value = environment.get(name)
    path = environment.get(f"{name}_FILE")
    if value is not None or path is None:
        return value
    if isinstance(path, Unknown) or not path.is_known:
        return UNKNOWN
    found = standing(path.text, mounts) if path.text.startswith("/") else None
    source = source_of(found, files, path.text) if found is not None else None
    # The shell takes the line ends off.
    return whole(source).part(0, len(source.text.rstrip("\n"))).secretly() if source is not None else UNKNOWN


def twice_given(environment: Environment) -> Said | None:
    """What the entry point ends for: a variable and its `_FILE` form are both set."""
    for name in BY_FILE:
        value, path = environment.get(name), environment.get(f"{name}_FILE")
        if isinstance(value, Traced) and isinstance(path, Traced):
            at = environment.variables[f"{name}_FILE"].name.home()
            if at is not None:
                return Said("variable-and-file", at, {"name": name})
    return None


def number_of(text: str) -> int | None:
    """The number of a user or a group that is told by one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 else None
