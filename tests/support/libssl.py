"""What real OpenSSL libraries say of files, each asked in a child process: the ones that servers of the tests bring."""

import ctypes.util
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pgssllint.target import OpenSSL
from tests.support.installations import Unavailable, available

LIBRARIES = ("1.1.1", "1.1.1s", "3")
"""The first release of 1.1.1, a later one, and the 3.x of this machine."""

_MAJORS = {"1.1.1": 16, "1.1.1s": 10}
"""The installations from npm that bring them."""

_CHILD = Path(__file__).with_name("libssl_child.py")


class Library:
    """A libssl in a child process that is waiting for questions."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        release, level = json.loads(self._line())
        self.openssl = OpenSSL.parse(f"{release}:{level}")

    def chain(self, path: Path, level: int | None = None) -> str | None:
        """Why the file is not loaded as ssl_cert_file, in the library's words; None if it is."""
        return self._ask("chain", path, level)

    def key(self, path: Path, passphrase: str = "") -> str | None:
        """The same for ssl_key_file, opened with that passphrase."""
        return self._ask("key", path, passphrase)

    def ca(self, path: Path) -> str | None:
        """The same for ssl_ca_file."""
        return self._ask("ca", path)

    def crl(self, path: Path) -> str | None:
        """The same for ssl_crl_file."""
        return self._ask("crl", path)

    def _ask(self, question: str, path: Path, *more: str | int | None) -> str | None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([question, str(path), *more]) + "\n")
        self._process.stdin.flush()
        answer: str | None = json.loads(self._line())
        return answer

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@contextmanager
def opened(name: str) -> Iterator[Library | Unavailable]:
    """One of LIBRARIES, or why it is not here."""
    found = _files(name)
    if isinstance(found, Unavailable):
        yield found
        return
    ssl, crypto, folder = found
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"} | ({"LD_LIBRARY_PATH": folder} if folder else {})
    command = [sys.executable, str(_CHILD), ssl, crypto]
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Library(process)


def system_library() -> tuple[str, str] | None:
    """The names of this machine's own libssl and libcrypto; None where it has none."""
    ssl, crypto = ctypes.util.find_library("ssl"), ctypes.util.find_library("crypto")
    return (ssl, crypto) if ssl and crypto else None


def hash_of_name(der: bytes) -> str:
    """X509_NAME_hash of this machine's libcrypto for the DER of a name; there must be one."""
    own = system_library()
    assert own is not None
    crypto, text = ctypes.CDLL(own[1]), ctypes.c_char_p(der)
    crypto.d2i_X509_NAME.restype = ctypes.c_void_p
    name = ctypes.c_void_p(crypto.d2i_X509_NAME(None, ctypes.byref(text), len(der)))
    try:
        calculate = crypto.X509_NAME_hash_ex if hasattr(crypto, "X509_NAME_hash_ex") else crypto.X509_NAME_hash
        calculate.restype = ctypes.c_ulong
        return f"{calculate(name, None, None, None):08x}"
    finally:
        crypto.X509_NAME_free(name)


def _files(name: str) -> tuple[str, str, str] | Unavailable:
    """libssl, libcrypto and the folder that they are sought in, if it is not the system's."""
    if name in _MAJORS:
        installation = available(_MAJORS[name])
        if isinstance(installation, Unavailable):
            return installation
        folder = installation.libdir
        return str(folder / "libssl.so.1.1"), str(folder / "libcrypto.so.1.1"), str(folder)
    own = system_library()
    if own is None or not own[0].endswith(".so.3"):
        return Unavailable("This machine has no OpenSSL 3.")
    return (*own, "")
