"""Names in certificates against the host that a client connects to, as libpq compares them (measured with 10 to 18)."""

from datetime import timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.text import Source
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.chain import read_bundle
from pgssllint.tls.hostnames import address_of, covers, looks_like_host, matches, names_of, unmatchable
from tests.support.certificates import key, subject
from tests.support.pki import AT, pem


def leaf(name: str) -> Certificate:
    found = read_bundle(Source("/server.crt", pem(name))).leaf
    assert found is not None
    return found


NOBODY: range = range(0)
ALL = range(10, 20)
BEFORE_15, FROM_15 = range(10, 15), range(15, 20)


@pytest.mark.parametrize(
    ("certificate", "host", "libpqs"),
    [
        ("leaf", "db.example.org", ALL),
        ("leaf", "DB.Example.ORG", ALL),
        ("leaf", "db.example.org.", NOBODY),
        ("leaf", "example.org", NOBODY),
        ("leaf-no-san", "db.example.org", ALL),
        ("leaf-other-name", "replica.example.org", ALL),
        ("leaf-other-name", "db.example.org", NOBODY),
        ("leaf-spoken-name", "Database of Example", NOBODY),
        ("leaf-nameless", "db.example.org", NOBODY),
        ("leaf-trailing-dot", "db.example.org.", ALL),
        ("leaf-trailing-dot", "db.example.org", NOBODY),
        ("leaf-wildcard", "db.example.org", ALL),
        ("leaf-wildcard", "DB.EXAMPLE.ORG", ALL),
        ("leaf-wildcard", "a.db.example.org", NOBODY),
        ("leaf-wildcard", "example.org", NOBODY),
        ("leaf-bad-wildcard", "db.example.org", NOBODY),
        ("leaf-ip", "192.0.2.5", FROM_15),
        ("leaf-ip", "192.0.2.6", NOBODY),
        ("leaf-ip", "db.example.org", ALL),
        ("leaf-no-san-ip", "192.0.2.5", ALL),
        ("leaf-dns-and-ip", "192.0.2.5", FROM_15),
        ("leaf-dns-and-ip", "2001:db8::5", FROM_15),
        ("leaf-dns-and-ip", "2001:DB8:0:0:0:0:0:5", FROM_15),
        ("leaf-dns-and-ip", "db.example.org", ALL),
        ("leaf", "192.0.2.5", NOBODY),
        ("leaf-broken-extension", "db.example.org", ALL),
    ],
)
def test_the_libpqs_that_take_a_certificate_for_a_host(certificate: str, host: str, libpqs: range) -> None:
    found = leaf(certificate)
    assert [libpq for libpq in ALL if covers(found, host, libpq)] == list(libpqs)


def made(common_name: str, *names: str) -> Certificate:
    """A certificate with that common name and those alternative names, addresses among them as `IP:192.0.2.5`."""
    builder = x509.CertificateBuilder(subject("issuer"), subject(common_name), key("leaf").public_key(), 1)
    builder = builder.not_valid_before(AT).not_valid_after(AT + timedelta(1))
    if names:
        words = [name.removeprefix("IP:") for name in names]
        entries = [
            x509.IPAddress(ip_address(w)) if w != n else x509.DNSName(n) for w, n in zip(words, names, strict=True)
        ]
        builder = builder.add_extension(x509.SubjectAlternativeName(entries), False)
    data = builder.sign(key("leaf"), hashes.SHA256()).public_bytes(Encoding.PEM)
    (found,) = read_bundle(Source("/server.crt", data)).certificates
    return found


@pytest.mark.parametrize(
    ("names", "libpqs"),
    [
        (["192.0.2.5"], ALL),
        (["db.example.org", "192.0.2.5"], ALL),
        (["192.0.2.5", "db.example.org"], FROM_15),
        (["db.example.org", "IP:192.0.2.5"], FROM_15),
        (["db.example.org", "db.example.org", "IP:192.0.2.5"], FROM_15),
        (["192.0.2.5", "IP:192.0.2.6"], BEFORE_15),
        (["*.0.2.5"], NOBODY),
    ],
)
def test_the_libpqs_that_take_a_certificate_for_an_address(names: list[str], libpqs: range) -> None:
    """The common name first; until 14 an address is compared like a name, from 15 on dNSNames do not hide it."""
    found = made(*names)
    assert [libpq for libpq in ALL if covers(found, "192.0.2.5", libpq)] == list(libpqs)


@pytest.mark.parametrize(
    ("name", "host", "same"),
    [
        ("db.test", "db.test", True),
        ("DB.test", "db.TEST", True),
        ("*.test", "db.test", True),
        ("*.TEST", "db.test", True),
        ("*.test", "a.db.test", False),
        ("*.test", ".test", False),
        ("*.test", "test", False),
        ("*", "db", False),
        ("*.", "db.", False),
        ("*.*", "db.test", False),
        ("d*.test", "db.test", False),
        ("db.*", "db.test", False),
        ("a.*.test", "a.db.test", False),
        ("", "db", False),
    ],
)
def test_a_wildcard_is_the_whole_first_label(name: str, host: str, same: bool) -> None:
    assert matches(name, host) == same


@pytest.mark.parametrize(
    ("certificate", "names"),
    [
        ("leaf", ("db.example.org",)),
        ("leaf-spoken-name", ("db.example.org",)),
        ("leaf-no-san", ("db.example.org",)),
        ("leaf-ip", ("db.example.org",)),
        ("leaf-nameless", ()),
    ],
)
def test_names_that_count(certificate: str, names: tuple[str, ...]) -> None:
    assert names_of(leaf(certificate)) == names


@pytest.mark.parametrize(
    ("host", "address"),
    [("192.0.2.5", "192.0.2.5"), ("2001:DB8::0:5", "2001:db8::5"), ("db", None), ("192.0.2", None), ("", None)],
)
def test_addresses(host: str, address: str | None) -> None:
    assert address_of(host) == address


@pytest.mark.parametrize(
    ("name", "no_host_has_it", "host_like"),
    [
        ("db.example.org", False, True),
        ("*.example.org", False, True),
        ("db_1.example.org", False, True),
        ("xn--bcher-kva.example", False, True),
        ("db", False, False),
        ("192.0.2.5", False, True),
        ("2001:db8::5", False, False),
        ("d*.example.org", True, False),
        ("*.*.example.org", True, False),
        ("db.example.org.", True, False),
        ("-db.example.org", True, False),
        ("Database of Example", True, False),
        ("https://db.example.org", True, False),
        ("bücher.example", True, False),
        ("*", True, False),
        ("", True, False),
    ],
)
def test_names_that_no_host_has(name: str, no_host_has_it: bool, host_like: bool) -> None:
    assert (unmatchable(name), looks_like_host(name)) == (no_host_has_it, host_like)


hosts = st.from_regex(r"[a-z0-9_-]{1,9}(\.[a-z0-9_-]{1,9}){0,3}", fullmatch=True)


@given(hosts)
def test_a_name_matches_itself_and_its_wildcard(host: str) -> None:
    _, dot, rest = host.partition(".")
    assert matches(host, host.upper())
    assert matches(f"*.{rest}", host) == bool(dot)
    assert not matches(f"*.{host}", host)


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_texts_can_be_compared(name: str, host: str) -> None:
    if not name.startswith("*."):
        assert matches(name, host) == (name.lower() == host.lower())
    assert not (unmatchable(name) and looks_like_host(name))
