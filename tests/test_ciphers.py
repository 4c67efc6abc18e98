"""Cipher lists come to what OpenSSL makes of them.

The tables in data/ciphers were recorded from SSL_CTX_set_cipher_list of OpenSSL 1.1.1s and 3.0.19: `=` in the last
column stands for the same as in 1.1.1, a dash as level for the library's own, `malformed` and `empty` for a refusal.
"""

import ctypes
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgssllint.target import OpenSSL
from pgssllint.text import Span
from pgssllint.tls.cipher_names import patterns
from pgssllint.tls.cipher_suites import Suite, permitted, suites, tls13_suites
from pgssllint.tls.ciphers import Expansion, expand
from tests.support.libssl import system_library

DATA = Path(__file__).parent / "data" / "ciphers"
OLD, NEW = OpenSSL("1.1.1", 1), OpenSSL("3.0", 2)
EVERY_SUITE = "ALL:COMPLEMENTOFALL"


def recorded() -> Iterator[tuple[str, OpenSSL, str, str, str]]:
    """What it is about, the target, the list, the level and what the library said."""
    for path in sorted(DATA.glob("*.tsv")):
        for line in path.read_text(encoding="ascii").splitlines()[1:]:
            about, text, level, old, new = line.split("\t")
            yield f"{about}-1.1.1", OLD, json.loads(f'"{text}"'), level, old
            yield f"{about}-3.0", NEW, json.loads(f'"{text}"'), level, old if new == "=" else new


RECORDED = list(recorded())


def names(expansion: Expansion) -> list[str]:
    return [suite.openssl_name for suite in expansion.suites]


def spoken(expansion: Expansion) -> str:
    if expansion.rejected:
        return "malformed"
    return "empty" if expansion.empty else ":".join(names(expansion))


def suite(name: str) -> Suite:
    return next(s for s in suites(OLD) if s.openssl_name == name)


@pytest.mark.parametrize(
    ("openssl", "text", "level", "said"), [case[1:] for case in RECORDED], ids=[case[0] for case in RECORDED]
)
def test_a_list_comes_to_what_openssl_said(openssl: OpenSSL, text: str, level: str, said: str) -> None:
    expansion = expand(text, openssl)
    assert spoken(expansion) == said
    assert expansion.level == (openssl.level if level == "-" else int(level))


@pytest.mark.parametrize("series", ["3.1", "3.2", "3.5", "4.0"])
def test_later_series_are_taken_to_be_like_3_0(series: str) -> None:
    assert expand("DEFAULT:SEED:CBC", OpenSSL(series, 2)) == expand("DEFAULT:SEED:CBC", NEW)


def test_iana_names_are_known_from_3_2_on() -> None:
    text = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256:!TLS_NO_SUCH:FOO_BAR!aNULL"
    for series in ("1.1.1", "3.0"):
        assert expand(text, OpenSSL(series, 2)).empty
    later = expand(text, OpenSSL("3.2", 2))
    assert names(later) == ["ECDHE-RSA-AES128-GCM-SHA256"]
    assert [part.unknown_name for part in later.parts] == ["", "TLS_NO_SUCH", "FOO_BAR"]
    assert expand("TLS_AES_128_GCM_SHA256", OpenSSL("3.5", 2)).empty
    assert expand("_", OpenSSL("3.0", 2)).rejected
    assert expand("_", OpenSSL("3.5", 2)).empty


@pytest.mark.parametrize(
    ("text", "brought"),
    [
        ("HIGH:MEDIUM:+3DES:!aNULL", {"HIGH": 125, "MEDIUM": 4}),
        ("AES128-SHA:NULL-SHA256:FOO", {"AES128-SHA": 1, "NULL-SHA256": 1}),
        ("AES128-SHA:kRSA+SHA1:-AES128-SHA:AES128+kRSA", {"kRSA+SHA1": 6, "AES128+kRSA": 5}),
        ("DEFAULT:!kRSA", {"DEFAULT": 51}),
        ("SUITEB128:x", {"SUITEB128": 2}),
        ("ALL!aNULL@STRENGTH:eNULL", {"ALL": 129, "eNULL": 17}),
    ],
)
def test_each_suite_is_laid_to_the_part_that_brought_it_in(text: str, brought: dict[str, int]) -> None:
    expansion = expand(text, OLD)
    assert {part.text: len(part.adds) for part in expansion.parts if part.adds} == brought
    assert sorted(name for part in expansion.parts for name in part.adds) == sorted(names(expansion))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("FOO!aNULL@STRENGTH:HIGH", [("FOO", "FOO", False, "!aNULL@STRENGTH"), ("HIGH", "", False, "")]),
        ("kRSA+FOO+AES!X", [("kRSA+FOO+AES", "FOO", False, "!X")]),
        ("!kRSA+kDHE+FOO:AES", [("!kRSA+kDHE+FOO", "", True, ""), ("AES", "", False, "")]),
        ("AES@STRENGTH!aNULL", [("AES", "", False, ""), ("@STRENGTH", "", False, "!aNULL")]),
        ("TLS_AES_128_GCM_SHA256 AES", [("TLS", "TLS", False, "_AES_128_GCM_SHA256"), ("AES", "", False, "")]),
        ("DEFAULT-FOO", [("DEFAULT", "", False, ""), ("-FOO", "FOO", False, "")]),
        ("SUITEB192:!ALL", [("SUITEB192", "", False, ":!ALL")]),
    ],
)
def test_a_part_knows_what_it_swallows_and_why(text: str, parts: list[tuple[str, str, bool, str]]) -> None:
    found = expand(text, NEW).parts
    assert [(part.text, part.unknown_name, part.contradictory, part.swallowed) for part in found] == parts
    assert all(text[part.start :].startswith(part.text + part.swallowed) for part in found)
    assert [part.unknown for part in found] == [bool(unknown) for _, unknown, _, _ in parts]


