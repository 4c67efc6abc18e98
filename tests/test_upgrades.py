"""What later majors make of a configuration, and which of them are looked at."""

import json
from collections import Counter
from pathlib import Path

import pytest

from pgssllint.api import lint
from pgssllint.cli.check import main
from pgssllint.discovery import discover
from pgssllint.finding import Effect, Finding
from pgssllint.request import Request
from pgssllint.target import Stated
from pgssllint.targets import targets
from tests.support.pki import AT

CONF, HBA, IDENT = "postgresql.conf", "pg_hba.conf", "pg_ident.conf"
LOCAL = "local all all peer map=m\n"


def found(folder: Path, files: dict[str, str], majors: tuple[int, ...], upgrade_to: tuple[int, ...]) -> list[Finding]:
    for name, text in {CONF: "", HBA: LOCAL, **files}.items():
        (folder / name).write_bytes(text.encode())
    request = Request((str(folder),), root=str(folder), majors=majors, upgrade_to=upgrade_to)
    outcome = lint(request, AT)
    assert not outcome.errors
    assert not [note for note in outcome.notifications if note.error]
    return [f for f in outcome.findings if f.effect is Effect.BREAKS_UPGRADE]


@pytest.mark.parametrize(
    ("file", "text", "target", "later", "rule"),
    [
        (CONF, "db_user_namespace = on", 16, (17,), "PGS860"),
        (CONF, "db_user_namespace = on", 15, (16,), None),
        (CONF, "db_user_namespace = on", 17, (18,), None),
        (CONF, "stats_temp_directory = 'x'", 13, (), "PGS860"),
        (CONF, "io_workers = 3", 18, (), None),
        (CONF, "io_workers = 3", 18, (19,), "PGS860"),
        (CONF, "app.db_user_namespace = on", 16, (17,), None),
        (CONF, "no_such_thing = on", 16, (17,), None),
        (CONF, "lc_collate = 'C'", 15, (16,), None),
        (CONF, "ssl_ecdh_curve = 'prime256v1'", 17, (18,), None),
        (CONF, "password_encryption = on", 13, (), "PGS861"),
        (CONF, "Password_Encryption = 'YES'", 10, (18,), "PGS861"),
        (CONF, "password_encryption = on", 12, (13,), None),
        (CONF, "password_encryption = on", 14, (), None),
        (CONF, "password_encryption = {{ how }}", 13, (), None),
        (CONF, "standard_conforming_strings = 0", 18, (19,), "PGS861"),
        (CONF, "standard_conforming_strings = on", 18, (19,), None),
        (CONF, "default_with_oids = on", 11, (12,), "PGS861"),
        (CONF, "client_min_messages = panic", 11, (12,), "PGS861"),
        (CONF, "log_connections = 'of'", 17, (18,), "PGS861"),
        (CONF, "log_connections = on", 17, (18,), None),
        (CONF, "db_user_namespace = maybe", 16, (17,), "PGS860"),
        (HBA, "hostssl all all all radius radiusservers=a radiussecrets=b", 18, (19,), "PGS863"),
        (HBA, "hostssl all all all radius radiusservers=a radiussecrets=b", 18, (), None),
        (HBA, "hostssl all all all radius radiusservers=a", 18, (19,), None),
        (HBA, "hostssl all all all md5 clientcert=1", 13, (), "PGS566"),
        (HBA, "hostssl all all all md5 clientcert=0", 12, (14,), "PGS566"),
        (HBA, "hostssl all all all md5 clientcert=0", 12, (13,), None),
        (HBA, "hostssl all all all cert clientcert=1", 11, (16,), "PGS566"),
        (HBA, "hostssl all all all md5 clientcert=require", 11, (16,), "PGS566"),
        (HBA, "hostssl all all all md5 clientcert=verify-full", 13, (), None),
        (HBA, "hostssl all all all md5 clientcert=1", 14, (), None),
        (HBA, "hostssl /app all all md5", 15, (), "PGS864"),
        (HBA, 'hostssl all "/app" all md5', 15, (18,), "PGS864"),
        (HBA, "hostssl /app all all md5", 14, (15,), None),
        (HBA, "hostssl +app all all md5", 15, (), None),
        (IDENT, "m anna all", 15, (), "PGS864"),
        (IDENT, 'm anna "all"', 15, (), None),
        (IDENT, "m /^(.*)$ anna", 15, (), None),
        (IDENT, "other anna all", 15, (), None),
        (HBA, "# a \\\nhostssl all all all md5", 13, (), "PGS865"),
        (HBA, "# a \\\r\nhostssl all all all md5", 13, (), "PGS865"),
        (HBA, "# a \\\n# b \\\nhostssl all all all md5", 13, (), "PGS865"),
        (HBA, "# a \\\n# hostssl all all all md5", 13, (), None),
        (HBA, "# a \\\n\nhostssl all all all md5", 13, (), None),
        (HBA, "# a \\\nhostssl all all all md5", 12, (13,), None),
        (IDENT, "# a \\\nm anna anna", 13, (), "PGS865"),
        (HBA, "hostssl all all all\rmd5", 18, (19,), "PGS866"),
        (HBA, "hostssl all all all md5\r# a", 10, (19,), "PGS866"),
        (HBA, "\rhostssl all all all md5", 18, (19,), "PGS866"),
        (HBA, "hostssl all all all\rmd5", 18, (), None),
        (HBA, "hostssl all all all md5\r", 18, (19,), None),
        (HBA, "hostssl all all all\rnone", 18, (19,), None),
    ],
)
def test_what_a_later_major_makes_of_it(
    tmp_path: Path, file: str, text: str, target: int, later: tuple[int, ...], rule: str | None
) -> None:
    rest = LOCAL if file == HBA else ""
    findings = found(tmp_path, {file: f"{rest}{text}\n"}, (target,), later)

    own = [f for f in findings if f.rule != "PGS862"]
    assert [f.rule for f in own] == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("text", "target", "later", "parameters"),
    [
        ("", 13, (), ["password_encryption"]),
        ("", 14, (), []),
        ("", 12, (13,), []),
        ("password_encryption = md5", 13, (), []),
        ("ssl = on", 17, (18,), ["ssl_ecdh_curve"]),
        ("ssl = on", 17, (), []),
        ("ssl = on\nssl_ecdh_curve = 'prime256v1'", 17, (18,), []),
        ("ssl = off", 17, (18,), []),
        ("include '/etc/elsewhere.conf'", 13, (), []),
    ],
)
def test_defaults_that_change(
    tmp_path: Path, text: str, target: int, later: tuple[int, ...], parameters: list[str]
) -> None:
    findings = found(tmp_path, {CONF: text, HBA: "hostssl all all all md5\n"}, (target,), later)

    assert [dict(f.arguments)["name"] for f in findings] == parameters


