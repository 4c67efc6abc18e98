"""Values of a configuration as TOML has them, as far as they may be shown."""

from collections.abc import Mapping

from pgssllint.configuration.key import Entry
from pgssllint.configuration.matching import Globs, Paths
from pgssllint.configuration.mistakes import shown
from pgssllint.locate import PathMap
from pgssllint.quoting import Place
from pgssllint.target import OpenSSL, spoken_majors


def spelled(value: object) -> str:
    """A value; the words of a user are shown as far as they are known to be harmless."""
    match value:
        case bool():
            return "true" if value else "false"
        case Globs() | Paths():
            return spelled(value.texts)
        case PathMap():
            return f'"{shown(value.server, Place.PATH)}" = "{shown(value.local, Place.PATH)}"'
        case OpenSSL() | int():
            return str(value)
        case Entry():
            return spelled(value.values)
        case Mapping():
            return "{" + ", ".join(f"{shown(name, Place.PATH)} = {spelled(one)}" for name, one in value.items()) + "}"
        case tuple() if value and all(isinstance(one, PathMap) for one in value):
            return "{" + ", ".join(map(spelled, value)) + "}"
        case tuple() if value and all(isinstance(one, int) for one in value):
            return spoken_majors(value)
        case tuple() | list():
            return "[" + ", ".join(map(spelled, value)) + "]"
        case _:
            return f'"{shown(str(value), Place.PATH)}"'
