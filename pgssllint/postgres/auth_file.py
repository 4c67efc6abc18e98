"""pg_hba.conf, pg_ident.conf and pg_hosts.conf as lines of fields, with `@file` and include records followed.

The server's tokenize_auth_file and next_field_expand (hba.c), by major.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from pgssllint.files import Opened, OpenedFolder, Presence, errno_text
from pgssllint.finding import Location, LogLine
from pgssllint.postgres import auth_log
from pgssllint.postgres.auth_contents import MAX_LINES, Contents, Once
from pgssllint.postgres.auth_dialect import INCLUDE_WORDS, INCLUDES_FROM, dialect, token_limit
from pgssllint.postgres.auth_model import (
    AuthFault,
    AuthFile,
    AuthKind,
    EmptyFile,
    IncludeList,
    Item,
    Line,
    PassedOver,
    Unseen,
)
from pgssllint.postgres.include_bounds import IncludeBounds, LeftOff, Shared
from pgssllint.postgres.opener import Opener
from pgssllint.postgres.template_marks import MARK, template_mark
from pgssllint.postgres.unopened import word_not_opened
from pgssllint.quoting import Sentence, a_file, ours, say
from pgssllint.syntax.auth import AuthLine, Field, Value
from pgssllint.syntax.template_control import NOWHERE, long_comments
from pgssllint.text import UTF16_MARKS, Source, Span
from pgssllint.ways import Reason

MAX_DEPTH = 10
"""From 16 on, nothing nested deeper than this is opened (CONF_FILE_MAX_DEPTH); the main file is at depth 0."""

MAX_OWN_DEPTH = 100
"""What is nested deeper is not read, and the file is not complete: a bound of the linter's own."""

FIRST_TO_READ_FOLDERS = 14
"""From this major on a folder in place of a file reads like an empty file; the server only logs that it is one."""

_CRASHING_ON_LOOPS = frozenset({11, 12, 13})
"""The majors that die of an `@file` that leads back to itself; 10, 14 and 15 run out of file descriptors."""


def read_auth_file(
    main: Source, opener: Opener, major: int, make: Callable[[Line], Item | AuthFault], shared: Shared | None = None
) -> AuthFile[Item]:
    """What a server of `major` reads from `main` and the files it names. Raises nothing.

    `make` gives the record, mapping or entry of a line with fields. Where it finds the byte order mark of UTF-16, the
    rest of that file is left out, and the whole is not complete. `shared` is what was read for other clusters.
    """
    reading = _AuthReading(opener, major, literal=False, shared=shared)
    items: list[Item] = []
    faults: list[AuthFault] = []
    garbled: set[str] = set()
    once = Once(make)
    for found in reading.file(main, (), ()):
        if found.source.path in garbled:
            continue
        made = once.made(found) if isinstance(found, Line) else found
        if not isinstance(made, AuthFault):
            items.append(made)
            continue
        faults.append(made)
        if made.kind is AuthKind.BOM and made.source.data.startswith(UTF16_MARKS):
            garbled.add(made.source.path)
    return AuthFile(
        main=main,
        major=major,
        items=tuple(items),
        faults=tuple(faults),
        sources=tuple(reading.sources.values()),
        complete=reading.complete and not reading.templates and not garbled,
        templates=tuple(reading.templates),
        not_in_view=tuple(reading.not_in_view),
        include_lists=tuple(reading.include_lists),
        left_off=reading.left_off,
        at_files=frozenset(reading.at_files),
        passed_over=tuple(reading.passed_over),
    )


def literal_lines(main: Source, opener: Opener, major: int) -> Iterator[Line | AuthFault]:
    """The lines and faults as a server of `major` meets them, one by one: a template's expressions are words like any
    others, and from 16 on a loop is gone round as often as the server does. What the linter leaves off is told by a
    fault. Raises nothing.
    """
    return _AuthReading(opener, major, literal=True).file(main, (), ())


