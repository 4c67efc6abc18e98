"""Files are written whole or not at all, never through a link, and never out of where they belong."""

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from pgssllint import written
from pgssllint.cli import main
from pgssllint.handles import KEPT, Folders
from pgssllint.report import sarif
from pgssllint.written import NotWrittenError, write
from tests.support.installations import server_user
from tests.support.steps import HANGS

ROOT = Path(__file__).parents[1]
NEW, OLD = b"the new one\n", b"what was there, which is longer\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository as the working directory."""
    folder = tmp_path / "home"
    for below in ("reports", ".git/hooks"):
        (folder / below).mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    monkeypatch.chdir(folder)
    return folder


def put(file: str | Path, data: bytes = NEW) -> None:
    write(str(file), data, (os.getcwd(),))


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


class TestAFile:
    @pytest.mark.parametrize("file", ["x", "./x", "reports/x", "reports/../x", "{home}/x", "//{home}/reports/../x"])
    def test_is_made(self, home: Path, file: str) -> None:
        put(file.format(home=home))
        place = home / ("reports/x" if file == "reports/x" else "x")
        assert place.read_bytes() == NEW
        assert names(place.parent) == (["x"] if file == "reports/x" else [".git", "reports", "x"])

    @pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o000, 0o666)])
    def test_has_the_mode_that_the_umask_leaves(self, home: Path, umask: int, mode: int) -> None:
        before = os.umask(umask)
        try:
            put("x")
        finally:
            os.umask(before)
        assert stat.S_IMODE((home / "x").stat().st_mode) == mode

    @pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o755])
    def test_has_the_mode_of_the_old_one(self, home: Path, mode: int) -> None:
        (home / "x").write_bytes(OLD)
        (home / "x").chmod(mode)
        put("x")
        assert ((home / "x").read_bytes(), stat.S_IMODE((home / "x").stat().st_mode)) == (NEW, mode)

    def test_leaves_another_name_of_the_old_one_alone(self, home: Path) -> None:
        (home / "x").write_bytes(OLD)
        (home / "y").hardlink_to(home / "x")
        put("x")
        assert ((home / "x").read_bytes(), (home / "y").read_bytes()) == (NEW, OLD)

    @pytest.mark.parametrize(
        ("file", "said"),
        [
            ("nowhere/x", "No such file or directory"),
            ("reports", "Is a directory"),
            ("reports/", "Is a directory"),
            ("nowhere/", "No such file or directory"),
            ("..", "Is a directory"),
            ("file/x", "Not a directory"),
            (f"reports/{'x' * 256}", "File name too long"),
            ("loop/x", "Too many levels of symbolic links"),
            ("/dev/fd/9999", "Bad file descriptor"),
        ],
    )
    def test_that_cannot_be_is_told(self, home: Path, file: str, said: str) -> None:
        (home / "file").write_bytes(OLD)
        (home / "loop").symlink_to("loop")
        with pytest.raises(NotWrittenError, match=f"^{said}$"):
            put(file)
        assert names(home) == [".git", "file", "loop", "reports"]


class TestALinkOfThatName:
    @pytest.mark.parametrize(
        "target", ["../outside/x", ".git/hooks/pre-commit", "/dev/null", "reports", "nowhere", "x", "/dev/full"]
    )
    def test_is_replaced(self, home: Path, target: str) -> None:
        (home.parent / "outside" / "x").write_bytes(OLD)
        (home / ".git" / "hooks" / "pre-commit").write_bytes(OLD)
        (home / "x").symlink_to(target)
        put("x")
        assert not (home / "x").is_symlink()
        assert (home / "x").read_bytes() == NEW
        assert (home.parent / "outside" / "x").read_bytes() == OLD
        assert (home / ".git" / "hooks" / "pre-commit").read_bytes() == OLD
        assert names(home / "reports") == []


