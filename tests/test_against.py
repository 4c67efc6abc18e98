"""What a change adds and removes, against a revision, which git tells as data, or against a folder."""

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path
from unittest.mock import patch

import pytest

from pgssllint.baseline import revision
from pgssllint.baseline.revision import RevisionError, commit, lay_out
from tests.support.repositories import git, lay
from tests.support.runs import Ran, run

TRUST = "host all {} 10.0.0.0/8 trust\n"
CONF = "listen_addresses = '*'\nssl = on\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A work tree whose only revision, main, has a cluster with one record that fails."""
    top = lay(tmp_path / "top", {"pg/pg_hba.conf": TRUST.format("a"), "pg/postgresql.conf": CONF})
    git(top, "init", "--quiet", "--initial-branch=main")
    commit_all(top)
    return top


def commit_all(top: Path) -> None:
    git(top, "add", "--all", "--force")
    git(top, "commit", "--quiet", "--allow-empty", "--message=x")


def against(folder: Path, *words: str) -> Ran:
    return run(folder, "check", "--pg-version", "16", *words)


def flowed(ran: Ran) -> str:
    """The report on one line, wherever it breaks."""
    return " ".join(ran.out.split())


class TestARevision:
    def test_what_was_there_is_unchanged(self, repository: Path) -> None:
        ran = against(repository, "--against", "main")
        assert (ran.status, ran.err) == (0, "")
        assert ran.out.startswith("Nothing new in 1 cluster.")
        assert "Since 'main'" not in ran.out

    def test_what_a_change_adds_is_new_and_fails(self, repository: Path) -> None:
        (repository / "pg/pg_hba.conf").write_text(TRUST.format("b") + TRUST.format("a"))
        ran = against(repository, "--against", "main", "--format", "concise", "--select", "PGS534")
        assert (ran.status, ran.out.splitlines()[0].split(": ")[0]) == (1, "pg/pg_hba.conf:1:23")
        commit_all(repository)
        assert against(repository, "--against", "main").status == 0
        assert against(repository, "--against", "main~1").status == 1

    def test_what_it_removes_is_told(self, repository: Path) -> None:
        (repository / "pg/pg_hba.conf").write_text("hostssl all a 10.0.0.0/8 scram-sha-256\n")
        ran = against(repository, "--against", "HEAD", "--select", "PGS534")
        assert (ran.status, "Gone since 'HEAD': PGS534 in 'pg/pg_hba.conf'." in flowed(ran)) == (0, True)

    def test_all_of_it_stands_in_a_comment_on_a_pull_request(self, repository: Path) -> None:
        names = [f"pg{number}" for number in range(9)]
        lay(repository, {f"{name}/pg_hba.conf": TRUST.format("a") + TRUST.format("b") for name in names})
        commit_all(repository)
        lay(repository, {f"{name}/pg_hba.conf": "hostssl all all all scram-sha-256\n" for name in names})
        told = against(repository, "--against", "main", "--select", "PGS534", "--format", "markdown").out
        head, table, _ = told.split("\n\n| No longer there | File |\n| --- | --- |\n")[1].partition("\n\n")
        gone = head.splitlines()
        assert [line.split(" | ")[1] for line in gone] == [f"{name}/pg\\_hba.conf (2 places) |" for name in names]
        assert all("trust-over-network" in line for line in gone)
        assert table

    def test_from_a_folder_below_and_for_some_of_the_paths(self, repository: Path) -> None:
        lay(repository, {"other/pg_hba.conf": TRUST.format("x")})
        assert against(repository / "pg", "--against", "main").status == 0
        assert against(repository, "--against", "main", "pg").status == 0
        assert against(repository, "--against", "main", "pg/pg_hba.conf").status == 0
        assert against(repository, "--against", "main", "other").status == 1

    def test_a_renamed_folder_has_nothing_new(self, repository: Path) -> None:
        (repository / "pg").rename(repository / "db")
        ran = against(repository, "--against", "main")
        assert (ran.status, ran.out.splitlines()[0].split(". ")[0]) == (0, "Nothing new in 1 cluster")

    def test_predictions_that_change_are_told(self, repository: Path) -> None:
        (repository / "pg/postgresql.conf").write_text("ssl = off\n")
        (repository / "pg/pg_hba.conf").write_text("local all all peer\n")
        commit_all(repository)
        (repository / "pg/pg_hba.conf").write_text("local all all pear\n")
        ran = against(repository, "--against", "main")
        assert ran.status == 1
        told = "pg/postgresql.conf: Since 'main': PostgreSQL 16 started, and now does not start (PGS530)."
        assert told in flowed(ran)
        report = json.loads(against(repository, "--against", "main", "--format", "json").out)
        assert told.partition(": ")[2] in [note["message"] for note in report["notifications"]]
        commit_all(repository)
        (repository / "pg/pg_hba.conf").write_text("local all all peer\n")
        assert "did not start (PGS530), and now starts." in flowed(against(repository, "--against", "main"))

    def test_clusters_that_come_and_go_are_told(self, repository: Path) -> None:
        (repository / "pg").rename(repository / "db")
        told = flowed(against(repository, "--against", "main"))
        assert "db/postgresql.conf: Since 'main': PostgreSQL 16, of a new cluster, is not known to start." in told
        # A path breaks where it has a hyphen.
        gone = f"Since 'main': the cluster of '{repository}/pg/postgresql.conf' has gone."
        assert gone.replace(" ", "") in told.replace(" ", "")

    def test_another_major_is_told(self, repository: Path) -> None:
        lay(repository, {"pg/PG_VERSION": "15\n"})
        commit_all(repository)
        lay(repository, {"pg/PG_VERSION": "17\n"})
        ran = run(repository, "check", "--against", "main")
        assert "Since 'main': PostgreSQL 17, not judged before, is not known to start." in flowed(ran)

    def test_its_configuration_is_that_of_its_time(self, repository: Path) -> None:
        lay(repository, {"pgssllint.toml": "ignore = ['PGS5', 'PGS6']\n"})
        commit_all(repository)
        (repository / "pgssllint.toml").unlink()
        assert against(repository, "--against", "main").status == 1

    def test_a_configuration_of_the_work_tree_is_that_of_its_time(self, repository: Path, tmp_path: Path) -> None:
        lay(repository, {"ci/lint.toml": "ignore = ['PGS5', 'PGS6']\n"})
        commit_all(repository)
        lay(repository, {"ci/lint.toml": ""})
        assert against(repository, "--against", "main", "--config", "ci/lint.toml").status == 1
        assert against(repository, "--against", "main~1", "--config", "ci/lint.toml").status == 0
        lay(tmp_path / "far", {"lint.toml": "ignore = ['PGS5', 'PGS6']\n"})
        assert against(repository, "--against", "main", "--config", str(tmp_path / "far/lint.toml")).status == 0
        lay(repository, {"ci/lint.toml": "nonsense = 1\n"})
        commit_all(repository)
        lay(repository, {"ci/lint.toml": ""})
        ran = against(repository, "--against", "main", "--config", "ci/lint.toml")
        assert ran.err.startswith(f"pgssllint: In 'main': '{repository}/ci/lint.toml:1': There is no key 'nonsense'")

    def test_a_mistake_in_its_configuration_is_told_of_it(self, repository: Path) -> None:
        lay(repository, {"pgssllint.toml": "ignore = 7\n"})
        commit_all(repository)
        (repository / "pgssllint.toml").unlink()
        ran = against(repository, "--against", "main")
        assert (ran.status, ran.out) == (2, "")
        assert ran.err.startswith(f"pgssllint: In 'main': '{repository}/pgssllint.toml:1': ")

    def test_where_nothing_was_all_is_new(self, repository: Path) -> None:
        empty = git(repository, "commit-tree", git(repository, "mktree").strip(), "-m", "x").strip()
        ran = against(repository, "--against", empty, "pg")
        assert (ran.status, "of a new cluster" in flowed(ran)) == (1, True)

    def test_a_key_that_git_tracked_then_is_no_news(self, repository: Path) -> None:
        lay(repository, {"pg/server.key": "-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n"})
        commit_all(repository)
        words = ("--select", "PGS850", "--format", "concise")
        assert against(repository, *words).status == 1
        assert against(repository, "--against", "main", *words).status == 0
        assert against(repository, "--against", "main~1", *words).status == 1

    def test_maps_and_certificates_are_those_of_its_time(self, repository: Path) -> None:
        conf = CONF + "hba_file = '/etc/pg/pg_hba.conf'\n"
        lay(repository, {"pg/postgresql.conf": conf, "etc/pg_hba.conf": TRUST.format("a")})
        commit_all(repository)
        lay(repository, {"etc/pg_hba.conf": TRUST.format("a") + TRUST.format("b")})
        words = ("--map", "/etc/pg=etc", "--select", "PGS534", "--format", "json", "pg")
        told = json.loads(against(repository, "--against", "main", *words).out)
        states = [place["baseline"] for one in told["findings"] for place in one["places"]]
        assert sorted(states) == ["new", "unchanged"] + ["unchanged"] * (len(states) - 2)

    def test_nothing_is_left_behind_and_the_work_tree_stays(self, repository: Path, tmp_path: Path) -> None:
        (repository / "pg/pg_hba.conf").write_text("local all all peer\n")
        before = {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()}
        (tmp_path / "temporary").mkdir()
        with patch("tempfile.tempdir", str(tmp_path / "temporary")):
            assert against(repository, "--against", "main").status == 0
            assert against(repository, "--against", "main", "--select", "nonsense").status == 2
        assert os.listdir(tmp_path / "temporary") == []
        assert {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()} == before


