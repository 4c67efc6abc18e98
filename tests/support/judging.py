"""The linter as tests ask it."""

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pgssllint.api import lint
from pgssllint.files import Overlay
from pgssllint.finding import Finding
from pgssllint.request import Request
from pgssllint.target import OpenSSL
from tests.support import initdb
from tests.support.installations import server_user
from tests.support.pki import AT, Spec, build

SERVER = 70_001
"""The uid that the server of `found_in` runs as."""

TLS: Mapping[str, Spec | bytes] = {"server.crt": ["leaf", "intermediate"], "server.key": "key:leaf"}


def found_in(
    folder: Path,
    files: Mapping[str, Spec | bytes],
    *,
    conf: str = "ssl = on\n",
    major: int = 18,
    openssl: str = "3.0:1",
    at: datetime = AT,
    facts: Mapping[str, Overlay] | None = None,
) -> list[Finding]:
    """The findings on a data directory in the empty `folder`: initdb's files with `conf` added, TLS, and `files` over
    them, as bytes or as `build` takes them. Where `facts` say nothing of a file it is the server's own, of mode 0600.
    """
    written = {name: text.encode() for name, text in initdb.written(major).items()}
    written["postgresql.conf"] += conf.encode()
    written |= {name: spec if isinstance(spec, bytes) else build(spec) for name, spec in {**TLS, **files}.items()}
    overlays = {str(folder): Overlay(0o700, SERVER, SERVER)}
    for name, data in written.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        overlays[str(path)] = Overlay(0o600, SERVER, SERVER)
    initdb.furnish(folder, major)
    for name in initdb.furniture(major):
        mode = 0o700 if name.endswith("/") else 0o600
        overlays.setdefault(str(folder / name), Overlay(mode, SERVER, SERVER))
    overlays |= {str(folder / name): overlay for name, overlay in (facts or {}).items()}
    request = Request(
        (),
        data_dir=str(folder),
        server_uid=SERVER,
        majors=(major,),
        openssl=OpenSSL.parse(openssl),
        overlays=overlays,
    )
    return list(lint(request, at, strict=True).findings)


def settled(folder: Path, major: int) -> Path:
    """A folder made the whole data directory of a server of `major`, and with all that is in it the server's user's."""
    initdb.furnish(folder, major)
    folder.chmod(0o700)
    owned(folder)
    return folder


def owned(folder: Path) -> None:
    """Give a folder and all that is in it to the server's user, who is somebody else where root runs the tests."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, server_user().uid, server_user().gid, follow_symlinks=False)


def rules_in(findings: list[Finding]) -> set[str]:
    """The rules of some findings."""
    return {finding.rule for finding in findings}
