"""What the commands settings, hba, ident and hosts have in common: a file, a major, and a table or JSON of its rows."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pgssllint.cli.output import put, put_lines, remark
from pgssllint.cli.parser import Parser, add_color, add_show_secrets, fail, wants_color
from pgssllint.cli.placing import add_placing, server_or_paths, tell_idle_maps
from pgssllint.target import parse_majors

if TYPE_CHECKING:
    from pgssllint.views import Row, View

_EPILOG = """\
The server's own reading, without a server: a line that it refuses has a line_number and an error, in our words.
What is not known to be harmless, as passwords are, stands as ***, in JSON too; --show-secrets shows all but keys.
With --data-dir the file is the one that this server reads, as it was started last and with what --set gives.

examples:
  pgssllint {command} {file}
  pgssllint {command} --data-dir /var/lib/postgresql/{major}/main
  pgssllint {command} --pg-version 13 --format json {file}
"""


def show(command: str, words: Sequence[str]) -> int:
    """Print the rows of a view; returns the exit status."""
    from pgssllint.views import VIEWS

    view = VIEWS[command]
    arguments = options(command).parse_args(words)
    from pgssllint.api import read_view

    request = server_or_paths(arguments, (arguments.file,) if arguments.file is not None else (), "FILE")
    try:
        reading = read_view(command, replace(request, majors=_majors(arguments.pg_version)))
    except ValueError as error:
        fail(str(error))
    if reading.evidence is None and arguments.pg_version is None and arguments.format == "table" and view.since == 10:
        remark(f"Read as PostgreSQL {reading.major}, which is assumed; state another with --pg-version.")
    rows = reading.told(show_secrets=arguments.show_secrets)
    _print(rows, view.columns(reading.major), arguments.format, wants_color(arguments.color, sys.stdout))
    tell_idle_maps(request, (reading.files,))
    return 0


def options(command: str) -> Parser:
    """What one of the commands takes."""
    from pgssllint.views import VIEWS

    view = VIEWS[command]
    parser = Parser(
        command,
        f"Shows {_article(view)} of a {view.file}.",
        _EPILOG.format(command=command, file=view.file, major=max(view.since, 16)),
    )
    parser.add_argument("file", metavar="FILE", nargs="?", help=f"a {view.file} (default: that of --data-dir)")
    parser.add_argument("--pg-version", metavar="N", help="the server's major, 10 to 19 (default: found, else 18)")
    parser.add_argument("--format", choices=("table", "json"), default="table", help="table (default) or json")
    add_placing(parser, shows="FILE")
    add_show_secrets(parser)
    add_color(parser)
    return parser


def _print(rows: "Iterator[Row]", columns: Sequence[str], form: str, bold: bool) -> None:
    from pgssllint.views.layout import as_json, as_table

    if form == "json":
        for text in as_json(rows):
            put(text)
        return
    put_lines(as_table(tuple(rows), columns, bold=bold))


def _article(view: "View") -> str:
    return "the entries" if view.title == view.file else f"the rows that {view.title} shows"


def _majors(word: str | None) -> tuple[int, ...]:
    if word is None:
        return ()
    try:
        majors = parse_majors(word)
    except ValueError as error:
        fail(str(error))
    if len(majors) != 1:
        fail(f"'{word}' is more than one major; a view shows one, such as {majors[-1]}.")
    return majors
