"""The options that say where the files lie, of what server they are, and how it is started."""

import argparse
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pgssllint.cli.from_stdin import add_stdin_filename, of_standard_input
from pgssllint.cli.output import remark
from pgssllint.cli.parser import Parser, fail, typed

if TYPE_CHECKING:
    from pgssllint.files import Files
    from pgssllint.locate import PathMap
    from pgssllint.permissions import Identity
    from pgssllint.request import Request


def add_placing(parser: Parser, *, shows: str | None = None) -> None:
    """The options from --root to --set, of a command that judges what lies at paths, or `shows` one such thing."""
    group = parser.add_argument_group(_TITLE)
    group.add_argument("--root", metavar="DIR", help="the root of the project; nothing outside it is opened")
    group.add_argument("--deployment", metavar="NAME", help="of several servers in view the one of this name, as 'db'")
    add_stdin_filename(group, shows or "PATH")
    _add_placing(group, f"instead of {shows or 'PATH'}", several=shows is None)


def add_placing_of_servers(parser: Parser, use: str) -> None:
    """The options from --map to --set, of a command for which they are about one deployed server alone; `use` says what
    it is for.
    """
    _add_placing(parser.add_argument_group(_TITLE), use, several=False)


_TITLE = "where the files lie"


def _add_placing(group: argparse._ArgumentGroup, use: str, *, several: bool) -> None:
    group.add_argument(
        "--map",
        action="append",
        default=[],
        type=typed(_map),
        metavar="SERVER=LOCAL",
        help="where a server path lies here, or what is to stand in its place",
    )
    group.add_argument("--config", metavar="FILE", help="this configuration instead of those that are found")
    group.add_argument("--no-config", action="store_true", help="no configuration")
    group.add_argument("--data-dir", metavar="DIR", help=f"this deployed data directory {use}")
    group.add_argument("--config-file", metavar="FILE", help="its postgresql.conf, where that lies elsewhere")
    which = "all clusters" if several else "the only cluster"
    group.add_argument("--installed", action="store_true", help=f"{which} in the packages' own places")
    group.add_argument(
        "--chroot", metavar="DIR", help="the folder that absolute server paths begin at (a mounted image)"
    )
    group.add_argument(
        "--server-user",
        metavar="USER[:GROUP]",
        help="the user the server runs as, by name or number (default: the owner of DIR)",
    )
    group.add_argument(
        "--server-groups",
        action="append",
        default=[],
        metavar="GROUPS",
        help="further groups of that user (default: those of its machine or image)",
    )
    group.add_argument(
        "--set",
        action="append",
        default=[],
        type=typed(_setting),
        metavar="NAME=VALUE",
        help="a setting given at the server's start (repeatable)",
    )


def names_servers(arguments: argparse.Namespace) -> bool:
    """Whether servers are named by where they are deployed."""
    return arguments.data_dir is not None or arguments.installed


def server_or_paths(arguments: argparse.Namespace, paths: tuple[str, ...], called: str) -> "Request":
    """The request of a command that shows what stands at paths, which are `called` so, or what a server has; ends the
    run with a sentence where none is given.
    """
    if not paths and not names_servers(arguments):
        fail(f"Give {called}, or with '--data-dir' the server whose it is.")
    return placed_request(arguments, paths, called=called)


def refuse_placing(arguments: argparse.Namespace, called: str) -> None:
    """End the run with a sentence where an option about deployed servers is given, and what is `called` so instead of
    one.
    """
    for dest, value in vars(arguments).items():
        if dest in _OF_SERVERS and value:
            fail(f"Option '--{dest.replace('_', '-')}' goes with '--data-dir' or '--installed', and not with {called}.")


_OF_SERVERS = ("config", "no_config", "config_file", "chroot", "server_user", "server_groups", "map", "set")


def placed_request(arguments: argparse.Namespace, paths: tuple[str, ...], *, called: str = "PATH") -> "Request":
    """The request with what these options say; ends the run with a sentence where two of them do not go together, or
    one with paths, which are `called` so.
    """
    from pgssllint.imposed import with_configuration
    from pgssllint.request import Request
    from pgssllint.stated_settings import stated_settings

    paths, contents = of_standard_input(arguments, paths)
    if arguments.config is not None and arguments.no_config:
        fail("Option '--no-config' goes without '--config'; give one of the two.")
    instead = "--data-dir" if arguments.data_dir is not None else "--installed" if arguments.installed else None
    if arguments.data_dir is not None and arguments.installed:
        fail("Option '--installed' stands instead of '--data-dir'; give one of the two.")
    if instead is not None and paths:
        fail(f"Option '{instead}' stands instead of {called}; give one of the two.")
    root = getattr(arguments, "root", None)
    if instead is not None and root is not None:
        fail(f"Option '--root' does not go with '{instead}', which reads wherever the configuration leads.")
    if arguments.config_file is not None and arguments.data_dir is None:
        fail("Option '--config-file' goes with '--data-dir'.")
    deployment = getattr(arguments, "deployment", None)
    if instead is not None and deployment is not None:
        fail(f"Option '--deployment' does not go with '{instead}', which is one server.")
    chroot = _folder(arguments.chroot, "--chroot")
    uid, gid, groups = _identity(arguments.server_user, arguments.server_groups, chroot)
    request = Request(
        paths=paths or ((".",) if instead is not None else ()),
        root=_folder(root, "--root"),
        data_dir=arguments.data_dir,
        installed=arguments.installed,
        config_file=arguments.config_file,
        chroot=chroot,
        server_uid=uid,
        server_gid=gid,
        server_groups=groups,
        maps=tuple(arguments.map),
        deployment=deployment,
        settings=stated_settings(arguments.set),
    )
    try:
        return with_configuration(request, arguments.config, none=arguments.no_config).holding(contents)
    except ValueError as error:
        fail(str(error))


def tell_idle_maps(request: "Request", looked: "Sequence[Files]") -> None:
    """Say on the error output which maps led nowhere, when all was read; the files of clusters were looked at so."""
    from pgssllint.locate import idle_maps

    for sentence in idle_maps(request.maps, looked):
        remark(sentence)


def _folder(path: str | None, option: str) -> str | None:
    if path is not None and not os.path.isdir(path):
        fail(f"Option '{option}': '{path}' is not a directory.")
    return path


def _setting(text: str) -> str:
    from pgssllint.stated_settings import checked_setting

    return checked_setting(text)


def _map(text: str) -> "PathMap":
    from pgssllint.locate import PathMap

    return PathMap.parse(text)


def _identity(text: str | None, groups: Sequence[str], chroot: str | None) -> "Identity":
    """Who the server runs as, by `NAME|UID[:GID]` and the words of --server-groups."""
    from pgssllint.files import Files
    from pgssllint.people import people_of
    from pgssllint.permissions import Identity, group_number, numbered

    people, option = people_of(Files(None, chroot=chroot)), "--server-user"
    try:
        uid, gid = numbered(text, people) if text is not None else (None, None)
        option = "--server-groups"
        words = [word for given in groups for word in given.split(",") if word]
        return Identity(uid, gid, tuple(group_number(word, people) for word in words))
    except ValueError as error:
        fail(f"Option '{option}': {error}")
