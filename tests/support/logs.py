"""Lines of servers' logs, as tests write them."""

from pgssllint.finding import LogLevel, LogLine


def log(text: str) -> LogLine:
    """What a server logs and goes on after, at least for a while."""
    return LogLine(LogLevel.LOG, text)


def fatal(text: str, detail: str = "") -> LogLine:
    """What a server ends with."""
    return LogLine(LogLevel.FATAL, text, detail)
