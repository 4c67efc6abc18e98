"""Values of Helm charts, wherever they stand: in a file, a HelmRelease of Flux or an Application of Argo CD.

Bitnami's chart is known. Of any other, a text under a key that is called like one of PostgreSQL's files is that file;
what such a key has that is no text is told as not read. Helm itself is not run.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from pgssllint.files import Files
from pgssllint.postgres.parameters import majors_of
from pgssllint.sources.bitnami_chart import CHART, TOOL, UNREAD_LAYOUT, Values, chart_site, is_chart, parts
from pgssllint.sources.kubernetes_texts import is_only_template
from pgssllint.sources.loose import loose_site
from pgssllint.sources.manifests import MORE_SERVERS, Object, manifests, mappings
from pgssllint.sources.operators import is_operated
from pgssllint.sources.roles import Role
from pgssllint.sources.site import Site, named_once, server_name
from pgssllint.sources.template_defaults import with_defaults
from pgssllint.sources.workload import Said
from pgssllint.syntax.yaml_nodes import (
    Mapping,
    Node,
    Scalar,
    YamlError,
    entries_of,
    get,
    home_of,
    is_null,
    items_of,
    text_of,
)
from pgssllint.syntax.yaml_places import Style
from pgssllint.syntax.yaml_templates import Filled, Template, inner_documents
from pgssllint.text import Source
from pgssllint.traced import Virtual, virtual

FILES: dict[Role, str] = {"main": "postgresql.conf", "hba": "pg_hba.conf", "ident": "pg_ident.conf"}
"""What the files of a server are called."""

INNER_UNREADABLE = "values-unreadable"
"""A text of values is no YAML; the argument `reason` is the end of a sentence about it."""

_KEYS: dict[str, Role] = {
    "pghba": "hba",
    "pghbaconf": "hba",
    "pghbaconfig": "hba",
    "pghbaconfiguration": "hba",
    "postgresqlpghba": "hba",
    "postgresqlpghbaconf": "hba",
    "pgident": "ident",
    "pgidentconf": "ident",
    "pgidentconfiguration": "ident",
    "postgresqlconf": "main",
    "postgresqlconfiguration": "main",
    "postgresconf": "main",
}
"""Keys by their letters: how they are parted and written in capitals is everyone's own."""

_RECORD = re.compile(r"(?m)^[ \t]*(?:local|host(?:no)?(?:ssl|gssenc)?)[ \t]+\S+[ \t]+\S+")
_SETTING = re.compile(r"(?m)^[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*[=]")
_MAPPING = re.compile(r"(?m)^[ \t]*\S+[ \t]+\S+[ \t]+\S+")
MAX_SERVERS = 100
"""Of one file, no more servers are looked at."""


class HelmFound(NamedTuple):
    """The servers that values set up, and what of them was not read."""

    sites: tuple[Site, ...] = ()
    said: tuple[Said, ...] = ()


def role_of_key(key: str) -> Role | None:
    """Which file a key is called like."""
    return _KEYS.get(re.sub(r"[._-]", "", key).lower()) if len(key) < 60 else None


def read_values(source: Source, files: Files) -> HelmFound:
    """What a file says that holds values: by itself, or in objects of Flux and Argo CD.

    Of objects of Kubernetes that have no values, those of its own API are `read_kubernetes`'; of others, records that
    stand in them are told as not read. A file that is no YAML says nothing here.
    """
    read = manifests(source, files)
    sites: list[Site] = []
    said: list[Said] = []
    objects = {id(one.node): one for one in read.objects}
    for root in read.roots:
        one = objects.get(id(root))
        if one is None and text_of(get(root, "kind")) is None and get(root, "services") is None:
            found = _of_values(root, "values", is_named=False)
        elif one is not None:
            found = _of_object(one)
        else:
            continue
        sites += [_conditional(site, read.template) for site in found.sites]
        said += found.said
    said += [Said(MORE_SERVERS, site.at) for site in sites[MAX_SERVERS : MAX_SERVERS + 1]]
    return HelmFound(tuple(map(with_defaults, named_once(sites[:MAX_SERVERS]))), tuple(_told_once(said)))


def _conditional(site: Site, read: Template | None) -> Site:
    """The site, which may be there only, if what it was read from stands under a condition."""
    at, site = site.at, replace(site, tool=TOOL)
    may_be = read is not None and at.source is read.source and read.may_be(at.span.start)
    return replace(site, may_be=True) if may_be else site


_CORE = re.compile(r"v1|[a-z]+/v[0-9a-z]+|[a-z.]+\.k8s\.io/v[0-9a-z]+")
"""The versions of Kubernetes' own API."""


def _of_object(one: Object) -> HelmFound:
    called = server_name(one.kind, one.name)
    if one.kind == "HelmRelease":
        chart = text_of(get(one.node, "spec", "chart", "spec", "chart")) or text_of(
            get(one.node, "spec", "chart", "name")
        )
        values = get(one.node, "spec", "values")
        return _of_values(values, called, is_named=chart == CHART) if values is not None else HelmFound()
    if one.kind in ("Application", "ApplicationSet") and one.api.startswith("argoproj.io/"):
        return _of_argo(one, called)
    if _CORE.fullmatch(one.api) or is_operated(one):
        return HelmFound()
    return HelmFound(said=tuple(said for _, node in mappings(one.node) for said in _unread(node, texts_too=True)))


