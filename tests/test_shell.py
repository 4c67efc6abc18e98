"""Scripts are read as shells read them: words, lists, here-documents, what goes to which file."""

import random
import subprocess
import time
from pathlib import Path
from shlex import quote

import pytest

from pgssllint.sources.shell_commands import MAX_DEPTH, MAX_SCRIPT, read_script
from pgssllint.sources.shell_effects import MAX_EFFECTS, Call, Output, effects
from pgssllint.sources.shell_tokens import ShellError, Word
from pgssllint.sources.shell_values import fields_of, value_of
from pgssllint.sources.shell_words import tokens, words_of
from pgssllint.text import Home, Source, Span
from pgssllint.traced import Traced, written
from pgssllint.unknown import UNKNOWN, Unknown


def traced(text: str) -> Traced:
    source = Source("/r/init.sh", text.encode("utf-8", "surrogateescape"))
    return written(source, Span(0, len(source.text)))


VALUES: dict[str, Traced | Unknown] = {
    "PGDATA": traced("/data"), "TWO": traced("a b"), "EMPTY": traced(""), "SECRET": UNKNOWN,
}  # fmt: skip


def words(text: str) -> list[str]:
    return [one.masked("?") for word in words_of(traced(text)) for one in fields_of(word, VALUES)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a b", ["a", "b"]),
        ("  a\t b \n", ["a", "b"]),
        ("'a b' \"c d\"", ["a b", "c d"]),
        ("a\\ b", ["a b"]),
        ("a'b'\"c\"d", ["abcd"]),
        ("'' \"\"", ["", ""]),
        (r'"a\"b\\c\d\$e"', [r'a"b\c\d$e']),
        ("a\\\nb", ["ab"]),
        ("a \\\n b", ["a", "b"]),
        ('"a\\\nb"', ["ab"]),
        ("$PGDATA/x ${PGDATA}/y", ["/data/x", "/data/y"]),
        ("'$PGDATA'", ["$PGDATA"]),
        ("$TWO", ["a", "b"]),
        ('"$TWO"', ["a b"]),
        ("x$TWO.y", ["xa", "b.y"]),
        ("$EMPTY", []),
        ('"$EMPTY"', [""]),
        ("${NONE:-d}", ["d"]),
        ("${EMPTY:-d}", ["d"]),
        ("${EMPTY-d}", []),
        ("${PGDATA:-d}", ["/data"]),
        ("${NONE:-$PGDATA}", ["/data"]),
        ("${NONE:-${OTHER:-x}}", ["x"]),
        ("${PGDATA:+yes}", ["yes"]),
        ("${EMPTY:+yes}", []),
        ("${PGDATA:?no}", ["/data"]),
        ("$NONE", ["?????"]),
        ("a${SECRET:-d}", ["a????????????"]),
        ("${PGDATA%/*}", ["????????????"]),
        ("$(id -u) b", ["????????", "b"]),
        ("$(echo $(echo ')')) b", ["?" * len("$(echo $(echo ')'))"), "b"]),
        ("`id` b", ["????", "b"]),
        ("$'a\\tb'", ["a\tb"]),
        ("$'a\\x41'", ["????????"]),
        ("$ a$", ["$", "a$"]),
        ("a#b", ["a#b"]),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert words(text) == found


@pytest.mark.parametrize("text", ["'a", '"a', "`a", "$(a", "${a", "$'a", '"$(a"'])
def test_what_does_not_end_is_no_shell(text: str) -> None:
    with pytest.raises(ShellError):
        words_of(traced(text))


def test_each_character_leads_to_its_place() -> None:
    text = 'echo \'host all\' "x\\"y" ${A:-dflt}'
    for word in words_of(traced(text)):
        value = value_of(word, {})
        for offset, character in enumerate(value.text):
            home = value.part(offset, offset + 1).home()
            assert home is not None
            assert text[home.span.start : home.span.end] == character


def outputs(text: str) -> list[tuple[str, str, bool, bool]]:
    return [
        (
            one.path.masked("?"),
            "??" if isinstance(one.text, Unknown) else one.text.masked("?"),
            one.appends,
            one.is_certain,
        )
        for one in effects(traced(text), VALUES)
        if isinstance(one, Output)
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('echo "a  b" c >> $PGDATA/f', [("/data/f", "a  b c\n", True, True)]),
        ("echo a > f", [("f", "a\n", False, True)]),
        (">f echo a", [("f", "a\n", False, True)]),
        ("echo -n a > f", [("f", "a", False, True)]),
        ("echo > f", [("f", "\n", False, True)]),
        ('echo "" >> f', [("f", "\n", True, True)]),
        (r"echo -e 'a\nb' > f", [("f", "a\nb\n", False, True)]),
        (r"printf 'a %s\n' b c > f", [("f", "a b\na c\n", False, True)]),
        (r"printf '%s\n' 'a b' > f", [("f", "a b\n", False, True)]),
        (r"printf 'a\n' > f", [("f", "a\n", False, True)]),
        ("printf '%5d' 3 > f", [("f", "??", False, True)]),
        ("cat > f <<EOF\na $PGDATA\n$(x)\nEOF\n", [("f", "a /data\n????\n", False, True)]),
        ("cat > f <<'EOF'\na $PGDATA\nEOF\n", [("f", "a $PGDATA\n", False, True)]),
        ('cat > f <<"E F"\na\nE F\n', [("f", "a\n", False, True)]),
        ("cat <<-EOF >> f\n\ta\n\t\tb\n\tEOF\necho z > g", [("f", "a\nb\n", True, True), ("g", "z\n", False, True)]),
        ("cat <<A > f; cat <<B > g\n1\nA\n2\nB\n", [("f", "1\n", False, True), ("g", "2\n", False, True)]),
        ("cat <<< word > f", [("f", "word\n", False, True)]),
        ("{ echo a; echo b; } >> f", [("f", "a\n", True, True), ("f", "b\n", True, True)]),
        ("{\n echo a\n echo b > g\n} >> f", [("f", "a\n", True, True), ("g", "b\n", False, True)]),
        ("(echo a) >> f", [("f", "a\n", True, True)]),
        ("echo a | tee -a f > /dev/null", [("/dev/null", "a\n", False, True), ("f", "a\n", True, True)]),
        ("{ echo a; echo b; } | tee f", [("f", "a\nb\n", False, True)]),
        ("cat <<EOF | sudo tee -a f\na\nEOF\n", [("f", "a\n", True, True)]),
        ("echo a | sed s/a/b/ > f", [("f", "??", False, True)]),
        ("grep x y >> f", [("f", "??", True, True)]),
        ("if true; then echo a >> f; else echo b >> f; fi", [("f", "a\n", True, False), ("f", "b\n", True, False)]),
        ("for i in 1 2; do echo $i >> f; done", [("f", "??\n", True, False)]),
        ("while read x; do echo a; done >> f", [("f", "??", True, True), ("f", "a\n", True, False)]),
        ("case $X in a|b) echo a >> f;; *) echo b >> g ;; esac; echo c > h",
         [("f", "a\n", True, False), ("g", "b\n", True, False), ("h", "c\n", False, True)]),
        ("case $X in\n (a) echo a >> f\nesac\necho c > h", [("f", "a\n", True, False), ("h", "c\n", False, True)]),
        ("grep -q x f || echo a >> f", [("f", "a\n", True, False)]),
        ("grep -q x f && echo a >> f; echo b >> f", [("f", "a\n", True, False), ("f", "b\n", True, True)]),
        ("mkdir d && echo a >> f", [("f", "a\n", True, True)]),
        ("[ -f x ] && echo a >> f", [("f", "a\n", True, False)]),
        ("[[ -f x && -n y ]] && echo a >> f\necho b >> f", [("f", "a\n", True, False), ("f", "b\n", True, True)]),
        ("F=$PGDATA/f\necho a >> $F", [("/data/f", "a\n", True, True)]),
        ("F=f; if x; then F=g; fi; echo a >> $F", [("??", "a\n", True, True)]),
        ("export F=f; echo a >> $F", [("f", "a\n", True, True)]),
        ("f() { echo a >> f; }\nf", [("f", "a\n", True, True)]),
        ("f () {\n echo a >> f\n}\n", []),
        ("function f {\n echo a >> f\n}\nif x; then f; fi", [("f", "a\n", True, False)]),
        ("f() { f; f; echo a >> f; }; true", []),
        ("sh -c 'echo a >> f'", [("f", "a\n", True, True)]),
        ('bash -ec "echo a >> $PGDATA/f"', [("/data/f", "a\n", True, True)]),
        ("su postgres -c 'echo a >> f'", [("f", "a\n", True, True)]),
        ("gosu postgres sh -c 'echo a >> f'", [("f", "a\n", True, True)]),
        ("eval echo a '>>' f", [("f", "a\n", True, True)]),
        ("echo a >> f # echo b >> g", [("f", "a\n", True, True)]),
        ("# echo b >> g\necho a >> f", [("f", "a\n", True, True)]),
        ("exit 0\necho a >> f", []),
        ("exec postgres\necho a >> f", []),
        ("exec >/dev/null\necho a >> f", [("f", "a\n", True, True)]),
        ("[ x ] || exit 1\necho a >> f", [("f", "a\n", True, True)]),
        ("echo a 2>> g >> f", [("f", "a\n", True, True)]),
        ("echo a &>> f", [("f", "a\n", True, True)]),
        ("echo a >&2", []),
        ("echo a && \\\n echo b >> f", [("f", "b\n", True, True)]),
        ("echo a &&\n\n echo b >> f", [("f", "b\n", True, True)]),
        ("x ||\n echo b >> f", [("f", "b\n", True, False)]),
        ("! x && echo a >> f", [("f", "a\n", True, False)]),
        ("echo a\r\necho b >> f\r\n", [("f", "b\n", True, True)]),
    ],
)  # fmt: skip
def test_what_goes_to_files(text: str, found: list[tuple[str, str, bool, bool]]) -> None:
    assert outputs(text) == found


