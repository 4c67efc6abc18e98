"""What keeps a certificate from being trusted: who may issue, how deep, which extensions and names (RFC 5280)."""

import pytest

from pgssllint.text import Source
from pgssllint.tls.authority import (
    NotIssuer,
    constrained_names,
    lacks_usage,
    not_issuer,
    signs_only,
    too_deep,
    unknown_critical,
    violates,
)
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.chain import read_bundle
from tests.support.pki import build


def certificates(names: str) -> tuple[Certificate, ...]:
    return read_bundle(Source("/x.crt", build(names.split()))).certificates


def certificate(name: str) -> Certificate:
    (found,) = certificates(name)
    return found


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("root", None),
        ("intermediate", None),
        ("intermediate-noncritical", None),
        ("leaf-ca-true", None),
        ("root-v1", None),
        ("leaf-broken-extension", None),
        ("leaf-duplicate-extension", None),
        ("leaf", NotIssuer.NOT_CA),
        ("root-not-ca", NotIssuer.NOT_CA),
        ("intermediate-not-ca", NotIssuer.NOT_CA),
        ("intermediate-no-constraints", NotIssuer.NO_CONSTRAINTS),
        ("intermediate-v1", NotIssuer.OLD_VERSION),
        ("intermediate-no-keycertsign", NotIssuer.NO_CERT_SIGN),
    ],
)
def test_who_may_not_issue(name: str, why: NotIssuer | None) -> None:
    assert not_issuer(certificate(name)) == why


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("leaf intermediate root", []),
        ("leaf intermediate-pathlen0 root", []),
        ("leaf-by-intermediate2 intermediate2 intermediate-pathlen0 root", [("CN=Example Intermediate", 0, 1)]),
        ("leaf intermediate root-cross other-root", []),
        ("intermediate-pathlen0 leaf", []),
        ("leaf root root intermediate-pathlen0", []),
    ],
)
def test_cas_with_too_many_below_them(path: str, found: list[tuple[str, int, int]]) -> None:
    """Those that are self-issued do not count, nor does the leaf."""
    assert [(ca.subject, limit, below) for ca, limit, below in too_deep(certificates(path))] == found


@pytest.mark.parametrize(
    ("name", "oids"),
    [
        ("leaf", []),
        ("intermediate-constrained", []),
        ("leaf-duplicate-extension", []),
        ("leaf-broken-extension", []),
        ("leaf-unknown-critical", ["1.3.6.1.4.1.99999.1"]),
        ("intermediate-unknown-critical", ["1.3.6.1.4.1.99999.1"]),
    ],
)
def test_critical_extensions_that_openssl_does_not_know(name: str, oids: list[str]) -> None:
    assert list(unknown_critical(certificate(name))) == oids


@pytest.mark.parametrize(
    ("name", "lacking"),
    [
        ("leaf", set()),
        ("leaf-no-usage", set()),
        ("leaf-client-only", {"serverAuth"}),
        ("client-server-only", {"clientAuth"}),
        ("leaf-any-usage", {"serverAuth", "clientAuth"}),
    ],
)
def test_usages_that_are_lacking(name: str, lacking: set[str]) -> None:
    assert {usage for usage in ("serverAuth", "clientAuth") if lacks_usage(certificate(name), usage)} == lacking


@pytest.mark.parametrize(
    ("name", "only"), [("leaf-ca-usage", True), ("root", True), ("leaf", False), ("leaf-ca-true", False)]
)
def test_keys_for_signing_certificates_only(name: str, only: bool) -> None:
    assert signs_only(certificate(name)) == only


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("leaf", ("db.example.org",)),
        ("leaf-other-name", ("replica.example.org",)),
        ("leaf-no-san", ("db.example.org",)),
        ("leaf-ip", ()),
        ("leaf-nameless", ()),
        ("client", ()),
        ("intermediate", ()),
    ],
)
def test_names_that_constraints_apply_to(name: str, names: tuple[str, ...]) -> None:
    assert constrained_names(certificate(name)) == names


@pytest.mark.parametrize(
    ("name", "ca", "outside"),
    [
        ("db.example.org", "intermediate", False),
        ("db.example.org", "intermediate-permitting", False),
        ("DB.EXAMPLE.ORG", "intermediate-permitting", False),
        ("example.org", "intermediate-permitting", False),
        ("db.example.org", "intermediate-constrained", True),
        ("notexample.org", "intermediate-permitting", True),
        ("example.org.evil", "intermediate-permitting", True),
        ("*.example.org", "intermediate-permitting", False),
    ],
)
def test_names_outside_of_constraints(name: str, ca: str, outside: bool) -> None:
    assert violates(name, certificate(ca)) == outside
