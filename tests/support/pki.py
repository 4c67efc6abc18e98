"""Certificates, keys and revocation lists for the tests, by the names that rule pages use.

`pem("leaf")` is a certificate, `pem("key:leaf")` its private key, `pem("crl:root")` a revocation list; `describe()`
tells all names. `build` makes a whole file of a page's `files` table out of them.
"""

import base64
import difflib
import hashlib
import textwrap
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs7,
    pkcs12,
)

from tests.support.certificates import certificate, integer, key, sequence, signed_by, spelt_out, subject
from tests.support.profiles import PROFILES

AT = datetime(2026, 6, 15, 12, tzinfo=UTC)
"""The day that all validity counts from where a test names none."""

PASSPHRASE = "tests only"
"""What the encrypted keys are encrypted with."""

Spec = str | Sequence[str] | Mapping[str, object]
"""A file of a page: one item, several in a row, or a table as `build` takes it."""

_DH_OFFSETS = {768: 149686, 1024: 129093, 1536: 741804, 2048: 124476, 3072: 1690314, 4096: 240904}
_BOM = b"\xef\xbb\xbf"


def pem(item: str, at: datetime = AT) -> bytes:
    """The bytes of one item: a certificate's name, or `form:name` (`describe` tells which); ends with a line feed.

    Binary forms (`der:leaf`, `pkcs12:leaf`) are not PEM, whatever the name of this function. Raises ValueError for an
    unknown name or form, with the nearest one.
    """
    if item in PROFILES:
        return armour("CERTIFICATE", certificate(item, at))
    form, _, name = item.partition(":")
    if form not in _FORMS:
        raise _unknown(item, [*PROFILES, *_FORMS])
    make, takes, _ = _FORMS[form]
    name = name or _DEFAULTS.get(form, "")
    if takes and name not in takes:
        raise _unknown(name, takes)
    return make(name, at)


def build(spec: Spec, at: datetime = AT) -> bytes:
    """The bytes of a file: a `str` is one item, a list its items one after the other.

    A table says `key = "leaf"` (a private key), `content = item or list` or `text = "..."` (as it is), and may say
    `shape`: `glued` (no line end between blocks), `unterminated` (no line end at the end), `bom`, `crlf`, `indented`,
    `no-end-line`. Its `mode` and `owner` are not looked at here. Raises ValueError for anything else.
    """
    if isinstance(spec, str):
        return pem(spec, at)
    if not isinstance(spec, Mapping):
        return b"".join(pem(item, at) for item in spec)
    foreign = set(spec) - {"key", "content", "text", "shape", "mode", "owner"}
    if foreign or len({"key", "content", "text"} & set(spec)) != 1:
        raise ValueError(f"a file is 'key', 'content' or 'text', with 'shape', 'mode' and 'owner'; not {sorted(spec)}")
    if "text" in spec:
        data = str(spec["text"]).encode()
    elif "key" in spec:
        data = pem(f"key:{spec['key']}", at)
    else:
        content = spec["content"]
        if not isinstance(content, str | list | tuple):
            raise ValueError(f"'content' is an item or a list of items, not {content!r}")
        data = build(content, at)
    shape = str(spec.get("shape", "plain"))
    if shape not in _SHAPES:
        raise _unknown(shape, _SHAPES)
    return _SHAPES[shape](data)


def describe() -> dict[str, str]:
    """Every name that `pem` takes and what it gives; a form is listed with the names it goes with."""
    found = {
        name: f"certificate CN={profile.subject}, issued by {profile.issuer or 'itself'}"
        for name, profile in PROFILES.items()
    }
    return found | {f"{form}:NAME": text for form, (_, _, text) in _FORMS.items()}


def _unknown(name: str, known: Sequence[str] | Mapping[str, object]) -> ValueError:
    nearest = difflib.get_close_matches(name, list(known), 1, 0)
    return ValueError(f"there is no {name!r} among the test certificates; the nearest is {nearest[0]!r}")


def armour(label: str, der: bytes) -> bytes:
    """The PEM block of that label around some DER."""
    body = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), 64))
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n".encode()


