"""The commands that mend what no edit of a text does: modes, owners, and a certificate that is to be issued again.

They are told and never run.
"""

import os

from pgssllint.cluster import Cluster
from pgssllint.cluster.credentials import Credentials
from pgssllint.cluster.setting import Named
from pgssllint.files import FileFacts
from pgssllint.tls.certificate import Certificate
from pgssllint.traced import Virtual

Command = tuple[str, ...]
"""A program and its arguments, each as the program is to get it."""


def key_for_server(cluster: Cluster, facts: FileFacts) -> tuple[Command, ...]:
    """What makes a key one that the server's user may read and nobody else: 0600, and 0640 for one of root's."""
    server = cluster.rights.server_uid
    if not cluster.deployment.deployed or facts.uid is None or server is None:
        return (("chmod", "0600", facts.path),)
    if facts.uid == 0 != server:
        return (("chmod", "0640", facts.path),)
    return (*_owned(facts, server), ("chmod", "0600", facts.path))


def folder_for_server(facts: FileFacts, server: int | None) -> tuple[Command, ...]:
    """What makes a data directory the server's own."""
    return (*_owned(facts, server), ("chmod", "0700", facts.path))


def _owned(facts: FileFacts, server: int | None) -> tuple[Command, ...]:
    return (("chown", str(server), facts.path),) if server not in (None, facts.uid) else ()


def new_request(credentials: Credentials, certificate: Certificate) -> tuple[Command, ...]:
    """What asks a CA for a new certificate with the names of the server's own one (openssl-x509 of OpenSSL 3); nothing
    for another one, or where its key is not in view.
    """
    named, key = credentials.certificate, credentials.key
    if not isinstance(named, Named) or not isinstance(key, Named) or named.source is None or key.source is None:
        return ()
    if certificate is not credentials.leaf or credentials.own is not certificate:
        return ()
    if isinstance(named.source, Virtual) or isinstance(key.source, Virtual):
        return ()
    request = f"{os.path.splitext(named.source.path)[0]}.csr"
    files = ("-in", named.source.path, "-signkey", key.source.path, "-out", request)
    return (("openssl", "x509", "-x509toreq", "-copy_extensions", "copy", *files),)
