"""A main file in sources, or one of the three files that no main file took -> its deployment."""

import os
from dataclasses import replace
from functools import partial

from pgssllint.configuration.keys import COMPLETE, DATA_DIRECTORY, MAP
from pgssllint.deployment import Deployment, Lone, shared_by_clusters, stated_cluster
from pgssllint.files import Files
from pgssllint.launch import launches, stated_start
from pgssllint.locate import Locator
from pgssllint.main_files import unread_auto, with_auto
from pgssllint.postgres.entries import Entries, of_command_line
from pgssllint.postgres.parameters import majors_of
from pgssllint.postgres.reading import read_entries
from pgssllint.project import Project
from pgssllint.recognition import named_ours
from pgssllint.request import Request
from pgssllint.text import Source


def of_main(project: Project, request: Request, source: Source, *, fragment: bool = False) -> Deployment:
    """The deployment of a postgresql.conf in sources, or of a part of one."""
    path, folder = source.path, os.path.dirname(source.path)
    stated = stated_cluster(project, path)[DATA_DIRECTORY]
    data_directory = stated or (folder if is_data_directory(folder, project.files) else None)
    locator = replace(_locator(project, request, path), data_directory=data_directory)
    entries = read_entries(source, locator, shared=shared_by_clusters(locator.files, (path, "")))
    entry = entries.last("data_directory")
    if entry is not None and not entry.unknown and entry.value.startswith("/"):
        locator = replace(locator, server_data_directory=entry.value)
    if not fragment:
        entries = with_auto(entries, locator, data_directory or folder)
    started_by = tuple(launches(project, folder))
    given = [one for launch in started_by for one in launch.given if majors_of(one.name)]
    return Deployment(
        at=path,
        project=project,
        locator=locator,
        main=source,
        entries=entries.followed_by(of_command_line([*given, *request.settings])),
        fragment=fragment,
        data_directory=data_directory,
        launches=(*started_by, *stated_start(request.settings)),
        auto=None if fragment else unread_auto(locator, data_directory or folder),
    )


def of_lone(project: Project, request: Request, lone: Lone) -> Deployment:
    """A pg_hba.conf, pg_ident.conf or pg_hosts.conf that no main file took: every setting is unknown."""
    path, stated = lone.source.path, request.settings
    return Deployment(
        at=path, project=project, locator=_locator(project, request, path), main=None, lone=lone,
        entries=Entries(complete=False).followed_by(of_command_line(stated)),
        launches=(*launches(project, os.path.dirname(path)), *stated_start(stated)),
    )  # fmt: skip


def _locator(project: Project, request: Request, path: str) -> Locator:
    """What seeks the files that the one at `path` names."""
    declared = project.configurations.of(path)
    maps = (*request.maps, *declared[MAP])
    return Locator(
        project.files, deployed=False, data_directory=None, maps=maps, complete=declared[COMPLETE],
        find=partial(named_ours, project),
    )  # fmt: skip


def is_data_directory(folder: str, files: Files) -> bool:
    """Whether a folder says that it is a data directory; that says nothing of who wrote it."""
    return files.look(os.path.join(folder, "PG_VERSION")).kind == "file"