class TestAFolder:
    def test_it_stands_for_the_path(self, repository: Path, tmp_path: Path) -> None:
        old = lay(tmp_path / "old", {"pg_hba.conf": TRUST.format("a"), "postgresql.conf": CONF})
        assert against(repository, "--against", str(old), "pg").status == 0
        assert against(repository / "pg", "--against", str(old)).status == 0
        (old / "pg_hba.conf").write_text("local all all peer\n")
        ran = against(repository, "--against", str(old), "pg")
        assert (ran.status, f"Gone since '{old}'" in flowed(ran)) == (1, True)

    def test_it_stands_for_the_data_directory(self, tmp_path: Path) -> None:
        files = {"pg_hba.conf": TRUST.format("a"), "postgresql.conf": CONF, "PG_VERSION": "16\n"}
        for name in ("old", "new"):
            lay(tmp_path / name, files)
        words = ("--against", "old", "--data-dir", "new", "--select", "PGS534")
        assert against(tmp_path, *words).status == 0
        lay(tmp_path / "new", {"pg_hba.conf": TRUST.format("b")})
        assert against(tmp_path, *words).status == 1


class TestWhatCannotBeCompared:
    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (["--against", "no"], "'no' is neither a folder nor a revision that git knows in '{}'"),
            (["--against", ""], "'' is neither a folder nor a revision that git knows in '{}'"),
            (["--against=--help"], "'--help' is neither a folder nor a revision that git knows in '{}'"),
            (["--against", "main:pg"], "'main:pg' is neither a folder nor a revision that git knows in '{}'"),
            (
                ["--against", "pg", "pg/pg_hba.conf"],
                "Option '--against': 'pg' is a folder, and 'pg/pg_hba.conf' is none.",
            ),
            (["--against", "pg", "pg", "."], "Option '--against': the folder 'pg' stands for one PATH"),
            (["--against", "main", ".", ".."], "Option '--against': 'main' is no folder, and the paths do not lie in"),
            (
                ["--against", "main", "--data-dir", "pg"],
                "Option '--against': 'main' is no folder; a revision goes with",
            ),
            (["--against", "main", "--baseline", "x"], "Options '--baseline' and '--against' do not go together"),
            (["--against", "main", "--write-baseline", "x"], "Options '--write-baseline' and '--against' do not go"),
        ],
    )
    def test_options(self, repository: Path, words: list[str], sentence: str) -> None:
        ran = against(repository, *words)
        assert (ran.status, ran.out) == (2, "")
        assert ran.err.startswith(f"pgssllint: {sentence.format(repository)}")
        assert ran.err.count("\n") == 1

    def test_a_folder_and_a_revision_of_one_name(self, repository: Path) -> None:
        lay(repository, {"main/pg_hba.conf": TRUST.format("a")})
        ran = against(repository, "--against", "main", "pg")
        assert ran.err == "pgssllint: 'main' is a folder and a revision; write './main' or 'refs/heads/main'.\n"
        assert against(repository, "--against", "refs/heads/main", "pg").status == 0
        assert against(repository, "--against", "./main", "pg").status in (0, 1)

    def test_objects_that_are_not_here(self, repository: Path) -> None:
        name = git(repository, "rev-parse", "main:pg/pg_hba.conf").strip()
        (repository / ".git/objects" / name[:2] / name[2:]).unlink()
        ran = against(repository, "--against", "main")
        assert (ran.status, ran.err) == (2, "pgssllint: The revision 'main' is not here whole; fetch it first.\n")

    @pytest.mark.parametrize(("name", "value"), [("MOST_FILES", 1), ("MOST_LAID", 10)])
    def test_too_much(self, repository: Path, name: str, value: int) -> None:
        with patch.object(revision, name, value):
            ran = against(repository, "--against", "main")
        why = "The revision 'main' holds too many files; give a folder that holds what was before."
        assert (ran.status, ran.err) == (2, f"pgssllint: {why}\n")

    def test_git_that_takes_too_long(self, repository: Path) -> None:
        slow = f'#!/bin/sh\ncase $* in *cat-file*) exec sleep 60;; esac\nexec {shutil.which("git")} "$@"\n'
        lay(repository.parent, {"bin/git": slow}, 0o755)
        path = f"{repository.parent}/bin:{os.environ['PATH']}"
        with patch.object(revision, "SECONDS", 0.2), patch.dict(os.environ, {"PATH": path}):
            ran = against(repository, "--against", "main")
        assert (ran.status, ran.err) == (2, "pgssllint: The revision 'main' is not here whole; fetch it first.\n")


