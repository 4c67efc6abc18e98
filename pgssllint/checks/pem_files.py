"""PGS200 to PGS209: whether OpenSSL can read the PEM files at all."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from pgssllint.checks import check, host_check
from pgssllint.checks.places import at_block, at_file, at_key, may_hold_key, named_by, reason, tls_problem, without_ssl
from pgssllint.cluster import Cluster
from pgssllint.credentials import Credentials
from pgssllint.files import Presence, Reason, errno_text
from pgssllint.finding import Confidence, Edit, Effect, Fix, Location, LogLine, Problem, Severity, Stage
from pgssllint.setting import Named
from pgssllint.target import How
from pgssllint.text import Source, Span, ordinal
from pgssllint.tls.loading import NOTHING_FOUND, LoadFault, LoadKind
from pgssllint.tls.pem import (
    CERTIFICATE_LABELS,
    CRL_LABEL,
    PRIVATE_KEY_LABELS,
    BlockFault,
    Overlooked,
    Oversight,
    overlooked,
    scan,
)
from pgssllint.tls.server_log import file_not_loaded, key_does_not_match
from pgssllint.tls.sniff import sniff

STAGES = {
    "ssl_cert_file": Stage.CERTIFICATE,
    "ssl_key_file": Stage.KEY,
    "ssl_ca_file": Stage.CA,
    "ssl_crl_file": Stage.CRL,
}
_WHY = {Oversight.DAMAGED: "default", Oversight.INDENTED: "indented", Oversight.SWALLOWED: "swallowed"}
_WORTH_READING = CERTIFICATE_LABELS | PRIVATE_KEY_LABELS | {CRL_LABEL}


@host_check("PGS200")
def server_certificate_missing(cluster: Cluster, host: Credentials) -> Iterator[Problem]:
    """No file at ssl_cert_file."""
    named = host.certificate
    if named is None or cluster.ssl is not True or named.opened.presence is not Presence.MISSING:
        return
    message = "literal" if named.name.lower() in ("none", "null") else "default"
    why = "no start line" if named.opened.reason is Reason.DIRECTORY else errno_text(named.opened.reason)
    log = could_not_load(cluster, named, why)
    yield Problem(named.at, {"file": named.name, "reason": reason(named.opened.reason)}, message, log=log)


@check("PGS201")
def certificate_not_pem(cluster: Cluster) -> Iterator[Problem]:
    """A file without a PEM certificate."""
    for file in _pem_files(cluster):
        if file.named.role != "ssl_cert_file" or file.fault is None or file.fault.kind is not LoadKind.NOTHING:
            continue
        if not is_told_otherwise(file):
            at = at_file(file.source, secret=_secret(file))
            yield refusal(cluster, file, at, {"file": file.named.name, "what": sniff(file.source.data)})


@check("PGS202")
def glued_pem_blocks(cluster: Cluster) -> Iterator[Problem]:
    """An END line and the next BEGIN line on one line."""
    for file in _pem_files(cluster):
        block = file.fault.block if file.fault is not None else None
        if block is None or block.fault is not BlockFault.GLUED:
            continue
        source = file.source
        line = source.region(Span(block.span.end, block.span.end)).line
        at = Location(source.path, source, source.line_span(line), secret=_secret(file))
        fix = None
        if not _secret(file):
            here = Span(block.span.end, block.span.end)
            fix = Fix("Insert the line break.", (Edit(source.path, source, here, "\n"),), safe=False)
        yield refusal(cluster, file, at, {"line": line, "file": file.named.name}, fix=fix)


@check("PGS203")
def undecodable_pem_block(cluster: Cluster) -> Iterator[Problem]:
    """A block that cannot be decoded, at which the loading of the file ends; of keys PGS301 tells."""
    for file in _pem_files(cluster):
        block = file.fault.block if file.fault is not None and file.fault.kind is LoadKind.BLOCK else None
        if block is None or block.fault is BlockFault.GLUED or file.named.role == "ssl_key_file":
            continue
        at = at_key(file.source, block) if block.label in PRIVATE_KEY_LABELS else at_block(file.source, block)
        yield refusal(cluster, file, at, {"ordinal": ordinal(block.index), "file": file.named.name})


@check("PGS204")
def indented_pem(cluster: Cluster) -> Iterator[Problem]:
    """Blanks before the BEGIN line of all blocks of the kind that is sought."""
    for file in _pem_files(cluster):
        if file.fault is None or file.fault.kind is not LoadKind.NOTHING:
            continue
        seen = hidden(file)
        if seen is None or seen.why is not Oversight.INDENTED:
            continue
        secret = file.named.role == "ssl_key_file" or may_hold_key(file.source)
        at = Location(file.source.path, file.source, seen.begin, secret=secret)
        fix = None if secret else _unindented(file.source)
        yield refusal(cluster, file, at, {"file": file.named.name}, fix=fix)


@check("PGS205")
def ignored_pem_block(cluster: Cluster) -> Iterator[Problem]:
    """After a good block, a line that was meant to begin one and does not."""
    for file in _pem_files(cluster):
        if file.fault is not None or file.named.role == "ssl_key_file":
            continue
        blocks = scan(file.source, cluster.target.openssl.is_111)
        good = next((block for block in blocks if block.label in LABELS[file.named.role]), None)
        for item in overlooked(file.source, blocks):
            if good is None or item.begin.start < good.begin.start or item.label not in _WORTH_READING:
                continue
            arguments = {"line": file.source.region(item.begin).line, "file": file.named.name}
            at = Location(file.source.path, file.source, item.begin, secret=item.label in PRIVATE_KEY_LABELS)
            problem = Problem(at, arguments, _WHY[item.why], named_by(file.named), entry=file.entry)
            yield without_ssl(cluster, problem)


@check("PGS206")
def pem_byte_order_mark(cluster: Cluster) -> Iterator[Problem]:
    """A byte order mark before the first block."""
    openssl, assumed = cluster.target.openssl, cluster.target.openssl_how is How.ASSUMED
    for file in _pem_files(cluster):
        if not after_mark(file.source) or not (openssl.is_111 or assumed):
            continue
        at = Location(file.source.path, file.source, Span(0, 1), secret=_secret(file))
        fix = Fix("Delete the mark.", (Edit(file.source.path, file.source, Span(0, 1), ""),), safe=False)
        fix_of = None if _secret(file) else fix
        arguments = {"file": file.named.name}
        if file.fault is not None and file.fault.kind is LoadKind.NOTHING and openssl.is_111:
            yield refusal(cluster, file, at, arguments, fix=fix_of)
            continue
        # Behind the mark only the first block is lost: a chain without its leaf, or one CA less.
        problem = Problem(
            at, arguments, "lost", named_by(file.named), effect=Effect.LOCKS_OUT, severity=Severity.WARNING,
            confidence=None if openssl.is_111 else Confidence.MEDIUM, fix=fix_of,
        )  # fmt: skip
        if openssl.is_111 and file.named.role == "ssl_cert_file":
            key = next(host.key for host in cluster.credentials if host.number == file.entry)
            log = key_does_not_match(key.name if key else "")
            problem = replace(problem, effect=None, severity=None, log=log, stage=Stage.KEY, entry=file.entry)
        yield without_ssl(cluster, problem)


@check("PGS208")
def private_key_in_certificate_file(cluster: Cluster) -> Iterator[Problem]:
    """Private keys where the server does not look at the mode."""
    keys = {host.key.opened.path for host in cluster.credentials if host.key is not None}
    for file in _pem_files(cluster):
        if file.named.role == "ssl_key_file" or file.named.opened.path in keys:
            continue
        for block in scan(file.source):
            if block.label in PRIVATE_KEY_LABELS:
                yield Problem(at_key(file.source, block), {"file": file.named.name}, related=named_by(file.named))
                break


LABELS = {
    "ssl_cert_file": CERTIFICATE_LABELS,
    "ssl_key_file": PRIVATE_KEY_LABELS,
    "ssl_ca_file": CERTIFICATE_LABELS,
    "ssl_crl_file": frozenset({CRL_LABEL}),
}


def could_not_load(cluster: Cluster, named: Named, why: str) -> LogLine:
    """The line that a server logs when it cannot load a file."""
    folder = cluster.setting("ssl_crl_dir").value if named.role == "ssl_crl_file" else None
    return file_not_loaded(named.role, named.name, why, folder)


class PemFile(NamedTuple):
    """A PEM file of a host, or the list of revocations, with what ends its loading and the number of the entry."""

    named: Named
    source: Source
    fault: LoadFault | None
    entry: int


def _pem_files(cluster: Cluster) -> Iterator[PemFile]:
    """The PEM files that are here."""
    for host in cluster.credentials:
        for named, fault in (
            (host.certificate, host.chain_fault),
            (host.key, host.key_fault),
            (host.client_ca, host.ca_fault),
        ):
            if named is not None and named.source is not None:
                yield PemFile(named, named.source, fault, host.number)
    crl = cluster.revocation.file
    if crl is not None and crl.source is not None:
        yield PemFile(crl, crl.source, cluster.revocation.fault, first_entry(cluster))


def first_entry(cluster: Cluster) -> int:
    """The number of the host with whose files the lists of revocations are loaded first."""
    return cluster.credentials[0].number if cluster.credentials else 0


def refusal(
    cluster: Cluster,
    file: PemFile,
    at: Location,
    arguments: Mapping[str, object],
    message: str = "default",
    fix: Fix | None = None,
) -> Problem:
    """A fault of a file that ends its loading, and with it the start."""
    fault = file.fault
    log = could_not_load(cluster, file.named, fault.reason) if fault is not None else None
    related = named_by(file.named) if at != file.named.at else ()
    sure = Confidence.MEDIUM if fault is not None and not fault.certain else None
    problem = tls_problem(cluster, at, arguments, message, related=related, log=log, confidence=sure)
    return replace(problem, stage=STAGES[file.named.role], entry=file.entry, fix=fix)


def unusable_store(
    cluster: Cluster, named: Named, fault: LoadFault | None, entry: int, arguments: Mapping[str, object]
) -> Iterator[Problem]:
    """The problem of a file of client CAs or revocation lists that is not there, or holds nothing that is sought.

    `arguments` are those of a file that holds nothing.
    """
    if named.opened.presence is Presence.MISSING and cluster.ssl is True:
        why = named.opened.reason
        log = could_not_load(cluster, named, NOTHING_FOUND if why is Reason.DIRECTORY else errno_text(why))
        yield Problem(named.at, {"file": named.name, "reason": reason(why)}, "missing", log=log, entry=entry)
    elif fault is not None and fault.kind is LoadKind.NOTHING and named.source is not None:
        file = PemFile(named, named.source, fault, entry)
        if not is_told_otherwise(file):
            yield refusal(cluster, file, named.at, arguments)


def hidden(file: PemFile) -> Overlooked | None:
    """The first line that was meant to begin a block of the kind sought, where no block of it is seen."""
    labels = LABELS[file.named.role]
    return next((item for item in overlooked(file.source, scan(file.source)) if item.label in labels), None)


def after_mark(source: Source) -> bool:
    """Whether a byte order mark stands before the first block, which OpenSSL 1.1.1 then does not see."""
    blocks = scan(source) if source.text.startswith("\ufeff") else ()
    return bool(blocks) and blocks[0].after_bom


def is_told_otherwise(file: PemFile) -> bool:
    """Whether a file in which nothing is found is so for a mark or for indentation, of which other rules tell."""
    seen = hidden(file)
    return after_mark(file.source) or (seen is not None and seen.why is Oversight.INDENTED)


def _secret(file: PemFile) -> bool:
    """Whether no text of the file may be shown."""
    return any(block.label in PRIVATE_KEY_LABELS for block in scan(file.source))


def _unindented(source: Source) -> Fix:
    """The fix that takes the blanks off all lines."""
    edits = []
    for number in range(1, len(source.line_starts) + 1):
        span = source.line_span(number)
        blanks = len(source.text[span.start : span.end]) - len(source.text[span.start : span.end].lstrip(" \t"))
        if blanks:
            edits.append(Edit(source.path, source, Span(span.start, span.start + blanks), ""))
    return Fix("Remove the leading blanks.", tuple(edits), safe=False)
