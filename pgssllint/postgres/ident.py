"""pg_ident.conf as PostgreSQL of a given major reads it: parse_ident_line and check_ident_usermap in hba.c."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from pgssllint.finding import Location, LogLine, at_log
from pgssllint.postgres.auth_dialect import INCLUDES_FROM
from pgssllint.postgres.auth_file import read_auth_file
from pgssllint.postgres.auth_model import AuthFile, Line, read_at
from pgssllint.postgres.include_bounds import Shared
from pgssllint.postgres.opener import Opener
from pgssllint.quoting import Place, Quote, Sentence, ours
from pgssllint.syntax.auth import Field, Value
from pgssllint.text import Source, Span

if TYPE_CHECKING:
    from pgssllint.postgres.regex import Regex

FIELDS = ("map name", "system user name", "role name")
"""The fields of a line, as messages call them; what comes behind them is ignored."""

ROLE_WORDS_FROM = 16
"""From this major on the role may be `all`, `+role` or a regular expression; before, these are names like any other."""


_ANY_AT_START = re.compile(r"(?:\((?:\?:)?)*\.[*+]")
_ANY_AT_END = re.compile(r"(?<!\\)\.[*+]\??\)*\Z")


class IdentKind(StrEnum):
    """What makes the server refuse a line, and with it all maps."""

    MISSING_FIELD = "missing field"
    MULTIPLE_VALUES = "multiple values"
    BAD_REGEX = "bad regular expression"


class IdentFault(NamedTuple):
    """Why the server refuses a line. `quote` is the name of the field that is missing or has several values, or the
    regular expression; `reason` says what is wrong with that.

    `log` is what the server of the target major writes (without a CONTEXT line); `view` is the text in the error column
    of pg_ident_file_mappings, which there is from 15 on.
    """

    kind: IdentKind
    span: Span
    log: LogLine
    view: Sentence
    quote: Quote
    reason: str = ""

    @property
    def value(self) -> str:
        """The text of the quote."""
        return self.quote.text


class RoleKind(StrEnum):
    """What the role field of a line stands for."""

    NAME = "name"
    ALL = "all"
    MEMBERS = "members"
    PATTERN = "pattern"


class Mapping(NamedTuple):
    """One line for the target `major`: a map's name, a system user name and the role it may log in as.

    `faults` are in the server's order, which stops at the first; with one, the server refuses all maps. What a fault
    kept from being read is None. `line` counts from 1; `span` is that of the line without its comment. `system_pattern`
    and `role_pattern` tell of a system user name and a role that are regular expressions (without the slash). `chain`
    holds the include records that brought the line in, outermost first.
    """

    source: Source
    line: int
    span: Span
    major: int
    fields: tuple[Field, ...]
    map_name: Value | None = None
    system_user: Value | None = None
    role: Value | None = None
    system_pattern: "Regex | None" = None
    role_pattern: "Regex | None" = None
    faults: tuple[IdentFault, ...] = ()
    chain: tuple[Location, ...] = ()

    @property
    def location(self) -> Location:
        """Where the line stands."""
        return Location(self.source.path, self.source, self.span)

    @property
    def surplus(self) -> tuple[Value, ...]:
        """The values behind the third field, which the server does not look at."""
        return tuple(value for field in self.fields[len(FIELDS) :] for value in field.values)

    @property
    def written_role(self) -> RoleKind:
        """What the role looks like, whether or not the target takes it for that."""
        role = self.role
        if role is not None and role.text.startswith("/"):
            return RoleKind.PATTERN
        if role is None or role.quoted:
            return RoleKind.NAME
        if role.text == "all":
            return RoleKind.ALL
        return RoleKind.MEMBERS if role.text.startswith("+") else RoleKind.NAME

    @property
    def role_kind(self) -> RoleKind:
        """What the role is on the target."""
        return self.written_role if self.major >= ROLE_WORDS_FROM else RoleKind.NAME

    @property
    def describes_whole_name(self) -> bool:
        """Whether a system user name that is a pattern says how names begin and end: by an anchor, or by `.*`, which
        takes whatever there is.
        """
        pattern = self.system_pattern
        if pattern is None or pattern.matches_all or pattern.matches_none:
            return True
        text = pattern.pattern
        plain = "|" not in text and not text.startswith("***")
        starts = pattern.anchored_start or (plain and _ANY_AT_START.match(text) is not None)
        return starts and (pattern.anchored_end or (plain and _ANY_AT_END.search(text) is not None))

    @property
    def wants_group(self) -> bool:
        r"""Whether the role holds `\1`, for the part of the system user name that the pattern's first group matched."""
        return self.role is not None and self.role_kind is RoleKind.NAME and r"\1" in self.role.text


