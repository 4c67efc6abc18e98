"""What people see of certificate files, what programs get, and that no bytes hurt.

PGSSLLINT_UPDATE_SNAPSHOTS=1 writes tests/snapshots/certs-*.txt anew; the difference is to be read before it is
committed.
"""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.cli import main
from pgssllint.text import Source
from pgssllint.tls.chain import read_bundle
from pgssllint.views.certs import CertificateFile, read_certificates
from pgssllint.views.certs_json import as_json
from pgssllint.views.certs_notes import Trusted
from pgssllint.views.certs_tree import as_tree
from pgssllint.views.forest import DEEPEST, Grown, forest
from pgssllint.views.tree import ASCII, BOX
from tests.support.pki import AT, Spec, build, pem
from tests.support.steps import steps

SNAPSHOTS = Path(__file__).parent / "snapshots"

BUNDLES: dict[str, Spec] = {
    "whole": ["leaf", "intermediate"],
    "disorder": ["leaf-dns-and-ip", "root", "intermediate2", "intermediate"],
    "alone": "leaf-no-san",
    "client": "client",
    "self-signed": ["self-signed", "key:self-signed"],
    "expired": ["leaf-expired", "intermediate-not-yet-valid"],
    "no-ca": ["leaf", "intermediate-not-ca", "root-not-ca"],
    "twin": ["leaf", "intermediate-twin"],
    "wrong-signature": ["leaf-no-aki", "intermediate-twin"],
    "mess": [
        "leaf", "encrypted-key:leaf", "intermediate", "leaf", "intermediate-cross", "other-intermediate",
        "truncated:root", "crl-revoking:leaf", "crl-bad-signature:intermediate", "crl-expired:root", "dh:2048",
    ],
    "damaged-first": ["damaged:leaf", "intermediate"],
    "upside-down": ["root", "intermediate", "leaf"],
    "authorities": ["root", "intermediate", "other-root", "root-expired", "other-intermediate", "root", "root-v1"],
    "many": [
        "root", "intermediate", "intermediate2", "other-root", "other-intermediate", "root-expired", "root-v1",
        "root-not-ca", "rsa-intermediate", "ed25519-intermediate", "root", "crl:root", "damaged:root",
    ],
    "odd": ["leaf-broken-extension", "trailing:leaf", "leaf-duplicate-extension"],
    "revocations": ["crl:root", "crl-delta:root", "crl-expiring:intermediate"],
}  # fmt: skip


def plain(_kind: str, text: str) -> str:
    return text


def read(spec: Spec, roots: Spec | None = None, at: datetime = AT) -> CertificateFile:
    trusted = None
    if roots is not None:
        source = Source("/roots.crt", build(roots))
        trusted = Trusted(source, read_bundle(source).certificates)
    return read_certificates(Source("/server.crt", build(spec)), at, trusted)


def drawn(spec: Spec, roots: Spec | None = None, *, verbose: bool = False, at: datetime = AT) -> str:
    return "\n".join(as_tree("server.crt", read(spec, roots, at), at, BOX, str, verbose=verbose).lines(plain)) + "\n"


def notes(spec: Spec, index: int, roots: Spec | None = None) -> list[str]:
    return [note.text for note in read(spec, roots).entries[index].notes]


@pytest.mark.parametrize("name", BUNDLES)
def test_files_look_as_recorded(name: str) -> None:
    shown = drawn(BUNDLES[name])
    path = SNAPSHOTS / f"certs-{name}.txt"
    if os.environ.get("PGSSLLINT_UPDATE_SNAPSHOTS") == "1":
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")


def test_roots_complete_the_path() -> None:
    shown = drawn(["leaf", "intermediate"], ["other-root", "root"])
    assert "--roots, line 11  CN=Example Root          issued it: a root that clients trust\n" in shown
    assert "missing" not in shown
    assert "(not among the roots that clients trust either)" in drawn(["leaf", "intermediate"], "other-root")
    assert "missing: 'CN=Example Intermediate' (not among" in drawn("leaf", "root")


