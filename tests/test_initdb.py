"""What initdb makes of its options; tests/data/initdb_options.json is what the real ones did.

`PGSSLLINT_RECORD=1 pytest -m servers tests/test_initdb.py` asks them and writes it down.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from pgssllint.sources.initdb import Initdb, read_initdb, records, settings_text
from pgssllint.text import Home, Source, Span
from pgssllint.traced import Traced, virtual, written
from tests.support import recorded
from tests.support.installations import Installation, available, switch_of_user, workplace

ANSWERS = Path(__file__).parent / "data" / "initdb_options.json"
MAJORS = range(10, 19)
ASKED = (
    "", "--auth=md5", "--auth=scram-sha-256", "--auth-host=md5", "--auth-local=md5",
    "--auth-host=scram-sha-256 --auth-local=md5", "--auth-host=md5 --auth-local=scram-sha-256",
    "--auth-host scram-sha-256", "-A ident", "-Apeer", "--auth-local=peer -A md5", "-A reject", "--auth-h=md5",
)  # fmt: skip
"""Options as they are asked; no word of them has a blank in it."""

SETTINGS = (
    "-c ssl=on", "--set=ssl=on", "-A md5 -c password_encryption=scram-sha-256", "-c SSL=ON -c ssl=off",
    "-c log_line_prefix=it's", "-c ssl_ciphers=HIGH:!x", "-c ssl_cert_file=", "-c port=5433", "-c work_mem=4MB",
)  # fmt: skip
"""The same with settings, from 16 on."""

TAKEN = (
    "-A trust", "-A cert", "-A nosuch", "-A radius", "--auth-local=ident", "--auth-local=cert", "--auth-host=peer",
    "--auth-host=cert", "-c ssl=on", "--set=ssl=on", "--set ssl=on", "-c ssl", "-g", "-k", "-kA md5",
    "-kAnosuch",
    "word", "--no-instructions", "--no-data-checksums", "--allow-group-access", "--wal-segsize=16",
    "-A", "--auth", "--unheard-of", "-Z", "--no-sync=1", "--icu-rules=x -A nosuch",
)  # fmt: skip
"""Options of which it is only asked whether they are taken."""

ROOT = Source("/r/compose.yaml", b"image: postgres")
IMAGE = Home(ROOT, Span(0, 5), is_users=True)


def words(text: str) -> tuple[Traced, ...]:
    source, at, found = Source("/r/.env", text.encode()), 0, []
    for word in text.split():
        at = text.index(word, at)
        found.append(written(source, Span(at, at + len(word))))
        at += len(word)
    return tuple(found)


@cache
def answers() -> Mapping[str, list[list[str]] | bool]:
    found: dict[str, list[list[str]] | bool] = json.loads(ANSWERS.read_text())
    return found


def installed(major: int) -> Installation:
    installation = available(major)
    assert isinstance(installation, Installation)
    return installation


def asked(major: int, text: str) -> list[list[str]]:
    """The records, and the settings of postgresql.conf, after a run with some options."""
    folder, password = laid_out()
    options = ["-N", "--no-locale", "-E", "UTF8", "-U", "postgres", f"--pwfile={password}", "-D", str(folder / "data")]
    installed(major).run("initdb", *options, *text.split())
    found = [_lines(folder / "data" / name) for name in ("pg_hba.conf", "postgresql.conf")]
    shutil.rmtree(folder)
    return found


def is_taken(major: int, text: str) -> bool:
    """Whether options are taken: then it is the folder that is refused, which is not empty."""
    folder, password = laid_out()
    try:
        installed(major).run("initdb", f"--pwfile={password}", "-D", str(folder), *text.split())
    except subprocess.CalledProcessError as error:
        return "exists but is not empty" in error.stderr
    finally:
        shutil.rmtree(folder)
    raise AssertionError("initdb took a folder that is not empty")


def laid_out() -> tuple[Path, Path]:
    folder, switch = Path(tempfile.mkdtemp(dir=workplace())), switch_of_user()
    if switch.uid is not None:
        os.chown(folder, switch.uid, -1)
    password = folder / "password"
    password.write_text("x\n")
    password.chmod(0o644)
    return folder, password


def _lines(path: Path) -> list[str]:
    return [one for line in path.read_text().splitlines() if (one := " ".join(line.partition("#")[0].split()))]


def told(major: int, text: str) -> list[list[str]]:
    read = read_initdb(words(text), major)
    if read.fault is not None:
        return []
    texts = records(read, IMAGE, "image"), settings_text(read, major)
    return [[" ".join(line.split()) for line in one.text.splitlines()] for one in texts]


@pytest.mark.parametrize(("major", "text"), [(m, t) for m in MAJORS for t in (*ASKED, *(SETTINGS if m >= 16 else ()))])
def test_initdb_does_what_is_told(major: int, text: str) -> None:
    answer, usual = answers()[f"{major}:{text}"], answers()[f"{major}:"]
    assert isinstance(answer, list)
    assert isinstance(usual, list)
    assert told(major, text) == [answer[0], [line for line in answer[1] if line not in usual[1]]]


@pytest.mark.parametrize("text", TAKEN)
def test_options_are_taken_or_refused_as_is_told(text: str) -> None:
    for major in MAJORS:
        read = read_initdb(words(text), major)
        if read.is_known:
            assert (read.fault is None) is answers()[f"taken:{major}:{text}"]
        else:
            assert text == "--unheard-of"


@pytest.mark.servers
def test_initdb_is_asked() -> None:
    found: dict[str, list[list[str]] | bool] = {}
    for major in MAJORS:
        texts = (*ASKED, *(SETTINGS if major >= 16 else ()))
        found |= {f"{major}:{text}": asked(major, text) for text in texts}
        found |= {f"taken:{major}:{text}": is_taken(major, text) for text in TAKEN}
    if recorded.RECORDING:
        lines = (f" {json.dumps(key)}: {json.dumps(answer)}" for key, answer in found.items())
        ANSWERS.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    assert found == answers()


def test_methods_lead_to_the_option_and_the_rest_to_the_image() -> None:
    read = read_initdb(words("--auth-host=md5"), 16)
    file = virtual("/v/pg_hba.conf", records(read, IMAGE, "image"))
    first, second = file.text.splitlines()[:2]
    assert file.home(Span(0, len(first))) == Home(ROOT, Span(0, 5), is_users=False)
    home = file.home(Span(len(first) + 1, len(first) + 1 + len(second)))
    assert (home.source.path, home.span, home.is_users) == ("/r/.env", Span(12, 15), True)


def test_a_major_that_is_not_known_refuses_nothing_of_a_later_one() -> None:
    assert read_initdb(words("-c ssl=on"), None).fault is None
    assert read_initdb(words("-c ssl=on"), 15).fault is not None


def test_options_that_are_not_known_leave_the_methods_open() -> None:
    assert read_initdb(words("--unheard-of"), 16) == Initdb(is_known=False)
    assert read_initdb(words("--lc=C"), 16).is_known is False


@pytest.mark.parametrize("text", ["-" * 5000, "--" * 5000, "-A " * 5000, "-c= -c", "-- a", "-D -D", "-c " + "'" * 5000])
def test_any_words_are_read(text: str) -> None:
    read = read_initdb(words(text), 16)
    settings_text(read, 16)