OUT: dict[str, tuple[Mapping[str, str], str, str | None]] = {
    "out of it": ({"l": "../outside"}, "l/x", "the link '{home}/l' leads out of '{home}'"),
    "out of it, by its whole path": ({"l": "{home}/../outside"}, "l/x", "the link '{home}/l' leads out of '{home}'"),
    "to what is above": ({"l": ".."}, "l/x", "the link '{home}/l' leads out of '{home}'"),
    "out of it by another": ({"l": "m", "m": "../outside"}, "l/x", "the link '{home}/m' leads out of '{home}'"),
    "below a folder": ({"reports/l": "../../outside"}, "reports/l/x", "the link '{home}/reports/l' leads out of"),
    "out of it and back by name": ({"l": "../outside"}, "l/../home/x", "the link '{home}/l' leads out of '{home}'"),
    "within it, and out of that by name": ({"l": "."}, "l/../outside/x", "the link '{home}/l' leads out of '{home}'"),
    "into .git": ({"l": ".git/hooks"}, "l/x", "the link '{home}/l' leads into a '.git'"),
    "to .git": ({"l": ".git"}, "l/hooks/x", "the link '{home}/l' leads into a '.git'"),
    "into another .GIT": ({"l": "reports/.GIT/hooks"}, "l/x", "the link '{home}/l' leads into a '.git'"),
    "within it": ({"l": "reports"}, "l/x", None),
    "within it, over what is above": ({"l": "../home/reports"}, "l/x", None),
    "within it, by its whole path": ({"l": "{home}/reports"}, "l/x", None),
    "within it, by several": ({"l": "m/../reports", "m": "reports"}, "l/x", None),
    "none, into .git": ({}, ".git/hooks/x", None),
    "none, out of it": ({}, "../outside/x", None),
}


@pytest.mark.parametrize(("links", "file", "said"), OUT.values(), ids=OUT)
@pytest.mark.parametrize("whole", [False, True])
def test_a_link_among_the_folders(
    home: Path, links: Mapping[str, str], file: str, said: str | None, whole: bool
) -> None:
    (home / "reports" / ".GIT" / "hooks").mkdir(parents=True)
    for name, target in links.items():
        (home / name).symlink_to(target.format(home=home))
    before = sorted(home.parent.rglob("*"))
    if said is None:
        put(home / file if whole else file)
        assert (home / file).read_bytes() == NEW
        return
    with pytest.raises(NotWrittenError, match=f"^{said.format(home=home)}"):
        put(home / file if whole else file)
    assert sorted(home.parent.rglob("*")) == before


def test_a_link_that_is_nobody_elses_is_followed(home: Path) -> None:
    (home.parent / "l").symlink_to("home/.git")
    put("../l/hooks/x")
    assert (home / ".git" / "hooks" / "x").read_bytes() == NEW


class TestWhatIsNoFile:
    def test_a_fifo_is_written_to(self, home: Path) -> None:
        os.mkfifo(home / "x")
        read: list[bytes] = []
        reader = threading.Thread(target=lambda: read.append((home / "x").read_bytes()))
        reader.start()
        put("x", NEW * 100_000)
        reader.join(HANGS)
        assert (read, stat.S_ISFIFO((home / "x").stat().st_mode)) == ([NEW * 100_000], True)

    def test_a_device_is_written_to(self, home: Path) -> None:
        put(os.devnull)
        with pytest.raises(NotWrittenError, match=r"^No space left on device$"):
            put("/dev/full")
        assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
        assert names(home) == [".git", "reports"]

    @pytest.mark.parametrize("name", ["/dev/fd/{}", "/proc/self/fd/{}", "//dev/fd/{}", "/dev/../dev/fd/{}"])
    def test_a_descriptor_of_the_process_is_written_to(self, home: Path, name: str) -> None:
        with open(home / "x", "w+b") as file:
            file.write(OLD)
            file.flush()
            put(name.format(file.fileno()))
            put(name.format(file.fileno()))
        assert (home / "x").read_bytes() == OLD + NEW + NEW

    @pytest.mark.parametrize("name", ["/dev/stdout", "/dev/stderr"])
    def test_so_are_its_outputs(self, capfd: pytest.CaptureFixture[str], name: str) -> None:
        put(name)
        assert "".join(capfd.readouterr()) == NEW.decode()

    def test_but_not_by_another_way(self, home: Path) -> None:
        (home.parent / "l").symlink_to("/dev")
        with pytest.raises(NotWrittenError, match=r"^it leads to '/dev/stdout'; name that$"):
            put("../l/stdout")
        assert os.path.islink("/dev/stdout")

    def test_a_reader_that_is_gone_is_told_as_such(self) -> None:
        out, into = os.pipe()
        os.close(out)
        try:
            with pytest.raises(BrokenPipeError):
                put(f"/dev/fd/{into}")
        finally:
            os.close(into)


