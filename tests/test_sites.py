"""A compose file is found, and what its services come to is judged at its own lines."""

import json
from pathlib import Path

import pytest

from pgssllint.api import lint
from pgssllint.cli import main
from pgssllint.files import Files
from pgssllint.finding import Outcome
from pgssllint.request import Request
from pgssllint.sites import sites
from pgssllint.sources.site import shown_name
from tests.support import repositories
from tests.support.pki import AT

HEAD = "services:\n  db:\n    image: postgres:16\n"


def lay(folder: Path, **files: str) -> None:
    repositories.lay(folder, {name.replace("__", ".").replace("_in_", "/"): text for name, text in files.items()})


def judged(folder: Path, **options: str) -> Outcome:
    return lint(Request((str(folder),), root=str(folder), **options), AT)  # type: ignore[arg-type]


def told(outcome: Outcome) -> list[str]:
    found = []
    for finding in outcome.findings:
        line = finding.at.region.line if finding.at.region is not None else 0
        found.append(f"{Path(finding.at.path).name}:{line} {finding.rule}")
    return found


def test_trust_by_the_environment_stands_at_its_line(tmp_path: Path) -> None:
    lay(
        tmp_path,
        compose__yaml=HEAD + "    ports: ['5432:5432']\n    environment:\n      POSTGRES_HOST_AUTH_METHOD: trust\n",
    )
    outcome = judged(tmp_path)
    assert "compose.yaml:6 PGS802" in told(outcome)
    (cluster,) = outcome.clusters
    assert (Path(cluster.path).name, cluster.name, cluster.judged) == ("compose.yaml", "service db", "postgres:16")
    assert outcome.exit_status == 1


def test_a_mounted_file_is_judged_once_by_the_service_that_mounts_it(tmp_path: Path) -> None:
    lay(
        tmp_path,
        compose__yaml=HEAD + "    command: -c hba_file=/etc/pg/pg_hba.conf\n    volumes: ['./conf:/etc/pg:ro']\n",
        conf_in_pg_hba__conf="host all all 0.0.0.0/0 trust\n",
    )
    outcome = judged(tmp_path)
    assert [(Path(one.path).name, one.name) for one in outcome.clusters] == [("compose.yaml", "service db")]
    assert "pg_hba.conf:1 PGS534" in told(outcome)


def test_a_file_that_no_service_reads_is_a_cluster_of_its_own(tmp_path: Path) -> None:
    lay(tmp_path, compose__yaml=HEAD, pg_hba__conf="host all all 0.0.0.0/0 trust\n")
    assert [one.name for one in judged(tmp_path).clusters] == ["service db", ""]


def test_settings_of_the_command_line_stand_at_their_words(tmp_path: Path) -> None:
    lay(tmp_path, compose__yaml=HEAD + "    command:\n      - -c\n      - ssl=on\n      - -c\n      - prot=1\n")
    outcome = judged(tmp_path)
    assert "compose.yaml:8 PGS030" in told(outcome)
    assert not outcome.clusters[0].predictions[0].starts


def test_a_file_without_postgresql_is_not_read_as_yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pgssllint.syntax.yaml_nodes as nodes

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("YAML is read")

    monkeypatch.setattr(nodes, "documents", fail)
    lay(tmp_path, compose__yaml="services:\n  web:\n    image: nginx\n", pg_hba__conf="local all all peer\n")
    assert [one.name for one in judged(tmp_path).clusters] == [""]


def test_a_client_of_the_image_is_no_server(tmp_path: Path) -> None:
    lay(tmp_path, compose__yaml=HEAD + "    command: sleep infinity\n", pg_hba__conf="local all all peer\n")
    assert [one.name for one in judged(tmp_path).clusters] == [""]


def test_what_compose_refuses_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    lay(tmp_path, compose__yaml=HEAD + "    volumes: ['data:/var/lib/postgresql/data']\n")
    notes = [str(note.message) for note in judged(tmp_path).notifications]
    assert any(note.startswith("Docker Compose starts nothing from this file: it names a volume") for note in notes)
    lay(tmp_path, compose__yaml=HEAD + "    ports: [\n")
    (note,) = [note for note in judged(tmp_path).notifications if note.at is not None]
    assert str(note.message).startswith("The file is not read as YAML")


