"""Settings that the user states of a server's start: `--set NAME=VALUE`, as `postgres -c` takes them."""

import os
from collections.abc import Sequence
from difflib import get_close_matches
from itertools import accumulate

from pgssllint.postgres.entries import Given
from pgssllint.postgres.parameters import folded, majors_of, words
from pgssllint.text import Source, Span, legible

OPTION = "--set"
"""The option, and what stands for the file where what it says is pointed at."""


def checked_setting(text: str) -> str:
    """`NAME=VALUE`, of a name that some server has or that has a dot. Raises ValueError with a sentence."""
    name, equals, _ = text.partition("=")
    if not equals or not name:
        raise ValueError("a setting is written like 'ssl=off'")
    spelled = name.replace("-", "_")
    if "." not in name and not majors_of(spelled):
        near = get_close_matches(folded(spelled), filter(majors_of, words()), 1, 0.6)
        raise ValueError(f"no PostgreSQL has a setting '{legible(name)}'" + (f"; '{near[0]}' is one" if near else ""))
    if "\n" in text or "\0" in text:
        raise ValueError(f"the value of '{legible(name)}' has a line feed or a NUL in it")
    return text


def stated_settings(texts: Sequence[str]) -> tuple[Given, ...]:
    """What checked texts give, the later ones winning; they are pointed at as lines of a file named like the option."""
    source = Source(os.path.abspath(OPTION), "".join(f"{text}\n" for text in texts).encode("utf-8", "surrogateescape"))
    starts = accumulate((len(text) + 1 for text in texts), initial=0)
    return tuple(_given(source, start, text) for start, text in zip(starts, texts, strict=False))


def _given(source: Source, start: int, text: str) -> Given:
    name, _, value = text.partition("=")
    middle = start + len(name)
    return Given(name, value, source, Span(start, middle), Span(middle + 1, start + len(text)))
