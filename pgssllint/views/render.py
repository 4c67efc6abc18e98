"""What a server gets from its deployment: its files, line by line, each with the place that the line comes from."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from pgssllint.cluster import Cluster
from pgssllint.languages import Language, Read
from pgssllint.postgres.entries import Entry
from pgssllint.postgres.parameters import majors_of
from pgssllint.quoting import Place, Quote, a_file, setting_value
from pgssllint.showing.telling import Showing
from pgssllint.sources.site import Site, own_name, shown_image
from pgssllint.sources.workload import Variable, Workload
from pgssllint.text import Source
from pgssllint.traced import By, Virtual
from pgssllint.unknown import Unknown

VERSION = 1
"""The version of the JSON; it changes when a key changes its meaning or goes away."""

_GIVEN = "# Given on the command line, which comes last:"


class Line(NamedTuple):
    """A line of a file: its text as it may be shown, and where it comes from (columns and lines from 1).

    `file` is the absolute path of what the user wrote, or of what makes the tool write the line, `key` that key.
    """

    text: str
    file: str | None
    line: int | None
    column: int | None
    key: str
    by: By


class RenderedFile(NamedTuple):
    """A file as the server finds it: its name, which is unique in the deployment, and its lines."""

    name: str
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The whole file."""
        return "".join(f"{line.text}\n" for line in self.lines)


def rendered(cluster: Cluster, showing: Showing) -> Iterator[RenderedFile]:
    """The files of a cluster in the order in which a server reads them; with no main file, the others alone."""
    known: set[str] = set()
    main = cluster.deployment.main
    given = [entry for entry in cluster.conf.entries.all if entry.origin == "command line"]
    for source in cluster.conf.entries.sources:
        lines = _lines(source, showing)
        if source is main:
            lines = (*lines, *_command_line(given, showing))
        yield RenderedFile(_unique(source, cluster, known), lines)
    if main is None and given:
        yield RenderedFile("command line", tuple(_command_line(given, showing)))
    for _, file in cluster.auth.files:
        for source in file.sources:
            yield RenderedFile(_unique(source, cluster, known), _lines(source, showing))


def document(cluster: Cluster, showing: Showing) -> dict[str, Any]:
    """A deployment as an object of the JSON."""
    deployment = cluster.deployment
    site = deployment.site
    at = site.at.source.position(site.at.span.start)[0] if site is not None else 1
    return {
        "file": deployment.at,
        "line": at,
        "name": _name(cluster),
        "source": _tool(site),
        **_workload(site.workload if site is not None else None, showing),
        "major": cluster.major,
        "files": {one.name: _file(one) for one in rendered(cluster, showing)},
        "notes": [one.kind for one in site.said] if site is not None else [],
    }


def _tool(site: Site | None) -> str:
    """What sets a server up; "files" where its own are all that was found of it."""
    tool = site.workload.tool if site is not None and site.workload is not None else site.tool if site else ""
    return tool or "files"


def _file(file: RenderedFile) -> dict[str, Any]:
    return {
        "text": file.text,
        "lines": [
            {
                "line": number,
                "file": line.file,
                "origin_line": line.line,
                "column": line.column,
                "key": line.key or None,
                "by": line.by.value,
            }
            for number, line in enumerate(file.lines, 1)
        ],
    }


def _workload(workload: Workload | None, showing: Showing) -> dict[str, Any]:
    """What starts the server. Of its environment the values of variables that are known to hold no secret."""
    if workload is None:
        return {"image": None, "command": None, "environment": {}, "mounts": [], "ports": []}
    image, command = workload.image, workload.command
    words = None if command is None or isinstance(command, Unknown) else [_word(one.text, showing) for one in command]
    return {
        "image": None if image is None or isinstance(image, Unknown) else shown_image(image.text),
        "command": words,
        "environment": {
            showing.tell(Quote(name, Place.ASSIGNED)): _value(name, one, showing)
            for name, one in sorted(workload.environment.items())
        },
        "mounts": [
            {
                "local": None if one.local is None else showing.tell(a_file(one.local)),
                "server": showing.tell(a_file(one.server)),
            }
            for one in workload.mounts
        ],
        "ports": [
            {
                "address": showing.tell(Quote(one.address, Place.ADDRESS)) or None,
                "port": one.published or one.target,
                "reach": one.reach.value,
            }
            for one in workload.ports
        ],
    }


