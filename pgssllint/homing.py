"""What was found in files that tools make, led to the lines that users wrote."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import takewhile
from typing import NamedTuple

from pgssllint.deployment import Deployment
from pgssllint.finding import (
    Deployed,
    Edit,
    Effect,
    Finding,
    Fix,
    Hidden,
    Location,
    LogLine,
    NotChecked,
    Notification,
    Prediction,
)
from pgssllint.quoting import Quote, Said, Sentence
from pgssllint.text import Source, Span
from pgssllint.traced import By, Virtual

_BY_A_FILE = Fix(
    "The tool writes this itself: give a file of your own in its place (hba_file, config_file), or change its cause.",
    (),
    safe=False,
)


class Led(NamedTuple):
    """Findings at lines that users wrote, and those about what tools write themselves, which nobody can mend
    there, but for what does nothing there.
    """

    findings: tuple[Finding, ...]
    of_tools: tuple[Finding, ...]


def logged_paths(deployment: Deployment) -> Mapping[str, str]:
    """What files here are called in a server's log, by their paths or those of their folders, with a slash at the end.

    Where the files of sources lie on their server nobody knows: they are called as seen from the folder of the main
    one, or from the root of their project.
    """
    if deployment.deployed:
        return deployment.server_paths
    folders = (os.path.dirname(deployment.at), deployment.project.root)
    return {**deployment.server_paths, **{f"{folder}/": "" for folder in folders if folder.strip("/")}}


class Homing:
    """Leads home what is said of one `deployment`. `server_paths` are those of files here as the server calls them, by
    which its log names them (`logged_paths`).
    """

    def __init__(self, deployment: Deployed, server_paths: Mapping[str, str]) -> None:
        self._deployments = (deployment,)
        self._server_paths = server_paths

    def findings(self, findings: Iterable[Finding]) -> Led:
        """The findings with all their places led home. One about a tool's own text stands at the user's line that
        belongs to it, if there is one; one that keeps the server from starting, at what makes the tool write it.
        """
        led: list[Finding] = []
        of_tools: list[Finding] = []
        for finding in findings:
            if not finding.at.is_users:
                if finding.effect is Effect.NO_EFFECT:
                    # What a tool writes for nothing is nobody's loss.
                    continue
                users = [place for place in finding.related if place.is_users and place.source is not None]
                if users:
                    rest = tuple(place for place in (finding.at, *finding.related) if place is not users[0])
                    finding = replace(finding, at=users[0], related=rest, fix=_at_users(finding))
                elif finding.effect is not Effect.REFUSES_START:
                    of_tools.append(finding)
                    continue
            led.append(self._finding(finding))
        return Led(tuple(led), tuple(of_tools))

    def prediction(self, prediction: Prediction) -> Prediction:
        """A prediction in the same manner."""
        hidden = prediction.hidden
        if hidden is not None and isinstance(hidden.by, Location):
            hidden = Hidden(hidden.how, hidden.by.home())
        log = self._log(prediction.log) if prediction.log is not None else None
        return prediction._replace(log=log, hidden=hidden)

    def notification(self, note: Notification) -> Notification:
        """A notification in the same manner."""
        at = note.at.home() if note.at is not None else None
        return note._replace(at=at, log=self._log(note.log) if note.log is not None else None)

    def not_checked(self, item: NotChecked) -> NotChecked:
        """What is not in view, in the same manner."""
        return item._replace(named_by=item.named_by.home()) if item.named_by is not None else item

    def _finding(self, finding: Finding) -> Finding:
        suppressed = finding.suppressed
        return replace(
            finding,
            at=finding.at.home(),
            related=_once(place.home() for place in finding.related),
            logs=tuple((major, self._log(log) if log is not None else None) for major, log in finding.logs),
            fix=_fix(finding.fix) if finding.fix is not None else None,
            suppressed=suppressed._replace(at=suppressed.at.home()) if suppressed is not None else None,
            deployments=self._deployments,
        )

    def _log(self, log: LogLine) -> LogLine:
        """The line with the server's own paths."""
        if not self._server_paths:
            return log
        said = self._said(log.said) if log.said is not None else None
        told = said if isinstance(said, Sentence) else None
        detail = self._server_words(log.detail) if log.detail is not None else None
        return replace(log, text=self._server_words(log.text), detail=detail, said=told)

    def _said(self, said: Said) -> Said:
        if isinstance(said, Sentence):
            named = tuple((name, self._said(value)) for name, value in said.named)
            template = self._server_words(said.template)
            return Sentence(template, tuple(map(self._said, said.arguments)), named)
        if isinstance(said, Quote):
            return said._replace(text=self._server_words(said.text))
        return self._server_words(said) if isinstance(said, str) else said

    def _server_words(self, text: str) -> str:
        for here, there in self._server_paths.items():
            if here in text:
                text = text.replace(here, there)
        return text


