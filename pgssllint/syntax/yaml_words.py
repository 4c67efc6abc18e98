"""What readers of YAML make of bare words: the same word is a string to one version and a boolean or number to another.

Written down from PyYAML's resolver (YAML 1.1; what Ansible and Patroni read) and from the tables of go-yaml, which
Kubernetes (version 2: 1.1) and Compose (version 3: 1.2) read with.
"""

import re
from enum import StrEnum


class Kind(StrEnum):
    """What a bare word becomes."""

    STRING = "string"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    FLOAT = "number"
    NULL = "null"
    TIMESTAMP = "timestamp"


_TRUE_11 = ("yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")
_FALSE_11 = ("no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")
_NULLS = ("", "~", "null", "Null", "NULL")
_INTEGER_11 = re.compile(
    r"[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*+)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*+(?::[0-5]?[0-9])++"
)
_FLOAT_11 = re.compile(
    r"[-+]?(?:[0-9][0-9_]*+)\.[0-9_]*+(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*+(?:[eE][-+][0-9]+)?"
    r"|[-+]?[0-9][0-9_]*+(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9:.Z+ \t-]*"
)


def bool_word_11(text: str) -> bool | None:
    """What a bare word says by YAML 1.1; None where it is no boolean there."""
    return True if text in _TRUE_11 else False if text in _FALSE_11 else None


def bool_word_12(text: str) -> bool | None:
    """What a bare word says by YAML 1.2; None where it is no boolean there."""
    return {"true": True, "false": False}.get(
        text.lower() if text in (text.lower(), text.upper(), text.title()) else ""
    )


def is_null_word(text: str) -> bool:
    """Whether a bare word stands for nothing, by either version."""
    return text in _NULLS


def kind_11(text: str) -> Kind:
    """What PyYAML makes of a bare word."""
    if text in _NULLS:
        return Kind.NULL
    if bool_word_11(text) is not None:
        return Kind.BOOLEAN
    if _INTEGER_11.fullmatch(text):
        return Kind.INTEGER
    if _FLOAT_11.fullmatch(text):
        return Kind.FLOAT
    return Kind.TIMESTAMP if _TIMESTAMP.fullmatch(text) else Kind.STRING
