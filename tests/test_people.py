"""Who the server runs as: users and groups of the machine, of a mounted image, or as they are stated."""

import os
import pwd
from pathlib import Path

import pytest

from pgssllint.cli import main
from pgssllint.files import Files, Overlay
from pgssllint.people import Person, name_of, people_of
from pgssllint.permissions import Identity, User, server_view
from tests.support.examples import SERVER_UID

PASSWD = "root:x:0:0::/root:/bin/sh\npostgres:x:999:990:PostgreSQL:/var/lib/postgresql:/bin/bash\n"
GROUP = "root:x:0:\nssl-cert:x:101:a,postgres\npostgres:x:990:\nothers:x:102:postgresql,pos\n"
ODD = "\n#x:x:1:1:\nx:x\nx:x:-1:1:\nx:x:\u0661:1\nx:x:1:y\n:x:7:7:\nx:x:99999999999:1\npostgres:x:1000:1000::\n"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text(PASSWD + ODD)
    (tmp_path / "etc/group").write_text(GROUP + ODD)
    data = tmp_path / "data"
    data.mkdir(0o700)
    for name, text in {"postgresql.conf": "", "pg_hba.conf": "local all all peer\n", "PG_VERSION": "15\n"}.items():
        (data / name).write_text(text)
    return tmp_path


def test_an_image_knows_its_own(image: Path) -> None:
    people = people_of(Files(None, chroot=str(image)))
    person = people.named("postgres")
    assert person == Person("postgres", 999, 990)
    assert people.groups_of(person) == {990, 101}
    assert (people.group("ssl-cert"), people.group("nonesuch")) == (101, None)
    assert (name_of(999, people), name_of(7, people), name_of(0, people)) == ("postgres", "7", "root")
    assert people.named("nonesuch") is None


def test_an_image_without_the_files_knows_nobody(tmp_path: Path) -> None:
    people = people_of(Files(None, chroot=str(tmp_path)))
    assert people.named("root") is None
    assert name_of(0, people) == "0"


def test_the_files_of_an_image_are_sought_below_it(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").symlink_to("/etc/passwd")
    assert people_of(Files(None, chroot=str(tmp_path))).named("root") is None


def test_the_machine_knows_its_own() -> None:
    people, entry = people_of(Files(None)), pwd.getpwuid(os.geteuid())
    person = people.named(entry.pw_name)
    assert person == Person(entry.pw_name, entry.pw_uid, entry.pw_gid)
    assert people.groups_of(person) == set(os.getgrouplist(entry.pw_name, entry.pw_gid))
    assert people.numbered(SERVER_UID) is None
    assert people.named("no such\0user") is None


@pytest.mark.parametrize(
    ("stated", "uid", "groups"),
    [
        (Identity(), 999, {990, 101}),
        (Identity(77), 77, {55}),
        (Identity(999, 5), 999, {5}),
        (Identity(999, None, (6, 7)), 999, {990, 101, 6, 7}),
        (Identity(None, 5, (6,)), 999, {5, 6}),
    ],
)
def test_who_the_server_runs_as(image: Path, stated: Identity, uid: int, groups: set[int]) -> None:
    files = Files(None, chroot=str(image), overlays={str(image / "data"): Overlay(0o700, 999, 55)})
    view = server_view(files, str(image / "data"), stated)
    assert view is not None
    assert view.user == User(uid, frozenset(groups))
    assert server_view(files, str(image / "data"), Identity(0)) is None, "root runs no server"


@pytest.mark.skipif(os.geteuid() != 0, reason="files of others take root")
@pytest.mark.parametrize("command", ["check", "access"])
@pytest.mark.parametrize(
    ("options", "is_read"),
    [
        (["--server-user", "postgres"], True),
        (["--server-user", "999"], True),
        (["--server-user", "999:ssl-cert"], True),
        (["--server-user", "999:990"], False),
        (["--server-user", "999:990", "--server-groups", "ssl-cert"], True),
        (["--server-user", "999:990", "--server-groups", "5,101"], True),
        (["--server-groups", "5"], True),
    ],
)
def test_the_commands_ask_the_image(
    image: Path, command: str, options: list[str], is_read: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    for path, mode, gid in ((image / "data", 0o700, 999), (image / "data/pg_hba.conf", 0o640, 101)):
        path.chmod(mode)
        os.chown(path, 999 if path.is_dir() else 0, gid)
    status = main([command, "--data-dir", str(image / "data"), "--chroot", str(image), *options])
    said = capsys.readouterr()
    assert ("no pg_hba.conf in view" not in said.err and "PGS060" not in said.out) is is_read
    assert (status in (0, 2)) if command == "access" else (status in (0, 1))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--server-user", "nonesuch"], "Option '--server-user': there is no user 'nonesuch' in '"),
        (["--server-user", "postgres:nonesuch"], "Option '--server-user': there is no group 'nonesuch' in '"),
        (["--server-groups", "nonesuch"], "Option '--server-groups': there is no group 'nonesuch' in '"),
    ],
)
def test_whom_the_image_does_not_know(
    image: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data-dir", str(image / "data"), "--chroot", str(image), *options]) == 2
    assert said in capsys.readouterr().err
