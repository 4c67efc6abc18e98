"""Objects of operators: what the readers make of them is what the operators' own code makes."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from pgssllint.files import Files
from pgssllint.sources.operators import read_operated
from pgssllint.sources.site import Site, named_once
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


def zalando(spec: dict[str, Any]) -> Site:
    name = {"name": "acid-db"}
    return site_of({"apiVersion": "acid.zalan.do/v1", "kind": "postgresql", "metadata": name, "spec": spec})


def hba_of(site: Site) -> list[str]:
    assert site.hba is not None
    return [" ".join(line.split()) for line in words(site.files[site.hba].text) if not line.startswith("#")]


def settings_of(site: Site) -> dict[str, str]:
    assert site.main is not None
    lines = (line.partition(" = ") for line in site.files[site.main].text.splitlines())
    return {name: value.strip("'") for name, equals, value in lines if equals}


def test_the_list_of_a_zalando_cluster_replaces_that_of_spilo() -> None:
    records = ["local all all trust", "hostssl all all all md5"]
    assert hba_of(zalando({"postgresql": {"version": "16"}, "patroni": {"pg_hba": records}})) == records


def test_without_a_list_spilo_has_its_own_which_rejects_clients_without_tls() -> None:
    records = hba_of(zalando({"postgresql": {"version": "16"}}))
    assert records.index("hostnossl all all all reject") < records.index("hostssl all all all md5")
    assert records[1:3] == ["host all all 127.0.0.1/32 md5", "host all all ::1/128 md5"]


def test_a_zalando_cluster_has_tls_and_its_parameters_go_through_patroni() -> None:
    parameters = {"ssl_min_protocol_version": "1.2", "password_encryption": "scram-sha-256"}
    site = zalando({"postgresql": {"version": "16", "parameters": parameters}})
    settings = settings_of(site)
    assert settings["ssl"] == "on"
    assert settings["password_encryption"] == "scram-sha-256"
    assert "ssl_min_protocol_version" not in settings
    assert [one.arguments["name"] for one in site.said if one.kind == "value-dropped-by-tool"] == [
        "ssl_min_protocol_version"
    ]


@pytest.mark.parametrize(("balancer", "reach"), [(True, "every interface"), (False, "container network")])
def test_a_load_balancer_leads_to_a_zalando_cluster_from_everywhere(balancer: bool, reach: str) -> None:
    site = zalando({"postgresql": {"version": "16"}, "enableMasterLoadBalancer": balancer})
    assert site.workload is not None
    assert [port.reach.value for port in site.workload.ports] == [reach]


def crunchy(spec: dict[str, Any], api: str = "postgres-operator.crunchydata.com/v1beta1") -> Site:
    kind = "PostgresCluster" if "crunchy" in api else "PerconaPGCluster"
    spec = {"postgresVersion": 16, **spec}
    return site_of({"apiVersion": api, "kind": kind, "metadata": {"name": "hippo"}, "spec": spec})


FIXED = [
    "local all postgres peer",
    "hostssl replication _crunchyrepl all cert",
    "hostssl postgres _crunchyrepl all cert",
    "host all _crunchyrepl all reject",
]


@pytest.mark.parametrize(
    ("spec", "records"),
    [
        ({}, ["hostssl all all all scram-sha-256"]),
        ({"patroni": {"dynamicConfiguration": {"postgresql": {"pg_hba": ["host all all all md5"]}}}},
         ["host all all all md5"]),
        ({"authentication": {"rules": [{"hba": "hostssl all all all cert"}]}}, ["hostssl all all all cert"]),
        ({"authentication": {"rules": [{"connection": "hostssl", "method": "password", "users": ["a", "b"]}]}},
         ['"hostssl" all "a","b" all "scram-sha-256"']),
        ({"authentication": {"rules": [{"connection": "local", "method": "peer", "databases": ["x"]}]}},
         ['"local" "x" all all "peer"']),
        ({"authentication": {"rules": [{"connection": "hostssl", "method": "cert", "options": {"map": "m"}}]}},
         ['"hostssl" all all all "cert" "map"="m"']),
    ],
)  # fmt: skip
def test_the_records_of_a_crunchy_cluster_stand_behind_fixed_ones(spec: dict[str, Any], records: list[str]) -> None:
    assert hba_of(crunchy(spec)) == [*FIXED, *records]


def test_percona_turns_the_fixed_records_into_ones_for_tls_where_asked() -> None:
    records = hba_of(crunchy({"tlsOnly": True}, "pgv2.percona.com/v2"))
    assert records[3] == "hostssl all _crunchyrepl all reject"


def test_the_parameters_of_a_crunchy_cluster_are_laid_over_one_another() -> None:
    spec = {
        "config": {"parameters": {"work_mem": "8MB", "ssl": "off", "ssl_groups": "X25519"}},
        "patroni": {
            "dynamicConfiguration": {
                "postgresql": {"parameters": {"work_mem": "4MB", "ssl": "off", "ssl_min_protocol_version": "TLSv1.3"}}
            }
        },
    }
    site = crunchy(spec | {"postgresVersion": 18})
    settings = settings_of(site)
    assert (settings["work_mem"], settings["ssl"], settings["ssl_min_protocol_version"]) == ("8MB", "on", "TLSv1.3")
    assert settings["ssl_groups"] == "X25519"
    assert [one.arguments["name"] for one in site.said if one.kind == "refused-by-operator"] == ["ssl"]


def test_two_clusters_of_one_name_in_a_file_have_names_of_their_own() -> None:
    one = {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "spec": {"instances": 1}}
    text = yaml.safe_dump_all([one | {"metadata": {"name": "db", "namespace": space}} for space in ("a", "b")])
    sites = read_operated(Source("/r/cluster.yaml", text.encode()), Files(("/r",)))
    assert [site.name for site in named_once(sites)] == ["Cluster db", "Cluster db (2)"]
