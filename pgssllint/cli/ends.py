"""How a run ends that could not do its job: what is said of an exception, in one sentence."""

import os

from pgssllint.cli.output import OutputError
from pgssllint.failures import OutdatedError, place_of


def sentence(error: Exception) -> str:
    """What to say of an exception that reached the command line."""
    match error:
        case MemoryError():
            return "There is not enough memory for this input."
        case UnicodeEncodeError():
            lacking = f"U+{ord(error.object[error.start]):04X}"
            return (
                f"The output cannot be written: its encoding, '{error.encoding}', has no {lacking}; "
                "set PYTHONIOENCODING=utf-8."
            )
        case OutdatedError():
            return str(error)
        case OutputError():
            return f"The output cannot be written: {error}."
        case OSError():
            return _of_the_system(error)
    if _is_about_a_page(error):
        return str(error)
    return (
        f"The linter failed with '{type(error).__name__}' at '{place_of(error)}', which is a fault of its own; "
        "please report it."
    )


def _of_the_system(error: OSError) -> str:
    try:
        os.getcwd()
    except OSError:
        return "The working directory does not exist any more; change to one that does."
    why = error.strerror or type(error).__name__
    if error.filename is None:
        return f"The system failed a call at '{place_of(error)}': {why}."
    return f"'{os.fsdecode(error.filename)}' cannot be used: {why}."


def _is_about_a_page(error: Exception) -> bool:
    from pgssllint.rulebook import PageError

    return isinstance(error, PageError)
