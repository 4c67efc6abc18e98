"""Which texts name a time zone: zones by name, POSIX strings, offsets (check_timezone, pg_tzset, tzparse).

time_zones.txt has the zones that the builds of 10 to 18 share, and behind a question mark those that only some builds
or minor releases have.
"""

import re
from functools import cache
from math import isfinite
from pathlib import Path
from typing import NamedTuple

from pgssllint.postgres.parameters import folded

ABBREVIATIONS = frozenset({"Default", "Australia", "India"})
"""The sets of abbreviations that every build has (timezone_abbreviations)."""

_LONGEST = 255
_LAST_HOUR = 167
"""Hours of a week less one: no offset is larger."""

_OFFSET = re.compile(r"[-+]?([0-9]+)(?::([0-9]+)(?::([0-9]+))?)?")
_NAME = re.compile(r"<([^>]*)>|([^0-9,+\-]*)")
_RULE = re.compile(r"(?:J([0-9]+)|M([0-9]+)\.([0-9]+)\.([0-9]+)|([0-9]+))(?:/(?=[-+0-9]))?")
_HOURS = re.compile(
    r"\s*[-+]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?|0x[0-9a-f]+|inf(?:inity)?|nan)", re.IGNORECASE
)
_SECONDS = re.compile(r"(?:<[^>]*>|[^0-9,+\-]*)[-+]?[0-9]+:[0-9]+:([0-9]+)")
_OUT_OF_RANGE = "UTC timezone offset is out of range."
_NO_LEAPS = "PostgreSQL does not support leap seconds."
_LONG_INTERVAL = re.compile(r"\s*[-+]?[1-9][0-9]*\s*(days?|weeks?|months?|years?)\s*")
_INTERVAL = re.compile(r"interval\s*'([^']*)'", re.IGNORECASE)
_PLAIN_INTERVAL = re.compile(r"\s*[-+]?([0-9]{1,3})(:[0-5]?[0-9](:[0-5]?[0-9])?|\s*(?:hours?|minutes?|seconds?))?\s*")
_SYSTEM_FOLDERS = ("posix/", "right/")
"""Where the system's zone data has the same zones again, without and with leap seconds."""


class Verdict(NamedTuple):
    """Whether a text is a time zone to every build; None where only some take it, or that is not known.

    For one that is none, `detail` is what the server has to say of it, and with `leaps` it finds seconds in its offset.
    """

    good: bool | None
    detail: str = ""
    leaps: bool = False


def judged(text: str, *, of_log: bool = False) -> Verdict:
    """What a server makes of a time zone; of one for log_timezone (`of_log`), which has no intervals and no numbers."""
    if not of_log and folded(text).startswith("interval"):
        return _interval(text)
    if not of_log and _HOURS.fullmatch(text):
        return Verdict(True) if _is_offset(_hours(text)) else Verdict(False, _OUT_OF_RANGE)
    if not text or len(text) > _LONGEST:
        return Verdict(False)
    name, zones = folded(text).removeprefix(":"), _zones()
    if name in zones:
        return Verdict(zones[name])
    if not text.startswith(":") and is_posix(text.upper()):
        seconds = _SECONDS.match(text)
        leaps = seconds is not None and int(seconds[1]) % 60 != 0
        return Verdict(not leaps, _NO_LEAPS if leaps else "", leaps)
    plain = name.partition("/")[2]
    return Verdict(None if name.startswith(_SYSTEM_FOLDERS) and zones.get(plain) else False)


def is_posix(text: str) -> bool:
    """Whether a text is a zone by itself: a name, an offset, and perhaps those of summer time with its rules."""
    standard = _name(text, 0)
    place = _offset(text, standard[0]) if standard is not None else None
    if place is None or place == len(text):
        return place is not None
    summer = _name(text, place)
    if summer is None or not summer[1]:
        return False
    at = summer[0]
    if at < len(text) and text[at] not in ",;":
        offset = _offset(text, at)
        if offset is None:
            return False
        at = offset
    return at == len(text) or (text[at] in ",;" and _are_rules(text, at + 1))


def _interval(text: str) -> Verdict:
    """Whether an interval is an offset; None where it is none that is known here."""
    hit = _INTERVAL.fullmatch(text)
    if hit is None:
        return Verdict(False)
    long = _LONG_INTERVAL.fullmatch(hit[1])
    if long is not None:
        what = "days" if long[1][0] in "dw" else "months"
        return Verdict(False, f"Cannot specify {what} in time zone interval.")
    plain = _PLAIN_INTERVAL.fullmatch(hit[1])
    return Verdict(True if plain is not None and int(plain[1]) <= _LAST_HOUR else None)


def _hours(text: str) -> float:
    """A number as strtod reads it."""
    return float.fromhex(text) if "x" in text.lower() else float(text)


def _is_offset(hours: float) -> bool:
    """Whether an offset can have so many hours."""
    return isfinite(hours) and abs(int(hours * 3600)) < (_LAST_HOUR + 1) * 3600


def _name(text: str, place: int) -> tuple[int, str] | None:
    """Where an abbreviation that begins at `place` ends, and what it is."""
    hit = _NAME.match(text, place)
    if hit is None or (text[place : place + 1] == "<" and hit[1] is None):
        return None
    return hit.end(), hit[1] or hit[2] or ""


def _offset(text: str, place: int) -> int | None:
    """Where an offset that begins at `place` ends."""
    hit = _OFFSET.match(text, place)
    if hit is None or int(hit[1]) > _LAST_HOUR or int(hit[2] or 0) > 59 or int(hit[3] or 0) > 60:
        return None
    return hit.end()


def _are_rules(text: str, place: int) -> bool:
    """Whether the rules for the beginning and the end of summer time stand from `place` on, and nothing else."""
    at = _rule(text, place)
    if at is None or text[at : at + 1] != ",":
        return False
    return _rule(text, at + 1) == len(text)


def _rule(text: str, place: int) -> int | None:
    """Where a rule that begins at `place` ends."""
    hit = _RULE.match(text, place)
    if hit is None:
        return None
    julian, month, week, day, plain = (int(group) if group else None for group in hit.groups())
    good = (
        1 <= julian <= 365
        if julian is not None
        else plain <= 365
        if plain is not None
        else 1 <= (month or 0) <= 12 and 1 <= (week or 0) <= 5 and (day or 0) <= 6
    )
    if not good:
        return None
    if not hit[0].endswith("/"):
        return hit.end()
    return _offset(text, hit.end())


@cache
def _zones() -> dict[str, bool | None]:
    """The folded names of zones: True for those of every build, None for those of some."""
    lines = Path(__file__).with_name("time_zones.txt").read_text(encoding="ascii").splitlines()
    return {line.removeprefix("? ").lower(): None if line.startswith("? ") else True for line in lines}
