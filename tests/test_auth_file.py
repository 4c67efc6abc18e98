"""How lines of pg_hba.conf and its kin become fields, and how the files they name are followed."""

from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.files import Presence
from pgssllint.finding import Location
from pgssllint.postgres.auth_dialect import dialect
from pgssllint.postgres.auth_file import read_auth_file
from pgssllint.postgres.auth_model import AuthFile, AuthKind, Line
from pgssllint.syntax import auth
from pgssllint.syntax.auth_oddities import carriage_returns, swallowed_lines, unclosed_quote
from pgssllint.syntax.reader import reader
from pgssllint.text import Source
from tests.support.memory import Memory, main_file


def words(text: str | bytes, major: int = 18) -> list[list[list[str]]]:
    lines = auth.parse(main_file(text), dialect(major))
    return [[[value.text for value in field.values] for field in line.fields] for line in lines]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("a b\tc", [["a"], ["b"], ["c"]]),
        ("a,b c", [["a", "b"], ["c"]]),
        ("a, b ,c d", [["a", "b"], ["c"], ["d"]]),
        ("a,,b c", [["a", "b"], ["c"]]),
        ("a, , b", [["a", "b"]]),
        (",a b", [["a"], ["b"]]),
        (" , a b", [["a"], ["b"]]),
        ("a b,", [["a"], ["b"]]),
        ("a,#c", [["a"]]),
        ("a#b c", [["a"]]),
        ('"a b" c', [["a b"], ["c"]]),
        ('a"b c"d e', [["ab cd"], ["e"]]),
        ('"a""b" c', [['a"b'], ["c"]]),
        ('a""b', [["ab"]]),
        ('""""', [['"']]),
        ('"" a', [[""], ["a"]]),
        ('"a#b,c" d', [["a#b,c"], ["d"]]),
        ('a "b c', [["a"], ["b c"]]),
        ("'a b'", [["'a"], ["b'"]]),
        ("a\x0cb\x0bc", [["a\x0cb\x0bc"]]),
        ("a\xa0b", [["a\xa0b"]]),
        ("a\\b", [["a\\b"]]),
    ],
)
def test_a_line_is_split_into_fields_of_values(text: str, fields: list[list[str]]) -> None:
    assert words(text) == [fields]


@pytest.mark.parametrize("text", ["", "\n", " \t \n", "# a\n", "  # a", ",", " , ,\n", "\r\n", ",#a"])
def test_lines_that_say_nothing_are_left_out(text: str) -> None:
    assert words(text) == []


@pytest.mark.parametrize(("text", "quoted"), [('"a"', True), ('""a', True), ('a"b"', False), ("a", False)])
def test_only_a_quote_before_the_first_character_makes_a_value_quoted(text: str, quoted: bool) -> None:
    (line,) = auth.parse(main_file(text), dialect(18))
    assert line.fields[0].values[0].quoted is quoted


@pytest.mark.parametrize(
    ("text", "before_14", "since_14"),
    [
        ("a \\\n b\nc", [[["a"], ["\\"]], [["b"]], [["c"]]], [[["a"], ["b"]], [["c"]]]),
        ("a\\\nb", [[["a\\"]], [["b"]]], [[["ab"]]]),
        ("a \\ \nb", [[["a"], ["\\"]], [["b"]]], [[["a"], ["\\"]], [["b"]]]),
        ("# a \\\nb\nc", [[["b"]], [["c"]]], [[["c"]]]),
        ('"a\\\nb" c', [[["a\\"]], [["b c"]]], [[["ab"], ["c"]]]),
        ("a\\\\\nb", [[["a\\\\"]], [["b"]]], [[["a\\b"]]]),
        ("a \\", [[["a"], ["\\"]]], [[["a"]]]),
        ("a \\\r\nb", [[["a"], ["\\"]], [["b"]]], [[["a"], ["b"]]]),
        ("a\\\n\nb", [[["a\\"]], [["b"]]], [[["a"]], [["b"]]]),
        ("a\0b\nc d", [[["a"]], [["c"], ["d"]]], [[["ac"], ["d"]]]),
        ("a\0b", [[["a"]]], [[["a"]]]),
    ],
)
def test_a_backslash_joins_lines_since_14_and_a_nul_glues_them(
    text: str, before_14: list[Any], since_14: list[Any]
) -> None:
    assert words(text, 13) == before_14
    assert words(text, 14) == since_14