class TestLayingOut:
    def test_files_are_what_their_objects_hold(self, repository: Path, tmp_path: Path) -> None:
        lay(repository, {"a b/\xe9\n": "x\r\n", "run": "#!/bin/sh\n", "empty": "", "d/deep/er": b"\0\xff"})
        (repository / "run").chmod(0o755)
        (repository / "link").symlink_to("d/deep")
        commit_all(repository)
        found = laid(repository, tmp_path)
        assert (found / "a b/\xe9\n").read_bytes() == b"x\r\n"
        assert (found / "d/deep/er").read_bytes() == b"\0\xff"
        assert (found / "empty").read_bytes() == b""
        assert os.readlink(found / "link") == "d/deep"
        assert stat.S_IMODE((found / "run").stat().st_mode) & 0o111
        assert not stat.S_IMODE((found / "empty").stat().st_mode) & 0o111
        names = {path.relative_to(found).as_posix() for path in found.rglob("*") if path.is_symlink() or path.is_file()}
        assert names == set(git(repository, "ls-files", "-z").strip("\0").split("\0"))

    def test_what_is_too_large_to_read_is_as_large_and_not_asked_for(self, repository: Path, tmp_path: Path) -> None:
        with patch.object(revision, "MAX_BYTES", 29):
            found = laid(repository, tmp_path)
        assert (found / "pg/pg_hba.conf").read_text() == TRUST.format("a")
        assert (found / "pg/postgresql.conf").read_bytes() == b"\0" * len(CONF)

    def test_nothing_of_the_repository_runs(self, repository: Path, tmp_path: Path) -> None:
        touch = f"touch {tmp_path}/ran"
        lay(repository, {".gitattributes": "* filter=f diff=d text eol=crlf ident\n", "$Id$": "$Id$\n"})
        for key in ("filter.f.smudge", "filter.f.process", "diff.d.textconv", "core.fsmonitor", "core.sshCommand"):
            git(repository, "config", key, f"{touch}; cat")
        git(repository, "config", "filter.f.clean", "cat")
        git(repository, "config", "core.hooksPath", str(repository / "hooks"))
        for hook in ("post-checkout", "post-index-change", "reference-transaction"):
            lay(repository, {f"hooks/{hook}": f"#!/bin/sh\n{touch}\n"}, 0o755)
        git(repository, "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "filter.f.process=",
            "add", "--all")  # fmt: skip
        git(repository, "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "commit", "--quiet", "-mx")
        (tmp_path / "ran").unlink(missing_ok=True)
        found = laid(repository, tmp_path)
        assert ((found / "$Id$").read_text(), (found / "pg/pg_hba.conf").read_text()) == ("$Id$\n", TRUST.format("a"))
        against(repository, "--against", "main")
        assert not (tmp_path / "ran").exists()

    @pytest.mark.parametrize("name", ["..", ".git", ".GIT", "."])
    def test_names_that_no_checkout_writes(self, repository: Path, tmp_path: Path, name: str) -> None:
        with pytest.raises(RevisionError, match="which no work tree can hold"):
            laid(repository, tmp_path, tree(repository, ("100644", name, b"x")))
        assert os.listdir(tmp_path / "laid") == []

    def test_nothing_is_written_through_a_link(self, repository: Path, tmp_path: Path) -> None:
        (tmp_path / "outside").mkdir()
        inner = tree(repository, ("100644", "file", b"x"))
        entries = [("120000", "a", os.fsencode(tmp_path / "outside")), ("040000", "a", inner.encode())]
        with pytest.raises(RevisionError, match="cannot be laid out"):
            laid(repository, tmp_path, tree(repository, *entries))
        assert os.listdir(tmp_path / "outside") == []

    def test_a_link_that_leads_out_is_not_followed(self, repository: Path, tmp_path: Path) -> None:
        lay(tmp_path / "outside", {"pg_hba.conf": TRUST.format("hunter2")})
        (repository / "pg/pg_hba.conf").unlink()
        (repository / "pg/pg_hba.conf").symlink_to(tmp_path / "outside/pg_hba.conf")
        commit_all(repository)
        (repository / "pg/pg_hba.conf").unlink()
        ran = against(repository, "--against", "main")
        assert "Gone" not in ran.out
        assert "hunter2" not in ran.out + ran.err

    def test_in_a_further_work_tree(self, repository: Path, tmp_path: Path) -> None:
        git(repository, "worktree", "add", "--quiet", str(tmp_path / "further"), "-b", "other")
        assert against(tmp_path / "further", "--against", "main").status == 0
        lay(tmp_path / "further", {"pg/pg_hba.conf": TRUST.format("b")})
        assert against(tmp_path / "further", "--against", "main").status == 1

    def test_a_submodule_is_left_out(self, repository: Path, tmp_path: Path) -> None:
        head = git(repository, "rev-parse", "HEAD").strip()
        git(repository, "update-index", "--add", "--cacheinfo", f"160000,{head},module")
        git(repository, "commit", "--quiet", "-mx")
        assert sorted(os.listdir(laid(repository, tmp_path))) == ["pg"]

    def test_a_repository_of_sha256(self, tmp_path: Path) -> None:
        top = lay(tmp_path / "sha256", {"pg_hba.conf": TRUST.format("a")})
        git(top, "init", "--quiet", "--initial-branch=main", "--object-format=sha256")
        commit_all(top)
        assert against(top, "--against", "main").status == 0

    def test_a_tag_is_its_commit_and_a_tree_is_none(self, repository: Path) -> None:
        git(repository, "tag", "--annotate", "-mx", "v1")
        assert commit(str(repository), "v1") == git(repository, "rev-parse", "HEAD").strip()
        assert commit(str(repository), "HEAD^{tree}") is None
        assert commit(str(repository), "a\0b") is None


def laid(repository: Path, tmp_path: Path, name: str = "HEAD") -> Path:
    """A revision laid out in a folder; of a tree a commit is made of it first."""
    folder = tmp_path / "laid"
    folder.mkdir()
    lay_out(str(repository), git(repository, "rev-parse", name).strip(), name, str(folder))
    return folder


def tree(repository: Path, *entries: tuple[str, str, bytes]) -> str:
    """A tree object with these entries, whatever git thinks of them: mode, name, and contents (of a tree its name)."""
    data = b""
    for mode, name, contents in entries:
        found = contents.decode() if mode == "040000" else _object(repository, "blob", contents)
        data += f"{mode.lstrip('0')} {name}\0".encode() + bytes.fromhex(found)
    return _object(repository, "tree", data)


def _object(repository: Path, kind: str, data: bytes) -> str:
    done = subprocess.run(
        ["git", "hash-object", "-t", kind, "-w", "--stdin", "--literally"], cwd=repository, input=data,
        capture_output=True, check=True,
    )  # fmt: skip
    return done.stdout.decode().strip()


class TestWaysIn:
    def ask(self, folder: Path, *words: str) -> Ran:
        return run(folder, "access", "--pg-version", "16", "--against", *words)

    def changed(self, repository: Path) -> None:
        """Another record in front, the old one now with a password."""
        records = "host all b 192.0.2.0/24 trust\nhost all a 10.0.0.0/8 scram-sha-256\n"
        (repository / "pg/pg_hba.conf").write_text(records)

    def test_nothing_has_changed(self, repository: Path) -> None:
        ran = self.ask(repository, "main")
        assert (ran.status, ran.out, ran.err) == (0, "No way in is added or removed.\n", "")
        (repository / "pg/pg_hba.conf").write_text("# moved\n\n" + TRUST.format("a"))
        assert self.ask(repository, "main").out == ran.out
        (repository / "pg").rename(repository / "db")
        assert self.ask(repository, "main").out == ran.out

    def test_what_comes_and_goes(self, repository: Path) -> None:
        self.changed(repository)
        lines = self.ask(repository, "main").out.splitlines()
        assert [[cell.strip() for cell in line.split("|")] for line in lines[2:-1]] == [
            ["added", "10.0.0.0/8", "a", "all", "plaintext, TLS, GSS", "scram-sha-256", "pg/pg_hba.conf", "2"],
            ["added", "192.0.2.0/24", "b", "all", "plaintext, TLS, GSS", "nothing", "pg/pg_hba.conf", "1"],
            ["removed", "10.0.0.0/8", "a", "all", "plaintext, TLS, GSS", "nothing", "pg/pg_hba.conf", "1"],
        ]  # fmt: skip

    def test_programs_get_the_same(self, repository: Path) -> None:
        self.changed(repository)
        told = json.loads(self.ask(repository, "main", "--format", "json").out)
        assert [(row["from"], row["line_number"]) for row in told["added"]] == [("10.0.0.0/8", 2), ("192.0.2.0/24", 1)]
        (removed,) = told["removed"]
        assert removed["file_name"] == f"{repository}/pg/pg_hba.conf"
        assert removed["cluster"] == f"{repository}/pg/postgresql.conf"

    def test_as_markdown(self, repository: Path) -> None:
        (repository / "pg/pg_hba.conf").write_text(TRUST.format("a") + 'host "x|y" all 192.0.2.0/24 trust\n')
        ran = self.ask(repository, "main", "--format", "markdown", "--show-secrets", "--forbid", "trust")
        assert ran.status == 1
        head, _, columns, _, row, _, note = ran.out.splitlines()
        assert (head, columns.split("|")[1:3]) == ("## Ways in, against main", [" change ", " from "])
        assert '\\"x\\|y\\"' in row.replace('"', '\\"')
        assert note.startswith("- forbidden (trust): the way added by line 2 of")

    def test_a_policy_is_about_what_is_added(self, repository: Path) -> None:
        assert self.ask(repository, "main", "--forbid", "trust").status == 0
        self.changed(repository)
        ran = self.ask(repository, "main", "--forbid", "trust")
        assert (ran.status, ran.out.splitlines()[-1]) == (
            1, "forbidden (trust): the way added by line 1 of 'pg/pg_hba.conf'.",
        )  # fmt: skip

    def test_what_is_not_to_be_seen_now_may_be_a_way(self, repository: Path) -> None:
        (repository / "pg/pg_hba.conf").write_text(TRUST.format("a") + "include more.conf\n")
        ran = self.ask(repository, "main", "--forbid", "trust")
        assert ran.status == 2
        commit_all(repository)
        assert self.ask(repository, "main", "--forbid", "trust").status == 0

    def test_questions_hold_for_both(self, repository: Path) -> None:
        self.changed(repository)
        assert self.ask(repository, "main", "--user", "c").out == "No way in is added or removed.\n"
        ran = self.ask(repository, "main", "--user", "b", "--database", "x", "--address", "192.0.2.1")
        assert [line.split("|")[0].strip() for line in ran.out.splitlines()[2:-1]] == ["added"]

    def test_where_nothing_was(self, repository: Path) -> None:
        lay(repository, {"new/pg_hba.conf": TRUST.format("n")})
        ran = self.ask(repository, "main", "new")
        assert (ran.status, ran.out.splitlines()[2].split("|")[0].strip()) == (0, "added")
        (repository / "empty").mkdir()
        ran = self.ask(repository, "./empty", "new")
        assert ran.err.startswith("In './empty': The folder './empty' holds no postgresql.conf")
        assert "added" in ran.out

    def test_a_mistake_in_the_configuration_of_before(self, repository: Path) -> None:
        lay(repository, {"pgssllint.toml": "ignore = 7\n"})
        commit_all(repository)
        (repository / "pgssllint.toml").unlink()
        ran = self.ask(repository, "main")
        assert (ran.status, ran.out) == (2, "")
        assert ran.err.startswith(f"pgssllint: In 'main': '{repository}/pgssllint.toml:1': ")

    def test_markdown_is_of_changes_alone(self, repository: Path) -> None:
        ran = run(repository, "access", "--format", "markdown")
        sentence = "Format 'markdown' goes with '--against'; without it there are table and json."
        assert (ran.status, ran.err) == (2, f"pgssllint: {sentence}\n")
