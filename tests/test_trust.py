"""Trust settings behind a certificate: which uses they refuse. Real clients' refusals are in the pages."""

import pytest

from pgssllint.text import Source
from pgssllint.tls.chain import chain_of, read_bundle
from pgssllint.tls.trust import CLIENTS, Trust, trust
from tests.support.pki import armour, build, pem

SERVER, CLIENT, ANY = "06082b06010505070301", "06082b06010505070302", "0604551d2500"


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        ("", False),
        ("3000", False),
        ("30023000", True),
        (f"300c300a{SERVER}", True),
        (f"300c300a{CLIENT}", False),
        (f"30083006{ANY}", False),
        (f"30163014{SERVER}{CLIENT}", False),
        (f"300ca00a{CLIENT}", True),
        (f"300ca00a{SERVER}", False),
        (f"3018300a{CLIENT}a00a{CLIENT}", True),
        ("30030c0178", False),
    ],
)
def test_which_uses_are_refused(settings: str, refused: bool) -> None:
    data = armour("TRUSTED CERTIFICATE", pem("der:root") + bytes.fromhex(settings))
    (root,) = read_bundle(Source("/root.crt", data)).certificates
    found = trust(root)
    assert isinstance(found, Trust)
    assert found.refuses(CLIENTS) is refused


@pytest.mark.parametrize(
    ("items", "kept"),
    [
        ("leaf intermediate", [1, 2]),
        ("trusted:leaf intermediate", [1, 2]),
        ("leaf trusted:intermediate root", [1, 3]),
        ("trusted:leaf trusted:intermediate", [1]),
    ],
)
def test_what_a_server_sends(items: str, kept: list[int]) -> None:
    bundle = chain_of(read_bundle(Source("/server.crt", build(items.split()))))
    assert [certificate.block.index for certificate in bundle.certificates] == kept