def test_a_part_has_its_operator_and_names() -> None:
    parts = expand("kRSA+AES:-SHA1:+AES128:!MD5@SECLEVEL=0", NEW).parts
    assert [(part.operator, *part.names) for part in parts] == [
        ("", "kRSA", "AES"),
        ("-", "SHA1"),
        ("+", "AES128"),
        ("!", "MD5"),
        ("@", "SECLEVEL=0"),
    ]


@pytest.mark.parametrize(
    ("text", "part"),
    [("HIGH", None), ("HIGH:@SECLEVEL=0:!MD5@SECLEVEL=2", 3), ("FOO@SECLEVEL=0", None), ("@SECLEVEL=0!x:AES", 0)],
)
def test_the_last_level_is_the_one_that_counts(text: str, part: int | None) -> None:
    assert expand(text, NEW).level_part == part


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("HIGH:!", 5, 6),
        ("HIGH+:AES", 4, 5),
        ("HIGH:\t!aNULL", 5, 6),
        ("AES_X", 3, 4),
        ("AES:@SECLEVEL=9:AES", 4, 15),
        ("DEFAULT-", 7, 8),
        ("FOO!:AES:--:-:\ud800", 12, 13),
    ],
)
def test_what_is_malformed_is_pointed_at(text: str, start: int, end: int) -> None:
    expansion = expand(text, NEW)
    assert (expansion.fault, expansion.suites, expansion.empty) == (Span(start, end), (), False)
    assert all(part.end <= start for part in expansion.parts)


def test_every_suite_has_its_facts() -> None:
    null_md5, anonymous = suite("NULL-MD5"), suite("ADH-AES256-GCM-SHA384")
    assert (null_md5.null, null_md5.anonymous, null_md5.forward_secret, null_md5.strength_bits) == (
        True,
        False,
        False,
        0,
    )
    assert (anonymous.null, anonymous.anonymous, anonymous.forward_secret) == (False, True, True)
    assert (suite("AES128-SHA").iana_name, suite("AES128-SHA").id) == ("TLS_RSA_WITH_AES_128_CBC_SHA", 0x2F)
    # `openssl ciphers 'ALL:COMPLEMENTOFALL:@SECLEVEL=0'` of 3.0 prints 155, and 18 with NULL in their names.
    assert [len(suites(openssl)) for openssl in (OLD, NEW)] == [160, 155]
    assert [sum(s.null for s in suites(openssl)) for openssl in (OLD, NEW)] == [18, 18]


def test_tls_1_3_has_three_suites() -> None:
    assert [s.iana_name for s in tls13_suites()] == [
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_AES_128_GCM_SHA256",
    ]


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("ECDHE-RSA-AES256-GCM-SHA384", range(6)),
        ("ECDHE-RSA-AES256-SHA", range(4)),
        ("DHE-RSA-AES128-GCM-SHA256", range(4)),
        ("AES256-GCM-SHA384", range(3)),
        ("DHE-PSK-AES256-GCM-SHA384", range(3)),
        ("AES128-SHA", range(3)),
        ("ADH-AES256-GCM-SHA384", range(1)),
        ("NULL-SHA256", range(1)),
        ("NULL-MD5", range(1)),
    ],
)
def test_a_level_permits_a_suite(name: str, levels: range) -> None:
    assert [level for level in range(6) if permitted(suite(name), level)] == list(levels)


