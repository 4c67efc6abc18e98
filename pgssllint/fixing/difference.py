"""What a draft changes, as `diff -u` shows it, with nothing in it that may not be shown."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from pgssllint.fixing.drafts import Draft
from pgssllint.text import Source, Span

CONTEXT = 3
"""So many lines are shown around what changes, as GNU diff does."""

Shown = Callable[[Source, int], str]
"""The line of that number of a source, without its line end, as it may be shown."""


class Lines(NamedTuple):
    """Lines from number `first` (from 1) of the old file that become others of the new one; each `end` is behind."""

    first: int
    end: int
    new_first: int
    new_end: int


def difference(changed: Draft, name: str, old: Shown, new: Shown) -> Iterator[str]:
    """The lines of the difference of one file, which is called `name`; none where it stays as it was.

    `old` shows lines of the file as it was, and `new` those of what it becomes.
    """
    before, after = changed.original, Source(changed.path, changed.data)
    hunks = list(_hunks(list(changed_lines(changed, after))))
    if not hunks:
        return
    yield from (f"--- {name}", f"+++ {name}")
    for hunk in hunks:
        first, last = hunk[0], hunk[-1]
        lead = min(CONTEXT, first.first - 1)
        tail = min(CONTEXT, _counted(before) + 1 - last.end)
        old_range = _range(first.first - lead, last.end + tail)
        yield f"@@ -{old_range} +{_range(first.new_first - lead, last.new_end + tail)} @@"
        at = first.first - lead
        for part in hunk:
            yield from _marked(" ", before, at, part.first, old)
            yield from _marked("-", before, part.first, part.end, old)
            yield from _marked("+", after, part.new_first, part.new_end, new)
            at = part.end
        yield from _marked(" ", before, at, last.end + tail, old)


def changed_lines(changed: Draft, after: Source) -> Iterator[Lines]:
    """The lines that a draft changes, in order and apart; `after` is what it becomes."""
    before, found = changed.original, list[Lines]()
    for old, new in _stretches(changed):
        one = Lines(
            before.position(old.start)[0], before.position(old.end)[0] + 1,
            after.position(new.start)[0], after.position(new.end)[0] + 1,
        )  # fmt: skip
        if found and (one.first < found[-1].end or one.new_first < found[-1].new_end):
            found[-1] = found[-1]._replace(end=max(one.end, found[-1].end), new_end=max(one.new_end, found[-1].new_end))
        else:
            found.append(one)
    trimmed = (_trimmed(one, before, after) for one in found)
    yield from (one for one in trimmed if one.first < one.end or one.new_first < one.new_end)


def _stretches(changed: Draft) -> Iterator[tuple[Span, Span]]:
    """What is replaced: the stretch of the old text, and that of the new one that stands there."""
    old = new = start = 0
    for piece in changed.pieces:
        if piece.at is not None:
            if piece.at > old or new > start:
                yield Span(old, piece.at), Span(start, new)
            old = piece.at + len(piece.text)
            start = new + len(piece.text)
        new += len(piece.text)
    if len(changed.original.text) > old or new > start:
        yield Span(old, len(changed.original.text)), Span(start, new)


def _trimmed(one: Lines, before: Source, after: Source) -> Lines:
    """The lines without those at either end that stay what they are."""
    first, end, new_first, new_end = one
    while first < end and new_first < new_end and _raw(before, first) == _raw(after, new_first):
        first, new_first = first + 1, new_first + 1
    while first < end and new_first < new_end and _raw(before, end - 1) == _raw(after, new_end - 1):
        end, new_end = end - 1, new_end - 1
    # Behind the last line feed stands no line.
    end, new_end = min(end, max(first, _counted(before) + 1)), min(new_end, max(new_first, _counted(after) + 1))
    return Lines(first, end, new_first, new_end)


def _hunks(changes: Sequence[Lines]) -> Iterator[list[Lines]]:
    """The changes, those together whose context meets."""
    hunk: list[Lines] = []
    for one in changes:
        if hunk and one.first - hunk[-1].end > 2 * CONTEXT:
            yield hunk
            hunk = []
        hunk.append(one)
    if hunk:
        yield hunk


def _raw(source: Source, line: int) -> str:
    """A line with its line end."""
    starts = source.line_starts
    return source.text[starts[line - 1] : starts[line] if line < len(starts) else len(source.text)]


def _counted(source: Source) -> int:
    """How many lines `diff` counts: none behind the last line feed."""
    return source.line_count - (source.text.endswith("\n") or not source.text)


def _range(first: int, end: int) -> str:
    """The lines from `first` up to `end`, which is not among them, as a hunk names them (POSIX, diff -u)."""
    count = end - first
    return f"{first if count else first - 1}" + ("" if count == 1 else f",{count}")


def _marked(sign: str, source: Source, first: int, end: int, shown: Shown) -> Iterator[str]:
    for line in range(first, end):
        raw = _raw(source, line)
        yield f"{sign}{shown(source, line)}" + ("\r" if raw.removesuffix("\n").endswith("\r") else "")
        if not raw.endswith("\n"):
            yield "\\ No newline at end of file"
