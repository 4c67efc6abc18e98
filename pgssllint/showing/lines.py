"""What each word of a line is, by the grammar of its file: what a report may show of the line follows from it.

The words of a line are looked at in the server's order. Behind the first that no release could take in its place the
line is not what it seems to be, and nothing but words of the grammars is known of what follows.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType

from pgssllint.languages import Language
from pgssllint.postgres.address import parse_ip
from pgssllint.postgres.auth_dialect import INCLUDE_WORDS
from pgssllint.postgres.hba_model import CONNECTION_TYPES
from pgssllint.postgres.hba_options import METHODS, OPTIONS
from pgssllint.postgres.parameters import majors_of
from pgssllint.quoting import Place
from pgssllint.showing.launches import launch
from pgssllint.showing.start_words import options, stated, version
from pgssllint.showing.word import Word, unquoted
from pgssllint.syntax import auth, conf
from pgssllint.syntax.reader import reader
from pgssllint.syntax.tree import Token
from pgssllint.text import Source, Span


def words_of(source: Source, line: int, language: Language) -> Iterator[Word]:
    """The words of line number `line` (from 1), in order; what stands between them is blanks and signs."""
    return _WORDS[language](source, line)


def values_of_records(source: Source) -> Iterator[str]:
    """The values in the fields of a file of records, quotes resolved, and the roles of which members are meant."""
    tokens = reader("auth_file").tokens
    for number in range(1, source.line_count + 1):
        span = source.line_span(number)
        for token in tokens(source.text, *span):
            if token.type == "VALUE":
                value = auth.unquote(source.text[token.start : token.end])
                yield value
                yield value.removeprefix("+")


def _comment(text: str, start: int, end: int) -> Iterator[Word]:
    """A comment, from its `#`: nothing of it is shown but the rules that a suppression names and its
    last day.
    """
    last = end - text.endswith("\\", start, end)
    directive = _DIRECTIVE.match(text, start, last)
    if directive is None:
        yield Word(Span(start + 1, last), Place.STRING, comment=True)
        return
    said = "other" if directive["said"] is None else "said"
    yield Word(Span(*directive.span(said)), Place.REST, comment=True)
    yield Word(Span(directive.end(), last), Place.STRING, comment=True)


_DIRECTIVE = re.compile(
    r"#[ \t]*pgssllint:(?:[ \t]*ignore(?:-file)?\[(?P<said>[^\]\n]*)\]|(?P<other>[^\n]*))"
    r"(?:[ \t]+until[ \t]+\d{4}-\d\d-\d\d(?!\S))?"
)


def _conf(source: Source, line: int) -> Iterator[Word]:
    text, span = source.text, source.line_span(line)
    read = reader("postgresql_conf")
    tokens = read.tokens(text, *span)
    comment = next((token.start for token in tokens if token.type == "COMMENT"), span.end)
    if comment < span.end:
        yield from _comment(text, comment, span.end)
    said = [token for token in tokens if token.start < comment]
    if said:
        yield from _setting(source, Span(said[0].start, comment), said)


def _setting(source: Source, span: Span, said: Sequence[Token]) -> Iterator[Word]:
    text = source.text
    name = text[said[0].start : said[0].end]
    assigned = len(said) > 1 and said[1].type == "EQUALS"
    yield Word(said[0].span, Place.ASSIGNED if assigned else Place.WORD)
    rest = said[1 + assigned :]
    if not rest:
        return
    whole = _value(source, span, rest)
    if whole is not None:
        yield Word(unquoted(text, whole), Place.SETTING, name)
        if whole.end < span.end:
            yield Word(Span(whole.end, span.end), Place.REST)
        return
    yield Word(unquoted(text, rest[0].span), Place.SETTING, name)
    for token in rest[1:]:
        yield Word(unquoted(text, token.span), Place.REST)


def _value(source: Source, span: Span, rest: Sequence[Token]) -> Span | None:
    """The value of a line whose template has yet to be filled, or for want of quotes of which it is refused."""
    template = conf.template_line(source, span)
    if template is not None and template.name is not None:
        return template.value
    return conf.unquoted_value(source, span) if len(rest) > 1 or rest[0].type == "QUALIFIED_ID" else None


_Judged = tuple[Place, str, bool]
"""What a value of a field is: its place, what that is of, and whether it may stand there."""


def _records(
    judge: Callable[[Sequence[Sequence[str]]], Iterator[Iterator[_Judged]]], source: Source, line: int
) -> Iterator[Word]:
    """The words of a line of fields. `judge` says of the values of each field what they are."""
    text, span = source.text, source.line_span(line)
    tokens = reader("auth_file").tokens(text, *span)
    comment = next((token.start for token in tokens if token.type == "COMMENT"), span.end)
    if comment < span.end:
        yield from _comment(text, comment, span.end)
    fields = list(_fields(tokens))
    if _is_continued(source, line):
        yield from (Word(token.span, Place.REST) for token in chain.from_iterable(fields))
        return
    raw = [[text[token.start : token.end] for token in field] for field in fields]
    judged = chain.from_iterable(judge([[auth.unquote(word) for word in field] for field in raw]))
    lost = False
    for token, word in zip(chain.from_iterable(fields), chain.from_iterable(raw), strict=True):
        if lost:
            yield Word(token.span, Place.REST)
            continue
        place, of, fits = next(judged)
        yield from _value_words(text, token, place, of)
        lost = not fits or word.count('"') % 2 == 1


def _fields(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    field: list[Token] = []
    for token in tokens:
        if token.type == "VALUE":
            field.append(token)
        elif token.type != "JOIN" and field:
            yield field
            field = []
    if field:
        yield field


def _is_continued(source: Source, line: int) -> bool:
    """Whether a backslash at the end of the line before joins this one to it, on the majors that have that."""
    return line > 1 and source.line(line - 1).endswith("\\")


def _value_words(text: str, token: Token, place: Place, of: str) -> Iterator[Word]:
    """A value with its quotes; where they do not just enclose it or its part behind the equals sign, it is a string
    unless it is harmless without them.
    """
    word = text[token.start : token.end]
    if place is Place.OPTION:
        yield from _option_words(text, token)
        return
    inner = unquoted(text, token.span)
    if '"' in text[inner.start : inner.end]:
        yield Word(token.span, Place.REST if word.count('"') % 2 else Place.STRING)
    else:
        quoted = inner != token.span and place is Place.NAME
        yield Word(inner, Place.QUOTED_NAME if quoted else place, of)


def _option_words(text: str, token: Token) -> Iterator[Word]:
    """`name=value`, `name="value"` or `"name=value"`."""
    inner = unquoted(text, token.span)
    middle = text.find("=", *inner)
    if middle < 0:
        yield Word(inner, Place.WORD)
        return
    name = text[inner.start : middle]
    value = unquoted(text, Span(middle + 1, inner.end))
    yield Word(Span(inner.start, middle), Place.ASSIGNED)
    if '"' in text[value.start : value.end] or '"' in name:
        yield Word(Span(value.start + text.startswith('"', value.start), value.end), Place.STRING)
    else:
        yield Word(value, Place.OPTION, name)


def _hba(fields: Sequence[Sequence[str]]) -> Iterator[Iterator[_Judged]]:
    if fields and _is_include(fields):
        yield from _include(fields)
        return
    places = iter(fields)
    first = next(places, ())
    yield ((Place.WORD, "", word in CONNECTION_TYPES) for word in first)
    yield from (_all(field, Place.NAME) for field in (next(places, ()), next(places, ())))
    if "local" not in first:
        address = next(places, ())
        yield _all(address, Place.ADDRESS)
        if any(parse_ip(word) is not None for word in address):
            yield _all(next(places, ()), Place.ADDRESS)
    yield ((Place.METHOD, "", word in METHODS) for word in next(places, ()))
    for field in places:
        yield ((Place.OPTION, "", _is_option(word)) for word in field)


def _is_option(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and (name in OPTIONS or name.startswith("validator."))


def _ident(fields: Sequence[Sequence[str]]) -> Iterator[Iterator[_Judged]]:
    if _is_include(fields):
        yield from _include(fields)
        return
    # A map is called by a name; behind a mark of something else the line is none of a map.
    yield from (((Place.NAME, "", not {":", "="}.intersection(word)) for word in field) for field in fields[:1])
    yield from (_all(field, Place.NAME) for field in fields[1:3])
    yield from (_all(field, Place.REST) for field in fields[3:])


def _hosts(fields: Sequence[Sequence[str]]) -> Iterator[Iterator[_Judged]]:
    if _is_include(fields):
        yield from _include(fields)
        return
    places = (Place.NAME, Place.PATH, Place.PATH, Place.PATH, Place.COMMAND, Place.SCALAR)
    yield from (_all(field, place) for field, place in zip(fields, places, strict=False))
    yield from (_all(field, Place.REST) for field in fields[len(places) :])


def _is_include(fields: Sequence[Sequence[str]]) -> bool:
    return len(fields) == 2 and fields[0][0] in INCLUDE_WORDS


def _include(fields: Sequence[Sequence[str]]) -> Iterator[Iterator[_Judged]]:
    yield _all(fields[0], Place.WORD)
    yield _all(fields[1], Place.PATH)


def _all(field: Sequence[str], place: Place) -> Iterator[_Judged]:
    return ((place, "", True) for _ in field)


def _names(source: Source, line: int) -> Iterator[Word]:
    """The words of an `@file`."""
    text, span = source.text, source.line_span(line)
    for token in reader("auth_file").tokens(text, *span):
        if token.type == "COMMENT":
            yield from _comment(text, token.start, token.end)
        elif token.type == "VALUE":
            yield Word(unquoted(text, token.span), Place.NAME, of=FROM_A_FILE)


FROM_A_FILE = "@"
"""What a word is of that stands in an `@file`: it is shown where it stands in a record too."""


_MARKER = re.compile(r"\W*(?:BEGIN|END) [A-Z0-9 ]{1,40}(?:(?=\W)\W*|\Z)", re.IGNORECASE)


def _pem(source: Source, line: int) -> Iterator[Word]:
    """The markers of PEM; whatever else stands in such a file, or in one of an unknown kind, is a string."""
    text, span = source.text, source.line_span(line)
    at = span.start
    for hit in _MARKER.finditer(text, *span):
        yield Word(Span(at, hit.start()), Place.STRING)
        yield Word(Span(*hit.span()), Place.REST)
        at = hit.end()
    yield Word(Span(at, span.end), Place.STRING)


_WORDS: Mapping[Language, Callable[[Source, int], Iterator[Word]]] = MappingProxyType(
    {
        Language.SETTINGS: _conf,
        Language.HBA: lambda source, line: _records(_hba, source, line),
        Language.IDENT: lambda source, line: _records(_ident, source, line),
        Language.HOSTS: lambda source, line: _records(_hosts, source, line),
        Language.NAMES: _names,
        Language.LAUNCH: launch,
        Language.OPTIONS: options,
        Language.STATED: stated,
        Language.VERSION: version,
        Language.OTHER: _pem,
    }
)


def reads_as(source: Source, language: Language) -> bool:
    """Whether most lines of an included file could be nothing but lines of its kind; an empty one reads as any, and one
    in ASCII armour as none.
    """
    lines = [line.strip() for line in source.text.splitlines()[:2000]]
    said = [line for line in lines if line and not line.startswith("#")]
    form = _FORMS.get(language)
    if form is None or not said:
        return True
    if any(line.startswith("-----BEGIN ") for line in said):
        return False
    hits = [hit for line in said if (hit := form.match(line)) is not None]
    if language is Language.SETTINGS:
        hits = [hit for hit in hits if majors_of(hit[1]) or hit[1].startswith("include")]
    return 2 * len(hits) > len(said)


_INCLUDING = r"include(?:_if_exists|_dir)?\s+\S+\Z"
_FORMS: Mapping[Language, re.Pattern[str]] = MappingProxyType(
    {
        Language.SETTINGS: re.compile(r"([A-Za-z_]\w*)\s*(?:=|\s)"),
        Language.HBA: re.compile(rf"(?:local|host(?:no)?(?:ssl|gssenc)?)\s+\S+\s+\S+|{_INCLUDING}"),
        Language.IDENT: re.compile(rf"[^\s=:]+\s+(?:\"[^\"=:]*\"|[^\s=:]+)\s+[^\s=:]+\s*(?:#.*)?\Z|{_INCLUDING}"),
        Language.HOSTS: re.compile(rf"[^\s=:]+(?:\s+[^\s=:]*[./][^\s=:]*){{2}}(?:\s|\Z)|{_INCLUDING}"),
    }
)
