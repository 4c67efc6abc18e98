"""Make pgssllint/sources/patroni_parameters.tsv from an installed Patroni, whose values it lets through.

Usage: python -m tools.make_patroni FOLDER > pgssllint/sources/patroni_parameters.tsv

FOLDER is where Patroni's package was installed to (`pip install --target FOLDER patroni`). Nothing of it is run: the
tables are the YAML files in patroni/postgresql/available_parameters, read in the order of their names.
"""

import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import yaml

HEADING = ("section", "name", "kind", "from", "till", "minimum", "maximum", "unit", "values")
SECTIONS = ("parameters", "recovery_parameters")
"""Of the second, Patroni writes none to postgresql.conf: it makes them itself."""


def table(folder: Path) -> str:
    """The data file: a line for each span of releases that a parameter is checked alike in.

    `from` and `till`, where the span ends, are numbers of releases as 160003. Raises FileNotFoundError where there is
    no Patroni in `folder`.
    """
    tables = sorted((folder / "patroni" / "postgresql" / "available_parameters").glob("*.yml"))
    if not tables:
        raise FileNotFoundError(f"There is no Patroni in {folder}.")
    version = next(one.version for one in distributions(path=[str(folder)]) if one.metadata["Name"] == "patroni")
    read = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in tables]
    lines = ["\t".join(row) for section in SECTIONS for one in read for row in _rows(section, one.get(section) or {})]
    return "\n".join([f"# Patroni {version}", "\t".join(HEADING), *lines]) + "\n"


def _rows(section: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    keys = ("type", "version_from", "version_till", "min_val", "max_val", "unit")
    for name, checks in parameters.items():
        for one in checks:
            held = ("" if one.get(key) is None else str(one[key]) for key in keys)
            yield section, name, *held, ",".join(map(str, one.get("possible_values") or ()))


if __name__ == "__main__":
    sys.stdout.write(table(Path(sys.argv[1])))
