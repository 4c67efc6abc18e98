"""`render --format json`: the words of a command and the lines of files, each with its place."""

import json
from pathlib import Path

import pytest

from pgssllint.cli import main

COMPOSE = """\
services:
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: moonlight, POSTGRES_HOST_AUTH_METHOD: trust, 'sun=light': b}
    command: ["-c", "ssl=on", "-c", "hba_file=/etc/h", --, "sun light"]
    ports: ['127.0.0.1:5432:5432', "5433:5432"]
    volumes: ['./pg_hba.conf:/etc/h', './x:/run/p=moonlight']
"""
LINE = {"line", "file", "origin_line", "column", "key", "by"}


def test_a_deployment_is_told_field_by_field(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (tmp_path / "pg_hba.conf").write_text("host all all all md5\n")
    assert main(["render", "--root", str(tmp_path), "--format", "json", str(tmp_path)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["version"] == 1
    [one] = document["deployments"]
    assert {name: one[name] for name in ("file", "line", "name", "source", "image", "major")} == {
        "file": str(tmp_path / "compose.yaml"), "line": 2, "name": "db", "source": "compose", "image": "postgres:16",
        "major": 16,
    }  # fmt: skip
    assert one["command"] == ["-c", "ssl=on", "-c", "hba_file=/etc/h", "--", "***"]
    assert one["environment"] == {"POSTGRES_PASSWORD": None, "POSTGRES_HOST_AUTH_METHOD": "trust", "***=***": None}
    assert one["mounts"] == [
        {"local": str(tmp_path / "pg_hba.conf"), "server": "/etc/h"},
        {"local": str(tmp_path / "x"), "server": "/run/***"},
    ]
    assert one["ports"] == [
        {"address": "127.0.0.1", "port": 5432, "reach": "loopback"},
        {"address": None, "port": 5433, "reach": "every interface"},
    ]
    assert set(one["files"]) == {"postgresql.conf", "h", "pg_ident.conf"}
    for file in one["files"].values():
        assert [line["line"] for line in file["lines"]] == list(range(1, file["text"].count("\n") + 1))
        assert all(set(line) == LINE and line["by"] in {"user", "tool", "unknown"} for line in file["lines"])
    settings = one["files"]["postgresql.conf"]
    given = settings["text"].splitlines().index("hba_file = '/etc/h'")
    place = settings["lines"][given]
    assert COMPOSE.splitlines()[place["origin_line"] - 1][place["column"] - 1 :].startswith("/etc/h")
    assert place["by"] == "user"
