"""A unit of systemd that starts PostgreSQL itself -> the server that is set up by it."""

import posixpath

from pgssllint.sources.command_line import environment_settings, read_command_line
from pgssllint.sources.site import Image, Site
from pgssllint.sources.systemd import Unit
from pgssllint.traced import Traced


def unit_site(unit: Unit, called: str) -> Site | None:
    """The server of the unit `called` so; None where its command line gives no setting, so that it says nothing of the
    server that its files do not say.
    """
    if unit.options is None:
        return None
    line = read_command_line(unit.options, unit.at, f"{unit.at.source.path}#{called}/command line")
    of_environment = environment_settings(unit.environment, unit.at, called)
    if not line.settings and not of_environment:
        return None
    chosen = line.folder if line.folder is not None else unit.data_directory
    folder = chosen.text if isinstance(chosen, Traced) and chosen.is_known and chosen.text.startswith("/") else None

    def inside(name: str) -> str | None:
        return posixpath.join(folder, name) if folder is not None else None

    return Site(
        unit.at,
        f"unit {called}",
        "command line",
        main=inside("postgresql.conf"),
        hba=inside("pg_hba.conf"),
        ident=inside("pg_ident.conf"),
        given=line.settings,
        by_environment=of_environment,
        whole=line.is_whole,
        data_directory=folder,
        tool="systemd",
        image=Image(version=unit.version),
    )
