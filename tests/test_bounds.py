"""Bounds of what a project may make the linter do: each is told where it is met."""

import random
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint import engine
from pgssllint.api import check, gathered_clusters
from pgssllint.configuration.mistakes import ConfigurationError
from pgssllint.configuration.reading import read_declared
from pgssllint.files import Files
from pgssllint.ignores import Ignores
from pgssllint.locate import Locator, PathMap
from pgssllint.postgres import include_bounds
from pgssllint.postgres import shapes as shapes_module
from pgssllint.postgres.coverage import coverage
from pgssllint.postgres.hba import read_hba
from pgssllint.postgres.shapes import shapes
from pgssllint.report.packed import Packed
from pgssllint.request import Request
from pgssllint.text import Source
from pgssllint.ways import Reason
from tests.support.memory import Memory


def ignores(folder: Path) -> Ignores:
    return Ignores(Files((str(folder),)), str(folder))


@pytest.mark.parametrize("globs", [1000, 1001])
def test_a_thousand_patterns_with_wildcards_are_looked_at(tmp_path: Path, globs: int) -> None:
    lines = [*(f"a{n}?" for n in range(globs - 1)), *(f"plain{n}\n*.{n}" for n in range(3000)), "last?"]
    (tmp_path / ".gitignore").write_text("\n".join(lines))
    found = ignores(tmp_path)
    assert found.match(str(tmp_path / "lastX"), False) is (globs == 1000)
    assert found.passed_over == (None if globs == 1000 else str(tmp_path / ".gitignore"))
    assert found.match(str(tmp_path / "below" / "plain2999"), False)
    assert found.match(str(tmp_path / "below" / "x.2999"), False)


