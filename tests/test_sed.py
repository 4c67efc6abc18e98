"""What `sed -i` makes of a file, held against the real one."""

import random
import subprocess
import time
from pathlib import Path

import pytest

from pgssllint.sources.sed import edited, read_sed
from pgssllint.sources.shell_values import all_fields
from pgssllint.sources.shell_words import words_of
from pgssllint.text import Source
from pgssllint.traced import Traced, whole

RECORDS = (
    "local   all             all                                     trust\n"
    "host    all             all             127.0.0.1/32            trust\n"
    "host    replication     all             ::1/128                 trust\n"
    "host all all all md5\n"
)
FOLLOWED = (
    "s/md5/scram-sha-256/", "s/trust/peer/g", "s/^host /hostssl /", "s/^host\\s\\+all.*/x/", "s/all/ALL/g",
    "s/^host all all all .*/hostssl all all all scram-sha-256/", "/replication/d", "/^host all/d", "$d", "/::1/i x y",
    "1i local all all peer", "/md5/c host all all all reject", "s/md5$/&x/", "/replication/s/trust/reject/",
    "s/host    all/a\\tb/", "s/[[:space:]]*trust//", "s/ *md5/ md4/", "s/MD5/x/I", "s,all,b\\,c,",
    "s|127.0.0.1/32|samehost|", "$a hostssl all all all cert", "s/a b/c/; s/md5/x/;/local/d", "s/^/x/", "s/$/ y/",
)  # fmt: skip


def words(text: str) -> tuple[Traced, ...]:
    return all_fields(words_of(whole(Source("/r/x.sh", text.encode()))), {})


def ours(script: str, text: str = RECORDS, option: str = "-i") -> str | None:
    quoted = script.replace("'", "'\\''")
    read = read_sed(words(f"sed {option} '{quoted}' f"))
    made = edited(whole(Source("/r/f", text.encode())), read[0]) if read is not None else None
    return made.text if made is not None else None


def theirs(folder: Path, script: str, *options: str) -> str:
    (folder / "f").write_text(RECORDS)
    subprocess.run(["sed", *options, "-i", script, "f"], cwd=folder, check=True)
    return (folder / "f").read_text()


@pytest.mark.parametrize("script", FOLLOWED)
def test_scripts_do_what_the_real_one_does(tmp_path: Path, script: str) -> None:
    assert ours(script) == theirs(tmp_path, script)


def test_extended_patterns(tmp_path: Path) -> None:
    for script in ("s/^host +all/x/", "s/ ?md5/y/", "s/(all)/z/"):
        made = ours(script, option="-E -i")
        assert made is None or made == theirs(tmp_path, script, "-E")
    assert ours("s/^host +all/x/", option="-i -E") is not None


def test_random_patterns_do_what_the_real_one_does(tmp_path: Path) -> None:
    draw = random.Random(3)
    pieces = (
        "^",
        "host",
        "all",
        " ",
        ".",
        ".*",
        " *",
        "\\s*",
        "\\s\\+",
        "trust",
        "md5",
        "$",
        "[[:space:]]",
        "1",
        "/32",
        "x",
        "\\.",
        "*",
    )
    followed = 0
    for _ in range(60):
        sought = "".join(draw.choices(pieces, k=draw.randint(1, 5)))
        script = draw.choice((f"s|{sought}|<&>|", f"s|{sought}|r|g", f"\\|{sought}|d"))
        made = ours(script)
        if made is not None:
            followed += 1
            assert made == theirs(tmp_path, script), script
    assert followed > 8


@pytest.mark.parametrize(
    "script",
    [
        "s/# host/host/", "s/\\(a\\)\\(b\\)/x/", "s/[a-z]/x/", "2d", "1,3d", "/a/,/b/d", "y/a/b/", "s/a/b/e",
        "s/a/b/w f", "p", "s/a", "s/.*/x/g", "s/.*a.*b/x/",
        "s/.*.*.*x/y/", "s/ * *x/y/", "a x", "/nowhere/a x", "{d}", "s/a*/b/",
    ],
)  # fmt: skip
def test_other_scripts_are_not_followed(script: str) -> None:
    assert ours(script) is None


@pytest.mark.parametrize(
    "text", ["sed s/a/b/ f", "sed -n -i p f", "sed -i", "sed -i $X f", "sed -i -f x f", "sed --posix -i s/a/b/ f"]
)
def test_other_calls_are_not_followed(text: str) -> None:
    assert read_sed(words(text)) is None


def test_what_is_written_leads_to_the_script_and_the_rest_home() -> None:
    text = "sed -i -e 's/md5/scram/' f"
    read = read_sed(words(text))
    assert read is not None
    made = edited(whole(Source("/r/f", RECORDS.encode())), read[0])
    assert made is not None
    at = made.text.index("scram")
    written, kept = made.part(at, at + 5).home(), made.part(0, 5).home()
    assert written is not None
    assert kept is not None
    assert (text[written.span.start : written.span.end], kept.source.path) == ("scram", "/r/f")


@pytest.mark.parametrize("script", ["s/.*x/y/g", "s/ *x/y/g", "s/\\s*x/y/"])
def test_no_pattern_takes_long(script: str) -> None:
    start = time.process_time()
    for character in " a":
        assert ours(script, (character * 490 + "\n") * 60) is not None
        assert ours(script, (character * 490 + "\n") * 600) is None
    assert time.process_time() - start < 4
