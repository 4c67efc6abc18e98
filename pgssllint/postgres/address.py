"""The addresses of pg_hba.conf, as getaddrinfo with AI_NUMERICHOST and hba.c read them. Nothing is ever looked up."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

KeywordName = Literal["all", "samehost", "samenet"]

KEYWORDS: tuple[KeywordName, ...] = ("all", "samehost", "samenet")
"""Words that stand for a set of addresses, unless they are quoted."""


@dataclass(frozen=True, slots=True)
class Network:
    """An IP address and its mask as the server holds them; bits outside the mask may be set, and the mask may have
    holes. `version` is 4 or 6.
    """

    version: Literal[4, 6]
    address: int
    mask: int

    @property
    def bits(self) -> int:
        """How long an address is: 32 or 128."""
        return 32 if self.version == 4 else 128

    @property
    def prefix(self) -> int | None:
        """The CIDR length of the mask, or None for a mask with holes."""
        return _prefix(self.mask, self.bits)

    @property
    def first(self) -> int:
        """The address with the bits outside the mask cleared."""
        return self.address & self.mask

    def covers(self, other: "Network") -> bool:
        """Whether every address that `other` matches is matched here too; families never mix."""
        return (
            self.version == other.version
            and self.mask & other.mask == self.mask
            and other.address & self.mask == self.first
        )


@lru_cache(maxsize=1024)
def _prefix(mask: int, bits: int) -> int | None:
    """`Network.prefix`; a file has few masks, and each rule asks for that of each record."""
    host_part = ~mask & ((1 << bits) - 1)
    return bits - host_part.bit_length() if host_part & (host_part + 1) == 0 else None


@dataclass(frozen=True, slots=True)
class HostName:
    """A host name, or with a leading dot a suffix; compared without regard to case."""

    name: str

    @property
    def is_suffix(self) -> bool:
        """Whether it stands for all names that end like this."""
        return self.name.startswith(".")


@dataclass(frozen=True, slots=True)
class Keyword:
    """`all`, `samehost` (the server's own addresses) or `samenet` (its networks)."""

    word: KeywordName


Address = Network | HostName | Keyword

_IPV4 = re.compile(r"(?:0[xX][0-9A-Fa-f]+|[0-9]+)(?:\.(?:0[xX][0-9A-Fa-f]+|[0-9]+)){0,3}")
_BYTE = re.compile(r"0*(?:[1-9]?[0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])")
_IPV6 = re.compile(r"([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(?:%([^%/]+))?")
_CIDR = re.compile(r"[ \t\n\v\f\r]*([-+]?)([0-9]+)")


def parse_ip(text: str) -> tuple[Literal[4, 6], int] | None:
    """Version and number of a numeric address in any spelling that getaddrinfo takes; None for anything else.

    IPv4 is read as inet_aton does: one to four parts, decimal, octal (leading 0) or hexadecimal, the last filling the
    rest, so `10` is 0.0.0.10. An IPv6 zone must be a number, or an interface of the server where the address is one of
    a single link (__inet6_scopeid_pton of glibc): only `lo` is taken for one, which every server has.
    """
    if len(text) > 255:
        return None
    if _IPV4.fullmatch(text):
        number = _aton(text.split("."))
        return None if number is None else (4, number)
    hit = _IPV6.fullmatch(text)
    number = _ipv6(hit[1]) if hit is not None else None
    if hit is None or number is None or not (hit[2] is None or _is_zone(hit[2], number)):
        return None
    return 6, number


def in_doubtful_zone(text: str) -> tuple[Literal[6], int] | None:
    """The address without its zone, where that names an interface of which it is not known whether the server has it.

    A server that has none of that name takes the whole for the name of a host.
    """
    hit = _IPV6.fullmatch(text)
    number = _ipv6(hit[1]) if hit is not None and hit[2] is not None and len(text) <= 255 else None
    if hit is None or number is None or not _is_of_one_link(number) or _is_zone(hit[2], number):
        return None
    return 6, number


def _ipv6(text: str) -> int | None:
    from socket import AF_INET6, inet_pton

    try:
        return int.from_bytes(inet_pton(AF_INET6, text), "big")
    except OSError:
        return None


def _is_zone(zone: str, number: int) -> bool:
    """Whether every server takes the zone of an address: interfaces are not looked up by their numbers."""
    if zone.isascii() and zone.isdecimal():
        digits = zone.lstrip("0")
        return len(digits) <= 10 and int(digits or "0") < 1 << 32
    return zone == "lo" and _is_of_one_link(number)


def _is_of_one_link(number: int) -> bool:
    """Whether an IPv6 address is one of a single link, whose zone may have a name (RFC 4291, 2.5.6 and 2.7)."""
    multicast = number >> 120 == 0xFF and number >> 112 & 0xF in (1, 2)
    return multicast or number >> 118 == 0xFE80 >> 6


def seeming_ipv4(text: str) -> int | None:
    """What an IPv4 address seems to be: its parts taken for decimal, those missing at the end for zero.

    None where a part is no decimal number up to 255.
    """
    parts = text.split(".")
    if len(parts) > 4 or not all(_BYTE.fullmatch(part) for part in parts):
        return None
    return sum(int(part) << 8 * (3 - place) for place, part in enumerate(parts))


def spelled(version: Literal[4, 6], number: int) -> str:
    """The usual spelling of an address."""
    from socket import AF_INET, AF_INET6, inet_ntop

    return inet_ntop(AF_INET if version == 4 else AF_INET6, number.to_bytes(4 if version == 4 else 16, "big"))


def cidr_mask(text: str, version: Literal[4, 6]) -> int | None:
    """The mask of a CIDR length as pg_sockaddr_cidr_mask reads it (strtol: `+8` and `08` are 8); None if refused."""
    hit, bits = _CIDR.fullmatch(text), 32 if version == 4 else 128
    if hit is None:
        return None
    digits = hit[2].lstrip("0")
    length = int(digits or "0") if len(digits) <= 3 else bits + 1
    if length > bits or (length and hit[1] == "-"):
        return None
    return ((1 << length) - 1) << (bits - length)


def _aton(parts: list[str]) -> int | None:
    try:
        *head, last = [int(part) if part[0] != "0" or part == "0" else _octal_or_hex(part) for part in parts]
    except ValueError:
        return None
    if any(number > 255 for number in head) or last >= 1 << 8 * (4 - len(head)):
        return None
    return sum(number << 8 * (3 - place) for place, number in enumerate(head)) + last


def _octal_or_hex(part: str) -> int:
    """A part that begins with 0. Raises ValueError for an 8 or 9 in an octal one."""
    return int(part, 16 if part[1] in "xX" else 8)


_HOST_NAME = re.compile(r"\.?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?")
_NUMERIC_END = re.compile(r"(?:.*\.)?[0-9]+\.?")


def can_be_a_host(name: str) -> bool:
    """Whether reverse lookup can give a client this name; what ends in a number is a mistyped address."""
    return _HOST_NAME.fullmatch(name) is not None and _NUMERIC_END.fullmatch(name) is None
