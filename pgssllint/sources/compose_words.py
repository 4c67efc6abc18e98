"""How Compose splits a `command` or `entrypoint` that is a string into words, as mattn/go-shellwords does.

Asked of Docker Compose 2.40.3. It differs from a shell: what follows `;`, `&`, `|`, `<` or `>` is dropped and not told,
a backslash before a line end gives a line feed and takes the next letter as it is in double quotes too, and backquotes
and `$(...)` keep blanks together but are never run.
"""

from typing import NamedTuple

from pgssllint.traced import Cutter, Traced, joined

_BLANKS = " \t\r\n"
_ENDS = ";&|<>"


class CommandLineError(ValueError):
    """A string that Compose refuses as a command line: a quote, a bracket or a backslash is left open."""


class Words(NamedTuple):
    """The words, and the text from an operator of a shell on, which is dropped; None where there is none."""

    words: tuple[Traced, ...]
    dropped: Traced | None


class _Reading(NamedTuple):
    """What is open."""

    escaped: bool = False
    single: bool = False
    double: bool = False
    back: bool = False
    dollar: bool = False

    @property
    def keeps_blanks(self) -> bool:
        return self.single or self.double or self.back or self.dollar


def split(text: Traced) -> Words:
    """The words of a string. Raises CommandLineError for one that is refused.

    A word with an unknown part may be any number of words, or end the line.
    """
    words: list[list[int]] = []
    word: list[int] = []
    has_word = False
    state = _Reading()
    end: int | None = None
    for at, character in enumerate(text.text):
        if state.escaped:
            word.append(at)
            has_word, state = True, state._replace(escaped=False)
        elif character == "\\" and not state.single:
            state = state._replace(escaped=True)
        elif character in _BLANKS and not state.keeps_blanks:
            if has_word:
                words.append(word)
            word, has_word = ([], False) if has_word else (word, False)
        elif character in _ENDS and not state.keeps_blanks:
            end = at
            # A number before `>` is that of the file that is written to.
            has_word = has_word and not (character == ">" and word and text.text[word[0]] in "0123456789")
            break
        else:
            quoted = _quoted(state, character, text.text[word[-1]] if word else "")
            has_word = has_word or quoted is None or (character in "\"'" and _closes(state, character))
            state = state if quoted is None else quoted
            if quoted is None or character in "`()":
                word.append(at)
                has_word = True
    if has_word:
        words.append(word)
    if state.escaped or state.keeps_blanks:
        raise CommandLineError("a quote, a bracket or a backslash is left open")
    return Words(tuple(_put_together(text, words)), None if end is None else text.part(end, len(text)))


def _closes(state: _Reading, character: str) -> bool:
    return state.double if character == '"' else state.single


def _quoted(state: _Reading, character: str, before: str) -> _Reading | None:
    """What is open behind a character that opens or closes something; None for any other, which stands for itself."""
    match character:
        case '"' if not state.single and not state.dollar:
            return state._replace(double=not state.double)
        case "'" if not state.double and not state.dollar:
            return state._replace(single=not state.single)
        case "`" if not state.single and not state.double and not state.dollar:
            return state._replace(back=not state.back)
        case ")" if not state.single and not state.double and not state.back:
            return state._replace(dollar=not state.dollar)
        case "(" if not state.single and not state.double and not state.back:
            if state.dollar or before != "$":
                raise CommandLineError("a bracket stands alone")
            return state._replace(dollar=True)
    return None


def _put_together(text: Traced, words: list[list[int]]) -> list[Traced]:
    """The words, each of the characters at some places; in time linear in the text."""
    cutter = Cutter(text)
    return [joined(cutter.part(start, end) for start, end in _stretches(word)) for word in words]


def _stretches(places: list[int]) -> list[tuple[int, int]]:
    """The stretches that places make up."""
    found: list[tuple[int, int]] = []
    for at in places:
        if found and found[-1][1] == at:
            found[-1] = (found[-1][0], at + 1)
        else:
            found.append((at, at + 1))
    return found
