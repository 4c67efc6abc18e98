"""Defaults that stand in templates are told in their place, where they are known words."""

import pytest

from pgssllint.files import Files
from pgssllint.sources.kubernetes import read_kubernetes
from pgssllint.sources.said import TEMPLATE_DEFAULT
from pgssllint.sources.template_defaults import defaults
from pgssllint.text import Source


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("host all all all {{ method | default('trust') }}", ["trust"]),
        ('host all all all {{ method|d("md5") }}', ["md5"]),
        ('host all all all {{ .Values.method | default "trust" }}', ["trust"]),
        ('host all all all {{ default "trust" .Values.method }}', ["trust"]),
        ("host all all all <%= @method || 'password' %>", ["password"]),
        ("host all all all ${METHOD:-trust} ${OTHER-md5}", ["trust", "md5"]),
        ("ssl = {{ ssl | default('off') }}\nx = {{ y | default('TLSv1') }}", ["off", "TLSv1"]),
        ("p = {{ password | default('hunter2') }} ${P:-hunter2} {{ default \"hunter2\" .x }}", []),
        ("host all all all trust # default('trust')", []),
        ("host all all all {{ method | default(other) }}", []),
        ("host all all all {{ method | default('') }} ${X} ${X:-}", []),
        ("{{ a | default('trust') | default('md5') }}", ["trust", "md5"]),
    ],
)
def test_defaults(text: str, values: list[str]) -> None:
    source = Source("/r/pg_hba.conf.j2", text.encode())
    found = list(defaults(source))
    assert [said.arguments["value"] for said in found] == values
    assert [text[slice(*said.at.span)] for said in found] == values
    assert {said.kind for said in found} <= {TEMPLATE_DEFAULT}


def test_those_in_a_manifest_lead_to_it() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  pg_hba.conf: |\n    host all all all "
    text += '{{ .Values.method | default "trust" }}\n'
    (site,) = read_kubernetes([Source("/r/a.yaml", text.encode())], Files(("/r",))).sites
    (said,) = site.said
    assert said.at.source.path == "/r/a.yaml"
    assert text[slice(*said.at.span)] == "trust"


@pytest.mark.parametrize("piece", ["{{ x | default('", "${A:-", "| default ", "{{", "|| '"])
def test_time_is_linear(piece: str) -> None:
    assert not list(defaults(Source("/r/a", (piece * 20_000).encode())))
