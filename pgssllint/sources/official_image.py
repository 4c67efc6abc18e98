"""What the official image makes of a workload, as its entry point (docker-entrypoint.sh) and initdb do.

Of the entry point of 2026-02, whose functions were asked with real initdb of majors 12 to 18; the order of things is
its `_main`: the environment is looked at, initdb makes the data directory, one record is appended, the scripts of
/docker-entrypoint-initdb.d run, and the server is started with the command line. What a volume already holds is not in
view: all is told of a new one.
"""

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from pgssllint.files import Files
from pgssllint.postgres.password_encryption import NAME as PASSWORD_ENCRYPTION
from pgssllint.sources.command_line import CommandLine, read_command_line
from pgssllint.sources.data_volume import with_data_volumes
from pgssllint.sources.environment import Environment, by_file, environment_of, number_of, twice_given
from pgssllint.sources.images import Family, Image
from pgssllint.sources.init_scripts import Initialised, are_all_sql, run_init_scripts, scripts_of
from pgssllint.sources.initdb import (
    HBA_SAMPLE,
    SAMPLE,
    SCRAM_DEFAULT_FROM,
    Initdb,
    of_sample,
    read_initdb,
    records,
    settings_text,
)
from pgssllint.sources.kinds import COMMAND_UNKNOWN
from pgssllint.sources.main_settings import setting_in, shown_encryption
from pgssllint.sources.mount_faults import in_data_directory, not_read, old_mount, read_only
from pgssllint.sources.rendered import Rendered
from pgssllint.sources.shell_effects import Call
from pgssllint.sources.shell_tokens import ShellError
from pgssllint.sources.shell_values import all_fields
from pgssllint.sources.shell_words import words_of
from pgssllint.sources.standing import source_of, standing
from pgssllint.sources.start_words import Does, Start, read_start
from pgssllint.sources.touched import copied, touched, without_rights
from pgssllint.sources.workload import DOCKERFILE, Mount, Said, Workload
from pgssllint.target import ASSUMED_MAJOR
from pgssllint.text import MASK, Home, Source
from pgssllint.traced import By, Traced, own, virtual, whole
from pgssllint.unknown import UNKNOWN, Unknown
from pgssllint.ways import clean

METHOD_VARIABLE = "POSTGRES_HOST_AUTH_METHOD"
INITDB_VARIABLE = "POSTGRES_INITDB_ARGS"
PASSWORD_VARIABLE = "POSTGRES_PASSWORD"

_SAMPLES = ("/usr/share/postgresql", "/usr/local/share/postgresql")
"""Where initdb finds it, on Debian and on Alpine."""

_PROGRAMS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
"""Where the image seeks a command by its name."""

MAIN, AUTO, HBA, IDENT = "postgresql.conf", "postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf"


_Maker = Callable[[], Traced]


def render(workload: Workload, image: Image, files: Files, major: int | None = None) -> Rendered:
    """What a server gets from a workload of an image. `major` is what is stated where the image does not say it.

    Of an image that does not behave as the official one only what is mounted and the command line are told.
    """
    return _Rendering(workload, image, files, image.major or major).rendered()


