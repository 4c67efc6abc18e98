"""What a script does that matters to a server: which texts it writes to which files, which commands it runs.

What echo, printf, cat and tee write is known as far as their words are; any other command's output is not.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from pgssllint.sources.shell_commands import MAX_SCRIPT, Command, read_script
from pgssllint.sources.shell_tokens import Word
from pgssllint.sources.shell_values import Values, all_fields, assigned, stands_for_all, value_of
from pgssllint.text import Home
from pgssllint.traced import Cutter, Traced, joined
from pgssllint.unknown import UNKNOWN, Unknown

MAX_NESTED = 4
"""So deep scripts stand in words of each other (`sh -c "..."`), and functions call each other, and are followed."""

MAX_EFFECTS = 20_000
"""No script has more that is followed: functions that call each other grow without bound."""

MAX_GROWN = 4 * 1024 * 1024
"""Nor one whose words, with what variables hold, have more characters."""


class Output(NamedTuple):
    """Text that goes to a file. `path` and `text` may have parts that are not known; UNKNOWN where nothing is."""

    path: Traced
    text: Traced | Unknown
    appends: bool
    is_certain: bool
    at: Home


class Call(NamedTuple):
    """A command that is run, without what only says as whom (`sudo`, `gosu USER`, `exec`); `given` is what it reads."""

    words: tuple[Traced, ...]
    given: Traced | Unknown | None
    is_certain: bool
    at: Home
    is_last: bool = False

    @property
    def name(self) -> str:
        """What is run, without a path; empty where it is not known."""
        return self.words[0].text.rpartition("/")[2] if self.words and self.words[0].is_known else ""


Effect = Output | Call


def effects(text: Traced, values: Values, given: tuple[Traced, ...] | None = None) -> Iterator[Effect | Home]:
    """What a script does, in its order; a Home is the place from which on it is not understood. `given` are the words
    behind its name (`$@`), None where they are not known.
    """
    yield from _Run(dict(values), given).script(text, is_certain=True, depth=0)


@dataclass
class _Run:
    """One reading of a script: its variables, arguments and folder as they are by now."""

    values: dict[str, Traced | Unknown]
    arguments: tuple[Traced, ...] | None = None
    folder: Traced | None = None
    _made: int = 0
    _grown: int = 0
    _pipes: dict[int, list[Traced | Unknown]] = field(default_factory=dict)

    def script(self, text: Traced, *, is_certain: bool, depth: int) -> Iterator[Effect | Home]:
        read = read_script(text)
        functions: dict[str, list[Command]] = {}
        for command in read.commands:
            if command.function:
                functions.setdefault(command.function, []).append(command)
        outer = [command for command in read.commands if not command.function]
        kept, self._pipes = self._pipes, {}
        yield from self._commands(outer, functions, is_certain=is_certain, depth=depth)
        self._pipes = kept
        if read.fault is not None:
            yield read.fault

    def _commands(
        self, commands: list[Command], functions: Mapping[str, list[Command]], *, is_certain: bool, depth: int
    ) -> Iterator[Effect | Home]:
        for command in commands:
            self._made += 1
            if self._made > MAX_EFFECTS or self._grown > MAX_GROWN:
                return
            sure = is_certain and command.is_certain
            self._assign(command.assignments, only=not command.words, is_certain=sure)
            words = self._fields(command.words)
            self._grown += sum(map(len, words)) + len(words)
            at = command.at
            if at is None:
                continue
            first = words[0].text if words else ""
            if first in functions and depth < MAX_NESTED:
                kept, self.arguments = self.arguments, words[1:]
                yield from self._commands(functions[first], functions, is_certain=sure, depth=depth + 1)
                self.arguments = kept
                continue
            self._set(words, is_certain=sure)
            yield from self._call(command, words, at, is_certain=sure, depth=depth)
            if sure and first in ("exit", "exec", "return") and (first != "exec" or len(words) > 1):
                return

    def _fields(self, words: tuple[Word, ...]) -> tuple[Traced, ...]:
        """The words of a command; `"$@"` stands for the arguments, each a word of its own."""
        found: list[Traced] = []
        for is_all, run in groupby(words, key=stands_for_all):
            if not is_all or self.arguments is None:
                found += all_fields(run, self.values, MAX_SCRIPT)
                continue
            for _ in run:
                found += self.arguments
                if len(found) > MAX_EFFECTS:
                    return tuple(found[:MAX_EFFECTS])
        return tuple(found)

    def _set(self, words: tuple[Traced, ...], *, is_certain: bool) -> None:
        """What a command changes of the arguments and of the folder in which it stands."""
        name = words[0].text if words else ""
        if name == "set" and len(words) > 1 and words[1].text == "--":
            self.arguments = words[2:] if is_certain else None
        elif name == "shift":
            self.arguments = self.arguments[1:] if self.arguments and is_certain and len(words) == 1 else None
        elif name in ("cd", "pushd", "popd"):
            known = is_certain and name == "cd" and len(words) == 2 and words[1].is_known
            self.folder = words[1] if known and words[1].text.startswith("/") else None

    def _path(self, path: Traced) -> Traced:
        """The path of a file, from the folder in which the script stands."""
        if self.folder is None or not path.is_known or not path.text or path.text.startswith("/"):
            return path
        return self.folder + path.beside("/", "cd") + path

    def _assign(self, words: tuple[Word, ...], *, only: bool, is_certain: bool) -> None:
        for word in words if only else ():
            name, value = assigned(word, self.values)
            self.values[name] = value if is_certain and value.is_known else UNKNOWN

    def _call(
        self, command: Command, words: tuple[Traced, ...], at: Home, *, is_certain: bool, depth: int
    ) -> Iterator[Effect | Home]:
        if words and words[0].text in ("export", "local", "readonly", "declare", "typeset"):
            self._export(words[1:], is_certain=is_certain)
        given = self._given(command)
        plain = peeled(words)
        nested = script_of(plain)
        if nested is not None and depth < MAX_NESTED:
            yield from self.script(nested, is_certain=is_certain, depth=depth + 1)
            return
        name = plain[0].text.rpartition("/")[2] if plain else ""
        written = output_of(plain, given)
        if plain or not words:
            yield from self._redirected(command, written, at, is_certain=is_certain)
        if name == "tee" and not isinstance(written, Unknown):
            appends = any(word.text in ("-a", "--append") for word in plain[1:])
            for word in plain[1:]:
                if not word.text.startswith("-"):
                    yield Output(self._path(word), written, appends, is_certain, at)
        if plain:
            is_last = bool(words) and words[0].text == "exec"
            yield Call(plain, given, is_certain, at, is_last)

    def _export(self, words: tuple[Traced, ...], *, is_certain: bool) -> None:
        for word in words:
            name, equals, _ = word.text.partition("=")
            if equals:
                value = word.part(len(name) + 1, len(word))
                self.values[name] = value if is_certain and value.is_known else UNKNOWN

    def _given(self, command: Command) -> Traced | Unknown | None:
        """What a command reads: the last here-document, else what is piped into it."""
        for redirection in reversed(command.redirections):
            if redirection.operator in ("<<", "<<-"):
                return value_of(redirection.target, self.values)
            if redirection.operator == "<<<":
                text = value_of(redirection.target, self.values)
                return text + text.beside("\n", "<<<")
            if redirection.operator == "<":
                return UNKNOWN
        if command.source is None:
            return None
        held = self._pipes.get(command.source, [UNKNOWN])
        return (
            UNKNOWN
            if any(isinstance(one, Unknown) for one in held)
            else joined(one for one in held if isinstance(one, Traced))
        )

    def _redirected(
        self, command: Command, written: Traced | Unknown, at: Home, *, is_certain: bool
    ) -> Iterator[Effect]:
        for redirection in command.redirections:
            if redirection.operator in (">", ">>", ">|", "&>", "&>>") and redirection.number in ("", "1", "&"):
                path = self._path(value_of(redirection.target, self.values))
                if path.text != "/dev/stdout" and path.text != "/dev/stderr":
                    yield Output(path, written, redirection.operator.endswith(">>"), is_certain, at)
                return
        if command.sink is not None:
            self._pipes.setdefault(command.sink, []).append(written)


_PREFIXES = frozenset(
    {
        "sudo",
        "gosu",
        "su-exec",
        "exec",
        "env",
        "command",
        "builtin",
        "nohup",
        "nice",
        "tini",
        "dumb-init",
        "time",
        "eval",
    }
)
_WITH_VALUE = frozenset({"-u", "-g", "-a", "-n"})
SHELLS = frozenset({"sh", "bash", "ash", "dash"})


def peeled(words: tuple[Traced, ...]) -> tuple[Traced, ...]:
    """The words of a command without those that only say as whom, or in which manner, it runs."""
    while words and words[0].text.rpartition("/")[2] in _PREFIXES:
        name, at = words[0].text.rpartition("/")[2], 1
        if name == "eval":
            return words
        while at < len(words) and (
            words[at].text.startswith("-") or (name in ("env", "sudo") and "=" in words[at].text)
        ):
            at += 2 if words[at].text in _WITH_VALUE and name in ("sudo", "exec", "nice") else 1
        words = words[at + 1 :] if name in ("gosu", "su-exec") else words[at:]
    return words


def script_of(words: tuple[Traced, ...]) -> Traced | None:
    """The script in the words of a shell's call (`sh -c "..."`, `su USER -c "..."`, `eval ...`); None for any other."""
    name = words[0].text.rpartition("/")[2] if words else ""
    if name == "eval":
        blank = words[0].beside(" ", "eval")
        return joined(part for word in words[1:] for part in (word, blank))
    if name not in SHELLS and name not in ("su", "runuser"):
        return None
    for number, word in enumerate(words[1:-1], start=1):
        text = word.text
        if text in ("-c", "--command") or (name in SHELLS and re.fullmatch(r"-[a-zA-Z]*c", text)):
            return words[number + 1]
        if name in SHELLS and not text.startswith(("-", "+")) and words[number - 1].text not in ("-o", "+o"):
            return None
    return None


