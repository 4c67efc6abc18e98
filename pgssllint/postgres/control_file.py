"""What pg_control says of a data directory (ControlFileData, pg_control.h)."""

import struct
from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType

from pgssllint.unknown import UNKNOWN, Unknown

_BLOCKS = struct.pack("<III", 8192, 131_072, 8192)
"""Sizes of a block, a relation's file in blocks, and a block of the WAL, as all packages have them."""

_MB = 1 << 20

VERSIONS: Mapping[int, tuple[int, int]] = MappingProxyType(
    {
        10: (1002, 201_707_211),
        11: (1100, 201_809_051),
        12: (1201, 201_909_212),
        13: (1300, 202_007_201),
        14: (1300, 202_107_181),
        15: (1300, 202_209_061),
        16: (1300, 202_307_071),
        17: (1700, 202_406_281),
        18: (1800, 202_506_291),
    }
)
"""The version of the file and of the system catalogs that a major writes (PG_CONTROL_VERSION, CATALOG_VERSION_NO)."""

_VERSIONS_AT = 8
"""Where the two stand: behind the identifier of the system."""

_CHECKSUM_FROM, _CHECKSUM_UNTIL = 200, 400
"""Where the checksum of what stands before it lies: where exactly hangs on the major and on the machine."""

_POLYNOMIAL = 0x82F63B78
_PAGE = 8192


class Flaw(Enum):
    """Why a server does not take a pg_control: it looks at its version first, at its checksum next."""

    OTHER_VERSION = auto()
    DAMAGED = auto()


def flaw(data: bytes, major: int) -> Flaw | None:
    """Why a server of `major` does not take a pg_control that is long enough; None where it does, and for a major
    whose versions are not known. A file of either byte order is taken for that of a machine that has it.
    """
    expected = VERSIONS.get(major)
    if expected is None:
        return None
    for order in "<>":
        version, catalog = struct.unpack_from(f"{order}II", data, _VERSIONS_AT)
        if version == expected[0] and _is_whole(data, order):
            return None if catalog == expected[1] else Flaw.OTHER_VERSION
        if version == expected[0] and order == "<":
            return Flaw.DAMAGED
    return Flaw.OTHER_VERSION


def blank(major: int) -> bytes:
    """A pg_control that servers of `major` take for whole, and that says nothing beside: for examples."""
    known = (bytes(_VERSIONS_AT) + struct.pack("<II", *VERSIONS.get(major, (0, 0)))).ljust(_CHECKSUM_FROM, b"\0")
    return (known + struct.pack("<I", crc32c(known))).ljust(_PAGE, b"\0")


def crc32c(data: bytes, before: int = 0) -> int:
    """The checksum (Castagnoli's) of `data` behind what has the checksum `before`."""
    crc = before ^ 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (_POLYNOMIAL if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def _is_whole(data: bytes, order: str) -> bool:
    """Whether somewhere stands the checksum of all before it."""
    crc = crc32c(data[:_CHECKSUM_FROM])
    for at in range(_CHECKSUM_FROM, min(_CHECKSUM_UNTIL, len(data)) - 3, 4):
        if struct.unpack_from(f"{order}I", data, at)[0] == crc:
            return True
        crc = crc32c(data[at : at + 4], crc)
    return False


def segment_mb(data: bytes) -> int | Unknown:
    """Megabytes of a WAL segment, a power of two from 1 to 1024, which stands behind the sizes of blocks."""
    place = data.find(_BLOCKS)
    if place < 0 or len(data) < place + len(_BLOCKS) + 4:
        return UNKNOWN
    size = int.from_bytes(data[place + len(_BLOCKS) : place + len(_BLOCKS) + 4], "little")
    megabytes, rest = divmod(size, _MB)
    return megabytes if not rest and megabytes.bit_count() == 1 and megabytes <= 1024 else UNKNOWN
