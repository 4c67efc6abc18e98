"""What rule pages say of locked out and of exposed clients is what happens to real ones.

The outcomes are kept in tests/data/connection_answers.json, keyed by the example's text and the server, so that the
ordinary run needs no server. `pytest -m servers` asks again and fails on any difference; with PGSSLLINT_RECORD=1 it
writes the outcomes down.
"""

import functools
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgssllint.rulebook import Page
from pgssllint.target import OpenSSL
from tests.support import recorded as recorded_answers
from tests.support.connections import connect, today
from tests.support.examples import Example, examples, page_paths, sound_pages
from tests.support.installations import Unavailable, available
from tests.support.servers import File

ANSWERS = Path(__file__).parent / "data" / "connection_answers.json"
SERVERS = {"npm": (10, 13, 16, 18), "pypi": (15, 18), "debian": (18, 19)}
SERIES = {"1.1.1": "npm", "3.0": "pypi", "3.5": "debian", "3.6": "debian"}

UNPROVEN = {
    "PGS208": "The key is exposed to whoever reads the file; the server never sends it.",
    "PGS237": "A client that verifies refuses the certificate; who does not verify sees no difference.",
    "PGS313": "Who may write to the folder can replace the key; no connection shows that.",
    "PGS330": "The key of an authority on a server lets its finder issue certificates; no connection shows that.",
    "PGS415": "It would take a client certificate of a public authority.",
}
"""Pages that no connection can prove, and why."""


def servers_of(example: Example) -> Iterator[tuple[str, int]]:
    """The flavours and majors that an example is given to."""
    if "connect" not in example.case or "server" in example.case or example.case.get("assumed"):
        return
    flavours = ["debian"] if example.majors == (19,) else ["npm", "pypi"]
    if "openssl" in example.case:
        flavours = [SERIES[OpenSSL.parse(str(example.case["openssl"])).series]]
    for flavour in flavours:
        yield from ((flavour, major) for major in SERVERS[flavour] if major in example.majors)


PAGES = sound_pages()
CASES = [
    (example, flavour, major) for page in PAGES for example in examples(page) for flavour, major in servers_of(example)
]
each_case = pytest.mark.parametrize(
    ("example", "flavour", "major"), CASES, ids=lambda value: getattr(value, "id", str(value))
)


@functools.cache
def recorded() -> dict[str, list[str]]:
    return recorded_answers.read(ANSWERS)


def key_of(example: Example, flavour: str, major: int) -> str:
    """The example's files, its client and the server: what the outcome depends on."""
    digest = hashlib.sha256()
    described = {**example.files, **{k: repr(example.case.get(k)) for k in ("raw", "files", "server_user", "connect")}}
    digest.update(json.dumps(described, sort_keys=True).encode("utf-8", "surrogatepass"))
    return f"{example.id}@{flavour}{major}:{digest.hexdigest()[:16]}"


def ask(example: Example, flavour: str, major: int) -> list[str]:
    """Let the example's client connect to a real server. Skips where none is to be had, saying why."""
    installation = available(major, flavour)
    if isinstance(installation, Unavailable):
        pytest.skip(f"not asked again: {installation.reason}")
    files: dict[str, File | None] = {
        name: File(data, int(mode, 8) if mode is not None else 0o600, owner)
        for name, data, mode, owner in example.contents(today())
    }
    try:
        return connect(installation, files, example.case["connect"]).splitlines()
    except LookupError as error:
        pytest.skip(f"not asked again: {error}")


def wanted_words(example: Example, major: int) -> tuple[str, ...]:
    """What is to be found in the outcome of a connection to that major."""
    words = [w for majors, lines in example.connection_words.items() if major in majors for w in lines]
    return tuple(words) or (("ok",) if example.section != "Fires" else ())


def found(word: str, outcome: str) -> bool:
    """Whether an expected word, or the beginning of a success, is in the outcome."""
    is_success = word == "ok" or word.startswith("ok ")
    return f"{outcome} ".startswith(f"{word} ") if is_success else word in outcome


@each_case
def test_the_recorded_connection_ends_as_the_page_says(example: Example, flavour: str, major: int) -> None:
    answer = recorded().get(key_of(example, flavour, major))
    if answer is None and flavour == "debian":
        pytest.skip(f"Nobody with Debian's PostgreSQL {major} has recorded this outcome.")
    assert answer is not None, "no outcome is recorded: run pytest -m servers with PGSSLLINT_RECORD=1"
    words = wanted_words(example, major)
    assert words, f"the page does not say how a connection to PostgreSQL {major} ends"
    outcome = "\n".join(answer)
    assert [word for word in words if not found(word, outcome)] == [], outcome


@pytest.mark.servers
@each_case
def test_a_real_connection_ends_as_recorded(example: Example, flavour: str, major: int) -> None:
    answer = ask(example, flavour, major)
    if recorded_answers.RECORDING:
        recorded_answers.write(ANSWERS, key_of(example, flavour, major), answer)
    else:
        assert answer == recorded().get(key_of(example, flavour, major))


def test_every_page_about_connections_is_proven_by_one() -> None:
    about = {page.rule for page in PAGES if _about_connections(page)}
    proven = {page.rule for page in PAGES if _about_connections(page) and _proven(page)}
    for rule in sorted(about & set(UNPROVEN)):
        print(f"{rule}: {UNPROVEN[rule]}")
    assert sorted(about - proven - set(UNPROVEN)) == []
    assert sorted(proven & set(UNPROVEN)) == []


def _about_connections(page: Page) -> bool:
    return page.rule[3] in "234" and page.effect in ("locks-out", "exposes")


def _proven(page: Page) -> bool:
    """Whether a client of a Fires example meets what the page says: it is locked out, or let in."""
    said = [
        wanted_words(example, major)
        for example in examples(page)
        if example.section == "Fires"
        for _, major in servers_of(example)
    ]
    succeeds = [any(word.startswith("ok") for word in words) for words in said]
    return any(succeeds) if page.effect == "exposes" else any(not ok for ok in succeeds)


def test_every_recorded_outcome_is_of_an_example() -> None:
    current = {key_of(example, flavour, major) for example, flavour, major in CASES}
    unread = {path.name[:6] for path in page_paths()} - {page.rule for page in PAGES}
    left_over = [key for key in recorded() if key not in current and key[:6] not in unread]
    assert left_over == [], f"take them out of {ANSWERS.name}"