def test_a_root_in_the_file_is_held_against_those_that_clients_trust() -> None:
    with_root = ["leaf", "intermediate", "root"]
    superfluous = "superfluous: a root is of use only where clients have it themselves"
    assert notes(with_root, 3) == [superfluous]
    assert notes(with_root, 3, "other-root") == [superfluous, "not among the roots that clients trust"]
    assert "issued it: a root that clients trust" in drawn(with_root, "root")
    assert "the server's certificate, self-signed, which clients trust" in drawn("self-signed", "self-signed")
    assert "not among the roots that clients trust" in drawn("self-signed", "root")


def test_a_root_of_the_same_name_is_not_the_same() -> None:
    named = "missing: 'CN=Example Intermediate' (clients trust one of that name, which has another key)"
    assert named in drawn("leaf", "intermediate-twin")
    wrong = drawn("leaf-no-aki", "intermediate-twin")
    assert "issued it, which clients trust\n" in wrong
    assert "wrong    its key did not sign that, although the names fit" in wrong
    assert "missing: 'CN=Example Root' (not among" in wrong


def test_the_renewed_root_of_the_clients_is_preferred() -> None:
    found = read(["leaf", "intermediate", "root-expired"], ["root"])
    assert found.chain is not None
    assert [c.block.index for c in found.chain.certificates] == [1, 2, 1]
    assert notes(["leaf", "intermediate", "root-expired"], 3, "root") == [
        "another way up: name and key are those of the root that clients trust"
    ]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("leaf", "the server's certificate"),
        ("client", "the client's certificate"),
        ("client-any-usage", "a server's or a client's certificate"),
        ("self-signed-client", "the client's certificate, self-signed"),
        ("self-signed-ca", "the server's certificate, self-signed"),
        ("root", "a root\n"),
        ({"content": "root"}, "a root\n"),
        ("root-not-ca", "a server's or a client's certificate, self-signed"),
        ("intermediate", "issued by 'CN=Example Root', which is not here"),
        (["root-not-ca", "root"], "self-signed, no CA"),
        (["key:leaf"], "private key\n"),
        ("leaf-ed448", "Ed448, signed with SHA256"),
        ("leaf-by-ed25519-intermediate", "EC prime256v1, signed with Ed25519"),
        ("leaf-rsa1024", "RSA 1024 bits, signed with SHA256"),
        ({"content": ["leaf"], "shape": "bom"}, "behind a byte order mark, so that OpenSSL 1.1.1 does not see it"),
        ({"content": ["leaf"], "shape": "indented"}, "line 1: OpenSSL does not see 'BEGIN CERTIFICATE' there: blanks"),
        ({"content": ["leaf", "root"], "shape": "glued"}, "damaged (bad end line): OpenSSL reads no further"),
    ],
    ids=str,
)
def test_what_a_block_is_called(spec: Spec, said: str) -> None:
    assert said in drawn(spec)


def test_a_line_that_is_seen_is_not_overlooked() -> None:
    assert read({"content": ["leaf"], "shape": "bom"}).overlooked == ()


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-05-10", "begins in 6 days"),
        ("2027-05-15", "1 day left"),
        ("2027-05-16", "less than a day left"),
        ("2027-05-19", "expired 2 days ago"),
        ("2037-05-19", "expired 10 years ago"),
    ],
)
def test_dates_are_judged_as_of_the_day_asked_for(day: str, said: str) -> None:
    then = datetime.fromisoformat(day).replace(tzinfo=UTC)
    assert said in "\n".join(as_tree("x", read("leaf", at=then), then, BOX, str).lines(plain))


def test_many_certificates_are_a_line_each_unless_asked_for() -> None:
    many = BUNDLES["many"]
    assert len(drawn(many).splitlines()) == 1 + 13
    assert "valid    " in drawn(many, verbose=True)
    assert "serial   " in drawn(many, verbose=True)


def test_it_can_be_drawn_in_ascii_and_in_colour() -> None:
    tree = as_tree("x", read(BUNDLES["mess"]), AT, ASCII, str)
    assert "\n".join(tree.lines(plain)).isascii()
    painted = "\n".join(tree.lines(lambda kind, text: f"<{kind}:{text}>"))
    assert "<error:damaged (too long): OpenSSL reads no further>" in painted
    assert "<warning:missing: 'CN=Example Root'" in painted
    assert re.sub(r"<\w+:([^<>]*)>", r"\1", painted) == "\n".join(tree.lines(plain))


