"""Lists in configuration values as OpenSSL splits them (CONF_parse_list)."""

from collections.abc import Iterator

from pgssllint.text import Span

BLANKS = " \t\n\v\f\r"


def elements(text: str, span: Span, separator: str) -> Iterator[Span]:
    """The places of the elements in a part of a list, without the blanks around them; at least one, maybe empty."""
    start = span.start
    for element in text[span.start : span.end].split(separator):
        bare = element.strip(BLANKS)
        first = start + len(element) - len(element.lstrip(BLANKS)) if bare else start
        yield Span(first, first + len(bare))
        start += len(element) + 1
