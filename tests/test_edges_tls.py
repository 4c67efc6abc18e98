"""Both sides of the edges in tls/, by numbers of standards and of the libraries (asked once, written down here)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509

from pgssllint.target import OpenSSL
from pgssllint.text import Source
from pgssllint.tls import der, strength
from pgssllint.tls.authority import unknown_critical
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.chain import path, read_bundle
from pgssllint.tls.cipher_suites import suites, tls13_suites
from pgssllint.tls.ciphers import expand, suite_b_curves
from pgssllint.tls.decryption import MAX_ROUNDS
from pgssllint.tls.dh import MAX_TESTED_BITS, dh_fault, read_dh
from pgssllint.tls.groups import Refusal, known_groups, read_groups
from pgssllint.tls.hostnames import matches
from pgssllint.tls.keyinfo import KeyInfo, algorithm_name, curves, hash_name, key_info
from pgssllint.tls.names import name_hash
from pgssllint.tls.obstacles import Circumstances, obstacle
from pgssllint.tls.pem import MAX_BLOCK, scan
from pgssllint.tls.protocols import PROTOCOLS
from pgssllint.tls.sniff import sniff
from pgssllint.tls.tls13 import read_suites, tls13_names
from tests.support.certificates import integer, made, sequence, subject, tagged
from tests.support.libssl import hash_of_name, system_library
from tests.support.logs import fatal
from tests.support.passphrases import opens
from tests.support.pki import AT, armour, pem
from tests.support.profiles import PROFILES, Profile
from tests.test_ciphers import suite
from tests.test_dh import encoded, said

V111, V111S, V30, V35 = OpenSSL("1.1.1", 1), OpenSSL("1.1.1", 1, "s"), OpenSSL("3.0", 2), OpenSSL("3.5", 2)


def oid(dotted: str) -> bytes:
    """The DER of an OBJECT IDENTIFIER, written by another library than the one that reads it."""
    value = x509.UnrecognizedExtension(x509.ObjectIdentifier(dotted), b"").oid
    usage = x509.ExtendedKeyUsage([value]).public_bytes()
    return usage[2:]


def element(data: bytes) -> der.Element:
    found = der.element(data)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("dotted", "digest"),
    [
        # RFC 8017 appendix A.2.4
        ("1.2.840.113549.1.1.2", "MD2"),
        ("1.2.840.113549.1.1.4", "MD5"),
        ("1.2.840.113549.1.1.5", "SHA1"),
        ("1.2.840.113549.1.1.11", "SHA256"),
        ("1.2.840.113549.1.1.12", "SHA384"),
        ("1.2.840.113549.1.1.13", "SHA512"),
        ("1.2.840.113549.1.1.14", "SHA224"),
        # PKCS #1 of 1993 has MD4; OIW's sha1WithRSASignature, and SHA-1 itself
        ("1.2.840.113549.1.1.3", "MD4"),
        ("1.3.14.3.2.29", "SHA1"),
        ("1.3.14.3.2.26", "SHA1"),
        # RFC 3279 section 2.2
        ("1.2.840.10040.4.3", "SHA1"),
        ("1.2.840.10045.4.1", "SHA1"),
        # RFC 5758 section 3
        ("2.16.840.1.101.3.4.3.1", "SHA224"),
        ("2.16.840.1.101.3.4.3.2", "SHA256"),
        ("1.2.840.10045.4.3.1", "SHA224"),
        ("1.2.840.10045.4.3.2", "SHA256"),
        ("1.2.840.10045.4.3.3", "SHA384"),
        ("1.2.840.10045.4.3.4", "SHA512"),
        # no digest of their own, or not known
        ("1.3.101.112", None),
        ("1.3.101.113", None),
        ("2.16.840.1.101.3.4.3.17", None),
        ("1.2.840.113549.1.1.1", None),
        ("1.2.840.113549.1.1.15", None),
    ],
)
def test_the_digest_of_a_signature(dotted: str, digest: str | None) -> None:
    assert hash_name(element(sequence(oid(dotted)))) == digest


class TestRsassaPss:
    """RFC 4055 section 3.1: the digest is named in the parameters, under [0]; SHA-1 where nothing is."""

    PSS = "1.2.840.113549.1.1.10"
    SHA384 = "2.16.840.1.101.3.4.2.2"

    @pytest.mark.parametrize(
        ("dotted", "digest"),
        [
            # RFC 4055 section 2.1
            ("2.16.840.1.101.3.4.2.1", "SHA256"), ("2.16.840.1.101.3.4.2.2", "SHA384"),
            ("2.16.840.1.101.3.4.2.3", "SHA512"), ("2.16.840.1.101.3.4.2.4", "SHA224"),
        ],
    )  # fmt: skip
    def test_each_digest(self, dotted: str, digest: str) -> None:
        named = tagged(0xA0, sequence(oid(dotted)))
        assert hash_name(element(sequence(oid(self.PSS), sequence(named)))) == digest

    def test_without_parameters(self) -> None:
        assert hash_name(element(sequence(oid(self.PSS)))) == "SHA1"
        assert hash_name(element(sequence(oid(self.PSS), sequence()))) == "SHA1"

    def test_named(self) -> None:
        named = tagged(0xA0, sequence(oid(self.SHA384)))
        assert hash_name(element(sequence(oid(self.PSS), sequence(named)))) == "SHA384"

    def test_only_the_salt_is_named(self) -> None:
        assert hash_name(element(sequence(oid(self.PSS), sequence(tagged(0xA2, integer(32)))))) == "SHA1"

    def test_of_another_kind(self) -> None:
        unknown = tagged(0xA0, sequence(oid("1.2.3.4")))
        assert hash_name(element(sequence(oid(self.PSS), sequence(unknown)))) is None


@pytest.mark.parametrize(
    ("dotted", "kind"),
    [
        ("1.2.840.113549.1.1.1", "RSA"),  # RFC 8017
        ("1.2.840.113549.1.1.10", "RSA-PSS"),
        ("1.2.840.10045.2.1", "EC"),  # RFC 5480
        ("1.2.840.10040.4.1", "DSA"),  # RFC 3279
        ("1.3.101.111", None),  # RFC 8410: X448, Ed25519, Ed448
        ("1.3.101.112", "Ed25519"),
        ("1.3.101.113", "Ed448"),
        ("1.3.101.114", None),
        # NIST's register of algorithms: HashSLH-DSA begins at 35
        ("2.16.840.1.101.3.4.3.16", None),
        ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
        ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
        ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
        ("2.16.840.1.101.3.4.3.20", "SLH-DSA"),
        ("2.16.840.1.101.3.4.3.31", "SLH-DSA"),
        ("2.16.840.1.101.3.4.3.32", None),
    ],
)
def test_the_kind_of_a_key(dotted: str, kind: str | None) -> None:
    assert algorithm_name(dotted) == (kind or dotted)


@pytest.mark.parametrize(
    ("dotted", "name", "bits"),
    [
        # SEC 2 version 2 and RFC 5639: the bits of the order, which over a binary field is the shorter one
        ("1.2.840.10045.3.1.1", "prime192v1", 192),
        ("1.3.132.0.33", "secp224r1", 224),
        ("1.2.840.10045.3.1.7", "prime256v1", 256),
        ("1.3.132.0.10", "secp256k1", 256),
        ("1.3.132.0.34", "secp384r1", 384),
        ("1.3.132.0.35", "secp521r1", 521),
        ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1", 256),
        ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1", 384),
        ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1", 512),
        ("1.3.132.0.16", "sect283k1", 281),
    ],
)
def test_the_size_of_a_curve(dotted: str, name: str, bits: int) -> None:
    assert curves()[dotted] == (name, bits)
    spki = sequence(sequence(oid("1.2.840.10045.2.1"), oid(dotted)), tagged(0x03, b"\0\4"))
    assert key_info(spki) == KeyInfo("EC", bits, name)


class TestStrength:
    """NIST SP 800-57 part 1 (table 2), and what libraries of 3.0 and later said (x509_set.c, rsa_lib.c)."""

    @pytest.mark.parametrize(("bits", "below", "worth"), [
        (1024, 0, 80), (2048, 80, 112), (3072, 112, 128), (7680, 128, 192), (15360, 192, 256),
    ])  # fmt: skip
    @pytest.mark.parametrize(("kind", "openssl"), [("RSA", V111), ("RSA-PSS", V111S), ("DSA", V30), ("DSA", V35)])
    def test_by_the_table(self, kind: str, openssl: OpenSSL, bits: int, below: int, worth: int) -> None:
        assert strength.key_bits(KeyInfo(kind, bits - 1), openssl) == below
        assert strength.key_bits(KeyInfo(kind, bits), openssl) == worth

    @pytest.mark.parametrize(("bits", "below", "worth"), [
        (920, 0, 80), (1963, 80, 112), (2671, 112, 128), (6947, 128, 192), (13914, 192, 256),
    ])  # fmt: skip
    @pytest.mark.parametrize("openssl", [V30, V35], ids=str)
    def test_by_the_formula(self, openssl: OpenSSL, bits: int, below: int, worth: int) -> None:
        assert strength.key_bits(KeyInfo("RSA", bits - 1), openssl) == below
        assert strength.key_bits(KeyInfo("RSA", bits), openssl) == worth

    @pytest.mark.parametrize(
        ("kind", "bits"),
        # RFC 8032 sections 5.1 and 5.2; FIPS 204 section 4 (categories 2, 3 and 5)
        [("Ed25519", 128), ("Ed448", 224), ("ML-DSA-44", 128), ("ML-DSA-65", 192), ("ML-DSA-87", 256)],
    )
    def test_fixed(self, kind: str, bits: int) -> None:
        assert strength.key_bits(KeyInfo(kind), V35) == bits

    @pytest.mark.parametrize("kind", ["RSA", "RSA-PSS", "EC", "DSA", "Ed25519", "Ed448"])
    @pytest.mark.parametrize("openssl", [V111, V30, V35], ids=str)
    def test_kinds_that_every_library_takes(self, kind: str, openssl: OpenSSL) -> None:
        assert strength.key_type_fault(kind, openssl, leaf=True) is None

    @pytest.mark.parametrize("kind", ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "SLH-DSA"])
    def test_kinds_that_3_5_brought(self, kind: str) -> None:
        assert strength.key_type_fault(kind, V30, leaf=False) == "decode error"
        assert strength.key_type_fault(kind, V111, leaf=False) == "unsupported algorithm"
        assert strength.key_type_fault(kind, V35, leaf=False) is None

    @pytest.mark.parametrize(
        ("digest", "old", "new"), [("MD2", 64, 64), ("MD4", 64, 64), ("MD5", 64, 39), ("SHA1", 80, 63)]
    )
    def test_digests_that_are_broken(self, digest: str, old: int, new: int) -> None:
        """X509_get_signature_info of 3.0.19, which counts for MD5 and SHA-1 what a collision costs (MD2: unknown)."""
        oids = {
            "MD2": "1.2.840.113549.1.1.2", "MD4": "1.2.840.113549.1.1.3", "MD5": "1.2.840.113549.1.1.4",
            "SHA1": "1.2.840.113549.1.1.5",
        }  # fmt: skip
        rsa = made(PROFILES["leaf-by-rsa-intermediate"], AT)
        signed = read(rsa.replace(oid("1.2.840.113549.1.1.11"), oid(oids[digest])))
        assert signed.signature_hash == digest
        assert [strength.signature_bits(signed, openssl) for openssl in (V111, V30, V35)] == [old, new, new]


def read(data: bytes) -> Certificate:
    (found,) = read_bundle(Source("/x", armour("CERTIFICATE", data))).certificates
    return found


EXTENSIONS = {
    *(f"2.16.840.1.113730.1.{arc}" for arc in range(1, 5)),
    *(f"2.5.29.{arc}" for arc in range(9, 60)),
    *(f"1.3.6.1.5.5.7.1.{arc}" for arc in range(1, 33)),
    *(f"1.3.6.1.5.5.7.48.1.{arc}" for arc in range(1, 8)),
}
SUPPORTED = {
    "2.16.840.1.113730.1.1", "2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.30", "2.5.29.31", "2.5.29.32", "2.5.29.33",
    "2.5.29.36", "2.5.29.37", "2.5.29.54", "1.3.6.1.5.5.7.1.7", "1.3.6.1.5.5.7.1.8", "1.3.6.1.5.5.7.1.14",
    "1.3.6.1.5.5.7.48.1.5",
}  # fmt: skip
"""Of EXTENSIONS, those for which X509_supported_extension of 3.0.19 answered 1."""


@pytest.mark.parametrize("dotted", sorted(EXTENSIONS))
def test_extensions_that_may_be_critical(dotted: str) -> None:
    raw = ((x509.ObjectIdentifier(dotted), True, b"\x05\x00"),)
    bare = Profile("x", "leaf", ca=None, key_usage=(), raw=raw)
    assert list(unknown_critical(read(made(bare, AT)))) == ([] if dotted in SUPPORTED else [dotted])


class TestDer:
    """X.690: sections 8.1.3 (lengths) and 8.19 (identifiers)."""

    @pytest.mark.parametrize(
        ("data", "end"),
        [
            (b"\x04\x00", 2),
            (b"\x04", None),
            (b"\x04\x7f" + bytes(127), 129),
            (b"\x04\x7f" + bytes(126), None),
            (b"\x04\x80" + bytes(130), None),
            (b"\x04\x81\x80" + bytes(128), 131),
            (b"\x04\x82\x01\x00" + bytes(256), 260),
            (b"\x04\x83\x00\x00\x01\x00", 6),
            (b"\x04\x84\x00\x00\x00\x01\x00", 7),
            (b"\x04\x85\x00\x00\x00\x00\x01\x00", None),
            (b"\x04\x84\x00\x00\x00", None),
            (b"\x1f\x01\x00", None),
            (b"\x1e\x01\x00", 3),
        ],
    )
    def test_lengths(self, data: bytes, end: int | None) -> None:
        found = der.element(data)
        assert (found and found.end) == end

    @pytest.mark.parametrize(
        ("contents", "dotted"),
        [
            (b"\x00", "0.0"),
            (b"\x27", "0.39"),
            (b"\x28", "1.0"),
            (b"\x4f", "1.39"),
            (b"\x50", "2.0"),
            (b"\x88\x37", "2.999"),
            (b"\x2a\x86\x48", "1.2.840"),
            (b"\x2a\x86", ""),
            (b"", ""),
            (b"\x2a" + b"\x01" * 63, "1.2" + ".1" * 63),
            (b"\x2a" + b"\x01" * 64, ""),
        ],
    )
    def test_identifiers(self, contents: bytes, dotted: str) -> None:
        assert der.dotted(element(tagged(0x06, contents))) == dotted

    @pytest.mark.parametrize(
        ("tags", "kind"),
        [
            (b"\x30\x30\x17", "DER CRL"),  # RFC 5280 section 5.1
            (b"\x02\x30\x30\x18\x17", "DER CRL"),
            (b"\x30\x30", "DER certificate request"),
            (b"\x02\x30\x30\xa0", "DER certificate request"),  # RFC 2986
            (b"\xa0\x02\x30", "DER certificate"),  # RFC 5280 section 4.1
            (b"\x02\x30\x30\x30\x30\x30", "DER certificate"),
            (b"\x02\x30\x30\x30\x30", "DER certificate request"),
            (b"\x30", "DER data"),
        ],
    )
    def test_signed_things(self, tags: bytes, kind: str) -> None:
        body = sequence(*(tagged(tag, b"") for tag in tags))
        assert der.kind(sequence(body, sequence(), tagged(0x03, b"\0"))) == kind

    @pytest.mark.parametrize(
        ("tags", "kind"),
        [
            (b"\x06\xa0", "PKCS#7"),  # RFC 5652 section 3
            (b"\x02\x30\x04", "DER private key"),  # RFC 5958
            (b"\x02\x30\x30", "PKCS#12"),  # RFC 7292 section 4
            (b"\x02\x02\x02\x02", "DER private key"),  # RFC 8017 appendix A.1.2
            (b"\x02\x04\xa0", "DER private key"),  # RFC 5915
            (b"\x30\x04", "DER private key"),  # RFC 5958 section 3
            (b"\x30\x03", "DER public key"),  # RFC 5280 section 4.1
            (b"\x02\x02\x02", "DER data"),
            (b"\x04", "DER data"),
        ],
    )
    def test_other_things(self, tags: bytes, kind: str) -> None:
        assert der.kind(sequence(*(tagged(tag, b"") for tag in tags))) == kind


class TestDh:
    LENIENT = OpenSSL("3.0", 0)
    NOT_PRIME = "invalid DH parameters: p is not prime"

    @pytest.mark.parametrize(("bits", "tested"), [(4096, True), (4097, False)])
    def test_how_long_a_number_is_tested(self, bits: int, tested: bool) -> None:
        """A bound of the linter's own: the library tests more."""
        composite = (1 << bits) - 1
        assert (said(encoded(composite, 2), self.LENIENT) == self.NOT_PRIME) == tested
        assert MAX_TESTED_BITS == 4096

    @pytest.mark.parametrize(("prime", "generator", "log"), [
        (2, 2, "p is not prime"), (3, 2, "p is not prime"), (4, 2, "p is not prime"), (9, 2, "p is not prime"),
    ])  # fmt: skip
    def test_small_numbers(self, prime: int, generator: int, log: str) -> None:
        assert said(encoded(prime, generator), self.LENIENT) == f"invalid DH parameters: {log}"

    @pytest.mark.parametrize("prime", [5, 7, 11, 23])
    def test_small_primes_are_too_small_and_primes(self, prime: int) -> None:
        assert said(encoded(prime, 2), self.LENIENT) == "DH: could not set DH parameters: dh key too small"

    # DH_check of 1.1.1 of 2018: 2 goes with 11 modulo 24, 5 with 3 or 7 modulo 10, any other with all
    UNSAFE = "neither suitable generator or safe prime"

    @pytest.mark.parametrize(
        ("prime", "generator", "wrong"),
        [
            (59, 2, False),  # 11 modulo 24, safe
            (131, 2, False),  # 11 modulo 24, 65 is no prime
            (157, 2, True),  # 13 modulo 24, 78 is no prime
            (113, 5, False),  # 3 modulo 10, 56 is no prime
            (157, 5, False),  # 7 modulo 10
            (131, 5, True),  # 1 modulo 10
            (139, 5, True),  # 9 modulo 10
            (131, 3, False),
        ],
    )
    def test_generators_of_the_first_release(self, prime: int, generator: int, wrong: bool) -> None:
        log = said(encoded(prime, generator), V111)
        assert (log == f"invalid DH parameters: {self.UNSAFE}") == wrong

    @pytest.mark.parametrize(("generator", "wrong"), [(0, True), (1, True), (2, False), (129, False), (130, True)])
    def test_generators_of_later_ones(self, generator: int, wrong: bool) -> None:
        """1 < g < p - 1 (DH_CHECK: DH_NOT_SUITABLE_GENERATOR)."""
        log = said(encoded(131, generator), V111S)
        assert (log == f"invalid DH parameters: {self.UNSAFE}") == wrong

    @pytest.mark.parametrize(
        ("bits", "level", "taken"),
        [(768, 0, False), (1024, 0, True), (1024, 1, True), (1024, 2, False), (1536, 2, False), (2048, 2, True),
         (2048, 3, False), (3072, 3, True), (3072, 4, False), (4096, 4, False)],
    )  # fmt: skip
    def test_levels(self, bits: int, level: int, taken: bool) -> None:
        openssl = OpenSSL("3.0", level)
        assert (dh_fault(read_dh(Source("/x", pem(f"dh:{bits}")), openssl), openssl) is None) == taken


