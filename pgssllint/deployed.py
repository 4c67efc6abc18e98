"""A server's own data directory -> its deployment: where its configuration lies, and how it was started last."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from pgssllint.configuration.declared import Declared
from pgssllint.configuration.nearest import Configurations
from pgssllint.deployment import Deployment
from pgssllint.files import Files, Unread, errno_text
from pgssllint.finding import LogLevel
from pgssllint.handles import real_path, within
from pgssllint.languages import Language
from pgssllint.launch import Launch, last_start, launches, stated_start
from pgssllint.locate import Locator, PathMap
from pgssllint.main_files import absolute_data_directory, named_data_directory, unread_auto, with_auto
from pgssllint.package_places import DEBIAN_FOLDER
from pgssllint.permissions import server_view
from pgssllint.postgres.conf_log import main_file_not_found
from pgssllint.postgres.entries import Given, of_command_line
from pgssllint.postgres.parameters import folded
from pgssllint.postgres.reading import read_entries
from pgssllint.postgres.start_options import DATA_DIRECTORY_OPTION, OPTIONS_FILE, read_options
from pgssllint.postgres.unopened import unopened_main
from pgssllint.project import Project
from pgssllint.quoting import Sentence, a_file, ours, say
from pgssllint.request import Request
from pgssllint.text import Source
from pgssllint.ways import NOT_THERE

MAIN_FILE = "postgresql.conf"


class _Main(NamedTuple):
    """A main file, the local data directory of its server, and how it is started; `others` in the order of counting."""

    source: Source
    data_directory: str
    starts: tuple[Launch, ...]


def deployed(request: Request, data_dir: str) -> Deployment | str:
    """The server with the data directory `data_dir`, an absolute path; else a sentence that says why there is none."""
    if (unusable := unusable_map(request)) is not None:
        return unusable
    if not os.path.isdir(data_dir):
        why = "is not a directory" if os.path.lexists(data_dir) else "does not exist"
        return f"The data directory '{request.data_dir or data_dir}' {why}."
    files = files_of(request)
    locator = _locator(request, files, data_dir)
    found = _main(request, locator, data_dir)
    return found if isinstance(found, str) else _deployment(request, locator, found)


def unusable_map(request: Request) -> str | None:
    """A sentence on a map of deployed files that cannot hold; None where there is none."""
    absent = next((one.local for one in request.maps if not os.path.lexists(one.local)), None)
    if absent is not None:
        return f"Option '--map': '{absent}' does not exist."
    held = next(
        (one for one in request.maps if within(files_of(request).local(one.server), real_path(one.local))), None
    )
    if held is not None:
        return f"Option '--map': '{held.server}' lies in '{held.local}', which is to stand in its place."
    return None


def files_of(request: Request) -> Files:
    """The view of the files of a server that is deployed: wherever its configuration leads, below the chroot."""
    stand_ins = tuple(real_path(one.local) for one in request.maps)
    return Files(None, chroot=request.chroot, overlays=request.overlays, beside=stand_ins)


def _locator(request: Request, files: Files, data_directory: str) -> Locator:
    """What seeks the files of the server; maps speak of its paths as they are here."""
    maps = tuple(PathMap(files.local(one.server), one.local) for one in request.maps)
    return Locator(files, deployed=True, data_directory=data_directory, maps=maps)


def _deployment(request: Request, locator: Locator, main: _Main) -> Deployment:
    files, folder, at = locator.files, main.data_directory, main.source.path
    view = server_view(files, folder, request.identity)
    project = Project(folder, files, Configurations(folder, files, request.imposed or Declared()))
    locator = replace(locator, data_directory=folder, view=view)
    is_read = view is None or view.may_read(at)
    given = _given(main.starts)
    closed = view.closed_folder(at) is not None if view is not None else False
    entries = unopened_main(main.source, found=not closed)
    if is_read:
        own = read_entries(main.source, locator)
        named = _last(main.starts, "data_directory") or absolute_data_directory(own)
        other = _folder_named(named, files)
        if other is not None and files.look(other).real != files.look(folder).real:
            return _deployment(request, locator, main._replace(data_directory=other))
        # Beside a data directory that is not there the server reads nothing, and ends.
        entries = with_auto(own, locator, files.local(named) if named and named.startswith("/") else folder)
    return Deployment(
        at=at,
        project=project,
        locator=locator,
        main=main.source if is_read else None,
        entries=entries.followed_by(of_command_line(given)),
        deployed=True,
        data_directory=folder,
        launches=(*main.starts, *launches(project, os.path.dirname(at))),
        auto=unread_auto(locator, folder),
    )


def _given(starts: Sequence[Launch]) -> tuple[Given, ...]:
    """The settings that a command line gives, but for those that say where the configuration was found. What is stated
    takes the place of what the last start gave.
    """
    stated = {_named(one) for start in starts if start.language is Language.STATED for one in start.given}
    return tuple(
        one
        for start in starts
        for one in start.given
        if _named(one) != "config_file" and (start.language is Language.STATED or _named(one) not in stated)
    )


def _named(given: Given) -> str:
    """The name of a setting as the server takes it from its command line."""
    return folded(given.name.replace("-", "_"))


def _main(request: Request, locator: Locator, data_dir: str) -> _Main | str:
    """The main file: the one that is stated, that of the last start, that of the data directory, or Debian's."""
    stated = stated_start(request.settings)
    named = request.config_file or _last(stated, "config_file")
    if named is not None:
        source = _read(locator, os.path.abspath(named))
        if isinstance(source, Unread):
            return f"The configuration file '{os.path.abspath(named)}' {source.reason}."
        folder = _data_directory(source, stated, locator) or data_dir
        return _Main(source, folder, (*_last_start(locator.files, folder), *stated))
    started = _last_start(locator.files, data_dir)
    at = os.path.join(data_dir, MAIN_FILE)
    inside = _read(locator, at)
    for path in _started_with(started, locator.files):
        source = _read(locator, path)
        if isinstance(source, Source):
            return _Main(source, _data_directory(source, (*started, *stated), locator) or data_dir, (*started, *stated))
        if _last(started, "config_file") is not None:
            started = tuple(one._replace(doubt=_gone(path, source)) for one in started)
    if isinstance(inside, Source):
        return _Main(inside, data_dir, (*started, *stated))
    if inside.reason not in NOT_THERE:
        return f"The configuration file '{at}' {inside.reason}; where it lies elsewhere, name it with --config-file."
    for path in debian_files(locator.files):
        source = _read(locator, path)
        if isinstance(source, Source) and _is_of(source, data_dir, locator):
            return _Main(source, data_dir, (*started, *stated))
    says = f"{LogLevel.STDERR}: {main_file_not_found(at, errno_text(inside.reason)).text}"
    why = f"holds no {MAIN_FILE}, and neither its {OPTIONS_FILE} nor {DEBIAN_FOLDER} leads to one"
    return f"The data directory '{data_dir}' {why}; name it with --config-file. 'postgres -D' would say: {says}"


