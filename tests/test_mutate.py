"""The mutation tool: what it changes and what never, that every change takes effect, and what it keeps."""

import ast
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tools.make_verdicts import TARGET
from tools.mutate.forks import Fork, Heard, Say, Steps, side_by_side
from tools.mutate.mutants import Key, Mutant, mutants
from tools.mutate.order import QUICK, Uses, stages
from tools.mutate.reach import Reach
from tools.mutate.results import drawn, equivalents, room
from tools.mutate.source import Source
from tools.mutate.trees import EQUIVALENTS, modules
from tools.mutate.trial import Part

ROOT = Path(__file__).parents[1]


def changes(source: str) -> set[str]:
    return {f"{m.key.before} -> {m.key.after}" for m in mutants("m.py", source.encode())}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", {"a < b -> a <= b"}),
        ("a >= b", {"a >= b -> a > b"}),
        ("a == b", {"a == b -> a != b"}),
        ("a is not b", {"a is not b -> a is b"}),
        ("a not in b", {"a not in b -> a in b"}),
        ("a <= b < c", {"a <= b < c -> a < b < c", "a <= b < c -> a <= b <= c"}),
        ("(a)  # < or\\n    < b".replace("\\n", "\n").join("()"), {"(a) # < or < b -> (a) # < or <= b"}),
        ("a and b and c", {"a and b and c -> a or b and c", "a and b and c -> a and b or c"}),
        ("a or b", {"a or b -> a and b"}),
        ("not a", {"not a -> a"}),
        ("f(x=True)", {"f(x=True) -> f(x=False)"}),
        ("x = 1", {"x = 1 -> x = 2", "x = 1 -> x = 0"}),
        ("x = 0.5", {"x = 0.5 -> x = 1.5", "x = 0.5 -> x = -0.5"}),
        ("a[-1]", {"a[-1] -> a[-2]", "a[-1] -> a[-0]"}),
    ],
)
def test_conditions_and_numbers(source: str, expected: set[str]) -> None:
    assert changes(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("T = ('a', 'b')", {"('b',)", "('a',)", "('b', 'a')"}),
        ("T = 'a', 'b'", {"'b',", "'a',", "'b', 'a'"}),
        ("T = ('a', 'b',)", {"('b',)", "('a',)", "('b', 'a',)"}),
        ("T = [a, b]", {"[b]", "[a]", "[b, a]"}),
        ("T = {'a', 'b'}", {"{'b'}", "{'a'}"}),
        ("T = {'a': x, **c, 'b': y}", {"{**c, 'b': y}", "{'a': x, 'b': y}", "{'a': x, **c}", "{'a': y, **c, 'b': x}"}),
        ("T = {'a': 'x', 'b': 'x'}", {"{'b': 'x'}", "{'a': 'x'}"}),
        ("T = frozenset(['a', 'b'])", {"frozenset(['b'])", "frozenset(['a'])"}),
    ],
)  # fmt: skip
def test_tables(source: str, expected: set[str]) -> None:
    assert {change.partition(" -> ")[2].removeprefix("T = ") for change in changes(source)} == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x in ('a', 'b')", {"x in ('b',)", "x in ('a',)", "x not in ('a', 'b')"}),
        ("isinstance(x, (A, B))", {"isinstance(x, (B,))", "isinstance(x, (A,))"}),
        ("[x for x in ('a', 'b')]", {"[x for x in ('b',)]", "[x for x in ('a',)]", "[x for x in ('b', 'a')]"}),
        ("return x, y", set()),
        ("return 'a', 'b'", set()),
        ("f({'a': x, 'b': y})", set()),
    ],
)
def test_a_table_in_a_function_is_constant_and_no_record(source: str, expected: set[str]) -> None:
    found = changes(f"def f(x, y):\n    {source}")
    assert {change.partition(" -> ")[2] for change in found} == expected


def test_enumerations() -> None:
    source = "class E(StrEnum):\n    A = 'a'\n    B = 'b'\n"
    assert changes(source) == {
        "A = 'a' -> (dropped)", "B = 'b' -> (dropped)", "A = 'a' B = 'b' -> A = 'b' B = 'a'",
    }  # fmt: skip
    source = "class E(Enum):\n    A = auto()\n    B = auto()\n"
    assert "A = auto() B = auto() -> B = auto() A = auto()" in changes(source)
    source = "match x:\n    case 'a' | 'b':\n        pass\n"
    assert changes(source) == {"'a' -> (dropped)", "'b' -> (dropped)"}


