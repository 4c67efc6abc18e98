"""The task of README for VS Code: run by a shell as it is written, and its problem matcher held to what that prints."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def task() -> Any:
    snippet = re.search(r"```json\n// \.vscode/tasks\.json\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert snippet is not None
    (found,) = json.loads(snippet[1])["tasks"]
    return found


def test_it_writes_the_report_and_its_lines_are_problems(tmp_path: Path) -> None:
    (tmp_path / "pgssllint.toml").write_text("")
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "pg_hba.conf").write_text("local all all peer\nhost all all 0.0.0.0/0 trust\n")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "pgssllint").write_text(f'#!/bin/sh\nexec {sys.executable} -m pgssllint "$@"\n')
    (programs / "pgssllint").chmod(0o755)
    for _ in range(2):
        done = subprocess.run(
            ["bash", "-c", task()["command"]], cwd=tmp_path, check=True, capture_output=True, text=True, timeout=60,
            env={"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    assert json.loads((tmp_path / ".sarif" / "pgssllint.sarif").read_text())["runs"][0]["results"]
    pattern = task()["problemMatcher"]["pattern"]
    hits = [hit for line in done.stdout.splitlines() if (hit := re.fullmatch(pattern["regexp"], line))]
    names = ("file", "line", "column", "code", "severity")
    told = [[hit[pattern[name]] for name in names] for hit in hits]
    assert told == [["conf/pg_hba.conf", "2", "24", "PGS534", "error"]]
