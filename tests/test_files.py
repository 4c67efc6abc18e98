"""Files are bounded, confined and never block."""

import json
import os
import socket
from pathlib import Path

import pytest

from pgssllint import handles
from pgssllint.files import MAX_BYTES, Files, Overlay, Unread
from pgssllint.handles import real_path
from pgssllint.text import Source
from pgssllint.ways import Reason
from tests.support.runs import run


@pytest.fixture(autouse=True, params=[True, False], ids=["in held folders", "by their paths"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways in which names are opened; not every system has the first."""
    monkeypatch.setattr(handles, "BY_FOLDER", request.param and handles.BY_FOLDER)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    (root / "file").write_text("contents")
    (root / "link").symlink_to("file")
    (root / "out").symlink_to("../secret")
    (root / "absolute-out").symlink_to(tmp_path / "secret")
    (root / "folder-out").symlink_to("..")
    (root / "loop").symlink_to("loop")
    (root / "ping").symlink_to("pong")
    (root / "pong").symlink_to("ping")
    (root / "dangling").symlink_to("nothing")
    os.mkfifo(root / "fifo")
    with open(root / "large", "wb") as file:
        file.truncate(MAX_BYTES + 1)
    return root


REFUSED = {
    "nothing": Reason.ABSENT,
    "file/below": Reason.NOT_A_DIRECTORY,
    "dangling": Reason.ABSENT,
    "sub": Reason.DIRECTORY,
    "out": Reason.OUTSIDE,
    "absolute-out": Reason.OUTSIDE,
    "folder-out/secret": Reason.OUTSIDE,
    "../secret": Reason.OUTSIDE,
    "sub/../../secret": Reason.OUTSIDE,
    "../nothing-at-all": Reason.OUTSIDE,
    "loop": Reason.LOOP,
    "ping": Reason.LOOP,
    "fifo": Reason.NOT_REGULAR,
    "large": Reason.TOO_LARGE,
}


@pytest.mark.parametrize(("name", "reason"), REFUSED.items())
def test_what_is_not_read_and_why(tree: Path, name: str, reason: Reason) -> None:
    found = Files((str(tree),)).read(f"{tree}/{name}")
    assert isinstance(found, Unread)
    assert found.reason is reason


@pytest.mark.parametrize("name", ["file", "link", "sub/../file", "folder-out/root/file"])
def test_what_is_read(tree: Path, name: str) -> None:
    found = Files((str(tree),)).read(f"{tree}/{name}")
    assert isinstance(found, Source)
    assert found.text == "contents"


def test_a_device_and_a_socket_are_never_opened(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        for path in ("/dev/zero", str(tmp_path / "s")):
            found = Files(None).read(path)
            assert isinstance(found, Unread)
            assert found.reason is Reason.NOT_REGULAR


def test_a_file_is_opened_once(tree: Path) -> None:
    files = Files((str(tree),))
    first = files.read(f"{tree}/file")
    (tree / "file").write_text("changed")
    assert files.read(f"{tree}/file") is first


def test_entries_come_in_byte_order(tmp_path: Path) -> None:
    for name in ("b", "B", "10", "9", "é"):
        (tmp_path / name).touch()
    assert Files((str(tmp_path),)).entries(str(tmp_path)) == ("10", "9", "B", "b", "é")


def test_under_a_chroot_absolute_paths_and_links_begin_there(tmp_path: Path) -> None:
    image = tmp_path / "image"
    (image / "etc").mkdir(parents=True)
    (image / "etc" / "real").write_text("inside")
    (image / "link").symlink_to("/etc/real")
    (image / "up").symlink_to("../../../../etc/real")
    files = Files(None, chroot=str(image))
    for server_path in ("/etc/real", "/link", "/up", "/etc/../../../etc/real"):
        found = files.read(files.local(server_path))
        assert isinstance(found, Source), server_path
        assert found.text == "inside"


def test_an_overlay_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.touch()
    facts = Files(None, overlays={str(path): Overlay(0o640, 0, 7)}).look(str(path))
    assert (facts.mode, facts.uid, facts.gid) == (0o640, 0, 7)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything, so that no file is unreadable")
def test_an_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "closed"
    path.touch(mode=0)
    found = Files((str(tmp_path),)).read(str(path))
    assert isinstance(found, Unread)
    assert found.reason is Reason.UNREADABLE


@pytest.mark.parametrize("size", [67_108_864, 67_108_865])
def test_a_file_of_64_mebibytes_is_read_and_a_larger_one_is_not(size: int, tmp_path: Path) -> None:
    with open(tmp_path / "file", "wb") as file:
        file.truncate(size)
    files = Files((str(tmp_path),))
    found = files.read(f"{tmp_path}/file")
    if size == 67_108_864:
        assert isinstance(found, Source)
        assert len(found.data) == size
        assert files.look(f"{tmp_path}/file").reason is None
    else:
        assert isinstance(found, Unread)
        assert found.reason is files.look(f"{tmp_path}/file").reason is Reason.TOO_LARGE


def test_a_path_with_a_nul_in_it_is_not_there(tmp_path: Path) -> None:
    path = f"{tmp_path}/a\0b/c"
    assert Files((str(tmp_path),)).read(path) == Unread(path, Reason.ABSENT)
    assert real_path(path) == path


def test_a_map_to_a_path_with_a_nul_in_it_leads_nowhere(tmp_path: Path) -> None:
    """It may stand in a configuration that somebody commits."""
    (tmp_path / "pgssllint.toml").write_text('[map]\n"/etc" = "x\\u0000y"\n')
    (tmp_path / "postgresql.conf").write_text("hba_file = '/etc/pg_hba.conf'\ninclude '/etc/x.conf'\n")
    ran = run(tmp_path, "--format", "json")
    assert (ran.status, ran.err) == (1, "")
    assert {(finding["rule"], finding["line"]) for finding in json.loads(ran.out)["findings"]} >= {("PGS020", 2)}
