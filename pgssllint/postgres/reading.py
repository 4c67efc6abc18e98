"""Reading postgresql.conf and what it includes, in the server's order.

How files follow one another is the server's ParseConfigFp, ParseConfigFile and ParseConfigDirectory (guc-file.l up to
15, guc-file.c and conffiles.c after), the same on every major.
"""

import os
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from pgssllint.endings import TEMPLATES
from pgssllint.files import Opened, OpenedFolder, Presence, errno_text
from pgssllint.finding import Location, LogLevel, LogLine, log_line
from pgssllint.postgres import conf_log
from pgssllint.postgres.entries import Entries, Entry, Include, Origin, SettingsFault, SettingsKind, unknown_name_log
from pgssllint.postgres.include_bounds import IncludeBounds, LeftOff, Shared
from pgssllint.postgres.opener import Opener
from pgssllint.postgres.parameters import folded
from pgssllint.quoting import NOTHING, Place, Quote, a_file, ours, setting_value
from pgssllint.syntax import conf
from pgssllint.syntax.tree import SyntaxFault, Token
from pgssllint.text import BYTE_ORDER_MARK, UTF16_MARKS, Source, Span
from pgssllint.ways import Reason

MAX_DEPTH = 10
"""The main file is at depth 0, and nothing deeper than this is read (CONF_FILE_MAX_DEPTH)."""

MAX_SYNTAX_ERRORS = 100
"""After so many in one file the server leaves it."""

MAX_ENTRIES = 150_000
"""Where more is set, reading stops and the settings are not complete: a bound of the linter's own."""


def read_entries(
    main: Source,
    opener: Opener,
    *,
    origin: Origin = "file",
    like_the_view: bool = False,
    shared: Shared | None = None,
) -> Entries:
    """What a server of any major reads of `main` and all that it includes, `origin` being postgresql.conf or auto.conf.

    A server reports every syntax error; `like_the_view` leaves a file at its first one, as pg_file_settings does.
    `shared` is what was read for other clusters. Raises nothing, whatever the bytes.
    """
    reading = ConfReading(opener, like_the_view=like_the_view, shared=shared)
    reading.file(main, (), origin)
    return Entries(
        all=tuple(reading.entries),
        faults=tuple(reading.faults),
        items=tuple(reading.items),
        sources=tuple(reading.sources.values()),
        includes=tuple(reading.includes),
        templates=tuple(reading.templates),
        complete=reading.complete,
        left_off=reading.left_off,
    )


class _Place(NamedTuple):
    """A file being read: the include directives that led to it, and the paths of the files they stand in."""

    source: Source
    chain: tuple[Location, ...]
    origin: Origin
    again: bool
    """Whether it was read before: its faults are known then."""

    @property
    def ancestors(self) -> tuple[str, ...]:
        """The paths from the main file to this one."""
        return (*(at.path for at in self.chain), self.source.path)


