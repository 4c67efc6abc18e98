"""What ends the loading of a PEM file, and with it the start."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from pgssllint.checks.library.places import named_by
from pgssllint.checks.library.refusals import tls_problem
from pgssllint.checks.library.words import reason
from pgssllint.cluster import Cluster
from pgssllint.cluster.credentials import Credentials
from pgssllint.cluster.setting import Named
from pgssllint.files import Presence, errno_text
from pgssllint.finding import Confidence, Fix, Location, LogLine, Problem
from pgssllint.stages import Stage
from pgssllint.text import BYTE_ORDER_MARK, Source
from pgssllint.tls.dh import left_by
from pgssllint.tls.key import PrivateKey
from pgssllint.tls.keyinfo import are_held_apart
from pgssllint.tls.loading import NO_START_LINE, NOTHING_FOUND, LoadFault, LoadKind, system_reason
from pgssllint.tls.pem import CERTIFICATE_LABELS, CRL_LABEL, PRIVATE_KEY_LABELS, Overlooked, Oversight, overlooked, scan
from pgssllint.tls.server_log import file_not_loaded, key_does_not_match
from pgssllint.ways import Reason

STAGES = {
    "ssl_cert_file": Stage.CERTIFICATE,
    "ssl_key_file": Stage.KEY,
    "ssl_ca_file": Stage.CA,
    "ssl_crl_file": Stage.CRL,
}

LABELS = {
    "ssl_cert_file": CERTIFICATE_LABELS,
    "ssl_key_file": PRIVATE_KEY_LABELS,
    "ssl_ca_file": CERTIFICATE_LABELS,
    "ssl_crl_file": frozenset({CRL_LABEL}),
}


def could_not_open(cluster: Cluster, named: Named, nothing_found: str) -> LogLine:
    """The line that a server logs of a file that OpenSSL cannot open; `nothing_found` is what it says of a folder."""
    why = named.opened.reason
    said = system_reason(errno_text(why), cluster.target.openssl)
    return could_not_load(cluster, named, nothing_found if why is Reason.DIRECTORY else said)


def could_not_load(cluster: Cluster, named: Named, why: str) -> LogLine:
    """The line that a server logs when it cannot load a file."""
    folder = cluster.conf.setting("ssl_crl_dir").value if named.role == "ssl_crl_file" else None
    # Where nothing is found in a file, OpenSSL has taken that for its end and cleared its errors.
    behind_dh = named.role in ("ssl_ca_file", "ssl_crl_file") and why != NO_START_LINE
    return file_not_loaded(named.role, named.name, (_left_by_dh(cluster) if behind_dh else None) or why, folder)


def _left_by_dh(cluster: Cluster) -> str | None:
    """The error that DH parameters have left behind, which is the first that is told of a file that is loaded later."""
    named = cluster.tls.files["ssl_dh_params_file"]
    if not isinstance(named, Named) or named.source is None:
        return None
    return left_by(cluster.tls.reader.dh(named.source), cluster.target.openssl)


class PemFile(NamedTuple):
    """A PEM file of a host, or the list of revocations, with what ends its loading and the number of the entry."""

    named: Named
    source: Source
    fault: LoadFault | None
    entry: int


def pem_files(cluster: Cluster) -> Iterator[PemFile]:
    """The PEM files that are here; one that several hosts have in the same role is that of the first."""
    told: set[tuple[str, str]] = set()
    for credentials in cluster.tls.credentials:
        for named, fault in (
            (credentials.certificate, credentials.chain_fault),
            (credentials.key, credentials.key_fault),
            (credentials.client_ca, credentials.ca_fault),
        ):
            if isinstance(named, Named) and named.source is not None and (named.role, named.source.path) not in told:
                told.add((named.role, named.source.path))
                yield PemFile(named, named.source, fault, credentials.number)
    crl = cluster.tls.revocation.file
    if isinstance(crl, Named) and crl.source is not None:
        yield PemFile(crl, crl.source, cluster.tls.revocation.fault, first_entry(cluster))


def first_entry(cluster: Cluster) -> int:
    """The number of the host with whose files the lists of revocations are loaded first."""
    return cluster.tls.credentials[0].number if cluster.tls.credentials else 0


def loading_ends(
    cluster: Cluster,
    file: PemFile,
    at: Location,
    arguments: Mapping[str, object],
    message: str = "default",
    fix: Fix | None = None,
) -> Problem:
    """A fault of a file that ends its loading, and with it the start."""
    fault = file.fault
    log = could_not_load(cluster, file.named, fault.reason) if fault is not None and fault.reason else None
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
    if named.opened.presence is Presence.MISSING and cluster.conf.ssl is True:
        why = named.opened.reason
        log = could_not_open(cluster, named, NOTHING_FOUND)
        yield Problem(named.at, {"file": named.name, "reason": reason(why)}, "missing", log=log, entry=entry)
    elif fault is not None and fault.kind is LoadKind.NOTHING and named.source is not None:
        file = PemFile(named, named.source, fault, entry)
        if not is_told_otherwise(cluster, file):
            yield loading_ends(cluster, file, named.at, arguments)


def hidden(file: PemFile) -> Overlooked | None:
    """The first line that was meant to begin a block of the kind sought, where no block of it is seen."""
    labels = LABELS[file.named.role]
    return next((item for item in overlooked(file.source, scan(file.source)) if item.label in labels), None)


def after_mark(source: Source) -> bool:
    """Whether a byte order mark stands before the first block, which OpenSSL 1.1.1 then does not see."""
    blocks = scan(source) if source.text.startswith(BYTE_ORDER_MARK) else ()
    return bool(blocks) and blocks[0].after_bom


def is_told_otherwise(cluster: Cluster, file: PemFile) -> bool:
    """Whether a file in which nothing is found is so for a mark or for indentation, of which other rules tell.

    OpenSSL 3 sees what is behind a mark; if nothing is found there, it is not for the mark.
    """
    seen, marked = hidden(file), cluster.target.openssl.is_111 and after_mark(file.source)
    return marked or (seen is not None and seen.why is Oversight.INDENTED)


def holds_key(file: PemFile) -> bool:
    """Whether no text of the file may be shown."""
    return any(block.label in PRIVATE_KEY_LABELS for block in scan(file.source))


def not_of_leaf(credentials: Credentials, key: Named, private: PrivateKey) -> LogLine:
    """What the server logs when the key is not the first certificate's."""
    leaf, first_111 = credentials.leaf, credentials.reader.openssl.is_first_111
    if first_111 and leaf is not None and private.spki is not None and are_held_apart(leaf.spki, private.spki):
        return file_not_loaded(key.role, key.name, "incompatible objects")
    return key_does_not_match(key.name, leaf.key_type if leaf is not None else None, private.key_type)
