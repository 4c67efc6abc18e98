"""The places that packages of PostgreSQL keep clusters in: what lies there and says so is a deployed server's."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from pgssllint.deployed import MAIN_FILE, deployed, files_of
from pgssllint.deployment import Deployment
from pgssllint.files import Files, Unread
from pgssllint.handles import within
from pgssllint.locate import Locator
from pgssllint.main_files import named_data_directory
from pgssllint.package_places import PLACES
from pgssllint.request import Request
from pgssllint.roots import Placed
from pgssllint.tracking import work_tree

_DEEPEST = 4
"""So many folders below a place may lie between it and a cluster."""

_ROOT = 0


class Packaged(NamedTuple):
    """What lies at and below a folder: deployed servers, and sentences on the rest that is like one."""

    deployments: tuple[Deployment, ...] = ()
    left: tuple[str, ...] = ()
    homeless: tuple[str, ...] = ()
    """Sentences on data directories whose configuration is not found."""


def packaged_at(place: Placed, request: Request) -> Packaged:
    """The servers that the folder or file at a place that somebody names is of."""
    files = files_of(request)
    if place.left is not None or not _is_below(place.path, files) or work_tree(place.path) is not None:
        return Packaged()
    if place.is_folder:
        return _below(place.path, request, files)
    found = _judged(os.path.join(place.folder, MAIN_FILE), request, files)
    return Packaged((found,)) if isinstance(found, Deployment) else Packaged(left=(found,))


def goes_with_servers(option: str, word: str, left: Sequence[str]) -> str:
    """A sentence on an option of deployed servers that is given with a PATH or FILE at which there is none, as `left`
    says.
    """
    why = left[0] if left else f"'{word}' is no deployed cluster."
    return f"Option '{option}' goes with '--data-dir', '--installed' or a deployed cluster: {why}"


def installed(request: Request) -> Packaged:
    """Every server in these places on this machine, or below the chroot."""
    files = files_of(request)
    found = [_below(folder, request, files) for folder in _places(files)]
    deployments = {one.at: one for packaged in found for one in packaged.deployments}
    taken = {files.look(one.data_directory).real for one in deployments.values() if one.data_directory is not None}
    alone = []
    for folder in (folder for packaged in found for folder in packaged.homeless):
        if files.look(folder).real not in taken:
            one = deployed(replace(request, data_dir=folder), folder)
            if isinstance(one, Deployment):
                deployments[one.at] = one
            else:
                alone.append(one)
    left = tuple(sentence for packaged in found for sentence in packaged.left)
    return Packaged(tuple(deployments[at] for at in sorted(deployments)), left, tuple(alone))


def _places(files: Files) -> Iterator[str]:
    """The places that are here, by their real paths, each once."""
    yield from dict.fromkeys(facts.real for facts in map(files.look, map(files.local, PLACES)) if facts.kind)


def _is_below(path: str, files: Files) -> bool:
    return any(within(path, folder) for folder in _places(files))


def _below(folder: str, request: Request, files: Files) -> Packaged:
    deployments, left, alone = list[Deployment](), list[str](), list[str]()
    for main, data in _clusters(folder, files, _DEEPEST):
        if main is None:
            alone.append(data)
            continue
        found = _judged(main, request, files)
        if isinstance(found, Deployment):
            deployments.append(found)
        else:
            left.append(found)
    return Packaged(tuple(deployments), tuple(left), tuple(alone))


def _clusters(folder: str, files: Files, deepest: int) -> Iterator[tuple[str | None, str]]:
    """The main files at and below a folder, each with its folder, and data directories that hold none."""
    names = files.listed(folder)
    if isinstance(names, Unread):
        return
    main = os.path.join(folder, MAIN_FILE)
    is_data = _is_data_directory(folder, files)
    if files.look(main).kind == "file":
        yield main, folder
    elif is_data:
        yield None, folder
    for one in names if deepest and not is_data else ():
        if one.is_folder:
            yield from _clusters(os.path.join(folder, one.name), files, deepest - 1)


def _judged(main: str, request: Request, files: Files) -> Deployment | str:
    """The server of a main file; else a sentence that says why it is not taken for a deployed one."""
    data_directory = _data_directory(main, files)
    if data_directory is None:
        return f"'{main}' names no data directory that is here and holds PG_VERSION, and is not judged as deployed."
    others = {hop.status.st_uid for hop in files.hops(main) if hop.status is not None} - {_ROOT}
    if others - {files.look(data_directory).uid}:
        owners = f"root and the owner of the data directory '{data_directory}'"
        return f"'{main}' or a folder above it belongs to others than {owners}, and is not judged as deployed."
    return deployed(replace(request, data_dir=data_directory, config_file=main), data_directory)


def _data_directory(main: str, files: Files) -> str | None:
    """The local data directory of a main file: the one that it names, else its own folder. What it includes is read no
    further than its folder, since it is not known yet whose it is.
    """
    folder = os.path.dirname(main)
    confined = Locator(Files((files.look(folder).real,)), deployed=True, data_directory=folder)
    source = confined.files.read(main)
    if isinstance(source, Unread):
        return None
    named = named_data_directory(source, confined)
    local = files.local(named) if named is not None else folder
    return local if _is_data_directory(local, files) else None


def _is_data_directory(folder: str, files: Files) -> bool:
    return files.look(os.path.join(folder, "PG_VERSION")).kind == "file"