class _Word(NamedTuple):
    """A word that names a file, and the line the server would report."""

    source: Source
    line: int
    span: Span
    chain: tuple[Location, ...]
    ancestors: tuple[str, ...]
    reported: Source
    reported_line: int

    @property
    def location(self) -> Location:
        return Location(self.source.path, self.source, self.span)

    def fault(
        self,
        kind: AuthKind,
        log: LogLine | None,
        value: str = "",
        *,
        view: Sentence | None = None,
        opened: Opened | OpenedFolder | None = None,
    ) -> AuthFault:
        """The fault of the word; without `view` the view has the words of the log."""
        return AuthFault(
            kind=kind, source=self.source, line=self.line, span=self.span, log=log,
            view=log.sentence if view is None and log is not None else view, value=value, chain=self.chain,
            reported=self.reported, reported_line=self.reported_line, opened=opened,
        )  # fmt: skip


class _AuthReading:
    """What has been met so far."""

    def __init__(self, opener: Opener, major: int, *, literal: bool, shared: Shared | None = None) -> None:
        self._opener = opener
        self._major = major
        self._literal = literal
        self._dialect = dialect(major)
        self._token_limit = token_limit(major)
        self._lines = 0
        self._bounds = IncludeBounds(shared)
        self._contents = Contents(self._dialect, literal=literal)
        self._words: dict[str, list[Value]] = {}
        self.sources: dict[str, Source] = {}
        self.at_files: set[str] = set()
        self.templates: list[Location] = []
        self.not_in_view: list[Unseen] = []
        self.include_lists: list[IncludeList] = []
        self.passed_over: list[PassedOver] = []
        self.left_off: LeftOff | None = None
        self.complete = True

    def file(
        self, source: Source, chain: tuple[Location, ...], ancestors: tuple[str, ...], via: _Word | None = None
    ) -> Iterator[Line | AuthFault]:
        """The lines of a file; `via` is the word that names it where it is an `@file`."""
        again = source.path in self.sources
        self.sources.setdefault(source.path, source)
        if via is not None:
            self.at_files.add(source.path)
        ancestors = (*ancestors, source.path)
        lines, templated, plain, *_ = self._contents.of(source) if chain else self._contents.of_main(source)
        why = "" if chain else self._bounds.enter(source, source.spoken_lines)
        if why:
            self._leave_off(Location(source.path, source, source.line_span(1)), why)
            return
        plain, shift = plain and via is None, 0
        comments = long_comments(source.text) if templated else NOWHERE
        for found in lines:
            line = found._replace(line=found.line + shift) if shift and self._literal else found
            shift += found.counts
            self._lines += 1
            if self._lines > MAX_LINES and not self._literal:
                self._leave_off(Location(source.path, source, line.span), f"{MAX_LINES:,} lines were read")
                return
            mark = template_mark(source, line, comments) if templated else None
            if mark is not None:
                self.templates += [] if again else [Location(source.path, source, mark)]
                continue
            if plain and self._is_plain(line):
                yield Line(line.fields, source, line.line, line.last_line, line.span, chain)
                continue
            reported, number = (via.reported, via.reported_line) if via is not None else (source, line.line)
            word = _Word(source, line.line, line.span, chain, ancestors, reported=reported, reported_line=number)
            yield from self._line(line, word)

    def _leave_off(self, at: Location, why: str) -> None:
        self.complete = False
        self.left_off = self.left_off or LeftOff(at, why)

    def _is_plain(self, line: AuthLine) -> bool:
        """Whether a line without `@` is a record as it stands."""
        if line.too_long or line.fields[0].values[0].text in INCLUDE_WORDS:
            return False
        return self._token_limit is None or 4 * (line.span.end - line.span.start) < self._token_limit

    def _line(self, line: AuthLine, word: _Word) -> Iterator[Line | AuthFault]:
        if line.too_long:
            yield word.fault(AuthKind.LINE_TOO_LONG, auth_log.line_too_long())
            return
        expanded = self._expanded(line, word)
        if isinstance(expanded, AuthFault):
            yield expanded
            return
        fields, emptied = expanded
        if len(fields) == 2 and self._major >= INCLUDES_FROM and fields[0].values[0].text in INCLUDE_WORDS:
            if len(fields[1].values) > 1:
                self.include_lists.append(IncludeList(word.source, fields[1].values, word.chain))
            yield from self._include(fields[0].values[0].text, fields[1].values[0], word)
        elif fields:
            yield Line(fields, word.source, line.line, line.last_line, line.span, word.chain, emptied=emptied)

    def _expanded(self, line: AuthLine, word: _Word) -> tuple[tuple[Field, ...], tuple[EmptyFile, ...]] | AuthFault:
        """The fields of a line, each `@file` replaced by the values in it, and those that vanish, being left empty.

        The word for a file that is not in view stands as it is: there are values, and nobody can say which.
        """
        long = self._token_limit is not None and 4 * (line.span.end - line.span.start) >= self._token_limit
        if not long and word.source.text.find("@", line.span.start, line.span.end) < 0:
            return line.fields, ()
        fields: list[Field] = []
        emptied: list[EmptyFile] = []
        for field in line.fields:
            values: list[Value] = []
            empty: EmptyFile | None = None
            for value in field.values:
                if long and self._too_long(word.source, value):
                    at = _at(word, value.span)
                    return at.fault(AuthKind.TOKEN_TOO_LONG, auth_log.token_too_long(), value.text)
                if value.quoted or len(value.text) < 2 or value.text[0] != "@":
                    values.append(value)
                    continue
                found = self._at_file(value.text[1:], _at(word, value.span))
                if isinstance(found, AuthFault):
                    return found
                if found is None:
                    values.append(value)
                    continue
                file, inside = found
                empty = empty or EmptyFile(value.span, file, len(fields))
                values += [v._replace(span=value.span, origin=v.origin or file.path) for v in inside]
            if values:
                fields.append(Field(tuple(values)))
            elif empty is not None:
                emptied.append(empty)
        return tuple(fields), tuple(emptied)

    def _too_long(self, source: Source, value: Value) -> bool:
        """Whether a word overflows the server's buffer: checked before each character, a closing quote or comma too."""
        limit = self._token_limit or 0
        size = len(value.text.encode("utf-8", "surrogateescape"))
        after = source.text[value.span.end - 1 : value.span.end + 1]
        return size > limit or (size == limit and (after[:1] == '"' or after[1:] == ","))

    def _at_file(self, name: str, word: _Word) -> tuple[Source, list[Value]] | AuthFault | None:
        """An `@file` and all values in it, whatever fields they are in; None if that cannot be said."""
        opened = self._open(name, word, at_file=True)
        if isinstance(opened, AuthFault):
            return opened
        if opened is None:
            return None
        known = self._words.get(opened.path)
        if known is not None:
            return opened, known
        values: list[Value] = []
        for item in self.file(opened, (*word.chain, word.location), word.ancestors, word):
            if isinstance(item, AuthFault):
                return item
            words = enumerate((value for field in item.fields for value in field.values), len(values) + 1)
            values += [value._replace(origin=item.source.path, number=number) for number, value in words]
        if not values and MARK.search(opened.text):
            return None
        lines, templated, plain, *_ = self._contents.of(opened)
        if plain and not templated and all(map(self._is_plain, lines)):
            self._words[opened.path] = values
        return opened, values

    def _include(self, keyword: str, name: Value, word: _Word) -> Iterator[Line | AuthFault]:
        word = _at(word, name.span)
        if keyword != "include_dir":
            opened = self._open(name.text, word, optional=keyword == "include_if_exists")
            yield from self._included(opened, word)
            return
        if not name.text.strip(" \t\r\n"):
            yield word.fault(AuthKind.INCLUDE_MISSING, auth_log.empty_folder_name(name.text), name.text)
            return
        folder = self._opener.folder(name.text, word.source.path)
        if folder.presence is Presence.NOT_IN_VIEW:
            self._unseen(word, name.text, folder.reason)
        elif folder.presence is Presence.MISSING or folder.path is None:
            path = folder.path or name.text
            log = auth_log.folder_not_opened(path, errno_text(folder.reason))
            view = say('could not open directory "{}"', a_file(path))
            yield word.fault(AuthKind.INCLUDE_MISSING, log, name.text, view=view, opened=folder)
        else:
            for entry in folder.names:
                if entry.endswith(".conf") and not entry.startswith("."):
                    opened = self._open(entry, word, beside=f"{folder.path}/{entry}", in_folder=True)
                    yield from self._included(opened, word)

    def _included(self, opened: Source | AuthFault | None, word: _Word) -> Iterator[Line | AuthFault]:
        if isinstance(opened, AuthFault):
            yield opened
        elif opened is not None:
            via = word if word.reported is not word.source else None
            yield from self.file(opened, (*word.chain, word.location), word.ancestors, via)

    def _open(
        self,
        name: str,
        word: _Word,
        *,
        beside: str | None = None,
        at_file: bool = False,
        optional: bool = False,
        in_folder: bool = False,
    ) -> Source | AuthFault | None:
        """The file called `name`; None where there is nothing to read and nothing wrong, or nothing can be said."""
        depth = len(word.ancestors)
        why = self._bounds.spent if depth <= MAX_OWN_DEPTH else f"files are nested more than {MAX_OWN_DEPTH} deep"
        if why:
            return self._not_opened(word, why)
        if self._major >= INCLUDES_FROM and depth > MAX_DEPTH:
            return word.fault(AuthKind.INCLUDE_DEPTH, auth_log.nested_too_deep(name), name)
        opened = (self._opener.names if at_file else self._opener.open)(name, beside or word.source.path)
        if in_folder and opened.is_folder:
            return None
        if opened.presence is Presence.NOT_IN_VIEW:
            self._unseen(word, name, opened.reason)
            return None
        if opened.source is None:
            log = word_not_opened(name, opened, self._major, at_file=at_file)
            if opened.reason is Reason.DIRECTORY and self._major >= FIRST_TO_READ_FOLDERS and opened.path is not None:
                self.passed_over.append(PassedOver(word.span, word.chain, log))
                return Source(opened.path, b"")
            if optional and opened.reason is Reason.ABSENT:
                self.passed_over.append(PassedOver(word.span, word.chain, log))
                return None
            return word.fault(AuthKind.INCLUDE_MISSING, log, name, opened=opened)
        if opened.source.path in word.ancestors and not (self._literal and self._major >= INCLUDES_FROM):
            return word.fault(AuthKind.INCLUDE_LOOP, self._loop_log(opened.source, word), name, opened=opened)
        why = self._contents.enter(self._bounds, opened.source, words=at_file)
        return self._not_opened(word, why) if why else opened.source

    def _not_opened(self, word: _Word, why: str) -> AuthFault | None:
        self._leave_off(word.location, why)
        view = say("not read by the linter: {}", ours(why))
        return word.fault(AuthKind.LEFT_OFF, None, view=view) if self._literal else None

    def _unseen(self, word: _Word, name: str, why: Reason | None) -> None:
        self.complete = False
        self.not_in_view.append(Unseen(word.location, name, why or Reason.ABSENT))

    def _loop_log(self, source: Source, word: _Word) -> LogLine | None:
        """Where nothing includes another file, there is no limit either; None where the server crashes."""
        if self._major < INCLUDES_FROM:
            return None if self._major in _CRASHING_ON_LOOPS else auth_log.descriptors_spent(source.path)
        round_from = word.ancestors.index(source.path)
        circle = word.ancestors[round_from:]
        return auth_log.nested_too_deep(circle[(MAX_DEPTH + 1 - round_from) % len(circle)])


def _at(word: _Word, span: Span) -> _Word:
    return word._replace(span=span)
