"""The templates by which OpenSSL decodes certificates, revocation lists and private keys (x_x509.c, x_crl.c, p8_pkey.c,
rsa_asn1.c, ec_asn1.c).
"""

from collections.abc import Mapping
from types import MappingProxyType

from pgssllint.tls import der
from pgssllint.tls.asn1 import (
    ANY,
    Field,
    Item,
    checked,
    choice,
    one_of,
    primitive,
    raw,
    sequence,
    several,
    small_integer,
)
from pgssllint.tls.asn1_types import (
    BIT_STRING,
    BOOLEAN,
    GENERALIZED_TIME,
    IA5_STRING,
    INTEGER,
    NULL,
    OBJECT,
    OCTET_STRING,
    SEQUENCE,
    SET,
    UTC_TIME,
    UTF8_STRING,
)


def _name_fault(name: bytes) -> str | None:
    """What is wrong with the values of a name, of which the library makes its own form at once (x509_name_canon)."""
    parts = (pair for rdn in der.children(der.element(name)) for pair in der.children(rdn))
    values = (value for pair in parts for value in der.children(pair) if value.tag == UTF8_STRING)
    return None if all(_is_utf8(value.contents) for value in values) else "invalid utf8string"


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeError:
        return False
    return True


_INTEGER, _BITS, _OCTETS, _OBJECT = map(primitive, (INTEGER, BIT_STRING, OCTET_STRING, OBJECT))
_NUMBER = raw(INTEGER)
"""An INTEGER whose contents are taken as they are (BIGNUM)."""

_TIME = one_of((UTC_TIME, GENERALIZED_TIME))
_STRING = one_of((BIT_STRING, *range(7, 17), 18, 19, 20, 22, *range(28, 32)))
"""What a value in a name may be (B_ASN1_PRINTABLE)."""

ALGORITHM = sequence([Field(_OBJECT), Field(ANY, optional=True)])
_ATTRIBUTE = sequence([Field(_OBJECT), Field(_STRING)])
_NAME = checked(several(several(_ATTRIBUTE, SET), SEQUENCE), _name_fault)
_LABEL = primitive(IA5_STRING)
_GENERAL_NAME = choice(
    [
        Field(sequence([Field(_OBJECT), Field(ANY, explicit=0)]), implicit=0),
        Field(_LABEL, implicit=1),
        Field(_LABEL, implicit=2),
        Field(raw(SEQUENCE, constructed=True), implicit=3),
        Field(_NAME, explicit=4),
        Field(sequence([Field(_STRING, optional=True, explicit=0), Field(_STRING, explicit=1)]), implicit=5),
        Field(_LABEL, implicit=6),
        Field(_OCTETS, implicit=7),
        Field(_OBJECT, implicit=8),
    ]
)
_EXTENSION = sequence([Field(_OBJECT), Field(primitive(BOOLEAN), optional=True), Field(_OCTETS)])
_EXTENSIONS = several(_EXTENSION, SEQUENCE)

_SIGNED_CERTIFICATE = sequence(
    [
        Field(_INTEGER, optional=True, explicit=0),
        Field(_INTEGER),
        Field(ALGORITHM),
        Field(_NAME),
        Field(sequence([Field(_TIME), Field(_TIME)])),
        Field(_NAME),
        Field(sequence([Field(ALGORITHM), Field(_BITS)])),
        Field(_BITS, optional=True, implicit=1),
        Field(_BITS, optional=True, implicit=2),
        Field(_EXTENSIONS, optional=True, explicit=3),
    ]
)
CERTIFICATE = sequence([Field(_SIGNED_CERTIFICATE), Field(ALGORITHM), Field(_BITS)])

_REVOKED = sequence([Field(_INTEGER), Field(_TIME), Field(_EXTENSION, optional=True, of=SEQUENCE)])
_SIGNED_LIST = sequence(
    [
        Field(_INTEGER, optional=True),
        Field(ALGORITHM),
        Field(_NAME),
        Field(_TIME),
        Field(_TIME, optional=True),
        Field(_REVOKED, optional=True, of=SEQUENCE),
        Field(_EXTENSIONS, optional=True, explicit=0),
    ]
)
REVOCATION_LIST = sequence([Field(_SIGNED_LIST), Field(ALGORITHM), Field(_BITS)])