def _loaded(name: str, at: datetime) -> x509.Certificate:
    return x509.load_der_x509_certificate(certificate(name, at))


def _private(
    name: str,
    layout: PrivateFormat = PrivateFormat.PKCS8,
    encryption: KeySerializationEncryption = NoEncryption(),  # noqa: B008 (a value without state)
    encoding: Encoding = Encoding.PEM,
) -> bytes:
    return key(PROFILES[name].key).private_bytes(encoding, layout, encryption)


@cache
def _encrypted(name: str, layout: PrivateFormat) -> bytes:
    return _private(name, layout, BestAvailableEncryption(PASSPHRASE.encode()))


def _traditional(name: str, cipher: str, passphrase: str) -> bytes:
    """The key of `name`, P-256, under a DEK-Info header: DES-CBC or AES-128-CBC, whose keys are one MD5 at most."""
    iv = bytes(range(16 if cipher.startswith("AES") else 8))
    derived = hashlib.md5(passphrase.encode() + iv[:8], usedforsecurity=False).digest()
    algorithm = algorithms.AES(derived) if cipher.startswith("AES") else TripleDES(derived[:8] * 3)
    der = _private(name, PrivateFormat.TraditionalOpenSSL, encoding=Encoding.DER)
    size = len(iv) - len(der) % len(iv)
    encryptor = Cipher(algorithm, modes.CBC(iv)).encryptor()
    block = armour("EC PRIVATE KEY", encryptor.update(der + bytes([size]) * size) + encryptor.finalize())
    headers = f"Proc-Type: 4,ENCRYPTED\nDEK-Info: {cipher},{iv.hex().upper()}\n\n"
    return block.replace(b"-----\n", b"-----\n" + headers.encode(), 1)


def _public(name: str, _at: datetime) -> bytes:
    return key(PROFILES[name].key).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _request(name: str, _at: datetime) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject(PROFILES[name].subject))
    made = builder.sign(key(PROFILES[name].key), _hash(name))
    return made.public_bytes(Encoding.PEM)


def _hash(name: str) -> hashes.SHA256 | None:
    curved_or_rsa = isinstance(key(PROFILES[name].key), ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey)
    return hashes.SHA256() if curved_or_rsa else None


def _pkcs12(name: str, at: datetime) -> bytes:
    private = key(PROFILES[name].key)
    return pkcs12.serialize_key_and_certificates(b"db", private, _loaded(name, at), None, NoEncryption())


def _damaged(name: str, at: datetime) -> bytes:
    """The block with one character of its body that is no base64."""
    text = pem(name, at)
    return text[:200] + b"*" + text[201:]


def _trusted(use: str) -> Callable[[str, datetime], bytes]:
    """What makes a TRUSTED CERTIFICATE for one use, as `openssl x509 -addtrust` does."""
    settings = sequence(sequence(bytes.fromhex(use)))
    return lambda name, at: armour("TRUSTED CERTIFICATE", certificate(name, at) + settings)


def _pss_bare(name: str, at: datetime) -> bytes:
    return armour("CERTIFICATE", signed_by(name, at, sequence(bytes.fromhex("06092a864886f70d01010a"))))


def _slh_dsa(name: str, at: datetime) -> bytes:
    """The certificate with the identifier of SLH-DSA-SHA2-128s (FIPS 205) in place of that of EC in its key."""
    der = certificate(name, at)
    spki = key(PROFILES[name].key).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    other = sequence(sequence(bytes.fromhex("0609608648016503040314")), bytes.fromhex("032100") + bytes(32))
    signed = _loaded(name, at).tbs_certificate_bytes
    rest = der[der.index(signed) + len(signed) :]
    body = signed[-int.from_bytes(signed[2:4], "big") :].replace(spki, other)
    return armour("CERTIFICATE", sequence(sequence(body), rest))


