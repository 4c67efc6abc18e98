"""What ssl_ecdh_curve (up to 17) and ssl_groups (from 18 on) come to: the groups, or what the server refuses, and how.

Up to 17 the value is one curve, looked up by OpenSSL's short name (OBJ_sn2nid, EC_KEY_new_by_curve_name); from 18 on it
goes to SSL_CTX_set1_groups_list. Held against libssl 1.1.1, 1.1.1s, 3.0 and 3.5 and against servers; 3.2 is taken to
be like 3.0, and what 3.3 and 3.4 do is read from their code. Pure functions of text and target, in linear time.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pgssllint.finding import LogLine
from pgssllint.target import OpenSSL
from pgssllint.text import Span, visible
from pgssllint.tls import server_log
from pgssllint.tls.conf_list import BLANKS, elements

LISTS_FROM = 18
"""The first major that takes a list of groups."""

HYBRID = "X25519MLKEM768"
"""The hybrid group, resistant to quantum computers, that OpenSSL offers by default from 3.5 on."""

_MARKS = "*?-"
_DEFAULT = (HYBRID, "x25519", "secp256r1", "x448", "secp384r1", "secp521r1", "ffdhe2048", "ffdhe3072")
_LISTS: dict[str, tuple[str, ...]] = {"default": _DEFAULT, "default_suite_b": ("secp256r1", "secp384r1")}
_USUAL = frozenset({*_DEFAULT, "ffdhe4096", "ffdhe6144", "ffdhe8192"})


class Group(NamedTuple):
    """A group: OpenSSL's short `name`, NIST's, and the one TLS has for it (RFC 8446 section 4.2.7); empty: none.

    `kind` is "curve" for an elliptic curve that a key can be made on by its short name, "object" for another thing that
    1.1.1 and later have under that name, else empty. `since` is the first series that takes the group in a list, None
    where TLS has no such group.
    """

    name: str
    nist: str
    tls: str
    security_bits: int
    kind: str
    since: tuple[int, ...] | None

    @property
    def hybrid(self) -> bool:
        """Whether it is a key encapsulation (ML-KEM), alone or joined with a curve: for TLS 1.3 only."""
        return "MLKEM" in self.name

    @property
    def usual(self) -> bool:
        """Whether some release of OpenSSL has clients offer it by default."""
        return self.tls in _USUAL


class Refusal(StrEnum):
    """Why a server refuses the value."""

    UNKNOWN = "unknown"
    NO_CURVE = "no curve"
    EMPTY = "empty element"
    EMPTY_LIST = "empty list"
    REPEATED = "repeated"
    MALFORMED = "malformed"


class Groups(NamedTuple):
    """What a value comes to.

    `groups` are those that are left, in order, each with the place in the value where it is named (that of `DEFAULT`
    for what it stands for). Where the server refuses the value, `refusal` says why, `at` where, and `log` what it
    writes; then there are no groups.
    """

    groups: tuple[tuple[Group, Span], ...] = ()
    refusal: Refusal | None = None
    at: Span = Span(0, 0)
    log: LogLine | None = None


class _RefusedError(Exception):
    """The element at `at` is refused; `reason` is what OpenSSL leaves in its error queue."""

    def __init__(self, refusal: Refusal, at: Span, reason: str = "") -> None:
        super().__init__(refusal)
        self.refusal, self.at, self.reason = refusal, at, reason


def stated_groups(text: str, openssl: OpenSSL) -> tuple[Group, ...]:
    """The groups of a value of ssl_groups, or of ssl_ecdh_curve. Raises ValueError for one that servers refuse."""
    read = read_groups(text, LISTS_FROM, openssl)
    if read.refusal is not None:
        read = read_groups(text, LISTS_FROM - 1, openssl)
    if read.refusal is not None:
        raise ValueError(f"A server refuses the groups '{visible(text)}'.")
    return tuple(group for group, _ in read.groups)


def read_groups(text: str, major: int, openssl: OpenSSL) -> Groups:
    """What the value `text` comes to on a server of `major`. Never fails."""
    if major < LISTS_FROM:
        return _one_curve(text)
    release = tuple(int(part) for part in openssl.series.split("."))
    try:
        if release >= (3, 5):
            return Groups(tuple(_marked(text).values()))
        return Groups(tuple(_plain(text, release)))
    except _RefusedError as refused:
        reason = refused.reason or "No valid groups found"
        return Groups((), refused.refusal, refused.at, server_log.groups_refused(reason))


def known_groups() -> tuple[Group, ...]:
    """Every curve and group that some OpenSSL knows."""
    return tuple(_table().values())


def _one_curve(text: str) -> Groups:
    group, whole = _table().get(text), Span(0, len(text))
    if group is not None and group.kind == "curve":
        return Groups(((group, whole),))
    if (group is not None and group.kind == "object") or text in _OBJECTS:
        return Groups((), Refusal.NO_CURVE, whole, server_log.curve_not_made())
    return Groups((), Refusal.UNKNOWN, whole, server_log.curve_unknown(text))


def _plain(text: str, release: tuple[int, ...]) -> Iterator[tuple[Group, Span]]:
    """The groups of a list before 3.5: names and colons, and from 3.3 on a question mark for what may be unknown."""
    names, limit = _names(release), 64 if release >= (3,) else 20
    seen: set[str] = set()
    for at in elements(text, Span(0, len(text)), ":"):
        name = text[at.start : at.end]
        if not name:
            raise _RefusedError(Refusal.EMPTY if text.strip(BLANKS) else Refusal.EMPTY_LIST, at)
        optional = release >= (3, 3) and name.startswith("?")
        name = name[optional:]
        group = names.get(name) if len(name) < limit else None
        if group is None and (not optional or len(name) >= limit):
            told = (3,) <= release < (3, 3) and len(name) < limit
            raise _RefusedError(Refusal.UNKNOWN, at, "passed invalid argument" if told else "")
        if group is None:
            continue
        if group.name not in seen:
            seen.add(group.name)
            yield group, at
        elif release < (3, 3):
            raise _RefusedError(Refusal.REPEATED, at)
    if not seen:
        raise _RefusedError(Refusal.EMPTY_LIST, Span(0, len(text)), "passed invalid argument")


def _marked(text: str) -> dict[str, tuple[Group, Span]]:
    """The groups of a list from 3.5 on, by name: tuples with `/`, marks before a name, and words for whole lists."""
    names, found = _folded_names(), dict[str, tuple[Group, Span]]()
    for part in elements(text, Span(0, len(text)), "/") if text.strip(BLANKS) else ():
        if part.start == part.end:
            raise _RefusedError(Refusal.EMPTY, part, "unsupported config value")
        for at in elements(text, part, ":"):
            if at.start == at.end:
                raise _RefusedError(Refusal.EMPTY, at, "unsupported config value")
            name = text[at.start : at.end].lstrip(_MARKS)
            marks, folded = text[at.start : at.end - len(name)], name.lower()
            if len(set(marks)) < len(marks) or not name or len(name) >= 64 or (marks and folded in _LISTS):
                raise _RefusedError(Refusal.MALFORMED, at, "passed invalid argument")
            if folded not in names and folded not in _LISTS:
                if "?" in marks:
                    continue
                raise _RefusedError(Refusal.UNKNOWN, at)
            for group in [names[word.lower()] for word in _LISTS.get(folded, (folded,))]:
                if "-" in marks:
                    found.pop(group.name, None)
                else:
                    found.setdefault(group.name, (group, at))
    return found


_OBJECTS = frozenset({"ED25519", "ED448", "RSA", "DSA", "MD5", "SHA1", "SHA256", "SHA384", "SHA512", "id-ecPublicKey"})
"""What else may be taken for a curve, of the thousand things that OpenSSL has a short name for."""


@cache
def _table() -> Mapping[str, Group]:
    """The groups by OpenSSL's short name, from groups.tsv, whose columns are those of Group.

    The bits of a curve are half those of its order. `-` stands for none. The facts were read from the libraries.
    """
    rows = (line.split("\t") for line in Path(__file__).with_name("groups.tsv").read_text("ascii").splitlines()[1:])
    return {
        name: Group(name, _word(nist), _word(tls), int(bits), _word(kind), _release(since))
        for name, nist, tls, bits, kind, since in rows
    }


def _word(text: str) -> str:
    return "" if text == "-" else text


def _release(text: str) -> tuple[int, ...] | None:
    return None if text == "-" else tuple(int(part) for part in text.split("."))


def _names(release: tuple[int, ...]) -> Mapping[str, Group]:
    """The names in a list before 3.5, by their letters: 1.1.1 has short names and NIST's, 3.0 those of TLS too."""
    known = [group for group in _table().values() if group.since is not None and group.since <= release]
    more = {group.tls: group for group in known if release >= (3,)}
    return more | {name: group for group in known for name in (group.name, group.nist) if name}


@cache
def _folded_names() -> Mapping[str, Group]:
    return {name.lower(): group for name, group in _names((3, 5)).items()}