def test_commands_are_told_with_what_they_read() -> None:
    text = 'psql -v ON_ERROR_STOP=1 --username "$U" <<-EOSQL\n\tSELECT 1;\nEOSQL\nsudo -u postgres chmod 600 x'
    calls = [one for one in effects(traced(text), {}) if isinstance(one, Call)]
    assert [one.name for one in calls] == ["psql", "chmod"]
    assert isinstance(calls[0].given, Traced)
    assert calls[0].given.text == "SELECT 1;\n"
    assert [word.text for word in calls[1].words] == ["chmod", "600", "x"]


def test_what_is_not_understood_is_told_where_it_begins() -> None:
    found = list(effects(traced("echo a > f\nfi\necho b > f"), {}))
    assert isinstance(found[-1], Home)
    assert found[-1].span.start == 11
    assert [one.path.text for one in found if isinstance(one, Output)] == ["f"]


PIECES = (
    "a", "b c", "'", '"', "'q r'", '"d e"', "\\", "\\\n", " ", " ", "  ", "$A", "${A}", '"$A"', "${N:-x y}", "${A:-z}",
    '"${N:-x y}"', "$'t\\tu'", "#", "-", "=", "{", "}", "*z", "\t", "${E}", '"$E"', "${E-w}", "${A:+p}", "\\$", "''",
)  # fmt: skip


