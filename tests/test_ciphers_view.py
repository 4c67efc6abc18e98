"""What `pgssllint ciphers` shows is what OpenSSL lists, and what it says is not negotiated no handshake negotiates."""

import json
import shutil
import ssl
import subprocess
import warnings
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.api import cipher_suites
from pgssllint.cli import main
from pgssllint.target import OpenSSL
from pgssllint.tls.cipher_suites import suites, tls13_suites
from pgssllint.tls.obstacles import Circumstances
from pgssllint.views.ciphers import cipher_json, cipher_listing, cipher_notes, cipher_rows, fault_sentence
from tests.support.pki import pem
from tests.support.steps import steps

NEW = OpenSSL("3.0", 2)
EVERYTHING = "ALL:COMPLEMENTOFALL"
LISTS = ("HIGH:MEDIUM:+3DES:!aNULL", "DEFAULT", EVERYTHING, "ECDHE+AESGCM:kRSA+AES128@STRENGTH", "SUITEB128")


@cache
def program() -> str:
    """The openssl of this machine, if it is 3.0; else the test is skipped and says why."""
    found = shutil.which("openssl")
    said = subprocess.run([found, "version"], capture_output=True, text=True, check=False).stdout if found else ""
    if not said.startswith("OpenSSL 3.0."):
        pytest.skip(f"this machine's openssl is not 3.0: {said.strip() or 'there is none'}")
    return str(found)


def theirs(*words: str) -> list[list[str]]:
    """The lines of `openssl ciphers -V` as words: id, name, protocol, and Kx, Au, Enc and Mac without their names."""
    done = subprocess.run(
        [program(), "ciphers", "-V", *words],
        capture_output=True,
        text=True,
        check=True,
        env={"OPENSSL_CONF": "/dev/zero"},
    )
    lines = (line.replace(" - ", " ").split() for line in done.stdout.splitlines())
    return [[*words[:3], *(word.partition("=")[2] for word in words[3:])] for words in lines]


def shown(text: str, level: int = 2, low: str = "", high: str = "", *, free: bool = False) -> list[list[str]]:
    """The same of ours; with `free` only those that can be negotiated."""
    rows = cipher_rows(cipher_listing(text, Circumstances(OpenSSL("3.0", level), level, None, low, high)))
    return [[str(v) for v in row.values()][:-1] for row in rows if not free or str(row["negotiable"]).startswith("yes")]


@pytest.mark.parametrize("text", LISTS)
def test_the_table_is_that_of_openssl_ciphers(text: str) -> None:
    assert shown(text) == theirs(text)


@pytest.mark.parametrize("level", range(6))
@pytest.mark.parametrize("text", LISTS[:4])
def test_what_can_be_negotiated_is_what_openssl_supports(text: str, level: int) -> None:
    assert shown(text, level, free=True) == theirs("-s", f"{text}:@SECLEVEL={level}")


@pytest.mark.parametrize(
    ("option", "version"), [("-tls1", "TLSv1"), ("-tls1_1", "TLSv1.1"), ("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")]
)
def test_so_it_is_with_one_version_of_the_protocol(option: str, version: str) -> None:
    assert shown(EVERYTHING, 0, version, version, free=True) == theirs("-s", option, f"{EVERYTHING}:@SECLEVEL=0")


def handshake(folder: Path, name: str, suite: str, level: int, version: ssl.TLSVersion) -> str | None:
    """The suite that a server with that certificate and a client with the same list agree upon."""
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    (folder / "server.pem").write_bytes(pem(name) + pem(f"key:{name}"))
    (folder / "dh.pem").write_bytes(pem("dh:2048"))
    server.load_dh_params(str(folder / "dh.pem"))
    server.load_cert_chain(folder / "server.pem")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for context in (server, client):
            context.minimum_version = context.maximum_version = version
            context.set_ciphers(f"{suite}:@SECLEVEL={level}")
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [client.wrap_bio(up, down), server.wrap_bio(down, up, server_side=True)]
    for end in ends * 3:
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue
        except ssl.SSLError:
            return None
    agreed = ends[0].cipher()
    return agreed[0] if agreed else None


KEYS = ("rsa-leaf", "leaf", "leaf-ed25519", "leaf-ed448", "leaf-secp256k1", "leaf-brainpool")