@pytest.mark.parametrize(
    ("name", "host", "same"),
    [
        # wildcard_certificate_match of fe-secure-common.c: the star alone is the first label, and one label at least
        ("*.b", "a.b", True),
        ("*.", "a.", False),
        ("*.", "a", False),
        ("*.b", ".b", False),
        ("*.b", "b", False),
        ("*.b", "a.a.b", False),
        ("*.b.c", "aa.b.c", True),
        ("*.bb", "a.b", False),
        ("*", "a", False),
        ("a*.b", "ab.b", False),
    ],
)
def test_wildcards(name: str, host: str, same: bool) -> None:
    assert matches(name, host) == same


@pytest.mark.parametrize(
    ("series", "level", "refused"),
    # handshakes with libraries of 1.1.1 and 3.0.19: from 3.0 on TLS 1.0 and 1.1 sign with what is too weak for level 1
    [
        ("1.1.1", 0, []),
        ("1.1.1", 1, []),
        ("1.1.1", 2, []),
        ("1.1.1", 3, ["TLSv1"]),
        ("3.0", 0, []),
        ("3.0", 1, ["TLSv1", "TLSv1.1"]),
        ("3.0", 2, ["TLSv1", "TLSv1.1"]),
        ("3.5", 0, []),
        ("3.5", 1, ["TLSv1", "TLSv1.1"]),
    ],
)
def test_versions_that_a_level_shuts_out(series: str, level: int, refused: list[str]) -> None:
    aes = suite("ECDHE-RSA-AES256-SHA")
    given = {v: Circumstances(OpenSSL(series, level), level, None, v, v) for v in PROTOCOLS[:3]}
    assert [version for version in given if obstacle(aes, given[version]) is not None] == refused


