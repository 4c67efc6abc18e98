"""What is told of servers in containers, as their owners would have it: nothing false, and nothing dangerous quiet."""

from pathlib import Path

import pytest

from tests.support.repositories import lay
from tests.test_sites import judged

DB = "services:\n  db:\n    image: postgres:16\n    environment: {POSTGRES_PASSWORD: x}\n    ports: ['5432:5432']\n"
TLS = "    command: -c ssl=on -c ssl_cert_file=/tls/tls.crt -c ssl_key_file=/tls/tls.key\n"


def told(folder: Path, files: dict[str, str]) -> list[str]:
    """`FILE:LINE RULE SEVERITY` of all that is told of a folder of these files."""
    lay(folder, files)
    found = judged(folder).open_findings
    return sorted(
        f"{Path(one.at.path).name}:{one.at.region.line if one.at.region else 0} {one.rule} {one.severity}"
        for one in found
    )


def test_a_folder_of_the_host_keeps_data_as_a_named_volume_does(tmp_path: Path) -> None:
    compose = DB.replace("{POSTGRES_PASSWORD: x}", "{POSTGRES_HOST_AUTH_METHOD: trust}")
    for number, mount in enumerate(["./data", "/srv/data", "data", "${DATA:-./data}"]):
        files = {"compose.yaml": f"{compose}    volumes: ['{mount}:/var/lib/postgresql/data']\n"}
        folder = tmp_path / str(number)
        folder.mkdir()
        assert "compose.yaml:4 PGS802 error" in told(folder, files), mount


def test_what_stands_in_a_data_folder_in_view_is_what_the_server_reads(tmp_path: Path) -> None:
    compose = DB.replace("{POSTGRES_PASSWORD: x}", "{POSTGRES_HOST_AUTH_METHOD: trust}")
    files = {
        "compose.yaml": f"{compose}    volumes: ['./data:/var/lib/postgresql/data']\n",
        "data/pg_hba.conf": "local all all peer\n",
        "data/postgresql.conf": "listen_addresses = '*'\n",
    }
    assert not any("PGS802" in one for one in told(tmp_path, files))


@pytest.mark.parametrize(
    "script",
    ['cp /tmp/pg_hba.conf "$PGDATA/pg_hba.conf"\n', "cat /tmp/*.conf > /var/lib/postgresql/data/pg_hba.conf\n"],
)
def test_a_file_that_a_script_copies_is_read(script: str, tmp_path: Path) -> None:
    mounts = "    volumes: ['./pg_hba.conf:/tmp/pg_hba.conf', './init.sh:/docker-entrypoint-initdb.d/init.sh']\n"
    files = {"compose.yaml": DB + mounts, "pg_hba.conf": "local all all peer\n", "init.sh": script}
    assert not any("PGS801" in one for one in told(tmp_path, files))


def test_what_an_image_writes_itself_fails_no_build(tmp_path: Path) -> None:
    assert told(tmp_path, {"compose.yaml": DB.replace("16", "13") + TLS}) == [
        "compose.yaml:3 PGS160 note",
        "compose.yaml:5 PGS600 note",
    ]


def test_a_certificate_that_nothing_brings_is_missing(tmp_path: Path) -> None:
    def told_of(name: str, compose: str, **files: str) -> bool:
        folder = tmp_path / name
        folder.mkdir()
        found = told(folder, {"compose.yaml": compose, **{key.replace("_", "."): text for key, text in files.items()}})
        return any("PGS807" in one for one in found)

    on = DB + "    command: -c ssl=on\n"
    assert told_of("none", on)
    assert told_of("sql", on + "    volumes: ['./a.sql:/docker-entrypoint-initdb.d/a.sql']\n", a_sql="SELECT 1;\n")
    assert not told_of("elsewhere", DB + TLS)
    assert not told_of("script", on + "    volumes: ['./a.sh:/docker-entrypoint-initdb.d/a.sh']\n", a_sh="make_it\n")
    assert not told_of("unseen", on + "    volumes: ['./gone:/docker-entrypoint-initdb.d']\n")
    assert not told_of("off", DB + "    command: -c ssl=off\n")


@pytest.mark.parametrize(
    ("line", "is_told"), [("#listen_addresses = 'localhost'", True), ("listen_addresses = '*'", False)]
)
def test_a_file_that_takes_the_place_of_the_images_listens_on_localhost(
    line: str, is_told: bool, tmp_path: Path
) -> None:
    compose = DB + "    command: -c config_file=/pg/p.conf\n    volumes: ['./p.conf:/pg/p.conf']\n"
    found = told(tmp_path, {"compose.yaml": compose, "p.conf": line + "\n"})
    assert ("compose.yaml:5 PGS809 warning" in found) == is_told


def test_the_password_of_a_record_is_a_note_where_only_containers_reach_it(tmp_path: Path) -> None:
    values = "postgresql:\n  primary:\n    pgHbaConfiguration: |\n      host app app 192.168.0.0/16 password\n"
    assert [one for one in told(tmp_path, {"values.yaml": values}) if not one.endswith("note")] == []


WRAPPED = """services:
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: x}
    ports: ['5432:5432']
    entrypoint: /start.sh
    command: [postgres, -c, hba_file=/pg_hba.conf]
    volumes: ['./start.sh:/start.sh', './pg_hba.conf:/pg_hba.conf']
"""
OPEN = "host all all all trust\n"


