"""YAML that a template language has yet to write: what it leaves is masked, and the rest is read as it stands.

Nothing is evaluated. Each expression is masked by as many characters as it has, and a line of control structures alone
is made empty, so that all places stay; a scalar that held an expression has its text again, which readers of values
know for unknown. Jinja, Go's templates (Helm) and ERB are known.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import NamedTuple

from pgssllint.syntax.template_control import Conditions, Mark, conditions, marks
from pgssllint.syntax.yaml_blocks import Blocks
from pgssllint.syntax.yaml_nodes import Entry, Mapping, Node, Scalar, Sequence, YamlError, documents
from pgssllint.text import Source, Span
from pgssllint.traced import Run, Traced, joined, through, virtual, written

_INDENT = re.compile(r"\bn?indent\s+([0-9]{1,3})\b")
_PRIVATE = range(0xE000, 0xF8FF)


class _Region(NamedTuple):
    """A stretch that is not as it was written. `mark` is what stands for the whole of it, if it is not taken character
    for character.
    """

    span: Span
    mark: Span | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Led(Scalar):
    """A scalar whose value leads elsewhere than its own source says: `whole` is that value."""

    whole: Traced = field(default_factory=Traced)

    @property
    def value(self) -> Traced:
        """The text, each character of which leads to its place."""
        return self.whole


@dataclass(frozen=True, slots=True, eq=False)
class Filled(Led):
    """A scalar in which a template has yet to write: its text holds the expressions."""


@dataclass(frozen=True)
class Template:
    """A source with what templates leave in it. `masked` has the same length; `regions` are in order.

    `conditions` tell what stands under a condition or in a loop. `insertions` are the
    places where an expression on a line of its own writes what nobody knows: keys, items, documents.
    """

    source: Source
    masked: Source
    regions: tuple[_Region, ...]
    conditions: Conditions = field(default_factory=Conditions)
    insertions: tuple[int, ...] = ()

    def may_be(self, offset: int) -> bool:
        """Whether what stands at `offset` is there under a condition only."""
        return self.conditions.holds(offset)

    def is_open(self, span: Span) -> bool:
        """Whether an expression may write more entries or items somewhere in `span`."""
        number = bisect_left(self.insertions, span.start)
        return number < len(self.insertions) and self.insertions[number] < span.end

    @cached_property
    def _starts(self) -> list[int]:
        return [region.span.start for region in self.regions]

    def within(self, span: Span) -> tuple[_Region, ...]:
        """The regions that lie in `span`, or over a part of it."""
        first = max(bisect_right(self._starts, span.start) - 1, 0)
        found = []
        for region in self.regions[first:]:
            if region.span.start >= span.end:
                break
            if region.span.end > span.start:
                found.append(region)
        return tuple(found)


def template(source: Source) -> Template:
    """What templates leave in a source."""
    text = source.text
    found = list(marks(text))
    if not found:
        return Template(source, source, ())
    private = next((chr(code) for code in _PRIVATE if chr(code) not in text), "\ue000")
    blocks = Blocks(text)
    regions: list[_Region] = []
    insertions: list[int] = []
    pieces: list[str] = []
    at = 0
    for group in _grouped(text, found):
        whole = _whole_lines(text, group)
        if whole is not None:
            length = whole.end - whole.start
            region, blank = _standing_alone(blocks, text, group, whole)
            spans = [(region, "\n" * length if blank is None else blank + private * (length - len(blank)))]
            if blank is None and not all(mark.is_control for mark in group):
                insertions.append(whole.start)
        else:
            spans = [(_Region(m.span), _inline(text, m, private)) for m in group]
        for region, instead in spans:
            pieces += [text[at : region.span.start], instead]
            at = region.span.end
            regions.append(region)
    masked = "".join([*pieces, text[at:]])
    data = masked.encode("utf-8", "surrogateescape")
    return Template(source, Source(source.path, data), tuple(regions), conditions(found), tuple(insertions))


def _grouped(text: str, found: list[Mark]) -> Iterator[list[Mark]]:
    """The marks with nothing but blanks between them on one line together."""
    group: list[Mark] = []
    for mark in found:
        if group and text[group[-1].span.end : mark.span.start].strip(" \t"):
            yield group
            group = []
        group.append(mark)
    yield group


def _whole_lines(text: str, group: list[Mark]) -> Span | None:
    """The lines that a group of marks has for itself, without the last line end; None where others stand on them."""
    start = text.rfind("\n", 0, group[0].span.start) + 1
    end = text.find("\n", group[-1].span.end)
    end = len(text) if end < 0 else end
    behind = text[group[-1].span.end : end].strip()
    alone = not text[start : group[0].span.start].strip() and (not behind or behind.startswith("#"))
    return Span(start, group[-1].span.end) if alone else None


def _standing_alone(blocks: Blocks, text: str, group: list[Mark], whole: Span) -> tuple[_Region, str | None]:
    """What stands for expressions with lines for themselves: text of a block scalar, indented as it is; elsewhere
    nothing, which is None.
    """
    first, last = group[0].span.start, group[-1].span.end
    written_by = next((mark for mark in group if not mark.is_control), group[0])
    asked = _INDENT.search(text, *written_by.span)
    indentation = int(asked[1]) if asked is not None else first - whole.start
    depth = blocks.depth_at(whole.start, indentation)
    blank = max(depth or 0, first - whole.start if depth is not None else 0)
    if depth is None or whole.start + blank >= last:
        return _Region(whole), None
    return _Region(whole, Span(first, last)), " " * blank


_DEEPER = re.compile(r"[ \t]*(?:\r?\n[ \t]*)+")


def _inline(text: str, mark: Mark, private: str) -> str:
    """What stands for a mark among other text: a word; blanks for one that writes the first entries of a mapping of
    which others follow, and for a comment.
    """
    length = mark.span.end - mark.span.start
    if text.startswith(("{{/*", "{{- /*", "{#", "<%#"), mark.span.start):
        return " " * length
    before = text[text.rfind("\n", 0, mark.span.start) + 1 : mark.span.start]
    if before.rstrip().endswith(":"):
        own = len(before) - len(before.lstrip(" -"))
        following = _DEEPER.match(text, mark.span.end)
        rest = following[0].rpartition("\n")[2] if following is not None else ""
        if len(rest) > own and text[following.end() if following else 0 :][:1] not in ("", "#"):
            return " " * length
    return private * length


def template_documents(read: Template) -> Iterator[Node]:
    """The root nodes of the documents of a template, as `documents` gives them, with what was masked in its place.

    Raises YamlError in the same cases.
    """
    if not read.regions:
        yield from documents(read.source)
        return
    restored = Changed(read.source, partial(_restored, read))
    try:
        for node in documents(read.masked):
            yield restored.node(node)
    except YamlError as error:
        raise YamlError(str(error), read.source, error.at.start) from None


class Changed:
    """Nodes in another source and with other scalars, which `change` makes; one that is named twice is made once."""

    def __init__(self, source: Source, change: Callable[[Scalar], Scalar]) -> None:
        self._source, self._change = source, change
        self._made: dict[int, tuple[Node, Node]] = {}

    def node(self, node: Node) -> Node:
        """The node, changed, and all in it."""
        held = self._made.get(id(node))
        if held is None:
            # The node itself is held too, so that no other gets its number.
            held = self._made[id(node)] = (node, self._make(node))
        return held[1]

    def _make(self, node: Node) -> Node:
        match node:
            case Scalar():
                return self._change(node)
            case Sequence():
                items = tuple([self.node(item) for item in node.items])
                return Sequence(self._source, node.span, items, node.tag, node.is_flow, weight=node.weight)
            case Mapping():
                entries = tuple([Entry(self.node(one.key), self.node(one.value)) for one in node.written])
                return Mapping(self._source, node.span, entries, node.tag, node.is_flow, weight=node.weight)


def _restored(read: Template, node: Scalar) -> Scalar:
    regions = read.within(node.span)
    if not regions:
        return Scalar(read.source, node.span, node.text, node.style, node.tag)
    whole = _filled(read, node.value, regions)
    return Filled(read.source, node.span, whole.text, node.style, node.tag, whole=whole)


def inner_documents(scalar: Scalar, path: str) -> Iterator[Node]:
    """The documents of a scalar that is itself YAML, each of whose scalars leads home through both.

    `path` names the text as a file. Raises YamlError, with a place in that file.
    """
    made = virtual(path, scalar.value)
    changed = Changed(made, _led)
    for node in template_documents(template(made)):
        yield changed.node(node)


def _led(node: Scalar) -> Scalar:
    whole = through(node.value)
    kind = Filled if isinstance(node, Filled) else Led
    return kind(node.source, node.span, node.text, node.style, node.tag, whole=whole)


def _filled(read: Template, value: Traced, regions: tuple[_Region, ...]) -> Traced:
    """The value of a scalar with the expressions in place of their masks."""
    parts: list[Traced] = []
    at = number = 0
    told: _Region | None = None
    for run in value.runs:
        own = value.text[at : at + run.length]
        at += run.length
        if not run.is_exact:
            parts.append(Traced(own, (run._replace(source=read.source),)))
            continue
        behind = run.span.start
        while number < len(regions) and regions[number].span.start < run.span.end:
            region = regions[number]
            start, end = max(region.span.start, behind), min(region.span.end, run.span.end)
            if start < end:
                parts.append(_kept(read.source, run, own, Span(behind, start)))
                if region.mark is None or region is not told:
                    parts.append(written(read.source, region.mark or Span(start, end)))
                told, behind = region, end
            if region.span.end > run.span.end:
                break
            number += 1
        parts.append(_kept(read.source, run, own, Span(behind, run.span.end)))
    return joined(part for part in parts if part.text)


def _kept(source: Source, run: Run, own: str, span: Span) -> Traced:
    start, end = span.start - run.span.start, span.end - run.span.start
    return Traced(own[start:end], (run.cut(start, end)._replace(source=source),)) if start < end else Traced()
