"""What Compose makes of the YAML of one file, as far as it says how a container starts: trees of text that leads home.

Variables are replaced, tags and short forms are spelt out, and trees are laid over one another as Compose lays an
override file over the first and a service over the one that it extends. Asked of Docker Compose 2.40.3.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from pgssllint.sources.compose_interpolation import InterpolationError, Lookup, interpolated
from pgssllint.syntax import yaml_nodes
from pgssllint.syntax.yaml_nodes import Node, Scalar, home_of
from pgssllint.syntax.yaml_words import Kind, go_text, kind_12, number_12
from pgssllint.text import Home
from pgssllint.traced import Traced, converted

RESET, OVERRIDE = "!reset", "!override"
"""Tags of what takes a value of an earlier file away, and of what stands in place of it and is not merged."""


_CORE_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A scalar: its text as Compose has it (of a number, as it writes it), what YAML makes of it, and the folder that a
    relative path in it begins at. May be a secret.
    """

    value: Traced
    kind: Kind
    at: Home
    folder: str
    tag: str = ""

    @property
    def text(self) -> str:
        """The text."""
        return self.value.text

    @property
    def is_null(self) -> bool:
        """Whether nothing is said."""
        return self.kind is Kind.NULL


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """A sequence."""

    items: "tuple[Tree, ...]"
    at: Home
    tag: str = ""


