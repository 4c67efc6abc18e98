"""Nothing outside of a root shows in any output, and nothing of what the kernel tells, whatever a stranger hands in."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pgssllint.api import lint, read, source_of
from pgssllint.configuration.mistakes import ConfigurationError
from pgssllint.files import Files, Unread
from pgssllint.finding import Outcome
from pgssllint.request import Request
from pgssllint.roots import placed
from pgssllint.ways import Reason
from tests.support.judging import settled
from tests.support.pki import AT, build
from tests.support.steps import HANGS
from tools.confine import __main__ as confine
from tools.confine.runs import edits, run, shown
from tools.confine.trees import CANARY, grown

ROOT = Path(__file__).parents[1]
HBA = "local all all peer\n"
TLS = "ssl = on\nssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\n"


def test_nothing_outside_of_a_strangers_tree_shows() -> None:
    """A few of the trees of `python -m tools.confine`."""
    asked = [(ran.words, list(shown(tree, ran))) for tree, ran in confine.asked(2, 10)]
    assert not [(words, found) for words, found in asked if found]
    commands = Counter(words[0] for words, _ in asked)
    assert min(commands[name] for name in ("check", "settings", "hba", "ident", "hosts", "access", "certs")) > 5


def test_trees_that_are_let_out_show_it(tmp_path: Path) -> None:
    """What the trees ask for is there to be shown, or the property would say nothing."""
    showing = 0
    for number in range(10):
        (tmp_path / str(number)).mkdir()
        tree = grown(Random(number), tmp_path / str(number))
        showing += "a file outside" in shown(tree, run(tree, [f"--root={tree.top.parent}", "--no-config", "--", "."]))
    assert showing > 5


def test_edits_are_made_in_such_trees_and_none_outside(tmp_path: Path) -> None:
    mended = 0
    for number in range(12):
        (tmp_path / str(number)).mkdir()
        tree = grown(Random(number), tmp_path / str(number))
        ran = list(edits(tree))
        assert not [found for one in ran for found in shown(tree, one)]
        mended += any(" mended in " in one.said for one in ran)
    assert mended > 5


def test_the_command_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert confine.main(["--trees", "1", "--seed", "3"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("0 of ")
    assert said.endswith(" outputs show what lies outside.\n")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory beside a folder that is none of its business."""
    folder = tmp_path / "home"
    (folder / "repository" / "deploy").mkdir(parents=True)
    (folder / "repository" / ".git").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "pg_hba.conf").write_text(f"host {CANARY} all 0.0.0.0/0 trust\n")
    (tmp_path / "outside" / "server.crt").write_bytes(build("leaf"))
    monkeypatch.chdir(folder)
    return folder


LINKS: dict[str, tuple[str, str, str, str | None]] = {
    "a link out of a repository": ("repository/x", "../../outside", "repository/x", "home/repository"),
    "one above what is named": ("repository/x", "../../outside", "repository/x/pg_hba.conf", "home/repository"),
    "one to a file": ("repository/x", "../../outside/pg_hba.conf", "repository/x", "home/repository"),
    "one that leads back in": ("repository/x", "../../home/repository/deploy", "repository/x", None),
    "one within a repository": ("repository/x", "deploy", "repository/x", None),
    "one out of the working directory": ("x", "../outside", "x", "home"),
    "one into a repository": ("x", "repository/deploy", "x", None),
    "one of somebody who is not here": ("../x", "outside", "../x", None),
    "none": ("repository/y", "deploy", "repository/deploy", None),
}


@pytest.mark.parametrize(("name", "target", "path", "left"), LINKS.values(), ids=LINKS)
def test_the_project_that_a_link_leads_out_of(
    home: Path, tmp_path: Path, name: str, target: str, path: str, left: str | None
) -> None:
    (home / name).symlink_to(target)
    assert placed(os.path.abspath(path)).left == (None if left is None else str(tmp_path / left))


@pytest.mark.parametrize("where", ["repository/", ""])
def test_a_path_that_leads_out_of_its_project_is_not_read(home: Path, where: str) -> None:
    (home / f"{where}x").symlink_to("../" * where.count("/") + "../outside")
    for word, said in {
        f"{where}x": f"The folder '{where}x' lies outside the given roots.",
        f"{where}x/pg_hba.conf": f"The file '{where}x/pg_hba.conf' lies outside the given roots.",
        f"{where}x/pg_hba.con": f"The path '{where}x/pg_hba.con' does not exist.",
    }.items():
        (note,) = lint(Request((word,)), AT).notifications
        assert (note.message, note.error) == (said, True)
    with pytest.raises(ValueError, match="lies outside the given roots"):
        read("hba", f"{where}x/pg_hba.conf")
    with pytest.raises(ValueError, match="lies outside the given roots"):
        source_of(f"{where}x/server.crt")


