"""From the paths a user gives to clusters: roots, main files, the files they name, and the target."""

import os
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pgssllint.api import lint
from pgssllint.configuration.mistakes import ConfigurationError
from pgssllint.deployment import Deployment
from pgssllint.discovery import discover
from pgssllint.files import Files
from pgssllint.finding import Outcome
from pgssllint.gathering import Gathered, gather
from pgssllint.ignores import Ignores
from pgssllint.locate import PathMap
from pgssllint.request import Request
from pgssllint.target import How, Stated
from pgssllint.targets import targets
from tests.support import repositories
from tests.support.judging import owned, settled
from tests.support.pki import AT, build

HBA = "local all all peer\nhostssl all all 10.0.0.0/8 scram-sha-256\n"
TRUST = "host all all 0.0.0.0/0 trust\n"


lay = partial(repositories.lay, mode=0o600)


def found(folder: Path, *words: str, **options: Any) -> Gathered:
    request = Request(tuple(str(folder / word) for word in words or (".",)), **options)
    return gather(discover(request), request.stated, AT)


def deployments(result: Gathered) -> list[Deployment]:
    return [subject.deployment for subject in result.subjects]


def names(result: Gathered, folder: Path) -> list[str]:
    return [os.path.relpath(deployment.at, folder) for deployment in deployments(result)]


def linted(folder: Path, *words: str, whole_cluster: bool = False, **options: Any) -> Outcome:
    options.setdefault("majors", (16,))
    request = Request(tuple(str(folder / word) for word in words or (".",)), **options)
    return lint(request, AT, whole_cluster=whole_cluster)


def rules(outcome: Outcome) -> list[str]:
    return [finding.rule for finding in outcome.findings]


WALKS: dict[str, tuple[dict[str, str], list[str]]] = {
    "the two everyday names": ({"postgresql.conf": "", "pg_hba.conf": HBA}, ["postgresql.conf"]),
    "a pg_hba.conf alone": ({"pg_hba.conf": HBA}, ["pg_hba.conf"]),
    "several clusters": (
        {"a/postgresql.conf": "", "a/pg_hba.conf": HBA, "b/postgresql.conf": "", "c/pg_hba.conf": HBA},
        ["a/postgresql.conf", "b/postgresql.conf", "c/pg_hba.conf"],
    ),
    "records taken by their base name": (
        {"x/postgresql.conf": "hba_file = '/etc/postgresql/15/main/pg_hba.conf'\n", "x/pg_hba.conf": HBA},
        ["x/postgresql.conf"],
    ),
    "records elsewhere, the only ones": (
        {"x/postgresql.conf": "hba_file = '/etc/pg_hba.conf'\n", "y/pg_hba.conf": HBA},
        ["x/postgresql.conf"],
    ),
    "records elsewhere, two of them": (
        {"x/postgresql.conf": "hba_file = '/etc/pg_hba.conf'\n", "y/pg_hba.conf": HBA, "z/pg_hba.conf": HBA},
        ["x/postgresql.conf", "y/pg_hba.conf", "z/pg_hba.conf"],
    ),
    "samples": (
        {"postgresql.conf.sample": "", "pg_hba.conf.example": HBA, "postgresql.conf": ""},
        ["postgresql.conf"],
    ),
    "templates": (
        {"a/pg_hba.conf.j2": HBA, "b/pg_hba.conf.erb": HBA, "c/postgresql.conf.tmpl": "port = 1\n"},
        ["a/pg_hba.conf.j2", "b/pg_hba.conf.erb", "c/postgresql.conf.tmpl"],
    ),
    "templates of one server": (
        {"t/postgresql.conf.j2": "port = 1\n", "t/pg_hba.conf.j2": HBA},
        ["t/postgresql.conf.j2"],
    ),
    "templates of one server, named": (
        {"t/postgresql.conf.j2": "hba_file = '/etc/postgresql/pg_hba.conf'\n", "t/pg_hba.conf.j2": HBA},
        ["t/postgresql.conf.j2"],
    ),
    "templates of which nothing stands there": (
        {
            "pg_hba.conf.j2": "{% for r in all %}\n{{ r }}\n{% endfor %}\n",
            "postgresql.conf.j2": "{{ all }}\n",
            "a/postgresql.conf": "",
        },
        ["a/postgresql.conf"],
    ),
    "templates of other languages": (
        {"pg_hba.conf.yml.j2": HBA, "hba.conf.j2": HBA, "x.j2": HBA, "postgresql.conf": ""},
        ["postgresql.conf"],
    ),
    "another folder's fragments": ({"postgresql.conf": "", "conf.d/tls.conf": "ssl = on\n"}, ["postgresql.conf"]),
    "folders that git ignores": (
        {
            ".gitignore": "/build/\n*.local\n",
            "build/postgresql.conf": "",
            "a.local/pg_hba.conf": HBA,
            "postgresql.conf": "",
        },
        ["postgresql.conf"],
    ),
    "folders that are nobody's own": (
        {
            "node_modules/postgresql.conf": "",
            ".venv/pg_hba.conf": HBA,
            ".hg/postgresql.conf": "",
            "postgresql.conf": "",
        },
        ["postgresql.conf"],
    ),
}


