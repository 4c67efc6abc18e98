"""What is told of a cluster beside findings: what was not understood, what is not known, and what was not looked at."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from pgssllint.cluster import Cluster
from pgssllint.finding import Finding, Location, Notification, Severity
from pgssllint.languages import Language
from pgssllint.postgres.parameters import BEFORE_10, folded
from pgssllint.prediction import Untold, unread
from pgssllint.quoting import Place, Quote, Sentence, a_file, ours
from pgssllint.rulebook import Rulebook
from pgssllint.showing.templates import stands_alone
from pgssllint.sources.kinds import OPERATOR
from pgssllint.syntax.template_control import marks
from pgssllint.text import legible
from pgssllint.traced import Virtual
from pgssllint.tracking import silence
from pgssllint.unknown import UNKNOWN

_MOST_NAMED = 20
"""So many settings of a command line are named."""

NOT_READ_BY_LINTER = "PGS911"
"""The rule that files are told under that are there and that the linter could not read."""


def notices(cluster: Cluster, unspoken: Iterable[Untold], rules: Rulebook) -> Iterator[Notification]:
    """All of them; `unspoken` are the lines that the server refuses and that no finding tells of."""
    yield from map(_unspoken, unspoken)
    yield from _last_start(cluster)
    yield from _unknown_version(cluster)
    yield from _parameters_of_old(cluster)
    yield from _git_silent(cluster)
    yield from _templates(cluster, rules)
    yield from _left_off(cluster)
    yield from _unread(cluster, rules)


def tools_own(findings: Sequence[Finding]) -> Iterator[Notification]:
    """One line on what rules have to say of text that a tool writes, which nobody can change in front of us."""
    loud = [finding for finding in findings if finding.severity is not Severity.NOTE and finding.suppressed is None]
    loud = [finding for finding in loud if not _is_operators(finding.at)]
    if loud:
        rules = ", ".join(sorted({f"{finding.rule} {finding.name}" for finding in loud}))
        said = f"What the tool writes itself is not among the findings; {rules} would speak of it."
        yield Notification(said, loud[0].at)


def _is_operators(at: Location) -> bool:
    """Whether an operator wrote what stands there: of its own last record PGS820 speaks, and of the rest nobody."""
    if not isinstance(at.source, Virtual) or at.span is None:
        return False
    return all(run.key == OPERATOR for run in at.source.between(at.span))


def _unspoken(line: Untold) -> Notification:
    said = "The server refuses this line and does not start"
    if not line.sure:
        said = "Where this line is there, the server refuses it and does not start"
    return Notification(said, line.at, log=line.log)


def _last_start(cluster: Cluster) -> Iterator[Notification]:
    """What the last start's command line gave, which counts as the next one's."""
    for launch in cluster.deployment.launches:
        if launch.language is Language.OPTIONS and launch.given:
            source, names = launch.source, dict.fromkeys(one.name.replace("-", "_") for one in launch.given)
            quoted = tuple(Quote(name, Place.ASSIGNED) for name in islice(names, _MOST_NAMED))
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            places = ", ".join(["'{}'"] * len(quoted)) + more
            template = f"The last start's command line counts as the next one's; it gives {places}."
            yield Notification(Sentence(template, quoted), Location(source.path, source, source.line_span(1)))


def _unknown_version(cluster: Cluster) -> Iterator[Notification]:
    """One line where the server is of a major that the linter does not know, or may be by what something says."""
    target = cluster.target
    if target.older is not None:
        first = f"{target.major}, the first major that the linter knows"
        says = f"{target.evidence[:1].upper()}{target.evidence[1:]} says PostgreSQL {target.version}. "
        if target.or_older:
            says = f"'{target.evidence}' is a parameter of servers before {target.major}. "
        what = f"Of a server before {first}, only what methods and addresses expose is told, as of that."
        message = f"{says}{what}" if target.evidence else what
        yield Notification(message, Location(cluster.deployment.at))
    if target.assumed and target.evidence:
        message = f"{target.evidence[0].upper()}{target.evidence[1:]}, so it is judged as {target.major}."
        yield Notification(message, Location(cluster.deployment.at))


def _parameters_of_old(cluster: Cluster) -> Iterator[Notification]:
    """One line where nothing says the version, and a parameter does that was gone before 10."""
    names = (entry for entry in cluster.conf.entries.all if folded(entry.name) in BEFORE_10)
    entry = next(names, None) if cluster.target.assumed and not cluster.target.evidence else None
    if entry is not None:
        said = "'{}' is a parameter of servers before 10; if this is one, state it by --pg-version, as 9.6."
        yield Notification(Sentence(said, (Quote(entry.name, Place.ASSIGNED),)), entry.at)


def _git_silent(cluster: Cluster) -> Iterator[Notification]:
    top = cluster.deployment.project.top
    if top is not None and any(cluster.rights.tracked(key) is UNKNOWN for key in cluster.tls.keys):
        yield silence(top)


def _templates(cluster: Cluster, rules: Rulebook) -> Iterator[Notification]:
    """PGS912, once a file."""
    places = [*cluster.conf.entries.templates, *(at for _, file in cluster.auth.files for at in file.templates)]
    told: set[str] = set()
    for place in places:
        if place.path not in told and place.source is not None and place.span is not None and _is_value(place):
            told.add(place.path)
            expression = legible(place.source.text[place.span.start : place.span.end])
            kind = Place.TEMPLATE if stands_alone(place.source.text, place.span) else Place.STRING
            named = (("expression", Quote(expression, kind)),)
            yield Notification(Sentence(rules.pages["PGS912"].messages["default"], named=named), place, "PGS912")


def _is_value(place: Location) -> bool:
    """Whether a template puts something in there, and does not only say when a line is there."""
    text = place.source.text if place.source is not None else ""
    found = list(marks(text[place.span.start : place.span.end])) if place.span is not None else []
    return not found or not all(mark.is_control for mark in found)


def _left_off(cluster: Cluster) -> Iterator[Notification]:
    """One line for each of the files that include more than the linter reads."""
    for one in (cluster.conf.entries.left_off, *(file.left_off for _, file in cluster.auth.files)):
        if one is not None:
            yield Notification(f"Here reading stops, so what else there is is not known: {one.why}.", one.at)


def _unread(cluster: Cluster, rules: Rulebook) -> Iterator[Notification]:
    """PGS911, for each file; an error where nothing can be said of a cluster without it."""
    template = rules.pages[NOT_READ_BY_LINTER].messages["default"]
    for name, why, at, is_main in unread(cluster):
        named = (("file", a_file(name)), ("reason", ours(why)))
        yield Notification(Sentence(template, named=named), at, NOT_READ_BY_LINTER, error=is_main)
