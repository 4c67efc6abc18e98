"""What the PEM scanner sees. The expectations are what libcrypto 1.1.1 and 3.0.19 answered for the same bytes."""

import random

import pytest

from pgssllint.text import Source, Span
from pgssllint.tls.pem import MAX_BLOCK, MAX_BLOCKS, Block, BlockFault, Oversight, overlooked, scan
from pgssllint.tls.sniff import sniff
from tests.support.pki import build, pem
from tests.support.steps import steps, weighed

LEAF, INTERMEDIATE = pem("leaf"), pem("intermediate")
BEGIN, END = b"-----BEGIN CERTIFICATE-----\n", b"-----END CERTIFICATE-----\n"
BODY = b"".join(LEAF.splitlines(True)[1:-1])
ONE_LINE = BODY.replace(b"\n", b"") + b"\n"
BOM = b"\xef\xbb\xbf"
PROC = b"Proc-Type: 4,ENCRYPTED\n"
ARMOUR = b"-----BEGIN PGP SIGNATURE-----\nVersion: 1\n\nAAAA\n=abcd\n-----END PGP SIGNATURE-----\n"


def blocks(data: bytes) -> tuple[Block, ...]:
    return scan(Source("/server.crt", data))


READ = {
    "two certificates": (LEAF + INTERMEDIATE, 2),
    "text around": (b"Subject: db\n" + LEAF + b"\n# the CA\n" + INTERMEDIATE + b"bye", 2),
    "no final line end": (LEAF[:-1], 1),
    "CR LF": (LEAF.replace(b"\n", b"\r\n"), 1),
    "blanks behind every line": (LEAF.replace(b"\n", b" \t\n"), 1),
    "bytes above 0x7f behind BEGIN": (LEAF.replace(b"TE-----\n", b"TE-----\xa0\n"), 1),
    "controls behind every line": (LEAF.replace(b"\n", b"\x0b\n"), 1),
    "blanks before base64": (BEGIN + b"".join(b"  " + line for line in BODY.splitlines(True)) + END, 1),
    "base64 in one line": (BEGIN + ONE_LINE + END, 1),
    "empty line behind BEGIN": (BEGIN + b"\n" + BODY + END, 1),
    "a hyphen ends base64": (BEGIN + BODY + b"-\nAAAA\n" + END, 1),
    "a missing END takes the next certificate along": (BEGIN + BODY + INTERMEDIATE, 1),
    "an indented END too": (BEGIN + BODY + b" " + END + INTERMEDIATE, 1),
    "NUL inside a line of text": (b"a\0b\n" + LEAF, 1),
    "a line of NUL ends the file": (LEAF + b"\0\n" + INTERMEDIATE, 1),
    "a file that begins with NUL": (b"\0\n" + LEAF, 0),
    "indented": (b" " + LEAF, 0),
    "indented wholly": (build({"content": "leaf", "shape": "indented"}), 0),
    "CR alone": (LEAF.replace(b"\n", b"\r"), 0),
    "BEGIN followed by text": (LEAF.replace(b"N CERTIFICATE-----\n", b"N CERTIFICATE----- x\n"), 0),
    "lower case": (LEAF.replace(b"BEGIN", b"begin"), 0),
    "a BEGIN line of more than 254 bytes": (LEAF.replace(b"CERTIFICATE", b"A" * 239), 0),
    "a BEGIN line of 253 bytes": (LEAF.replace(b"CERTIFICATE", b"A" * 237), 1),
    "byte order mark": (BOM + LEAF, 1),
    "byte order mark between": (LEAF + BOM + INTERMEDIATE, 2),
    "byte order mark behind an empty line": (LEAF + b"\n" + BOM + INTERMEDIATE, 1),
    "empty": (b"", 0),
    "empty label": (b"-----BEGIN -----\nAAAA\n-----END -----\n", 1),
}


@pytest.mark.parametrize(("data", "count"), READ.values(), ids=READ)
def test_reads_the_blocks_that_openssl_reads(data: bytes, count: int) -> None:
    found = blocks(data)
    assert [block.fault for block in found] == [None] * count
    assert all(block.der for block in found)


@pytest.mark.parametrize(
    "name", ["two certificates", "CR LF", "base64 in one line", "a missing END takes the next certificate along"]
)
def test_decodes_the_bytes(name: str) -> None:
    assert blocks(READ[name][0])[0].der == pem("der:leaf")


