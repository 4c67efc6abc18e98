"""Answers what a libssl says of files: `libssl_child.py LIBSSL LIBCRYPTO`, one JSON question and answer a line.

A process of its own, since one process can load one OpenSSL only. First it tells the release and the security level;
an answer is null where the call succeeds, else the reason of the first error. The calls are those of be_tls_init.
"""

import ctypes
import json
import os
import sys
from collections.abc import Callable

_POINTER = ctypes.c_void_p
_TEXT = ctypes.c_char_p
_PASSPHRASE = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, ctypes.c_int, ctypes.c_int, _POINTER)
_FILETYPE_PEM = 1
_SYSTEM_ERROR = 0x80000000
_NO_WORD = "no SSL error reported"


class Child:
    """The library, and a fresh context for each question."""

    def __init__(self, ssl: str, crypto: str) -> None:
        self.ssl, self.crypto = ctypes.CDLL(ssl), ctypes.CDLL(crypto)
        for function in (self.ssl.TLS_server_method, self.ssl.SSL_CTX_new, self.ssl.SSL_CTX_get_cert_store):
            function.restype = _POINTER
        self.ssl.SSL_load_client_CA_file.restype = _POINTER
        self.crypto.ERR_get_error.restype = ctypes.c_ulong
        self.crypto.ERR_reason_error_string.argtypes = [ctypes.c_ulong]
        self.crypto.ERR_reason_error_string.restype = self.crypto.OpenSSL_version.restype = _TEXT

    def greeting(self) -> tuple[str, int]:
        """The release and the security level that contexts have by default."""
        context = self._context()
        return self.crypto.OpenSSL_version(0).decode().split()[1], self.ssl.SSL_CTX_get_security_level(context)

    def answer(self, question: str, path: str, *more: str | int) -> str | None:
        """What the library says of the file at `path`: None if it takes it."""
        context = self._context()
        try:
            asked: Callable[..., list[Callable[[], object]]] = getattr(self, question)
            for call in asked(context, path.encode(), *more):
                self.crypto.ERR_clear_error()
                if not call():
                    return self._reason()
            return None
        finally:
            self.ssl.SSL_CTX_free(context)

    def chain(self, context: _POINTER, path: bytes, level: int | None = None) -> list[Callable[[], object]]:
        """ssl_cert_file, at a security level if one is given."""
        if level is not None:
            self.ssl.SSL_CTX_set_security_level(context, level)
        return [lambda: self.ssl.SSL_CTX_use_certificate_chain_file(context, path) == 1]

    def key(self, context: _POINTER, path: bytes, passphrase: str = "") -> list[Callable[[], object]]:
        """ssl_key_file, with the passphrase for an encrypted key."""

        def give(buffer: int, _size: int, _writing: int, _data: object) -> int:
            word = passphrase.encode()
            ctypes.memmove(buffer, word + b"\0", len(word) + 1)
            return len(word)

        self._kept = _PASSPHRASE(give)
        self.ssl.SSL_CTX_set_default_passwd_cb(context, self._kept)
        return [lambda: self.ssl.SSL_CTX_use_PrivateKey_file(context, path, _FILETYPE_PEM) == 1]

    def ca(self, context: _POINTER, path: bytes) -> list[Callable[[], object]]:
        """ssl_ca_file: the store, and then the names that are sent to clients."""
        return [
            lambda: self.ssl.SSL_CTX_load_verify_locations(context, path, None) == 1,
            lambda: self.ssl.SSL_load_client_CA_file(path),
        ]

    def crl(self, context: _POINTER, path: bytes) -> list[Callable[[], object]]:
        """ssl_crl_file."""
        store = _POINTER(self.ssl.SSL_CTX_get_cert_store(context))
        return [lambda: self.crypto.X509_STORE_load_locations(store, path, None) == 1]

    def _context(self) -> _POINTER:
        return _POINTER(self.ssl.SSL_CTX_new(_POINTER(self.ssl.TLS_server_method())))

    def _reason(self) -> str:
        code = self.crypto.ERR_get_error()
        if code & _SYSTEM_ERROR:
            # From 3.0 on the library leaves the words to the system, and so does the server (SSLerrmessage).
            return os.strerror(code & ~_SYSTEM_ERROR)
        reason = self.crypto.ERR_reason_error_string(code) if code else None
        return reason.decode() if reason else _NO_WORD


if __name__ == "__main__":
    child = Child(*sys.argv[1:])
    print(json.dumps(child.greeting()), flush=True)
    for line in sys.stdin:
        print(json.dumps(child.answer(*json.loads(line))), flush=True)
