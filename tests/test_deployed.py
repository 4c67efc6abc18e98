"""A server's own data directory: where its configuration lies, how it was started last, what stands in for files."""

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pgssllint.api import gathered_clusters, lint
from pgssllint.cli import main
from pgssllint.cluster import Cluster
from pgssllint.files import Overlay
from pgssllint.finding import Outcome
from pgssllint.languages import Language, Read
from pgssllint.locate import PathMap
from pgssllint.postgres.start_options import given_by
from pgssllint.request import Request
from pgssllint.showing.telling import Showing
from pgssllint.stated_settings import stated_settings
from pgssllint.text import Source
from tests.support import repositories
from tests.support.asked import without
from tests.support.judging import owned, settled
from tests.support.pki import AT, build
from tests.support.servers import RunningServer, Unavailable, available

HBA = "local all all peer\n"
PROGRAM = "/usr/lib/postgresql/15/bin/postgres"


lay = partial(repositories.lay, mode=0o600)


def opts(*words: str) -> str:
    return PROGRAM + "".join(f' "{word}"' for word in words) + "\n"


def cluster(**options: Any) -> Cluster:
    (found,) = gathered_clusters(Request((), **options))
    return found


def outcome(*paths: str, **options: Any) -> Outcome:
    return lint(Request(paths, **options), AT)


def sentences(result: Outcome) -> list[str]:
    return [str(note.message) for note in result.notifications]


def values(text: str) -> list[tuple[str, str]]:
    return [(one.name, one.value) for one in given_by(Source("/data/postmaster.opts", text.encode()))]


class TestOptions:
    @pytest.mark.parametrize(
        ("words", "given"),
        [
            (["-D", "/data"], []),
            (["-c", "ssl=on"], [("ssl", "on")]),
            (["-cssl=on"], [("ssl", "on")]),
            (["--ssl=on"], [("ssl", "on")]),
            (["--work-mem=1MB"], [("work-mem", "1MB")]),
            (["-p", "5433"], [("port", "5433")]),
            (["-p5433"], [("port", "5433")]),
            (["-h", "*", "-k", "/tmp"], [("listen_addresses", "*"), ("unix_socket_directories", "/tmp")]),
            (["-i"], [("listen_addresses", "*")]),
            (["-h", ""], [("listen_addresses", "")]),
            (["-lp", "1"], [("ssl", "true"), ("port", "1")]),
            (["-FiN", "30"], [("fsync", "false"), ("listen_addresses", "*"), ("max_connections", "30")]),
            (["-B", "16", "-S", "64"], [("shared_buffers", "16"), ("work_mem", "64")]),
            (["-W", "1"], [("post_auth_delay", "1")]),
            (["-d", "3"], [("log_min_messages", "debug3")]),
            (["-d", "0"], [("log_min_messages", "notice")]),
            (["-d", "6"], []),
            (["-C", "ssl", "-c", "port=1"], [("port", "1")]),
            (["-c", "search_path="], [("search_path", "")]),
            (["-c", 'search_path="$user", public'], [("search_path", '"$user", public')]),
            (["-c", "no-value"], []),
            (["-c"], []),
            (["word", "-c", "ssl=on"], []),
            (["-", "-c", "ssl=on"], []),
        ],
    )
    def test_as_getopt_parts_them(self, words: Sequence[str], given: list[tuple[str, str]]) -> None:
        assert values(opts(*words)) == given

    @pytest.mark.parametrize("text", ["", f"{PROGRAM}\n", opts("-cssl=on") * 2, f"{opts('-i')}\n", 'x "-cssl=on'])
    def test_what_no_start_writes_gives_nothing(self, text: str) -> None:
        assert values(text) == []

    def test_without_the_last_line_feed(self) -> None:
        assert values(opts("-cssl=on").rstrip("\n")) == [("ssl", "on")]

    def test_each_is_pointed_at(self) -> None:
        source = Source("/data/postmaster.opts", opts("-c", "ssl=on", "-p5433").encode())
        spans = [source.text[one.value_span.start : one.value_span.end] for one in given_by(source)]
        assert spans == ["on", "5433"]

    @pytest.mark.servers
    @pytest.mark.parametrize("major", [10, 14, 18])
    def test_a_server_was_given_what_its_file_says(self, major: int) -> None:
        installation = available(major)
        if isinstance(installation, Unavailable):
            without(installation.reason)
        with RunningServer(installation) as server:
            ((folder,),) = server.query("show data_directory")
            text = Path(str(folder), "postmaster.opts").read_bytes()
            rows = server.query("select name, setting from pg_settings where source = 'command line'")
        told = {str(name): value for name, value in rows}
        named = {one.name.replace("-", "_"): one.value for one in given_by(Source("/opts", text))}
        assert named
        files = {"config_file", "data_directory", "hba_file", "ident_file"}
        assert named.keys() - files == told.keys() - files
        for name in ("port", "listen_addresses", "unix_socket_directories"):
            assert named.get(name) == told.get(name)