_HARMLESS: Mapping[str, Place] = MappingProxyType(
    {
        "POSTGRES_USER": Place.NAME,
        "POSTGRES_DB": Place.NAME,
        "POSTGRES_HOST_AUTH_METHOD": Place.REST,
        "POSTGRES_INITDB_ARGS": Place.REST,
        "POSTGRES_INITDB_WALDIR": Place.PATH,
        "PGDATA": Place.PATH,
        "PGPORT": Place.ADDRESS,
    }
)
"""The variables whose values are shown, and what these are; any other value may be a secret."""


def _value(name: str, variable: Variable, showing: Showing) -> str | None:
    """The value of a variable of an environment; None where it is not known, or not known to be harmless."""
    place = _HARMLESS.get(name)
    if place is None or isinstance(variable.value, Unknown) or variable.value.is_secret:
        return None
    return showing.tell(Quote(variable.value.text, place))


def _name(cluster: Cluster) -> str | None:
    """What the tool calls the server, without the kind that it is of."""
    site = cluster.deployment.site
    if site is None:
        return None
    return own_name(site.workload.name) if site.workload is not None else site.name


_OPTION = re.compile(r"--?|-[A-Za-z]")
"""An option whose value is another word."""


def _word(word: str, showing: Showing) -> str:
    """A word of a command line, of which the values of settings are shown as those in a file."""
    if _OPTION.fullmatch(word):
        return word
    head, equals, value = word.partition("=")
    name = head.removeprefix("--").removeprefix("-c").strip().replace("-", "_")
    if equals and majors_of(name):
        return f"{head}={showing.tell(setting_value(name, value))}"
    return showing.tell(Quote(word, Place.REST))


def _lines(source: Source, showing: Showing) -> tuple[Line, ...]:
    count = source.line_count - (source.text.endswith("\n") or not source.text)
    return tuple(_line(source, number, showing) for number in range(1, count + 1))


def _line(source: Source, number: int, showing: Showing) -> Line:
    text, span = showing.line(source, number), source.line_span(number)
    home = source.home(span)
    key = ""
    by = By.USER if home.is_users else By.TOOL
    runs = source.between(span) if isinstance(source, Virtual) else ()
    if runs and not home.is_users:
        key = runs[0].key
    if any(run.by is By.UNKNOWN for run in runs):
        by = By.UNKNOWN
    line, column = home.source.position(home.span.start)
    return Line(text, home.source.path, line, column, key, by)


def _command_line(given: list[Entry], showing: Showing) -> Iterator[Line]:
    """The settings of a command line, as they would stand in the file."""
    if given:
        yield Line(_GIVEN, None, None, None, "", By.TOOL)
    for entry in given:
        home = entry.source.home(entry.value_span)
        line, column = home.source.position(home.span.start)
        value = showing.tell(entry.quote).replace("'", "''")
        name = showing.tell(Quote(entry.name, Place.ASSIGNED if "." in entry.name else Place.WORD))
        by = By.UNKNOWN if entry.unknown else By.USER
        yield Line(f"{name} = '{value}'", home.source.path, line, column, "", by)


def _unique(source: Source, cluster: Cluster, known: set[str]) -> str:
    """The name that a file is shown under: as the server calls it, if that is known."""
    there = cluster.deployment.server_paths
    path = there.get(source.path, source.path)
    name = path.rpartition("/")[2]
    if name in known:
        name = path
    known.add(name)
    return name


def reads(cluster: Cluster) -> Iterator[Read]:
    """What lines are quoted from, that of the command line included."""
    yield from cluster.read
    for entry in cluster.conf.entries.all:
        if entry.origin == "command line":
            yield Read(entry.source, Language.LAUNCH)
