"""What pg_control says of a data directory (ControlFileData, pg_control.h)."""

import struct

from pgssllint.unknown import UNKNOWN, Unknown

_BLOCKS = struct.pack("<III", 8192, 131_072, 8192)
"""Sizes of a block, a relation's file in blocks, and a block of the WAL, as all packages have them."""

_MB = 1 << 20


def segment_mb(data: bytes) -> int | Unknown:
    """Megabytes of a WAL segment, a power of two from 1 to 1024, which stands behind the sizes of blocks."""
    place = data.find(_BLOCKS)
    if place < 0 or len(data) < place + len(_BLOCKS) + 4:
        return UNKNOWN
    size = int.from_bytes(data[place + len(_BLOCKS) : place + len(_BLOCKS) + 4], "little")
    megabytes, rest = divmod(size, _MB)
    return megabytes if not rest and megabytes.bit_count() == 1 and megabytes <= 1024 else UNKNOWN
