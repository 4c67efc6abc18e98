"""The paths a user gives -> the deployments they lead to."""

import os
import shlex
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import NamedTuple

from pgssllint.candidates import MOST_OTHERS, Candidate, candidates, leading_out, stands_of, taken_by, told_of, unread
from pgssllint.configuration.nearest import Configurations
from pgssllint.contained import called, set_up_by
from pgssllint.deployed import deployed
from pgssllint.deployment import Deployment, Lone
from pgssllint.files import Files, Unread
from pgssllint.finding import Notification
from pgssllint.handles import Folders, real_path
from pgssllint.imposed import elsewhere, named_clusters
from pgssllint.package_places import PLACES
from pgssllint.packaged import Packaged, goes_with_servers, installed, packaged_at
from pgssllint.patterns import MAX_GLOBS
from pgssllint.project import Project, Walked, root_of_named, walk
from pgssllint.recognition import is_fragment, is_tls_material, kind_of, sniffed, why_left
from pgssllint.request import Request
from pgssllint.roots import Placed, absent, placed
from pgssllint.sites import sites
from pgssllint.sourced import is_data_directory, of_lone, of_main
from pgssllint.text import Source
from pgssllint.tracking import WorkTrees, silence
from pgssllint.ways import NOT_READ, Reason

UNREAD = "PGS911"
"""The rule that main files are told under that are there and could not be read."""


class Asked(NamedTuple):
    """A file given by name: as it was given, its absolute path by its real folder, and the root it lies in.

    Whether it belongs to one of the root's deployments is not told before their targets are known: a major may read
    files that another does not.
    """

    word: str
    path: str
    root: "Root"


class Discovered(NamedTuple):
    """Where paths lead: deployments by their place, files given by name, what could not be looked at, and the projects.

    `whole`: a folder or a data directory is among the paths, so that everything is to be reported; else only what
    touches the `asked` files. `skipped` are the paths that walks passed over, as their sieves have them.
    """

    deployments: Mapping[tuple[str, str], Deployment] = {}
    asked: tuple[Asked, ...] = ()
    notes: tuple[Notification, ...] = ()
    projects: tuple[Project, ...] = ()
    whole: bool = False
    skipped: tuple[str, ...] = ()

    def close(self) -> None:
        """Close the folders that are held open; whoever reads on opens them anew."""
        for project in self.projects:
            project.files.let_go()


class Root:
    """A root and what the request says of it. What a walk finds in it is found once, however many paths lead there."""

    def __init__(self, project: Project, request: Request, known: "Found | None" = None) -> None:
        """`known` is what is found in it, where that is known without a walk."""
        self.project = project
        self.request = request
        self._known = known

    @cached_property
    def found(self) -> "Found":
        """What the main files of the whole root lead to."""
        return self._known or _found(self, self.project.walked)


