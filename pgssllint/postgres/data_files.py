"""What a starting server wants to find in its data directory (ValidatePgVersion, PostmasterMain, StartupXLOG)."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from pgssllint.stages import Stage
from pgssllint.unknown import MALFORMED, Malformed

VERSION_FILE = "PG_VERSION"
CONTROL_FILE = "global/pg_control"
LOCK_FILE = "postmaster.pid"

_CONTROL_FILE_BYTES = {11: 288}
_MOST_CONTROL_FILE_BYTES = 296

NOTIFICATIONS, TABLESPACES, WAL = "pg_notify", "pg_tblspc", "pg_wal"
BASE, TEMPORARY_FILES = "base", "base/pgsql_tmp"
"""Folders that a start seeks old temporary files in, and that it does without."""

STATE_FOLDERS = ("pg_replslot", "pg_twophase", "pg_commit_ts")
"""Folders that a server lists when it has read its records and its WAL is there, in its order."""

TRANSACTION_FOLDERS = ("pg_xact", "pg_multixact")
"""Folders whose files a server reads after these; which one it names hangs on its last transaction."""

STAGES: Mapping[str, Stage] = MappingProxyType(
    {
        VERSION_FILE: Stage.VERSION_FILE,
        CONTROL_FILE: Stage.CONTROL_FILE_ACCESS,
        NOTIFICATIONS: Stage.SHARED_MEMORY,
        WAL: Stage.WAL,
        **dict.fromkeys((*STATE_FOLDERS, *TRANSACTION_FOLDERS), Stage.REPLICATION_SLOTS),
    }
)
"""What must be there on every major, and the step of a start that ends without it."""

TABLESPACES_UNTIL = 10
"""The last major that ends without pg_tblspc; later ones only complain of it."""

_MOST = 63
"""Characters of PG_VERSION that count: the first word of it, and no more of that."""

_NUMBER = re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]+)")

_LOCK_FILE_BYTES = 2303
"""Bytes of a lock file that count (CreateLockFile)."""


class FilesVersion(NamedTuple):
    """What PG_VERSION says: the word as the server repeats it, and the major that it takes it for."""

    word: str
    major: int


def files_version(text: str) -> FilesVersion | Malformed:
    """The version that a PG_VERSION has: the number that its first word begins with; MALFORMED where it has none."""
    word = (text.split(maxsplit=1) or [""])[0][:_MOST]
    hit = _NUMBER.match(word)
    return MALFORMED if hit is None else FilesVersion(word, int(hit[1]))


def control_file_bytes(major: int) -> int:
    """Bytes of pg_control that a server of `major` reads (sizeof(ControlFileData))."""
    return _CONTROL_FILE_BYTES.get(major, _MOST_CONTROL_FILE_BYTES)


def lock_file_text(data: bytes) -> str:
    """What a server reads of a lock file, and repeats where it makes no sense of it."""
    return data[:_LOCK_FILE_BYTES].partition(b"\0")[0].decode("utf-8", "surrogateescape")


def names_process(lock_file: str) -> bool:
    """Whether a lock file begins with the number of a process, of 32 bits as atoi has them; its sign does not count."""
    hit = _NUMBER.match(lock_file)
    number = max(-(1 << 63), min(int(hit[1]), (1 << 63) - 1)) & 0xFFFFFFFF if hit is not None else 0
    return number not in (0, 1 << 31)
