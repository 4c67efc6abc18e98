"""The paths a user gives -> projects and the sites of their clusters."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import NamedTuple

from pgssllint.cluster import Site
from pgssllint.files import Files, Overlay, Presence, Unread
from pgssllint.finding import Notification
from pgssllint.launch import LAUNCH_NAMES, Launch, read_launch
from pgssllint.locate import Locator, PathMap
from pgssllint.postgres.parameters import majors_of
from pgssllint.postgres.settings import Settings, read_settings
from pgssllint.project import Declared, Project, read_declared, root_of, tracked_by_git, walk, work_tree
from pgssllint.target import ASSUMED_MAJOR, MAJORS, How, OpenSSL, Target
from pgssllint.text import Source

TEMPLATE_SUFFIXES = (".sample", ".example", ".dist", ".j2", ".erb", ".tmpl", ".tpl", ".template")
"""A file so named is no main file unless it is named on the command line."""

_VERSIONED_PATH = re.compile(r"(?:postgresql|pgsql|postgres)[/-]([0-9]{2}|[89]\.[0-9])(?![0-9])")


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for; paths as given, relative to the working directory.

    `majors` and `openssl` are empty where nothing is stated. `server_uid` is None for the owner of the data directory.
    `overlays` lays modes and owners over files (by absolute path).
    """

    paths: tuple[str, ...] = (".",)
    root: str | None = None
    data_dir: str | None = None
    config_file: str | None = None
    chroot: str | None = None
    server_uid: int | None = None
    maps: tuple[PathMap, ...] = ()
    majors: tuple[int, ...] = ()
    openssl: OpenSSL | None = None
    hook: bool = False
    overlays: Mapping[str, Overlay] = field(default_factory=dict)


class Found(NamedTuple):
    """The sites in a stable order; what could not be entered or read; sentences for paths that lead nowhere.

    `given` are the real paths of files given by name: only findings that touch them are reported. It is empty when
    everything is to be reported.
    """

    sites: tuple[Site, ...]
    notifications: tuple[Notification, ...]
    errors: tuple[str, ...]
    given: frozenset[str]
    declared: Declared


def discover(request: Request) -> Found:
    """The sites of everything the request names. Raises project.ConfigurationError."""
    if request.data_dir is not None:
        return _deployed(request, os.path.abspath(request.data_dir))
    sites: dict[str, Site] = {}
    notes: list[Notification] = []
    errors: list[str] = []
    given: set[str] = set()
    whole = False
    projects: dict[str, Project] = {}
    walked: dict[str, list[Site]] = {}
    for word in request.paths:
        path = os.path.abspath(word)
        if not os.path.lexists(path):
            errors.append(_absent(word, path))
            continue
        if os.path.isdir(path) and os.path.isfile(os.path.join(path, "PG_VERSION")) and work_tree(path) is None:
            found = _deployed(request, path)
            sites |= {site.at: site for site in found.sites}
            notes += found.notifications
            errors += found.errors
            whole = True
            continue
        root = _root(path, request)
        if root not in projects:
            files = Files((root,), overlays=request.overlays)
            projects[root] = Project(root, files, read_declared(root, files))
        project = projects[root]
        if os.path.isdir(path):
            whole = True
            new, unread = _folder(project, os.path.realpath(path), request)
            notes += unread
            if not new and not unread and not request.hook:
                errors.append(
                    f"The folder '{word}' holds no postgresql.conf and no pg_hba.conf; name a file by its path."
                )
        else:
            if root not in walked:
                walked[root] = list(_sites(project, [p for p in project.walked.paths if project.is_main(p)], request))
            new = _file(project, path, request, walked[root])
            given.add(os.path.realpath(path))
            if not new and not request.hook and not _is_ours(project, path):
                errors.append(_not_ours(project, word, path))
        for site in new:
            sites.setdefault(site.at, site)
    ordered = tuple(sites[key] for key in sorted(sites))
    declared = next((project.declared for project in projects.values()), Declared())
    return Found(ordered, tuple(notes), tuple(errors), frozenset() if whole else frozenset(given), declared)


