"""Bundles and paths: what OpenSSL makes of the order, names and key identifiers of the certificates in a file."""

import random
from datetime import UTC, datetime

import pytest

from pgssllint.target import OpenSSL
from pgssllint.text import Source
from pgssllint.tls.chain import Bundle, completed_from, matching, path, read_bundle, related
from pgssllint.tls.crl import read_crls
from pgssllint.tls.key import read_keys
from tests.support.pki import AT, build, pem


def bundle(*items: str) -> Bundle:
    return read_bundle(Source("/server.crt", build(items)))


ROOT_MISSING = "CN=Example Root"
PATHS = {
    "ordinary": ("leaf intermediate", [1, 2], ROOT_MISSING),
    "with its root": ("leaf intermediate root", [1, 2, 3], None),
    "out of order": ("leaf root intermediate2 intermediate", [1, 4, 2], None),
    "two intermediates, out of order": ("leaf-by-intermediate2 intermediate root intermediate2", [1, 4, 2, 3], None),
    "alone": ("leaf", [1], "CN=Example Intermediate"),
    "unrelated helper": ("leaf other-intermediate", [1], "CN=Example Intermediate"),
    "self-signed": ("self-signed", [1], None),
    "twice the intermediate": ("leaf intermediate intermediate root", [1, 2, 4], None),
    "key identifier tells twins apart": ("leaf intermediate-twin intermediate root", [1, 3, 4], None),
    "without one the first wins": ("leaf-no-aki intermediate-twin intermediate root", [1, 2, 4], None),
    "wrong key identifier": ("leaf-aki-mismatch intermediate root", [1], "CN=Example Intermediate"),
    "version 1": ("leaf-v1 intermediate-v1 root-v1", [1, 2, 3], None),
    "root with SHA-1": ("leaf-by-root root-sha1", [1, 2], None),
    "cross certificate": ("leaf intermediate root-cross other-root", [1, 2, 3, 4], None),
    "cross certificate without its root": ("leaf intermediate root-cross", [1, 2, 3], "CN=Other Root"),
    "intermediate first": ("intermediate leaf", [1], ROOT_MISSING),
}


@pytest.mark.parametrize(("items", "indexes", "missing"), PATHS.values(), ids=PATHS)
def test_path(items: str, indexes: list[int], missing: str | None) -> None:
    found = path(bundle(*items.split()))
    assert [certificate.block.index for certificate in found.certificates] == indexes
    assert (found.complete, found.missing_issuer) == (missing is None, missing)


def test_trusted_roots_are_asked_first() -> None:
    roots = bundle("root").certificates
    found = path(bundle("leaf", "intermediate", "root-cross"), roots)
    assert found.complete
    assert found.certificates[-1] is roots[0]


def test_a_certificate_that_is_valid_is_preferred() -> None:
    both = bundle("leaf", "intermediate-expired", "intermediate", "root")
    assert [c.block.index for c in path(both, at=AT).certificates] == [1, 3, 4]
    assert [c.block.index for c in path(both).certificates] == [1, 2, 4]
    assert [c.block.index for c in path(both, at=datetime(2099, 1, 1, tzinfo=UTC)).certificates] == [1, 2, 4]


@pytest.mark.parametrize(
    ("items", "ca", "subjects"),
    [
        (["leaf"], ["root", "intermediate"], ["db.example.org", "Example Intermediate", "Example Root"]),
        (["leaf"], ["intermediate"], ["db.example.org", "Example Intermediate"]),
        (["leaf"], ["root"], None),
        (["leaf", "other-intermediate"], ["root", "intermediate"], None),
        (["leaf", "leaf-damaged"], ["root", "intermediate"], None),
        (["self-signed"], ["root"], None),
    ],
)
def test_completed_from_the_ca_file(items: list[str], ca: list[str], subjects: list[str] | None) -> None:
    found = completed_from(bundle(*items), bundle(*ca))
    assert (found and [c.subject.removeprefix("CN=") for c in found.certificates]) == subjects


@pytest.mark.parametrize(
    ("items", "indexes"),
    [
        ("leaf intermediate root", {1, 2, 3}),
        ("leaf other-intermediate other-root", {1}),
        ("leaf intermediate-cross intermediate root-cross root other-root", {1, 2, 3, 4, 5, 6}),
        ("leaf intermediate-twin intermediate", {1, 3}),
        ("leaf-by-root leaf root", {1, 3}),
    ],
)
def test_related(items: str, indexes: set[int]) -> None:
    assert related(bundle(*items.split())) == indexes


@pytest.mark.parametrize(
    ("items", "key", "indexes"),
    [
        ("leaf intermediate", "key:leaf", (1,)),
        ("intermediate root leaf", "key-ec:leaf", (3,)),
        ("leaf leaf-no-aki", "key:leaf", (1, 2)),
        ("key:leaf leaf", "key:leaf", (2,)),
        ("leaf", "key:other-leaf", ()),
        ("leaf", "key:rsa-leaf", ()),
        ("leaf", "encrypted-key:leaf", ()),
        ("leaf-broken-extension", "key:leaf", (1,)),
    ],
)
def test_matching(items: str, key: str, indexes: tuple[int, ...]) -> None:
    private = read_keys(Source("/server.key", pem(key))).first
    assert private is not None
    assert matching(bundle(*items.split()), private, OpenSSL.parse("1.1.1")) == indexes


