"""PGS120 to PGS129: the cipher suites up to TLS 1.2 that the server lets clients use."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from pgssllint.checks import check
from pgssllint.checks.library.fixes import resetting, rewritten, without_parts
from pgssllint.checks.library.negotiation import protocol_bounds, served_as_well, working_list
from pgssllint.checks.library.places import at_part
from pgssllint.checks.library.refusals import without_ssl
from pgssllint.cluster import Cluster
from pgssllint.finding import Fix, Location, Problem
from pgssllint.postgres.entries import Entry
from pgssllint.tls.cipher_suites import Suite, permitted
from pgssllint.tls.ciphers import DefaultList, Expansion, Part, UnreadList, expand
from pgssllint.tls.protocols import TLS13

_WEAK = ("RC4", "RC2", "3DES", "DES", "IDEA", "SEED")


@check("PGS120")
def null_cipher(cluster: Cluster) -> Iterator[Problem]:
    """Suites without encryption that a client can negotiate."""
    yield from _suites(cluster, _NULL, negotiable=True)


@check("PGS121")
def latent_null_cipher(cluster: Cluster) -> Iterator[Problem]:
    """Suites without encryption that only the security level holds back."""
    yield from _suites(cluster, _NULL, negotiable=False)


@check("PGS122")
def anonymous_cipher(cluster: Cluster) -> Iterator[Problem]:
    """Suites without a certificate that a client can negotiate."""
    yield from _suites(cluster, _ANONYMOUS, negotiable=True)


@check("PGS123")
def latent_anonymous_cipher(cluster: Cluster) -> Iterator[Problem]:
    """Suites without a certificate that only the security level holds back."""
    yield from _suites(cluster, _ANONYMOUS, negotiable=False)


@check("PGS124")
def security_level_zero(cluster: Cluster) -> Iterator[Problem]:
    """A list that switches the security level off."""
    entry, expansion = working_list(cluster)
    if entry is not None and expansion is not None and expansion.level_part is not None and expansion.level == 0:
        yield _of_level(cluster, entry, expansion.parts[expansion.level_part], {})


@check("PGS125")
def lowered_security_level(cluster: Cluster) -> Iterator[Problem]:
    """A list that sets the security level below the target's own."""
    (entry, expansion), default = working_list(cluster), cluster.target.openssl.level
    if entry is None or expansion is None or expansion.level_part is None:
        return
    if 0 < expansion.level < default:
        yield _of_level(cluster, entry, expansion.parts[expansion.level_part], {"default": default})


@check("PGS126")
def weak_cipher(cluster: Cluster) -> Iterator[Problem]:
    """Suites with broken or outdated algorithms that a client can negotiate."""
    entry, expansion = working_list(cluster)
    if entry is None or expansion is None:
        return
    weak = {
        suite.openssl_name: algorithm
        for suite in expansion.suites
        if (algorithm := _weakness(suite)) and permitted(suite, expansion.level)
    }
    part = _adding(expansion, weak)
    if weak:
        suite = next((name for name in part.adds if name in weak), None) if part is not None else None
        named = suite or next(iter(weak))
        arguments = {"suite": named, "algorithm": weak[named]}
        yield without_ssl(
            cluster, Problem(_at(entry, part), arguments, fix=_excluding(cluster, entry, *dict.fromkeys(weak.values())))
        )


@check("PGS127")
def static_rsa_key_exchange(cluster: Cluster) -> Iterator[Problem]:
    """Suites without forward secrecy, where the server's certificate has an RSA key."""
    setting, found = cluster.conf.setting("ssl_ciphers"), cluster.tls.ciphers
    if not cluster.conf.ssl or isinstance(found, UnreadList) or protocol_bounds(cluster)[0] == TLS13:
        return
    if not any(credentials.leaf and credentials.leaf.key_type == "RSA" for credentials in cluster.tls.credentials):
        return
    expansion = expand(found.text, cluster.target.openssl) if isinstance(found, DefaultList) else found
    static = (s for s in expansion.suites if s.kx == "RSA" and not s.null and permitted(s, expansion.level))
    suite = next(static, None)
    if suite is not None:
        at = setting.entry.at if setting.entry is not None else cluster.conf.ssl_at
        fix = _excluding(cluster, setting.entry, "kRSA") if setting.entry is not None else None
        yield Problem(at, {"suite": suite.openssl_name}, fix=fix)


