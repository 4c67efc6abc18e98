"""What OpenSSL says of the parameters of RSASSA-PSS signatures: the words of servers of 10 and 18 (1.1.1s and 1.1.1),
at level 1. Servers with 3.0 say `ca md too weak` of all that they refuse.
"""

import pytest

from pgssllint.target import OpenSSL
from pgssllint.text import Source
from pgssllint.tls.chain import read_bundle
from pgssllint.tls.loading import chain_fault
from tests.support.certificates import sequence, signed_by, tagged
from tests.support.pki import AT, armour

PSS = bytes.fromhex("06092a864886f70d01010a")
MGF1 = bytes.fromhex("06092a864886f70d010108")
NO_DIGEST = bytes.fromhex("06032a0304")
SHA256 = sequence(bytes.fromhex("0609608648016503040201"), b"\x05\x00")
WEAK = "ca md too weak"


def digest(number: str) -> bytes:
    return tagged(0xA0, sequence(bytes.fromhex(number), b"\x05\x00"))


SAID = {
    "none": (b"", WEAK),
    "NULL": (b"\x05\x00", WEAK),
    "a number": (b"\x02\x01\x05", WEAK),
    "all by default": (sequence(), None),
    "SHA-256": (sequence(digest("0609608648016503040201")), None),
    "SHA-256 twice": (sequence(tagged(0xA0, SHA256), tagged(0xA1, sequence(MGF1, SHA256))), None),
    "MD5": (sequence(digest("06082a864886f70d0205")), WEAK),
    "MD4": (sequence(digest("06082a864886f70d0204")), WEAK),
    "RIPEMD-160": (sequence(digest("06052b24030201")), None),
    "SHA3-256": (sequence(digest("0609608648016503040208")), None),
    "MD2": (sequence(digest("06082a864886f70d0202")), "unknown digest"),
    "another mask": (sequence(tagged(0xA1, sequence(NO_DIGEST, b"\x05\x00"))), WEAK),
    "a mask of no digest": (sequence(tagged(0xA1, sequence(MGF1))), WEAK),
    "a mask of an unknown digest": (sequence(tagged(0xA1, sequence(MGF1, sequence(NO_DIGEST)))), "unknown digest"),
    "less than no salt": (sequence(tagged(0xA2, b"\x02\x01\xff")), "invalid salt length"),
    "trailer 1": (sequence(tagged(0xA3, b"\x02\x01\x01")), None),
    "trailer 2": (sequence(tagged(0xA3, b"\x02\x01\x02")), "invalid trailer"),
    "out of order": (
        sequence(tagged(0xA3, b"\x02\x01\x01"), tagged(0xA2, b"\x02\x01\x20")), "sequence length mismatch",
    ),
    "no number": (sequence(tagged(0xA2, b"\x04\x01\x20")), "wrong tag"),
    "something else": (sequence(b"\x04\x01\x05"), "wrong tag"),
}  # fmt: skip


@pytest.mark.parametrize("openssl", ["1.1.1", "1.1.1s"])
@pytest.mark.parametrize("name", SAID)
def test_parameters_that_are_not_read_are_told(name: str, openssl: str) -> None:
    parameters, said = SAID[name]
    data = armour("CERTIFICATE", signed_by("rsa-leaf", AT, sequence(PSS, parameters)))
    fault = chain_fault(read_bundle(Source("/server.crt", data)), OpenSSL.parse(openssl))
    assert (fault.reason if fault is not None else None) == said
