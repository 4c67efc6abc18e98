"""`docker run` and `podman run` in scripts and Makefiles -> workloads.

From the reference of `docker run` (Docker 28) and podman-run(1); read, not run. A command with an option that is not
known here is left alone, since nobody can say which of its words is the image.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pgssllint.files import Files, Unread
from pgssllint.sources.docker_values import HOLE, in_view, is_path, known, ports, variables
from pgssllint.sources.image_behaviour import image_of
from pgssllint.sources.shell_effects import Call, effects
from pgssllint.sources.shell_values import Values
from pgssllint.sources.workload import Mount, Port, Reach, Variable, Workload
from pgssllint.text import Source
from pgssllint.traced import Cutter, Traced, joined, whole
from pgssllint.unknown import UNKNOWN, Unknown
from pgssllint.ways import clean

TOOL = "docker run"
ENGINES = frozenset({"docker", "podman", "nerdctl"})

_HERE = re.compile(r"(?:\$\{?PWD\}?|\$\(pwd\)|`pwd`|\$\(CURDIR\)|\$\{CURDIR\}|\$\(PWD\))(?=/|\Z)")
"""What stands for the folder in which a command runs."""

_LETTERS: Mapping[str, str] = {
    "e": "env", "v": "volume", "p": "publish", "u": "user", "w": "workdir", "h": "hostname", "l": "label",
    "m": "memory", "a": "attach", "c": "cpu-shares",
}  # fmt: skip
_SWITCHES = frozenset(
    {"detach", "interactive", "tty", "rm", "init", "privileged", "publish-all", "read-only", "no-healthcheck", "quiet"}
    | {"oom-kill-disable", "sig-proxy", "replace", "help", "use-api-socket", "no-hosts", "no-hostname", "tls-verify"}
)
_SWITCH_LETTERS = frozenset("ditPq")
_NAMES = """
add-host annotation arch attach authfile blkio-weight cap-add cap-drop cgroup-parent cgroupns cidfile cpu-period
cpu-quota cpu-shares cpus cpuset-cpus cpuset-mems detach-keys device dns dns-option dns-search domainname entrypoint
env env-file expose gpus group-add health-cmd health-interval health-retries health-start-period health-timeout
hostname ip ip6 ipc isolation label label-file link log-driver log-opt mac-address memory memory-reservation
memory-swap memory-swappiness mount name net net-alias network network-alias oom-score-adj os pid pids-limit
platform pod publish pull restart runtime secret security-opt shm-size stop-signal stop-timeout storage-opt sysctl
tmpfs ulimit user userns uts variant volume volume-driver volumes-from workdir
"""
_VALUED = frozenset(_NAMES.split())
"""Options whose value may be the next word."""


def runs_in_script(source: Source, files: Files) -> Iterator[Workload]:
    """The servers that a shell's script starts in containers."""
    yield from runs(whole(source), files, os.path.dirname(source.path), {})


def runs_in_makefile(source: Source, files: Files) -> Iterator[Workload]:
    """The servers that the recipes of a Makefile start in containers. Variables of make are not put in."""
    for recipe in _recipes(whole(source)):
        yield from runs(recipe, files, os.path.dirname(source.path), {})


def runs(text: Traced, files: Files, folder: str, values: Values) -> Iterator[Workload]:
    """The servers that a script starts in containers, which runs in a folder."""
    if not any(engine in text.text for engine in ENGINES):
        return
    for effect in effects(text, values):
        if isinstance(effect, Call) and effect.name in ENGINES:
            found = run_of(effect, files, folder)
            if found is not None:
                yield found


def run_of(call: Call, files: Files, folder: str) -> Workload | None:
    """The workload of a call; None where it starts none, or not one of PostgreSQL."""
    words = list(call.words[1:])
    if words and words[0].text == "container":
        words.pop(0)
    if not words or words[0].text not in ("run", "create"):
        return None
    options = _Options()
    rest = options.read(words[1:])
    if rest is None or not rest:
        return None
    workload = _Run(options.held, files, folder, call).workload(rest)
    return workload if image_of(workload) is not None else None