@pytest.mark.parametrize(
    ("openssl", "indexes"), [("1.1.1", (2,)), ("1.1.1s", (1, 2)), ("3.0", (1, 2)), ("3.5", (1, 2))]
)
def test_the_first_release_tells_a_named_curve_from_one_that_is_spelt_out(
    openssl: str, indexes: tuple[int, ...]
) -> None:
    private = read_keys(Source("/server.key", pem("key:leaf"))).first
    assert private is not None
    assert matching(bundle("leaf-explicit-curve", "leaf"), private, OpenSSL.parse(openssl)) == indexes


@pytest.mark.parametrize("openssl", ["1.1.1", "1.1.1s", "3.0"])
def test_a_curve_that_is_reckoned_on_in_no_own_way_may_be_spelt_out(openssl: str) -> None:
    """So do servers with the first release and with later ones take keys of P-384."""
    private = read_keys(Source("/server.key", pem("key-explicit-curve:self-signed-p384"))).first
    assert private is not None
    assert matching(bundle("self-signed-p384", "leaf"), private, OpenSSL.parse(openssl)) == (1,)


@pytest.mark.parametrize("label", ["leaf", "x509:leaf", "trusted:leaf"])
def test_all_labels_of_a_certificate(label: str) -> None:
    leaf = bundle(label).leaf
    assert leaf is not None
    assert leaf.subject == "CN=db.example.org"


@pytest.mark.parametrize(
    "item", ["key:leaf", "csr:leaf", "crl:root", "pkcs7:leaf", "public-key:leaf", "empty", "der:leaf"]
)
def test_other_files_are_no_bundle(item: str) -> None:
    found = bundle(item)
    assert (found.certificates, found.damaged, found.leaf) == ((), (), None)
    assert path(found).certificates == ()


def test_a_damaged_first_block_leaves_no_leaf() -> None:
    found = bundle("leaf-damaged", "intermediate")
    assert [item.block.index for item in found.damaged] == [1]
    assert found.leaf is None
    assert [certificate.subject for certificate in found.certificates] == ["CN=Example Intermediate"]


def test_a_byte_order_mark_hides_the_leaf_from_openssl_1_1_1() -> None:
    source = Source("/x", build({"content": ["leaf", "intermediate"], "shape": "bom"}))
    seen, hidden = read_bundle(source).leaf, read_bundle(source, bom_hides=True).leaf
    assert seen is not None
    assert hidden is not None
    assert (seen.subject, hidden.subject) == ("CN=db.example.org", "CN=Example Intermediate")


def test_circles_end() -> None:
    found = path(bundle("leaf-by-root", "root-cross", "other-root"), bundle("root-cross").certificates)
    assert found.complete
    many = read_bundle(Source("/x", build(["leaf", "intermediate", "intermediate-cross"]) * 3000))
    assert [c.block.index for c in path(many).certificates] == [1, 2]
    # Of issuers of one name a hundred are looked at: each second and third block, but not the leaf's own twins.
    assert sorted(related(many)) == [1, *(n for n in range(2, 152) if n % 3 != 1)]


def test_revocation_lists() -> None:
    found = read_crls(Source("/x", build(["crl:root", "leaf", "crl-delta:root", "crl-bad-signature:root"])))
    good, delta, bad = found.lists
    root = bundle("root").leaf
    assert root is not None
    assert (good.issuer, good.issuer_key) == ("CN=Example Root", root.subject_key)
    assert good.last_update is not None
    assert good.next_update is not None
    assert good.last_update < AT < good.next_update
    assert [item.is_delta for item in found.lists] == [False, True, False]
    assert (good.signed_by(root), delta.signed_by(root), bad.signed_by(root)) == (True, True, False)
    revoking = read_crls(Source("/x", pem("crl-revoking:leaf"))).lists[0]
    leaf = bundle("leaf").leaf
    assert leaf is not None
    assert (revoking.revokes(leaf.serial), revoking.revokes(1)) == (True, False)


def test_mutated_files_never_raise() -> None:
    dice = random.Random(5280)
    lists, leaf = build(["crl:root", "crl-revoking:leaf"]), bundle("root").certificates[0]
    chain = build(["leaf", "intermediate", "root-cross", "other-root"])
    damaged = 0
    for _ in range(300):
        data = bytearray(dice.choice([lists, chain]))
        for _ in range(dice.randint(1, 3)):
            data[dice.randrange(len(data))] = dice.choice(b"ABCDabcd0123+/-=\n \x00\xff")
        source = Source("/x", bytes(data))
        found, revoked = read_bundle(source), read_crls(source)
        path(found, at=AT)
        related(found)
        completed_from(found, found)
        damaged += bool(found.damaged or revoked.damaged)
        for item in revoked.lists:
            _ = item.issuer, item.last_update, item.next_update, item.is_delta, item.revokes(1), item.signed_by(leaf)
    assert damaged > 100  # else the mutations did not reach what is read
