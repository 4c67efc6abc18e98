"""Whether OpenSSL loads a file, and its words if not. The reasons are those of the libraries themselves, which
`-m servers` asks again: the first release of 1.1.1, 1.1.1s and this machine's 3.x.
"""

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pgssllint.target import OpenSSL
from pgssllint.text import Source
from pgssllint.tls.chain import read_bundle
from pgssllint.tls.key import read_keys
from pgssllint.tls.loading import LoadFault, LoadKind, ca_fault, chain_fault, key_fault, store_fault, system_reason
from tests.support.libssl import Library
from tests.support.pki import PASSPHRASE, armour, build, pem

OPENSSL = {name: OpenSSL.parse(name) for name in ("1.1.1", "1.1.1s", "3.0", "3.6")}

Reasons = str | tuple[str | None, str | None, str | None, str | None] | None
"""The reason of all four of OPENSSL, or of each; None where the file is loaded."""


def fault(kind: str, data: bytes, openssl: OpenSSL) -> LoadFault | None:
    source = Source("/file.pem", data)
    if kind == "key":
        return key_fault(read_keys(source, openssl.is_111), openssl)
    bundle = read_bundle(source, openssl.is_111)
    if kind == "crl":
        return store_fault(bundle.blocks, openssl)
    return (chain_fault if kind == "chain" else ca_fault)(bundle, openssl)


def reason(kind: str, data: bytes, openssl: OpenSSL) -> str | None:
    found = fault(kind, data, openssl)
    return found.reason if found is not None else None


def items(text: str) -> bytes:
    return build(text.split())


def shaped(shape: str, *content: str) -> bytes:
    return build({"content": content, "shape": shape})


def block(label: str, body: str = "") -> bytes:
    return f"-----BEGIN {label}-----\n{body}-----END {label}-----\n".encode()


def damaged(data: bytes) -> bytes:
    """With a character in the first body that is no base64."""
    return data.replace(b"-----\nM", b"-----\n*", 1)


def trusted(settings: bytes, name: str = "root") -> bytes:
    """A TRUSTED CERTIFICATE with these bytes behind it."""
    return armour("TRUSTED CERTIFICATE", pem(f"der:{name}") + settings)


def headed(data: bytes, lines: bytes = b"Comment: none\n\n") -> bytes:
    """With these lines behind the first BEGIN line."""
    return data.replace(b"-----\n", b"-----\n" + lines, 1)


DEK_INFO = b"DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n"


def with_headers(second: bytes = DEK_INFO, first: bytes = b"4,ENCRYPTED") -> bytes:
    """A key with headers of encryption, `first` the value of Proc-Type and `second` the lines that follow."""
    return headed(pem("key-ec:leaf"), b"Proc-Type: " + first + b"\n" + second + b"\n")


NO_START, BASE64, BAD_END = "no start line", "bad base64 decode", "bad end line"
NOTHING = "no certificate or crl found"
NO_END: Reasons = ("short header", BAD_END, BAD_END, BAD_END)
NO_BLOCK_BEHIND_BOM: Reasons = (NO_START, NO_START, None, None)
GLUED_BEHIND_BOM: Reasons = (NO_START, NO_START, BAD_END, BAD_END)
LEVEL_2: Callable[[str], Reasons] = lambda said: (None, None, said, said)  # noqa: E731
MD5: Reasons = ("ca md too weak", "ca md too weak", "ca md too weak", None)
WEAK_DIGEST: Reasons = (None, None, "ca md too weak", None)
KEY_NOT_FOUND: Reasons = (NO_START, NO_START, "unsupported", "unsupported")

