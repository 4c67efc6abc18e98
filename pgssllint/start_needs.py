"""What a start of a cluster takes that its files cannot show: of the machine, folders, libraries, an archive."""

import os
from collections.abc import Iterator

from pgssllint.cluster import Cluster
from pgssllint.cluster.credentials import Command, Credentials
from pgssllint.cluster.programs import is_here
from pgssllint.cluster.setting import Named
from pgssllint.postgres import data_files, libraries, sockets
from pgssllint.postgres.needs import ZONES, Need, logs_to_files, needs, zone_needs
from pgssllint.postgres.numbers import parse_integer
from pgssllint.postgres.parameters import canonical, find, folded
from pgssllint.postgres.passphrase import Outcome
from pgssllint.postgres.recovery import COPIED_FROM_PRIMARY, SETTINGS_FROM, TARGETS, program_of
from pgssllint.postgres.values import ValueKind
from pgssllint.quoting import a_file, ours, say
from pgssllint.stages import Stage
from pgssllint.tls.ciphers import SYSTEM_LIST, UnreadList
from pgssllint.unknown import Malformed
from pgssllint.ways import NOT_READ


def needs_of(cluster: Cluster) -> Iterator[Need]:
    """What a start of the cluster takes beside the files that were read, in no order."""
    site = cluster.deployment.site
    if site is not None and site.image.is_assumed:
        yield Need(False, say("an image that does as it is taken to"))
    yield from _recovery_needs(cluster)
    if cluster.deployment.deployed:
        yield from _deployed(cluster)
    if not cluster.deployment.deployed:
        yield from _paths(cluster)
    if cluster.conf.ssl and cluster.tls.ciphers is UnreadList.OF_SYSTEM:
        yield Need(False, say("Red Hat's OpenSSL, for '{}' in 'ssl_ciphers'", ours(SYSTEM_LIST)), Stage.CIPHERS)
    if cluster.conf.ssl:
        yield from (need for credentials in cluster.tls.credentials for need in _passphrase(cluster, credentials))
    yield from needs(cluster.conf.value, cluster.major)
    yield from _superseded_zones(cluster)


def _deployed(cluster: Cluster) -> Iterator[Need]:
    """Who starts the server, and where and how, as far as that decides; and what the linter could not look at."""
    if cluster.rights.server_view is None:
        yield Need(False, say("the user that the server runs as, who is never root"), Stage.DATA_DIRECTORY)
    named = cluster.conf.setting("data_directory")
    if named.entry is not None and named.value is not None and not named.value.startswith("/"):
        yield Need(False, say("the folder that the server is started in, where its data directory is sought"))
    yield from (Need(False, launch.doubt) for launch in cluster.deployment.launches if launch.doubt is not None)
    folder = cluster.deployment.data_directory
    if folder is not None and not cluster.target.upgraded:
        for name, stage in data_files.STAGES.items():
            if cluster.rights.facts(os.path.join(folder, name)).reason in NOT_READ:
                yield Need(False, say("'{}', which could not be looked at", ours(name)), stage)
        if cluster.rights.facts(os.path.join(folder, data_files.LOCK_FILE)).kind == "file":
            yield Need(True, say("that the server of '{}' has ended", ours(data_files.LOCK_FILE)), Stage.LOCK_FILE)


def _superseded_zones(cluster: Cluster) -> Iterator[Need]:
    """The zones of lines that lose against one in another spelling: the server looks at the last of each."""
    canonical_names = {canonical(name, cluster.major): name for name in ZONES}
    for entry in cluster.conf.settings.last_of_each_spelling():
        name = canonical_names.get(canonical(entry.name, cluster.major))
        if name is not None and not entry.unknown:
            yield from zone_needs(name, entry.value)


def _passphrase(cluster: Cluster, credentials: Credentials) -> Iterator[Need]:
    """That the command for an encrypted key does what only running it would tell."""
    command, key = credentials.command, credentials.private_key
    if not isinstance(command, Command) or key is None or not key.encrypted:
        return
    words, deployed = command.passphrase.words, cluster.deployment.deployed
    if command.passphrase.outcome is Outcome.UNKNOWN:
        if deployed and words and is_here(cluster.deployment, words[0]) is not True:
            yield Need(False, say("that 'ssl_passphrase_command' can be run"), Stage.KEY)
        else:
            yield Need(True, say("that 'ssl_passphrase_command' gives the passphrase"), Stage.KEY)
    tried, named = credentials.opened_key, credentials.key
    if tried is not None and tried.opens is None and isinstance(named, Named):
        yield Need(False, say("that its passphrase opens '{}'", a_file(named.name)), Stage.KEY)


def _paths(cluster: Cluster) -> Iterator[Need]:
    """Folders and libraries that sources name by paths, which are on the server."""
    value = cluster.conf.value
    for name in libraries.listed(value("shared_preload_libraries") or ""):
        if libraries.origin(name, cluster.major) is libraries.Origin.PATH:
            yield Need(False, say("the library '{}'", a_file(name)), Stage.LIBRARIES)
    folders = sockets.socket_folders(value("unix_socket_directories") or "")
    named = () if isinstance(folders, Malformed) else folders
    logs = value("log_directory") if logs_to_files(value) else None
    for setting, folder in (*(("unix_socket_directories", one) for one in named), ("log_directory", logs)):
        abstract = folder is not None and sockets.is_abstract(folder, cluster.major)
        if folder and not abstract and cluster.conf.setting(setting).entry is not None:
            yield Need(True, say("the folder '{}'", a_file(folder)))


def _recovery_needs(cluster: Cluster) -> Iterator[Need]:
    """What a server that is to recover needs of its archive, and of where the WAL was written."""
    recovery = cluster.recovery
    if recovery.wanted is None:
        return
    command = recovery.value("restore_command")
    if command:
        program = program_of(command)
        if program is None or is_here(cluster.deployment, program) is not True:
            yield Need(False, say("that 'restore_command' can be run"), Stage.RECOVERY)
    if not recovery.is_standby and any(recovery.value(name) for name in TARGETS):
        yield Need(False, say("that the archive reaches as far as recovery is to go"), Stage.RECOVERY)
    if (recovery.value("recovery_target_timeline") or "latest").isdecimal():
        yield Need(False, say("the timeline to recover"), Stage.RECOVERY)
    if cluster.conf.setting("hot_standby").on is not False and _is_lowered(cluster):
        yield Need(False, say("that settings are as large as where the WAL was written"), Stage.RECOVERY)
    if cluster.major < SETTINGS_FROM and recovery.commands is None:
        yield Need(False, say("what 'recovery.conf' says"), Stage.RECOVERY)


def _is_lowered(cluster: Cluster) -> bool:
    """Whether a setting that recovery compares with the WAL is less than its default, or the WAL is minimal."""
    for name in COPIED_FROM_PRIMARY:
        setting, parameter = cluster.conf.setting(name), find(name, cluster.major)
        if setting.entry is None or parameter is None or setting.value is None:
            continue
        number, usual = (parse_integer(text, "", cluster.major) for text in (setting.value, parameter.boot))
        if isinstance(number, ValueKind) or isinstance(usual, ValueKind) or number < usual:
            return True
    return folded(cluster.conf.value("wal_level") or "") == "minimal"