@pytest.mark.parametrize(("files", "sites"), WALKS.values(), ids=WALKS)
def test_a_walk_finds(root: Path, files: dict[str, str], sites: list[str]) -> None:
    lay(root, files)
    result = found(root)
    assert names(result, root) == sites
    assert not result.notes


@pytest.mark.parametrize(
    ("word", "sites"),
    [
        ("a", ["a/postgresql.conf"]),
        ("a/postgresql.conf", ["a/postgresql.conf"]),
        ("a/pg_hba.conf", ["a/postgresql.conf"]),
        ("a/conf.d/tls.conf", ["a/postgresql.conf"]),
        ("a/postgresql.conf.sample", ["a/postgresql.conf.sample"]),
        ("ignored", ["ignored/postgresql.conf"]),
        ("ignored/postgresql.conf", ["ignored/postgresql.conf"]),
        ("loose.conf", ["loose.conf"]),
        ("records", ["records"]),
        ("nginx.crt", []),
    ],
)
def test_a_path_stands_for(root: Path, word: str, sites: list[str]) -> None:
    lay(
        root,
        {
            "a/postgresql.conf": "include_dir 'conf.d'\n",
            "a/pg_hba.conf": HBA,
            "a/conf.d/tls.conf": "ssl = on\n",
            "a/postgresql.conf.sample": "",
            "ignored/postgresql.conf": "",
            ".gitignore": "ignored/\n",
            "loose.conf": "ssl = on\nport = 1\n",
            "records": HBA,
            "nginx.crt": "",
        },
    )
    result = found(root, word)
    assert names(result, root) == sites
    assert not result.notes


def test_records_taken_for_others_are_told_so(root: Path) -> None:
    lay(root, {"postgresql.conf": "hba_file = '/etc/postgresql/15/main/pg_hba.conf'\n", "pg_hba.conf": TRUST})
    (finding,) = [f for f in linted(root).findings if f.rule == "PGS534"]
    assert finding.at.path == str(root / "pg_hba.conf")


class TestWhatIsUnknown:
    def test_a_fragment_says_nothing_of_what_it_does_not_set(self, root: Path) -> None:
        lay(root, {"listen.conf": "listen_addresses = '*'\nport = 5432\n"})
        assert rules(linted(root, "listen.conf")) == []

    def test_a_whole_file_does(self, root: Path) -> None:
        lay(root, {"postgresql.conf": "listen_addresses = '*'\nport = 5432\n"})
        assert rules(linted(root)) == ["PGS100"]

    def test_a_file_with_an_include_out_of_view_does_not(self, root: Path) -> None:
        lay(root, {"postgresql.conf": "listen_addresses = '*'\ninclude '/etc/postgresql/tls.conf'\n"})
        outcome = linted(root)
        assert rules(outcome) == []
        assert outcome.clusters[0].predictions[0].starts is None

    def test_records_alone_know_nothing_of_ssl(self, root: Path) -> None:
        lay(root, {"pg_hba.conf": "hostssl all all 10.0.0.0/8 scram-sha-256\n"})
        outcome = linted(root)
        assert rules(outcome) == []
        assert outcome.clusters[0].predictions[0].starts is None


