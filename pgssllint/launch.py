"""How a server is started, where the project says so: image tags and `-c name=value` in compose files and the like."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pgssllint.postgres.settings import Given
from pgssllint.text import Source, Span

LAUNCH_NAMES = re.compile(r"(?:docker-)?compose[\w.-]*\.ya?ml|(?:[\w.-]+\.)?(?:Dockerfile|Containerfile)(?:\.[\w.-]+)?")
"""Names of files that start servers."""

MAX_LAUNCH_BYTES = 1024 * 1024
"""A longer file is no file that a person wrote to start servers."""

_IMAGE = re.compile(
    r"(?im)^[ \t]*(?:image:|FROM)[ \t]+[\"']?(?:[\w.:-]+/)*"
    r"(?:(?:postgres|postgresql|postgis|pgvector|timescaledb-ha):(?:pg)?|spilo-)([0-9]{2}|[89]\.[0-9])(?![0-9])"
)
_TAGGED = re.compile(r"(?im)^[ \t]*(?:image:|FROM)[ \t]+[\"']?[\w./:-]*:[\w.]*pg(\d{2})\b")
_OPTION = re.compile(
    r"(?<![\w-])(?:-c[ \t]*(?:[\"'][ \t]*)?(?:,[ \t]*[\"'])?|--|-[ \t]*-c[ \t]*\n[ \t]*-[ \t]*[\"']?)"
    r"(?P<name>[A-Za-z_][\w-]*)=(?P<value>'[^'\n]*'|\"[^\"\n]*\"|[^\s\"',\]]*)"
)


@dataclass(frozen=True, slots=True)
class Launch:
    """What a file says of the server it starts: the major of its image, if one, and the command line's settings."""

    source: Source
    version: str | None
    given: tuple[Given, ...]


def read_launch(source: Source) -> Launch:
    """The launch in a compose file or a Dockerfile; where images of several versions are named, no version."""
    text = source.text if len(source.data) <= MAX_LAUNCH_BYTES else ""
    versions = {hit[1] for pattern in (_IMAGE, _TAGGED) for hit in pattern.finditer(text)}
    return Launch(source, versions.pop() if len(versions) == 1 else None, tuple(_given(source, text)))


def _given(source: Source, text: str) -> Iterator[Given]:
    for hit in _OPTION.finditer(text):
        line = source.line(source.position(hit.start())[0])
        if line.lstrip().startswith("#") or "initdb" in line.lower():
            continue
        value = hit["value"]
        if "$" in value or "{{" in value:
            continue
        stripped = value[1:-1] if value[:1] in ("'", '"') else value
        yield Given(hit["name"], stripped, source, Span(*hit.span("name")), Span(*hit.span("value")))
