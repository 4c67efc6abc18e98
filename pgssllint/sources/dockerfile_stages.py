"""What the instructions of a stage of a Dockerfile make of it: files, variables, what is run."""

import fnmatch
import os
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pgssllint.files import Files, Unread
from pgssllint.sources.dockerfile_lines import Instruction, exposed_ports, json_words
from pgssllint.sources.images import read_image
from pgssllint.sources.initdb import sample_text
from pgssllint.sources.made_keys import made_keys
from pgssllint.sources.packages import installed
from pgssllint.sources.sample_comments import edited_sample
from pgssllint.sources.sed import read_sed
from pgssllint.sources.shell_effects import Call, Output, effects
from pgssllint.sources.shell_tokens import ShellError
from pgssllint.sources.shell_values import all_values, value_of
from pgssllint.sources.shell_words import words_of
from pgssllint.sources.standing import source_of, standing
from pgssllint.sources.touched import copies, is_meant, touched, without_rights
from pgssllint.sources.workload import Mount, Port, Said, Variable
from pgssllint.text import Home, Source
from pgssllint.traced import Traced, joined, whole
from pgssllint.unknown import UNKNOWN, Unknown
from pgssllint.ways import clean

MAX_FILES = 1_000
"""No instruction copies more files that a pattern names."""

_OF_RIGHTS = frozenset({"chmod", "chown"})

_FOLDERS = frozenset(
    {"/docker-entrypoint-initdb.d", "/etc", "/etc/postgresql", "/etc/ssl", "/etc/ssl/certs", "/etc/ssl/private", "/tmp"}
    | {
        "/",
        "/var/lib/postgresql",
        "/var/lib/postgresql/data",
        "/usr/local/bin",
        "/usr/share/postgresql",
        "/opt",
        "/root",
    }
)
"""Folders that are in the image."""


_Copy = tuple[str | None, str | None, Traced | None]
"""Where something stands in the image, and its local path or its text."""