def test_patterns_that_are_passed_over_are_told(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("".join(f"a{n}?\n" for n in range(1001)))
    (tmp_path / "pg_hba.conf").write_text("local all all peer\n")
    told = [note.message for note in check([str(tmp_path)], pg_version="18").notifications]
    assert told == [f"'{tmp_path}/.gitignore' has more than 1,000 patterns with wildcards; the rest hide nothing."]


def test_what_is_ignored_is_what_git_ignores(tmp_path: Path) -> None:
    """Names, ends, paths, globs, folders and what is taken back, in any order and at two depths."""
    draw = random.Random(7)
    words = [
        "a",
        "b.c",
        "*.c",
        "*b",
        "a*",
        "?",
        "d",
        "/a",
        "/d/a",
        "d/*",
        "**/a",
        "d/",
        "a/",
        "*",
        "!a",
        "!b.c",
        "!*.c",
        "!/d/a",
        "[ab]",
    ]
    names = ["a", "b.c", "x.c", "ab", "d/a", "d/b.c", "d/x", "e/a", "e/x.c", "b"]
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    for _ in range(60):
        for folder in (tmp_path, tmp_path / "d"):
            (folder / ".gitignore").write_text("\n".join(draw.choices(words, k=draw.randint(0, 4))))
        command = ["git", "-c", "core.excludesFile=/dev/null", "check-ignore", "--no-index", "--stdin"]
        done = subprocess.run(
            command, cwd=tmp_path, input="\n".join(names), capture_output=True, text=True, check=False
        )
        found = ignores(tmp_path)
        ours = [
            name
            for name in names
            if any(found.match(str(tmp_path / part), (tmp_path / part).is_dir()) for part in (name.split("/")[0], name))
        ]
        said = [(folder / ".gitignore").read_text() for folder in (tmp_path, tmp_path / "d")]
        assert ours == done.stdout.splitlines(), said


@pytest.mark.parametrize(("depth", "reason"), [(200, Reason.ABSENT), (201, Reason.TOO_DEEP)])
def test_no_path_is_followed_through_more_than_200_folders(depth: int, reason: Reason) -> None:
    assert Files(None).look("/x" * depth).reason is reason


def test_a_folder_that_lies_too_deep_is_told(tmp_path: Path) -> None:
    here = tmp_path / "/".join("d" * (199 - str(tmp_path).count("/")))
    (here / "e" / "e").mkdir(parents=True)
    (here / "pg_hba.conf").write_text("local all all peer\n")
    (here / "e" / "e" / "pg_hba.conf").write_text("local all all trust\n")
    outcome = check([str(tmp_path)], pg_version="18")
    assert [note.message for note in outcome.notifications] == [
        f"'{here}/e/e' could not be entered, so nothing below it was checked."
    ]


def test_what_leads_out_of_the_roots_by_a_folder_stays_outside(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a").write_text("")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to("../out")
    files = Files((str(tmp_path / "in"),))
    for name in ("link", "link/a", "link/b", "link/a"):
        facts = files.look(str(tmp_path / "in" / name))
        assert (facts.reason, facts.real) == (Reason.OUTSIDE, str(tmp_path / "out" / name[5:]).rstrip("/"))


def test_links_are_counted_over_the_whole_way(tmp_path: Path) -> None:
    """Forty of them, as on Linux: 39 within one folder's name and two behind it are too many."""
    for n in range(39):
        (tmp_path / f"l{n}").symlink_to(f"l{n + 1}")
    (tmp_path / "l39").mkdir()
    (tmp_path / "l39" / "f").write_text("")
    (tmp_path / "l39" / "one").symlink_to("f")
    (tmp_path / "l39" / "two").symlink_to("one")
    files = Files((str(tmp_path),))
    assert files.look(str(tmp_path / "l0" / "one")).reason is None
    assert files.look(str(tmp_path / "l0" / "two")).reason is Reason.LOOP


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (".".join("a" * 32) + " = 1", False),
        (".".join("a" * 33) + " = 1", True),
        (" . ".join("a" * 33) + " = 1", True),
        (".".join(["'a'", '"b"', "c"] * 11) + " = 1", True),
        ("[" + ".".join("a" * 33) + "]", True),
        ("files = [{" + ".".join("a" * 33) + " = 1}]", True),
        ('"' + ".".join("a" * 99) + '" = 1', False),
        ("files = ['" + ".".join("a" * 99) + "']", False),
        ("files = ['''" + ".".join("a" * 99) + "\n''']", False),
        ('files = ["""\\"""" + "' + ".".join("a" * 99) + '"]', False),
        ("complete = true # " + ".".join("a" * 99), False),
        ("files = [" + "1.5, " * 99 + "]", False),
    ],
)
def test_a_key_of_more_than_32_parts_is_refused(tmp_path: Path, text: str, refused: bool) -> None:
    (tmp_path / "pgssllint.toml").write_text(text)
    sentence = ""
    try:
        read_declared(str(tmp_path), Files((str(tmp_path),)))
    except ConfigurationError as error:
        sentence = str(error)
    assert ("more than 32 parts" in sentence) is refused


@pytest.mark.parametrize("globs", [1000, 1001])
def test_a_thousand_patterns_of_files_are_held_against_names(tmp_path: Path, globs: int) -> None:
    patterns = [*(f"p{n}" for n in range(3000)), *(f"p{n}*.c" for n in range(globs - 1)), "last*.c"]
    (tmp_path / "pgssllint.toml").write_text(f"files = {patterns}")
    for name in ("lastone.c", "p2999"):
        (tmp_path / name).write_text("ssl = off\n")
    if globs > 1000:
        with pytest.raises(ConfigurationError, match="'files' has more than 1,000 patterns with wildcards"):
            check([str(tmp_path)])
        return
    found = {Path(cluster.path).name for cluster in check([str(tmp_path)]).clusters}
    assert found == {"lastone.c", "p2999"}


def test_maps_are_tried_in_their_order(tmp_path: Path) -> None:
    def paths(name: str, *maps: tuple[str, str]) -> list[str | None]:
        locator = Locator(Files((str(tmp_path),)), False, None, maps=[PathMap(*one) for one in maps])
        return [path for path, speaks, _ in locator._ways(name, "/r/main.conf", None) if speaks]

    assert paths("/a/b/c", ("/a/b", "/1"), ("/", "/2"), ("/a", "/3"), ("/a/b", "/4"), ("/a/x", "/5")) == [
        "/1/c", "/2/a/b/c", "/3/b/c", "/4/c",
    ]  # fmt: skip
    assert paths("/a", ("/a/b", "/1"), ("/a", "/2")) == ["/2"]
    assert paths("a", ("/", "/1")) == []