def targets_of(site: Site, request: Request) -> tuple[Target, ...]:
    """The targets a cluster is judged for: stated, else declared, else found, else the assumed one."""
    openssl = request.openssl
    openssl_how = How.STATED if openssl is not None else How.ASSUMED
    base = Target(ASSUMED_MAJOR, openssl or OpenSSL.parse("3.0"), openssl_how=openssl_how)
    if request.majors:
        return tuple(replace(base, major=major, how=How.STATED) for major in request.majors)
    for version, evidence in _evidence(site):
        major = int(version.partition(".")[0])
        if major in MAJORS:
            return (replace(base, major=major, how=How.FOUND, evidence=evidence),)
        if "." in version or evidence == "PG_VERSION":
            unknown = f"{evidence} says PostgreSQL '{version}', which the linter does not know"
            return (replace(base, evidence=unknown),)
    return (base,)


def major_of(path: str, files: Files) -> tuple[int, str] | None:
    """The major that a PG_VERSION beside a file or the file's own path names, and which of the two; None if neither."""
    source = files.read(os.path.join(os.path.dirname(path), "PG_VERSION"))
    hit = _VERSIONED_PATH.search(path)
    found = [(source.text.strip(), "PG_VERSION")] if isinstance(source, Source) else []
    found += [(hit[1], f"the path '{hit[0].strip('/')}'")] if hit is not None else []
    return next(((int(word), how) for word, how in found if word in map(str, MAJORS)), None)


def _evidence(site: Site) -> Iterator[tuple[str, str]]:
    """Versions (`15`, `9.6`) that something names, and what names them, best evidence first."""
    version = _version_file(site)
    if version is not None:
        yield version, "PG_VERSION"
    if hit := _VERSIONED_PATH.search(site.at):
        yield hit[1], f"the path '{hit[0].strip('/')}'"
    if site.main is not None:
        settings = read_settings(site.main, site.locator, ASSUMED_MAJOR)
        for name in ("data_directory", "hba_file", "ident_file", "external_pid_file"):
            entry = settings.effective(name)
            hit = _VERSIONED_PATH.search(entry.value) if entry is not None and not entry.unknown else None
            if hit is not None:
                yield hit[1], f"'{name}'"
    for launch in _launches(site.project, os.path.dirname(site.at)):
        if launch.version is not None:
            yield launch.version, f"the image in '{os.path.basename(launch.source.path)}'"


def _version_file(site: Site) -> str | None:
    """What PG_VERSION of the data directory says: `15`, or `9.6` before there were majors of one number."""
    folder = site.data_directory or os.path.dirname(site.at)
    source = site.files.read(os.path.join(folder, "PG_VERSION"))
    text = source.text.strip() if isinstance(source, Source) else ""
    return text if re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,2})?", text) else None


def _deployed(request: Request, data_dir: str) -> Found:
    """The one cluster whose data directory this is."""
    files = Files(None, chroot=request.chroot, overlays=request.overlays)
    config = os.path.abspath(request.config_file or os.path.join(data_dir, "postgresql.conf"))
    if not os.path.isdir(data_dir):
        why = "is not a directory" if os.path.lexists(data_dir) else "does not exist"
        return Found((), (), (f"The data directory '{request.data_dir or data_dir}' {why}.",), frozenset(), Declared())
    main = files.read(config)
    if isinstance(main, Unread):
        hint = "" if request.config_file else "; where it lies elsewhere, name it with --config-file"
        why = f"The configuration file '{config}' {main.reason}{hint}."
        return Found((), (), (why,), frozenset(), Declared())
    first = Locator(files, True, data_dir)
    moved = _moved_data_directory(read_settings(main, first, ASSUMED_MAJOR), files, request) or data_dir
    project = Project(data_dir, files)
    locator = replace(first, data_directory=moved)
    uid = request.server_uid if request.server_uid is not None else files.look(moved).uid
    site = Site(config, main, project, locator, deployed=True, data_directory=moved, server_uid=uid)
    site = replace(site, tracked=_tracked(site))
    return Found((site,), (), (), frozenset(), Declared())