@pytest.mark.parametrize(
    ("text", "before_19", "since_19"),
    [
        ("a\rb", [["a"], ["b"]], [["a\rb"]]),
        ("a\r\n", [["a"]], [["a"]]),
        ("a b\r\r\n", [["a"], ["b"]], [["a"], ["b"]]),
        ("a \r\n", [["a"]], [["a"]]),
        ("a\r#b", [["a"]], [["a\r"]]),
        ("a #b\rc", [["a"]], [["a"]]),
        ('"a\rb"', [["a\rb"]], [["a\rb"]]),
    ],
)
def test_a_carriage_return_separates_until_18(text: str, before_19: list[Any], since_19: list[Any]) -> None:
    assert words(text, 18) == [before_19]
    assert words(text, 19) == [since_19]


@pytest.mark.parametrize(("major", "longest"), [(10, 8189), (11, 20477), (13, 20477), (14, None)])
def test_lines_have_a_limit_until_13(major: int, longest: int | None) -> None:
    fits = "a," * 4000 + "b" * 189 if major == 10 else "a," * 10000 + "b" * 477
    assert not any(line.too_long for line in auth.parse(main_file(fits + "\nnext\n"), dialect(major)))
    lines = list(auth.parse(main_file(fits + "c\nnext\n"), dialect(major)))
    assert lines[0].too_long is (longest is not None)
    assert [value.text for value in lines[-1].fields[0].values] == ["next"]


def test_what_does_not_fit_a_line_is_read_as_the_next_one() -> None:
    text = "a " * 4000 + "é" * 100 + " x y"
    first, rest = auth.parse(main_file(text + "\n"), dialect(10))
    assert first.too_long
    assert [field.values[0].text for field in rest.fields][-2:] == ["x", "y"]


def test_values_of_joined_lines_point_into_the_source() -> None:
    source = main_file("# c\na \\\n  bc,\\\n d\\\ne\n")
    (line,) = auth.parse(source, dialect(14))
    assert (line.line, line.last_line) == (2, 5)
    assert [source.text[v.span.start : v.span.end] for f in line.fields for v in f.values] == ["a", "bc", "d\\\ne"]


_LINE_TEXT = st.text(alphabet='ab,"# \t\r\\@é\x01\udc80', max_size=30)


@given(_LINE_TEXT)
def test_grouping_terminals_gives_the_fields_of_the_tree(text: str) -> None:
    tree = reader("auth_file").parse_with_lark(text)
    expected = [
        [auth.unquote(str(token)) for token in node.children if getattr(token, "type", "") == "VALUE"]
        for node in tree.find_data("field")
    ]
    found = auth.split(text, 0, len(text), separating_cr=True)
    assert [[value.text for value in field.values] for field in found] == expected


def _character_by_character(text: str, blanks: str) -> list[list[tuple[str, bool]]]:
    """The splitting told as a machine that looks at one character at a time."""
    fields: list[list[tuple[str, bool]]] = []
    place, joined = 0, False
    while place < len(text):
        while place < len(text) and text[place] in blanks + ",":
            place += 1
        word, started, quoted, quoting, doubled, ended = "", False, False, False, False, False
        while place < len(text) and (quoting or text[place] not in blanks):
            c = text[place]
            if c == "#" and not quoting:
                ended = True
                break
            if c == "," and not quoting:
                break
            if c != '"' or doubled:
                word += c
            doubled = not doubled if quoting and c == '"' else False
            if c == '"':
                quoting = not quoting
                quoted = quoted or not word
            started, place = True, place + 1
        if started:
            fields = [*fields[:-1], [*fields[-1], (word, quoted)]] if joined else [*fields, [(word, quoted)]]
        if ended:
            break
        joined = started and place < len(text) and text[place] == ","
    return fields


