"""YAML with template expressions in it: nothing is evaluated, and each character keeps its place."""

from random import Random
from time import process_time

import pytest

from pgssllint.syntax.template_control import MAX_MARK, conditions_within, marks
from pgssllint.syntax.yaml_nodes import Mapping, Node, Scalar, YamlError, entries_of, get, items_of, text_of
from pgssllint.syntax.yaml_templates import Filled, Template, template, template_documents
from pgssllint.text import Source
from tests.support.yaml_scalars import STYLES, draw


def read(text: str) -> tuple[Template, list[Node]]:
    found = template(Source("/r/a.yaml", text.encode()))
    return found, list(template_documents(found))


def root(text: str) -> Node:
    _, (node,) = read(text)
    return node


def scalar(node: Node | None) -> Scalar:
    assert isinstance(node, Scalar)
    return node


def starts(text: str) -> list[int]:
    """Where the lines of a text begin."""
    return [0, *(at + 1 for at, letter in enumerate(text) if letter == "\n")]


def assert_leads_home(node: Scalar, text: str) -> None:
    """Each character of a value stands where it leads to, but for a folded line end."""
    value, at = node.value, 0
    assert value.text == node.text
    for run in value.runs:
        for place in range(run.length):
            span = run.cut(place, place + 1).span
            assert text[span.start : span.end] == value.text[at] or value.text[at] == " "
            at += 1
    assert at == len(value.text)


CONFIG_MAP = """\
{{- /*
  Written by hand.
*/}}
{{- if .Values.own }}
kind: ConfigMap
metadata:
  name: {{ include "name" . }}-pg
  labels: {{- include "labels" . | nindent 4 }}
    part: "{{ .Values.part }}"
  {{- with .Values.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- toYaml .Values.more | nindent 2 }}
data:
  postgresql.conf: |
    ssl = on
    {{- if .Values.metrics }}
    port = {{ .Values.port | default 5433 }}
    {{- end }}
{{ .Values.rest | indent 4 }}
    max_connections = 10
  pg_hba.conf: |-
    {{- range .Values.records }}
    host all {{ . }} samenet md5
    {{- end }}
{{- end }}
"""


def test_helms_expressions_stay_in_their_places() -> None:
    found, (node,) = read(CONFIG_MAP)

    assert text_of(get(node, "metadata", "name")) == '{{ include "name" . }}-pg'
    assert text_of(get(node, "metadata", "labels", "part")) == "{{ .Values.part }}"
    assert text_of(get(node, "metadata", "annotations")) == "{{- toYaml . | nindent 4 }}"
    conf = scalar(get(node, "data", "postgresql.conf"))
    assert conf.text.split("\n") == [
        "ssl = on",
        "{{- if .Values.metrics }}",
        "port = {{ .Values.port | default 5433 }}",
        "{{- end }}",
        "{{ .Values.rest | indent 4 }}",
        "max_connections = 10",
        "",
    ]
    hba = scalar(get(node, "data", "pg_hba.conf"))
    assert "host all {{ . }} samenet md5" in hba.text
    for one in (conf, hba):
        assert isinstance(one, Filled)
        assert_leads_home(one, CONFIG_MAP)
    assert found.may_be(conf.span.start)
    assert not found.may_be(0)
    assert found.is_open(node.span), "what '.Values.more' writes may be any key"
    assert not found.is_open(conf.span)


