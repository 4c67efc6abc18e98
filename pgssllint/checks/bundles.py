"""PGS210 to PGS219: the order and the contents of the server's certificate file."""

from collections.abc import Iterator

from pgssllint.checks import host_check
from pgssllint.checks.pem_files import after_mark
from pgssllint.checks.places import (
    at_block,
    at_key,
    may_hold_key,
    named_by,
    shown_subject,
    through_line_end,
    tls_problem,
    without_ssl,
)
from pgssllint.cluster import Cluster
from pgssllint.credentials import Credentials
from pgssllint.finding import Confidence, Edit, Fix, Location, LogLine, Problem
from pgssllint.setting import Named
from pgssllint.text import Source, Span
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.chain import Bundle, issuers, related
from pgssllint.tls.key import PrivateKey, same_key
from pgssllint.tls.pem import PRIVATE_KEY_LABELS
from pgssllint.tls.server_log import key_does_not_match


@host_check("PGS210")
def leaf_not_first(cluster: Cluster, host: Credentials) -> Iterator[Problem]:
    """The key belongs to a later block; without a key, the first block issued a later one that is no CA."""
    named, leaf, key = host.certificate, host.leaf, host.key
    if named is None or named.source is None or leaf is None or host.bundle is None or host.chain_is_refused:
        return
    first = at_block(named.source, leaf.block, "the server takes this one for its own")
    private = host.private_key
    if private is not None and key is not None and key.source is not None:
        own = host.own
        if own is not None and own is not leaf:
            places: tuple[Location, ...] = (
                at_block(named.source, own.block, f"'{key.name}' belongs to this one"),
                at_key(key.source, private.block, "the key"),
            )
            arguments = {"block": own.block.index, "file": named.name}
            yield tls_problem(cluster, first, arguments, related=places, log=mismatch(key, leaf, private))
    elif key is None or key.source is None:
        issued = _issued_leaf(host.bundle)
        if issued is not None:
            places = (at_block(named.source, issued.block, "issued by the first"),)
            arguments = {"block": issued.block.index, "file": named.name}
            yield Problem(first, arguments, "guess", places, confidence=Confidence.MEDIUM)


@host_check("PGS211")
def key_certificate_mismatch(cluster: Cluster, host: Credentials) -> Iterator[Problem]:
    """The key belongs to no block."""
    named, leaf, key, private = host.certificate, host.leaf, host.key, host.private_key
    if named is None or named.source is None or leaf is None or key is None or key.source is None:
        return
    if private is None or private.spki is None or host.own is not None or host.chain_is_refused:
        return
    if host.reader.openssl.is_111 and after_mark(named.source):
        # The key belongs to the block that the mark hides, as a rule; PGS206 tells of it.
        return
    if _matching_later_key(host) is not None:
        return
    first = at_block(named.source, leaf.block, "the first certificate")
    at = key.at if key.explicit else first
    places = (*((first,) if at is not first else ()), at_key(key.source, private.block, "the key"))
    log = mismatch(key, leaf, private)
    yield tls_problem(cluster, at, {"key": key.name, "file": named.name}, related=places, log=log)


@host_check("PGS302")
def wrong_key_first(cluster: Cluster, host: Credentials) -> Iterator[Problem]:
    """The key of the leaf stands behind another one, the only one that is read."""
    key, leaf, private = host.key, host.leaf, host.private_key
    if key is None or key.source is None or leaf is None or private is None or host.chain_is_refused:
        return
    later = _matching_later_key(host) if host.own is None else None
    if later is None:
        return
    at = at_key(key.source, later.block)
    places = (at_key(key.source, private.block, "the only one that is read"),)
    arguments = {"block": later.block.index, "file": key.name}
    yield tls_problem(cluster, at, arguments, related=places, log=mismatch(key, leaf, private))


@host_check("PGS212")
def root_in_bundle(_: Cluster, host: Credentials) -> Iterator[Problem]:
    """Self-signed certificates after the first."""
    named, bundle = host.certificate, host.bundle
    if named is None or named.source is None or bundle is None:
        return
    for certificate in bundle.certificates[1:]:
        if certificate.self_signed and certificate is not host.own and not _repeats(bundle, certificate):
            arguments = {"block": certificate.block.index, "file": named.name, "subject": certificate.subject}
            yield Problem(at_block(named.source, certificate.block), arguments, related=named_by(named))


@host_check("PGS213")
def chain_out_of_order(cluster: Cluster, host: Credentials) -> Iterator[Problem]:
    """Certificates of the path that do not follow the one they issued."""
    named, bundle, sent = host.certificate, host.bundle, host.sent
    if named is None or named.source is None or bundle is None or sent is None or host.leaf_out_of_place:
        return
    path = sent.certificates
    wanted = {certificate.block.index for certificate in path}
    have = [c for c in bundle.certificates if c.block.index in wanted]
    for before, one, right in zip(have, have[1:], path[1:], strict=False):
        if one is not right:
            at = at_block(named.source, one.block)
            places = (at_block(named.source, right.block, "this one did"), *named_by(named))
            arguments = {"block": one.block.index, "file": named.name, "earlier": before.block.index}
            problem = Problem(at, arguments, related=places, fix=_sorted(named.source, bundle, path))
            yield without_ssl(cluster, problem)
            return


