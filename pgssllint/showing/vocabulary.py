"""The words of the grammars themselves, of whatever release: they are nobody's secret, nor are slips of them."""

import re
from collections.abc import Iterable
from functools import cache

from pgssllint.postgres import check_hooks, parameters
from pgssllint.postgres.address import KEYWORDS
from pgssllint.postgres.auth_dialect import INCLUDE_WORDS
from pgssllint.postgres.hba_model import CONNECTION_TYPES, DATABASE_WORDS
from pgssllint.postgres.hba_options import CLIENTNAMES, METHODS, OPTIONS
from pgssllint.target import BEHAVIOURS, OpenSSL
from pgssllint.tls.cipher_names import patterns
from pgssllint.tls.cipher_suites import suites, tls13_suites
from pgssllint.tls.groups import known_groups
from pgssllint.tls.protocols import PROTOCOLS

_LIBPQ = """
    host hostaddr port dbname user password passfile require_auth channel_binding connect_timeout client_encoding
    options application_name fallback_application_name keepalives keepalives_idle keepalives_interval keepalives_count
    tcp_user_timeout replication gssencmode sslmode requiressl sslnegotiation sslcompression sslcert sslkey sslpassword
    sslcertmode sslrootcert sslcrl sslcrldir sslsni requirepeer ssl_min_protocol_version ssl_max_protocol_version
    krbsrvname gsslib gssdelegation scram_client_key scram_server_key service target_session_attrs
    load_balance_hosts oauth_issuer oauth_client_id oauth_client_secret oauth_scope sslkeylogfile
    min_protocol_version max_protocol_version
    disable allow prefer require verify-ca verify-full system
"""
"""The connection parameters of libpq and the words of sslmode (libpq-connect in the manual)."""

_MORE = """
    on off true false yes no include include_if_exists include_dir no-verify ldap ldaps http https
    ignore pgssllint sub one base localhost default postgres no_sni
    scram sha256
    template0 template1 command entrypoint cmd image from services krb4 krb5 crypt pg_hba pg_ident pg_hosts postgresql
"""

_PEM = """
    begin end certificate x509 trusted crl rsa ec dsa private public key encrypted openssh request new pkcs7 cms dh
    parameters
"""
"""The words of PEM's markers (RFC 7468 and the labels of OpenSSL)."""

_TOOLS = """
    add arg cmd copy entrypoint env expose from run user volume workdir as
    alter system set reset echo printf cat tee sed exec psql pg_ctl openssl docker podman nerdctl compose
    postgres_host_auth_method postgres_initdb_args postgres_password postgres_password_file postgres_user postgres_db
    allow_empty_password postgresql_password postgresql_enable_tls pgdata --auth --auth-host --auth-local --publish
    --volume --name --network --rm --detach --restart --env always -p -v -e -d -it configmap secret secretname
    defaultmode fsgroup configmapgenerator secretgenerator volumes ports environment environmentfile execstart
"""
"""What the files of tools are made of: instructions, commands, options, and the variables that images read."""

_UNITS = "B kB MB GB TB us ms s min h d"

_SHORTEST = 4
"""A word of fewer letters is a slip of too many others."""

_LONGEST = 64
"""No word is longer, so that whatever is need not be looked at letter by letter."""

_JOINTS = re.compile(r"[-_.]")


class Vocabulary:
    """The words that are known, `further` ones among them, in any case; `-`, `_` and `.` count for nothing."""

    def __init__(self, further: Iterable[str] = ()) -> None:
        self._further = frozenset(map(_bare, further))
        self._near_further = _with_slips(self._further)
        self._asked: dict[str, bool] = {}

    def __contains__(self, word: object) -> bool:
        """Whether a word is known, or one letter away from a known one (added, left out, replaced or swapped)."""
        if not isinstance(word, str) or len(word) > _LONGEST:
            return False
        known = self._asked.get(word)
        if known is None:
            known = self._asked[word] = self._knows(word)
        return known

    def _knows(self, word: str) -> bool:
        bare = _bare(word)
        if bare in self._further or bare in _known() or _RULE.fullmatch(word):
            return True
        if len(bare) < _SHORTEST:
            return False
        slips = _shorter(bare)
        return not (_near_known().isdisjoint(slips) and self._near_further.isdisjoint(slips))


class Items:
    """The names of ciphers, suites, groups and protocols beside the words of a vocabulary, and slips of them."""

    def __init__(self, words: Vocabulary) -> None:
        self._words = words

    def __contains__(self, word: object) -> bool:
        if not isinstance(word, str) or len(word) > _LONGEST:
            return False
        bare = _bare(word)
        if bare in _items() or word in self._words:
            return True
        return len(bare) >= _SHORTEST and not _near_items().isdisjoint(_shorter(bare))


_RULE = re.compile(r"PGS\d{0,4}", re.IGNORECASE)


def _bare(word: str) -> str:
    return _JOINTS.sub("", word.lower())


def _shorter(word: str) -> list[str]:
    """A word as it is, and with each one of its letters left out."""
    return [word, *(word[:place] + word[place + 1 :] for place in range(len(word)))]


@cache
def _known() -> frozenset[str]:
    words = {*CONNECTION_TYPES, *DATABASE_WORDS, *KEYWORDS, *INCLUDE_WORDS, *METHODS, *OPTIONS, *CLIENTNAMES}
    words |= {*parameters.words(), *parameters.BEFORE_10, *PROTOCOLS}
    words |= {*check_hooks.LOG_CONNECTIONS, *check_hooks.LOG_DESTINATIONS, *check_hooks.LOG_LEVELS}
    words |= {*check_hooks.PROCESS_TYPES, *check_hooks.DATE_STYLES, *check_hooks.ENCODINGS}
    words |= {word for text in (_LIBPQ, _MORE, _PEM, _TOOLS, _UNITS) for word in text.split()}
    return frozenset(map(_bare, words))


def _with_slips(words: Iterable[str]) -> frozenset[str]:
    """The words that can be told from their slips, whole and with one letter left out."""
    return frozenset(short for word in words if len(word) >= _SHORTEST for short in _shorter(word))


@cache
def _near_known() -> frozenset[str]:
    return _with_slips(_known())


@cache
def _near_items() -> frozenset[str]:
    return _with_slips(_items())


@cache
def _items() -> frozenset[str]:
    libraries = [OpenSSL.parse(series) for series in BEHAVIOURS]
    names = {name for library in libraries for name in patterns(library)}
    found = [*tls13_suites(), *(suite for library in libraries for suite in suites(library))]
    names |= {name for suite in found for name in (suite.openssl_name, suite.iana_name)}
    names |= {name for group in known_groups() for name in (group.name, group.nist, group.tls) if name}
    return frozenset(map(_bare, names))