@pytest.mark.parametrize(
    "source",
    [
        "x: Literal[1, 2]",
        "T = Literal['a', 'b']",
        "T = Callable[[A, B], Iterator[C]]",
        "def f(a: 'x < 1' = b) -> tuple[int, 'y < 2']:\n    '''Less than 3.'''",
        "'''Of the module: 1 < 2.'''",
        "x = f'{a < 1} of {len(b) - 2:>3}'",
        "x = ['A sentence.', 'Another one.']",
        "assert a < 1, 2",
        "zip(a, b, strict=True)",
        "@lru_cache(maxsize=64)\ndef f(): pass",
        "@dataclass(frozen=True, slots=True)\nclass A: pass",
        "if TYPE_CHECKING:\n    X = 1",
        "__all__ = ['a', 'b']",
        "x = cast('A < 1', y)",
        "a, b = c, d",
    ],
)
def test_what_is_never_changed(source: str) -> None:
    assert changes(source) == set()


def test_messages_are_neither_dropped_nor_swapped_but_their_keys_are() -> None:
    assert changes("T = {'a': 'It is so.', 'b': 'It is not.'}") == {
        "T = {'a': 'It is so.', 'b': 'It is not.'} -> T = {'b': 'It is not.'}",
        "T = {'a': 'It is so.', 'b': 'It is not.'} -> T = {'a': 'It is so.'}",
    }


OWNERS = """\
LIMIT = 1

@check(2)
def outer(a=3):
    @inner
    def g():
        return lambda: 4

class C(NamedTuple):
    field: int = 5

    def method(self):
        return 6
"""


def test_owners_and_when_an_expression_runs() -> None:
    found = {m.key.before[-1]: m for m in mutants("m.py", OWNERS.encode())}
    told = {number: (m.key.owner, m.place.at_import, m.place.names) for number, m in found.items()}
    assert told == {
        "1": ("LIMIT", True, ("LIMIT",)),
        ")": ("outer", True, ("outer",)),
        "3": ("outer", True, ("outer",)),
        "4": ("outer.g", False, ()),
        "5": ("C.field", True, ("C", "field")),
        "6": ("C.method", False, ()),
    }


def test_a_key_outlives_a_move_and_tells_twins_apart() -> None:
    source = "def f(x):\n    a(x[0])\n    b(x[1])\n    a(x[0])\n"
    keys = [m.key for m in mutants("m.py", source.encode())]
    assert len(set(keys)) == len(keys) == 6
    assert Key("m.py", "f", "a(x[0])", "a(x[1])", 2) in keys
    assert [m.key for m in mutants("m.py", b"import os\n\n\n" + source.encode())] == keys


@pytest.fixture(scope="module")
def everything() -> list[Mutant]:
    """All mutants of the package."""
    return [m for path in modules(ROOT) for m in mutants(path, (ROOT / path).read_bytes())]


def test_every_mutant_is_another_module(everything: list[Mutant]) -> None:
    for mutant in everything[::100]:
        source = (ROOT / mutant.key.path).read_bytes()
        changed = mutant.edit.applied(source)
        assert changed != source, mutant
        assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(source)), mutant


def test_a_sample_is_even_over_the_rooms_and_the_seed_alone_decides_on_it(everything: list[Mutant]) -> None:
    sample = drawn(everything, 120, 1)
    rooms = {room(mutant.key.path) for mutant in everything}
    assert rooms >= {"checks", "cli", "cluster", "pgssllint", "postgres", "report", "syntax", "tls", "views"}
    counts = Counter(room(mutant.key.path) for mutant in sample)
    assert set(counts) == rooms
    assert max(counts.values()) - min(counts.values()) <= 1
    assert sample == drawn(everything, 120, 1) != drawn(everything, 120, 2)


def test_a_small_room_gives_all_and_the_others_make_up_for_it() -> None:
    small = mutants("pgssllint/cli/m.py", b"a < b")
    large = mutants("pgssllint/tls/m.py", b"[1, 2, 3, 4, 5]")
    assert len(drawn([*small, *large], 8, 1)) == 8
    assert set(small) <= set(drawn([*small, *large], 8, 1))


