"""The words of what says how a server is started: its last options, what a user states, and the version of its data."""

from collections.abc import Iterator

from pgssllint.postgres.start_options import given_by
from pgssllint.quoting import Place
from pgssllint.showing.word import Word
from pgssllint.target import VERSION
from pgssllint.text import Source, Span


def options(source: Source, line: int) -> Iterator[Word]:
    """The settings that the options of a postmaster.opts give; all else is a string."""
    span = source.line_span(line)
    at = span.start
    for given in given_by(source):
        if span.start <= given.value_span.start and given.value_span.end <= span.end:
            yield Word(Span(at, given.value_span.start), Place.REST)
            yield Word(given.value_span, Place.SETTING, given.name.replace("-", "_"))
            at = max(at, given.value_span.end)
    yield Word(Span(at, span.end), Place.REST)


def stated(source: Source, line: int) -> Iterator[Word]:
    """A setting as the option --set takes it: a name, an equals sign, and all else is the value."""
    text, span = source.text, source.line_span(line)
    equals = text.find("=", *span)
    middle = span.end if equals < 0 else equals
    yield Word(Span(span.start, middle), Place.ASSIGNED)
    if equals >= 0:
        yield Word(Span(equals + 1, span.end), Place.SETTING, text[span.start : equals].replace("-", "_"))


def version(source: Source, line: int) -> Iterator[Word]:
    """The version that PG_VERSION holds; all else in a file of this name is a string."""
    span = source.line_span(line)
    place = Place.SCALAR if VERSION.fullmatch(source.text.strip()) else Place.STRING
    yield Word(span, place)
