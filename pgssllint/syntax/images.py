"""Images of PostgreSQL, as compose files and Dockerfiles name them."""

import re
from collections.abc import Iterator

from pgssllint.text import Span

_IMAGE = re.compile(
    r"(?im)^[ \t]*(?:image:|FROM)[ \t]+[\"']?(?:[\w.:-]+/)*"
    r"(?:(?:postgres|postgresql|postgis|pgvector|timescaledb-ha):(?:pg)?|spilo-)([0-9]{2}|[89]\.[0-9]|9(?!\.))(?![0-9])"
)
_TAGGED = re.compile(r"(?im)^[ \t]*(?:image:|FROM)[ \t]+[\"']?[\w./:-]*:[\w.-]*pg(\d{2}|9\.\d)\b")


def image_versions(text: str, part: Span) -> Iterator[Span]:
    """Where a part of a text, of whole lines, names the version of an image of PostgreSQL."""
    for pattern in (_IMAGE, _TAGGED):
        yield from (Span(*hit.span(1)) for hit in pattern.finditer(text, *part))
