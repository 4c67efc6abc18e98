"""Patroni itself (PyPI's package), and what the linter reads in the same words.

It is fetched once into the cache folder, with what it needs, and asked in a process of its own; it starts nothing.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from difflib import ndiff
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pgssllint.files import Files
from pgssllint.sources.patroni import read_patroni
from pgssllint.sources.site import Site
from pgssllint.text import Source
from tests.support.asked import in_ci
from tests.support.installations import Unavailable, available
from tests.support.patroni_asked import AS_IT_WAS

VERSION = "4.1.5"
"""The version that answers, and of which pgssllint has the tables."""

_NEEDED = (f"patroni=={VERSION}", "psycopg[binary]==3.2.9")
FOLDER = "/var/lib/postgresql/{major}/main"


class Answer(NamedTuple):
    """The three files by their names; none where Patroni takes no such configuration, and `refused` says why."""

    files: dict[str, str]
    refused: str = ""


@cache
def package() -> Path | Unavailable:
    """The folder that Patroni lies in, or why there is none; in CI that fails the test."""
    folder = Path(__file__).parents[2] / ".cache" / "patroni" / VERSION
    if not (folder / "patroni" / "__init__.py").exists():
        command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(folder), *_NEEDED]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            why = f"Patroni {VERSION} cannot be had: {done.stderr.strip()[-200:]}"
            if in_ci():
                raise AssertionError(why)
            return Unavailable(why)
    return folder


def asked(questions: Iterable[tuple[str, int]]) -> list[Answer]:
    """What Patroni writes for each configuration and major; a configuration is asked with a folder of its own."""
    lines = []
    for text, major in questions:
        server = available(major)
        assert not isinstance(server, Unavailable), server.reason
        data = FOLDER.format(major=major)
        one = {"text": text, "major": major, "bin": str(server.bindir), "lib": str(server.libdir), "data": data}
        lines.append(json.dumps(one))
    folder = package()
    assert isinstance(folder, Path), folder
    script = Path(__file__).with_name("patroni_asked.py")
    done = subprocess.run(
        [sys.executable, "-P", str(script)], input="\n".join(lines), capture_output=True, text=True, check=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), "HOME": "/nonexistent"},
    )  # fmt: skip
    answers = map(json.loads, done.stdout.splitlines())
    return [Answer(one.get("files", {}), one.get("refused", "")) for one in answers]


def read(text: str) -> Site | None:
    """The server that the linter reads in a configuration."""
    found = read_patroni(Source("/r/patroni.yml", text.encode()), Files(("/r",)))
    return found[0] if found else None


def differences(answer: Answer, site: Site | None) -> Iterator[str]:
    """What the linter makes of a configuration and Patroni does not, line by line."""
    if site is None:
        yield "it is not read as Patroni's"
        return
    for name, path in (("postgresql.conf", site.main), ("pg_hba.conf", site.hba), ("pg_ident.conf", site.ident)):
        written, made = answer.files[name], site.files[path].text if path is not None else AS_IT_WAS
        if name == "pg_hba.conf" and written.startswith(AS_IT_WAS):
            written, made = written.removeprefix(AS_IT_WAS).strip(), _appended(made)
        if name == "postgresql.conf":
            written, made = _shared(written), _shared(made)
        theirs, ours = written.splitlines(), made.splitlines()
        if theirs != ours:
            yield from (line for line in ndiff(theirs, ours) if not line.startswith("  "))


def _appended(hba: str) -> str:
    """What stands below the records of initdb, the last of which is for replication over IPv6."""
    return hba.partition("::1/128                 trust\n\n")[2].strip() if hba != AS_IT_WAS else ""


def _shared(conf: str) -> str:
    """The lines less those that name the other files, which the linter writes only where it knows what these hold."""
    return "".join(line for line in conf.splitlines(True) if not line.startswith(("hba_file = ", "ident_file = ")))
