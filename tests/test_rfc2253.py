"""Names as `openssl x509 -nameopt RFC2253` writes them, which is how the server does for clientname=DN."""

import pytest
from cryptography.x509 import Name, NameAttribute, ObjectIdentifier, RelativeDistinguishedName
from cryptography.x509.oid import NameOID

from pgssllint.tls.rfc2253 import rfc2253

CN, ORG, C = NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.COUNTRY_NAME


@pytest.mark.parametrize(
    ("attributes", "written"),
    [
        ([(C, "US"), (ORG, "Acme"), (CN, "alice")], "CN=alice,O=Acme,C=US"),
        ([(ORG, 'Acme, Inc. + "x" <y>;z\\'), (CN, "a")], 'CN=a,O=Acme\\, Inc. \\+ \\"x\\" \\<y\\>\\;z\\\\'),
        ([(ORG, " lead"), (CN, "trail ")], "CN=trail\\ ,O=\\ lead"),
        ([(CN, "#a#")], "CN=\\#a#"),
        ([(CN, " ")], "CN=\\ "),
        ([(CN, "J\u00f6rg"), (NameOID.EMAIL_ADDRESS, "a@b.c")], "emailAddress=a@b.c,CN=J\\C3\\B6rg"),
        ([(CN, "a\x01b\x7f/=c d")], "CN=a\\01b\\7F/=c d"),
        ([(NameOID.SURNAME, "s"), (NameOID.GIVEN_NAME, "g"), (NameOID.USER_ID, "u")], "UID=u,GN=g,SN=s"),
    ],
)
def test_a_name_is_written_as_openssl_does(attributes: list[tuple[ObjectIdentifier, str]], written: str) -> None:
    name = Name([NameAttribute(kind, text) for kind, text in attributes])
    assert rfc2253(name.public_bytes()) == written


def test_parts_with_several_attributes() -> None:
    several = RelativeDistinguishedName([NameAttribute(CN, "m"), NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "x")])
    name = Name([several, RelativeDistinguishedName([NameAttribute(ORG, "o")])])
    assert rfc2253(name.public_bytes()) == "O=o,OU=x+CN=m"


@pytest.mark.parametrize("data", [b"", b"0", b"\x30\x00", b"\x30\x82", b"\x30\x02\x31\x00", b"\xff" * 9])
def test_what_is_no_name_is_not_written(data: bytes) -> None:
    assert rfc2253(data) is None


def test_an_unknown_type_is_not_written() -> None:
    name = Name([NameAttribute(ObjectIdentifier("1.2.3.4.5"), "z"), NameAttribute(CN, "y")])
    assert rfc2253(name.public_bytes()) is None
