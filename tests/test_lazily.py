"""What a walk costs where no file speaks of a server: no reader of YAML, and each file opened once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ASK = """
import collections, json, os, sys
opened = collections.Counter()
def note(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".yaml"):
        opened[os.path.basename(str(arguments[0]))] += 1
sys.addaudithook(note)
from pgssllint.cli import main
try:
    main(["check", "--root", sys.argv[1], "--format", "json", sys.argv[1]])
except SystemExit:
    pass
loaded = [name for name in sys.modules if name == "yaml" or ".yaml_" in name or name.endswith(".kubernetes")]
print("\\n" + json.dumps([loaded, opened]))
"""
PLAIN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: b\n"
SPEAKING = "services:\n  db:\n    image: postgres:16\n    environment: {POSTGRES_PASSWORD: x}\n"


def asked(folder: Path) -> tuple[list[str], dict[str, int]]:
    done = subprocess.run([sys.executable, "-c", ASK, str(folder)], capture_output=True, text=True, check=True)
    loaded, opened = json.loads(done.stdout.splitlines()[-1])
    return loaded, opened


@pytest.mark.parametrize("speaks", [False, True])
def test_yaml_is_read_where_a_server_is_spoken_of_and_each_file_is_opened_once(tmp_path: Path, speaks: bool) -> None:
    for number in range(30):
        (tmp_path / f"f{number}.yaml").write_text(PLAIN)
    (tmp_path / "postgresql.conf").write_text("ssl = off\n")
    if speaks:
        (tmp_path / "compose.yaml").write_text(SPEAKING)
    loaded, opened = asked(tmp_path)
    assert ("yaml" in loaded) == speaks
    assert speaks or not loaded
    assert set(opened.values()) == {1}
    assert len(opened) == 30 + speaks
