"""Whether a regular expression matches a name, and what its first group takes: as PostgreSQL's matcher (regexec.c).

The match is the leftmost, and of those the longest or the shortest, as the pattern prefers. What a group takes of it
follows from how the server builds the pattern up: parts without a group are taken together, each part takes as much as
it prefers and the rest allows, of alternatives the first that fits counts, and of repetitions the last.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pgssllint.postgres.regex import Regex
from pgssllint.postgres.regex_tree import (
    EMPTY,
    LONGEST,
    SHORTEST,
    Branch,
    Characters,
    Choice,
    Edge,
    Group,
    Look,
    Node,
    Reference,
    Repeat,
)

MOST_STEPS = 20_000
"""A pattern that takes more of them to be held against a name is left undecided."""

MOST_CHARACTERS = 1024
"""So is a longer name."""

_MOST_DEPTH = 60


class Found(NamedTuple):
    """Whether a pattern matches a name, and what its first group takes of it; None where that takes nothing."""

    matches: bool
    group: str | None = None


NOTHING_FOUND = Found(False)


class _UndecidedError(Exception):
    """To say what matches takes too long, or is not known here."""


def find(regex: Regex, name: str) -> Found | None:
    r"""What a pattern that compiles makes of a name; None where that is not decided here.

    Undecided are references such as `\1` within the pattern, names with line feeds where these are special, the last of
    several rounds that prefer to be short, and what takes too long.
    """
    text = name.encode("utf-8", "surrogateescape")
    if regex.error is not None or len(text) > MOST_CHARACTERS or (regex.minds_lines and b"\n" in text):
        return None
    if regex.matches_none and text:
        return NOTHING_FOUND
    if regex.matches_all and not regex.groups:
        return Found(True)
    try:
        return _Matcher(text).find(regex)
    except _UndecidedError:
        return None


class _Matcher:
    """Holds parts of a pattern against places of one name. Sets of places are numbers, a bit for each place."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._last = len(text)
        self._known: dict[tuple[int, int, int], int] = {}
        self._built: dict[int, Branch] = {}
        self._left = MOST_STEPS
        self._depth = 0

    def find(self, regex: Regex) -> Found:
        tree = regex.tree
        for begin in range(1 if regex.anchored_start else self._last + 1):
            ends = self._ends(tree, begin)
            if ends:
                if not regex.groups:
                    return Found(True)
                end = next(_places(ends, _preference(tree)))
                taken = self._group(tree, begin, end)
                group = None if taken is None else self._text[slice(*taken)].decode("utf-8", "surrogateescape")
                return Found(True, group)
        return NOTHING_FOUND

    def _ends(self, node: Node, begin: int) -> int:
        """Where a match of a part that begins at a place may end."""
        if isinstance(node, Characters):
            return 2 << begin if begin < self._last and node.mask >> self._text[begin] & 1 else 0
        key = id(node), begin, 0
        known = self._known.get(key)
        if known is None:
            self._depth += 1
            self._left -= 1
            if self._depth > _MOST_DEPTH or self._left < 0:
                raise _UndecidedError
            known = self._known[key] = self._ends_of(node, begin)
            self._depth -= 1
        return known

    def _ends_of(self, node: Node, begin: int) -> int:
        if isinstance(node, Branch):
            return self._ends_in(node, 0, begin)
        if isinstance(node, Choice):
            found = 0
            for branch in node.branches:
                found |= self._ends(branch, begin)
            return found
        if isinstance(node, Group):
            return self._ends(node.node, begin)
        if isinstance(node, Repeat):
            return self._repeated(node.node, node.low, node.high, begin)
        if isinstance(node, Edge):
            return 1 << begin if self._holds(node.sign, begin) else 0
        if isinstance(node, Look):
            return 1 << begin if self._looks(node, begin) is not node.negative else 0
        raise _UndecidedError

    def _ends_in(self, branch: Branch, first: int, begin: int) -> int:
        """Where the parts of a branch from one on may end."""
        key = id(branch), begin, first + 1
        known = self._known.get(key)
        if known is None:
            known = 1 << begin
            for node in branch.nodes[first:]:
                known = self._from(node, known)
                if not known:
                    break
            self._known[key] = known
        return known

    def _from(self, node: Node, places: int) -> int:
        """Where a part may end that begins at one of some places."""
        found = 0
        while places:
            low = places & -places
            self._left -= 1
            if self._left < 0:
                raise _UndecidedError
            found |= self._ends(node, low.bit_length() - 1)
            places ^= low
        return found

    def _repeated(self, node: Node, low: int, high: int | None, begin: int) -> int:
        places = 1 << begin
        for _ in range(low):
            further = self._from(node, places)
            if not further or further == places:
                places = further
                break
            places = further
        found, rounds = places, 0
        while places and (high is None or rounds < high - low):
            places = self._from(node, places) & ~found
            found |= places
            rounds += 1
        return found

    def _holds(self, sign: str, place: int) -> bool:
        """Whether a constraint holds at a place."""
        if sign in "^$":
            return place == (0 if sign == "^" else self._last)
        before = place > 0 and _is_word(self._text[place - 1])
        behind = place < self._last and _is_word(self._text[place])
        within = {"m": not before and behind, "M": before and not behind, "y": before != behind, "Y": before == behind}
        return within[sign]

    def _looks(self, look: Look, place: int) -> bool:
        if not look.behind:
            return bool(self._ends(look.node, place))
        return any(self._ends(look.node, begin) >> place & 1 for begin in range(place + 1))

    def _group(self, node: Node, begin: int, end: int) -> tuple[int, int] | None:
        """What the first group takes, where a part matches from one place to another; None for nothing."""
        if isinstance(node, Group):
            return (begin, end) if node.number == 1 else self._group(node.node, begin, end)
        if isinstance(node, Choice):
            fits = (branch for branch in node.branches if self._ends(branch, begin) >> end & 1)
            return self._group(next(fits, EMPTY), begin, end)
        return self._in_parts(node, begin, end) if isinstance(node, Branch | Repeat) else None

    def _in_parts(self, node: Branch | Repeat, begin: int, end: int) -> tuple[int, int] | None:
        parts = self._built.get(id(node))
        if parts is None:
            nodes = node.nodes if isinstance(node, Branch) else (node,)
            parts = self._built[id(node)] = Branch(tuple(_parts(nodes)))
        for number, part in enumerate(parts.nodes):
            fits = (
                place
                for place in _places(self._ends(part, begin), _preference(part))
                if self._ends_in(parts, number + 1, place) >> end & 1
            )
            place = next(fits)
            if _captures(part, first=True):
                if isinstance(part, Repeat):
                    return self._last_round(part, begin, place)
                return self._group(part, begin, place)
            begin = place
        return None

    def _last_round(self, repeat: Repeat, begin: int, end: int) -> tuple[int, int] | None:
        """What the group takes in the last of the rounds by which a part that is repeated gets to a place."""
        if begin == end:
            return self._group(repeat.node, begin, end) if self._ends(repeat.node, begin) >> end & 1 else None
        prefers = _preference(repeat)
        if prefers == SHORTEST and repeat.high != 1:
            raise _UndecidedError
        rounds = [(begin, self._steps(repeat, begin, prefers))]
        while rounds[-1][0] != end:
            place = next(rounds[-1][1], None)
            self._left -= 1
            if self._left < 0:
                raise _UndecidedError
            if place is None:
                rounds.pop()
            elif place <= end and (repeat.high is None or len(rounds) <= repeat.high):
                rounds.append((place, self._steps(repeat, place, prefers)))
        return self._group(repeat.node, rounds[-2][0], end)

    def _steps(self, repeat: Repeat, begin: int, prefers: int) -> Iterator[int]:
        """Where a round may end; one that takes nothing leads no further."""
        return (place for place in _places(self._ends(repeat.node, begin), prefers) if place != begin)