CHAINS: dict[str, tuple[bytes, Reasons]] = {
    "leaf, intermediate and root": (items("leaf intermediate root"), None),
    "text before and behind": (items("text:hello leaf text:hello"), None),
    "a key before the leaf": (items("key:leaf leaf"), None),
    "a key behind the leaf": (items("leaf key:leaf"), None),
    "the label X509 CERTIFICATE": (items("x509:leaf x509:intermediate"), None),
    "the label TRUSTED CERTIFICATE": (items("trusted:leaf"), None),
    "trust settings": (items("trusted-for-servers:leaf"), None),
    "all trust settings": (
        trusted(bytes.fromhex("3016300a06082b06010505070301a0000c01780403616263"), "leaf"),
        None,
    ),
    "trust settings in another order": (trusted(bytes.fromhex("30050c01783000"), "leaf"), "wrong tag"),
    "trust settings that are cut short": (trusted(bytes.fromhex("300c300a06082b"), "leaf"), "too long"),
    "no sequence for trust settings": (trusted(bytes.fromhex("0400"), "leaf"), "wrong tag"),
    "what is wrong with trust settings of later ones does not matter": (items("leaf") + trusted(b"\0\0"), None),
    "a trusted one behind is passed over": (items("leaf trusted:intermediate"), None),
    "carriage returns": (shaped("crlf", "leaf"), None),
    "no line end at the end": (shaped("unterminated", "leaf"), None),
    "an empty line behind BEGIN": (headed(items("leaf"), b"\n"), None),
    "nothing": (b"", NO_START),
    "a key alone": (items("key:leaf"), NO_START),
    "DER": (items("der:leaf"), NO_START),
    "PKCS#7": (items("pkcs7:leaf"), NO_START),
    "indented": (items("indented:leaf"), NO_START),
    "a hyphen too few": (items("begin-damaged:leaf"), NO_START),
    "a byte order mark": (shaped("bom", "leaf"), NO_BLOCK_BEHIND_BOM),
    "a byte order mark hides the leaf only": (shaped("bom", "leaf", "intermediate"), None),
    "a byte order mark before a glued one": (shaped("bom", "ec-parameters")[:-1] + items("leaf"), GLUED_BEHIND_BOM),
    "a byte order mark before one without END line": (b"\xef\xbb\xbf" + items("no-end:leaf leaf"), None),
    "damaged base64": (items("damaged:leaf"), BASE64),
    "damaged base64 behind the leaf": (items("leaf damaged:intermediate"), BASE64),
    "damaged base64 of a key behind": (items("leaf") + damaged(pem("key:leaf")), BASE64),
    "cut short": (items("truncated:leaf"), "too long"),
    "cut short behind the leaf": (items("leaf truncated:intermediate"), "too long"),
    "bytes too many": (items("trailing:leaf"), "wrong tag"),
    "bytes too many behind the leaf": (items("leaf trailing:intermediate"), None),
    "no sequence": (block("CERTIFICATE", "AAAA\n"), "wrong tag"),
    "no END line": (items("no-end:leaf"), NO_END),
    "no END line behind the leaf": (items("leaf no-end:intermediate"), NO_END),
    "the END line of the next block serves": (items("no-end:leaf intermediate"), None),
    "glued": (shaped("glued", "leaf", "intermediate"), BAD_END),
    "no body": (block("CERTIFICATE"), "PEM lib"),
    "no body behind the leaf": (items("leaf") + block("CERTIFICATE"), "no SSL error reported"),
    "no body in another block": (block("FOO") + items("leaf"), "PEM lib"),
    "headers": (headed(items("leaf")), "not proc type"),
    "an END line in two": (items("leaf").replace(b"-----END ", b"-----END \n"), NO_END),
    "an END line in two before another": (
        items("leaf").replace(b"-----END ", b"-----END \n") + items("intermediate"),
        None,
    ),
    "headers of another version": (headed(items("leaf"), b"Proc-Type: 5,ENCRYPTED\n" + DEK_INFO + b"\n"), "PEM lib"),
    "headers of another block": (block("FOO", "Comment: none\n\nAAAA\n") + items("leaf"), None),
    "RSA with 1024 bits": (items("leaf-rsa1024"), LEVEL_2("ee key too small")),
    "P-192": (items("leaf-p192"), LEVEL_2("ee key too small")),
    "an issuer with 1024 bits": (items("leaf root-rsa1024"), LEVEL_2("ca key too small")),
    "SHA-1": (items("leaf-sha1"), WEAK_DIGEST),
    "an issuer with SHA-1": (items("leaf intermediate-sha1"), WEAK_DIGEST),
    "a root with SHA-1": (items("leaf root-sha1"), None),
    "MD5": (items("leaf-md5"), MD5),
    "MD5, self-signed": (items("self-signed-md5"), ("ca md too weak", None, None, None)),
    "MD5, self-signed with keyCertSign": (items("self-signed-md5-cert-sign"), None),
    "MD5, self-signed, of another key by its identifier": (items("self-signed-md5-other-key-id"), MD5),
    "MD5, self-signed, of another by its serial number": (items("self-signed-md5-other-serial"), MD5),
    "MD5, by another of the same name and with a key of another kind": (
        items("namesake-md5"),
        (None, "ca md too weak", "ca md too weak", None),
    ),
    "SLH-DSA": (
        items("slh-dsa:leaf"),
        ("unsupported algorithm", "unsupported algorithm", "decode error", "unknown certificate type"),
    ),
    "an issuer with SLH-DSA": (
        items("leaf slh-dsa:intermediate"),
        ("unsupported algorithm", "unsupported algorithm", "decode error", None),
    ),
}
CAS: dict[str, tuple[bytes, Reasons]] = {
    "two": (items("root intermediate"), None),
    "twice the same": (items("root root"), None),
    "no level is asked of them": (items("root-rsa1024 root-sha1 leaf-md5"), None),
    "of no use for TLS": (items("slh-dsa:root"), None),
    "bytes too many": (items("trailing:root"), None),
    "a revocation list beside": (items("root crl:root"), None),
    "a revocation list alone has no names": (items("crl:root"), NO_START),
    "a trusted one alone has no names": (items("trusted:root"), NO_START),
    "a trusted one beside": (items("trusted:root root"), None),
    "trust settings alone have no names": (items("trusted-for-servers:root"), NO_START),
    "trust settings beside": (items("root trusted-for-servers:intermediate"), None),
    "no trust settings": (items("root") + trusted(b"\0\0"), "wrong tag"),
    "nothing": (b"", NOTHING),
    "text": (items("text:hello"), NOTHING),
    "a byte order mark": (shaped("bom", "root"), (NOTHING, NOTHING, None, None)),
    "damaged base64 behind": (items("root damaged:intermediate"), BASE64),
    "no END line": (items("no-end:root"), NO_END),
    "a key beside": (items("root key:leaf"), None),
    "a damaged key beside": (items("root") + damaged(pem("key:leaf")), BASE64),
    "headers of a PKCS#8 key": (items("root") + headed(pem("key:leaf")), LEVEL_2("not proc type")),
    "headers of an EC key": (items("root") + headed(pem("key-ec:leaf")), "not proc type"),
}
CRLS: dict[str, tuple[bytes, Reasons]] = {
    "two": (items("crl:root crl:intermediate"), None),
    "out of date": (items("crl-expired:root"), None),
    "a delta": (items("crl-delta:root"), None),
    "a certificate": (items("root"), None),
    "nothing": (b"", NOTHING),
    "DER": (items("crl-der:root"), NOTHING),
    "a byte order mark": (shaped("bom", "crl:root"), (NOTHING, NOTHING, None, None)),
    "behind a damaged key": (damaged(pem("key:leaf")) + items("crl:root"), BASE64),
    "damaged base64": (damaged(items("crl:root")), BASE64),
    "no sequence": (block("X509 CRL", "AAAA\n"), "wrong tag"),
    "no END line": (shaped("no-end-line", "crl:root"), NO_END),
}
KEYS: dict[str, tuple[bytes, Reasons]] = {
    "PKCS#8": (items("key:leaf"), None),
    "parameters before it": (items("ec-parameters key-ec:leaf"), None),
    "PKCS#1": (items("key-pkcs1:rsa-leaf"), None),
    "a certificate before it": (items("leaf key:leaf"), None),
    "a request before it": (items("csr:leaf key:leaf"), None),
    "encrypted": (items("encrypted-key:leaf"), None),
    "encrypted in the traditional way": (items("encrypted-key-traditional:leaf"), None),
    "an empty line behind BEGIN": (headed(pem("key:leaf"), b"\n"), None),
    "nothing": (b"", KEY_NOT_FOUND),
    "a certificate": (items("leaf"), KEY_NOT_FOUND),
    "a public key": (items("public-key:leaf"), KEY_NOT_FOUND),
    "DER": (items("key-der:leaf"), KEY_NOT_FOUND),
    "PKCS#12": (items("pkcs12:leaf"), KEY_NOT_FOUND),
    "indented": (shaped("indented", "key:leaf"), KEY_NOT_FOUND),
    "a byte order mark": (shaped("bom", "key:leaf"), NO_BLOCK_BEHIND_BOM),
    "damaged base64": (damaged(pem("key:leaf")), (BASE64, BASE64, "unsupported", "unsupported")),
    "a good key behind a damaged one": (damaged(pem("key:leaf")) + pem("key:leaf"), (BASE64, BASE64, None, None)),
    "a damaged certificate before it": (items("damaged:leaf key:leaf"), (BASE64, BASE64, None, None)),
    "glued to a certificate": (
        shaped("unterminated", "leaf") + pem("key:leaf"),
        (BAD_END, BAD_END, "unsupported", "unsupported"),
    ),
    "behind a certificate without END line": (
        items("no-end:leaf key:leaf"),
        (BAD_END, BAD_END, "unsupported", "unsupported"),
    ),
    "a damaged certificate behind it": (items("key:leaf damaged:leaf"), None),
    "no END line": (shaped("no-end-line", "key:leaf"), ("short header", BAD_END, "unsupported", "unsupported")),
    "headers": (headed(pem("key:leaf")), "not proc type"),
    "an empty line in the base64": (
        pem("key:rsa-leaf").replace(b"\n", b"\n\n", 2).replace(b"\n\n", b"\n", 1),
        "not proc type",
    ),
    "headers of a certificate": (headed(items("leaf")), (NO_START, NO_START, "not proc type", "not proc type")),
    "a header instead of DEK-Info": (with_headers(DEK_INFO.replace(b"DEK", b"DEA")), "not dek info"),
    "a header between": (with_headers(b"Foo: bar\n" + DEK_INFO), "not dek info"),
    "a blank before DEK-Info": (with_headers(b" " + DEK_INFO), "not dek info"),
    "another version": (with_headers(first=b"5,ENCRYPTED"), ("PEM lib", "PEM lib", "unsupported", "unsupported")),
    "no version": (with_headers(first=b"ENCRYPTED"), ("PEM lib", "PEM lib", "unsupported", "unsupported")),
    "signed only": (with_headers(first=b"4,MIC-CLEAR"), "not encrypted"),
    "a longer word": (with_headers(first=b"4,ENCRYPTEDX"), "not encrypted"),
    "more words": (with_headers(first=b"4,ENCRYPTED foo"), "short header"),
    "headers behind a damaged key": (
        damaged(pem("key:leaf")) + headed(pem("key:leaf")),
        (BASE64, BASE64, "not proc type", "not proc type"),
    ),
    "no body": (block("PRIVATE KEY"), ("PEM lib", "PEM lib", "unsupported", "unsupported")),
    "cut short": (block("PRIVATE KEY", "MIGHAA==\n"), ("too long", "too long", "unsupported", "unsupported")),
    "no sequence": (block("PRIVATE KEY", "AAAA\n"), ("wrong tag", "wrong tag", "unsupported", "unsupported")),
}
TABLES = {"chain": CHAINS, "ca": CAS, "crl": CRLS, "key": KEYS}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, table in TABLES.items() for name in table])
def test_what_the_libraries_say(kind: str, name: str) -> None:
    data, said = TABLES[kind][name]
    found = tuple(reason(kind, data, openssl) for openssl in OPENSSL.values())
    assert found == (said if isinstance(said, tuple) else (said,) * len(OPENSSL))