def test_a_root_that_a_link_in_a_project_leads_to_is_refused(home: Path) -> None:
    (home / "repository" / "x").symlink_to("../../outside")
    for call in (
        lambda: lint(Request(("repository",), root="repository/x"), AT),
        lambda: read("hba", "repository/x/pg_hba.conf", root="repository/x"),
    ):
        with pytest.raises(ConfigurationError, match=f"The root 'repository/x' .* leads out of '{home}/repository'"):
            call()


def test_a_file_behind_a_link_of_the_user_is_read_in_the_root_that_it_leads_to(home: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "x").symlink_to(home / "repository" / "deploy")
    (home / "repository" / "deploy" / "pg_hba.conf").write_text("include ../more.conf\n")
    (home / "repository" / "more.conf").write_text(HBA)
    named = str(tmp_path / "mine" / "x" / "pg_hba.conf")
    (row,) = read("hba", named, 16).rows
    assert row["auth_method"] == "peer"
    assert source_of(named).text == "include ../more.conf\n"
    assert [cluster.path for cluster in lint(Request((named,)), AT).clusters] == [os.path.realpath(named)]


@pytest.mark.usefixtures("home")
def test_a_certificate_of_the_machine_is_read_where_its_link_leads(tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    (tmp_path / "live" / "server.crt").symlink_to("../outside/server.crt")
    assert source_of(str(tmp_path / "live" / "server.crt")).data == build("leaf")


KERNEL: dict[str, dict[str, str]] = {
    "an included file": {"postgresql.conf": "include '{kernel}/self/environ'\n"},
    "an included folder": {"postgresql.conf": "include_dir '{kernel}'\n"},
    "records": {"postgresql.conf": "hba_file = '{kernel}/self/environ'\n"},
    "included records": {"postgresql.conf": "", "pg_hba.conf": "include {kernel}/version\nlocal all all peer\n"},
    "a list of names": {"postgresql.conf": "", "pg_hba.conf": "local all @{kernel}/version peer\n"},
    "a certificate": {"postgresql.conf": TLS.replace("server.crt", "{kernel}/self/environ")},
    "a key": {"postgresql.conf": TLS.replace("server.key", "{kernel}/self/environ")},
    "a way through it": {"postgresql.conf": "include '{kernel}/self/cwd/pg_hba.conf'\n"},
}


def deployed(data: Path, files: dict[str, str], kernel: str, **options: Any) -> Outcome:
    data.mkdir(0o700, parents=True)
    for name, text in {"pg_hba.conf": HBA, "PG_VERSION": "16\n", **files}.items():
        (data / name).write_text(text.replace("{kernel}", kernel))
    (data / "server.crt").write_bytes(build(["leaf", "intermediate"]))
    (data / "server.key").write_bytes(build("key:leaf"))
    (data / "server.key").chmod(0o600)
    return lint(Request((), data_dir=str(settled(data, 16)), **options), AT)


@pytest.mark.parametrize("files", KERNEL.values(), ids=KERNEL)
def test_what_the_kernel_tells_is_not_in_view_of_a_data_directory(tmp_path: Path, files: dict[str, str]) -> None:
    (tmp_path / "link").symlink_to("/proc")
    image = tmp_path / "image"
    (image / "proc" / "self").mkdir(parents=True)
    for name in ("proc/self/environ", "proc/version"):
        (image / name).write_text(f"{CANARY}\n")
    for outcome in (
        deployed(tmp_path / "plain", files, "/proc"),
        deployed(tmp_path / "linked", files, str(tmp_path / "link")),
        deployed(image / "srv", files, "/proc", chroot=str(image)),
    ):
        (prediction,) = outcome.clusters[0].predictions
        assert (outcome.findings, prediction.starts) == ((), None)
        assert outcome.not_checked


@pytest.mark.parametrize("path", ["/proc", "/proc/version", "/proc/self/environ", "/sys/kernel", "/dev/fd/0"])
def test_nothing_of_it_is_read_where_there_are_no_roots(path: str) -> None:
    for found in (Files(None).read(path), Files(None).entries(path)):
        assert isinstance(found, Unread)
        assert found.reason is Reason.KERNEL


def test_nor_where_it_is_mounted_elsewhere(tmp_path: Path) -> None:
    can_mount = shutil.which("unshare") and subprocess.run(["unshare", "-m", "true"], check=False).returncode == 0
    if not can_mount:
        pytest.skip("only who may mount can mount /proc elsewhere")
    (tmp_path / "kernel").mkdir()
    (tmp_path / "version.conf").touch()
    (tmp_path / "postgresql.conf").write_text("include 'kernel/version'\ninclude 'version.conf'\n")
    (tmp_path / "pg_hba.conf").write_text(HBA)
    settled(tmp_path, 18)
    script = 'mount --bind /proc kernel && mount --bind /proc/version version.conf && exec "$@"'
    words = [sys.executable, "-m", "pgssllint", "--data-dir", "."]
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", *words], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=HANGS, check=False,
    )  # fmt: skip
    assert "Not in view: 'kernel/version' and 'version.conf'" in done.stdout, done.stderr
    assert (done.returncode, done.stderr) == (0, "")
