"""Real PostgreSQL servers: does one start with these files, and what do its views say of them.

`attempt` answers the first question and `view` the second. Each process has one data directory per installation for
either, made when first asked for, under a folder in /tmp that goes away at exit, as does every server.
"""

import atexit
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.installations import (
    FLAVOURS,
    PINNED,
    Installation,
    ServerUser,
    Unavailable,
    available,
    environment,
    newest,
    server_user,
    switch_of_user,
    workplace,
)
from tests.support.pki import pem
from tests.support.protocol import Client
from tests.support.steps import HANGS

__all__ = [
    "FLAVOURS",
    "PINNED",
    "Attempt",
    "Cluster",
    "File",
    "Installation",
    "RunningServer",
    "ServerUser",
    "Unavailable",
    "attempt",
    "available",
    "newest",
    "server_user",
    "view",
]

PORT = 5432
SOMEBODY_ELSE = 54321
"""A uid and gid that is neither the server user's nor root's."""

DATA_DIRECTORY = "./"
"""What the data directory itself is called among the files of it."""

_RECOVERING = {"recovery.conf", "recovery.signal", "standby.signal"}
"""Files for which a server recovers."""

_STOP_SECONDS = 3
_CLIENTS_SECONDS = 120
"""How long a server may take to end what it does for clients: now and then one does not notice that they have gone."""
_BY_RUN = {
    r" at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \w+": "",
    r"\d{4}-\d\d-\d\d_\d{6}": "TIME",
    r"\(PID \d+\)": "(PID N)",
    r"maxAllocatedDescs \(\d+\)": "maxAllocatedDescs (N)",
    r"\b[0-9A-F]{8}\.history": "TIMELINE.history",
    # How the last server in the folder ended is no matter of this one.
    r"was interrupted; last known up": "was shut down",
    r"(?m)^[^\n]*was not properly shut down; automatic recovery in progress\n": "",
    # The collector of statistics writes when its time has come, before the server is stopped or never.
    r"(?m)^[^\n]*could not open temporary statistics file [^\n]*\n": "",
}
"""What of a log is another in each run, and what stands for it."""

_STOCK = ("postgresql.conf", "postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf")
_VIEWS = {
    "hba": ("pg_hba_file_rules", "pg_hba.conf"),
    "conf": ("pg_file_settings", "postgresql.conf"),
    "ident": ("pg_ident_file_mappings", "pg_ident.conf"),
}


