"""The JSON Schema of a configuration."""

from collections.abc import Iterable, Mapping
from typing import Any

from pgssllint.configuration.key import Key
from pgssllint.configuration.keys import CLUSTER_KEYS, KEYS
from pgssllint.configuration.kinds import Schema

DRAFT = "http://json-schema.org/draft-07/schema#"
"""The version of JSON Schema that editors of TOML read."""


def schema() -> Schema:
    """What a pgssllint.toml, or `[tool.pgssllint]`, may hold."""
    return {
        "$schema": DRAFT,
        "title": "pgssllint",
        "description": "Configuration of pgssllint: pgssllint.toml, .pgssllint.toml or [tool.pgssllint].",
        **_table(KEYS, {"clusters": {"type": "array", "items": _table(CLUSTER_KEYS, {})}}),
    }


def _table(keys: Iterable[Key[Any]], known: Mapping[str, Schema]) -> Schema:
    properties = {key.name: _property(key, known.get(key.name, key.kind.schema)) for key in keys}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _property(key: Key[Any], values: Schema) -> Schema:
    import tomllib

    example = tomllib.loads(f"value = {key.example}")["value"]
    return {"description": f"{key.meaning} Without it: {key.without}.", **values, "examples": [example]}