def _moved_data_directory(settings: Settings, files: Files, request: Request) -> str | None:
    """The data directory that a configuration file outside of it names."""
    entry = settings.effective("data_directory")
    if request.config_file is None or entry is None or entry.unknown or not entry.value.startswith("/"):
        return None
    local = files.local(entry.value)
    return local if files.look(local).kind == "directory" else None


def _folder(project: Project, folder: str, request: Request) -> tuple[list[Site], list[Notification]]:
    """The sites of the main files below `folder`, and notes on what could not be entered or read."""
    walked = project.walked if folder == project.root else walk(folder, project.files)
    mains = [path for path in walked.paths if project.is_main(path)]
    notes = [
        Notification(f"'{closed}' could not be entered, so nothing below it was checked.", error=closed == folder)
        for closed in walked.closed
    ]
    if walked.truncated:
        notes.append(Notification(f"'{folder}' holds too many files to walk; name the paths to check.", error=True))
    return list(_sites(project, mains, request, notes)), notes


def _sites(
    project: Project, mains: Sequence[str], request: Request, notes: list[Notification] | None = None
) -> Iterator[Site]:
    """A site for each postgresql.conf, and one for each pg_hba.conf that none of them took."""
    taken: set[str] = set()
    for path in mains:
        if _kind_of(path, project) != "conf":
            continue
        source = project.files.read(path)
        if isinstance(source, Unread):
            if notes is not None:
                notes.append(Notification(f"'{path}' {source.reason} and was not checked."))
            continue
        site = _conf_site(project, path, source, request)
        hba = site.at_first_sight.hba_opened
        if hba is not None and hba.path is not None:
            taken.add(os.path.realpath(hba.path))
        yield site
    for path in mains:
        if _kind_of(path, project) == "hba" and os.path.realpath(path) not in taken:
            source = project.files.read(path)
            if not isinstance(source, Unread):
                yield _hba_site(project, path, source, request)
            elif notes is not None:
                notes.append(Notification(f"'{path}' {source.reason} and was not checked."))


def _file(project: Project, path: str, request: Request, sites: Sequence[Site]) -> list[Site]:
    """Those `sites` of its root that a file given by name belongs to; a site of its own where none has it."""
    real = os.path.realpath(path)
    touching = [site for site in sites if real in site.at_first_sight.paths]
    if touching or _is_tls_material(path):
        return touching
    source = project.files.read(path)
    if isinstance(source, Unread):
        return []
    by_name = _kind_of(path, project)
    kind = by_name or _sniffed(source)
    if kind == "hba":
        return [_hba_site(project, path, source, request)]
    if kind == "conf":
        site = _conf_site(project, path, source, request)
        return [replace(site, fragment=by_name != "conf")]
    return []


def _conf_site(project: Project, path: str, source: Source, request: Request) -> Site:
    declared = project.declared
    folder = os.path.dirname(path)
    data_directory = folder if os.path.isfile(os.path.join(folder, "PG_VERSION")) else None
    maps = (*request.maps, *declared.maps)
    locator = Locator(project.files, False, data_directory, None, maps, declared.complete, project.named)
    entry = read_settings(source, locator, ASSUMED_MAJOR).effective("data_directory")
    if entry is not None and not entry.unknown and entry.value.startswith("/"):
        locator = replace(locator, server_data_directory=entry.value)
    given = tuple(g for launch in _launches(project, folder) for g in launch.given if majors_of(g.name))
    site = Site(path, source, project, locator, data_directory=data_directory, given=given)
    return replace(site, tracked=_tracked(site))


def _hba_site(project: Project, path: str, source: Source, request: Request) -> Site:
    maps = (*request.maps, *project.declared.maps)
    locator = Locator(project.files, False, None, None, maps, project.declared.complete, project.named)
    return Site(path, None, project, locator, hba=source)


