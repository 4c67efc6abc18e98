"""Servers' rows kept in the repository: tests/data/view_answers.json, asked again by `pytest -m servers`.

A case is a view, a name and a text. Majors that gave the same rows share them. PGSSLLINT_RECORD=1 writes them down.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.support import corners
from tests.support.servers import RunningServer, Unavailable, newest

ANSWERS = Path(__file__).parents[1] / "data" / "view_answers.json"
CASES = Path(__file__).parents[1] / "data" / "view_cases.json"
MAJORS = range(10, 20)
OTHERS = {
    **corners.OTHERS,
    "self": b"@self\n",
    "self.conf": b"local x x trust\ninclude self.conf\n",
    "self.cf": b"work_mem = 1MB\ninclude 'self.cf'\n",
    "to.cf": b"work_mem = 2MB\ninclude 'fro.cf'\n",
    "fro.cf": b"work_mem = 3MB\ninclude 'to.cf'\n",
    "one.conf": b"local one one trust\n",
    "bad.conf": b"bogus x\nlocal ok ok trust\n",
    "dir/10.conf": b"local ten c trust\n",
    "dir/9.conf": b"local nine c trust\n",
    "dir/B.conf": b"local big c trust\n",
    "dir/a.CONF": b"local no no trust\n",
    "dir/.x.conf": b"local no no trust\n",
    "cfd/a.conf": b"work_mem = 4MB\n",
    "cfd/B.conf": b"work_mem = 5MB\n",
    "cfd/c.conf~": b"work_mem = 6MB\n",
}
"""Files that the texts name."""

Rows = list[dict[str, Any]]


class Case(NamedTuple):
    """A text for a view: `hba`, `ident` or `conf`."""

    view: str
    name: str
    text: str

    @property
    def data(self) -> bytes:
        """The text as bytes; a lone surrogate is a byte that is not UTF-8."""
        return self.text.encode("utf-8", "surrogateescape")

    @property
    def majors(self) -> Sequence[int]:
        """The majors that have the view. A file that leads back to itself brings some servers down."""
        first = 15 if self.view == "ident" else 16 if "self" in self.text and self.view != "conf" else MAJORS[0]
        return range(first, MAJORS[-1] + 1)


def cases() -> list[Case]:
    """All cases, by view and name."""
    held = json.loads(CASES.read_text(encoding="utf-8"))
    return [Case(view, name, text) for view, texts in held.items() for name, text in texts.items()]


def recorded() -> dict[str, dict[str, Rows]]:
    """The answers: by view and name of a case, by the majors that gave them (`10-13`, `16`), the rows."""
    held: dict[str, dict[str, Rows]] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return held


def recorded_for(case: Case, major: int, held: dict[str, dict[str, Rows]]) -> Rows:
    """The rows that a server of `major` gave. Raises KeyError where none were written down."""
    for majors, rows in held[f"{case.view}/{case.name}"].items():
        first, _, last = majors.partition("-")
        if int(first) <= major <= int(last or first):
            return rows
    raise KeyError(f"{case.view}/{case.name} has no answer of {major}")


def asked(major: int) -> dict[str, Rows] | Unavailable:
    """What a server of `major` shows of every case."""
    found = newest(major)
    if isinstance(found, Unavailable):
        return found
    with RunningServer(found) as server:
        return {
            f"{case.view}/{case.name}": kept(case, server.rows(case.view, case.data, OTHERS))
            for case in cases()
            if major in case.majors
        }


def kept(case: Case, rows: Rows) -> Rows:
    """The rows without NULLs, and without those of postgresql.auto.conf."""
    own = [row for row in rows if row.get("sourcefile") != "postgresql.auto.conf"] if case.view == "conf" else rows
    return [{name: value for name, value in row.items() if value is not None} for row in own]


def write(answers: dict[int, dict[str, Rows]]) -> None:
    """Write the answers of all majors down, one case a line, equal ones together."""
    lines = []
    for case in cases():
        key = f"{case.view}/{case.name}"
        groups: list[tuple[int, int, Rows]] = []
        for major in case.majors:
            rows = answers[major][key]
            if groups and groups[-1][2] == rows:
                groups[-1] = (groups[-1][0], major, rows)
            else:
                groups.append((major, major, rows))
        value = {(f"{a}-{b}" if a != b else f"{a}"): rows for a, b, rows in groups}
        lines.append(f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}")
    ANSWERS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
