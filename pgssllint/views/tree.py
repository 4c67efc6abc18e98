"""Trees of short texts, drawn with boxes or in ASCII."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from pgssllint.text import visible, visible_path

MOST_CHARACTERS = 120
"""What a node is, is cut after so many."""

_WIDEST = 72
"""What follows one longer than this is not aligned."""

Paint = Callable[[str, str], str]
"""Colours a text as `error`, `warning`, `note`, `strong` or `dim`, or leaves it as it is."""


class Glyphs(NamedTuple):
    """What the tree is drawn with, three characters each; CONTINUED marks where something was cut."""

    branch: str
    end: str
    trunk: str
    cut: str


BOX, ASCII = Glyphs("├─ ", "└─ ", "│  ", "…"), Glyphs("|- ", "`- ", "|  ", "...")


class Detail(NamedTuple):
    """A line below a node: its label, its text, and how that is painted."""

    label: str
    text: str
    kind: str = ""


class Node(NamedTuple):
    """A node: where it stands, what it is, what part it plays; its details, and what grows out of it.

    A node without a `what` is a sentence of its own, `kind` the way it is painted.
    """

    where: str
    what: str = ""
    role: str = ""
    details: tuple["Detail", ...] = ()
    children: tuple["Node", ...] = ()
    kind: str = ""


class Tree(NamedTuple):
    """A drawing: its heading, which begins with the path of a file, and what stands below."""

    head: str
    nodes: tuple[Node, ...]
    glyphs: Glyphs

    def lines(self, paint: Paint) -> Iterator[str]:
        """The lines, painted."""
        columns = _columns(self.nodes, 1)
        yield paint("strong", visible_path(self.head))
        for number, node in enumerate(self.nodes):
            yield from self._node(node, "", number == len(self.nodes) - 1, columns, paint)

    def _node(self, node: Node, before: str, last: bool, columns: tuple[int, int], paint: Paint) -> Iterator[str]:
        edge = before + (self.glyphs.end if last else self.glyphs.branch)
        yield paint("dim", edge) + self._title(node, len(edge), columns, paint)
        inner = before + ("   " if last else self.glyphs.trunk)
        bar = inner + (self.glyphs.trunk if node.children else "   ")
        for label, text, kind in node.details:
            yield paint("dim", bar) + f"{label:<9}" + (paint(kind, visible(text)) if kind else visible(text))
        for number, child in enumerate(node.children):
            yield from self._node(child, inner, number == len(node.children) - 1, columns, paint)

    def _title(self, node: Node, indent: int, columns: tuple[int, int], paint: Paint) -> str:
        if not node.what:
            return paint(node.kind, node.where) if node.kind else node.where
        what = visible(node.what)
        if len(what) > MOST_CHARACTERS:
            what = what[: MOST_CHARACTERS - len(self.glyphs.cut)] + self.glyphs.cut
        padded = " " * max(0, columns[1] - len(what)) if node.role else ""
        role = f"  {paint(node.kind, node.role) if node.kind else node.role}" if node.role else ""
        return f"{node.where:<{columns[0] - indent}}  {paint('strong', what)}{padded}{role}"


def _columns(nodes: Sequence[Node], depth: int) -> tuple[int, int]:
    """Where subjects begin, and how wide most of them are, in all of a tree."""
    titles = [node for node in nodes if node.what]
    places = [3 * depth + len(node.where) for node in titles]
    widths = [width for node in titles if (width := len(visible(node.what))) <= _WIDEST]
    below = [_columns(node.children, depth + 1) for node in nodes if node.children]
    return max([0, *places, *(a for a, _ in below)]), max([0, *widths, *(b for _, b in below)])
