"""Which files of a walk are PostgreSQL's: those with its names, and those that read as such under other names."""

import os
import re
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from pgssllint.deployment import AUTH_SETTINGS, Deployment
from pgssllint.endings import CONFIGURING, TEMPLATES, held_in, language_of
from pgssllint.files import Unread
from pgssllint.finding import Location, Notification
from pgssllint.handles import real_path
from pgssllint.locate import Locator
from pgssllint.programs import content_lines, is_ours
from pgssllint.project import Project, Walked
from pgssllint.recognition import Kind, is_fragment, kind_of, may_be_ours, of_others, read_as, why_left
from pgssllint.sieve import MAIN_NAMES
from pgssllint.sources.hints import speaks
from pgssllint.sources.kinds import COMMAND_UNKNOWN
from pgssllint.text import Source
from pgssllint.unknown import Unknown

MAX_BYTES = 1024 * 1024
"""A longer file with another name is none that a person wrote to configure a server."""

MOST_TOLD = 5
"""So many files that were left alone are told of by name."""

MOST_OTHERS = 50
"""So many files of other names are judged that nothing names; of more somebody has to name those that count."""

MAX_INCLUDED = 1000
"""So many files that records include are followed, to tell whether a file is one of them."""

ORDER: tuple[Kind, ...] = ("conf", "hba", "hosts", "ident")
"""What is looked at first: a main file takes the others."""

_OTHER_NAMES = frozenset({"recovery.conf", "pg_service.conf"})
"""Files of PostgreSQL that are none of the four kinds."""

_INCLUDE = re.compile(r"(?m)^[ \t]*include(?P<folder>_dir)?(?:_if_exists)?[ \t]+\"?(?P<name>[^\s\"#]+)")


class Candidate(NamedTuple):
    """A file of a walk that is one of PostgreSQL's.

    `named`: by its name, or because it is declared; else by its contents. `fragment`: it is a part of a main file.
    """

    kind: Kind
    path: str
    named: bool = True
    fragment: bool = False

    @property
    def order(self) -> tuple[int, bool, bool, str]:
        """Main files come first, and those of their name before others."""
        return ORDER.index(self.kind), self.fragment, not self.named, self.path


def candidates(project: Project, walked: Walked) -> tuple[list[Candidate], Mapping[str, str]]:
    """The files that are PostgreSQL's, in the order in which they are to be looked at; and why files that are named
    like them were left alone, by their paths: what follows a path in a sentence.
    """
    ours, left = list[Candidate](), dict[str, str]()
    for path in walked.paths:
        if not project.is_main(path):
            if (read := _read_as_ours(path, project)) is not None:
                ours.append(read)
            continue
        kind, source = kind_of(path, project), project.files.read(path)
        why = why_left(source, project) if isinstance(source, Source) else None
        if why is not None:
            left[path] = why
        elif kind is not None:
            ours.append(Candidate(kind, path))
    return sorted(ours, key=lambda one: one.order), left


def told_of(left: Mapping[str, str], taken: Collection[str]) -> Iterator[Notification]:
    """What is said of files that were left alone, but for those that a server takes: some by name, then how many."""
    alone = [(path, why) for path, why in left.items() if real_path(path) not in taken]
    for path, why in alone[:MOST_TOLD]:
        yield Notification(f"'{path}' {why}; it was left alone.")
    if len(alone) > MOST_TOLD:
        yield Notification(
            f"{len(alone) - MOST_TOLD} more files are named like PostgreSQL's and are not; so were they."
        )


def unread(project: Project, walked: Walked) -> Iterator[Notification]:
    """What is said, where nothing else is found, of files that configure PostgreSQL in a form that is not read."""
    told = islice((path for path in walked.paths if path.endswith(CONFIGURING)), MOST_OPENED)
    found = ((path, project.files.read_if(path, MAX_BYTES, speaks)) for path in told)
    said = ((path, held_in(source)) for path, source in found if source is not None)
    for path, held in islice(((path, held) for path, held in said if held is not None), MOST_TOLD):
        yield Notification(f"It is {language_of(path)}; {held}.", Location(path))
    for path in islice((path for path in walked.paths if os.path.basename(path) in _OF_POOLERS), MOST_TOLD):
        program = _OF_POOLERS[os.path.basename(path)]
        yield Notification(f"It is a file of {program} and not of PostgreSQL; it was left alone.", Location(path))


