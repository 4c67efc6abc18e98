"""The scripts of /docker-entrypoint-initdb.d: what they write into the files of a new data directory.

Of .sh what goes to the files and what psql is given, of .sql the ALTER SYSTEM; compressed SQL is not read. They run in
the order of their names, after the entry point has appended its record.
"""

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from pgssllint.files import Files, Unread
from pgssllint.postgres.parameters import folded
from pgssllint.sources.alter_system import Altered, altered, line_of
from pgssllint.sources.sample_comments import amid_comments, are_of_parameters
from pgssllint.sources.sed import Command, edited, read_sed
from pgssllint.sources.shell_effects import Call, Output, effects
from pgssllint.sources.shell_values import Values
from pgssllint.sources.standing import is_within, names_in, source_of, standing
from pgssllint.sources.touched import copies
from pgssllint.sources.workload import Mount, Said
from pgssllint.text import Home, Source
from pgssllint.traced import Traced, joined, whole
from pgssllint.ways import clean

FOLDER = "/docker-entrypoint-initdb.d"
MAIN, AUTO = "postgresql.conf", "postgresql.auto.conf"

_FILES = (MAIN, AUTO, "pg_hba.conf", "pg_ident.conf")
"""The files of a data directory that scripts may change."""

MAX_MADE = 1024 * 1024
"""No file is longer that scripts change under conditions, each of which may double it."""

MAX_CHANGES = 200
"""A file that is changed more often is not followed: each change goes over all its lines."""

MOST_VALUES = 50
"""So many values of a setting that may be there are kept."""


class Change(NamedTuple):
    """What a script does to a file: text that it appends, what sed does, or, where it `replaces`, its text from then
    on. What is not `certain` happens under a condition, so that what was there before may be there as well.
    """

    made: Traced | tuple[Command, ...]
    replaces: bool = False
    certain: bool = True

    def of(self, text: Traced) -> Traced | None:
        """What a text becomes; None where that is not known."""
        if not isinstance(self.made, Traced):
            changed = edited(text, self.made)
        else:
            changed = self.made if self.replaces else text + self.made
        if changed is None or self.certain:
            return changed
        both = either(text, changed)
        return both if len(both) <= MAX_MADE else None


def either(before: Traced, after: Traced) -> Traced:
    """Two texts of which one is there: the lines that they share, and between them those that may be there, of both."""
    one, other = list(before.lines()), list(after.lines())
    most = min(len(one), len(other))
    start = next((n for n in range(most) if one[n].text != other[n].text), most)
    end = next((n for n in range(most - start) if one[-1 - n].text != other[-1 - n].text), most - start)
    old, new = one[start : len(one) - end], other[start : len(other) - end]
    if len(old) == len(new):
        pairs = zip(old, new, strict=True)
        middle = [part for a, b in pairs for part in ([a] if a.text == b.text else [a.maybe(), b.maybe()])]
    else:
        middle = [part.maybe() for part in (*old, *new)]
    return joined([*one[:start], *middle, *one[len(one) - end :]])


@dataclass(frozen=True, slots=True)
class Initialised:
    """What scripts do to a new data directory: their `changes` to files, by path, in order. Of `edited` files something
    is not known.
    """

    changes: Mapping[str, tuple[Change, ...]] = field(default_factory=dict)
    edited: frozenset[str] = frozenset()
    said: tuple[Said, ...] = ()

    def text(self, path: str, made: Traced, at: Home, major: int | None = None) -> Traced | None:
        """The text of a file that was `made` for `at` before the scripts ran; None where it is not known."""
        changes = self.changes.get(path, ())
        seeks = any(not isinstance(change.made, Traced) for change in changes)
        if not seeks or posixpath.basename(path) != MAIN or (changes[0].replaces and changes[0].certain):
            return _changed(made, changes)
        return amid_comments(made, partial(_changed, changes=changes), at, major)


