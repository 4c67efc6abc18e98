"""XML 1.0, written a tag at a time: what it forbids, and what cannot be seen, is escaped as on a terminal."""

from collections.abc import Mapping
from html import escape

from pgssllint.runners import disarmed
from pgssllint.text import visible

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
"""What a document begins with."""


def tag(name: str, attributes: Mapping[str, object], *, closed: bool = True) -> str:
    """The tag of an element: of an empty one, or, if not `closed`, the one that it begins with."""
    words = "".join(f' {key}="{escape(visible(str(value)))}"' for key, value in attributes.items())
    return f"<{name}{words}{'/' if closed else ''}>"


def text(words: str) -> str:
    """Character data of several lines."""
    return disarmed("\n".join(escape(visible(line), quote=False) for line in words.split("\n")))
