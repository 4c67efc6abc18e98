"""Whether two records of pg_hba.conf match a client in common, and what both match for certain.

`overlaps` finds the first of many records with which one overlaps; here two are held against each other exactly, with
what is known of patterns, of a role in itself, of loopback and of the one host name that a client has (hba.c).
"""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from pgssllint.postgres.address import HostName, Keyword, Network
from pgssllint.postgres.first_match import Match, matches_pattern
from pgssllint.postgres.hba import Record
from pgssllint.postgres.loopback import IPV4_LOOPBACK, IPV6_LOOPBACK
from pgssllint.postgres.shapes import ALL, REPLICATION, SAMEUSER, Atom, Prefix, Shape, common, matches_none, prefix_of

_SAMEROLE: Atom = ("samerole", "")
_MOST_PAIRS = 4096
"""Of records with more pairs of theirs only what is alike is looked at."""

_NOTHING = Shape((), ())
_LOOPBACK_NETWORK = Network(4, 127 << 24, 255 << 24)


class Share(NamedTuple):
    """Whether two records match a client in common, as far as there are such clients, and what both match for certain;
    nothing where that is not known.
    """

    match: Match
    shape: Shape = _NOTHING


def share(one: Record, other: Record, one_shape: Shape, other_shape: Shape) -> Share:
    """What two good records share, apart from the kinds of connection; the shapes are theirs."""
    if len(one_shape.pairs) * len(other_shape.pairs) > _MOST_PAIRS or not (one_shape.whole and other_shape.whole):
        alike = common(one_shape, other_shape)
        return Share(Match.YES, alike) if alike.pairs and alike.prefixes else Share(Match.PERHAPS)
    where, prefixes = _addresses(one, other, one_shape, other_shape)
    if where is Match.NO:
        return Share(Match.NO)
    pairs = [_pair(first, second, one.major) for first, second in product(one_shape.pairs, other_shape.pairs)]
    certain = tuple(dict.fromkeys(pair for match, pair in pairs if match is Match.YES))
    if certain and where is Match.YES:
        return Share(Match.YES, Shape(certain, prefixes))
    return Share(Match.NO if all(match is Match.NO for match, _ in pairs) else Match.PERHAPS)


def _pair(one: tuple[Atom, Atom], other: tuple[Atom, Atom], major: int) -> tuple[Match, tuple[Atom, Atom]]:
    """What two pairs of database and role share."""
    who, role = _names(one[1], other[1], major)
    if who is Match.NO:
        return who, one
    where, database, owner = _databases(one[0], other[0], role, major)
    pair = (database, owner)
    return (Match.YES if who is where is Match.YES else Match.NO if where is Match.NO else Match.PERHAPS), pair


def _names(one: Atom, other: Atom, major: int) -> tuple[Match, Atom]:
    """What two words for roles, or for databases that are no words of the grammar, share: the narrower."""
    if any(matches_none(atom, major) for atom in (one, other)):
        return Match.NO, one
    if one == other or other == ALL:
        return Match.YES, one
    if one == ALL:
        return Match.YES, other
    for word, named in ((one, other), (other, one)):
        if named[0] == "name" and word[0] == "name":
            return Match.NO, one
        if named[0] == "name" and word[0] == "pattern":
            return matches_pattern(word[1], named[1]), named
        if named[0] == "name" and word == ("member", named[1]):
            return Match.YES, named
    return Match.PERHAPS, one


def _databases(one: Atom, other: Atom, role: Atom, major: int) -> tuple[Match, Atom, Atom]:
    """What two words for databases share, and the role that goes with that: `role` is what the roles share."""
    if REPLICATION in (one, other):
        return (Match.YES if one == other else Match.NO), one, role
    for word, place in ((one, other), (other, one)):
        if word == SAMEUSER:
            return _own_database(place, role, major)
        if word == _SAMEROLE and place not in (SAMEUSER, ALL, _SAMEROLE):
            own = place == role and role[0] == "name"
            return (Match.YES if own else Match.PERHAPS), place, role
    match, database = _names(one, other, major)
    return match, database, role


def _own_database(place: Atom, role: Atom, major: int) -> tuple[Match, Atom, Atom]:
    """What a role's own database shares with another word; a role is a member of itself."""
    if role[0] == "name":
        match, _ = _names(role, place, major) if place not in (SAMEUSER, _SAMEROLE) else (Match.YES, role)
        return match, role, role
    if place in (ALL, SAMEUSER, _SAMEROLE):
        return Match.YES, SAMEUSER, role
    match, owner = _names(place, role, major)
    return match, (owner if place[0] == "name" else place), owner


def _addresses(one: Record, other: Record, one_shape: Shape, other_shape: Shape) -> tuple[Match, tuple[Prefix, ...]]:
    """What the addresses of two records share."""
    alike = common(one_shape._replace(pairs=()), other_shape._replace(pairs=())).prefixes
    match one.network, other.network:
        case (None, None):
            return Match.YES, alike
        case (None, _) | (_, None):
            return Match.NO, ()
        case HostName() as first, HostName() as second:
            return _hosts(first, second), other_shape.prefixes if first.is_suffix else one_shape.prefixes
        case Network() as first, Network() as second:
            return _networks(first, second), alike
        case (Keyword(word="all"), _) | (_, Keyword(word="all")):
            return Match.YES, alike
        case (Keyword() as word, Keyword()):
            return Match.YES, one_shape.prefixes if word.word == "samehost" else other_shape.prefixes
        case (Keyword() as word, Network() as network) | (Network() as network, Keyword() as word):
            inside = tuple(_loopback_of(word, network))
            return (Match.YES if inside else Match.PERHAPS), inside
    return Match.PERHAPS, ()


def _hosts(one: HostName, other: HostName) -> Match:
    """A client has one host name, that of its address, which is compared with each record's."""
    first, second = one.name.lower(), other.name.lower()
    if one.is_suffix and other.is_suffix:
        fits = first.endswith(second) or second.endswith(first)
    elif one.is_suffix or other.is_suffix:
        fits = second.endswith(first) if one.is_suffix else first.endswith(second)
    else:
        fits = first == second
    return Match.YES if fits else Match.NO


def _networks(one: Network, other: Network) -> Match:
    if one.version != other.version or (one.first ^ other.first) & one.mask & other.mask:
        return Match.NO
    # Of masks with holes it is not said which addresses both have.
    return Match.PERHAPS if one.prefix is None or other.prefix is None else Match.YES


def _loopback_of(word: Keyword, network: Network) -> Iterator[Prefix]:
    """The networks that lie in one and, for loopback, in the server's own addresses or networks too."""
    own = [IPV4_LOOPBACK if word.word == "samehost" else _LOOPBACK_NETWORK, IPV6_LOOPBACK]
    for loopback in own if network.prefix is not None else ():
        if network.covers(loopback):
            yield prefix_of(loopback)
        elif loopback.covers(network):
            yield prefix_of(network)