@given(_LINE_TEXT, st.booleans())
def test_splitting_is_that_of_a_machine_that_goes_by_characters(text: str, separating_cr: bool) -> None:
    found = auth.split(text, 0, len(text), separating_cr)
    blanks = " \t\r" if separating_cr else " \t"
    assert [[(v.text, v.quoted) for v in f.values] for f in found] == _character_by_character(text, blanks)


@given(
    st.binary(max_size=200) | _LINE_TEXT.map(lambda t: t.encode("utf-8", "surrogateescape")),
    st.sampled_from([10, 13, 14, 19]),
)
def test_any_bytes_are_read_and_spans_lie_inside(data: bytes, major: int) -> None:
    source = Source("/x", data)
    for line in auth.parse(source, dialect(major)):
        assert 1 <= line.line <= line.last_line <= source.line_count
        for field in line.fields:
            for value in field.values:
                assert line.span.start <= value.span.start < value.span.end <= line.span.end <= len(source.text)
        assert isinstance(carriage_returns(source, line), tuple)
    assert isinstance(list(swallowed_lines(source, dialect(major))), list)


class Fields(NamedTuple):
    """A line that nothing is made of."""

    line: Line
    chain: tuple[Location, ...] = ()

    @property
    def source(self) -> Source:
        return self.line.source

    @property
    def faults(self) -> tuple[object, ...]:
        return ()


def read(text: str, files: dict[str, str], major: int = 18, absent: Presence = Presence.MISSING) -> AuthFile[Fields]:
    return read_auth_file(main_file(text), Memory(files, absent), major, Fields)


def shown(file: AuthFile[Fields]) -> list[str]:
    lines = [" ".join(",".join(v.text for v in f.values) for f in item.line.fields) for item in file.items]
    return [*lines, *(fault.log.text if fault.log is not None else "crash" for fault in file.faults)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("local @dbs all trust", "local a,b,c,d all trust"),
        ("local x,@dbs,y all trust", "local x,a,b,c,d,y all trust"),
        ('local @"two words" all trust', "local z all trust"),
        ('local "@dbs" all trust', "local @dbs all trust"),
        ("local @ all trust", "local @ all trust"),
        ("@type all all @method", "local all all trust"),
        ("local @empty all trust", "local all trust"),
        ("local x,@empty all trust", "local x all trust"),
        ("local @sub/nested all trust", "local deep all trust"),
    ],
)
@pytest.mark.parametrize("major", [10, 16, 19])
def test_an_at_file_stands_for_the_values_in_it(text: str, line: str, major: int) -> None:
    files = {"dbs": "a b,c\n# x\nd\n", "two words": "z\n", "type": "local", "method": "trust", "empty": "# nothing\n"}
    files |= {"sub/nested": "@deeper\n", "sub/deeper": "deep"}
    assert shown(read(text, files, major)) == [line]


def test_a_value_from_an_at_file_points_at_the_word_that_names_it() -> None:
    (item,) = read("local @dbs all trust", {"dbs": "a b"}).items
    assert {(value.span, value.origin) for value in item.line.fields[1].values} == {((6, 10), "/etc/pg/dbs")}


