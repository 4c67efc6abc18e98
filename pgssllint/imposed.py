"""What --config and --no-config say: the configuration that counts instead of those that are found, and the clusters
that it names.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pgssllint.configuration.declared import Declared
from pgssllint.configuration.key import Entry
from pgssllint.configuration.keys import CLIENT_CERTIFICATES, CLUSTERS, DATA_DIRECTORY, MAP, ROOT, SERVER_USER
from pgssllint.configuration.kinds import Where
from pgssllint.configuration.mistakes import ConfigurationError
from pgssllint.configuration.reading import declared_in
from pgssllint.files import Files, Unread
from pgssllint.handles import real_path, within
from pgssllint.package_places import PLACES
from pgssllint.people import people_of
from pgssllint.permissions import numbered
from pgssllint.project import root_of_named
from pgssllint.request import Request
from pgssllint.roots import placed
from pgssllint.tracking import work_tree


def with_configuration(request: Request, config: str | None = None, *, none: bool = False) -> Request:
    """The request with what options impose: the configuration that the file `config` holds, or that there is `none`.

    Its paths are the working directory where neither they nor the configuration name any. Raises ConfigurationError.
    """
    if config is None:
        return replace(request, imposed=Declared() if none else None, paths=request.paths or (".",))
    file = placed(os.path.abspath(config))
    if file.left is not None:
        raise ConfigurationError(f"The configuration '{config}' lies behind a link that leads out of '{file.left}'.")
    source = Files(None).read(file.path)
    if isinstance(source, Unread):
        raise ConfigurationError(f"The configuration '{config}' {source.reason}.")
    imposed = declared_in(source, Where((), file.folder))
    free = replace(request, imposed=imposed, paths=request.paths if request.paths or _places(imposed) else (".",))
    holding = _holding((file.here, file.path), tuple(map(real_path, PLACES)) if request.installed else roots_of(free))
    if holding is None:
        return free
    why = f"and this configuration lies in '{holding}', which is judged, so it counts as one that is found"
    found = declared_in(source, Where((), file.folder, holding, why))
    return replace(request, imposed=found, paths=request.paths or (".",))


def named_clusters(request: Request) -> Iterator[Request]:
    """A request for each cluster that the imposed configuration names, where the request names no paths.

    Raises ConfigurationError.
    """
    imposed = request.imposed
    if imposed is None or request.paths or request.names_servers:
        return
    for entry in _places(imposed):
        data_directory, root = entry[DATA_DIRECTORY], entry[ROOT]
        if data_directory is not None:
            yield replace(as_its_user(request, imposed, entry), data_dir=data_directory)
        elif root is not None:
            yield replace(request, paths=(root,), root=root)


def as_its_user(request: Request, declared: Declared, entry: Entry) -> Request:
    """The request with the server's user that a configuration states, where the request states none.

    Raises ConfigurationError.
    """
    user = entry[SERVER_USER]
    if user is None or request.server_uid is not None:
        return request
    try:
        uid, gid = numbered(user, people_of(Files(None, chroot=request.chroot)))
    except ValueError as error:
        raise declared.mistake(f"'{SERVER_USER.name}': {error}", *entry.path, SERVER_USER.name) from None
    return replace(request, server_uid=uid, server_gid=gid)


def roots_of(request: Request) -> tuple[str, ...]:
    """The real paths of the roots that a request reads in, whether or not something is found there."""
    if request.data_dir is not None:
        return (real_path(request.data_dir),)
    if not request.paths and request.imposed is not None:
        return tuple(real_path(one[DATA_DIRECTORY] or one[ROOT] or ".") for one in _places(request.imposed))
    return tuple({root_of_named(placed(os.path.abspath(word)), request.root) for word in request.paths})


def elsewhere(imposed: Declared | None) -> Iterator[str]:
    """The real paths of what an imposed configuration has stand in for server paths, and of its clients' certificates,
    where they may lie outside of the roots.
    """
    if imposed is None or not imposed.free:
        return
    yield from (real_path(one.local) for one in imposed[MAP])
    yield from (real_path(path) for one in imposed[CLUSTERS] for path in one[CLIENT_CERTIFICATES])


def _places(declared: Declared) -> Sequence[Entry]:
    """The clusters of a configuration that say where they are."""
    return [one for one in declared[CLUSTERS] if one[DATA_DIRECTORY] is not None or one[ROOT] is not None]


def _holding(names: Iterable[str], judged: Sequence[str]) -> str | None:
    """The folder that is judged, or the git work tree that holds one, in which a file lies by one of its names; None
    where it lies in none. What lies there somebody may have written whose files are judged.
    """
    for name in names:
        root = next((root for root in judged if within(name, root)), None)
        if root is not None:
            return root
        top = work_tree(os.path.dirname(name))
        if top is not None and any(within(root, top) for root in judged):
            return top
    return None
