"""What scripts of /docker-entrypoint-initdb.d do to the files of a new data directory."""

import itertools
import os
import random
import subprocess
import time
from pathlib import Path

import pytest

from pgssllint.files import Files
from pgssllint.sources.alter_system import altered, line_of
from pgssllint.sources.init_scripts import FOLDER, MOST_VALUES, Initialised, run_init_scripts
from pgssllint.sources.workload import Mount
from pgssllint.text import Home, Source, Span
from pgssllint.traced import Traced, whole
from pgssllint.unknown import UNKNOWN, Unknown

DATA = "/data"
HBA, MAIN, AUTO = f"{DATA}/pg_hba.conf", f"{DATA}/postgresql.conf", f"{DATA}/postgresql.auto.conf"


def traced(text: str) -> Traced:
    return whole(Source("/r/x.sql", text.encode("utf-8", "surrogateescape")))


AT = Home(Source("/r/compose.yaml", b"db"), Span(0, 2), is_users=True)


def run(root: Path, **scripts: str) -> Initialised:
    at = AT
    folder = root / "init"
    folder.mkdir(exist_ok=True)
    for name, text in scripts.items():
        (folder / name.replace("_", ".")).write_text(text)
    mounts = (Mount(FOLDER, str(folder), at), Mount("/in", str(root), at), Mount(DATA, None, at, is_volume=True))
    values: dict[str, Traced | Unknown] = {"PGDATA": traced(DATA), "SECRET": UNKNOWN}
    return run_init_scripts(mounts, Files([str(root)]), values, DATA)


def text_of(done: Initialised, path: str, made: str = "") -> str | None:
    text = done.text(path, traced(made), AT)
    return text.text if text is not None else None


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ('echo "hostssl all all all cert" >> "$PGDATA/pg_hba.conf"', "hostssl all all all cert\n"),
        ("echo a >> $PGDATA/pg_hba.conf\necho b >> ${PGDATA}/pg_hba.conf", "a\nb\n"),
        ("{ echo; echo 'local replication all md5'; } >> $PGDATA/pg_hba.conf", "\nlocal replication all md5\n"),
        ("cat >> \"$PGDATA/pg_hba.conf\" <<EOF\na $PGDATA\nEOF\n", "a /data\n"),
        ("set -e\ncat >> /data/pg_hba.conf <<-'EOF'\n\ta $B\n\tEOF\n", "a $B\n"),
        ("sed -i 's/x/y/' /elsewhere/pg_hba.conf", ""),
        ("echo a >> /elsewhere/pg_hba.conf", ""),
        ("echo a >> $HERE/pg_hba.conf", "a\n"),
        ("echo a | tee -a $PGDATA/pg_hba.conf", "a\n"),
        ("# echo a >> $PGDATA/pg_hba.conf", ""),
    ],
)  # fmt: skip
def test_records_that_are_appended(tmp_path: Path, text: str, added: str) -> None:
    done = run(tmp_path, a_sh=text)
    assert text_of(done, HBA, "first\n") == "first\n" + added
    assert not done.edited
    assert not done.said


def test_a_file_that_is_replaced_has_nothing_else(tmp_path: Path) -> None:
    done = run(tmp_path, a_sh='echo a > "$PGDATA/pg_hba.conf"; echo b >> "$PGDATA/pg_hba.conf"')
    assert text_of(done, HBA, "first\n") == "a\nb\n"
    (tmp_path / "my.conf").write_text("ssl = on\n")
    done = run(tmp_path, a_sh="cp /in/my.conf /data/postgresql.conf\necho 'port = 1' >> /data/postgresql.conf\n")
    assert text_of(done, MAIN, "first\n") == "ssl = on\nport = 1\n"
    done = run(tmp_path, a_sh="cp /nowhere/my.conf /data/postgresql.conf")
    assert done.edited == {MAIN}


@pytest.mark.parametrize(
    ("text", "edited"),
    [
        ('sed -i "s/[a-z]/b/" "$PGDATA/pg_hba.conf"', HBA),
        ("if x; then sed -i 's/[a-z]/b/' $PGDATA/pg_hba.conf; fi", HBA),
        ("sed -i.bak -e s/a/b/ $PGDATA/postgresql.conf", MAIN),
        ("sed s/a/b/ $PGDATA/pg_hba.conf", None),
        ("rm $PGDATA/pg_hba.conf", HBA),
        ("grep x y >> $PGDATA/pg_hba.conf", HBA),
        ("if [ $X ]; then cat x >> $PGDATA/pg_hba.conf; fi", HBA),
    ],
)
def test_what_is_not_followed_is_said(tmp_path: Path, text: str, edited: str | None) -> None:
    done = run(tmp_path, a_sh=text)
    assert done.edited == (frozenset() if edited is None else {edited})
    assert [one.kind for one in done.said] == ([] if edited is None else ["edited-by-script"])
    assert text_of(done, HBA, "first\n") == "first\n"


def test_a_script_that_is_no_shell_leaves_all_open(tmp_path: Path) -> None:
    done = run(tmp_path, a_sh="echo 'a >> $PGDATA/pg_hba.conf")
    assert HBA in done.edited
    assert AUTO in done.edited
    assert [one.kind for one in done.said] == ["script-not-understood"]


