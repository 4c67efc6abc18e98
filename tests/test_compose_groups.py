"""Compose files that are started together: by a script, by what each lacks, by what one takes from another folder."""

from pathlib import Path

import pytest

from pgssllint.files import Files
from pgssllint.sources.compose_calls import called_together
from pgssllint.sources.compose_groups import Group, file_groups
from tests.support.repositories import lay
from tests.test_container_judged import told
from tests.test_sites import judged

WHOLE = "services:\n  db:\n    image: postgres:16\n    environment: {POSTGRES_PASSWORD: x}\n"
MOUNTED = f"{WHOLE}    volumes: ['./pg_hba.conf:/etc/pg_hba.conf:ro']\n"
PROD = "services:\n  db:\n    command: -c hba_file=/etc/pg_hba.conf\n    ports: ['5432:5432']\n"
OPEN = "local all all peer\nhost all all 0.0.0.0/0 trust\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Makefile", "up:\n\tdocker compose -f a.yml -f b.yml up -d\n"),
        ("Makefile", "COMPOSE = docker compose --env-file x -f a.yml \\\n  -f b.yml\nup:\n\t$(COMPOSE) up\n"),
        ("deploy.sh", "set -e\nexec docker-compose --file=a.yml --file 'b.yml' -p x up\n"),
        ("scripts/up.sh", "docker compose -f ../a.yml -f ../b.yml up\n"),
        ("scripts/up.sh", "cd .. && docker compose -f a.yml -f b.yml up\n"),
        ("package.json", '{"scripts": {"up": "docker compose -f a.yml -f b.yml up", "x": "y"}}\n'),
        ("db.service", "[Service]\nExecStart=/usr/bin/docker compose -f a.yml -f b.yml up\n"),
    ],
)
def test_files_that_one_call_names_are_read_together(name: str, text: str, tmp_path: Path) -> None:
    lay(tmp_path, {"a.yml": WHOLE, "b.yml": WHOLE, name: text})
    assert list(called_together(Files([str(tmp_path)]), str(tmp_path))) == [("a.yml", "b.yml")]


@pytest.mark.parametrize(
    "text",
    [
        "docker compose -f a.yml up\n",
        "docker compose -f a.yml -f $OTHER up\n",
        "docker compose -f a.yml -f nosuch.yml up\n",
        "docker compose up -f a.yml -f b.yml\n",
        "docker-composer -f a.yml -f b.yml\n",
        "docker compose -f a.yml -f " + "b" * 5000 + "\n",
    ],
)
def test_what_is_not_known_of_a_call_is_not_guessed(text: str, tmp_path: Path) -> None:
    lay(tmp_path, {"a.yml": WHOLE, "b.yml": WHOLE, "up.sh": text})
    assert list(called_together(Files([str(tmp_path)]), str(tmp_path))) == []


def test_paths_out_of_the_root_are_no_files(tmp_path: Path) -> None:
    root = tmp_path / "r"
    root.mkdir()
    lay(tmp_path, {"b.yml": WHOLE, "up.sh": "docker compose -f r/a.yml -f b.yml up\n"})
    lay(root, {"a.yml": WHOLE, "up.sh": "docker compose -f a.yml -f ../b.yml up\n"})
    assert list(called_together(Files([str(root)]), str(root))) == []


def groups(folder: Path, files: dict[str, str]) -> list[Group]:
    lay(folder, files)
    return file_groups(Files([str(folder)]), str(folder), sorted(name for name in files if name.endswith("ml")))


def test_whole_files_of_one_call_are_not_read_alone_but_for_the_usual_one(tmp_path: Path) -> None:
    up = "docker compose -f compose.yaml -f compose.prod.yaml up\n"
    assert groups(tmp_path, {"compose.yaml": WHOLE, "compose.prod.yaml": WHOLE, "up.sh": up, "x.yml": WHOLE}) == [
        Group(("compose.yaml",), is_usual=True), Group(("compose.yaml", "compose.prod.yaml")),
        Group(("x.yml",), is_lone=True),
    ]  # fmt: skip


def test_a_file_of_less_than_a_service_is_read_over_one_that_has_it(tmp_path: Path) -> None:
    files = {"app.base.yml": WHOLE, "app.prod.yml": PROD, "web.yml": "services: {web: {image: nginx}}\n"}
    assert groups(tmp_path, files) == [
        Group(("app.base.yml", "app.prod.yml")), Group(("web.yml",), is_lone=True),
    ]  # fmt: skip


