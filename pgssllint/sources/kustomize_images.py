"""Which other names, tags and digests kustomizations give to images.

From kustomize's description of `images`; read, not run. Where kustomizations differ, as those of stages do, nobody says
which of them is meant: then the version is not known.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from pgssllint.sources.manifests import KUSTOMIZATION, Object
from pgssllint.sources.workload import Workload
from pgssllint.syntax.yaml_nodes import Node, Scalar, get, items_of, text_of
from pgssllint.traced import Traced

_REFERENCE = re.compile(r"(?P<name>[^@]*?)(?P<tag>:[^:/@]*)?(?P<digest>@.*)?", re.DOTALL)


class Chosen(NamedTuple):
    """What a kustomization has for an image; None for what stays."""

    name: Traced | None
    tag: Traced | None
    digest: Traced | None

    def of(self, image: Traced, parts: re.Match[str]) -> Traced:
        """The reference that an image gets: a tag or a digest takes the place of both."""
        name = self.name if self.name is not None else image.part(*parts.span("name"))
        if self.tag is None and self.digest is None:
            return name + image.part(parts.end("name"), len(image))
        tagged = name + name.beside(":", "newTag") + self.tag if self.tag is not None else name
        return tagged + name.beside("@", "digest") + self.digest if self.digest is not None else tagged


Choices: TypeAlias = Mapping[str, tuple[Chosen, ...]]
"""What kustomizations have for images, by their names; several where they differ."""


def chosen(objects: Iterable[Object]) -> Choices:
    """What kustomizations have for images, by their names, each choice once."""
    found: dict[str, list[Chosen]] = {}
    for one in objects:
        for item in items_of(get(one.node, "images")) if one.kind == KUSTOMIZATION else ():
            name = text_of(get(item, "name"))
            if name:
                found.setdefault(name, []).append(
                    Chosen(*(_text(item, key) for key in ("newName", "newTag", "digest")))
                )
    return {name: _distinct(several) for name, several in found.items()}


def _distinct(several: list[Chosen]) -> tuple[Chosen, ...]:
    by_text = {tuple(part.text if part is not None else None for part in one): one for one in several}
    return tuple(by_text.values())


def _text(node: Node, key: str) -> Traced | None:
    value = get(node, key)
    return value.value if isinstance(value, Scalar) and value.text else None


def with_chosen(workload: Workload, images: Choices) -> Workload:
    """A container with the image that kustomizations choose; where they differ, with one whose version is not known."""
    image = workload.image
    parts = _REFERENCE.fullmatch(image.text) if isinstance(image, Traced) else None
    several = images.get(parts["name"], ()) if parts is not None else ()
    if not several or parts is None or not isinstance(image, Traced):
        return workload
    return replace(workload, image=several[0].of(image, parts)) if len(several) == 1 else without_version(workload)


def without_version(workload: Workload) -> Workload:
    """A container of the same image, of which it is not known which version."""
    image = workload.image
    parts = _REFERENCE.fullmatch(image.text) if isinstance(image, Traced) else None
    if parts is None or not isinstance(image, Traced):
        return workload
    return replace(workload, image=image.part(*parts.span("name")))