def test_an_override_is_laid_over_and_a_further_file_stands_alone(tmp_path: Path) -> None:
    lay(
        tmp_path,
        compose__yaml=HEAD,
        compose__override__yaml="services:\n  db:\n    environment: {POSTGRES_HOST_AUTH_METHOD: trust}\n",
        compose__ci__yaml="services:\n  test:\n    image: postgres:13\n",
    )
    outcome = judged(tmp_path)
    assert [(Path(one.path).name, one.name, one.predictions[0].target.major) for one in outcome.clusters] == [
        ("compose.ci.yaml", "service test", 13),
        ("compose.yaml", "service db", 16),
    ]
    assert "compose.override.yaml:3 PGS802" in told(outcome)


def test_what_holds_less_than_a_service_is_laid_over_the_first_file(tmp_path: Path) -> None:
    lay(
        tmp_path,
        compose__yaml=HEAD + "  other:\n    image: postgres:15\n",
        compose__prod__yaml="services:\n  db:\n    environment: {POSTGRES_HOST_AUTH_METHOD: trust}\n",
    )
    outcome = judged(tmp_path)
    assert [one.name for one in outcome.clusters] == [
        "service db",
        "service db with compose.prod.yaml",
        "service other",
    ]
    assert "compose.prod.yaml:3 PGS802" in told(outcome)


