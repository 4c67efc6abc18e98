"""PGS042 and PGS050 to PGS053: which of several values counts, and what a value starts from."""

import re
from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.checks.library.fixes import deleting
from pgssllint.checks.library.places import labelled
from pgssllint.checks.library.words import file_of, line_of
from pgssllint.cluster import Cluster
from pgssllint.finding import Location, Problem, Severity
from pgssllint.postgres.entries import Entry
from pgssllint.postgres.parameters import canonical, find, folded
from pgssllint.postgres.settings import same_value
from pgssllint.postgres.values import ValueKind, check_value

_PROTECTING = re.compile(
    r"ssl|(?:ssl|password|scram|md5|krb|gss|oauth)_\w+|(?:hba|ident|hosts)_file|authentication_timeout"
    r"|db_user_namespace|listen_addresses|unix_socket_(?:directories|group|permissions)"
)
"""The parameters of TLS and authentication, on whatever major: who can connect, how, and what it proves."""

_FILES = ("hba_file", "ident_file", "hosts_file")
_ABSOLUTE = re.compile(r"/|[A-Za-z]:[\\/]|\\")


@check("PGS042")
def masked_invalid_value(cluster: Cluster) -> Iterator[Problem]:
    """Values that the server would refuse, if it ever looked at them."""
    templates = {at.path for at in cluster.conf.entries.templates}
    for loser, winner in cluster.conf.settings.unread():
        parameter = None if loser.source.path in templates else find(loser.name, cluster.major)
        fault = check_value(parameter, loser.value, cluster.major) if parameter is not None else None
        if fault is not None and fault.kind is not ValueKind.READ_ONLY:
            arguments = {"value": loser.quote, "name": loser.spelling}
            related = (_winning(winner), *loser.chain)
            yield Problem(loser.at, arguments, related=related, fix=deleting(loser, safe=True))


@check("PGS050")
def overridden_setting(cluster: Cluster) -> Iterator[Problem]:
    """Values of TLS and authentication that a later line of the files replaces.

    A file brought in after the line is how settings are laid over one another: there it is a note.
    """
    for loser, winner in _losers(cluster):
        if not _protects(loser, cluster.major) or same_value(loser, winner, cluster.major):
            continue
        above = {loser.source.path, *(at.path for at in loser.chain)}
        arguments = {
            "value": loser.quote, "name": loser.spelling, "other": winner.quote,
            "line": line_of(winner), "file": file_of(winner),
        }  # fmt: skip
        yield Problem(
            loser.at, arguments, related=(_winning(winner), *loser.chain), fix=deleting(loser),
            severity=None if winner.source.path in above else Severity.NOTE,
        )  # fmt: skip


@check("PGS051")
def repeated_setting(cluster: Cluster) -> Iterator[Problem]:
    """Parameters that are set to the same value again, or under an old name and a new one."""
    for loser, winner in _losers(cluster):
        alias = folded(loser.name) != folded(winner.name)
        known = find(loser.name, cluster.major) is not None
        if known and (alias or same_value(loser, winner, cluster.major)) and not (loser.unknown or winner.unknown):
            arguments = {"name": canonical(loser.name, cluster.major)}
            yield Problem(loser.at, arguments, related=(_winning(winner), *loser.chain), fix=deleting(loser, safe=True))


@check("PGS052")
def auto_conf_override(cluster: Cluster) -> Iterator[Problem]:
    """Values of TLS and authentication that ALTER SYSTEM has replaced."""
    last = {canonical(entry.name, cluster.major): entry for entry in cluster.conf.entries.all if entry.origin == "file"}
    auto = {canonical(entry.name, cluster.major): entry for entry in cluster.conf.entries.all if entry.origin == "auto"}
    for name, winner in auto.items():
        loser = last.get(name)
        if loser is not None and _protects(loser, cluster.major) and not same_value(loser, winner, cluster.major):
            arguments = {"value": loser.quote, "name": loser.spelling, "other": winner.quote}
            yield Problem(loser.at, arguments, related=(_winning(winner), *loser.chain))


@check("PGS053")
def relative_hba_path(cluster: Cluster) -> Iterator[Problem]:
    """Paths that start from wherever the server is started. For an empty hba_file PGS060 speaks."""
    for name in _FILES if cluster.deployment.main is not None else ():
        entry = cluster.conf.settings.effective(name)
        if entry is None or entry.unknown or _ABSOLUTE.match(entry.value) or find(name, cluster.major) is None:
            continue
        if entry.value or name != "hba_file":
            message = "default" if entry.value else "empty"
            yield Problem(entry.at, {"value": entry.quote, "name": name}, message, entry.chain)


def _losers(cluster: Cluster) -> Iterator[tuple[Entry, Entry]]:
    """The settings that lose against a later one; of a template only one of the two may ever be written."""
    templates = {at.path for at in cluster.conf.entries.templates}
    for loser, winner in cluster.conf.settings.losers("file"):
        if loser.source.path not in templates and winner.source.path not in templates:
            yield loser, winner


def _protects(entry: Entry, major: int) -> bool:
    return _PROTECTING.fullmatch(canonical(entry.name, major)) is not None


def _winning(entry: Entry) -> Location:
    return labelled(entry.at, "this line counts")
