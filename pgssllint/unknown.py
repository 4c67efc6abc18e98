"""Words for what cannot be said, so that `None` need not stand for two things."""

from enum import Enum


class Unknown(Enum):
    """Something that is there or not, and nobody can say: what decides it is not in view, or has yet to be written."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN
