"""PGS150 to PGS159 and PGS320 to PGS329: the passphrase of the private key, and the command that gives it."""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from pgssllint.checks import host_check
from pgssllint.checks.library.passphrase_commands import PASSPHRASE_COMMAND, encrypted_key, unknown_placeholders
from pgssllint.checks.library.places import at_key, named_by
from pgssllint.checks.library.refusals import tls_problem, without_ssl
from pgssllint.cluster import Cluster
from pgssllint.cluster.credentials import Command, Credentials
from pgssllint.cluster.programs import is_here
from pgssllint.cluster.setting import Named
from pgssllint.configuration.keys import WINDOWS
from pgssllint.finding import Confidence, Effect, Location, Problem, Severity
from pgssllint.postgres.passphrase import NO_PROGRAM, Outcome, Passphrase, failure_log
from pgssllint.quoting import ours
from pgssllint.stages import Reload
from pgssllint.target import BEHAVIOURS, OpenSSL
from pgssllint.tls.key import lacks_provider
from pgssllint.tls.loading import UNSUPPORTED, no_key_by_passphrase
from pgssllint.tls.server_log import file_not_loaded
from pgssllint.unknown import NotSet
from pgssllint.ways import Reason

_MADE_AT_BOOT = ("/run/", "/var/run/")
_NAME = re.compile(r"[A-Za-z0-9_./](?:[A-Za-z0-9_./-]|%(?!p))*")
"""A file that `cat` is given, and no option or placeholder."""


