"""What can be proven of Windows without one: what its Python has not is not asked for, and nothing hangs on it."""

import json
import ntpath
import os
import posixpath
import subprocess
import sys
from pathlib import Path

import pytest

from pgssllint.handles import Folders
from tests.support.steps import HANGS

ROOT = Path(__file__).parents[1]


def test_mypy_has_nothing_to_say_of_windows() -> None:
    """Of names in the standard library that only other systems have (typeshed knows which)."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--platform", "win32", "-p", "pgssllint"],
        cwd=ROOT, capture_output=True, text=True, timeout=HANGS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


WITHOUT = """
import json, os, sys
from pathlib import Path

import pytest

import tests.support.repositories

for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_NOCTTY", *sys.argv[2:]):
    delattr(os, name)
if sys.argv[2:]:
    os.supports_dir_fd.clear()
for name in [name for name in sys.modules if name.partition(".")[0] == "pgssllint"]:
    del sys.modules[name]
sys.modules.update(dict.fromkeys(("pwd", "grp", "fcntl")))

from tests import test_ordinary

told = {}
for repository in test_ordinary.REPOSITORIES:
    os.chdir(test_ordinary.laid(repository, Path(sys.argv[1])))
    outcome = test_ordinary.judged(repository)
    told[repository.name] = [*map(str, outcome.errors), *test_ordinary.told(outcome)]
print(json.dumps(told))
"""


@pytest.mark.parametrize("more", [(), ("O_DIRECTORY", "O_PATH")], ids=["what is asked", "and descriptors of folders"])
def test_ordinary_repositories_are_judged_alike_without_what_windows_lacks(
    tmp_path: Path, more: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(tmp_path), *more],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=HANGS,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    expected = {
        path.name: (path / "expected.txt").read_text().splitlines()
        for path in (ROOT / "tests" / "ordinary").iterdir()
        if path.is_dir()
    }
    assert json.loads(done.stdout) == expected


@pytest.mark.parametrize("path", [r"C:\pg\data\postgresql.conf", "C:/pg/data/postgresql.conf", r"\\host\share\x.conf"])
def test_paths_with_drives_come_to_an_end(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """The way up to a drive ends at the drive, wherever that is."""
    for name in ("split", "dirname", "join"):
        monkeypatch.setattr(posixpath, name, getattr(ntpath, name))
    with pytest.raises(FileNotFoundError):
        Folders().status(path)
