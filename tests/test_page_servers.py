"""What rule pages say of a refused start is what real servers do.

The answers are kept in tests/data/page_answers.json, keyed by the example's text and the server, so that the ordinary
run needs no server. `pytest -m servers` asks again and fails on any difference; with PGSSLLINT_RECORD=1 it writes the
answers down.
"""

import functools
import hashlib
import json
import os
import re
from pathlib import Path

import pytest

from pgssllint.api import lint
from pgssllint.rulebook import rulebook
from pgssllint.target import OpenSSL
from tests.support.examples import Example, examples, lay_out, request_for
from tests.support.installations import Unavailable, available
from tests.support.servers import File, attempt

ANSWERS = Path(__file__).parent / "data" / "page_answers.json"
SERVERS = (13, 14, 16, 18)
RECORDING = bool(os.environ.get("PGSSLLINT_RECORD"))

EXAMPLES = [
    example
    for page in rulebook().pages.values()
    if page.effect == "refuses-start"
    for example in examples(page)
    if example.section != "Fixed" and "server" not in example.case and not example.case.get("assumed")
]
CASES = [(example, major) for example in EXAMPLES for major in SERVERS if major in example.majors]
EXEMPT = [
    (example.id, example.case["server"])
    for page in rulebook().pages.values()
    if page.effect == "refuses-start"
    for example in examples(page)
    if "server" in example.case
]
each_case = pytest.mark.parametrize(("example", "major"), CASES, ids=lambda value: getattr(value, "id", str(value)))


@functools.cache
def recorded() -> dict[str, dict[str, object]]:
    return json.loads(ANSWERS.read_text()) if ANSWERS.exists() else {}


def key_of(example: Example, major: int) -> str:
    """The example's files and the server they were given to: what the answer depends on."""
    digest = hashlib.sha256()
    described = {**example.files, **{k: repr(example.case.get(k)) for k in ("raw", "files", "server_user")}}
    digest.update(json.dumps(described, sort_keys=True).encode("utf-8", "surrogatepass"))
    return f"{example.id}@{major}:{digest.hexdigest()[:16]}"


def ask(example: Example, major: int) -> dict[str, object]:
    """Give the example to a real server. Skips where none is to be had, saying why."""
    installation = available(major)
    if isinstance(installation, Unavailable):
        pytest.skip(f"not asked again: {installation.reason}")
    files: dict[str, File | None] = {
        name: File(data, int(mode, 8) if mode is not None else 0o600, owner)
        for name, data, mode, owner in example.contents()
    }
    answer = attempt(installation, files)
    return {"starts": answer.starts, "log": [line for line in answer.log.splitlines() if line.strip()][:8]}


@each_case
def test_the_recorded_server_does_what_the_page_says(example: Example, major: int) -> None:
    answer = recorded().get(key_of(example, major))
    assert answer is not None, "no answer is recorded: run pytest -m servers with PGSSLLINT_RECORD=1"
    assert answer["starts"] is (example.section == "Silent"), answer
    log = "\n".join(map(str, answer["log"]))  # type: ignore[call-overload]
    for majors, words in example.server_words.items():
        for word in words if major in majors else ():
            assert word in log


@each_case
def test_the_prediction_agrees_with_the_recorded_server(example: Example, major: int, tmp_path: Path) -> None:
    answer = recorded().get(key_of(example, major))
    assert answer is not None
    lay_out(example, tmp_path)
    request = request_for(example, tmp_path, major, OpenSSL.parse("1.1.1"))
    outcome, _ = lint(request, example.at)
    predicted = [p for cluster in outcome.clusters for p in cluster.predictions]
    for prediction in predicted:
        assert prediction.starts in (None, answer["starts"])
        if prediction.starts is False and prediction.log:
            assert _bare(prediction.log) in "\n".join(_bare(str(line)) for line in answer["log"])  # type: ignore[attr-defined]


@pytest.mark.servers
@each_case
def test_a_real_server_gives_the_recorded_answer(example: Example, major: int) -> None:
    answer = ask(example, major)
    if RECORDING:
        _record(key_of(example, major), answer)
    else:
        assert answer == recorded().get(key_of(example, major))


def test_what_is_not_asked_of_servers_has_a_reason() -> None:
    for name, reason in EXEMPT:
        print(f"{name}: {reason}")
        assert isinstance(reason, str)
        assert len(reason) > 10


def _record(key: str, answer: dict[str, object]) -> None:
    answers = json.loads(ANSWERS.read_text()) if ANSWERS.exists() else {}
    current = {key_of(example, major) for example, major in CASES}
    answers = {k: v for k, v in answers.items() if k in current} | {key: answer}
    ANSWERS.parent.mkdir(exist_ok=True)
    ANSWERS.write_text(json.dumps(dict(sorted(answers.items())), indent=1, ensure_ascii=False) + "\n")


def _bare(line: str) -> str:
    """A log line without its level, and paths in quotes without their folders: those differ from run to run."""
    line = re.sub(r"^(?:FATAL|LOG|PANIC|ERROR|DETAIL|CONTEXT|HINT):  ", "", line)
    return re.sub(r'"[^"\s]*/([^"/\s]+)"', r'"\1"', line)