def test_trust_settings_are_no_stray_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for item, said in {
        "trusted-for-servers:root": "trust settings follow the certificate inside its block",
        "trailing:root": "2 bytes follow the certificate inside its block",
    }.items():
        (tmp_path / "x").write_bytes(build([item]))
        assert main(["certs", "--verbose", str(tmp_path / "x")]) == 0
        assert said in capsys.readouterr().out


def test_no_key_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x").write_bytes(build(["key:leaf", "key-ec:leaf", "encrypted-key-traditional:leaf", "leaf"]))
    for form in ("tree", "json"):
        assert main(["certs", "--format", form, "--verbose", str(tmp_path / "x")]) == 0
        out = capsys.readouterr().out
        assert out.count("private key") == 3
        lines = [line for line in build(["key:leaf", "key-ec:leaf"]).decode().splitlines() if "-----" not in line]
        assert not any(line in out for line in lines)


HOSTILE = b"-----BEGIN \x1b[31mX\xe2\x80\xae-----\nAAAA\n-----END \x1b[31mX\xe2\x80\xae-----\n"


def test_what_a_terminal_could_take_for_a_command_is_escaped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "\x1b[2J.pem"
    path.write_bytes(HOSTILE)
    assert main(["certs", "--color", "never", str(path)]) == 0
    out = capsys.readouterr().out
    assert "\\x1b[2J.pem" in out
    assert "<U+202E>" in out
    assert "\x1b" not in out
    assert main(["certs", str(tmp_path / "\x1b[2K")]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "server.crt").write_bytes(build(BUNDLES["mess"]))
    (tmp_path / "root.crt").write_bytes(build("root"))
    names = [str(tmp_path / name) for name in ("server.crt", "root.crt")]
    assert main(["certs", "--format", "json", "--at", "2026-06-15", *names]) == 0
    server, root = json.loads(capsys.readouterr().out)
    assert list(server) == ["file", "blocks", "chain", "complete", "missing_issuer", "overlooked"]
    assert (server["file"], server["chain"], server["complete"]) == (names[0], [1, 3], False)
    assert server["missing_issuer"] == "CN=Example Root"
    leaf = server["blocks"][0]
    assert len(leaf.pop("serial")) > 8
    assert leaf == {
        "index": 1, "line": 1, "end_line": 12, "kind": "certificate", "subject": "CN=db.example.org",
        "issuer": "CN=Example Intermediate", "not_before": "2026-05-16T12:00:00+00:00",
        "not_after": "2027-05-16T12:00:00+00:00", "names": ["db.example.org"],
        "key": {"type": "EC", "bits": 256, "curve": "prime256v1"}, "signature": "SHA256", "is_ca": False,
        "self_signed": False, "issued_by": 3, "notes": ["revoked by the CRL in block 8"],
    }  # fmt: skip
    assert [block["kind"] for block in server["blocks"]] == [
        "certificate", "private key", *["certificate"] * 5, "CRL", "CRL", "CRL", "DH PARAMETERS",
    ]  # fmt: skip
    assert [block["notes"] for block in server["blocks"]][3:7] == [
        ["a duplicate of block 1"],
        ["another way up: name and key are those of block 3"],
        ["on no path from block 1: superfluous"],
        ["damaged (too long): OpenSSL reads no further"],
    ]
    assert server["blocks"][9]["notes"] == ["out of date for 30 days"]
    assert (root["chain"], root["complete"], root["missing_issuer"]) == ([], None, None)
    assert root["blocks"][0]["self_signed"]


