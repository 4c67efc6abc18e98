"""`pgssllint config`, `--show-files`, and what is made from the table of keys: the page and the JSON Schema."""

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from docs import make_configuration
from pgssllint.configuration.key import read_entry
from pgssllint.configuration.keys import BY_NAME, CLUSTER_KEYS, KEYS
from pgssllint.configuration.kinds import Where
from pgssllint.configuration.mistakes import MistakeError
from pgssllint.configuration.schema import schema
from tests.support.repositories import lay
from tests.support.runs import run
from tests.test_configuration import GOOD, TRUST


def in_force(folder: Path, *words: str) -> dict[str, list[tuple[str, str]]]:
    """The values of the first configuration and where each is said, by the names of keys."""
    found: dict[str, list[tuple[str, str]]] = {}
    rows = json.loads(run(folder, "config", *words, "--format", "json").out)
    for row in rows:
        if row["clusters"] == rows[0]["clusters"]:
            found.setdefault(row["key"], []).append((row["value"], row["from"]))
    return found


class TestConfig:
    TEXT = "\npg-version = '14-16'\nignore = ['PGS1']\n[severity]\nPGS5 = 'note'\n[map]\n'/etc' = 'etc'\n"

    def test_each_value_has_its_place(self, tmp_path: Path) -> None:
        lay(tmp_path, {"pg_hba.conf": GOOD, "pgssllint.toml": self.TEXT})
        found = in_force(tmp_path)
        assert list(found) == [key.name for key in KEYS if key.name != "clusters"]
        assert found["pg-version"] == [("14 to 16", "pgssllint.toml:2")]
        assert found["ignore"] == [('["PGS1"]', "pgssllint.toml:3")]
        assert found["severity"] == [('{PGS5 = "note"}', "pgssllint.toml:4")]
        assert found["map"] == [(f'{{"/etc" = "{tmp_path}/etc"}}', "pgssllint.toml:6")]
        assert found["fail-on"] == [("warning", "default")]

    def test_options_replace_or_add(self, tmp_path: Path) -> None:
        lay(tmp_path, {"pg_hba.conf": GOOD, "pgssllint.toml": self.TEXT})
        found = in_force(tmp_path, "--pg-version", "13", "--ignore", "PGS2", "--strict", "--fail-on", "note")
        assert found["pg-version"] == [("13", "command line")]
        assert found["ignore"] == [('["PGS2"]', "command line"), ('["PGS1"]', "pgssllint.toml:3")]
        assert found["strict"] == [("true", "command line")]
        assert found["fail-on"] == [('"note"', "command line")]

    def test_each_configuration_is_told_with_its_clusters(self, tmp_path: Path) -> None:
        lay(
            tmp_path,
            {"a/pg_hba.conf": GOOD, "b/pg_hba.conf": GOOD, "c/pg_hba.conf": GOOD, "c/pgssllint.toml": "strict = true"},
        )
        out = run(tmp_path, "config").out
        assert "For a/pg_hba.conf, b/pg_hba.conf:\n" in out
        assert "For c/pg_hba.conf:\n" in out
        assert "c/pgssllint.toml:1" in out

    def test_clusters_have_rows_of_their_own(self, tmp_path: Path) -> None:
        text = "[[clusters]]\nfiles = ['a']\n\n[[clusters]]\nfiles = ['*']\nhost-names = ['db.example.org']\n"
        lay(tmp_path, {"pg_hba.conf": GOOD, "pgssllint.toml": text})
        found = in_force(tmp_path)
        assert found["clusters[0].files"] == [('["a"]', "pgssllint.toml:2")]
        assert [where for _, where in found["clusters[1].host-names"]] == ["pgssllint.toml:6"]

    def test_none_is_told_as_none(self, tmp_path: Path) -> None:
        lay(tmp_path, {"pg_hba.conf": GOOD, "pgssllint.toml": self.TEXT})
        assert {where for told in in_force(tmp_path, "--no-config").values() for _, where in told} == {"default"}

    def test_before_there_is_a_cluster(self, tmp_path: Path) -> None:
        lay(tmp_path, {"x/y": "", "pgssllint.toml": "strict = true\n"})
        assert in_force(tmp_path)["strict"] == [("true", "pgssllint.toml:1")]

    @pytest.mark.parametrize("text", ["x = 1", "ignore = ['PGS9999']"])
    def test_a_mistake_is_one_sentence(self, text: str, tmp_path: Path) -> None:
        lay(tmp_path, {"pg_hba.conf": GOOD, "pgssllint.toml": text})
        ran = run(tmp_path, "config")
        assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)

    def test_what_may_be_a_secret_is_not_shown(self, tmp_path: Path) -> None:
        lay(tmp_path, {"pg_hba.conf": GOOD, "pgssllint.toml": "exclude = ['x:Tr0ub4dor@y z']\n"})
        assert "Tr0ub4dor" not in run(tmp_path, "config").out


class TestShowFiles:
    def test_what_would_be_read(self, tmp_path: Path) -> None:
        lay(
            tmp_path,
            {"a/postgresql.conf": "include 'x.conf'\n", "a/x.conf": "ssl = on\n", "a/pg_hba.conf": "local a @n peer\n"},
        )
        lay(
            tmp_path,
            {"a/n": "bob\n", "pgssllint.toml": "exclude = ['old']\n", "old/pg_hba.conf": TRUST, "other.txt": ""},
        )
        ran = run(tmp_path, "--show-files")
        assert (ran.status, ran.err) == (0, "")
        expected = ["a/n", "a/pg_hba.conf", "a/postgresql.conf", "a/x.conf", "pgssllint.toml"]
        assert ran.out.splitlines() == expected

    def test_errors_are_told(self, tmp_path: Path) -> None:
        ran = run(tmp_path, "--show-files", "nowhere")
        assert (ran.status, ran.out, "does not exist" in ran.err) == (2, "", True)

    @pytest.mark.parametrize("option", ["--format=json", "--fix", "--diff", "--exit-zero", "--write-baseline=x"])
    def test_it_judges_nothing(self, option: str, tmp_path: Path) -> None:
        lay(tmp_path, {"pg_hba.conf": GOOD})
        ran = run(tmp_path, "--show-files", option)
        assert (ran.status, "does not go with '--show-files'" in ran.err) == (2, True)


def test_what_is_made_from_the_keys_is_current() -> None:
    for path, text in make_configuration.derived():
        assert path.read_text() == text, "run: python -m docs.make_configuration"


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(schema())


VALUES = st.recursive(
    st.booleans()
    | st.integers(-2, 40_000)
    | st.sampled_from(["error", "note", "trust", "16", "PGS5", "", "/etc", "x"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["/etc", "PGS5", "files", "x", *(key.name for key in CLUSTER_KEYS)]), inner, max_size=2
        )
    ),
    max_leaves=4,
)
_EXAMPLES = {key.name: tomllib.loads(f"value = {key.example}")["value"] for key in KEYS}


@given(st.dictionaries(st.sampled_from([*BY_NAME, "x"]), VALUES, max_size=2), st.sets(st.sampled_from(list(BY_NAME))))
def test_what_is_read_is_what_the_schema_takes(drawn: dict[str, Any], of_examples: set[str]) -> None:
    """What the reader takes, the schema does; what the schema refuses, the reader does."""
    table = {**{name: _EXAMPLES[name] for name in of_examples}, **drawn}
    try:
        read_entry(table, BY_NAME, Where((), "/"))
        is_read = True
    except MistakeError:
        is_read = False
    takes = jsonschema.Draft7Validator(schema()).is_valid(table)
    assert takes or not is_read
    if not drawn:
        assert is_read