def test_words_are_those_of_a_real_shell(tmp_path: Path) -> None:
    """Random words, asked of bash: those that it takes become the same."""
    draw = random.Random(4)
    texts = ["".join(draw.choices(PIECES, k=draw.randint(1, 7))) for _ in range(800)]
    # Beside a backslash at the end of a line bash 5.2 does not split an operand; dash does, and bash elsewhere.
    texts = [text for text in texts if not ("${N:-x y}" in text and "\\\n" in text)]
    values: dict[str, Traced | Unknown] = {"A": traced("m n"), "E": traced("")}
    script = "A='m n'; E=''; set -f\n"
    plain = []
    for text in texts:
        try:
            found = tokens(traced(text))
        except ShellError:
            continue
        only = [one for one in found if isinstance(one, Word)]
        if len(only) < len(found) or text.endswith("\\"):
            continue
        fields = [field for word in only for field in fields_of(word, values)]
        if not all(field.is_known for field in fields):
            continue
        plain.append([text, *(field.text for field in fields)])
        script += f"printf '%s\\0' {quote(text)} {text}\nprintf '\\1'\n"
    (tmp_path / "words.sh").write_text(script)
    done = subprocess.run(["bash", "words.sh"], cwd=tmp_path, capture_output=True, check=True)
    answers = [one.decode().split("\0")[:-1] for one in done.stdout.split(b"\1")[:-1]]
    assert plain == answers
    assert len(plain) > 250