@host_check("PGS214")
def duplicate_certificate(_: Cluster, host: Credentials) -> Iterator[Problem]:
    """The same certificate twice in the certificate file or the CA file."""
    for named, bundle in ((host.certificate, host.bundle), (host.client_ca, host.ca_bundle)):
        if named is None or named.source is None or bundle is None:
            continue
        known: dict[bytes, Certificate] = {}
        for certificate in bundle.certificates:
            earlier = known.setdefault(certificate.der, certificate)
            if earlier is not certificate:
                numbers = {"block": certificate.block.index, "earlier": earlier.block.index}
                places = (at_block(named.source, earlier.block, "the earlier one"), *named_by(named))
                at, fix = at_block(named.source, certificate.block), deleted(named.source, certificate)
                yield Problem(at, {**numbers, "file": named.name}, related=places, fix=fix)


@host_check("PGS215")
def unrelated_certificate(cluster: Cluster, host: Credentials) -> Iterator[Problem]:
    """Certificates on no path from the leaf; roots and repetitions have rules of their own."""
    named, bundle, leaf = host.certificate, host.bundle, host.leaf
    if named is None or named.source is None or bundle is None or leaf is None or host.leaf_out_of_place:
        return
    if host.private_key is None and _issued_leaf(bundle) is not None:
        return
    on_path = related(bundle)
    for certificate in bundle.certificates[1:]:
        if certificate.block.index in on_path or certificate.self_signed or _repeats(bundle, certificate):
            continue
        if any(c.names_as_issuer(certificate) for c in bundle.certificates):
            # A namesake of an issuer with another key: PGS222 and PGS216 tell of it.
            continue
        arguments = {"block": certificate.block.index, "file": named.name, "subject": shown_subject(certificate)}
        at, fix = at_block(named.source, certificate.block), deleted(named.source, certificate)
        yield without_ssl(cluster, Problem(at, arguments, related=named_by(named), fix=fix))


@host_check("PGS216")
def ambiguous_issuer(cluster: Cluster, host: Credentials) -> Iterator[Problem]:
    """A certificate without authority key identifier, and in front of its issuer a namesake with another key."""
    named, bundle = host.certificate, host.bundle
    if named is None or named.source is None or bundle is None or host.sent is None:
        return
    for certificate in host.sent.certificates:
        if certificate.authority_key is not None or certificate.self_issued:
            continue
        found = issuers(certificate, bundle.certificates)
        right = next((c for c in found if certificate.signed_by(c) is True), None)
        if right is None or found[0] is right or found[0].spki == right.spki:
            continue
        wrong = found[0]
        at = at_block(named.source, wrong.block)
        places = (at_block(named.source, right.block, f"issued '{certificate.subject}'"), *named_by(named))
        problem = Problem(at, {"subject": shown_subject(wrong)}, related=places, fix=deleted(named.source, wrong))
        yield without_ssl(cluster, problem)
        return


def mismatch(key: Named, leaf: Certificate, private: PrivateKey) -> LogLine:
    """What the server logs when the key is not the first certificate's."""
    return key_does_not_match(key.name, leaf.key_type, private.key_type)


def deleted(source: Source, certificate: Certificate) -> Fix | None:
    """The fix that takes a block out of its file; none for a file that holds keys, which nobody writes for others."""
    if may_hold_key(source):
        return None
    return Fix("Delete the block.", (Edit(source.path, source, _lines_of(source, certificate), ""),), safe=False)


def _lines_of(source: Source, certificate: Certificate) -> Span:
    """The whole lines of a block."""
    return through_line_end(source, certificate.block.span)


def _sorted(source: Source, bundle: Bundle, path: tuple[Certificate, ...]) -> Fix | None:
    """The fix that writes the blocks of a path in its order, each into the place of another."""
    if any(block.label in PRIVATE_KEY_LABELS or block.fault is not None for block in bundle.blocks):
        return None
    wanted = {certificate.block.index for certificate in path}
    places = [_lines_of(source, c) for c in bundle.certificates if c.block.index in wanted]
    texts = [source.text[span.start : span.end].rstrip("\r\n") + "\n" for span in (_lines_of(source, c) for c in path)]
    edits = [Edit(source.path, source, span, text) for span, text in zip(places, texts, strict=True)]
    changed = tuple(e for e in edits if source.text[e.span.start : e.span.end] != e.text)
    return Fix("Sort the blocks along the path.", changed, safe=True)


def _repeats(bundle: Bundle, certificate: Certificate) -> bool:
    """Whether an earlier block holds the same certificate."""
    return next(c for c in bundle.certificates if c.der == certificate.der) is not certificate


def _issued_leaf(bundle: Bundle) -> Certificate | None:
    """A later block that is no CA and was issued by the first."""
    first = bundle.certificates[0]
    return next((c for c in bundle.certificates[1:] if c.is_ca is not True and first.issued(c)), None)


def _matching_later_key(host: Credentials) -> PrivateKey | None:
    """A key behind the first that belongs to the leaf."""
    leaf, held = host.leaf, host.key_file
    if leaf is None or held is None:
        return None
    later = (key for key in held.keys if key is not held.first and key.spki is not None)
    return next((k for k in later if k.spki is not None and same_key(k.spki, leaf.spki)), None)
