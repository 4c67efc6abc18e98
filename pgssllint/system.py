"""What not every system has: flags of opening, and who knows its users. Where it lacks them, all goes on without."""

import os
from importlib import import_module
from types import ModuleType


def _flag(name: str) -> int:
    """A flag of open(2) by its name; 0, which asks for nothing, where the system has none of it."""
    return int(getattr(os, name, 0))


CLOEXEC = _flag("O_CLOEXEC")
DIRECTORY = _flag("O_DIRECTORY")
NOCTTY = _flag("O_NOCTTY")
NOFOLLOW = _flag("O_NOFOLLOW")
NONBLOCK = _flag("O_NONBLOCK")
PATH = _flag("O_PATH")
"""The flags of open(2) that Windows has not, and O_PATH of Linux."""


def users_by(name: str) -> ModuleType | None:
    """The module of that name, `pwd` or `grp`, by which this system tells its users; None where it has none (Windows).

    What it holds is as the standard library documents it.
    """
    try:
        return import_module(name)
    except ImportError:
        return None
