"""What rule pages say of a refused start is what real servers do.

The answers are kept in tests/data/page_answers.json, keyed by the example's text and the server, so that the ordinary
run needs no server. `pytest -m servers` asks again and fails on any difference; with PGSSLLINT_RECORD=1 it writes the
answers down. As sources much of an example is not in view; as deployed it has what `initdb` gave the server, all is in
view, and the prediction is the answer.
"""

import functools
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from pgssllint.api import lint
from pgssllint.finding import LogLine, Prediction
from pgssllint.report.words import logged as as_logged
from pgssllint.target import OpenSSL
from tests.support import initdb
from tests.support import recorded as recorded_answers
from tests.support.examples import Example, examples, lay_out, request_for, sound_pages
from tests.support.installations import Unavailable, available, newest
from tests.support.servers import DATA_DIRECTORY, File, attempt

Server = tuple[int, str]
"""A major and a flavour."""

ANSWERS = Path(__file__).parent / "data" / "page_answers.json"
SERVERS = tuple((major, "npm") for major in range(10, 19))
NEWEST = (19, "debian")
"""Asked where Debian's package is installed, with OpenSSL 3.6."""

SERVERS_WITH_OPENSSL_3 = tuple((major, "pypi") for major in (14, 16, 18))
OPENSSL = {"npm": "1.1.1", "pypi": "3.0", "debian": "3.6"}

EXAMPLES = [
    example
    for page in sound_pages()
    if page.effect == "refuses-start"
    for example in examples(page)
    if example.section != "Fixed" and "server" not in example.case and not example.case.get("assumed")
]


def servers_of(example: Example) -> tuple[Server, ...]:
    """The servers that an example is given to, as major and flavour: by the OpenSSL that it speaks of."""
    series = str(example.case.get("openssl", ""))
    servers = {"": (*SERVERS, NEWEST), "1.1.1": SERVERS, "3.0": SERVERS_WITH_OPENSSL_3, "3.6": (NEWEST,)}.get(
        series, ()
    )
    return tuple((major, flavour) for major, flavour in servers if major in example.majors)


_INTERFACES = "which network interfaces a server has does not stand in its files"
_SEGMENTS = "the size of a WAL segment stands in pg_control, which an example does not hold"
OPEN = {
    ("PGS041", "Less than two segments"): _SEGMENTS,
    ("PGS520", "A zone that the server may not have"): _INTERFACES,
    ("PGS520", "Another one, with a mask"): _INTERFACES,
}
"""The examples that even with all files in view leave it open whether the server starts, and why."""

CASES = [(example, server) for example in EXAMPLES for server in servers_of(example)]
EXEMPT = [
    (example.id, example.case["server"])
    for page in sound_pages()
    if page.effect == "refuses-start"
    for example in examples(page)
    if "server" in example.case
]
each_case = pytest.mark.parametrize(
    ("example", "server"), CASES, ids=lambda value: getattr(value, "id", None) or f"{value[1]}-{value[0]}"
)


@functools.cache
def recorded() -> dict[str, dict[str, object]]:
    return recorded_answers.read(ANSWERS)


_FOUND = re.compile(r"(?m)^([ \t]*#[ \t]*\^+)[ \t].*$")


def key_of(example: Example, server: Server) -> str:
    """The example's files and the server they were given to: what the answer depends on, which is not what a comment
    says of what is found in a line.
    """
    digest = hashlib.sha256()
    files = {name: _FOUND.sub(r"\1", text) for name, text in example.files.items()}
    described = {**files, **{k: repr(example.case.get(k)) for k in ("raw", "files", "server_user")}}
    if "without" in example.case:
        described["without"] = repr(example.case["without"])
    digest.update(json.dumps(described, sort_keys=True).encode("utf-8", "surrogatepass"))
    major, flavour = server
    name = str(major) if flavour == "npm" else f"{flavour}-{major}"
    return f"{example.id}@{name}:{digest.hexdigest()[:16]}"


_RECOVERING = re.compile(
    r"LOG:  (?:starting archive recovery|consistent recovery state|unexpected pageaddr|redo |selected new timeline|"
    r"invalid (?:record length|magic number|resource manager|info bits)|archive recovery complete|restored log file|"
    r"entering standby|checkpoint |last completed transaction|MultiXact |starting backup|completed backup)"
)
"""How far a server gets with its recovery, which depends on what the same data directory went through before."""


def ask(example: Example, server: Server) -> dict[str, object]:
    """Give the example to a real server. Skips where none is to be had, saying why."""
    installation = available(*server)
    if isinstance(installation, Unavailable):
        pytest.skip(f"not asked again: {installation.reason}")
    files: dict[str, File | None] = {
        name: File(data, int(mode, 8) if mode is not None else 0o600, owner)
        for name, data, mode, owner in example.contents()
    }
    files |= dict.fromkeys(example.case.get("without", ()))
    answer = attempt(installation, files, own=example.case.get("own", ()))
    lines = [line for line in answer.log.splitlines() if line.strip() and not _RECOVERING.match(line)]
    return {"starts": answer.starts, "log": lines[:8]}


