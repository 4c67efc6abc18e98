"""What a run does grows no faster than its input: every kind of `tools.cost`, counted at three sizes."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pgssllint.cli import main
from pgssllint.postgres import include_bounds
from tools.cost.kind import Kind
from tools.cost.kinds import VIEW_OF, kinds
from tools.cost.outputs import FORMATS
from tools.cost.work import Work, work

KINDS = {kind.name: kind for kind in kinds()}

SMALL = 1024

LARGER = {
    "unknown groups": 4096, "fifty clusters": 8192, "clusters that share files": 8192, "a folder of records": 4096,
    "services in a compose file": 4096, "services that mount one file": 8192, "pods that mount one text": 8192,
}  # fmt: skip
"""Where the smallest size is another one: below, a list is shown word by word, a cluster is added, or rules fall silent
one by one.
"""

STEPPED = {"ident included again", "folder included again", "settings included again", "one long list of ciphers"}
"""Whose work grows in steps, as a bound is met between two sizes: with twice the input all of it is held to twice."""

SLACK = Work(opened=16, tokenised=40, made=120, found=40, compared=400, calls=10_000)
"""What may come at one size and not yet at the one before: another rule that speaks, a bound that is met."""


@pytest.fixture(autouse=True)
def bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """What small files multiply has bounds, which small inputs do not come to."""
    monkeypatch.setattr(include_bounds, "MAX_REPEATED", 50)
    monkeypatch.setattr(include_bounds, "MAX_SHARED", 50)


_OF_TOOLS = ("services in a compose file", "texts in a manifest", "texts in values", "files like records")


@pytest.fixture(scope="module", autouse=True)
def warm(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is read once a process, as the pages of the rules, is read before anything is counted."""
    folder = tmp_path_factory.mktemp("warm")
    for kind in ("records that trust", "unknown settings", "a file of certificates", *_OF_TOOLS):
        written(KINDS[kind], folder / kind, 1024)
        runs(KINDS[kind], folder / kind)()


def written(kind: Kind, folder: Path, size: int) -> Path:
    (folder / ".git").mkdir(parents=True)
    kind.write(folder, size)
    return folder


def runs(kind: Kind, folder: Path) -> Callable[[], object]:
    """All reports of a project, and the view of its file."""
    checks = ["check", *(f"--format={form}=/dev/null" for form in FORMATS), *kind.options, "--", str(folder)]
    view = [VIEW_OF[kind.shown], "--", str(folder / kind.shown)] if kind.shown is not None else []
    return lambda: [main(words) for words in (checks, view) if words]


@pytest.mark.parametrize("name", KINDS)
def test_twice_the_input_is_no_more_than_twice_the_work(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kind = KINDS[name]
    done, small = [], LARGER.get(name, SMALL)
    for size in (small, 2 * small, 4 * small):
        folder = written(kind, tmp_path / f"{size}", size)
        done.append(work(runs(kind, folder)))
        subprocess.run(["rm", "-rf", "--", str(folder)], check=True)
    capsys.readouterr()
    first, second, third = done
    for what, slack in SLACK._asdict().items():
        before, after = getattr(second, what) - getattr(first, what), getattr(third, what) - getattr(second, what)
        most = 1.2 * getattr(second, what) if name in STEPPED else 2.5 * max(before, 0)
        assert after <= most + slack, (what, done)
