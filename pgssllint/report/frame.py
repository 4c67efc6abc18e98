"""The source frame of a finding: its lines, with the places it speaks of underlined and labelled."""

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import NamedTuple

from pgssllint.finding import Location
from pgssllint.report.cells import DrawnLine, draw
from pgssllint.report.places import is_binary, region_of, shown_path
from pgssllint.report.style import Style
from pgssllint.report.words import plain, plural
from pgssllint.showing.telling import REDACTED, Showing, is_begin_line
from pgssllint.text import MASK, Region, Source, visible

MOST_RELATED = 20
"""So many related places are drawn; how many more there are is said."""


class Mark(NamedTuple):
    """A place to underline: one line of one source."""

    at: Location
    source: Source
    region: Region
    primary: bool

    @property
    def stretch(self) -> tuple[int, int]:
        """The offsets in the line that are underlined."""
        return self.region.column - 1, self.region.end_column - 1


class Frame(NamedTuple):
    """How frames are drawn: the style, the severity that colours the primary place, where paths start, the width, and
    what decides how much of a line is shown.
    """

    style: Style
    severity: str
    base: str
    width: int
    showing: Showing

    def draw(self, at: Location, related: Sequence[Location]) -> Iterator[str]:
        """The lines of the frame: the primary file first, then the others in the order they are spoken of."""
        shown = related[:MOST_RELATED]
        blocks: dict[str, list[Location]] = {at.path: [at]}
        for location in shown:
            blocks.setdefault(location.path, []).append(location)
        marks = {path: _marks(locations, at) for path, locations in blocks.items()}
        gutter = self.gutter(at, related)
        for path, locations in blocks.items():
            yield from self._block(locations, marks[path], gutter, path == at.path)
        left = {one.line_key for one in related[MOST_RELATED:]} - {one.line_key for one in (at, *shown)}
        if left:
            yield self._bar(gutter, f"and {plural(len(left), 'more place')}; --format json names them all", "=")

    def note(self, gutter: int, word: str, text: str) -> Iterator[str]:
        """A line `= word: text` below a frame, wrapped to the width."""
        hang = gutter + 4 + len(word) + 2
        lines = wrap(visible(text), max(20, self.width - hang), break_on_hyphens=False) or [""]
        yield f"{'':>{gutter}} {self.style.paint('dim', '=')} {self.style.paint('strong', word + ':')} {lines[0]}"
        yield from (" " * (hang - 1) + line for line in lines[1:])

    def gutter(self, at: Location, related: Sequence[Location]) -> int:
        """The width of the line numbers in the frame of these places."""
        regions = [region_of(location) for location in (at, *related[:MOST_RELATED]) if not is_binary(location)]
        return max((len(str(region.line)) for region in regions if region is not None), default=1) + 1

    def _block(self, locations: Sequence[Location], marks: Sequence[Mark], gutter: int, first: bool) -> Iterator[str]:
        head = marks[0].at if marks else locations[0]
        place = shown_path(head.path, self.base)
        if marks:
            place += f":{marks[0].region.line}:{marks[0].region.column}"
        arrow = "-->" if first else ":::"
        without = [loc for loc in locations if all(loc is not mark.at for mark in marks)]
        labels = [plain(loc.label) for loc in without if loc.label]
        if not marks and labels:
            place += f" ({visible('; '.join(labels))})"
        yield f"{'':>{gutter}}{self.style.paint('dim', arrow)} {place}"
        if not marks:
            return
        yield self._bar(gutter)
        yield from self._lines(marks, gutter)
        yield from (self._bar(gutter, visible(label), "=") for label in labels)
        yield self._bar(gutter)

    def _lines(self, marks: Sequence[Mark], gutter: int) -> Iterator[str]:
        by_line: dict[int, list[Mark]] = {}
        for mark in marks:
            by_line.setdefault(mark.region.line, []).append(mark)
        before = None
        for line in sorted(by_line):
            if before is not None and line == before + 2:
                yield self._numbered(before + 1, self._drawn(marks[0], before + 1, (0, 0), gutter), gutter)
            elif before is not None and line > before + 2:
                yield self.style.paint("dim", "...")
            found = sorted(by_line[line], key=lambda mark: mark.stretch)
            focus = next((m for m in found if m.primary), found[0])
            drawn = self._drawn(focus, line, focus.stretch, gutter)
            yield self._numbered(line, drawn, gutter)
            for mark in found:
                yield from self._underline(mark, drawn, gutter)
            before = line

    def _drawn(self, mark: Mark, line: int, focus: tuple[int, int], gutter: int) -> DrawnLine:
        text, room = mark.source.line(line), max(20, self.width - gutter - 3)
        if self.showing.is_secret(mark.at) and not is_begin_line(text):
            return draw(text, [(0, max(1, len(text)))], REDACTED, (0, 0), len(text) + room)
        masks = [(start, end) for start, end, _ in self.showing.stretches(mark.source, line)]
        return draw(text, masks, MASK, focus, room)

    def _numbered(self, number: int, drawn: DrawnLine, gutter: int) -> str:
        bar = self.style.paint("dim", f"{number:>{gutter}} |")
        return f"{bar} {drawn.text}".rstrip()

    def _underline(self, mark: Mark, drawn: DrawnLine, gutter: int) -> Iterator[str]:
        start, end = (drawn.cell(offset) for offset in mark.stretch)
        length = max(1, end - start)
        kind = self.severity if mark.primary else "related"
        carets, label = ("^" if mark.primary else "-") * length, visible(plain(mark.at.label))
        room = self.width - gutter - 3
        if start + length + 1 + len(label) <= room:
            yield self._bar(gutter, " " * start + self.style.paint(kind, f"{carets} {label}".rstrip()))
            return
        yield self._bar(gutter, " " * start + self.style.paint(kind, carets))
        indent = max(0, min(start, room - len(label)))
        for row in wrap(label, max(20, room - indent), break_on_hyphens=False):
            yield self._bar(gutter, " " * indent + self.style.paint(kind, row))

    def _bar(self, gutter: int, text: str = "", sign: str = "|") -> str:
        return f"{'':>{gutter}} {self.style.paint('dim', sign)} {text}".rstrip()


def _marks(locations: Sequence[Location], primary: Location) -> list[Mark]:
    """The places that can be underlined; a related place that says nothing more than another is left out."""
    marks: list[Mark] = []
    for location in locations:
        region = region_of(location)
        if location.source is None or region is None or is_binary(location):
            continue
        if not location.label and any(mark.at.key == location.key for mark in marks):
            continue
        marks.append(Mark(location, location.source, region, location is primary))
    return marks
