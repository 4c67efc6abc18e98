"""The cipher suites of OpenSSL 1.1.1 and 3.x, and which of them a security level permits."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from pgssllint.target import OpenSSL
from pgssllint.tls.levels import needed


class Suite(NamedTuple):
    """A cipher suite, in the words of `openssl ciphers -V`.

    `strength` is the name of the group HIGH, MEDIUM or NONE it belongs to, `-` for TLS 1.3; `in_default` says whether
    the word DEFAULT brings it in, `fips` whether FIPS does.
    """

    openssl_name: str
    iana_name: str
    id: int
    min_protocol: str
    kx: str
    au: str
    enc: str
    mac: str
    strength_bits: int
    strength: str
    in_default: bool
    fips: bool

    @property
    def null(self) -> bool:
        """Whether it encrypts nothing."""
        return self.enc == "None"

    @property
    def anonymous(self) -> bool:
        """Whether the server proves no identity."""
        return self.au == "None"

    @property
    def forward_secret(self) -> bool:
        """Whether the keys of a session are ephemeral, so that the server's key does not decrypt it later."""
        return self.kx in {"DH", "ECDH", "DHEPSK", "ECDHEPSK", "any"}


def suites(openssl: OpenSSL) -> tuple[Suite, ...]:
    """Every suite up to TLS 1.2 that a cipher list can name, in the library's own order of preference.

    1.1.1 stands for a build with IDEA and SEED, as upstream's is. From 3.0 on all series are taken to have the
    same; in 3.5 the suites with CCM8 count for 64 bits, and stand further back.
    """
    return tuple(_tables()["1.1.1" if openssl.behaviour == "1.1.1" else "3.0"])


def tls13_suites() -> tuple[Suite, ...]:
    """The suites of TLS 1.3 that are on by default, in order; no cipher list adds or removes one."""
    return tuple(_tables()["TLSv1.3"])


def permitted(suite: Suite, level: int) -> bool:
    """Whether security level `level` (0 to 5) lets the suite be negotiated.

    The rule is that of SSL_CTX_set_security_level(3) and the same in 1.1.1 and 3.x, compared with what
    SSL_get1_supported_ciphers gives. At level 0 everything is permitted. Protocol versions that a level shuts out (TLS
    1.0 and 1.1 above level 0 from 3.0 on) are another matter.
    """
    if level <= 0:
        return True
    minimum = needed(level)
    if suite.strength_bits < minimum or suite.anonymous or suite.mac == "MD5":
        return False
    if suite.mac == "SHA1" and minimum > 160:
        return False
    return level < 3 or suite.kx in {"DH", "ECDH", "any"}


@cache
def _tables() -> dict[str, list[Suite]]:
    """The suites of 1.1.1, of 3.0 and of TLSv1.3, from cipher_suites.tsv.

    The file's columns: id, openssl_name, iana_name, min_protocol (oldest protocol it is used with), kx, au, enc and mac
    (as `openssl ciphers -V` prints them), bits (strength), strength (group), flags (`N`: not in DEFAULT, `F`: in FIPS)
    and series (`all`, or `1.1.1` where 3.0 lacks the suite). The facts were read from the libraries. The lines lie in
    the order that ssl_create_cipher_list gives the suites before it reads a list: by id, descending; then ECDHE-ECDSA,
    other ECDHE, AESGCM, ChaCha20, other AES to the front; MD5, anonymous, kRSA, kPSK to the end; by strength; and at
    last, each to the front in turn, TLS 1.2, AEAD, (EC)DHE, (EC)DHE with AEAD.
    """
    tables: dict[str, list[Suite]] = {"1.1.1": [], "3.0": [], "TLSv1.3": []}
    text = Path(__file__).with_name("cipher_suites.tsv").read_text(encoding="ascii")
    for line in text.splitlines()[1:]:
        number, name, iana, protocol, kx, au, enc, mac, bits, strength, flags, series = line.split("\t")
        suite = Suite(
            openssl_name=name, iana_name=iana, id=int(number, 16), min_protocol=protocol, kx=kx, au=au, enc=enc,
            mac=mac, strength_bits=int(bits), strength=strength, in_default="N" not in flags, fips="F" in flags,
        )  # fmt: skip
        if protocol == "TLSv1.3":
            tables["TLSv1.3"].append(suite)
            continue
        tables["1.1.1"].append(suite)
        if series == "all":
            tables["3.0"].append(suite)
    return tables
