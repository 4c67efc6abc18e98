"""A file of a tool that also holds a private key: the lines of the key are hidden, and nothing for their sake."""

import base64
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from pgssllint.report import FORMATS
from tests.support.outcomes import source
from tests.support.runs import run

BODY = (
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgS3cr3t",
    "Qk4pXv9mZq7hT2QmFzZTY0S3cr3tQk4pXv9mZq7hT2wJ8rLs5uYc",
)
PEM = "\n".join(("-----BEGIN PRIVATE KEY-----", *BODY, "-----END PRIVATE KEY-----", ""))
RECORDS = "  pg_hba.conf: |\n    host all alice 10.0.0.0/8 trsut\n"
HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n"


def _block(text: str) -> str:
    return "|\n" + "".join(f"    {line}\n" for line in text.splitlines())


KEYS = {
    "in a block": f"  server.key: {_block(PEM)}",
    "of two kinds": f"  a: {_block(PEM)}  b: {_block(PEM.replace('PRIVATE', 'EC PRIVATE'))}",
    "in quotes": f"  server.key: {json.dumps(PEM)}\n",
    "two on a line": f"  all: {json.dumps(PEM + PEM)}\n",
    "in Base64": f"  server.key: {base64.b64encode(PEM.encode()).decode()}\n",
    "without markers": f"  server.key: {''.join(BODY)}\n",
    "without markers, in lines": f"  server.key: {_block(chr(10).join(BODY))}",
    "in JSON": f"  key.json: {_block(json.dumps({'key': PEM, 'host': 'x'}))}",
}


def _frames(folder: Path, manifest: str, *options: str) -> tuple[str, list[tuple[str, str]]]:
    (folder / "map.yaml").write_text(manifest)
    ran = run(folder, "check", "--root", ".", *options, *(f"--format={form}" for form in FORMATS))
    return ran.out + ran.err, re.findall(r"(?m)^ *\d+ \| (.*)\n +\| +(\^.*)", ran.out)


@pytest.mark.parametrize("options", [(), ("--show-secrets",)])
@pytest.mark.parametrize("form", KEYS)
@pytest.mark.parametrize("before", [True, False])
def test_only_its_own_lines_are_hidden(tmp_path: Path, form: str, before: bool, options: tuple[str, ...]) -> None:
    manifest = HEAD + (KEYS[form] + RECORDS if before else RECORDS + KEYS[form])
    out, frames = _frames(tmp_path, manifest, *options)
    assert ("    host all alice 10.0.0.0/8 trsut", "^^^^^") in frames
    assert "'trsut' is no authentication method" in out
    assert "[redacted]" not in out
    assert not [line for line in BODY if any(line[at : at + 12] in out for at in range(len(line) - 11))]


def test_one_that_nothing_ends_hides_what_follows(tmp_path: Path) -> None:
    key = f"  server.key: {_block(PEM.partition('-----END')[0])}"
    out, frames = _frames(tmp_path, HEAD + key + RECORDS)
    assert "PGS530" in out
    assert frames
    assert "alice" not in out
    assert not [line for line in BODY if line[:12] in out]


@pytest.mark.parametrize("text", [*KEYS.values(), "é\ufeff" + KEYS["two on a line"] + "ü", "no key", ""])
def test_its_stretches_are_in_order_and_cover_it(text: str) -> None:
    spans = source("map.yaml", text).key_spans
    shown = list(text)
    for span in reversed(spans):
        del shown[slice(*span)]
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert not [line for line in BODY if line[:12] in "".join(shown)]
    assert bool(spans) is (text not in ("no key", ""))