def test_scripts_run_in_the_order_of_their_names_and_others_do_not(tmp_path: Path) -> None:
    line = "echo {} >> $PGDATA/pg_hba.conf"
    done = run(
        tmp_path, b_sh=line.format("b"), a_sh=line.format("a"), c_txt=line.format("c"), d_sh_bak=line.format("d")
    )
    assert text_of(done, HBA) == "a\nb\n"


@pytest.mark.parametrize(
    ("sql", "lines"),
    [
        ("ALTER SYSTEM SET ssl = on;", "ssl = 'on'\n"),
        ("alter system set ssl to 'on'", "ssl = 'on'\n"),
        ("ALTER SYSTEM SET ssl_min_protocol_version='TLSv1.3';", "ssl_min_protocol_version = 'TLSv1.3'\n"),
        ('ALTER SYSTEM SET "SSL" TO off;', "SSL = 'off'\n"),
        ("ALTER SYSTEM SET a.b = 'it''s';", "a.b = 'it''s'\n"),
        ("ALTER SYSTEM SET listen_addresses = a, 'b';", "listen_addresses = 'a, b'\n"),
        ("ALTER SYSTEM SET port = 1; ALTER SYSTEM SET port = 2;", "port = '2'\n"),
        ("ALTER SYSTEM SET port = 1; ALTER SYSTEM RESET port;", ""),
        ("ALTER SYSTEM SET port = 1; ALTER SYSTEM SET port = DEFAULT;", ""),
        ("ALTER SYSTEM SET port = 1; ALTER SYSTEM RESET ALL;", ""),
        ("-- ALTER SYSTEM SET port = 1;\n/* ALTER SYSTEM SET port = 1; */ SELECT 'ALTER SYSTEM SET port = 1;';", ""),
        ("DO $$ BEGIN EXECUTE 'ALTER SYSTEM SET port = 1'; END $$; ALTER SYSTEM SET port = 3;", "port = '3'\n"),
        ("\\set ON_ERROR_STOP on\nALTER SYSTEM SET port = 4;", "port = '4'\n"),
        ("ALTER TABLE system SET a = 1;", ""),
        ("ALTER DATABASE x SET port = 1;", ""),
    ],
)
def test_alter_system_in_sql(tmp_path: Path, sql: str, lines: str) -> None:
    assert text_of(run(tmp_path, a_sql=sql), AUTO) == lines


@pytest.mark.parametrize(
    "text",
    [
        'psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" <<-EOSQL\n\tALTER SYSTEM SET ssl = on;\nEOSQL\n',
        "psql -c 'ALTER SYSTEM SET ssl = on'",
        "psql -U postgres -Atc 'ALTER SYSTEM SET ssl = on;'",
        'psql --command="ALTER SYSTEM SET ssl = on"',
        'psql -U x --command "ALTER SYSTEM SET ssl = on"',
        "echo 'ALTER SYSTEM SET ssl = on;' | psql",
        "gosu postgres psql <<< 'ALTER SYSTEM SET ssl = on'",
    ],
)
def test_alter_system_in_a_script(tmp_path: Path, text: str) -> None:
    assert text_of(run(tmp_path, a_sh=text), AUTO) == "ssl = 'on'\n"


@pytest.mark.parametrize(
    ("script", "lines"),
    [
        ("if x; then psql -c 'ALTER SYSTEM SET ssl = on'; fi", {"ssl = 'on'\n": True}),
        (
            "psql -c 'ALTER SYSTEM SET ssl = on'\nif x; then psql -c 'ALTER SYSTEM SET ssl = off'; fi",
            {"ssl = 'on'\n": True, "ssl = 'off'\n": True},
        ),
        (
            "psql -c 'ALTER SYSTEM SET port = 1; ALTER SYSTEM SET ssl = on'\nx || psql -c 'ALTER SYSTEM RESET ssl'",
            {"port = '1'\n": False, "ssl = 'on'\n": True},
        ),
        (
            "if x; then psql -c 'ALTER SYSTEM SET ssl = on'; fi; psql -c 'ALTER SYSTEM SET ssl = off'",
            {"ssl = 'off'\n": False},
        ),
    ],
)
def test_what_alter_system_sets_under_a_condition_may_be_there(
    tmp_path: Path, script: str, lines: dict[str, bool]
) -> None:
    done = run(tmp_path, a_sh=script)
    text = done.text(AUTO, Traced(), AT)
    assert text is not None
    assert {line.text: line.may_be for line in text.lines()} == lines
    assert not done.edited


@pytest.mark.parametrize(
    ("values", "edited"), [(MOST_VALUES, frozenset()), (MOST_VALUES + 1, {AUTO})], ids=["kept", "too many"]
)
def test_values_that_may_be_there_have_a_bound(tmp_path: Path, values: int, edited: set[str]) -> None:
    sets = "".join(f"psql -c 'ALTER SYSTEM SET port = {number}'\n" for number in range(values))
    assert run(tmp_path, a_sh=f"if x; then\n{sets}fi").edited == edited


