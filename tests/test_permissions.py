"""What the server's user may read, by owner, group and mode."""

import os

import pytest

from pgssllint.files import FileFacts, Files, Overlay
from pgssllint.people import OfMachine, name_of
from pgssllint.permissions import ServerView, User, readable_by, searchable_by, user_of

SERVER = User(70, frozenset({70, 110}))
STRANGER = 999


def facts(mode: int | None, uid: int, gid: int) -> FileFacts:
    return FileFacts("/key", "/key", None, "file", mode, uid, gid)


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "read", "search"),
    [
        (0o600, 70, 70, True, False),
        (0o700, 70, 70, True, True),
        (0o200, 70, 70, False, False),
        (0o077, 70, 70, False, False),
        (0o640, 0, 110, True, False),
        (0o640, 0, STRANGER, False, False),
        (0o604, 0, 110, False, False),
        (0o750, 0, 70, True, True),
        (0o701, 0, STRANGER, False, True),
        (0o644, 0, STRANGER, True, False),
        (0o600, STRANGER, 110, False, False),
        (0, 70, 70, False, False),
        (None, STRANGER, STRANGER, True, True),
    ],
)
def test_owner_goes_before_group_and_group_before_others(
    mode: int | None, uid: int, gid: int, read: bool, search: bool
) -> None:
    file = facts(mode, uid, gid)
    assert (readable_by(file, SERVER), searchable_by(file, SERVER)) == (read, search)


def test_root_may_read_everything() -> None:
    assert readable_by(facts(0, STRANGER, STRANGER), User(0, frozenset()))


FOLDERS = ("", "/ssl", "/ssl/private", "/data", "/data/sub")


@pytest.mark.parametrize(
    ("path", "modes", "closed"),
    [
        ("ssl/private/key", {}, None),
        ("ssl/private/key", {"/ssl/private": 0o700}, "/ssl/private"),
        ("ssl/private/key", {"/ssl/private": 0o700, "/ssl": 0o744}, "/ssl"),
        ("ssl/private/key", {"/ssl/private": 0o711}, None),
        ("ssl/private/key", {"/data": 0o700}, None),
        ("data/key", {"/data": 0o700}, "/data"),
        ("data/key", {"": 0o700}, None),
        ("data/sub/key", {"/data": 0o711}, None),
        ("data/sub/key", {"/data/sub": 0o700}, "/data/sub"),
        ("ssl/key", {"": 0o700}, None),
    ],
)
def test_the_first_folder_that_is_closed(
    path: str, modes: dict[str, int], closed: str | None, tmp_path: "os.PathLike[str]"
) -> None:
    """What lies above the data directory is taken to be open."""
    root = os.path.realpath(tmp_path)
    for folder in FOLDERS:
        os.makedirs(root + folder, exist_ok=True)
    overlays = {root + folder: Overlay(modes.get(folder, 0o755), STRANGER, STRANGER) for folder in FOLDERS}
    view = ServerView(Files(None, overlays=overlays), SERVER, f"{root}/data")
    assert view.closed_folder(f"{root}/{path}") == (root + closed if closed is not None else None)
    assert view.may_read(f"{root}/{path}") == (closed is None)


def test_a_file_in_an_open_folder_has_a_mode_of_its_own(tmp_path: "os.PathLike[str]") -> None:
    path = os.path.join(os.path.realpath(tmp_path), "key")
    with open(path, "w"):
        overlays = {path: Overlay(0o600, STRANGER, STRANGER), str(tmp_path): Overlay(0o700, SERVER.uid, SERVER.uid)}
        view = ServerView(Files(None, overlays=overlays), SERVER, str(tmp_path))
    assert view.closed_folder(path) is None
    assert not view.may_read(path)


def test_users_of_this_machine() -> None:
    root = user_of(0, None, OfMachine())
    assert root.uid == 0
    assert 0 in root.groups
    assert name_of(0, OfMachine()) == "root"


@pytest.mark.parametrize(("gid", "groups"), [(None, frozenset[int]()), (70, frozenset({70}))])
def test_users_that_it_does_not_know(gid: int | None, groups: frozenset[int]) -> None:
    unknown = 2**31 - 77
    assert user_of(unknown, gid, OfMachine()) == User(unknown, groups)
    assert name_of(unknown, OfMachine()) == str(unknown)