@dataclass(frozen=True, slots=True)
class File:
    """A file for the data directory: its bytes, its mode and its owner; under a name that ends in a slash, a folder
    (`./` is the data directory itself).

    `owner` is "postgres" (whoever the server runs as), "root", a uid, or any other name for somebody else; `group`
    likewise. Another owner than ourselves takes a test run as root.
    """

    data: bytes
    mode: int = 0o600
    owner: str | int = "postgres"
    group: str | int = "postgres"


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a start ended: whether the server came up, and its log without times and folders."""

    starts: bool
    log: str


class Cluster:
    """A data directory of an installation, and the server on it while one runs.

    Everything outside the given files is as `initdb` made it, whatever an earlier start was given; `stock` are the
    configuration files that it wrote.
    """

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.folder = Path(tempfile.mkdtemp(prefix=f"{installation.flavour}{installation.major}-", dir=workplace()))
        self.data = self.folder / "data"
        self._own(self.folder)
        self._process: subprocess.Popen[bytes] | None = None
        self._placed: list[Path] = []
        self._altered = False
        options = ["-A", "trust", "-N", "--no-locale", "-E", "UTF8", "-U", "postgres"]
        installation.run("initdb", *options, "-D", str(self.data))
        self.stock = {name: File((self.data / name).read_bytes()) for name in _STOCK}
        made = (path.relative_to(self.data).as_posix() for path in self.data.rglob("*"))
        self._fresh = frozenset(made) - set(_STOCK)
        atexit.register(self.stop)

    def put(self, files: Mapping[str, File | None]) -> None:
        """Lay the files into the data directory, and nothing else of an earlier call; None: there is no such file.

        Names are relative to the data directory and may have folders in them; a folder of its own comes after what lies
        in it, since its mode may shut it. Raises ValueError for one that leads out of the data directory,
        PermissionError for an owner that only root can give.
        """
        if self._altered:
            subprocess.run(["chmod", "-R", "u+rwX", str(self.data)], check=True, timeout=HANGS)
            shutil.rmtree(self.data)
            self._copy(self.folder / "pristine", self.data)
            self._placed = []
        self._own(self.data)
        self.data.chmod(0o700)
        for path in reversed(self._placed):
            if path.is_dir():
                path.chmod(0o700)
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        self._placed = []
        self._altered = False
        if any(self._alters(name.rstrip("/")) for name in files):
            self.about_to_change()
        for name, file in {**self.stock, **files}.items():
            path = self.data / name
            if name == DATA_DIRECTORY and file is not None:
                self.give(self.data, file)
                continue
            if not os.path.normpath(path).startswith(f"{self.data}/"):
                raise ValueError(f"{name!r} is not inside the data directory")
            if (file is None or not name.endswith("/")) and path.is_dir():
                shutil.rmtree(path)
            if file is None:
                path.unlink(missing_ok=True)
            else:
                self._place(path, file, is_folder=name.endswith("/"))

    def about_to_change(self) -> None:
        """What initdb made is going to be changed by somebody else: the next call of `put` lays it down anew."""
        if not (self.folder / "pristine").exists():
            self._copy(self.data, self.folder / "pristine")
        self._altered = True

    def _alters(self, name: str) -> bool:
        """Whether a file of that name makes of the data directory what it will not be again by taking it away."""
        return name in _RECOVERING or name in self._fresh

    def start(self, settings: Sequence[str] = (), own: Collection[str] = (), groups: Sequence[int] = ()) -> Attempt:
        """Start a server with further `name=value` settings on its command line, and wait until it is up or gone;
        where root runs the tests its process has further `groups`.

        What is forced on every server: its socket and port, no network, no fsync, this data directory (a file may name
        another), and a log that can be read here; but for what the files have of their `own`, by its name. PostgreSQL
        still checks the values in the files. Raises TimeoutError where it is neither up nor gone.
        """
        self.stop()
        forced = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "port": str(PORT),
            "fsync": "off",
            "data_directory": str(self.data),
            "external_pid_file": str(self.folder / "external.pid"),
            "logging_collector": "off",
            "log_destination": "stderr",
            "log_line_prefix": "",
            "lc_messages": "C",
        }
        options = [f"{name}={value}" for name, value in forced.items() if name not in own] + list(settings)
        command = [str(self.installation.bindir / "postgres"), "-D", str(self.data)]
        command += [part for option in options for part in ("-c", option)]
        if (lock_file := self.data / "postmaster.pid") not in self._placed:
            lock_file.unlink(missing_ok=True)
        switch = switch_of_user()
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                command,
                user=switch.uid,
                group=switch.gid,
                extra_groups=switch.groups if switch.groups is None else [*switch.groups, *groups],
                env=environment(self.installation.libdir),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # without a terminal no library asks for a passphrase
            )
        return Attempt(self._comes_up(self._process), self.log())

    def stop(self, smart: bool = False) -> None:
        """Stop the server, if one runs: fast, so that the next log tells of no recovery, or else immediately.

        `smart` first lets the server's processes end what they do for clients, to log how it went.
        """
        process, self._process = self._process, None
        if process is None:
            return
        # On a busy machine a client's process may take its time to log how it went; a faster stop would silence it.
        for sent, seconds in (
            *(((signal.SIGTERM, _CLIENTS_SECONDS),) if smart else ()),
            (signal.SIGINT, _STOP_SECONDS),
            (signal.SIGQUIT, _STOP_SECONDS),
        ):
            if process.poll() is None:
                process.send_signal(sent)
            try:
                process.wait(seconds)
                return
            except subprocess.TimeoutExpired:
                continue
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def log(self) -> str:
        """What the last server wrote so far, with the names of our folders taken out."""
        text = (self.folder / "log").read_bytes().decode("utf-8", "replace")
        text = text.replace(f"{self.data}/", "").replace(f"{self.folder}/", "")
        for pattern, instead in _BY_RUN.items():
            text = re.sub(pattern, instead, text)
        return text

    def _comes_up(self, process: "subprocess.Popen[bytes]") -> bool:
        # The log may be set to hide the line "ready to accept connections"; the lock file has the same since 10.
        deadline = time.monotonic() + HANGS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                return False
            if _status(self.data / "postmaster.pid") in ("ready", "standby"):
                return True
            time.sleep(0.005)
        self.stop()
        raise TimeoutError(f"The server was neither up nor gone after {HANGS} seconds:\n{self.log()}")

    def _copy(self, source: Path, target: Path) -> None:
        """Copy a data directory: a server that has recovered is on another timeline for good."""
        subprocess.run(["cp", "-a", str(source), str(target)], check=True, timeout=HANGS)

    def _place(self, path: Path, file: File, is_folder: bool) -> None:
        missing = [folder for folder in path.parents if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(0o700)
            self._own(folder)
        self._placed += [*reversed(missing), path]
        if is_folder:
            if path.is_file():
                path.unlink()
            path.mkdir(exist_ok=True)
        else:
            path.unlink(missing_ok=True)
            path.write_bytes(file.data)
        self.give(path, file)

    def take_away(self, path: Path) -> None:
        """Let the next call of `put` remove what somebody else laid at a path in the data directory."""
        self._placed.append(path)

    def give(self, path: Path, file: File) -> None:
        """Give what stands at a path the owner, the group and the mode of `file`."""
        user = server_user()
        uid, gid = _number(file.owner, user.uid), _number(file.group, user.gid)
        if os.geteuid() == 0:
            os.chown(path, uid, gid)
        elif uid != user.uid:
            raise PermissionError(f"Only a test run as root can give {path.name!r} to {file.owner!r}.")
        path.chmod(file.mode)

    def _own(self, folder: Path) -> None:
        if os.geteuid() == 0:
            os.chown(folder, server_user().uid, server_user().gid)


class RunningServer:
    """A server with ssl on that answers from its views what it makes of a file; `close` it, or use it in a `with`."""

    def __init__(self, installation: Installation) -> None:
        self.major = installation.major
        self._cluster = Cluster(installation)
        items = {"server.crt": "leaf", "server.key": "key:leaf", "root.crt": "root"}
        self._tls = {name: File(pem(item)) for name, item in items.items()}
        # Settings of the file it started with would come back as rows, saying that their removal takes a restart.
        self._cluster.put({**self._tls, "postgresql.conf": File(b"")})
        started = self._cluster.start(["ssl=on", "ssl_ca_file=root.crt"])
        if not started.starts:
            raise RuntimeError(f"PostgreSQL {installation.major} does not start:\n{started.log}")
        socket = self._cluster.folder / f".s.PGSQL.{PORT}"
        self._client = Client(str(socket), "postgres", "postgres")

    def rows(self, kind: str, data: bytes, others: Mapping[str, bytes] | None = None) -> list[dict[str, Any]]:
        """The rows of pg_hba_file_rules ("hba"), pg_file_settings ("conf") or pg_ident_file_mappings ("ident", 15+).

        The view is the server's own reading of `data` now; `others` are files that it includes. File names lose the
        data directory; of a setting that takes a restart the view says that it could not be applied. Raises ValueError
        for a view that this major has not, ServerError where the view itself fails.
        """
        name, file = _VIEWS[kind]
        if kind == "ident" and self.major < 15:
            raise ValueError(f"PostgreSQL {self.major} has no view of pg_ident.conf; 15 is the first")
        put = {file: data, **(others or {})}
        self._cluster.put({**self._tls, **{name: File(content) for name, content in put.items()}})
        answer = self._client.query(f"select row_to_json(v) from {name} v")
        folder = json.dumps(f"{self._cluster.data}/")[1:-1]
        return [json.loads((row[0] or "null").replace(folder, "")) for row in answer]

    def query(self, sql: str) -> list[list[str | None]]:
        """The rows of any statement, as text."""
        return self._client.query(sql)

    def close(self) -> None:
        """Stop the server and remove its folder."""
        self._client.close()
        self._cluster.stop()
        shutil.rmtree(self._cluster.folder, ignore_errors=True)

    def __enter__(self) -> "RunningServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def attempt(
    installation: Installation,
    files: Mapping[str, File | None],
    settings: Sequence[str] = (),
    own: Collection[str] = (),
) -> Attempt:
    """Whether a server of `installation` starts with these files in its data directory, and what it logs.

    A configuration file that is not given is the one `initdb` wrote; the server is stopped again. `own` are settings
    of which nothing is forced on it.
    """
    cluster = _cluster(installation)
    cluster.put(files)
    try:
        return cluster.start(settings, own)
    finally:
        cluster.stop()


def view(installation: Installation, kind: str, text: bytes) -> list[dict[str, Any]]:
    """`RunningServer.rows` of a server that keeps running until the process ends."""
    return _running(installation).rows(kind, text)


@cache
def _cluster(installation: Installation) -> Cluster:
    return Cluster(installation)


@cache
def _running(installation: Installation) -> RunningServer:
    return RunningServer(installation)


def _number(owner: str | int, server: int) -> int:
    """The uid (or gid) that a name of `File` stands for, `server` being the server user's."""
    if isinstance(owner, int) or owner.isdecimal():
        return int(owner)
    return {"postgres": server, "root": 0}.get(owner, SOMEBODY_ELSE)


def _status(lock_file: Path) -> str:
    """The eighth line of postmaster.pid: starting, ready, standby or stopping."""
    try:
        lines = lock_file.read_text().splitlines()
    except OSError:
        return ""
    return lines[7].strip() if len(lines) > 7 else ""
