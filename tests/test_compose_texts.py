"""Words, variables and files of variables as Docker Compose reads them; what is expected was asked of 2.40.3."""

import pytest

from pgssllint.sources.compose_env import VariablesError, variables
from pgssllint.sources.compose_interpolation import MAX_REFERENCES, InterpolationError, interpolated
from pgssllint.sources.compose_words import CommandLineError, split
from pgssllint.text import Source, Span
from pgssllint.traced import Traced, written
from pgssllint.unknown import Unknown


def text(written_text: str) -> Traced:
    source = Source("/r/x", written_text.encode("utf-8", "surrogateescape"))
    return written(source, Span(0, len(source.text)))


@pytest.mark.parametrize(
    ("line", "words", "dropped"),
    [
        ("postgres -c ssl=on", ["postgres", "-c", "ssl=on"], None),
        ("a && b", ["a"], "&& b"),
        ("a;b", ["a"], ";b"),
        ("a | b", ["a"], "| b"),
        ("a 2>&1", ["a"], ">&1"),
        ("a b2>x", ["a", "b2"], ">x"),
        ("a 'b;c' \"d|e\" f\\&g", ["a", "b;c", "d|e", "f&g"], None),
        ("a \\\n -c", ["a", "\n", "-c"], None),
        ("a\\tb \"c\\nd\" 'e\\nf'", ["atb", "cnd", "e\\nf"], None),
        ("'' a\"\"", ["", "a"], None),
        ("a `b c` $(d e)", ["a", "`b c`", "$(d e)"], None),
        ("\t a\r\n b ", ["a", "b"], None),
        ("", [], None),
        ("#a b", ["#a", "b"], None),
    ],
)
def test_a_command_line_is_split(line: str, words: list[str], dropped: str | None) -> None:
    made = split(text(line))

    assert [word.text for word in made.words] == words
    assert (None if made.dropped is None else made.dropped.text) == dropped
    for word in made.words:
        places = [run.cut(at, at + 1).span.start for run in word.runs for at in range(run.length)]
        assert "".join(line[place] for place in places) == word.text


@pytest.mark.parametrize("line", ["a 'b", 'a "b', "a \\", "a (b)", "a `b", "a $(b", "a b)"])
def test_a_command_line_that_leaves_something_open_is_refused(line: str) -> None:
    with pytest.raises(CommandLineError):
        split(text(line))


SET = {"A": "1", "E": "", "N": "a b"}


def look(name: str) -> Traced | Unknown | None:
    return text(SET[name]) if name in SET else None


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("$A ${A} x$A-y", "1 1 x1-y"),
        ("$$A $$ $", "$A $ $"),
        ("$1 $(x) $-", "$1 $(x) $-"),
        ("${U:-d} ${U-d} ${E:-d} ${E-d} ${A:-d}", "d d d  1"),
        ("${A:+r} ${A+r} ${E:+r}${E+r}", "r r r"),
        ("${A:?no} ${E?no}.", "1 ."),
        ("${U:-${V:-x}} ${U:-{y}} ${U-$A}", "x {y} 1"),
        ("${U:-a}b}", "ab}"),
        ("${_a1:-x}", "x"),
    ],
)
def test_variables_are_replaced(line: str, made: str) -> None:
    found = interpolated(text(line), look)

    assert (found.text, found.is_known) == (made, True)


@pytest.mark.parametrize("line", ["$U", "a ${U} b", "${U:?no}", "${U?no}", "${U:+r}", "${U+r}", "${V:-$U}"])
def test_what_is_not_set_is_not_known(line: str) -> None:
    assert not interpolated(text(line), look).is_known


@pytest.mark.parametrize(
    "line", ["${", "${}", "${A", "${A:x}", "${A b}", "${1}", "${U:-a\nb}", "${E:?no}", "${U:-${}}"]
)
def test_what_cannot_be_read_is_refused(line: str) -> None:
    with pytest.raises(InterpolationError):
        interpolated(text(line), look)


def test_more_variables_than_anybody_writes_are_not_known() -> None:
    assert interpolated(text("$$" * MAX_REFERENCES), look).is_known
    assert not interpolated(text("$$" * (MAX_REFERENCES + 1)), look).is_known


@pytest.mark.parametrize(
    ("lines", "made"),
    [
        ("A=1\nB = 2\nexport C=3\nD: 4\n", {"A": "1", "B": "2", "C": "3", "D": "4"}),
        ("A=x y # c\nB=x#y\nC= \n# D=1\n\n", {"A": "x y", "B": "x#y", "C": ""}),
        ('A="x y" # c\nB=\'$A\'\nC=$A\nD="$A"\n', {"A": "x y", "B": "$A", "C": "x y", "D": "x y"}),
        ('A="a\\nb\\"c\\\\\\$d\\041"\n', {"A": 'a\nb"c\\$d\\41'}),
        ("A='a\\'b\\n'\n", {"A": "a'b\\n"}),
        ('A="a\nb"\nB=2', {"A": "a\nb", "B": "2"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("A=$U\nB=${U:-d}\nC=\\$B\nD=$$B\n", {"A": None, "B": "d", "C": "\\d", "D": "$B"}),
        ("A\nB=1\n", {"A": None, "B": "1"}),
        ("A=1\nx", {"A": "1", "": "x"}),
    ],
)
def test_a_file_sets_variables(lines: str, made: dict[str, str | None]) -> None:
    found = variables(Source("/r/.env", lines.encode()), lambda _name: None)

    assert {name: one.value.text if isinstance(one.value, Traced) else None for name, one in found.items()} == made


@pytest.mark.parametrize("lines", ['A="x\n', "A='x\n", "A B=1\n", "A%=1\n", "A=${\n"])
def test_a_file_that_is_refused_says_so(lines: str) -> None:
    with pytest.raises(VariablesError):
        variables(Source("/r/.env", lines.encode()), lambda _name: None)


def test_values_lead_to_where_they_stand() -> None:
    found = variables(Source("/r/.env", b'A="x\\ny" # c\nB=-$A-\n'), lambda _name: None)

    value = found["B"].value
    assert isinstance(value, Traced)
    assert value.text == "-x\ny-"
    assert [tuple(run.span) for run in value.runs] == [(15, 16), (3, 4), (4, 6), (6, 7), (18, 19)]


def test_a_raw_file_is_taken_as_it_is() -> None:
    found = variables(Source("/r/a", b"A='x' # c\n# d\n  B=$A\n"), lambda _name: None, is_raw=True)

    assert {name: one.value.text for name, one in found.items() if isinstance(one.value, Traced)} == {
        "A": "'x' # c", "B": "$A",
    }  # fmt: skip
