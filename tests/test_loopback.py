"""What listen_addresses opens, and what never leaves the machine."""

from ipaddress import ip_address

import pytest

from pgssllint.postgres.loopback import Listening, leads_here, listening, may_open_ipv6, on_this_machine


@pytest.mark.parametrize(
    ("value", "opened"),
    [
        ("", Listening.SOCKET),
        ("  ", Listening.SOCKET),
        ("localhost", Listening.MACHINE),
        ("LocalHost, ::1", Listening.MACHINE),
        ("localhost4", Listening.MACHINE),
        ("ip6-localhost,localhost6", Listening.MACHINE),
        ("127.0.0.2", Listening.MACHINE),
        ('"127.255.255.255"', Listening.MACHINE),
        ("0:0:0:0:0:0:0:1", Listening.MACHINE),
        ("126.255.255.255", Listening.NETWORK),
        ("128.0.0.1", Listening.NETWORK),
        ("::2", Listening.NETWORK),
        ("localhost,10.0.0.1", Listening.NETWORK),
        ("*", Listening.NETWORK),
        ("::", Listening.NETWORK),
        ("0.0.0.0", Listening.NETWORK),
        ("localhost.example", Listening.NETWORK),
        ("localhost,", None),
        ("'localhost", Listening.NETWORK),
        ('"localhost', None),
    ],
)
def test_who_reaches_a_server(value: str, opened: Listening | None) -> None:
    assert listening(value) is opened


@pytest.mark.parametrize(
    ("value", "may"),
    [
        ("", False),
        ("127.0.0.1, 10.0.0.1", False),
        ("0.0.0.0", False),
        ("127.0.0.1,::1", True),
        ("::", True),
        ("*", True),
        ("localhost", True),
        ("localhost,", True),
    ],
)
def test_whether_a_server_may_listen_on_ipv6(value: str, may: bool) -> None:
    assert may_open_ipv6(value) is may


@pytest.mark.parametrize(
    ("client", "loopback", "interface"),
    [
        ("127.0.0.1", True, True),
        ("127.0.0.2", True, False),
        ("127.255.255.255", True, False),
        ("128.0.0.0", False, False),
        ("::1", True, True),
        ("::2", False, False),
        ("::ffff:127.0.0.1", False, False),
    ],
)
def test_clients_of_the_same_machine(client: str, loopback: bool, interface: bool) -> None:
    address = ip_address(client)
    assert (on_this_machine(address, interface=False), on_this_machine(address, interface=True)) == (
        loopback,
        interface,
    )


@pytest.mark.parametrize(
    ("host", "here"),
    [("localhost", True), ("127.1", True), ("127", False), ("::1", True), ("ldap.example", False), ("", False)],
)
def test_where_a_name_leads(host: str, here: bool) -> None:
    assert leads_here(host) is here
