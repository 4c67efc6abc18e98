"""The command line: what it takes, what it answers, and how it ends."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pgssllint import __version__
from pgssllint.cli import COMMANDS
from pgssllint.rulebook import rulebook
from tests.support.steps import HANGS

ROOT = Path(__file__).parents[1]
HBA = "local all all peer\nhost all all 0.0.0.0/0 trust\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"pgssllint.toml": "", "postgresql.conf": "", "pg_hba.conf": HBA}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def run(
    folder: Path, *words: str, env: Mapping[str, str] | None = None, python: tuple[str, ...] = ()
) -> "subprocess.CompletedProcess[str]":
    colors = ("NO_COLOR", "FORCE_COLOR", "PRE_COMMIT", "COLUMNS", "GITHUB_ACTIONS")
    inherited = {key: value for key, value in os.environ.items() if key not in colors}
    return subprocess.run(
        [sys.executable, *python, "-m", "pgssllint", *words],
        cwd=folder, env={**inherited, "PYTHONPATH": str(ROOT), **(env or {})}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=HANGS, check=False,
    )  # fmt: skip


MISTAKES = [
    (["--fromat", "json"], "There is no option '--fromat'. Did you mean '--format'?"),
    (["--selct=PGS534"], "There is no option '--selct'. Did you mean '--select'?"),
    (["--zzz"], "There is no option '--zzz'."),
    (["--format", "sarfi"], "There is no format 'sarfi'. Did you mean 'sarif'?"),
    (["--format", "zzz"], "There is no format 'zzz'. There are text, concise,"),
    (["--format", "json="], "Option '--format': 'json=' names no file after '='."),
    (["--format"], "Option '--format': expected one argument."),
    (["--select", "trust-over-netwrok"], "There is no rule 'trust-over-netwrok'. Did you mean 'trust-over-network'?"),
    (["--ignore", "zzz"], "There is no rule 'zzz'. 'pgssllint rules' lists them."),
    (["--pg-version", "new"], "Option '--pg-version': 'new' is no PostgreSQL major; write one like '15'"),
    (["--pg-version", "9"], "Option '--pg-version': PostgreSQL '9' is not among the majors the linter knows"),
    (["--pg-version", "18-14"], "Option '--pg-version': The range '18-14' of PostgreSQL majors is upside down."),
    (["--openssl", "three"], "Option '--openssl': 'three' is no OpenSSL series"),
    (["--openssl", "3.0:9"], "'9' is no OpenSSL security level"),
    (["--at", "tomorrow"], "Option '--at': 'tomorrow' is no date"),
    (["--sarif-rules", "all"], "Option '--sarif-rules' goes with '--format sarif'."),
    (["--sarif-rules", "used", "--format", "json"], "Option '--sarif-rules' goes with '--format sarif'."),
    (["--sarif-rules", "al", "--format", "sarif"], "'al' is no value of '--sarif-rules'. Did you mean 'all'?"),
    (
        ["--host-label", "db1"],
        "Option '--host-label' goes with '--format json|sarif|csv|markdown|gitlab|junit'; ",
    ),
    (["--category", "a"], "Option '--category' goes with '--format sarif'; no other report has room for it."),
    (["--category", "", "--format", "sarif"], "Option '--category': '' is no label; write a name, as 'db1'."),
    (["--host-label", "db1", "--format", "sarfi"], "There is no format 'sarfi'."),
    (["--host-label", " ", "--format", "csv"], "Option '--host-label': ' ' is no label; write a name, as 'db1'."),
    (["--host-label", "a\nb", "--format", "csv"], "Option '--host-label': 'a\\nb' is no label; write a name"),
    (["--host-label", "a", "--host-label", "b"], "Option '--host-label': it is given twice"),
    (["--fail-on", "warnings"], "'warnings' is no value of '--fail-on'. Did you mean 'warning'?"),
    (["--color", "zzz"], "'zzz' is no value of '--color'. It takes auto, always, never."),
    (["--map", "etc=x"], "Option '--map': 'etc=x' is no path map"),
    (["--root", "nowhere"], "Option '--root': 'nowhere' is not a directory."),
    (["--config-file", "x"], "Option '--config-file' goes with '--data-dir'."),
    (["--chroot", "."], "Option '--chroot' goes with '--data-dir', '--installed' or a deployed cluster: '.' is no "),
    (["--server-user", "0"], "Option '--server-user' goes with '--data-dir', '--installed' or a deployed cluster: "),
    (["--data-dir", ".", "."], "Option '--data-dir' stands instead of PATH"),
    (["--installed", "."], "Option '--installed' stands instead of PATH"),
    (["--installed", "--data-dir", "."], "Option '--installed' stands instead of '--data-dir'"),
    (["--data-dir", ".", "--root", "."], "Option '--root' does not go with '--data-dir'"),
    (["--data-dir", ".", "--map", "/etc=nowhere"], "Option '--map': '"),
    (["--set", "ssl"], "Option '--set': a setting is written like 'ssl=off'."),
    (["--set", "sssl=on"], "Option '--set': no PostgreSQL has a setting 'sssl'; 'ssl' is one."),
    (["--root", ".", "--root", "."], "Option '--root': it is given twice, and only one value can hold; give one."),
    (["--installed=x"], "Option '--installed' takes no value."),
    (["--server-user", "4294967295"], "Option '--server-user': '4294967295' is no number of a user or group; they end"),
    (["--server-user", "0:4294967295"], "Option '--server-user': '4294967295' is no number of a user or group; they "),
    (["--server-groups", "1,99999999999999999999"], "Option '--server-groups': '99999999999999999999' is no number of"),
    (["access", "--config-file", "x"], "Option '--config-file' goes with '--data-dir'."),
    (["--server-user", "no-such-user"], "there is no user 'no-such-user' on this machine"),
    (["postgres.conf"], "The path 'postgres.conf' does not exist. Did you mean 'postgresql.conf'?"),
    (["./postgres.conf"], "The path './postgres.conf' does not exist. Did you mean './postgresql.conf'?"),
    (["nowhere/zzz"], "The path 'nowhere/zzz' does not exist."),
    (["explian", "PGS210"], "'explian' is neither a command nor a path. Did you mean 'explain'?"),
    (["rule"], "'rule' is neither a command nor a path. Did you mean 'rules'?"),
    (["explain", "PGS999"], "There is no rule 'PGS999'. Did you mean 'PGS9"),
    (["explain", "zzz"], "There is no rule 'zzz'. 'pgssllint rules' lists them."),
    (["explain"], "The following arguments are required: RULE."),
    (["explain", "PGS210", "--colr"], "There is no option '--colr'. Did you mean '--color'?"),
    (["rules", "--format", "jsn"], "'jsn' is no value of '--format'. Did you mean 'json'?"),
    (["rules", "PGS210"], "'PGS210' is one word too many: nothing is left that it could be."),
    (["access", "a", "b"], "'b' is one word too many: nothing is left that it could be."),
]


@pytest.mark.parametrize(
    ("words", "said"), MISTAKES, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_a_mistake_gets_one_clear_sentence(folder: Path, words: list[str], said: str) -> None:
    done = run(folder, *words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("pgssllint: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


LAID: dict[str, Callable[[Path], object]] = {
    "a file": Path.touch,
    "a folder": Path.mkdir,
    "a link to a folder": lambda path: path.symlink_to("/"),
    "a link that leads nowhere": lambda path: path.symlink_to("nowhere"),
}


class TestNamesThatReadAsOptions:
    @pytest.mark.parametrize("lay", LAID.values(), ids=LAID)
    @pytest.mark.parametrize("command", ["check", "check --hook", "", *(name for name in COMMANDS if name != "check")])
    def test_in_a_hook_they_end_the_run(self, folder: Path, command: str, lay: Callable[[Path], object]) -> None:
        lay(folder / "--color=never")
        env = {} if "--hook" in command else {"PRE_COMMIT": "1"}
        done = run(folder, *command.split(), "pg_hba.conf", "--color=never", "--", "x", env=env)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            "pgssllint: '--color=never' reads as an option and names something here; "
            "put '--' before names, or write './--color=never'.\n"
        )

    @pytest.mark.parametrize("word", ["-", "--strict", "-x", "--format=json=out/x.pem", "--hook"])
    def test_nothing_is_written_before(self, folder: Path, word: str) -> None:
        (folder / "out").mkdir()
        (folder / word).parent.mkdir(parents=True, exist_ok=True)
        (folder / word).touch()
        done = run(folder, "--hook", "--format=json=first", word)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"pgssllint: '{word}' reads as an option")
        assert not (folder / "first").exists()
        assert not os.listdir(folder / "out")

    def test_what_cannot_be_seen_in_one_is_shown(self, folder: Path) -> None:
        (folder / "-\x1b[2K\n").touch()
        assert "'-\\x1b[2K\\n'" in run(folder, "-\x1b[2K\n", env={"PRE_COMMIT": "1"}).stderr

    @pytest.mark.parametrize("words", [["--", "-pg_hba.conf"], ["./-pg_hba.conf"], ["--strict", "--", "-pg_hba.conf"]])
    def test_as_paths_they_are_read(self, folder: Path, words: list[str]) -> None:
        (folder / "-pg_hba.conf").write_text(HBA)
        for command in (["check", "--hook"], ["check"], ["access"], ["hba"]):
            options = words if command[0] == "check" else [word for word in words if word != "--strict"]
            done = run(folder, *command, *options, env={"PRE_COMMIT": "1"})
            assert "-pg_hba.conf" in done.stdout, done.stderr

    @pytest.mark.parametrize("words", [["--pg-version", "13"], ["--pg-version=13"]])
    def test_options_that_name_nothing_are_options(self, folder: Path, words: list[str]) -> None:
        done = run(folder, "--hook", *words, "--strict", "--format=concise", "pg_hba.conf")
        assert done.stdout.startswith("pg_hba.conf:2:")
        assert run(folder, "hba", *words, "pg_hba.conf", env={"PRE_COMMIT": "1"}).returncode == 0

    def test_what_a_person_writes_is_taken_as_it_is_written(self, folder: Path) -> None:
        (folder / "--strict").touch()
        assert "--strict" not in run(folder, "--strict", "pg_hba.conf").stderr
        assert run(folder, "hba", "--format=json", "pg_hba.conf", env={"PRE_COMMIT": ""}).returncode == 0


class TestVersionAndHelp:
    def test_version(self, folder: Path) -> None:
        done = run(folder, "--version")
        assert (done.returncode, done.stdout) == (0, f"pgssllint {__version__}\n")

    @pytest.mark.parametrize("words", [["--version"], ["--help"], ["explain", "--help"]])
    def test_they_load_neither_lark_nor_cryptography(self, folder: Path, words: list[str]) -> None:
        done = run(folder, *words, python=("-X", "importtime"))
        assert "argparse" in done.stderr
        assert not any(name in done.stderr for name in ("lark", "cryptography", "pgssllint.postgres", "tomllib"))

    @pytest.mark.parametrize("words", [["--help"], ["-h"], ["check", "--help"]])
    def test_help_names_commands_and_statuses(self, folder: Path, words: list[str]) -> None:
        done = run(folder, *words)
        assert done.returncode == 0
        assert done.stdout.startswith("usage: pgssllint [check] [options] [PATH ...]")
        assert all(f"  {command} " in done.stdout for command in COMMANDS)
        assert "exit status:" in done.stdout
        assert max(map(len, done.stdout.splitlines())) <= 110

    @pytest.mark.parametrize("command", ["explain", "rules"])
    def test_each_command_has_its_own(self, folder: Path, command: str) -> None:
        assert run(folder, command, "-h").stdout.startswith(f"usage: pgssllint {command} ")


class TestCheck:
    @pytest.mark.parametrize(
        ("words", "status"),
        [
            ([], 1),
            (["check"], 1),
            (["."], 1),
            (["check", "pg_hba.conf"], 1),
            (["postgresql.conf"], 0),
            (["--exit-zero"], 0),
            (["--ignore", "PGS534"], 1),
            (["--ignore", "PGS100,trust-over-network,plaintext-path,open-network"], 0),
            (["--select", "PGS2", "--select", "PGS3"], 0),
            (["--select", "PGS534"], 1),
            ([".", "nowhere"], 2),
            (["--hook", "pgssllint.toml"], 0),
            (["pgssllint.toml"], 2),
        ],
    )
    def test_exit_status(self, folder: Path, words: list[str], status: int) -> None:
        assert run(folder, *words).returncode == status

    def test_in_pre_commit_nothing_to_check_is_well(self, folder: Path) -> None:
        assert run(folder, "pgssllint.toml", env={"PRE_COMMIT": "1"}).returncode == 0

    def test_a_folder_named_like_a_command_is_a_path(self, folder: Path) -> None:
        (folder / "rules").mkdir()
        (folder / "rules" / "pg_hba.conf").write_text(HBA)
        assert "PGS534" in run(folder, "./rules").stdout
        assert "PGS534" in run(folder, "check", "rules").stdout

    def test_what_a_path_lacks_is_in_every_report(self, folder: Path) -> None:
        done = run(folder, "pg_hba.conf", "nowhere", "--format", "text", "--format", "json=out.json")
        assert "PGS534" in done.stdout
        assert done.stderr == "pgssllint: The path 'nowhere' does not exist.\n"
        (note,) = json.loads((folder / "out.json").read_text())["notifications"]
        assert (note["message"], note["error"]) == ("The path 'nowhere' does not exist.", True)

    def test_machines_get_a_report_even_of_nothing(self, folder: Path) -> None:
        report = json.loads(run(folder, "nowhere", "--format", "json").stdout)
        assert report["summary"]["exit_status"] == 2

    def test_several_formats_and_files(self, folder: Path) -> None:
        done = run(folder, "--format", "concise", "--format", "json=a.json", "--format", "sarif=b.sarif")
        assert done.stdout.startswith("pg_hba.conf:2:")
        assert json.loads((folder / "a.json").read_text())["summary"]["error"] == 1
        assert json.loads((folder / "b.sarif").read_text())["version"] == "2.1.0"

    def test_sarif_describes_the_rules_it_uses_or_all(self, folder: Path) -> None:
        def described(*words: str) -> list[str]:
            driver = json.loads(run(folder, "--format", "sarif", *words).stdout)["runs"][0]["tool"]["driver"]
            return [rule["id"] for rule in driver["rules"]]

        assert described("--select", "PGS534") == described("--select", "PGS534", "--sarif-rules", "used") == ["PGS534"]
        assert described("--sarif-rules", "all") == list(rulebook().pages)
        assert len(run(folder, "--format", "sarif", "--select", "PGS534").stdout.encode()) < 15_000

    @pytest.mark.parametrize("file", ["nowhere/x.json", "."])
    def test_a_file_that_cannot_be_written(self, folder: Path, file: str) -> None:
        done = run(folder, "--format", f"json={file}")
        assert done.returncode == 2
        assert done.stderr.startswith(f"pgssllint: The report cannot be written to '{file}': ")

    @pytest.mark.parametrize("file", ["./out.json", "same/out.json"])
    def test_two_reports_cannot_go_to_one_file(self, folder: Path, file: str) -> None:
        (folder / "same").symlink_to(".")
        done = run(folder, "--format", "json=out.json", "--format", f"sarif={file}")
        assert (done.returncode, (folder / "out.json").exists()) == (2, False)
        assert done.stderr.startswith(f"pgssllint: Option '--format': two reports cannot go to one file, '{file}'.")

    def test_a_report_never_takes_the_place_of_what_it_is_about(self, folder: Path) -> None:
        before = (folder / "pg_hba.conf").read_bytes()
        done = run(folder, "--format", "json=./pg_hba.conf")
        why = "it is one of the files that were checked"
        assert (done.returncode, done.stderr) == (
            2,
            f"pgssllint: The report cannot be written to './pg_hba.conf': {why}.\n",
        )
        assert (folder / "pg_hba.conf").read_bytes() == before

    @pytest.mark.parametrize("words", [["rules"], ["explain", "PGS"], ["--format", "sarif", "--sarif-rules", "all"]])
    def test_an_output_that_is_full(self, folder: Path, words: list[str]) -> None:
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [sys.executable, "-m", "pgssllint", *words], cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=full, stderr=subprocess.PIPE, text=True, timeout=HANGS, check=False,
            )  # fmt: skip
        assert done.returncode == 2
        assert done.stderr == "pgssllint: The output cannot be written: No space left on device.\n"

    @pytest.mark.parametrize(
        ("words", "first"),
        [("rules", "P"), ("explain PGS", "P"), ("--format sarif --sarif-rules all", "{"), ("--help", "u")],
    )
    def test_a_reader_who_has_seen_enough(self, folder: Path, words: str, first: str) -> None:
        command = f"'{sys.executable}' -m pgssllint {words} | head -c 1"
        done = subprocess.run(
            ["sh", "-c", command], cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, timeout=HANGS, check=False,
        )  # fmt: skip
        assert (done.stdout, done.stderr) == (first, "")

    @pytest.mark.parametrize(
        ("words", "env", "colored"),
        [
            ([], {}, False),
            (["--color", "always"], {}, True),
            (["--color=always"], {"NO_COLOR": "1"}, True),
            ([], {"FORCE_COLOR": "1"}, True),
            ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
            (["--color", "never"], {"FORCE_COLOR": "1"}, False),
        ],
    )
    def test_color(self, folder: Path, words: list[str], env: dict[str, str], colored: bool) -> None:
        for command in ([], ["rules"], ["explain", "PGS534"]):
            assert ("\033[" in run(folder, *command, *words, env=env).stdout) is colored

    def test_no_color_goes_into_a_file(self, folder: Path) -> None:
        run(folder, "--color", "always", "--format", "text=report.txt")
        assert "\033[" not in (folder / "report.txt").read_text()

    def test_dates_are_judged_as_of_the_given_one(self, folder: Path) -> None:
        for moment in ("2026-06-15", "2026-06-15T12:00", "2026-06-15T12:00+02:00"):
            assert run(folder, "--at", moment).returncode == 1

    def test_the_target_is_told(self, folder: Path) -> None:
        done = run(folder, "--pg-version", "14-15", "--openssl", "1.1.1:2", "--format", "json")
        targets = json.loads(done.stdout)["targets"]
        assert [(t["pg"], t["openssl"], t["level"], t["how"]) for t in targets] == [
            (14, "1.1.1", 2, "stated"),
            (15, "1.1.1", 2, "stated"),
        ]


class TestExplain:
    def test_a_page(self, folder: Path) -> None:
        done = run(folder, "explain", "PGS534")
        page = rulebook().pages["PGS534"]
        assert done.returncode == 0
        assert done.stdout.startswith(f"PGS534 trust-over-network\nIntroduced in pgssllint 0.1.0.\n\n{page.title}\n")
        assert "Ask for a proof: write scram-sha-256 in place of trust, and where ssl is on" in done.stdout
        assert not any(mark in done.stdout for mark in ("`", "#", "+++", "Fires"))
        assert max(map(len, done.stdout.splitlines())) <= 100
        _, _, foot = done.stdout.partition("\nReferences\n\n")
        assert foot.splitlines() == [f"- {one}" for one in (*page.references, *(f"CWE-{n}" for n in page.cwe))]

    def test_several(self, folder: Path) -> None:
        done = run(folder, "explain", "ssl-off", "PGS534")
        assert done.stdout.index("PGS100 ssl-off") < done.stdout.index("PGS534 trust-over-network")

    def test_a_prefix(self, folder: Path) -> None:
        out = run(folder, "explain", "PGS03").stdout
        assert all(f"{rule} {rulebook().pages[rule].name}\n" in out for rule in ("PGS030", "PGS031", "PGS032"))


class TestRules:
    def test_the_table(self, folder: Path) -> None:
        lines = run(folder, "rules").stdout.splitlines()
        assert [line.split()[0] for line in lines] == list(rulebook().pages)
        (line,) = [line for line in lines if line.startswith("PGS534")]
        assert line.split()[1:4] == ["trust-over-network", "error", "exposes"]

    def test_json(self, folder: Path) -> None:
        rows = json.loads(run(folder, "rules", "--format", "json").stdout)
        assert [row["rule"] for row in rows] == list(rulebook().pages)
        assert {"rule", "name", "severity", "effect", "opt_in", "title", "since", "until", "fix", "help"} == set(
            rows[0]
        )
