"""Words for what cannot be said, so that `None` need not stand for two things."""

from enum import Enum


class Unknown(Enum):
    """Something that is there or not, and nobody can say: what decides it is not in view, or has yet to be written."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN


class Malformed(Enum):
    """Something that is written, and of which the server makes nothing."""

    MALFORMED = "malformed"


MALFORMED = Malformed.MALFORMED


class NotSet(Enum):
    """Something that is certainly not there: nothing names it, or it is set to nothing, or nobody looks at it."""

    NOT_SET = "not set"


NOT_SET = NotSet.NOT_SET
