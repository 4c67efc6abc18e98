"""Words of a file in a sentence: each with the place it stands in, which decides how much of it is shown.

Nothing is decided here: a sentence can be read word for word, and pgssllint/showing says what of it a report may show.
"""

from collections.abc import Callable
from enum import Enum, auto
from typing import NamedTuple


class Place(Enum):
    """What a stretch of text is in the place where it stands.

    SETTING and OPTION are the values of what a Quote names with `of`. Of STRING nothing is known to be harmless.
    """

    OURS = auto()
    """The linter's own words and numbers, and those of the server, of OpenSSL and of the operating system."""
    WORD = auto()
    """A word of a grammar: a connection type, a method, the name of a setting or of an option."""
    ASSIGNED = auto()
    """A name that stands directly before an equals sign."""
    REST = auto()
    """What nobody can say the place of, but that it holds words of the grammars among others."""
    NAME = auto()
    """A database, a role, a map, a system user or a host of pg_hosts.conf."""
    QUOTED_NAME = auto()
    """A name in quotes, in which blanks may stand."""
    PATTERN = auto()
    """A regular expression without the slash that marks it."""
    METHOD = auto()
    """The method of a record, or a mask in its place."""
    ADDRESS = auto()
    SCALAR = auto()
    """A boolean, a number or a word of an enumeration, right or wrong."""
    ITEMS = auto()
    """A list of protocols, ciphers or groups."""
    ADDRESSES = auto()
    PATH = auto()
    """The path or the name of a file or a folder."""
    PATHS = auto()
    URL = auto()
    ATTRIBUTE = auto()
    SCOPE = auto()
    FILTER = auto()
    COMMAND = auto()
    TEMPLATE = auto()
    SUBJECT = auto()
    """A distinguished name, or a host name or an address of a certificate."""
    SETTING = auto()
    OPTION = auto()
    STRING = auto()


class Quote(NamedTuple):
    """Words of a file, and what they are there. `of` names the setting or the option whose value they are.

    `instead` is what stands for a word of an `@file` that stands in no record itself; empty for every other word.
    """

    text: str
    place: Place
    of: str = ""
    instead: str = ""

    def __str__(self) -> str:
        return self.text


class Sentence(NamedTuple):
    """A template of ours, in the form of str.format, and what fills it."""

    template: str
    arguments: tuple["Said", ...] = ()
    named: tuple[tuple[str, "Said"], ...] = ()

    def __str__(self) -> str:
        return self.told(str)

    def told(self, tell: Callable[["Said"], str]) -> str:
        """The sentence with each argument as `tell` has it."""
        named = {name: tell(value) for name, value in self.named}
        return self.template.format(*map(tell, self.arguments), **named)


Said = str | int | Quote | Sentence
"""What fills a place of a sentence. A bare str is taken for a word of the grammars, and masked where it is none."""


def say(template: str, *arguments: Said) -> Sentence:
    """The sentence of a template with places `{}`."""
    return Sentence(template, arguments)


def ours(text: object) -> Quote:
    """A text that is no stranger's."""
    return Quote(str(text), Place.OURS)


NOTHING = Quote("", Place.OURS)
"""The empty text."""


def a_file(path: str) -> Quote:
    """The path or the name of a file."""
    return Quote(path, Place.PATH)


def setting_value(name: str, text: str) -> Quote:
    """The value of the setting `name`."""
    return Quote(text, Place.SETTING, name)


def option_value(name: str, text: str) -> Quote:
    """The value of the option `name` of a record."""
    return Quote(text, Place.OPTION, name)
