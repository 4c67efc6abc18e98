"""Which files readers of manifests and values are asked about, before anything reads YAML."""

import subprocess
import sys

import pytest

from pgssllint.sources.hints import belongs, speaks
from tests.support.manifests import MANIFESTS


@pytest.mark.parametrize("manifest", MANIFESTS)
def test_each_example_is_looked_at(manifest: str) -> None:
    assert speaks(manifest.encode()) or belongs(manifest.encode())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("image: postgres:16", True), ("image: postgis/postgis", True), ("pg_hba: x", True), ("pgHbaConf: x", True),
        ("pg-hba.conf: x", True), ("PGHBA: x", True), ("pg_ident: x", True),
        ("image: mysql", False), ("pghb: a", False),
    ],
)  # fmt: skip
def test_words_that_speak_of_a_server(text: str, found: bool) -> None:
    assert speaks(text.encode()) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: b\nkind: Service\n", True), ("kind: 'Secret'\n", True), ('{"kind": "ConfigMap"}', True),
        ("  kind: Kustomization # x\n", True), ("- kind: List\n", True), ("secretGenerator:\n", True),
        ("kind: ServiceAccount\n", False), ("kind: Deployment\n", False), ("x: kind: Service\n", False),
    ],
)  # fmt: skip
def test_what_a_server_may_refer_to(text: str, found: bool) -> None:
    assert belongs(text.encode()) is found


def test_asking_costs_no_reader_of_yaml() -> None:
    code = "import sys, pgssllint.sources.hints; print([name for name in sys.modules if name in ('yaml', '_yaml')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
