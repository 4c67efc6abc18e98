"""PGS210 to PGS219 and PGS302: the order and the contents of the server's certificate file."""

from collections.abc import Iterator
from dataclasses import replace

from pgssllint.checks import OWN, host_check
from pgssllint.checks.library.fixes import lines_of, without_block, without_sent
from pgssllint.checks.library.pem_faults import after_mark, not_of_leaf
from pgssllint.checks.library.places import at_block, at_key, named_by
from pgssllint.checks.library.refusals import tls_problem, without_ssl
from pgssllint.checks.library.words import shown_subject
from pgssllint.cluster import Cluster
from pgssllint.cluster.credentials import Credentials
from pgssllint.cluster.setting import Named
from pgssllint.finding import Confidence, Edit, Fix, Location, Problem
from pgssllint.quoting import Place, Quote, a_file, say
from pgssllint.text import Source
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.chain import Bundle, issuers, path, related
from pgssllint.tls.key import PrivateKey, same_key
from pgssllint.tls.pem import PRIVATE_KEY_LABELS


@host_check("PGS210", OWN)
def leaf_not_first(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """The key belongs to a later block; without a key, the first block issued a later one that is no CA."""
    named, leaf, key = credentials.certificate, credentials.leaf, credentials.key
    if (
        not isinstance(named, Named)
        or named.source is None
        or leaf is None
        or credentials.bundle is None
        or credentials.chain_is_refused
    ):
        return
    first = at_block(named.source, leaf.block, "the server takes this one for its own")
    private = None if credentials.key_is_refused else credentials.private_key
    if private is not None and isinstance(key, Named) and key.source is not None:
        own = credentials.own
        if own is not None and own is not leaf:
            places: tuple[Location, ...] = (
                at_block(named.source, own.block, say("'{}' belongs to this one", a_file(key.name))),
                at_key(key.source, private.block, "the key"),
            )
            arguments = {"block": own.block.index, "file": named.name}
            fix = _sorted(
                named.source, credentials.bundle, _own_first(credentials.bundle, own), _LEAF_FIRST, safe=False
            )
            log = not_of_leaf(credentials, key, private)
            yield tls_problem(cluster, first, arguments, related=places, log=log, fix=fix)
    elif not isinstance(key, Named) or key.source is None:
        issued = _issued_leaf(credentials.bundle)
        if issued is not None:
            places = (at_block(named.source, issued.block, "issued by the first"),)
            arguments = {"block": issued.block.index, "file": named.name}
            yield Problem(first, arguments, "guess", places, confidence=Confidence.MEDIUM)


@host_check("PGS211")
def key_certificate_mismatch(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """The key belongs to no block."""
    named, leaf, key, private = credentials.certificate, credentials.leaf, credentials.key, credentials.private_key
    if (
        not isinstance(named, Named)
        or named.source is None
        or leaf is None
        or not isinstance(key, Named)
        or key.source is None
    ):
        return
    if private is None or private.spki is None or credentials.own is not None:
        return
    if credentials.chain_is_refused or credentials.key_is_refused:
        return
    if credentials.reader.openssl.is_111 and after_mark(named.source):
        # The key belongs to the block that the mark hides, as a rule; PGS206 tells of it.
        return
    if _matching_later_key(credentials) is not None:
        return
    first = at_block(named.source, leaf.block, "the first certificate")
    at = key.at if key.explicit else first
    places = (*((first,) if at is not first else ()), at_key(key.source, private.block, "the key"))
    log = not_of_leaf(credentials, key, private)
    yield tls_problem(cluster, at, {"key": key.name, "file": named.name}, related=places, log=log)


@host_check("PGS302", OWN)
def wrong_key_first(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """The key of the leaf stands behind another one, the only one that is read."""
    key, leaf, private = credentials.key, credentials.leaf, credentials.private_key
    if (
        not isinstance(key, Named)
        or key.source is None
        or leaf is None
        or private is None
        or private.encrypted
        or credentials.chain_is_refused
    ):
        # Whose key an encrypted one is is not known: it may well be the same.
        return
    later = _matching_later_key(credentials) if credentials.own is None else None
    if later is None:
        return
    at = at_key(key.source, later.block)
    places = (at_key(key.source, private.block, "the only one that is read"),)
    arguments = {"block": later.block.index, "file": key.name}
    yield tls_problem(cluster, at, arguments, related=places, log=not_of_leaf(credentials, key, private))


@host_check("PGS212", OWN)
def root_in_bundle(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Self-signed certificates after the first."""
    named, bundle = credentials.certificate, credentials.bundle
    if not isinstance(named, Named) or named.source is None or bundle is None:
        return
    for certificate in bundle.certificates[1:]:
        if certificate.self_signed and certificate is not credentials.own and not _repeats(bundle, certificate):
            arguments = {"block": certificate.block.index, "file": named.name, "subject": certificate.subject}
            fix = without_sent(cluster, credentials, certificate, "Delete the block of the root from the file.")
            yield Problem(at_block(named.source, certificate.block), arguments, related=named_by(named), fix=fix)


@host_check("PGS213", OWN)
def chain_out_of_order(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Certificates of the path that do not follow the one they issued."""
    named, bundle, sent = credentials.certificate, credentials.bundle, credentials.sent
    if (
        not isinstance(named, Named)
        or named.source is None
        or bundle is None
        or sent is None
        or credentials.leaf_out_of_place
    ):
        return
    path = sent.certificates
    wanted = {certificate.block.index for certificate in path}
    have = [c for c in bundle.certificates if c.block.index in wanted]
    for before, one, right in zip(have, have[1:], path[1:], strict=False):
        if one is not right:
            at = at_block(named.source, one.block)
            places = (at_block(named.source, right.block, "this one did"), *named_by(named))
            arguments = {"block": one.block.index, "file": named.name, "earlier": before.block.index}
            problem = Problem(
                at, arguments, related=places, fix=_sorted(named.source, bundle, path, _SORTED, safe=True)
            )
            yield without_ssl(cluster, problem)
            return


@host_check("PGS214", OWN)
def duplicate_certificate(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """The same certificate twice in the certificate file or the CA file."""
    for named, bundle in (
        (credentials.certificate, credentials.bundle),
        (credentials.client_ca, credentials.ca_bundle),
    ):
        if not isinstance(named, Named) or named.source is None or bundle is None:
            continue
        known: dict[bytes, Certificate] = {}
        for certificate in bundle.certificates:
            earlier = known.setdefault(certificate.der, certificate)
            if earlier is not certificate:
                numbers = {"block": certificate.block.index, "earlier": earlier.block.index}
                places = (at_block(named.source, earlier.block, "the earlier one"), *named_by(named))
                at = at_block(named.source, certificate.block)
                is_sent = named is credentials.certificate
                fix = (
                    without_sent(cluster, credentials, certificate)
                    if is_sent
                    else without_block(named.source, certificate)
                )
                yield Problem(at, {**numbers, "file": named.name}, related=places, fix=fix)


@host_check("PGS215", OWN)
def unrelated_certificate(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Certificates on no path from the leaf; roots and repetitions have rules of their own."""
    named, bundle, leaf = credentials.certificate, credentials.bundle, credentials.leaf
    if (
        not isinstance(named, Named)
        or named.source is None
        or bundle is None
        or leaf is None
        or credentials.leaf_out_of_place
    ):
        return
    if credentials.private_key is None and _issued_leaf(bundle) is not None:
        return
    on_path = related(bundle)
    for certificate in bundle.certificates[1:]:
        if certificate.block.index in on_path or certificate.self_signed or _repeats(bundle, certificate):
            continue
        if any(c.names_as_issuer(certificate) for c in bundle.certificates):
            # A namesake of an issuer with another key: PGS222 and PGS216 tell of it.
            continue
        arguments = {"block": certificate.block.index, "file": named.name, "subject": shown_subject(certificate)}
        at, fix = at_block(named.source, certificate.block), without_sent(cluster, credentials, certificate)
        yield without_ssl(cluster, Problem(at, arguments, related=named_by(named), fix=fix))


@host_check("PGS216", OWN)
def ambiguous_issuer(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A certificate without authority key identifier, and in front of its issuer a namesake with another key."""
    named, bundle = credentials.certificate, credentials.bundle
    if not isinstance(named, Named) or named.source is None or bundle is None or credentials.sent is None:
        return
    for certificate in credentials.sent.certificates:
        if certificate.authority_key is not None or certificate.self_issued:
            continue
        found = issuers(certificate, bundle.certificates)
        right = next((c for c in found if certificate.signed_by(c) is True), None)
        if right is None or found[0] is right or found[0].spki == right.spki:
            continue
        wrong = found[0]
        at = at_block(named.source, wrong.block)
        places = (
            at_block(named.source, right.block, say("issued '{}'", Quote(certificate.subject, Place.SUBJECT))),
            *named_by(named),
        )
        fix = without_sent(cluster, credentials, wrong)
        problem = Problem(at, {"subject": shown_subject(wrong)}, related=places, fix=fix)
        yield without_ssl(cluster, problem)
        return


_LEAF_FIRST = (
    "Move the server's own certificate to the top of the file, followed by its issuer, then by the issuer of that."
)
_SORTED = "Sort the blocks along the path."


def _own_first(bundle: Bundle, own: Certificate) -> tuple[Certificate, ...]:
    """The certificates of a file in another order: the server's own, its path, and the rest as it stands."""
    rest = tuple(certificate for certificate in bundle.certificates if certificate is not own)
    sent = path(replace(bundle, certificates=(own, *rest))).certificates
    return (*sent, *(certificate for certificate in rest if all(one is not certificate for one in sent)))


def _sorted(
    source: Source, bundle: Bundle, order: tuple[Certificate, ...], description: str, *, safe: bool
) -> Fix | None:
    """The fix that writes the blocks of some certificates in another order, each into the place of another."""
    if any(block.label in PRIVATE_KEY_LABELS or block.fault is not None for block in bundle.blocks):
        return None
    wanted = {certificate.block.index for certificate in order}
    places = [lines_of(source, c) for c in bundle.certificates if c.block.index in wanted]
    texts = [source.text[span.start : span.end].rstrip("\r\n") + "\n" for span in (lines_of(source, c) for c in order)]
    edits = [Edit(source.path, source, span, text) for span, text in zip(places, texts, strict=True)]
    changed = tuple(e for e in edits if source.text[e.span.start : e.span.end] != e.text)
    return Fix(description, changed, safe)


def _repeats(bundle: Bundle, certificate: Certificate) -> bool:
    """Whether an earlier block holds the same certificate."""
    return next(c for c in bundle.certificates if c.der == certificate.der) is not certificate


def _issued_leaf(bundle: Bundle) -> Certificate | None:
    """A later block that is no CA and was issued by the first."""
    first = bundle.certificates[0]
    return next((c for c in bundle.certificates[1:] if c.is_ca is not True and first.issued(c)), None)


def _matching_later_key(credentials: Credentials) -> PrivateKey | None:
    """A key behind the first that belongs to the leaf."""
    leaf, held = credentials.leaf, credentials.key_file
    if leaf is None or held is None:
        return None
    later = (key for key in held.keys if key is not held.first and key.spki is not None)
    return next((k for k in later if k.spki is not None and same_key(k.spki, leaf.spki)), None)
