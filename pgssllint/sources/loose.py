"""Texts of a server's files that stand by themselves: nothing in view says how the server is started."""

import re
from collections.abc import Mapping

from pgssllint.sources.roles import Role
from pgssllint.sources.site import Site, shown_name
from pgssllint.text import Home
from pgssllint.traced import Virtual

NOWHERE = "/"
"""What stands for the data directory, and for the folder of the files, where nobody says which these are."""

_NAMED: dict[Role, re.Pattern[str]] = {
    role: re.compile(rf"(?im)^[ \t]*{role}_file[ \t]*(?:=|[ \t])[ \t]*'(?P<path>/[^'\n]*)'")
    for role in ("hba", "ident")
}


def loose_site(at: Home, name: str, found: Mapping[Role, tuple[str, Virtual]]) -> Site | None:
    """The server of texts, each with the name that it has there; None for none, and for maps alone, which no server is
    known by.

    Where the main file names the others by absolute paths, it is these that stand there.
    """
    main = found["main"][1].text if "main" in found else ""
    paths = {role: _path(role, called, main) for role, (called, _) in found.items()}
    if not set(paths) - {"ident"}:
        return None
    return Site(
        at=at,
        name=name,
        judged=f"{shown_name(name)}, {', '.join(shown_name(called) for called, _ in found.values())}",
        main=paths.get("main"),
        hba=paths.get("hba"),
        ident=paths.get("ident"),
        files={paths[role]: made for role, (_, made) in found.items()},
        data_directory=NOWHERE,
    )


def _path(role: Role, called: str, main: str) -> str:
    """The path of a file: the last that the main file has for it, else its name."""
    named = list(_NAMED[role].finditer(main)) if role in _NAMED else []
    return named[-1]["path"] if named else NOWHERE + called
