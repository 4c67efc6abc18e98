"""The configuration to start with: every key as a comment, and the clusters that were found."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pgssllint.configuration.keys import CLUSTERS, HOST_NAMES, KEYS, OPENSSL, PG_VERSION
from pgssllint.text import legible

SCHEMA = "https://raw.githubusercontent.com/pgssllint/pgssllint/main/docs/pgssllint.schema.json"

_WILD = re.compile(r"[*?\[\\]|\s\Z")
"""What a pattern of .gitignore would take for more than a character."""


class Found(NamedTuple):
    """A cluster that was found: its main file, relative to the root, its major (`15`) and OpenSSL (`3.0:2`) as a
    configuration has them, and in a few words how each is known.
    """

    file: str
    major: str
    major_how: str
    openssl: str
    openssl_how: str


def starting_text(found: Sequence[Found]) -> str:
    """The text of a configuration that changes no finding: what is known is said in comments."""
    of_files: dict[str, list[Found]] = {}
    for one in found:
        of_files.setdefault(one.file, []).append(one)
    return "\n".join((*_head(), *(line for file, its in of_files.items() for line in _clusters(file, its)))) + "\n"


def _head() -> Iterator[str]:
    yield f"#:schema {SCHEMA}"
    yield "# The configuration of pgssllint. 'pgssllint config' shows what is in force."
    for key in KEYS:
        if key is not CLUSTERS:
            yield from ("", f"# {key.meaning}", f"# Without it: {key.without}.", f"# {key.name} = {key.example}")


def _clusters(file: str, found: Sequence[Found]) -> Iterator[str]:
    """The table of the clusters of one file."""
    if not _is_unicode(file):
        return
    yield from ("", f"[[{CLUSTERS.name}]]", f"files = [{_quoted(pattern_of(file))}]")
    yield from dict.fromkeys(f'# {PG_VERSION.name} = "{one.major}"  # {legible(one.major_how)}' for one in found)
    yield from dict.fromkeys(f'# {OPENSSL.name} = "{one.openssl}"  # {legible(one.openssl_how)}' for one in found)
    yield f"# {HOST_NAMES.name} = {HOST_NAMES.example}"


def pattern_of(path: str) -> str:
    """The pattern, as .gitignore has it, that names a relative path and nothing else."""
    return "/" + _WILD.sub(lambda hit: f"\\{hit[0]}", path)


def _quoted(text: str) -> str:
    """A text as TOML has it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