def test_what_stands_under_a_condition_may_be() -> None:
    text = "a: 1\n{% if x %}\nb: 2\n{% for y in z %}\nc: 3\n{% endfor %}\n{% else %}\nd: 4\n{% endif %}\ne: 5\n"
    text += "{% if y %}\nf: 6\n"
    found, (node,) = read(text)

    assert {e.key.text: found.may_be(e.key.span.start) for e in entries_of(node) if isinstance(e.key, Scalar)} == {
        "a": False, "b": True, "c": True, "d": True, "e": False, "f": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "may_be"),
    [
        ("a\n{% if x %}\nb\n{% endif %}\nc\n", "b"),
        ("# told\n{% if x %}\nb\n{% endif %}\n\n# told\n", ""),
        ("{{- if x }}\na\n{{- range y }}\nb\n{{- end }}\nc\n{{- end }}\n", "b"),
        ("{% if x %}\na\n{% endif %}\n{% if y %}\nb\n{% endif %}\n", "ab"),
        ("{% if x %}\na\n{% else %}\nb\n{% endif %}\n", "ab"),
        ("<% if x %>\na\n<% elsif y %>\nb\n<% end %>\n", "ab"),
        ("{% set x = 1 %}\n{% if x %}\na\n{% endif %}\n", ""),
        ("a\n<% x.each do |y| %>\nb\n<% end %>\n", "b"),
        ("a\n{% if x %}\nb\n", "b"),
        ("a\n{{ x }}\nb\n", ""),
        ("a\nb\n", ""),
    ],
)
def test_a_condition_that_holds_for_a_whole_file_is_none(text: str, may_be: str) -> None:
    found = conditions_within(Source("/r/pg_hba.conf.j2", text.encode()))
    places = {line: at for line, at in zip(text.splitlines(), starts(text), strict=False) if line in "abc"}
    assert "".join(line for line, at in places.items() if found.holds(at)) == may_be


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a: {{ x }}\n", {"a": "{{ x }}"}),
        ("a: {{ x }}{{ y }}:1\nb: 2\n", {"a": "{{ x }}{{ y }}:1", "b": "2"}),
        ("a: '{{ x | default(''y'') }}'\n", {"a": "{{ x | default(''y'') }}"}),
        ('a: "{{ include "b" . }}"\n', {"a": '{{ include "b" . }}'}),
        ("a: >\n  b\n  {{ x }}\n  c\n", {"a": "b {{ x }} c\n"}),
        ("a: {# told #} b\n", {"a": "b"}),
        ("{{ x }}: b\n", {"{{ x }}": "b"}),
        ("a: <%= x %>\n<% if y -%>\nb: 1\n<% end -%>\n", {"a": "<%= x %>", "b": "1"}),
        ("<% z.each do |y| %>\nb: 1\n<% end %>\n", {"b": "1"}),
        ("{{- $x := 1 -}}\na: {{ $x }}\n", {"a": "{{ $x }}"}),
        ("a: |\n  x\n{{ y }}\nb: 1\n", {"a": "x\n", "b": "1"}),
        ("a: |\n  x\n{{ y | indent 2 }}\nb: 1\n", {"a": "x\n{{ y | indent 2 }}\n", "b": "1"}),
        ("a: |\n  x\n{{ y }}\n  z\nb: 1\n", {"a": "x\n{{ y }}\nz\n", "b": "1"}),
        ("a: |\n  x\n  {{- if y -}}\n\nb: 1\n", {"a": "x\n{{- if y -}}\n", "b": "1"}),
        ("a:\n  b: |\n    x\n  {{- if y -}}\n\n  c: 1\n", {"a": None}),
        ("{{ if x }}\na: |\n{{ if y }}\n  x\n{{ end }}{{ end }}\nb: 1\n", {"a": "{{ if y }}\nx\n", "b": "1"}),
        ("a: {{ x\n  | y }}\nb: 1\n", {"a": "{{ x\n  | y }}", "b": "1"}),
        ("a: {\nb: }}\n", None),
        ("a: '{{ x'\n", {"a": "{{ x"}),
        ("a: '{{ x'\nb: '{{'\n", {"a": "{{ x", "b": "{{"}),
        ("a: |\r\n  x\r\n  {{ y }}\r\nb: 1\r\n", {"a": "x\n{{ y }}\n", "b": "1"}),
    ],
)
def test_expressions_in_all_places(text: str, values: dict[str, str] | None) -> None:
    if values is None:
        with pytest.raises(YamlError):
            read(text)
        return
    node = root(text)
    assert {e.key.text: text_of(e.value) for e in entries_of(node) if isinstance(e.key, Scalar)} == values


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ if x }}{{ x }}{{ end }}", [True, False, True]),
        ("{{ $ }}{{ $x := 1 }}{{ $x = 2 }}{{ $a, $b := . }}{{ $x }}", [False, True, True, True, False]),
        ("{% set x = 1 %}{# %} #}<%= y %><%# z %><% y %>", [True, True, False, True, True]),
        ("{{/* }} */}}{{- /* }} */ -}}", [True, True]),
        ("{{ x", []),
        ("{{" + " " * MAX_MARK + "}}", []),
    ],
)
def test_control_structures_and_expressions(text: str, words: list[bool]) -> None:
    assert [mark.is_control for mark in marks(text)] == words