FAULTS = {
    "glued": (build({"content": ["leaf", "intermediate"], "shape": "glued"}), BlockFault.GLUED, "bad end line"),
    "no END": (BEGIN + BODY, BlockFault.NO_END, "bad end line"),
    "END behind base64": (BEGIN + BODY[:-1] + END, BlockFault.NO_END, "bad end line"),
    "another END": (LEAF.replace(b"END CERT", b"END X509 CERT"), BlockFault.WRONG_END, "bad end line"),
    "text behind END": (LEAF[:-1] + b" x\n", BlockFault.WRONG_END, "bad end line"),
    "no base64": (pem("damaged:leaf"), BlockFault.BASE64, "bad base64 decode"),
    "padding missing": (LEAF.replace(b"=", b""), BlockFault.BASE64, "bad base64 decode"),
    "data behind padding": (BEGIN + BODY + b"AAAA\n" + END, BlockFault.BASE64, "bad base64 decode"),
    "control character": (BEGIN + BODY[:9] + b"\x0b" + BODY[9:] + END, BlockFault.BASE64, "bad base64 decode"),
    "empty line in base64": (BEGIN + BODY[:65] + b"\n" + BODY[65:] + END, BlockFault.BLANK_LINE, "not proc type"),
    "empty line at the end": (BEGIN + BODY + b"\n" + END, BlockFault.EMPTY, None),
    "no body": (BEGIN + END, BlockFault.EMPTY, None),
    "headers only": (BEGIN + b"a: b\n" + BODY + END, BlockFault.EMPTY, None),
    "two empty lines": (BEGIN + b"\n\n" + BODY + END, BlockFault.UNEVEN_LINES, "bad end line"),
    "short line inside": (BEGIN + b"\nAAAA\nAAAA\n" + END, BlockFault.UNEVEN_LINES, "bad end line"),
    "long line after headers": (BEGIN + b"\n" + ONE_LINE + END, BlockFault.LONG_LINE, None),
    "foreign headers": (BEGIN + b"Foo: bar\n\n" + BODY + END, BlockFault.HEADERS, "not proc type"),
    "half of the headers": (BEGIN + PROC + b"\n" + BODY + END, BlockFault.NO_CIPHER, "not dek info"),
    "PGP, though no certificate": (ARMOUR, BlockFault.UNEVEN_LINES, "bad end line"),
    "too large": (BEGIN + b"A" * MAX_BLOCK + b"\n" + END, BlockFault.TOO_LARGE, None),
}


@pytest.mark.parametrize(("data", "fault", "reason"), FAULTS.values(), ids=FAULTS)
def test_names_the_fault(data: bytes, fault: BlockFault, reason: str | None) -> None:
    first = blocks(data)[0]
    assert (first.fault, first.fault and first.fault.reason, first.der) == (fault, reason, None)


def test_goes_on_behind_a_bad_block() -> None:
    glued = blocks(build({"content": ["leaf", "intermediate", "root"], "shape": "glued"}))
    assert [(b.index, b.fault) for b in glued] == [(1, BlockFault.GLUED), (2, BlockFault.GLUED), (3, None)]
    swallowed = blocks(BEGIN.replace(b"CERT", b"X509 CERT") + BODY + INTERMEDIATE)
    assert [(b.label, b.fault) for b in swallowed] == [
        ("X509 CERTIFICATE", BlockFault.WRONG_END),
        ("CERTIFICATE", None),
    ]


def test_spans_count_code_points() -> None:
    text = "# Zertifikat für db\n".encode()
    block = blocks(text + LEAF)[0]
    assert block.begin == Span(20, 20 + len("-----BEGIN CERTIFICATE-----"))
    assert block.span == Span(20, 20 + len(LEAF) - 1)


def test_a_glued_block_begins_inside_the_line() -> None:
    source = Source("/x", build({"content": ["leaf", "intermediate"], "shape": "glued"}))
    second = scan(source)[1]
    assert source.text[second.begin.start : second.begin.end] == "-----BEGIN CERTIFICATE-----"
    assert source.position(second.begin.start)[1] == 26


def test_marks_what_openssl_1_1_1_does_not_see() -> None:
    assert [block.after_bom for block in blocks(BOM + LEAF + INTERMEDIATE)] == [True, False]


def test_headers_say_that_a_key_is_encrypted() -> None:
    block = blocks(pem("encrypted-key-traditional:leaf"))[0]
    assert block.encrypted
    assert block.headers[0] == ("Proc-Type", "4,ENCRYPTED")
    assert block.headers[1][0] == "DEK-Info"


def test_contents_are_not_shown() -> None:
    assert "der" not in repr(blocks(pem("key:leaf"))[0])


NEAR = {
    "indented": (b"  " + LEAF, Oversight.INDENTED),
    "no-break space": ("\u00a0".encode() + LEAF, Oversight.INDENTED),
    "four hyphens": (LEAF[1:], Oversight.DAMAGED),
    "four hyphens behind": (
        LEAF.replace(b"TE-----\n-", b"TE----\n-", 1).replace(BEGIN, BEGIN[:-2] + b"\n"),
        Oversight.DAMAGED,
    ),
    "dashes": (LEAF.replace(b"-----BEGIN", "\u2014\u2014BEGIN".encode()), Oversight.DAMAGED),
    "text behind": (LEAF.replace(BEGIN, BEGIN[:-1] + b" x\n"), Oversight.DAMAGED),
    "text before": (b"cert: " + LEAF, Oversight.DAMAGED),
    "swallowed": (BEGIN + BODY + LEAF, Oversight.SWALLOWED),
}


