"""How a server is started, where the project says so: image tags and `-c name=value` in compose files and the like."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from pgssllint.files import Files, Unread
from pgssllint.languages import Language
from pgssllint.postgres.entries import Given
from pgssllint.postgres.start_options import OPTIONS_FILE, given_by, is_understood
from pgssllint.project import Project
from pgssllint.quoting import Sentence, ours, say
from pgssllint.syntax.images import image_versions
from pgssllint.syntax.template_parts import DOUBLE_PLACEHOLDER, EXPRESSION, PLACEHOLDER
from pgssllint.target import OpenSSL
from pgssllint.text import Source, Span
from pgssllint.traced import Traced

LAUNCH_NAMES = re.compile(r"(?:docker-)?compose[\w.-]*\.ya?ml|(?:[\w.-]+\.)?(?:Dockerfile|Containerfile)(?:\.[\w.-]+)?")
"""Names of files that start servers."""

MAX_LAUNCH_BYTES = 1024 * 1024
"""A longer file is no file that a person wrote to start servers."""

_OPTION = re.compile(
    r"(?<![\w-])(?:-c[ \t]*(?:[\"'][ \t]*)?(?:,[ \t]*[\"'])?|--|-[ \t]*-c[ \t]*\n[ \t]*-[ \t]*[\"']?)"
    r"(?P<name>[A-Za-z_][\w-]*)=(?P<value>'[^'\n]*'|\"[^\"\n]*\"|[^\s\"',\]]*)"
)
_OPEN = re.compile(rf"\$|<%|{EXPRESSION}|{DOUBLE_PLACEHOLDER}|{PLACEHOLDER}")
"""What a shell, compose or a template has yet to put a value for."""
_SERVER = re.compile(
    r"(?im)^[ \t]*(?:-[ \t]+)?(?:image:|FROM)[ \t]+[\"']?(?:[^\s\"']*/)?"
    r"(?:postgres|postgresql|postgis|pgvector|timescaledb|timescaledb-ha|citus|spilo-[0-9]+)(?=[:@\"'\s]|\Z)"
    r"|^[ \t]*(?:command|entrypoint|CMD|ENTRYPOINT)\b[^\n]*\bpostgres\b"
)
_SERVICES = re.compile(r"(?m)^services:[ \t]*(?:#.*)?$")
_TOP_KEY = re.compile(r"(?m)^[A-Za-z]")
_KEY = re.compile(r"(?m)^(?P<indent>[ \t]+)[^\s#-][^\n]*:[ \t]*(?:#.*|&.*)?$")


class Launch(NamedTuple):
    """What a file says of the server it starts: the major of its image, if one, and the command line's settings.

    `language` is what it is written in: a file of a project, postmaster.opts, or what the user states.
    `version_span` is where the first image has its version, and `version_key` the key that has it where no image does.
    `openssl` is that of the image, if that is known, and
    `openssl_stated` says that the image's name tells it. `doubt` is what of it is not known and may end a start.
    """

    source: Source
    version: str | None
    given: tuple[Given, ...]
    language: Language = Language.LAUNCH
    version_span: Span | None = None
    openssl: OpenSSL | None = None
    openssl_stated: bool = False
    doubt: Sentence | None = None
    version_key: str = ""


def last_start(source: Source) -> Launch:
    """The launch in a postmaster.opts; of one that is not understood nothing is known."""
    doubt = None if is_understood(source) else say("what '{}' says of the last start", ours(OPTIONS_FILE))
    return Launch(source, None, given_by(source), Language.OPTIONS, doubt=doubt)


def stated_start(settings: tuple[Given, ...]) -> tuple[Launch, ...]:
    """The launch with settings that the user states; none where he states none."""
    return (Launch(settings[0].source, None, settings, Language.STATED),) if settings else ()


def launches(project: Project, folder: str) -> Iterator[Launch]:
    """The compose files, Dockerfiles and units in a folder or in its parents up to the root, nearest first."""
    while folder == project.root or folder.startswith(project.root.rstrip("/") + "/"):
        names = project.files.entries(folder)
        starting = (name for name in (() if isinstance(names, Unread) else names) if LAUNCH_NAMES.fullmatch(name))
        paths = tuple(os.path.join(folder, name) for name in starting)
        for path in paths:
            source = project.files.read(path)
            if isinstance(source, Source):
                yield _with_version(read_launch(source), project.files, paths)
        yield from _of_units(project.files, folder, () if isinstance(names, Unread) else names)
        if folder == project.root:
            return
        folder = os.path.dirname(folder)


def _with_version(launch: Launch, files: Files, paths: tuple[str, ...]) -> Launch:
    """A launch whose version stands there in parts, as in a variable with a default or an argument of a build: that of
    the servers which the file sets up, if it is one. `paths` are the files of its folder that start servers.
    """
    if launch.version is not None:
        return launch
    from pgssllint.sites import sites

    made = files.once(("launched", paths), partial(sites, files, paths))
    found = [one.image.version for one in made.sites if one.at.source.path == launch.source.path]
    versions = {one.text: one for one in found if one is not None}
    if len(versions) != 1 or None in found:
        return launch
    version, written = next(iter(versions.items()))
    at = written.home()
    is_here = at is not None and at.source.path == launch.source.path
    return launch._replace(version=version, version_span=at.span if at is not None and is_here else None)


def _of_units(files: Files, folder: str, names: Iterable[str]) -> Iterator[Launch]:
    """The version in the path of the program that the units of a folder start, if it is one; their options are those of
    servers of their own.
    """
    found: dict[str, Traced] = {}
    for name in names:
        source = files.read(os.path.join(folder, name)) if name.endswith(".service") else None
        if isinstance(source, Source) and len(source.data) <= MAX_LAUNCH_BYTES and "postgres" in source.text:
            from pgssllint.sources.systemd import read_unit

            unit = read_unit(source, files)
            if unit is not None and unit.version is not None:
                found.setdefault(unit.version.text, unit.version)
    for version in found.values() if len(found) == 1 else ():
        at = version.home()
        if at is not None:
            yield Launch(at.source, version.text, (), version_span=at.span)


def read_launch(source: Source) -> Launch:
    """The launch in a compose file or a Dockerfile; where images of several versions are named, no version."""
    text = source.text if len(source.data) <= MAX_LAUNCH_BYTES else ""
    spans = list(image_versions(text, Span(0, len(text))))
    versions = {text[span.start : span.end] for span in spans}
    version, at = (versions.pop(), spans[0]) if len(versions) == 1 else (None, None)
    return Launch(source, version, tuple(_given(source, text)), version_span=at)


def _given(source: Source, text: str) -> Iterator[Given]:
    """What is given to a server. One name with two values is unknown: which server the files are about is not told."""
    found = list(_options(source, text))
    values: dict[str, set[str]] = {}
    for given in found:
        values.setdefault(given.name, set()).add(given.value)
    yield from (replace(given, unknown=given.unknown or len(values[given.name]) > 1) for given in found)


def _options(source: Source, text: str) -> Iterator[Given]:
    """The options of services that run PostgreSQL; where none is known to, everything of the form `-c name=value`."""
    services = _services(text)
    servers = [service for service in services if _SERVER.search(text, service.start, service.end)]
    idle: dict[int, bool] = {}
    for hit in (hit for part in servers or services for hit in _OPTION.finditer(text, part.start, part.end)):
        number = source.position(hit.start())[0]
        if number not in idle:
            idle[number] = _starts_no_server(source.line(number))
        if idle[number] or (hit[0].startswith("--") and not servers):
            continue
        value = hit["value"]
        stripped = value[1:-1] if value[:1] in ("'", '"') else value
        unknown = _OPEN.search(value) is not None
        yield Given(hit["name"], stripped, source, Span(*hit.span("name")), Span(*hit.span("value")), unknown)


def _starts_no_server(line: str) -> bool:
    return line.lstrip().startswith("#") or "initdb" in line.lower()


def _services(text: str) -> list[Span]:
    """The parts of a compose file that say how a service is run; of any other file, the whole."""
    top = _SERVICES.search(text)
    if top is None:
        return [Span(0, len(text))]
    following = _TOP_KEY.search(text, top.end())
    end = following.start() if following is not None else len(text)
    first = _KEY.search(text, top.end(), end)
    starts = [hit.start() for hit in _KEY.finditer(text, top.end(), end) if first and hit["indent"] == first["indent"]]
    return [Span(*pair) for pair in pairwise([*starts, end])]