def test_several_files_and_one_that_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("leaf", "root"):
        (tmp_path / name).write_bytes(pem(name))
    assert main(["certs", "leaf", "nowhere", "root"]) == 2
    out, err = capsys.readouterr()
    assert [line for line in out.splitlines() if not line.startswith((" ", "└", "├"))] == ["leaf", "", "root"]
    assert err == "pgssllint: The file 'nowhere' does not exist.\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["root.der"], "The file 'root.der' holds no PEM but a DER certificate."),
        (["x.p12"], "The file 'x.p12' holds no PEM but PKCS#12."),
        (["empty"], "The file 'empty' holds no PEM but nothing."),
        (["."], "The file '.' is a directory."),
        (["fifo"], "The file 'fifo' is not a regular file."),
        (["--roots", "key", "leaf"], "The file 'key' holds no PEM certificate but a private key."),
        (["--roots", "nowhere", "leaf"], "The file 'nowhere' does not exist."),
        (["--at", "tomorrow", "leaf"], "Option '--at': 'tomorrow' is no date; write one like '2026-12-31' or "
                                       "'2026-12-31T12:00+00:00'."),
        ([], "Give FILE, or with '--data-dir' the server whose it is."),
    ],
    ids=str,
)  # fmt: skip
def test_a_mistake_is_one_sentence(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, item in {"root.der": "der:root", "x.p12": "pkcs12:leaf", "empty": "empty", "key": "key:leaf"}.items():
        (tmp_path / name).write_bytes(pem(item))
    os.mkfifo(tmp_path / "fifo")
    status = main(["certs", *words])
    out, err = capsys.readouterr()
    assert (status, out, err) == (2, "", f"pgssllint: {sentence}\n")


def test_an_output_without_boxes_gets_none(tmp_path: Path) -> None:
    (tmp_path / "leaf").write_bytes(pem("leaf"))
    for encoding, sign in (("ascii", "`- block 1"), ("utf-8", "└─ block 1"), ("latin-1", "`- block 1")):
        done = subprocess.run(
            [sys.executable, "-m", "pgssllint", "certs", "leaf"], cwd=tmp_path, capture_output=True, check=True,
            env={"PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONIOENCODING": encoding},
        )  # fmt: skip
        assert sign in done.stdout.decode(encoding)


ITEMS = st.sampled_from(
    ["leaf", "root", "intermediate", "intermediate-cross", "root-cross", "other-root", "key:leaf", "crl:root",
     "damaged:root", "truncated:leaf", "self-signed", "leaf-broken-extension", "root-v1", "public-key", "csr"]
)  # fmt: skip
BYTES = st.binary(max_size=300) | st.lists(ITEMS.map(pem) | st.binary(max_size=40), max_size=8).map(b"".join)


@given(data=BYTES, roots=st.none() | st.lists(ITEMS, max_size=3))
def test_any_bytes_are_drawn(data: bytes, roots: list[str] | None) -> None:
    source = Source("/roots", build(roots or []))
    trusted = None if roots is None else Trusted(source, read_bundle(source).certificates)
    found = read_certificates(Source("/x", data), AT, trusted)
    for verbose in (False, True):
        shown = list(as_tree("x", found, AT, BOX, str, verbose=verbose).lines(plain))
        assert all(line.isprintable() for line in shown)
        assert sum("─ block " in line for line in shown) == len(found.entries)
    assert len(json.loads(as_json([("x", found)], AT, str))[0]["blocks"]) == len(found.entries)


def test_issuers_in_a_circle_are_drawn_once_each() -> None:
    assert forest([1, 2, 3], {1: 2, 2: 3, 3: 1}) == [Grown(1, (Grown(3, (Grown(2, ()),)),))]
    assert forest([1, 2], {1: 1}) == [Grown(1, ()), Grown(2, ())]
    circle = drawn(["root-cross", "other-root", "intermediate-cross", "intermediate"])
    assert circle.count("─ block ") == 4


@given(parents=st.dictionaries(st.integers(1, 12), st.integers(1, 12)))
def test_a_forest_holds_every_tree_once(parents: dict[int, int]) -> None:
    def blocks(trees: tuple[Grown, ...]) -> list[int]:
        return [block for tree in trees for block in (tree.block, *blocks(tree.below))]

    assert sorted(blocks(tuple(forest(range(1, 13), parents)))) == list(range(1, 13))


def test_a_long_line_of_issuers_is_not_nested_for_ever() -> None:
    trees = forest(range(1, 50_001), {n: n + 1 for n in range(1, 50_000)})
    assert len(trees) == 50_000 // DEEPEST


def test_twice_the_blocks_are_twice_the_work() -> None:
    def work(times: int) -> int:
        source = Source("/x", build([*["leaf", "intermediate", "root", "crl:root"] * times, "other-intermediate"]))
        drawn = [0]

        def draw() -> None:
            drawn[0] = len(list(as_tree("x", read_certificates(source, AT), AT, BOX, str).lines(plain)))

        taken = steps(draw)
        assert drawn == [1 + 4 * times + 1]
        return taken

    assert work(400) < 2.1 * work(200)
