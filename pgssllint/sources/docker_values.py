"""The values of options of `docker run`: published ports, files of variables, local paths."""

import os
import re
from collections.abc import Iterator
from ipaddress import ip_address

from pgssllint.files import Files
from pgssllint.sources.workload import Port, Reach, Variable
from pgssllint.text import Home, Source
from pgssllint.traced import Traced, whole
from pgssllint.unknown import UNKNOWN, Unknown
from pgssllint.ways import Reason, clean

MAX_RANGE = 1_000
"""So many ports of a range are told."""

HOLE = "\ufffc"
"""Stands for a character that is not known."""

_INNER = r"(?P<inner>[0-9]{1,5})(?:-(?P<last>[0-9]{1,5}))?(?:/(?P<protocol>[a-zA-Z]+))?"
_SHORT = re.compile(r"(?:(?P<outer>[0-9]+(?:-[0-9]+)?):)?" + _INNER)
_PORTS = re.compile(r"(?P<address>\[[^\[\]]*\]|[^:\[\]]*):(?:(?P<outer>[0-9]*(?:-[0-9]+)?):)?" + _INNER)
_MOST = 65535


def ports(word: Traced) -> Iterator[Port]:
    """The ports of `[ADDRESS:][PORTS:]PORTS[/PROTOCOL]`; none of what is no such text."""
    text, at = word.masked(HOLE), word.home()
    hit = (_SHORT.fullmatch(text) or _PORTS.fullmatch(text)) if len(text) < 200 else None
    if at is None:
        return
    if HOLE in text:
        yield from _of_unknown(text, at)
    if hit is None or HOLE in text:
        return
    groups = hit.groupdict()
    address = (groups.get("address") or "").strip("[]")
    first, last = int(hit["inner"]), int(hit["last"] or hit["inner"])
    outer = (hit["outer"] or "").partition("-")[0]
    if last > _MOST:
        return
    for number in range(first, min(last, first + MAX_RANGE) + 1):
        published = int(outer) + number - first if outer and len(outer) < 6 else None
        yield Port(number, published, address, _reach(address), at, (hit["protocol"] or "tcp").lower())


def _of_unknown(text: str, at: Home) -> Iterator[Port]:
    """A port of which a part is not known: what is may be an address too, where none stands before it."""
    before, _, inner = text.partition("/")[0].rpartition(":")
    address = before.rpartition(":")[0].strip("[]")
    is_known = bool(address) and HOLE not in address
    if len(inner) < 6 and inner.isdecimal():
        yield Port(int(inner), None, address if is_known else "", _reach(address) if is_known else Reach.UNKNOWN, at)


def _reach(address: str) -> Reach:
    if not address:
        return Reach.EVERYWHERE
    try:
        return Reach.LOOPBACK if ip_address(address.partition("%")[0]).is_loopback else Reach.EVERYWHERE
    except ValueError:
        return Reach.LOOPBACK if address == "localhost" else Reach.UNKNOWN


def variables(source: Source) -> dict[str, Variable]:
    """The variables of a file of `--env-file`: lines of `NAME=VALUE` as they stand; a name alone is the caller's."""
    found: dict[str, Variable] = {}
    for line in whole(source).lines():
        text = line.text.rstrip("\r\n").lstrip()
        name, equals, _ = text.partition("=")
        if not name or name.startswith("#"):
            continue
        start = len(line.text) - len(line.text.lstrip())
        rest = line.part(start + len(name) + 1, start + len(text))
        found[name] = Variable(line.part(start, start + len(name)), rest if equals else UNKNOWN)
    return found


def known(value: Traced) -> Traced | Unknown:
    """The value of a variable; UNKNOWN where a part of it is not known."""
    return value if value.is_known else UNKNOWN


def is_path(source: str) -> bool:
    """Whether what is mounted is a path, and no volume's name."""
    return source[:1] in (".", "/", "~")


def in_view(files: Files, path: str, folder: str) -> str | None:
    """The absolute local path of what a command names; None for what lies outside of the roots."""
    if not path or path.startswith("~") or "\0" in path:
        return None
    local = clean(os.path.join(folder, path))
    return None if files.look(local).reason is Reason.OUTSIDE else local
