"""Revocation lists in ssl_crl_dir: the names by which OpenSSL finds them."""

import re
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.cluster.reader import Reader
from pgssllint.cluster.revocation import CrlFolder, Revocation
from pgssllint.cluster.setting import Named
from pgssllint.files import Files, Opened, OpenedFolder, Overlay, Presence
from pgssllint.finding import Location
from pgssllint.locate import Locator
from pgssllint.permissions import ServerView, User
from pgssllint.target import OpenSSL
from pgssllint.text import Source
from pgssllint.tls.crl import read_crls
from pgssllint.tls.names import name_hash
from pgssllint.unknown import NOT_SET, NotSet
from tests.support.certificates import subject
from tests.support.libssl import hash_of_name, system_library
from tests.support.pki import build, pem

ROOT = name_hash(subject("Example Root").public_bytes())
OTHER = name_hash(subject("Other Root").public_bytes())
LOCATOR = Locator(Files(None), deployed=True, data_directory=None)


def folder(path: Path, files: dict[str, str], file: str = "") -> Revocation:
    """The lists of a folder, and of a file ssl_crl_file if given."""
    for name, spec in files.items():
        (path / name).write_bytes(build(spec.split()))
    opened = OpenedFolder("crl.d", Presence.HERE, str(path), tuple(sorted(files)))
    named: Named | NotSet = NOT_SET
    if file:
        source = Source("/root.crl", build(file.split()))
        named = Named("ssl_crl_file", Opened("root.crl", Presence.HERE, "/root.crl", source), Location("/conf"))
    return Revocation(named, CrlFolder(opened, Location("/conf")), LOCATOR, Reader(Files(None), OpenSSL("3.0", 2)))


@pytest.mark.parametrize(
    ("files", "held"),
    [
        ({"{root}.r0": "crl:root"}, ["{root}.r0"]),
        ({"{root}.r0": "crl:root", "{root}.r1": "crl-older:root"}, ["{root}.r0", "{root}.r1"]),
        ({"{root}.r0": "crl:root", "{root}.r2": "crl-older:root"}, ["{root}.r0"]),
        ({"{root}.r1": "crl:root"}, []),
        ({"{root}.r00": "crl:root"}, []),
        ({"{root}.r": "crl:root"}, []),
        ({"{root}.0": "crl:root"}, []),
        ({"{ROOT}.r0": "crl:root"}, []),
        ({"{root}.r0.pem": "crl:root", "x{root}.r0": "crl:root"}, []),
        ({"root.crl": "crl:root"}, []),
        ({"{other}.r0": "crl:root"}, []),
        ({"{other}.r0": "crl:other-root", "{root}.r0": "crl:root"}, ["{other}.r0", "{root}.r0"]),
        ({"{root}.r0": "crl:root crl:other-root"}, ["{root}.r0"]),
        ({"{root}.r0": "leaf", "{root}.r1": "crl:root"}, ["{root}.r1"]),
    ],
)
def test_names_without_a_gap(files: dict[str, str], held: list[str], tmp_path: Path) -> None:
    words = {"root": ROOT, "ROOT": ROOT.upper(), "other": OTHER}
    found = folder(tmp_path, {name.format(**words): spec for name, spec in files.items()})
    assert sorted(item.file or "" for item in found.held) == sorted(name.format(**words) for name in held)
    in_files = [name.format(**words) for name, spec in files.items() for item in spec.split() if item != "leaf"]
    assert sorted(item.file or "" for item in found.lists) == sorted(in_files)


def test_lists_of_the_file_are_always_found(tmp_path: Path) -> None:
    found = folder(tmp_path, {f"{ROOT}.r0": "crl:root", "stray": "crl:other-root"}, "crl:intermediate")
    told = [(item.crl.issuer, item.file, item.found) for item in found.lists]
    assert told == [
        ("CN=Example Intermediate", None, True),
        ("CN=Example Root", f"{ROOT}.r0", True),
        ("CN=Other Root", "stray", False),
    ]
    assert (found.is_set, found.in_view, found.fault) == (True, True, None)


@pytest.mark.parametrize(
    ("file", "reason"),
    [("crl:root", None), ("empty", "no certificate or crl found"), ("crl:root damaged:leaf", "bad base64 decode")],
)
def test_what_ends_the_loading_of_the_file(file: str, reason: str | None, tmp_path: Path) -> None:
    fault = folder(tmp_path, {}, file).fault
    assert (fault and fault.reason) == reason


def test_no_source_of_lists() -> None:
    none = Revocation(NOT_SET, NOT_SET, LOCATOR, Reader(Files(None), OpenSSL("3.0", 2)))
    assert (none.is_set, none.in_view, none.lists, none.fault) == (False, True, (), None)