_OF_POOLERS = {"pool_hba.conf": "Pgpool-II", "pgpool.conf": "Pgpool-II", "odyssey.conf": "Odyssey"}

MOST_OPENED = 2000
"""So many files of languages that are not read are opened, to say what they hold."""


def leading_out(walked: Walked) -> Iterator[Notification]:
    """What is said of links that lead out of the root; of those with names of PostgreSQL's files more is said."""
    links = [path for path in walked.leaving if os.path.basename(path) not in MAIN_NAMES]
    if links:
        named = ", ".join(f"'{path}'" for path in links[:MOST_TOLD])
        more = f" and {len(links) - MOST_TOLD} more" if len(links) > MOST_TOLD else ""
        verb = "leads" if len(links) == 1 else "lead"
        yield Notification(
            f"{named}{more} {verb} out of the root and {'is' if verb == 'leads' else 'are'} not followed."
        )


def taken_by(deployment: Deployment) -> Iterator[str]:
    """The real paths of all that a deployment reads: its settings, and the three files with what they include."""
    yield from (real_path(source.path) for source in deployment.entries.sources)
    for name in AUTH_SETTINGS:
        opened = deployment.named(name)
        if not isinstance(opened, Unknown) and opened.path is not None:
            yield real_path(opened.path)
            yield from () if opened.source is None else _included(opened.source, deployment.locator)


def _read_as_ours(path: str, project: Project) -> Candidate | None:
    """The candidate that a file with another name is; None where it is none. It is opened once, if at all."""
    name = os.path.basename(path)
    if name.endswith(TEMPLATES):
        return _template(path, project)
    if not name.endswith(".conf") or name in _OTHER_NAMES:
        return None
    named = kind_of(path, project) is not None
    source = project.files.read_if(path, MAX_BYTES, (lambda _: True) if named else may_be_ours)
    kind = read_as(source, project) if source is not None else None
    return Candidate(kind, path, named=False, fragment=is_fragment(path, project)) if kind is not None else None


def _template(path: str, project: Project) -> Candidate | None:
    """The candidate that a template is which is named like a file of the server's, and has a line of one."""
    kind = kind_of(path, project)
    source = project.files.read_if(path, MAX_BYTES, lambda _: True) if kind is not None else None
    if kind is None or source is None or of_others(kind, source, project) is not None:
        return None
    has_some = any(is_ours(kind, line) for line in content_lines(source.text))
    return Candidate(kind, path, named=False, fragment=is_fragment(path, project)) if has_some else None


def _included(source: Source, locator: Locator) -> Iterator[str]:
    """The real paths of the files that a file of records includes, as majors do that know how to."""
    pending, seen = [source], {real_path(source.path)}
    while pending and len(seen) < MAX_INCLUDED:
        here = pending.pop()
        for path in _named_in(here, locator):
            read, real = locator.files.read(path), real_path(path)
            if real not in seen and not isinstance(read, Unread):
                seen.add(real)
                pending.append(read)
                yield real


def _named_in(source: Source, locator: Locator) -> Iterator[str]:
    """The paths of the files that the directives of one file of records name."""
    named = dict.fromkeys((hit["folder"], hit["name"]) for hit in _INCLUDE.finditer(source.text))
    for is_folder, included in islice(named, MAX_INCLUDED):
        if not is_folder:
            path = locator.open(included, source.path).path
            yield from () if path is None else (path,)
            continue
        folder = locator.folder(included, source.path)
        yield from (os.path.join(folder.path or "", name) for name in folder.names if name.endswith(".conf"))


def stands_of(deployment: Deployment) -> Iterator[str]:
    """The real paths of the files and folders that a tool's server has, and of those that it reads.

    Where nobody can tell what is started, what is mounted may be read or not, and is judged by itself.
    """
    yield from taken_by(deployment)
    yield from (real_path(source.path) for source in deployment.entries.sources)
    site = deployment.site
    is_known = site is not None and all(one.kind != COMMAND_UNKNOWN for one in site.said)
    stands = site.stands if site is not None and is_known else ()
    yield from (real_path(here) for _, here in stands if here is not None)
