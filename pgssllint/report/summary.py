"""The end of the text report: counts, what was not in view, what else is to be told, and each cluster's prediction."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import wrap

from pgssllint.finding import ClusterReport, Notification, Outcome, Prediction
from pgssllint.report.places import shown_path
from pgssllint.report.style import Style
from pgssllint.report.words import (
    hidden_by,
    is_counted_only,
    listed,
    logged,
    of_examples,
    passed_over,
    place_of,
    plain,
    plural,
    spoken,
    tally,
)
from pgssllint.target import How, Target, spoken_majors
from pgssllint.text import visible

_NAMED = 3
"""So many files that are not in view are named."""

_SKIPPED = 5
"""So many paths that a walk passed over are named."""


def summary(outcome: Outcome, style: Style, base: str, width: int) -> Iterator[str]:
    """The lines of the summary; paths relative to the folder `base`."""
    worst = max((f.severity for f in outcome.open_findings), key=lambda s: s.weight, default=None)
    predictions = [p for cluster in outcome.clusters for p in cluster.predictions]
    silent = any(p.hidden is not None for p in predictions)
    seen = all(p.starts for p in predictions)
    kind = worst.value if worst is not None else "warning" if silent else "good" if seen else "note"
    yield from _wrapped(tally(outcome, base), "", kind, style, width)
    first = next((finding for finding in outcome.open_findings if not is_counted_only(outcome, finding)), None)
    if first is not None:
        more = f"More about the first: pgssllint explain {first.rule}"
        yield from (style.paint("dim", line) for line in wrap(more, width, subsequent_indent="  "))
    yield from particulars(outcome, style, base, width)


def particulars(outcome: Outcome, style: Style, base: str, width: int) -> Iterator[str]:
    """The lines of the summary below the verdict: what was not looked at, what else is told, and each prediction."""
    for line in of_examples(outcome, base):
        yield from _wrapped("", line, "dim", style, width)
    if outcome.not_checked:
        yield from _wrapped("Not in view: ", _not_in_view(outcome), "dim", style, width)
    if outcome.skipped:
        yield from _wrapped("Passed over: ", passed_over(outcome.skipped, base, _SKIPPED), "dim", style, width)
    for notification in outcome.notifications:
        word, kind = ("error: ", "error") if notification.error else ("notice: ", "note")
        yield from _wrapped(word, _told(notification, base), kind, style, width)
    for cluster in outcome.clusters:
        yield from _cluster(outcome, cluster, style, base, width)


def _not_in_view(outcome: Outcome) -> str:
    rules = {rule for item in outcome.not_checked for rule in item.rules}
    files = list(dict.fromkeys(item.file for item in outcome.not_checked))
    without = f"; {plural(len(rules), 'rule')} did not run for want of {'it' if len(files) == 1 else 'them'}"
    return f"{_names(files)}{without if rules else ''}.{_telling(outcome)}"


def _telling(outcome: Outcome) -> str:
    """The option that brings files into view, which are named by absolute paths or lie in the data directory; none
    where that has been given, or the files are here and could not be read.
    """
    files = list(dict.fromkeys(item.file for item in outcome.not_checked if not item.unread))
    if not files or any(cluster.deployed for cluster in outcome.clusters):
        return ""
    if any(file.startswith("/") for file in files):
        return f" Say where {'it lies' if len(files) == 1 else 'they lie'} here by --map SERVER=LOCAL."
    return " On the server itself, --data-dir sees all."


def _names(files: list[str]) -> str:
    shown = [f"'{visible(file)}'" for file in files[:_NAMED]]
    if len(files) > _NAMED:
        shown.append(f"{len(files) - _NAMED} more (--format json has all)")
    return listed(shown)


def _told(notification: Notification, base: str) -> str:
    place = f"{place_of(notification.at, base)}: " if notification.at is not None else ""
    return place + visible(spoken(notification))


def _cluster(outcome: Outcome, cluster: ClusterReport, style: Style, base: str, width: int) -> Iterator[str]:
    name = _name(cluster, base)
    for _, group in groupby(cluster.predictions, key=_alike):
        predictions = list(group)
        yield from _wrapped(f"{name}: ", spoken_targets([one.target for one in predictions]), "strong", style, width)
        word, kind, why = _prediction(outcome, cluster, predictions[0], base)
        yield from _wrapped(word, why, kind, style, width, "  ")
    for upgrade in cluster.upgrades:
        word, kind, why = _prediction(outcome, cluster, upgrade, base)
        yield from _wrapped(f"{name}: upgraded to PostgreSQL {upgrade.target.major}, {word}", why, kind, style, width)


def _name(cluster: ClusterReport, base: str) -> str:
    """What a cluster is called: its file, and what a tool's file calls it, with what of it was judged."""
    path = shown_path(cluster.path, base)
    if cluster.name:
        return f"{path}, {visible(cluster.name)}" + (f" ({visible(cluster.judged)})" if cluster.judged else "")
    return path + (" (deployed)" if cluster.deployed else " (a fragment)" if cluster.fragment else "")


