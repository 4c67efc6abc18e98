"""What `initdb` writes into a data directory, without comments and empty lines: tests/data/initdb.json.

`PGSSLLINT_RECORD=1 pytest -m servers tests/test_page_servers.py -k initdb` asks real ones and writes it down.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tests.support import recorded
from tests.support.installations import Installation
from tests.support.servers import Cluster

ANSWERS = Path(__file__).parents[1] / "data" / "initdb.json"

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


def _uncommented(line: str) -> str:
    """A line without its comment; none of the values that initdb writes has a number sign."""
    return line.partition("#")[0].strip()
