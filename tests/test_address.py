"""Addresses of pg_hba.conf as getaddrinfo reads numbers (values from server experiments)."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.postgres.address import Address, HostName, Keyword, Network, cidr_mask, in_doubtful_zone, parse_ip
from pgssllint.postgres.loopback import is_loopback


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("127.1", "127.0.0.1"),
        ("10", "0.0.0.10"),
        ("0", "0.0.0.0"),
        ("1.2.65535", "1.2.255.255"),
        ("010.0.0.1", "8.0.0.1"),
        ("0x7f.0.0.1", "127.0.0.1"),
        ("0X7F.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("4294967295", "255.255.255.255"),
        ("::1", "::1"),
        ("::", "::"),
        ("2001:DB8::5", "2001:db8::5"),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.1"),
        ("fe80::1%lo", "fe80::1"),
        ("febf::1%lo", "febf::1"),
        ("ff02::1%lo", "ff02::1"),
        ("ff01::1%lo", "ff01::1"),
        ("fe80::1%1", "fe80::1"),
        ("fe80::1%01", "fe80::1"),
        ("2001:db8::1%7", "2001:db8::1"),
        ("fe80::1%4294967295", "fe80::1"),
    ],
)
def test_numbers_are_addresses(text: str, address: str) -> None:
    expected = ipaddress.ip_address(address)
    assert parse_ip(text) == (expected.version, int(expected))


@pytest.mark.parametrize(
    "text",
    [
        "300.1.1.1",
        "1.2.3.4.5",
        "1.2.3.256",
        "1.2.65536",
        "4294967296",
        "08.0.0.1",
        "0x",
        "0x.1",
        "1..2",
        "1.",
        ".1",
        "[::1]",
        "::g",
        "1:2",
        "::::",
        "fe80::1%nosuch",
        "fe80::1%nosuch0",
        "fe80::1%eth0",
        "fe80::1%LO",
        "fe80::1%1x",
        "fe80::1%+1",
        "fe80::1%١",
        "fe80::1%4294967296",
        "2001:db8::1%lo",
        "fec0::1%lo",
        "fe7f::1%lo",
        "ff05::1%lo",
        "fe80::1%",
        "localhost",
        "db.example.com",
        "*",
        "-1",
        "+1",
        "1e3",
        "١",
        "",
        " 1.2.3.4",
        "1.2.3.4 ",
        "1.2.3.4\n",
    ],
)
def test_anything_else_is_a_name(text: str) -> None:
    assert parse_ip(text) is None


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        ("fe80::1%nosuch", True),
        ("fe80::1%nosuch0", True),
        ("ff02::1%eth0", True),
        ("fe80::1%lo", False),
        ("fe80::1%2", False),
        ("2001:db8::1%eth0", False),
        ("ff05::1%eth0", False),
        ("fe80::g%eth0", False),
        ("fe80::1", False),
        ("fe80::1%", False),
        ("10.0.0.1%eth0", False),
    ],
)
def test_a_zone_may_be_an_interface_of_the_server(text: str, doubtful: bool) -> None:
    assert (in_doubtful_zone(text) is not None) is doubtful


@pytest.mark.parametrize(
    ("text", "length"),
    [("8", 8), ("08", 8), ("+8", 8), (" 8", 8), ("0", 0), ("-0", 0), ("32", 32), ("00000032", 32)],
)
def test_lengths_are_read_as_strtol_does(text: str, length: int) -> None:
    assert cidr_mask(text, 4) == int(ipaddress.ip_network(f"0.0.0.0/{length}").netmask)


@pytest.mark.parametrize("text", ["", "33", "-1", "abc", "8x", "255.0.0.0", "8 ", "9" * 5000, "+", "0x8"])
def test_lengths_that_are_refused(text: str) -> None:
    assert cidr_mask(text, 4) is None


def test_lengths_of_the_other_family() -> None:
    assert cidr_mask("129", 6) is None
    assert cidr_mask("128", 6) == (1 << 128) - 1


def network(text: str) -> Network:
    found = ipaddress.ip_interface(text)
    return Network(4 if found.version == 4 else 6, int(found.ip), int(found.netmask))


@pytest.mark.parametrize(
    ("address", "loopback"),
    [
        (network("127.0.0.1/32"), True),
        (network("127.0.0.0/8"), True),
        (network("127.5.0.0/16"), True),
        (network("126.0.0.0/7"), False),
        (network("0.0.0.0/0"), False),
        (network("::1/128"), True),
        (network("::/0"), False),
        (network("::1/127"), False),
        (network("::1/32"), True),
        (network("::1/31"), False),
        (network("::2/32"), False),
        (network("::ffff:127.0.0.1/128"), False),
        (HostName("localhost"), True),
        (HostName("LOCALHOST"), True),
        (HostName("localhost.example"), False),
        (HostName(".localhost"), False),
        (Keyword("samehost"), True),
        (Keyword("samenet"), False),
        (Keyword("all"), False),
    ],
)
def test_what_only_the_server_itself_matches(address: Address, loopback: bool) -> None:
    assert is_loopback(address) is loopback


@pytest.mark.parametrize(
    ("outer", "inner", "covers"),
    [
        ("10.0.0.0/8", "10.1.0.0/16", True),
        ("10.9.9.9/8", "10.1.0.0/16", True),
        ("10.1.0.0/16", "10.0.0.0/8", False),
        ("10.0.0.0/8", "11.0.0.0/16", False),
        ("0.0.0.0/0", "::/0", False),
    ],
)
def test_one_network_covers_another(outer: str, inner: str, covers: bool) -> None:
    assert network(outer).covers(network(inner)) is covers


def test_masks_with_holes_have_no_length() -> None:
    assert Network(4, 0, 0xFF00FF00).prefix is None
    assert network("10.0.0.0/8").prefix == 8
    assert network("::/0").prefix == 0


@given(st.text(alphabet="0123456789abxX.:%/lo", max_size=20) | st.text(max_size=20))
def test_any_text_is_an_address_or_not(text: str) -> None:
    """Of any text it is only known what must hold if it is one."""
    found = parse_ip(text)
    if found is not None:
        assert 0 <= found[1] < 1 << (32 if found[0] == 4 else 128)
    if cidr_mask(text, 6) is not None:
        assert set(text) <= set("+-0123456789 \t\n\v\f\r")


@given(st.ip_addresses())
def test_the_usual_spelling_is_always_an_address(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert parse_ip(str(address)) == (address.version, int(address))
