"""What running servers of 10 to 18 did when they were told to reload files for which they would not start."""

from dataclasses import replace
from pathlib import Path

import pytest

from pgssllint.finding import Confidence, Effect, Finding
from pgssllint.report.text import written
from pgssllint.rulebook import Page
from pgssllint.showing.telling import Showing
from pgssllint.stages import Reload, Stage
from tests.support.examples import sound_pages
from tests.support.judging import found_in
from tests.support.outcomes import ROOT, finding, outcome, whole

PAGES = sound_pages()


@pytest.mark.parametrize(
    ("rule", "line", "reload"),
    [
        ("PGS001", "work_mem", Reload.KEEPS_SETTINGS),
        ("PGS030", "nosuch = 1", Reload.KEEPS_SETTINGS),
        ("PGS020", "include 'nowhere.conf'", Reload.KEEPS_SETTINGS),
        ("PGS033", "block_size = 8192", Reload.KEEPS_SETTING),
        ("PGS040", "work_mem = x", Reload.KEEPS_SETTING),
        ("PGS041", "wal_level = minimal", Reload.GOES_ON),
        ("PGS041", "recovery_target = immediate\nrecovery_target_xid = 7", Reload.GOES_ON),
        ("PGS043", "shared_preload_libraries = '\"\"'", Reload.GOES_ON),
        ("PGS044", "listen_addresses = 'localhost,'", Reload.GOES_ON),
        ("PGS144", "ssl_dh_params_file = 'nowhere.pem'", Reload.OWN_PARAMETERS),
        ("PGS140", "ssl_ecdh_curve = nosuch", Reload.KEEPS_TLS),
        ("PGS400", "ssl_ca_file = 'nowhere.crt'", Reload.KEEPS_TLS),
        ("PGS420", "ssl_crl_file = 'nowhere.crl'", Reload.KEEPS_TLS),
    ],
)
def test_a_line_of_postgresql_conf(rule: str, line: str, reload: Reload, tmp_path: Path) -> None:
    found = {one.rule: one.reload for one in found_in(tmp_path, {}, conf=f"ssl = on\n{line}\n", major=16)}
    assert found[rule] is reload


@pytest.mark.parametrize(
    ("major", "reload"), [(10, Reload.ENDS), (15, Reload.ENDS), (16, Reload.KEEPS_RECORDS), (18, Reload.KEEPS_RECORDS)]
)
def test_an_at_file_in_itself(major: int, reload: Reload, tmp_path: Path) -> None:
    files = {"pg_hba.conf": b"local @loop all trust\n", "loop": b"a\n@loop\n"}
    assert [one.reload for one in found_in(tmp_path, files, major=major) if one.rule == "PGS021"] == [reload]


@pytest.mark.parametrize(("major", "reloads"), [(10, [Reload.ENDS]), (15, [Reload.ENDS]), (16, []), (18, [])])
def test_an_at_file_of_pg_ident_conf_in_itself(major: int, reloads: list[Reload], tmp_path: Path) -> None:
    """From 16 on the server starts without maps, and keeps the old ones at a reload."""
    files = {"pg_ident.conf": b"m @loop app\n", "loop": b"a\n@loop\n"}
    assert [one.reload for one in found_in(tmp_path, files, major=major) if one.rule == "PGS021"] == reloads


@pytest.mark.parametrize(
    ("flag", "certificate", "reload"),
    [
        ("on", None, Reload.ENDS),
        ("off", None, Reload.KEEPS_TLS),
        # The certificate is looked at first.
        ("on", b"garbage\n", Reload.KEEPS_TLS),
    ],
)
def test_a_placeholder(flag: str, certificate: bytes | None, reload: Reload, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"server.key": "encrypted-key:leaf"}
    if certificate is not None:
        files["server.crt"] = certificate
    conf = "ssl = on\nssl_passphrase_command = 'x %f'\n" + f"ssl_passphrase_command_supports_reload = {flag}\n"
    assert [one.reload for one in found_in(tmp_path, files, conf=conf) if one.rule == "PGS151"] == [reload]


def test_parameters_that_are_read_and_not_taken(tmp_path: Path) -> None:
    """On those of 768 bits a server of OpenSSL 3.0 keeps what it has; on none in the file it goes on with its own."""
    conf = "ssl = on\nssl_dh_params_file = 'dh.pem'\n"
    small, none = tmp_path / "small", tmp_path / "none"
    for folder, content, reload in (
        (small, "dh:768", Reload.KEEPS_TLS),
        (none, b"garbage\n", Reload.OWN_PARAMETERS),
    ):
        folder.mkdir()
        found = found_in(folder, {"dh.pem": content}, conf=conf)
        assert [one.reload for one in found if one.rule == "PGS144"] == [reload]


def test_a_command_that_may_not_run_at_a_reload(tmp_path: Path) -> None:
    conf = "ssl = {}\nssl_key_file = 'server.key'\nssl_passphrase_command = 'echo tests only'\n"
    for ssl, reload in (("on", Reload.KEEPS_TLS), ("off", None)):
        (tmp_path / ssl).mkdir()
        found = found_in(tmp_path / ssl, {"server.key": "encrypted-key:leaf"}, conf=conf.format(ssl))
        assert [one.reload for one in found if one.rule == "PGS322"] == [reload]


def test_the_steps() -> None:
    told = {stage.reload for stage in Stage}
    assert told == set(Reload) - {Reload.ENDS, Reload.OWN_PARAMETERS}
    assert {stage for stage in Stage if stage.reload is Reload.KEEPS_RECORDS} == {Stage.HBA}
    assert {stage for stage in Stage if stage.reload is Reload.KEEPS_SETTINGS} == {Stage.SETTINGS}


def test_each_has_a_sentence_of_its_own() -> None:
    sentences = {effect_told(replace(finding(whole("postgresql.conf")), reload=reload)) for reload in Reload}
    assert len(sentences) == len(Reload)
    assert all(sentence.startswith("the server does not start; ") for sentence in sentences)


@pytest.mark.parametrize("sure", [Confidence.MEDIUM, Confidence.LOW])
def test_what_is_not_sure_is_not_told_as_if_it_were(sure: Confidence) -> None:
    unsure = finding(whole("postgresql.conf"), confidence=sure)
    assert effect_told(unsure) == "if it is so, the server does not start."


def effect_told(one: Finding) -> str:
    """What the text report says of the effect."""
    text = "".join(written(outcome([one]), {}, Showing(), color=False, relative_to=ROOT, width=200))
    return text.partition("= effect: ")[2].partition("\n")[0]


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.effect is Effect.REFUSES_START], ids=lambda page: page.rule
)
def test_each_page_says_what_a_reload_does(page: Page) -> None:
    assert "reload" in page.read.happens.lower()
