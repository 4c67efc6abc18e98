"""DEK-Info headers: what real servers (10, 13, 15, 18; OpenSSL 1.1.1 and 3.0) said of a key with such a header."""

import pytest

from pgssllint.tls.dek_info import dek_fault

IV = "00112233445566778899AABBCCDDEEFF"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (f"AES-256-CBC,{IV}", None), (f"aes-256-cbc,{IV}", None), (f"AES-256-CBC ,{IV}", None),
        (f"AES-256-CBC,{IV.lower()}", None), (f"AES-256-CBC,{IV}00", None), (f"DES-EDE3-CBC,{IV[:16]}", None),
        (f"AES-256-CBC,{IV[:-1]}", "bad iv chars"), (f"AES-256-CBC,{IV[:5]}Z{IV[6:]}", "bad iv chars"),
        ("AES-256-CBC,", "bad iv chars"), (f"AES-256-CBC, {IV}", "bad iv chars"),
        (f"DES-EDE3-CBC,{IV[:15]}", "bad iv chars"), ("AES-256-CBC", "unsupported encryption"),
        (f"FOO-CBC,{IV}", "unsupported encryption"), (f"RC4,{IV}", "unexpected dek iv"),
        (f"AES-256-ECB,{IV}", "unexpected dek iv"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_header(value: str, said: str | None) -> None:
    fault = dek_fault(f"DEK-Info: {value}")
    assert (None if fault is None else fault.value) == said