def _launches(project: Project, folder: str) -> Iterator[Launch]:
    """The compose files and Dockerfiles in a folder or in its parents up to the root, nearest first."""
    while folder == project.root or folder.startswith(project.root.rstrip("/") + "/"):
        names = project.files.entries(folder)
        for name in () if isinstance(names, Unread) else names:
            if LAUNCH_NAMES.fullmatch(name):
                source = project.files.read(os.path.join(folder, name))
                if isinstance(source, Source):
                    yield read_launch(source)
        if folder == project.root:
            return
        folder = os.path.dirname(folder)


def _tracked(site: Site) -> frozenset[str] | None:
    """What git tracks of the cluster's keys, asked only where a key is in view."""
    if site.deployed or not site.project.in_git:
        return frozenset()
    cluster = site.at_first_sight
    key = cluster.key
    own = (key.opened.path,) if key is not None and key.opened.path and key.opened.presence is Presence.HERE else ()
    paths = {path for key_path in (*own, *cluster.keys_beside) for path in (key_path, os.path.realpath(key_path))}
    return tracked_by_git(site.project.root, sorted(paths)) if paths else frozenset()


def _kind_of(path: str, project: Project) -> str | None:
    """`conf`, `hba`, `ident` or `hosts` by the file's name, `conf` for a declared file, else None."""
    name = os.path.basename(path)
    for suffix in TEMPLATE_SUFFIXES:
        name = name.removesuffix(suffix)
    for kind in ("hba", "ident", "hosts"):
        if re.fullmatch(rf"(?:.*[._-])?pg_{kind}(?:[._-].*)?\.conf", name):
            return kind
    if name == "postgresql.auto.conf":
        return None
    if re.fullmatch(r"postgresql(?:[._-].*)?\.conf|.*[._-]postgresql\.conf", name):
        return "conf"
    return "conf" if project.is_main(path) else None


def _sniffed(source: Source) -> str | None:
    """What a file is by its contents: `conf` or `hba` if most of its lines could be nothing else."""
    lines = [line.strip() for line in source.text.splitlines()[:2000]]
    lines = [line for line in lines if line and not line.startswith("#")]
    if not lines:
        return None
    records = sum(bool(re.match(r"(?:local|host(?:no)?(?:ssl|gssenc)?)\s+\S+\s+\S+", line)) for line in lines)
    names = [re.match(r"([A-Za-z_]\w*)\s*(?:=|\s)", line) for line in lines]
    known = sum(bool(name and majors_of(name[1])) for name in names)
    if records * 2 > len(lines):
        return "hba"
    return "conf" if known * 2 > len(lines) else None


def _root(path: str, request: Request) -> str:
    """The root of a PATH. A link to a file belongs where it lies, not where it leads: it may lead out of the root."""
    if request.root is not None:
        return os.path.realpath(request.root)
    if os.path.isdir(path):
        return root_of(os.path.realpath(path))
    return root_of(os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path)))


def _absent(word: str, path: str) -> str:
    """The sentence for a path that does not exist, with the nearest name beside it."""
    beside = Files((os.path.dirname(path),)).entries(os.path.dirname(path))
    near = [] if isinstance(beside, Unread) else get_close_matches(os.path.basename(path), beside, 1, 0.6)
    hint = f" Did you mean '{os.path.join(os.path.dirname(word), near[0])}'?" if near else ""
    return f"The path '{word}' does not exist.{hint}"


def _is_tls_material(path: str) -> bool:
    return path.lower().endswith((".crt", ".cer", ".pem", ".key", ".crl", ".der"))


def _is_ours(project: Project, path: str) -> bool:
    """Whether a file that no cluster has is of a kind that the linter knows, and may be silent about."""
    return _is_tls_material(path) or _kind_of(path, project) in ("ident", "hosts")


def _not_ours(project: Project, word: str, path: str) -> str:
    source = project.files.read(path)
    if isinstance(source, Unread):
        return f"The file '{word}' {source.reason}."
    return f"The file '{word}' holds nothing of PostgreSQL's configuration that the linter reads."
