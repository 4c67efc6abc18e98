"""What ssl_tls13_ciphers comes to: the suites of TLS 1.3 that it names, and what OpenSSL does not take for one.

The value goes to SSL_CTX_set_ciphersuites, held against 1.1.1, 1.1.1s, 3.0 and 3.5; where the value is empty, the
server leaves OpenSSL its own list. A pure function of text and target.
"""

from functools import cache
from typing import NamedTuple

from pgssllint.target import OpenSSL
from pgssllint.text import Span
from pgssllint.tls.cipher_suites import suites, tls13_suites
from pgssllint.tls.conf_list import elements

TLS13_CIPHERS_FROM = 18
"""The first major with ssl_tls13_ciphers."""

_OFF_BY_DEFAULT = ("TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256")
_INTEGRITY_ONLY = ("TLS_SHA256_SHA256", "TLS_SHA384_SHA384")


class Suites13(NamedTuple):
    """The places in the value of the elements that OpenSSL takes, and of those it does not; whether it refuses all.

    OpenSSL takes every suite by its IANA name, and then offers those of TLS 1.3 only.
    """

    taken: tuple[Span, ...]
    bad: tuple[Span, ...]
    refused: bool


def read_suites(text: str, openssl: OpenSSL) -> Suites13:
    """What `text` comes to: 1.1.1 wants every element to be good, later series one of them. Never fails."""
    if not text:
        return Suites13((), (), refused=False)
    known = _names(openssl)
    taken, bad = list[Span](), list[Span]()
    for at in elements(text, Span(0, len(text)), ":"):
        (taken if text[at.start : at.end] in known else bad).append(at)
    return Suites13(tuple(taken), tuple(bad), bool(bad) if openssl.is_111 else not taken)


def tls13_names() -> frozenset[str]:
    """The names of all suites of TLS 1.3."""
    return frozenset({*(suite.openssl_name for suite in tls13_suites()), *_OFF_BY_DEFAULT, *_INTEGRITY_ONLY})


@cache
def _names(openssl: OpenSSL) -> frozenset[str]:
    # Later series know the suites by name too whose algorithms they no longer have.
    names = {suite.iana_name for suite in suites(OpenSSL("1.1.1", 1))} | tls13_names()
    return frozenset(names if openssl.behaviour == "3.5" else names.difference(_INTEGRITY_ONLY))