class TestRoots:
    def test_nothing_above_the_root_is_opened(self, root: Path) -> None:
        lay(
            root,
            {"pg_hba.conf": TRUST, "deploy/postgresql.conf": "include '../up.conf'\n", "up.conf": "nonsense here\n"},
        )
        assert "PGS030" in rules(linted(root, "deploy"))
        assert "PGS030" not in rules(linted(root, "deploy", root=str(root / "deploy")))

    @pytest.mark.parametrize("marker", [".git", "pgssllint.toml", "pyproject.toml"])
    def test_markers(self, tmp_path: Path, marker: str) -> None:
        lay(tmp_path, {"top/a/postgresql.conf": "", f"top/{marker}": "[tool.pgssllint]\n" if "py" in marker else ""})
        (deployment,) = deployments(found(tmp_path, "top/a"))
        assert deployment.project.root == str(tmp_path / "top")

    def test_a_pyproject_of_others_is_no_marker(self, tmp_path: Path) -> None:
        lay(tmp_path, {"top/a/postgresql.conf": "", "top/pyproject.toml": "[tool.ruff]\n"})
        (deployment,) = deployments(found(tmp_path, "top/a"))
        assert deployment.project.root == str(tmp_path / "top" / "a")

    def test_each_root_is_judged_by_its_own_configuration(self, tmp_path: Path) -> None:
        for major in ("13", "15"):
            lay(tmp_path / major, {"postgresql.conf": "", "pgssllint.toml": f"pg-version = '{major}'\n"})
        outcome = linted(tmp_path, "13", "15", majors=())
        assert [c.predictions[0].target.major for c in outcome.clusters] == [13, 15]


class TestConfiguration:
    def test_a_complete_project_speaks_for_absence(self, root: Path) -> None:
        lay(root, {"postgresql.conf": "ssl = on\nssl_cert_file = 'none.crt'\n", "pg_hba.conf": HBA})
        assert "PGS200" not in rules(linted(root))
        (root / "pgssllint.toml").write_text("complete = true\n")
        assert "PGS200" in rules(linted(root))

    def test_declared_files_are_main_files(self, root: Path) -> None:
        lay(root, {"site/db.conf": "port = 1\n", "pgssllint.toml": "files = ['site/*.conf']\n"})
        assert names(found(root), root) == ["site/db.conf"]

    def test_declared_maps(self, root: Path) -> None:
        lay(root, {"postgresql.conf": "include '/etc/pg/x.conf'\n", "pgssllint.toml": "map = {'/etc/pg' = 'pg'}\n"})
        assert "PGS020" in rules(linted(root))

    def test_declared_choice_of_rules(self, root: Path) -> None:
        lay(root, {"pg_hba.conf": TRUST, "pgssllint.toml": "ignore = ['trust-over-network']\n"})
        assert "PGS534" not in rules(linted(root))

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("compleat = true", r"no key 'compleat'. Did you mean 'complete'\?"),
            ("complete = 'yes'", "must be true or false"),
            ("windows = 1", "must be true or false"),
            ("map = {'etc' = 'x'}", "is no path map"),
            ("map = {'/etc' = 3}", "pgssllint.toml"),
            ("pg-version = 'new'", "'new' is no PostgreSQL major"),
            ("pg-version = ''", "'' is no PostgreSQL major"),
            ("openssl = '4'", "'4' is no OpenSSL series"),
            ("select = ['PGS9999']", "no rule 'PGS9999'"),
            ("ignore = [3]", "'ignore' must be a list of texts, and one of its items is none"),
            ("ignore = ['Tr0ub4dor']", r"no rule '\*\*\*'"),
            ("pg-version = 'Tr0ub4dor x'", r"'\*\*\*' is no value of 'pg-version'"),
            ("openssl = 'Tr0ub4dor x'", r"'\*\*\*' is no value of 'openssl'"),
            ("map = {'a:Tr0ub4dor' = 'x'}", r"'\*\*\*' is no path map"),
            ("'Tr0ub4dor x' = 1", r"no key '\*\*\*'. There are baseline, clusters, complete, "),
            ("show-secrets = true", "'show-secrets' is an option of the command line, and no configuration has it"),
            ("a = Tr0ub4dor", r"is no TOML \(at line 1, column 5\)"),
        ],
    )
    @pytest.mark.parametrize("majors", [(), (16,)], ids=["nothing stated", "stated"])
    def test_mistakes_are_told_with_the_file(self, root: Path, text: str, said: str, majors: tuple[int, ...]) -> None:
        lay(root, {"postgresql.conf": "", "pgssllint.toml": text})
        with pytest.raises(ConfigurationError, match=said) as told:
            linted(root, majors=majors)
        file = f"'{root}/pgssllint.toml"
        assert str(told.value).startswith((f"{file}:1': ", f"{file}' is no TOML (at line 1"))

    def test_such_a_mistake_is_a_configuration_error(self, root: Path) -> None:
        (root / "pgssllint.toml").write_text("x")
        with pytest.raises(ConfigurationError):
            found(root)