def test_resetting_all_under_a_condition_is_open(tmp_path: Path) -> None:
    assert run(tmp_path, a_sh="if x; then psql -c 'ALTER SYSTEM RESET ALL'; fi").edited == {AUTO}


_WRITING = (
    "echo 'host x all samenet md5' >> $F", "echo 'local all all peer' > $F", "sed -i 's/trust/reject/' $F",
    "sed -i '/samenet/d' $F", "sed -i '/^host all/a local b b md5' $F", "sed -i '/md5/c host c c samehost cert' $F",
    "printf 'host p p all md5\\nhost q q all md5\\n' >> $F", "sed -i '$d' $F", "sed -i '1i local d d trust' $F",
)  # fmt: skip
_CONDITIONS = ("if [ $X ]; then {}; fi", "[ $Y ] && {}", "[ $X ] || {}", "case $X in 1) {};; esac", "{}", "{}")
BEFORE = "local all all trust\nhost all all all md5\n"


def _drawn(rng: random.Random) -> list[str]:
    return [rng.choice(_CONDITIONS).format(rng.choice(_WRITING)) for _ in range(rng.randrange(1, 6))]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_under_no_condition_stands_in_each_file_that_a_real_shell_leaves(seed: int, tmp_path: Path) -> None:
    rng, told, amiss = random.Random(seed), 0, []
    for _ in range(12):
        script = "\n".join((*_drawn(rng), ":"))
        done = run(tmp_path, a_sh=script.replace("$F", "$PGDATA/pg_hba.conf"))
        text = done.text(HBA, traced(BEFORE), AT)
        if text is None or done.edited:
            continue
        told += 1
        held = [line.text for line in text.lines()]
        surely = {line.text for line in text.lines() if not line.may_be}
        for x, y in itertools.product(("", "1"), repeat=2):
            (tmp_path / "f").write_text(BEFORE)
            subprocess.run(
                ["sh", "-c", script],
                cwd=tmp_path,
                env={"PATH": os.environ["PATH"], "F": "f", "X": x, "Y": y},
                check=True,
            )
            real = (tmp_path / "f").read_text().splitlines(keepends=True)
            if not (surely <= set(real) <= set(held)):
                amiss.append((script, x, y, held, real))
    assert told > 5
    assert not amiss, amiss[0]


def test_changes_under_conditions_have_a_bound(tmp_path: Path) -> None:
    script = "if x; then sed -i 's/a/aa/; s/b/a/' $PGDATA/pg_hba.conf; fi\n" * 60
    before = time.process_time()
    assert text_of(run(tmp_path, a_sh=script), HBA, "ab\n" * 20) is None
    assert time.process_time() - before < 5


def test_values_lead_to_the_statement() -> None:
    text = "SELECT 1;\nALTER SYSTEM SET ssl_ciphers = 'HIGH';"
    (one,) = altered(traced(text))
    assert one.value is not None
    line = line_of(one, one.value)
    assert line.text == "ssl_ciphers = 'HIGH'\n"
    at = line.text.index("HIGH")
    home = line.part(at, at + 4).home()
    assert home is not None
    assert text[home.span.start : home.span.end] == "HIGH"
    assert text[one.at.span.start :].startswith("ALTER SYSTEM")


@pytest.mark.parametrize(
    "sql",
    [
        "'" * 99_999, "system " + "$$" * 50_000, "system " + "/*" * 50_000, "ALTER SYSTEM " * 20_000, "system \0\udc80",
        "ALTER SYSTEM SET a = " + "b, " * 20_000, "ALTER SYSTEM SET;", "ALTER SYSTEM", "ALTER SYSTEM SET a",
        "\\" * 99 + "system", "system " + "'a''" * 20_000, 'system ' + '"a""' * 20_000, "system e'" + "\\'" * 50_000,
        "ALTER SYSTEM SET a = " + "'" * 20_001, 'ALTER SYSTEM SET "', "system " + "\\ alter " * 2_000,
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_any_sql_is_read_in_time(sql: str) -> None:
    start = time.process_time()
    for one in altered(traced(sql)):
        line_of(one, one.value or Traced())
    assert time.process_time() - start < 4


def test_what_sed_does_comes_in_its_turn(tmp_path: Path) -> None:
    text = "echo b1 >> $PGDATA/pg_hba.conf\nsed -i -e 's/^b/c/' $PGDATA/pg_hba.conf\necho b2 >> $PGDATA/pg_hba.conf\n"
    done = run(tmp_path, a_sh=text)
    assert text_of(done, HBA, "b0\n") == "c0\nc1\nb2\n"
    assert not done.edited
    assert text_of(run(tmp_path, a_sh="sed -i '/nowhere/a x' $PGDATA/pg_hba.conf"), HBA, "b0\n") is None
    (tmp_path / "my.conf").write_text("ssl = off\n")
    script = "cp /in/my.conf $PGDATA/postgresql.conf; sed -i 's/off/on/' $PGDATA/postgresql.conf"
    assert text_of(run(tmp_path, a_sh=script), MAIN) == "ssl = on\n"