Ident = AuthFile[Mapping]
"""A pg_ident.conf with all that it includes. With a fault a server starts without any map, and keeps the old ones at a
reload; a file without lines is fine.
"""


def complaints(ident: Ident) -> Iterator[LogLine]:
    """What a starting server writes of the file, in its order: of a line the first thing that it does not like."""
    for line in ident.said_while_read:
        if line is None:
            return
        yield line
    for mapping in sorted(ident.items, key=lambda one: read_at(one.chain, one.span)):
        yield from (fault.log for fault in mapping.faults[:1])


def read_ident(main: Source, opener: Opener, major: int, shared: Shared | None = None) -> Ident:
    """The mappings and faults of `main` and all it includes, for a server of `major`. Raises nothing."""
    return read_auth_file(main, opener, major, MappingReader(major).mapping, shared)


class MappingReader:
    """Makes mappings of lines for one major."""

    def __init__(self, major: int) -> None:
        self._major = major
        self._patterns: dict[str, Regex] = {}

    def mapping(self, line: Line) -> Mapping:
        """The mapping of a line, with its fault. Raises nothing."""
        values: list[Value] = []
        fault = None
        for number, name in enumerate(FIELDS):
            if number >= len(line.fields):
                fault = self._missing(line, name)
                break
            found = line.fields[number].values
            if len(found) > 1:
                log = at_log("multiple values in ident field")
                fault = IdentFault(IdentKind.MULTIPLE_VALUES, found[1].span, log, log.sentence, ours(name))
                break
            values.append(found[0])
        map_name, system_user, role = (*values, None, None, None)[:3]
        system_pattern = self._pattern(system_user) if fault is None else None
        role_pattern = self._pattern(role) if fault is None and self._major >= ROLE_WORDS_FROM else None
        if fault is None:
            fault = _bad_regex(system_user, system_pattern) or _bad_regex(role, role_pattern)
        return Mapping(
            source=line.source,
            line=line.line,
            span=line.span,
            major=self._major,
            fields=line.fields,
            map_name=map_name,
            system_user=system_user,
            role=role,
            system_pattern=system_pattern,
            role_pattern=role_pattern,
            faults=() if fault is None else (fault,),
            chain=line.chain,
        )

    def _missing(self, line: Line, name: str) -> IdentFault:
        plain = at_log("missing entry at end of line")
        log = plain
        if self._major < INCLUDES_FROM:
            log = at_log('missing entry in file "{}" at end of line {}', ours(line.source.path), line.line)
        return IdentFault(IdentKind.MISSING_FIELD, line.span, log, plain.sentence, ours(name))

    def _pattern(self, value: Value | None) -> "Regex | None":
        """The regular expression that a value is, quotes or not."""
        if value is None or not value.text.startswith("/"):
            return None
        from pgssllint.postgres.regex import read_regex

        text = value.text[1:]
        found = self._patterns.get(text)
        if found is None:
            found = self._patterns[text] = read_regex(text, self._major)
        return found


def _bad_regex(value: Value | None, pattern: "Regex | None") -> IdentFault | None:
    if value is None or pattern is None or pattern.error is None:
        return None
    log = at_log(
        'invalid regular expression "{}": {}',
        value.quote(Place.PATTERN)._replace(text=pattern.pattern),
        ours(pattern.error),
    )
    return IdentFault(IdentKind.BAD_REGEX, value.span, log, log.sentence, value.name, pattern.error)


def no_group_log(pattern: Quote, role: Quote) -> LogLine:
    r"""What a server logs at a login where the `role` has a `\1` and the `pattern` no group (check_ident_usermap)."""
    words = 'regular expression "{}" has no subexpressions as requested by backreference in "{}"'
    return at_log(words, pattern, role)
