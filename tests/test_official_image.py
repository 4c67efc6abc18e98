"""What the official image makes of a workload; tests/data/official_image.json is what its entry point did.

Each row of it is what the functions of docker-entrypoint.sh (docker-library/postgres of 2026-02) wrote with the real
initdb of a major: the records of pg_hba.conf, or nothing where no data directory came of it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pgssllint.files import Files
from pgssllint.sources.container_site import container_site
from pgssllint.sources.images import read_image
from pgssllint.sources.official_image import render
from pgssllint.sources.rendered import Rendered
from pgssllint.sources.start_words import Does
from pgssllint.sources.workload import Mount, Variable, Workload
from pgssllint.text import Home, Source, Span
from pgssllint.traced import By, Traced, Virtual, own, written
from pgssllint.unknown import UNKNOWN, Unknown

ROWS = json.loads((Path(__file__).parent / "data" / "official_image.json").read_text())
DATA = "/var/lib/postgresql/data"
PASSWORD = {"POSTGRES_PASSWORD": "x"}


class Writer:
    """Puts words into one source, each at a place of its own."""

    def __init__(self) -> None:
        self.text = ""

    def put(self, *words: str) -> list[Span]:
        spans = []
        for word in words:
            spans.append(Span(len(self.text), len(self.text) + len(word)))
            self.text += word + "\n"
        return spans


def workload(
    image: str = "postgres:16",
    environment: Mapping[str, str | None] = PASSWORD,
    command: Sequence[str] | None = None,
    entrypoint: Sequence[str] | None = None,
    mounts: Sequence[tuple[str, str | None, str]] = (),
    *,
    is_whole: bool = True,
) -> Workload:
    """A workload; the mounts are (path in the container, local path or None, flags: volume, read-only, image)."""
    writer = Writer()
    (at,) = writer.put(image)
    variables = [(writer.put(name, value or "?"), value) for name, value in environment.items()]
    words = None if command is None else writer.put(*command)
    entry = None if entrypoint is None else writer.put(*entrypoint)
    paths = writer.put(*(server for server, _, _ in mounts))
    source = Source("/r/compose.yaml", writer.text.encode())

    def home(span: Span) -> Home:
        return Home(source, span, is_users=True)

    def traced(spans: list[Span] | None) -> tuple[Traced, ...] | None:
        return None if spans is None else tuple(written(source, span) for span in spans)

    held: dict[str, Variable] = {}
    for (name, value), text in variables:
        said: Traced | Unknown = UNKNOWN if text is None else written(source, value) if text else Traced()
        held[source.text[name.start : name.end]] = Variable(written(source, name), said)
    return Workload(
        home(at), "compose", "service", "db", written(source, at), traced(entry), traced(words), held,
        mounts=tuple(
            Mount(server, local, home(span), is_volume="v" in flags, read_only="r" in flags, is_image="i" in flags)
            for (server, local, flags), span in zip(mounts, paths, strict=True)
        ),
        is_environment_complete=is_whole,
    )  # fmt: skip


def rendered(one: Workload, root: Path | str = "/nowhere", major: int | None = None) -> Rendered:
    assert isinstance(one.image, Traced)
    image = read_image(one.image)
    assert image is not None
    return render(one, image, Files([str(root)]), major)


def records(made: Rendered) -> list[str]:
    assert made.hba is not None
    return [" ".join(line.split()) for line in made.hba.text.splitlines()]


def kinds(made: Rendered) -> tuple[list[str], list[str]]:
    return [one.kind for one in made.refusals], [one.kind for one in made.said]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['major']} {' '.join(row['environment'])} {row['command']}")
def test_records_are_those_that_the_entry_point_writes(row: dict[str, object]) -> None:
    environment, command = row["environment"], row["command"]
    assert isinstance(environment, dict)
    assert isinstance(command, list)
    made = rendered(workload(f"postgres:{row['major']}", environment, command))
    if row["records"] is None:
        assert kinds(made)[0] == ["initdb-refuses"]
    else:
        assert records(made) == row["records"]
        assert kinds(made) == ([], [])


@pytest.mark.parametrize(
    ("image", "environment", "command", "method"),
    [
        ("postgres:13", PASSWORD, None, "md5"),
        ("postgres:14", PASSWORD, None, "scram-sha-256"),
        ("postgres:latest", PASSWORD, None, "scram-sha-256"),
        ("postgres:16", {**PASSWORD, "POSTGRES_HOST_AUTH_METHOD": ""}, None, "scram-sha-256"),
        ("postgres:16", {**PASSWORD, "POSTGRES_INITDB_ARGS": "--set=password_encryption=md5"}, None, "md5"),
        ("postgres:16", {**PASSWORD, "POSTGRES_INITDB_ARGS": "--auth=md5"}, None, "md5"),
        ("postgres:13", {**PASSWORD, "POSTGRES_INITDB_ARGS": "--auth=scram-sha-256"}, None, "scram-sha-256"),
        ("postgres:13", PASSWORD, ["-c", "password_encryption=on"], "md5"),
        ("postgres:13", PASSWORD, ["postgres", "--password-encryption=scram-sha-256"], "scram-sha-256"),
    ],
)
def test_the_method_of_the_last_record(
    image: str, environment: dict[str, str], command: list[str] | None, method: str
) -> None:
    assert records(rendered(workload(image, environment, command)))[-1] == f"host all all all {method}"


def test_what_is_not_known_of_the_method_is_not_guessed() -> None:
    for made in (
        rendered(workload(environment={**PASSWORD, "POSTGRES_HOST_AUTH_METHOD": None})),
        rendered(workload(environment={**PASSWORD, "POSTGRES_INITDB_ARGS": None})),
        rendered(workload(is_whole=False)),
    ):
        assert isinstance(made.hba, Virtual)
        assert made.hba.runs[-2].by is By.UNKNOWN


def test_records_lead_to_what_causes_them() -> None:
    one = workload(environment={**PASSWORD, "POSTGRES_HOST_AUTH_METHOD": "trust"})
    made = rendered(one)
    assert made.hba is not None
    source, text = one.at.source, made.hba.text
    last = text.index("host all all all")
    assert made.hba.home(Span(last, len(text))) == Home(source, Span(*_place(source, "trust")), is_users=True)
    assert made.hba.home(Span(last, last + 4)) == Home(
        source, Span(*_place(source, "POSTGRES_HOST_AUTH_METHOD")), is_users=False
    )
    assert made.hba.home(Span(0, 5)) == Home(source, Span(*_place(source, "postgres:16")), is_users=False)


def _place(source: Source, text: str) -> tuple[int, int]:
    at = source.text.index(text)
    return at, at + len(text)


def test_settings_are_those_of_the_image_of_initdb_and_of_the_command_line() -> None:
    environment = {**PASSWORD, "POSTGRES_INITDB_ARGS": "-c ssl=on --auth=md5"}
    made = rendered(workload("postgres:17", environment, ["-c", "ssl_min_protocol_version=TLSv1.3", "-p5433", "-l"]))
    assert made.main is not None
    assert made.main.text == "listen_addresses = '*'\npassword_encryption = md5\nssl = on\n"
    assert [(one.name, one.value) for one in made.options] == [
        ("ssl_min_protocol_version", "TLSv1.3"), ("port", "5433"), ("ssl", "true"),
    ]  # fmt: skip
    (first, *_) = made.options
    home = first.source.home(first.value_span)
    assert home.source.text[home.span.start : home.span.end] == "TLSv1.3"
    assert home.is_users


@pytest.mark.parametrize(
    ("entrypoint", "command", "does", "options"),
    [
        (None, None, Does.INITIALISES, []),
        (None, [], Does.INITIALISES, []),
        (None, ["postgres"], Does.INITIALISES, []),
        (None, ["postgres", "-c", "ssl=on"], Does.INITIALISES, ["-c", "ssl=on"]),
        (None, ["-c", "ssl=on"], Does.INITIALISES, ["-c", "ssl=on"]),
        (None, ["--ssl=on"], Does.INITIALISES, ["--ssl=on"]),
        (None, ["postgres", "--version"], Does.OTHER, []),
        (None, ["postgres -c ssl=on"], Does.OTHER, []),
        (None, ["bash"], Does.OTHER, []),
        (["/bin/bash", "/entrypoint.sh"], None, Does.UNKNOWN, []),
        (None, ["sleep", "1"], Does.OTHER, []),
        (None, ["docker-entrypoint.sh", "postgres", "-l"], Does.INITIALISES, ["-l"]),
        (None, ["/usr/local/bin/docker-entrypoint.sh", "-l"], Does.INITIALISES, ["-l"]),
        (None, ["sh", "-c", "postgres -l"], Does.STARTS, ["-l"]),
        (None, ["sh", "-c", "docker-entrypoint.sh postgres -l"], Does.INITIALISES, ["-l"]),
        (None, ["bash", "-c", "chmod 600 /k && exec docker-entrypoint.sh postgres -l"], Does.INITIALISES, ["-l"]),
        (None, ["sh", "-c", "docker-ensure-initdb.sh && exec gosu postgres postgres -l"], Does.INITIALISES, ["-l"]),
        (None, ["sh", "-c", "if x; then docker-entrypoint.sh postgres; fi"], Does.UNKNOWN, []),
        (None, ["sh", "-c", "sleep 1"], Does.OTHER, []),
        (None, ["sh", "-c", "/start.sh"], Does.UNKNOWN, []),
        (None, ["sh", "-c", "'"], Does.UNKNOWN, []),
        (None, ["/start.sh"], Does.UNKNOWN, []),
        (["postgres", "-l"], None, Does.STARTS, ["-l"]),
        (["docker-entrypoint.sh"], ["postgres", "-l"], Does.INITIALISES, ["-l"]),
        (["docker-entrypoint.sh"], None, Does.OTHER, []),
        (["sh", "-c", "exec docker-entrypoint.sh postgres -l"], None, Does.INITIALISES, ["-l"]),
        (["tini", "--", "docker-entrypoint.sh"], ["postgres"], Does.INITIALISES, []),
        (["/start.sh"], ["postgres"], Does.UNKNOWN, []),
    ],
)
def test_commands_are_read_as_the_entry_point_and_shells_do(
    entrypoint: list[str] | None, command: list[str] | None, does: Does, options: list[str]
) -> None:
    made = rendered(workload(command=command, entrypoint=entrypoint))
    assert (made.start.does, [word.text for word in made.start.options]) == (does, options)
    assert ("command-unknown" in kinds(made)[1]) is (does is Does.UNKNOWN)
    assert ("no-server" in kinds(made)[1]) is (does is Does.OTHER)
    assert (made.hba is not None) is (does is Does.INITIALISES)


@pytest.mark.parametrize(
    ("one", "refusals"),
    [
        (workload(environment={}), ["no-password"]),
        (workload(environment={"POSTGRES_PASSWORD": ""}), ["no-password"]),
        (workload(environment={"POSTGRES_HOST_AUTH_METHOD": "md5"}), ["no-password"]),
        (workload(environment={"POSTGRES_HOST_AUTH_METHOD": "trust"}), []),
        (workload(environment={"POSTGRES_HOST_AUTH_METHOD": None}), []),
        (workload(environment={"POSTGRES_PASSWORD": None}), []),
        (workload(environment={"POSTGRES_PASSWORD_FILE": "/run/secrets/p"}), []),
        (workload(environment={}, is_whole=False), []),
        (workload(environment={}, command=["bash"]), []),
        (workload(environment={**PASSWORD, "POSTGRES_PASSWORD_FILE": "/run/secrets/p"}), ["variable-and-file"]),
        (workload(environment={**PASSWORD, "POSTGRES_HOST_AUTH_METHOD_FILE": "/x"}), []),
        (workload("postgres:18", mounts=[(DATA, None, "v")]), ["old-mount"]),
        (workload("postgres:18", mounts=[("/var/lib/postgresql", None, "v")]), []),
        (workload("postgres:18", {**PASSWORD, "PGDATA": DATA}, mounts=[(DATA, None, "v")]), []),
        (workload("postgres:17", mounts=[(DATA, None, "v")]), []),
        (workload("postgres:latest", mounts=[(DATA, None, "v")]), []),
        (workload(mounts=[(f"{DATA}/pg_hba.conf", "/r/pg_hba.conf", "")]), ["mounted-in-data-directory"]),
        (workload(mounts=[(f"{DATA}/", None, "v")]), []),
        (workload(mounts=[("/var/lib/postgresql/server.key", "/r/k", "")]), []),
        (workload("postgres:18", mounts=[(f"{DATA}/pg_hba.conf", "/r/pg_hba.conf", "")]), []),
        (workload("postgres:15", {**PASSWORD, "POSTGRES_INITDB_ARGS": "-c ssl=on"}), ["initdb-refuses"]),
        (workload("postgres:16", {**PASSWORD, "POSTGRES_INITDB_ARGS": "-c ssl=on"}), []),
        (workload("postgres", {**PASSWORD, "POSTGRES_INITDB_ARGS": "-c ssl=on"}), []),
    ],
)  # fmt: skip
def test_why_no_server_starts_on_a_new_volume(one: Workload, refusals: list[str]) -> None:
    assert kinds(rendered(one))[0] == refusals


def test_a_stated_major_counts_where_the_image_says_none() -> None:
    one = workload("postgres", mounts=[(DATA, None, "v")])
    assert rendered(one, major=18).data_directory == "/var/lib/postgresql/18/docker"
    assert kinds(rendered(one, major=18))[0] == ["old-mount"]
    assert rendered(one, major=13).data_directory == DATA


class Folder:
    """A folder with the files of a project."""

    def __init__(self, path: Path, **files: str) -> None:
        self.path = path
        for name, text in files.items():
            (path / name).write_text(text)

    def __call__(self, name: str) -> str:
        return str(self.path / name)


def test_mounted_files_are_read_where_the_server_looks(tmp_path: Path) -> None:
    folder = Folder(
        tmp_path, hba="local all all peer\n", main="ssl = on\nhba_file = '/etc/h.conf'\n", bare="ssl = on\n"
    )
    command = ["-c", "config_file=/etc/p/postgresql.conf"]

    made = rendered(
        workload(
            command=command, mounts=[("/etc/p/postgresql.conf", folder("main"), ""), ("/etc/h.conf", folder("hba"), "")]
        ),
        tmp_path,
    )
    assert made.main is not None
    assert made.main.path == folder("main")
    assert made.hba is not None
    assert (made.hba.path, made.hba_path) == (folder("hba"), "/etc/h.conf")
    assert kinds(made) == ([], [])

    made = rendered(workload(command=["-c", "hba_file=/etc/h.conf"], mounts=[("/etc", str(tmp_path), "")]), tmp_path)
    assert made.hba is None
    assert made.hba_path == "/etc/h.conf"

    bare = [("/etc/p/postgresql.conf", folder("bare"), ""), ("/etc/p/pg_hba.conf", folder("hba"), "")]
    made = rendered(workload(command=command, mounts=bare), tmp_path)
    assert records(made)[-1] == "host all all all scram-sha-256"
    assert [(one.kind, one.arguments) for one in made.said] == [
        ("mounted-not-read", {"server": "/etc/p/pg_hba.conf", "reads": f"{DATA}/pg_hba.conf"})
    ]


def test_a_mounted_file_without_an_option_is_never_read(tmp_path: Path) -> None:
    folder = Folder(tmp_path, conf="ssl = on\n")
    made = rendered(workload(mounts=[("/etc/postgresql/postgresql.conf", folder("conf"), "")]), tmp_path)
    assert kinds(made)[1] == ["mounted-not-read"]
    assert made.main is not None
    assert made.main.text == "listen_addresses = '*'\n"


def test_what_is_mounted_read_only_in_the_data_directory(tmp_path: Path) -> None:
    folder = Folder(tmp_path, hba="local all all peer\n")
    made = rendered(workload(mounts=[(DATA, None, "v"), (f"{DATA}/pg_hba.conf", folder("hba"), "r")]), tmp_path)
    assert kinds(made) == (["mounted-in-data-directory"], ["read-only-in-data-directory"])
    assert made.hba is not None
    assert made.hba.path == folder("hba")


def test_a_file_of_a_container_hides_what_the_image_has(tmp_path: Path) -> None:
    folder = Folder(tmp_path, one="port = 1\n", two="port = 2\n", three="port = 3\n")
    copied = [("/p.conf", folder("one"), "i"), ("/p.conf", folder("two"), "i")]
    command = ["-c", "config_file=/p.conf"]
    made = rendered(workload(command=command, mounts=copied), tmp_path)
    assert made.main is not None
    assert made.main.text == "port = 2\n"
    made = rendered(workload(command=command, mounts=[("/p.conf", folder("three"), ""), *copied]), tmp_path)
    assert made.main is not None
    assert made.main.text == "port = 3\n"


def test_the_password_encryption_of_a_mounted_file_decides_the_method(tmp_path: Path) -> None:
    folder = Folder(tmp_path, conf="password_encryption = 'md5'\n", more="include 'x.conf'\n")
    command = ["-c", "config_file=/p.conf"]
    made = rendered(workload(command=command, mounts=[("/p.conf", folder("conf"), "")]), tmp_path)
    assert records(made)[-1] == "host all all all md5"
    made = rendered(workload(command=command, mounts=[("/p.conf", folder("more"), "")]), tmp_path)
    assert (made.hba, made.hba_path) == (None, None)


def test_initdb_args_may_stand_in_a_file(tmp_path: Path) -> None:
    folder = Folder(tmp_path, args="--auth-host=md5\n")
    environment = {**PASSWORD, "POSTGRES_INITDB_ARGS_FILE": "/run/args"}
    made = rendered(workload(environment=environment, mounts=[("/run/args", folder("args"), "")]), tmp_path)
    assert records(made)[1] == "host all all 127.0.0.1/32 md5"
    made = rendered(workload(environment=environment), tmp_path)
    assert isinstance(made.hba, Virtual)
    assert any(run.by is By.UNKNOWN for run in made.hba.runs)


def test_no_file_outside_of_the_roots_is_read(tmp_path: Path) -> None:
    folder = Folder(tmp_path, conf="port = 1\n")
    inner = tmp_path / "inner"
    inner.mkdir()
    made = rendered(workload(command=["-c", "config_file=/p.conf"], mounts=[("/p.conf", folder("conf"), "")]), inner)
    assert made.main is None


def test_what_a_shell_copies_stands_at_its_new_place(tmp_path: Path) -> None:
    folder = Folder(tmp_path, key="key\n", hba="local all all peer\n")
    copying = "cp /in/hba /etc/h.conf && cp /in/key /tmp/ && chmod 600 /tmp/key"
    script = f"{copying} && exec docker-entrypoint.sh -c hba_file=/etc/h.conf"
    made = rendered(workload(command=["sh", "-c", script], mounts=[("/in", folder("."), "")]), tmp_path)
    assert made.hba is not None
    assert made.hba.text == "local all all peer\n"
    assert [one.server for one in made.mounts] == ["/in", "/etc/h.conf", "/tmp/key"]
    assert "/tmp/key" in made.touched


def test_of_another_image_only_what_is_mounted_is_told(tmp_path: Path) -> None:
    folder = Folder(tmp_path, conf="ssl = on\n")
    one = workload("somebody/postgres:16", {}, ["-c", "config_file=/p.conf"], mounts=[("/p.conf", folder("conf"), "")])
    made = rendered(one, tmp_path)
    assert made.main is not None
    assert (made.main.path, made.hba, made.data_directory) == (folder("conf"), None, None)
    assert kinds(made) == ([], [])


def test_words_that_are_not_known_leave_the_settings_open() -> None:
    one = workload(command=["postgres", "-c", "ssl=on"])
    source = Source("/r/more.yaml", b"$EXTRA")
    assert isinstance(one.command, tuple)
    hole = own("$EXTRA", source, Span(0, 6), "EXTRA", By.UNKNOWN)
    more = Workload(one.at, one.tool, one.kind, one.name, one.image, None, (*one.command, hole), one.environment)
    assert (rendered(one).options_whole, rendered(more).options_whole) == (True, False)


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "'" * 999, "-" * 999, "$(" * 999, "/", "//", "a" * 5000, "..", "/../.."]
)
def test_any_words_are_read(text: str) -> None:
    environment = dict.fromkeys(
        ("POSTGRES_HOST_AUTH_METHOD", "POSTGRES_INITDB_ARGS", "PGDATA", "POSTGRES_PASSWORD_FILE"), text
    )
    for command in ([text], ["-c", text], ["-D", text], ["sh", "-c", text]):
        rendered(workload("postgres:16", environment, command, mounts=[(text or "/", None, "")]))


def test_the_site_of_a_workload_is_what_its_server_gets(tmp_path: Path) -> None:
    folder = Folder(tmp_path, hba="local all all peer\n")
    command = ["-c", "hba_file=/etc/h.conf", "-l", "-p", "5433"]
    one = workload("postgres:16-bookworm", command=command, mounts=[("/etc/h.conf", folder("hba"), "")])
    site = container_site(one, Files([str(tmp_path)]))
    assert site is not None
    assert (site.name, site.judged) == ("service db", "postgres:16-bookworm, command line, 1 mount")
    assert (site.main, site.hba) == (f"{DATA}/postgresql.conf", "/etc/h.conf")
    assert list(site.files) == [f"{DATA}/postgresql.conf", f"{DATA}/pg_ident.conf"]
    assert site.stands == (("/etc/h.conf", folder("hba")),)
    assert [(given.name, given.value) for given in site.given] == [
        ("hba_file", "/etc/h.conf"), ("ssl", "true"), ("port", "5433"),
    ]  # fmt: skip
    assert all(given.source.home(given.value_span).is_users for given in site.given)
    assert site.image.version is not None
    assert (site.image.version.text, str(site.image.openssl), site.image.sure) == ("16", "3.0:2", True)
    assert (site.uid, site.gid, site.data_directory) == (999, 999, DATA)
    assert container_site(workload("redis:7"), Files([str(tmp_path)])) is None


def test_what_a_mount_hides_does_not_stand_there(tmp_path: Path) -> None:
    folder = Folder(tmp_path, one="", two="")
    mounts = [("/etc", str(tmp_path), ""), ("/etc/one", folder("one"), "i"), ("/opt/two", folder("two"), "i")]
    site = container_site(workload(mounts=mounts), Files([str(tmp_path)]))
    assert site is not None
    assert site.stands == (("/opt/two", folder("two")), ("/etc", str(tmp_path)))


def test_what_init_scripts_append_stands_behind_the_last_record(tmp_path: Path) -> None:
    script = 'echo "hostssl all all all cert" >> "$PGDATA/pg_hba.conf"\n'
    folder = Folder(tmp_path, init=script, sql="ALTER SYSTEM SET ssl = on;")
    mounts = [
        ("/docker-entrypoint-initdb.d/1.sh", folder("init"), ""),
        ("/docker-entrypoint-initdb.d/2.sql", folder("sql"), ""),
        ("/docker-entrypoint-initdb.d/3.sh", None, ""),
    ]
    made = rendered(workload(mounts=mounts), tmp_path)
    assert records(made)[-2:] == ["host all all all scram-sha-256", "hostssl all all all cert"]
    assert made.hba is not None
    at = made.hba.text.index("hostssl")
    assert made.hba.home(Span(at, at + 7)).source.path == folder("init")
    assert made.auto is not None
    assert (made.auto.text, made.auto_path) == ("ssl = 'on'\n", f"{DATA}/postgresql.auto.conf")
    site = container_site(workload(mounts=mounts), Files([str(tmp_path)]))
    assert site is not None
    assert f"{DATA}/postgresql.auto.conf" in site.files


@pytest.mark.parametrize(
    ("user", "numbers"),
    [
        (None, (999, 999)), ("postgres", (999, 999)), ("root", (999, 999)), ("0:0", (999, 999)),
        ("1000:1001", (1000, 1001)), ("1000", (1000, None)), ("somebody", (None, None)), ("9" * 50, (None, None)),
    ],
)  # fmt: skip
def test_the_server_runs_as_the_images_user_or_that_of_the_container(
    user: str | None, numbers: tuple[int | None, int | None]
) -> None:
    one = workload()
    text = written(Source("/r/u", (user or "").encode()), Span(0, len(user or ""))) if user is not None else None
    made = rendered(replace(one, user=text))
    assert (made.uid, made.gid) == numbers


def test_the_record_of_the_entry_point_may_be_changed_by_sed(tmp_path: Path) -> None:
    script = "sed -i 's/^host all all all/hostssl all all all/' \"$PGDATA/pg_hba.conf\"\n"
    folder = Folder(tmp_path, init=script, other="sed -i '/nowhere/a x' $PGDATA/pg_hba.conf\n")
    made = rendered(workload(mounts=[("/docker-entrypoint-initdb.d/1.sh", folder("init"), "")]), tmp_path)
    assert records(made)[-1] == "hostssl all all all scram-sha-256"
    assert not made.edited
    made = rendered(workload(mounts=[("/docker-entrypoint-initdb.d/1.sh", folder("other"), "")]), tmp_path)
    assert made.hba is None
    assert made.edited == {f"{DATA}/pg_hba.conf"}
