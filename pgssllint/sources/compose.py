"""Compose files: the containers that Docker Compose starts from a folder or from files that are named.

Everything is as Docker Compose 2.40.3 has it that was asked (`compose_files`, `compose_tree`, `compose_words` and kin);
where nothing in view sets a variable, what it stands for is unknown, and a file of variables that is not there is taken
for one that is not in view, since most are not committed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from pgssllint.files import Files
from pgssllint.sources.compose_env import VariablesError, known, variables
from pgssllint.sources.compose_files import Model, model
from pgssllint.sources.compose_interpolation import Lookup
from pgssllint.sources.compose_mounts import (
    CONFIGS,
    SECRETS,
    Given,
    Volume,
    given,
    given_mounts,
    in_order,
    in_view,
    tmpfs_mounts,
    volume,
    volume_mounts,
)
from pgssllint.sources.compose_networks import direct_ports, refused_networks
from pgssllint.sources.compose_ports import MAX_PORTS, exposed, port, published
from pgssllint.sources.compose_shared import with_volumes_from
from pgssllint.sources.compose_tree import Field, Items, Leaf, Refused, RefusedError, Table, Tree, child, leaf, listed
from pgssllint.sources.compose_words import CommandLineError, split
from pgssllint.sources.workload import Build, Mount, Port, Reach, Said, Variable, Workload
from pgssllint.syntax.yaml_nodes import Node, entries_of, get
from pgssllint.text import Home, Source
from pgssllint.traced import Traced
from pgssllint.unknown import UNKNOWN, Unknown

DROPPED = "dropped-after-operator"
"""Said of the end of a command from a `;`, `&`, `|`, `<` or `>` on: no shell runs, and Compose drops it."""

STRAY_LINE_END = "stray-line-end"
"""Said of a word that begins with a line end, or with a blank in its place: a backslash stands before it in a block."""

ODD_VARIABLE = "odd-variable-name"
"""Said of a variable in whose name there is a blank, as of an option that is written under `environment`."""

NO_ENV_FILE = "env-file-not-in-view"
"""Said of an `env_file` that is not there or not in view."""


@dataclass(frozen=True, slots=True)
class Project:
    """What Compose starts: a workload for each service. `refused` is what makes it start nothing at all, `unseen` what
    is named and not in view, `sources` all files that were read.
    """

    workloads: tuple[Workload, ...]
    refused: tuple[Refused, ...]
    unseen: tuple[Home, ...]
    sources: tuple[Source, ...]


def is_compose(root: Node) -> bool:
    """Whether a document is a compose file: services that have an image, a build or something they extend."""
    keys = ("image", "build", "extends", "command", "volumes", "ports", "environment")
    return get(root, "apiVersion") is None and any(
        get(entry.value, key) is not None for entry in entries_of(get(root, "services")) for key in keys
    )


def project(files: Files, paths: Sequence[str]) -> Project:
    """What Compose starts from the files at absolute local `paths`, each laid over those before it.

    Raises YamlError where one of them is no YAML or goes over a bound.
    """
    made = model(files, paths)
    refused = list(made.refused)
    services = made.parts.get("services")
    fields = services.fields if services is not None else {}
    workloads = [
        _Service(files, made, field, name, refused).workload()
        for name, field in fields.items()
        if isinstance(field.value, Table)
    ]
    refused += [*_named_alike(fields), *_at_odds(made.parts)]
    sharing = with_volumes_from(workloads, fields, refused)
    return Project(sharing, tuple(refused), made.unseen, made.sources)


_ORIGINS = ("file", "environment", "content")


def _at_odds(parts: Mapping[str, Table]) -> Iterator[Refused]:
    """Volumes, configs and secrets that are said to come from two places."""
    for kind in ("volumes", CONFIGS, SECRETS):
        keys = ("external", "driver", "driver_opts") if kind == "volumes" else _ORIGINS
        for field in parts[kind].fields.values() if kind in parts else ():
            given = [key for key in keys if _says(child(field.value, key))]
            if len(given) > 1 and (kind != "volumes" or given[0] == "external"):
                yield Refused("is said to come from two places", field.value.at)


def _says(node: Tree | None) -> bool:
    return isinstance(node, Table | Items) or (isinstance(node, Leaf) and not node.is_null and node.text != "false")


def _named_alike(services: Mapping[str, Field]) -> Iterator[Refused]:
    """Containers with the name of another, among services that are always there."""
    seen: set[str] = set()
    for field in services.values():
        name = leaf(child(field.value, "container_name"))
        if name is None or not name.value.is_known or listed(child(field.value, "profiles")):
            continue
        if name.text in seen:
            yield Refused("is the name of another container", name.at)
        seen.add(name.text)


@dataclass(frozen=True, slots=True)
class _Service:
    """A service of a project, and where what Compose refuses of it is kept."""

    files: Files
    model: Model
    field: Field
    name: str
    refused: list[Refused]

    def workload(self) -> Workload:
        """The container of the service."""
        said: list[Said] = []
        environment, is_complete = self._environment(said)
        image, build = leaf(child(self.field.value, "image")), self._build()
        at = self._at()
        if (image is None or not image.text) and build is None:
            self.refused.append(Refused("has neither an image nor what to build it from", at))
        return Workload(
            at=at,
            tool="compose",
            kind="service",
            name=self.name,
            image=None if image is None else _known_in_part(image.value),
            entrypoint=self._words("entrypoint", said),
            command=self._words("command", said),
            environment=environment,
            user=_value(child(self.field.value, "user")),
            mounts=self._mounts(),
            ports=self._ports(),
            said=tuple(said),
            profiles=self._profiles(),
            build=build,
            is_environment_complete=is_complete,
        )

    def _at(self) -> Home:
        return self.field.name.home() or self.field.value.at

    def _words(self, key: str, said: list[Said]) -> tuple[Traced, ...] | None:
        value = child(self.field.value, key)
        if isinstance(value, Items):
            return tuple(item.value for item in value.items if isinstance(item, Leaf))
        if not isinstance(value, Leaf) or value.is_null:
            return None
        try:
            words = split(value.value)
        except CommandLineError:
            self.refused.append(Refused("leaves a quote, a bracket or a backslash open", value.at))
            return ()
        if words.dropped is not None:
            said.append(
                Said(DROPPED, words.dropped.home() or value.at, {"key": key, "operator": words.dropped.text[0]})
            )
        said += [
            Said(STRAY_LINE_END, word.home() or value.at, {"key": key})
            for word in words.words
            if word.text.startswith(("\n", " "))
        ]
        return words.words

    def _environment(self, said: list[Said]) -> tuple[dict[str, Variable], bool]:
        """The variables, those of files below those that are set here; and whether they are all in view."""
        own = child(self.field.value, "environment")
        fields: Mapping[str, Field] = own.fields if isinstance(own, Table) else {}
        stated = {name: self._variable(field) for name, field in fields.items()}
        read: dict[str, Variable] = {}

        def look(name: str) -> Traced | Unknown | None:
            value = self.model.lookup(name)
            return stated[name].value if value is None and name in stated else value

        is_complete = True
        for item in listed(child(self.field.value, "env_file")):
            found = self._env_file(item, look, read)
            read |= found or {}
            if found is None:
                required = leaf(child(item, "required"))
                is_complete = False
                said.append(Said(NO_ENV_FILE, item.at, {"required": "true" if required is None else required.text}))
        for name, field in fields.items():
            if " " in name.strip() or name.startswith("-"):
                said.append(Said(ODD_VARIABLE, field.name.home() or field.value.at, {"name": name}))
            if name != name.rstrip():
                self.refused.append(Refused("is a variable whose name ends in a blank", field.value.at))
        return {**read, **stated}, is_complete

    def _variable(self, field: Field) -> Variable:
        value = field.value
        if not isinstance(value, Leaf) or value.kind == "timestamp":
            self.refused.append(Refused("is no value of a variable", value.at))
            return Variable(field.name, UNKNOWN)
        if value.is_null:
            outer = self.model.lookup(field.name.text)
            return Variable(field.name, UNKNOWN if outer is None else outer)
        return Variable(field.name, known(value.value))

    def _env_file(self, item: Tree, lookup: Lookup, before: Mapping[str, Variable]) -> dict[str, Variable] | None:
        """The variables of a file, which may use those of files `before`; None where it is not in view."""
        path = item if isinstance(item, Leaf) else leaf(child(item, "path"))
        form = leaf(child(item, "format"))
        if path is None or not path.value.is_known:
            return None
        local = in_view(self.files, path.text, path.folder)
        source = self.files.read(local) if local is not None else None
        if not isinstance(source, Source):
            return None
        try:
            return variables(source, lookup, before=before, is_raw=form is not None and form.text == "raw")
        except VariablesError as error:
            self.refused.append(Refused(str(error), error.at))
            return None

    def _build(self) -> Build | None:
        node = child(self.field.value, "build")
        context, inline = leaf(child(node, "context")), leaf(child(node, "dockerfile_inline"))
        if not isinstance(node, Table):
            return None
        name = leaf(child(node, "dockerfile"))
        if name is not None and inline is not None:
            self.refused.append(Refused("has a Dockerfile of its own and names another", name.at))
        arguments = child(node, "args")
        fields: Mapping[str, Field] = arguments.fields if isinstance(arguments, Table) else {}
        remote = context is not None and ("://" in context.text or context.text.startswith("git@"))
        local = None
        if context is not None and context.value.is_known and not remote:
            local = in_view(self.files, context.text, context.folder)
        return Build(
            context=local,
            dockerfile=name.text if name is not None and name.value.is_known else "Dockerfile",
            at=node.at if context is None else context.at,
            inline=None if inline is None else inline.value,
            arguments={key: self._variable(field) for key, field in fields.items()},
            target=_value(child(node, "target")),
        )

    def _mounts(self) -> tuple[Mount, ...]:
        volumes = [one for one in map(self._volume, listed(child(self.field.value, "volumes"))) if one is not None]
        mounts = list(volume_mounts(self.files, volumes))
        for kind in (CONFIGS, SECRETS):
            known_ones = self.model.parts.get(kind)
            items = [one for one in self._given(kind) if self._is_there(one.source, kind, one.at)]
            mounts += given_mounts(self.files, items, kind, known_ones)
        mounts += tmpfs_mounts(listed(child(self.field.value, "tmpfs")))
        return in_order(mounts)

    def _volume(self, item: Tree) -> Volume | None:
        try:
            one = volume(item)
        except RefusedError as error:
            self.refused.append(error.refused)
            return None
        if one.kind == "volume" and one.source:
            self._is_there(one.source, "volumes", one.at)
        return one

    def _given(self, kind: str) -> list[Given]:
        found: list[Given] = []
        for item in listed(child(self.field.value, kind)):
            try:
                found.append(given(item, kind))
            except RefusedError as error:
                self.refused.append(error.refused)
        return found

    def _is_there(self, name: str, kind: str, at: Home) -> bool:
        """Whether a volume, config or secret is declared; what is not, Compose refuses."""
        if child(self.model.parts.get(kind), name) is None:
            self.refused.append(Refused(_UNDECLARED[kind], at))
        return True

    def _ports(self) -> tuple[Port, ...]:
        found: dict[tuple[object, ...], Port] = {}
        try:
            for one in islice(published(listed(child(self.field.value, "ports"))), MAX_PORTS):
                key = (one.target, one.published, one.address or "0.0.0.0", one.protocol)
                found[key if one.is_known else (one.at,)] = port(one)
        except RefusedError as error:
            self.refused.append(error.refused)
        mode = leaf(child(self.field.value, "network_mode"))
        networks = self.model.parts.get("networks")
        self.refused.extend(refused_networks(self.field.value, networks))
        if mode is not None and mode.text != "bridge":
            return tuple(_of_network(mode))
        direct = direct_ports(self.field.value, networks)
        return (*found.values(), *direct, *islice(exposed(listed(child(self.field.value, "expose"))), MAX_PORTS))

    def _profiles(self) -> tuple[str, ...]:
        names = tuple(one.text for one in listed(child(self.field.value, "profiles")) if isinstance(one, Leaf))
        active = self.model.lookup("COMPOSE_PROFILES")
        on = {word.strip() for word in active.text.split(",")} if isinstance(active, Traced) else set()
        return () if on & {"*", *names} else names


_UNDECLARED = {
    "volumes": "names a volume that is not declared: a path begins with './'",
    CONFIGS: "names a config that is not declared",
    SECRETS: "names a secret that is not declared",
}


def _of_network(mode: Leaf) -> Iterator[Port]:
    """The ports of a service that has the network of the machine, of another container, or none."""
    if mode.text == "host":
        yield Port(None, None, "", Reach.EVERYWHERE, mode.at)
    elif mode.text != "none":
        yield Port(None, None, "", Reach.UNKNOWN, mode.at)


def _value(node: Tree | None) -> Traced | None:
    return None if (found := leaf(node)) is None else found.value


def _known_in_part(value: Traced) -> Traced | Unknown:
    """A text of which some is known; UNKNOWN where none is."""
    return UNKNOWN if value.text and not value.masked("").strip() else value