def certificate(name: str, issuer: str) -> bytes:
    """A certificate with nothing but its names: the walk over a path does not look at signatures."""
    algorithm = sequence(oid("1.2.840.10045.4.3.2"))
    spki = sequence(sequence(oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")), tagged(0x03, b"\0\4"))
    validity = sequence(tagged(0x17, b"260101000000Z"), tagged(0x17, b"270101000000Z"))
    names = [subject(text).public_bytes() for text in (issuer, name)]
    body = sequence(integer(1), algorithm, names[0], validity, names[1], spki)
    return armour("CERTIFICATE", sequence(body, algorithm, tagged(0x03, b"\0")))


class TestSizes:
    @pytest.mark.parametrize(("size", "fault"), [(MAX_BLOCK, False), (MAX_BLOCK + 1, True)])
    def test_of_a_block(self, size: int, fault: bool) -> None:
        """1 MiB is a bound of the linter's own."""
        assert MAX_BLOCK == 1 << 20
        body = b"A" * (size - 1) + b"\n"
        (block,) = scan(Source("/x", b"-----BEGIN A-----\n" + body + b"-----END A-----\n"))
        assert (block.fault is not None and "1 MiB" in block.fault.value) == fault

    @pytest.mark.parametrize(("length", "reason"), [(63, "passed invalid argument"), (64, "No valid groups found")])
    def test_of_the_name_of_a_group(self, length: int, reason: str) -> None:
        """Of 3.0 on a name has 63 bytes at most (GROUP_NAME_BUFFER_LENGTH, with its end), or nothing is looked up."""
        found = read_groups(f"prime256v1:{'x' * length}", 18, V30)
        assert found.refusal is Refusal.UNKNOWN
        assert found.log == fatal(f"could not set group names specified in ssl_groups: {reason}")

    @pytest.mark.parametrize(("length", "refusal"), [(63, None), (64, Refusal.MALFORMED)])
    def test_of_one_that_may_be_unknown(self, length: int, refusal: Refusal | None) -> None:
        assert read_groups(f"prime256v1:?{'x' * length}", 18, V35).refusal is refusal

    @pytest.mark.parametrize(("given", "walked"), [(99, 99), (100, 100), (101, 100), (150, 100)])
    def test_of_a_path(self, given: int, walked: int) -> None:
        """A hundred, OpenSSL's own depth where nobody sets another (x509_vpm.c)."""
        chain = b"".join(certificate(f"CA {n}", f"CA {n + 1}") for n in range(given))
        assert len(path(read_bundle(Source("/x", chain))).certificates) == walked

    @pytest.mark.parametrize(("rounds", "tried"), [(MAX_ROUNDS, True), (MAX_ROUNDS + 1, False)])
    def test_of_the_rounds_of_a_key(self, rounds: int, tried: bool) -> None:
        """PKCS #5 (RFC 8018 appendix A): the rounds stand in the parameters of PBKDF2."""
        assert MAX_ROUNDS == 1_000_000
        pbkdf2 = sequence(oid("1.2.840.113549.1.5.12"), sequence(tagged(0x04, bytes(8)), integer(rounds)))
        aes = sequence(oid("2.16.840.1.101.3.4.1.42"), tagged(0x04, bytes(16)))
        algorithm = sequence(oid("1.2.840.113549.1.5.13"), sequence(pbkdf2, aes))
        block = armour("ENCRYPTED PRIVATE KEY", sequence(algorithm, tagged(0x04, bytes(32))))
        assert (opens(block, b"x") is not None) == tried


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"\xff\xfe-", "UTF-16 text"),
        (b"\xfe\xff-", "UTF-16 text"),
        (b"\xfe\xed\xfe\xed", "Java key store"),
        (b"\x00GITCRYPT", "git-crypt data"),
        (b"$ANSIBLE_VAULT;1.1", "Ansible Vault data"),
        (b"PuTTY-User-Key-File-3: ", "PuTTY key"),
        (b"ssh-ed25519 AAAA", "OpenSSH key"),
        (b"ecdsa-sha2-nistp256 AAAA", "OpenSSH key"),
        (b"ssl", "text"),
        (b"tab\tfeed\n\f\r\x1b[0m", "text"),
        (b"bell\x07", "binary data"),
        (b"x" * 4096 + b"\x00", "text"),
        (b"x" * 4095 + b"\x00", "binary data"),
        (b"-----BEGIN PGP MESSAGE-----\nAAAA\n-----END PGP MESSAGE-----\n", "PGP data"),
        (b"-----BEGIN PKCS7-----\nAAAA\n-----END PKCS7-----\n", "PKCS#7"),
        (b"-----BEGIN CMS-----\nAAAA\n-----END CMS-----\n", "PKCS#7"),
        (b"-----BEGIN EC PARAMETERS-----\nAAAA\n-----END EC PARAMETERS-----\n", "EC parameters"),
        (b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n", "CRL"),
        (b"-----BEGIN FOO-----\nAAAA\n-----END FOO-----\n", "text"),
    ],
)
def test_what_a_file_begins_with(data: bytes, word: str) -> None:
    assert sniff(data) == word


