"""JSON written piece by piece, so that a long report is never held as a whole; the text is that of json.dumps."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Object = dict[str, Any]
"""A JSON object."""

_scalar = json.JSONEncoder(ensure_ascii=False).encode


def pieces(value: object, newline: str = "\n") -> Iterator[str]:
    """What json.dumps makes of a value of mappings, sequences and scalars, in pieces: with an indent of 2, or, where
    `newline` is empty, compact (separators `,` and `:`).

    The members of a mapping are pieces of their own, and so are the items of an iterator, which is written as an array
    while it goes. Raises TypeError for what is no JSON.
    """
    inner, colon = _inner(newline)
    if isinstance(value, Mapping):
        before = "{"
        for key, member in value.items():
            yield f"{before}{inner}{_scalar(key)}{colon}"
            yield from pieces(member, inner) if isinstance(member, Iterator | Mapping) else (_text(member, inner),)
            before = ","
        yield "{}" if before == "{" else f"{newline}}}"
    elif isinstance(value, Iterator):
        before = "["
        for item in value:
            yield f"{before}{inner}{_text(item, inner)}"
            before = ","
        yield "[]" if before == "[" else f"{newline}]"
    else:
        yield _text(value, newline)


def _inner(newline: str) -> tuple[str, str]:
    """What begins a line one level deeper, and what stands between a key and its value."""
    return (newline + "  ", ": ") if newline else ("", ":")


def _text(value: object, newline: str) -> str:
    """The same as one text, iterators left out."""
    if isinstance(value, str):
        return _scalar(value)
    inner, colon = _inner(newline)
    if isinstance(value, Mapping):
        members = f",{inner}".join([f"{_scalar(key)}{colon}{_text(member, inner)}" for key, member in value.items()])
        return f"{{{inner}{members}{newline}}}" if members else "{}"
    if isinstance(value, Sequence):
        items = f",{inner}".join([_text(item, inner) for item in value])
        return f"[{inner}{items}{newline}]" if items else "[]"
    return _scalar(value)