@host_check("PGS150")
def passphrase_in_configuration(_: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A command that prints what is written in it."""
    command = credentials.command
    if isinstance(command, Command) and command.passphrase.is_constant:
        message = "default" if credentials.entry is None else "entry"
        yield Problem(command.at, {"setting": PASSPHRASE_COMMAND}, message)


@host_check("PGS151")
def unknown_passphrase_placeholder(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A placeholder that the server does not know, in a command that it runs."""
    yield from unknown_placeholders(cluster, credentials)


@host_check("PGS320")
def encrypted_key_without_command(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """An encrypted key and nothing that gives the passphrase."""
    asking = _asking(credentials)
    if asking is not None:
        at, places, named = asking
        log = file_not_loaded(named.role, named.name, "processing error")
        yield tls_problem(cluster, at, {"file": named.name, "setting": PASSPHRASE_COMMAND}, related=places, log=log)


@host_check("PGS321")
def encrypted_key_on_windows(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """The same on Windows, where there is no terminal to ask on."""
    asking = _asking(credentials) if cluster.deployment.declared[WINDOWS] else None
    if asking is not None:
        at, places, named = asking
        problem = tls_problem(cluster, at, {"file": named.name}, related=places)
        # Each process that serves a client loads the files anew, at whatever time: a reload changes nothing.
        yield replace(problem, reload=Reload.GOES_ON) if cluster.conf.ssl is not False else problem


class _Asking(NamedTuple):
    """A key for which the server has to ask for the passphrase: where to point, and what else to show."""

    at: Location
    places: tuple[Location, ...]
    named: Named


def _asking(credentials: Credentials) -> _Asking | None:
    file, named = credentials.key_file, credentials.key
    key = file.asked if file is not None and credentials.key_fault is None else None
    if (
        key is None
        or not isinstance(named, Named)
        or named.source is None
        or not isinstance(credentials.command, NotSet)
    ):
        return None
    held = at_key(named.source, key.block, "the key is encrypted")
    return _Asking(named.at, (held,), named) if named.explicit else _Asking(held, (), named)


@host_check("PGS322")
def passphrase_reload_off(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A command that is not run at a reload, so that the old TLS setup stays in force."""
    command, key, named = credentials.command, encrypted_key(credentials), credentials.key
    if (
        not isinstance(command, Command)
        or key is None
        or not isinstance(named, Named)
        or named.source is None
        or command.reloads is not False
    ):
        return
    places = (at_key(named.source, key.block, "the key is encrypted"),)
    message = "default" if credentials.entry is None else "entry"
    at = command.reload_at or command.at
    arguments = {"setting": f"{PASSPHRASE_COMMAND}_supports_reload"}
    if cluster.deployment.declared[WINDOWS] and credentials.entry is None:
        problem = Problem(
            at, arguments, "windows", places, Effect.LOCKS_OUT, Severity.ERROR, confidence=Confidence.MEDIUM
        )
        yield without_ssl(cluster, problem)
        return
    reload = Reload.KEEPS_TLS if cluster.conf.ssl else None
    yield without_ssl(cluster, Problem(at, arguments, message, places, reload=reload))


@host_check("PGS323")
def unused_passphrase_command(_: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A command for a key that is not encrypted."""
    command, key, named = credentials.command, credentials.private_key, credentials.key
    if (
        not isinstance(command, Command)
        or key is None
        or not isinstance(named, Named)
        or named.source is None
        or key.encrypted
    ):
        return
    if key.fault is None:
        places = (at_key(named.source, key.block, "the key is not encrypted"),)
        yield Problem(command.at, {"setting": PASSPHRASE_COMMAND, "file": named.name}, related=places)


@host_check("PGS324")
def wrong_passphrase(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A command that certainly fails, or prints a passphrase that does not open the key."""
    command, key, named = credentials.command, encrypted_key(credentials), credentials.key
    if not isinstance(command, Command) or key is None or not isinstance(named, Named) or named.source is None:
        return
    passphrase = command.passphrase
    if passphrase.placeholder is not None:
        return
    arguments = {"setting": PASSPHRASE_COMMAND, "file": named.name}
    places = (at_key(named.source, key.block, "the key is encrypted"), *named_by(named))
    status = _status(cluster, passphrase)
    if status is not None:
        problem = tls_problem(cluster, command.at, arguments, related=places, log=failure_log(passphrase, status))
        # What lies there is made anew when the machine starts.
        unsure = any(word.startswith(_MADE_AT_BOOT) for word in passphrase.words)
        yield replace(problem, confidence=Confidence.MEDIUM) if unsure else problem
    elif passphrase.outcome is Outcome.LITERAL and not lacks_provider(key, credentials.reader.openssl):
        tried = credentials.reader.tried(named.source, key.block, passphrase.literal or "")
        if tried.opens is not False:
            return
        log = file_not_loaded(named.role, named.name, no_key_by_passphrase(key, tried, credentials.reader.openssl))
        yield tls_problem(cluster, command.at, arguments, "wrong", related=places, log=log)


def _status(cluster: Cluster, passphrase: Passphrase) -> int | None:
    """The exit status with which the command certainly fails on this server, or None."""
    if passphrase.outcome is Outcome.FAILS:
        return passphrase.status
    if not passphrase.words or not cluster.deployment.deployed:
        return None
    program, *files = passphrase.words
    if is_here(cluster.deployment, program) is False:
        return NO_PROGRAM
    if os.path.basename(program) != "cat" or not all(_NAME.fullmatch(file) for file in files):
        return None
    looked_at = (cluster.deployment.files.look(cluster.conf.local(file)) for file in files)
    return 1 if any(facts.reason is Reason.ABSENT for facts in looked_at) else None


@host_check("PGS325")
def unsupported_encryption(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A cipher that OpenSSL 3 has in its legacy provider only, whatever the passphrase."""
    command, key, named = credentials.command, encrypted_key(credentials), credentials.key
    openssl = credentials.reader.openssl
    if key is None or not isinstance(named, Named) or named.source is None or not lacks_provider(key, openssl):
        return
    # Where nothing gives a passphrase, or the command fails, the server does not get as far.
    if isinstance(command, NotSet) or (isinstance(command, Command) and _ends_before(cluster, command)):
        return
    at = at_key(named.source, key.block, "")
    log = file_not_loaded(named.role, named.name, UNSUPPORTED)
    arguments = {"file": named.name, "cipher": ours(key.cipher), "series": openssl.series}
    problem = tls_problem(cluster, at, arguments, related=named_by(named), log=log)
    taking = tuple(series for series in BEHAVIOURS if not lacks_provider(key, OpenSSL.parse(series)))
    yield replace(problem, openssl_accepting=taking)


def _ends_before(cluster: Cluster, command: Command) -> bool:
    """Whether the command itself ends the start."""
    return command.passphrase.placeholder is not None or _status(cluster, command.passphrase) is not None