def _once(places: Iterable[Location]) -> tuple[Location, ...]:
    """The places, each once: of those that lead to the same, the one that says something."""
    told: dict[tuple[object, ...], Location] = {}
    for place in places:
        known = told.setdefault(place.key, place)
        if not known.label and place.label:
            told[place.key] = place
    return tuple(told.values())


def _at_users(finding: Finding) -> Fix | None:
    """The fix, if it says what to do without an edit, or edits what users wrote; else what mends a file that a tool
    writes. What is not set there a user may set: then the rule's page says what to do.
    """
    fix = finding.fix
    if fix is None:
        return _BY_A_FILE if finding.at.path.endswith(_FILES_OF_RECORDS) else None
    return fix if all(edit.source.home(edit.span).is_users for edit in fix.edits) else _BY_A_FILE


_FILES_OF_RECORDS = ("pg_hba.conf", "pg_ident.conf")


def _fix(fix: Fix) -> Fix:
    """The fix with its edits in the files that users wrote; without any where one cannot be written there."""
    led = [_edit(edit) for edit in fix.edits]
    edits = tuple(edit for edit in led if edit is not None)
    return fix._replace(edits=edits) if len(edits) == len(led) else Fix(fix.description, (), safe=False)


_PLAIN = re.compile(r"[\w./-]*")
"""What stands for itself in scalars of every style, between other characters."""


def _edit(edit: Edit) -> Edit | None:
    """The edit where a user wrote the text; None where that is not written as it stands."""
    source = edit.source
    if not isinstance(source, Virtual):
        return edit
    runs = source.between(edit.span)
    origins = {id(run.source): run.source for run in runs}
    if edit.text is None or len(origins) != 1 or any(run.by is not By.USER or not run.is_exact for run in runs):
        return None
    (origin,) = origins.values()
    old = "".join(origin.text[run.span.start : run.span.end] for run in runs)
    span = Span(runs[0].span.start, runs[-1].span.end)
    if "\n" in old + edit.text:
        return _of_lines(edit, origin, span, old)
    if old != origin.text[span.start : span.end]:
        return None
    # What stays at both ends, as the quotes of a value, is written already.
    before = _alike(old, edit.text)
    after = _alike(reversed(old[before:]), reversed(edit.text[before:]))
    text = edit.text[before : len(edit.text) - after]
    changed = Span(span.start + before, span.end - after)
    return Edit(origin.path, origin, changed, text) if _PLAIN.fullmatch(text) else None


def _alike(one: Iterable[str], other: Iterable[str]) -> int:
    """How many characters two texts begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _of_lines(edit: Edit, origin: Source, span: Span, old: str) -> Edit | None:
    """Whole lines of a block scalar go with their indentation, and come with that of the line that they stand at."""
    text, at = edit.source.text, edit.span.start
    are_lines = all(part == "" or part.endswith("\n") for part in (old, edit.text or "", text[:at]))
    line = origin.line_span(origin.position(span.start)[0])
    indentation = origin.text[line.start : span.start]
    if at == len(text) and at > 0:
        above = edit.source.home(Span(at - 1, at))
        indentation = _indentation(above.source.line(above.source.position(above.span.start)[0]))
        line = Span(span.start, span.start)
    if not are_lines or indentation.strip(" ") or not indentation:
        return None
    written = "".join(indentation + part for part in (edit.text or "").splitlines(keepends=True))
    return Edit(origin.path, origin, Span(line.start, span.end if old else line.start), written)


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" "))]
