"""`docker run` in scripts, Makefiles and units of systemd: which servers are started, with what."""

import time
from pathlib import Path

import pytest

from pgssllint.files import Files
from pgssllint.sources.container_site import container_site
from pgssllint.sources.docker_run import runs_in_makefile, runs_in_script
from pgssllint.sources.systemd import Unit, read_unit
from pgssllint.sources.workload import Reach, Workload
from pgssllint.text import Source
from pgssllint.traced import Traced
from pgssllint.unknown import UNKNOWN


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "conf").mkdir()
    for name in ("conf/pg_hba.conf", "conf/postgresql.conf"):
        (tmp_path / name).write_text("# x\n")
    (tmp_path / "db.env").write_text("# c\nA=1\nB='2'\nC\n")
    return tmp_path


def found(root: Path, text: str, name: str = "scripts/run.sh") -> list[Workload]:
    source = Source(str(root / name), text.encode())
    read = runs_in_makefile if name.endswith("Makefile") else runs_in_script
    return list(read(source, Files([str(root)])))


def one(root: Path, text: str, name: str = "scripts/run.sh") -> Workload:
    (workload,) = found(root, text, name)
    return workload


def variables(workload: Workload) -> dict[str, str | None]:
    return {
        name: one.value.text if isinstance(one.value, Traced) else None for name, one in workload.environment.items()
    }


def test_a_whole_command(root: Path) -> None:
    text = (
        "#!/bin/sh\ndocker pull postgres:16\n"
        "sudo docker run -d --rm --name db -e POSTGRES_PASSWORD=secret -e A --env=B=c \\\n"
        '  -p 127.0.0.1:5432:5432 --publish 5433:5432 -v "$(pwd)/conf/pg_hba.conf:/etc/pg_hba.conf:ro" \\\n'
        "  -v data:/var/lib/postgresql/data postgres:16-bookworm -c hba_file=/etc/pg_hba.conf\n"
    )
    read = one(root, text)
    assert isinstance(read.image, Traced)
    assert (read.tool, read.kind, read.name, read.image.text) == (
        "docker run",
        "container",
        "db",
        "postgres:16-bookworm",
    )
    assert variables(read) == {"POSTGRES_PASSWORD": "secret", "A": None, "B": "c"}
    assert isinstance(read.command, tuple)
    assert [word.text for word in read.command] == ["-c", "hba_file=/etc/pg_hba.conf"]
    assert [(m.server, m.local, m.read_only, m.is_volume) for m in read.mounts] == [
        ("/etc/pg_hba.conf", str(root / "conf/pg_hba.conf"), True, False),
        ("/var/lib/postgresql/data", None, False, True),
    ]
    assert [(p.target, p.published, p.reach) for p in read.ports] == [
        (5432, 5432, Reach.LOOPBACK), (5432, 5433, Reach.EVERYWHERE),
    ]  # fmt: skip
    site = container_site(read, Files([str(root)]))
    assert site is not None
    assert site.hba == "/etc/pg_hba.conf"
    assert text[read.at.span.start :].startswith("sudo docker run")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("docker run postgres", True),
        ("podman run -it docker.io/library/postgres:16", True),
        ("docker container run postgres:16", True),
        ("docker create postgres:16", True),
        ("/usr/bin/docker run -dit --network=host postgres:16", True),
        ("docker run -dp 5432:5432 postgres:16", True),
        ("if x; then docker run postgres:16; fi", True),
        ("docker run redis", False),
        ("docker run --unheard-of x postgres:16", False),
        ("docker run -X postgres:16", False),
        ("docker run --rm", False),
        ("docker run -e", False),
        ("docker exec postgres:16 run", False),
        ("docker ps", False),
        ("# docker run postgres:16", False),
        ("echo docker run postgres:16", False),
        ("docker run $IMAGE", False),
    ],
)
def test_which_commands_start_a_server(root: Path, text: str, is_one: bool) -> None:
    assert len(found(root, text)) == is_one