def test_a_rule_is_told_of_so_many_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MOST_OF_A_RULE", 3)
    for lines, told in ((3, []), (4, ["more of them"])):
        (tmp_path / "pg_hba.conf").write_text("x\n" * lines)
        found = check([str(tmp_path / "pg_hba.conf")], pg_version="18")
        assert sum(len(finding.places) for finding in found.findings) == 3
        notes = [str(note.message) for note in found.notifications if " is told of 3 lines of " in str(note.message)]
        assert [note.split("are ")[1] for note in notes] == [f"{one}." for one in told]


@pytest.mark.parametrize(("most", "read"), [(3, True), (2, False)])
def test_what_clusters_share_is_read_within_a_bound(
    most: int, read: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(include_bounds, "MAX_SHARED", most)
    (tmp_path / ".git").mkdir()
    (tmp_path / "more.conf").write_text("# three\n" + "local a all peer\n" * 3)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "postgresql.conf").write_text("")
        (tmp_path / name / "pg_hba.conf").write_text(f"include ../more.conf\nlocal {name} all peer\n")
    found = check([str(tmp_path)], pg_version="18")
    notes = [str(note.message) for note in found.notifications if "several clusters share" in str(note.message)]
    assert len(notes) == (0 if read else 1)
    known = [cluster.predictions[0].starts is not None for cluster in found.clusters]
    assert sorted(known) == sorted([True, read])


@pytest.mark.parametrize(("most", "read"), [(60, True), (20, False)])
def test_a_file_that_several_servers_mount_is_shared(
    most: int, read: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(include_bounds, "MAX_SHARED", most)
    (tmp_path / ".git").mkdir()
    (tmp_path / "pg_hba.conf").write_text("local a all peer\n" * 25)
    service = "{image: postgres, command: -c hba_file=/hba, volumes: ['./pg_hba.conf:/hba']}"
    (tmp_path / "compose.yaml").write_text(f"services:\n a: {service}\n b: {service}\n")
    clusters = gathered_clusters(Request((str(tmp_path),), majors=(18,)))
    counts = [len(cluster.auth.records) for cluster in clusters]
    assert counts == ([25, 25] if read else [25, 0])


def test_the_same_cluster_shares_nothing_with_itself() -> None:
    before, source = include_bounds.ReadBefore(), Source("/a", b"local all all peer\n" * 30_000)
    for cluster in ("m", "m", "n", "n"):
        shared = include_bounds.Shared(before, cluster)
        assert shared.why_not(source, 20_000) == ""
        shared.enter(source, 20_000)
    assert "20,000" in include_bounds.Shared(before, "o").why_not(source, 1)


def test_of_a_line_that_is_included_over_and_over_there_are_two_records(tmp_path: Path) -> None:
    (tmp_path / "more.conf").write_text("local a all peer\nlocal b all peer\n")
    (tmp_path / "pg_hba.conf").write_text("include more.conf\n" * 3 + "local c all peer\n" * 3)
    (cluster,) = gathered_clusters(Request((str(tmp_path / "pg_hba.conf"),), majors=(18,)))
    assert [record.databases[0].text for record in cluster.auth.records] == [*"abab", *"ccc"]
    assert cluster.auth.hba is not None
    assert len(cluster.auth.hba.items) == 9


def test_of_records_with_too_many_pairs_the_first_pair_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes_module, "MAX_PAIRS", 4)
    text = "local a,b c,d peer\nlocal e,f all peer\nlocal e,f all peer\nlocal g all peer\nlocal g all peer\n"
    records = read_hba(Source("/hba", text.encode()), Memory({}), 18).items
    found = shapes(records)
    assert [(len(shape.pairs), shape.whole) for shape in found] == [
        (4, True), (1, False), (1, False), (1, True), (1, True),
    ]  # fmt: skip
    assert [bool(covered.mask) for covered in coverage(records)] == [False, False, False, False, True]


@given(st.lists(st.text(), max_size=5), st.sampled_from([1, 1, 30_000]))
def test_a_packed_report_is_its_pieces(pieces: list[str], times: int) -> None:
    packed = Packed(pieces * times)
    whole = "".join(pieces * times).encode("utf-8", "backslashreplace")
    assert b"".join(packed) == b"".join(packed) == whole
