"""A Dockerfile -> the workload that its last stage, or one that is named, makes.

From Docker's reference of the Dockerfile, version 1 of its syntax; read, not run. What a build is given and does not
stand in the file (arguments without a default, other contexts, images of their own) is not in view.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from pgssllint.files import Files
from pgssllint.sources.dockerfile_lines import Instruction, instructions, json_words
from pgssllint.sources.dockerfile_stages import Stage
from pgssllint.sources.shell_tokens import ShellError
from pgssllint.sources.shell_values import value_of
from pgssllint.sources.shell_words import words_of
from pgssllint.sources.workload import DOCKERFILE, Port, Reach, Variable, Workload
from pgssllint.text import Source
from pgssllint.traced import Traced, whole
from pgssllint.unknown import UNKNOWN, Unknown
from pgssllint.ways import clean

MAX_COPIED = 100
"""So many of the files that a Dockerfile copies are sought to find its context."""

MAX_ABOVE = 4
"""So many folders, its own among them, are looked at for the context of a Dockerfile."""


def read_dockerfile(
    text: Traced,
    files: Files,
    context: str | None,
    arguments: Mapping[str, Variable] | None = None,
    target: str | None = None,
) -> Workload | None:
    """The workload of a stage (the last, where none is named); None where there is no such stage.

    `context` is the local folder that files are copied from, None where it is not in view. `arguments` may be secret.
    """
    given = {name: one.value for name, one in (arguments or {}).items()}
    stages: dict[str, Stage] = {}
    before: dict[str, Traced | Unknown] = {}
    last: Stage | None = None
    count = 0
    for one in instructions(text):
        if one.name == "FROM":
            last = _stage(one, _Build(files, context, stages, before, count))
            if last is None:
                continue
            last.arguments = given
            stages[last.name.lower()] = stages[str(count)] = last
            count += 1
        elif last is not None:
            last.instruction(one)
        elif one.name == "ARG":
            _argument(one, before, given)
    if target is not None:
        last = stages.get(target.lower())
    return _workload(last) if last is not None else None


def read_file(source: Source, files: Files) -> Workload | None:
    """The workload of a Dockerfile. Its context is the folder that it stands in, unless all that it copies is in one
    above, as for `docker build -f docker/Dockerfile .`.
    """
    text = whole(source)
    return read_dockerfile(text, files, _context(text, files, os.path.dirname(source.path)))


def _context(text: Traced, files: Files, own: str) -> str:
    """The nearest folder in which anything is that a Dockerfile copies; its own where there is none."""
    copied = [word.text.lstrip("/") for one in instructions(text) for word in _copied_words(one)][:MAX_COPIED]
    folder = own
    for _ in range(MAX_ABOVE if copied else 0):
        if any(files.look(clean(os.path.join(folder, path))).kind for path in copied):
            return folder
        folder = os.path.dirname(folder)
        if files.look(folder).kind != "directory":
            break
    return own


def _copied_words(one: Instruction) -> Iterator[Traced]:
    """The words of what an instruction copies by its name from the context."""
    if one.name not in ("COPY", "ADD"):
        return
    try:
        words = list(json_words(one.rest) or (value_of(word, {}) for word in words_of(one.rest)))
    except ShellError:
        return
    if not any(word.text.startswith(("--from", "<<")) for word in words):
        names = [word for word in words if word.is_known and not word.text.startswith("--")]
        yield from (word for word in names[:-1] if re.fullmatch(r"[\w./-]*\w[\w./-]*", word.text))


def built(workload: Workload, files: Files) -> Workload:
    """A workload whose image is built, with what its Dockerfile makes of the image; itself where that is not in view.

    What the workload says itself counts before what the image has.
    """
    build = workload.build
    if build is None:
        return workload
    text = build.inline
    if text is None:
        path = os.path.join(build.context or "", build.dockerfile)
        source = files.read(clean(path)) if path.startswith("/") else None
        text = whole(source) if isinstance(source, Source) else None
    target = build.target.text if build.target is not None and build.target.is_known else None
    made = read_dockerfile(text, files, build.context, build.arguments, target) if text is not None else None
    if made is None:
        return replace(workload, image=UNKNOWN)
    keeps = workload.entrypoint is None
    return replace(
        workload,
        image=made.image,
        entrypoint=made.entrypoint if keeps else workload.entrypoint,
        command=made.command if keeps and (workload.command is None or workload.command == ()) else workload.command,
        environment={**made.environment, **workload.environment},
        user=workload.user if workload.user is not None else made.user,
        mounts=(*made.mounts, *workload.mounts),
        ports=_with_exposed(workload.ports, made.ports),
        said=(*made.said, *workload.said),
        touched=(*made.touched, *workload.touched),
    )


def _with_exposed(ports: tuple[Port, ...], exposed: tuple[Port, ...]) -> tuple[Port, ...]:
    """The ports of a service, and those of its image that it publishes none of: other containers reach them."""
    if any(port.target is None for port in ports):
        return ports
    own = {port.target for port in ports}
    return (*ports, *(port._replace(reach=Reach.NETWORK) for port in exposed if port.target not in own))


def _argument(one: Instruction, values: dict[str, Traced | Unknown], given: Mapping[str, Traced | Unknown]) -> None:
    """An argument before the first stage, which only FROM sees; what is neither given nor has a default is not set."""
    try:
        words = [value_of(word, values) for word in words_of(one.rest)]
    except ShellError:
        return
    for word in words:
        name, equals, _ = word.text.partition("=")
        if name in given:
            values[name] = given[name]
        elif equals:
            values[name] = word.part(len(name) + 1, len(word))


class _Build(NamedTuple):
    """What a new stage may rest on: the stages before, and the arguments before the first; `number` is its own."""

    files: Files
    context: str | None
    stages: dict[str, Stage]
    before: dict[str, Traced | Unknown]
    number: int


def _stage(one: Instruction, build: _Build) -> Stage | None:
    """A new stage: on top of another, or of an image."""
    try:
        words = [value_of(word, build.before) for word in words_of(one.rest)]
    except ShellError:
        return None
    words = [word for word in words if not word.text.startswith("--")]
    at = words[0].home() if words else None
    if not words or at is None:
        return None
    name = words[2].text if len(words) > 2 and words[1].text.lower() == "as" else str(build.number)
    below = build.stages.get(words[0].text.lower()) if words[0].is_known else None
    if below is None:
        return Stage(build.files, build.context, words[0], at, name, build.stages)
    return replace(
        below, at=at, name=name, values=dict(below.values), environment=dict(below.environment),
        mounts=list(below.mounts), touched=list(below.touched), said=list(below.said), exposed=list(below.exposed),
    )  # fmt: skip


def _workload(stage: Stage) -> Workload:
    return Workload(
        at=stage.at,
        tool=DOCKERFILE,
        kind="stage",
        name=stage.name,
        image=stage.image,
        entrypoint=stage.entrypoint,
        command=stage.command,
        environment=stage.environment,
        user=stage.user,
        mounts=tuple(stage.mounts),
        ports=tuple(stage.exposed),
        said=tuple(stage.said),
        touched=tuple(dict.fromkeys(stage.touched)),
    )
