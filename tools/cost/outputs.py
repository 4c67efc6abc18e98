"""What is asked of each kind: the reports of `check`, and the views that show something of the kind."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pgssllint.report import FORMATS as REPORTS
from tools.cost.kind import Kind
from tools.cost.kinds import CONF, HBA, IDENT, VIEW_OF

FORMATS = ("concise", *(form for form in REPORTS if form != "concise"))
"""The formats of `check`, the one that takes least first."""

OF_SERVERS = {CONF: ("settings",), HBA: ("hba",), IDENT: ("ident",), "server.crt": ("certs", "ciphers")}
"""The commands that show something of the server whose data directory is named, by what they show it of."""

MAX_WORD = 128 * 1024 - 1
"""No argument of a command is longer (Linux, MAX_ARG_STRLEN)."""


class Asked(NamedTuple):
    """A command, by a name for people: what `pgssllint` is given in the folder of a kind."""

    name: str
    words: tuple[str, ...]


def asked(kind: Kind, folder: Path) -> Iterator[Asked]:
    """All commands that a kind is measured by, in its folder."""
    for form in FORMATS:
        yield Asked(form, ("check", "--format", form, *kind.options, "--", "."))
    if kind.shown is not None:
        view = VIEW_OF[kind.shown]
        for form in ("table", "json"):
            yield Asked(f"{view} {form}", (view, "--format", form, "--", kind.shown))
    if any(_is_of_tool(path.name) for path in folder.iterdir()):
        for form in ("text", "json"):
            yield Asked(f"render {form}", ("render", "--format", form, "--", "."))
    if (folder / HBA).exists():
        for form in ("table", "json"):
            yield Asked(f"access {form}", ("access", "--format", form, *kind.asked, "--", "."))
    for command in (
        command for name, commands in OF_SERVERS.items() if (folder / name).exists() for command in commands
    ):
        main = () if (folder / CONF).exists() else ("--config-file", os.devnull)
        yield Asked(f"{command} of a server", (command, "--data-dir", ".", *main, "--set", "ssl=on"))
    yield from _of_certificates(folder)
    if kind.ciphers is not None:
        for form in ("table", "json"):
            text = kind.ciphers(folder)[:MAX_WORD]
            yield Asked(f"ciphers {form}", ("ciphers", "--format", form, "--", text))


def _of_certificates(folder: Path) -> Iterator[Asked]:
    pem = sorted(path.name for path in folder.iterdir() if path.suffix in (".crt", ".crl", ".key", ".pem"))
    if pem:
        for form in ("tree", "json"):
            yield Asked(f"certs {form}", ("certs", "--format", form, "--", *pem))
    if (folder / "server.crt").exists():
        yield Asked("ciphers certificate", ("ciphers", "--certificate", "server.crt", "HIGH"))


def _is_of_tool(name: str) -> bool:
    return name in ("Dockerfile", "Makefile") or name.endswith((".yaml", ".sh", ".service", ".j2"))
