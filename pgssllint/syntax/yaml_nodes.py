"""YAML as it is written: nodes whose scalars are text that leads, character for character, to its place.

Nothing is resolved: a bare `on` is the text "on", since tools differ in what they make of it (`yaml_words`). Aliases
stand for the nodes that they name, merge keys (`<<`) are carried out. PyYAML scans, with libyaml where it has that;
this is the only module that imports it. What would be dear to read is refused: YamlError says why in a sentence.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias, cast

import yaml

from pgssllint.syntax.yaml_places import Style, traced
from pgssllint.text import BYTE_ORDER_MARK, Home, Source, Span
from pgssllint.traced import Traced

MAX_CHARACTERS = 4 * 1024 * 1024
"""A longer text is not read as YAML."""

MAX_DEPTH = 250
"""Collections stand in one another at most so deep; nobody's configuration does, and readers may recurse."""

MAX_NODES = 300_000
"""A file holds at most so many scalars and collections."""

MAX_EXPANDED = 400_000
"""A document is at most so many nodes when each alias is written out; go-yaml begins to refuse at as many."""

HAS_LIBYAML = bool(yaml.__with_libyaml__)
"""Whether PyYAML brings libyaml."""


class YamlError(ValueError):
    """A text that is no YAML, or none that is read; the message is the end of a sentence about the file.

    `at` is the place, of no length.
    """

    def __init__(self, message: str, source: Source, offset: int) -> None:
        super().__init__(message)
        self.source = source
        self.at = Span(offset, offset)


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """A scalar. `text` is its value, `span` where it stands with its quotes or header and without anchor and tag.

    `tag` is the tag as it resolves ("tag:yaml.org,2002:str", "!reset"), empty where none is written.
    """

    source: Source
    span: Span
    text: str
    style: Style = Style.PLAIN
    tag: str = ""

    @property
    def value(self) -> Traced:
        """The text, each character of which leads to its place. May be a secret, as every scalar may."""
        return traced(self.source, self.span, self.text, self.style)

    @property
    def is_plain(self) -> bool:
        """Whether a reader may resolve it to something else than a string."""
        return self.style is Style.PLAIN and not self.tag


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """A sequence; `is_flow` where it is written in brackets. `weight`: how many nodes it is, aliases written out."""

    source: Source
    span: Span
    items: "tuple[Node, ...]"
    tag: str = ""
    is_flow: bool = False
    weight: int = 1


class Entry(NamedTuple):
    """A key and its value."""

    key: "Node"
    value: "Node"


