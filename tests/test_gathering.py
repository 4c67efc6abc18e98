"""One way from paths to clusters: every file is read once, no cluster is made too early, and no path rules another."""

import os
import subprocess
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import permutations, product
from pathlib import Path
from typing import Any

import pytest

from pgssllint import gathering
from pgssllint.api import lint
from pgssllint.cluster import Cluster
from pgssllint.cluster import reader as reader_module
from pgssllint.deployment import AuthName
from pgssllint.discovery import discover
from pgssllint.finding import Outcome
from pgssllint.postgres import auth_file, reading
from pgssllint.request import Request
from pgssllint.text import Source
from tests.support import repositories
from tests.support.judging import settled
from tests.support.pki import AT, build

HBA = "local all all peer\nhostssl all all 10.0.0.0/8 scram-sha-256\nhostssl all all 10.0.0.0/8 cert map=m\n"
PAIR = ("postgresql.conf", "pg_hba.conf")
TRUST = "host all all 0.0.0.0/0 trust\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A cluster with includes, all three authentication files, TLS files and a private key, in a git work tree."""
    lay(
        tmp_path,
        {
            "postgresql.conf": (
                "ssl = on\nssl_sni = on\ninclude 'more.conf'\nssl_ca_file = 'root.crt'\nssl_crl_file = 'root.crl'\n"
            ),
            "more.conf": "port = 1\n",
            "postgresql.auto.conf": "work_mem = 8MB\n",
            "pg_hba.conf": HBA + "include hba.more\nlocal @dbs all peer\n",
            "hba.more": "local x all peer\n",
            "dbs": "a b\n",
            "pg_ident.conf": "m /^(.*)$ \\1\n",
            "pg_hosts.conf": "a.example server.crt server.key root.crt\nb.example server.crt server.key root.crt\n",
        },
    )
    for name, what in {"server.crt": "leaf intermediate", "server.key": "key:leaf", "root.crt": "root"}.items():
        (tmp_path / name).write_bytes(build(what.split()))
    (tmp_path / "root.crl").write_bytes(build(["crl:root"]))
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *command], cwd=tmp_path, env=environment, check=True)
    return tmp_path


lay = partial(repositories.lay, mode=0o600)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[object, ...]]:
    """What a run reads, asks and makes, counted; clusters made before all targets are known make it fail."""
    seen: Counter[tuple[object, ...]] = Counter()

    def spy(owner: Any, name: str, key: Callable[[tuple[Any, ...]], tuple[object, ...]]) -> None:
        real = getattr(owner, name)

        def spying(*words: Any, **options: Any) -> Any:
            seen[key(words)] += 1
            return real(*words, **options)

        monkeypatch.setattr(owner, name, spying)

    def base(source: Source) -> str:
        return os.path.basename(source.path)

    spy(reading.ConfReading, "file", lambda words: ("settings", base(words[1])))
    spy(auth_file._AuthReading, "file", lambda words: ("auth", base(words[1]), words[0]._major))
    for name in ("read_bundle", "read_keys", "read_crls", "read_dh"):
        spy(reader_module, name, lambda words, name=name: (name, base(words[0]), words[1]))  # type: ignore[misc]
    spy(subprocess, "run", lambda _: ("git",))
    spy(gathering, "targets", lambda words: ("targets", words[0].at))
    return seen


@pytest.mark.parametrize(
    ("request_of", "majors"),
    [
        (lambda root: Request((root,)), {19}),
        (lambda root: Request((root,), majors=(14, 18, 19)), {14, 15, 16, 17, 18, 19}),
        (lambda root: Request((root,), majors=(14,), upgrade_to=(16,)), {14, 15, 16}),
        (lambda root: Request((f"{root}/server.crt", f"{root}/pg_hba.conf"), majors=(19,)), {19}),
        (lambda root: Request((root, f"{root}/server.crt"), majors=(19,)), {19}),
        (lambda root: Request((), data_dir=root, majors=(18, 19)), {18, 19}),
    ],
    ids=[
        "found",
        "several majors",
        "upgrade",
        "files by name",
        "a folder and a file",
        "deployed",
    ],
)
def test_a_run_reads_each_file_once(
    request_of: Callable[[str], Request], majors: set[int], root: Path, counted: Counter[tuple[object, ...]]
) -> None:
    lint(request_of(str(root)), AT, strict=True)

    for what, times in counted.items():
        if what[0] in ("settings", "auth", "git", "read_bundle", "read_keys", "read_crls", "read_dh", "targets"):
            assert times == 1, what
    read = {what[1:] for what in counted if what[0] == "auth" and what[1] == "pg_hba.conf"}
    assert {major for _, major in read} <= majors
    assert ("settings", "postgresql.conf") in counted
    assert ("settings", "more.conf") in counted