def _crl(
    begins: int = -1, ends: int = 29, signer: str = "", revoked: str = "", delta: bool = False
) -> Callable[[str, datetime], bytes]:
    """What makes the revocation list of an issuer: valid from and until so many days from the day asked for."""

    def make(name: str, at: datetime) -> bytes:
        issuer = name
        if revoked:
            issuer = PROFILES[name].issuer or name
        builder = x509.CertificateRevocationListBuilder(subject(PROFILES[issuer].subject))
        builder = builder.last_update(at + timedelta(days=begins)).next_update(at + timedelta(days=ends))
        builder = builder.add_extension(x509.CRLNumber(1000 + begins), False)
        if delta:
            builder = builder.add_extension(x509.DeltaCRLIndicator(1), True)
        if revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(_loaded(name, at).serial_number)
            builder = builder.add_revoked_certificate(entry.revocation_date(at - timedelta(days=2)).build())
        private = key(signer or PROFILES[issuer].key)
        deterministic = True if isinstance(private, ec.EllipticCurvePrivateKey) else None
        return builder.sign(private, _hash(issuer), ecdsa_deterministic=deterministic).public_bytes(Encoding.PEM)

    return make


def _crl_der(name: str, at: datetime) -> bytes:
    return x509.load_pem_x509_crl(_crl()(name, at)).public_bytes(Encoding.DER)


def _dh(bits: str, _at: datetime) -> bytes:
    """Diffie-Hellman parameters of RFC 2409 section 6 and RFC 3526, whose primes are written with the digits of pi."""
    size = int(bits)
    prime = 2**size - 2 ** (size - 64) - 1 + 2**64 * (_pi(size - 130) + _DH_OFFSETS[size])
    return armour("DH PARAMETERS", sequence(integer(prime), integer(2)))


def _pi(bits: int) -> int:
    """2**bits times pi, rounded down (Machin's formula)."""
    one = 1 << (bits + 32)

    def arc_cotangent(x: int) -> int:
        total = power = one // x
        n = 1
        while power := power // -(x * x):
            n += 2
            total += power // n
        return total

    return (16 * arc_cotangent(5) - 4 * arc_cotangent(239)) >> 32


def _indented(data: bytes) -> bytes:
    return b"".join(b"    " + line for line in data.splitlines(True))


_SHAPES: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda data: data,
    "glued": lambda data: data.replace(b"-----\n-----", b"----------"),
    "unterminated": lambda data: data.removesuffix(b"\n"),
    "bom": lambda data: _BOM + data,
    "crlf": lambda data: data.replace(b"\n", b"\r\n"),
    "indented": _indented,
    "no-end-line": lambda data: data[: data.rindex(b"-----END")],
}

