"""What `initdb` writes into a data directory, without comments and empty lines: tests/data/initdb.json.

`PGSSLLINT_RECORD=1 pytest -m servers tests/test_page_servers.py -k initdb` asks real ones and writes it down.
"""

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

from pgssllint.postgres.control_file import blank
from tests.support import recorded
from tests.support.installations import Installation
from tests.support.servers import Cluster

ANSWERS = Path(__file__).parents[1] / "data" / "initdb.json"

FOLDERS = (
    "base", "global", "pg_commit_ts", "pg_multixact", "pg_notify", "pg_replslot", "pg_tblspc", "pg_twophase", "pg_wal",
    "pg_xact",
)  # fmt: skip

Lines = Mapping[str, list[str]]
"""The lines of each configuration file, and of PG_VERSION, by its name."""


def asked(installation: Installation) -> Lines:
    """What the `initdb` of an installation writes."""
    cluster = Cluster(installation)
    texts = {name: file.data.decode() for name, file in cluster.stock.items()}
    texts["PG_VERSION"] = (cluster.data / "PG_VERSION").read_text()
    return {name: list(filter(None, map(_uncommented, text.splitlines()))) for name, text in texts.items()}


def key_of(major: int) -> str:
    """The key of a major's answer."""
    return f"{major}:initdb"


@cache
def answers() -> Mapping[str, Lines]:
    """The answers that are written down, by `key_of`."""
    return recorded.read(ANSWERS)


def written(major: int) -> Mapping[str, str]:
    """The files of a fresh data directory by name; of a major that nobody asked, what the one before it writes."""
    newest = max(m for m in range(10, major + 1) if key_of(m) in answers())
    texts = {name: "".join(f"{line}\n" for line in lines) for name, lines in answers()[key_of(newest)].items()}
    return {**texts, "PG_VERSION": f"{major}\n"}


def furniture(major: int) -> Mapping[str, bytes]:
    """What a starting server wants in a fresh data directory beside its configuration; folders end in a slash."""
    folders = dict.fromkeys((f"{name}/" for name in FOLDERS), b"")
    return {**folders, "PG_VERSION": f"{major}\n".encode(), "global/pg_control": blank(major)}


def furnish(folder: Path, major: int, left_out: Collection[str] = ()) -> None:
    """Lay down what of `furniture` is not there, of the user who runs the tests."""
    for name, data in furniture(major).items():
        path = folder / name
        if name.rstrip("/") in left_out or path.exists():
            continue
        if name.endswith("/"):
            path.mkdir()
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)


def _uncommented(line: str) -> str:
    """A line without its comment; none of the values that initdb writes has a number sign."""
    return line.partition("#")[0].strip()