def test_a_map_on_the_command_line(root: Path) -> None:
    lay(root, {"postgresql.conf": "include '/etc/pg/x.conf'\n", "pg/x.conf": "nonsense here\n"})
    outcome = linted(root, maps=(PathMap.parse(f"/etc/pg={root}/pg"),))
    assert rules(outcome) == ["PGS030"]
    assert outcome.findings[0].at.path == str(root / "pg/x.conf")


MAJORS: dict[str, tuple[dict[str, str], int, How, str]] = {
    "PG_VERSION": ({"PG_VERSION": "13\n"}, 13, How.FOUND, "PG_VERSION"),
    "PG_VERSION before the rest": (
        {"PG_VERSION": "13\n", "postgresql.conf": "hba_file = '/etc/postgresql/15/main/pg_hba.conf'\n"},
        13,
        How.FOUND,
        "PG_VERSION",
    ),
    "data_directory": (
        {"postgresql.conf": "data_directory = '/var/lib/postgresql/14/main'\n"},
        14,
        How.FOUND,
        "'data_directory'",
    ),
    "external_pid_file": (
        {"postgresql.conf": "external_pid_file = '/var/run/postgresql/12-main.pid'\n"},
        12,
        How.FOUND,
        "'external_pid_file'",
    ),
    "an image": ({"compose.yml": "  image: postgres:16.2-alpine\n"}, 16, How.FOUND, "the image in 'compose.yml'"),
    "an image with its own version": (
        {"compose.yml": "  image: timescale/timescaledb:2.14.0-pg15\n"},
        15,
        How.FOUND,
        "the image in 'compose.yml'",
    ),
    "another program's image": ({"compose.yml": "  image: citusdata/citus:12.1\n"}, 18, How.ASSUMED, ""),
    "a Dockerfile": (
        {"Dockerfile": "FROM docker.io/library/postgres:17\n"},
        17,
        How.FOUND,
        "the image in 'Dockerfile'",
    ),
    "images of two majors": ({"compose.yml": "  image: postgres:16\n  image: postgres:17\n"}, 18, How.ASSUMED, ""),
    "nothing": ({}, 18, How.ASSUMED, ""),
    "a number that is no major": ({"postgresql.conf": "data_directory = '/srv/postgres-42'\n"}, 18, How.ASSUMED, ""),
    "9.6 in PG_VERSION": ({"PG_VERSION": "9.6\n"}, 10, How.FOUND, "PG_VERSION"),
    "8.4 in PG_VERSION": (
        {"PG_VERSION": "8.4\n"},
        18,
        How.ASSUMED,
        "PG_VERSION says PostgreSQL 8.4, which the linter does not know",
    ),
    "8.4 in a path": (
        {"postgresql.conf": "data_directory = '/var/lib/postgresql/8.4/main'\n"},
        18,
        How.ASSUMED,
        "'data_directory' says PostgreSQL 8.4, which the linter does not know",
    ),
    "8.4 in an image": (
        {"compose.yml": "  image: postgres:8.4\n"},
        18,
        How.ASSUMED,
        "the image in 'compose.yml' says PostgreSQL 8.4, which the linter does not know",
    ),
}


