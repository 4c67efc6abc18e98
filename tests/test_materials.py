"""Every test certificate, form of PEM and Diffie-Hellman group in every place that takes one, judged as a server's.

PGSSLLINT_UPDATE_SNAPSHOTS=1 writes tests/snapshots/materials/ anew; the difference is to be read before it is
committed.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from pgssllint.api import lint
from pgssllint.files import Overlay
from pgssllint.request import Request
from pgssllint.rulebook import rulebook
from pgssllint.target import Clients, OpenSSL
from tests.support import initdb
from tests.support.pki import AT, Spec, build
from tests.support.profiles import PROFILES
from tests.support.sessions import FORMS
from tests.support.snapshots import unlike
from tests.support.telling import Told, by_majors, pieces

SERVER = 70_001
LIBRARIES = {111: "1.1.1:1", 300: "3.0:2", 350: "3.5:2"}
"""What is asked of each cluster, by the number that it is told with."""

CONF = "ssl = on\nssl_ca_file = 'root.crt'\nssl_crl_file = 'root.crl'\nssl_dh_params_file = 'dh.pem'\n"
HBA = "local all all peer\nhostssl all all 10.0.0.0/8 cert\n"
SOUND: Mapping[str, Spec] = {
    "server.crt": ["leaf", "intermediate"], "server.key": "key:leaf", "root.crt": "root",
    "root.crl": ["crl:root", "crl:intermediate"], "dh.pem": "dh:3072", "client.crt": ["client", "intermediate"],
}  # fmt: skip


def issuers(name: str) -> Iterator[str]:
    """The certificate of that name and those above it, but for the root."""
    profile = PROFILES[name]
    yield name
    if profile.issuer is not None and profile.issuer in PROFILES and PROFILES[profile.issuer].issuer is not None:
        yield from issuers(profile.issuer)


def told(files: Mapping[str, Spec], folder: Path) -> Iterator[str]:
    """What is told of a data directory with these files in place of sound ones."""
    (folder / "postgresql.conf").write_text(CONF)
    (folder / "pg_hba.conf").write_text(HBA)
    (folder / "pg_ident.conf").write_text("")
    initdb.furnish(folder, 18)
    overlays = {str(folder / name): Overlay(0o700, SERVER, SERVER) for name in ("", *initdb.furniture(18))}
    for name, spec in {**SOUND, **files}.items():
        (folder / name).write_bytes(build(spec))
        overlays[str(folder / name)] = Overlay(0o600, SERVER, SERVER)
    found: dict[int, list[Told]] = {}
    for number, library in LIBRARIES.items():
        request = Request(
            (), data_dir=str(folder), server_uid=SERVER, majors=(18,), openssl=OpenSSL.parse(library),
            overlays=overlays, clients=Clients(("db.example.org",), 18, (str(folder / "client.crt"),)),
        )  # fmt: skip
        outcome = lint(request, AT, strict=True)
        found[number] = [_short(piece) for piece in pieces(outcome, rulebook().pages, str(folder))]
    return by_majors(found)


def _short(piece: Told) -> Told:
    """A finding with its places and what the server logs; its sentence and fix are the pages' examples' to show."""
    if not piece[0].startswith("PGS"):
        return piece
    return piece[0].partition(": ")[0], *(line for line in piece[1:] if line.startswith(("see ", "logs ")))


CASES: Mapping[str, Mapping[str, Mapping[str, Spec]]] = {
    "servers": {name: {"server.crt": list(issuers(name)), "server.key": f"key:{name}"} for name in PROFILES},
    "authorities": {name: {"root.crt": name} for name in PROFILES},
    "behind": {name: {"server.crt": ["leaf", name]} for name in PROFILES},
    "clients": {name: {"client.crt": list(issuers(name))} for name in PROFILES if "v1" not in name},
    "certificates": {name: {"server.crt": spec} for name, spec in FORMS.items()},
    "keys": {name: {"server.key": spec} for name, spec in FORMS.items()},
    "lists": {name: {"root.crl": spec} for name, spec in FORMS.items()},
    "roots": {name: {"root.crt": spec} for name, spec in FORMS.items()},
    "groups": {
        **{name: {"dh.pem": spec} for name, spec in FORMS.items()},
        **{str(bits): {"dh.pem": f"dh:{bits}"} for bits in (768, 1024, 1536, 2048, 3072, 4096)},
    },
}
"""The files of each case, by what they are about."""


@pytest.mark.parametrize("about", CASES)
def test_what_is_told_of_a_material_is_as_recorded(about: str, tmp_path: Path) -> None:
    def lines() -> Iterator[str]:
        for number, (name, files) in enumerate(CASES[about].items()):
            folder = tmp_path / str(number)
            folder.mkdir()
            yield f"## {name}"
            yield from told(files, folder)

    assert not unlike(f"materials/{about}.txt", lines())
