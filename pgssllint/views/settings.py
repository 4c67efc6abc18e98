"""pg_file_settings: what a freshly started server shows of a postgresql.conf."""

from collections.abc import Iterator

from pgssllint.postgres import conf_log
from pgssllint.postgres.entries import Entries, SettingsFault, unknown_name_log
from pgssllint.postgres.parameters import find
from pgssllint.postgres.reading import read_entries
from pgssllint.postgres.settings import Settings, faulty_values, same_value, unknown_names
from pgssllint.quoting import Sentence, ours, say
from pgssllint.text import Source
from pgssllint.views.opener import ViewOpener
from pgssllint.views.rows import QuotedRow, error_text, row
from pgssllint.ways import Reason

COMMAND_LINE = "command line"
"""What pg_settings has for the source of what the command line gives, which stands here in place of a file."""

SETTINGS_COLUMNS = ("sourcefile", "sourceline", "seqno", "name", "setting", "applied", "error")


def file_settings(main: Source, opener: ViewOpener, major: int) -> Iterator[QuotedRow]:
    """The rows of pg_file_settings on a server of `major` that was started afresh with just this file, and with the
    postgresql.auto.conf of its data directory, which is read where nothing is wrong with the main file as such.

    As there, a file is left at its first syntax error, and nothing is applied where the files have an error or a name
    is unknown. What the command line gives comes last, which the server shows in pg_settings. The words of `error` are
    ours.
    """
    settings = Settings(_entries(main, opener), major)
    unreadable = _is_left(settings.read)
    winners = {id(entry) for entry in settings.last_of_each_spelling()}
    strange = {id(entry) for entry in settings.read.all if find(entry.name, major) is None}
    winners |= strange  # the server drops the earlier entries of a name only where it knows the name
    unknown = {id(entry) for entry in settings.read.all if id(entry) in strange and "." not in entry.name}
    refused = _overruled(settings, opener.started.command_line)
    refused |= {id(entry): fault.log.sentence for entry, fault in faulty_values(settings, major)}
    number = 0
    for item in settings.read.items:
        if isinstance(item, SettingsFault):
            if item.entry is not None:
                # It is told of where the entry stands.
                continue
            number += 1
            yield _fault_row(item, number)
            continue
        number += 1
        wins, error = id(item) in winners, None
        if not unreadable and id(item) in unknown:
            error = conf_log.unknown_name(item.spelling).sentence
        elif not unreadable and not unknown and wins and id(item) in refused:
            error = refused[id(item)]
        yield row(
            SETTINGS_COLUMNS,
            sourcefile=ours(item.source.path),
            sourceline=item.line,
            seqno=number,
            name=item.spelling,
            setting=item.quote,
            applied=wins and not unreadable and not unknown and error is None,
            error=error_text(item.line, error) if error is not None else None,
        )
    yield from _command_line_rows(opener.started.command_line, major, number)


def _command_line_rows(given: Entries, major: int, number: int) -> Iterator[QuotedRow]:
    """The settings of the command line, of which each is applied that is not at fault: the last of a name wins."""
    settings = Settings(given, major)
    refused = {id(entry): fault.log.sentence for entry, fault in faulty_values(settings, major)}
    refused |= {id(entry): unknown_name_log(entry).sentence for entry in unknown_names(settings, major)}
    for seqno, entry in enumerate(given.all, number + 1):
        error = refused.get(id(entry))
        wins = settings.effective(entry.name) is entry
        yield row(
            SETTINGS_COLUMNS, sourcefile=ours(COMMAND_LINE), seqno=seqno, name=entry.spelling, setting=entry.quote,
            applied=wins and error is None, error=error,
        )  # fmt: skip


def _overruled(settings: Settings, given: Entries) -> dict[int, Sentence]:
    """The entries of files that the view calls not applied since a running server cannot take them in place of what its
    command line gives, by their identity: of parameters that take a restart, with another value.
    """
    started, major = Settings(given, settings.major), settings.major
    found = {}
    for entry in settings.read.all:
        by, parameter = started.effective(entry.name), find(entry.name, major)
        takes_restart = parameter is not None and parameter.context == "postmaster"
        if by is not None and takes_restart and not same_value(entry, by, major):
            found[id(entry)] = say("setting could not be applied")
    return found


def _entries(main: Source, opener: ViewOpener) -> Entries:
    entries = read_entries(main, opener, like_the_view=True)
    auto = None if _is_left(entries) else opener.auto().source
    if auto is None:
        return entries
    return entries.followed_by(read_entries(auto, opener, origin="auto", like_the_view=True))


def _is_left(entries: Entries) -> bool:
    """Whether something is wrong with the files as such, so that the server leaves them."""
    return any(isinstance(item, SettingsFault) and item.entry is None for item in entries.items)


def _fault_row(fault: SettingsFault, number: int) -> QuotedRow:
    file, line = _blamed(fault)
    return row(
        SETTINGS_COLUMNS,
        sourcefile=ours(file),
        sourceline=line,
        seqno=number,
        applied=False,
        error=error_text(fault.line, fault.log.sentence, fault.opened),
    )


def _blamed(fault: SettingsFault) -> tuple[str, int]:
    """The file and line that the server names: of a folder included as a file, its own first line."""
    opened = fault.opened
    if opened is not None and opened.reason is Reason.DIRECTORY and opened.path is not None:
        return opened.path, 1
    return fault.source.path, fault.reported_line
