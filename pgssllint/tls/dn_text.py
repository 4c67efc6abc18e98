"""Distinguished names as people write them, held against how a server writes those of certificates (RFC 2253)."""

import re
from enum import StrEnum

from pgssllint.tls.rfc2253 import SHORT_NAMES

_COMMA = re.compile(r"(?<!\\),")
_TYPES = frozenset(SHORT_NAMES.values())
_BY_LOWER_CASE = {one.lower(): one for one in _TYPES} | {"e": "emailAddress", "email": "emailAddress", "s": "ST"}
_BROAD, _NARROW = frozenset({"C", "DC", "O", "OU", "ST", "L"}), frozenset({"CN", "UID", "emailAddress"})


class Form(StrEnum):
    """Why a certificate's whole name is never written so."""

    NO_TYPE = "no type"
    BLANKS = "blanks"
    TYPES = "types"
    ORDER = "order"


def looks_like_dn(text: str) -> bool:
    """Whether a text is meant as a distinguished name."""
    return re.match(r"/?(?:CN|O|OU|C|DC|UID)\s*=", text, re.IGNORECASE) is not None


def form_fault(text: str) -> Form | None:
    """Why a server never writes a certificate's whole name like this; None where it may."""
    parts = _COMMA.split(text)
    if any("=" not in part for part in parts):
        return Form.NO_TYPE
    types = [part.partition("=")[0] for part in parts]
    values = [part.partition("=")[2] for part in parts]
    if any(one != one.strip() for one in types) or any(one != one.lstrip() for one in values):
        return Form.BLANKS
    if any(one not in _TYPES and one.lower() in _BY_LOWER_CASE for one in types):
        return Form.TYPES
    return Form.ORDER if types[0] in _BROAD and types[-1] in _NARROW else None


def as_server_writes(text: str) -> str | None:
    """A name of another form as a server would write it: the most specific part first; None where that is not clear."""
    parts = [part.strip().partition("=") for part in _COMMA.split(text)]
    if not all(equals for _, equals, _ in parts):
        return None
    known = [(_BY_LOWER_CASE.get(one.strip().lower(), one.strip()), value.lstrip()) for one, _, value in parts]
    if known[0][0] in _BROAD and known[-1][0] in _NARROW:
        known.reverse()
    written = ",".join(f"{one}={value}" for one, value in known)
    return written if form_fault(written) is None else None
