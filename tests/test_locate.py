"""Names become files: here, missing, or not in view."""

from pathlib import Path

import pytest

from pgssllint.files import Files, Presence
from pgssllint.locate import Locator, PathMap

HERE, MISSING, NOT_IN_VIEW = Presence.HERE, Presence.MISSING, Presence.NOT_IN_VIEW


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (
        "conf/postgresql.conf",
        "conf/server.crt",
        "conf/conf.d/a.conf",
        "certs/only.crt",
        "a/twin.crt",
        "b/twin.crt",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def locator(root: Path, **options: object) -> Locator:
    def find(name: str) -> tuple[str, ...]:
        return tuple(sorted(str(path) for path in root.rglob(name)))

    return Locator(Files((str(root),)), False, None, find=find, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "presence", "found"),
    [
        ("server.crt", HERE, "conf/server.crt"),
        ("/etc/ssl/server.crt", HERE, "conf/server.crt"),
        ("/etc/ssl/only.crt", HERE, "certs/only.crt"),
        ("/etc/ssl/twin.crt", NOT_IN_VIEW, None),
        ("/etc/ssl/none.crt", NOT_IN_VIEW, None),
        ("none.crt", NOT_IN_VIEW, None),
        ("../../../etc/passwd", NOT_IN_VIEW, None),
        ("", MISSING, None),
    ],
)
def test_files_that_settings_name_in_sources(root: Path, name: str, presence: Presence, found: str | None) -> None:
    opened = locator(root).named(name, str(root / "conf/postgresql.conf"), explicit=True)
    assert opened.presence is presence
    if found is not None:
        assert opened.path == str(root / found)


def test_a_default_name_is_not_sought_all_over_the_project(root: Path) -> None:
    opened = locator(root).named("only.crt", str(root / "conf/postgresql.conf"), explicit=False)
    assert opened.presence is NOT_IN_VIEW


def test_several_candidates_are_named(root: Path) -> None:
    opened = locator(root).named("/etc/ssl/twin.crt", str(root / "conf/postgresql.conf"), explicit=True)
    assert opened.candidates == (str(root / "a/twin.crt"), str(root / "b/twin.crt"))


def test_a_stand_in_is_told(root: Path) -> None:
    opened = locator(root).named("/etc/ssl/only.crt", str(root / "conf/postgresql.conf"), explicit=True)
    assert opened.taken_for == str(root / "certs/only.crt")


@pytest.mark.parametrize(
    ("name", "presence"),
    [("conf.d/a.conf", HERE), ("conf.d/b.conf", MISSING), ("/etc/pg/b.conf", NOT_IN_VIEW), ("../../out", NOT_IN_VIEW)],
)
def test_includes_in_sources(root: Path, name: str, presence: Presence) -> None:
    assert locator(root).open(name, str(root / "conf/postgresql.conf")).presence is presence


@pytest.mark.parametrize(("name", "presence"), [("conf.d", HERE), ("none.d", NOT_IN_VIEW)])
def test_folders_in_sources(root: Path, name: str, presence: Presence) -> None:
    assert locator(root).folder(name, str(root / "conf/postgresql.conf")).presence is presence


def test_a_path_map_speaks_for_the_server(root: Path) -> None:
    mapped = locator(root, maps=(PathMap.parse(f"/etc/ssl={root}/certs"),))
    beside = str(root / "conf/postgresql.conf")
    assert mapped.named("/etc/ssl/only.crt", beside, explicit=True).path == str(root / "certs/only.crt")
    assert mapped.named("/etc/ssl/server.crt", beside, explicit=True).presence is MISSING


def test_a_complete_project_speaks_for_everything(root: Path) -> None:
    opened = locator(root, complete=True).named("/etc/ssl/none.crt", str(root / "conf/postgresql.conf"), explicit=True)
    assert opened.presence is MISSING


def test_in_deployed_input_absence_is_a_fact(root: Path) -> None:
    deployed = Locator(Files(None), True, str(root / "conf"))
    beside = str(root / "elsewhere/postgresql.conf")
    assert deployed.named("server.crt", beside, explicit=False).path == str(root / "conf/server.crt")
    assert deployed.named("none.crt", beside, explicit=True).presence is MISSING
    assert deployed.named(str(root / "none.crt"), beside, explicit=True).presence is MISSING
    assert deployed.named(str(root / "conf"), beside, explicit=True).presence is MISSING


@pytest.mark.parametrize("text", ["relative=local", "/only", "/server=", "=x"])
def test_a_map_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is no path map"):
        PathMap.parse(text)
