"""Real connections: how libpq fares with a real server that has these files.

`connect` starts the server, lets one client connect over TCP on 127.0.0.1 and stops the server again. What the client
asks for are the keys of `connect` in a rule page's case (docs/rule-pages.md).
"""

import json
import os
import platform
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from tests.support import libpq
from tests.support.installations import PINNED, Installation, Unavailable, available, environment, workplace
from tests.support.pki import build
from tests.support.profiles import PROFILES
from tests.support.protocol import Client
from tests.support.servers import PORT, Attempt, Cluster, File
from tests.support.steps import HANGS

HBA = b"hostssl all all 127.0.0.1/32 trust\n"
"""The pg_hba.conf of a server whose files have none."""


_PORTS_TRIED = 5
_OPTIONS = {
    "user": "user",
    "password": "password",
    "channel_binding": "channel_binding",
    "sslsni": "sslsni",
    "min_protocol": "ssl_min_protocol_version",
    "max_protocol": "ssl_max_protocol_version",
}
_DEFAULTS = {"host": "db.example.org", "sslmode": "verify-full", "user": "postgres"}
_BY_CHANCE = re.compile(
    r"LOG:  (?:could not (?:receive data from|send data to) client|incomplete startup packet|unexpected EOF on client)"
)
"""What a server logs, or not, of a client that has gone, depending on who was first."""


_OF_THE_STOP = re.compile(
    r"LOG:  (?:received smart shutdown request|shutting down|database system is shut down|checkpoint |"
    r"(?:logical replication|autovacuum) launcher |background worker |worker process: |restartpoint )"
)
"""What a server logs of its own stop."""


@cache
def today() -> datetime:
    """The day of this run, for what client and server have: the same certificate is the same bytes on both sides."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def connect(installation: Installation, files: Mapping[str, File | None], wanted: Mapping[str, Any]) -> str:
    """How a client with the options `wanted` gets on with a server that has these files in its data directory.

    `ok TLSv1.3 TLS_AES_256_GCM_SHA384` (version and cipher) or `ok plaintext`; else the client's error message and
    below it what the server logged; or `the server does not start` and its log. There are no dates, serial numbers,
    ports and folders in it. Raises LookupError where there is no such libpq, saying why.
    """
    client = libpq_of(wanted.get("libpq"), installation)
    place = site(installation)
    place.admit(str(wanted.get("user", _DEFAULTS["user"])), wanted.get("password"))
    place.cluster.put({"pg_hba.conf": File(HBA), **files})
    started, port = place.listen()
    if not started.starts:
        return _plain("\n".join(["the server does not start", *started.log.splitlines()]), "")
    try:
        with tempfile.TemporaryDirectory(dir=workplace()) as folder:
            ok, text = tried(client, wanted, port, Path(folder))
            text = _plain(text, folder)
    finally:
        place.cluster.stop(smart=True)
    return f"ok {text}" if ok else "\n".join([text, *about_the_client(_plain(place.cluster.log(), ""))])


class _Site:
    """The cluster of an installation that clients connect to, with the roles that the test certificates name."""

    def __init__(self, installation: Installation) -> None:
        self.cluster = Cluster(installation)
        self._passwords: dict[str, str] = {}
        self._roles = {"postgres"}
        self._run(*(self._role(profile.subject) for profile in PROFILES.values()))

    def admit(self, user: str, password: str | None) -> None:
        """See to it that there is a role `user`, with that password unless it is None."""
        statements = [self._role(user)]
        if password is not None and self._passwords.get(user) != password:
            statements += [
                "set password_encryption = 'scram-sha-256'",
                f"alter role {_name(user)} password {_text(password)}",
            ]
            self._passwords[user] = password
        self._run(*statements)

    def listen(self) -> tuple[Attempt, int]:
        """Start the server on a free port of 127.0.0.1; how that went, and the port."""
        for _ in range(_PORTS_TRIED):
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            started = self.cluster.start(["listen_addresses=127.0.0.1", f"port={port}"])
            if started.starts or "Address already in use" not in started.log:
                break
        return started, port

    def _role(self, user: str) -> str:
        if user in self._roles:
            return ""
        self._roles.add(user)
        return f"create role {_name(user)} login"

    def _run(self, *statements: str) -> None:
        if not any(statements):
            return
        self.cluster.put({})
        self.cluster.start()
        with Client(str(self.cluster.folder / f".s.PGSQL.{PORT}"), "postgres", "postgres") as client:
            for statement in filter(None, statements):
                client.query(statement)
        self.cluster.stop()


@cache
def site(installation: Installation) -> _Site:
    return _Site(installation)


def libpq_of(major: int | None, server: Installation) -> Installation:
    """Whose libpq connects: npm's of that major, or else the newest PyPI one; to a server of Debian's, the system's."""
    if major is None and server.flavour == "debian":
        return replace(server, libdir=Path(f"/usr/lib/{platform.machine()}-linux-gnu"))
    found = available(major, "npm") if major is not None else available(max(PINNED["pypi"]), "pypi")
    if isinstance(found, Unavailable):
        raise LookupError(found.reason)
    return found


