"""Files that a server cannot open: those it reads without being told to by another one, and those that words name."""

from pgssllint.files import Opened, Presence, errno_text
from pgssllint.finding import LogLine
from pgssllint.postgres import auth_log, conf_log
from pgssllint.postgres.auth_dialect import INCLUDES_FROM
from pgssllint.postgres.entries import Entries, SettingsFault, SettingsKind
from pgssllint.quoting import a_file
from pgssllint.text import Source
from pgssllint.ways import Reason


def unopened_main(main: Source, *, found: bool) -> Entries:
    """What a server that may not open its main file knows of the settings: nothing, and it does not start.

    `found`: it gets to the file, and may not read it.
    """
    opened = Opened(main.path, Presence.MISSING, main.path, reason=Reason.UNREADABLE)
    says = conf_log.file_not_opened if found else conf_log.main_file_not_found
    log = says(main.path, errno_text(Reason.UNREADABLE))
    return _refused(SettingsKind.MAIN_UNREADABLE, Source(main.path, b""), opened, log)


def unopened_auto(auto: Opened) -> Entries:
    """What a postgresql.auto.conf adds that was not read: the server passes over one that it cannot open.

    A folder can be opened and not be read, for which the server does not start.
    """
    if auto.reason is Reason.DIRECTORY and auto.path is not None:
        log = conf_log.folder_in_place_of_file(auto.path)
        return _refused(SettingsKind.AUTO_IS_FOLDER, Source(auto.path, b""), auto, log)
    return Entries(complete=auto.presence is Presence.MISSING)


def word_not_opened(name: str, opened: Opened, major: int, *, at_file: bool) -> LogLine:
    """What a server says of a file that pg_hba.conf or its kin name, in an include record or as `@file`."""
    path = opened.path or name
    if opened.reason is Reason.DIRECTORY:
        return auth_log.folder_in_place_of_file(path)
    if at_file and major < INCLUDES_FROM:
        return auth_log.at_file_not_opened(name, path, errno_text(opened.reason))
    return auth_log.file_not_opened(path, errno_text(opened.reason))


def _refused(kind: SettingsKind, source: Source, opened: Opened, log: LogLine) -> Entries:
    fault = SettingsFault(
        kind=kind, source=source, span=source.line_span(1), line=1, token=a_file(opened.name), chain=(), log=log,
        reported_line=1, opened=opened,
    )  # fmt: skip
    return Entries(faults=(fault,), items=(fault,), complete=False)
