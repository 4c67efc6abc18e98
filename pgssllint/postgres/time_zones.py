"""Which texts name a time zone: zones by name, POSIX strings, offsets (check_timezone, pg_tzset, tzparse).

time_zones.txt has the zones that the builds of 10 to 18 share, and behind a question mark those that only some builds
or minor releases have.
"""

import re
from functools import cache
from pathlib import Path

from pgssllint.postgres.parameters import folded

ABBREVIATIONS = frozenset({"Default", "Australia", "India"})
"""The sets of abbreviations that every build has (timezone_abbreviations)."""

_LONGEST = 255
_LAST_HOUR = 167
"""Hours of a week less one: no offset is larger."""

_OFFSET = re.compile(r"[-+]?([0-9]+)(?::([0-9]+)(?::([0-9]+))?)?")
_NAME = re.compile(r"<([^>]*)>|([^0-9,+\-]*)")
_RULE = re.compile(r"(?:J([0-9]+)|M([0-9]+)\.([0-9]+)\.([0-9]+)|([0-9]+))(?:/(?=[-+0-9]))?")
_HOURS = re.compile(r"\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_INTERVAL = re.compile(r"interval\s*'([^']*)'", re.IGNORECASE)
_PLAIN_INTERVAL = re.compile(r"\s*[-+]?([0-9]{1,3})(:[0-5]?[0-9](:[0-5]?[0-9])?|\s*(?:hours?|minutes?|seconds?))?\s*")
_SYSTEM_FOLDERS = ("posix/", "right/")
"""Where the system's zone data has the same zones again, without and with leap seconds."""


def names_zone(text: str, *, of_log: bool = False) -> bool | None:
    """Whether a text is a time zone to every build; None where only some take it, or that is not known.

    `of_log`: it is one for log_timezone, which takes no intervals and no numbers.
    """
    if not of_log and folded(text).startswith("interval"):
        return _is_interval(text)
    if not of_log and _HOURS.fullmatch(text):
        return _hours(text) is not None
    if not text or len(text) > _LONGEST:
        return False
    known = _zones().get(folded(text))
    if known is not None:
        return known
    if is_posix(text.upper()):
        return True
    return None if folded(text).startswith(_SYSTEM_FOLDERS) and names_zone(text[6:], of_log=True) else False


def out_of_range(text: str) -> bool:
    """Whether a text is a number of hours, and too large for an offset."""
    return _HOURS.fullmatch(text) is not None and _hours(text) is None


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


def _is_interval(text: str) -> bool | None:
    """Whether an interval is an offset; None where it is none that is known here."""
    hit = _INTERVAL.fullmatch(text)
    if hit is None:
        return False
    plain = _PLAIN_INTERVAL.fullmatch(hit[1])
    return True if plain is not None and int(plain[1]) <= _LAST_HOUR else None


def _hours(text: str) -> float | None:
    """A number of hours that an offset can have."""
    hours = float(text)
    return hours if abs(int(hours * 3600)) < (_LAST_HOUR + 1) * 3600 else None


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
