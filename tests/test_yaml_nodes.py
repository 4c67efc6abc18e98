"""YAML as it is written: each character of a scalar leads to its place, and nothing that is written ends a run."""

from collections.abc import Callable
from random import Random
from time import process_time

import pytest

from pgssllint.syntax import yaml_nodes
from pgssllint.syntax.yaml_nodes import Mapping, Node, Scalar, Sequence, YamlError, documents, get, text_of
from pgssllint.syntax.yaml_places import MAX_LINES
from pgssllint.text import Source
from pgssllint.traced import Traced
from tests.support.yaml_scalars import STYLES, draw

PATH = "/r/a.yaml"
LIBRARIES = [False, *([True] if yaml_nodes.HAS_LIBYAML else [])]


def read(text: str | bytes, *, libyaml: bool = yaml_nodes.HAS_LIBYAML) -> list[Node]:
    data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    return list(documents(Source(PATH, data), libyaml=libyaml))


def root(text: str) -> Node:
    (node,) = read(text)
    return node


def places(text: Traced) -> tuple[tuple[int, int], ...]:
    """The span that each character leads to."""
    return tuple(tuple(run.cut(at, at + 1).span) for run in text.runs for at in range(run.length))  # type: ignore[misc]


def _scalar(node: Node) -> Scalar:
    """The scalar under the key `k`, or first in the sequence there."""
    while (inner := get(node, "k")) is None:
        node = node.written[0].value if isinstance(node, Mapping) else pytest.fail("no key k")
    inner = inner.items[0] if isinstance(inner, Sequence) else inner
    assert isinstance(inner, Scalar)
    return inner


@pytest.mark.parametrize("libyaml", LIBRARIES)
@pytest.mark.parametrize("style", STYLES)
def test_each_character_of_a_scalar_leads_to_its_place(style: str, libyaml: bool) -> None:
    random = Random(style)
    for _ in range(800):
        drawn = draw(random, style)
        (node,) = read(drawn.text, libyaml=libyaml)
        scalar = _scalar(node)

        assert scalar.text == drawn.value, drawn.text
        assert places(scalar.value) == drawn.places, drawn.text


def test_anchors_aliases_and_merge_keys_are_carried_out() -> None:
    node = root("x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  c: 3\n  <<: [*x, *y]\n'<<': 4\nw: *x\n")

    assert {key: text_of(entry.value) for key, entry in get(node, "z").by_name.items()} == {  # type: ignore[union-attr]
        "a": "1", "b": "1", "c": "3",
    }  # fmt: skip
    assert get(node, "w") is get(node, "x")
    assert text_of(get(node, "<<")) == "4"


def test_keys_that_are_given_twice_are_kept_and_the_last_holds() -> None:
    node = root("a: 1\nb: 2\na: 3\n")

    assert isinstance(node, Mapping)
    assert [key.span.start for key in node.duplicates] == [10]
    assert [text_of(entry.value) for entry in node.written] == ["1", "2", "3"]
    assert text_of(get(node, "a")) == "3"
    assert [text_of(entry.key) for entry in node.entries] == ["a", "b"]


def test_tags_are_told_and_keep_a_word_from_being_resolved() -> None:
    node = root("a: !reset null\nb: !override\n  - 1\nc: !!str on\nd: on\ne: 'on'\n")

    def tag(key: str) -> str:
        inner = get(node, key)
        assert inner is not None
        return inner.tag

    assert [tag(key) for key in "abcd"] == ["!reset", "!override", "tag:yaml.org,2002:str", ""]
    assert [bool(getattr(get(node, key), "is_plain", False)) for key in "acde"] == [False, False, True, False]


def test_nodes_stand_where_they_are_written() -> None:
    text = "a: &x !t [1,\n  2]   # c\nb:\n  - c: 1\n\n\n  - d\ne:\n"
    node = root(text)

    def shown(*keys: str) -> str:
        inner = get(node, *keys)
        assert inner is not None
        return text[inner.span.start : inner.span.end]

    assert shown("a") == "[1,\n  2]"
    assert shown("b") == "- c: 1\n\n\n  - d"
    assert shown("e") == ""


@pytest.mark.parametrize("libyaml", LIBRARIES)
def test_documents_before_a_fault_are_given(libyaml: bool) -> None:
    found = documents(Source(PATH, b"a: 1\n---\nb: 2\n---\nc: [\n"), libyaml=libyaml)

    assert text_of(get(next(found), "a")) == "1"
    assert text_of(get(next(found), "b")) == "2"
    with pytest.raises(YamlError, match=r"^is not YAML$"):
        next(found)


