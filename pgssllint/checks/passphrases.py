"""PGS150 to PGS159 and PGS320 to PGS329: the passphrase of the private key, and the command that gives it."""

from collections.abc import Iterator

from pgssllint.checks import host_check
from pgssllint.checks.places import at_key, labelled, named_by, tls_problem, without_ssl
from pgssllint.cluster import Cluster
from pgssllint.credentials import Command, Credentials
from pgssllint.finding import Location, Problem
from pgssllint.postgres.passphrase import Outcome, failure_log, placeholder_log
from pgssllint.text import Source, Span
from pgssllint.tls.decryption import opens
from pgssllint.tls.key import PrivateKey
from pgssllint.tls.server_log import file_not_loaded

_PARAMETER = "ssl_passphrase_command"


@host_check("PGS150")
def passphrase_in_configuration(_: Cluster, host: Credentials) -> Iterator[Problem]:
    """A command that prints what is written in it."""
    command = host.command
    if command is not None and command.passphrase.is_constant:
        message = "default" if host.entry is None else "entry"
        yield Problem(command.at, {"setting": _PARAMETER}, message)


@host_check("PGS151")
def unknown_passphrase_placeholder(cluster: Cluster, host: Credentials) -> Iterator[Problem]:
    """A placeholder that the server does not know, in a command that it runs."""
    command, key = host.command, _encrypted(host)
    if command is None or key is None or host.key is None or command.passphrase.placeholder is None:
        return
    at = _within(command, command.passphrase.at, len(command.passphrase.placeholder))
    source = host.key.source
    places = (at_key(source, key.block, "the key is encrypted"),) if source is not None else ()
    arguments = {"placeholder": command.passphrase.placeholder, "setting": _PARAMETER, "target": cluster.major}
    yield tls_problem(cluster, at, arguments, related=places, log=placeholder_log(command.passphrase))


@host_check("PGS320")
def encrypted_key_without_command(cluster: Cluster, host: Credentials) -> Iterator[Problem]:
    """An encrypted key and nothing that gives the passphrase."""
    key, named = _encrypted(host), host.key
    if key is None or named is None or named.source is None or host.command is not None or not host.command_known:
        return
    held = at_key(named.source, key.block, "the key is encrypted")
    at, places = (named.at, (held,)) if named.explicit else (held, ())
    log = file_not_loaded(named.role, named.name, "processing error")
    yield tls_problem(cluster, at, {"file": named.name, "setting": _PARAMETER}, related=places, log=log)


@host_check("PGS322")
def passphrase_reload_off(cluster: Cluster, host: Credentials) -> Iterator[Problem]:
    """A command that is not run at a reload, so that the old TLS setup stays in force."""
    command, key, named = host.command, _encrypted(host), host.key
    if command is None or key is None or named is None or named.source is None or command.reloads is not False:
        return
    places = (at_key(named.source, key.block, "the key is encrypted"),)
    message = "default" if host.entry is None else "entry"
    at = command.reload_at or command.at
    yield without_ssl(cluster, Problem(at, {"setting": f"{_PARAMETER}_supports_reload"}, message, places))


@host_check("PGS323")
def unused_passphrase_command(_: Cluster, host: Credentials) -> Iterator[Problem]:
    """A command for a key that is not encrypted."""
    command, key, named = host.command, host.private_key, host.key
    if command is None or key is None or named is None or named.source is None or key.encrypted:
        return
    if key.fault is None:
        places = (at_key(named.source, key.block, "the key is not encrypted"),)
        yield Problem(command.at, {"setting": _PARAMETER, "file": named.name}, related=places)


@host_check("PGS324")
def wrong_passphrase(cluster: Cluster, host: Credentials) -> Iterator[Problem]:
    """A command that certainly fails, or prints a passphrase that does not open the key."""
    command, key, named = host.command, _encrypted(host), host.key
    if command is None or key is None or named is None or named.source is None:
        return
    passphrase = command.passphrase
    if passphrase.placeholder is not None:
        return
    arguments = {"setting": _PARAMETER, "file": named.name}
    places = (at_key(named.source, key.block, "the key is encrypted"), *named_by(named))
    if passphrase.outcome is Outcome.FAILS:
        yield tls_problem(cluster, command.at, arguments, related=places, log=failure_log(passphrase))
    elif passphrase.outcome is Outcome.LITERAL and _does_not_open(named.source, key, passphrase.literal or ""):
        log = file_not_loaded(named.role, named.name, "bad decrypt")
        yield tls_problem(cluster, command.at, arguments, "wrong", related=places, log=log)


def _does_not_open(source: Source, key: PrivateKey, passphrase: str) -> bool:
    """Whether a passphrase certainly does not decrypt a key."""
    block = source.text[key.block.span.start : key.block.span.end]
    return opens(block.encode("ascii", "replace"), passphrase.encode("utf-8", "surrogateescape")) is False


def _encrypted(host: Credentials) -> PrivateKey | None:
    """The key that is read, if it is encrypted and the server gets as far as reading it."""
    key = host.private_key
    return key if key is not None and key.encrypted and host.key_fault is None else None


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