@dataclass
class _Rendering:
    """The reading of one workload; what several steps need is worked out once."""

    workload: Workload
    image: Image
    files: Files
    major: int | None

    def rendered(self) -> Rendered:
        start, line = self.start, self.line
        main_path, hba_path, ident_path = self.main_path, self._named("hba_file", HBA), self._named("ident_file", IDENT)
        appended = self.initialised
        auto = appended.text(posixpath.join(self.folder, AUTO), Traced(), self.at) if self.folder else None
        hba, ident = self._file(hba_path, HBA, self._made_hba), self._file(ident_path, IDENT, Traced)
        named = ((main_path, self.main), (hba_path, hba), (ident_path, ident))
        unsure = {path for path, file in named if path in appended.changes and path is not None and file is None}
        return Rendered(
            replace(self.workload, mounts=tuple(without_rights(self.workload.mounts, set(touched(start.before))))),
            self.image,
            start,
            self.major,
            uid=self.user[0],
            gid=self.user[1],
            data_directory=self.server_folder,
            main=self.main,
            main_path=main_path,
            auto=virtual(self._path(AUTO), auto) if auto else None,
            auto_path=posixpath.join(self.folder, AUTO) if self.folder else None,
            hba=hba,
            hba_path=hba_path,
            ident=ident,
            ident_path=ident_path,
            options=line.settings,
            options_whole=line.is_whole and start.does in (Does.INITIALISES, Does.STARTS),
            mounts=self.mounts,
            touched=(*self.workload.touched, *touched(start.before)),
            edited=appended.edited | unsure,
            is_bare=self.initialises and not start.before and are_all_sql(self.mounts, self.files),
            refusals=tuple(self._refusals()),
            said=(*self.workload.said, *self._said()),
        )  # fmt: skip

    @cached_property
    def environment(self) -> Environment:
        return environment_of(self.workload)

    @cached_property
    def start(self) -> Start:
        workload = self.workload
        return read_start(workload.entrypoint, workload.command, self.environment.values(), self._script)

    def _script(self, path: str) -> Traced | None:
        """The script at a path, or that the shell finds by a name."""
        for place in (path,) if "/" in path else (f"{folder}/{path}" for folder in _PROGRAMS):
            found = standing(place, self.workload.mounts) if place.startswith("/") else None
            source = source_of(found, self.files, self._path(place)) if found is not None else None
            if source is not None:
                return whole(source)
        return None

    @cached_property
    def mounts(self) -> tuple[Mount, ...]:
        mounts = tuple(with_data_volumes(self.workload.mounts, self.folder, self.files))
        return (*mounts, *copied(self.start.before, mounts))

    @cached_property
    def at(self) -> Home:
        """What makes the tool write its own text: the image, or where the workload is declared."""
        image = self.workload.image
        home = image.home() if isinstance(image, Traced) else None
        return home or self.workload.at

    @cached_property
    def line(self) -> CommandLine:
        return read_command_line(self.start.options, self.start.at or self.at, self._path("command line"))

    @cached_property
    def user(self) -> tuple[int | None, int | None]:
        """The numbers of the server's user and group: the image's, if the container does not run as another."""
        user = self.workload.user
        if user is None or user.text in ("postgres", "postgres:postgres", "root", "0", "0:0", ""):
            return self.image.uid, self.image.gid
        uid, _, gid = user.text.partition(":")
        return number_of(uid), number_of(gid) if gid else None

    @cached_property
    def initialises(self) -> bool:
        """Whether the entry point makes a data directory."""
        return self.start.does is Does.INITIALISES and self.image.family is Family.OFFICIAL

    @cached_property
    def folder(self) -> str | None:
        """PGDATA."""
        set_to = self.environment.get("PGDATA")
        if isinstance(set_to, Traced):
            return clean(set_to.text) if set_to.is_known and set_to.text.startswith("/") else None
        # Nothing of PostgreSQL's own is called so in an environment that is not all in view.
        return self.image.data_directory(self.major)

    @cached_property
    def config_folder(self) -> str | None:
        """The folder in which the server seeks its main file."""
        return _absolute(self.line.folder) if self.line.folder is not None else self.folder

    @cached_property
    def main_path(self) -> str | None:
        named = self.line.value("config_file")
        if named is not None:
            return _absolute(named)
        return posixpath.join(self.config_folder, MAIN) if self.config_folder else None

    @cached_property
    def main(self) -> Source | None:
        return self._file(self.main_path, MAIN, self._made_main)

    @cached_property
    def server_folder(self) -> str | None:
        """The data directory, as the main file or the command line may move it."""
        named = self._setting("data_directory")
        # Where the main file is not in view, it is the usual one that is taken.
        if named is None or (isinstance(named, Unknown) and self.main is None):
            return self.config_folder
        return None if isinstance(named, Unknown) else _absolute(named)

    @cached_property
    def initdb(self) -> Initdb:
        given = by_file(self.environment, INITDB_VARIABLE, self.workload.mounts, self.files)
        if given is None:
            return Initdb()
        if isinstance(given, Unknown):
            return Initdb(is_known=False)
        try:
            words = all_fields(words_of(given), self.environment.values())
        except ShellError:
            return Initdb(is_known=False)
        return read_initdb(words, self.major)

    @cached_property
    def initialised(self) -> Initialised:
        if not self.initialises or self.folder is None:
            return Initialised()
        values = {"PGDATA": own(self.folder, self.at.source, self.at.span, "image"), **self.environment.values()}
        return run_init_scripts(self.mounts, self.files, values, self.folder)

    def _path(self, name: str) -> str:
        """What a file is called that is made here: unique among all of a run."""
        return f"{self.workload.at.source.path}#{self.workload.at.span.start}:{self.workload.name}/{name}"

    def _file(
        self, path: str | None, name: str, made: Callable[[], Traced], *, is_scripted: bool = True
    ) -> Source | None:
        """The file at a path of the server: what stands there, else what initdb makes in the data directory."""
        if path is None:
            return None
        found = standing(path, self._file_mounts)
        if found is not None:
            return source_of(found, self.files, self._path(name))
        if isinstance(self._sampled(f"{name}.sample"), Unknown):
            return None
        if self.initialises and self.folder and path == posixpath.join(self.folder, name):
            text = self.initialised.text(path, made(), self.at, self.major) if is_scripted else made()
            return virtual(self._path(name), text) if text is not None else None
        return None

    @cached_property
    def _file_mounts(self) -> tuple[Mount, ...]:
        """The mounts that a file may stand in: an empty volume has none."""
        return tuple(mount for mount in self.mounts if not mount.is_volume)

    def _setting(self, name: str) -> Traced | Unknown | None:
        """What the command line or the main file sets; None for a default."""
        given = self.line.setting(name)
        if given is not None:
            value = self.line.part(given.value_span)
            return value if value.is_known else UNKNOWN
        main = self._file(self.main_path, MAIN, self._made_main, is_scripted=False)
        return UNKNOWN if main is None or not self.line.is_whole else setting_in(main, name)

    def _named(self, setting: str, default: str) -> str | None:
        """The path of hba_file or ident_file."""
        value = self._setting(setting)
        unseen = value is UNKNOWN and self.main is None and self.line.setting(setting) is None
        if unseen and any(posixpath.basename(clean(mount.server)) == default for mount in self.workload.mounts):
            # The main file that is not in view says which it is, as it seems.
            return None
        if value is None or unseen:
            return posixpath.join(self.server_folder, default) if self.server_folder else None
        if isinstance(value, Unknown):
            return None
        path = value.text
        return path if path.startswith("/") or not self.server_folder else posixpath.join(self.server_folder, path)

    def _made_main(self) -> Traced:
        """postgresql.conf as initdb makes it of the image's sample: what is not a default."""
        listens = own("listen_addresses = '*'\n", self.at.source, self.at.span, "image")
        sample = listens if self.sample is None or isinstance(self.sample, Unknown) else self.sample
        return sample + settings_text(self.initdb, self.major)

    @cached_property
    def sample(self) -> Traced | Unknown | None:
        """The sample of the main file; UNKNOWN where that is not in view, None for the image's own."""
        return self._sampled(SAMPLE)

    def _sampled(self, name: str) -> Traced | Unknown | None:
        """The sample that initdb takes, where a build or a mount put another in its place; UNKNOWN if not in view."""
        for folder in (*_SAMPLES, f"{_SAMPLES[0]}/{self.major}"):
            found = standing(f"{folder}/{name}", self._file_mounts)
            if found is not None:
                source = source_of(found, self.files, self._path(name))
                return UNKNOWN if source is None else whole(source)
        return None

    def _made_hba(self) -> Traced:
        """The records of initdb, and the one that the entry point appends."""
        at, key, method = self.method
        line = own("host all all all ", at.source, at.span, key) + method
        made, sample = records(self.initdb, self.at, "image"), self._sampled(HBA_SAMPLE)
        first = of_sample(sample, made) if isinstance(sample, Traced) else made
        return first + line + own("\n", at.source, at.span, key)

    @cached_property
    def method(self) -> tuple[Home, str, Traced]:
        """The method of the appended record, and what causes it."""
        given = self.environment.get(METHOD_VARIABLE)
        if isinstance(given, Traced):
            at = self.environment.variables[METHOD_VARIABLE].name.home() or self.at
            return at, METHOD_VARIABLE, given
        stored = UNKNOWN if isinstance(given, Unknown) else self._setting(PASSWORD_ENCRYPTION)
        if isinstance(stored, Unknown) or not self.initdb.is_known:
            return self.at, "image", own("scram-sha-256", self.at.source, self.at.span, "image", By.UNKNOWN)
        if stored is not None:
            at = stored.home() or self.at
            return at, PASSWORD_ENCRYPTION, shown_encryption(stored)
        chosen = self.major or ASSUMED_MAJOR
        text = "scram-sha-256" if chosen >= SCRAM_DEFAULT_FROM else "md5"
        return self.at, "image", own(text, self.at.source, self.at.span, "image")

    def _refusals(self) -> "list[Said]":
        """Why the entry point or initdb ends before a server starts on a new volume."""
        if not self.initialises:
            return []
        old = old_mount(self.workload, self.folder, self.major)
        inside = in_data_directory(self.workload, self.folder)
        found = [twice_given(self.environment), self._without_password(), old, inside]
        if (word := self.initdb.fault) is not None:
            told = {"word": MASK if word.is_secret else word.text}
            found.append(Said("initdb-refuses", word.home() or self.at, told))
        return [one for one in found if one is not None]

    def _without_password(self) -> Said | None:
        """No superuser gets in without a password, but by trust: the entry point asks for either."""
        if self.workload.tool == DOCKERFILE:
            # An image gets its password when it is started.
            return None
        password = by_file(self.environment, PASSWORD_VARIABLE, self.workload.mounts, self.files)
        method = self.environment.get(METHOD_VARIABLE)
        if password is not None or isinstance(method, Unknown) or (method is not None and not method.is_known):
            return None
        return None if method is not None and method.text == "trust" else Said("no-password", self.workload.at)

    def _texts(self) -> list[str]:
        """The scripts in view, which may do something with what is mounted."""
        words = (word.text for effect in self.start.before if isinstance(effect, Call) for word in effect.words)
        return [*words, *(source.text for _, source in scripts_of(self.mounts, self.files))]

    def _said(self) -> "list[Said]":
        found: list[Said] = []
        if self.start.does is Does.UNKNOWN:
            found.append(Said(COMMAND_UNKNOWN, self.start.at or self.workload.at))
        if self.start.does is Does.OTHER:
            found.append(Said("no-server", self.start.at or self.workload.at))
        if self.start.does in (Does.INITIALISES, Does.STARTS):
            read = {MAIN: self.main_path}
            if self.main is not None:
                # Else what the main file says of their places is not in view.
                read |= {HBA: self._named("hba_file", HBA), IDENT: self._named("ident_file", IDENT)}
            found += not_read(self.workload.mounts, read, self._texts(), self.files)
        if self.initialises:
            found += read_only(self.workload, self.folder)
            found += self.initialised.said
        return found


def _absolute(path: Traced) -> str | None:
    return clean(path.text) if path.is_known and path.text.startswith("/") else None