def _parts(nodes: Sequence[Node]) -> Iterator[Node]:
    """The parts of a branch as the server builds it up: neighbours without a group, of one preference, are one part.

    Of a group that is repeated once or more often the last round stands for itself.
    """
    together: list[Node] = []
    wishes: set[int] = set()
    for node in nodes:
        wanted = wishes | _wishes(node)
        if not _captures(node) and len(wanted) < 2:
            together.append(node)
            wishes = wanted
            continue
        if together:
            yield Branch(tuple(together))
        together, wishes = [], set()
        if not isinstance(node, Repeat):
            yield node
        elif node.low > 0:
            prefers = _preference(node)
            high = node.high - 1 if node.high is not None else None
            if high is None or high > 0:
                yield Repeat(_without_groups(node.node), node.low - 1, high, prefers)
            yield node.node
        elif node.high != 0:
            yield node
    if together:
        yield Branch(tuple(together))


def _preference(node: Node) -> int:
    """Whether a part prefers the longest or the shortest match, or neither: then its first part with a wish decides."""
    if isinstance(node, Choice):
        return LONGEST
    if isinstance(node, Group):
        return _preference(node.node)
    if isinstance(node, Repeat):
        return node.prefers or _preference(node.node)
    wishes = (_preference(one) for one in node.nodes) if isinstance(node, Branch) else iter(())
    return next(filter(None, wishes), 0)


def _wishes(node: Node) -> set[int]:
    """All preferences in a part."""
    if isinstance(node, Branch | Choice):
        inner = node.nodes if isinstance(node, Branch) else node.branches
        own = {LONGEST} if isinstance(node, Choice) else set()
        return own.union(*map(_wishes, inner))
    if isinstance(node, Repeat):
        return ({node.prefers} - {0}) | _wishes(node.node)
    return _wishes(node.node) if isinstance(node, Group) else set()


def _captures(node: Node, *, first: bool = False) -> bool:
    """Whether there is a group in a part, or the first one."""
    if isinstance(node, Group):
        return not first or node.number == 1 or _captures(node.node, first=True)
    if isinstance(node, Repeat):
        return _captures(node.node, first=first)
    inner = node.nodes if isinstance(node, Branch) else node.branches if isinstance(node, Choice) else ()
    return isinstance(node, Reference) or any(_captures(one, first=first) for one in inner)


def _without_groups(node: Node) -> Node:
    """The same part, which takes no note of its groups."""
    if isinstance(node, Group):
        return _without_groups(node.node)
    if isinstance(node, Repeat):
        return node._replace(node=_without_groups(node.node))
    if isinstance(node, Branch):
        return Branch(tuple(map(_without_groups, node.nodes)))
    return Choice(tuple(map(_without_groups, node.branches))) if isinstance(node, Choice) else node


def _places(places: int, prefers: int) -> Iterator[int]:
    """The places of a set, the last first, or the first first where the shortest match is preferred."""
    while places:
        place = (places & -places).bit_length() - 1 if prefers == SHORTEST else places.bit_length() - 1
        yield place
        places ^= 1 << place


def _is_word(byte: int) -> bool:
    return byte < 128 and (chr(byte).isalnum() or byte == ord("_"))