class Roots:
    """The roots that paths lead to, each made once. They share the folders that are held, and what git was asked."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self._known: dict[str, Root] = {}
        self._folders = Folders()
        self._trees = WorkTrees(request.tracked)

    def of(self, place: Placed) -> Root:
        """The root of a PATH. Raises ConfigurationError."""
        root = root_of_named(place, self.request.root)
        if root not in self._known:
            imposed = self.request.imposed
            roots = (root, *elsewhere(imposed))
            files = Files(roots, overlays=self.request.overlays, folders=self._folders)
            configurations = Configurations(root, files, imposed)
            self._known[root] = Root(Project(root, files, configurations, self._trees), self.request)
        return self._known[root]


class Found(NamedTuple):
    """The deployments of main files, and what is to be said of those that could not be read, and aside, where something
    is found or not. `takers` has by the real paths of files the places of the deployments that read them.
    """

    deployments: tuple[Deployment, ...]
    notes: tuple[Notification, ...] = ()
    aside: tuple[Notification, ...] = ()
    takers: Mapping[str, frozenset[str]] = {}


def discover(request: Request) -> Discovered:
    """Everything the request names, or the configuration that it imposes. Raises ConfigurationError."""
    several = tuple(named_clusters(request))
    return _merged([_discovered(one) for one in several]) if several else _discovered(request)


def _discovered(request: Request) -> Discovered:
    """Everything the request names, whatever the order in which it does."""
    if request.data_dir is not None:
        return _deployed(request, os.path.abspath(request.data_dir))
    if request.installed:
        return _installed(request)
    roots = Roots(request)
    found = _merged([discovered(word, roots) for word in sorted(set(request.paths))])
    if request.deployment is None:
        return found
    picked = called(found.deployments, request.deployment)
    return _failed(picked) if isinstance(picked, str) else found._replace(deployments={picked.key: picked})


def discovered(word: str, roots: Roots) -> Discovered:
    """What one PATH leads to; `roots` has those met before. Raises ConfigurationError."""
    path = os.path.abspath(word)
    if not word:
        return _failed("A path is empty; write '.' for this folder.")
    place = placed(path)
    if not os.path.lexists(path):
        return _failed(absent(word, place))
    packaged = packaged_at(place, roots.request) if roots.request.root is None else Packaged()
    if packaged.deployments and not packaged.left:
        return _of_packages(word, place, packaged.deployments, roots.request)
    if (option := roots.request.of_a_server) is not None and not packaged.deployments:
        return _failed(goes_with_servers(option, word, packaged.left))
    root = roots.of(place)
    if not place.is_folder and root.request.hook and root.project.configurations.excludes_around(place.here):
        return Discovered(projects=(root.project,))
    if not place.is_folder:
        return Discovered(asked=(Asked(word, place.here, root),), projects=(root.project,))
    reason = root.project.files.look(place.path).reason
    if reason is not None:
        return _failed(f"The folder '{word}' {reason}.")
    return _merged([_folder(word, place.path, root), _of_packages(word, place, packaged.deployments, roots.request)])


def alone(asked: Asked) -> Deployment | None:
    """The deployment that a file given by name is by itself, where it belongs to none; None if it is no such file."""
    project, path = asked.root.project, asked.path
    source = Unread(path, Reason.ABSENT) if is_tls_material(path) else project.files.read(path)
    if isinstance(source, Unread):
        return None
    kind = kind_of(path, project) or sniffed(source)
    if kind is None or why_left(source, project) is not None:
        return None
    return _of_candidate(asked.root, Candidate(kind, path, fragment=is_fragment(path, project)), source)


def place(deployment: Deployment) -> tuple[str, str, bool, int]:
    """What deployments are ordered by, however the paths to them are written: where they are.

    Of several at one place the last counts: what is deployed, else what the nearest root leads to.
    """
    return deployment.at, deployment.name, deployment.deployed, len(deployment.project.root)


def _merged(results: Sequence[Discovered]) -> Discovered:
    """What several paths lead to."""
    deployments = (deployment for result in results for deployment in result.deployments.values())
    return Discovered(
        {one.key: one for one in sorted(deployments, key=place)},
        tuple(asked for result in results for asked in result.asked),
        tuple(note for result in results for note in result.notes),
        tuple({id(project): project for result in results for project in result.projects}.values()),
        any(result.whole for result in results),
        tuple(sorted({path for result in results for path in result.skipped})),
    )


def _failed(sentence: str) -> Discovered:
    return Discovered(notes=(Notification(sentence, error=True),))


def _deployed(request: Request, data_dir: str) -> Discovered:
    """The one server whose data directory this is."""
    found = deployed(request, data_dir)
    if isinstance(found, str):
        return _failed(found)
    return Discovered({found.key: found}, projects=(found.project,), whole=True)


def _installed(request: Request) -> Discovered:
    """The servers in the packages' own places."""
    found = installed(request)
    notes = [Notification(sentence) for sentence in found.left]
    notes += [Notification(sentence, error=True) for sentence in found.homeless]
    if not found.deployments and not found.homeless:
        notes.append(Notification(f"There is no cluster in {', '.join(PLACES)}; name one by --data-dir.", error=True))
    projects = tuple(one.project for one in found.deployments)
    return Discovered({one.key: one for one in found.deployments}, (), tuple(notes), projects, whole=True)


def _of_packages(word: str, place: Placed, servers: Sequence[Deployment], request: Request) -> Discovered:
    """The deployed servers that a PATH is of, and a note on each that says so."""
    notes = tuple(
        Notification(f"'{word}' is judged as the deployed cluster with the data directory '{one.data_directory}'.")
        for one in servers
    )
    projects = tuple(one.project for one in servers)
    if place.is_folder:
        return Discovered({one.key: one for one in servers}, (), notes, projects, whole=bool(servers))
    root = Root(servers[0].project, request, Found(tuple(servers)))
    return Discovered(asked=(Asked(word, place.here, root),), notes=notes, projects=projects)


