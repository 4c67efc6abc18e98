"""PGS400 to PGS409: the certificates that client certificates are checked against."""

from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.checks.places import reason, tls_problem
from pgssllint.cluster import Cluster
from pgssllint.files import Presence, Reason, errno_text
from pgssllint.finding import Problem
from pgssllint.tls.chain import Bundle
from pgssllint.tls.pem import CERTIFICATE_LABELS, CRL_LABEL

_CA_LABELS = frozenset({"CERTIFICATE", "X509 CERTIFICATE"})
"""What counts in ssl_ca_file; a TRUSTED CERTIFICATE there does not."""

_NOTHING_FOUND = "no certificate or crl found"


@check("PGS400")
def unusable_client_ca_file(cluster: Cluster) -> Iterator[Problem]:
    """A file that is not there, or holds no CA certificate."""
    named, bundle = cluster.client_ca, cluster.ca_bundle
    if named is None:
        return
    could_not = f'FATAL:  could not load root certificate file "{named.name}": '
    if named.opened.presence is Presence.MISSING and cluster.ssl is True:
        why = named.opened.reason
        arguments = {"file": named.name, "reason": reason(why)}
        words = _NOTHING_FOUND if why is Reason.DIRECTORY else errno_text(why)
        yield Problem(named.at, arguments, "missing", log=could_not + words)
    elif bundle is not None and not any(block.label in _CA_LABELS for block in bundle.blocks):
        # A list or a trusted certificate is enough for the trust store, but not for the names sent to clients.
        log = could_not + ("no start line" if _holds_others(bundle) else _NOTHING_FOUND)
        yield tls_problem(cluster, named.at, {"file": named.name}, log=log)


def _holds_others(bundle: Bundle) -> bool:
    """Whether the file holds a revocation list or a trusted certificate."""
    return any(block.label == CRL_LABEL or block.label in CERTIFICATE_LABELS for block in bundle.blocks)