@pytest.mark.parametrize(
    ("options", "mount"),
    [
        ("-v $PWD/conf:/c", ("/c", "conf", False, False)),
        ("-v ${PWD}/conf/:/c/", ("/c", "conf", False, False)),
        ("-v `pwd`/conf:/c:z,ro", ("/c", "conf", True, False)),
        ("-v ./conf:/c", ("/c", "conf", False, False)),
        ("-v ../conf:/c", ("/c", "conf", False, False)),
        ("-v /elsewhere:/c", ("/c", None, False, False)),
        ("-v $HERE/conf:/c", ("/c", None, False, False)),
        ("-v named:/c", ("/c", None, False, True)),
        ("-v /c", ("/c", None, False, True)),
        ("--mount type=bind,source=$PWD/conf,target=/c,readonly", ("/c", "conf", True, False)),
        ("--mount type=bind,src=./conf,dst=/c", ("/c", "conf", False, False)),
        ("--mount type=volume,src=x,dst=/c", ("/c", None, False, True)),
        ("--tmpfs /c:rw", ("/c", None, False, True)),
    ],
)
def test_mounts(root: Path, options: str, mount: tuple[str, str | None, bool, bool]) -> None:
    (held,) = one(root, f"docker run {options} postgres:16").mounts
    local = str(Path(held.local).relative_to(root)) if held.local is not None else None
    assert (held.server, local, held.read_only, held.is_volume) == mount


@pytest.mark.parametrize(
    ("options", "ports"),
    [
        ("-p 5432:5432", [(5432, 5432, "", Reach.EVERYWHERE)]),
        ("-p 5432", [(5432, None, "", Reach.EVERYWHERE)]),
        ("-p 0.0.0.0:1:2/tcp", [(2, 1, "0.0.0.0", Reach.EVERYWHERE)]),
        ("-p 127.0.0.1::5432", [(5432, None, "127.0.0.1", Reach.LOOPBACK)]),
        ("-p [::1]:1:2", [(2, 1, "::1", Reach.LOOPBACK)]),
        ("-p 10-11:20-21", [(20, 10, "", Reach.EVERYWHERE), (21, 11, "", Reach.EVERYWHERE)]),
        ("-p $PORT:5432", [(5432, None, "", Reach.UNKNOWN)]),
        ("-p 127.0.0.1:$PORT:5432", [(5432, None, "127.0.0.1", Reach.LOOPBACK)]),
        ("-p x -p 1:70000 -p :", []),
        ("--network host -p 1:2", [(None, None, "", Reach.EVERYWHERE)]),
        ("--net=host", [(None, None, "", Reach.EVERYWHERE)]),
        ("--network other", []),
    ],
)
def test_ports(root: Path, options: str, ports: list[tuple[int | None, int | None, str, Reach]]) -> None:
    held = one(root, f"docker run {options} postgres:16").ports
    assert [(port.target, port.published, port.address, port.reach) for port in held] == ports


def test_variables_of_a_file_are_hidden_by_others(root: Path) -> None:
    read = one(root, "docker run --env-file ../db.env -e A=2 postgres:16")
    assert variables(read)["A"] == "2"
    assert variables(read)["B"] == "'2'"
    assert read.is_environment_complete
    assert not one(root, "docker run --env-file nowhere.env postgres:16").is_environment_complete


def test_entry_point_and_user(root: Path) -> None:
    read = one(root, "docker run --entrypoint bash -u 999:999 postgres:16 -c 'docker-entrypoint.sh postgres'")
    assert isinstance(read.entrypoint, tuple)
    assert [word.text for word in read.entrypoint] == ["bash"]
    assert read.user is not None
    assert read.user.text == "999:999"
    assert one(root, "docker run --entrypoint $E postgres:16").entrypoint is UNKNOWN


def test_recipes_of_a_makefile(root: Path) -> None:
    text = (
        "IMAGE = postgres:16\nrun:\n\t@docker run -d \\\n\t  -v $(CURDIR)/conf:/c \\\n"
        "\t  -e P=$$X postgres:16 -c ssl=on\n\tdocker ps\n"
    )
    read = one(root, text, "Makefile")
    assert [mount.local for mount in read.mounts] == [str(root / "conf")]
    assert variables(read) == {"P": None}
    assert isinstance(read.command, tuple)
    assert [word.text for word in read.command] == ["-c", "ssl=on"]
    assert found(root, "docker run postgres:16\n", "Makefile") == []


def unit(root: Path, text: str, *drop_ins: str) -> Unit | None:
    sources = [Source(str(root / f"{n}.service"), one.encode()) for n, one in enumerate((text, *drop_ins))]
    return read_unit(sources[0], Files([str(root)]), tuple(sources[1:]))