FILES = {
    "one.conf": "one\n",
    "two.conf": "two\ninclude sub/three.conf\n",
    "sub/three.conf": "three\ninclude four.conf\n",
    "sub/four.conf": "four\n",
    "d/10.conf": "ten",
    "d/9.conf": "nine",
    "d/B.conf": "B",
    "d/a.conf": "a",
    "d/.h.conf": "hidden",
    "d/x.CONF": "capital",
    "d/y.conf~": "backup",
}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a\ninclude one.conf\nb", ["a", "one", "b"]),
        ("include two.conf\nb", ["two", "three", "four", "b"]),
        ('"include" "one.conf"', ["one"]),
        ("include one.conf,two.conf", ["one"]),
        ("include_if_exists one.conf", ["one"]),
        ("include_if_exists nofile\nb", ["b"]),
        ("include_dir d", ["ten", "nine", "B", "a"]),
        ("include", ["include"]),
        ("include one.conf two.conf", ["include one.conf two.conf"]),
        ("INCLUDE one.conf", ["INCLUDE one.conf"]),
        ("include = one.conf", ["include = one.conf"]),
        ("include nofile\nb", ["b", 'could not open file "/etc/pg/nofile": No such file or directory']),
        ("include 'one.conf'", ["could not open file \"/etc/pg/'one.conf'\": No such file or directory"]),
        (
            "include_dir nodir\nb",
            ["b", 'could not open configuration directory "/etc/pg/nodir": No such file or directory'],
        ),
        ('include_dir " "', ['empty configuration directory name: " "']),
    ],
)
def test_include_records_since_16(text: str, lines: list[str]) -> None:
    assert shown(read(text, FILES, 16)) == lines
    before = read(text, FILES, 15)
    assert [item.line.line for item in before.items] == list(range(1, len(text.splitlines()) + 1))
    assert not before.faults


@pytest.mark.parametrize(
    ("major", "log"),
    [
        (10, 'could not open secondary authentication file "@nofile" as "/etc/pg/nofile": No such file or directory'),
        (15, 'could not open secondary authentication file "@nofile" as "/etc/pg/nofile": No such file or directory'),
        (16, 'could not open file "/etc/pg/nofile": No such file or directory'),
    ],
)
def test_a_missing_at_file(major: int, log: str) -> None:
    file = read("local @nofile all trust\nlocal b b md5", {}, major)
    assert shown(file) == ["local b b md5", log]
    (fault,) = file.faults
    assert (fault.kind, fault.span, fault.value, file.complete) == (AuthKind.INCLUDE_MISSING, (6, 13), "nofile", True)


def test_a_fault_in_an_at_file_is_reported_for_the_line_that_names_it() -> None:
    (fault,) = read("# c\nlocal @dbs all trust", {"dbs": "a\nb,@no"}).faults
    assert (fault.source.path, fault.line, fault.span) == ("/etc/pg/dbs", 2, (4, 7))
    assert (fault.reported.path, fault.reported_line) == ("/etc/pg/pg_hba.conf", 2)
    assert [at.path for at in fault.chain] == ["/etc/pg/pg_hba.conf"]


@pytest.mark.parametrize("text", ["local @no all trust", "include no", "include_if_exists no", "include_dir no"])
def test_a_file_not_in_view_is_no_fault(text: str) -> None:
    file = read(text + "\nb", {}, absent=Presence.NOT_IN_VIEW)
    assert not file.faults
    assert not file.complete
    assert [name for _, name, _ in file.not_in_view] == ["no"]


@pytest.mark.parametrize(
    ("major", "log"),
    [
        (10, 'exceeded maxAllocatedDescs (N) while trying to open file "/etc/pg/rec"'),
        (12, "crash"),
        (14, 'exceeded maxAllocatedDescs (N) while trying to open file "/etc/pg/rec"'),
        (16, 'could not open file "/etc/pg/rec": maximum nesting depth exceeded'),
    ],
)
def test_an_at_file_that_names_itself(major: int, log: str) -> None:
    file = read("local @rec all trust", {"rec": "@rec"}, major)
    assert shown(file) == [log]
    assert [fault.kind for fault in file.faults] == [AuthKind.INCLUDE_LOOP]


def test_ten_levels_of_includes_are_read_and_no_more() -> None:
    chain = {f"f{n}.conf": f"line{n}\ninclude f{n + 1}.conf" for n in range(1, 12)}
    found = shown(read("include f1.conf", chain))
    assert found[:10] == [f"line{n}" for n in range(1, 11)]
    assert found[10:] == ['could not open file "f11.conf": maximum nesting depth exceeded']


