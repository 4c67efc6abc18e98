"""Words of a command line that somebody else wrote: hooks hand over the names of files, and files have any name."""

import os
from collections.abc import Sequence

from pgssllint.cli.parser import fail
from pgssllint.text import visible

END_OF_OPTIONS = "--"
"""What follows this word is a path, whatever it begins with (POSIX, Utility Syntax Guideline 10)."""


def in_pre_commit() -> bool:
    """Whether pre-commit, or one that works alike, runs us: it sets this variable for each hook."""
    return bool(os.environ.get("PRE_COMMIT"))


def refuse_names_as_options(words: Sequence[str]) -> None:
    """End with status 2 where the name of a file could be taken for an option; reads nothing.

    `words` are those behind the command. Only the words of a hook are somebody else's: where --hook is among them, or
    pre-commit runs us. A word that reads as an option and names something that is there, wherever a link leads, is
    not taken for a path either: a file of that name would take away an option that the hook's owner gave.
    """
    options = words[: words.index(END_OF_OPTIONS)] if END_OF_OPTIONS in words else words
    if "--hook" not in options and not in_pre_commit():
        return
    word = next((word for word in options if word.startswith("-") and os.path.lexists(word)), None)
    if word is not None:
        shown = visible(word)
        fail(f"'{shown}' reads as an option and names something here; put '--' before names, or write './{shown}'.")
