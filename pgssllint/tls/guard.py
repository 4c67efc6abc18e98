"""The one place where what cryptography raises on hostile input is caught."""

import warnings
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
D = TypeVar("D")


def attempt(read: Callable[[], T], otherwise: D) -> T | D:
    """What `read` returns, or `otherwise` if it raises anything; its warnings are not shown.

    Certificates are parsed lazily, so any attribute may raise: ValueError, InvalidVersion, DuplicateExtension,
    UnsupportedAlgorithm, InternalError, TypeError, and PanicException, which is no Exception. Only what asks the
    program to end (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError) goes through.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return read()
        except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
            raise
        except BaseException:
            return otherwise