@pytest.mark.parametrize(
    ("kind", "text", "what", "index", "subject"),
    [
        ("chain", "empty", LoadKind.NOTHING, None, None),
        ("chain", "leaf damaged:intermediate", LoadKind.BLOCK, 2, None),
        ("chain", "leaf root-rsa1024", LoadKind.KEY_SIZE, 2, "CN=Old Root"),
        ("chain", "leaf intermediate-sha1", LoadKind.DIGEST, 2, "CN=Example Intermediate"),
        ("chain", "slh-dsa:leaf", LoadKind.KEY_TYPE, 1, "CN=db.example.org"),
        ("chain", "leaf-sha1 damaged:intermediate", LoadKind.DIGEST, 1, "CN=db.example.org"),
        ("ca", "root key:leaf damaged:intermediate", LoadKind.BLOCK, 3, None),
        ("crl", "crl:root damaged:leaf", LoadKind.BLOCK, 2, None),
        ("key", "leaf", LoadKind.NOTHING, None, None),
    ],
)
def test_the_first_block_at_fault_is_named(
    kind: str, text: str, what: LoadKind, index: int | None, subject: str | None
) -> None:
    found = fault(kind, items(text), OPENSSL["3.0"])
    assert found is not None
    assert (found.kind, found.certain) == (what, True)
    assert (found.block and found.block.index) == index
    assert (found.certificate and found.certificate.subject) == subject