def _folder(word: str, folder: str, root: Root) -> Discovered:
    """The deployments of the main files below `folder`, and notes on what could not be entered or read."""
    project = root.project
    walked = project.walked if folder == project.root else walk(folder, project)
    notes = [
        Notification(f"'{closed}' could not be entered, so nothing below it was checked.", error=closed == folder)
        for closed in walked.closed
    ]
    if walked.passed_over is not None:
        many = f"'{walked.passed_over}' has more than {MAX_GLOBS:,} patterns with wildcards; the rest hide nothing."
        notes.append(Notification(many))
    if walked.truncated:
        notes.append(Notification(f"'{folder}' holds too many files to walk; name the paths to check.", error=True))
    if project.top is None and is_data_directory(folder, project.files):
        command = shlex.join(["pgssllint", f"--data-dir={word}"])
        why = f"is read as sources are and no further than its root; '{command}' judges it as the data directory"
        notes.append(Notification(f"'{word}' holds PG_VERSION, but {why} of a server."))
    found = root.found if walked is project.walked else _found(root, walked)
    deployments = found.deployments
    notes += found.notes
    notes += () if deployments or notes else unread(project, walked)
    nothing = not deployments and not notes and not root.request.hook
    if nothing:
        names = "pg_hba.conf, pg_ident.conf or pg_hosts.conf"
        why = f"The folder '{word}' holds no postgresql.conf and no {names}; name a file by its path."
        notes.append(Notification(why, error=True))
    notes += (note._replace(error=nothing) for note in found.aside)
    notes += map(silence, walked.silent)
    return Discovered({one.key: one for one in deployments}, (), tuple(notes), (project,), True, walked.skipped)


def _found(root: Root, walked: Walked) -> Found:
    """A deployment for each server that a tool sets up, for each further file that is a main file or a part of one that
    nothing includes, and for each pg_hba.conf, pg_ident.conf and pg_hosts.conf that none took.
    """
    project, takers = root.project, dict[str, frozenset[str]]()
    found: list[tuple[Candidate, Deployment]] = []
    sited = project.files.once(("sites", walked.paths), partial(sites, project.files, walked.paths))
    notes: list[Notification] = list(sited.notes)
    set_up = [set_up_by(site, project, root.request) for site in sited.sites]
    for server in set_up:
        for path in stands_of(server):
            takers[path] = takers.get(path, frozenset()) | {f"{server.at}#{server.name}"}
    others = 0
    ours, left = candidates(project, walked)
    for one in ours:
        own = takers.get(real_path(one.path), frozenset())
        if own and not (one.named and one.kind == "conf" and not any("#" in taker for taker in own)):
            continue
        others += not one.named
        if not one.named and others > MOST_OTHERS:
            continue
        source = project.files.read(one.path)
        if isinstance(source, Unread):
            rule = UNREAD if source.reason in NOT_READ else None
            said = f"'{one.path}' {source.reason} and was not checked."
            notes.append(Notification(said, rule=rule, error=rule is not None))
            continue
        made = project.files.once(("deployment", one.path), partial(_of_candidate, root, one, source))
        found.append((one, made))
        for path in (real_path(one.path), *taken_by(made)):
            takers[path] = takers.get(path, frozenset()) | {one.path}
    if others > MOST_OTHERS:
        many = (
            f"{others - MOST_OTHERS} more files of other names read as PostgreSQL's; name those that are to be checked."
        )
        notes.append(Notification(many))
    whole = takers if walked is project.walked or all(one.named for one, _ in found) else root.found.takers
    # What another file of the root includes, wherever it was met, is a cluster of its own only by its name.
    kept = tuple(made for one, made in found if one.named or whole.get(real_path(one.path), frozenset()) <= {one.path})
    return Found((*set_up, *kept), tuple(notes), (*told_of(left, takers), *leading_out(walked)), takers)


def _of_candidate(root: Root, one: Candidate, source: Source) -> Deployment:
    """The deployment of a main file, or of one of the three files that no main file took."""
    if one.kind == "conf":
        return of_main(root.project, root.request, source, fragment=one.fragment)
    return of_lone(root.project, root.request, Lone(one.kind, source))
