"""Edits of findings: which are made, what becomes of the files, and what is left alone."""

import errno
import os
import random
import shlex
import stat
import subprocess
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgssllint.api import lint
from pgssllint.cli import main
from pgssllint.cli.fixing import commands_of
from pgssllint.finding import Edit, Effect, Finding, Fix, Location, Outcome
from pgssllint.fixing.difference import difference
from pgssllint.fixing.drafts import Draft, draft, with_line_ends
from pgssllint.fixing.offers import Bounds, Offer, Why, apart
from pgssllint.fixing.rounds import MOST_TRIALS, Asked, Contents, Plan, harms, planned
from pgssllint.languages import Language, Read
from pgssllint.request import Request
from pgssllint.showing.telling import Showing
from pgssllint.text import Source, Span
from pgssllint.written import Rewrite, rewrite
from tests.support.edits import AllTracked
from tests.support.outcomes import finding, outcome
from tests.support.pki import AT, build

CONF = "ssl = on\nlisten_addresses = '*'\nssl_ca_file = 'root.crt'\n"
HBA = "local all all peer\nhostssl all all 10.0.0.0/8 scram-sha-256 clientcert=1\n"
MENDED = HBA.replace("clientcert=1", "clientcert=verify-ca")


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "core.autocrlf=false")
    done = subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a cluster in which there is something to mend; all of it is tracked."""
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "postgresql.conf").write_text(CONF)
    (folder / "pg_hba.conf").write_text(HBA)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    monkeypatch.chdir(folder)
    return folder


def run(*words: str) -> int:
    return main(["--pg-version", "12", "--format", "concise=/dev/null", *words])


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def texts() -> st.SearchStrategy[str]:
    return st.text(alphabet=st.sampled_from("ab\n\r é\udcff"), max_size=40)


@st.composite
def rounds_of_edits(draw: st.DrawFn) -> tuple[str, list[list[tuple[Span, str]]]]:
    """A text, and rounds of edits of it that do not meet."""
    text = now = draw(texts())
    rounds = []
    for _ in range(draw(st.integers(0, 3))):
        cuts = sorted(draw(st.sets(st.integers(0, len(now)), max_size=6)))
        edits = [(Span(a, b), draw(texts())) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
        rounds.append(edits)
        for span, new in reversed(edits):
            now = now[: span.start] + new + now[span.end :]
    return text, rounds


def drafted(path: Path, text: str, rounds: list[list[tuple[Span, str]]]) -> Draft:
    found = draft(str(path), Source(str(path), text.encode("utf-8", "surrogateescape")))
    for edits in rounds:
        now = Source(str(path), found.data)
        found = found.revised(now, [Edit(str(path), now, span, new) for span, new in edits])
    return found


def raw(source: Source, line: int) -> str:
    """A line as it stands."""
    return source.line(line)


class TestADifference:
    @settings(deadline=None, max_examples=150)
    @given(rounds_of_edits(), st.integers(0, 2**32))
    def test_is_what_patch_makes_the_new_file_of(
        self, tmp_path_factory: pytest.TempPathFactory, drawn: tuple[str, list[list[tuple[Span, str]]]], seed: int
    ) -> None:
        """GNU patch is the judge: it takes the difference, and the old file for the new one."""
        text, rounds = drawn
        path = tmp_path_factory.mktemp("patch") / "x"
        around = [f"{random.Random(seed).randrange(5)}\n" for _ in range(9)]
        text = "".join(around) + text
        moved = [[(Span(span.start + 18, span.end + 18), new) for span, new in edits] for edits in rounds]
        found = drafted(path, text, moved)
        path.write_bytes(found.original.data)
        lines = list(difference(found, "x", raw, raw))
        assert bool(lines) == (found.data != found.original.data)
        patch = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")
        words = ["patch", "--binary", "--force", "--fuzz=0", "x"]
        done = subprocess.run(words, cwd=path.parent, input=patch, capture_output=True, check=False)
        assert done.returncode == 0 or not lines, (done.stdout, patch)
        assert path.read_bytes() == found.data
        assert b"offset" not in done.stdout


class TestFix:
    def test_makes_the_safe_edits(self, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
        run("--fix")
        assert (repository / "pg_hba.conf").read_text() == MENDED
        assert (repository / "postgresql.conf").read_text() == CONF
        assert "1 finding mended in 1 file.\n" in capsys.readouterr().err
        assert names(repository) == [".git", "pg_hba.conf", "postgresql.conf"]

    def test_a_second_one_changes_nothing(self, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
        run("--fix")
        before = (repository / "pg_hba.conf").stat()
        capsys.readouterr()
        run("--fix")
        assert (repository / "pg_hba.conf").stat() == before
        why = "what the server does may change by it; --unsafe-fixes makes it"
        assert capsys.readouterr().err == f"1 edit of 'pg_hba.conf' is not made: {why}.\n"

    def test_writes_what_diff_showed(self, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
        hba = "host all all 10.0.0.0/8 md5 clientcert=1\nhost all all 10.0.0.0/8 md5 clientcert=1\n"
        (repository / "pg_hba.conf").write_text(hba)
        assert main(["--pg-version", "12", "--diff", "--unsafe-fixes"]) == 1
        assert (repository / "pg_hba.conf").read_text() == hba
        patch = capsys.readouterr().out
        git(repository, "commit", "-qam", "x")
        run("--fix", "--unsafe-fixes")
        written = {name: (repository / name).read_bytes() for name in ("pg_hba.conf", "postgresql.conf")}
        git(repository, "checkout", "-q", ".")
        subprocess.run(["git", "apply", "-p0", "-"], cwd=repository, input=patch, text=True, check=True)
        assert {name: (repository / name).read_bytes() for name in written} == written
        assert (repository / "pg_hba.conf").read_text() != hba

    def test_keeps_line_ends_bytes_and_mode(self, repository: Path) -> None:
        hba = f"\ufeff# caf\udce9\n{HBA}".encode("utf-8", "surrogateescape").replace(b"\n", b"\r\n")
        (repository / "pg_hba.conf").write_bytes(hba)
        (repository / "pg_hba.conf").chmod(0o640)
        (repository / "postgresql.conf").write_bytes(b"ssl = on\r\nlisten_addresses = '*' # \xe9\r\nport = 1")
        run("--openssl", "1.1.1", "--fix", "--unsafe-fixes")
        mended = hba.removeprefix(b"\xef\xbb\xbf").replace(b"clientcert=1", b"clientcert=verify-full")
        assert (repository / "pg_hba.conf").read_bytes() == mended
        assert stat.S_IMODE((repository / "pg_hba.conf").stat().st_mode) == 0o640
        conf = (repository / "postgresql.conf").read_bytes()
        assert conf.startswith(b"ssl = on\r\nssl_min_protocol_version = 'TLSv1.2'\r\nlisten_addresses = '*' # \xe9\r\n")
        assert conf.endswith(b"\r\nport = 1")
        assert conf.count(b"\n") == conf.count(b"\r\n")

    def test_keeps_the_owner(self, repository: Path) -> None:
        if os.geteuid() != 0:
            pytest.skip("only root can give files to others")
        os.chown(repository / "pg_hba.conf", 12345, 23456)
        run("--fix")
        there = (repository / "pg_hba.conf").stat()
        assert ((repository / "pg_hba.conf").read_text(), there.st_uid, there.st_gid) == (MENDED, 12345, 23456)

    def test_writes_where_a_link_leads(self, repository: Path) -> None:
        (repository / "real").mkdir()
        (repository / "pg_hba.conf").rename(repository / "real" / "hba")
        (repository / "pg_hba.conf").symlink_to("real/hba")
        git(repository, "add", "-A")
        run("--fix")
        assert os.readlink(repository / "pg_hba.conf") == "real/hba"
        assert (repository / "real" / "hba").read_text() == MENDED

    def test_edits_yaml_where_the_text_stands(self, repository: Path) -> None:
        manifest = (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: pg}\ndata:\n"
            "  postgresql.conf: |\n    ssl = on\n    ssl_ca_file = 'root.crt'\n"
            "  pg_hba.conf: |\n    hostssl all all 10.0.0.0/8 scram-sha-256 clientcert=1\n"
        )
        for name in ("pg_hba.conf", "postgresql.conf"):
            (repository / name).unlink()
        (repository / "pg.yaml").write_text(manifest)
        git(repository, "add", "-A")
        run("--fix")
        assert (repository / "pg.yaml").read_text() == manifest.replace("clientcert=1", "clientcert=verify-ca")

    def test_goes_on_until_nothing_is_left(self, repository: Path) -> None:
        """Edits of one stretch go one after the other."""
        hba = "host all all 10.0.0.0/8 md5 clientcert=1\n" * 5
        (repository / "pg_hba.conf").write_text(hba)
        run("--fix", "--unsafe-fixes")
        assert (repository / "pg_hba.conf").read_text().count("\n") == 1
        before = (repository / "pg_hba.conf").read_bytes(), (repository / "postgresql.conf").read_bytes()
        run("--fix", "--unsafe-fixes")
        assert ((repository / "pg_hba.conf").read_bytes(), (repository / "postgresql.conf").read_bytes()) == before


class TestLeftAlone:
    def check(self, repository: Path, capsys: pytest.CaptureFixture[str], said: str, *words: str) -> None:
        run(*(words or ("--fix",)))
        assert said in capsys.readouterr().err
        assert (repository / "pg_hba.conf").read_text() == HBA

    def test_what_git_does_not_track(self, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
        git(repository, "rm", "-q", "--cached", "pg_hba.conf")
        said = "1 edit of 'pg_hba.conf' is not made: git does not track it, so nothing would bring back what it was."
        self.check(repository, capsys, said)

    def test_what_lies_in_no_work_tree(self, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (repository / ".git").rename(repository / "elsewhere")
        self.check(repository, capsys, "git does not track it")

    def test_what_is_suppressed(self, repository: Path) -> None:
        old = f"# pgssllint: ignore[PGS566] kept\n{HBA.splitlines(keepends=True)[1]}"
        (repository / "pg_hba.conf").write_text(old)
        run("--fix")
        assert (repository / "pg_hba.conf").read_text() == old

    def test_what_a_link_leads_out_to(self, repository: Path) -> None:
        outside = repository.parent / "hba"
        (repository / "pg_hba.conf").rename(outside)
        (repository / "pg_hba.conf").symlink_to(outside)
        git(repository, "add", "-A")
        run("--fix", "--unsafe-fixes")
        assert outside.read_text() == HBA
        assert (repository / "pg_hba.conf").is_symlink()

    def test_files_that_are_not_named(self, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.check(repository, capsys, "", "--fix", "postgresql.conf")

    def test_what_a_server_has_outside_of_its_folder(
        self, repository: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (repository / "data").mkdir()
        (repository / "data" / "PG_VERSION").write_text("12\n")
        (repository / "data" / "postgresql.conf").write_text(f"hba_file = '{repository / 'pg_hba.conf'}'\n")
        git(repository, "add", "-A")
        self.check(repository, capsys, "it lies outside the folders that were given", "--fix", "--data-dir", "data")

    def test_what_is_an_example(self, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (repository / "tests").mkdir()
        for name in ("pg_hba.conf", "postgresql.conf"):
            (repository / name).rename(repository / "tests" / name)
        git(repository, "add", "-A")
        run("--fix")
        assert "edit of 'tests/pg_hba.conf' is not made: it is an example; give its path.\n" in capsys.readouterr().err
        assert (repository / "tests" / "pg_hba.conf").read_text() == HBA
        run("--fix", "tests")
        assert (repository / "tests" / "pg_hba.conf").read_text() == MENDED

    def test_what_is_written_and_may_not_be_shown(self, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
        conf = f"{CONF}ssl_passphrase_command = hush/hush hush\n"
        (repository / "postgresql.conf").write_text(conf)
        run("--fix")
        assert (repository / "postgresql.conf").read_text() == conf
        told = "what would be written may not be shown; --show-secrets shows it"
        assert f"1 edit of 'postgresql.conf' is not made: {told}.\n" in capsys.readouterr().err
        run("--fix", "--show-secrets")
        assert (repository / "postgresql.conf").read_text() != conf

    def test_what_can_only_be_read(self, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (repository / "pg_hba.conf").chmod(0o444)
        self.check(repository, capsys, "'pg_hba.conf' is left as it is: it can only be read.\n")
        assert run("--fix") == 2

    def test_what_has_other_names(self, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (repository / "other").hardlink_to(repository / "pg_hba.conf")
        self.check(repository, capsys, "'pg_hba.conf' is left as it is: it has other names (hard links)")

    def test_what_is_changed_meanwhile(
        self, repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def changing(files: Mapping[str, Rewrite], tied: Callable[[str], Collection[str]]) -> Mapping[str, str]:
            (repository / "pg_hba.conf").write_text(HBA + "# mine\n")
            return rewrite(files, tied)

        monkeypatch.setattr("pgssllint.written.rewrite", changing)
        assert run("--fix") == 2
        assert (repository / "pg_hba.conf").read_text() == HBA + "# mine\n"
        assert "'pg_hba.conf' is left as it is: it was changed meanwhile.\n" in capsys.readouterr().err

    def test_where_the_disk_is_full(
        self, repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_number: int, _data: bytes) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr("os.write", full)
        assert run("--fix") == 2
        monkeypatch.undo()
        assert "'pg_hba.conf' is left as it is: No space left on device.\n" in capsys.readouterr().err
        assert (repository / "pg_hba.conf").read_text() == HBA
        assert names(repository) == [".git", "pg_hba.conf", "postgresql.conf"]


class TestRewriting:
    FILES = ("a", "b", "c")

    def lay(self, folder: Path) -> dict[str, Rewrite]:
        for name in self.FILES:
            (folder / name).write_bytes(b"old " + name.encode())
        return {str(folder / name): Rewrite(b"old " + name.encode(), b"new " + name.encode()) for name in self.FILES}

    def test_what_goes_together_is_left_alone_together(self, tmp_path: Path) -> None:
        files = self.lay(tmp_path)
        (tmp_path / "b").write_bytes(b"mine")
        a, b, _ = files
        left = rewrite(files, lambda path: {a, b} if path in (a, b) else {path})
        assert left == {b: "it was changed meanwhile", a: f"'{b}' is left alone, which it goes with"}
        assert [(tmp_path / name).read_bytes() for name in self.FILES] == [b"old a", b"mine", b"new c"]
        assert names(tmp_path) == list(self.FILES)

    @pytest.mark.parametrize("call", ["open", "write", "fchmod", "fstat", "replace", "fdopen", "stat", "dup"])
    @pytest.mark.parametrize("error", [OSError(errno.EIO, "Input/output error"), PermissionError(errno.EACCES, "No")])
    def test_whatever_call_fails_each_file_is_old_or_new(self, tmp_path: Path, call: str, error: OSError) -> None:
        """The calls of the kind fail one after the other, each in a run of its own."""
        real, reached = getattr(os, call), True
        for number in range(40):
            files = self.lay(tmp_path)
            count = -1

            def failing(*arguments: object, _fails: int = number, **named: object) -> object:
                nonlocal count
                count += 1
                if count == _fails:
                    raise error
                return real(*arguments, **named)

            with patch.object(os, call, failing):
                left = rewrite(files, lambda path: {path})
            reached = count >= number
            for path, one in files.items():
                assert Path(path).read_bytes() == (one.old if path in left else one.new), (number, left)
            assert names(tmp_path) == list(self.FILES)
            if not reached:
                break
        assert not reached, "more calls than were tried"

    def test_a_folder_that_has_become_a_link_is_not_gone_through(self, tmp_path: Path) -> None:
        for name in ("inside", "outside"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "x").write_bytes(b"old")
        files = {str(tmp_path / "inside" / "x"): Rewrite(b"old", b"new")}
        (tmp_path / "inside").rename(tmp_path / "was")
        (tmp_path / "inside").symlink_to("outside")
        assert list(rewrite(files, lambda path: {path})) == list(files)
        assert [(tmp_path / name / "x").read_bytes() for name in ("was", "outside")] == [b"old", b"old"]


class TestTogether:
    def offers(self) -> list[Offer]:
        source = Source("/x", b"0123456789")
        spans = [(0, 2), (1, 3), (2, 4), (4, 4), (4, 4), (5, 7), (5, 7), (8, 9), (9, 10)]
        fixes = [Fix("", (Edit("/x", source, Span(*span), str(n % 7)),), safe=True) for n, span in enumerate(spans)]
        at = Location("/x", source, Span(0, 1))
        return [Offer(finding(at, text=str(n)), fix, ("/x",)) for n, fix in enumerate(fixes)]

    @settings(deadline=None, max_examples=60)
    @given(st.permutations(range(9)))
    def test_the_same_are_chosen_in_whatever_order_they_are_given(self, order: list[int]) -> None:
        offers = self.offers()
        chosen = apart(offers[number] for number in order)
        assert [one.finding.text for one in chosen] == [one.finding.text for one in apart(offers)]
        edits = [edit for one in chosen for edit in one.fix.edits]
        spans = sorted({edit.span for edit in edits})
        assert all(before.end <= after.start for before, after in pairwise(spans))
        assert [one.finding.text for one in chosen] == ["0", "2", "5", "7", "8"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--unsafe-fixes"], "Option '--unsafe-fixes' goes with '--fix' or '--diff'."),
        (["--fix", "--diff"], "Options '--fix' and '--diff' do not go together: '--diff' writes nothing."),
        (["--fix", "--installed"], "Option '--fix' does not go with '--installed'; name a folder"),
        (["--diff", "--format", "json"], "Option '--diff' prints the difference instead of a report; give"),
    ],
)
def test_options_that_do_not_go_together(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert f"pgssllint: {said}" in capsys.readouterr().err


def test_lines_that_are_inserted_end_as_those_beside_them() -> None:
    source = Source("x", b"a\r\nb\nc")
    assert [with_line_ends("x\ny\r\n", source, at) for at in (0, 1, 3, 5)] == ["x\r\ny\r\n"] * 2 + ["x\ny\r\n"] * 2


class TestCommands:
    def test_a_request_for_a_new_certificate_has_the_names_of_the_old_one(self, tmp_path: Path) -> None:
        """The program is OpenSSL's own."""
        (tmp_path / "a b").mkdir()
        layout = {"server.crt": build(["leaf-expired", "intermediate"]), "server.key": build({"key": "leaf"})}
        for name, data in layout.items():
            (tmp_path / "a b" / name).write_bytes(data)
        (tmp_path / "a b" / "postgresql.conf").write_text("ssl = on\n")
        (tmp_path / "a b" / "PG_VERSION").write_text("16\n")
        (tmp_path / "a b" / "server.key").chmod(0o644)
        outcome = lint(Request(data_dir=str(tmp_path / "a b")), AT, select=["PGS310", "PGS240"])
        commands = commands_of(outcome)
        key = shlex.quote(str(tmp_path / "a b" / "server.key"))
        assert f"chmod 0600 {key}" in commands
        (request,) = [command for command in commands if command.startswith("openssl ")]
        for command in (f"chmod 0600 {key}", request):
            subprocess.run(command, shell=True, check=True, capture_output=True)
        assert stat.S_IMODE((tmp_path / "a b" / "server.key").stat().st_mode) == 0o600
        words = ["openssl", "req", "-in", str(tmp_path / "a b" / "server.csr"), "-noout", "-text", "-verify"]
        told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        assert "DNS:db.example.org" in told

    def test_they_are_told_beside_what_is_mended(self, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
        for name, data in (("server.crt", build(["intermediate", "leaf"])), ("server.key", build({"key": "leaf"}))):
            (repository / name).write_bytes(data)
        (repository / "server.key").chmod(0o644)
        (repository / "PG_VERSION").write_text("12\n")
        git(repository, "add", "-A")
        run("--fix", "--unsafe-fixes", "--at", AT.isoformat(), "--data-dir", str(repository))
        assert (repository / "server.crt").read_bytes() == build(["leaf", "intermediate"])
        assert f"To be done by hand: chmod 0600 {repository / 'server.key'}\n" in capsys.readouterr().err


class TestPemFiles:
    @pytest.mark.parametrize("end", [b"\n", b"\r\n"])
    def test_leaf_first_and_nothing_twice(self, repository: Path, end: bytes) -> None:
        before, after = (build(names).replace(b"\n", end) for names in (BROKEN, ["leaf", "intermediate"]))
        (repository / "server.crt").write_bytes(before)
        (repository / "server.key").write_bytes(build({"key": "leaf"}))
        git(repository, "add", "-A")
        run("--fix", "--unsafe-fixes", "--at", AT.isoformat())
        assert (repository / "server.crt").read_bytes() == after

    def test_without_the_key_nothing_is_edited(self, repository: Path) -> None:
        (repository / "server.crt").write_bytes(build(BROKEN))
        git(repository, "add", "-A")
        run("--fix", "--unsafe-fixes", "--at", AT.isoformat())
        assert (repository / "server.crt").read_bytes() == build(BROKEN)

    def test_a_root_that_clients_are_checked_with_stays(self, repository: Path) -> None:
        (repository / "postgresql.conf").write_text("ssl = on\nlisten_addresses = '*'\nssl_ca_file = 'server.crt'\n")
        (repository / "server.crt").write_bytes(build(["leaf", "intermediate", "root"]))
        (repository / "server.key").write_bytes(build({"key": "leaf"}))
        git(repository, "add", "-A")
        run("--fix", "--unsafe-fixes", "--at", AT.isoformat())
        assert (repository / "server.crt").read_bytes() == build(["leaf", "intermediate", "root"])


BROKEN = ["root", "intermediate", "leaf", "intermediate"]


def test_what_a_baseline_knows_is_left_alone(repository: Path) -> None:
    run("--write-baseline", str(repository.parent / "known.sarif"))
    run("--fix", "--baseline", str(repository.parent / "known.sarif"))
    assert (repository / "pg_hba.conf").read_text() == HBA
    run("--fix")
    assert (repository / "pg_hba.conf").read_text() == MENDED


BECOMES = {
    "bad": "good", "worse": "bad", "trap": "lockout", "pit": "refusal", "stuck": "stuck", "flip": "flop",
    "flop": "flip",
}  # fmt: skip
"""What an edit makes of a line: a `trap` and a `pit` do harm, what is `stuck` is found again, the last two go round."""


class World:
    """A file of such words, one a line, and who judges it."""

    def __init__(self, words: list[str]) -> None:
        self.source = Source("/x", "".join(f"{word}\n" for word in words).encode())
        self.asked = 0

    def judge(self, contents: Contents) -> Outcome:
        self.asked += 1
        source = Source("/x", contents.get("/x", self.source.data))
        return outcome([finding for number in range(1, source.line_count) for finding in self.found(source, number)])

    def found(self, source: Source, number: int) -> Iterator[Finding]:
        word, span = source.line(number), source.line_span(number)
        effect = {"lockout": Effect.LOCKS_OUT, "refusal": Effect.REFUSES_START}.get(word, Effect.HYGIENE)
        fix = Fix("", (Edit("/x", source, span, BECOMES[word]),), safe=True) if word in BECOMES else None
        if word != "good":
            yield finding(Location("/x", source, span), rule=word, effect=effect, text=word, arguments=(), fix=fix)

    def plan(self, data: bytes | None = None) -> Plan:
        held = {} if data is None else {"/x": data}
        bounds = Bounds(("/",), frozenset(), AllTracked(("/x",)))

        def judged(contents: Contents) -> Outcome:
            return self.judge({**held, **contents})

        showing = Showing([Read(self.source, Language.HBA)], secrets=True)
        return planned(bounds, Asked(judged, judged, lambda _: showing))


class TestRounds:
    @settings(deadline=None, max_examples=80)
    @given(st.lists(st.sampled_from(["good", "bad", "worse", "trap", "stuck", "flip", "pit"]), max_size=12))
    def test_what_mends_is_made_and_nothing_else(self, words: list[str]) -> None:
        world = World(words)
        plan = world.plan()
        data = plan.drafts["/x"].data if plan.drafts else world.source.data
        wanted = {"bad": {"good"}, "worse": {"good"}, "flip": {"flip", "flop"}}
        assert all(now in wanted.get(was, {was}) for was, now in zip(words, data.decode().split(), strict=True))
        assert {left.why for left in plan.left} <= ({Why.HARMS, Why.UNTRIED} if "flip" in words else {Why.HARMS})
        assert {left.offer.finding.text for left in plan.left} >= {"trap", "stuck", "pit"} & set(words)
        assert not world.plan(data).made or "flip" in words

    def test_so_much_is_tried_and_no_more(self) -> None:
        world = World(["trap", "bad"] * 200)
        plan = world.plan()
        assert world.asked <= 2 * MOST_TRIALS + 2
        assert {left.why for left in plan.left} == {Why.UNTRIED}

    def test_a_server_that_refused_before_let_nobody_in(self) -> None:
        refusing, locking = (outcome([one]) for one in self.one_of_each())
        both, none = outcome(self.one_of_each()), outcome([])
        assert [harms(none, locking), harms(none, refusing), harms(locking, none)] == [True, True, False]
        assert [harms(locking, both), harms(both, locking), harms(both, both)] == [True, False, False]

    @staticmethod
    def one_of_each() -> list[Finding]:
        at = Location("/x")
        return [finding(at, effect=effect, rule=effect.value) for effect in (Effect.REFUSES_START, Effect.LOCKS_OUT)]
