"""The options that say where the files lie, of what server they are, and how it is started."""

import argparse
import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pgssllint.cli.parser import fail, typed
from pgssllint.text import legible

if TYPE_CHECKING:
    from pgssllint.locate import PathMap
    from pgssllint.people import People
    from pgssllint.permissions import Identity
    from pgssllint.request import Request


def add_placing(group: argparse._ActionsContainer) -> None:
    """The options from --root to --set."""
    group.add_argument("--root", metavar="DIR", help="the root of the project; nothing outside it is opened")
    group.add_argument(
        "--map",
        action="append",
        default=[],
        type=typed(_map),
        metavar="SERVER=LOCAL",
        help="where a server path lies here, or what is to stand in its place",
    )
    group.add_argument("--deployment", metavar="NAME", help="of several servers in view the one of this name, as 'db'")
    group.add_argument("--data-dir", metavar="DIR", help="this deployed data directory instead of PATH")
    group.add_argument("--config-file", metavar="FILE", help="its postgresql.conf, where that lies elsewhere")
    group.add_argument("--installed", action="store_true", help="all clusters in the packages' own places")
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


def placed_request(arguments: argparse.Namespace, paths: tuple[str, ...]) -> "Request":
    """The request with what these options say; ends the run with a sentence where two of them do not go together."""
    from pgssllint.request import Request
    from pgssllint.stated_settings import stated_settings

    instead = "--data-dir" if arguments.data_dir is not None else "--installed" if arguments.installed else None
    if arguments.data_dir is not None and arguments.installed:
        fail("Option '--installed' stands instead of '--data-dir'; give one of the two.")
    if instead is not None and paths:
        fail(f"Option '{instead}' stands instead of PATH; give one of the two.")
    if instead is not None and arguments.root is not None:
        fail(f"Option '--root' does not go with '{instead}', which reads wherever the configuration leads.")
    if arguments.config_file is not None and arguments.data_dir is None:
        fail("Option '--config-file' goes with '--data-dir'.")
    if instead is not None and arguments.deployment is not None:
        fail(f"Option '--deployment' does not go with '{instead}', which is one server.")
    chroot = _folder(arguments.chroot, "--chroot")
    uid, gid, groups = _identity(arguments.server_user, arguments.server_groups, chroot)
    return Request(
        paths=paths or (".",),
        root=_folder(arguments.root, "--root"),
        data_dir=arguments.data_dir,
        installed=arguments.installed,
        config_file=arguments.config_file,
        chroot=chroot,
        server_uid=uid,
        server_gid=gid,
        server_groups=groups,
        maps=tuple(arguments.map),
        deployment=arguments.deployment,
        settings=stated_settings(arguments.set),
    )


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
    from pgssllint.permissions import Identity

    people = people_of(Files(None, chroot=chroot))
    user, _, group = (text or "").partition(":")
    person = people.named(user)
    uid = int(user) if _NUMBER.fullmatch(user) else person.uid if person is not None else None
    if text is not None and uid is None:
        fail(f"Option '--server-user': there is no user '{legible(user)}' {people.where}; give the number of one.")
    gid = _gid(group, people, "--server-user") if group else None
    words = [word for given in groups for word in given.split(",") if word]
    return Identity(uid, gid, tuple(_gid(word, people, "--server-groups") for word in words))


def _gid(text: str, people: "People", option: str) -> int:
    """The number of a group's name, or a number as it is."""
    if _NUMBER.fullmatch(text):
        return int(text)
    gid = people.group(text)
    if gid is None:
        fail(f"Option '{option}': there is no group '{legible(text)}' {people.where}; give the number of one.")
    return gid


_NUMBER = re.compile("[0-9]{1,10}")
