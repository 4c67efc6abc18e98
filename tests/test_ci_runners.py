"""No line of any output is a command to a runner of CI jobs, and nothing in one acts unseen."""

import io
import json
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.cli.output import put, remark
from pgssllint.runners import disarmed, disarmed_json, disarmed_part
from pgssllint.text import visible, visible_path
from tests.hostile.commands import COMMANDS, ODD, breaches
from tests.support.ci_runners import commands, unseen
from tests.support.runs import run

HBA = "host all all 0.0.0.0/0 trust\n"

TAKEN = {
    "GitHub, by colons": "::error title=Approved::all_good",
    "behind blanks": "\t \u00a0\u3000::notice::x",
    "behind a line feed": "x\n::warning::x",
    "behind a carriage return": "x\r::warning::x",
    "in the colour of something": "\x1b[1;31m::error::x\x1b[0m",
    "with a character without weight": "\u200b::error::x",
    "a third colon behind something without weight": "::\u202e::error::x",
    "GitHub, by hashes": "a value ##[add-mask]x",
    "hashes in two colours": "#\x1b[0m#[add-mask]x",
    "hashes with a character without weight": "#\ufe0f#[add-mask]x",
    "Azure": "at the end ##vso[task.complete]",
    "TeamCity": "##teamcity[x]",
    "three hashes": "###[error]",
}

LEFT = {
    "the third colon of another file": "  ::: conf/pg_hba.conf:1:1",
    "an address": " ::1/128 | all | all | plaintext",
    "an address and a clock": " ::1/128 | 12:30:00",
    "colons inside": "error ::x:: y",
    "a heading": "## What happens",
    "hashes and digits": "##1[",
    "a range": "## a [b]",
}


@pytest.mark.parametrize("text", TAKEN.values(), ids=TAKEN)
def test_what_a_runner_takes_for_a_command_is_written_so_that_it_is_none(text: str) -> None:
    assert list(commands(text))
    assert not list(commands(disarmed(text)))
    assert disarmed(disarmed(text)) == disarmed(text)


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT)
def test_what_is_no_command_stays_as_it_is(text: str) -> None:
    assert not list(commands(text))
    assert disarmed(text) == text


@pytest.mark.parametrize(
    ("text", "part", "line"),
    [
        ("::error::x", "::error::x", r"\x3a:error::x"),
        ("  ::error::x", "  ::error::x", r"  \x3a:error::x"),
        ("##[error]x", r"#\x23[error]x", r"#\x23[error]x"),
        ("a ###vso[x]", r"a ##\x23vso[x]", r"a ##\x23vso[x]"),
    ],
)
def test_a_command_can_still_be_read(text: str, part: str, line: str) -> None:
    assert (disarmed_part(text), disarmed(text)) == (part, line)
    assert visible(text) == part


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("::error title=Approved::ok/pg_hba.conf", "./::error title=Approved::ok/pg_hba.conf"),
        (" ::x", "./ ::x"),
        (":::x", "./:::x"),
        ("##[error]x", r"./#\x23[error]x"),
        ("#x", "#x"),
        ("a::b", "a::b"),
        ("/::x", "/::x"),
        (":x", ":x"),
    ],
)
def test_a_path_that_begins_like_a_command_is_one_of_this_folder(path: str, shown: str) -> None:
    assert visible_path(path) == shown


TEXT = st.lists(st.sampled_from([*COMMANDS, *ODD]) | st.characters(), max_size=12).map("".join)


@given(TEXT)
def test_no_text_keeps_a_command(text: str) -> None:
    assert not list(commands(disarmed(text)))
    assert not list(commands(f"x{visible(text)}"))
    assert not list(unseen(visible(text)))


@given(st.dictionaries(TEXT, TEXT))
def test_json_says_the_same_in_escapes(value: dict[str, str]) -> None:
    encodable = {
        key.encode("utf-8", "replace").decode(): text.encode("utf-8", "replace").decode() for key, text in value.items()
    }
    for ascii_only in (True, False):
        written = disarmed_json(json.dumps(encodable, indent=2, ensure_ascii=ascii_only))
        assert json.loads(written) == encodable
        assert not list(commands(written))
        assert not list(unseen(written))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("##[x]", r'"#\u0023[x]"'),
        ("\x7f\x85\x9b", r'"\u007f\u0085\u009b"'),
        ("\u2028\u202e\u2066", r'"\u2028\u202e\u2066"'),
        ("\U000e0001", r'"\udb40\udc01"'),
        ("é表😀", '"é表😀"'),
    ],
)
def test_the_escapes_of_json(text: str, written: str) -> None:
    assert disarmed_json(json.dumps(text, ensure_ascii=False)) == written


def test_both_outputs_are_held_to_it() -> None:
    outputs = io.StringIO(), io.StringIO()
    with patch.object(sys, "stdout", outputs[0]), patch.object(sys, "stderr", outputs[1]):
        put("a\n ::error::x\n")
        remark("::error::x\n::error::y", "##[z]")
    assert outputs[0].getvalue() == "a\n \\x3a:error::x\n"
    assert outputs[1].getvalue() == "\\x3a:error::x\\n::error::y\n#\\x23[z]\n"


@pytest.mark.parametrize("width", range(60, 130))
def test_a_long_value_is_wrapped_into_no_command(tmp_path: Path, width: int) -> None:
    value = "a" * 88 + " ::error title=Approved::all_good"
    (tmp_path / "postgresql.conf").write_text(f"ssl_min_protocol_version = '{value}'\n")
    ran = run(tmp_path, "--show-secrets", env={"COLUMNS": str(width)})
    assert "title=Approved" in ran.out
    assert not list(commands(ran.out))


@pytest.mark.parametrize("form", ["text", "concise"])
def test_a_folder_that_is_named_like_a_command(tmp_path: Path, form: str) -> None:
    folder = tmp_path / "::error title=Approved::ok"
    folder.mkdir()
    (folder / "pg_hba.conf").write_text(HBA)
    (tmp_path / "pgssllint.toml").write_text("")
    ran = run(tmp_path, "--format", form, env={"COLUMNS": "200"})
    assert "./::error title=Approved::ok/pg_hba.conf:" in ran.out
    assert not list(commands(ran.out))


def test_the_carets_stand_below_what_they_mean(tmp_path: Path) -> None:
    (tmp_path / "pg_hba.conf").write_text('host all "##[error]x" 0.0.0.0/0 trust\n')
    lines = run(tmp_path, "--select", "trust-over-network", "--show-secrets").out.splitlines()
    (number,) = (n for n, line in enumerate(lines) if "0.0.0.0/0 trust" in line)
    assert r'"#\x23[error]x"' in lines[number]
    caret = lines[number + 1].index("^")
    assert lines[number][caret:].startswith("trust")


def test_a_key_of_the_configuration_breaks_no_line(tmp_path: Path) -> None:
    (tmp_path / "pgssllint.toml").write_text('"x\\n::error::y\\u202e\\u0007" = 1\n')
    ran = run(tmp_path)
    assert ran.status == 2
    assert ran.err.count("\n") == 1
    assert not list(unseen(ran.err))
    assert r"***\n::error::***<U+202E>\x07" in ran.err


def test_no_output_over_hostile_names_values_comments_subjects_and_keys_has_a_command() -> None:
    """A share of what `python -m tests.hostile.commands` tries."""
    assert not list(breaches(seed=12, count=40))
