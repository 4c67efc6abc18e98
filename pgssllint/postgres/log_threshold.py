"""Which lines a starting server keeps to itself: log_min_messages, once it is taken.

Sources: ProcessConfigFileInternal, should_output_to_server (elog.c), and servers.
"""

from collections.abc import Iterable

from pgssllint.finding import LogLevel
from pgssllint.postgres.parameters import folded

SETTING = "log_min_messages"

_POSTMASTER = "postmaster"
_SILENCED = {
    "fatal": frozenset({LogLevel.WARNING, LogLevel.LOG}),
    "panic": frozenset({LogLevel.WARNING, LogLevel.LOG, LogLevel.FATAL}),
    **dict.fromkeys(("error", "log"), frozenset({LogLevel.WARNING})),
}
"""In the log LOG stands between ERROR and FATAL; what comes before there is a log is written in any case."""


def silenced(value: str) -> frozenset[LogLevel]:
    """The levels that the postmaster does not write, by a value that it takes; from 19 on it may name processes."""
    items = [item.strip().partition(":") for item in folded(value).split(",")]
    own = [level.strip() for process, colon, level in items if colon and process.strip() == _POSTMASTER]
    return _SILENCED.get(_last([*(word for word, colon, _ in items if not colon), *own]), frozenset())


def _last(words: Iterable[str]) -> str:
    return next(reversed([*words]), "")
