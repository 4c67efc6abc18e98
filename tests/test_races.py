"""A folder, a file or a link that is swapped while it is read leads nowhere outside.

Nothing waits for a race to happen: the swap is made before a call to the operating system, before each in its turn.
"""

import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from pgssllint import handles
from pgssllint.files import Files, Unread
from pgssllint.handles import Folders
from pgssllint.text import Source
from pgssllint.ways import Hop, Reason
from tools.confine import races
from tools.confine.races import Race, calls, raced, tried
from tools.confine.trees import Tree, lay_outside

pytestmark = pytest.mark.skipif(not handles.BY_FOLDER, reason="this system opens no names in a folder that is held")

FILES = {
    "deploy/postgresql.conf": "ssl = on\ninclude 'conf.d/x.conf'\ninclude_dir 'conf.d'\n",
    "deploy/pg_hba.conf": "local all all peer\nhost all @names.txt 10.0.0.0/8 trust\n",
    "deploy/names.txt": "somebody\n",
    "deploy/server.crt": "",
    "deploy/conf.d/x.conf": "port = 5433\n",
}
READS = (
    ("check .", "deploy"),
    ("check deploy/postgresql.conf", "deploy/conf.d"),
    ("hba deploy/pg_hba.conf", "deploy"),
    ("hba deploy/pg_hba.conf", "deploy/names.txt"),
    ("access deploy/pg_hba.conf", "deploy/pg_hba.conf"),
    ("settings linked/postgresql.conf", "linked"),
    ("certs deploy/server.crt", "deploy"),
)
"""Runs, and what is swapped in them."""


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A repository that shows nothing, beside files that would."""
    lay_outside(tmp_path / "outside")
    top = tmp_path / "top"
    (top / ".git").mkdir(parents=True)
    for name, text in FILES.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    (top / "linked").symlink_to("deploy")
    return Tree(top, tmp_path / "outside", tuple(FILES))


def aim(tree: Tree, place: str) -> str:
    """What outside takes the place of a file or folder of the tree."""
    beside = tree.outside / os.path.basename(place)
    return str(beside if beside.exists() else tree.outside)


@pytest.mark.parametrize(("words", "place"), READS)
def test_a_swap_at_any_call_shows_nothing_outside(tree: Tree, words: str, place: str) -> None:
    made = calls(tree, words.split())
    assert made > 10
    for times in (1, 2, sys.maxsize):
        done = [raced(tree, words.split(), Race(place, aim(tree, place), at, times)) for at in range(made)]
        assert not [(one.race, one.wrong) for one in done if one.wrong]


def test_nor_in_trees_that_a_stranger_could_hand_in() -> None:
    """A few of the swaps of `python -m tools.confine.races`."""
    done = list(tried(seed=3, number=300))
    assert not [(one.ran.words, one.race, one.wrong) for one in done if one.wrong]
    assert len(Counter(one.ran.words[0] for one in done)) > 3


def test_by_their_paths_they_would_show_it(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is swapped is there to be shown, or the two above would say nothing."""
    monkeypatch.setattr(handles, "BY_FOLDER", False)
    words = ("check", "--format=json", ".")
    done = [raced(tree, words, Race("deploy", aim(tree, "deploy"), at, 1)) for at in range(calls(tree, words))]
    assert sum("a file outside" in one.wrong for one in done) > 3


def test_the_command_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert races.main(["--swaps", "20", "--seed", "4"]) == 0
    assert capsys.readouterr().out == "0 of 20 swaps show what lies outside, or end untruly.\n"


def test_what_is_swapped_between_look_and_open_is_not_read(tree: Tree) -> None:
    for place, path in (("deploy", "deploy/pg_hba.conf"), ("deploy/pg_hba.conf", "deploy/pg_hba.conf")):
        files = Files((str(tree.top),))
        assert files.look(f"{tree.top}/{path}").reason is None
        files.let_go()
        (tree.top / place).rename(tree.top / "aside")
        (tree.top / place).symlink_to(aim(tree, place))
        found = files.read(f"{tree.top}/{path}")
        assert isinstance(found, Unread)
        assert found.reason is Reason.FAILED
        (tree.top / place).unlink()
        (tree.top / "aside").rename(tree.top / place)


def test_a_folder_that_is_held_is_read_wherever_its_name_leads_by_then(tree: Tree) -> None:
    files = Files((str(tree.top),))
    files.look(f"{tree.top}/deploy/pg_hba.conf")
    (tree.top / "deploy").rename(tree.top / "aside")
    (tree.top / "deploy").symlink_to(tree.outside)
    found = files.read(f"{tree.top}/deploy/pg_hba.conf")
    assert isinstance(found, Source)
    assert found.text == FILES["deploy/pg_hba.conf"]


def test_a_folder_that_cannot_be_held_is_gone_through_by_its_path(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one of mode 0711 is, where there is no O_PATH."""
    real, refused = os.open, list[object]()

    def closed(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if os.path.basename(path) == "deploy" and flags & os.O_DIRECTORY:
            refused.append(path)
            raise PermissionError(path)
        return real(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(handles, "_FOLDER", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    monkeypatch.setattr(os, "open", closed)
    files = Files((str(tree.top),))
    for path in ("deploy/names.txt", "deploy/conf.d/x.conf"):
        found = files.read(f"{tree.top}/{path}")
        assert isinstance(found, Source)
        assert found.text == FILES[path]
    assert refused
    assert files.entries(f"{tree.top}/deploy/conf.d") == ("x.conf",)


def test_a_path_that_is_longer_than_the_system_takes_is_not_read(tmp_path: Path) -> None:
    path = os.path.join(tmp_path, *["d" * 200] * 25)
    assert len(path) > handles.MAX_PATH
    with pytest.raises(OSError, match="File name too long"):
        Folders().status(path)
    with pytest.raises(OSError, match="File name too long"):
        os.stat(path)


def test_the_hops_of_a_path(tree: Tree) -> None:
    """Each folder as written, each link, and each folder on the way of its target, with the status of each."""
    (tree.top / "deploy" / "to").symlink_to("../linked/../deploy/conf.d")
    (tree.top / "out").symlink_to("../outside")
    files = Files((str(tree.top),))
    hops = list(files.hops(f"{tree.top}/deploy/to/x.conf"))
    above = list(tree.top.parents)[-2::-1]
    inside = ["", "/deploy", "/deploy/to", "/linked", "/deploy", "/deploy", "/deploy/conf.d", "/deploy/conf.d/x.conf"]
    assert [hop.path for hop in hops] == [*map(str, above), *(f"{tree.top}{path}" for path in inside)]
    for hop in hops:
        assert hop.status is not None
        assert os.path.samestat(hop.status, os.lstat(hop.path))
    assert [hop.target for hop in hops if hop.target is not None] == ["../linked/../deploy/conf.d", "deploy"]
    assert [hop.path for hop in files.hops(f"{tree.top}/out/pg_hba.conf")][-1] == f"{tree.top}/out"
    assert list(files.hops(f"{tree.top}/no/x"))[-1] == Hop(f"{tree.top}/no", reason=Reason.ABSENT)
    assert list(files.hops("/")) == []