@pytest.mark.parametrize(
    ("majors", "text", "said"),
    [
        ((14,), "16\n", "The target is 14 but 'PG_VERSION' says 16."),
        ((14, 15), "16\n", "The target is 14 and 15 but 'PG_VERSION' says 16."),
        ((14, 16), "16\n", None),
        ((14,), "sixteen\n", None),
        ((), "16\n", None),
    ],
)
def test_a_stated_major_that_files_contradict(root: Path, majors: tuple[int, ...], text: str, said: str | None) -> None:
    """It is told once for all that is stated, and what is stated among others is no contradiction."""
    lay(root, {"postgresql.conf": "", "pg_hba.conf": HBA, "PG_VERSION": text})
    told = [finding.text for finding in linted(root, majors=majors).findings if finding.rule == "PGS913"]
    assert told == ([said] if said is not None else [])


def test_the_statement_is_shown_beside_it(root: Path) -> None:
    lay(root, {"postgresql.conf": "", "PG_VERSION": "16\n", "pgssllint.toml": "pg-version = '15'\n"})
    (finding,) = (one for one in linted(root, majors=()).findings if one.rule == "PGS913")
    assert [Path(place.path).name for place in finding.related] == ["pgssllint.toml"]
    (finding,) = (one for one in linted(root, majors=(14,)).findings if one.rule == "PGS913")
    assert finding.related == ()


@pytest.mark.parametrize(("files", "major", "how", "evidence"), MAJORS.values(), ids=MAJORS)
def test_the_major_is_found_by(root: Path, files: dict[str, str], major: int, how: How, evidence: str) -> None:
    (root / ".git").mkdir()
    lay(root, {"postgresql.conf": "", **files})
    (deployment,) = deployments(found(root))
    (target,) = targets(deployment, Stated())
    assert (target.major, target.how, target.evidence) == (major, how, evidence)


def test_the_major_is_found_by_the_path(root: Path) -> None:
    lay(root, {"etc/postgresql/11/main/postgresql.conf": ""})
    (deployment,) = deployments(found(root))
    (target,) = targets(deployment, Stated())
    assert (target.major, target.evidence) == (11, "the path 'postgresql/11'")


def test_what_is_stated_comes_first(root: Path) -> None:
    lay(root, {"postgresql.conf": "", "PG_VERSION": "13\n"})
    chosen = targets(deployments(found(root))[0], Stated((15, 16)))
    assert [(t.major, t.how) for t in chosen] == [(15, How.STATED), (16, How.STATED)]


def test_an_old_major_is_told_in_one_line(root: Path) -> None:
    (root / ".git").mkdir()
    lay(root, {"postgresql.conf": "", "pg_hba.conf": HBA, "PG_VERSION": "8.4\n"})
    (note,) = linted(root, majors=()).notifications
    assert note.message == "PG_VERSION says PostgreSQL 8.4, which the linter does not know, so it is judged as 18."


@pytest.mark.parametrize("value", ["${PORT}", "{{ port }}", "<%= @port %>", "@@PORT@@", "@PORT@", "%%PORT%%"])
@pytest.mark.parametrize("at", ["the file", "the command line"])
def test_a_value_that_has_yet_to_be_written_is_unknown_wherever_it_stands(root: Path, at: str, value: str) -> None:
    lay(root, {"postgresql.conf": f"port = {value}\n" if at == "the file" else "", "pg_hba.conf": HBA})
    if at == "the command line":
        lay(root, {"compose.yml": f'  image: postgres:16\n  command: postgres -c "port={value}"\n'})
    outcome = linted(root)
    assert "PGS040" not in rules(outcome)
    assert [prediction.starts for prediction in outcome.clusters[0].predictions] == [None]