def _changed(made: Traced, changes: Iterable[Change]) -> Traced | None:
    parts = [made]
    for change in changes:
        if isinstance(change.made, Traced) and change.certain and not change.replaces:
            parts.append(change.made)
            continue
        text = change.of(joined(parts))
        if text is None:
            return None
        parts = [text]
    return joined(parts)


def run_init_scripts(mounts: tuple[Mount, ...], files: Files, values: Values, folder: str) -> Initialised:
    """What the scripts do that are in view, to the data directory `folder`."""
    run = _Run(mounts, files, values, folder)
    for path, source in scripts_of(mounts, files):
        run.script(source, is_sql=path.endswith(".sql"))
    return run.done()


def scripts_of(mounts: tuple[Mount, ...], files: Files) -> Iterator[tuple[str, Source]]:
    """The scripts that are in view, by their paths, in the order in which they run."""
    filled = tuple(mount for mount in mounts if not mount.is_volume)
    for path in names_in(FOLDER, filled, files):
        found = standing(path, filled)
        source = source_of(found, files, path) if found is not None else None
        if source is not None and path.endswith((".sh", ".sql")):
            yield path, source


def are_all_sql(mounts: tuple[Mount, ...], files: Files) -> bool:
    """Whether the scripts are all in view and none is one of a shell, which could make any file."""
    filled = tuple(mount for mount in mounts if not mount.is_volume)
    found = [standing(path, filled) for path in names_in(FOLDER, filled, files)]
    unseen = any(is_within(one.server, FOLDER) and one.local is None and one.contents is None for one in filled)
    folders = [one.local for one in filled if clean(one.server) == FOLDER and one.local is not None]
    unseen = unseen or any(isinstance(files.entries(folder), Unread) for folder in folders)
    return not unseen and all(one is not None and not one.server.endswith(".sh") for one in found)


def applied(text: Traced, values: Values, folder: str, mounts: tuple[Mount, ...], files: Files) -> Initialised:
    """What one script does to the data directory `folder`."""
    run = _Run(mounts, files, values, folder)
    run.shell(text)
    return run.done()


