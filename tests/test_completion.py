"""Completion, as the shells themselves complete, and the manual page, as man formats it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pgssllint.cli import COMMANDS
from pgssllint.cli.described import described
from pgssllint.cli.parser import Parser
from tests.support.asked import without
from tests.support.runs import run
from tests.support.steps import HANGS


def program(name: str) -> str:
    """The path of a program, without which a test is skipped, but in CI."""
    path = shutil.which(name)
    if path is None:
        without(f"{name} is not installed")
    return path


def said(words: list[str], folder: Path, given: str = "") -> str:
    done = subprocess.run(
        words, cwd=folder, input=given, capture_output=True, text=True, timeout=HANGS, check=False,
        env={**os.environ, "TERM": "dumb", "HOME": str(folder), "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


BASH = """
source ./script
COMP_WORDS=({words})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_pgssllint
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
ZSH = """
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PS1=; autoload -Uz compinit; compinit -D -u; source ./script; zstyle ':completion:*' list-prompt ''"
zpty -w z "bindkey '^I' complete-word; setopt no_list_beep auto_list; LISTMAX=0; COLUMNS=200; LINES=500; print RE''ADY"
zpty -r -m z got '*READY*'
zpty -w -n z '{line}'$'\\t'
sleep 0.5
zpty -w -n z $'\\C-u'
zpty -w z 'print DO''NE'
zpty -r -m z got '*DONE*'
print -r -- "$got"
zpty -d z
"""


def completed(shell: str, line: str, folder: Path) -> set[str]:
    """What a shell offers for the last word of a line."""
    (folder / "script").write_text(run(folder, "completion", shell).out)
    if shell == "fish":
        lines = said([program("fish"), "-c", f"source script; complete -C '{line}'"], folder).splitlines()
        return {one.partition("\t")[0] for one in lines}
    if shell == "zsh":
        answer = said([program("zsh"), "-f"], folder, ZSH.format(line=line))
        return set(re.findall(r"[\w.-]+", re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", " ", answer)))
    words = " ".join(f"'{word}'" for word in line.split(" "))
    return set(said([program("bash"), "--norc", "-c", BASH.format(words=words)], folder).split())


SHELLS = ["bash", pytest.param("zsh", marks=pytest.mark.tools), pytest.param("fish", marks=pytest.mark.tools)]


@pytest.mark.parametrize("shell", SHELLS)
class TestShells:
    @pytest.mark.parametrize(
        ("line", "offered", "not_offered"),
        [
            ("pgssllint c", {"certs", "ciphers", "check", "config", "completion"}, {"rules"}),
            ("pgssllint --fi", {"--fix", "--files-from"}, {"--format"}),
            ("pgssllint certs --ro", {"--roots"}, {"--fix"}),
            ("pgssllint --fail-on ", {"error", "warning", "note"}, {"certs"}),
            ("pgssllint --color a", {"auto", "always"}, {"never"}),
            ("pgssllint rules --format ", {"table", "json"}, {"text"}),
            ("pgssllint explain PGS53", {"PGS530", "PGS534"}, {"PGS540"}),
            ("pgssllint help ex", {"explain"}, {"certs"}),
            ("pgssllint completion ", {"bash", "zsh", "fish"}, {"rules"}),
        ],
    )
    def test_what_is_offered(
        self, tmp_path: Path, shell: str, line: str, offered: set[str], not_offered: set[str]
    ) -> None:
        found = completed(shell, line, tmp_path)
        assert offered <= found
        assert not (not_offered & found)

    def test_every_option_is_offered(self, tmp_path: Path, shell: str) -> None:
        if shell == "zsh":
            script = run(tmp_path, "completion", shell).out
            assert all(f"'*{name}[" in script for one in described() for option in one.options for name in option.names)
            return
        for command in described():
            found = completed(shell, f"pgssllint {command.name} --", tmp_path)
            assert {name for option in command.options for name in option.names if name[:2] == "--"} <= found


def test_files_are_completed_by_bash_itself(tmp_path: Path) -> None:
    (tmp_path / "pg_hba.conf").touch()
    script = "source ./script; complete -p pgssllint"
    (tmp_path / "script").write_text(run(tmp_path, "completion", "bash").out)
    assert "-o default" in said([program("bash"), "--norc", "-c", script], tmp_path)
    assert completed("bash", "pgssllint hba pg", tmp_path) == set()


@pytest.mark.tools
def test_files_are_completed_by_fish_itself(tmp_path: Path) -> None:
    (tmp_path / "pg_hba.conf").touch()
    assert completed("fish", "pgssllint hba pg", tmp_path) == {"pg_hba.conf"}


def test_the_manual_page_is_formatted_without_a_warning(tmp_path: Path) -> None:
    (tmp_path / "pgssllint.1").write_text(run(tmp_path, "man").out)
    page = said([program("man"), "--warnings=w", "-E", "UTF-8", "-P", "cat", "-l", "pgssllint.1"], tmp_path)
    text = " ".join(re.sub(".\x08", "", page).replace("‐\n", "").split())
    assert "pgssllint - lint the TLS and client-authentication configuration of PostgreSQL" in text
    for command in described():
        assert f"OPTIONS OF {command.name.upper()}" in text
        assert all(name in text for option in command.options for name in option.names)
    assert "exit status: 0 nothing at or above --fail-on" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_takes(command: str) -> None:
    (found,) = [one for one in described() if one.name == command]
    assert isinstance(found.parser, Parser)
    assert found.what == COMMANDS[command]