ITEMS = "[" + ",".join(["x"] * 9) + "]\n"
LAUGHS = f"a0: &a0 {ITEMS}" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))
CHAIN = "m0: &m0\n  a: 1\n" + "".join(f"m{n}: &m{n}\n  <<: *m{n - 1}\n  k{n}: 1\n" for n in range(1, 20000))
REFUSED: dict[str, tuple[str | bytes, str]] = {
    "flow sequences": ("[" * 20000, "levels deep"),
    "flow mappings": ("{a: " * 20000, "levels deep"),
    "block sequences": ("- " * 20000, "levels deep"),
    "complex keys": ("? " * 20000, "levels deep"),
    "billion laughs": (LAUGHS, "by its aliases"),
    "chain of merges": (CHAIN, "by its aliases"),
    "in itself": ("a: &a [*a]\n", "inside of what it names"),
    "in itself by a merge": ("a: &a\n  <<: *a\n", "inside of what it names"),
    "no anchor": ("a: *a\n", "names no anchor"),
    "merge of a word": ("a: {<<: b}\n", "is no mapping"),
    "merge of words": ("a: {<<: [b]}\n", "is no mapping"),
    "NUL": ("a: \0b\n", "control character"),
    "control": ("é: \x01b\n", "control character"),
    "tab": ("a:\n\t- b\n", "is not YAML"),
    "template": ("{{ a }}: [\n", "is not YAML"),
    "tag": ("!a!b c\n", "is not YAML"),
    "bytes": (b"\x00\xff\xfe\x80", "not UTF-8"),
    "UTF-16": ("a: b\n".encode("utf-16"), "not UTF-8"),
    "half a pair": ('a: "\\ud83d"\n', "is not YAML"),
    "many nodes": ("[" + "a," * 600_000 + "]", "holds more than"),
    "long": ("a" * (yaml_nodes.MAX_CHARACTERS + 1), "is longer than"),
}


@pytest.mark.parametrize("libyaml", LIBRARIES)
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_borne_is_one_sentence(name: str, libyaml: bool) -> None:
    text, words = REFUSED[name]
    with pytest.raises(YamlError, match=words) as caught:
        read(text, libyaml=libyaml)

    assert 0 <= caught.value.at.start <= len(caught.value.source.text)


BORNE = [
    "",
    "# only a comment\n",
    "---\n---\n",
    "a",
    "a: 1",
    "- [{}]\n",
    "%YAML 1.2\n---\na: 1\n",
    "? [a]\n: b\n",
]


@pytest.mark.parametrize("libyaml", LIBRARIES)
def test_odd_files_are_read(libyaml: bool) -> None:
    assert [len(read(text, libyaml=libyaml)) for text in BORNE] == [0, 0, 2, 1, 1, 1, 1, 1]


LONG: dict[str, Callable[[int], str]] = {
    "plain": lambda n: "a: " + "word " * n,
    "folded lines": lambda n: "a: " + "word\n  " * n,
    "literal": lambda n: "a: |\n" + "  word\n" * n,
    "blank lines": lambda n: "a: |+\n" + "\n" * n * 5,
    "escapes": lambda n: 'a: "' + "\\n" * n * 2 + '"',
    "blanks": lambda n: "a: x" + " " * n * 5 + "y",
    "keys": lambda n: "".join(f"k{number}: v\n" for number in range(n // 2)),
    "merges": lambda n: "".join(f"m{m}: &m{m} {{k{m}: 1}}\n" for m in range(n // 8))
    + f"z: {{<<: [{','.join(f'*m{m}' for m in range(n // 8))}]}}\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", LONG)
def test_a_long_file_costs_what_its_length_is(kind: str) -> None:
    def cost(size: int) -> float:
        text = LONG[kind](size)
        begun = process_time()
        for node in read(text):
            for entry in yaml_nodes.entries_of(node):
                _ = entry.value.value if isinstance(entry.value, Scalar) else yaml_nodes.entries_of(entry.value)
        return process_time() - begun

    least = max(min(cost(10_000) for _ in range(3)), 0.004)
    assert cost(80_000) < least * 8 * 4


def test_a_scalar_of_too_many_lines_leads_to_the_whole() -> None:
    scalar = _scalar(root("k: |+\n" + "\n" * (MAX_LINES + 1)))

    assert [run.is_exact for run in scalar.value.runs] == [False]