@dataclass
class _Options:
    """The options before the image, by their long names."""

    held: dict[str, list[Traced]] = field(default_factory=dict)

    def read(self, words: list[Traced]) -> list[Traced] | None:
        """The words behind the options; None where one of them is not known."""
        left = list(reversed(words))
        while left and left[-1].text.startswith("-"):
            word = left.pop()
            if word.text == "--":
                break
            if not (self._long(word, left) if word.text.startswith("--") else self._short(word, left)):
                return None
        return left[::-1]

    def _long(self, word: Traced, left: list[Traced]) -> bool:
        name, equals, _ = word.text[2:].partition("=")
        if name in _SWITCHES:
            return True
        if name not in _VALUED or not (equals or left):
            return False
        self.held.setdefault(name, []).append(word.part(len(name) + 3, len(word)) if equals else left.pop())
        return True

    def _short(self, word: Traced, left: list[Traced]) -> bool:
        for at in range(1, len(word)):
            letter = word.text[at]
            if letter in _SWITCH_LETTERS:
                continue
            if letter not in _LETTERS or not (at + 1 < len(word) or left):
                return False
            value = word.part(at + 1, len(word)).stripped("=") if at + 1 < len(word) else left.pop()
            self.held.setdefault(_LETTERS[letter], []).append(value)
            return True
        return len(word) > 1


