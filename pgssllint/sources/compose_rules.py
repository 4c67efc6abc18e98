"""How the keys of a Compose file are laid over those of another, and which there are.

The keys are those of the schema that Docker Compose 2.40.3 brings; how they are merged was asked of it.
"""

import posixpath

from pgssllint.sources.compose_mounts import CONFIGS, SECRETS, given, volume
from pgssllint.sources.compose_tree import (
    RESET,
    Field,
    Items,
    Leaf,
    RefusedError,
    Rule,
    Table,
    Tree,
    child,
    leaf,
    listed,
    merged,
    pairs,
    unique,
)
from pgssllint.ways import clean

_TOP_KEYS = "version name services models networks volumes secrets configs include"
_SERVICE_KEYS = """
annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name cpu_count
cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec depends_on deploy
develop device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint env_file environment expose extends
external_links extra_hosts gpus group_add healthcheck hostname image init ipc isolation label_file labels links logging
mac_address mem_limit mem_reservation mem_swappiness memswap_limit models network_mode networks oom_kill_disable
oom_score_adj pid pids_limit platform ports post_start pre_stop privileged profiles provider pull_policy
pull_refresh_after read_only restart runtime scale secrets security_opt shm_size stdin_open stop_grace_period
stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts volumes volumes_from working_dir
"""

TOP_KEYS = frozenset(_TOP_KEYS.split())
"""The keys of a file; others begin with `x-`."""

SERVICE_KEYS = frozenset(_SERVICE_KEYS.split())
"""The keys of a service; others begin with `x-`."""

READ_KEYS = (
    *("image", "build", "command", "entrypoint", "environment", "env_file", "ports", "expose", "volumes", "tmpfs"),
    *(
        "configs",
        "secrets",
        "network_mode",
        "networks",
        "user",
        "profiles",
        "extends",
        "container_name",
        "volumes_from",
    ),
)
"""The keys that say how a container starts."""

STRINGS = ("image", "network_mode", "user")
"""Keys that take a string alone."""

COMMANDS = ("command", "entrypoint")
"""Keys that take a string or strings."""


def _path(item: Tree) -> str | None:
    path = item if isinstance(item, Leaf) else leaf(child(item, "path"))
    return None if path is None else clean(posixpath.join(path.folder, path.text))


def _target(item: Tree) -> str | None:
    return volume(item).target


def _text(item: Tree) -> str | None:
    return item.text if isinstance(item, Leaf) else None


RULES = {
    "command": Rule(is_replaced=True),
    "entrypoint": Rule(is_replaced=True),
    "environment": Rule(is_pairs=True),
    "args": Rule(is_pairs=True),
    "env_file": Rule(alike=_path),
    "volumes": Rule(alike=_target),
    "tmpfs": Rule(alike=_text),
    "expose": Rule(alike=_text),
    "profiles": Rule(alike=_text),
    "configs": Rule(alike=lambda item: given(item, CONFIGS).target or "/" + given(item, CONFIGS).source),
    "secrets": Rule(alike=lambda item: given(item, SECRETS).target),
}
"""How the keys of a service are merged, that of its `build` among them."""


def spelt_out(service: Table) -> Table:
    """A service without short forms, as far as they are in the way of a merge."""
    fields = dict(service.fields)
    makers = {"environment": pairs, "networks": pairs, "build": _build, "env_file": _items, "tmpfs": _items}
    for name, make in makers.items():
        if name in fields:
            made = make(fields[name].value)
            if made is not None:
                fields[name] = Field(fields[name].name, made)
    return Table(fields, service.at, service.tag)


def _build(node: Tree) -> Tree:
    if isinstance(node, Leaf) and not node.is_null:
        return Table({"context": Field(node.value.part(0, 0), node)}, node.at, node.tag)
    arguments = pairs(child(node, "args"))
    if not isinstance(node, Table) or arguments is None:
        return node
    fields = {**node.fields, "args": Field(node.fields["args"].name, arguments)}
    return Table(fields, node.at, node.tag)


def _items(node: Tree) -> Tree:
    return Items(listed(node), node.at, node.tag) if isinstance(node, Leaf) else node


def laid_over(base: Table, over: Table) -> Table:
    """A service with another laid over it, both spelt out."""
    made = merged(base, over, RULES)
    assert isinstance(made, Table)  # both are
    return once_each(made)


def once_each(service: Table) -> Table:
    """A service in whose sequences nothing stands twice."""
    fields = dict(service.fields)
    for name, rule in RULES.items():
        value = child(service, name)
        if rule.alike is not None and isinstance(value, Items):
            fields[name] = Field(fields[name].name, Items(tuple(unique(value.items, rule.alike)), value.at, value.tag))
    return Table(fields, service.at, service.tag)


def check_service(service: Table) -> None:
    """Raises RefusedError for a value of a kind that Compose refuses, of the keys that are read."""
    for name in STRINGS:
        value = child(service, name)
        kinds = ("string",) if name == "image" and value is not None and value.tag != RESET else ("string", "null")
        if value is not None and not (isinstance(value, Leaf) and value.kind in kinds):
            raise RefusedError("is no string", value.at)
    for name in COMMANDS:
        value = child(service, name)
        if isinstance(value, Table) or (isinstance(value, Leaf) and value.kind not in ("string", "null")):
            raise RefusedError("is neither a string nor strings", value.at)
        if isinstance(value, Items):
            _check_strings(value)
    networks = child(service, "networks")
    if isinstance(networks, Leaf) and networks.tag != RESET and not networks.is_null:
        raise RefusedError("is no list of networks", networks.at)
    for name in ("ports", "expose", "volumes", "configs", "secrets", "profiles"):
        value = child(service, name)
        if value is not None and not isinstance(value, Items) and value.tag != RESET:
            raise RefusedError("is no list", value.at)


def _check_strings(value: Items) -> None:
    for item in value.items:
        if not isinstance(item, Leaf) or item.kind != "string":
            raise RefusedError("is no string", item.at)
