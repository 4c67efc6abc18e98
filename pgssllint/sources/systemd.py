"""systemd units and drop-ins that start PostgreSQL: itself (`ExecStart=/usr/lib/postgresql/16/bin/postgres -D ...`, by
pg_ctl too) or in a container -> workloads, or the settings of a command line.

From systemd.syntax(7), systemd.service(5) and systemd.exec(5) of systemd 257; read, not run.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from pgssllint.files import Files, Unread
from pgssllint.sources.docker_run import ENGINES, run_of
from pgssllint.sources.shell_effects import Call
from pgssllint.sources.shell_tokens import ShellError
from pgssllint.sources.shell_values import Values, all_values
from pgssllint.sources.shell_words import words_of
from pgssllint.sources.workload import Variable, Workload
from pgssllint.target import VERSION
from pgssllint.text import Home, Source
from pgssllint.traced import Cutter, Traced, joined, whole
from pgssllint.unknown import UNKNOWN, Unknown

UNIT = re.compile(r".*\.service|.*\.conf")
"""Names of units, and of the files in their folders of drop-ins (`postgresql.service.d/*.conf`)."""

MAX_UNIT = 256 * 1024
"""A longer file is no unit that a person wrote."""

_PROGRAM = re.compile(r".*?(?:/|-)(?P<version>9\.[0-9]|[1-9][0-9])/bin/(?:postgres|postmaster|pg_ctl)")


class Unit(NamedTuple):
    """What a unit says of a server that it starts.

    `at` is the last ExecStart, or the first line that says anything. `options` are the words behind `postgres`, None
    where the unit does not start one (a drop-in may only set variables). `environment` may hold secrets: only PGDATA
    and PGPORT are of use. `version` is that in the program's path. `workload` is the container that is started.
    """

    at: Home
    program: str | None
    version: Traced | None
    options: tuple[Traced, ...] | None
    environment: dict[str, Variable]
    user: Traced | None = None
    workload: Workload | None = None

    @property
    def data_directory(self) -> Traced | Unknown | None:
        """PGDATA; `-D` of the options beats it."""
        held = self.environment.get("PGDATA")
        return held.value if held is not None else None


def read_unit(source: Source, files: Files, drop_ins: tuple[Source, ...] = ()) -> Unit | None:
    """What a unit and its drop-ins, in their order, say; None where nothing starts PostgreSQL or sets its data."""
    reading = _Reading(files)
    for one in (source, *drop_ins):
        if len(one.text) <= MAX_UNIT:
            reading.file(one)
    return reading.unit()


@dataclass
class _Reading:
    """What units have said so far."""

    files: Files
    environment: dict[str, Variable] = field(default_factory=dict)
    starts: list[Traced] = field(default_factory=list)
    user: Traced | None = None
    first: Home | None = None
    folder: str = "/"

    def file(self, source: Source) -> None:
        section = ""
        for line in _lines(whole(source)):
            text = line.text
            if text.startswith("["):
                section = text
            elif section == "[Service]":
                name, equals, _ = text.partition("=")
                if equals:
                    self.folder = os.path.dirname(source.path)
                    self._assignment(name.strip(), line.part(len(name) + 1, len(line)).stripped())

    def _assignment(self, name: str, value: Traced) -> None:
        """Lists are added to, and an empty value begins them anew."""
        if name == "ExecStart":
            self.starts = [*self.starts, value] if value.text else []
        elif name == "User":
            self.user = value if value.text else None
        elif name == "Environment":
            self._environment(value)
        elif name == "EnvironmentFile":
            self._file(value)

    def _environment(self, value: Traced) -> None:
        if not value.text:
            self.environment.clear()
        for word in _words(value):
            name, equals, _ = word.text.partition("=")
            if equals:
                self._set(word.part(0, len(name)), word.part(len(name) + 1, len(word)))

    def _file(self, value: Traced) -> None:
        """A file of variables; one that is not in view may set any."""
        path = value.text.removeprefix("-")
        source = self.files.read(path) if path.startswith("/") else None
        if source is None or isinstance(source, Unread):
            return
        for line in _lines(whole(source)):
            name, equals, _ = line.text.partition("=")
            words = _words(line.part(len(name) + 1, len(line)))
            if equals and name.isidentifier() and words:
                self._set(line.part(0, len(name)), words[0])

    def _set(self, name: Traced, value: Traced) -> None:
        # A percent sign stands for what the manager knows: the unit's name, its instance.
        is_known = value.is_known and "%" not in value.text.replace("%%", "")
        self.environment[name.text] = Variable(name, value if is_known else UNKNOWN)

    def unit(self) -> Unit | None:
        values = {name: one.value for name, one in self.environment.items()}
        for start in reversed(self.starts):
            found = self._started(_words(start, values), start)
            if found is not None:
                return found
        held = self.environment.get("PGDATA")
        at = held.name.home() if held is not None and not self.starts else None
        return Unit(at, None, None, None, environment=self.environment, user=self.user) if at is not None else None

    def _started(self, words: tuple[Traced, ...], start: Traced) -> Unit | None:
        at = start.home()
        if not words or at is None:
            return None
        program = words[0].text.lstrip("@-:+!|")
        name = program.rpartition("/")[2]
        if name in ENGINES:
            workload = run_of(Call((words[0].become(name), *words[1:]), None, True, at), self.files, self.folder)
            return (
                Unit(at, program, None, None, environment=self.environment, user=self.user, workload=workload)
                if workload is not None
                else None
            )
        if name not in ("postgres", "postmaster", "pg_ctl", "postgresql-check-db-dir"):
            return None
        version = _PROGRAM.fullmatch(program)
        options = words[1:] if name != "pg_ctl" else _of_pg_ctl(words[1:])
        found: Traced | None = None
        if version is not None and VERSION.fullmatch(version["version"]):
            before = len(words[0].text) - len(program)
            found = words[0].part(before + version.start("version"), before + version.end("version"))
        return Unit(at, program, found, options, environment=self.environment, user=self.user)


def _of_pg_ctl(words: tuple[Traced, ...]) -> tuple[Traced, ...]:
    """The options that pg_ctl gives to the server: those of `-o`, and its own folder."""
    found: list[Traced] = []
    pending = iter(words)
    for word in pending:
        text = word.text
        if text in ("-o", "--options", "-D", "--pgdata"):
            value = next(pending, None)
        elif text.startswith(("-o", "-D")):
            value = word.part(2, len(word))
        elif text.startswith(("--options=", "--pgdata=")):
            value = word.part(text.index("=") + 1, len(word))
        else:
            continue
        if value is not None and text.startswith(("-o", "--options")):
            found += _words(value)
        elif value is not None:
            found += [word.beside("-D", "pg_ctl"), value]
    return tuple(found)


def _words(text: Traced, values: Values | None = None) -> tuple[Traced, ...]:
    """Words as systemd parts them: quotes and escapes are near enough those of a shell, and no shell runs."""
    try:
        words = words_of(text)
    except ShellError:
        return ()
    return all_values(words, values if values is not None else {})


def _lines(text: Traced) -> Iterator[Traced]:
    """The lines that say something, continued ones as one; comments may stand between those."""
    cutter, parts, at = Cutter(text), list[Traced](), 0
    while at < len(text.text):
        end = text.text.find("\n", at)
        end = len(text.text) if end < 0 else end
        line = text.text[at:end].rstrip("\r")
        is_comment = line.lstrip().startswith(("#", ";"))
        if not is_comment:
            is_continued = line.endswith("\\")
            parts.append(cutter.part(at, at + len(line) - is_continued))
            if not is_continued:
                yield joined(parts).stripped()
                parts = []
        at = end + 1
    if parts:
        yield joined(parts).stripped()