@dataclass(frozen=True)
class _Run:
    """One call, whose options are read."""

    options: Mapping[str, list[Traced]]
    files: Files
    folder: str
    call: Call

    def workload(self, rest: list[Traced]) -> Workload:
        environment, is_complete = self._environment()
        entrypoint = self._last("entrypoint")
        name = self._last("name")
        return Workload(
            at=self.call.at,
            tool=TOOL,
            kind="container",
            name=name.text if name is not None and name.is_known else _called(rest[0].text),
            image=rest[0],
            entrypoint=None if entrypoint is None else (entrypoint,) if entrypoint.is_known else UNKNOWN,
            command=tuple(rest[1:]) or None,
            environment=environment,
            user=self._last("user"),
            mounts=tuple(sorted(self._mounts(), key=lambda mount: mount.server.count("/"))),
            ports=tuple(self._ports()),
            is_environment_complete=is_complete,
        )

    def _ports(self) -> Iterator[Port]:
        """What is published; in the network of the host every port that the server listens on is reached there."""
        network = self._last("network") or self._last("net")
        at = network.home() if network is not None and network.text == "host" else None
        if at is not None:
            yield Port(None, None, "", Reach.EVERYWHERE, at)
            return
        for word in self.options.get("publish", ()):
            yield from ports(word)

    def _last(self, name: str) -> Traced | None:
        held = self.options.get(name)
        return held[-1] if held else None

    def _environment(self) -> tuple[dict[str, Variable], bool]:
        """The variables; those of a file come first. One without a value is the caller's."""
        found: dict[str, Variable] = {}
        is_complete = True
        for path in self.options.get("env-file", ()):
            local = self._local(path)
            source = self.files.read(local) if local is not None else None
            if source is None or isinstance(source, Unread):
                is_complete = False
                continue
            found |= variables(source)
        for word in self.options.get("env", ()):
            name, equals, _ = word.masked(HOLE).partition("=")
            value: Traced | Unknown = known(word.part(len(name) + 1, len(word))) if equals else UNKNOWN
            found[name] = Variable(word.part(0, len(name)), value)
        return found, is_complete

    def _mounts(self) -> Iterator[Mount]:
        for word in self.options.get("volume", ()):
            yield from self._volume(word)
        for word in self.options.get("mount", ()):
            yield from self._long_mount(word)
        for word in self.options.get("tmpfs", ()):
            at, target = word.home(), word.text.partition(":")[0]
            if at is not None and target.startswith("/"):
                yield Mount(clean(target), None, at, is_volume=True)

    def _volume(self, word: Traced) -> Iterator[Mount]:
        """`[SOURCE:]TARGET[:OPTIONS]`; a colon in what is not known parts nothing."""
        text, at = word.masked(HOLE), word.home()
        parts = text.split(":")
        source, target = parts[:2] if len(parts) > 1 else ("", parts[0])
        if at is None or len(parts) > 3 or not target.startswith("/") or HOLE in target:
            return
        options = parts[2].split(",") if len(parts) == 3 else []
        given = word.part(0, len(source))
        is_bind = is_path(source) or _HERE.match(given.text) is not None
        local = self._local(given) if is_bind else None
        is_volume = not is_bind and HOLE not in source
        yield Mount(clean(target), local, at, read_only="ro" in options, is_volume=is_volume)

    def _long_mount(self, word: Traced) -> Iterator[Mount]:
        """`type=bind,source=...,target=...[,readonly]`."""
        fields: dict[str, Traced] = {}
        offset = 0
        for part in word.text.split(","):
            name, _, value = part.partition("=")
            fields[_MOUNT_NAMES.get(name, name)] = word.part(offset + len(part) - len(value), offset + len(part))
            offset += len(part) + 1
        target, source, kind, at = fields.get("target"), fields.get("source"), fields.get("type"), word.home()
        if target is None or not target.is_known or not target.text.startswith("/") or at is None:
            return
        is_bind = kind is not None and kind.text == "bind"
        access = fields.get("readonly")
        yield Mount(
            clean(target.text),
            self._local(source) if is_bind and source is not None else None,
            at,
            read_only=access is not None and access.text not in ("false", "0"),
            is_volume=not is_bind,
        )

    def _local(self, path: Traced) -> str | None:
        """The local path of what a command names, which is taken to run beside its file, or where that fits."""
        here = _HERE.match(path.text)
        rest = path.part(here.end(), len(path)) if here is not None else path
        if not rest.is_known:
            return None
        name = rest.text.lstrip("/") if here is not None else rest.text
        folder = self.folder
        while True:
            local = in_view(self.files, name or ".", folder)
            if local is not None and (not self.files.look(local).reason or name.startswith("/")):
                return local
            if folder in self.files.roots or folder == os.path.dirname(folder):
                return in_view(self.files, name or ".", self.folder)
            folder = os.path.dirname(folder)


_MOUNT_NAMES = {"src": "source", "dst": "target", "destination": "target", "ro": "readonly"}


def _called(image: str) -> str:
    """What a container is called here that its call gives no name: by its image."""
    return image.rpartition("/")[2].partition("@")[0].partition(":")[0]


def _recipes(text: Traced) -> Iterator[Traced]:
    """The lines of a Makefile's recipes, continued ones as one, without what make takes off them."""
    cutter, parts, at = Cutter(text), list[Traced](), 0
    while at < len(text.text):
        end = text.text.find("\n", at)
        end = len(text.text) if end < 0 else end + 1
        line = text.text[at:end]
        if parts or line.startswith("\t"):
            start = at if parts else at + len(line) - len(line.lstrip("\t @-+"))
            parts.append(cutter.part(min(start, end), end))
            if not line.rstrip("\r\n").endswith("\\"):
                yield _dollars(joined(parts))
                parts = []
        at = end
    if parts:
        yield _dollars(joined(parts))


def _dollars(text: Traced) -> Traced:
    """A recipe as the shell gets it: make turns `$$` into `$`."""
    if "$$" not in text.text:
        return text
    cutter, parts, at = Cutter(text), list[Traced](), 0
    for hit in re.finditer(r"\$\$", text.text):
        parts += [cutter.part(at, hit.start() + 1)]
        at = hit.end()
    return joined([*parts, cutter.part(at, len(text))])
