"""What a start takes beside the files: what a usual installation has, and what hangs on this one."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from pgssllint.postgres import libraries, locales, sockets
from pgssllint.postgres.numbers import parse_integer
from pgssllint.postgres.parameters import find, folded
from pgssllint.postgres.time_zones import judged
from pgssllint.postgres.value_faults import ValueKind, parse_bool
from pgssllint.quoting import Place, Quote, Sentence, a_file, ours, say, setting_value
from pgssllint.stages import Stage
from pgssllint.unknown import Malformed

Value = Callable[[str], str | None]
"""The value of a setting by its name; None where it is not known, or the major has no such setting."""

LOCALE_SETTINGS = ("lc_messages", "lc_monetary", "lc_numeric", "lc_time")

_STACK_KB = 7680
"""Kilobytes that max_stack_depth may be where the system allows 8 MB."""

_BUILD_OPTIONS = {
    "wal_compression": ("lz4", "zstd"),
    "default_toast_compression": ("lz4",),
    "io_method": ("io_uring",),
}
ZONES = ("TimeZone", "log_timezone")
"""The settings that name time zones."""

_USUAL_GROUP = "postgres"


class Need(NamedTuple):
    """Something that is not in the files; `usual` where a usual installation has it.

    `stage` is the step of a start that fails without it.
    """

    usual: bool
    text: Sentence
    stage: Stage = Stage.SETTINGS


def needs(value: Value, major: int) -> Iterator[Need]:
    """What the settings ask for."""
    yield from _libraries(value, major)
    yield from _locales(value)
    yield from _zones(value)
    yield from _builds(value, major)
    yield from _sockets(value, major)
    if folded(value("huge_pages") or "") in ("on", "true", "yes", "1"):
        yield Need(False, say("huge pages"), Stage.DEFERRED)
    depth = value("max_stack_depth")
    if depth is not None and _integer(depth, "max_stack_depth", major) > _STACK_KB:
        yield Need(False, say("a stack of more than 8 MB"))
    yield Need(True, say("a free port and memory"))


def _libraries(value: Value, major: int) -> Iterator[Need]:
    names = libraries.listed(value("shared_preload_libraries") or "")
    origins = {name: libraries.origin(name, major) for name in names}
    if libraries.Origin.CONTRIB in origins.values():
        yield Need(True, say("contrib's libraries"))
    for name, origin in origins.items():
        if origin is libraries.Origin.ELSEWHERE:
            yield Need(False, say("the library '{}', which is not part of PostgreSQL", a_file(name)), Stage.LIBRARIES)
    if origins and value("dynamic_library_path") not in ("$libdir", None):
        yield Need(False, say("libraries in 'dynamic_library_path'"), Stage.LIBRARIES)


def _locales(value: Value) -> Iterator[Need]:
    named = dict.fromkeys(name for setting in LOCALE_SETTINGS if (name := value(setting)))
    for name in named:
        if name not in locales.ALWAYS:
            yield Need(locales.is_listed(name), say("the locale '{}'", _locale(name)))


def _locale(name: str) -> Quote:
    """The name of a locale: of one that glibc lists everybody knows it."""
    return ours(name) if locales.is_listed(name) else Quote(name, Place.STRING)


def _zones(value: Value) -> Iterator[Need]:
    for setting in ZONES:
        yield from zone_needs(setting, value(setting))


def zone_needs(setting: str, name: str | None) -> Iterator[Need]:
    """What the zone that one of ZONES is set to asks for, whether another line wins or not."""
    if name and judged(name, of_log=setting == "log_timezone").good is None:
        yield Need(False, say("the time zone '{}', which not all builds have", setting_value(setting, name)))


def _builds(value: Value, major: int) -> Iterator[Need]:
    """Values that not every build takes; what is the default of one it does take."""
    for setting, words in _BUILD_OPTIONS.items():
        word, parameter = folded(value(setting) or ""), find(setting, major)
        if word in words and parameter is not None and word != parameter.boot:
            yield Need(False, say("a build with '{}'", ours(word)))


def _sockets(value: Value, major: int) -> Iterator[Need]:
    listed = sockets.addresses(value("listen_addresses") or "")
    port = _integer(value("port") or "0", "port", major)
    if not isinstance(listed, Malformed) and listed:
        if 0 < port < sockets.FIRST_FREE_PORT:
            yield Need(False, say("the right to listen on a port below 1024"), Stage.SOCKETS)
        if not any(address.good for address in listed):
            for address in listed:
                if address.good is None:
                    yield Need(
                        False, say("the address '{}' to listen on", Quote(address.name, Place.ADDRESSES)), Stage.SOCKETS
                    )
    group, folders = value("unix_socket_group"), value("unix_socket_directories")
    if group not in ("", None) and folders != "" and group != _USUAL_GROUP:
        yield Need(False, say("the group '{}' for its sockets", Quote(group or "", Place.NAME)), Stage.SOCKETS)


def _integer(text: str, name: str, major: int) -> int:
    """A number in the unit of its setting; 0 for what is none."""
    parameter = find(name, major)
    number = parse_integer(text, parameter.unit if parameter is not None else "", major)
    return 0 if isinstance(number, ValueKind) else number


def logs_to_files(value: Value) -> bool:
    """Whether the server writes its log into files itself."""
    return parse_bool(value("logging_collector") or "off") is True