@dataclass
class Stage:
    """A stage while its instructions are gone through."""

    files: Files
    context: str | None
    image: Traced | Unknown
    at: Home
    name: str
    stages: "dict[str, Stage]"
    values: dict[str, Traced | Unknown] = field(default_factory=dict)
    arguments: dict[str, Traced | Unknown] = field(default_factory=dict)
    environment: dict[str, Variable] = field(default_factory=dict)
    mounts: list[Mount] = field(default_factory=list)
    command: tuple[Traced, ...] | Unknown | None = None
    entrypoint: tuple[Traced, ...] | Unknown | None = None
    user: Traced | None = None
    folder: str = "/"
    shell: tuple[Traced, ...] | None = None
    touched: list[str] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    exposed: list[Port] = field(default_factory=list)

    def instruction(self, one: Instruction) -> None:
        """Do what an instruction says; one that says nothing of the image's contents is left."""
        match one.name:
            case "ENV":
                self._env(one)
            case "ARG":
                self._arg(one)
            case "COPY" | "ADD":
                self._copy(one)
            case "RUN":
                self._run(one)
            case "CMD":
                self.command = self._words(one)
            case "ENTRYPOINT":
                self.entrypoint = self._words(one)
                # An entry point of one's own takes the command of the image below away.
                self.command = None
            case "SHELL":
                self.shell = json_words(one.rest)
            case "USER":
                self.user = self._one(one.rest)
            case "WORKDIR":
                self.folder = self._absolute(self._one(one.rest)) or self.folder
            case "VOLUME":
                self._volume(one)
            case "EXPOSE":
                self.exposed += exposed_ports(self._split(one.rest))

    def _env(self, one: Instruction) -> None:
        words = self._split(one.rest)
        if words and "=" not in words[0].text:
            name, _, _ = one.rest.text.partition(" ")
            self._set(one.rest.part(0, len(name)), self._one(one.rest.part(len(name), len(one.rest)).stripped()))
            return
        for word in words:
            name, equals, _ = word.text.partition("=")
            if equals:
                self._set(word.part(0, len(name)), word.part(len(name) + 1, len(word)))

    def _set(self, name: Traced, value: Traced) -> None:
        held: Traced | Unknown = value if value.is_known else UNKNOWN
        self.environment[name.text] = Variable(name, held)
        self.values[name.text] = held

    def _arg(self, one: Instruction) -> None:
        """An argument: what the build is given, else its default; one of the environment hides it."""
        for word in self._split(one.rest):
            name, equals, _ = word.text.partition("=")
            given = self.arguments.get(name)
            if given is None and equals:
                given = word.part(len(name) + 1, len(word))
            if name not in self.environment:
                self.values[name] = given if isinstance(given, Traced) and given.is_known else UNKNOWN

    def _words(self, one: Instruction) -> tuple[Traced, ...]:
        words = json_words(one.rest)
        if words is not None:
            return words
        if self.shell is not None:
            return (*self.shell, one.rest)
        return (one.at.beside("/bin/sh", one.name), one.at.beside("-c", one.name), one.rest)

    def _volume(self, one: Instruction) -> None:
        at = one.rest.home()
        for word in json_words(one.rest) or self._split(one.rest):
            if at is not None and word.is_known:
                self.mounts.append(Mount(word.text, None, at, is_volume=True, is_image=True))

    def _run(self, one: Instruction) -> None:
        if json_words(one.rest) is not None:
            return
        done = [effect for effect in effects(_script(one), self.values) if not isinstance(effect, Home)]
        for effect in done:
            if isinstance(effect, Output):
                self._write(effect)
            elif effect.name in ("cp", "mv", "install"):
                self.mounts += [copy._replace(is_image=True) for copy in copies(effect.words, tuple(self.mounts))]
            elif effect.name in _OF_RIGHTS:
                self._change(effect)
            elif effect.name in ("sed", "perl", "patch", "rm", "awk"):
                self._edit(effect)
        paths = touched(tuple(one for one in done if not (isinstance(one, Call) and one.name in _OF_RIGHTS)))
        self.mounts = list(without_rights(self.mounts, set(paths)))
        self.touched += paths
        self.said += [*made_keys(done), *installed(done)]

    def _edit(self, call: Call) -> None:
        """A file of the image that is changed: by sed as far as that is followed, else what it has is not in view."""
        read = read_sed(call.words) if call.is_certain else None
        for word in read[1] if read is not None else call.words[1:]:
            path = self._absolute(word) if "/" in word.text and not word.text.startswith(("-", "s/", "/^")) else None
            text = self._text(path, call.at) if path is not None else None
            if path is None or (text is None and standing(path, tuple(self.mounts)) is None):
                continue
            made = edited_sample(path, text, read[0], call.at, self.image) if text is not None and read else None
            self.mounts.append(Mount(path, None, call.at, made, is_image=True))

    def _write(self, output: Output) -> None:
        """A file that a command writes into the image, or adds to."""
        path = self._absolute(output.path)
        if path is None:
            return
        text = output.text if output.is_certain else UNKNOWN
        before = self._text(path, output.at) if output.appends else Traced()
        if isinstance(text, Unknown) or before is None:
            self.mounts.append(Mount(path, None, output.at, is_image=True))
        else:
            self.mounts.append(Mount(path, None, output.at, before + text, is_image=True, uid=0, gid=0))

    def _text(self, path: str, at: Home) -> Traced | None:
        """What a file of the image has by now; None where it is not in view."""
        found = standing(path, tuple(self.mounts))
        if found is None:
            return sample_text(posixpath.basename(path), at)
        if found.contents is not None:
            return found.contents
        source = source_of(found, self.files, path)
        return whole(source) if isinstance(source, Source) else None

    def _change(self, call: Call) -> None:
        """A mode or an owner of files of the image: as far as it is a number or a name that is known."""
        options = [word.text for word in call.words[1:] if word.text.startswith("-")]
        words = [word for word in call.words[1:] if not word.text.startswith("-")]
        is_deep = any(option == "--recursive" or ("R" in option and option[1:2] != "-") for option in options)
        for word in words[1:]:
            path = self._absolute(word)
            if path is None:
                continue
            meant = [n for n, mount in enumerate(self.mounts) if is_meant(mount.server, path, is_deep=is_deep)]
            found = standing(path, tuple(self.mounts)) if not meant else None
            if found is not None and found.mount.server != path:
                # A file of a folder that is copied as a whole.
                meant = [len(self.mounts)]
                mount = Mount(path, found.local, call.at, uid=found.mount.uid, gid=found.mount.gid, is_image=True)
                self.mounts.append(mount)
            for number in meant:
                one = self.mounts[number]
                changed = self._changed(one, call.name, words[0].text) if call.is_certain else None
                self.mounts[number] = changed or one._replace(mode=None, uid=None, gid=None)
            if not call.is_certain:
                self.touched.append(path)

    def _changed(self, mount: Mount, name: str, value: str) -> Mount | None:
        if name == "chmod":
            digits = value.isascii() and value.isdigit() and len(value) <= 4 and not set(value) & set("89")
            return mount._replace(mode=int(value, 8)) if digits else None
        uid, gid = self._owner(value)
        return mount._replace(uid=uid, gid=gid if gid is not None else mount.gid) if uid is not None else None

    def _owner(self, value: str) -> tuple[int | None, int | None]:
        """The numbers of `USER[:GROUP]`: those of postgres are the image's."""
        image = read_image(self.image) if isinstance(self.image, Traced) else None
        user, _, group = value.partition(":")
        known = {"root": (0, 0), "postgres": (image.uid, image.gid) if image is not None else (None, None)}

        def number(name: str, place: int) -> int | None:
            return (
                int(name)
                if name.isascii() and name.isdigit() and len(name) < 10
                else known.get(name, (None, None))[place]
            )

        return number(user, 0), number(group, 1) if group else None

    def _copy(self, one: Instruction) -> None:
        words = list(json_words(one.rest) or self._split(one.rest))
        options: dict[str, str] = {}
        while words and words[0].text.startswith("--"):
            name, _, value = words.pop(0).text[2:].partition("=")
            options[name] = value
        at = one.rest.home()
        if len(words) < 2 or at is None:
            return
        target, sources = words[-1], words[:-1]
        for number, source in enumerate(sources):
            document = one.documents[number] if number < len(one.documents) and source.text.startswith("<<") else None
            if document is not None:
                path = self._target(target, document.word, several=len(sources) > 1)
                found: list[_Copy] = [(path, None, document.text)]
            else:
                found = list(self._copied(source, target, options, several=len(sources) > 1, is_add=one.name == "ADD"))
            for path, local, text in found:
                if path is not None:
                    self.mounts.append(self._mount(path, local, source.home() or at, text, options))

    def _mount(self, path: str, local: str | None, at: Home, text: Traced | None, options: dict[str, str]) -> Mount:
        facts = self.files.look(local) if local is not None else None
        mode = facts.mode if facts is not None and facts.kind == "file" else None
        mount = Mount(path, local, at, text, mode=mode, uid=0, gid=0, is_image=True)
        if "chown" in options:
            uid, gid = self._owner(options["chown"])
            mount = mount._replace(uid=uid, gid=gid if gid is not None else uid)
        return (
            (self._changed(mount, "chmod", options["chmod"]) or mount._replace(mode=None))
            if "chmod" in options
            else mount
        )

    def _copied(
        self, source: Traced, target: Traced, options: dict[str, str], *, several: bool, is_add: bool
    ) -> Iterator[_Copy]:
        """Where what is copied stands, and its local path or text."""
        name = posixpath.basename(clean(source.text))
        if not source.is_known or "from" in options or (is_add and "://" in source.text):
            yield from self._from_stage(source, target, options, several=several)
            return
        for local in self._local(source.text):
            is_folder = local is not None and self.files.look(local).kind == "directory"
            if is_folder:
                yield self._absolute(target), local, None
            else:
                yield self._target(target, os.path.basename(local or name), several=several), local, None

    def _from_stage(self, source: Traced, target: Traced, options: dict[str, str], *, several: bool) -> Iterator[_Copy]:
        stage = self.stages.get(options.get("from", "").lower())
        path = stage._absolute(source) if stage is not None else None
        found = standing(path, tuple(stage.mounts)) if stage is not None and path is not None else None
        where = self._target(target, posixpath.basename(source.text), several=several)
        yield (where, found.local, found.contents) if found is not None else (where, None, None)

    def _local(self, text: str) -> Iterator[str | None]:
        """The local paths that a source of the context names, by a pattern too; None for what is not in view."""
        if self.context is None:
            yield None
            return
        path = clean(os.path.join(self.context, text.lstrip("/")))
        if path != self.context and not path.startswith(self.context.rstrip("/") + "/"):
            yield None
        elif not any(mark in text for mark in "*?["):
            yield path
        else:
            folder, pattern = os.path.split(path)
            names = self.files.entries(folder)
            fitting = [] if isinstance(names, Unread) or len(pattern) > 100 else fnmatch.filter(names, pattern)
            yield from (os.path.join(folder, name) for name in fitting[:MAX_FILES])

    def _target(self, target: Traced, name: str, *, several: bool) -> str | None:
        path = self._absolute(target)
        if path is None:
            return None
        is_folder = (
            several or target.text.endswith("/") or target.text == "." or path in _FOLDERS or path == self.folder
        )
        return posixpath.join(path, name) if is_folder else path

    def _absolute(self, path: Traced) -> str | None:
        return clean(posixpath.join(self.folder, path.text)) if path.is_known and path.text else None

    def _one(self, text: Traced) -> Traced:
        words = self._split(text)
        return words[0] if len(words) == 1 else text

    def _split(self, text: Traced) -> tuple[Traced, ...]:
        try:
            return all_values(words_of(text), self.values)
        except ShellError:
            return ()

    def expanded(self, text: Traced) -> Traced:
        """A text with the values of arguments in it."""
        try:
            words = words_of(text)
        except ShellError:
            return text
        return value_of(words[0], self.values) if len(words) == 1 else text


def _number(name: str, known: Mapping[str, int | None]) -> int | None:
    return int(name) if name.isascii() and name.isdigit() and len(name) < 10 else known.get(name)


def _script(one: Instruction) -> Traced:
    """What the shell of RUN is given: without the options of RUN itself, with its here-documents."""
    script = one.rest
    while script.text.startswith("--"):
        option = len(script.text.partition(" ")[0])
        script = script.part(option, len(script)).stripped()
    if not one.documents:
        return script
    if script.text.startswith("<<"):
        return one.documents[0].text
    parts = [script]
    for document in one.documents:
        parts += [one.at.beside("\n", "RUN"), document.text, one.at.beside(document.word, "RUN")]
    return joined([*parts, one.at.beside("\n", "RUN")])