@pytest.mark.parametrize(("data", "why"), NEAR.values(), ids=NEAR)
def test_points_at_begin_lines_that_are_none(data: bytes, why: Oversight) -> None:
    source = Source("/x", INTERMEDIATE + data)
    assert [(o.label, o.why) for o in overlooked(source, scan(source))] == [("CERTIFICATE", why)]


@pytest.mark.parametrize("text", ["BEGIN CERTIFICATE", "--- BEGIN SETTINGS ---", "BEGIN;", "# BEGIN PRIVATE KEY"])
def test_other_text_is_no_begin_line(text: str) -> None:
    assert not overlooked(Source("/x", text.encode()), ())


SNIFFED = {
    "certificate": pem("leaf"),
    "DER certificate": pem("der:leaf"),
    "DER CRL": pem("crl-der:root"),
    "DER private key": pem("key-der:leaf"),
    "DER data": b"\x30\x03\x02\x01\x01",
    "PKCS#7": pem("pkcs7:leaf"),
    "PKCS#12": pem("pkcs12:leaf"),
    "certificate request": pem("csr:leaf"),
    "CRL": pem("crl:root"),
    "private key": pem("key:leaf"),
    "public key": pem("public-key:leaf"),
    "DH parameters": pem("dh:2048"),
    "nothing": b" \n",
    "text": b"hello\n",
    "OpenSSH key": b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
    "Ansible Vault data": b"$ANSIBLE_VAULT;1.1;AES256\n3131\n",
    "UTF-16 text": "-----BEGIN".encode("utf-16"),
    "binary data": b"\x89PNG\r\n\x1a\n\x00",
}


@pytest.mark.parametrize("word", SNIFFED)
def test_a_word_for_what_is_there(word: str) -> None:
    assert sniff(SNIFFED[word]) == word


def test_a_version_1_certificate_and_a_bare_public_key_in_der() -> None:
    assert sniff(blocks(pem("leaf-v1"))[0].der or b"") == "DER certificate"
    assert sniff(blocks(pem("csr:leaf"))[0].der or b"") == "DER certificate request"
    assert sniff(blocks(pem("public-key:leaf"))[0].der or b"") == "DER public key"


def test_the_number_of_blocks_is_bounded() -> None:
    found = blocks(b"-----BEGIN A-----\nAAAA\n-----END A-----\n" * (MAX_BLOCKS + 5))
    assert len(found) == MAX_BLOCKS + 1
    assert found[-1].fault is BlockFault.TOO_MANY
    assert found[-2].fault is None


HOSTILE = {
    "BEGIN without end": b"-----BEGIN ",
    "BEGIN lines": b"-----BEGIN CERTIFICATE-----\n",
    "glued": b"-----END A----------BEGIN A-----",
    "bad blocks": b"-----BEGIN A-----\n*\n-----END A-----\n",
    "hyphens": b"-",
    "line ends": b"\n",
    "blanks": b"\xc2\xa0",
    "byte order marks": BOM + b"-----BEGIN A-----\n",
    "blocks behind byte order marks": BOM + b"-----BEGIN A-----\nAAAA\n-----END A-----\n",
    "indented": b" -----BEGIN CERTIFICATE-----\n",
}


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
def test_twice_the_bytes_are_twice_the_work(unit: bytes) -> None:
    def work(size: int) -> int:
        source, text = weighed("/x", unit * (size // len(unit)) + b"\n" + END)
        return steps(lambda: overlooked(source, scan(source))) + text.seen

    assert work(40_000) < 2.1 * work(20_000)


def test_a_sound_block_is_gone_over_once_by_few_lines_of_code() -> None:
    def work(blocks: int) -> tuple[int, int]:
        source, text = weighed("/x", LEAF * blocks)
        return steps(lambda: scan(source)), text.seen

    assert len(blocks(LEAF * 200)) == 200
    (few, little), (more, much) = work(100), work(200)
    assert more - few < 100 * 120
    assert much - little <= 100 * 2 * len(LEAF)


def test_damaged_files_never_raise() -> None:
    dice = random.Random(20260615)
    pieces = [b"\n", b"-----", BEGIN, END, b" ", b"\r\n", b":", BOM, b"\0", b"=", b"-", b"\n\n", PROC, b"\xff", b"*"]
    whole = [case[0] for case in [*READ.values(), *NEAR.values()]]
    for _ in range(500):
        data = bytearray(dice.choice(whole) + dice.choice(whole))
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(data) + 1)
            data[at : at + dice.choice([0, 0, 1, 5, 40])] = dice.choice(pieces)
        source = Source("/x", bytes(data))
        found = scan(source)
        overlooked(source, found)
        sniff(source.data)
        assert all((block.der is None) == (block.fault is not None) for block in found)
        assert [block.index for block in found] == list(range(1, len(found) + 1))
        assert all(0 <= b.begin.start < b.begin.end <= b.span.end <= len(source.text) for b in found)
