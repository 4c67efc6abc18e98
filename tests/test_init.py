"""`pgssllint init`: what it writes changes no finding, and never takes the place of what is there."""

import json
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.configuration.keys import KEYS
from pgssllint.configuration.matching import Paths
from pgssllint.configuration.starting import Found, pattern_of, starting_text
from tests.support.repositories import git, lay
from tests.support.runs import Ran, run
from tests.test_configuration import GOOD, TRUST
from tests.test_ordinary import REPOSITORIES, laid


def answers(ran: Ran) -> Any:
    """All that a run says, but for what the configuration itself sets."""
    document = json.loads(ran.out)
    notes = [note for note in document.pop("notifications") if "configuration sets" not in note["message"]]
    return ran.status, ran.err, document, notes


@pytest.mark.parametrize("repository", REPOSITORIES, ids=lambda path: path.name)
def test_a_run_with_the_file_says_what_one_without_it_does(repository: Path, tmp_path: Path) -> None:
    here = laid(repository, tmp_path)
    before = answers(run(here, "--format", "json"))
    clusters = {one["cluster"] for one in before[2]["targets"]}
    ran = run(here, "init")
    if not clusters:
        assert (ran.status, ran.out, (here / "pgssllint.toml").exists()) == (2, "", False)
        return
    assert (ran.status, ran.err) == (0, "")
    assert answers(run(here, "--format", "json")) == before
    declared = tomllib.loads((here / "pgssllint.toml").read_text())
    assert set(declared) <= {"clusters"}
    assert len(declared.get("clusters", [])) == len(clusters)
    for cluster in clusters:
        assert any(Paths(tuple(one["files"])).covers(cluster) for one in declared["clusters"])
        assert f"{cluster}: PostgreSQL " in ran.out or f"{cluster}, " in ran.out


class TestWriting:
    def test_what_was_found_is_told_and_stands_in_comments(self, tmp_path: Path) -> None:
        lay(tmp_path, {"a/postgresql.conf": "", "a/PG_VERSION": "15\n", "b/postgresql.conf": ""})
        ran = run(tmp_path, "init")
        assert ran.out.splitlines() == [
            "Wrote pgssllint.toml.",
            "a/postgresql.conf: PostgreSQL 15 (found by PG_VERSION), OpenSSL 3.0:2 (assumed)",
            "b/postgresql.conf: PostgreSQL 18 (assumed), OpenSSL 3.0:2 (assumed)",
        ]
        text = (tmp_path / "pgssllint.toml").read_text()
        assert '\n[[clusters]]\nfiles = ["/a/postgresql.conf"]\n# pg-version = "15"  # found by PG_VERSION\n' in text

    def test_each_comment_is_taken_when_it_is_none_any_more(self, tmp_path: Path) -> None:
        lay(tmp_path, {"pg_hba.conf": GOOD})
        run(tmp_path, "init")
        text = (tmp_path / "pgssllint.toml").read_text()
        for key in KEYS:
            if key.name in ("clusters", "baseline"):
                continue
            assert f"\n# {key.name} = " in text
            (tmp_path / "pgssllint.toml").write_text(text.replace(f"\n# {key.name} = ", f"\n{key.name} = ", 1))
            assert run(tmp_path).status == 0, key.name

    @pytest.mark.parametrize("name", ["pgssllint.toml", ".pgssllint.toml", "pyproject.toml"])
    def test_what_is_there_is_never_written_over(self, name: str, tmp_path: Path) -> None:
        lay(tmp_path, {"pg_hba.conf": TRUST, name: "[tool.pgssllint]\n" if name.startswith("py") else "# mine\n"})
        before = (tmp_path / name).read_bytes()
        ran = run(tmp_path, "init")
        assert (ran.status, ran.out) == (2, "")
        assert f"'{tmp_path}/{name}' is there already, and is not written over." in ran.err
        assert (tmp_path / name).read_bytes() == before
        assert sorted(os.listdir(tmp_path)) == sorted([name, "pg_hba.conf"])

    @pytest.mark.parametrize("kind", ["a link to nothing", "a folder", "a link out"])
    def test_nor_what_is_no_configuration(self, kind: str, tmp_path: Path) -> None:
        here = tmp_path / "here"
        lay(here, {"pg_hba.conf": GOOD})
        if kind == "a folder":
            (here / "pgssllint.toml").mkdir()
        else:
            (here / "pgssllint.toml").symlink_to("nowhere" if kind == "a link to nothing" else "../outside")
        ran = run(here, "init")
        assert (ran.status, ran.out) == (2, "")
        assert "it is there already" in ran.err
        assert not (here / "nowhere").exists()
        assert not (tmp_path / "outside").exists()

    def test_it_stands_at_the_root(self, tmp_path: Path) -> None:
        lay(tmp_path, {"deploy/pg_hba.conf": GOOD})
        git(tmp_path, "init", "-q")
        assert run(tmp_path, "init", "deploy").out.startswith("Wrote pgssllint.toml.\ndeploy/pg_hba.conf: ")
        assert not (tmp_path / "deploy/pgssllint.toml").exists()

    @pytest.mark.parametrize(
        ("word", "said"),
        [
            (".", "holds no postgresql.conf"),
            ("none", "does not exist"),
            ("x", "'x' is no folder."),
            ("", "A path is empty"),
        ],
    )
    def test_where_there_is_nothing_nothing_is_written(self, word: str, said: str, tmp_path: Path) -> None:
        lay(tmp_path, {"x": ""})
        ran = run(tmp_path, "init", word)
        assert (ran.status, ran.out) == (2, "")
        assert said in ran.err or "empty path" in ran.err
        assert os.listdir(tmp_path) == ["x"]


NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=8).filter(
    lambda name: name not in (".", "..")
)


@given(st.lists(NAMES, min_size=1, max_size=3), st.lists(NAMES, min_size=1, max_size=3))
def test_the_pattern_of_a_cluster_names_its_file_and_no_other(names: list[str], others: list[str]) -> None:
    file, other = "/".join(names), "/".join(others)
    text = starting_text([Found(file, "15", "found by\nthe path", "3.0:2", "assumed")])
    (cluster,) = tomllib.loads(text)["clusters"]
    assert cluster["files"] == [pattern_of(file)]
    named = Paths(tuple(cluster["files"]))
    assert named.covers(file)
    assert named.covers(other) == (other == file or other.startswith(f"{file}/"))


def test_a_name_that_is_not_unicode_is_left_out() -> None:
    assert "clusters" not in tomllib.loads(starting_text([Found("\udcff.conf", "15", "", "3.0:2", "")]))