def test_a_folder_out_of_view_may_hold_anything() -> None:
    opened = OpenedFolder("crl.d", Presence.NOT_IN_VIEW)
    reader = Reader(Files(None), OpenSSL("3.0", 2))
    unknown = Revocation(NOT_SET, CrlFolder(opened, Location("/conf")), LOCATOR, reader)
    assert (unknown.is_set, unknown.in_view, unknown.lists) == (True, False, ())


def attribute(oid: x509.ObjectIdentifier, text: str, kind: _ASN1Type | None = None) -> "x509.NameAttribute[str]":
    return x509.NameAttribute(oid, text, kind, _validate=False)


CN, O, C = NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.COUNTRY_NAME  # noqa: E741
NAMES = {
    "one common name": x509.Name([attribute(CN, "Example Root")]),
    "several parts": x509.Name([attribute(C, "DE"), attribute(O, "Example"), attribute(CN, "Root")]),
    "upper case and blanks": x509.Name([attribute(CN, "  EXAMPLE \t  Root ")]),
    "not ASCII": x509.Name([attribute(CN, "Bücher Österreich ÀÉ"), attribute(O, "日本")]),
    "PrintableString": x509.Name([attribute(CN, "Example Root", _ASN1Type.PrintableString)]),
    "BMPString": x509.Name([attribute(CN, "Bücher", _ASN1Type.BMPString)]),
    "IA5String": x509.Name([attribute(NameOID.EMAIL_ADDRESS, "DBA@Example.ORG", _ASN1Type.IA5String)]),
    "T61String": x509.Name([attribute(CN, "Example Root", _ASN1Type.T61String)]),
    "several attributes in one part": x509.Name(
        [x509.RelativeDistinguishedName([attribute(CN, "Root"), attribute(O, "Example"), attribute(C, "DE")])]
    ),
    "a long one": x509.Name([attribute(CN, "x" * 60), *[attribute(O, "Example " * 30)] * 2]),
    "a value of nothing but blanks": x509.Name([attribute(CN, "   ")]),
    "empty": x509.Name([]),
}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("one common name", "PrintableString", True),
        ("one common name", "T61String", True),
        ("one common name", "upper case and blanks", True),
        ("one common name", "several parts", False),
        ("several parts", "several attributes in one part", False),
    ],
)
def test_names_that_openssl_takes_for_the_same(one: str, other: str, same: bool) -> None:
    hashes = [name_hash(NAMES[name].public_bytes()) for name in (one, other)]
    assert (hashes[0] == hashes[1]) == same


def test_the_hash_of_a_list_is_that_of_its_issuer() -> None:
    (crl,) = read_crls(Source("/x", pem("crl:root"))).lists
    assert name_hash(crl.issuer_der) == ROOT


@pytest.mark.skipif(system_library() is None, reason="no libcrypto on this machine to compare with")
@pytest.mark.parametrize("name", NAMES)
def test_the_library_has_the_same_hash(name: str) -> None:
    """`openssl crl -hash` and `openssl x509 -subject_hash` print it."""
    der = NAMES[name].public_bytes()
    assert name_hash(der) == hash_of_name(der)


@given(st.binary(max_size=60))
def test_any_bytes_have_a_hash(data: bytes) -> None:
    assert re.fullmatch(r"[0-9a-f]{8}", name_hash(data))


@pytest.mark.parametrize(
    ("overlays", "presence", "held"),
    [
        ({}, Presence.HERE, 2),
        ({"crl": 0o711}, Presence.HERE, 2),
        ({"crl": 0o766}, Presence.MISSING, 0),
        ({"{root}.r0": 0o600}, Presence.HERE, 0),
        ({"{root}.r1": 0o600}, Presence.HERE, 1),
    ],
)
def test_what_the_server_may_not_read_is_not_there(
    overlays: dict[str, int], presence: Presence, held: int, tmp_path: Path
) -> None:
    """A folder need only be gone through, since the lists are opened by their names."""
    crls = tmp_path / "crl"
    crls.mkdir()
    for number, spec in enumerate(("crl:root", "crl-older:root")):
        (crls / f"{ROOT}.r{number}").write_bytes(build([spec]))
    paths = {
        str(crls / name.format(root=ROOT)) if name != "crl" else str(crls): mode for name, mode in overlays.items()
    }
    laid = {str(tmp_path): 0o755, str(crls): 0o755, **{str(path): 0o644 for path in crls.iterdir()}, **paths}
    files = Files(None, overlays={path: Overlay(mode, 1, 1) for path, mode in laid.items()})
    view = ServerView(files, User(70, frozenset({70})), str(tmp_path))
    locator = Locator(files, deployed=True, data_directory=str(tmp_path), view=view)
    opened = locator.named_folder("crl", str(tmp_path / "postgresql.conf"))
    found = Revocation(NOT_SET, CrlFolder(opened, Location("/conf")), locator, Reader(files, OpenSSL("3.0", 2)))
    assert (opened.presence, len(found.held)) == (presence, held)
