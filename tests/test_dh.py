"""Diffie-Hellman parameters: what of a PEM file OpenSSL and the server take, as libssl and libcrypto said it."""

import base64
from functools import cache

import pytest

from pgssllint.target import OpenSSL
from pgssllint.text import Source
from pgssllint.tls.dh import DhFault, DhKind, Parameters, dh_fault, left_by, read_dh
from tests.support.installations import Unavailable, available
from tests.support.logs import fatal
from tests.support.pki import pem
from tests.support.servers import File, attempt

FIRST, LETTER = OpenSSL("1.1.1", 1), OpenSSL("1.1.1", 1, "s")
V30, V35 = OpenSSL("3.0", 2), OpenSSL("3.5", 2)
LOAD, SET = "could not load DH parameters file: ", "DH: could not set DH parameters: "
NOT_PRIME = "invalid DH parameters: p is not prime"
NEITHER = "invalid DH parameters: neither suitable generator or safe prime"


def length(count: int) -> bytes:
    if count < 128:
        return bytes([count])
    digits = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(digits)]) + digits


def encoded(*numbers: int, label: str = "DH PARAMETERS") -> bytes:
    """A PEM block of a SEQUENCE of numbers."""
    contents = b""
    for number in numbers:
        digits = number.to_bytes(number.bit_length() // 8 + 1, "big")
        contents += b"\x02" + length(len(digits)) + digits
    body = base64.encodebytes(b"\x30" + length(len(contents)) + contents).decode().replace("\n", "")
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n".encode()


OAKLEY1, OAKLEY2 = (
    int("FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22" + rest + "F" * 16, 16)
    for rest in (
        "514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A3620",
        "514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B"
        "0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381",
    )
)
"""The safe primes of 768 and 1024 bits of RFC 2409."""


@cache
def unsafe_prime() -> int:
    """The greatest prime of 512 bits with the remainder 23 by 24."""
    number = (1 << 512) - 1
    while number % 24 != 23 or pow(2, number - 1, number) != 1:
        number -= 2
    return number


def said(data: bytes, openssl: OpenSSL) -> str | None:
    fault = dh_fault(read_dh(Source("/dh.pem", data), openssl), openssl)
    if fault is None or fault.log is None:
        return None
    assert fault.log == fatal(fault.log.text)
    return fault.log.text


@pytest.mark.parametrize(
    ("bits", "logs"),
    [
        (768, (None, f"{SET}dh key too small", f"{SET}dh key too small", f"{SET}unknown security bits")),
        (1024, (None, None, f"{SET}dh key too small", f"{SET}dh key too small")),
    ],
)
def test_sizes(bits: int, logs: tuple[str | None, ...]) -> None:
    data = encoded({768: OAKLEY1, 1024: OAKLEY2}[bits], 2)
    assert tuple(said(data, openssl) for openssl in (FIRST, LETTER, V30, V35)) == logs
    assert isinstance(found := read_dh(Source("/dh.pem", data), V30), Parameters)
    assert found.bits == bits


def test_the_level_decides() -> None:
    data = encoded(OAKLEY2, 2)
    assert said(data, OpenSSL("3.0", 1)) is None
    assert said(data, OpenSSL("3.0", 0)) is None
    assert said(data, OpenSSL("1.1.1", 2)) == f"{SET}dh key too small"
    assert said(encoded(OAKLEY1, 2), OpenSSL("3.0", 0)) == f"{SET}dh key too small"


@pytest.mark.parametrize(
    ("prime", "openssl", "left"),
    [
        (OAKLEY1, FIRST, "dh key too small"), (OAKLEY2, FIRST, None), (OAKLEY2, OpenSSL("1.1.1", 2), None),
        (OAKLEY1, LETTER, None), (OAKLEY1, V30, None), (4, FIRST, None),
    ],
)  # fmt: skip
def test_what_is_taken_though_it_is_too_small_leaves_an_error(prime: int, openssl: OpenSSL, left: str | None) -> None:
    """Which a server of the first release says of a damaged ssl_ca_file (asked of 18)."""
    assert left_by(read_dh(Source("/dh.pem", encoded(prime, 2)), openssl), openssl) == left


def test_a_short_secret_counts() -> None:
    long = Parameters(read(encoded(OAKLEY2, 2)).block, 1 << 2047 | 1, 2, 223)
    assert (long.security_bits, long._replace(secret_bits=224).security_bits) == (111, 112)
    assert long._replace(secret_bits=159).security_bits == 0
    assert long._replace(secret_bits=None).security_bits == 112


def read(data: bytes) -> Parameters:
    found = read_dh(Source("/dh.pem", data), V30)
    assert isinstance(found, Parameters)
    return found


def test_numbers_that_are_no_parameters() -> None:
    strict = OpenSSL("3.0", 1)
    assert said(encoded(OAKLEY2 + 2, 2), strict) == NOT_PRIME
    assert said(encoded(OAKLEY2 + 1, 2), strict) == NOT_PRIME
    unsafe = unsafe_prime()
    assert said(encoded(unsafe, 1), OpenSSL("3.0", 1)) == NEITHER
    assert said(encoded(unsafe, 2), FIRST) == NEITHER
    assert said(encoded(unsafe, 3), FIRST) is None
    assert said(encoded(OAKLEY1, 1), FIRST) is None


def test_blocks() -> None:
    good = encoded(OAKLEY2, 2)
    lenient = OpenSSL("3.0", 1)
    assert said(b"", V30) == said(pem("leaf"), V30) == said(pem("key:leaf"), V30) == f"{LOAD}no start line"
    assert said(b"text\n" + pem("leaf") + good.replace(b"\n", b"\r\n"), lenient) is None
    assert said(b"\xef\xbb\xbf" + good, lenient) is None
    assert said(b"\xef\xbb\xbf" + good, LETTER) == f"{LOAD}no start line"
    assert said(good.replace(b"\n", b"\n*\n", 1), V30) == f"{LOAD}bad base64 decode"
    assert said(good.replace(b"END DH", b"END DX"), V30) == f"{LOAD}bad end line"
    assert said(good[:90], V30) == f"{LOAD}bad end line"
    assert said(good[:90], FIRST) == f"{LOAD}short header"
    assert said(encoded(5), V30) == f"{LOAD}field missing"
    assert said(encoded(OAKLEY2, 2, label="X9.42 DH PARAMETERS"), V30) == f"{LOAD}field missing"
    assert said(encoded(OAKLEY2, 2, 1 << 159, label="X9.42 DH PARAMETERS"), lenient) is None
    fault = dh_fault(read_dh(Source("/dh.pem", b""), V30), V30)
    assert isinstance(fault, DhFault)
    assert fault.kind is DhKind.NOTHING


def test_long_numbers_are_not_tested() -> None:
    assert said(encoded((1 << 400_000) + 9, 2), V30) is None


@pytest.mark.servers
@pytest.mark.parametrize(("flavour", "major"), [("npm", 10), ("npm", 13), ("npm", 18), ("pypi", 15), ("pypi", 18)])
def test_servers_say_so_too(flavour: str, major: int) -> None:
    installation = available(major, flavour)
    if isinstance(installation, Unavailable):
        pytest.skip(installation.reason)
    openssl = LETTER if (flavour, major) == ("npm", 10) else installation.openssl
    good = encoded(OAKLEY2, 2)
    tried = [
        good,
        encoded(OAKLEY1, 2),
        encoded(OAKLEY2 + 2, 2),
        encoded(unsafe_prime(), 2),
        b"",
        good[:90],
    ]
    tls = {"server.crt": File(pem("leaf")), "server.key": File(pem("key:leaf"))}
    conf = File(b"ssl = on\nssl_dh_params_file = 'dh.pem'\n")
    for data in [*tried, good.replace(b"\n", b"\n*\n", 1), encoded(5)]:
        answer = attempt(installation, {**tls, "postgresql.conf": conf, "dh.pem": File(data)})
        last = next((line for line in answer.log.splitlines() if line.startswith("FATAL")), None)
        text = said(data, openssl)
        assert last == (f"FATAL:  {text}" if text is not None else None)