class TestHooks:
    FILES: ClassVar = {
        "db/postgresql.conf": "ssl = on\nssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\n",
        "db/pg_hba.conf": TRUST,
        "other/pg_hba.conf": TRUST,
        "web/server.crt": "",
        "README": "text\n",
    }  # fmt: skip

    @pytest.fixture
    def repository(self, root: Path) -> Path:
        lay(root, self.FILES)
        (root / "db/server.crt").write_bytes(build(["leaf-expired", "intermediate"]))
        (root / "db/server.key").write_bytes(build("key:leaf"))
        (root / "db/server.key").chmod(0o600)
        return root

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            (["db/server.crt"], ["PGS240"]),
            (["db/pg_hba.conf"], ["PGS534"]),
            (["db/server.crt", "db/pg_hba.conf"], ["PGS240", "PGS534"]),
            (["web/server.crt"], []),
            (["README"], []),
            ([], ["PGS240", "PGS534", "PGS534"]),
        ],
    )
    def test_only_what_touches_the_given_files(self, repository: Path, words: list[str], expected: list[str]) -> None:
        assert rules(linted(repository, *words, hook=True)) == expected

    def test_the_whole_cluster(self, repository: Path) -> None:
        assert rules(linted(repository, "db/server.crt", whole_cluster=True)) == ["PGS240", "PGS534"]

    @pytest.mark.parametrize("words", [["README"], ["web"], ["web/server.crt"]])
    def test_nothing_to_check_is_well(self, repository: Path, words: list[str]) -> None:
        outcome = linted(repository, *words, hook=True)
        assert outcome.exit_status == 0
        assert not outcome.notifications

    @pytest.mark.parametrize("word", ["README", "web"])
    def test_outside_a_hook_it_is_told(self, repository: Path, word: str) -> None:
        assert linted(repository, word).exit_status == 2