def test_what_only_our_own_parser_objects_to_is_not_certain() -> None:
    # A number on sect163k1, of which no public half is written.
    key = armour("EC PRIVATE KEY", bytes.fromhex("300f020101040105a00706052b81040001"))
    faults = [fault("key", key, openssl) for openssl in OPENSSL.values()]
    assert [found is not None and found.certain for found in faults] == [False] * len(OPENSSL)


def ask(library: Library, kind: str, path: Path) -> str | None:
    return library.key(path, PASSPHRASE) if kind == "key" else getattr(library, kind)(path)


@pytest.mark.servers
@pytest.mark.parametrize("kind", TABLES)
def test_the_library_says_the_same(library: Library, kind: str, tmp_path: Path) -> None:
    path, differing = tmp_path / "file.pem", {}
    for name, (data, _) in TABLES[kind].items():
        path.write_bytes(data)
        said, mine = ask(library, kind, path), reason(kind, data, library.openssl)
        if said != mine:
            differing[name] = (said, mine)
    assert not differing


CERTIFICATES = (
    "leaf",
    "intermediate",
    "root",
    "trusted:root",
    "x509:leaf",
    "damaged:leaf",
    "truncated:leaf",
    "trailing:leaf",
)
OTHERS = ("key:leaf", "key-ec:leaf", "crl:root", "csr:leaf", "public-key:leaf", "dh:2048", "ec-parameters")
TEXTS = {"text": b"text\n", "empty line": b"\n", "blanks": b"  \n", "byte order mark": b"\xef\xbb\xbf"}
PIECES = {name: pem(name) for name in (*CERTIFICATES, *OTHERS)} | TEXTS
KEY_PIECES = {name: pem(name) for name in ("leaf", *OTHERS, *OTHERS[:2])} | TEXTS


