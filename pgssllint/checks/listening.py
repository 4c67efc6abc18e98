"""PGS044: addresses and sockets that a starting server cannot listen on."""

from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.checks.library.places import labelled
from pgssllint.cluster import Cluster
from pgssllint.cluster.setting import Setting
from pgssllint.files import errno_text
from pgssllint.finding import LogLine, Problem
from pgssllint.postgres import sockets
from pgssllint.postgres.numbers import parse_integer
from pgssllint.quoting import Place, Quote, setting_value
from pgssllint.unknown import Malformed
from pgssllint.ways import Reason

_MADE_AT_START = ("/var/run/postgresql", "/run/postgresql")
"""Folders that what starts a server makes anew."""


@check("PGS044")
def unusable_socket(cluster: Cluster) -> Iterator[Problem]:
    """What the server comes upon first, and ends at: addresses, sockets, or that there are none of either."""
    yield from (*_addresses(cluster), *_sockets(cluster), *_nothing(cluster))[:1]


def _addresses(cluster: Cluster) -> Iterator[Problem]:
    setting = cluster.conf.setting("listen_addresses")
    if setting.value is None or setting.entry is None:
        return
    listed = sockets.addresses(setting.value)
    if isinstance(listed, Malformed):
        yield _malformed(setting)
    elif listed and all(address.good is False for address in listed):
        port = _port(cluster)
        log = sockets.unresolved_log(listed[0].name, port) if port is not None else None
        yield Problem(
            setting.entry.at,
            {"address": Quote(listed[0].name, Place.ADDRESSES)},
            "address",
            setting.entry.chain,
            log=log,
        )


def _sockets(cluster: Cluster) -> Iterator[Problem]:
    setting = cluster.conf.setting("unix_socket_directories")
    if setting.value is None or setting.entry is None:
        return
    folders = sockets.socket_folders(setting.value)
    if isinstance(folders, Malformed):
        yield _malformed(setting)
        return
    port = _port(cluster)
    if port is None or not folders:
        return
    long = [folder for folder in folders if sockets.is_too_long(folder, port)]
    for folder in folders:
        if folder in long or sockets.is_abstract(folder, cluster.major) or folder in _MADE_AT_START:
            continue
        said = _unusable(cluster, folder, port) if cluster.deployment.deployed else None
        if said is not None:
            message, line = said
            log = _first(line, long, folders.index(folder), folders, port)
            # '..' in a path is written down by some majors only.
            told = log if ".." not in setting.value else None
            yield Problem(setting.entry.at, {"folder": folder}, message, setting.entry.chain, log=told)
            return
    if len(long) == len(folders):
        log = sockets.too_long_log(folders[0], port)
        arguments = {"folder": folders[0], "longest": sockets.LONGEST_PATH}
        yield Problem(setting.entry.at, arguments, "long", setting.entry.chain, log=log)


def _first(log: LogLine, long: list[str], place: int, folders: tuple[str, ...], port: int) -> LogLine:
    """What the server says first: of a path before that is too long, or of the folder."""
    before = [folder for folder in folders[:place] if folder in long]
    return sockets.too_long_log(before[0], port) if before else log


def _nothing(cluster: Cluster) -> Iterator[Problem]:
    addresses, folders = (cluster.conf.setting(name) for name in ("listen_addresses", "unix_socket_directories"))
    if addresses.value is None or folders.value is None or addresses.entry is None or folders.entry is None:
        return
    if sockets.addresses(addresses.value) == () and sockets.socket_folders(folders.value) == ():
        related = (labelled(addresses.entry.at, "sets listen_addresses"),)
        yield Problem(folders.entry.at, {}, "nothing", related, log=sockets.no_socket_log())


def _malformed(setting: Setting) -> Problem:
    assert setting.entry is not None
    arguments = {"value": setting_value(setting.name, setting.value or ""), "setting": setting.name}
    log = sockets.malformed_log(setting.name)
    return Problem(setting.entry.at, arguments, "list", setting.entry.chain, log=log)


def _port(cluster: Cluster) -> int | None:
    value = cluster.conf.value("port")
    number = parse_integer(value, "", cluster.major) if value is not None else None
    return number if isinstance(number, int) else None


def _unusable(cluster: Cluster, folder: str, port: int) -> tuple[str, LogLine] | None:
    """Why no socket can be made in a folder: the message, and the server's line; None where one can, or may be."""
    path, view = cluster.conf.local(folder), cluster.rights.server_view
    facts = cluster.rights.facts(path)
    if facts.kind == "file":
        return "folder", sockets.folder_log(folder, port, errno_text(Reason.NOT_A_DIRECTORY))
    if view is not None and not view.may_enter(path):
        return "shut", sockets.folder_shut_log(folder, port)
    if facts.reason is Reason.ABSENT:
        return "folder", sockets.folder_log(folder, port, errno_text(facts.reason))
    if view is not None and not view.may_make_in(path):
        return "shut", sockets.folder_log(folder, port, errno_text(Reason.UNREADABLE))
    return None
