"""Deployments and what is stated -> what is to be judged; files given by name -> the clusters they belong to."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from pgssllint.cluster import Cluster
from pgssllint.deployment import Deployment
from pgssllint.discovery import Asked, Discovered, alone, discover, place
from pgssllint.files import Unread
from pgssllint.finding import Notification
from pgssllint.handles import real_path
from pgssllint.recognition import is_tls_material, is_worth_a_word, why_left
from pgssllint.request import Request
from pgssllint.target import How, Stated, Target
from pgssllint.targets import targets


class Subject(NamedTuple):
    """A deployment, and the targets it is judged for."""

    deployment: Deployment
    targets: tuple[Target, ...]

    def clusters(self, now: datetime) -> Iterator[Cluster]:
        """Its cluster for each target, one after the other: what was read for one alone is let go of with it.

        Dates are judged as of `now`.
        """
        for target in self.targets:
            yield Cluster(self.deployment, target, now)
            self.deployment.forget(target.major)

    def upgraded(self, now: datetime) -> Iterator[Cluster]:
        """Its cluster for each major that somebody said an upgrade leads to, as it would be judged for that alone."""
        stated = [target for target in self.targets if target.upgrade_stated]
        for major in sorted({major for target in stated for major in target.later}):
            target = replace(stated[0].of(major, How.STATED), evidence="", later=(), upgrade_stated=False)
            yield Cluster(self.deployment, target, now)
            self.deployment.forget(major)


class Gathered(NamedTuple):
    """What is to be judged, in the order of its places, and what is to be said of paths.

    `given` are the real paths of files given by name: only findings that touch them are to be reported. It is empty
    where everything is. `skipped` are the paths that walks passed over.
    """

    subjects: tuple[Subject, ...]
    notes: tuple[Notification, ...]
    given: frozenset[str]
    skipped: tuple[str, ...] = ()


def gather(found: Discovered, stated: Stated, now: datetime) -> Gathered:
    """What is to be judged, for the targets that are stated, declared or found, as of `now`.

    A file given by name stands for the clusters it belongs to on one of their targets, else for itself.
    """
    subjects = [_subject(deployment, stated) for deployment in found.deployments.values()]
    notes = list(found.notes)
    asked_for = frozenset(real_path(asked.path) for asked in found.asked)
    owners = {
        id(root): _owners((_subject(one, stated) for one in root.found.deployments), asked_for, now)
        for root in {id(asked.root): asked.root for asked in found.asked}.values()
    }
    for asked in found.asked:
        owning = owners[id(asked.root)].get(real_path(asked.path), [])
        own = alone(asked) if not owning else None
        if own is not None:
            owning = [_subject(own, stated)]
        subjects += owning
        note = _not_ours(asked) if not owning else None
        notes += [note] if note is not None else []
    given = frozenset() if found.whole else asked_for
    chosen = {one.deployment.key: one for one in sorted(subjects, key=lambda one: place(one.deployment))}
    return Gathered(tuple(chosen.values()), tuple(notes), given, found.skipped)


def one_server(request: Request, now: datetime) -> Subject:
    """The one server that a request names, and the targets it is of.

    Raises ValueError with a sentence where there is none, or more than one.
    """
    with closing(discover(request)) as found:
        gathered = gather(found, request.stated, now)
    errors = [str(note.message) for note in gathered.notes if note.error]
    if errors:
        raise ValueError(" ".join(errors))
    if len(gathered.subjects) == 1:
        return gathered.subjects[0]
    deployments = [one.deployment for one in gathered.subjects]
    named = [one for one in deployments if one.name]
    if named:
        names = ", ".join(f"'{one.name}' in '{one.at}'" for one in named)
        raise ValueError(f"There are {len(deployments)} clusters; name one by --deployment: {names}.")
    if not request.names_servers:
        raise ValueError(f"There are {len(deployments)} clusters; name a file by its path.")
    homes = ", ".join(f"'{one.folder}'" for one in deployments)
    raise ValueError(f"There are {len(deployments)} clusters; name one by --data-dir: {homes}.")


def _subject(deployment: Deployment, stated: Stated) -> Subject:
    found = deployment.files.once((deployment.key, stated), lambda: targets(deployment, stated))
    return Subject(deployment, found)


def _owners(subjects: Iterable[Subject], asked_for: frozenset[str], now: datetime) -> Mapping[str, list[Subject]]:
    """Which of the subjects the files `asked_for` belong to, by their real paths."""
    found: dict[str, list[Subject]] = {}
    for subject in subjects:
        clusters = [Cluster(subject.deployment, target, now) for target in subject.targets]
        owned = asked_for & {path for cluster in clusters for path in cluster.paths}
        for path in owned:
            found.setdefault(path, []).append(subject)
        for target in () if owned else subject.targets:
            subject.deployment.forget(target.major)
    return found


def _not_ours(asked: Asked) -> Notification | None:
    """What is to be said of a file given by name that is none of a server's; None where that is nothing.

    TLS files may well lie about without a server. A hook is given what changed, and may get a note of it.
    """
    if is_tls_material(asked.path):
        return None
    project, hook = asked.root.project, asked.root.request.hook
    source = project.files.read(asked.path)
    if isinstance(source, Unread):
        return None if hook else Notification(f"The file '{asked.word}' {source.reason}.", error=True)
    why = why_left(source, project)
    if hook and (why is None or not is_worth_a_word(source, project)):
        return None
    nothing = "holds nothing of PostgreSQL's configuration that the linter reads"
    return Notification(f"The file '{asked.word}' {why or nothing}.", error=not hook)
