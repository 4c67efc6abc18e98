"""Colours of the text report: ANSI sequences, or nothing."""

from typing import NamedTuple

from pgssllint.text import painted

_CODES = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;34",
    "good": "1;32",
    "strong": "1",
    "dim": "2",
    "related": "36",
}


class Style(NamedTuple):
    """Paints with ANSI sequences if `color`, else leaves text as it is."""

    color: bool

    def paint(self, kind: str, text: str) -> str:
        """`text` as a severity, `good`, `strong`, `dim` or `related` is shown."""
        return painted(text, _CODES[kind]) if self.color and text else text
