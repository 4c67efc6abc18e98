"""PGS200 to PGS209: whether OpenSSL can read the PEM files at all."""

from collections.abc import Iterator
from dataclasses import replace

from pgssllint.checks import check, host_check
from pgssllint.checks.library.fixes import may_hold_key
from pgssllint.checks.library.pem_faults import (
    LABELS,
    after_mark,
    could_not_open,
    hidden,
    holds_key,
    is_told_otherwise,
    loading_ends,
    not_of_leaf,
    pem_files,
)
from pgssllint.checks.library.places import at_block, at_file, at_key, named_by
from pgssllint.checks.library.refusals import without_ssl
from pgssllint.checks.library.words import line_at, reason
from pgssllint.cluster import Cluster
from pgssllint.cluster.credentials import Credentials
from pgssllint.cluster.setting import Named
from pgssllint.files import Presence
from pgssllint.finding import Confidence, Edit, Effect, Fix, Location, LogLine, Problem, Severity
from pgssllint.stages import Stage
from pgssllint.target import How
from pgssllint.text import Source, Span, ordinal
from pgssllint.tls.loading import NO_START_LINE, LoadKind
from pgssllint.tls.pem import (
    CERTIFICATE_LABELS,
    CRL_LABEL,
    PRIVATE_KEY_LABELS,
    BlockFault,
    Oversight,
    overlooked,
    scan,
)
from pgssllint.tls.sniff import holding
from pgssllint.ways import Reason

_WHY = {Oversight.DAMAGED: "default", Oversight.INDENTED: "indented", Oversight.SWALLOWED: "swallowed"}
_WORTH_READING = CERTIFICATE_LABELS | PRIVATE_KEY_LABELS | {CRL_LABEL}