class ConfReading:
    """What has been read so far; a method for each thing met on the way.

    With `like_the_view`, a file is left at its first syntax error, as pg_file_settings does, templates are text like
    any other, and loops are gone round as the server does. `items` are the entries and faults in the server's order.
    """

    def __init__(self, opener: Opener, *, like_the_view: bool, shared: Shared | None = None) -> None:
        self._opener = opener
        self._like_the_view = like_the_view
        self._bounds = IncludeBounds(shared)
        self._contents: dict[bytes, tuple[conf.ConfLine, ...]] = {}
        self.entries: list[Entry] = []
        self.faults: list[SettingsFault] = []
        self.items: list[Entry | SettingsFault] = []
        self.sources: dict[str, Source] = {}
        self.includes: list[Include] = []
        self.templates: list[Location] = []
        self.complete = True
        self.left_off: LeftOff | None = None

    def file(self, source: Source, chain: tuple[Location, ...], origin: Origin) -> bool:
        """Read a file and what it includes; whether the server finds nothing wrong with it."""
        known = self._contents.get(source.data, ())
        why = self._bounds.spent or self._bounds.enter(source, len(known) or source.spoken_lines)
        if why:
            self._leave_off(chain or (Location(source.path, source, source.line_span(1)),), why)
            return True
        place = _Place(source, chain, origin, source.path in self.sources)
        self.sources.setdefault(source.path, source)
        if source.data.startswith(UTF16_MARKS):
            return self._utf16(place)
        good, errors = True, 0
        by_name = source.path.endswith(TEMPLATES)
        template_on = conf.template_lines(source, by_name=by_name) if not self._like_the_view else None
        for line in known or self._lines(source, included=bool(chain)):
            if len(self.entries) >= MAX_ENTRIES:
                self._stop(Location(source.path, source, line.span), f"{MAX_ENTRIES:,} settings were read")
                break
            template = template_on(line.span) if template_on is not None else None
            if template is not None:
                self._template(place, line, template)
            elif isinstance(line.tree, SyntaxFault):
                good, errors = False, errors + 1
                self._syntax_fault(place, line, line.tree)
                if self._like_the_view:
                    break
                if errors >= MAX_SYNTAX_ERRORS:
                    self.complete = False
                    log = conf_log.too_many_errors(source.path)
                    self._fault(place, SettingsKind.TOO_MANY_ERRORS, line.span, line.line, log)
                    break
            else:
                good = self._assignment(place, line, conf.assignment(line.tree)) and good
        return good

    def _lines(self, source: Source, *, included: bool) -> Iterable[conf.ConfLine]:
        """The lines of a file; those of one that is included are kept, as it may be again."""
        lines = conf.parse(source)
        if not included:
            return lines
        return self._contents.setdefault(source.data, tuple(islice(lines, MAX_ENTRIES + 1)))

    def _leave_off(self, chain: tuple[Location, ...], why: str) -> None:
        """Read nothing of what an include has led to."""
        *above, at = chain
        self._stop(at, why)
        if self._like_the_view and at.source is not None and at.span is not None:
            place, line = _Place(at.source, tuple(above), "file", again=True), at.source.position(at.span.start)[0]
            log = log_line(LogLevel.LOG, "not read by the linter: {}", ours(why))
            self._fault(place, SettingsKind.LEFT_OFF, at.span, line, log)

    def _stop(self, at: Location, why: str) -> None:
        self.complete = False
        self.left_off = self.left_off or LeftOff(at, why)

    def _assignment(self, place: _Place, line: conf.ConfLine, parts: conf.Assignment) -> bool:
        source = place.source
        name = source.text[parts.name.start : parts.name.end]
        value = conf.decoded(source, parts.value)
        keyword = folded(name)
        if keyword in ("include", "include_if_exists"):
            return self._include(place, line.line, parts.value, value, keyword)
        if keyword == "include_dir":
            return self._include_dir(place, line.line, parts.value, value)
        entry = Entry(
            name, value, source, parts.name.span, parts.value.span, line.line, chain=place.chain, origin=place.origin
        )
        self._entry(entry)
        if line.span.start == 0 and name.startswith(BYTE_ORDER_MARK):
            self._fault(place, SettingsKind.BOM, Span(0, 1), 1, unknown_name_log(entry), entry=entry)
        return True

    def _syntax_fault(self, place: _Place, line: conf.ConfLine, fault: SyntaxFault) -> None:
        source, token = place.source, conf.near(place.source, fault)
        reported = _reported_line(source, line, token)
        near = _quoted(source, fault, token)
        log = conf_log.syntax_error(source.path, reported, near)
        if line.span.start == 0 and source.text.startswith(BYTE_ORDER_MARK):
            self._fault(place, SettingsKind.BOM, Span(0, 1), 1, log, reported_line=reported)
            return
        value = conf.unquoted_value(source, line.span)
        if value is not None:
            shown = setting_value(_name(source, fault), source.text[value.start : value.end])
            self._fault(place, SettingsKind.UNQUOTED_VALUE, value, line.line, log, token=shown, reported_line=reported)
            return
        at_token = fault.token is not None and token is not None
        span = fault.token.span if fault.token is not None and at_token else _trimmed(fault, line.span)
        self._fault(place, SettingsKind.SYNTAX, span, line.line, log, token=near, reported_line=reported)

    def _utf16(self, place: _Place) -> bool:
        self.complete = False
        source, near, reported = place.source, None, 1
        for line in conf.parse(source):
            if isinstance(line.tree, SyntaxFault):
                token = conf.near(source, line.tree)
                near, reported = _quoted(source, line.tree, token), _reported_line(source, line, token)
                break
        log = conf_log.syntax_error(source.path, reported, near)
        self._fault(place, SettingsKind.BOM, Span(0, 1), 1, log, reported_line=reported)
        return False

    def _template(self, place: _Place, line: conf.ConfLine, template: conf.TemplateLine) -> None:
        source = place.source
        if not place.again:
            self.templates.append(Location(source.path, source, template.mark))
        name = source.text[template.name.start : template.name.end] if template.name is not None else ""
        if template.name is None or folded(name) in ("include", "include_if_exists", "include_dir"):
            self.complete = False
            return
        value = source.text[template.value.start : template.value.end]
        spans = template.name, template.value
        unwritten = Entry(name, value, source, *spans, line.line, chain=place.chain, origin=place.origin, unknown=True)
        self._entry(unwritten)

    def _include(self, place: _Place, line: int, token: Token, name: str, keyword: str) -> bool:
        if not name.strip(" \t\r\n"):
            log = conf_log.empty_file_name(name)
            self._fault(place, SettingsKind.INCLUDE_EMPTY_NAME, token.span, line, log, token=a_file(name))
            return False
        if len(place.chain) >= MAX_DEPTH:
            self._too_deep(place, line, token.span, name, name)
            return False
        opened = self._opener.open(name, place.source.path)
        self._included(place, keyword, name, token, line, opened)
        return self._opened(place, line, token.span, opened, keyword == "include_if_exists")

    def _include_dir(self, place: _Place, line: int, token: Token, name: str) -> bool:
        if not name.strip(" \t\r\n"):
            log = conf_log.empty_folder_name(name)
            self._fault(place, SettingsKind.INCLUDE_EMPTY_NAME, token.span, line, log, token=a_file(name))
            return False
        folder = self._opener.folder(name, place.source.path)
        self._included(place, "include_dir", name, token, line, folder)
        if folder.presence is not Presence.HERE or folder.path is None:
            log = conf_log.folder_not_opened(folder.path or name, errno_text(folder.reason))
            return self._absent(place, line, token.span, folder, log)
        shut = [name for name in folder.shut if _is_member(name)]
        if shut:
            self._shut(place, line, token.span, folder.path, shut)
            return False
        for entry in filter(_is_member, folder.names):
            if len(place.chain) >= MAX_DEPTH:
                self._too_deep(place, line, token.span, name, os.path.join(folder.path, entry))
                return False
            opened = self._opener.open(entry, os.path.join(folder.path, entry))
            if opened.is_folder:
                continue
            if not self._opened(place, line, token.span, opened, False):
                return False
        return True

    def _opened(self, place: _Place, line: int, span: Span, opened: Opened, optional: bool) -> bool:
        """Read what an include has led to."""
        source = opened.source
        if source is None:
            if optional and opened.presence is Presence.MISSING and opened.reason is not Reason.DIRECTORY:
                return True
            path = opened.path or opened.name
            log = conf_log.file_not_opened(path, errno_text(opened.reason))
            if opened.reason is Reason.DIRECTORY:
                log = conf_log.folder_in_place_of_file(path)
            return self._absent(place, line, span, opened, log)
        if source.path == place.source.path:
            log = conf_log.recursion(source.path)
            self._fault(place, SettingsKind.INCLUDE_LOOP, span, line, log, token=a_file(opened.name), opened=opened)
            return False
        if source.path in place.ancestors and not self._like_the_view:
            log = conf_log.nested_too_deep(_eleventh(place, source))
            self._fault(place, SettingsKind.INCLUDE_LOOP, span, line, log, token=a_file(opened.name), opened=opened)
            return False
        directive = Location(place.source.path, place.source, span)
        return self.file(source, (*place.chain, directive), place.origin)

    def _shut(self, place: _Place, line: int, span: Span, folder: str, members: Sequence[str]) -> None:
        """The server may not go into an included folder, whose members come in the order of the disk."""
        path, first = os.path.join(folder, min(members)), os.path.join(folder, members[0])
        opened = self._opener.open(min(members), path)
        log = conf_log.file_not_opened(path, errno_text(opened.reason))
        earlier, kind = conf_log.member_not_looked_at(first, errno_text(opened.reason)), SettingsKind.INCLUDE_MISSING
        self._fault(place, kind, span, line, log, token=a_file(opened.name), opened=opened, earlier=earlier)

    def _absent(self, place: _Place, line: int, span: Span, opened: Opened | OpenedFolder, log: LogLine) -> bool:
        unseen = opened.presence is Presence.NOT_IN_VIEW
        self.complete = self.complete and not unseen
        kind = SettingsKind.INCLUDE_NOT_IN_VIEW if unseen else SettingsKind.INCLUDE_MISSING
        self._fault(place, kind, span, line, log, token=a_file(opened.name), opened=opened)
        return unseen

    def _too_deep(self, place: _Place, line: int, span: Span, name: str, path: str) -> None:
        log = conf_log.nested_too_deep(path)
        self._fault(place, SettingsKind.INCLUDE_DEPTH, span, line, log, token=a_file(name))

    def _included(
        self, place: _Place, keyword: str, name: str, token: Token, line: int, opened: Opened | OpenedFolder
    ) -> None:
        found = Include(keyword, name, place.source, token.span, line, chain=place.chain, opened=opened)
        self.includes.append(found)

    def _fault(
        self,
        place: _Place,
        kind: SettingsKind,
        span: Span,
        line: int,
        log: LogLine,
        *,
        token: Quote | None = None,
        reported_line: int | None = None,
        opened: Opened | OpenedFolder | None = None,
        entry: Entry | None = None,
        earlier: LogLine | None = None,
    ) -> None:
        if not place.again or self._like_the_view:
            reported = line if reported_line is None else reported_line
            found = SettingsFault(
                kind=kind, source=place.source, span=span, line=line, token=token or NOTHING, chain=place.chain,
                log=log, reported_line=reported, opened=opened, entry=entry, earlier=earlier,
            )  # fmt: skip
            self.faults.append(found)
            self.items.append(found)

    def _entry(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.items.append(entry)


def _is_member(name: str) -> bool:
    """Whether a file of an included folder is read."""
    return name.endswith(".conf") and not name.startswith(".")


def _reported_line(source: Source, line: conf.ConfLine, token: str | None) -> int:
    """The line that the server names; at the end of a file without a last line feed it counts one too few."""
    return line.line if token is not None or line.span.end < len(source.text) else line.line - 1


def _name(source: Source, fault: SyntaxFault) -> str:
    """The first word of a line that does not parse."""
    first = fault.tokens[0]
    return source.text[first.start : first.end]


def _quoted(source: Source, fault: SyntaxFault, token: str | None) -> Quote | None:
    """The token that a syntax error names: the name, the value of what stands before it, or what follows that."""
    if token is None or fault.token is None:
        return None
    before = [one for one in fault.tokens if one.start < fault.token.start and one.type != "EQUALS"]
    if not before:
        return Quote(token, Place.WORD)
    return setting_value(_name(source, fault), token) if len(before) == 1 else Quote(token, Place.REST)


def _trimmed(fault: SyntaxFault, line: Span) -> Span:
    """The terminals of a line that ends too soon, without its comment."""
    said = [token for token in fault.tokens if token.type != "COMMENT"]
    return Span(said[0].start, said[-1].end) if said else line


def _eleventh(place: _Place, source: Source) -> str:
    """The file that a server going round a loop is about to read when it has had enough."""
    round_from = place.ancestors.index(source.path)
    circle = place.ancestors[round_from:]
    return circle[(MAX_DEPTH + 1 - round_from) % len(circle)]