@pytest.mark.parametrize(
    ("start", "version", "options"),
    [
        ("/usr/lib/postgresql/16/bin/postgres -D /d -c ssl=on", "16", ["-D", "/d", "-c", "ssl=on"]),
        ("/usr/pgsql-15/bin/postmaster -D ${PGDATA}", "15", ["-D", "/data"]),
        ("-/usr/lib/postgresql/9.6/bin/postgres", "9.6", []),
        ("@/usr/bin/postgres", None, []),
        ("/usr/lib/postgresql/16/bin/pg_ctl start -D /d -o '-c ssl=on'", "16", ["-D", "/d", "-c", "ssl=on"]),
        ("/usr/bin/pg_ctl -D/d -o\"-l\" start", None, ["-D", "/d", "-l"]),
        ("/usr/bin/postgres \\\n  # comment\n  -c ssl=on", None, ["-c", "ssl=on"]),
    ],
)  # fmt: skip
def test_units_that_start_a_server(root: Path, start: str, version: str | None, options: list[str]) -> None:
    read = unit(root, f"[Unit]\nExecStart=/no\n[Service]\nUser=postgres\nEnvironment=PGDATA=/data\nExecStart={start}\n")
    assert read is not None
    assert read.options is not None
    assert read.user is not None
    found = read.version.text if read.version is not None else None
    assert (found, [word.text for word in read.options], read.user.text) == (version, options, "postgres")
    assert isinstance(read.data_directory, Traced)
    assert read.data_directory.text == "/data"


def test_drop_ins_add_and_begin_anew(root: Path) -> None:
    start = "[Service]\nEnvironment=PGDATA=/a\nExecStart=/usr/bin/postgres -p 1\n"
    read = unit(
        root, start, "[Service]\nEnvironment=PGDATA=/b\n", "[Service]\nExecStart=\nExecStart=/usr/bin/postgres -p 2\n"
    )
    assert read is not None
    assert read.options is not None
    assert isinstance(read.data_directory, Traced)
    assert ([word.text for word in read.options], read.data_directory.text) == (["-p", "2"], "/b")
    only = unit(root, '[Service]\nEnvironment="PGDATA=/b c" X=%i\n')
    assert only is not None
    assert isinstance(only.data_directory, Traced)
    assert (only.options, only.data_directory.text, only.environment["X"].value) == (None, "/b c", UNKNOWN)


def test_a_unit_that_runs_a_container(root: Path) -> None:
    read = unit(
        root, "[Service]\nExecStart=/usr/bin/podman run --name db -e POSTGRES_PASSWORD=x postgres:16 -c ssl=on\n"
    )
    assert read is not None
    assert read.workload is not None
    assert (read.workload.name, read.options) == ("db", None)


@pytest.mark.parametrize(
    "text", ["", "[Service]\nExecStart=/usr/bin/redis\n", "[Service]\nExecStart='\n", "ExecStart=/usr/bin/postgres\n"]
)
def test_other_units_say_nothing(root: Path, text: str) -> None:
    assert unit(root, text) is None


@pytest.mark.parametrize(
    "text",
    [
        "docker run " + "-e A " * 9_000, "docker run " * 9_000, "\\\n" * 50_000, "\t\\\n" * 20_000,
        "[Service]\n" * 20_000,
        "[Service]\nExecStart=" + "'" * 20_001, "[Service]\n" + "Environment=A=$A\n" * 9_000, "\0\udc80\n",
        "\tdocker run -v " + ":" * 50_000 + " postgres\n", "docker run --mount " + "," * 9_000 + " postgres\n",
        "docker run -p " + "1" * 9_000 + " postgres\n", "docker run -" + "d" * 50_000 + " postgres",
    ],
    ids=lambda text: text[:16],
)  # fmt: skip
def test_any_text_is_read_in_time(root: Path, text: str) -> None:
    start = time.process_time()
    source = Source(str(root / "x"), text.encode("utf-8", "surrogateescape"))
    list(runs_in_script(source, Files([str(root)])))
    list(runs_in_makefile(source, Files([str(root)])))
    read_unit(source, Files([str(root)]))
    assert time.process_time() - start < 6
