"""Outcomes in a few lines each, with all that they hold: what the recorded answers of the examples are written in."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pgssllint.finding import Finding, Hidden, Location, LogLine, NotChecked, Notification, Outcome, Prediction
from pgssllint.report import showing_of
from pgssllint.report.telling import told, told_finding
from pgssllint.rulebook import Page
from pgssllint.target import How, OpenSSL

HERE = "{here}"
"""What stands in what is told for the folder that the files lie in."""

ORDINARY = OpenSSL("3.0", 2)
"""The OpenSSL that is not told of."""

MAJOR = "{major}"
"""What stands in what is told for the major that it is told of."""

Told = tuple[str, ...]
"""The lines that tell of one finding, prediction, or remark; all but the first are indented."""


def pieces(outcome: Outcome, pages: Mapping[str, Page], folder: str) -> tuple[Told, ...]:
    """What reports say of an outcome, piece by piece, with the fixes whole; a finding is told with what its page leaves
    open or has otherwise.
    """
    showing = showing_of(outcome, pages)
    shown = told(outcome, showing)
    findings = tuple(told_finding(finding, showing) for finding in outcome.findings)

    def lines() -> Iterator[Iterable[str]]:
        for cluster in shown.clusters:
            yield from ([_prediction(prediction, findings, folder)] for prediction in cluster.predictions)
        yield from ([_not_checked(item, folder)] for item in shown.not_checked)
        yield from ([_notification(note, folder)] for note in shown.notifications)
        for finding, whole in zip(findings, outcome.findings, strict=True):
            yield _finding(finding, whole, pages[finding.rule], folder)

    majors = {prediction.target.major for cluster in outcome.clusters for prediction in cluster.predictions}
    one = re.compile(rf"(PostgreSQL) {majors.pop()}(?!\.?\d)" if len(majors) == 1 else "((?!))")
    return tuple(tuple(_clean(one.sub(rf"\1 {MAJOR}", line), folder) for line in piece) for piece in lines())


def by_majors(by: Mapping[int, Iterable[Told]]) -> Iterator[str]:
    """The lines of what is told of several majors: what several of them share once, with their numbers before it."""
    of: dict[Told, list[int]] = {}
    for major, own in by.items():
        for piece in own:
            of.setdefault(piece, []).append(major)
    for piece, majors in sorted(of.items(), key=lambda item: item[1][0]):
        yield from _headed(_range(majors), piece)


def differences(first: Sequence[Told], otherwise: Sequence[Told], how: str) -> Iterator[str]:
    """The lines of what is told `otherwise` and not at `first`, and where and of what the others were."""
    for piece in otherwise:
        if piece not in first:
            yield from _headed(how, piece)
    gone = [piece[0].partition(": ")[0] for piece in first if piece not in otherwise]
    if gone:
        yield f"{how} without: {'; '.join(gone)}"


def _headed(head: str, piece: Told) -> Iterator[str]:
    yield f"{head}: {piece[0]}"
    yield from (f"    {line}" for line in piece[1:])


def place(at: Location | None, folder: str) -> str:
    """File, line, columns, label."""
    if at is None:
        return "-"
    region, path = at.region, os.path.relpath(at.path, folder)
    lines = "" if region is None else f":{region.line}:{region.column}-"
    if region is not None:
        lines += f"{region.end_line}:" * (region.end_line != region.line) + str(region.end_column)
    return path + lines + " (secret)" * at.secret + (f" {at.label}" if at.label else "")


def _finding(finding: Finding, whole: Finding, page: Page, folder: str) -> Iterator[str]:
    own = [finding.rule] + [finding.message] * (finding.message != "default")
    own += [finding.severity.value] * (finding.severity is not page.severity)
    own += [finding.effect.value] * (finding.effect is not page.effect)
    own += [f"{finding.confidence.value} confidence"] * (finding.confidence is not page.confidence)
    if finding.stage is not None and finding.stage is not page.stage:
        own.append(f"at {finding.stage.name}")
    own += [f"entry {finding.entry}"] * (finding.entry != 0)
    yield f"{' '.join(own)}, {place(finding.at, folder)}: {finding.text}"
    yield from (f"see {place(related, folder)}" for related in finding.related)
    yield from (f"logs {_log(line)}" for _, line in finding.logs if line is not None)
    if finding.suppressed is not None:
        yield f"suppressed at {place(finding.suppressed.at, folder)}: {finding.suppressed.reason}"
    if finding.fix is not None and whole.fix is not None:
        yield f"{'safe' if finding.fix.safe else 'unsafe'} fix: {finding.fix.description}"
        for edit, shown in zip(whole.fix.edits, finding.fix.edits, strict=True):
            masked = " (masked)" * (shown.text is None)
            yield f"edit {place(Location(edit.path, edit.source, edit.span), folder)}: {edit.text!r}{masked}"


def _prediction(prediction: Prediction, findings: Iterable[Finding], folder: str) -> str:
    target = prediction.target
    word = {True: "starts", False: "refuses", None: "may start"}[prediction.starts]
    why = "" if prediction.rule is None else f" by {prediction.rule}"
    same = any(finding.rule == prediction.rule and finding.log == prediction.log for finding in findings)
    log = "" if prediction.log is None else " and logs it" if same else f" and logs {_log(prediction.log)}"
    hidden = "" if prediction.hidden is None else f", {_hidden(prediction.hidden, folder)}"
    openssl = f" with OpenSSL {target.openssl.series} at {target.openssl.level}"
    how = "" if target.how is How.STATED else f" {target.how.value}"
    return f"{word}{how}{openssl * (target.openssl != ORDINARY)}{why}{log}{hidden}"


def _hidden(hidden: Hidden, folder: str) -> str:
    return f"{hidden.how} by {hidden.by if isinstance(hidden.by, str) else place(hidden.by, folder)}"


def _not_checked(item: NotChecked, folder: str) -> str:
    wanted = "" if item.rules else "; no rule wants it"
    return f"not in view, {place(item.named_by, folder)}: '{item.file}', {item.reason}{wanted}"


def _notification(note: Notification, folder: str) -> str:
    kind = " ".join(word for word in (note.rule, "error" * note.error, "configures" * note.configures) if word)
    log = "" if note.log is None else f", logs {_log(note.log)}"
    return f"notes {kind}, {place(note.at, folder)}: {note.message}{log}"


def _log(line: LogLine) -> str:
    return f"{line.level.value}: {line.text}" + (f" | {line.detail}" if line.detail else "")


def _clean(line: str, folder: str) -> str:
    """A line without the name of the folder, in plain characters; of sources, logs have none."""
    return line.replace(f'"{folder}/', '"').replace(folder, HERE).encode("unicode_escape").decode()


def _range(majors: Iterable[int]) -> str:
    """Majors as `10-13,15`."""
    runs: list[list[int]] = []
    for major in majors:
        if runs and runs[-1][-1] == major - 1:
            runs[-1].append(major)
        else:
            runs.append([major])
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