def inside(dice: random.Random, data: bytes) -> int:
    return dice.randrange(30, len(data) - 30) if len(data) > 100 else 0


def star(dice: random.Random, data: bytes) -> bytes:
    at = inside(dice, data)
    return data[:at] + b"*" + data[at + 1 :]


def gap(dice: random.Random, data: bytes) -> bytes:
    at = inside(dice, data)
    return data[:at] + data[at + dice.randint(1, 4) :]


# Left out, as what the libraries make of them is known to be another thing in some release, and nobody has such files:
# damage to the headers of encrypted keys inside certificate and CA files; in key files headers of ten characters at
# most, which OpenSSL 3 does not look at, and those of blocks that are no key, which it tells of where it finds none.
# Seeds differ at times in a damaged key inside a CA file, or in a block without END line and with an empty line, of
# which the first release of 1.1.1 says `bad end line`.
MUTATIONS: dict[str, Callable[[random.Random, bytes], bytes]] = {
    "no last byte": lambda _, data: data[:-1],
    "carriage returns": lambda _, data: data.replace(b"\n", b"\r\n"),
    "indented": lambda _, data: b"".join(b"  " + line for line in data.splitlines(True)),
    "no END": lambda _, data: re.sub(rb"-----END[^\n]*\n", b"", data),
    "short BEGIN": lambda _, data: data.replace(b"-----BEGIN", b"----BEGIN"),
    "short END": lambda _, data: data.replace(b"-----END", b"----END"),
    "star": star,
    "gap": gap,
    "empty line": lambda _, data: data.replace(b"\n", b"\n\n", 1),
    "blank behind BEGIN": lambda _, data: data.replace(b"-----\n", b"----- \n", 1),
    "cut": lambda dice, data: data[: dice.randrange(len(data) + 1)],
    "half a header": lambda _, data: headed(data, b"Proc-Type: 4,ENCRYPTED\n"),
    "a header": lambda _, data: headed(data),
    "trusted": lambda _, data: data.replace(b"CERTIFICATE", b"TRUSTED CERTIFICATE"),
}