@each_case
def test_the_recorded_server_does_what_the_page_says(example: Example, server: Server) -> None:
    answer = recorded().get(key_of(example, server))
    assert answer is not None, "no answer is recorded: run pytest -m servers with PGSSLLINT_RECORD=1"
    assert answer["starts"] is (example.section == "Silent"), answer
    log = "\n".join(map(str, answer["log"]))  # type: ignore[call-overload]
    for majors, words in example.server_words.items():
        for word in words if server[0] in majors else ():
            assert word in log


@each_case
def test_the_prediction_agrees_with_the_recorded_server(example: Example, server: Server, tmp_path: Path) -> None:
    answer = recorded()[key_of(example, server)]
    for prediction in predictions(example, server, tmp_path):
        assert prediction.starts in (None, answer["starts"])  # None: in sources not all that decides is in view
        assert is_logged(prediction, answer)


@each_case
def test_the_prediction_as_deployed_is_what_the_server_did(example: Example, server: Server, tmp_path: Path) -> None:
    answer = recorded()[key_of(example, server)]
    (prediction,) = predictions(as_deployed(example, server[0]), server, tmp_path)
    assert prediction.starts is (answer["starts"] if (example.page.rule, example.name) not in OPEN else None)
    assert is_logged(prediction, answer)


def test_what_is_left_open_is_an_example() -> None:
    assert set(OPEN) <= {(example.page.rule, example.name) for example in EXAMPLES}


@pytest.mark.servers
@each_case
def test_a_real_server_gives_the_recorded_answer(example: Example, server: Server) -> None:
    answer = ask(example, server)
    if recorded_answers.RECORDING:
        recorded_answers.write(ANSWERS, key_of(example, server), answer)
    else:
        assert answer == recorded().get(key_of(example, server))


@pytest.mark.servers
@pytest.mark.parametrize("major", [major for major, _ in (*SERVERS, NEWEST)])
def test_initdb_writes_what_is_recorded(major: int) -> None:
    installation = newest(major)
    if isinstance(installation, Unavailable):
        pytest.skip(f"not asked again: {installation.reason}")
    if recorded_answers.RECORDING:
        recorded_answers.write(initdb.ANSWERS, initdb.key_of(major), initdb.asked(installation))
    else:
        assert initdb.asked(installation) == initdb.answers().get(initdb.key_of(major))


def test_what_is_not_asked_of_servers_has_a_reason() -> None:
    for name, reason in EXEMPT:
        print(f"{name}: {reason}")
        assert isinstance(reason, str)
        assert len(reason) > 10


def as_deployed(example: Example, major: int) -> Example:
    """The example in the data directory that the server had it in: what it does not give is as `initdb` wrote it."""
    given = {*(name for name, _, _, _ in example.contents()), *example.case.get("without", ())}
    stock = {name: text for name, text in initdb.written(major).items() if name not in given}
    return replace(example, files={**stock, **example.files}, case={**example.case, "input": "deployed"})


def predictions(example: Example, server: Server, folder: Path) -> list[Prediction]:
    """What the linter predicts of each cluster of an example laid out in `folder`; of a data directory, as the server
    had it.
    """
    example = as_deployed(example, server[0]) if example.case.get("input") == "deployed" else example
    lay_out(example, folder)
    # The package of 10 has a letter release of 1.1.1, the others the first release.
    openssl = OpenSSL.parse("1.1.1s" if server == (10, "npm") else OPENSSL[server[1]])
    outcome = lint(request_for(example, folder, server[0], openssl), example.at)
    return [prediction for cluster in outcome.clusters for prediction in cluster.predictions]


def is_logged(prediction: Prediction, answer: dict[str, object]) -> bool:
    """Whether the log has the line that a predicted refusal names; true where none is."""
    if prediction.starts is not False or prediction.log is None:
        return True
    return _holds([_bare(str(line)) for line in answer["log"]], prediction.log)  # type: ignore[attr-defined]


def _holds(logged: list[str], line: LogLine) -> bool:
    """Whether a log holds a line with its level, and behind it its DETAIL if it has one and none if not.

    A carriage return in a log line ends a line of the record.
    """
    wanted = _bare(as_logged(line)).replace("\r", "\n").split("\n")
    places = (n for n in range(len(logged)) if logged[n : n + len(wanted)] == wanted)
    behind = [next(iter(logged[n + len(wanted) :]), "") for n in places]
    if line.detail is None:
        return any(behind)
    detail = _bare(f"DETAIL:  {line.detail}")
    return any(next_line == detail if line.detail else not next_line.startswith("DETAIL:") for next_line in behind)


def _bare(line: str) -> str:
    """A log line without the folders of paths in quotes and the name of the data directory, which differ from run to
    run, and without a word that the server repeats, which may be a password.
    """
    line = re.sub(r", skipping: .*", "", line)
    line = re.sub(r'data directory "[^"]*"', f'data directory "{DATA_DIRECTORY}"', line)
    line = re.sub(r'"[^"]*" is not a valid', f'"{DATA_DIRECTORY}" is not a valid', line)
    return re.sub(r'"[^"\s]*/([^"/\s]+)"', r'"\1"', line)