@pytest.mark.parametrize(("level", "version"), [(0, "TLSv1.2"), (1, "TLSv1.2"), (0, "TLSv1.1"), (1, "TLSv1.1")])
@pytest.mark.parametrize("name", KEYS)
def test_handshakes_agree(name: str, level: int, version: str, tmp_path: Path) -> None:
    """For the suites whose cipher is AES with 128 bits, which stand for the others."""
    if not ssl.OPENSSL_VERSION.startswith("OpenSSL 3.0."):
        pytest.skip(f"this Python has another library: {ssl.OPENSSL_VERSION}")
    (tmp_path / "server.crt").write_bytes(pem(name))
    listing = cipher_suites(
        f"AES128:eNULL:@SECLEVEL={level}", f"3.0:{level}", certificate=str(tmp_path / "server.crt"),
        min_protocol=version, max_protocol=version,
    )  # fmt: skip
    number = {"TLSv1.1": ssl.TLSVersion.TLSv1_1, "TLSv1.2": ssl.TLSVersion.TLSv1_2}[version]
    tried = [s for s in listing.suites if s.part is not None and "PSK" not in s.suite.kx and s.suite.kx != "SRP"]
    assert tried
    for suite, reason, _ in tried:
        agreed = handshake(tmp_path, name, suite.openssl_name, level, number)
        assert (agreed == suite.openssl_name) is (reason is None), (suite.openssl_name, agreed, reason)


def reasons(text: str, given: Circumstances) -> dict[str, str | None]:
    return {listed.suite.openssl_name: listed.reason for listed in cipher_listing(text, given).suites}


def test_why_a_suite_is_not_negotiated(tmp_path: Path) -> None:
    for name in ("rsa-leaf", "leaf"):
        (tmp_path / name).write_bytes(pem(name))

    def why(text: str, openssl: str = "3.0", **given: str) -> str | None:
        return cipher_suites(text, openssl, **given).suites[-1].reason

    assert why("NULL-SHA256") == "security level 2 refuses it"
    assert why("NULL-SHA256:@SECLEVEL=0") is None
    assert why("ADH-AES256-GCM-SHA384", "1.1.1:1") == "security level 1 refuses it"
    assert why("PSK-AES128-GCM-SHA256") == "PostgreSQL has no pre-shared keys"
    assert why("SRP-RSA-AES-128-CBC-SHA") == "PostgreSQL has no SRP"
    assert why("AES128-SHA", certificate=str(tmp_path / "leaf")) == "needs an RSA certificate"
    assert why("ECDHE-ECDSA-AES128-SHA", certificate=str(tmp_path / "rsa-leaf")) == "needs an EC certificate"
    assert why("AES128-SHA256", max_protocol="TLSv1.1") == "TLS 1.2 is above ssl_max_protocol_version"
    assert why("AES128-SHA256", min_protocol="TLSv1.3") == "TLS 1.2 is below ssl_min_protocol_version"
    assert why("AES128-SHA", max_protocol="TLSv1.1") == "security level 2 refuses TLS 1.1"
    assert why("AES128-SHA", "3.0:0", max_protocol="TLSv1") is None
    assert why("AES128-SHA", "1.1.1:2", max_protocol="TLSv1") is None


def test_the_suites_of_tls_1_3_do_not_depend_on_the_list() -> None:
    listing = cipher_suites("AES128-SHA:!TLSv1.2", max_protocol="TLSv1.2")
    said = [row["negotiable"] for row in cipher_rows(listing)][:3]
    assert said == ["TLS 1.3 is above ssl_max_protocol_version (not governed by the list)"] * 3
    assert [listed.suite for listed in listing.suites[:3]] == list(tls13_suites())
    assert [row["negotiable"] for row in cipher_rows(cipher_suites("AES128-SHA"))][2:] == [
        "yes (not governed by the list)",
        "yes",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("AES:FOO", "'FOO' is unknown to OpenSSL 3.0 and does nothing."),
        ("AES:high", "'high' is unknown to OpenSSL 3.0 (the nearest name is 'HIGH') and does nothing."),
        (
            "AES:HIHG!aNULL",
            "'HIHG' is unknown to OpenSSL 3.0 (the nearest name is 'HIGH') and does nothing, "
            "and '!aNULL' behind it is not read.",
        ),
        ("AES:!FOO+kRSA", "'!FOO+kRSA' does nothing: 'FOO' is unknown to OpenSSL 3.0."),
        ("AES:kRSA+kDHE", "'kRSA+kDHE' does nothing: its names exclude each other."),
        ("AES:+MEDIUM", "'+MEDIUM' does nothing: OpenSSL 3.0 has no such suite."),
        (
            "AES:TLS_AES_128_GCM_SHA256",
            "'TLS_AES_128_GCM_SHA256' does nothing: it is a suite of TLS 1.3, which no such list governs.",
        ),
        (
            "AES:TLS_RSA_WITH_AES_128_CBC_SHA",
            "'TLS_RSA_WITH_AES_128_CBC_SHA' does nothing: OpenSSL 3.0 calls this suite 'AES128-SHA'.",
        ),
        ("AES@STRENGTH!aNULL", "'!aNULL' is not read, since it stands behind '@STRENGTH'."),
        ("SUITEB128:RSA", "':RSA' is not read, since it stands behind 'SUITEB128'."),
        ("AES", "The security level is 2, the library's own; the list sets none."),
        ("AES@SECLEVEL=0:@SECLEVEL=1", "'@SECLEVEL=0' counts for nothing: a later command sets the level."),
        ("AES@SECLEVEL=0:@SECLEVEL=1", "The security level is 1, set by '@SECLEVEL=1'."),
        ("AES128-SHA:NULL-SHA:NULL-SHA256", "4 of the 6 suites can be negotiated."),
        (
            "",
            "The list leaves no suite up to TLS 1.2, and a server refuses it: "
            "'could not set the cipher list (no valid ciphers available)'.",
        ),
    ],
)
def test_what_is_worth_knowing_is_said(text: str, said: str) -> None:
    assert said in list(cipher_notes(cipher_suites(text)))