class TestWhereTheConfigurationLies:
    @pytest.fixture
    def data(self, tmp_path: Path) -> Path:
        folder = lay(tmp_path / "data", {"PG_VERSION": "15\n", "pg_hba.conf": HBA})
        folder.chmod(0o700)
        return folder

    def test_inside(self, data: Path) -> None:
        lay(data, {"postgresql.conf": "port = 1\n"})
        assert cluster(data_dir=str(data)).deployment.at == str(data / "postgresql.conf")

    @pytest.mark.parametrize("option", ["-cconfig_file={}", "--config_file={}", "--config-file={}"])
    def test_as_the_last_start_was_told(self, data: Path, tmp_path: Path, option: str) -> None:
        lay(tmp_path / "etc", {"x.conf": "port = 2\n"})
        lay(data, {"postgresql.conf": "port = 1\n", "postmaster.opts": opts(option.format(tmp_path / "etc/x.conf"))})
        found = cluster(data_dir=str(data))
        assert (found.deployment.at, found.conf.value("port")) == (str(tmp_path / "etc/x.conf"), "2")

    def test_in_the_folder_of_the_last_start(self, data: Path, tmp_path: Path) -> None:
        etc = lay(tmp_path / "etc", {"postgresql.conf": f"data_directory = '{data}'\nport = 3\n"})
        lay(data, {"postmaster.opts": opts("-D", str(etc))})
        found = cluster(data_dir=str(data))
        assert (found.conf.value("port"), found.deployment.data_directory) == ("3", str(data))

    def test_one_that_has_gone_is_passed_over(self, data: Path, tmp_path: Path) -> None:
        lay(data, {"postgresql.conf": "port = 1\n", "postmaster.opts": opts(f"-cconfig_file={tmp_path}/gone.conf")})
        assert cluster(data_dir=str(data)).conf.value("port") == "1"

    def test_where_debian_keeps_it(self, tmp_path: Path) -> None:
        data = lay(tmp_path / "var/lib/postgresql/15/main", {"PG_VERSION": "15\n"})
        etc = tmp_path / "etc/postgresql"
        lay(etc, {"14/main/postgresql.conf": "data_directory = '/var/lib/postgresql/14/main'\n", "15/x": ""})
        lay(etc, {"15/main/postgresql.conf": "data_directory = '/var/lib/postgresql/15/main'\n"})
        found = cluster(data_dir=str(data), chroot=str(tmp_path))
        assert found.deployment.at == str(etc / "15/main/postgresql.conf")
        assert found.major == 15

    def test_nowhere(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--data-dir", str(data)]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        where = f'could not access the server configuration file "{data}/postgresql.conf": No such file or directory\n'
        assert said.err.endswith(f"'postgres -D' would say: postgres: {where}")

    def test_what_is_named_wins(self, data: Path, tmp_path: Path) -> None:
        lay(tmp_path, {"one.conf": "port = 4\n", "two.conf": "port = 5\n"})
        lay(data, {"postmaster.opts": opts(f"-cconfig_file={tmp_path}/one.conf")})
        assert cluster(data_dir=str(data), config_file=str(tmp_path / "two.conf")).conf.value("port") == "5"
        stated = stated_settings([f"config_file={tmp_path}/two.conf"])
        assert cluster(data_dir=str(data), settings=stated).conf.value("port") == "5"


class TestHowItIsStarted:
    FILES: Mapping[str, str] = {
        "PG_VERSION": "15\n", "pg_hba.conf": HBA, "postgresql.conf": "port = 1\nssl = off\n",
        "postgresql.auto.conf": "port = 2\n", "postmaster.opts": opts("-D", "/x", "-cport=3", "-p4", "-cssl=on"),
    }  # fmt: skip

    def test_the_last_start_is_the_next(self, tmp_path: Path) -> None:
        lay(tmp_path, self.FILES)
        conf = cluster(data_dir=str(tmp_path)).conf
        assert (conf.value("port"), conf.ssl) == ("4", True)

    def test_what_is_stated_wins(self, tmp_path: Path) -> None:
        lay(tmp_path, self.FILES)
        conf = cluster(data_dir=str(tmp_path), settings=stated_settings(["Port=5", "ssl=off", "ssl=no"])).conf
        assert (conf.value("port"), conf.ssl) == ("5", False)

    def test_what_is_stated_takes_the_place_of_what_the_last_start_gave(self, tmp_path: Path) -> None:
        settled(lay(tmp_path, {**self.FILES, "postmaster.opts": opts("-p", "99999")}), 15)
        assert outcome(data_dir=str(tmp_path)).clusters[0].predictions[0].rule == "PGS040"
        result = outcome(data_dir=str(tmp_path), settings=stated_settings(["port=5432"]))
        assert result.clusters[0].predictions[0].starts is True

    def test_it_is_told(self, tmp_path: Path) -> None:
        lay(tmp_path, self.FILES)
        (note,) = outcome(data_dir=str(tmp_path)).notifications
        told = "The last start's command line counts as the next one's; it gives 'port', 'ssl'."
        assert str(note.message) == told
        assert note.at is not None
        assert note.at.path == str(tmp_path / "postmaster.opts")

    def test_what_gives_nothing_is_not_told(self, tmp_path: Path) -> None:
        lay(tmp_path, {**self.FILES, "postmaster.opts": opts("-D", str(tmp_path))})
        assert outcome(data_dir=str(tmp_path)).notifications == ()

    def test_sources_have_no_last_start(self, tmp_path: Path) -> None:
        lay(tmp_path, {**self.FILES, "pgssllint.toml": ""})
        (found,) = gathered_clusters(Request((str(tmp_path),)))
        assert found.conf.value("port") == "2"

    @pytest.mark.parametrize("word", [".", "postgresql.conf"])
    def test_sources_are_started_as_is_stated(self, tmp_path: Path, word: str) -> None:
        lay(tmp_path, {**self.FILES, "pgssllint.toml": "", "compose.yaml": "command: postgres -c port=9\n"})
        request = Request((str(tmp_path / word),), settings=stated_settings(["port=7", "work-mem=1MB"]))
        (found,) = gathered_clusters(request)
        assert (found.conf.value("port"), found.conf.value("work_mem")) == ("7", "1MB")

    def test_a_lone_file_knows_what_is_stated(self, tmp_path: Path) -> None:
        lay(tmp_path, {"pg_hba.conf": "hostssl all all 10.0.0.0/8 scram-sha-256\n"})
        settings = stated_settings(["ssl=off"])
        assert outcome(str(tmp_path)).findings == ()
        (found,) = gathered_clusters(Request((str(tmp_path),), settings=settings))
        assert found.conf.ssl is False

    def test_the_command_takes_it(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        lay(tmp_path, {**self.FILES, "postmaster.opts": ""})
        assert main(["--data-dir", str(tmp_path), "--set", "port=70000", "--format", "concise"]) == 1
        assert "--set:1:6: PGS040 error" in capsys.readouterr().out
        assert main(["access", "--data-dir", str(tmp_path), "--set", "listen_addresses=", "--local"]) == 0


def opened(result: Outcome) -> tuple[bool | None, list[str]]:
    (prediction,) = result.clusters[0].predictions
    return prediction.starts, [str(one) for one in prediction.open]


class TestWhatIsNotKnown:
    """Of the start: what no file tells leaves it open, and is named."""

    FILES: Mapping[str, str] = {"pg_hba.conf": HBA, "postgresql.conf": "ssl = off\n"}

    def judged(self, folder: Path, files: Mapping[str, str | bytes] | None = None, **options: Any) -> Outcome:
        return outcome(data_dir=str(settled(lay(folder, {**self.FILES, **(files or {})}), 15)), **options)

    def test_who_runs_a_server_on_a_data_directory_of_roots(self, tmp_path: Path) -> None:
        root = {str(tmp_path): Overlay(0o700, 0, 0)}
        asked = ["the user that the server runs as, who is never root"]
        assert opened(self.judged(tmp_path))[0] is True
        assert opened(self.judged(tmp_path, overlays=root)) == (None, asked)
        assert opened(self.judged(tmp_path, overlays=root, server_uid=0)) == (None, asked)

    @pytest.mark.parametrize("text", ["", "two\nlines\n", f'{PROGRAM} "-p\n'])
    def test_what_the_last_start_gave(self, text: str, tmp_path: Path) -> None:
        result = self.judged(tmp_path, {"postmaster.opts": text})
        assert opened(result) == (None, ["what 'postmaster.opts' says of the last start"])

    def test_a_start_without_options(self, tmp_path: Path) -> None:
        assert opened(self.judged(tmp_path, {"postmaster.opts": f"{PROGRAM}\n"})) == (True, [])

    def test_a_configuration_file_that_is_gone(self, tmp_path: Path) -> None:
        gone = f"{tmp_path}/gone.conf"
        result = self.judged(tmp_path, {"postmaster.opts": opts(f"-cconfig_file={gone}")})
        assert opened(result) == (None, [f"whether it is started with '{gone}' again, which does not exist"])

    def test_a_data_directory_that_was_moved(self, tmp_path: Path) -> None:
        assert opened(self.judged(tmp_path, {"postmaster.opts": opts("-D", "/nowhere/data")})) == (True, [])

    @pytest.mark.parametrize("name", ["data", "", "./data"])
    def test_a_relative_data_directory(self, name: str, tmp_path: Path) -> None:
        result = self.judged(tmp_path, {"postgresql.conf": f"data_directory = '{name}'\n"})
        assert opened(result) == (
            None,
            ["the folder that the server is started in, where its data directory is sought"],
        )

    def test_a_zone_that_loses_against_another_spelling(self, tmp_path: Path) -> None:
        text = "{} = 'posix/Europe/Berlin'\nTimeZone = 'UTC'\n"
        unknown = ["the time zone 'posix/Europe/Berlin', which not all builds have"]
        assert opened(self.judged(tmp_path, {"postgresql.conf": text.format("timezone")})) == (None, unknown)
        assert opened(self.judged(tmp_path, {"postgresql.conf": text.format("TimeZone")})) == (True, [])


class TestAnotherDataDirectory:
    def test_what_lies_beside_it_is_not_read(self, tmp_path: Path) -> None:
        here, there = tmp_path / "conf", tmp_path / "data"
        lay(here, {"postgresql.conf": f"data_directory = '{there}'\n", "pg_hba.conf": HBA})
        lay(here, {"postgresql.auto.conf": "nosuch = 1\n"})
        settled(lay(there, {"pg_hba.conf": HBA, "postgresql.auto.conf": "port = 7007\n"}), 15)
        owned(here)
        result = outcome(data_dir=str(here))
        assert opened(result) == (True, [])
        assert cluster(data_dir=str(here)).conf.value("port") == "7007"

    def test_nor_where_it_is_not_there(self, tmp_path: Path) -> None:
        lay(tmp_path, {"postgresql.conf": "data_directory = '/nowhere/data'\n", "pg_hba.conf": HBA})
        settled(lay(tmp_path, {"postgresql.auto.conf": "nosuch = 1\n"}), 15)
        assert outcome(data_dir=str(tmp_path)).clusters[0].predictions[0].rule == "PGS046"


class TestWhatIsShownOfIt:
    def test_values_of_options_as_those_of_settings(self) -> None:
        words = (
            "-c",
            "ssl_passphrase_command=echo s3cret-one",
            "-p",
            "5433",
            "-c",
            "primary_conninfo=password=s3cret-two",
        )
        source = Source("/data/postmaster.opts", opts(*words).encode())
        shown = Showing([Read(source, Language.OPTIONS)]).line(source, 1)
        assert "s3cret" not in shown
        assert "5433" in shown

    def test_what_is_stated_as_settings(self) -> None:
        (given,) = stated_settings(["ssl_passphrase_command=echo s3cret-one"])
        shown = Showing([Read(given.source, Language.STATED)]).line(given.source, 1)
        assert shown == "ssl_passphrase_command=echo ***"


class TestWhatStandsInForAFile:
    @pytest.fixture
    def data(self, tmp_path: Path) -> Path:
        folder = tmp_path / "data"
        lay(folder, {"PG_VERSION": "15\n", "pg_hba.conf": HBA, "postgresql.conf": "ssl = on\n"})
        lay(folder, {"server.crt": build(["leaf", "intermediate"]), "server.key": build("key:leaf")})
        lay(tmp_path, {"new.crt": build(["leaf-expired", "intermediate"]), "new.key": build("key:leaf")}, mode=0o666)
        folder.chmod(0o700)
        lay(tmp_path, {"other.crt": build(["client"])}, mode=0o666)
        return settled(folder, 15)

    def test_a_certificate(self, data: Path, tmp_path: Path) -> None:
        maps = (PathMap(f"{data}/server.crt", f"{tmp_path}/other.crt"),)
        result = outcome(data_dir=str(data), maps=maps)
        assert result.clusters[0].predictions[0].starts is False
        assert {finding.at.path for finding in result.findings} >= {f"{tmp_path}/other.crt"}

    def test_a_key_with_mode_and_owner_of_the_old_one(self, data: Path, tmp_path: Path) -> None:
        maps = (PathMap(f"{data}/server.key", f"{tmp_path}/new.key"),)
        assert outcome(data_dir=str(data), maps=maps).clusters[0].predictions[0].starts is True
        said = {f"{tmp_path}/new.key": Overlay(0o644, 0, 0)}
        result = outcome(data_dir=str(data), maps=maps, overlays=said)
        assert result.clusters[0].predictions[0].rule == "PGS310"

    def test_where_there_was_none_its_own(self, data: Path, tmp_path: Path) -> None:
        (data / "server.key").unlink()
        maps = (PathMap(f"{data}/server.key", f"{tmp_path}/new.key"),)
        assert outcome(data_dir=str(data), maps=maps).clusters[0].predictions[0].rule == "PGS310"

    def test_a_folder_stands_in_for_what_it_holds(self, data: Path, tmp_path: Path) -> None:
        lay(tmp_path / "new", {"postgresql.conf": "include 'more.conf'\nssl = off\n", "pg_hba.conf": "host x y z\n"})
        lay(data, {"more.conf": "port = 7\n"})
        owned(data)
        found = cluster(data_dir=str(data), maps=(PathMap(str(data), f"{tmp_path}/new"),))
        assert (found.conf.value("port"), found.conf.ssl) == ("7", False)
        assert found.auth.hba is not None
        assert found.auth.hba.main.path == f"{tmp_path}/new/pg_hba.conf"

    def test_below_a_chroot(self, data: Path, tmp_path: Path) -> None:
        maps = (PathMap("/server.crt", f"{tmp_path}/other.crt"),)
        result = outcome(data_dir=str(data), chroot=str(data), maps=maps)
        assert result.clusters[0].predictions[0].starts is False

    def test_folders_on_its_own_way_are_nobody_elses(self, data: Path, tmp_path: Path) -> None:
        (tmp_path / "closed").mkdir()
        lay(tmp_path / "closed", {"new.key": build("key:leaf")})
        maps = (PathMap(f"{data}/server.key", f"{tmp_path}/closed/new.key"),)
        overlays = {f"{tmp_path}/closed": Overlay(0o700, 4711, 4711)}
        result = outcome(data_dir=str(data), maps=maps, overlays=overlays)
        assert result.clusters[0].predictions[0].starts is True

    def test_one_that_is_not_there_is_refused(self, data: Path, tmp_path: Path) -> None:
        result = outcome(data_dir=str(data), maps=(PathMap(f"{data}/server.key", f"{tmp_path}/none.key"),))
        assert sentences(result) == [f"Option '--map': '{tmp_path}/none.key' does not exist."]
        assert result.exit_status == 2

    @pytest.mark.parametrize("inside", ["server.key", ""])
    def test_what_holds_the_place_cannot_stand_in_it(self, data: Path, inside: str) -> None:
        held = f"{data}/{inside}".rstrip("/")
        result = outcome(data_dir=str(data), maps=(PathMap(held, str(data)),))
        assert sentences(result) == [f"Option '--map': '{held}' lies in '{data}', which is to stand in its place."]
        assert result.exit_status == 2


class TestPackages:
    """Everything lies below a chroot, and belongs to whoever runs the tests."""

    @pytest.fixture
    def image(self, tmp_path: Path) -> Path:
        image = tmp_path / "image"
        main_file = "data_directory = '/var/lib/postgresql/15/main'\nhba_file = '/etc/postgresql/15/main/pg_hba.conf'\n"
        lay(image, {"etc/postgresql/15/main/postgresql.conf": main_file, "etc/postgresql/15/main/pg_hba.conf": HBA})
        lay(image, {"var/lib/postgresql/15/main/PG_VERSION": "15\n"})
        return image

    def judged(self, image: Path, *paths: str, **options: Any) -> Outcome:
        return outcome(*(str(image / path) for path in paths), chroot=str(image), **options)

    @pytest.mark.parametrize("path", ["etc/postgresql", "etc/postgresql/15", "etc/postgresql/15/main"])
    def test_a_folder(self, image: Path, path: str) -> None:
        result = self.judged(image, path)
        (report,) = result.clusters
        assert (report.deployed, report.path) == (True, str(image / "etc/postgresql/15/main/postgresql.conf"))
        data = image / "var/lib/postgresql/15/main"
        assert sentences(result) == [
            f"'{image / path}' is judged as the deployed cluster with the data directory '{data}'."
        ]

    @pytest.mark.parametrize("name", ["postgresql.conf", "pg_hba.conf"])
    def test_a_file(self, image: Path, name: str) -> None:
        (report,) = self.judged(image, f"etc/postgresql/15/main/{name}").clusters
        assert report.deployed

    def test_a_data_directory_with_its_own_file(self, image: Path) -> None:
        lay(image, {"var/lib/pgsql/data/PG_VERSION": "15\n", "var/lib/pgsql/data/postgresql.conf": "port = 1\n"})
        (report,) = self.judged(image, "var/lib/pgsql/data").clusters
        assert report.deployed

    def test_without_a_chroot_it_is_a_tree_like_any_other(self, image: Path) -> None:
        (report,) = outcome(str(image / "etc/postgresql/15/main")).clusters
        assert not report.deployed

    @pytest.mark.parametrize("path", ["etc/postgresql/15/main", "etc/postgresql/15/main/pg_hba.conf"])
    @pytest.mark.parametrize("top", [".git", "etc/.git"])
    def test_in_a_work_tree_it_is_sources(self, image: Path, path: str, top: str) -> None:
        (image / top).mkdir()
        (note,) = self.judged(image, path).notifications
        assert note.error
        assert str(note.message).startswith("Option '--chroot' goes with")

    def test_whose_data_directory_is_not_here(self, image: Path) -> None:
        (image / "var/lib/postgresql/15/main/PG_VERSION").unlink()
        (said,) = sentences(self.judged(image, "etc/postgresql/15/main"))
        assert said.endswith(
            "names no data directory that is here and holds PG_VERSION, and is not judged as deployed."
        )

    @pytest.mark.skipif(os.geteuid() != 0, reason="files of others take root")
    @pytest.mark.parametrize("path", ["etc/postgresql/15/main/postgresql.conf", "etc/postgresql/15/main", "etc"])
    def test_what_others_own_says_nothing(self, image: Path, path: str) -> None:
        os.chown(image / "var/lib/postgresql/15/main", 4711, 4711)
        os.chown(image / path, 4711, 4711)
        assert self.judged(image, "etc/postgresql/15/main").clusters[0].deployed
        os.chown(image / path, 4712, 4711)
        (said,) = sentences(self.judged(image, "etc/postgresql/15/main"))
        assert "belongs to others than root and the owner of the data directory" in said

    def test_a_link_that_leads_there_out_of_a_project_does_not(self, image: Path, tmp_path: Path) -> None:
        project = lay(tmp_path / "project", {"pgssllint.toml": ""})
        (project / "link").symlink_to(image / "etc/postgresql/15/main")
        result = outcome(str(project / "link"), chroot=str(image))
        assert not result.clusters
        assert result.exit_status == 2

    def test_all_that_are_installed(self, image: Path) -> None:
        lay(image, {"var/lib/pgsql/16/data/PG_VERSION": "16\n", "var/lib/pgsql/16/data/postgresql.conf": "port = 1\n"})
        lay(image, {"var/lib/postgres/data/PG_VERSION": "17\n", "srv/pg.conf": "port = 2\n"})
        lay(image, {"var/lib/postgres/data/postmaster.opts": opts("-cconfig_file=/srv/pg.conf")})
        lay(image, {"etc/postgresql/9.6/old/postgresql.conf": "data_directory = '/gone'\n"})
        result = outcome(installed=True, chroot=str(image))
        assert [os.path.relpath(report.path, image) for report in result.clusters] == [
            "etc/postgresql/15/main/postgresql.conf", "srv/pg.conf", "var/lib/pgsql/16/data/postgresql.conf",
        ]  # fmt: skip
        assert all(report.deployed for report in result.clusters)
        assert any("'/gone'" not in said and "9.6/old" in said for said in sentences(result))

    def test_a_data_directory_without_a_configuration_is_an_error(self, image: Path) -> None:
        lay(image, {"var/lib/pgsql/data/PG_VERSION": "16\n"})
        result = outcome(installed=True, chroot=str(image))
        assert (len(result.clusters), result.exit_status) == (1, 2)

    def test_none_installed(self, tmp_path: Path) -> None:
        result = outcome(installed=True, chroot=str(tmp_path))
        assert result.exit_status == 2
        assert sentences(result)[0].startswith("There is no cluster in /etc/postgresql, /var/lib/postgresql, ")