KEY_MUTATIONS = {name: mutate for name, mutate in MUTATIONS.items() if name != "a header"}


def random_file(dice: random.Random, kind: str) -> tuple[str, bytes]:
    """A file of one to three pieces, some mutated, and what it was made of."""
    pieces, mutations = (KEY_PIECES, KEY_MUTATIONS) if kind == "key" else (PIECES, MUTATIONS)
    told, data = [], b""
    for _ in range(dice.choice((1, 1, 2, 2, 3))):
        name = dice.choice(list(pieces))
        mutation = dice.choice(list(mutations)) if dice.random() < 0.4 else None
        data += mutations[mutation](dice, pieces[name]) if mutation else pieces[name]
        told.append(f"{name} ({mutation})" if mutation else name)
    return " + ".join(told), data


@pytest.mark.servers
@pytest.mark.parametrize("kind", TABLES)
def test_the_library_says_the_same_of_random_files(library: Library, kind: str, tmp_path: Path) -> None:
    dice, path, differing = random.Random(f"{kind}-7468"), tmp_path / "file.pem", {}
    for _ in range(150):
        told, data = random_file(dice, kind)
        path.write_bytes(data)
        said, mine = ask(library, kind, path), fault(kind, data, library.openssl)
        if said != (mine and mine.reason) and (mine is None or mine.certain):
            differing[told] = (said, mine and mine.reason)
    assert not differing


NOT_OPENED = {
    "Too many levels of symbolic links": ("unknown", *("Too many levels of symbolic links",) * 3),
    "No such file or directory": ("No such file or directory",) * 4,
}


@pytest.mark.parametrize("text", NOT_OPENED)
def test_what_they_say_of_files_that_they_cannot_open(text: str) -> None:
    assert tuple(system_reason(text, openssl) for openssl in OPENSSL.values()) == NOT_OPENED[text]


@pytest.mark.servers
def test_the_libraries_say_so_of_files_that_they_cannot_open(library: Library, tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for path, text in ((loop, "Too many levels of symbolic links"), (tmp_path / "none", "No such file or directory")):
        said = {ask(path) for ask in (library.chain, library.ca, library.crl)}
        assert said == {system_reason(text, library.openssl)}