def _of_argo(one: Object, called: str) -> HelmFound:
    """What the sources of an application have as values, as an object or as a text."""
    spec = get(one.node, "spec") if one.kind == "Application" else get(one.node, "spec", "template", "spec")
    sites: list[Site] = []
    said: list[Said] = []
    for source in (get(spec, "source"), *items_of(get(spec, "sources"))):
        is_named = text_of(get(source, "chart")) == CHART
        held: list[Node] = [node for node in (get(source, "helm", "valuesObject"),) if node is not None]
        text = get(source, "helm", "values")
        if isinstance(text, Scalar):
            try:
                held += inner_documents(text, f"{text.source.path}#values-{text.span.start}/values.yaml")
            except YamlError as error:
                said.append(Said(INNER_UNREADABLE, error.source.home(error.at), {"reason": str(error)}))
        for node in held:
            found = _of_values(node, called, is_named=is_named)
            sites += found.sites
            said += found.said
    return HelmFound(tuple(sites), tuple(said))


def _of_values(root: Node, called: str, *, is_named: bool) -> HelmFound:
    """The servers that stand in values, at any depth."""
    sites: list[Site] = []
    said: list[Said] = []
    taken: set[int] = set()
    of_ha: set[int] = set()
    for keys, node in mappings(root):
        of_ha |= {id(get(node, CHART))} if get(node, "pgpool") is not None else set()
        if id(node) in taken:
            continue
        values = Values(keys, node, is_named and not keys, is_ha=id(node) in of_ha)
        name = f"{called} {'.'.join(keys)}".rstrip()
        if is_chart(values) and _reads_as_settings(node):
            taken.update(map(id, parts(node)))
            sites.append(chart_site(values, name))
            continue
        found = _text_site(node, name)
        sites += [found] if found is not None else []
        said += _unread(node)
    return HelmFound(tuple(sites), tuple(said))


def _reads_as_settings(node: Mapping) -> bool:
    """Whether `primary.configuration` is none of another program's: charts of other databases have the same key."""
    text = text_of(get(node, "primary", "configuration")) or ""
    return not re.search(r"(?m)^[ \t]*\[[a-z]", text)


class _Named(NamedTuple):
    """A key that is called like a file of a server, and what stands under it."""

    key: Scalar
    value: Node
    role: Role


def _named(node: Mapping) -> Iterator[_Named]:
    """The keys of a mapping that are called like a file of a server."""
    for entry in entries_of(node):
        role = role_of_key(entry.key.text) if isinstance(entry.key, Scalar) else None
        if role is not None and isinstance(entry.key, Scalar):
            yield _Named(entry.key, entry.value, role)


def _unread(node: Mapping, *, texts_too: bool = False) -> Iterator[Said]:
    """That records, or settings, which stand in a mapping were not read."""
    for one in _named(node):
        if isinstance(one.value, Scalar):
            is_told = texts_too and _is_text(one.value, one.role)
        elif one.role == "main":
            is_told = any(_is_parameter(entry.key) for entry in entries_of(one.value))
        else:
            is_told = bool(entries_of(one.value) or items_of(one.value))
        if is_told:
            yield Said(UNREAD_LAYOUT, home_of(one.key), {"file": FILES[one.role]})


def _is_parameter(key: Node) -> bool:
    """Whether a key is a parameter of the server, and none of a client's."""
    name = text_of(key) or ""
    return name not in ("port", "ssl") and bool(majors_of(name))


def _is_text(value: Scalar, role: Role) -> bool:
    """Whether what stands under a key is the text of a file: written in lines, or reading as one."""
    if is_only_template(value.text) or is_null(value):
        return False
    if value.style in (Style.LITERAL, Style.FOLDED):
        return bool(value.text.strip()) or isinstance(value, Filled)
    match role:
        case "hba":
            return _RECORD.search(value.text) is not None
        case "ident":
            return "\n" in value.text and _MAPPING.search(value.text) is not None
        case _:
            names = _SETTING.findall(value.text)
            return bool(names) and any(majors_of(name) for name in names[:50])


def _text_site(node: Mapping, name: str) -> Site | None:
    """The server of which texts stand in a mapping; None where there are none."""
    found: dict[Role, tuple[str, Virtual]] = {}
    at = None
    for one in _named(node):
        if isinstance(one.value, Scalar) and _is_text(one.value, one.role) and one.role not in found:
            path = f"{node.source.path}#{one.key.span.start}/{FILES[one.role]}"
            found[one.role] = FILES[one.role], virtual(path, one.value.value)
            at = at or home_of(one.key)
    return loose_site(at, name, found) if at is not None else None


def _told_once(said: list[Said]) -> Iterator[Said]:
    """What is said, of many things alike the first."""
    told: set[tuple[str, str]] = set()
    for one in said:
        kind = (one.kind, one.arguments.get("file", ""))
        if kind not in told:
            told.add(kind)
            yield one