def test_includes_that_multiply_come_to_an_end() -> None:
    bomb = {f"f{n}.conf": f"include f{n + 1}.conf\n" * 20 for n in range(1, 10)} | {"f10.conf": "a"}
    assert not read("include f1.conf", bomb).complete


@pytest.mark.parametrize(("major", "limit"), [(10, 255), (11, 10239), (15, 10239)])
def test_words_have_a_limit_until_15(major: int, limit: int) -> None:
    def kinds(word: str) -> list[object]:
        file = read(f"local {word} all trust\nb", {}, major)
        return [*("line" for _ in file.items), *(fault.kind for fault in file.faults)]

    assert kinds("u" * limit) == ["line", "line"]
    assert kinds("u" * (limit + 1)) == ["line", AuthKind.TOKEN_TOO_LONG]
    assert kinds("é" * (limit // 2 + 1)) == ["line", AuthKind.TOKEN_TOO_LONG]


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("{{ hba_line }}", "{{ hba_line }}"),
        ("{% for x in y %}", "{% for x in y %}"),
        ("{# note #}", "{#"),
        ("host all all <%= @net %> md5", "<%= @net %>"),
        ("host all all ${NET} md5", "${NET}"),
        ("host all all ${(nets)[0]} md5", "${(nets)[0]}"),
        ("host all all @@NET@@ md5", "@@NET@@"),
        ("host all @USER@ all md5", "@USER@"),
        ("host all all 10.0.0.0/8 {{ method }}", "{{ method }}"),
        ("host all all <subnet/xx> md5", "<subnet/xx>"),
        ("host all all <subnet> md5", None),
        ("host <database> all all md5", None),
        ("host all all fd00::<a/b> md5", None),
        ("host all @file all md5", None),
        ("host all user@a.example,b@c all md5", None),
        ("host all all all md5 # {{ note }}", None),
        ("host /^a{2}$ all all md5", None),
    ],
)
def test_lines_that_a_template_has_yet_to_write(line: str, mark: str | None) -> None:
    file = read(line + "\nlast", {"file": "x"})
    assert file.complete is (mark is None)
    assert [item.line.line for item in file.items] == ([2] if mark else [1, 2])
    marks = [at.source.text[at.span.start : at.span.end] for at in file.templates if at.source and at.span]
    assert marks == ([mark] if mark else [])


def test_comments_that_swallow_lines() -> None:
    source = main_file("# a \\\nlocal all all trust\nx # b \\\n\\\ny\n# c \\\n# d\n")
    assert [number for _, number in swallowed_lines(source, dialect(14))] == [2, 5]
    assert list(swallowed_lines(source, dialect(13))) == []


@pytest.mark.parametrize(
    ("text", "offset"), [('a "b c', 2), ('a"b"c"d', 5), ('"a""b', 0), ('"a" b', None), ("a", None)]
)
def test_a_quote_that_is_never_closed(text: str, offset: int | None) -> None:
    source = main_file(text)
    (line,) = auth.parse(source, dialect(18))
    spans = [span for f in line.fields for v in f.values if (span := unclosed_quote(source, v)) is not None]
    assert [span.start for span in spans] == ([] if offset is None else [offset])


@pytest.mark.parametrize(
    ("text", "offsets"), [("a\rb\r\n", [1]), ('"a\rb" c\rd', [7]), ("a # \r", []), ("a \\\r\n b", [])]
)
@pytest.mark.parametrize("major", [18, 19])
def test_carriage_returns_within_a_record(text: str, offsets: list[int], major: int) -> None:
    source = main_file(text)
    (line,) = auth.parse(source, dialect(major))
    assert [span.start for span in carriage_returns(source, line)] == offsets


@pytest.mark.parametrize("text", ["\r ", " \r \r", "\r#x"])
def test_from_19_on_a_carriage_return_alone_is_a_word(text: str) -> None:
    source = Source("/etc/pg/pg_ident.conf", text.encode())
    assert list(auth.parse(source, dialect(18))) == []
    (line,) = auth.parse(source, dialect(19))
    assert [[value.text for value in field.values] for field in line.fields] == [["\r"]]
