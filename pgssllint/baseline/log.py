"""The file of a baseline: a SARIF log that holds rule, key and path of every place, and no line.

`properties.places` of each result has them; the run's `properties.baseline` says in which form. Paths are relative to
the project that the file lies in, absolute outside of it.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pgssllint import __version__
from pgssllint.baseline.marking import Before, keyed_places
from pgssllint.files import Files, Unread
from pgssllint.finding import Finding, Notification, Outcome
from pgssllint.keyed import Keyed
from pgssllint.quoting import Said, a_file, ours, say
from pgssllint.report import showing_of
from pgssllint.report.sarif import SCHEMA
from pgssllint.report.sarif_places import Artifacts
from pgssllint.report.telling import told_place
from pgssllint.report.words import listed
from pgssllint.report.writing import pieces
from pgssllint.roots import absolute, placed
from pgssllint.rulebook import Page
from pgssllint.runners import disarmed_json
from pgssllint.text import encodable, visible
from pgssllint.ways import Reason

FORM = 1
"""The number of this form; it changes when an older version would misread it."""

NAMED = 5
"""So many rules are named in a sentence."""

_MOST_PATH = 4096
_WEIGHTS = range(3)
_RULE = re.compile(r"PGS[0-9]{3}")
_KEY = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"[a-z0-9-]{1,100}")
_VERSION = re.compile(r"[0-9][0-9A-Za-z.+-]{0,40}")

Object = dict[str, Any]


class BaselineError(ValueError):
    """A file is no baseline; the message is a sentence that names it and says why."""


def root_of(file: str) -> str:
    """The folder that the paths in a baseline are relative to: the root of the project that the file lies in."""
    return placed(absolute(file)).root


def written(outcome: Outcome, pages: Mapping[str, Page], root: str) -> Iterator[str]:
    """The baseline of an outcome in pieces: its findings that are not suppressed, with paths relative to `root`.

    It ends with a line feed and can be encoded as UTF-8. Nothing is in it that reports mask.
    """
    showing = showing_of(outcome, pages)
    findings = [finding for finding in outcome.findings if finding.suppressed is None]
    artifacts = Artifacts(root, (finding.at for finding in findings), showing)
    rules = sorted({finding.rule for finding in findings})
    driver = {
        "name": "pgssllint",
        "version": __version__,
        "rules": [{"id": rule, "name": pages[rule].name} for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "properties": {"baseline": FORM},
        # In an order that lines do not change, so that a baseline that is written anew differs little.
        "results": sorted((_result(one, artifacts, root) for one in findings), key=_first_place),
    }
    yield from map(disarmed_json, pieces({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}))
    yield "\n"


def _first_place(result: Object) -> tuple[str | int, ...]:
    return tuple(result["properties"]["places"][0].values())


def _result(finding: Finding, artifacts: Artifacts, root: str) -> Object:
    keyed = zip(keyed_places(finding, artifacts.showing, root), finding.places, strict=True)
    places = sorted(keyed, key=lambda one: one[0])
    text = told_place(places[0][1], artifacts.showing).text
    return {
        "ruleId": finding.rule,
        "level": finding.severity.value,
        "message": {"text": encodable(text)},
        "locations": [{"physicalLocation": {"artifactLocation": artifacts.bare_location(finding.at.path)}}],
        "properties": {"places": [place._asdict() for place, _ in places]},
    }


def read(file: str, pages: Mapping[str, Page]) -> Before:
    """The baseline in a file, which no link may stand for, and which no link leads to out of its project.

    Raises BaselineError. Another version of the linter, and rules that have been renamed or that there are not, are
    told in its notes.
    """
    place = placed(absolute(file))
    shown = f"The baseline '{visible(file)}'"
    if os.path.islink(place.here):
        raise BaselineError(f"{shown} is a symbolic link; name the file itself.")
    source = Files((place.root,)).read(place.here)
    if isinstance(source, Unread):
        hint = "; pgssllint --write-baseline makes one" if source.reason is Reason.ABSENT else ""
        raise BaselineError(f"{shown} {source.reason}{hint}.")
    try:
        document = json.loads(source.data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BaselineError(f"{shown} is not UTF-8: byte {error.start + 1} cannot be read.") from None
    except json.JSONDecodeError as error:
        raise BaselineError(f"{shown} is no JSON: line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise BaselineError(f"{shown} is nested too deeply.") from None
    except ValueError:
        raise BaselineError(f"{shown} holds a number with too many digits.") from None
    try:
        version, names, places = _parsed(document)
    except _DamagedError as error:
        raise BaselineError(f"{shown} {error}.") from None
    called = say("the baseline '{}'", a_file(file))
    known = tuple(one for one in places if one.rule in pages)
    return Before(known, place.root, called, tuple(_notes(called, version, names, places, pages)))


class _DamagedError(Exception):
    """What is wrong with a document, as what follows the file's name."""


