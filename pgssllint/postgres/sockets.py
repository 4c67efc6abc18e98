"""Where a starting server listens, and what keeps it from that (PostmasterMain, StreamServerPort in pqcomm.c)."""

import re
import socket
from typing import NamedTuple

from pgssllint.finding import LogLevel, LogLine, at_fatal, log_line
from pgssllint.postgres.lists import directories, guc_list
from pgssllint.postgres.parameters import folded
from pgssllint.quoting import Place, Quote, a_file, ours
from pgssllint.unknown import MALFORMED, Malformed

ABSTRACT_FROM = 14
"""From this major on a socket may have a name that begins with '@' and lies in no folder."""

LONGEST_PATH = 107
"""Bytes that the path of a socket may have (UNIXSOCK_PATH_BUFLEN less one)."""

FIRST_FREE_PORT = 1024
"""Below this, a port is for root."""

_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?|[0-9A-Fa-f:.]+(%[A-Za-z0-9]+)?")
_HERE = frozenset({"*", "", "localhost", "0.0.0.0", "::", "::1", "0"})


class Address(NamedTuple):
    """An item of listen_addresses; `good` is None where it hangs on the machine."""

    name: str
    good: bool | None


def addresses(value: str) -> tuple[Address, ...] | Malformed:
    """The items of listen_addresses; MALFORMED where the list does not parse."""
    names = guc_list(value)
    return MALFORMED if names is None else tuple(Address(name, _is_good(name)) for name in names)


def socket_folders(value: str) -> tuple[str, ...] | Malformed:
    """The folders of unix_socket_directories; MALFORMED where the list does not parse."""
    return directories(value)


def socket_path(folder: str, port: int) -> str:
    """The path of a socket."""
    return f"{folder}/.s.PGSQL.{port}"


def is_abstract(folder: str, major: int) -> bool:
    """Whether a socket lies in no folder."""
    return folder.startswith("@") and major >= ABSTRACT_FROM


def is_too_long(folder: str, port: int) -> bool:
    """Whether the path of a socket has more bytes than there is room for."""
    return len(socket_path(folder, port).encode("utf-8", "surrogateescape")) > LONGEST_PATH


def malformed_log(name: str) -> LogLine:
    """A list that does not parse."""
    return at_fatal('invalid list syntax in parameter "{}"', ours(name))


def unresolved_log(name: str, port: int) -> LogLine:
    """A name that no resolver knows."""
    words = 'could not translate host name "{}", service "{}" to address: Name or service not known'
    return log_line(LogLevel.LOG, words, Quote(name, Place.ADDRESSES), port)


def too_long_log(folder: str, port: int) -> LogLine:
    """A path that is too long."""
    words = 'Unix-domain socket path "{}" is too long (maximum {} bytes)'
    return log_line(LogLevel.LOG, words, a_file(socket_path(folder, port)), LONGEST_PATH)


def folder_log(folder: str, port: int, reason: str) -> LogLine:
    """A folder in which no socket can be made."""
    return at_fatal('could not create lock file "{}": {}', a_file(f"{socket_path(folder, port)}.lock"), ours(reason))


def folder_shut_log(folder: str, port: int) -> LogLine:
    """A folder that the server does not get into: it takes it for one with another server's lock file."""
    words = 'could not open lock file "{}": Permission denied'
    return at_fatal(words, a_file(f"{socket_path(folder, port)}.lock"))


def no_socket_log() -> LogLine:
    """Nowhere to listen."""
    return at_fatal("no socket created for listening")


def _is_good(name: str) -> bool | None:
    """Whether a machine can listen there: True for all that mean this one, False where no resolver knows the name."""
    if folded(name) in _HERE or _is_loopback(name):
        return True
    if not _NAME.fullmatch(name) or folded(name).rstrip(".").endswith(".invalid"):
        return False
    last = name.rstrip(".").rpartition(".")[2]
    return None if not last.isdigit() or _is_ipv4(name) else False


def _is_ipv4(name: str) -> bool:
    try:
        socket.inet_aton(name)
    except OSError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return name.startswith("127.") and _is_ipv4(name)
