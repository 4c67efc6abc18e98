"""Lists of libraries, as a server of 18 splits them before it looks for a validator."""

import pytest

from pgssllint.postgres.lists import directories
from pgssllint.unknown import MALFORMED, Malformed
from tests.support.installations import Unavailable, available
from tests.support.servers import File, attempt

RECORD = 'local all all peer\nhost all all all oauth issuer="https://i.example" scope=x'

LISTS: dict[str, tuple[str, ...] | Malformed] = {
    "a": ("a",),
    "a b": ("a b",),
    " a , b\t": ("a", "b"),
    "a//b/": ("a/b",),
    "./a": ("a",),
    '"a,b"': ("a,b",),
    '"a""b"': ('a"b',),
    'a"b': ('a"b',),
    "": (),
    " \t": (),
    "a,": MALFORMED,
    ",": MALFORMED,
    "a,,b": MALFORMED,
    '"a': MALFORMED,
    '"a" b': MALFORMED,
    '"a"b': MALFORMED,
}


@pytest.mark.parametrize("text", LISTS)
def test_a_list_of_libraries(text: str) -> None:
    assert directories(text) == LISTS[text]


@pytest.mark.servers
@pytest.mark.parametrize("text", LISTS)
def test_a_server_splits_it_so(text: str) -> None:
    """One library needs no option, of several one must be named, and what is no list is told as such."""
    installation = available(18, "npm")
    if isinstance(installation, Unavailable):
        pytest.skip(f"not asked: {installation.reason}")
    expected = LISTS[text]
    conf = f"oauth_validator_libraries = '{text}'\n".encode()
    named = f' validator="{expected[0]}"' if isinstance(expected, tuple) and len(expected) > 1 else ""
    answer = attempt(installation, {"postgresql.conf": File(conf), "pg_hba.conf": File((RECORD + named).encode())})
    if isinstance(expected, Malformed):
        assert 'invalid list syntax in parameter "oauth_validator_libraries"' in answer.log
    elif text and not expected:
        # Blanks alone are a list of nothing, and reading its length is the end of a server of 18.
        assert not answer.starts
        assert "FATAL" not in answer.log
    elif not expected:
        assert "oauth_validator_libraries must be set for authentication method oauth" in answer.log
    else:
        assert answer.starts, answer.log
