"""What a template writes under a condition may be there: nothing is said of other lines because of it."""

from pathlib import Path

import pytest

from pgssllint.api import lint
from pgssllint.request import Request
from tests.support.pki import AT
from tests.support.runs import run


def rules(folder: Path, conf: str, hba: str = "local all all peer\n") -> set[str]:
    """The rules that speak of a cluster of these files."""
    (folder / "postgresql.conf").write_text(conf)
    (folder / "pg_hba.conf").write_text(hba)
    ran = run(folder, "check", "--format", "concise", ".")
    assert not ran.err
    return {word for word in ran.out.replace("[", " ").replace("]", " ").split() if word.startswith("PGS")}


IF, ELSE, END = "{% if x %}\n", "{% else %}\n", "{% endif %}\n"
WIDE, NARROW = "host all all 0.0.0.0/0 scram-sha-256\n", "host all all 10.0.0.0/8 scram-sha-256\n"
REJECT = "host all all 10.0.0.0/8 reject\n"


@pytest.mark.parametrize(
    ("hba", "spoken"),
    [
        (WIDE + NARROW, True),
        (IF + WIDE + END + NARROW, False),
        (IF + WIDE + ELSE + NARROW + END, False),
        (WIDE + IF + NARROW + END, True),
        ("{{- if .x }}\n" + WIDE + "{{- end }}\n" + NARROW, False),
        (IF + WIDE + NARROW + END, True),
    ],
)
def test_a_record_that_may_be_there_takes_nothing_of_others(tmp_path: Path, hba: str, spoken: bool) -> None:
    assert ("PGS610" in rules(tmp_path, "ssl = on\n", hba)) is spoken


def test_a_reject_behind_a_record_that_may_be_there_holds(tmp_path: Path) -> None:
    assert "PGS612" in rules(tmp_path, "ssl = on\n", WIDE + REJECT)
    assert "PGS612" not in rules(tmp_path, "ssl = on\n", "local all all peer\n" + IF + WIDE + END + REJECT)


LISTENING = "listen_addresses = '*'\n"


@pytest.mark.parametrize(
    ("conf", "spoken"),
    [
        ("ssl = off\n", True),
        (IF + "ssl = on\n" + ELSE + "ssl = off\n" + END, False),
        ("ssl = on\n" + IF + "ssl = off\n" + END, False),
        (IF + "ssl = on\n" + END + "ssl = off\n", True),
        (IF + "ssl = off\n" + END, True),
        (IF + "ssl = off\n" + ELSE + "ssl = off\n" + END, True),
    ],
)
def test_a_setting_with_another_value_without_the_condition_is_not_known(
    tmp_path: Path, conf: str, spoken: bool
) -> None:
    assert ("PGS100" in rules(tmp_path, LISTENING + conf, "local all all peer\n" + WIDE)) is spoken


TRUSTING, ASKING = "host all all 0.0.0.0/0 trust\n", "host all all 0.0.0.0/0 md5\n"


@pytest.mark.parametrize(
    ("hba", "outcome"),
    [
        (TRUSTING + ASKING, "let in"),
        (IF + TRUSTING + END + ASKING, "not certain"),
        (IF + REJECT + END + TRUSTING, "let in"),
        (IF + "host all all 0.0.0.0/0 reject\n" + END + TRUSTING, "not certain"),
        (ASKING + IF + TRUSTING + END, "asked for"),
    ],
)
def test_who_gets_in_by_a_record_that_may_be_there_may_get_in(tmp_path: Path, hba: str, outcome: str) -> None:
    (tmp_path / "postgresql.conf").write_text("ssl = off\n")
    (tmp_path / "pg_hba.conf").write_text("local all all peer\n" + hba)
    asked = ("--user", "bob", "--database", "app", "--address", "1.1.1.1", "--no-tls")
    told = run(tmp_path, "access", *asked, ".").out
    if outcome == "not certain":
        assert "under a condition" in told
    else:
        assert outcome in told.splitlines()[2]
        assert "under a condition" not in told


@pytest.mark.parametrize(
    ("hba", "status"),
    [
        (TRUSTING, 1),
        (IF + TRUSTING + END + ASKING, 2),
        (IF + "host all all 0.0.0.0/0 reject\n" + END + TRUSTING, 2),
    ],
)
def test_what_is_forbidden_and_may_be_there_is_told_so(tmp_path: Path, hba: str, status: int) -> None:
    (tmp_path / "postgresql.conf").write_text("ssl = off\n")
    (tmp_path / "pg_hba.conf").write_text("local all all peer\n" + hba)
    assert run(tmp_path, "access", "--address", "1.1.1.1", "--no-tls", "--forbid", "trust", ".").status == status


CAPITALS = [
    ("postgresql.conf.template", "port = PG_PRIMARY_PORT\t# x\nmax_connections = MAX_CONNECTIONS\n", 0),
    ("postgresql.conf.template", "log_statement = 'LOG_STATEMENT'\n", 0),
    ("postgresql.conf", "max_connections = MAX_CONNECTIONS\n", 1),
    ("postgresql.conf.template", "max_connections = MANY\n", 1),
    ("postgresql.conf.template", "port = PORT-1\n", 1),
]  # fmt: skip


@pytest.mark.parametrize(("name", "conf", "refused"), CAPITALS)
def test_what_sed_is_to_replace_is_no_value(name: str, conf: str, refused: int, tmp_path: Path) -> None:
    (tmp_path / "pgssllint.toml").write_text("")
    (tmp_path / name).write_text(conf)
    found = lint(Request((str(tmp_path / name),), majors=(16,)), AT).findings
    assert len([finding for finding in found if finding.rule == "PGS040"]) == refused


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pg_ident.conf.j2", "{#\nReference:\n* a web page\n#}\nmap ben app\n"),
        ("pg_hba.conf.j2", "{#\nReference: a\n#}\nlocal all all peer\n"),
        ("postgresql.conf.j2", "{#\nno setting at all\n#}\nport = 5433\n"),
    ],
)
def test_a_comment_over_several_lines_is_nothing_of_the_server(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "pgssllint.toml").write_text("")
    (tmp_path / name).write_text(text)
    assert not lint(Request((str(tmp_path / name),), majors=(16,)), AT).open_findings


@pytest.mark.parametrize(("name", "missing"), [("postgresql.conf.j2", False), ("postgresql.conf", True)])
def test_what_a_template_includes_need_not_lie_beside_it(name: str, missing: bool, tmp_path: Path) -> None:
    (tmp_path / "pgssllint.toml").write_text("")
    (tmp_path / name).write_text("include 'written-by-a-tool.conf'\n")
    found = lint(Request((str(tmp_path / name),), majors=(16,)), AT).findings
    assert ["PGS020" in finding.rule for finding in found] == [True] * missing
