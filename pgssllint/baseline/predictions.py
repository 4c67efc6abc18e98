"""What a change does to predictions: which clusters come and go, and which servers start that did not, or no more."""

from collections.abc import Iterable, Iterator

from pgssllint.finding import ClusterReport, Location, Notification, Prediction
from pgssllint.quoting import Sentence, a_file, ours, say
from pgssllint.target import spoken_majors

_WAS = {True: "started", False: "did not start", None: "was not known to start"}
_IS = {True: "starts", False: "does not start", None: "is not known to start"}

Key = tuple[int, bool]
"""A member of VERSIONS, and whether an upgrade leads there."""


def changes(before: Iterable[ClusterReport], now: Iterable[ClusterReport], called: Sentence) -> Iterator[Notification]:
    """A notification for each cluster that is new, whose predictions have changed, or that has gone; before is
    `called` so. Parts of a cluster that nothing includes are none.
    """
    known = {(one.path, one.name): one for one in before if not one.fragment}
    for cluster in now:
        old = known.pop((cluster.path, cluster.name), None)
        if cluster.fragment:
            continue
        found = _predictions(cluster)
        earlier = _predictions(old) if old is not None else {}
        for key, prediction in found.items():
            sentence = _change(earlier.get(key), prediction, new=old is None)
            if sentence is not None:
                whose = say("{}: ", ours(cluster.name)) if cluster.name else ours("")
                what = say("{}{}{}", whose, ours(_server(key)), sentence)
                yield Notification(say("Since {}: {}.", called, what), Location(cluster.path))
    for path, name in known:
        whose = say(", {}", ours(name)) if name else ours("")
        yield Notification(say("Since {}: the cluster of '{}'{} has gone.", called, a_file(path), whose))


def _predictions(cluster: ClusterReport) -> dict[Key, Prediction]:
    both = [(one, False) for one in cluster.predictions] + [(one, True) for one in cluster.upgrades]
    return {(one.target.number, upgrade): one for one, upgrade in both}


def _server(key: Key) -> str:
    number, upgrade = key
    return f"{'upgraded to ' if upgrade else ''}PostgreSQL {spoken_majors((number,))}"


def _change(before: Prediction | None, now: Prediction, *, new: bool) -> Sentence | None:
    """What has become of a prediction, to stand behind the server's name; None where it is the same, by the same rule
    where the server does not start.
    """
    why = ours(f" ({now.rule})" if now.rule is not None else "")
    if before is None:
        return say(", {}, {}{}", ours("of a new cluster" if new else "not judged before"), ours(_IS[now.starts]), why)
    if before.starts is now.starts and (now.starts is not False or before.rule == now.rule):
        return None
    was = ours(f" ({before.rule})" if before.rule is not None else "")
    return say(" {}{}, and now {}{}", ours(_WAS[before.starts]), was, ours(_IS[now.starts]), why)