def _read(locator: Locator, path: str) -> Source | Unread:
    return locator.files.read(locator.standing(path))


def _last_start(files: Files, data_directory: str) -> tuple[Launch, ...]:
    """What postmaster.opts says of the last start."""
    source = files.read(os.path.join(data_directory, OPTIONS_FILE))
    return (last_start(source),) if isinstance(source, Source) else ()


def _started_with(starts: Sequence[Launch], files: Files) -> Iterator[str]:
    """The main file that the server was last started with, where its options name one: itself, or by its folder."""
    named = _last(starts, "config_file")
    if named is not None and named.startswith("/"):
        yield files.local(named)
    for start in starts if named is None else ():
        text = start.source.text
        folders = [text[o.value.start : o.value.end] for o in read_options(start.source) if _is_folder(o.letter)]
        yield from (os.path.join(files.local(folder), MAIN_FILE) for folder in folders[-1:] if folder.startswith("/"))


def _gone(path: str, why: Unread) -> Sentence:
    """What is not known of a start where the main file of the last one is not to be read any more."""
    return say("whether it is started with '{}' again, which {}", a_file(path), ours(why.reason))


def _is_folder(letter: str) -> bool:
    return letter == DATA_DIRECTORY_OPTION


def _last(starts: Sequence[Launch], name: str) -> str | None:
    """The last value that a command line gives a setting; None where it gives none."""
    values = [one.value for start in starts for one in start.given if _named(one) == name]
    return values[-1] if values else None


def _data_directory(main: Source, starts: Sequence[Launch], locator: Locator) -> str | None:
    """The data directory that a command line or the configuration file names, if it is here."""
    return _folder_named(_last(starts, "data_directory") or named_data_directory(main, locator), locator.files)


def _folder_named(named: str | None, files: Files) -> str | None:
    """The local folder of an absolute server path, if it is here."""
    local = files.local(named) if named is not None and named.startswith("/") else None
    return local if local is not None and files.look(local).kind == "directory" else None


def _is_of(main: Source, data_dir: str, locator: Locator) -> bool:
    """Whether a configuration file is that of a data directory."""
    folder = _data_directory(main, (), locator)
    return folder is not None and locator.files.look(folder).real == locator.files.look(data_dir).real


def debian_files(files: Files) -> Iterator[str]:
    """The main files of Debian's clusters, in order."""
    for major in _folders(files, files.local(DEBIAN_FOLDER)):
        yield from (os.path.join(cluster, MAIN_FILE) for cluster in _folders(files, major))


def _folders(files: Files, folder: str) -> Iterator[str]:
    names = files.entries(folder)
    for name in () if isinstance(names, Unread) else names:
        path = os.path.join(folder, name)
        if files.look(path).kind == "directory":
            yield path