@dataclass(frozen=True, eq=False)
class Mapping:
    """A mapping. `written` are its entries as they stand there, `entries` those that come of it: what merge keys bring
    first, then its own, of keys that are given twice the last.
    """

    source: Source
    span: Span
    written: tuple[Entry, ...]
    tag: str = ""
    is_flow: bool = False
    weight: int = 1

    @cached_property
    def by_name(self) -> dict[str, Entry]:
        """The entries whose keys are scalars, by their text."""
        named: dict[str, Entry] = {}
        merged = [one for e in self.written if is_merge(e.key) for one in items_of(e.value) or (e.value,)]
        # The first of several that are merged wins, and what is written here over all.
        for mapping in reversed(merged):
            named |= mapping.by_name if isinstance(mapping, Mapping) else {}
        return named | {e.key.text: e for e in self.written if isinstance(e.key, Scalar) and not is_merge(e.key)}

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries that come of it, those with a key that is no scalar last."""
        return (*self.by_name.values(), *(entry for entry in self.written if not isinstance(entry.key, Scalar)))

    @property
    def duplicates(self) -> tuple[Scalar, ...]:
        """The keys that are written a second time in the mapping itself, which many readers refuse."""
        seen: set[str] = set()
        keys = [entry.key for entry in self.written if isinstance(entry.key, Scalar)]
        return tuple(key for key in keys if key.text in seen or seen.add(key.text))  # type: ignore[func-returns-value]


Node: TypeAlias = Scalar | Sequence | Mapping


def documents(source: Source, *, libyaml: bool | None = None) -> Iterator[Node]:
    """The root nodes of the documents of a file, each as soon as it ends; libyaml scans where it is there, unless
    `libyaml` says otherwise.

    Raises YamlError where the text is no YAML or goes over a bound; documents before that have been given by then.
    """
    mark = int(source.text.startswith(BYTE_ORDER_MARK))
    if len(source.text) > MAX_CHARACTERS:
        raise YamlError(f"is longer than {MAX_CHARACTERS} characters and is not read as YAML", source, 0)
    odd = _SURROGATE.search(source.text)
    if odd is not None:
        raise YamlError("is not UTF-8", source, odd.start())
    return _composed(source, _events(source, mark, libyaml=HAS_LIBYAML if libyaml is None else libyaml), mark)


def get(node: Node | None, *keys: str) -> Node | None:
    """What stands under the keys, one below the other; None where one is not there or stands under no mapping."""
    for key in keys:
        entry = node.by_name.get(key) if isinstance(node, Mapping) else None
        node = None if entry is None else entry.value
    return node


def key_of(node: Node | None, key: str) -> Scalar | None:
    """The key itself, as it is written in a mapping."""
    entry = node.by_name.get(key) if isinstance(node, Mapping) else None
    return entry.key if entry is not None and isinstance(entry.key, Scalar) else None


def text_of(node: Node | None) -> str | None:
    """The text of a scalar; None for all else."""
    return node.text if isinstance(node, Scalar) else None


def items_of(node: Node | None) -> "tuple[Node, ...]":
    """The items of a sequence; none for all else."""
    return node.items if isinstance(node, Sequence) else ()


def entries_of(node: Node | None) -> tuple[Entry, ...]:
    """The entries of a mapping; none for all else."""
    return node.entries if isinstance(node, Mapping) else ()


def is_null(node: Node | None) -> bool:
    """Whether nothing, or a plain word for nothing, stands there."""
    return node is None or (
        isinstance(node, Scalar) and node.is_plain and node.text in ("", "~", "null", "Null", "NULL")
    )


def is_merge(key: Node) -> bool:
    """Whether a key merges other mappings into this one."""
    return isinstance(key, Scalar) and key.is_plain and key.text == "<<"


def weight_of(node: Node) -> int:
    """How many nodes a node is when each alias in it is written out."""
    return 1 if isinstance(node, Scalar) else node.weight


def home_of(node: Node) -> Home:
    """The place of a node."""
    return node.source.home(node.span)


_TOO_DEEP = f"nests more than {MAX_DEPTH} levels deep and is not read as YAML"
_SURROGATE = re.compile("[\ud800-\udfff]")
_PROPERTIES = re.compile(r"(?:(?:[&!][^\s,\[\]{}]*+|!<[^>\s]*+>)(?:\s++|#[^\r\n]*+)*+)*+")
_BLANKS = " \t\r\n\x85\u2028\u2029\0"


@dataclass(slots=True)
class _Open:
    """A collection that has begun: where, and what stands in it so far."""

    start: int
    anchor: str | None
    tag: str
    is_flow: bool
    is_mapping: bool
    held: "list[Node]"


def _events(source: Source, mark: int, *, libyaml: bool) -> "Iterator[yaml.Event]":
    """What the scanner finds, one after the other; what it does not bear is a YamlError."""
    make = yaml.CSafeLoader if libyaml else yaml.SafeLoader
    try:
        loader = make(source.text[mark:])
        while loader.check_event():
            yield cast(yaml.Event, loader.get_event())
    except yaml.MarkedYAMLError as error:
        place = error.problem_mark or error.context_mark
        offset = min((place.index if place else 0) + mark, len(source.text))
        # Libraries say it in words of their own, and repeat what is written.
        is_deep = "nesting depth" in (error.problem or "")
        raise YamlError(_TOO_DEEP if is_deep else "is not YAML", source, offset) from None
    except yaml.reader.ReaderError as error:
        raise YamlError("is not YAML: it holds a control character", source, _control(source, error)) from None


def _offset(mark: object, before: int) -> int:
    """The place in a file of a mark of the scanner's, which was not given the `before` first characters."""
    return int(getattr(mark, "index", 0)) + before


def _control(source: Source, error: "yaml.reader.ReaderError") -> int:
    """Where the character stands that the reader does not bear; libyaml counts bytes."""
    found = source.text.find(chr(error.character)) if isinstance(error.character, int) else error.position
    return min(max(found, 0), len(source.text))