@pytest.mark.parametrize(("late", "valid"), [(-1, False), (0, True), (1, True)])
def test_validity_includes_its_beginning(late: int, valid: bool) -> None:
    """RFC 5280 section 4.1.2.5."""
    assert read(made(PROFILES["leaf"], AT)).valid_at(AT - timedelta(days=30) + timedelta(seconds=late)) is valid


@pytest.mark.parametrize(("late", "valid"), [(-1, True), (0, True), (1, False)])
def test_validity_includes_its_end(late: int, valid: bool) -> None:
    assert read(made(PROFILES["leaf"], AT)).valid_at(AT + timedelta(days=335) + timedelta(seconds=late)) is valid


def test_a_path_ends_at_a_certificate_that_its_own_name_issued_and_another_key() -> None:
    """A renewed key, signed by the old one, which is missing: no circle."""
    renewed = Profile("Example Root", "twin", "root", ca=True, key_usage=("key_cert_sign",), identifier="none")
    leaf = replace(PROFILES["leaf-by-root"], identifier="none")
    chain = b"".join(armour("CERTIFICATE", made(profile, AT)) for profile in (leaf, renewed))
    found = path(read_bundle(Source("/x", chain)))
    assert (len(found.certificates), found.complete, found.missing_issuer) == (2, False, "CN=Example Root")


