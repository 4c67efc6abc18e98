"""--config and --no-config, the clusters that a configuration names, and how far either leads."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pgssllint.configuration.keys import CLUSTER_KEYS
from tests.support.pki import AT, Spec
from tests.support.repositories import git, lay, make_files
from tests.support.runs import run
from tests.test_configuration import GOOD, TRUST, rules

MOMENT = ("--at", AT.isoformat())
TLS = "ssl = on\nssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\n"
PAIR: Mapping[str, Spec] = {"server.crt": ["leaf", "intermediate"], "server.key": {"key": "leaf", "mode": "0600"}}


def report(folder: Path, *words: str) -> Any:
    return json.loads(run(folder, *words, *MOMENT, "--format", "json").out)


def data_directory(folder: Path, major: int = 16) -> None:
    lay(folder, {"postgresql.conf": TLS, "pg_hba.conf": GOOD, "pg_ident.conf": "", "PG_VERSION": f"{major}\n"})
    make_files(folder, PAIR)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    lay(tmp_path / "project", {"pg_hba.conf": TRUST, "pgssllint.toml": "ignore = ['PGS534']\n", "in/pg_hba.conf": GOOD})
    return tmp_path / "project"


class TestInstead:
    def test_it_counts_instead_of_those_that_are_found(self, project: Path) -> None:
        lay(project.parent, {"my.toml": "ignore = ['PGS600']\n"})
        assert "PGS534" not in rules(run(project, "--format", "json")).get("pg_hba.conf", set())
        assert "PGS534" in rules(run(project, "--format", "json", "--config", "../my.toml"))["pg_hba.conf"]
        assert "PGS534" in rules(run(project, "--format", "json", "--no-config"))["pg_hba.conf"]

    def test_its_patterns_start_from_the_root(self, project: Path) -> None:
        lay(project.parent, {"conf/my.toml": "exclude = ['/pg_hba.conf']\n"})
        assert [one["cluster"] for one in report(project, "--config", "../conf/my.toml")["targets"]] == [
            "in/pg_hba.conf"
        ]

    def test_a_pyproject_is_one(self, project: Path) -> None:
        lay(project.parent, {"pyproject.toml": "[tool.pgssllint]\nignore = ['PGS5', 'PGS6']\n"})
        assert run(project, "--config", "../pyproject.toml").status == 0

    @pytest.mark.parametrize("command", ["access", "render", "hba pg_hba.conf", "check"])
    def test_it_holds_in_every_command(self, command: str, project: Path) -> None:
        lay(project.parent, {"my.toml": "pg-version = '12'\nxx = 1\n"})
        name, *words = command.split()
        ran = run(project, name, *words, "--config", "../my.toml")
        assert (ran.status, ran.out) == (2, "")
        assert "my.toml:2': There is no key 'xx'." in ran.err
        lay(project.parent, {"my.toml": "pg-version = '12'\n"})
        assert "assumed; state" not in run(project, name, *words, "--config", "../my.toml").err
        told = run(project, name, *words, "--no-config")
        assert "assumed" in told.err + told.out

    @pytest.mark.parametrize("words", [["certs", "x.crt"], ["ciphers", "HIGH"]])
    @pytest.mark.parametrize("option", [["--config", "x.toml"], ["--no-config"]])
    def test_where_nothing_is_configured_it_is_refused(
        self, words: list[str], option: list[str], project: Path
    ) -> None:
        ran = run(project, *words, *option)
        assert (ran.status, f"Option '{option[0]}' goes with" in ran.err) == (2, True)

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["--config", "none.toml"], "The configuration 'none.toml' does not exist."),
            (["--config", "in"], "The configuration 'in' is a directory."),
            (["--config", "pgssllint.toml", "--no-config"], "give one of the two."),
            (["--config", ""], "an empty path names nothing"),
        ],
    )
    def test_what_is_none_is_refused(self, words: list[str], said: str, project: Path) -> None:
        ran = run(project, *words)
        assert (ran.status, ran.out, said in ran.err) == (2, "", True), ran.err

    def test_views_take_the_major_of_a_configuration(self, project: Path) -> None:
        lay(project, {"pgssllint.toml": "pg-version = '12'\n"})
        assert "assumed" not in run(project, "hba", "pg_hba.conf").err
        assert "file_name" not in run(project, "hba", "pg_hba.conf").out
        assert "assumed" in run(project, "hba", "--no-config", "pg_hba.conf").err


class TestClusters:
    def test_each_has_its_target_and_hosts(self, tmp_path: Path) -> None:
        lay(tmp_path, {f"{name}/postgresql.conf": TLS for name in "abc"})
        for name in "abc":
            make_files(tmp_path / name, PAIR)
        lay(tmp_path, {"pgssllint.toml": "pg-version = '14'\nopenssl = '3.5'\n[[clusters]]\nfiles = ['/a']\n"
                       "pg-version = '15'\nhost-names = ['other.example.net']\n[[clusters]]\nfiles = ['b/*.conf', 'a']"
                       "\n"                       "pg-version = '16'\nopenssl = '1.1.1'\n"})  # fmt: skip
        document = report(tmp_path)
        targets = {one["cluster"][0]: (one["pg"], one["openssl"]) for one in document["targets"]}
        assert targets == {"a": (15, "3.5"), "b": (16, "1.1.1"), "c": (14, "3.5")}
        assert {one["file"] for one in document["findings"] if one["rule"] == "PGS251"} == {"a/server.crt"}
        assert {t["pg"] for t in report(tmp_path, "--pg-version", "13")["targets"]} == {13}

    def test_a_data_directory_of_sources_is_a_folder_of_these(self, tmp_path: Path) -> None:
        lay(tmp_path, {"conf/postgresql.conf": TLS, "data/PG_VERSION": "13\n"})
        make_files(tmp_path / "data", {"server.crt": "leaf-expired", "server.key": "key:leaf"})
        lay(tmp_path, {"pgssllint.toml": "[[clusters]]\nfiles = ['conf']\ndata-directory = 'data'\n"})
        document = report(tmp_path)
        assert [one["pg"] for one in document["targets"]] == [13]
        assert "(deployed)" not in run(tmp_path).out
        assert "data/server.crt" in {one["file"] for one in document["findings"]}

    def test_clients_certificates(self, tmp_path: Path) -> None:
        lay(
            tmp_path,
            {"postgresql.conf": TLS + "ssl_ca_file = 'root.crt'\n", "pg_hba.conf": "hostssl all bob all cert\n"},
        )
        make_files(tmp_path, {**PAIR, "root.crt": "root", "app.crt": "client"})
        lay(tmp_path, {"pgssllint.toml": "[[clusters]]\nfiles = ['*']\nclient-certificates = ['app.crt']\n"})
        told = {one["rule"] for one in report(tmp_path)["findings"]}
        assert told - {one["rule"] for one in report(tmp_path, "--no-config")["findings"]}
        lay(tmp_path, {"pgssllint.toml": "[[clusters]]\nfiles = ['*']\nclient-certificates = [\n 'none.crt']\n"})
        ran = run(tmp_path)
        assert (ran.status, ran.out) == (2, "")
        assert f"'{tmp_path}/pgssllint.toml:4': The client's certificate does not exist." in ran.err

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[clusters]\nfiles = []", ":1': 'clusters' must be a list of tables, as in [[clusters]]."),
            ("[[clusters]]\npg-version = '15'", ":1': Nothing says which cluster this is; give 'files' or 'data-dir"),
            ("[[clusters]]\nfiles = ['a']\n[[clusters]]\nfile = ['b']", ":4': There is no key 'file'. Did you mean"),
            ("[[clusters]]\ndata-directory = ''", ":2': 'data-directory' is empty."),
            ("[[clusters]]\nfiles = ['a']\npg-version = 'x'", ":3': 'x' is no PostgreSQL major"),
            ("[[clusters]]\nfiles = ['a']\nserver-user = 'x'", ":3': 'server-user' is of configurations"),
            ("[[clusters]]\nroot = '.'", ":2': 'root' is of configurations that --config names"),
            ("[[clusters]]\ndata-directory = '/var'", ":2': '/var' leads out of"),
            ("[[clusters]]\nfiles = ['a']\nclient-certificates = ['a',\n '../b']", ":4': '../b' leads out of"),
        ],
    )  # fmt: skip
    def test_a_mistake_is_one_sentence(self, text: str, said: str, tmp_path: Path) -> None:
        lay(tmp_path, {"pgssllint.toml": text, "pg_hba.conf": GOOD})
        ran = run(tmp_path)
        assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
        assert f"'{tmp_path}/pgssllint.toml{said}" in ran.err


CHANGES = {
    "files": ("files = ['a']\npg-version = '12'", "files = ['none']\npg-version = '12'", ["."]),
    "root": ("root = 'project'", "root = 'other'", []),
    "data-directory": ("files = ['a']", "files = ['a']\ndata-directory = 'project/data'", ["."]),
    "pg-version": ("files = ['a']", "files = ['a']\npg-version = '12'", ["."]),
    "openssl": ("files = ['a']", "files = ['a']\nopenssl = '1.1.1'", ["."]),
    "host-names": ("files = ['a']", "files = ['a']\nhost-names = ['other.example.net']", ["."]),
    "client-certificates": ("files = ['a']", "files = ['a']\nclient-certificates = ['app.crt']", ["."]),
    "server-user": ("data-directory = 'server'", "data-directory = 'server'\nserver-user = '70:70'", []),
}
"""What a cluster says by each key, before and after a change that makes a difference; the words that it is asked by."""


@pytest.mark.parametrize("key", CLUSTER_KEYS, ids=[key.name for key in CLUSTER_KEYS])
def test_every_key_of_a_cluster_changes_what_is_answered(key: Any, tmp_path: Path) -> None:
    lay(tmp_path, {"project/a/postgresql.conf": TLS + "ssl_ca_file = 'root.crt'\n", "project/data/PG_VERSION": "13\n"})
    lay(tmp_path, {"project/a/pg_hba.conf": "hostssl all bob all cert\n", "other/pg_hba.conf": TRUST})
    make_files(tmp_path / "project/a", {**PAIR, "root.crt": "root"})
    make_files(tmp_path, {"app.crt": "client"})
    data_directory(tmp_path / "server")
    *texts, words = CHANGES[key.name]
    answers = []
    for text in texts:
        lay(tmp_path, {"clusters.toml": f"[[clusters]]\n{text}\n"})
        answers.append(report(tmp_path / "project", "--config", "../clusters.toml", *words))
    assert answers[0]["targets"] != answers[1]["targets"] or answers[0]["findings"] != answers[1]["findings"]


class TestTrust:
    FLEET = (
        "[[clusters]]\ndata-directory = '{0}/one'\nhost-names = ['db.example.org']\n"
        "[[clusters]]\ndata-directory = 'two'\nserver-user = '70:70'\n[[clusters]]\nroot = 'sources'\n"
    )

    @pytest.fixture
    def fleet(self, tmp_path: Path) -> Path:
        for name, major in (("one", 15), ("two", 16)):
            data_directory(tmp_path / name, major)
        lay(tmp_path, {"sources/pg_hba.conf": TRUST, "sources/pgssllint.toml": "ignore = ['PGS']\n", "elsewhere/x": ""})
        lay(tmp_path, {"fleet.toml": self.FLEET.format(tmp_path)})
        return tmp_path

    def test_outside_of_what_is_judged_it_names_servers_and_roots(self, fleet: Path) -> None:
        document = report(fleet / "elsewhere", "--config", "../fleet.toml")
        targets = [one["cluster"].removeprefix(f"{fleet}/") for one in document["targets"]]
        assert targets == ["one/postgresql.conf", "sources/pg_hba.conf", "two/postgresql.conf"]
        assert run(fleet / "elsewhere", "--config", "../fleet.toml").out.count("(deployed)") == 2
        told: dict[str, set[str]] = {"one": set(), "two": set(), "sources": set()}
        for one in document["findings"]:
            told[one["file"].removeprefix(f"{fleet}/").partition("/")[0]].add(one["rule"])
        assert "PGS534" in told["sources"]
        # Of the second server the files belong to somebody else than its user.
        assert told["two"] - told["one"]

    def test_a_path_stands_instead(self, fleet: Path) -> None:
        document = report(fleet, "--config", "fleet.toml", "sources")
        assert [one["cluster"] for one in document["targets"]] == ["sources/pg_hba.conf"]

    def test_with_data_dir_it_says_what_is_so_of_that(self, fleet: Path) -> None:
        lay(fleet, {"fleet.toml": "[[clusters]]\ndata-directory = 'one'\npg-version = '17'\n"})
        document = report(fleet, "--config", "fleet.toml", "--data-dir", "one")
        assert [one["pg"] for one in document["targets"]] == [17]

    def test_inside_of_a_root_it_is_as_one_that_is_found(self, fleet: Path) -> None:
        lay(fleet, {"sources/in/fleet.toml": self.FLEET.format(fleet), "one/fleet.toml": self.FLEET.format(fleet)})
        ran = run(fleet, "--config", "sources/in/fleet.toml", "sources")
        assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
        why = f"and this configuration lies in '{fleet}/sources', which is judged, so it counts as one that is found."
        assert f"in/fleet.toml:2': '{fleet}/one' leads out of '{fleet}/sources', {why}" in ran.err
        ran = run(fleet, "--config", "one/fleet.toml")
        assert (ran.status, ran.out) == (2, "")
        assert "one/fleet.toml:6': 'server-user' is of configurations that --config names, from outside of" in ran.err

    def test_in_a_work_tree_that_holds_one_as_well(self, fleet: Path) -> None:
        git(fleet, "init", "-q")
        ran = run(fleet, "--config", "fleet.toml")
        assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
        assert "fleet.toml:6': 'server-user' is of configurations that --config names, from outside of" in ran.err
        lay(fleet, {"fleet.toml": "[[clusters]]\ndata-directory = 'one'\n"})
        assert "(deployed)" not in run(fleet, "--config", "fleet.toml").out

    def test_behind_a_link_of_a_project_it_is_refused(self, fleet: Path) -> None:
        (fleet / "sources/link.toml").symlink_to("../fleet.toml")
        ran = run(fleet, "--config", "sources/link.toml", "sources")
        assert (ran.status, ran.out) == (2, "")
        assert "lies behind a link that leads out of" in ran.err

    def test_maps_and_certificates_may_lie_anywhere(self, tmp_path: Path) -> None:
        lay(tmp_path, {"sources/postgresql.conf": "ssl = on\nssl_cert_file = '/srv/x/server.crt'\n", "my/fleet.toml":
                       "[map]\n'/srv/x' = '../certificates'\n"})  # fmt: skip
        make_files(tmp_path, {"certificates/server.crt": "leaf-expired"})
        document = report(tmp_path / "sources", "--config", "../my/fleet.toml")
        assert "PGS240" in {one["rule"] for one in document["findings"]}
        assert "PGS240" not in {one["rule"] for one in report(tmp_path / "sources")["findings"]}
        lay(tmp_path, {"sources/in.toml": "[map]\n'/srv/x' = '../certificates'\n"})
        ran = run(tmp_path / "sources", "--config", "in.toml")
        assert (ran.status, "leads out of" in ran.err) == (2, True)

    def test_a_user_that_is_not_there_is_told_with_the_line(self, fleet: Path) -> None:
        lay(fleet, {"fleet.toml": "[[clusters]]\ndata-directory = 'one'\nserver-user = 'nosuch'\n"})
        ran = run(fleet, "--config", "fleet.toml")
        assert (ran.status, ran.out) == (2, "")
        assert "fleet.toml:3': 'server-user': there is no user 'nosuch' on this machine" in ran.err