class TestDeployed:
    @pytest.fixture
    def data(self, tmp_path: Path) -> Path:
        data = tmp_path / "data"
        lay(data, {"postgresql.conf": "ssl = on\n", "pg_hba.conf": HBA, "PG_VERSION": "15\n"})
        (data / "server.crt").write_bytes(build(["leaf", "intermediate"]))
        (data / "server.key").write_bytes(build("key:leaf"))
        (data / "server.key").chmod(0o600)
        return settled(data, 15)

    def outcome(self, **options: Any) -> Outcome:
        return lint(Request((), **options), AT)

    def test_a_data_directory(self, data: Path) -> None:
        outcome = self.outcome(data_dir=str(data))
        (report,) = outcome.clusters
        assert report.deployed
        assert report.predictions[0].starts is True
        assert report.predictions[0].target.major == 15

    def test_a_path_that_is_one_is_sources(self, data: Path) -> None:
        outcome = linted(data, majors=())
        (report,) = outcome.clusters
        assert not report.deployed
        assert (report.predictions[0].starts, report.predictions[0].target.major) == (True, 15)
        (note,) = outcome.notifications
        assert not note.error
        assert note.message == (
            f"'{data}' holds PG_VERSION, but is read as sources are and no further than its root; "
            f"'pgssllint --data-dir={data}' judges it as the data directory of a server."
        )

    def test_relative_paths_begin_there(self, data: Path) -> None:
        (data / "conf.d").mkdir()
        (data / "conf.d" / "tls.conf").write_text("ssl_cert_file = 'server.crt'\n")
        (data / "conf.d" / "server.crt").write_bytes(build(["leaf-expired", "intermediate"]))
        (data / "postgresql.conf").write_text("ssl = on\ninclude 'conf.d/tls.conf'\n")
        assert linted(data, majors=(15,)).findings == ()

    def test_what_lies_outside_is_not_in_view(self, data: Path, tmp_path: Path) -> None:
        (tmp_path / "names.conf").write_text("nonsense here\n")
        (data / "postgresql.conf").write_text("include '../names.conf'\ninclude 'link.conf'\n")
        (data / "link.conf").symlink_to("../names.conf")
        outcome = linted(data, majors=(15,))
        assert (outcome.findings, outcome.clusters[0].predictions[0].starts) == ((), None)
        assert "PGS030" in rules(self.outcome(data_dir=str(data)))

    def test_in_a_work_tree_nothing_is_said_of_it(self, data: Path) -> None:
        (data / ".git").mkdir()
        assert not [note for note in linted(data).notifications if "PG_VERSION" in note.message]

    def test_a_configuration_file_elsewhere(self, data: Path, tmp_path: Path) -> None:
        conf = tmp_path / "etc"
        text = f"data_directory = '{data}'\nssl = on\nlisten_addresses = '*'\nhba_file = '{conf}/hba'\n"
        lay(conf, {"postgresql.conf": text, "hba": TRUST})
        owned(conf)
        outcome = self.outcome(data_dir=str(data), config_file=str(conf / "postgresql.conf"))
        assert rules(outcome) == ["PGS534"]
        assert outcome.clusters[0].predictions[0].starts is True

    def test_a_mounted_image(self, tmp_path: Path) -> None:
        image = tmp_path / "image"
        lay(image, {"etc/ssl/pg.key": "", "srv/pg/postgresql.conf": "ssl = on\nssl_key_file = '/etc/ssl/pg.key'\n"})
        lay(image, {"srv/pg/pg_hba.conf": HBA, "srv/pg/PG_VERSION": "15\n"})
        (image / "srv/pg/server.crt").write_bytes(build(["leaf", "intermediate"]))
        (image / "etc/ssl/pg.key").write_bytes(build("key:leaf"))
        settled(image / "srv/pg", 15)
        owned(image / "etc")
        outcome = self.outcome(data_dir=str(image / "srv/pg"), chroot=str(image))
        assert outcome.clusters[0].predictions[0].starts is True

    @pytest.mark.parametrize(("uid", "starts"), [(None, True), (os.geteuid() + 7000, False)])
    def test_the_user_of_the_server(self, data: Path, uid: int | None, starts: bool) -> None:
        outcome = self.outcome(data_dir=str(data), server_uid=uid)
        assert outcome.clusters[0].predictions[0].starts is starts

    def test_absence_is_a_fact(self, data: Path) -> None:
        (data / "server.crt").unlink()
        outcome = self.outcome(data_dir=str(data))
        assert outcome.clusters[0].predictions[0].rule == "PGS200"
        assert outcome.not_checked == ()


IGNORES = [
    ("build", "build", True),
    ("build", "a/build", True),
    ("build/", "build", False),
    ("/build", "a/build", False),
    ("*.conf", "a/x.conf", True),
    ("a/*.conf", "a/b/x.conf", False),
    ("a/**", "a/b/c", True),
    ("a/**", "a", False),
    ("a/**/b", "a/b", True),
    ("a/**/b", "a/x/y/b", True),
    ("**/b", "x/b", True),
    ("a**b", "axyb", True),
    ("a**b", "a/b", False),
    ("**", "a", True),
    ("[a-c]x", "bx", True),
    ("[!a-c]x", "bx", False),
    ("[^a-c]x", "dx", True),
    ("?x", "bx", True),
    (r"\*x", "*x", True),
    (r"\*x", "bx", False),
    ("*a*b*c", "1a2b3c", True),
    ("*a*b*c", "1b2a3c", False),
    ("# a", "# a", False),
    ("x  ", "x", True),
    ("[", "[", True),
]


@pytest.mark.parametrize(("line", "path", "ignored"), IGNORES)
def test_gitignore(tmp_path: Path, line: str, path: str, ignored: bool) -> None:
    (tmp_path / ".gitignore").write_text(line + "\n")
    ignores = Ignores(Files((str(tmp_path),)), str(tmp_path))
    assert ignores.match(str(tmp_path / path), False) is ignored


def test_a_later_line_takes_back(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.conf\n!pg.conf\n")
    ignores = Ignores(Files((str(tmp_path),)), str(tmp_path))
    assert not ignores.match(str(tmp_path / "pg.conf"), False)
    assert ignores.match(str(tmp_path / "x.conf"), False)
