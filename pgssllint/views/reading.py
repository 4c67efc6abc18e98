"""A view of a file, or of the server that reads it: from what is asked for to its rows."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple

from pgssllint.cluster.conf import Conf
from pgssllint.configuration.keys import MAP, PG_VERSION
from pgssllint.configuration.nearest import Configurations
from pgssllint.deployed import unusable_map
from pgssllint.deployment import AuthName, Deployment
from pgssllint.discovery import discover
from pgssllint.files import Files, Opened, Unread
from pgssllint.gathering import Subject, gather
from pgssllint.imposed import elsewhere
from pgssllint.languages import Language, Read
from pgssllint.locate import Locator, PathMap
from pgssllint.packaged import goes_with_servers, packaged_at
from pgssllint.postgres.entries import Entries, of_command_line
from pgssllint.project import root_of_named
from pgssllint.quoting import a_file
from pgssllint.request import Request
from pgssllint.roots import Placed, absolute, placed
from pgssllint.showing.telling import Showing
from pgssllint.stated_settings import OPTION
from pgssllint.target import ASSUMED_MAJOR, MAJORS
from pgssllint.targets import major_of
from pgssllint.text import Source
from pgssllint.traced import Virtual
from pgssllint.unknown import Unknown
from pgssllint.views import VIEWS, Row, View
from pgssllint.views.opener import LiteralOpener, Started
from pgssllint.views.rows import FILE_COLUMNS, Known, QuotedRow, told, word_for_word


class Reading(NamedTuple):
    """The rows of a view, made one by one as they are asked for, and the major they are of.

    `quoted` are the rows with what each value is, and `read` what they were read from, made longer as they are made.
    `evidence` tells what named the major where it was not stated; None where it was, or is assumed. `files` are looked
    at while the rows are made. `names` are those of files here as their server calls them, where it has others.
    """

    quoted: Iterator[QuotedRow]
    read: list[Read]
    major: int
    files: Files
    evidence: str | None = None
    names: Mapping[str, str] = MappingProxyType({})

    @property
    def rows(self) -> Iterator[Row]:
        """The rows word for word: they may hold passwords that stand in the file."""
        return (_called(word_for_word(row), self.names) for row in self.quoted)

    def told(self, *, show_secrets: bool) -> Iterator[Row]:
        """The rows as they may be shown: with `show_secrets` all but keys."""
        showing, files, lists, known = Showing(secrets=show_secrets), set[str](), Known(), 0
        names = {here: showing.tell(a_file(there)) for here, there in self.names.items()}
        for row in self.quoted:
            for one in self.read[known:]:
                showing.add(one)
                if isinstance(one.source, Virtual):
                    # A user wrote its path, who may have meant another place for it.
                    path = one.source.path
                    names[path] = showing.tell(a_file(self.names.get(path, path)))
                if one.source.path not in files:
                    # What is known of the files read decides what may be told.
                    files.add(one.source.path)
                    lists.clear()
            known = len(self.read)
            yield _called(told(row, showing, lists), names)


def _called(row: Row, names: Mapping[str, str]) -> Row:
    """The row with its file as the server calls it."""
    there = {column: names[str(row[column])] for column in FILE_COLUMNS if str(row.get(column)) in names}
    return {**row, **there} if there else row


class _Asked(NamedTuple):
    """What a view is made of: the file, what seeks what it names, how its server is started, and from which files."""

    source: Source
    locator: Locator
    started: Started
    starts: Sequence[Read] = ()


def of_file(command: str, request: Request) -> Reading:
    """The view of the file that is the one path of a request.

    It is read as a file of the deployed server that it lies beside, where it is one of the packages'; else alone, below
    its root. Raises ValueError with a sentence where it cannot be read, the major has no such file, or an option cannot
    hold.
    """
    (path,) = request.paths
    view, place = VIEWS[command], placed(absolute(path))
    if (unusable := unusable_map(request)) is not None:
        raise ValueError(unusable)
    packaged = packaged_at(place, request) if request.root is None else None
    server = packaged.deployments[0] if packaged is not None and packaged.deployments else None
    if server is None:
        alone = request.of_a_server or (OPTION if request.settings and command != "settings" else None)
        if alone is not None:
            left = packaged.left if packaged is not None else ()
            raise ValueError(goes_with_servers(alone, path, left))
    configurations = _configurations(place, request)
    declared = configurations.of(place.here)
    locator = server.locator if server is not None else _locator(place, configurations, request, declared[MAP])
    source = locator.files.read(locator.standing(place.here))
    if isinstance(source, Unread):
        raise ValueError(f"The file '{path}' {source.reason.value}.")
    stated = next(iter(request.majors or declared[PG_VERSION]), None)
    major = stated if stated in MAJORS else None
    found = None
    if major is None and view.since == MAJORS[0]:
        found = (_of_its_cluster(request) if server is None else None) or major_of(place.here, locator.files)
    chosen = major or (found[0] if found is not None else max(ASSUMED_MAJOR, view.since))
    evidence = found[1] if found is not None else declared.path if major is not None else None
    if server is not None:
        return _reading(command, _of_deployment(source, server, chosen), chosen, evidence)
    started = Started(of_command_line(request.settings))
    starts = [Read(one.source, Language.STATED) for one in request.settings[:1]]
    return _reading(command, _Asked(source, locator, started, starts), chosen, evidence)


def _of_its_cluster(request: Request) -> tuple[int, str] | None:
    """The major of the cluster that a file belongs to, by its image or what else `check` would judge it by, and what
    names it; None where nothing does, or not one alone.

    Raises ValueError with a sentence for a configuration that is not right.
    """
    with closing(discover(request)) as found:
        gathered = gather(found, request.stated, datetime.now(UTC))
    targets = [one for subject in gathered.subjects for one in subject.targets[-1:]]
    known = {(one.major, one.evidence) for one in targets if not one.assumed and one.older is None and not one.or_older}
    return next(iter(known)) if len(known) == len({one.major for one in targets}) == 1 else None


def of_server(command: str, subject: Subject) -> Reading:
    """The view of the file that a deployed server reads, on its first target.

    Raises ValueError with a sentence where the server has no such file, or it cannot be read.
    """
    deployment, target, view = subject.deployment, subject.targets[0], VIEWS[command]
    _check_major(view, target.major)
    match command:
        case "hba" | "ident" | "hosts" as name:
            source = _named(view, name, deployment)
        case _:
            source = _main(deployment)
    asked = _of_deployment(source, deployment, target.major)
    reading = _reading(command, asked, target.major, None if target.assumed else target.evidence)
    return reading._replace(names=deployment.server_paths)


def _reading(command: str, asked: _Asked, major: int, evidence: str | None) -> Reading:
    view, language = VIEWS[command], Language(command)
    _check_major(view, major)
    read = [Read(asked.source, language), *asked.starts]

    def seen(other: Source, names: bool) -> None:
        read.append(Read(other, Language.NAMES if names else language, included=True))

    opener = LiteralOpener(asked.locator, seen, asked.started)
    return Reading(view.rows(asked.source, opener, major), read, major, asked.locator.files, evidence)


def _check_major(view: View, major: int) -> None:
    """Raises ValueError with a sentence where the major has no such file."""
    if major < view.since:
        raise ValueError(f"PostgreSQL {major} has no {view.file}; {view.since} is the first that has.")


def _of_deployment(source: Source, deployment: Deployment, major: int) -> _Asked:
    given = tuple(entry for entry in deployment.entries.all if entry.origin == "command line")
    started = Started(Entries(all=given), Conf(deployment, major).ssl is not False)
    starts = tuple(Read(launch.source, launch.language) for launch in deployment.launches)
    return _Asked(source, deployment.locator, started, starts)


def _main(deployment: Deployment) -> Source:
    """The main file of a deployed server. Raises ValueError with a sentence where the server may not read it."""
    if deployment.main is None and deployment.name:
        raise ValueError(f"The postgresql.conf of {deployment.name} in '{deployment.at}' is not in view.")
    if deployment.main is None:
        raise ValueError(f"The server's user may not read the configuration file '{deployment.at}'.")
    return deployment.main


def _named(view: View, name: AuthName, deployment: Deployment) -> Source:
    """The file of client authentication that a server reads. Raises ValueError with a sentence where none is here."""
    opened = deployment.named(name)
    if isinstance(opened, Unknown):
        raise ValueError(f"Which {view.file} the server reads is not in view.")
    if opened.source is None:
        raise ValueError(f"The server's {view.file} '{opened.path or opened.name}' {_why(opened)}.")
    return opened.source


def _why(opened: Opened) -> str:
    return opened.reason.value if opened.reason is not None else "is not in view"


def _configurations(place: Placed, request: Request) -> Configurations:
    """The configurations of the root of a file."""
    root = root_of_named(place, request.root)
    return Configurations(root, Files((root,)), request.imposed)


def _locator(place: Placed, configurations: Configurations, request: Request, declared: Sequence[PathMap]) -> Locator:
    """What seeks the files that a file of no deployed server names: below its root."""
    roots, folder = (configurations.root, *elsewhere(configurations.imposed)), os.path.dirname(place.here)
    files, maps = Files(roots, overlays=request.overlays), (*request.maps, *declared)
    return Locator(files, deployed=True, data_directory=folder, maps=maps)
