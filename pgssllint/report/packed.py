"""A report that is made but not written yet, in little memory."""

import zlib
from collections.abc import Iterable, Iterator

_SIZE = 1 << 16
"""So many bytes are packed, and written, at once."""


class Packed:
    """The bytes of a text, which is given in pieces, as UTF-8; they can be gone through again and again."""

    def __init__(self, pieces: Iterable[str]) -> None:
        packer, waiting = zlib.compressobj(1), bytearray()
        packed: list[bytes] = []
        for piece in pieces:
            waiting += piece.encode("utf-8", "backslashreplace")
            if len(waiting) >= _SIZE:
                packed.append(packer.compress(waiting))
                waiting.clear()
        self._packed = (*filter(None, packed), packer.compress(waiting), packer.flush())

    def __iter__(self) -> Iterator[bytes]:
        unpacker = zlib.decompressobj()
        for packed in self._packed:
            found = unpacker.decompress(packed, _SIZE)
            while found:
                yield found
                found = unpacker.decompress(unpacker.unconsumed_tail, _SIZE)
