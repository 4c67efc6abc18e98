"""Manifests of Kubernetes: the objects of a file, whatever wraps them, as they are written.

A text may be one that Helm has yet to write: what stands under a condition may be there.
"""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from pgssllint.files import Files
from pgssllint.sources.workload import Said
from pgssllint.syntax.yaml_nodes import (
    Entry,
    Mapping,
    Node,
    Scalar,
    YamlError,
    entries_of,
    get,
    home_of,
    items_of,
    text_of,
)
from pgssllint.syntax.yaml_templates import Template, template, template_documents
from pgssllint.text import Home, Source, Span

UNREADABLE = "unreadable"
"""The kind of what is said of a file that is no YAML; the argument `reason` is the end of a sentence about it."""

MORE_SERVERS = "more-servers"
"""Servers that are not looked at, since there are so many: said at the first of them."""

KUSTOMIZATION = "Kustomization"
KUSTOMIZATION_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""A file so named is one of kustomize even where it does not say so."""

_LISTS = frozenset(
    {"List", "ConfigMapList", "SecretList", "PodList", "DeploymentList", "StatefulSetList", "ServiceList"}
)


class Object(NamedTuple):
    """An object as it is written: `at` is where it says its name, or its kind where it has none.

    `namespace` is None where none is written: it is the one of whoever applies it. `is_sealed`: SOPS has encrypted its
    values. `may_be`: it stands under a condition. `is_open`: an expression may write more of it.
    """

    kind: str
    api: str
    name: str
    namespace: str | None
    node: Mapping
    at: Home
    is_sealed: bool = False
    may_be: bool = False
    is_open: bool = False

    @property
    def source(self) -> Source:
        """The file it stands in."""
        return self.node.source

    def fits(self, namespace: str | None) -> bool:
        """Whether what stands in a namespace may name this."""
        return namespace is None or self.namespace is None or namespace == self.namespace


class Manifests(NamedTuple):
    """The objects of a file, and what is to be said of it."""

    objects: tuple[Object, ...]
    said: tuple[Said, ...] = ()
    roots: tuple[Node, ...] = ()
    template: Template | None = None


def manifests(source: Source, files: Files) -> Manifests:
    """The objects of a file, those in lists among them; documents that are no objects are left out. A file is gone
    through once, until it is forgotten as ("manifests", PATH).
    """
    return files.once(("manifests", source.path), partial(_manifests, source))


def _manifests(source: Source) -> Manifests:
    read = template(source)
    roots: list[Node] = []
    said: tuple[Said, ...] = ()
    try:
        roots.extend(template_documents(read))
    except YamlError as error:
        said = (Said(UNREADABLE, source.home(error.at), {"reason": str(error)}),)
    found = [_object(read, node) for root in roots for node in _listed(root)]
    return Manifests(tuple(one for one in found if one is not None), said, tuple(roots), read)


def _listed(root: Node) -> Iterator[Node]:
    """A document, or what stands in it if it is a list of objects."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        items = items_of(get(node, "items"))
        if text_of(get(node, "kind")) in _LISTS and items:
            waiting.extend(reversed(items))
        else:
            yield node


def _object(read: Template, node: Node) -> Object | None:
    if not isinstance(node, Mapping):
        return None
    kind, api = text_of(get(node, "kind")), text_of(get(node, "apiVersion"))
    is_named = read.source.path.rpartition("/")[2] in KUSTOMIZATION_NAMES
    if kind is None and is_named:
        kind, api = KUSTOMIZATION, "kustomize.config.k8s.io/v1beta1"
    if kind is None or api is None:
        return None
    name = get(node, "metadata", "name")
    at = name if isinstance(name, Scalar) else get(node, "kind") or node
    return Object(
        kind, api, text_of(name) or "", text_of(get(node, "metadata", "namespace")), node=node, at=home_of(at),
        is_sealed=get(node, "sops") is not None, may_be=read.may_be(node.span.start), is_open=read.is_open(node.span),
    )  # fmt: skip


def mappings(root: Node) -> Iterator[tuple[tuple[str, ...], Mapping]]:
    """All mappings of a document, the outer before the inner, each with the keys that lead to it; one that aliases
    name again is given once.
    """
    waiting: list[tuple[tuple[str, ...], Node]] = [((), root)]
    seen: set[int] = set()
    while waiting:
        keys, node = waiting.pop()
        if isinstance(node, Scalar) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Mapping):
            yield keys, node
            inner = [((*keys, _name(entry)), entry.value) for entry in entries_of(node)]
        else:
            inner = [(keys, item) for item in node.items]
        waiting.extend(reversed(inner))


def _name(entry: Entry) -> str:
    return text_of(entry.key) or ""


def at_key(node: Node | None, key: str) -> Home | None:
    """The place of a key in a mapping; None where it is not there."""
    entry = node.by_name.get(key) if isinstance(node, Mapping) else None
    return home_of(entry.key) if entry is not None else None


def whole(source: Source) -> Home:
    """The beginning of a file."""
    return source.home(Span(0, 0))
