"""Where the arguments of messages stand that are given as plain texts, by their names.

A check that knows better gives a Quote. A text under a name that is not here is shown where it is a word of the
grammars, and masked otherwise.
"""

from collections.abc import Mapping
from types import MappingProxyType

from pgssllint.quoting import Place, Quote, Said, Sentence

_OURS = (
    "algorithm", "below", "bits", "block", "by", "count", "curve", "date", "days", "default", "digest", "earlier",
    "error", "kind", "later", "level", "limit", "line", "major", "maximum", "minimum", "mode", "most", "needed",
    "newer", "openssl", "ordinal", "place", "reason", "removed", "rule", "rules", "series", "suite", "target", "usages",
    "version", "versions", "what", "why",
)  # fmt: skip
"""Numbers, dates, and words of the linter, of the server, of OpenSSL and of the operating system."""

NAMES = ("owner", "user")
"""Names of users of the operating system, which stand in quotes like words of a file."""

PLACES: Mapping[str, Place] = MappingProxyType(
    {
        **dict.fromkeys((*_OURS, *NAMES), Place.OURS),
        **dict.fromkeys(("file", "folder", "key"), Place.PATH),
        **dict.fromkeys(("subject", "issuer", "issued", "ca"), Place.SUBJECT),
        **dict.fromkeys(
            ("nearest", "method", "type", "option", "setting", "keyword", "meant", "allowed", "weaker"), Place.WORD
        ),
        "address": Place.ADDRESS,
        "oid": Place.SCALAR,
        "part": Place.ITEMS,
        "expression": Place.TEMPLATE,
        "map": Place.NAME,
    }
)
"""The places by the arguments' names."""


def placed(name: str, value: object) -> Said:
    """An argument of a message with the place it stands in."""
    if isinstance(value, int | Quote | Sentence):
        return value
    return Quote(str(value), PLACES.get(name, Place.WORD))
