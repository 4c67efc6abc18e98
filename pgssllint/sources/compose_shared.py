"""What a service mounts because another one does: `volumes_from`.

Asked of Docker Compose 2.40.3, which refuses names of no service, and circles. That what a service mounts itself wins
over what it takes from another, and that `ro` makes all of that read-only, is from Docker's documentation.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pgssllint.sources.compose_mounts import in_order
from pgssllint.sources.compose_tree import Field, Leaf, Refused, child, listed
from pgssllint.sources.workload import Mount, Workload

VOLUMES_FROM = "volumes_from"

MAX_DEPTH = 20
"""What services take of each other in a longer row is not in view."""

MAX_TAKEN = 1000
"""So many mounts are taken from other services."""

_CONTAINER = "container"


def with_volumes_from(
    workloads: Iterable[Workload], services: Mapping[str, Field], refused: list[Refused]
) -> tuple[Workload, ...]:
    """The containers of services, each with what it takes from others; what Compose refuses is put to `refused`."""
    held = tuple(workloads)
    if not any(child(one.value, VOLUMES_FROM) is not None for one in services.values()):
        return held
    run = _Run({one.name: one for one in held}, services, refused)
    return tuple(replace(one, mounts=run.mounts(one, ())) for one in held)


@dataclass(frozen=True, slots=True)
class _Run:
    """One reading of a project: its containers by name, and what those mount of which that is known by now."""

    workloads: Mapping[str, Workload]
    services: Mapping[str, Field]
    refused: list[Refused]
    known: dict[str, tuple[Mount, ...]] = field(default_factory=dict)

    def mounts(self, one: Workload, within: tuple[str, ...]) -> tuple[Mount, ...]:
        """All that a container mounts; `within` are those that take it from this one."""
        found = self.known.get(one.name)
        if found is None:
            taken = [mount for item in self._items(one.name) for mount in self._taken(item, (*within, one.name))]
            last = {mount.server: mount for mount in taken[-MAX_TAKEN:]}
            found = self.known[one.name] = in_order([*last.values(), *one.mounts])
        return found

    def _items(self, name: str) -> Iterator[Leaf]:
        items = listed(child(self.services[name].value, VOLUMES_FROM)) if name in self.services else ()
        return (item for item in items if isinstance(item, Leaf))

    def _taken(self, item: Leaf, within: tuple[str, ...]) -> Iterator[Mount]:
        name, _, mode = item.text.partition(":")
        other = self.workloads.get(name)
        if name == _CONTAINER or not item.value.is_known or len(within) > MAX_DEPTH:
            # Whatever stands anywhere in a container that is not in view.
            yield Mount("/", None, item.at)
        elif other is None:
            self.refused.append(Refused("takes the volumes of a service that is not there", item.at))
        elif name in within:
            self.refused.append(Refused("takes volumes in a circle", item.at))
        else:
            for mount in self.mounts(other, within):
                yield mount._replace(read_only=True) if mode == "ro" else mount
