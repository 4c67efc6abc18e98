"""`sed -i` with simple scripts: substitutions, deletions, lines put in, of patterns that cannot take long.

GNU sed's own, asked of the real one. Whatever else a script has is not followed.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pgssllint.traced import Traced, joined

MAX_LINE, MAX_TEXT = 500, 32 * 1024
"""In a text with more characters, or such a line, nothing is sought; what becomes of it is not known."""

MAX_COMMANDS = 10
"""A script with more commands is not followed."""

_MAX_BROAD = 1
"""So many `.*` may stand in a pattern: each more multiplies what a line costs by its length."""

_COMMAND = re.compile(r"[ \t]*(?:(?P<last>\$)|(?P<first>1)|/(?P<pattern>(?:[^/\\\n]|\\.)*)/)?[ \t]*(?P<name>[sdaic])")
_BLANK = r"[ \t]"
_CLASSES = {"[[:space:]]": _BLANK, "[[:blank:]]": _BLANK, r"\s": _BLANK, "[ \\t]": _BLANK}
_ATOM = re.compile(r"\[\[:(?:space|blank):\]\]|\[ \\t\]|\\.|[^\\]", re.DOTALL)


class Command(NamedTuple):
    """One command: the lines that it is for (a pattern, `$` the last, `1` the first; None for all), its letter, what
    `s` seeks, the text that it writes, and whether that goes for all places of a line (`g`). `words` are those
    of its patterns, and the `#` of comments.
    """

    lines: "re.Pattern[str] | str | None"
    name: str
    sought: re.Pattern[str] | None = None
    text: Traced = Traced()
    is_global: bool = False
    words: frozenset[str] = frozenset()


def read_sed(words: tuple[Traced, ...]) -> tuple[tuple[Command, ...], tuple[Traced, ...]] | None:
    """The commands of a call that edits in place, and the files that it is for; None where it is not followed."""
    scripts: list[Traced] = []
    rest: list[Traced] = []
    is_extended = in_place = False
    pending = iter(words[1:])
    for word in pending:
        text = word.text
        if text in ("-e", "--expression"):
            scripts += [one for one in (next(pending, None),) if one is not None]
        elif text in ("-E", "-r", "--regexp-extended", "-iE", "-Ei", "-ri"):
            is_extended = True
            in_place = in_place or "i" in text
        elif text.startswith(("-i", "--in-place")):
            in_place = True
        elif text.startswith("-"):
            return None
        else:
            rest.append(word)
    if not scripts and rest:
        scripts.append(rest.pop(0))
    commands: list[Command] = []
    for script in scripts:
        found = list(_commands(script, is_extended=is_extended)) if script.is_known else [None]
        commands += [one for one in found if one is not None]
        if None in found:
            return None
    return (tuple(commands), tuple(rest)) if in_place and 0 < len(commands) <= MAX_COMMANDS else None


def edited(text: Traced, commands: tuple[Command, ...]) -> Traced | None:
    """A text as sed leaves it; None where it seeks a line that is not there, which may be one that is left out here."""
    if len(text) > MAX_TEXT:
        return None
    lines = list(text.lines())
    for command in commands:
        # What is made here has no comments, unless they were put in.
        if "#" in command.words and not any(line.text.startswith("#") for line in lines):
            return None
        made = _edited(lines, command)
        if made is None:
            return None
        lines = [line for one in made for line in one.lines()]
    return joined(lines)


def _words(*patterns: str | None) -> frozenset[str]:
    """What may be names in patterns, and the `#` of a comment."""
    texts = [text for text in patterns if text is not None]
    words = (word for text in texts for word in re.findall(r"(?<!\\)\w{3,}", text))
    return frozenset((*words, *("#" for text in texts if "#" in text)))


def _edited(lines: list[Traced], command: Command) -> list[Traced] | None:
    made: list[Traced] = []
    is_met = False
    if isinstance(command.lines, str) and any(line.may_be for line in lines):
        # Which line is the first or the last hangs on the condition.
        return None
    for number, line in enumerate(lines):
        bare = line.text.removesuffix("\n")
        if len(bare) > MAX_LINE or not line.is_known:
            return None
        if not _is_for(command, bare, number, len(lines)):
            made.append(line)
            continue
        is_met = True
        changed = _changed(line, bare, command)
        made += [one.maybe() for one in changed] if line.may_be else changed
    # Comments are left out of what is made here, and a line may be put beside one of them.
    return made if is_met or command.name in "sd" else None


def _is_for(command: Command, bare: str, number: int, count: int) -> bool:
    if command.lines is None:
        return True
    if isinstance(command.lines, str):
        return number == (count - 1 if command.lines == "$" else 0)
    return command.lines.search(bare) is not None


def _changed(line: Traced, bare: str, command: Command) -> list[Traced]:
    end = line.part(len(bare), len(line))
    text = command.text + (end if len(end) else command.text.beside("\n", "sed"))
    match command.name:
        case "d":
            return []
        case "a":
            return [line if len(end) else line + text.beside("\n", "sed"), text]
        case "i":
            return [text, line]
        case "c":
            return [text]
        case _:
            return [_substituted(line, bare, command)]


def _substituted(line: Traced, bare: str, command: Command) -> Traced:
    parts, at = list[Traced](), 0
    for hit in command.sought.finditer(bare) if command.sought is not None else ():
        parts += [line.part(at, hit.start()), *_replacement(line, hit, command.text)]
        at = hit.end()
        if not command.is_global:
            break
    return joined([*parts, line.part(at, len(line))])


def _replacement(line: Traced, hit: re.Match[str], text: Traced) -> Iterator[Traced]:
    """What stands for a match: `&` is the whole of it, a number a group, and a backslash takes the meaning away."""
    at = 0
    while at < len(text):
        character, following = text.text[at], text.text[at + 1 : at + 2]
        if character == "&":
            yield line.part(*hit.span())
        elif character == "\\" and following.isdigit():
            number = int(following)
            if number <= (hit.re.groups or 0):
                yield line.part(*hit.span(number))
            at += 1
        elif character == "\\" and following:
            yield text.part(at, at + 2).become({"n": "\n", "t": "\t"}.get(following, following))
            at += 1
        else:
            yield text.part(at, at + 1)
        at += 1


def _commands(script: Traced, *, is_extended: bool) -> Iterator[Command | None]:
    """The commands of a script; None for one that is not followed."""
    text, at = script.text, 0
    while True:
        while at < len(text) and text[at] in " \t;\n":
            at += 1
        if at >= len(text):
            return
        hit = _COMMAND.match(text, at)
        lines: re.Pattern[str] | str | None = None
        if hit is None:
            yield None
            return
        if hit["pattern"] is not None:
            lines = _pattern(hit["pattern"].replace("\\/", "/"), is_extended=is_extended)
            if lines is None:
                yield None
                return
        else:
            lines = hit["last"] or hit["first"]
        command, at = _one(script, hit, lines, is_extended=is_extended)
        yield command
        if command is None:
            return


def _one(
    script: Traced, hit: re.Match[str], lines: "re.Pattern[str] | str | None", *, is_extended: bool
) -> tuple[Command | None, int]:
    text, at, name = script.text, hit.end(), hit["name"]
    words = _words(hit["pattern"])
    if name == "d":
        done = Command(lines, name, words=words)
        return (done, at) if text[at : at + 1] in ("", ";", "\n", " ") else (None, at)
    if name != "s":
        start = re.compile(r"[ \t]*\\?\n?[ \t]*").match(text, at)
        begin = start.end() if start is not None else at
        end = text.find("\n", begin)
        end = len(text) if end < 0 else end
        written = script.part(begin, end)
        if lines is None or "\\" in written.text:
            return None, at
        return Command(lines, name, None, written, words=words), end
    mark = text[at : at + 1]
    if not mark or mark in "\\\n":
        return None, at
    quoted = re.escape(mark)
    whole = re.compile(
        rf"{quoted}(?P<sought>(?:(?!{quoted})[^\\\n]|\\.)*){quoted}(?P<text>(?:(?!{quoted})[^\\\n]|\\.)*){quoted}(?P<flags>[gI]*)"
    ).match(text, at)
    if whole is None:
        return None, at
    sought = _pattern(whole["sought"].replace("\\" + mark, mark), is_extended=is_extended, flags=whole["flags"])
    # Where nothing is left to match, ours and theirs go on in other ways.
    if sought is None or ("g" in whole["flags"] and sought.search("") is not None):
        return None, at
    words |= _words(whole["sought"])
    return Command(lines, name, sought, script.part(*whole.span("text")), "g" in whole["flags"], words), whole.end()


def _pattern(text: str, *, is_extended: bool, flags: str = "") -> re.Pattern[str] | None:
    """A pattern of sed as one of ours; None for one that is not followed, or might take long."""
    special = "*+?" if is_extended else "*"
    made, broad, may_repeat = "", 0, False
    atoms = [hit[0] for hit in _ATOM.finditer(text)]
    for number, atom in enumerate(atoms):
        is_first, is_last = number == 0, number == len(atoms) - 1
        if (atom == "^" and is_first) or (atom == "$" and is_last):
            made += atom
        elif atom in (*special, *(() if is_extended else (r"\+", r"\?"))):
            kind = atom[-1]
            # A repetition of one character or class, not beside another one.
            if not may_repeat or _is_beside(atoms, number, special):
                return None
            broad += atoms[number - 1] == "."
            made, may_repeat = made + kind, False
        elif atom in _CLASSES:
            made, may_repeat = made + _CLASSES[atom], True
        elif atom == ".":
            made, may_repeat = made + ".", True
        elif atom in " \t#":
            made, may_repeat = made + re.escape(atom), True
        elif len(atom) == 2 and atom[1] in "./[]*^$-\\&":
            made, may_repeat = made + re.escape(atom[1]), False
        elif len(atom) == 1 and (
            atom.isalnum() or atom in "_-='\"/,:;@%<>!~&" or (not is_extended and atom in "(){}|+?")
        ):
            made, may_repeat = made + re.escape(atom), False
        else:
            return None
    if broad > _MAX_BROAD:
        return None
    return re.compile(made, re.IGNORECASE if "I" in flags else 0)


def _is_beside(atoms: list[str], number: int, special: str) -> bool:
    """Whether what is repeated stands right behind another repetition."""
    return number >= 2 and (atoms[number - 2] in special or atoms[number - 2] in (r"\+", r"\?"))