class Field(NamedTuple):
    """A key of a mapping and what stands under it."""

    name: Traced
    value: "Tree"


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A mapping; `is_sequence` where Compose has it as a sequence of `NAME=value`, where `!reset` finds no name."""

    fields: Mapping[str, Field]
    at: Home
    tag: str = ""
    is_sequence: bool = False


Tree: TypeAlias = Leaf | Items | Table


class Refused(NamedTuple):
    """What Compose refuses, and why: the end of a sentence about what stands there. Nothing is started then."""

    why: str
    at: Home


class RefusedError(ValueError):
    """Compose refuses a file."""

    def __init__(self, why: str, at: Home) -> None:
        super().__init__(why)
        self.refused = Refused(why, at)


def tree(node: Node, lookup: Lookup, folder: str) -> Tree:
    """The tree of a node. Raises RefusedError for a variable that Compose cannot read."""
    at = home_of(node)
    if isinstance(node, Scalar):
        return _leaf(node, lookup, folder)
    if isinstance(node, yaml_nodes.Sequence):
        return Items(tuple([tree(one, lookup, folder) for one in node.items]), at, node.tag)
    fields: dict[str, Field] = {}
    for key, entry in node.by_name.items():
        if isinstance(entry.key, Scalar):
            fields[key] = Field(entry.key.value, tree(entry.value, lookup, folder))
    return Table(fields, at, node.tag)


def _leaf(node: Scalar, lookup: Lookup, folder: str) -> Leaf:
    at = home_of(node)
    # What has a tag of its own is a string, be it `!override ~`.
    resolves = node.is_plain or (node.tag.startswith(_CORE_TAG) and node.tag != _CORE_TAG + "str")
    kind = kind_12(node.text) if resolves else Kind.STRING
    value = node.value
    if kind in (Kind.INTEGER, Kind.FLOAT):
        value = converted(go_text(number_12(node.text) or 0), at.source, at.span)
    elif kind is Kind.BOOLEAN:
        value = converted(node.text.lower(), at.source, at.span)
    elif kind is Kind.STRING:
        try:
            value = interpolated(value, lookup)
        except InterpolationError as error:
            raise RefusedError("is no variable that Compose can read", error.at or at) from None
    return Leaf(value, kind, at, folder, node.tag)


def duplicate(root: Node) -> Home | None:
    """The place of the first key in a document that stands twice in one mapping, which Compose refuses."""
    seen: set[int] = set()
    waiting = [root]
    places: list[Home] = []
    while waiting:
        node = waiting.pop()
        if isinstance(node, Scalar) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml_nodes.Sequence):
            waiting += node.items
        else:
            places += map(home_of, node.duplicates)
            waiting += [entry.value for entry in node.written]
    return min(places, key=lambda at: at.span, default=None)


def child(node: Tree | None, *names: str) -> Tree | None:
    """What stands under the names, one below the other."""
    for name in names:
        field = node.fields.get(name) if isinstance(node, Table) else None
        node = None if field is None else field.value
    return node


def leaf(node: Tree | None) -> Leaf | None:
    """A scalar that says something; None for all else."""
    return node if isinstance(node, Leaf) and not node.is_null else None


def listed(node: Tree | None) -> tuple[Tree, ...]:
    """The items of a sequence; a scalar that says something alone; none for all else."""
    if isinstance(node, Items):
        return node.items
    return (node,) if isinstance(node, Leaf) and not node.is_null else ()


def weight(node: Tree) -> int:
    """How many scalars and collections a tree is."""
    match node:
        case Items():
            return 1 + sum([weight(one) for one in node.items])
        case Table():
            return 1 + sum([weight(one.value) for one in node.fields.values()])
    return 1


def pairs(node: Tree | None) -> Table | None:
    """Variables as a mapping, from one or from a sequence of `NAME=value`; a name alone is the null of a mapping."""
    if not isinstance(node, Items):
        return node if isinstance(node, Table) else None
    fields: dict[str, Field] = {}
    for item in node.items:
        if not isinstance(item, Leaf) or item.kind is not Kind.STRING:
            raise RefusedError("is no string", item.at)
        name, equals, _ = item.text.partition("=")
        length = len(item.value)
        value = item.value.part(len(name) + 1, length) if equals else item.value.part(length, length)
        kind = Kind.STRING if equals else Kind.NULL
        fields[name] = Field(item.value.part(0, len(name)), Leaf(value, kind, item.at, item.folder))
    return Table(fields, node.at, node.tag, is_sequence=True)


Indexed: TypeAlias = Callable[[Tree], str | None]
"""What tells an item of a sequence from others, so that a later one takes the place of an earlier; None: nothing."""


def merged(base: Tree, over: Tree, rules: "Mapping[str, Rule]", name: str = "") -> Tree:
    """A tree with another laid over it; `rules` are those of the keys below, by name."""
    if over.tag == OVERRIDE:
        return over
    rule = rules.get(name, Rule())
    if rule.is_replaced:
        return over
    if isinstance(over, Leaf) and over.is_null:
        return base
    if isinstance(base, Table) and isinstance(over, Table):
        inner = rules if not name else {}
        fields = dict(base.fields)
        for key, field in over.fields.items():
            below = fields.get(key)
            if field.value.tag == RESET:
                # The mark stays, since what is extended is laid over what an earlier file says.
                if not base.is_sequence:
                    fields[key] = field
            elif below is None or below.value.tag == RESET or rule.is_pairs:
                fields[key] = field
            else:
                fields[key] = Field(field.name, merged(below.value, field.value, inner, key))
        return Table(fields, over.at, over.tag, rule.is_pairs)
    if isinstance(base, Items) and isinstance(over, Items):
        return Items((*base.items, *over.items), over.at, over.tag)
    if isinstance(base, Leaf):
        return over
    raise RefusedError("cannot be laid over what an earlier file says", over.at)


class Rule(NamedTuple):
    """How a key of a service is laid over the same of another: `is_replaced`: not merged at all; `is_pairs`: variables,
    of which the later one holds, be it null; `alike` for what may stand in a sequence once.
    """

    is_replaced: bool = False
    is_pairs: bool = False
    alike: Indexed | None = None


def without_resets(node: Tree) -> Tree:
    """A tree without what `!reset` takes away."""
    if not isinstance(node, Table):
        return node
    kept = {
        key: Field(field.name, without_resets(field.value))
        for key, field in node.fields.items()
        if field.value.tag != RESET
    }
    return Table(kept, node.at, node.tag, node.is_sequence)


def unique(items: tuple[Tree, ...], index: Indexed) -> Iterator[Tree]:
    """The items, each once: the last of those that are alike, in the place of the first."""
    found: dict[str | int, Tree] = {}
    for number, item in enumerate(items):
        key = index(item)
        found[number if key is None else key] = item
    yield from found.values()
