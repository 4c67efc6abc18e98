"""The passphrase of the private key, and the command that gives it."""

from collections.abc import Iterator
from dataclasses import replace

from pgssllint.checks.library.places import at_key, labelled
from pgssllint.checks.library.refusals import tls_problem
from pgssllint.cluster import Cluster
from pgssllint.cluster.credentials import Command, Credentials
from pgssllint.cluster.setting import Named
from pgssllint.finding import Location, Problem
from pgssllint.postgres.passphrase import placeholder_log
from pgssllint.quoting import Place, Quote
from pgssllint.stages import Reload
from pgssllint.text import Span
from pgssllint.tls.key import PrivateKey

PASSPHRASE_COMMAND = "ssl_passphrase_command"


def unknown_placeholders(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """The problem of a placeholder that the server does not know, in a command that it runs."""
    command, key = credentials.command, encrypted_key(credentials)
    if (
        not isinstance(command, Command)
        or key is None
        or not isinstance(credentials.key, Named)
        or command.passphrase.placeholder is None
    ):
        return
    at = _within(command, command.passphrase.at, len(command.passphrase.placeholder))
    source = credentials.key.source
    places = (at_key(source, key.block, "the key is encrypted"),) if source is not None else ()
    arguments = {
        "placeholder": Quote(command.passphrase.placeholder, Place.COMMAND),
        "setting": PASSPHRASE_COMMAND,
        "target": cluster.major,
    }
    problem = tls_problem(cluster, at, arguments, related=places, log=placeholder_log(command.passphrase))
    ends = command.reloads and problem.effect is None and _gets_to_key(credentials)
    yield replace(problem, reload=Reload.ENDS) if ends else problem


def _gets_to_key(credentials: Credentials) -> bool:
    """Whether the certificate is there and loaded, which a reload looks at first."""
    certificate = credentials.certificate
    return isinstance(certificate, Named) and certificate.source is not None and not credentials.chain_is_refused


def encrypted_key(credentials: Credentials) -> PrivateKey | None:
    """The key that is read, if it is encrypted and the server gets as far as reading it."""
    key = credentials.private_key
    return key if key is not None and key.encrypted and credentials.key_fault is None else None


def _within(command: Command, offset: int, length: int) -> Location:
    """A part of a command in its file; the whole of it where quotes or escapes shift it."""
    source, span = command.at.source, command.at.span
    if source is None or span is None:
        return command.at
    raw = source.text[span.start : span.end]
    start = raw.find(command.passphrase.text)
    if start < 0:
        return command.at
    begin = span.start + start + offset
    return labelled(Location(command.at.path, source, Span(begin, begin + length)), "")