def tried(client: Installation, wanted: Mapping[str, Any], port: int, folder: Path) -> tuple[bool, str]:
    """Let a child process connect: whether it could, and its words. Its own files are in `folder`."""
    settings = folder / "openssl.cnf"
    settings.write_text(openssl_conf(wanted))
    asked = {"library": str(client.libdir / "libpq.so.5"), "options": _options(wanted, port, folder)}
    done = subprocess.run(
        [sys.executable, "-I", libpq.__file__],
        env={**environment(client.libdir), "OPENSSL_CONF": str(settings), "PGGSSENCMODE": "disable"},
        cwd=folder,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=True,
    )
    answer = json.loads(done.stdout)
    return answer["ok"], answer["text"]


def _options(wanted: Mapping[str, Any], port: int, folder: Path) -> dict[str, str]:
    """What PQconnectdbParams gets. Every file is named, so that none in the home of who runs the tests is looked at."""
    given = {**_DEFAULTS, **wanted}
    fixed = {"hostaddr": "127.0.0.1", "port": str(port), "dbname": "postgres", "connect_timeout": str(HANGS)}
    files = {"sslrootcert": "roots.crt", "sslcrl": "roots.crl", "sslcert": "client.crt", "sslkey": "client.key"}
    for option, spec in _specs(given):
        path = folder / files[option]
        path.write_bytes(build(spec, today()))
        path.chmod(0o600)
    named = {option: str(folder / name) for option, name in files.items()} | {"passfile": str(folder / "passwords")}
    if given.get("roots") == "system":
        named["sslrootcert"] = "system"
    asked = {option: str(given[key]) for key, option in _OPTIONS.items() if key in given}
    return {"host": given["host"], "sslmode": given["sslmode"], **fixed, **named, **asked}


def _specs(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The options of libpq that name a file, and what is in it, of those that there are."""
    roots = given.get("roots", "root" if given["sslmode"].startswith("verify") else [])
    if roots and roots != "system":
        yield "sslrootcert", roots
    if "crl" in given:
        yield "sslcrl", given["crl"]
    if "certificate" in given:
        certificate = given["certificate"]
        yield "sslcert", certificate
        leaf = certificate if isinstance(certificate, str) else certificate[0]
        yield "sslkey", {"key": given.get("key", leaf)}


def openssl_conf(wanted: Mapping[str, Any]) -> str:
    """Settings for the client's OpenSSL; libpq has no options for them."""
    commands = {"CipherString": wanted.get("ciphers"), "Groups": wanted.get("groups")}
    lines = [f"{name} = {value}" for name, value in commands.items() if value is not None]
    if not lines:
        return ""
    head = ["openssl_conf = start", "[start]", "ssl_conf = tls", "[tls]", "system_default = client", "[client]"]
    return "\n".join([*head, *lines, ""])


def about_the_client(log: str) -> Iterator[str]:
    """The lines of a log behind the start, but for those of the stop, which a client's process may come behind."""
    lines = iter(log.splitlines())
    if "ready to accept connections" in log:
        for line in lines:
            if "ready to accept connections" in line:
                break
    for line in lines:
        if line.strip() and not _BY_CHANCE.match(line) and not _OF_THE_STOP.match(line):
            yield line


def _plain(text: str, folder: str) -> str:
    """A message without what differs from run to run."""
    text = text.replace(f"{folder}{os.sep}", "") if folder else text
    text = re.sub(r"\bport \d+", "port N", text)
    text = re.sub(r"serial number -?\d+", "serial number N", text)
    return text.strip()


def _name(identifier: str) -> str:
    doubled = identifier.replace('"', '""')
    return f'"{doubled}"'


def _text(literal: str) -> str:
    doubled = literal.replace("'", "''")
    return f"'{doubled}'"