def test_aliases_and_merge_keys_are_carried_out() -> None:
    node = root("x: &x\n  a: {{ y }}\nz:\n  <<: *x\n  b: [*x, '{{ c }}']\n")

    assert text_of(get(node, "z", "a")) == "{{ y }}"
    assert get(node, "x") is items_of(get(node, "z", "b"))[0]


def test_an_error_stands_in_the_file_itself() -> None:
    with pytest.raises(YamlError) as raised:
        read("a: {{ x }}\n  b: c: d\n")
    assert "{{ x }}" in raised.value.source.text


@pytest.mark.parametrize("style", STYLES)
def test_each_character_of_a_scalar_with_expressions_leads_to_its_place(style: str) -> None:
    random = Random(style)
    filled = 0
    for _ in range(400):
        drawn = draw(random, style)
        # Letters that only the value has are drawn over with an expression of as many characters.
        places = [p for (p, q), c in zip(drawn.places, drawn.value, strict=True) if q - p == 1 and c in "xyzXYZ"]
        text = drawn.text
        for at in places:
            text = text[:at] + "\ue123" + text[at + 1 :]
        text = text.replace("\ue123", "{{ y }}")
        found = template(Source("/r/a.yaml", text.encode("utf-8", "surrogateescape")))
        for node in (one for root_node in template_documents(found) for one in _scalars(root_node)):
            if isinstance(node, Filled):
                filled += 1
                assert node.text.count("{{ y }}") == text[node.span.start : node.span.end].count("{{ y }}")
                assert node.value.text == node.text
                assert sum(run.length for run in node.value.runs) == len(node.text)
    assert filled > 50


def _scalars(node: Node) -> list[Scalar]:
    match node:
        case Scalar():
            return [node]
        case Mapping():
            return [one for e in node.written for one in (*_scalars(e.key), *_scalars(e.value))]
        case _:
            return [one for item in node.items for one in _scalars(item)]


@pytest.mark.parametrize(
    "piece",
    ["{{", "{{ x }}\n", "}}", "{% if x %}\n", "<% end %>", "{{- /*", "a: {{ x }}\n", "{#", "  - {{ x }}\n", "{{ x }} ",
     "{{ if x }}{{ y }}", "|\n", "k: |\n", "k: | #", "\ue000", "\0", "\t", "- &a [*a]\n", "&& && "],
)  # fmt: skip
def test_time_is_linear_and_nothing_ends_a_run(piece: str) -> None:
    def spent(count: int) -> float:
        source = Source("/r/a.yaml", (piece * count).encode())
        started = process_time()
        try:
            for _ in template_documents(template(source)):
                pass
        except YamlError:
            pass
        return process_time() - started

    count = 100_000 // len(piece)
    small = max(spent(count // 4), 0.02)
    assert spent(count) < 16 * small


@pytest.mark.parametrize("lines", [20_000])
def test_a_long_scalar_with_an_expression_on_each_line(lines: int) -> None:
    text = "a: |\n" + "  x = {{ y }}\n  {{ if z }}\n" * lines
    started = process_time()
    node = scalar(get(root(text), "a"))
    assert node.text.startswith("x = {{ y }}\n")
    assert process_time() - started < 8