@host_check("PGS200")
def server_certificate_missing(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """No file at ssl_cert_file."""
    named = credentials.certificate
    if not isinstance(named, Named) or cluster.conf.ssl is not True or named.opened.presence is not Presence.MISSING:
        return
    message = "literal" if named.name.lower() in ("none", "null") else "default"
    log = could_not_open(cluster, named, NO_START_LINE)
    denied = _denied(cluster, named)
    if denied is not None:
        yield Problem(named.at, denied, "folder" if "folder" in denied else "rights", log=log)
        return
    yield Problem(named.at, {"file": named.name, "reason": reason(named.opened.reason)}, message, log=log)


def _denied(cluster: Cluster, named: Named) -> dict[str, object] | None:
    """Whom a file or a folder on the way to it is closed to, and by what; None where it is not for that."""
    server, view, path = cluster.rights.server_uid, cluster.rights.server_view, named.opened.path
    if named.opened.reason is not Reason.UNREADABLE or server is None or view is None or path is None:
        return None
    folder, facts = view.closed_folder(path), cluster.rights.facts(path)
    told: dict[str, object] = {"user": cluster.rights.name_of(server), "file": named.name}
    if folder is not None:
        return {**told, "folder": folder}
    if facts.uid is None or facts.mode is None:
        return None
    return {**told, "owner": cluster.rights.name_of(facts.uid), "mode": f"{facts.mode & 0o7777:04o}"}


@check("PGS201")
def certificate_not_pem(cluster: Cluster) -> Iterator[Problem]:
    """A file without a PEM certificate."""
    for file in pem_files(cluster):
        if file.named.role != "ssl_cert_file" or file.fault is None or file.fault.kind is not LoadKind.NOTHING:
            continue
        if not is_told_otherwise(cluster, file):
            at = at_file(file.source, secret=holds_key(file))
            yield loading_ends(cluster, file, at, {"file": file.named.name, "what": holding(file.source.data)})


@check("PGS202")
def glued_pem_blocks(cluster: Cluster) -> Iterator[Problem]:
    """An END line and the next BEGIN line on one line."""
    for file in pem_files(cluster):
        block = file.fault.block if file.fault is not None else None
        if block is None or block.fault is not BlockFault.GLUED:
            continue
        source = file.source
        line = source.region(Span(block.span.end, block.span.end)).line
        at = Location(source.path, source, source.line_span(line), secret=holds_key(file))
        fix = None
        if not holds_key(file):
            here = Span(block.span.end, block.span.end)
            fix = Fix("Insert the line break.", (Edit(source.path, source, here, "\n"),), safe=False)
        yield loading_ends(
            cluster, file, at, {"line": line_at(source, block.span.end), "file": file.named.name}, fix=fix
        )


@check("PGS203")
def undecodable_pem_block(cluster: Cluster) -> Iterator[Problem]:
    """A block that cannot be decoded, at which the loading of the file ends; of keys PGS301 tells."""
    for file in pem_files(cluster):
        block = file.fault.block if file.fault is not None and file.fault.kind is LoadKind.BLOCK else None
        if block is None or block.fault is BlockFault.GLUED or file.named.role == "ssl_key_file":
            continue
        at = at_key(file.source, block) if block.label in PRIVATE_KEY_LABELS else at_block(file.source, block)
        yield loading_ends(cluster, file, at, {"ordinal": ordinal(block.index), "file": file.named.name})


@check("PGS204")
def indented_pem(cluster: Cluster) -> Iterator[Problem]:
    """Blanks before the BEGIN line of all blocks of the kind that is sought."""
    for file in pem_files(cluster):
        if file.fault is None or file.fault.kind is not LoadKind.NOTHING:
            continue
        seen = hidden(file)
        if seen is None or seen.why is not Oversight.INDENTED:
            continue
        secret = file.named.role == "ssl_key_file" or may_hold_key(file.source)
        at = Location(file.source.path, file.source, seen.begin, secret=secret)
        fix = None if secret else _unindented(file.source)
        yield loading_ends(cluster, file, at, {"file": file.named.name}, fix=fix)


@check("PGS205")
def ignored_pem_block(cluster: Cluster) -> Iterator[Problem]:
    """After a good block, a line that was meant to begin one and does not."""
    for file in pem_files(cluster):
        if file.fault is not None or file.named.role == "ssl_key_file":
            continue
        blocks = scan(file.source, cluster.target.openssl.is_111)
        good = next((block for block in blocks if block.label in LABELS[file.named.role]), None)
        for item in overlooked(file.source, blocks):
            if good is None or item.begin.start < good.begin.start or item.label not in _WORTH_READING:
                continue
            arguments = {"line": line_at(file.source, item.begin.start), "file": file.named.name}
            at = Location(file.source.path, file.source, item.begin, secret=item.label in PRIVATE_KEY_LABELS)
            problem = Problem(at, arguments, _WHY[item.why], named_by(file.named), entry=file.entry)
            yield without_ssl(cluster, problem)


@check("PGS206")
def pem_byte_order_mark(cluster: Cluster) -> Iterator[Problem]:
    """A byte order mark before the first block."""
    openssl, assumed = cluster.target.openssl, cluster.target.openssl_how is How.ASSUMED
    for file in pem_files(cluster):
        if not after_mark(file.source) or not (openssl.is_111 or assumed):
            continue
        at = Location(file.source.path, file.source, Span(0, 1), secret=holds_key(file))
        fix = Fix("Delete the mark.", (Edit(file.source.path, file.source, Span(0, 1), ""),), safe=False)
        fix_of = None if holds_key(file) else fix
        arguments = {"file": file.named.name}
        if file.fault is not None and file.fault.kind is LoadKind.NOTHING and openssl.is_111:
            yield loading_ends(cluster, file, at, arguments, fix=fix_of)
            continue
        # Behind the mark only the first block is lost: a chain without its leaf, or one CA less.
        problem = Problem(
            at, arguments, "lost", named_by(file.named), effect=Effect.LOCKS_OUT, severity=Severity.WARNING,
            confidence=None if openssl.is_111 else Confidence.MEDIUM, fix=fix_of,
        )  # fmt: skip
        if openssl.is_111 and file.named.role == "ssl_cert_file":
            log = _key_of_the_lost(next(one for one in cluster.tls.credentials if one.number == file.entry))
            if log is not None:
                problem = replace(problem, effect=None, severity=None, log=log, stage=Stage.KEY, entry=file.entry)
        yield without_ssl(cluster, problem)


def _key_of_the_lost(credentials: Credentials) -> LogLine | None:
    """What the server writes where its key is not that of the first certificate it sees; None where it may be."""
    key, private, leaf = credentials.key, credentials.private_key, credentials.leaf
    if not isinstance(key, Named) or private is None or private.spki is None or leaf is None:
        return None
    if credentials.key_fault is not None or credentials.own is leaf or credentials.chain_is_refused:
        return None
    return not_of_leaf(credentials, key, private)


@check("PGS208")
def private_key_in_certificate_file(cluster: Cluster) -> Iterator[Problem]:
    """Private keys where the server does not look at the mode."""
    keys = {
        credentials.key.opened.path for credentials in cluster.tls.credentials if isinstance(credentials.key, Named)
    }
    for file in pem_files(cluster):
        if file.named.role == "ssl_key_file" or file.named.opened.path in keys:
            continue
        for block in scan(file.source):
            if block.label in PRIVATE_KEY_LABELS:
                yield Problem(at_key(file.source, block), {"file": file.named.name}, related=named_by(file.named))
                break


def _unindented(source: Source) -> Fix:
    """The fix that takes the blanks off all lines."""
    edits = []
    for number in range(1, len(source.line_starts) + 1):
        span = source.line_span(number)
        blanks = len(source.text[span.start : span.end]) - len(source.text[span.start : span.end].lstrip(" \t"))
        if blanks:
            edits.append(Edit(source.path, source, Span(span.start, span.start + blanks), ""))
    return Fix("Remove the leading blanks.", tuple(edits), safe=False)
