"""In which language a file was read: a file may be shown by what its lines are made of."""

from enum import StrEnum
from typing import NamedTuple

from pgssllint.text import Source


class Language(StrEnum):
    """What the lines of a file are made of."""

    SETTINGS = "settings"
    HBA = "hba"
    IDENT = "ident"
    HOSTS = "hosts"
    NAMES = "names of an @file"
    LAUNCH = "how a server is started"
    OPTIONS = "the options of a server's start"
    STATED = "settings that the user states"
    VERSION = "the version of a data directory"
    OTHER = "other"


class Read(NamedTuple):
    """A file that was read in a language; `included` by another one."""

    source: Source
    language: Language
    included: bool = False