PSS_PARAMETERS = sequence(
    [
        Field(ALGORITHM, optional=True, explicit=0),
        Field(ALGORITHM, optional=True, explicit=1),
        Field(_INTEGER, optional=True, explicit=2),
        Field(_INTEGER, optional=True, explicit=3),
    ]
)
"""RSASSA-PSS-params (RFC 4055 section 3.1)."""

PUBLIC_RSA = sequence([Field(_NUMBER), Field(_NUMBER)])

PRIVATE_KEY_INFO = sequence(
    [
        Field(_INTEGER),
        Field(ALGORITHM),
        Field(_OCTETS),
        Field(sequence([Field(_OBJECT), Field(ANY, of=SET)]), optional=True, implicit=0, of=SET),
    ]
)
PRIVATE_RSA = sequence(
    [
        Field(small_integer()),
        *[Field(_NUMBER)] * 8,
        Field(sequence([*[Field(_NUMBER)] * 3]), optional=True, of=SEQUENCE),
    ]
)
_CURVE = choice([Field(_OBJECT), Field(raw(SEQUENCE, constructed=True)), Field(primitive(NULL))])
PRIVATE_EC = sequence(
    [
        Field(small_integer()),
        Field(_OCTETS),
        Field(_CURVE, optional=True, explicit=0),
        Field(_BITS, optional=True, explicit=1),
    ]
)
PRIVATE_DSA = sequence([Field(small_integer()), *[Field(_NUMBER)] * 5])
STRING_OF_OCTETS = _OCTETS
ENCRYPTED_KEY = sequence([Field(ALGORITHM), Field(_OCTETS)])

TRUST = sequence(
    [
        Field(_OBJECT, optional=True, of=SEQUENCE),
        Field(_OBJECT, optional=True, implicit=0, of=SEQUENCE),
        Field(primitive(UTF8_STRING), optional=True),
        Field(_OCTETS, optional=True),
        Field(ALGORITHM, optional=True, implicit=1, of=SEQUENCE),
    ]
)

_NAMES = several(_GENERAL_NAME, SEQUENCE)
_SUBTREE = sequence(
    [Field(_GENERAL_NAME), Field(_INTEGER, optional=True, implicit=0), Field(_INTEGER, optional=True, implicit=1)]
)
_POINT_NAME = choice([Field(_GENERAL_NAME, implicit=0, of=SEQUENCE), Field(_ATTRIBUTE, implicit=1, of=SET)])
_POINT = sequence(
    [
        Field(_POINT_NAME, optional=True, explicit=0),
        Field(_BITS, optional=True, implicit=1),
        Field(_GENERAL_NAME, optional=True, implicit=2, of=SEQUENCE),
    ]
)
EXTENSIONS: Mapping[str, Item] = MappingProxyType(
    {
        "2.5.29.14": _OCTETS,
        "2.5.29.15": _BITS,
        "2.5.29.17": _NAMES,
        "2.5.29.19": sequence([Field(primitive(BOOLEAN), optional=True), Field(_INTEGER, optional=True)]),
        "2.5.29.30": sequence(
            [
                Field(_SUBTREE, optional=True, implicit=0, of=SEQUENCE),
                Field(_SUBTREE, optional=True, implicit=1, of=SEQUENCE),
            ]
        ),
        "2.5.29.31": several(_POINT, SEQUENCE),
        "2.5.29.35": sequence(
            [
                Field(_OCTETS, optional=True, implicit=0),
                Field(_GENERAL_NAME, optional=True, implicit=1, of=SEQUENCE),
                Field(_INTEGER, optional=True, implicit=2),
            ]
        ),
        "2.5.29.37": several(_OBJECT, SEQUENCE),
        "2.16.840.1.113730.1.1": _BITS,
    }
)
"""The values of the extensions that are looked at as soon as a certificate is taken (x509v3_cache_extensions)."""