_Form = tuple[Callable[[str, datetime], bytes], Sequence[str], str]
_NAMES = tuple(PROFILES)
_FORMS: dict[str, _Form] = {
    "key": (lambda name, _: _private(name), _NAMES, "private key (PKCS#8)"),
    "key-ec": (lambda name, _: _private(name, PrivateFormat.TraditionalOpenSSL), _NAMES, "EC PRIVATE KEY"),
    "key-explicit-curve": (
        lambda name, _: armour("PRIVATE KEY", spelt_out(PROFILES[name].key)),
        _NAMES,
        "private key (PKCS#8) on P-256 or P-384, whose curve is spelt out",
    ),
    "key-pkcs1": (lambda name, _: _private(name, PrivateFormat.TraditionalOpenSSL), _NAMES, "RSA PRIVATE KEY"),
    "key-der": (lambda name, _: _private(name, encoding=Encoding.DER), _NAMES, "private key (PKCS#8) in DER"),
    "ec-parameters": (
        lambda _, __: armour("EC PARAMETERS", bytes.fromhex("06082a8648ce3d030107")),
        (),
        "EC PARAMETERS of P-256, as 'openssl ecparam -genkey' writes them before the key",
    ),
    "encrypted-key": (lambda name, _: _encrypted(name, PrivateFormat.PKCS8), _NAMES, "ENCRYPTED PRIVATE KEY"),
    "encrypted-key-traditional": (
        lambda name, _: _encrypted(name, PrivateFormat.TraditionalOpenSSL),
        _NAMES,
        "EC or RSA PRIVATE KEY with a DEK-Info header",
    ),
    "encrypted-key-des": (
        lambda name, _: _traditional(name, "DES-CBC", PASSPHRASE),
        _NAMES,
        "EC PRIVATE KEY with a DEK-Info header that names DES-CBC",
    ),
    "encrypted-key-empty": (
        lambda name, _: _traditional(name, "AES-128-CBC", ""),
        _NAMES,
        "EC PRIVATE KEY with a DEK-Info header and an empty passphrase",
    ),
    "public-key": (_public, _NAMES, "PUBLIC KEY"),
    "csr": (_request, _NAMES, "CERTIFICATE REQUEST"),
    "der": (certificate, _NAMES, "certificate in DER"),
    "pkcs7": (lambda n, at: pkcs7.serialize_certificates([_loaded(n, at)], Encoding.PEM), _NAMES, "PKCS7"),
    "pkcs12": (_pkcs12, _NAMES, "certificate and key in PKCS#12, without a password"),
    "trusted": (lambda n, at: armour("TRUSTED CERTIFICATE", certificate(n, at)), _NAMES, "TRUSTED CERTIFICATE"),
    "trusted-for-servers": (_trusted("06082b06010505070301"), _NAMES, "one that is trusted for servers"),
    "trusted-for-clients": (_trusted("06082b06010505070302"), _NAMES, "one that is trusted for clients"),
    "x509": (lambda n, at: armour("X509 CERTIFICATE", certificate(n, at)), _NAMES, "X509 CERTIFICATE"),
    "damaged": (_damaged, _NAMES, "certificate whose base64 is broken"),
    "leaf-damaged": (lambda _, at: _damaged("leaf", at), (), "the same as damaged:leaf"),
    "indented": (lambda n, at: _indented(pem(n, at)), _NAMES, "certificate with blanks before every line"),
    "begin-damaged": (lambda n, at: pem(n, at)[1:], _NAMES, "certificate whose BEGIN line has a hyphen too few"),
    "no-end": (lambda n, at: _SHAPES["no-end-line"](pem(n, at)), _NAMES, "certificate without its END line"),
    "pss-bare": (_pss_bare, _NAMES, "certificate signed by RSASSA-PSS without its parameters"),
    "slh-dsa": (_slh_dsa, _NAMES, "certificate whose key says that it is of SLH-DSA"),
    "truncated": (
        lambda n, at: armour("CERTIFICATE", certificate(n, at)[:-40]),
        _NAMES,
        "certificate whose last 40 bytes are missing",
    ),
    "trailing": (
        lambda n, at: armour("CERTIFICATE", certificate(n, at) + b"\x00\x00"),
        _NAMES,
        "certificate with two bytes too many",
    ),
    "crl": (_crl(), _NAMES, "revocation list of that issuer"),
    "crl-older": (_crl(-20, 10), _NAMES, "an earlier one, still valid"),
    "crl-expired": (_crl(-60, -30), _NAMES, "one that is out of date"),
    "crl-expiring": (_crl(-27, 3), _NAMES, "one with three of thirty days left"),
    "crl-not-yet-valid": (_crl(5, 35), _NAMES, "one that begins in five days"),
    "crl-bad-signature": (_crl(signer="wrong"), _NAMES, "one signed by another key"),
    "crl-delta": (_crl(delta=True), _NAMES, "one with the delta CRL indicator"),
    "crl-revoking": (_crl(revoked="yes"), _NAMES, "the list of that certificate's issuer, in which it is revoked"),
    "crl-revoking-older": (_crl(-20, 10, revoked="yes"), _NAMES, "the same from an earlier day, still valid"),
    "crl-der": (_crl_der, _NAMES, "revocation list in DER"),
    "dh": (_dh, tuple(str(size) for size in _DH_OFFSETS), "DH PARAMETERS of so many bits (RFC 2409, RFC 3526)"),
    "text": (lambda text, _: f"{text}\n".encode(), (), "that text and a line feed"),
    "utf-16": (lambda text, _: f"\ufeff{text}\n".encode("utf-16-le"), (), "the same as Windows' editors write UTF-16"),
    "empty": (lambda _, __: b"", (), "nothing"),
}
_DEFAULTS = dict.fromkeys(("csr", "public-key", "damaged", "truncated", "trailing"), "leaf")
