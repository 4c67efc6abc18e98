"""A child process of `connections`: one connection by the libpq that is named, and how it ended.

Reads JSON from its standard input: `library`, the file, and `options`, what PQconnectdbParams gets. Prints JSON: `ok`
and `text`, which is "TLSv1.3 TLS_AES_256_GCM_SHA384" or "plaintext" of a connection, else the error message. It imports
nothing that would load an OpenSSL of Python's own.
"""

import ctypes
import json
import sys
from collections.abc import Mapping

_OK = 0
_QUERY = b"""
select case when ssl then version || ' ' || cipher else 'plaintext' end from pg_stat_ssl where pid = pg_backend_pid()
"""


def connect(library: str, options: Mapping[str, str]) -> tuple[bool, str]:
    """Whether libpq connects with these options; the connection's version and cipher, or the error message."""
    libpq = ctypes.CDLL(library)
    for name in ("PQconnectdbParams", "PQexec"):
        getattr(libpq, name).restype = ctypes.c_void_p
    for name in ("PQerrorMessage", "PQgetvalue"):
        getattr(libpq, name).restype = ctypes.c_char_p
    libpq.PQgetvalue.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
    libpq.PQexec.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    for name in ("PQstatus", "PQerrorMessage", "PQfinish"):
        getattr(libpq, name).argtypes = [ctypes.c_void_p]
    array = ctypes.c_char_p * (len(options) + 1)
    keywords = array(*(name.encode() for name in options))
    values = array(*(value.encode() for value in options.values()))
    connection = libpq.PQconnectdbParams(keywords, values, 0)
    try:
        if libpq.PQstatus(connection) != _OK:
            return False, libpq.PQerrorMessage(connection).decode("utf-8", "replace")
        answer = libpq.PQexec(connection, _QUERY)
        return True, libpq.PQgetvalue(answer, 0, 0).decode()
    finally:
        libpq.PQfinish(connection)


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    json.dump(dict(zip(("ok", "text"), connect(asked["library"], asked["options"]), strict=True)), sys.stdout)