ORDER = b"""\
LIMIT = 4

def f(n):
    if n < LIMIT:
        return n
    return 0
"""


def test_tests_that_see_most_of_a_function_come_first_and_what_is_made_at_import_is_asked_of_all() -> None:
    reach = Reach(
        seconds={"a.py::shallow": 0.1, "a.py::deep": QUICK, "b.py::other": 0.2, "b.py::broken": 0.1},
        rows={"m.py": [(0b0010000, frozenset({"a.py::shallow"})), (0b1010000, frozenset({"a.py::deep"})),
                       (0b1110000, frozenset({"b.py::broken"}))]},
        broken=frozenset({"b.py::broken"}),
        unmeasured=("c.py",),
    )  # fmt: skip
    uses = Uses({"m.py": Source(ORDER)})
    asked = {str(m): stages(m, reach, uses) for m in mutants("m.py", ORDER)}
    deep, shallow, other, late = (Part("a.py", frozenset({"a.py::deep"})), Part("a.py", frozenset({"a.py::shallow"})),
                                  Part("b.py", frozenset({"b.py::other"})), Part("c.py"))  # fmt: skip
    assert asked["m.py:4: n < LIMIT -> n <= LIMIT"] == [[deep], [shallow], [late]]
    assert asked["m.py:1: LIMIT = 4 -> LIMIT = 5"] == [[shallow], [deep], [other], [late]]
    assert asked["m.py:6: return 0 -> return 1"] == [[deep], [late]]


FACTS = """\
from functools import cache

LIMIT = 4
DOUBLED = {n: 2 * n for n in [LIMIT, LIMIT - 1]}
CHECKS = {}


def check(rule):
    def mark(function):
        CHECKS[rule] = function
        return function
    return mark


@check("A")
def over(n):
    return n > LIMIT


@cache
def known(word):
    return word in ("on", "off")


def in_a_process(n):
    return n + 1


def unasked(n):
    return not n
"""

TESTS = """\
import subprocess
import sys

from pgssllint.facts import CHECKS, DOUBLED, known


def test_first_to_fill_the_cache():
    known("on"), known("off")


def test_the_cache():
    assert known("on") and known("off")


def test_the_check():
    assert CHECKS["A"](5) and not CHECKS["A"](4)


def test_the_table():
    assert list(DOUBLED) == [4, 3]


def test_the_process():
    program = "from pgssllint.facts import in_a_process; assert in_a_process(1) == 2"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_it_fails_anyhow():
    assert False
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one module, whose constant, table, registry and cache are made at import."""
    for name, text in {
        "pgssllint/__init__.py": "",
        "pgssllint/facts.py": FACTS,
        "tests/test_facts.py": TESTS,
        "pyproject.toml": "[tool.pytest.ini_options]\nmarkers = ['servers', 'slow']\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def mutate(project: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tools.mutate", *words]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


TABLE = "DOUBLED = {n: 2 * n for n in [LIMIT, LIMIT - 1]}"
SURVIVORS = {
    f"pgssllint/facts.py:4: {TABLE} -> {TABLE.replace('2', '3')}",
    f"pgssllint/facts.py:4: {TABLE} -> {TABLE.replace('2', '1')}",
    "pgssllint/facts.py:30: return not n -> return n",
}


def test_a_sample_kills_what_a_test_tells_and_goes_on_after_a_stop(project: Path) -> None:
    """All but the survivors are killed: in a constant, a table, a decorated function, a cache and a process."""
    first = mutate(project, "--sample", "99")
    assert first.returncode == 0, first.stderr
    assert "It fails without a mutant, and is left out: tests/test_facts.py::test_it_fails_anyhow" in first.stderr
    count = len(mutants("m.py", FACTS.encode()))
    assert f"{count} of {count} mutants are left to try" in first.stderr
    lines = first.stdout.splitlines()
    assert lines[1].split() == ["pgssllint", str(count - 3), "3", f"{(count - 3) / count:.0%}", "0"]
    assert set(lines[lines.index(f"3 of {count} mutants survived:") + 1 :]) == SURVIVORS

    (results,) = (project / ".cache/mutate").glob("sample-99-seed-1-*.jsonl")
    written = results.read_text().splitlines(keepends=True)
    results.write_text("".join(written[:5]) + written[5][:20])
    second = mutate(project, "--sample", "99")
    assert f"{count - 5} of {count} mutants are left to try" in second.stderr
    assert second.stdout == first.stdout
    assert "measured" not in second.stderr


