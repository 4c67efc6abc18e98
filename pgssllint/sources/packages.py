"""PostgreSQL that a Dockerfile installs by a package of Debian, Ubuntu, Alpine or Red Hat, instead of an image of it.

What the package and its scripts put into the image (on Debian a cluster with a certificate, on the others none) is not
in view; what is copied, and named as a server's file, is read.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from pgssllint.sources.image_systems import system_named
from pgssllint.sources.roles import role_of
from pgssllint.sources.shell_effects import Call, Output
from pgssllint.sources.site import Image, Site, server_name
from pgssllint.sources.unknown_image import mounted_site
from pgssllint.sources.workload import Said, Workload
from pgssllint.text import Span
from pgssllint.traced import Traced, written

BY_PACKAGE = "server-by-package"
"""Said of a command that installs a server."""

_INSTALLERS = {
    "apt-get": "install", "apt": "install", "aptitude": "install", "apk": "add", "dnf": "install", "yum": "install",
    "microdnf": "install", "zypper": "install",
}  # fmt: skip
_PACKAGE = re.compile(r"postgresql-?(?P<version>9\.[0-9]|[1-9][0-9])?(?:-server)?(?:[=~:].*)?")
"""The packages of the server; others of the name are clients, libraries and extensions."""

_STARTS = re.compile(
    r"(?:\A|[;&|(]|\b(?:exec|service|start|sudo|(?:gosu|su-exec|setpriv) \S{1,60}))\s{0,9}(?:/[^\s/]{1,60}){0,9}/?"
    r"(?:postgres|postmaster|pg_ctl|pg_ctlcluster|postgresql)(?![\w./-])"
)
"""What starts a server, as a word of its own or in a line for a shell."""


def installed(effects: Iterable[Call | Output]) -> Iterator[Said]:
    """What is said of commands that install a server: the first package of each, with the version in its name."""
    for effect in effects:
        verb = _INSTALLERS.get(effect.name) if isinstance(effect, Call) else None
        if not isinstance(effect, Call) or verb is None or all(word.text != verb for word in effect.words):
            continue
        for word in effect.words:
            hit, at = _PACKAGE.fullmatch(word.text), word.home()
            if hit is not None and at is not None:
                yield Said(BY_PACKAGE, at, {"version": hit["version"] or ""})
                break


def packaged_site(workload: Workload) -> Site | None:
    """The server that a package puts into an image; None where nothing starts one there, or gives it its files."""
    said = next((one for one in workload.said if one.kind == BY_PACKAGE), None)
    if said is None or not (_starts(workload) or _is_given(workload)):
        return None
    called = server_name(workload.kind, workload.name)
    bare = Site(workload.at, called, called, whole=False, said=workload.said, workload=workload)
    return replace(mounted_site(workload) or bare, image=_image(workload, said))


def _starts(workload: Workload) -> bool:
    lines = [line for line in (workload.entrypoint, workload.command) if isinstance(line, tuple)]
    return any(_STARTS.search(word.text) for line in lines for word in line)


def _is_given(workload: Workload) -> bool:
    return any(role_of(posixpath.basename(mount.server)) is not None for mount in workload.mounts)


def _image(workload: Workload, said: Said) -> Image:
    """The version that the package's name has, and the OpenSSL of the system where the reference names that."""
    base = workload.image.text if isinstance(workload.image, Traced) and workload.image.is_known else ""
    name, _, tag = base.partition("@")[0].rpartition("/")[2].partition(":")
    release = re.match(r"[0-9]+\.[0-9]+", tag)
    systems = map(
        system_named, (*tag.split("-"), f"{name}-{tag.partition('-')[0]}", name + (release[0] if release else ""))
    )
    system = next((one for one in systems if one is not None), None)
    place = said.at.source.text.find(said.arguments["version"], said.at.span.start, said.at.span.end)
    version = None
    if said.arguments["version"] and place >= 0:
        version = written(said.at.source, Span(place, place + len(said.arguments["version"])))
    return Image(version, system.openssl if system is not None else None, system is not None)
