"""What sed makes of a postgresql.conf of initdb, comments and all: held against the real sed and real samples."""

import subprocess
import time
from functools import partial
from pathlib import Path

import pytest

from pgssllint.sources.sample_comments import LAST, amid_comments, are_of_parameters
from pgssllint.sources.sed import edited, read_sed
from pgssllint.target import MAJORS
from pgssllint.text import Home, Source, Span
from pgssllint.traced import Traced, whole
from tests.support.installations import Unavailable, available
from tests.support.repositories import lay
from tests.test_container_judged import told
from tests.test_sed import words
from tests.test_sites import judged
from tools.make_sample import rows

AT = Home(Source("/r/compose.yaml", b"db"), Span(0, 2), is_users=True)
MADE = "listen_addresses = '*'\nmax_connections = 100\n"
LINES = Path(__file__).parents[1] / "pgssllint" / "sources" / "sample_lines.tsv"


def ours(script: str, major: int, option: str) -> str | None:
    read = read_sed(words(f"sed {option} " + "'" + script.replace("'", "'\\''") + "' f"))
    assert read is not None
    made = amid_comments(whole(Source("/r/f", MADE.encode())), partial(edited, commands=read[0]), AT, major)
    return made.text if made is not None else None


def theirs(folder: Path, script: str, major: int, option: str) -> str:
    """What the real one leaves of settings, in a file with the comments of the major's sample."""
    seen: list[str] = []

    def keep(text: Traced) -> Traced:
        seen.append(text.text)
        return text

    amid_comments(whole(Source("/r/f", MADE.encode())), keep, AT, major)
    (folder / "f").write_text(seen[0])
    subprocess.run(["sed", *option.split(), script, "f"], cwd=folder, check=True)
    return "".join(line for line in (folder / "f").read_text().splitlines(True) if not line.startswith("#"))


@pytest.mark.parametrize(
    ("script", "option"),
    [
        ("s/#ssl = off/ssl = on/", "-i"),
        ("s/^#ssl = .*/ssl = on/", "-i"),
        ("s/^#*ssl = .*/ssl = on/", "-i"),
        ("s/^#?ssl *=.*/ssl = on/", "-i -E"),
        ("s/^#\\?ssl_cert_file.*/ssl_cert_file = '\\''x'\\''/".replace("'\\''", "'"), "-i"),
        ("s/#listen_addresses = 'localhost'/listen_addresses = 'x'/", "-i"),
        ("s/.*listen_addresses = /listen_addresses = 'x' #/", "-i"),
        ("/^#ssl_key_file/c ssl_key_file = 'x'", "-i"),
        ("/#password_encryption/a password_encryption = md5", "-i"),
        ("s/#password_encryption = scram-sha-256/password_encryption = md5/", "-i"),
        ("s/ssl = off/ssl = on/", "-i"),
        ("s/#port = 5432/port = 5433/; s/#ssl = off/ssl = on/", "-i"),
        ("/^#ssl/d", "-i"),
        ("s/#ssl_dh_params_file = .*/ssl_dh_params_file = 'x'/", "-i"),
    ],
)
@pytest.mark.parametrize("major", [10, 13, 14, 18])
def test_what_is_uncommented_is_what_the_real_one_uncomments(
    script: str, option: str, major: int, tmp_path: Path
) -> None:
    assert ours(script, major, option) == theirs(tmp_path, script, major, option)


@pytest.mark.parametrize(
    ("script", "are"),
    [
        ("s/^#//", False),
        ("s/#.*//", False),
        ("s/a/b/", False),
        ("s/#nosuch_name = 1/x/", False),
        ("s/#ssl = off/x/; /localhost/d", False),
        ("s/#ssl = off/x/", True),
        ("$a ssl = on", True),
        ("/^#port/s/5432/5433/", True),
    ],
)
def test_lines_that_are_sought_otherwise_than_by_a_parameter_may_be_any(script: str, are: bool) -> None:
    read = read_sed(words(f"sed -i '{script}' f"))
    assert read is not None
    assert are_of_parameters(read[0]) is are


def test_every_major_has_lines_of_its_own_or_of_the_last() -> None:
    for major in MAJORS:
        made = ours("s/#ssl = off/ssl = on/", major, "-i")
        assert made == "ssl = on\n" + MADE
    assert ours("s/^#ssl_groups.*/ssl_groups = 'x'/", LAST, "-i") != MADE
    assert ours("s/^#ssl_ecdh_curve.*/ssl_ecdh_curve = 'x'/", LAST, "-i") == MADE


@pytest.mark.servers
def test_the_lines_are_those_of_real_samples() -> None:
    servers = [one for major in range(MAJORS[0], LAST + 1) if not isinstance(one := available(major), Unavailable)]
    if not servers:
        pytest.skip("no server can be had")
    found = {}
    for server in servers:
        sample = next(one for one in server.bindir.parent.glob("share/**/postgresql.conf.sample") if one.is_file())
        found[server.major] = sample.read_text(encoding="utf-8")
    held = [line.split("\t", 1) for line in LINES.read_text().splitlines()]
    for major, text in found.items():
        own = {line.split("\t", 1)[1] for line in rows({major: text})}
        mine = {line for majors, line in held if int(majors.split("-")[0]) <= major <= int(majors.split("-")[1])}
        assert mine == own, major


COMPOSE = """\
services:
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: x}
    ports: ['5432:5432']
    volumes: ['./init:/docker-entrypoint-initdb.d']
"""


def test_a_script_that_turns_tls_on_has_turned_it_on(tmp_path: Path) -> None:
    lines = 'cp /in/* "$PGDATA"\nsed -i "s/^#ssl = off/ssl = on/" "$PGDATA/postgresql.conf"\n'
    script = "sed -i \"s/^#ssl_ciphers.*/ssl_ciphers = 'NOSUCH'/\" $PGDATA/postgresql.conf\n"
    found = told(tmp_path, {"compose.yaml": COMPOSE, "init/tls.sh": lines + script})
    assert any("tls.sh:3 PGS13" in one for one in found), found
    lay(tmp_path, {"init/tls.sh": lines.replace("ssl = on", "ssl = maybe")})
    assert any("tls.sh:2 PGS040" in one for one in told(tmp_path, {}))


def test_changes_without_end_are_not_followed_and_take_little_time(tmp_path: Path) -> None:
    script = "sed -i 's/^#ssl = off/ssl = on/' $PGDATA/postgresql.conf\n" * 3000
    before = time.process_time()
    lay(tmp_path, {"compose.yaml": COMPOSE, "init/tls.sh": script})
    outcome = judged(tmp_path)
    assert [one.predictions[0].starts for one in outcome.clusters] == [None]
    assert len(outcome.notifications) == 1
    assert time.process_time() - before < 10
