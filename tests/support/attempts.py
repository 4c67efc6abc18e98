"""Attempts to log in to a running server from chosen addresses, up to what the server first asks for."""

import socket
import ssl
import struct
from typing import NamedTuple

from tests.support.steps import HANGS

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
_PROTOCOL = 196608
_ASKED = {0: "trust", 3: "password", 5: "md5", 7: "gss", 10: "scram-sha-256"}
"""What the codes of an authentication request stand for."""


class Attempted(NamedTuple):
    """What the server did: the method by which it asked for proof, or its message where it refused."""

    asked: str | None
    message: str = ""


def attempt_login(
    server: tuple[str, int] | str, source: str | None, tls: bool, user: str, database: str, physical: bool = False
) -> Attempted:
    """Connect to `server` (address and port, or the path of its socket) from `source`, ask to log in, and hang up.

    A client certificate is never shown. Raises OSError where there is no server.
    """
    if isinstance(server, str):
        stream = socket.socket(socket.AF_UNIX)
    else:
        stream = socket.socket(socket.AF_INET6 if ":" in server[0] else socket.AF_INET)
        stream.bind((source, 0))
    with stream:
        stream.settimeout(HANGS)
        stream.connect(server)
        return _ask(_encrypted(stream) if tls else stream, user, database, physical)


def _encrypted(stream: socket.socket) -> socket.socket:
    stream.sendall(_SSL_REQUEST)
    if stream.recv(1) != b"S":
        raise OSError("the server does not offer TLS")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(stream)


def _ask(stream: socket.socket, user: str, database: str, physical: bool) -> Attempted:
    options = {"user": user, "database": database} | ({"replication": "true"} if physical else {})
    words = b"".join(f"{name}\0{value}\0".encode() for name, value in options.items()) + b"\0"
    stream.sendall(struct.pack("!ii", len(words) + 8, _PROTOCOL) + words)
    with stream.makefile("rb") as answers:
        kind, content = _message(answers.read(5), answers.read)
    if kind == b"R":
        return Attempted(_ASKED.get(struct.unpack("!i", content[:4])[0], "another"))
    parts = {part[:1]: part[1:].decode("utf-8", "replace") for part in content.split(b"\0")}
    return Attempted(None, parts.get(b"M", ""))


def _message(header: bytes, read: "object") -> tuple[bytes, bytes]:
    size = struct.unpack("!i", header[1:])[0] - 4
    return header[:1], read(size)  # type: ignore[operator]
