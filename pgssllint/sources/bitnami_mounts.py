"""What is put where Bitnami's image seeks its server's files: in their folder, and in that which is copied there."""

import posixpath
import re
from collections.abc import Mapping

from pgssllint.files import Files
from pgssllint.sources.workload import Mount, Workload
from pgssllint.text import Source, Span
from pgssllint.traced import Traced, joined, written
from pgssllint.unknown import Unknown

VOLUME = "/bitnami/postgresql"
CONF_MOUNTED = f"{VOLUME}/conf"
CONF = "/opt/bitnami/postgresql/conf"

EXTENDED = "conf.d"
"""The folder in CONF of files that the image's own postgresql.conf includes."""


def mounted(workload: Workload, files: Files) -> dict[str, Mount]:
    """What stands in the folder of the configuration by its name there: what is put there itself, which the image takes
    for the user's own as well, and over it what is mounted to be copied there.
    """
    found: dict[str, Mount] = {}
    for folder in (CONF, CONF_MOUNTED):
        for one in workload.mounts:
            if one.server == folder and one.local is not None:
                names = files.entries(one.local)
                for name in names if isinstance(names, tuple) else ():
                    found[name] = one._replace(local=posixpath.join(one.local, name))
            elif one.server.startswith(folder + "/"):
                found[one.server[len(folder) + 1 :]] = one
    return found


def extended(named: Mapping[str, Mount], files: Files) -> Traced | None:
    """What stands in conf.d, which the postgresql.conf that the image makes includes; None where nothing in view is."""
    held = {name: one for name, one in named.items() if name.startswith(f"{EXTENDED}/")}
    folder = named.get(EXTENDED)
    if folder is not None and folder.local is not None:
        names = files.entries(folder.local)
        for name in names if isinstance(names, tuple) else ():
            held[f"{EXTENDED}/{name}"] = folder._replace(local=posixpath.join(folder.local, name))
    parts: list[Traced] = []
    for name in sorted(held):
        text = seen(held[name], files) if re.fullmatch(rf"{EXTENDED}/[^./][^/]*\.conf", name) else None
        if isinstance(text, Traced) and len(text):
            parts.append(text if text.text.endswith("\n") else text + text.beside("\n", EXTENDED))
    return joined(parts) if parts else None


def contents(one: Mount | None) -> Traced | Unknown | None:
    """The text of what a manifest mounts itself, UNKNOWN of what stands in a file, None where nothing is mounted."""
    if one is None:
        return None
    return one.contents if one.contents is not None else Unknown.UNKNOWN


def seen(one: Mount | None, files: Files) -> Traced | Unknown | None:
    """The text of what is mounted, read for what it says of TLS."""
    source = files.read(one.local) if one is not None and one.local is not None else None
    return written(source, Span(0, len(source.text))) if isinstance(source, Source) else contents(one)
