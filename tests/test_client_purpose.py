"""Whether a certificate may be a client's, by what servers with OpenSSL 1.1.1 and 3.0 did with it."""

from dataclasses import replace

import pytest

from pgssllint.target import OpenSSL
from pgssllint.text import Source
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.chain import read_bundle
from pgssllint.tls.client_purpose import NotClient, not_above_clients, not_client, too_weak
from tests.support.certificates import made
from tests.support.pki import AT, armour, build
from tests.support.profiles import NETSCAPE_TYPE, PROFILES


def certificate(name: str) -> Certificate:
    (found,) = read_bundle(Source("/x.crt", build([name]))).certificates
    return found


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("client", None),
        ("client-agreement", None),
        ("client-ca-true", None),
        ("client-netscape-client", None),
        ("client-v1", None),
        ("leaf-no-usage", None),
        ("leaf-broken-extension", None),
        ("client-server-only", NotClient.USAGE),
        ("client-any-usage", NotClient.USAGE),
        ("client-encipherment", NotClient.KEY_USAGE),
        ("client-ca-usage", NotClient.KEY_USAGE),
        ("client-netscape-server", NotClient.NETSCAPE),
        ("client-proxy", NotClient.PROXY),
        ("client-unknown-critical", NotClient.EXTENSION),
    ],
)
def test_who_may_be_a_client(name: str, why: NotClient | None) -> None:
    assert not_client(certificate(name)) == why


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (b"\x03\x02\x07\x80", None),
        (b"\x03\x02\x04\xf0", None),
        (b"\x03\x01\x00", NotClient.NETSCAPE),
        (b"\x03\x02\x00\x7f", NotClient.NETSCAPE),
    ],
)
def test_bits_of_the_netscape_type(value: bytes, why: NotClient | None) -> None:
    """Without bits it is for nothing; what is no string of bits is not read."""
    der = made(replace(PROFILES["client"], raw=((NETSCAPE_TYPE, False, value),)), AT)
    (found,) = read_bundle(Source("/x.crt", armour("CERTIFICATE", der))).certificates
    assert not_client(found) == why


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("intermediate", False),
        ("intermediate-client-only", False),
        ("intermediate-pathlen0", False),
        ("intermediate-not-ca", True),
        ("intermediate-no-keycertsign", True),
        ("intermediate-server-only", True),
        ("intermediate-unknown-critical", True),
    ],
)
def test_who_may_stand_above_a_client(name: str, refused: bool) -> None:
    assert not_above_clients(certificate(name)) == refused


@pytest.mark.parametrize(
    ("name", "openssl", "level", "weak"),
    [
        ("client-rsa1024", "1.1.1", 1, False),
        ("client-rsa1024", "1.1.1", 2, True),
        ("client-sha1", "1.1.1", 1, False),
        ("client-sha1", "3.0", 0, False),
        ("client-sha1", "3.0", 1, True),
        ("client-md5", "1.1.1", 1, True),
        ("client", "3.0", 3, False),
        ("client", "3.0", 4, True),
    ],
)
def test_what_is_too_weak_for_a_level(name: str, openssl: str, level: int, weak: bool) -> None:
    found = certificate(name)
    assert too_weak([found], OpenSSL.parse(openssl), level) is (found if weak else None)
