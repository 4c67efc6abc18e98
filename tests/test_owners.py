"""Deployments as their owners write them, of which each finding is one that the owner agrees with, at his line."""

from pathlib import Path

import pytest

from pgssllint.cli import main
from tests.test_shapes import Case, told_in
from tests.test_sites import judged

HBA = "local all all peer\nhost all all 10.0.0.0/8 trust\n"
CONF = "listen_addresses = '*'\nssl_min_protocol_version = 'TLSv1'\n"
COPIED = 'FROM postgres:16\nCOPY docker/pg_hba.conf /etc/pg_hba.conf\nCMD ["-c", "hba_file=/etc/pg_hba.conf"]\n'


def test_a_dockerfile_may_be_built_from_a_folder_above(tmp_path: Path) -> None:
    found = told_in(Case("", {"docker/Dockerfile": COPIED, "docker/pg_hba.conf": HBA}, ()), tmp_path)
    assert "pg_hba.conf:2 PGS534" in found
    assert [one.name for one in judged(tmp_path).clusters] == ["stage 0"]


def test_the_folder_of_a_dockerfile_comes_before_those_above(tmp_path: Path) -> None:
    files = {"a/Dockerfile": COPIED, "a/docker/pg_hba.conf": HBA, "docker/pg_hba.conf": "local all all peer\n"}
    told_in(Case("", files, ()), tmp_path)
    (own, other) = judged(tmp_path).clusters
    assert (own.name, other.name) == ("stage 0", "")
    assert Path(other.path).parent.parent == tmp_path


def test_what_a_script_nobody_sees_starts_may_read_what_is_mounted(tmp_path: Path) -> None:
    service = "services:\n  db:\n    image: postgres:16\n    entrypoint: [/start.sh]\n    volumes: ['./pg:/etc/pg']\n"
    found = told_in(
        Case("", {"compose.yaml": service, "pg/pg_hba.conf": HBA, "pg/postgresql.conf": CONF}, ()), tmp_path
    )
    assert "pg_hba.conf:2 PGS534" in found
    notes = [note for note in judged(tmp_path).notifications if "not understood" in str(note.message)]
    assert [note.at.region.line for note in notes if note.at is not None and note.at.region is not None] == [4]


def test_values_that_speak_of_no_postgres_but_in_camel_case(tmp_path: Path) -> None:
    values = "primary:\n  pgHbaConfiguration: |\n    host all all 0.0.0.0/0 trust\n"
    assert "values.yaml:3 PGS534" in told_in(Case("", {"values.yaml": values}, ()), tmp_path)


def test_a_list_of_records_is_told_for_what_was_not_read(tmp_path: Path) -> None:
    values = "primary:\n  pgHbaConfiguration:\n    - host all all all md5\n"
    told_in(Case("", {"values.yaml": values}, ()), tmp_path)
    (note,) = [note for note in judged(tmp_path).notifications if "layout" in str(note.message)]
    assert note.at is not None
    assert (Path(note.at.path).name, note.at.region.line if note.at.region else 0) == ("values.yaml", 2)


def test_a_record_that_the_image_writes_is_called_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {
        "compose.yaml": "services:\n  db:\n    image: postgres:16\n    environment: {POSTGRES_PASSWORD: x}\n"
        "    volumes: ['./init.sh:/docker-entrypoint-initdb.d/init.sh']\n",
        "init.sh": "echo 'host all all 10.0.0.0/8 reject' >> $PGDATA/pg_hba.conf\n",
    }
    assert told_in(Case("", files, ()), tmp_path) == ["init.sh:1 PGS612"]
    main(["check", "--format", "concise", str(tmp_path)])
    assert "on line 1 never applies: the image writes one above it" in capsys.readouterr().out


def test_trust_within_the_container_takes_nobody_from_a_record_of_ones_own(tmp_path: Path) -> None:
    files = {
        "compose.yaml": "services:\n  db:\n    image: postgres:16\n    environment: {POSTGRES_PASSWORD: x}\n"
        "    volumes: ['./init.sh:/docker-entrypoint-initdb.d/init.sh']\n",
        "init.sh": "echo 'host replication standby 0.0.0.0/0 scram-sha-256' >> $PGDATA/pg_hba.conf\n",
    }
    assert not [one for one in told_in(Case("", files, ()), tmp_path) if "PGS614" in one]


def test_what_an_image_writes_for_nothing_is_not_told(tmp_path: Path) -> None:
    service = "services:\n  db:\n    image: postgres:16\n    environment: {POSTGRES_PASSWORD: x}\n"
    files = {"compose.yaml": service + "    command: -c listen_addresses=localhost\n"}
    assert told_in(Case("", files, ()), tmp_path) == []
    assert not [note for note in judged(tmp_path).notifications if "PGS805" in str(note.message)]


def test_a_key_is_told_where_it_is_copied_and_not_where_its_mode_is_changed(tmp_path: Path) -> None:
    text = 'FROM postgres:16\nCOPY certs /certs\nRUN chmod 600 /certs/server.key\nCMD ["-c", "ssl=on"]\n'
    found = told_in(Case("", {"Dockerfile": text, "certs/.keep": ""}, ()), tmp_path)
    assert [one for one in found if "PGS806" in one] == ["Dockerfile:2 PGS806"]