def test_a_list_without_surprises_gets_one_line() -> None:
    sentence = "The security level is 2, the library's own; the list sets none."
    assert list(cipher_notes(cipher_suites("ECDHE+AESGCM"))) == [sentence]


def test_many_parts_that_do_nothing_are_counted() -> None:
    notes = list(cipher_notes(cipher_suites(":".join(["AES", *(f"X{n}" for n in range(30))]))))
    assert notes == [
        "45 of the 89 suites can be negotiated.",
        *(f"'X{n}' is unknown to OpenSSL 3.0 and does nothing." for n in range(20)),
        "10 more parts do nothing; --format json has all parts.",
        "The security level is 2, the library's own; the list sets none.",
    ]


@pytest.mark.parametrize(
    ("text", "why", "place"),
    [
        ("HIGH:@FOO:!X", "'@FOO' is no command; there are '@STRENGTH' and '@SECLEVEL=0' to '@SECLEVEL=5'", (5, 9)),
        ("HIGH:@SECLEVEL=6", "'@SECLEVEL=6' is no command; there are", (5, 16)),
        ("HIGH:!", "no name follows the '!'", (5, 6)),
        ("HIGH:/x", "'/' belongs to no name and separates none", (5, 6)),
        ("'HIGH'", "a single quote belongs to no name and separates none", (0, 1)),
        ("HIGH\x1b[31m", "'\\x1b' belongs to no name", (4, 5)),
    ],
)
def test_a_malformed_list_is_told_with_its_place(
    text: str, why: str, place: tuple[int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ciphers", text]) == 2
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert lines[0].startswith(f"pgssllint: The cipher list is malformed, which a server refuses: {why}")
    assert lines[2] == "  " + " " * place[0] + "^" * (len(lines[2]) - 2 - place[0])
    assert "\x1b" not in err
    main(["ciphers", "--format", "json", text])
    found = json.loads(capsys.readouterr().out)
    assert (found["fault"]["start"], found["fault"]["end"], found["suites"]) == (*place, [])


def test_a_long_list_is_cut_around_the_place(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    assert main(["ciphers", "AES:" * 1000 + "/" + ":AES" * 1000]) == 2
    _, drawn, carets = capsys.readouterr().err.splitlines()
    assert drawn == "  …ES:" + "AES:" * 11 + "/" + ":AES" * 12 + "…"
    assert drawn[carets.index("^")] == "/"


TABLE = """\
    id     |             name              | protocol |  Kx  |  Au   |          Enc           | Mac  |           negotiable
-----------+-------------------------------+----------+------+-------+------------------------+------+--------------------------------
 0x13,0x02 | TLS_AES_256_GCM_SHA384        | TLSv1.3  | any  | any   | AESGCM(256)            | AEAD | yes (not governed by the list)
 0x13,0x03 | TLS_CHACHA20_POLY1305_SHA256  | TLSv1.3  | any  | any   | CHACHA20/POLY1305(256) | AEAD | yes (not governed by the list)
 0x13,0x01 | TLS_AES_128_GCM_SHA256        | TLSv1.3  | any  | any   | AESGCM(128)            | AEAD | yes (not governed by the list)
 0xC0,0x2C | ECDHE-ECDSA-AES256-GCM-SHA384 | TLSv1.2  | ECDH | ECDSA | AESGCM(256)            | AEAD | yes
 0x00,0x3B | NULL-SHA256                   | TLSv1.2  | RSA  | RSA   | None                   | SHA256 | security level 2 refuses it
"""  # noqa: E501


def test_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ciphers", "ECDHE-ECDSA-AES256-GCM-SHA384:NULL-SHA256"]) == 0
    out, err = capsys.readouterr()
    squeezed = [" ".join(line.split()) for line in out.splitlines()]
    assert squeezed[2:7] == [" ".join(line.split()) for line in TABLE.splitlines()][2:]
    assert squeezed[7:] == [
        "(5 rows)",
        "4 of the 5 suites can be negotiated.",
        "The security level is 2, the library's own; the list sets none.",
    ]
    assert err == "Read as OpenSSL 3.0:2, which is assumed; state another with --openssl.\n"
    main(["ciphers", "--color", "always", "--openssl", "3.0", "AES"])
    out, err = capsys.readouterr()
    assert out.startswith(" \033[1m")
    assert out.count("\033") == 2
    assert err == ""


def test_a_list_that_leaves_nothing_is_an_empty_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ciphers", "--openssl", "3.0", "LOW"]) == 1
    assert "(0 rows)" in capsys.readouterr().out
    assert main(["ciphers", "--openssl", "1.1.1", "LOW"]) == 1
    out = capsys.readouterr().out
    assert "(3 rows)" in out
    assert "the first release of OpenSSL 1.1.1 leaves it at TLS 1.3" in out
    assert main(["ciphers", "--openssl", "1.1.1w", "LOW"]) == 1
    assert "(0 rows)" in capsys.readouterr().out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ciphers", "--format", "json", "FOO!x:AES128-SHA:@SECLEVEL=1"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    found = json.loads(out)
    assert list(found) == ["openssl", "level", "suites", "parts", "fault"]
    assert (found["openssl"], found["level"], found["fault"]) == ("3.0", 1, None)
    assert [suite["part"] for suite in found["suites"][:3]] == [None] * 3
    assert found["suites"][3] == {
        "id": "0x00,0x2F", "name": "AES128-SHA", "iana_name": "TLS_RSA_WITH_AES_128_CBC_SHA", "protocol": "SSLv3",
        "kx": "RSA", "au": "RSA", "enc": "AES(128)", "mac": "SHA1", "bits": 128, "negotiable": True, "reason": None,
        "part": {"start": 6, "end": 16, "text": "AES128-SHA"},
    }  # fmt: skip
    assert found["parts"][0] == {
        "start": 0, "end": 3, "text": "FOO", "operator": "", "names": ["FOO"], "unknown_name": "FOO",
        "contradictory": False, "swallowed": "!x", "adds": [],
    }  # fmt: skip
    assert [part["text"] for part in found["parts"]] == ["FOO", "AES128-SHA", "@SECLEVEL=1"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--openssl", "three", "AES"], "'three' is no OpenSSL series; write one like '1.1.1', '3.0' or '3.5:1'."),
        (["--certificate", "nowhere", "AES"], "The file 'nowhere' does not exist."),
        (["--certificate", "/dev/zero", "AES"], "The file '/dev/zero' is not a regular file."),
        (["--certificate", "x.der", "AES"], "The file 'x.der' holds no PEM certificate but a DER certificate."),
        (["--certificate", "bad.crt", "AES"], "The first certificate in 'bad.crt' is damaged: bad base64 decode."),
        (["--min-protocol", "TLSv1.3", "--max-protocol", "TLSv1.2", "AES"],
         "The least protocol version 'TLSv1.3' is above the greatest, 'TLSv1.2'; no server starts so."),
        (["--max-protocol", "tlsv1.2", "AES"],
         "'tlsv1.2' is no value of '--max-protocol'. It takes TLSv1, TLSv1.1, TLSv1.2, TLSv1.3."),
        ([], "Give STRING, or with '--data-dir' the server whose 'ssl_ciphers' it is."),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.der").write_bytes(pem("der:leaf"))
    (tmp_path / "bad.crt").write_bytes(pem("damaged:leaf"))
    assert main(["ciphers", *words]) == 2
    assert capsys.readouterr().err == f"pgssllint: {sentence}\n"


@given(text=st.text(max_size=60) | st.from_regex(r"([!+@-]?[A-Za-z0-9+=]{1,8}[:;, !]?){0,9}"))
def test_any_text_gives_a_listing(text: str) -> None:
    for series in ("1.1.1", "3.0"):
        listing = cipher_suites(text, series)
        assert (fault_sentence(listing) is None) is (listing.expansion.fault is None)
        assert all(line.isprintable() for line in cipher_notes(listing))
        assert [row["name"] for row in cipher_rows(listing)] == [each.suite.openssl_name for each in listing.suites]
        json.loads(cipher_json(listing))


def test_twice_the_list_is_twice_the_work() -> None:
    def work(names: int) -> int:
        text = ":".join(f"X{n}" for n in range(names))
        return steps(lambda: cipher_json(cipher_listing(text, Circumstances(OpenSSL("3.0", 2), 2, None))))

    assert work(2000) < 2.1 * work(1000)


def test_every_suite_has_its_line() -> None:
    named = {row["name"] for row in cipher_rows(cipher_suites(EVERYTHING))}
    assert named == {suite.openssl_name for suite in (*suites(NEW), *tls13_suites())}