def test_a_whole_file_makes_whole_what_the_usual_one_lacks(tmp_path: Path) -> None:
    files = {"compose.yaml": PROD, "compose.prod.yaml": WHOLE, "web.yml": "services: {web: {image: nginx}}\n"}
    assert groups(tmp_path, files) == [
        Group(("compose.yaml",), is_usual=True), Group(("compose.yaml", "compose.prod.yaml")),
        Group(("web.yml",), is_lone=True),
    ]  # fmt: skip
    over = {"compose.override.yaml": WHOLE, **files}
    assert Group(("compose.prod.yaml",), is_lone=True) in groups(tmp_path, over)


@pytest.mark.parametrize("names", [("compose.yaml", "compose.prod.yaml"), ("app.base.yml", "app.prod.yml")])
def test_what_is_mounted_for_another_file_to_name_is_not_idle(names: tuple[str, str], tmp_path: Path) -> None:
    found = told(tmp_path, {names[0]: MOUNTED, names[1]: PROD, "pg_hba.conf": OPEN})
    assert "pg_hba.conf:2 PGS534 error" in found
    assert not any("PGS801" in one for one in found)


def test_what_no_way_of_starting_reads_is_told(tmp_path: Path) -> None:
    prod = "services:\n  db:\n    ports: ['5432:5432']\n"
    found = told(tmp_path, {"compose.yaml": MOUNTED, "compose.prod.yaml": prod, "pg_hba.conf": OPEN})
    assert [one for one in found if "PGS801" in one] == ["compose.yaml:5 PGS801 warning"]


def test_a_password_of_a_file_that_is_laid_over_is_not_missed_below(tmp_path: Path) -> None:
    base = "services:\n  db:\n    image: postgres:16\n"
    over = "services:\n  db:\n    environment: {POSTGRES_PASSWORD: x}\n"
    assert not any("PGS807" in one for one in told(tmp_path, {"compose.yaml": base, "compose.prod.yaml": over}))
    without = "services:\n  db:\n    ports: ['1:5432']\n"
    assert any("PGS807" in one for one in told(tmp_path, {"compose.yaml": base, "compose.prod.yaml": without}))


@pytest.mark.parametrize("place", ["a/services.yml", "z/services.yml"])
def test_a_service_that_is_there_to_be_extended_is_no_server_of_its_own(place: str, tmp_path: Path) -> None:
    service = MOUNTED + "    command: -c hba_file=/etc/pg_hba.conf\n"
    app = f"services:\n  pg:\n    extends: {{file: ../{place}, service: db}}\n    ports: ['5432:5432']\n"
    lay(tmp_path, {"m/compose.yaml": app, place: service, f"{place[0]}/pg_hba.conf": OPEN})
    outcome = judged(tmp_path)
    assert [one.name for one in outcome.clusters] == ["service pg"]
    assert {(one.rule, Path(one.at.path).name) for one in outcome.open_findings} >= {("PGS534", "pg_hba.conf")}
    (tmp_path / "m/compose.yaml").unlink()
    assert [one.name for one in judged(tmp_path).clusters] == ["service db"]


def test_what_is_included_from_another_folder_is_judged_once_with_paths_from_there(tmp_path: Path) -> None:
    service = MOUNTED + "    command: -c hba_file=/etc/pg_hba.conf\n    ports: ['5432:5432']\n"
    top = "include: [db/db.yaml]\nservices: {web: {image: nginx}}\n"
    lay(tmp_path, {"compose.yaml": top, "db/db.yaml": service, "db/pg_hba.conf": OPEN})
    outcome = judged(tmp_path)
    assert [one.name for one in outcome.clusters] == ["service db"]
    assert [Path(one.at.path).name for one in outcome.open_findings if one.rule == "PGS534"] == ["pg_hba.conf"]


def test_a_server_in_a_network_of_the_machines_around_is_open_to_them(tmp_path: Path) -> None:
    compose = (
        "services:\n  db:\n    image: postgres:16\n    environment: {POSTGRES_HOST_AUTH_METHOD: trust}\n"
        "    networks: [lan]\nnetworks: {lan: {driver: %s}}\n"
    )
    assert "compose.yaml:4 PGS802 error" in told(tmp_path, {"compose.yaml": compose % "macvlan"})
    assert "compose.yaml:4 PGS802 note" in told(tmp_path, {"compose.yaml": compose % "bridge"})


def test_a_file_that_only_publishes_a_port_need_not_speak_of_a_server(tmp_path: Path) -> None:
    base = "services:\n  db:\n    image: postgres:16\n    environment: {POSTGRES_HOST_AUTH_METHOD: trust}\n"
    files = {"compose.yaml": base, "compose.override.yaml": "services:\n  db:\n    ports: ['5432:5432']\n"}
    assert "compose.yaml:4 PGS802 error" in told(tmp_path, files)