@pytest.mark.parametrize(
    "files",
    [
        {CONF: "db_user_namespace = on\n"},
        {CONF: "password_encryption = on\n"},
        {CONF: "ssl = on\n", HBA: "hostssl all all all md5\n"},
        {HBA: "hostssl all all all md5 clientcert=1\n"},
        {HBA: "hostssl /app all all md5\n"},
        {HBA: "# a \\\nhostssl all all all md5\n"},
        {HBA: "hostssl all all all\rmd5\n"},
    ],
)
@pytest.mark.parametrize("upgrade_to", [(), (17, 19)])
def test_several_targets_are_told_the_same_once(
    tmp_path: Path, files: dict[str, str], upgrade_to: tuple[int, ...]
) -> None:
    findings = found(tmp_path, files, (10, 11, 12, 13, 14, 15, 16), upgrade_to)

    places = Counter((f.rule, f.at.key, dict(f.arguments).get("name")) for f in findings)
    assert set(places.values()) == {1}


def test_the_first_major_that_breaks_is_named_whatever_is_asked(tmp_path: Path) -> None:
    texts = {
        found(tmp_path, {CONF: "db_user_namespace = on\n"}, (14,), later)[0].text
        for later in ((), (17,), (18,), (16, 18))
    }

    assert texts == {"The parameter 'db_user_namespace' is unknown to PostgreSQL 17, which will not start with it."}


@pytest.mark.parametrize(
    ("majors", "upgrade_to", "later"),
    [
        ((16,), (), [(17, 18)]),
        ((18,), (), [()]),
        ((19,), (), [()]),
        ((14, 16), (15, 19), [(15, 19), (19,)]),
        ((), (), [()]),
        ((), (17, 19), [(19,)]),
    ],
)
def test_which_majors_are_looked_at(
    tmp_path: Path, majors: tuple[int, ...], upgrade_to: tuple[int, ...], later: list[tuple[int, ...]]
) -> None:
    (tmp_path / CONF).write_text("")
    (deployment,) = discover(Request((str(tmp_path),))).deployments.values()

    assert [target.later for target in targets(deployment, Stated(majors, None, upgrade_to))] == later


