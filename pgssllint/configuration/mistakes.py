"""What is wrong in a configuration, in a sentence that leads to the line."""

from collections.abc import Iterable
from difflib import get_close_matches

from pgssllint.configuration.toml_places import Path
from pgssllint.quoting import Place, Quote
from pgssllint.showing.telling import Showing


class ConfigurationError(ValueError):
    """The linter's own configuration is not right; the message names the file and line, and says what to do."""


class MistakeError(ValueError):
    """A value that is not right; the message is a sentence, and `where` leads to it in its table."""

    def __init__(self, where: Path, sentence: str) -> None:
        super().__init__(sentence)
        self.where = where


def shown(word: str, place: Place = Place.SCALAR) -> str:
    """A word of a configuration, as far as it is known to be harmless."""
    return Showing().tell(Quote(word, place))


def nearest(word: str, known: Iterable[str], what: str = "There are") -> str:
    """A sentence, with a blank before it, that helps somebody who wrote `word` for one of `known`: the nearest one, or
    all of them.
    """
    names = sorted(known)
    near = get_close_matches(word.lower()[:100], names, 1, 0.6)
    return f" Did you mean '{near[0]}'?" if near else f" {what} {', '.join(names)}."
