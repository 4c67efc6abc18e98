"""What a shell puts for the words of a command, as far as the values of its variables are in view."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from pgssllint.sources.shell_tokens import Kind, Piece, Word
from pgssllint.traced import By, Cutter, Traced, joined, own
from pgssllint.unknown import Unknown

Values = Mapping[str, Traced | Unknown]
"""What variables hold. Nothing says that one which is not in it is set: a default is taken, and else nobody knows."""


MAX_VALUE = 4 * 1024
"""What becomes longer by its variables is not known: a script of few lines could double it until nothing is left."""

MAX_WORDS = 64 * 1024
"""So many characters of the words of one command are put in."""


def unknown(written: Traced, name: str = "") -> Traced:
    """What stands for a text that a tool puts for `written`, and that is not in view."""
    at = written.home()
    return own(written.text, at.source, at.span, name, By.UNKNOWN) if at is not None else Traced()


def value_of(word: Word, values: Values) -> Traced:
    """The text of a word that the shell does not split (a file behind `>`, a here-document, what is assigned)."""
    return _value(word.pieces, values)


def fields_of(word: Word, values: Values) -> tuple[Traced, ...]:
    """The words that the shell makes of one: what stands for an expansion without quotes is split at its blanks."""
    return tuple(_fields(word.pieces, values))


def stands_for_all(word: Word) -> bool:
    """Whether a word is `"$@"`, for which each argument is put as a word of its own."""
    return len(word.pieces) == 1 and word.pieces[0].name == "@" and not word.pieces[0].operator


def all_values(words: Iterable[Word], values: Values) -> tuple[Traced, ...]:
    """The text of each of several words, none of which is split."""
    found: list[Traced] = []
    left = MAX_WORDS
    for word in words:
        found.append(value_of(word, values))
        left -= len(found[-1])
        if left < 0:
            return (*found, unknown(word.written))
    return tuple(found)


def all_fields(words: Iterable[Word], values: Values, most: int = MAX_WORDS) -> tuple[Traced, ...]:
    """The words that the shell makes of several; those behind the bound are left off, with one that is not known."""
    found: list[Traced] = []
    for word in words:
        for one in _fields(word.pieces, values):
            found.append(one)
            most -= len(one)
        if most < 0:
            return (*found, unknown(word.written))
    return tuple(found)


def _value(pieces: tuple[Piece, ...], values: Values) -> Traced:
    found: list[Traced] = []
    length = written = 0
    for piece in pieces:
        found.append(_expanded(piece, values))
        length, written = length + len(found[-1]), written + len(piece.text)
        if length > written + MAX_VALUE:
            return unknown(piece.text)
    return joined(found)


def _expanded(piece: Piece, values: Values) -> Traced:
    if piece.kind is Kind.LITERAL:
        return piece.text
    if piece.kind is Kind.UNKNOWN:
        return unknown(piece.text)
    held = values.get(piece.name)
    if isinstance(held, Unknown):
        return unknown(piece.text, piece.name)
    operator = piece.operator.removeprefix(":")
    is_there = held is not None and (len(held) > 0 or not piece.operator.startswith(":"))
    if operator in ("-", "=") and not is_there:
        return _value(piece.operand, values)
    if operator == "+":
        return _value(piece.operand, values) if is_there else Traced()
    if operator in ("", "-", "=", "?") and held is not None:
        return held
    return unknown(piece.text, piece.name)


def _fields(pieces: tuple[Piece, ...], values: Values) -> Iterator[Traced]:
    """Fields: a blank in a value that is not quoted parts two of them, and an empty one of those is none."""
    current: list[Traced] = []
    is_field = False
    length = written = 0
    for piece in pieces:
        text = _expanded(piece, values)
        length, written = length + len(text), written + len(piece.text)
        if length > written + MAX_VALUE:
            yield unknown(piece.text)
            return
        if piece.is_quoted or piece.kind is Kind.LITERAL or not text.is_known:
            current.append(text)
            is_field = True
            continue
        for is_blank, part in _runs(text):
            if not is_blank:
                current.append(part)
                is_field = True
            elif is_field:
                yield joined(current)
                current, is_field = [], False
    if is_field:
        yield joined(current)


def _runs(text: Traced) -> Iterator[tuple[bool, Traced]]:
    """The parts of a text that are blank and those that are not."""
    cutter, at = Cutter(text), 0
    for is_blank, characters in groupby(text.text, key=lambda one: one in " \t\n"):
        end = at + sum(1 for _ in characters)
        yield is_blank, cutter.part(at, end)
        at = end


def assigned(word: Word, values: Values) -> tuple[str, Traced]:
    """The name and the value of an assignment (`A=b`)."""
    written = value_of(word, {})
    name = written.text.partition("=")[0]
    whole = value_of(word, values)
    return name.removesuffix("+"), whole.part(len(name) + 1, len(whole))
