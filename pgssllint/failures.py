"""What is told of an exception that nobody expected: never its own words, which may quote a file."""

from traceback import walk_tb

DEBUG = "PGSSLLINT_DEBUG"
"""The environment variable that, set to anything, makes such an exception end the run with its traceback."""


class OutdatedError(RuntimeError):
    """A package that the linter rests on is older than it needs; the message says which, and what to do."""


def place_of(error: BaseException) -> str:
    """Module and line of the innermost call in this package that an exception went through: `pgssllint.engine:12`."""
    package = __name__.partition(".")[0]
    places = ((frame.f_globals.get("__name__", ""), line) for frame, line in walk_tb(error.__traceback__))
    ours = [f"{module}:{line}" for module, line in places if module.partition(".")[0] == package]
    return ours[-1] if ours else package