class TestGroups:
    """RFC 8446 section 4.2.7, and SSL_CTX_set1_groups_list(3) of 3.5."""

    def test_the_default_of_3_5(self) -> None:
        names = [group.tls for group, _ in read_groups("DEFAULT", 18, V35).groups]
        assert names == [
            "X25519MLKEM768", "x25519", "secp256r1", "x448", "secp384r1", "secp521r1", "ffdhe2048", "ffdhe3072",
        ]  # fmt: skip

    def test_suite_b(self) -> None:
        names = [group.tls for group, _ in read_groups("DEFAULT_SUITE_B", 18, V35).groups]
        assert names == ["secp256r1", "secp384r1"]

    def test_what_clients_offer_by_default(self) -> None:
        """tls1_set_groups of 1.1.1 and 3.0 (x25519, the NIST curves, x448, from 3.0 on ffdhe), 3.5 (X25519MLKEM768)."""
        usual = {group.tls for group in known_groups() if group.usual}
        assert usual == {
            "X25519MLKEM768", "x25519", "x448", "secp256r1", "secp384r1", "secp521r1",
            "ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192",
        }  # fmt: skip

    @pytest.mark.parametrize(
        "name",
        ["ED25519", "ED448", "RSA", "DSA", "MD5", "SHA1", "SHA256", "SHA384", "SHA512", "id-ecPublicKey", "X25519"],
    )
    def test_names_of_what_is_no_curve(self, name: str) -> None:
        """OBJ_sn2nid knows them, and EC_KEY_new_by_curve_name does not."""
        found = read_groups(name, 17, V30)
        assert (found.refusal, found.log) == (Refusal.NO_CURVE, fatal("ECDH: could not create key"))

    @pytest.mark.parametrize("name", ["ed25519", "P-256", "x25519", "nosuch", "secp256r1", "ecPublicKey", "sha256"])
    def test_names_of_nothing(self, name: str) -> None:
        found = read_groups(name, 17, V30)
        assert (found.refusal, found.log) == (Refusal.UNKNOWN, fatal(f"ECDH: unrecognized curve name: {name}"))


