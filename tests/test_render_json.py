"""`render --format json`: the words of a command and the lines of files, each with its place."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from pgssllint.cli import main
from tests.support.examples import Example, examples, lay_out, sound_pages

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


SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "render.schema.json").read_text())
KEYED = ("type", "const", "enum", "$ref")


def objects(schema: object) -> Iterator[dict[str, object]]:
    """The objects of a schema, however deep."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for inner in schema.values():
            yield from objects(inner)


def test_the_schema_leaves_nothing_open() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    found = list(objects(SCHEMA))
    assert len(found) > 5
    for one in found:
        held = one.get("properties", {})
        assert isinstance(held, dict)
        assert one.get("required", []) == list(held)
        assert "additionalProperties" in one
        assert all(any(key in value for key in KEYED) for value in held.values())


def of_tools() -> list[Example]:
    """The examples of the pages about tools."""
    return [one for page in sound_pages() if page.rule.startswith("PGS8") for one in examples(page)]


@pytest.mark.parametrize("number", range(3))
def test_what_is_told_of_each_tool_fits_the_schema(
    number: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sources, writers = set(), set()
    for place, example in enumerate(of_tools()[number::3]):
        folder = tmp_path / str(place)
        folder.mkdir()
        lay_out(example, folder)
        if main_of(folder):
            continue
        document = json.loads(capsys.readouterr().out)
        assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(document)] == []
        sources |= {one["source"] for one in document["deployments"]}
        files = [file for one in document["deployments"] for file in one["files"].values()]
        writers |= {line["by"] for file in files for line in file["lines"]}
    assert {"compose", "Kubernetes"} <= sources
    assert {"user", "tool"} <= writers


def main_of(folder: Path) -> int:
    """The exit status of `render` of a folder; 2 where there is nothing to be rendered."""
    try:
        return main(["render", "--root", str(folder), "--format", "json", str(folder)])
    except SystemExit as end:
        return int(end.code or 0)


def test_the_schema_refuses_what_is_not_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE.replace("ssl=on", "ssl=${X}"))
    (tmp_path / "pg_hba.conf").write_text("host all all all md5\n")
    assert main_of(tmp_path) == 0
    document = json.loads(capsys.readouterr().out)
    validator = Draft202012Validator(SCHEMA)
    assert validator.is_valid(document)
    [one] = document["deployments"]
    writers = {line["by"] for line in one["files"]["postgresql.conf"]["lines"]}
    assert "unknown" in writers
    for key in one:
        assert not validator.is_valid({**document, "deployments": [{k: v for k, v in one.items() if k != key}]})
    assert not validator.is_valid({**document, "more": 1})
    one["files"]["h"]["lines"][0]["by"] = "nobody"
    assert not validator.is_valid(document)


def test_what_a_config_map_alone_holds_is_of_kubernetes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: postgres}\ndata:\n"
    (tmp_path / "map.yaml").write_text(f"{head}  pg_hba.conf: |\n    local all all peer\n")
    assert main_of(tmp_path) == 0
    assert json.loads(capsys.readouterr().out)["deployments"][0]["source"] == "Kubernetes"


def test_a_map_of_names_alone_is_no_deployment(tmp_path: Path) -> None:
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: postgres}\ndata:\n"
    (tmp_path / "map.yaml").write_text(f"{head}  pg_ident.conf: |\n    m a b\n")
    assert main_of(tmp_path) == 2