def output_of(command: tuple[Traced, ...], given: Traced | Unknown | None) -> Traced | Unknown:
    """What a command writes, where that is known; `given` is what it reads."""
    if not command:
        return Traced()
    name, words = command[0].text.rpartition("/")[2], command[1:]
    if name == "echo":
        return _echoed(command[0], words)
    if name == "printf" and words:
        return _printed(words[0], words[1:])
    if name == "cat" and all(word.text == "-" for word in words):
        return given if given is not None else UNKNOWN
    if name == "tee":
        return given if given is not None else UNKNOWN
    if name in ("true", ":"):
        return Traced()
    return UNKNOWN


_ECHO_OPTION = re.compile("-[neE]+")
_ESCAPE = re.compile(r"\\([\\abefnrtv0]|x|$)?")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}


def _echoed(name: Traced, words: tuple[Traced, ...]) -> Traced:
    options = 0
    while options < len(words) and _ECHO_OPTION.fullmatch(words[options].text):
        options += 1
    letters = "".join(word.text for word in words[:options])
    parts: list[Traced] = []
    for word in words[options:]:
        if parts:
            parts.append(name.beside(" ", "echo"))
        parts.append(word)
    text = joined(parts)
    if "e" in letters:
        text = unescaped(text)
    return text if "n" in letters else text + name.beside("\n", "echo")