class TestTls13:
    """RFC 8446 appendix B.4 and RFC 9150."""

    FIVE = (
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256",
    )  # fmt: skip
    INTEGRITY = ("TLS_SHA256_SHA256", "TLS_SHA384_SHA384")

    def test_the_names(self) -> None:
        assert tls13_names() == {*self.FIVE, *self.INTEGRITY}

    @pytest.mark.parametrize("openssl", [V111, V30, V35], ids=str)
    def test_what_each_series_takes(self, openssl: OpenSSL) -> None:
        def taken(name: str) -> bool:
            return not read_suites(name, openssl).refused

        assert all(taken(name) for name in self.FIVE)
        assert [taken(name) for name in self.INTEGRITY] == [openssl is V35] * 2
        assert not taken("TLS_AES_256_CCM_SHA384")

    def test_all_are_forward_secret(self) -> None:
        assert all(one.forward_secret for one in tls13_suites())
        secret = {one.openssl_name: one.forward_secret for one in suites(V111)}
        assert not any(secret[name] for name in ("AES128-SHA", "PSK-AES128-CBC-SHA", "RSA-PSK-AES128-CBC-SHA"))
        assert all(secret[name] for name in ("DHE-RSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "DHE-PSK-AES128-CBC-SHA"))


def test_a_mark_at_the_end_of_a_file_hides_nothing_at_its_beginning() -> None:
    blocks = scan(Source("/x", pem("leaf") + b"\xef\xbb\xbf"))
    assert [block.after_bom for block in blocks] == [False]


@pytest.mark.skipif(system_library() is None, reason="this machine has no libcrypto to be asked")
@pytest.mark.parametrize("length", [111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 240, 250, 64])
def test_hashes_of_names_of_all_lengths(length: int) -> None:
    """A name of 127 bytes has one byte of length, a longer one two or three (X.690 section 8.1.3)."""
    name = subject("OU=" + "a" * 64 + ",O=" + "b" * max(1, min(64, length - 64)) + ",L=" + "c" * max(1, length - 128))
    assert name_hash(name.public_bytes()) == hash_of_name(name.public_bytes())


@pytest.mark.parametrize(
    ("words", "curve", "digests", "fits"),
    [
        ("SUITEB192", "secp384r1", ("SHA384",), True),
        ("SUITEB192", "secp384r1", ("SHA256",), False),
        ("SUITEB192", "secp384r1", ("SHA384", "SHA256"), False),
        ("SUITEB128", "secp384r1", ("SHA256",), True),
        ("SUITEB128", "prime256v1", ("SHA384", "SHA256"), True),
        ("SUITEB128", "prime256v1", ("SHA512",), False),
        ("SUITEB128ONLY", "prime256v1", ("SHA256",), True),
        ("SUITEB128ONLY", "prime256v1", ("SHA384",), False),
        ("ECDHE+AESGCM", "secp384r1", ("SHA256",), True),
        ("SUITEB192", "secp384r1", (), True),
    ],
)
def test_what_signs_the_certificates_of_suite_b(words: str, curve: str, digests: tuple[str, ...], fits: bool) -> None:
    """Servers of all flavours with certificates that sign themselves, and clients of TLS 1.2."""
    openssl = OpenSSL("3.0", 1)
    expansion = expand(words, openssl)
    bits = {"secp384r1": 384, "prime256v1": 256}[curve]
    given = Circumstances(
        openssl, expansion.level, KeyInfo("EC", bits, curve), suite_b=suite_b_curves(expansion), digests=digests
    )
    assert any(obstacle(suite, given) is None for suite in expansion.suites) is fits
    assert all(obstacle(suite, given) is None for suite in tls13_suites() if given.suite_b)