def test_a_folder_below_its_root_beside_a_file_by_name_is_read_once(
    tmp_path: Path, counted: Counter[tuple[object, ...]]
) -> None:
    lay(tmp_path, {"pgssllint.toml": "", "a/postgresql.conf": "ssl = off\n", "a/pg_hba.conf": HBA})
    run(tmp_path, "a", "a/pg_hba.conf", majors=(18,))
    at = str(tmp_path / "a" / "postgresql.conf")
    read = [("settings", "postgresql.conf"), ("auth", "pg_hba.conf", 18), ("targets", at)]
    assert {what: counted[what] for what in read} == dict.fromkeys(read, 1)


def test_no_cluster_is_made_before_its_targets_are_known(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def note(name: str) -> None:
        real = getattr(gathering, name)

        def noting(*words: Any) -> Any:
            order.append(name)
            return real(*words)

        monkeypatch.setattr(gathering, name, noting)

    note("targets")
    note("Cluster")
    found = discover(Request((str(root),)))
    assert order == []
    (subject,) = gathering.gather(found, Request(()).stated, AT).subjects
    assert order == ["targets"]
    list(subject.clusters(AT))
    assert order == ["targets", "Cluster"]


def test_what_was_read_for_a_major_is_let_go_of_with_its_cluster(root: Path) -> None:
    request = Request((str(root),), majors=(18, 19))
    (subject,) = gathering.gather(discover(request), request.stated, AT).subjects
    clusters = subject.clusters(AT)
    old = next(clusters)
    read: dict[AuthName, object] = {"hba": old.auth.hba, "ident": old.auth.ident}
    assert None not in read.values()
    assert all(subject.deployment.once(name, 18, lambda: None) is file for name, file in read.items())
    next(clusters)
    assert all(subject.deployment.once(name, 18, lambda: None) is None for name in read)


def test_what_was_read_to_find_the_owner_of_a_file_is_kept_of_the_owner_alone(tmp_path: Path) -> None:
    lay(tmp_path, {f"{name}/{file}": HBA if "hba" in file else "" for name in "ab" for file in PAIR})
    (tmp_path / ".git").mkdir()
    found = discover(Request((str(tmp_path / "b" / "pg_hba.conf"),)))
    gathering.gather(found, Request(()).stated, AT)
    kept = {
        os.path.dirname(one.at)[-1]: one.once("hba", 18, lambda: None) for one in found.asked[0].root.found.deployments
    }
    assert kept["a"] is None
    assert kept["b"] is not None


def test_a_cluster_has_few_members(root: Path) -> None:
    (subject,) = gathering.gather(discover(Request((str(root),))), Request(()).stated, AT).subjects
    public = {name for name in [*vars(next(subject.clusters(AT))), *vars(Cluster)] if not name.startswith("_")}
    assert len(public) <= 12, public


class TestPaths:
    """Several paths: each is one piece of work, and their order does not matter."""

    def test_what_a_project_declares_stays_with_it(self, tmp_path: Path) -> None:
        lay(tmp_path, {"a/pg_hba.conf": TRUST, "a/pgssllint.toml": 'ignore = ["PGS534"]\npg-version = "14"\n'})
        lay(tmp_path, {"b/pg_hba.conf": TRUST, "b/pgssllint.toml": 'pg-version = "15"\n'})
        outcomes = [run(tmp_path, *words) for words in permutations(("a", "b"))]
        assert outcomes[0] == outcomes[1]
        told = [f for f in outcomes[0].findings if f.rule == "PGS534"]
        assert [(os.path.basename(os.path.dirname(f.at.path)), f.majors) for f in told] == [("b", (15,))]

    def test_options_of_the_command_line_hold_for_all(self, tmp_path: Path) -> None:
        lay(tmp_path, {"a/pg_hba.conf": TRUST, "a/pgssllint.toml": 'ignore = ["PGS534"]\npg-version = "14"\n'})
        lay(tmp_path, {"b/pg_hba.conf": TRUST, "b/pgssllint.toml": 'select = ["PGS1"]\n'})
        outcome = run(tmp_path, "a", "b", majors=(16,))
        assert {p.target.major for cluster in outcome.clusters for p in cluster.predictions} == {16}
        request = Request((str(tmp_path / "a"), str(tmp_path / "b")))
        selected = lint(request, AT, select=("PGS534",)).findings
        assert [os.path.basename(os.path.dirname(f.at.path)) for f in selected] == ["b"]

    @pytest.mark.parametrize(
        "words",
        [
            ("a", "a/pg_hba.conf"),
            ("a/postgresql.conf", "b/pg_hba.conf", "nowhere"),
            ("a/server.crt", "b"),
            ("nowhere", "a", "neither"),
            ("deployed", "deployed/postgresql.conf", "a"),
            ("a/conf.d/x.conf", "a/conf.d", "b/other"),
        ],
        ids=" ".join,
    )
    def test_their_order_does_not_matter(self, tmp_path: Path, words: tuple[str, ...]) -> None:
        lay(tmp_path, {"a/postgresql.conf": "ssl = on\ninclude_dir 'conf.d'\n", "a/conf.d/x.conf": "bogus = 1\n"})
        lay(tmp_path, {"a/pg_hba.conf": TRUST, "a/pgssllint.toml": "", "b/pg_hba.conf": HBA, "b/other": "ssl = on\n"})
        lay(tmp_path, {"deployed/postgresql.conf": "ssl = off\n", "deployed/PG_VERSION": "15\n"})
        (tmp_path / "a" / "server.crt").write_bytes(build(["leaf"]))
        outcomes = [run(tmp_path, *several) for several in permutations(words)]
        assert all(outcome == outcomes[0] for outcome in outcomes)

    def test_of_nested_roots_the_nearest_speaks_however_the_paths_are_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lay(tmp_path, {"outer/pgssllint.toml": "", "outer/in/pg_hba.conf": TRUST, "outer/in/postgresql.conf": ""})
        lay(tmp_path, {"outer/in/pgssllint.toml": 'ignore = ["PGS5", "PGS6"]\n'})
        monkeypatch.chdir(tmp_path)
        spellings = [[f"{before}outer{tail}" for before in ("", "./", f"{tmp_path}/")] for tail in ("", "/in")]
        by_name = [f"{before}outer/in/pg_hba.conf" for before in ("./", f"{tmp_path}/")]
        for words in (*product(*spellings), *product(spellings[0], by_name)):
            outcome = lint(Request(words), AT)
            assert [cluster.path for cluster in outcome.clusters] == [f"{tmp_path}/outer/in/postgresql.conf"]
            assert not outcome.findings, words

    def test_clusters_come_in_the_order_of_their_places(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        lay(tmp_path, {"a/pg_hba.conf": TRUST, "a/pgssllint.toml": "", "b/pg_hba.conf": TRUST, "b/pgssllint.toml": ""})
        monkeypatch.chdir(tmp_path)
        for file in ("", "/pg_hba.conf"):
            outcome = lint(Request((f"./b{file}", f"{tmp_path}/a{file}")), AT)
            assert [os.path.relpath(cluster.path) for cluster in outcome.clusters] == ["a/pg_hba.conf", "b/pg_hba.conf"]

    def test_a_deployed_server_is_no_projects(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What lies in a data directory declares where it is read as sources are, not where a server is judged."""
        lay(
            tmp_path,
            {"data/postgresql.conf": "listen_addresses = '*'\n", "data/PG_VERSION": "16\n", "data/pg_hba.conf": TRUST},
        )
        lay(tmp_path, {"data/pgssllint.toml": 'ignore = ["PGS1", "PGS5", "PGS6"]\n'})
        settled(tmp_path / "data", 16)
        monkeypatch.chdir(tmp_path)
        outcome = lint(Request((), data_dir="data"), AT)
        assert "PGS534" in {finding.rule for finding in outcome.findings}
        for words in (("data",), ("data", "./data/pg_hba.conf"), ("./data", "data/pg_hba.conf")):
            assert not lint(Request(words), AT).findings, words

    def test_a_certificate_that_only_pg_hosts_names_belongs_to_its_cluster(self, root: Path) -> None:
        (root / "own.crt").write_bytes(build(["leaf"]))
        lay(root, {"pg_hosts.conf": "a.example own.crt server.key\n"})
        outcome = lint(Request((str(root / "own.crt"),)), AT)
        assert [cluster.path for cluster in outcome.clusters] == [str(root / "postgresql.conf")]
        assert not outcome.errors

    @pytest.mark.parametrize("name", ["more.conf", "dbs", "root.crt", "server.key", "stray.key", "crls/0a1b2c3d.r0"])
    def test_whatever_is_a_clusters_leads_to_it_by_name(self, root: Path, name: str) -> None:
        """What it includes and names, keys that lie beside it, and lists in its folder of them."""
        lay(root, {"stray.key": "", "crls/0a1b2c3d.r0": ""})
        with (root / "postgresql.conf").open("a") as file:
            file.write("ssl_crl_dir = 'crls'\n")
        outcome = lint(Request((str(root / name),)), AT)
        assert [cluster.path for cluster in outcome.clusters] == [str(root / "postgresql.conf")]

    def test_a_finding_elsewhere_that_speaks_of_a_file_by_name_is_told(self, tmp_path: Path) -> None:
        lay(tmp_path, {"postgresql.conf": "ssl = off\nlisten_addresses = '*'\n"})
        lay(tmp_path, {"pg_hba.conf": TRUST, "pgssllint.toml": ""})
        told = {finding.rule: finding.at.path for finding in run(tmp_path, "pg_hba.conf").findings}
        assert told["PGS100"] == str(tmp_path / "postgresql.conf")

    def test_beside_a_folder_a_file_by_name_hides_nothing(self, tmp_path: Path) -> None:
        lay(tmp_path, {"a/pg_hba.conf": TRUST, "a/pgssllint.toml": "", "b/pg_hba.conf": HBA, "b/pgssllint.toml": ""})
        alone, beside = run(tmp_path, "a"), run(tmp_path, "a", "b/pg_hba.conf")
        assert alone.findings
        assert {finding.text for finding in alone.findings} <= {finding.text for finding in beside.findings}

    @pytest.mark.parametrize("name", ["postgresql.conf", "pg_hba.conf", "pg_ident.conf", "pg_hosts.conf"])
    def test_a_file_by_name_that_cannot_be_read_is_an_error(self, tmp_path: Path, name: str) -> None:
        lay(tmp_path, {"outside": "", "root/pgssllint.toml": ""})
        (tmp_path / "root" / name).symlink_to(tmp_path / "outside")
        (note,) = run(tmp_path, f"root/{name}").errors
        assert note.message == f"The file '{tmp_path}/root/{name}' lies outside the given roots."

    def test_a_path_that_leads_nowhere_is_one_error_and_the_rest_is_checked(self, tmp_path: Path) -> None:
        lay(tmp_path, {"a/pg_hba.conf": TRUST})
        outcome = run(tmp_path, "a", "nowhere")
        (note,) = outcome.errors
        assert note.message == f"The path '{tmp_path}/nowhere' does not exist."
        assert (outcome.exit_status, [cluster.path for cluster in outcome.clusters]) == (
            2, [str(tmp_path / "a" / "pg_hba.conf")],
        )  # fmt: skip


def run(folder: Path, *words: str, **options: Any) -> Outcome:
    return lint(Request(tuple(str(folder / word) for word in words), **options), AT)


def test_the_fixture_is_one_whose_files_are_all_read(root: Path, counted: Counter[tuple[object, ...]]) -> None:
    """Else a count of one would say nothing."""
    lint(Request((str(root),), majors=(18,)), AT)
    wanted: list[tuple[object, ...]] = [
        ("settings", "postgresql.auto.conf"), ("auth", "pg_hba.conf", 18), ("auth", "hba.more", 18),
        ("auth", "dbs", 18), ("auth", "pg_ident.conf", 18), ("read_bundle", "server.crt", False),
        ("read_keys", "server.key", False), ("read_crls", "root.crl", False), ("git",),
    ]  # fmt: skip
    assert [what for what in wanted if what not in counted] == []