def failing(monkeypatch: pytest.MonkeyPatch, name: str, error: BaseException) -> None:
    """Let a function of the operating system fail."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(os, name, fail)


def oserror(number: int) -> OSError:
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize("old", [OLD, None])
@pytest.mark.parametrize(("name", "error"), [
    ("write", oserror(errno.ENOSPC)), ("fchmod", oserror(errno.EIO)), ("replace", oserror(errno.EIO)),
    ("write", KeyboardInterrupt()), ("replace", KeyboardInterrupt()),
])  # fmt: skip
def test_a_write_that_fails_leaves_the_old_one(
    home: Path, monkeypatch: pytest.MonkeyPatch, old: bytes | None, name: str, error: BaseException
) -> None:
    if old is None and name == "fchmod":
        name = "write"
    if old is not None:
        (home / "x").write_bytes(old)
    with monkeypatch.context() as patched:
        failing(patched, name, error)
        with pytest.raises(KeyboardInterrupt if isinstance(error, KeyboardInterrupt) else NotWrittenError):
            put("x")
    assert names(home) == [".git", "reports", *(["x"] if old is not None else [])]
    assert old is None or (home / "x").read_bytes() == old


def test_it_is_whole_before_it_is_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that takes one byte at a time; whoever looks sees the old one or the new."""
    (home / "x").write_bytes(OLD)
    seen: set[bytes] = set()
    real = os.write

    def slowly(number: int, data: bytes) -> int:
        seen.add((home / "x").read_bytes())
        return real(number, bytes(data[:1]))

    monkeypatch.setattr(os, "write", slowly)
    put("x")
    assert seen == {OLD}
    assert (home / "x").read_bytes() == NEW


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_who_interrupts_waits_until_it_is_there(home: Path, number: signal.Signals) -> None:
    script = (
        "import os, sys\nfrom pgssllint.written import write\nreal = os.write\n"
        f"os.write = lambda *given: (os.kill(os.getpid(), {int(number)}), real(*given))[1]\n"
        "write('x', b'whole', ())\nprint('went on')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=home, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=HANGS, check=False,
        # Who runs the tests in the background may have the signal ignored, and a child would inherit that.
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (-number, "")
    assert (home / "x").read_bytes() == b"whole"
    assert names(home) == [".git", "reports", "x"]


class TestWhereNoNewFileCanBe:
    @pytest.fixture(params=["open", "replace"])
    def refused(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
        """A folder that takes no new file, or none in the place of an old one."""
        name: str = request.param
        real = os.open
        number = errno.EACCES if name == "open" else errno.EBUSY

        def fail(*given: object, **options: object) -> int:
            if name == "open" and not int(given[1]) & os.O_CREAT:  # type: ignore[call-overload]
                return real(*given, **options)  # type: ignore[arg-type]
            raise oserror(number)

        monkeypatch.setattr(os, name, fail)
        return name

    @pytest.mark.usefixtures("refused")
    def test_an_old_one_is_written_over(self, home: Path) -> None:
        for data in (NEW, NEW * 9):
            (home / "x").write_bytes(OLD)
            same = (home / "x").stat().st_ino
            put("x", data)
            assert ((home / "x").read_bytes(), (home / "x").stat().st_ino) == (data, same)
        assert names(home) == [".git", "reports", "x"]

    @pytest.mark.parametrize("target", ["../outside/x", "nowhere", None])
    def test_nothing_else_is(self, home: Path, refused: str, target: str | None) -> None:
        (home.parent / "outside" / "x").write_bytes(OLD)
        if target is not None:
            (home / "x").symlink_to(target)
        said = "Permission denied" if refused == "open" else "Device or resource busy"
        with pytest.raises(NotWrittenError, match=f"^{said}$"):
            put("x")
        assert (home.parent / "outside" / "x").read_bytes() == OLD
        assert names(home) == [".git", "reports", *(["x"] if target is not None else [])]

    @pytest.mark.usefixtures("refused")
    def test_it_is_told_that_it_is_not_whole(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (home / "x").write_bytes(OLD)
        old, real = (home / "x").stat(), os.write

        def fill(number: int, data: bytes) -> int:
            if os.path.samestat(os.fstat(number), old):
                raise oserror(errno.ENOSPC)
            return real(number, data)

        monkeypatch.setattr(os, "write", fill)
        with pytest.raises(NotWrittenError, match=r"^No space left on device; .* the file is not whole$"):
            put("x")

    @pytest.mark.usefixtures("refused")
    def test_one_that_was_replaced_meanwhile_is_left_alone(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (home / "x").write_bytes(OLD)
        (home / "y").write_bytes(OLD)
        real = written._same

        def late(folders: Folders, path: str, old: os.stat_result) -> int:
            os.rename(home / "y", home / "x")
            return real(folders, path, old)

        monkeypatch.setattr(written, "_same", late)
        with pytest.raises(NotWrittenError, match=r"^it was replaced meanwhile$"):
            put("x")
        assert (home / "x").read_bytes() == OLD


AS_SOMEBODY = """
import os, sys
from pgssllint.report import sarif
from pgssllint.written import NotWrittenError, write
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(int(sys.argv[2]))
    os.setuid(int(sys.argv[1]))
try:
    write(sys.argv[3], b"new", ())
except NotWrittenError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("folder", "file", "said"), [(0o755, 0o666, ""), (0o755, 0o644, "Permission denied\n"), (0o711, 0o666, ""),
    (0o1777, 0o666, ""), (0o700, 0o666, "Permission denied\n")],
)  # fmt: skip
def test_another_users_file(tmp_path: Path, folder: int, file: int, said: str) -> None:
    """A real user who may not write in the folder, or not replace what lies there."""
    if os.geteuid() != 0:
        pytest.skip("only root can lay down another user's file")
    user = server_user()
    for parent in [tmp_path, *tmp_path.parents[: len(tmp_path.parents) - 2]]:
        parent.chmod(parent.stat().st_mode | 0o011)
    place = tmp_path / "folder"
    place.mkdir()
    (place / "x").write_bytes(OLD)
    (place / "x").chmod(file)
    place.chmod(folder)
    done = subprocess.run(
        [sys.executable, "-c", AS_SOMEBODY, str(user.uid), str(user.gid), str(place / "x")],
        cwd="/", env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=HANGS, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (said, "")
    assert (place / "x").read_bytes() == (OLD if said else b"new")
    assert names(place) == ["x"]


class TestReports:
    def ran(self, home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
        (home / "pg_hba.conf").write_text("local all all peer\n")
        return subprocess.run(
            [sys.executable, "-m", "pgssllint", *words], cwd=home, env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, timeout=HANGS, check=False,
        )  # fmt: skip

    @pytest.mark.parametrize("words", [["reports/l/x", "."], ["{home}/reports/l/x", "{home}"]])
    def test_a_link_out_of_the_working_directory_or_the_root_is_refused(self, home: Path, words: Sequence[str]) -> None:
        (home / "reports" / "l").symlink_to("../../outside")
        file, path = (word.format(home=home) for word in words)
        done = self.ran(home, f"--format=json={file}", "--format=concise", path)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            f"pgssllint: The report cannot be written to '{file}': the link '{home}/reports/l' leads out of '{home}'.\n"
        )

    def test_a_root_is_guarded_from_elsewhere(self, home: Path) -> None:
        (home / "reports" / "l").symlink_to("../.git/hooks")
        (home / "pg_hba.conf").write_text("local all all peer\n")
        done = subprocess.run(
            [sys.executable, "-m", "pgssllint", f"--format=json={home}/reports/l/x", str(home / "pg_hba.conf")],
            cwd=home.parent / "outside", env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, timeout=HANGS, check=False,
        )  # fmt: skip
        assert (done.returncode, names(home / ".git" / "hooks")) == (2, [])
        assert "leads into a '.git'" in done.stderr

    def test_all_are_rendered_before_one_is_written(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (home / "pg_hba.conf").write_text("local all all peer\n")
        (home / "old.json").write_bytes(OLD)
        monkeypatch.setattr(sarif, "written", lambda *_, **__: 1 / 0)
        assert main(["--format=json=old.json", "--format=sarif"]) == 2
        assert (home / "old.json").read_bytes() == OLD

    def test_they_go_where_the_process_goes(self, home: Path) -> None:
        done = self.ran(home, "--format=concise", "--format=concise=/dev/stdout", "--format=concise=/dev/fd/1")
        assert done.stdout == "No findings in 1 cluster.\n" * 3


class TestFolders:
    def test_so_many_are_held(self, tmp_path: Path) -> None:
        deep = tmp_path.joinpath(*["d"] * (3 * KEPT))
        deep.mkdir(parents=True)
        (deep / "x").touch()
        before, folders = len(os.listdir("/proc/self/fd")), Folders()
        for place in [*deep.parents, deep, *reversed(deep.parents)]:
            assert stat.S_ISDIR(folders.status(str(place)).st_mode)
            assert len(os.listdir("/proc/self/fd")) <= before + KEPT + 1
        assert folders.names(str(deep)) == (("x", False, False, 0),)
        del folders
        assert len(os.listdir("/proc/self/fd")) == before

    def test_the_file_systems_own_root(self) -> None:
        assert os.path.samestat(Folders().status("/"), os.stat("/"))
        assert [one.name for one in Folders().names("/")] == sorted(os.listdir("/"), key=os.fsencode)

    def test_a_folder_that_has_become_a_link_is_not_opened(self, tmp_path: Path) -> None:
        (tmp_path / "d").mkdir()
        (tmp_path / "d" / "x").write_bytes(OLD)
        folders = Folders()
        (tmp_path / "d").rename(tmp_path / "e")
        (tmp_path / "d").symlink_to("e")
        for call in (folders.status, folders.target, folders.names, lambda path: folders.open(path, os.O_RDONLY)):
            with pytest.raises(NotADirectoryError):
                call(str(tmp_path / "d" / "x"))

    def test_a_held_folder_is_the_one_that_was_looked_at(self, tmp_path: Path) -> None:
        for name in ("d", "other"):
            (tmp_path / name).mkdir()
            (tmp_path / name / name).touch()
        folders = Folders()
        folders.status(str(tmp_path / "d" / "d"))
        (tmp_path / "d").rename(tmp_path / "e")
        (tmp_path / "d").symlink_to("other")
        assert [one.name for one in folders.names(str(tmp_path / "d"))] == ["d"]

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may open every folder")
    def test_a_folder_that_may_only_be_gone_through(self, tmp_path: Path) -> None:
        (tmp_path / "d").mkdir()
        (tmp_path / "d" / "x").write_bytes(OLD)
        (tmp_path / "d").chmod(0o111)
        assert Folders().status(str(tmp_path / "d" / "x")).st_size == len(OLD)
