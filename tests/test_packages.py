"""Images in which a package puts the server, and ports that variables and images have."""

from pathlib import Path

import pytest

from pgssllint.report import render
from pgssllint.rulebook import rulebook
from tests.support.repositories import lay
from tests.test_container_judged import told
from tests.test_sites import judged

OPEN = "local all all peer\nhost all all 0.0.0.0/0 trust\n"
UBUNTU = "FROM ubuntu:22.04\nRUN apt-get update && apt-get install -y postgresql-14 && rm -rf /var/lib/apt/lists/*\n"
ALPINE = "FROM alpine:3.19\nRUN apk add --no-cache postgresql16 su-exec\n"
START = 'CMD ["postgres", "-D", "/var/lib/postgresql/data"]\n'


def test_what_is_copied_whole_is_judged_and_the_rest_said_not_to_be_read(tmp_path: Path) -> None:
    files = {"Dockerfile": f"{ALPINE}COPY pg_hba.conf postgresql.conf /var/lib/postgresql/data/\n{START}"}
    lay(tmp_path, {**files, "pg_hba.conf": OPEN, "postgresql.conf": "listen_addresses = '*'\n"})
    outcome = judged(tmp_path)
    assert "PGS534" in {one.rule for one in outcome.open_findings}
    assert [str(one.message) for one in outcome.notifications] == [
        "A package installs PostgreSQL here; of its files only what is copied whole was read."
    ]
    (cluster,) = outcome.clusters
    assert (cluster.predictions[0].target.number, str(cluster.predictions[0].target.openssl)) == (16, "3.1:1")


@pytest.mark.parametrize(
    "lines",
    [
        UBUNTU + 'RUN echo "host all all 0.0.0.0/0 trust" >> /etc/postgresql/14/main/pg_hba.conf\n',
        UBUNTU + 'CMD ["/usr/lib/postgresql/14/bin/postgres", "-D", "/data"]\n',
        UBUNTU + "CMD service postgresql start && tail -f /dev/null\n",
        UBUNTU + 'ENTRYPOINT ["pg_ctlcluster", "14", "main", "start", "--foreground"]\n',
    ],
)
def test_a_server_of_a_package_is_never_silent(lines: str, tmp_path: Path) -> None:
    lay(tmp_path, {"Dockerfile": lines})
    outcome = judged(tmp_path)
    assert sum("A package installs PostgreSQL" in str(one.message) for one in outcome.notifications) == 1
    (cluster,) = outcome.clusters
    assert (cluster.predictions[0].starts, cluster.predictions[0].target.number) == (None, 14)


@pytest.mark.parametrize(
    "lines",
    [
        "FROM python:3.12\nRUN apt-get update && apt-get install -y postgresql libpq-dev\nCMD gunicorn app\n",
        "FROM alpine:3.19\nRUN apk add postgresql16-client\nCMD psql -h db\n",
    ],
)
def test_programs_that_have_it_for_its_clients_are_no_servers(lines: str, tmp_path: Path) -> None:
    lay(tmp_path, {"Dockerfile": lines, "compose.yaml": "services: {app: {build: ., ports: ['80:80']}}\n"})
    assert not judged(tmp_path).clusters


def test_a_service_that_builds_such_an_image_is_told_as_the_image_is(tmp_path: Path) -> None:
    compose = "services:\n  db:\n    build: .\n    ports: ['5432:5432']\n    environment: {POSTGRES_PASSWORD: x}\n"
    lay(tmp_path, {"Dockerfile": UBUNTU + 'CMD ["postgres"]\n', "compose.yaml": compose})
    outcome = judged(tmp_path)
    assert [one.name for one in outcome.clusters] == ["service db"]
    assert sum("A package installs PostgreSQL" in str(one.message) for one in outcome.notifications) == 1


IMAGE = (
    "FROM postgres:16\nENV PGPORT=5433\nEXPOSE 5433\nCOPY pg_hba.conf /etc/pg_hba.conf\n"
    'CMD ["postgres", "-c", "hba_file=/etc/pg_hba.conf"]\n'
)
SERVICE = "services:\n  db:\n    build: .\n    environment: {POSTGRES_PASSWORD: x}\n    ports: ['5432:%s']\n"


def test_a_variable_of_an_image_moves_the_port_of_the_services_that_are_built_of_it(tmp_path: Path) -> None:
    files = {"Dockerfile": IMAGE, "pg_hba.conf": "local all all peer\n"}
    assert any("PGS809" in one for one in told(tmp_path, {**files, "compose.yaml": SERVICE % 5432}))
    assert not any("PGS809" in one for one in told(tmp_path, {**files, "compose.yaml": SERVICE % 5433}))
    set_again = (SERVICE % 5432).replace("x}", "x, PGPORT: 5432}")
    assert not any("PGS809" in one for one in told(tmp_path, {**files, "compose.yaml": set_again}))


def test_a_port_that_an_image_is_said_to_have_is_published_by_nobody_in_view(tmp_path: Path) -> None:
    lay(tmp_path, {"Dockerfile": IMAGE, "pg_hba.conf": OPEN})
    found = {one.rule: one for one in judged(tmp_path).open_findings}
    assert "PGS809" not in found
    assert not any("publishes" in (at.label or "") for at in found["PGS534"].related)


@pytest.mark.parametrize("written", ["PGPORT: 5433", "PGPORT: '5433'"])
def test_the_port_of_a_variable_is_shown_and_a_password_beside_it_is_not(written: str, tmp_path: Path) -> None:
    head = "services:\n  db:\n    image: postgres:16\n    ports: ['5432:5432']\n    environment:\n"
    lay(tmp_path, {"compose.yaml": f"{head}      POSTGRES_PASSWORD: Tr0ub4dor\n      {written}\n"})
    report = render("text", judged(tmp_path), rulebook().pages, color=False, relative_to=str(tmp_path), width=80)
    assert written in report
    assert "Tr0ub4dor" not in report