def test_a_major_that_was_found_has_no_later_ones_of_its_own(tmp_path: Path) -> None:
    (tmp_path / CONF).write_text("")
    (tmp_path / "PG_VERSION").write_text("14\n")
    (deployment,) = discover(Request((), data_dir=str(tmp_path))).deployments.values()

    assert [target.later for target in targets(deployment, Stated())] == [()]
    assert [target.later for target in targets(deployment, Stated(upgrade_to=(13, 17)))] == [(17,)]


def test_majors_that_are_no_upgrade_are_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / CONF).write_text("")

    with pytest.raises(SystemExit) as stopped:
        main(["--pg-version", "16", "--upgrade-to", "14-16", str(tmp_path)])

    assert stopped.value.code == 2
    assert "Option '--upgrade-to': no major above PostgreSQL '16' is among those given." in capsys.readouterr().err


def test_the_option_asks_for_a_major_that_is_not_released(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / CONF).write_text("io_workers = 4\n")

    assert main(["--pg-version", "18", "--select", "PGS860", str(tmp_path)]) == 0
    assert main(["--pg-version", "18", "--select", "PGS860", "--upgrade-to", "19", str(tmp_path)]) == 1
    assert "unknown to PostgreSQL 19" in capsys.readouterr().out


def test_an_upgrade_ends_with_what_each_later_major_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / CONF).write_text("")
    (tmp_path / HBA).write_text("local all all peer\nhost all app ::1/128 ident map=m\\\nlocal all app peer\n")

    main(["--pg-version", "12", "--upgrade-to", "13,14,16", str(tmp_path)])
    words = " ".join(capsys.readouterr().out.split())
    told = words.split("upgraded to ")[1:]

    log = "PGS550, LOG: authentication option not in name=value format: all"
    expected = [
        "PostgreSQL 13, the server starts.",
        f"PostgreSQL 14, the server does not start: {log}",
        f"PostgreSQL 16, the server does not start: {log}",
    ]
    assert [text[: len(start)] for text, start in zip(told, expected, strict=True)] == expected
    assert lint(Request((str(tmp_path),)), AT).clusters[0].upgrades == ()


def test_what_a_later_major_is_said_to_do_is_what_is_predicted_for_it_alone(tmp_path: Path) -> None:
    (tmp_path / CONF).write_text("ssl = on\nssl_max_protocol_version = 'TLSv1.1'\npassword_encryption = on\n")
    (tmp_path / HBA).write_text(LOCAL)
    (report,) = lint(Request((str(tmp_path),), majors=(12,), upgrade_to=(13, 15, 18)), AT).clusters

    for upgrade in report.upgrades:
        ((alone,),) = (
            one.predictions for one in lint(Request((str(tmp_path),), majors=(upgrade.target.major,)), AT).clusters
        )
        assert (upgrade.starts, upgrade.rule, upgrade.log) == (alone.starts, alone.rule, alone.log)
    assert [upgrade.target.major for upgrade in report.upgrades] == [13, 15, 18]


@pytest.mark.parametrize(
    ("hba", "words", "told"),
    [
        ("host all all all nosuch\n", "--ignore PGS530", []),
        ("host all all all nosuch\n", "", []),
        ("host all app 127.0.0.1/32 ident map=m1\\\nlocal all all trust\n", "", ["PGS867"]),
        ("host all app 127.0.0.1/32 ident map=m1\\\nlocal all all trust\n", "--select PGS867", ["PGS867"]),
        ("host all app 127.0.0.1/32 ident map=m1\\\nlocal all all trust\n", "--ignore PGS867", []),
    ],
)
def test_what_is_switched_off_is_not_said_by_another_rule(
    hba: str, words: str, told: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pg_hba.conf").write_text(hba)
    main(["--pg-version", "13", "--upgrade-to", "14", "--format", "json", *words.split(), str(tmp_path)])
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [one["rule"] for one in findings if one["rule"] == "PGS867"] == told