def test_equivalent_mutants_are_not_tried_and_too_many_are_told(project: Path) -> None:
    entry = '[[equivalent]]\npath = "pgssllint/facts.py"\nowner = "unasked"\nbefore = "return not n"\n'
    entry += 'after = "return n"\nreason = "Nobody asks."\n'
    (project / EQUIVALENTS).write_text(entry)
    (project / "pgssllint/facts.py").write_text("def unasked(n):\n    return not n\n")
    (project / "tests/test_facts.py").write_text("")
    done = mutate(project, "--sample", "99")
    assert (done.returncode, done.stdout.splitlines()[-2:]) == (
        0, ["1 of 1 mutants are said to be equivalent: that is more than 10%.", "0 of 0 mutants survived."],
    )  # fmt: skip
    (project / EQUIVALENTS).write_text(entry.replace('reason = "Nobody asks."\n', ""))
    done = mutate(project, "--sample", "99")
    assert done.returncode == 2
    assert "equivalent_mutants.toml: entry 1 needs path, owner, before, after and a reason" in done.stderr


def test_what_is_written_from_something_else_has_no_mutants() -> None:
    assert TARGET.is_file()
    assert TARGET.relative_to(ROOT).as_posix() not in modules(ROOT)


def test_every_equivalent_mutant_is_one_of_the_package(everything: list[Mutant]) -> None:
    assert set(equivalents(ROOT / EQUIVALENTS)) <= {mutant.key for mutant in everything}


def test_changed_lines_alone_are_tried_and_nothing_fails(project: Path) -> None:
    nothing = mutate(project, "--changed")
    assert (nothing.returncode, nothing.stdout) == (
        0, "No mutants are tried: git cannot tell what has changed since 'HEAD~1'.\n",
    )  # fmt: skip
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-qm", "All."]):
        subprocess.run(["git", *words], cwd=project, check=True, env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull})
    facts = project / "pgssllint/facts.py"
    facts.write_text("# One line more.\n" + FACTS.replace("return not n", "return not n or n"))
    done = mutate(project, "--changed", "HEAD")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "2 of 2 mutants of the lines changed since HEAD are tried.",
        "2 of 2 mutants survived:",
        "pgssllint/facts.py:31: return not n or n -> return n or n",
        "pgssllint/facts.py:31: return not n or n -> return not n and n",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--at", "pgssllint/none.py"], "'pgssllint/none.py' is no module of pgssllint, such as 'pgssllint/api.py'"),
        (["--at", "pgssllint/facts.py:x"], "'pgssllint/facts.py:x' is no module of pgssllint"),
        ([], "one of the arguments --changed --sample --at is required"),
    ],
)
def test_a_mistake_is_one_sentence(project: Path, words: list[str], said: str) -> None:
    done = mutate(project, *words)
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def test_elsewhere_it_says_where_it_is_run(tmp_path: Path) -> None:
    done = mutate(tmp_path, "--sample", "1")
    assert (done.returncode, "this is run from the root of the project" in done.stderr) == (2, True)


def test_all_mutants_of_a_line_or_a_file(project: Path) -> None:
    done = mutate(project, "--at", "pgssllint/facts.py:30")
    assert done.stdout == "1 of 1 mutants survived:\npgssllint/facts.py:30: return not n -> return n\n"


def test_a_fork_may_end_come_to_nothing_or_be_killed(tmp_path: Path) -> None:
    def ends(say: Say) -> None:
        say("it ends")

    def dies(say: Say) -> None:
        say("it dies")
        os.kill(os.getpid(), signal.SIGKILL)

    def hangs(say: Say) -> None:
        signal.pause()
        say("it does not hang")

    works = {"ends": ends, "dies": dies, "hangs": hangs}

    def steps(_: Path, name: str) -> Steps[Heard]:
        return (yield Fork(works[name], time.monotonic() + (1 if name == "hangs" else 600)))

    heard = dict(side_by_side([tmp_path, tmp_path], steps, works))
    assert heard.pop("hangs")[1:] == (False, True)
    assert heard == {"ends": Heard(("it ends",), True, False), "dies": Heard(("it dies",), False, False)}