def _parsed(document: Any) -> tuple[str, Mapping[str, str], tuple[Keyed, ...]]:
    """The version that wrote a baseline, the names that rules had, and the places. Raises _DamagedError."""
    run = _only(_member(document, "runs", list, "is no SARIF log"), "is no SARIF log of one run")
    none = "is a SARIF log, but no baseline; pgssllint --write-baseline makes one"
    form = _member(_member(run, "properties", dict, none), "baseline", int, none)
    if form != FORM:
        raise _DamagedError(f"is of form {form}, and this version reads {FORM}; write it anew")
    driver = _member(_member(run, "tool", dict, none), "driver", dict, none)
    version = _word(driver, "version", _VERSION, "does not say which pgssllint wrote it")
    rules = _member(driver, "rules", list, "is damaged: it does not list its rules")
    names = {}
    for number, rule in enumerate(rules, 1):
        why = f"is damaged: rule {number} has no id and name"
        names[_word(rule, "id", _RULE, why)] = _word(rule, "name", _NAME, why)
    results = _member(run, "results", list, "is damaged: it has no results")
    places = []
    for number, result in enumerate(results, 1):
        why = f"is damaged: result {number} has no places with rule, key, path and weight"
        found = _member(_member(result, "properties", dict, why), "places", list, why)
        places += [_place(place, why) for place in found]
        if not found:
            raise _DamagedError(why)
    return version, names, tuple(places)


def _member(value: Any, name: str, kind: type, why: str) -> Any:
    """A member of an object, of the kind that it has to be."""
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, kind) or isinstance(found, bool):
        raise _DamagedError(why)
    return found


def _only(values: list[Any], why: str) -> Any:
    if len(values) != 1:
        raise _DamagedError(why)
    return values[0]


def _word(value: Any, name: str, form: re.Pattern[str], why: str) -> str:
    word: str = _member(value, name, str, why)
    if not form.fullmatch(word):
        raise _DamagedError(why)
    return word


def _place(value: Any, why: str) -> Keyed:
    path: str = _member(value, "path", str, why)
    if not path or len(path) > _MOST_PATH or "\0" in path:
        raise _DamagedError(why)
    weight = _member(value, "weight", int, why)
    if weight not in _WEIGHTS:
        raise _DamagedError(why)
    return Keyed(_word(value, "rule", _RULE, why), _word(value, "key", _KEY, why), encodable(path), weight)


def _notes(
    called: Said, version: str, names: Mapping[str, str], places: tuple[Keyed, ...], pages: Mapping[str, Page]
) -> Iterator[Notification]:
    """What is to be said of a baseline that this version did not write."""
    if version != __version__:
        why = "pgssllint {} wrote {}, and this is {}: what is new may be what only this version finds."
        yield Notification(say(why, ours(version), called, ours(__version__)))
    missing = sorted({place.rule for place in places} - set(pages))
    if missing:
        why = "Left out of {} are findings of rules that this version does not have: {}."
        yield Notification(say(why, called, ours(_few(missing))))
    renamed = sorted(rule for rule, name in names.items() if rule in pages and pages[rule].name != name)
    if renamed:
        why = "Rules have been renamed since {} was written: {}. Their findings are known by the ids."
        yield Notification(say(why, called, ours(_few(renamed))))


def _few(rules: Sequence[str]) -> str:
    more = [f"{len(rules) - NAMED} more"] if len(rules) > NAMED else []
    return listed([*rules[:NAMED], *more])
