"""What a starting server writes of things that do not stop it: the first line of a start that fails later on."""

from collections.abc import Iterator
from typing import NamedTuple

from pgssllint.cluster import Cluster
from pgssllint.cluster.server_folder import server_folder, why_not_written
from pgssllint.files import errno_text
from pgssllint.finding import LogLine
from pgssllint.postgres import data_files, hba, ident, libraries, sockets, start_log
from pgssllint.postgres.numbers import parse_integer
from pgssllint.stages import Stage
from pgssllint.unknown import Malformed
from pgssllint.ways import Reason


class Warned(NamedTuple):
    """A line at LOG or WARNING, and the step that it belongs to; `first`: before anything that ends this step."""

    stage: Stage
    log: LogLine
    first: bool = False


def warnings_of(cluster: Cluster) -> Iterator[Warned]:
    """The lines of a server that starts, in its order."""
    value = cluster.conf.value
    if _number(cluster, "max_worker_processes") == 0 and _number(cluster, "max_logical_replication_workers"):
        yield Warned(Stage.LIBRARIES, start_log.no_room_for_workers(), first=True)
    preloaded = value(libraries.SETTING)
    if preloaded is not None and libraries.is_malformed(preloaded):
        yield Warned(Stage.LIBRARIES, libraries.malformed_log(libraries.SETTING))
    port = _number(cluster, "port")
    if port is not None:
        yield from _of_sockets(cluster, port)
    if cluster.conf.setting("autovacuum").on and cluster.conf.setting("track_counts").on is False:
        yield Warned(Stage.SOCKETS, start_log.no_autovacuum())
    yield from (Warned(Stage.TABLESPACES, line, first=True) for line in _of_external_file(cluster))
    yield from (Warned(Stage.TABLESPACES, line) for line in _of_temporary_files(cluster))
    if cluster.auth.hba is not None:
        yield from (Warned(Stage.HBA, line) for line in hba.complaints(cluster.auth.hba))
    unopened = cluster.auth.maps_not_opened
    if unopened is not None:
        yield Warned(Stage.IDENT, unopened)
    if cluster.auth.ident is not None:
        yield from (Warned(Stage.IDENT, line) for line in ident.complaints(cluster.auth.ident))


def _number(cluster: Cluster, name: str) -> int | None:
    number = parse_integer(cluster.conf.value(name) or "", "", cluster.major)
    return number if isinstance(number, int) else None


def _of_external_file(cluster: Cluster) -> Iterator[LogLine]:
    """Of the file that other programs find the server's process by, and that it cannot write, or make readable."""
    setting, view = cluster.conf.setting("external_pid_file"), cluster.rights.server_view
    name = setting.value
    if name is None or setting.entry is None or not cluster.deployment.deployed:
        return
    path = cluster.conf.local(name)
    reason = why_not_written(cluster, path) if name else Reason.ABSENT
    facts = cluster.rights.facts(path)
    if reason is not None:
        yield start_log.external_file_not_written(name, errno_text(reason))
    elif view is not None and facts.uid is not None and facts.uid != view.user.uid:
        yield start_log.external_file_of_another(name)


def _of_temporary_files(cluster: Cluster) -> Iterator[LogLine]:
    """Of folders that the server seeks old temporary files in, and does without."""
    folder = server_folder(cluster)
    if folder is None or folder.is_shut or cluster.target.upgraded:
        return
    tablespaces = (data_files.TABLESPACES,) if cluster.major > data_files.TABLESPACES_UNTIL else ()
    for name in (data_files.TEMPORARY_FILES, data_files.BASE, *tablespaces):
        reason = folder.closed(name)
        if reason is not None and not (name == data_files.TEMPORARY_FILES and reason is Reason.ABSENT):
            yield start_log.folder_passed_over(name, errno_text(reason), cluster.major)


def _of_sockets(cluster: Cluster, port: int) -> Iterator[Warned]:
    """Of addresses that no resolver knows, and of paths that are too long."""
    addresses = sockets.addresses(cluster.conf.value("listen_addresses") or "")
    folders = sockets.socket_folders(cluster.conf.value("unix_socket_directories") or "")
    for address in () if isinstance(addresses, Malformed) else addresses:
        if address.good is False:
            yield Warned(Stage.SOCKETS, sockets.unresolved_log(address.name, port), first=True)
    for folder in () if isinstance(folders, Malformed) else folders:
        if sockets.is_too_long(folder, port):
            yield Warned(Stage.SOCKETS, sockets.too_long_log(folder, port))
