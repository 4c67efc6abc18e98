"""Objects of operators: what the readers make of them is what the operators' own code makes."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from pgssllint.files import Files
from pgssllint.sources.operators import read_operated
from pgssllint.sources.site import Site
from pgssllint.text import Source

ROWS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data" / "cloudnativepg.json").read_text())
"""What CloudNativePG's own code was given and what it wrote."""


def site_of(manifest: dict[str, Any]) -> Site:
    (site,) = read_operated(Source("/r/cluster.yaml", yaml.safe_dump(manifest).encode()), Files(("/r",)))
    return site


def manifest_of(row: dict[str, Any]) -> dict[str, Any]:
    given = row["input"]
    section = {key: given[key] for key in ("parameters", "pg_hba", "pg_ident") if given[key]}
    if given["ldap"]:
        bind = {key.lower(): value for key, value in given["ldap"]["bindAsAuth"].items()}
        section["ldap"] = {"server": given["ldap"]["server"], "bindAsAuth": bind}
    section["enableAlterSystem"] = given["alter_system"]
    spec = {"imageName": f"ghcr.io/cloudnative-pg/postgresql:{row['major']}.1", "postgresql": section}
    name = {"name": given["cluster"]}
    return {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": name, "spec": spec}


def words(text: str) -> list[str]:
    """The lines that hold something, without white space at their ends."""
    return [line.strip() for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["case"])
def test_a_cluster_gets_what_the_operator_writes(row: dict[str, Any]) -> None:
    site = site_of(manifest_of(row))
    assert site.main is not None
    assert site.ident is not None
    assert site.hba is not None
    assert site.files[site.main].text == row["custom.conf"]
    assert words(site.files[site.ident].text) == words(row["pg_ident.conf"])
    refused = [one for one in site.said if one.kind in ("refused-by-operator", "unknown-selector")]
    assert len(refused) == len(row["refused"])
    if row["input"]["selector_ips"] or "unknown descriptor" in "".join(row["refused"]):
        # The addresses are known in the cluster alone.
        return
    assert words(site.files[site.hba].text) == words(row["pg_hba.conf"])
