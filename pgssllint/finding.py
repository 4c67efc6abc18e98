"""Findings: what a check says, what the engine makes of it, and where it points."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from pgssllint.keyed import Keyed
from pgssllint.languages import Read
from pgssllint.quoting import Said, Sentence, ours
from pgssllint.stages import Reload, Stage
from pgssllint.target import Target
from pgssllint.text import Region, Source, Span


class Effect(StrEnum):
    """What a finding means for the server and its clients."""

    REFUSES_START = "refuses-start"
    LOCKS_OUT = "locks-out"
    EXPOSES = "exposes"
    BREAKS_UPGRADE = "breaks-upgrade"
    NO_EFFECT = "no-effect"
    HYGIENE = "hygiene"


class Severity(StrEnum):
    """SARIF's levels of a failure."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def weight(self) -> int:
        """2 for an error, 1 for a warning, 0 for a note."""
        return {"error": 2, "warning": 1, "note": 0}[self.value]


class Confidence(StrEnum):
    """How sure the linter is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class LogLevel(StrEnum):
    """How a server marks what it logs. With FATAL and PANIC it ends; STDERR is for what it says before it has a log."""

    LOG = "LOG"
    WARNING = "WARNING"
    FATAL = "FATAL"
    PANIC = "PANIC"
    STDERR = "postgres"


@dataclass(frozen=True, slots=True)
class LogLine:
    """What a server logs, without the timestamp: the message of one report (errmsg in the server's code).

    `text` has the server's words; paths in it are local ones. `detail` are those of the DETAIL line behind it, empty
    where there is none, and None where they are not known. `said` is what the text is made of, None where no word of it
    comes from a file.
    """

    level: LogLevel
    text: str
    detail: str | None = ""
    said: Sentence | None = field(default=None, compare=False)

    @property
    def sentence(self) -> Sentence:
        """What the text is made of."""
        return self.said if self.said is not None else Sentence("{}", (ours(self.text),))


def log_line(level: LogLevel, template: str, *arguments: Said) -> LogLine:
    """The line of a template with places `{}`, and what fills them."""
    said = Sentence(template, arguments)
    return LogLine(level, str(said), said=said) if arguments else LogLine(level, template)


def at_log(template: str, *arguments: Said) -> LogLine:
    """A message at LOG: a server that has to stop for what it says ends with another one, which says no more."""
    return log_line(LogLevel.LOG, template, *arguments)


def at_fatal(template: str, *arguments: Said, detail: str | None = "") -> LogLine:
    """A message at FATAL, with which a server ends."""
    return replace(log_line(LogLevel.FATAL, template, *arguments), detail=detail)


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file, or a file as a whole.

    `path` is absolute and local. `source` and `span` are None where no text can be pointed at (the file is missing,
    or binary). With `secret`, no text of the file may be shown, only where it is. A `label` that is a str has no word
    of a file.
    """

    path: str
    source: Source | None = None
    span: Span | None = None
    label: str | Sentence = ""
    secret: bool = False

    @property
    def region(self) -> Region | None:
        """Line and columns, or None for the file as a whole."""
        return None if self.source is None or self.span is None else self.source.region(self.span)

    @property
    def line_key(self) -> tuple[str, int]:
        """Path and line; line 0 for the file as a whole."""
        if self.source is None or self.span is None:
            return self.path, 0
        return self.path, self.source.position(self.span.start)[0]

    @property
    def key(self) -> tuple[str, int, int]:
        """Path and span: what locations are compared and ordered by."""
        return (self.path, *(self.span or (-1, -1)))

    @property
    def is_users(self) -> bool:
        """Whether a user wrote what stands there; else a tool did, and `home` is what makes it do so."""
        return self.source is None or self.span is None or self.source.home(self.span).is_users

    def home(self) -> "Location":
        """The place in the file that a user wrote: itself, where no tool makes the file."""
        if self.source is None:
            return self
        if self.span is None:
            path = self.source.written_path
            return self if path == self.path else Location(path, label=self.label, secret=self.secret)
        home = self.source.home(self.span)
        if home.source is self.source:
            return self
        return Location(home.source.path, home.source, home.span, self.label, self.secret)


class Edit(NamedTuple):
    """Replace `span` of the file at `path` by `text`; None where a report may not tell the text."""

    path: str
    source: Source
    span: Span
    text: str | None


class Fix(NamedTuple):
    """Edits that mend a finding. `safe`: same meaning, or plainly what was intended.

    The words that `description` has in single quotes are those of the edits, or the linter's own.
    """

    description: str
    edits: tuple[Edit, ...]
    safe: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """What a check yields; the engine makes a Finding of it with the rule's page.

    `message` names one of the page's message templates and `arguments` fill it; those that are no Quote stand where
    showing/arguments.py says of arguments of their name. `effect`, `severity`, `confidence` and `stage` are given only
    where this case differs from the page. `log` is the line that the target's server will write. `accepted_by` names
    majors whose servers accept what this target's refuses, and `openssl_accepting` series of OpenSSL: on an assumed
    target the engine then lowers the finding. `entry` is that of pg_hosts.conf whose files are at fault, counted from
    1, else 0. `reload` is what a reload does, where it is no usual one of its stage; `commands` mend it in a shell.
    """

    at: Location
    arguments: Mapping[str, object] = field(default_factory=dict)
    message: str = "default"
    related: tuple[Location, ...] = ()
    effect: Effect | None = None
    severity: Severity | None = None
    confidence: Confidence | None = None
    log: LogLine | None = None
    accepted_by: tuple[int, ...] = ()
    openssl_accepting: tuple[str, ...] = ()
    fix: Fix | None = None
    stage: Stage | None = None
    entry: int = 0
    reload: Reload | None = None
    commands: tuple[tuple[str, ...], ...] = ()


class Suppression(NamedTuple):
    """What silences a finding: its place, the reason given, and the last day on which it holds (None: each day)."""

    at: Location
    reason: str
    until: date | None = None


class Deployed(NamedTuple):
    """What a report calls a deployment: the absolute path of its file, and what a tool's file calls it, if one does."""

    path: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's word on one place. `text` is the filled template `message` of its page, and `said` what it is made of.

    `majors` are the targets it holds for, and `logs` has the line that a server of each will write; `stage` is the step
    of a starting server that fails, for refuses-start, and `entry` the entry of pg_hosts.conf at which it does, else 0.
    `reload` is what a running server does about it at a reload; None where that is not said. `members` are those that
    it tells as one, itself as it was among them; none where it is about one place alone. `example` is the folder of
    examples, or the compose file for tests, that it is about, if it is about one. `deployments` are those that it
    holds for. `fail_on` is the least severity that fails a run there. `unchanged`: a baseline knows all its places.
    """

    rule: str
    name: str
    effect: Effect
    severity: Severity
    confidence: Confidence
    text: str
    message: str
    arguments: tuple[tuple[str, str], ...]
    at: Location
    related: tuple[Location, ...]
    majors: tuple[int, ...]
    logs: tuple[tuple[int, LogLine | None], ...]
    stage: Stage | None
    fix: Fix | None
    suppressed: Suppression | None = None
    entry: int = 0
    said: Sentence | None = field(default=None, compare=False)
    reload: Reload | None = None
    members: tuple["Finding", ...] = ()
    example: str = ""
    deployments: tuple[Deployed, ...] = ()
    commands: tuple[tuple[str, ...], ...] = ()
    fail_on: Severity = Severity.WARNING
    unchanged: bool = False

    @property
    def places(self) -> tuple["Finding", ...]:
        """What it tells of each of its places, as if it stood there alone."""
        return self.members or (self,)

    @property
    def log(self) -> LogLine | None:
        """The line that a server of the first major will write."""
        return self.logs[0][1]


class Notification(NamedTuple):
    """Something about the run itself: a file that could not be read, a rule that failed, a template.
    `rule` is the 9xx id it goes under, if any; `error` says that the linter could not do its job (exit status 2).
    `log` is the line of a server that the message speaks of; reports write it behind the message. A `message` that is a
    str has no word of a file. `configures`: it tells what a project's configuration changes; people are always told.
    """

    message: str | Sentence
    at: Location | None = None
    rule: str | None = None
    error: bool = False
    log: LogLine | None = None
    configures: bool = False


class NotChecked(NamedTuple):
    """A file that is named and not in view, and the rules that did not run for want of it. `unread`: it is there, and
    the linter itself could not read it.
    """

    file: str
    named_by: Location | None
    rules: tuple[str, ...]
    reason: str
    unread: bool = False


class Hidden(NamedTuple):
    """Why no finding of a rule is told: it is `switched off` or `suppressed` (`how`), by an option or at a place."""

    how: str
    by: Location | str


class Prediction(NamedTuple):
    """Whether a server of `target` starts: True, False, or None where something that could refuse is not in view.

    For False, `rule` is the rule that says so and `log` the line the server will write; for None it is a rule that says
    so and is not sure. `hidden` tells why no finding says so. `open` is what decides beside the files, where that is
    what leaves it open, and `granted` what is taken for granted of the machine where it is True.
    """

    target: Target
    starts: bool | None
    rule: str | None = None
    log: LogLine | None = None
    hidden: Hidden | None = None
    open: tuple[str | Sentence, ...] = ()
    granted: tuple[str | Sentence, ...] = ()


class ClusterReport(NamedTuple):
    """What a report says of one cluster: its main file (absolute path), whether it is deployed, and a prediction for
    each target, in the order of the majors; `upgrades` has one for each major that an upgrade is said to lead to.
    Where the main file is that of a tool that starts several servers, `name` is what it calls this one, and `judged`
    says what of it was looked at. `known` says what is known where there is no postgresql.conf, and what would tell.
    `fragment`: it is no cluster of its own but a part of one's settings, and nothing in view includes it.
    """

    path: str
    deployed: bool
    predictions: tuple[Prediction, ...]
    upgrades: tuple[Prediction, ...] = ()
    name: str = ""
    judged: str = ""
    known: str = ""
    fragment: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything a run has to say: what every report is made from.

    `findings` are in the order of their clusters, the worst first, and hold the suppressed ones too; those filtered out
    (not selected, not touching a given file) are absent. `root` is the absolute path that relative paths of a report
    start from. `skipped` are the absolute paths that a walk passed over although files named like PostgreSQL's own lie
    there, or may. All of it is word for word what was read; `read` are the files that lines are quoted from, by which
    reports mask what may not be shown. `gone` are the places of a baseline that are not found any more; None without a
    baseline.
    """

    root: str
    clusters: tuple[ClusterReport, ...]
    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]
    notifications: tuple[Notification, ...]
    exit_status: int
    skipped: tuple[str, ...] = ()
    read: tuple[Read, ...] = ()
    gone: tuple[Keyed, ...] | None = None

    @property
    def errors(self) -> tuple[Notification, ...]:
        """What kept the linter from its work."""
        return tuple(note for note in self.notifications if note.error)

    def fails(self, finding: Finding) -> bool:
        """Whether a finding fails the run: it is open, and of a severity that is asked to."""
        return not (finding.suppressed or finding.unchanged) and finding.severity.weight >= finding.fail_on.weight

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """The findings that are neither suppressed nor unchanged."""
        return tuple(f for f in self.findings if not (f.suppressed or f.unchanged))
