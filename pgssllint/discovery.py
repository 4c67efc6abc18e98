"""The paths a user gives -> projects and the sites of their clusters."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import NamedTuple

from pgssllint.cluster import Site
from pgssllint.evidence import launches
from pgssllint.files import Files, Overlay, Presence, Unread
from pgssllint.finding import Notification
from pgssllint.locate import Locator, PathMap
from pgssllint.postgres.parameters import majors_of
from pgssllint.postgres.settings import Settings, read_settings
from pgssllint.project import Declared, Project, read_declared, root_of, tracked_by_git, walk, work_tree
from pgssllint.target import ASSUMED_MAJOR, Clients, OpenSSL
from pgssllint.text import Source

TEMPLATE_SUFFIXES = (".sample", ".example", ".dist", ".j2", ".erb", ".tmpl", ".tpl", ".template")
"""A file so named is no main file unless it is named on the command line."""

LONE_KINDS = ("hba", "ident", "hosts")
"""The kinds of file that make a cluster of their own where no main file takes them."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for; paths as given, relative to the working directory.

    `majors` and `openssl` are empty where nothing is stated, and `upgrade_to` where it is not said what majors an
    upgrade may lead to. `server_uid` is None for the owner of the data directory.
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
    upgrade_to: tuple[int, ...] = ()
    clients: Clients = field(default_factory=Clients)
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
                    f"The folder '{word}' holds no postgresql.conf and no pg_hba.conf, pg_ident.conf or pg_hosts.conf; "
                    "name a file by its path."
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
    site = replace(site, tracked=_tracked(site), clients=request.clients)
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
    """A site for each postgresql.conf, and one for each pg_hba.conf, pg_ident.conf and pg_hosts.conf that none took."""
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
        taken |= set(_taken(site))
        yield site
    for kind, path in sorted((_kind_of(path, project) or "", path) for path in mains):
        if kind in LONE_KINDS and os.path.realpath(path) not in taken:
            source = project.files.read(path)
            if not isinstance(source, Unread):
                site = _lone_site(project, path, source, request, kind)
                taken |= set(_taken(site))
                yield site
            elif notes is not None:
                notes.append(Notification(f"'{path}' {source.reason} and was not checked."))


def _taken(site: Site) -> Iterator[str]:
    """The real paths of the pg_hba.conf, pg_ident.conf and pg_hosts.conf of a site."""
    first = site.at_first_sight
    for opened in (first.hba_opened, first.ident_opened, first.hosts_named):
        if opened is not None and opened.path is not None:
            yield os.path.realpath(opened.path)


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
    if kind in LONE_KINDS:
        return [_lone_site(project, path, source, request, kind)]
    if kind == "conf":
        site = _conf_site(project, path, source, request)
        return [replace(site, fragment=by_name != "conf")]
    return []


def _conf_site(project: Project, path: str, source: Source, request: Request) -> Site:
    declared = project.declared
    folder = os.path.dirname(path)
    data_directory = folder if os.path.isfile(os.path.join(folder, "PG_VERSION")) else None
    maps = (*request.maps, *declared.maps)
    locator = Locator(project.files, False, data_directory, maps=maps, complete=declared.complete, find=project.named)
    entry = read_settings(source, locator, ASSUMED_MAJOR).effective("data_directory")
    if entry is not None and not entry.unknown and entry.value.startswith("/"):
        locator = replace(locator, server_data_directory=entry.value)
    given = tuple(g for launch in launches(project, folder) for g in launch.given if majors_of(g.name))
    site = Site(path, source, project, locator, data_directory=data_directory, given=given)
    return replace(site, tracked=_tracked(site), clients=request.clients)


def _lone_site(project: Project, path: str, source: Source, request: Request, kind: str) -> Site:
    """A pg_hba.conf, pg_ident.conf or pg_hosts.conf that no main file took: every setting is unknown."""
    maps = (*request.maps, *project.declared.maps)
    locator = Locator(project.files, False, None, maps=maps, complete=project.declared.complete, find=project.named)
    site = Site(path, None, project, locator, clients=request.clients)
    match kind:
        case "ident":
            return replace(site, ident=source)
        case "hosts":
            return replace(site, hosts=source)
    return replace(site, hba=source)


def _tracked(site: Site) -> frozenset[str] | None:
    """What git tracks of the cluster's keys, asked only where a key is in view."""
    if site.deployed or not site.project.in_git:
        return frozenset()
    cluster = site.at_first_sight
    key = cluster.tls_files.get("ssl_key_file")
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