def _alike(prediction: Prediction) -> tuple[object, ...]:
    """What the predictions of several majors must share to be told in one sentence."""
    target = prediction.target
    chosen = (target.openssl, target.openssl_how, target.how, target.evidence, target.or_older)
    told = (prediction.starts, prediction.rule, _logged(prediction), prediction.hidden)
    return (*chosen, *told, prediction.open, prediction.granted)


def _logged(prediction: Prediction) -> str:
    return visible(logged(prediction.log)) if prediction.log is not None else ""


def spoken_targets(targets: Sequence[Target]) -> str:
    """What a cluster is judged for, of some majors that were chosen in the same way, and how that is known."""
    target = targets[0]
    majors = spoken_majors(tuple(one.number for one in targets))
    if target.or_older:
        by = visible(target.evidence)
        return f"PostgreSQL {majors} or older, by {by}; OpenSSL {target.openssl} ({target.openssl_how})"
    return f"PostgreSQL {majors} ({chosen_how(target)}), OpenSSL {target.openssl} ({target.openssl_how})"


def chosen_how(target: Target) -> str:
    """How the major of a target was chosen, in a few words."""
    if target.how is How.FOUND and target.evidence:
        return f"found by {visible(target.evidence)}"
    return target.how.value


def _prediction(outcome: Outcome, cluster: ClusterReport, prediction: Prediction, base: str) -> tuple[str, str, str]:
    """The words of the prediction, how they are painted, and what follows them."""
    hidden = f" ({hidden_by(prediction.hidden, base)})" if prediction.hidden is not None else ""
    if prediction.starts is None:
        return "whether it starts cannot be told", "warning", f": {_open(outcome, cluster, prediction, hidden)}."
    if prediction.starts:
        granted = (
            f" Taken for granted: {visible(listed(map(plain, prediction.granted)))}." if prediction.granted else ""
        )
        return "the server starts", "good", f".{granted}"
    why = [part for part in (f"{prediction.rule or ''}{hidden}", _logged(prediction)) if part]
    return "the server does not start", "error", f": {', '.join(why)}" if why else "."


def _open(outcome: Outcome, cluster: ClusterReport, prediction: Prediction, hidden: str) -> str:
    """What leaves a prediction open."""
    if prediction.rule:
        return f"{prediction.rule}{hidden} is not sure"
    if prediction.open:
        return f"it takes {visible(listed(map(plain, prediction.open)))}"
    return visible(cluster.known) or f"{_missing(outcome, cluster)} not in view"


def _missing(outcome: Outcome, cluster: ClusterReport) -> str:
    """What a prediction waits for, and its verb: the files that this cluster names and that are not in view."""
    alone = len(outcome.clusters) == 1
    named = [i for i in outcome.not_checked if alone or (i.named_by is not None and i.named_by.path == cluster.path)]
    files = list(dict.fromkeys(item.file for item in named))
    if not files:
        return "what would decide it is"
    return f"{_names(files)} {'is' if len(files) == 1 else 'are'}"


def _wrapped(head: str, rest: str, kind: str, style: Style, width: int, indent: str = "") -> Iterator[str]:
    """`head`, painted as `kind`, and `rest`, on lines of `width` columns."""
    further = indent + "  "
    lines = wrap(head + rest, width, initial_indent=indent, subsequent_indent=further, break_on_hyphens=False)
    painted = indent + head.rstrip()
    if lines and lines[0].startswith(painted):
        lines[0] = indent + style.paint(kind, head.rstrip()) + lines[0][len(painted) :]
    yield from lines
