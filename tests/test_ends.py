"""Status 1 is an answer; whatever keeps a command from giving one ends with 2 and one true sentence."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import pytest

from pgssllint.api import check, hba_file_rules, source_of
from pgssllint.rulebook import Page, rulebook
from tests.hostile.ends import untrue
from tests.support.runs import run
from tests.support.steps import HANGS

ROOT = Path(__file__).parents[1]
TRUST = "host all all 0.0.0.0/0 trust\n"
LONG = "9" * 5000

EMPTY = [
    [""], ["check", ""], [".", ""], ["--root", ""], ["--data-dir", ""], ["--data-dir=", "--config-file", "x"],
    ["--data-dir", ".", "--config-file="], ["--data-dir", ".", "--chroot", ""], ["--client-certificate", ""],
    ["settings", ""], ["hba", ""], ["ident", ""], ["hosts", ""], ["hba", "--root", "", "pg_hba.conf"], ["access", ""],
    ["access", "--data-dir", ""], ["access", "--root", ""], ["certs", ""], ["certs", "--roots", "", "x"],
    ["ciphers", "--certificate", "", "HIGH"],
]  # fmt: skip

NUMBERS = [
    ["--libpq", LONG], ["--libpq", f"-{LONG}"], ["--pg-version", LONG], ["--pg-version", f"14-{LONG}"],
    ["--pg-version", f"{LONG}-{LONG}"], ["--upgrade-to", LONG], ["--openssl", f"3.{LONG}"], ["--openssl", LONG],
    ["--openssl", f"{LONG}.1"], ["--openssl", f"3.0:{LONG}"], ["--server-user", LONG], ["--at", LONG],
    ["hba", "--pg-version", LONG, "pg_hba.conf"], ["access", "--address", LONG], ["access", "--pg-version", LONG],
    ["ciphers", "--openssl", f"3.{LONG}", "HIGH"], ["certs", "--at", LONG, "x"],
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pgssllint.toml").write_text("")
    (tmp_path / "pg_hba.conf").write_text(TRUST)
    return tmp_path


def spawned(folder: Path, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "pgssllint", *words], cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **settings}, capture_output=True, text=True, timeout=HANGS,
        check=False,
    )  # fmt: skip


def shell(folder: Path, command: str) -> "subprocess.CompletedProcess[str]":
    program = f"'{sys.executable}' -m pgssllint"
    return subprocess.run(
        ["sh", "-c", command.replace("pgssllint", program)], cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=HANGS, check=False,
    )  # fmt: skip


def test_whatever_call_fails_the_end_is_true() -> None:
    """A share of what `python -m tests.hostile.ends` tries."""
    assert not list(untrue(seed=12, count=120))


@pytest.mark.parametrize("words", EMPTY, ids=" ".join)
def test_an_empty_path_is_refused(folder: Path, words: Sequence[str]) -> None:
    ran = run(folder, *words)
    assert (ran.status, ran.out) == (2, "")
    assert "an empty path names nothing; write '.' for this folder." in ran.err
    assert ran.err.count("\n") == 1


def test_an_empty_path_is_refused_by_the_functions() -> None:
    for refused in (lambda: check([""]), lambda: hba_file_rules(""), lambda: source_of("")):
        with pytest.raises(ValueError, match=r"A path is empty; write '\.' for this folder\."):
            refused()


@pytest.mark.parametrize("words", NUMBERS, ids=lambda words: " ".join(words).replace(LONG, "999"))
def test_a_number_with_thousands_of_digits_gets_a_sentence_of_ours(folder: Path, words: Sequence[str]) -> None:
    ran = run(folder, *words)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("pgssllint: ")
    assert ran.err.count("\n") == 1
    assert "4300" not in ran.err
    assert "fault of its own" not in ran.err
    assert len(ran.err) < 500 or words[:2] == ["access", "--address"]


FILES = {
    "pgssllint.toml": f"pg-version = {LONG}\n",
    "PG_VERSION": f"{LONG}\n",
    "postgresql.conf": f"port = {LONG}\nssl = {LONG}\nwork_mem = {LONG}.{LONG}e{LONG}\n",
    "pg_hba.conf": (
        f"host all all fe80::1%{LONG} 64 trust\nhost all all fe80::1%{LONG}/{LONG} trust\nhost all all {LONG} trust\n"
        f"host all all 10.0.{LONG} 255.255.255.0 trust\nhost all /a{{{LONG}}} 10.0.0.0/{LONG} trust\n"
        f"host all all 10.0.0.0/8 ldap ldapserver=x ldapport={LONG}\nhost all all 10.0.0.0/8 ldap ldapurl=ldap://x:{LONG}\n"
        f"host all all 10.0.0.0/8 radius radiusservers=x radiussecrets=y radiusports={LONG}\n"
    ),
    "pg_ident.conf": f"m /a{{{LONG}}} \\{LONG}\n",
    "compose.yaml": f"services:\n  db:\n    image: postgres:{LONG}\n",
}


@pytest.mark.parametrize("name", FILES)
def test_a_number_with_thousands_of_digits_in_a_file_is_no_fault_of_the_linter(tmp_path: Path, name: str) -> None:
    (tmp_path / "postgresql.conf").write_text("")
    (tmp_path / name).write_text(FILES[name])
    views = {"postgresql.conf": "settings", "pg_hba.conf": "hba", "pg_ident.conf": "ident"}
    commands = [["check"], ["access", "."], *([[views[name], name]] if name in views else [])]
    for major in ("10", "13", "16", "18"):
        for words in commands:
            ran = run(tmp_path, *words[:1], "--pg-version", major, *words[1:])
            said = ran.out + ran.err
            assert "PGS914" not in said
            assert "4300" not in said
            assert "fault of its own" not in said


@pytest.mark.parametrize("encoding", ["ascii", "shift_jis", "latin-1"])
@pytest.mark.parametrize(
    "words", [["hba", "pg_hba.conf"], ["access"], ["access", "--forbid", "trust"], ["access", "--user", "é表"]]
)
def test_what_the_encoding_of_the_output_lacks(folder: Path, encoding: str, words: list[str]) -> None:
    (folder / "pg_hba.conf").write_text('host all "é表" 0.0.0.0/0 trust\n')
    done = spawned(folder, *words, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stdout) == (2, "")
    (said,) = [line for line in done.stderr.splitlines() if line.startswith("pgssllint: ")]
    lacking = "U+8868" if encoding == "latin-1" else "U+00E9"
    assert said == (
        f"pgssllint: The output cannot be written: its encoding, '{encoding}', has no {lacking}; "
        "set PYTHONIOENCODING=utf-8."
    )


def test_json_needs_no_encoding(folder: Path) -> None:
    (folder / "pg_hba.conf").write_text('host all "é表" 0.0.0.0/0 trust\n')
    done = spawned(folder, "access", "--forbid", "trust", "--format", "json", PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert r"\u00e9" in done.stdout


@pytest.mark.parametrize("words", ["", "{}", "access", "access {}", "--format json", "--data-dir x"])
def test_a_working_directory_that_is_gone(folder: Path, words: str) -> None:
    gone = folder / "gone"
    done = shell(folder, f"mkdir gone && cd gone && rmdir '{gone}' && pgssllint {words.format(folder)}")
    assert (done.returncode, done.stdout) == (2, "")
    sentence = "pgssllint: The working directory does not exist any more; change to one that does.\n"
    assert done.stderr.endswith(sentence)
    assert done.stderr.count("pgssllint: ") == 1


@pytest.mark.parametrize("words", ["", "rules", "explain PGS534", "hba pg_hba.conf", "access", "--help", "--version"])
def test_a_standard_output_that_is_closed(folder: Path, words: str) -> None:
    done = shell(folder, f"pgssllint {words} >&-")
    assert (done.returncode, done.stderr) == (2, "pgssllint: The standard output is closed.\n")


@pytest.mark.parametrize("words", ["--help", "access --help", "--version", "hba pg_hba.conf", "access --forbid trust"])
def test_a_standard_output_that_is_full(folder: Path, words: str) -> None:
    done = shell(folder, f"pgssllint {words} >/dev/full")
    assert done.returncode == 2
    assert done.stderr.endswith("pgssllint: The output cannot be written: No space left on device.\n")
    assert done.stderr.count("pgssllint: ") == 1


def test_both_outputs_full_is_still_2(folder: Path) -> None:
    assert shell(folder, "pgssllint access --forbid trust >/dev/full 2>/dev/full").returncode == 2
    assert shell(folder, "pgssllint --zzz 2>/dev/full").returncode == 2


@pytest.mark.parametrize("words", ["rules", "access", "--help"])
def test_a_reader_that_goes_away_is_130_without_a_word(folder: Path, words: str) -> None:
    done = shell(folder, f"(pgssllint {words}; echo $? >status) | :")
    assert done.stderr.replace("Read as PostgreSQL 18, which is assumed; state another with --pg-version.\n", "") == ""
    assert (folder / "status").read_text() in ("130\n", "0\n")


def test_a_check_that_finds_no_memory_ends_the_run(folder: Path) -> None:
    def hungry(_cluster: object) -> None:
        raise MemoryError

    with patch("pgssllint.engine.all_checks", return_value={"PGS534": hungry}):
        ran = run(folder)
    assert (ran.status, ran.out, ran.err) == (2, "", "pgssllint: There is not enough memory for this input.\n")


def test_an_exception_that_nobody_expected_is_one_sentence_and_with_debug_a_traceback(folder: Path) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("a\x1bsecret")

    with patch("pgssllint.api.gather", broken):
        plain, told = run(folder), run(folder, env={"PGSSLLINT_DEBUG": "1"})
    assert (plain.status, plain.out) == (2, "")
    assert plain.err.startswith("pgssllint: The linter failed with 'KeyError' at 'pgssllint.api:")
    assert plain.err.count("\n") == 1
    assert "secret" not in plain.err
    assert (told.status, told.out) == (2, "")
    assert told.err.startswith("Traceback (most recent call last):\n")
    assert "\x1b" not in told.err


INTERNAL = [page for page in rulebook().pages.values() if page.raised_by != "check"]


@pytest.mark.parametrize("page", INTERNAL, ids=lambda page: page.rule)
def test_no_suppression_is_pointed_to_an_internal_rule(page: Page, folder: Path) -> None:
    of_suppressions = {"PGS900", "PGS901", "PGS902", "PGS903"}
    assert {one.rule for one in INTERNAL} == {"PGS867", *of_suppressions, "PGS910", "PGS911", "PGS912", "PGS914"}
    rule, name = page.rule, page.name
    near = [*(f"{rule[:-1]}{digit}" for digit in "0123456789"), name[:-1], f"{name}s", name.replace("-", "_")]
    unknown = [word for word in near if not rulebook().find(word)]
    (folder / "pg_hba.conf").write_text("".join(f"{TRUST[:-1]} # pgssllint: ignore[{word}]\n" for word in unknown))
    out = run(folder, "--select", "PGS901", "--format", "concise").out
    lines = [line for line in out.splitlines() if "PGS901" in line]
    assert len(lines) == len(unknown)
    suggested = " ".join(line.partition("Did you mean")[2] for line in lines)
    assert not [one for one in INTERNAL if one.rule in suggested or f"'{one.name}'" in suggested]


def test_a_suppression_is_still_pointed_to_the_rule_that_was_meant(folder: Path) -> None:
    (folder / "pg_hba.conf").write_text(f"{TRUST[:-1]} # pgssllint: ignore[trust-over-netwrok]\n")
    assert "Did you mean 'trust-over-network'." in run(folder, "--format", "concise").out