@check("PGS129")
def client_cipher_preference(cluster: Cluster) -> Iterator[Problem]:
    """The client's order of the suites counts."""
    setting = cluster.conf.setting("ssl_prefer_server_ciphers")
    if setting.entry is not None and setting.on is False and cluster.conf.ssl is not False:
        yield Problem(setting.entry.at, fix=resetting(cluster, setting.entry))


class _Unprotected(NamedTuple):
    """A kind of suites without protection: which they are, the group of them that a list may exclude, empty where none
    is offered, and the suites of which another rule tells where one part adds both, which are worse.
    """

    holds: Callable[[Suite], bool]
    group: str = ""
    worse: Callable[[Suite], bool] | None = None


def _suites(cluster: Cluster, kind: _Unprotected, *, negotiable: bool) -> Iterator[Problem]:
    """One problem for the list: at the part that adds the first such suite, the @SECLEVEL part beside it."""
    entry, expansion = working_list(cluster)
    if entry is None or expansion is None or (expansion.level == 0) is not negotiable:
        return
    found, worse = _named(expansion, kind.holds), _named(expansion, kind.worse)
    part = _adding(expansion, found)
    if not found or (part is not None and _adding(expansion, worse) is part):
        return
    level = expansion.parts[expansion.level_part] if negotiable and expansion.level_part is not None else None
    related = (at_part(entry, level.span, "lowers the security level"),) if level is not None else ()
    named = next((suite for suite in found if part is None or suite in part.adds), next(iter(found)))
    fix = _excluding(cluster, entry, kind.group) if kind.group else None
    yield without_ssl(cluster, Problem(_at(entry, part), {"suite": named}, related=related, fix=fix))


def _is_null(suite: Suite) -> bool:
    return suite.null


def _is_anonymous(suite: Suite) -> bool:
    return suite.anonymous and not suite.null


_NULL = _Unprotected(_is_null)
_ANONYMOUS = _Unprotected(_is_anonymous, group="aNULL", worse=_is_null)


def _named(expansion: Expansion, chosen: Callable[[Suite], bool] | None) -> dict[str, Suite]:
    """The chosen suites of a list by their names; none for no choice."""
    return {suite.openssl_name: suite for suite in expansion.suites if chosen is not None and chosen(suite)}


def _weakness(suite: Suite) -> str | None:
    """The weak algorithm of a suite that is neither without encryption nor without authentication."""
    if suite.null or suite.anonymous:
        return None
    cipher = suite.enc.partition("(")[0]
    return cipher if cipher in _WEAK else "MD5" if suite.mac == "MD5" else None


def _adding(expansion: Expansion, names: Mapping[str, object]) -> Part | None:
    """The first part that adds one of the suites."""
    return next((part for part in expansion.parts if not names.keys().isdisjoint(part.adds)), None)


def _at(entry: Entry, part: Part | None) -> Location:
    return at_part(entry, part.span) if part is not None else entry.at


def _of_level(cluster: Cluster, entry: Entry, part: Part, arguments: dict[str, object]) -> Problem:
    rest = f"{entry.value[: part.start]}{entry.value[part.end :]}".strip(":,; ")
    kept = not part.swallowed and served_as_well(cluster, rest)
    fix = without_parts(entry, [part.span], "Delete the part.") if kept else None
    at = at_part(entry, part.span)
    return without_ssl(cluster, Problem(at, {"part": part.text, **arguments}, fix=fix))


def _excluding(cluster: Cluster, entry: Entry, *groups: str) -> Fix | None:
    """Append exclusions to the list; None where that would turn clients away."""
    text = entry.value + "".join(f":!{group}" for group in groups)
    fix = rewritten(entry, text) if served_as_well(cluster, text) else None
    added = text.removeprefix(entry.value)
    return fix._replace(description=f"Append '{added}' to the list.") if fix is not None else None