class Library:
    """OpenSSL 3.0 as this machine has it."""

    def __init__(self, ssl: ctypes.CDLL, crypto: ctypes.CDLL) -> None:
        pointer = ctypes.c_void_p
        for function in (ssl.TLS_method, ssl.SSL_CTX_new, ssl.SSL_new, ssl.SSL_CTX_get_ciphers):
            function.restype = pointer
        ssl.SSL_get1_supported_ciphers.restype = crypto.OPENSSL_sk_value.restype = pointer
        ssl.SSL_CIPHER_get_name.restype = ctypes.c_char_p
        self.ssl, self.crypto = ssl, crypto

    @contextmanager
    def context(self, text: str | None = None) -> Iterator[ctypes.c_void_p | None]:
        """A fresh context after SSL_CTX_set_cipher_list; None where that fails."""
        context = ctypes.c_void_p(self.ssl.SSL_CTX_new(ctypes.c_void_p(self.ssl.TLS_method())))
        try:
            accepted = text is None or self.ssl.SSL_CTX_set_cipher_list(context, text.encode())
            yield context if accepted else None
        finally:
            self.ssl.SSL_CTX_free(context)
            self.crypto.ERR_clear_error()

    def names(self, stack: int | None) -> list[str]:
        """The names on a stack of suites, without those of TLS 1.3."""
        place = ctypes.c_void_p(stack)
        ciphers = (self.crypto.OPENSSL_sk_value(place, i) for i in range(self.crypto.OPENSSL_sk_num(place)))
        found = (self.ssl.SSL_CIPHER_get_name(ctypes.c_void_p(cipher)).decode() for cipher in ciphers)
        return [name for name in found if not name.startswith("TLS_")]

    def expand(self, text: str) -> tuple[list[str], int] | None:
        """The suites and the level that a list comes to; None for a refusal."""
        with self.context(text) as context:
            if context is None:
                return None
            return self.names(self.ssl.SSL_CTX_get_ciphers(context)), self.level(context)

    def level(self, context: ctypes.c_void_p | None) -> int:
        return int(self.ssl.SSL_CTX_get_security_level(context))

    def supported(self, text: str) -> set[str]:
        """The suites that a connection would really use."""
        with self.context(text) as context:
            connection = ctypes.c_void_p(self.ssl.SSL_new(context))
            stack = ctypes.c_void_p(self.ssl.SSL_get1_supported_ciphers(connection))
            found = set(self.names(stack.value))
            self.crypto.OPENSSL_sk_free(stack)
            self.ssl.SSL_free(connection)
        return found


@cache
def library() -> Library | None:
    found = system_library()
    if found is None:
        return None
    ssl, crypto = (ctypes.CDLL(name) for name in found)
    version = getattr(crypto, "OpenSSL_version_num", None)
    return Library(ssl, crypto) if version and version() >> 20 == 0x300 else None


needs_library = pytest.mark.skipif(library() is None, reason="no OpenSSL 3.0 on this machine to compare with")

GROUPS = sorted(name for name, pattern in patterns(NEW).items() if not pattern.suite)
SUITES = [s.openssl_name for s in suites(OLD)]
OTHER_NAMES = ["FOO", "AEAD", "EXP", "RC4", "high", "DEFAULT", "SUITEB128", "HIGH-aNULL", "TLSv1.3", "TLS_A", "A.=-"]
BEGINNINGS = [
    *[""] * 5,
    "DEFAULT",
    "DEFAULT:",
    "ALL:",
    "HIGH:",
    f"{EVERY_SUITE}:",
    "SUITEB128",
    "SUITEB128C2",
    "SUITEB192:",
]
LEVELS = [f"@SECLEVEL={level}" for level in ("0", "1", "3", "5", "6", "", "10", "-", "x")]
SEPARATORS = [*[":"] * 12, ",", ";", " ", ": :", *[""] * 3, "+", "!", "-", "@", "\t", "_", "/", "'", "\n", "é"]

name = st.one_of(st.sampled_from(GROUPS), st.sampled_from(GROUPS), st.sampled_from([*SUITES, *OTHER_NAMES]))
joined = st.lists(name, min_size=1, max_size=3).map("+".join)
selection = st.tuples(st.sampled_from(["", "", "", "!", "-", "+"]), joined).map("".join)
command = st.sampled_from([*LEVELS, *["@STRENGTH"] * 6, "@FOO", "@STRENGTHS"])
part = st.tuples(st.one_of(selection, selection, selection, command), st.sampled_from(SEPARATORS)).map("".join)
cipher_list = st.tuples(st.sampled_from(BEGINNINGS), st.lists(part, max_size=7).map("".join)).map("".join)


@needs_library
@settings(max_examples=300)
@given(cipher_list)
def test_a_list_comes_to_what_the_library_here_says(text: str) -> None:
    asked = library()
    assert asked is not None
    with asked.context() as context:
        openssl = OpenSSL("3.0", asked.level(context))
    expansion = expand(text, openssl)
    mine = None if expansion.rejected or expansion.empty else (names(expansion), expansion.level)
    assert mine == asked.expand(text)


@needs_library
@pytest.mark.parametrize("level", range(6))
def test_a_level_permits_what_the_library_here_permits(level: int) -> None:
    asked = library()
    assert asked is not None
    usable = (s for s in suites(NEW) if not s.kx.endswith("PSK") and s.kx != "SRP")
    assert asked.supported(f"{EVERY_SUITE}@SECLEVEL={level}") == {s.openssl_name for s in usable if permitted(s, level)}


@given(st.text(alphabet=st.sampled_from("AES12-SHA:+!@-=. ,;\t_é\ud800\0"), max_size=40), st.sampled_from([OLD, NEW]))
def test_no_text_makes_it_fail(text: str, openssl: OpenSSL) -> None:
    expansion = expand(text, openssl)
    assert expansion.rejected + expansion.empty + bool(expansion.suites) == 1
    assert [text[part.start : part.end] for part in expansion.parts] == [part.text for part in expansion.parts]
