"""The schema of the JSON report, and reports held to it."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text("utf-8"))
_VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)


def held(text: str) -> Any:
    """What a JSON report says. Raises AssertionError where it is not as its schema has it."""
    document = json.loads(text)
    errors = [(list(error.absolute_path), error.message) for error in _VALIDATOR.iter_errors(document)]
    assert errors == []
    return document