def unescaped(text: Traced) -> Traced:
    r"""The text with `\n`, `\t` and their like as `echo -e` and `printf` write them; others stay."""
    cutter, parts, at = Cutter(text), list[Traced](), 0
    for hit in _ESCAPE.finditer(text.text):
        made = _ESCAPES.get(hit[1] or "")
        if made is not None:
            parts += [cutter.part(at, hit.start()), cutter.part(hit.start(), hit.end()).become(made)]
            at = hit.end()
    return joined([*parts, cutter.part(at, len(text))])


_DIRECTIVE = re.compile(r"%(?:%|s|b|-?[0-9.]*[a-zA-Z])")


def _printed(template: Traced, words: tuple[Traced, ...]) -> Traced | Unknown:
    """What printf writes; its format is gone through until no word is left."""
    if not template.is_known:
        return UNKNOWN
    left, parts = deque(words), list[Traced]()
    while True:
        before, at = len(left), 0
        for hit in _DIRECTIVE.finditer(template.text):
            parts.append(unescaped(template.part(at, hit.start())))
            at = hit.end()
            if hit[0] == "%%":
                parts.append(template.part(hit.start(), hit.start() + 1))
            elif hit[0] not in ("%s", "%b"):
                return UNKNOWN
            elif left:
                word = left.popleft()
                parts.append(unescaped(word) if hit[0] == "%b" else word)
        parts.append(unescaped(template.part(at, len(template))))
        if not left or len(left) == before:
            return joined(parts)
