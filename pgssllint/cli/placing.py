"""The options that say where the files lie, of what server they are, and how it is started."""

import argparse
import os
import re
from typing import TYPE_CHECKING

from pgssllint.cli.parser import fail, typed
from pgssllint.text import legible

if TYPE_CHECKING:
    from pgssllint.locate import PathMap
    from pgssllint.request import Request


def add_placing(group: argparse._ActionsContainer) -> None:
    """The options --root, --map, --data-dir, --config-file, --chroot, --server-user, --set and --installed."""
    group.add_argument("--root", metavar="DIR", help="the root of the project; nothing outside it is opened")
    group.add_argument(
        "--map",
        action="append",
        default=[],
        type=typed(_map),
        metavar="SERVER=LOCAL",
        help="where a server path lies here, or what is to stand in its place",
    )
    group.add_argument("--data-dir", metavar="DIR", help="this deployed data directory instead of PATH")
    group.add_argument("--config-file", metavar="FILE", help="its postgresql.conf, where that lies elsewhere")
    group.add_argument("--installed", action="store_true", help="all clusters in the packages' own places")
    group.add_argument(
        "--chroot", metavar="DIR", help="the folder that absolute server paths begin at (a mounted image)"
    )
    group.add_argument(
        "--server-user",
        type=typed(_uid),
        metavar="USER",
        help="the user the server runs as (default: the owner of DIR)",
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
    return Request(
        paths=paths or (".",),
        root=_folder(arguments.root, "--root"),
        data_dir=arguments.data_dir,
        installed=arguments.installed,
        config_file=arguments.config_file,
        chroot=_folder(arguments.chroot, "--chroot"),
        server_uid=arguments.server_user,
        maps=tuple(arguments.map),
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


def _uid(text: str) -> int:
    """The uid of a user name, or a number as it is."""
    import pwd

    if re.fullmatch("[0-9]{1,10}", text):
        return int(text)
    try:
        return pwd.getpwnam(text).pw_uid
    except KeyError:
        raise ValueError(f"there is no user '{legible(text)}' on this machine; give the number of one") from None
