"""What tells of a YAML file that a reader of it may have something to say, without any reader of YAML."""

import re

SPEAKS = re.compile(rb"postgres|postgis|pgvector|timescale|pg[_.-]?hba|pg[_.-]?ident", re.IGNORECASE)
"""A file in which none of these occurs sets up no server and holds none of its texts."""

_KINDS = rb"Service|ConfigMap|Secret|SealedSecret|ExternalSecret|List|Kustomization"
_SECTIONS = rb"configMapGenerator|secretGenerator|patches(?:StrategicMerge|Json6902)?|images"
BELONGS = re.compile(rb"(?m)^[ \t{-]*[\"']?kind[\"']?:[ \t]*[\"']?(?:" + _KINDS + rb")\b|^(?:" + _SECTIONS + rb"):")
"""A file with one of these is read along with one that speaks of a server, whose containers may refer to it."""


def speaks(data: bytes) -> bool:
    """Whether a file may set up a server, or hold texts of one."""
    return SPEAKS.search(data) is not None


def belongs(data: bytes) -> bool:
    """Whether what sets up a server may refer to a file."""
    return BELONGS.search(data) is not None
