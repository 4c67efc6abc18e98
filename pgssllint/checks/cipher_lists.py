"""PGS130 to PGS139: lists of cipher suites that do not do what they say."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from pgssllint.checks import check
from pgssllint.checks.library.fixes import rewritten, without_parts, written
from pgssllint.checks.library.negotiation import working_list
from pgssllint.checks.library.places import at_part, labelled, value_start
from pgssllint.checks.library.refusals import refusal, without_ssl
from pgssllint.cluster import Cluster
from pgssllint.finding import Confidence, Effect, Fix, Location, Problem, Severity
from pgssllint.postgres.entries import Entry
from pgssllint.quoting import Place, Quote, ours
from pgssllint.target import BEHAVIOURS, OpenSSL
from pgssllint.text import Span
from pgssllint.tls.cipher_names import NAMES_OF_102, patterns
from pgssllint.tls.ciphers import MAX_CIPHER_LIST, Expansion, Part, expand
from pgssllint.tls.server_log import cipher_list_refused, tls13_suites_refused
from pgssllint.tls.tls13 import TLS13_CIPHERS_FROM, read_suites, tls13_names

MAX_MISPRINTS = 20
"""So many exclusions of a list are held against the known names."""

_SWALLOWED_EXCLUSION = re.compile(r"![A-Za-z0-9.=-]+")


@check("PGS130")
def empty_cipher_list(cluster: Cluster) -> Iterator[Problem]:
    """A list that no suite up to TLS 1.2 matches."""
    entry, expansion = cluster.conf.setting("ssl_ciphers").entry, cluster.tls.ciphers
    if entry is None or not isinstance(expansion, Expansion) or not expansion.empty or cluster.conf.ssl is False:
        return
    log, arguments = cipher_list_refused(cluster.major), {"list": entry.quote}
    if cluster.target.openssl.is_first_111:
        yield Problem(entry.at, arguments, "first", confidence=Confidence.LOW, log=log)
    else:
        yield refusal(cluster, entry.at, arguments, "default", log, _accepting(entry.value))


@check("PGS132")
def cipher_list_syntax_error(cluster: Cluster) -> Iterator[Problem]:
    """A list that OpenSSL refuses to read to its end."""
    entry, expansion = cluster.conf.setting("ssl_ciphers").entry, cluster.tls.ciphers
    fault = expansion.fault if isinstance(expansion, Expansion) else None
    if entry is None or fault is None or cluster.conf.ssl is False:
        return
    arguments = {"list": entry.quote, "text": Quote(entry.value[fault.start : fault.end], Place.ITEMS)}
    accepts = _accepting(entry.value)
    yield refusal(cluster, at_part(entry, fault), arguments, "default", cipher_list_refused(cluster.major), accepts)


@check("PGS133")
def unknown_cipher_name(cluster: Cluster) -> Iterator[Problem]:
    """Names that OpenSSL passes over."""
    entry, expansion = working_list(cluster)
    if entry is None or expansion is None:
        return
    swallowing = _swallowing(cluster)
    told = swallowing[0] if swallowing is not None else None
    unknown = [p for p in expansion.parts if p.unknown and p.operator in ("", "+") and not _tls13(p) and p is not told]
    misprinted = [part for part in _misprinted(expansion) if part is not told]
    for parts, variant in ((unknown, "default"), (misprinted, "exclusion")):
        if not parts:
            continue
        part, others = parts[0], parts[1:]
        name = _whole(part) if part.swallowed.startswith("_") else part.unknown_name
        related = tuple(at_part(entry, _span(other), "unknown too") for other in others)
        fix = _written_right(entry, part, cluster.target.openssl)
        arguments = {"name": Quote(name, Place.ITEMS)}
        yield without_ssl(cluster, Problem(at_part(entry, _span(part)), arguments, variant, related=related, fix=fix))


@check("PGS134")
def swallowed_cipher_exclusion(cluster: Cluster) -> Iterator[Problem]:
    """Exclusions that are not read, since they follow an unknown name without a separator."""
    entry, swallowing = cluster.conf.setting("ssl_ciphers").entry, _swallowing(cluster)
    if entry is None or swallowing is None:
        return
    part, span = swallowing
    arguments = {
        "exclusion": Quote(entry.value[span.start : span.end], Place.ITEMS),
        "name": Quote(part.unknown_name or part.text, Place.ITEMS),
    }
    related = (at_part(entry, part.span, "what it is dropped with"),)
    message = "default" if part.unknown else "command" if part.operator == "@" else "contradictory"
    fix = _insertion(entry, span)
    yield without_ssl(cluster, Problem(at_part(entry, span), arguments, message, related, fix=fix))


@check("PGS135")
def tls13_suite_in_ssl_ciphers(cluster: Cluster) -> Iterator[Problem]:
    """Suites of TLS 1.3, which the list for older versions does not govern."""
    entry, expansion = working_list(cluster)
    if entry is None or expansion is None:
        return
    spans = [_span(part) for part in expansion.parts if _tls13(part)]
    if spans:
        own = cluster.conf.setting("ssl_tls13_ciphers").entry
        related = (labelled(own.at, "the suites of TLS 1.3"),) if own is not None else ()
        fix = without_parts(entry, spans, "Delete the suites of TLS 1.3.")
        suite = entry.value[spans[0].start : spans[0].end].lstrip("!+-")
        problem = Problem(at_part(entry, spans[0]), {"suite": ours(suite)}, related=related, fix=fix)
        yield without_ssl(cluster, problem)


@check("PGS136")
def dead_cipher_exclusion(cluster: Cluster) -> Iterator[Problem]:
    """Exclusions of what no supported OpenSSL has."""
    entry, expansion = working_list(cluster)
    if entry is None or expansion is None:
        return
    misprinted = _misprinted(expansion)
    dead = [p for p in _unheard_of(expansion) if p.operator == "!" and not _tls13(p) and p not in misprinted]
    if dead:
        alone = not any(part.swallowed for part in dead)
        fix = without_parts(entry, [p.span for p in dead], "Delete the exclusions.", safe=True) if alone else None
        related = tuple(at_part(entry, part.span, "another one") for part in dead[1:])
        yield Problem(
            at_part(entry, dead[0].span), {"exclusion": Quote(dead[0].text, Place.ITEMS)}, related=related, fix=fix
        )


@check("PGS139")
def invalid_tls13_suite(cluster: Cluster) -> Iterator[Problem]:
    """Names in ssl_tls13_ciphers that are no suites of TLS 1.3."""
    entry, openssl = cluster.conf.setting("ssl_tls13_ciphers").entry, cluster.target.openssl
    if entry is None or entry.unknown or cluster.conf.ssl is False or len(entry.value) > MAX_CIPHER_LIST:
        return
    if cluster.major < TLS13_CIPHERS_FROM:
        return
    read = read_suites(entry.value, openssl)
    if not read.bad:
        return
    bad = read.bad[0]
    taken = list(dict.fromkeys(entry.value[span.start : span.end] for span in read.taken))
    fix = rewritten(entry, ":".join(taken)) if taken else None
    arguments = {"name": Quote(entry.value[bad.start : bad.end], Place.ITEMS), "openssl": openssl.series}
    at = at_part(entry, bad)
    if not read.refused:
        yield Problem(at, arguments, "ignored", effect=Effect.NO_EFFECT, severity=Severity.WARNING, fix=fix)
        return
    # The server looks at ssl_ciphers first, and tells of that alone.
    ciphers = cluster.tls.ciphers
    refused = isinstance(ciphers, Expansion) and (ciphers.rejected or (ciphers.empty and not openssl.is_first_111))
    log = cipher_list_refused(cluster.major) if refused else tls13_suites_refused()
    message = "default" if bad.start < bad.end else "empty"

    def accepts(other: OpenSSL) -> bool:
        return not read_suites(entry.value, other).refused

    yield refusal(cluster, at, arguments, message, log, accepts, fix=fix)


def _accepting(text: str) -> Callable[[OpenSSL], bool]:
    def accepts(openssl: OpenSSL) -> bool:
        return bool(expand(text, openssl).suites)

    return accepts


def _whole(part: Part) -> str:
    """What a person takes for the name: OpenSSL before 3.2 ends a name at an underscore."""
    return part.text + re.split(r"[!@+]", part.swallowed)[0]


def _span(part: Part) -> Span:
    return Span(part.start, part.start + len(_whole(part))) if part.swallowed.startswith("_") else part.span


def _tls13(part: Part) -> bool:
    """Whether a part names a suite of TLS 1.3."""
    return _bare(part) in tls13_names()


def _swallowing(cluster: Cluster) -> tuple[Part, Span] | None:
    """The first part that takes an exclusion along, and where that is; None if the list comes to the same with it."""
    entry, expansion = working_list(cluster)
    if entry is None or expansion is None:
        return None
    for part in expansion.parts:
        hit = _SWALLOWED_EXCLUSION.search(part.swallowed) if not part.text.startswith("SUITEB") else None
        if hit is not None:
            span = Span(part.end + hit.start(), part.end + hit.end())
            mended = f"{entry.value[: span.start]}:{entry.value[span.start :]}"
            changes = expand(mended, cluster.target.openssl).suites != expansion.suites
            return (part, span) if changes else None
    return None


def _insertion(entry: Entry, part: Span) -> Fix | None:
    """Put a separator in front of a part."""
    start = value_start(entry)
    if start is None:
        return None
    place = Location(entry.source.path, entry.source, Span(start + part.start, start + part.start))
    return written(place, ":", "Insert a colon.", safe=True)


def _known_names() -> frozenset[str]:
    """The names that any series of OpenSSL from 1.1.1 on knows."""
    return frozenset(chain.from_iterable(patterns(OpenSSL.parse(series)) for series in BEHAVIOURS))


def _unheard_of(expansion: Expansion) -> list[Part]:
    """The exclusions with a name that no series of OpenSSL knows."""
    known = _known_names()
    return [p for p in expansion.parts if p.operator in ("!", "-") and p.unknown and p.unknown_name not in known]


def _misprinted(expansion: Expansion) -> list[Part]:
    """The first few exclusions of a name that no OpenSSL had and that is very like one that it has."""
    known = _known_names()
    strange = [part for part in _unheard_of(expansion) if part.unknown_name not in NAMES_OF_102]
    return [part for part in strange[:MAX_MISPRINTS] if _nearest(part, known) is not None]


def _nearest(part: Part, known: Iterable[str]) -> str | None:
    """The known name that an unknown one is most like; other digits make another name, another case none."""
    from difflib import get_close_matches

    name = _bare(part)
    if len(part.names) != 1 or len(name) >= 80:
        return None
    names = [one for one in sorted(known) if _digits(one) == _digits(name)]
    folded = [one for one in names if one.casefold() == name.casefold()]
    return next(iter(folded or get_close_matches(name, names, 1, 0.8)), None)


def _bare(part: Part) -> str:
    """What a person takes for the name, without the operator."""
    return _whole(part).lstrip("!+-")


def _digits(name: str) -> list[str]:
    return sorted(filter(str.isdigit, name))


def _written_right(entry: Entry, part: Part, openssl: OpenSSL) -> Fix | None:
    """Write the known name that an unknown one is most like."""
    near = _nearest(part, patterns(openssl))
    if near is None:
        return None
    start = part.start + len(part.operator)
    at = Span(start, start + len(_bare(part)))
    return written(at_part(entry, at), near, f"Write '{part.operator}{near}'.")