@dataclass
class _Run:
    """What scripts have done so far."""

    mounts: tuple[Mount, ...]
    files: Files
    values: Values
    folder: str
    _changes: dict[str, list[Change]] = field(default_factory=dict)
    _edited: set[str] = field(default_factory=set)
    _said: list[Said] = field(default_factory=list)
    _altered: dict[str, tuple[Traced, ...]] = field(default_factory=dict)

    def done(self) -> Initialised:
        changes = {path: tuple(parts) for path, parts in self._changes.items()}
        auto = posixpath.join(self.folder, AUTO)
        if self._altered:
            lines = joined(line for held in self._altered.values() for line in held)
            changes[auto] = (*changes.get(auto, ()), Change(lines))
        return Initialised(changes, frozenset(self._edited), tuple(self._said))

    def script(self, source: Source, *, is_sql: bool) -> None:
        text = whole(source)
        if is_sql:
            self._alter(text, is_certain=True)
        else:
            self.shell(text)

    def shell(self, text: Traced) -> None:
        for effect in effects(text, self.values):
            if isinstance(effect, Home):
                self._said.append(Said("script-not-understood", effect))
                self._edited.update(posixpath.join(self.folder, name) for name in _FILES)
            elif isinstance(effect, Output):
                self._output(effect)
            else:
                self._call(effect)

    def _output(self, output: Output) -> None:
        path = self._meant(output.path)
        if path is None:
            return
        if isinstance(output.text, Traced):
            self._change(path, Change(output.text, replaces=not output.appends, certain=output.is_certain))
        else:
            self._edit(path, output.at)

    def _change(self, path: str, change: Change) -> None:
        if change.replaces and change.certain:
            self._changes[path] = []
        self._changes.setdefault(path, []).append(change)

    def _call(self, call: Call) -> None:
        if call.name == "psql":
            for sql in _given_to_psql(call):
                self._alter(sql, is_certain=call.is_certain)
        elif call.name in ("cp", "mv", "install"):
            self._copy(call)
        elif call.name == "sed" and (read := read_sed(call.words)) is not None:
            self._sed(*read, call)
        elif call.name in ("sed", "perl", "ed", "patch", "rm", "truncate", "awk"):
            for path in filter(None, map(self._meant, call.words[1:])):
                if call.name in ("rm", "ed", "patch", "truncate") or _edits_in_place(call):
                    self._edit(path, call.at)

    def _copy(self, call: Call) -> None:
        """A file of the data directory that is replaced by one that is in view, or not."""
        path = self._meant(call.words[-1])
        made = list(copies(call.words, self.mounts)) if path is not None else []
        if path is None:
            return
        source = source_of_mount(made[-1], self.files) if made and made[-1].server == path else None
        if source is None:
            self._edit(path, call.at)
        else:
            self._change(path, Change(source, replaces=True, certain=call.is_certain))

    def _sed(self, commands: tuple[Command, ...], named: tuple[Traced, ...], call: Call) -> None:
        """What sed does to files of the server's."""
        for path in filter(None, map(self._meant, named)):
            known, name = self._changes.get(path, []), posixpath.basename(path)
            is_whole = bool(known) and known[0].replaces and known[0].certain
            if len(known) >= MAX_CHANGES:
                if path not in self._edited:
                    self._edit(path, call.at)
            elif is_whole or (name != AUTO and (name != MAIN or are_of_parameters(commands))):
                self._change(path, Change(commands, certain=call.is_certain))
            else:
                self._edit(path, call.at)

    def _edit(self, path: str, at: Home) -> None:
        self._edited.add(path)
        self._said.append(Said("edited-by-script", at, {"file": posixpath.basename(path)}))

    def _meant(self, path: Traced) -> str | None:
        """The file of the data directory that a path names; one that is not all known by its last name."""
        text = clean(path.masked("\ufffc"))
        name = posixpath.basename(text)
        if name not in _FILES:
            return None
        whole = posixpath.join(self.folder, name)
        return whole if "\ufffc" in text or posixpath.dirname(text) == self.folder else None

    def _alter(self, sql: Traced, *, is_certain: bool) -> None:
        auto = posixpath.join(self.folder, AUTO)
        for one in altered(sql):
            name = folded(one.name.text)
            before = self._altered.pop(name, ())
            if not one.name.is_known or (not is_certain and (not name or len(before) >= MOST_VALUES)):
                self._edit(auto, one.at)
                continue
            if not name:
                self._altered.clear()
            after = [line_of(one, one.value)] if one.value is not None else []
            both = after if is_certain else [line.maybe() for line in (*before, *after)]
            if both:
                self._altered[name] = tuple(both)


def source_of_mount(mount: Mount, files: Files) -> Traced | None:
    """The text of what a copy was made of, if it is in view."""
    found = standing(mount.server, (mount,))
    source = source_of(found, files, mount.server) if found is not None else None
    return whole(source) if source is not None else None


def _given_to_psql(call: Call) -> Iterator[Traced]:
    """The SQL in the words of psql, else what it reads."""
    is_command = found = False
    for word in call.words[1:]:
        text = word.text
        if is_command:
            found = True
            yield word
        elif text.startswith("--command="):
            found = True
            yield word.part(len("--command="), len(word))
        is_command = not is_command and (
            text == "--command" or (text.startswith("-") and text[1:2] != "-" and text.endswith("c"))
        )
    if not found and isinstance(call.given, Traced):
        yield call.given


def _edits_in_place(call: Call) -> bool:
    return any(word.text.startswith(("-i", "--in-place", "-pi", "-ni")) for word in call.words[1:])


def statements(sql: Traced) -> tuple[Altered, ...]:
    """The ALTER SYSTEM statements of a script of SQL."""
    return tuple(altered(sql))
