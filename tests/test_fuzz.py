"""Whatever is in a file, it is read: a share of what `python -m tests.hostile.fuzz` tries, and that it would tell."""

import warnings
from collections.abc import Callable
from pathlib import Path
from random import Random
from unittest.mock import patch

import pytest

from pgssllint.cli import COMMANDS
from pgssllint.text import Source
from pgssllint.tls.guard import attempt
from pgssllint.tls.pem import scan
from tests.hostile import fuzz
from tests.hostile.cases import BrokenError, Case
from tests.hostile.command_readers import COMMAND_READERS, require_end, require_form
from tests.hostile.file_readers import looked_at
from tests.hostile.fuzz import READERS, failed, failures
from tests.hostile.mutations import MOST_BYTES, Material, mutated
from tests.hostile.seeds import clusters, material
from tests.support.pki import pem
from tests.support.runs import Ran

SEED = 1
SHARE = 600
SHARE_OF_COMMANDS = 300


@pytest.mark.parametrize("reader", READERS)
def test_every_file_is_read(reader: str) -> None:
    count = SHARE_OF_COMMANDS if reader in COMMAND_READERS else SHARE
    assert [str(failure) for failure in failures(reader, SEED, count)] == []


def test_every_command_that_reads_files_or_lists_is_a_reader() -> None:
    assert set(COMMAND_READERS) == set(COMMANDS) - {"explain", "rules", "help", "completion", "man"}


def test_a_failure_is_told_with_the_least_file_that_fails_so_and_is_the_same_each_time() -> None:
    def ask(data: bytes) -> None:
        if b"s" in data and b"l" in data:
            raise ZeroDivisionError("what a file says")

    with patch.dict(fuzz.READERS, {"x": lambda *_: Case("conf", ask, "so")}):
        first, *others = failures("x", 7, 30)
        assert [first, *others] == list(failures("x", 7, 30))
        assert [first, *others] != list(failures("x", 8, 30))
    assert sorted(first.data) == sorted(b"sl")
    assert first.size > len(first.data)
    assert {failure.kind for failure in others} == {first.kind} == {"ZeroDivisionError at pgssllint"}
    assert repr(first.data) in str(first)


def _for_ever(_: bytes) -> None:
    while True:
        pass


def _in_spite_of_everything(_: bytes) -> None:
    while True:
        try:
            _for_ever(b"")
        except Exception:  # what must not keep a hang from being told
            continue


def _swallowed(_: bytes) -> None:
    attempt(lambda: _for_ever(b""), None)


def _greedily(_: bytes) -> None:
    bytearray(2 * fuzz.MOST_MEMORY)


@pytest.mark.parametrize("ask", [_for_ever, _in_spite_of_everything, _swallowed])
def test_a_hang_is_a_failure(ask: Callable[[bytes], None]) -> None:
    with patch.object(fuzz, "MOST_SECONDS", 0.05):
        found = failed(Case("conf", ask), b"")
    assert found is not None
    assert found[0] == "TooLongError"


@pytest.mark.parametrize(
    ("ask", "kind"),
    [
        (_greedily, "MemoryError at pgssllint"),
        (lambda _: warnings.warn("old", DeprecationWarning, stacklevel=2), "DeprecationWarning at pgssllint"),
        (lambda _: require_form("\x1b", "text"), "the text holds '\\x1b'"),
    ],
)
def test_what_is_no_reading_is_a_failure(ask: Callable[[bytes], None], kind: str) -> None:
    found = failed(Case("conf", ask), b"")
    assert found is not None
    assert found[0] == kind


def test_a_file_that_is_read_is_none() -> None:
    assert failed(Case("conf", len), b"") is None


TRACEBACK = 'pgssllint: Traceback\n  File "/x/pgssllint/engine.py", line 12, in run\nKeyError: 1\n'


@pytest.mark.parametrize(
    ("ran", "said"),
    [
        (Ran(2, "", TRACEBACK), "KeyError at pgssllint/engine.py:12"),
        (Ran(3, "", "pgssllint: So.\n"), "status 3"),
        (Ran(2, "", "So.\n"), "status 2 without a sentence: So.\n"),
        (Ran(2, "", "pgssllint: embedded null byte\n"), "status 2 without a sentence: pgssllint: embedded null byte"),
        (Ran(2, "the rule failed (PGS914) and was skipped", "pgssllint: So.\n"), "PGS914"),
    ],
)
def test_an_end_that_no_help_names(ran: Ran, said: str) -> None:
    with pytest.raises(BrokenError) as error:
        require_end(ran, (0, 1, 2))
    assert str(error.value).splitlines()[0] == said.splitlines()[0]


@pytest.mark.parametrize("status", [0, 2])
def test_an_end_that_is_documented(status: int) -> None:
    require_end(Ran(status, "", "pgssllint: So.\n"), (0, 2))


@pytest.mark.parametrize(
    ("output", "form"),
    [
        ('{"a": ', "json"),
        ('{"a": "\\udcff"}', "sarif"),
        ('{"a": "\\udcff"}', "json"),
        ('{"a": "\u202e"}', "json"),
        ("a\x9b", "text"),
        ("::error::x", "concise"),
        ("x ##[group]", "table"),
    ],
)
def test_an_output_that_is_not_valid(output: str, form: str) -> None:
    with pytest.raises(BrokenError, match=f"the {form} "):
        require_form(output, form)


def test_an_output_that_is_valid() -> None:
    require_form('{"a": "\\u202e"}\n', "json")
    require_form('[{"a": "\\udcff"}]\n', "json", rows=True)
    require_form("é 表 ::1/128\n", "text")


class _Late:
    """A value that fails when something is worked out of it."""

    __module__ = "pgssllint.x"
    _fields = ()

    @property
    def name(self) -> str:
        raise LookupError


def test_what_is_worked_out_of_what_was_read_is_looked_at() -> None:
    with pytest.raises(LookupError):
        looked_at([{"a": (_Late(),)}])


@pytest.mark.parametrize("kind", sorted({READERS[name](Random(0), Path("x")).kind for name in READERS}))
def test_the_files_of_a_kind_are_changed_each_in_its_own_way(kind: str) -> None:
    seeds = material(kind).seeds
    made = [mutated(Random(number), material(kind)) for number in range(200)]
    assert made == [mutated(Random(number), material(kind)) for number in range(200)]
    assert len(set(made) - set(seeds)) > 150
    assert max(map(len, made)) <= MOST_BYTES


def test_a_certificate_is_changed_inside_of_its_base64_and_its_lengths_made_good() -> None:
    whole = pem("leaf")
    one = Material((whole,), (b"x",))
    ders = {der_of(mutated(Random(number), one)) for number in range(200)} - {None, der_of(whole)}
    assert len(ders) > 20
    assert any(der is not None and der[0] == 0x30 and _is_whole(der) for der in ders)


def der_of(data: bytes) -> bytes | None:
    """What the one block of a file decodes to; None where there is none that can be decoded."""
    blocks = scan(Source("/x", data))
    return blocks[0].der if len(blocks) == 1 and blocks[0].label == "CERTIFICATE" else None


def _is_whole(der: bytes) -> bool:
    """Whether the length that a structure gives is the one that it has."""
    octets = der[1] & 0x7F if der[1] > 0x80 else 0
    return int.from_bytes(der[2 : 2 + octets] if octets else der[1:2], "big") == len(der) - 2 - octets


def test_the_clusters_are_those_of_the_pages() -> None:
    assert len(clusters()) > 1000
    assert all(any(name.endswith(".conf") for name in files) for files in clusters())
