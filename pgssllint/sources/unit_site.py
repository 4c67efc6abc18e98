"""A unit of systemd that starts PostgreSQL itself -> the server that is set up by it."""

import os
import posixpath
import re
from collections.abc import Iterator

from pgssllint.files import Files
from pgssllint.sources.command_line import environment_settings, read_command_line
from pgssllint.sources.site import Image, Site
from pgssllint.sources.systemd import Unit
from pgssllint.traced import Traced

_INSTALLED = re.compile(r"(?P<root>.*?)/(?:etc|lib|usr/lib|usr/local/lib|run)/systemd/system/.*")
"""Where units lie in a machine, of which a repository may hold a part as it is there."""


def unit_site(unit: Unit, called: str, files: Files) -> Site | None:
    """The server of the unit `called` so; None where its command line gives no setting and its main file is not in
    view, so that it says nothing of the server that its files do not say.

    Of a unit that lies as it does in a machine (`etc/systemd/system`) the other files of that machine are around it.
    """
    if unit.options is None:
        return None
    line = read_command_line(unit.options, unit.at, f"{unit.at.source.path}#{called}/command line")
    of_environment = environment_settings(unit.environment, unit.at, called)
    chosen = line.folder if line.folder is not None else unit.data_directory
    folder = chosen.text if isinstance(chosen, Traced) and chosen.is_known and chosen.text.startswith("/") else None

    def inside(name: str) -> str | None:
        return posixpath.join(folder, name) if folder is not None else None

    hit = _INSTALLED.fullmatch(unit.at.source.path)
    around = tuple(_around(hit["root"], files)) if hit is not None else ()
    named = line.value("config_file")
    main = named.text if named is not None and named.is_known else inside("postgresql.conf")
    is_here = any(main is not None and _is_file(main, server, here, files) for server, here in around)
    if not line.settings and not of_environment and not is_here:
        return None
    return Site(
        unit.at,
        f"unit {called}",
        "command line",
        main=main,
        hba=inside("pg_hba.conf"),
        ident=inside("pg_ident.conf"),
        stands=around,
        given=line.settings,
        by_environment=of_environment,
        whole=line.is_whole,
        data_directory=folder,
        tool="systemd",
        image=Image(version=unit.version),
    )


def _around(root: str, files: Files) -> Iterator[tuple[str, str]]:
    """The folders of a machine that lie in a local folder as they do in its root."""
    names = files.entries(root)
    for name in names if isinstance(names, tuple) else ():
        here = os.path.join(root, name)
        if name in _TOP and files.look(here).kind == "directory":
            yield f"/{name}", here


_TOP = frozenset({"etc", "usr", "var", "srv", "opt", "home", "data", "mnt", "run", "lib"})


def _is_file(path: str, server: str, here: str, files: Files) -> bool:
    return path.startswith(f"{server}/") and files.look(here + path[len(server) :]).kind == "file"
