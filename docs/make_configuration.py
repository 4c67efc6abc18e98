"""Write what is derived from the keys of the configuration: `python -m docs.make_configuration`.

That is docs/configuration.md, the list of keys, and docs/pgssllint.schema.json, the JSON Schema.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pgssllint.configuration.key import Key
from pgssllint.configuration.keys import CLUSTER_KEYS, KEYS
from pgssllint.configuration.schema import schema

DOCS = Path(__file__).parent

HEAD = """\
# Configuration

The tables are made from `pgssllint/configuration/keys.py` by `python -m docs.make_configuration`; a test fails when
they are not current.

A configuration is `pgssllint.toml`, `.pgssllint.toml`, or the table `[tool.pgssllint]` of a pyproject.toml; of
several in one folder the first of these. For each cluster the nearest one counts alone, from the folder of its file
upward to its root. `pgssllint config` shows what is in force and where it is said, `pgssllint init` writes one from
what it finds, and [pgssllint.schema.json](pgssllint.schema.json) is its JSON Schema, for editors:

```toml
#:schema https://raw.githubusercontent.com/pgssllint/pgssllint/main/docs/pgssllint.schema.json
```

Patterns start from the folder of the configuration, and so do paths. A key that an option of the command line
*replaces* does not count where the option is given; any other counts beside it. What a configuration changes is one
line of each report. A mistake ends the run with status 2 and one sentence with file, line and the nearest name.

"""

NAMED = """\

## A configuration that --config names

`--config FILE` names a configuration, which counts for all clusters instead of those that are found; its patterns
start from the root of what is judged. `--no-config` leaves all configurations aside.

A configuration that is found is as little trusted as the repository that it lies in: no path in it leads out of the
root. One that `--config` names, and that lies outside of every root that is judged and in no git work tree that holds
one, may name data directories, roots, maps and certificates anywhere. Where it has `clusters` with `data-directory`
or `root` and no PATH is given, these are judged: `pgssllint --config fleet.toml`.

```toml
[[clusters]]
data-directory = "/var/lib/postgresql/16/main"
host-names = ["db.example.org"]

[[clusters]]
root = "/srv/checkouts/billing"
```
"""


def derived() -> Iterator[tuple[Path, str]]:
    """Each file that is made from the keys, and what it must hold."""
    yield DOCS / "configuration.md", page()
    yield DOCS / "pgssllint.schema.json", json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def page() -> str:
    """The list of keys as Markdown."""
    clusters = "\n## The keys of each table of `clusters`\n\n"
    return HEAD + "## Keys\n\n" + _table(KEYS) + clusters + _table(CLUSTER_KEYS) + NAMED


def _table(keys: Iterable[Key[Any]]) -> str:
    rows = ["| key | takes | meaning | without it | example | option |", "| --- | --- | --- | --- | --- | --- |"]
    for key in keys:
        option = f"`{key.option}` {'replaces it' if key.replaced else 'adds to it'}" if key.option else ""
        told = (f"`{key.name}`", key.kind.called, key.meaning, key.without, f"`{key.example}`", option)
        rows.append(f"| {' | '.join(told)} |")
    return "\n".join(rows) + "\n"


def write() -> None:
    """Write what is derived."""
    for path, text in derived():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
