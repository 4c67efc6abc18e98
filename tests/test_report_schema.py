"""The schema of the JSON report: it leaves nothing open, has what reports have, and refuses what they have not."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pgssllint.finding import Confidence, Effect, Severity
from pgssllint.report import render
from pgssllint.report.as_json import VERSION
from pgssllint.stages import Reload
from pgssllint.target import How
from tests.support.outcomes import MANY, PAGES, WORKING
from tests.support.report_schema import SCHEMA, held

KEYED = ("type", "const", "enum", "$ref", "anyOf")


def objects(schema: object) -> Iterator[dict[str, Any]]:
    """The objects of a schema, however deep."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for inner in schema.values():
            yield from objects(inner)


def test_it_leaves_nothing_open() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    found = list(objects(SCHEMA))
    assert len(found) > 10
    for one in found:
        assert one["required"] == list(one["properties"])
        assert one["additionalProperties"] is False
        assert all(any(key in value for key in KEYED) for value in one["properties"].values())


def test_its_words_are_those_of_the_reports() -> None:
    finding = SCHEMA["$defs"]["finding"]["properties"]
    assert finding["effect"]["enum"] == [one.value for one in Effect]
    assert finding["severity"]["enum"] == [one.value for one in Severity]
    assert finding["confidence"]["enum"] == [one.value for one in Confidence]
    assert finding["reload"]["enum"] == [*(one.value for one in Reload), None]
    assert SCHEMA["$defs"]["target"]["properties"]["how"]["enum"] == [one.value for one in How]
    assert SCHEMA["properties"]["version"]["const"] == VERSION


def shown() -> Any:
    return held(render("json", MANY, PAGES, color=False, relative_to=WORKING, width=80, show_secrets=True))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all objects in a document."""
    if isinstance(value, dict):
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


@pytest.mark.parametrize("path", list(places(shown())), ids=lambda path: "/".join(map(str, path)) or "/")
def test_it_refuses_a_key_more_and_a_key_less(path: tuple[Any, ...]) -> None:
    for change in ("more", "less"):
        document = copy.deepcopy(shown())
        value = document
        for key in path:
            value = value[key]
        if change == "more":
            value["more"] = 1
        else:
            del value[next(iter(value))]
        with pytest.raises(AssertionError):
            held(json.dumps(document))