@pytest.mark.parametrize(
    "script",
    [
        'exec docker-entrypoint.sh "$@"\n',
        'chown postgres /key\nexec /usr/local/bin/docker-entrypoint.sh "${@}"\n',
        'set -- "$@" -c log_connections=on\nexec docker-entrypoint.sh "$@"\n',
        'start() { exec gosu postgres docker-entrypoint.sh "$@"; }\nstart "$@" -c port=5432\n',
        'shift\nexec docker-entrypoint.sh postgres "$@"\n',
    ],
)
def test_a_script_that_ends_in_the_entry_point_is_followed(script: str, tmp_path: Path) -> None:
    files = {"compose.yaml": WRAPPED, "start.sh": script, "pg_hba.conf": OPEN}
    assert "pg_hba.conf:1 PGS534 error" in told(tmp_path, files)
    assert len(judged(tmp_path).clusters) == 1


@pytest.mark.parametrize("script", ["exec supervisord\n", 'if x; then set -- a; fi\nexec y.sh "$@"\n'])
def test_what_a_script_that_does_something_else_mounts_is_judged_all_the_same(script: str, tmp_path: Path) -> None:
    files = {"compose.yaml": WRAPPED, "start.sh": script, "pg_hba.conf": OPEN}
    assert "pg_hba.conf:1 PGS534 error" in told(tmp_path, files)


@pytest.mark.parametrize("before", ["", 'set -- ""\n', "set -- " + '"$@" ' * 12_000 + "\n"])
def test_arguments_that_double_have_an_end(before: str, tmp_path: Path) -> None:
    script = before * 3 + 'set -- "$@" "$@"\n' * 200 + 'exec docker-entrypoint.sh "$@"\n'
    assert "pg_hba.conf:1 PGS534 error" in told(
        tmp_path, {"compose.yaml": WRAPPED, "start.sh": script, "pg_hba.conf": OPEN}
    )


def test_a_script_that_goes_to_the_data_directory_writes_there(tmp_path: Path) -> None:
    mounts = "    volumes: ['./init.sh:/docker-entrypoint-initdb.d/init.sh']\n"
    script = 'cd "$PGDATA"\necho "host all all all trust" > pg_hba.conf\ncd /tmp\necho "x" >> pg_hba.conf\n'
    assert "init.sh:2 PGS534 error" in told(tmp_path, {"compose.yaml": DB + mounts, "init.sh": script})


def test_extended_configuration_is_a_servers_where_it_sets_something_of_its(tmp_path: Path) -> None:
    values = "# postgres\nprimary:\n  extendedConfiguration: |\n    password_encryption = md5\n"
    assert told(tmp_path, {"values.yaml": values}) == ["values.yaml:4 PGS160 warning"]


def test_the_extended_configuration_of_something_else_is_nobodys(tmp_path: Path) -> None:
    values = "# postgres\nprimary:\n  extendedConfiguration: |\n    innodb = on\n"
    assert told(tmp_path, {"values.yaml": values}) == []


def test_a_main_file_out_of_view_says_which_records_are_read(tmp_path: Path) -> None:
    compose = DB.replace("{POSTGRES_PASSWORD: x}", "{POSTGRES_HOST_AUTH_METHOD: trust}")
    compose += "    command: -c config_file=/etc/pg/postgresql.conf\n    volumes: ['./gone:/etc/pg/postgresql.conf'"
    assert "compose.yaml:4 PGS802 error" in told(tmp_path, {"compose.yaml": compose + "]\n"})
    both = {"compose.yaml": compose + ", './pg_hba.conf:/etc/pg/pg_hba.conf']\n", "pg_hba.conf": "local all all peer\n"}
    assert not any("PGS802" in one for one in told(tmp_path, both))


@pytest.mark.parametrize(("server", "is_told"), [("/etc/postgresql", True), ("/conf", True), ("/app", False)])
def test_a_folder_with_files_that_nobody_reads(server: str, is_told: bool, tmp_path: Path) -> None:
    compose = DB + f"    volumes: ['./conf:{server}']\n"
    files = {"compose.yaml": compose, "conf/postgresql.conf": "ssl = on\n", "conf/other": "x"}
    assert ("compose.yaml:6 PGS801 warning" in told(tmp_path, files)) == is_told


def test_a_folder_with_files_that_are_read(tmp_path: Path) -> None:
    compose = DB + "    command: -c config_file=/etc/pg/postgresql.conf\n    volumes: ['./conf:/etc/pg']\n"
    files = {
        "compose.yaml": compose,
        "conf/postgresql.conf": "hba_file = '/etc/pg/pg_hba.conf'\nlisten_addresses = '*'\n",
    }
    files["conf/pg_hba.conf"] = "local all all peer\n"
    assert not any("PGS801" in one for one in told(tmp_path, files))


def test_services_of_an_image_that_another_one_builds(tmp_path: Path) -> None:
    service = "    image: ours:1\n    environment: {POSTGRES_HOST_AUTH_METHOD: trust}\n    ports: ['5432:5432']\n"
    compose = f"services:\n  one:\n    build: .\n{service}  two:\n{service}  three:\n    image: others:1\n"
    files = {"compose.yaml": compose, "Dockerfile": "FROM postgres:16\n"}
    assert "compose.yaml:5 PGS802 error" in told(tmp_path, files)
    assert any("line 9" in one.text for one in judged(tmp_path).findings if one.rule == "PGS802")
