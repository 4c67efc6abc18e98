"""Who gets in is told as loud as whoever can reach the server is many: by its ports, where a deployment shows them."""

from pathlib import Path

import pytest

from pgssllint.api import lint
from pgssllint.finding import Outcome
from pgssllint.request import Request
from tests.support.pki import AT

RECORDS = {
    "trust": ("host all all all trust\n", "PGS534"),
    "a password": ("host all all all password\n", "PGS537"),
    "ident": ("host all all all ident\n", "PGS540"),
    "beside hostssl": ("hostssl all all all md5\nhost all all all md5\n", "PGS601"),
}
EVERYWHERE, LOOPBACK, UNKNOWN, NONE = '["5432:5432"]', '["127.0.0.1:5432:5432"]', '["${AT}:5432:5432"]', "[]"


def severities(folder: Path, files: dict[str, str]) -> dict[str, str]:
    for name, text in files.items():
        (folder / name).write_text(text)
    outcome: Outcome = lint(Request((str(folder),)), AT)
    assert outcome.errors == ()
    return {finding.rule: str(finding.severity) for finding in outcome.open_findings}


def compose(ports: str, rest: str) -> str:
    return f"services:\n  db:\n    image: postgres:16\n    ports: {ports}\n{rest}"


def with_records(hba: str, ports: str) -> dict[str, str]:
    mounted = '    command: -c ssl=on -c hba_file=/etc/hba\n    volumes: ["./pg_hba.conf:/etc/hba:ro"]\n'
    return {"compose.yaml": compose(ports, mounted), "pg_hba.conf": hba}


@pytest.mark.parametrize(("hba", "rule"), RECORDS.values(), ids=RECORDS)
def test_a_record_is_as_loud_as_its_port(tmp_path: Path, hba: str, rule: str) -> None:
    told = {
        ports: severities(tmp_path, with_records(hba, ports))[rule] for ports in (EVERYWHERE, UNKNOWN, LOOPBACK, NONE)
    }
    assert told == {EVERYWHERE: "error", UNKNOWN: "warning", LOOPBACK: "note", NONE: "note"}


@pytest.mark.parametrize(
    ("ports", "severity"), [(EVERYWHERE, "error"), (UNKNOWN, "warning"), (LOOPBACK, "note"), (NONE, "note")]
)
def test_one_rule_tells_of_the_record_that_the_image_writes(tmp_path: Path, ports: str, severity: str) -> None:
    trusting = "    environment:\n      POSTGRES_HOST_AUTH_METHOD: trust\n"
    told = severities(tmp_path, {"compose.yaml": compose(ports, trusting)})
    assert told["PGS802"] == severity
    assert not {"PGS534", "PGS600", "PGS601"} & set(told)


def test_whoever_runs_an_image_publishes_its_port_or_does_not(tmp_path: Path) -> None:
    text = "FROM postgres:16\nENV POSTGRES_HOST_AUTH_METHOD=trust\n"
    assert severities(tmp_path, {"Dockerfile": text})["PGS802"] == "warning"


def test_without_a_deployment_anybody_may_reach_it(tmp_path: Path) -> None:
    assert severities(tmp_path, {"pg_hba.conf": RECORDS["trust"][0]})["PGS534"] == "error"