STATEMENTS = (
    "echo a{n} >> f{f}", "echo 'b {n}' > f{f}", "{{ echo c; echo d{n}; }} >> f{f}", "printf '%s-%s\\n' e {n} >> f{f}",
    "cat >> f{f} <<EOF\ng $A {n}\nEOF", "cat <<'EOF' >> f{f}\n$A {n}\nEOF", "echo h | tee -a f{f}",
    "B=f{f}; echo r >> $B",
    "{{ echo j; echo k; }} | tee f{f}", "A=v{n}", "echo \"$A\" >> f{f}", "true && echo l >> f{f}", "fn{f}",
    "echo -n m >> f{f}", "( echo i; ) >> f{f}", "cat <<-EOF | cat >> f{f}\n\t{n}\n\tEOF", "echo -e 'o\\tp' >> f{f}",
    "sh -c 'echo q{n} >> f{f}'",
)  # fmt: skip


def test_files_are_those_that_a_real_shell_writes(tmp_path: Path) -> None:
    """Random scripts without conditions, run by bash in an empty folder: each file is as it is told."""
    draw = random.Random(9)
    for number in range(30):
        body = "\n".join(draw.choice(STATEMENTS).format(n=draw.randint(0, 99), f=draw.randint(0, 2)) for _ in range(12))
        script = "A=start\n" + "".join(f"fn{f}() {{ echo fn >> f{f}; }}\n" for f in range(3)) + body + "\n"
        folder = tmp_path / str(number)
        folder.mkdir()
        subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, check=True)
        files: dict[str, str] = {}
        for one in effects(traced(script), {}):
            if isinstance(one, Output):
                assert isinstance(one.text, Traced)
                before = files.get(one.path.text, "") if one.appends else ""
                files[one.path.text] = before + one.text.text
        assert files == {path.name: path.read_text() for path in folder.iterdir()}


@pytest.mark.parametrize(
    "text",
    [
        "{ " * 20000, "(" * 20000, "$(" * 20000, '"$(' * 20000, "${a:-" * 20000, "`" * 20001, "'" * 20001,
        "if " * 20000,
        "a() { " * 20000, "<<A " * 20000, "\\" * 20001, "case x in a) " * 20000, "! " * 20000, "a | " * 20000,
        "\0\x01\udc80", "cat <<EOF\n" * 5000, "$'" + "\\'" * 50000, "a=" * 50000, "f() { f; f; f; }; f; " * 10,
        "eval " * 20000, "echo " + "$A" * 50000, "[[ " * 20000, "&& || ;; ) esac fi", "x" * 250_000, "x" * 1_000_000,
        "echo a >> f\n" * 20000,
        "printf '%s' " + "a " * 20000, "sh -c '" * 1000,
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_any_text_is_read_in_time(text: str) -> None:
    start = time.process_time()
    count = sum(1 for _ in effects(traced(text), {}))
    assert count <= 3 * MAX_EFFECTS
    assert time.process_time() - start < 6


def test_scripts_within_scripts_are_followed_and_deep_ones_are_told() -> None:
    assert read_script(traced("{ " * MAX_DEPTH + "a; " + "}; " * MAX_DEPTH)).fault is None
    assert read_script(traced("{ " * (MAX_DEPTH + 1) + "a; " + "}; " * (MAX_DEPTH + 1))).fault is not None


def test_a_text_that_nobody_writes_is_no_script() -> None:
    assert read_script(traced("#" * MAX_SCRIPT)).fault is None
    assert read_script(traced("#" * (MAX_SCRIPT + 1))).fault is not None