def _composed(source: Source, events: "Iterable[yaml.Event]", mark: int) -> Iterator[Node]:
    """The documents that events make."""
    stack: list[_Open] = []
    anchors: dict[str, Node | _Open] = {}
    count = expanded = 0
    for event in events:
        node: Node
        match event:
            case yaml.DocumentStartEvent():
                anchors, expanded = {}, 0
                continue
            case yaml.ScalarEvent():
                node = _scalar(source, event, mark)
                _name(anchors, event.anchor, node)
            case yaml.AliasEvent():
                node = _named(source, anchors.get(event.anchor or ""), _offset(event.start_mark, mark))
                expanded += weight_of(node) - 1
            case yaml.CollectionStartEvent():
                stack.append(_opened(source, event, mark))
                _name(anchors, event.anchor, stack[-1])
                if len(stack) > MAX_DEPTH:
                    raise YamlError(_TOO_DEEP, source, stack[-1].start)
                continue
            case yaml.CollectionEndEvent():
                begun = stack.pop()
                node = _closed(source, begun, _offset(event.end_mark, mark))
                if begun.anchor is not None and anchors.get(begun.anchor) is begun:
                    anchors[begun.anchor] = node
            case _:
                continue
        count += 1
        expanded += 1
        if count > MAX_NODES:
            raise YamlError(f"holds more than {MAX_NODES} values and is not read as YAML", source, node.span.start)
        if expanded > MAX_EXPANDED:
            message = f"stands for more than {MAX_EXPANDED} values by its aliases and is not read as YAML"
            raise YamlError(message, source, node.span.start)
        if stack:
            stack[-1].held.append(node)
        else:
            yield node


def _name(anchors: "dict[str, Node | _Open]", anchor: str | None, node: "Node | _Open") -> None:
    if anchor is not None:
        anchors[anchor] = node


def _named(source: Source, node: "Node | _Open | None", offset: int) -> Node:
    """What an alias at `offset` stands for."""
    if node is None:
        raise YamlError("is not YAML: an alias names no anchor", source, offset)
    if isinstance(node, _Open):
        raise YamlError("is not YAML: an alias stands inside of what it names", source, offset)
    return node


def _scalar(source: Source, event: "yaml.ScalarEvent", mark: int) -> Scalar:
    start, end = _offset(event.start_mark, mark), _offset(event.end_mark, mark)
    style = Style(event.style or "")
    if event.anchor is not None or event.tag is not None:
        start = _behind_properties(source, start, end)
    odd = None if event.value.isascii() else _SURROGATE.search(event.value)
    if odd is not None:
        raise YamlError("is not YAML: an escape stands for no character", source, start)
    return Scalar(source, Span(start, max(start, end)), event.value, style, event.tag or "")


def _behind_properties(source: Source, start: int, end: int) -> int:
    """Where a node begins whose anchor and tag begin at `start`."""
    found = _PROPERTIES.match(source.text, start, end)
    return start if found is None else found.end()


def _opened(source: Source, event: "yaml.CollectionStartEvent", mark: int) -> _Open:
    start = _offset(event.start_mark, mark)
    if event.anchor is not None or event.tag is not None:
        start = _behind_properties(source, start, len(source.text))
    is_mapping = isinstance(event, yaml.MappingStartEvent)
    return _Open(start, event.anchor, event.tag or "", bool(event.flow_style), is_mapping, [])


def _closed(source: Source, begun: _Open, end: int) -> Node:
    """The collection that ends at `end`, or a YamlError where it merges what is no mapping."""
    while end > begun.start and source.text[end - 1 : end] in _BLANKS:
        end -= 1
    weight = 1 + sum(map(weight_of, begun.held))
    span = Span(begun.start, max(end, begun.start))
    if not begun.is_mapping:
        return Sequence(source, span, tuple(begun.held), begun.tag, begun.is_flow, weight)
    entries = tuple(map(Entry, begun.held[::2], begun.held[1::2]))
    mapping = Mapping(source, span, entries, begun.tag, begun.is_flow, weight)
    for key, value in entries:
        if is_merge(key):
            if not all(isinstance(one, Mapping) for one in items_of(value) or (value,)):
                raise YamlError("is not YAML: what '<<' merges is no mapping", source, key.span.start)
            # Asked for now, when all that is merged is there: a chain of merges would else be gone down by recursion.
            _ = mapping.by_name
    return mapping
