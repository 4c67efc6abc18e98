"""Units of systemd as repositories have them: beside a postgresql.conf, as parts of a machine, as drop-ins alone."""

from pathlib import Path

import pytest

from pgssllint.finding import Outcome
from tests.support.repositories import lay
from tests.test_sites import judged

UNIT = "[Service]\nUser=postgres\nExecStart=/usr/lib/postgresql/{}/bin/postgres -D {} {}\n"
OPEN = "local all all peer\nhost all all 0.0.0.0/0 trust\n"


def clusters(outcome: Outcome) -> list[tuple[str, int, str]]:
    return [(Path(one.path).name, one.predictions[0].target.number, one.predictions[0].target.evidence)
            for one in outcome.clusters]  # fmt: skip


@pytest.mark.parametrize(
    "start",
    [
        "/usr/pgsql-15/bin/postgres -D ${PGDATA}",
        "/usr/lib/postgresql/15/bin/pg_ctl start -D /srv/pg",
        "@/usr/lib/postgresql/15/bin/postgres postgres -D /srv/pg",
    ],
)
def test_a_unit_beside_a_main_file_says_its_version(start: str, tmp_path: Path) -> None:
    unit = f"[Service]\nEnvironment=PGDATA=/var/lib/pgsql/15/data/\nExecStart={start}\n"
    lay(tmp_path, {"postgresql.service": unit, "postgresql.conf": "port = 5432\n", "pg_hba.conf": OPEN})
    assert clusters(judged(tmp_path)) == [("postgresql.conf", 15, "the program in 'postgresql.service'")]


def test_units_of_two_versions_say_none(tmp_path: Path) -> None:
    lay(tmp_path, {f"pg{n}.service": UNIT.format(n, "/srv/pg", "") for n in (14, 15)} | {"postgresql.conf": ""})
    assert [one.predictions[0].target.assumed for one in judged(tmp_path).clusters] == [True]


@pytest.mark.parametrize("folder", ["etc/systemd/system", "usr/lib/systemd/system", "files/etc/systemd/system"])
def test_a_machine_that_a_repository_holds_is_around_its_units(folder: str, tmp_path: Path) -> None:
    top = "files/" if folder.startswith("files/") else ""
    unit = UNIT.format(16, "/etc/postgresql", "-c hba_file=/etc/postgresql/pg_hba.conf")
    main = {f"{top}etc/postgresql/postgresql.conf": "listen_addresses = '*'\ndata_directory = '/srv/pg'\n"}
    lay(tmp_path, {f"{folder}/postgresql.service": unit, f"{top}etc/postgresql/pg_hba.conf": OPEN, **main})
    outcome = judged(tmp_path)
    assert [(name, major) for name, major, _ in clusters(outcome)] == [("postgresql.service", 16)]
    assert "PGS534" in {one.rule for one in outcome.open_findings}


def test_a_unit_without_options_is_a_server_where_its_main_file_is_here(tmp_path: Path) -> None:
    unit = UNIT.format(16, "/etc/postgresql", "")
    lay(tmp_path, {"etc/systemd/system/pg.service": unit})
    assert not judged(tmp_path).clusters
    lay(tmp_path, {"etc/postgresql/postgresql.conf": "listen_addresses = '*'\n", "etc/postgresql/pg_hba.conf": OPEN})
    outcome = judged(tmp_path)
    assert [one.name for one in outcome.clusters] == ["unit pg.service"]
    assert "PGS534" in {one.rule for one in outcome.open_findings}


def test_a_drop_in_of_a_unit_that_is_not_here_is_read_with_the_others_of_its_folder(tmp_path: Path) -> None:
    first = "[Service]\nEnvironment=PGPORT=5433\n"
    second = "[Service]\nExecStart=\n" + UNIT.format(16, "/srv/pg", "-c ssl=maybe").partition("postgres\n")[2]
    files = {"pg.service.d/10-port.conf": first, "pg.service.d/20-start.conf": second}
    lay(tmp_path, files)
    outcome = judged(tmp_path)
    assert clusters(outcome) == [("20-start.conf", 16, "the program in '20-start.conf'")]
    assert ("PGS040", "20-start.conf") in {(one.rule, Path(one.at.path).name) for one in outcome.open_findings}
    lay(tmp_path, {"pg.service": UNIT.format(15, "/srv/pg", "")})
    assert len(judged(tmp_path).clusters) == 1
