"""A client for PostgreSQL's frontend/backend protocol 3, as much of it as asking a trusting server takes."""

import socket
import struct
from collections.abc import Iterator
from typing import Self

from tests.support.steps import HANGS


class ServerError(Exception):
    """The server answered with an error; its text is the server's message."""


class Client:
    """A connection over a Unix socket to a server that lets `user` in without a password.

    Raises ServerError when the server refuses, OSError when there is none.
    """

    def __init__(self, path: str, user: str, database: str, seconds: float = HANGS) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(seconds)
        try:
            self._socket.connect(path)
            self._stream = self._socket.makefile("rb")
            options = f"user\0{user}\0database\0{database}\0\0".encode()
            self._socket.sendall(struct.pack("!ii", len(options) + 8, 196608) + options)
            list(self._messages())
        except BaseException:
            self._socket.close()
            raise

    def query(self, sql: str) -> list[list[str | None]]:
        """The rows that a statement gives, as text; bytes that are not UTF-8 become lone surrogates."""
        content = sql.encode() + b"\0"
        self._socket.sendall(b"Q" + struct.pack("!i", len(content) + 4) + content)
        return [list(_fields(content)) for kind, content in self._messages() if kind == b"D"]

    def close(self) -> None:
        """End the connection."""
        self._stream.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _messages(self) -> Iterator[tuple[bytes, bytes]]:
        """The messages up to the one that says the server waits for the next query."""
        failure = ""
        while True:
            header = self._stream.read(5)
            if len(header) < 5:
                raise ServerError(failure or "the server closed the connection")
            kind, content = header[:1], self._stream.read(struct.unpack("!i", header[1:])[0] - 4)
            if kind == b"E":
                parts = {part[:1]: part[1:] for part in content.split(b"\0")}
                failure = parts.get(b"M", b"").decode("utf-8", "surrogateescape")
            elif kind == b"R" and content != b"\0\0\0\0":
                raise ServerError("the server asks for a password")
            elif kind == b"Z":
                if failure:
                    raise ServerError(failure)
                return
            yield kind, content


def _fields(content: bytes) -> Iterator[str | None]:
    """The values of a DataRow message."""
    position = 2
    for _ in range(struct.unpack_from("!h", content)[0]):
        (size,) = struct.unpack_from("!i", content, position)
        position += 4
        yield None if size < 0 else content[position : position + size].decode("utf-8", "surrogateescape")
        position += max(size, 0)