def test_a_deployment_is_picked_by_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay(tmp_path, compose__yaml=HEAD + "  old:\n    image: postgres:12\n")
    for name in ("db", "service db"):
        assert main(["render", "--format", "json", "--deployment", name, str(tmp_path)]) == 0
        (one,) = json.loads(capsys.readouterr().out)["deployments"]
        assert (one["name"], one["image"], one["major"], one["line"], one["source"]) == (
            "db",
            "postgres:16",
            16,
            2,
            "compose",
        )
    assert main(["check", "--deployment", "new", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "No deployment in view is called 'new'; there are 'service db' in" in said
    assert main(["check", "--deployment", "db", "--data-dir", str(tmp_path)]) == 2
    assert "does not go with '--data-dir'" in capsys.readouterr().err


def test_no_value_of_a_variable_that_may_be_secret_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = "hunter2Hunter2"
    lay(
        tmp_path,
        compose__yaml=HEAD
        + f"    command: -c ssl_passphrase_command='echo {secret}' -c nosuch={secret} -c hba_file=/x\n"
        + f"    environment:\n      POSTGRES_PASSWORD: {secret}\n      APP_URL: postgres://app:{secret}@db/app\n",
    )
    for command in (["check"], ["check", "--notes"], ["check", "--format", "json"], ["check", "--format", "sarif"],
                    ["render"], ["render", "--format", "json"]):  # fmt: skip
        main([*command, str(tmp_path)])
        shown = capsys.readouterr()
        assert secret not in shown.out + shown.err, command


def test_a_container_that_a_script_runs_and_a_unit_are_servers(tmp_path: Path) -> None:
    lay(
        tmp_path,
        up__sh="#!/bin/sh\ndocker run -d --name pg -p 5432:5432 \\\n  -e POSTGRES_HOST_AUTH_METHOD=trust postgres:15\n",
        pg__service="[Service]\nExecStart=/usr/lib/postgresql/16/bin/postgres -D /data -c ssl=on -c prot=1\n",
        Makefile="up:\n" + "\tdocker run --rm -e POSTGRES_PASSWORD=x postgres:14 -c ssl=off\n" * 2,
    )
    outcome = judged(tmp_path)
    names = sorted(one.name for one in outcome.clusters)
    assert names == ["container pg", "container postgres", "container postgres (2)", "unit pg.service"]
    assert "up.sh:3 PGS802" in told(outcome)
    assert "pg.service:2 PGS030" in told(outcome)


def test_a_dockerfile_is_a_server_where_it_says_something_of_it(tmp_path: Path) -> None:
    lay(tmp_path, Dockerfile="FROM postgres:16\n", pg_hba__conf="local all all peer\n")
    assert [one.name for one in judged(tmp_path).clusters] == [""]
    lay(
        tmp_path,
        Dockerfile="FROM postgres:16\nCOPY pg_hba.conf /etc/pg/\nCMD postgres -c hba_file=/etc/pg/pg_hba.conf\n",
        pg_hba__conf="host all all 0.0.0.0/0 trust\n",
    )
    outcome = judged(tmp_path)
    assert [Path(one.path).name for one in outcome.clusters] == ["Dockerfile"]
    assert "pg_hba.conf:1 PGS534" in told(outcome)


def test_a_config_map_that_a_stateful_set_mounts_is_judged_at_its_lines(tmp_path: Path) -> None:
    lay(
        tmp_path,
        a__yaml="""apiVersion: v1
kind: ConfigMap
metadata: {name: pg}
data:
  pg_hba.conf: |
    local all all peer
    host all all 0.0.0.0/0 trust
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  template:
    spec:
      containers:
        - name: pg
          image: postgres:16
          args: ["-c", "hba_file=/etc/pg/pg_hba.conf"]
          volumeMounts: [{name: c, mountPath: /etc/pg}]
      volumes: [{name: c, configMap: {name: pg}}]
""",
    )
    outcome = judged(tmp_path)
    assert len(outcome.clusters) == 1
    assert "a.yaml:7 PGS534" in told(outcome)


_MANIFEST = """apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {pg_hba.conf: "host all all 0/0 trust"}
---
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
    - {name: a, image: 'postgres:16', args: [-c, hba_file=READ], volumeMounts: [{name: v, mountPath: THERE}]}
  volumes: [{name: v, configMap: {name: c}}]
"""


@pytest.mark.parametrize("there", ["/etc/pg", "//etc/pg", "///etc//pg", "//etc/./pg/"])
@pytest.mark.parametrize("read", ["/etc/pg/pg_hba.conf", "//etc/pg/pg_hba.conf"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("compose.yaml", HEAD + "    command: -c hba_file=READ\n    volumes: ['./conf:THERE:ro']\n"),
        ("up.sh", "docker run -v ./conf:THERE postgres:16 -c hba_file=READ\n"),
        ("Dockerfile", "FROM postgres:16\nCOPY conf THERE\nRUN touch /etc/pg/more\nCMD postgres -c hba_file=READ\n"),
        ("a.yaml", _MANIFEST),
    ],
)
def test_of_slashes_at_the_beginning_of_a_path_one_counts(
    name: str, text: str, there: str, read: str, tmp_path: Path
) -> None:
    lay(tmp_path, conf_in_pg_hba__conf="host all all 0.0.0.0/0 trust\n")
    (tmp_path / name).write_text(text.replace("THERE", there).replace("READ", read))
    at = "a.yaml:4" if name == "a.yaml" else "pg_hba.conf:1"
    assert f"{at} PGS534" in told(judged(tmp_path))


def test_a_name_of_many_braces_costs_no_more_than_its_length() -> None:
    for text in ("{{" * 100_000, "${" * 100_000):
        assert shown_name(text) == "***"


@pytest.mark.parametrize(
    "name", [".github/workflows/ci.yml", ".gitlab-ci.yml", "azure-pipelines.yml", ".circleci/a.yaml"]
)
def test_what_ci_starts_is_no_server(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD + "    environment: {POSTGRES_HOST_AUTH_METHOD: trust}\n")
    (tmp_path / "pg_hba.conf").write_text("local all all peer\n")
    assert [one.name for one in judged(tmp_path).clusters] == [""]


def test_what_speaks_of_no_server_belongs_to_what_lies_beside_it(tmp_path: Path) -> None:
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: db, labels: {app: db}}\nspec:\n  containers:\n  - name: db\n"
        "    image: postgres:16\n    envFrom: [{configMapRef: {name: env}}]\n"
    )
    ports = "spec: {type: NodePort, selector: {app: db}, ports: [{port: 5432}]}\n"
    service = f"apiVersion: v1\nkind: Service\nmetadata: {{name: db}}\n{ports}"
    variables = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: env}\ndata: {PGDATA: /d}\n"
    laid = {"pod.yaml": pod, "service.yaml": service, "more/env.yaml": variables, "far/off/x.yaml": variables}
    repositories.lay(tmp_path, laid)
    (site,) = sites(Files([str(tmp_path)]), [str(path) for path in tmp_path.rglob("*.yaml")]).sites
    assert site.workload is not None
    assert [str(port.reach) for port in site.workload.ports] == ["every interface"]
    assert site.data_directory == "/d"
