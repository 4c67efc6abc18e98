"""ConfigMaps and Secrets: the texts that manifests hold, and what kustomize makes of files.

Facts from the API's own description of ConfigMap and Secret (v1) and of kustomize's generators (v1beta1), which were
read and not run.
What SOPS, Sealed Secrets, the External Secrets operator or Ansible's vault encrypt is not in view, and nothing is said.
"""

import base64
import binascii
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from pgssllint.files import Files
from pgssllint.sources.kinds import NOT_A_STRING, NOT_BASE64, PRIVATE_KEY
from pgssllint.sources.manifests import KUSTOMIZATION, Object
from pgssllint.sources.workload import Said
from pgssllint.syntax.template_control import marks
from pgssllint.syntax.yaml_nodes import Node, Scalar, entries_of, get, home_of, is_null, items_of, text_of
from pgssllint.syntax.yaml_templates import Filled
from pgssllint.syntax.yaml_words import Kind, kind_11
from pgssllint.text import Home, Source, Span
from pgssllint.traced import Traced, converted, written
from pgssllint.unknown import UNKNOWN, Unknown
from pgssllint.ways import clean

CONFIG_MAP, SECRET = "ConfigMap", "Secret"
_SEALED = {"SealedSecret": SECRET, "ExternalSecret": SECRET, "VaultStaticSecret": SECRET, "SopsSecret": SECRET}
"""Kinds that become a Secret of the same name whose values stand nowhere in sight."""

_ENCRYPTED = re.compile(r"ENC\[[A-Z0-9_]+,|\$ANSIBLE_VAULT;")
_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----")
_GO = re.compile(r"[yYnN]|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
"""Bare words that are booleans and numbers to go-yaml 2 besides those of YAML 1.1."""
_KEY = re.compile(r"[-._a-zA-Z0-9]+")


class Text(NamedTuple):
    """What stands under a key of a ConfigMap or Secret. `contents` is UNKNOWN where it is not in view; that of a Secret
    may be a secret and is never told. `local` is the local file that kustomize takes it from.
    """

    key: str
    at: Home
    contents: Traced | Unknown
    local: str | None = None
    may_be: bool = False


@dataclass(frozen=True, slots=True)
class Texts:
    """A ConfigMap or Secret. `is_whole`: all its keys are in view. `is_generated`: kustomize makes it."""

    kind: str
    name: str
    namespace: str | None
    at: Home
    entries: Mapping[str, Text]
    is_whole: bool = True
    may_be: bool = False
    is_generated: bool = False
    said: tuple[Said, ...] = ()


class Index:
    """The ConfigMaps and Secrets in view, by what they are called. Of several that are called alike, as overlays have
    them, the one in the same file counts, else in the same folder; else nobody can say.
    """

    def __init__(self, found: Iterable[Texts] = ()) -> None:
        self._named: dict[tuple[str, ...], dict[str | None, list[Texts]]] = {}
        for one in found:
            for place in _places(one.at.source):
                self._named.setdefault((one.kind, one.name, *place), {}).setdefault(one.namespace, []).append(one)

    def named(self, kind: str, name: str | None, namespace: str | None, source: Source) -> Texts | None:
        """What `source` calls so in a namespace, or what says none; whose namespace is not known may mean any."""
        for place in _places(source):
            found = self._named.get((kind, name or "", *place), {})
            alike = found.get(namespace) or found.get(None) or []
            if namespace is None and not alike:
                alike = next(iter(found.values()), [])
            if alike:
                return alike[0] if len(alike) == 1 else None
        return None


def _places(source: Source) -> tuple[tuple[str, ...], ...]:
    """Where things of one name are sought: in the file, in its folder, anywhere."""
    return (source.path, "file"), (os.path.dirname(source.path), "folder"), ()


def texts(one: Object, files: Files, source: Source) -> Iterator[Texts]:
    """The ConfigMaps and Secrets that an object is, or that kustomize makes of it."""
    if one.kind in _SEALED:
        # What it is called in the end may stand in its template.
        name = next(
            (found for keys in _TARGETS if (found := text_of(get(one.node, *keys))) is not None),
            one.name,
        )
        yield Texts(SECRET, name, one.namespace, one.at, {}, is_whole=False, may_be=one.may_be)
    elif one.kind in (CONFIG_MAP, SECRET) and one.api == "v1":
        yield _held(one)
    elif one.kind == KUSTOMIZATION:
        yield from _generated(one, files, os.path.dirname(source.path))


_TARGETS = (("spec", "target", "name"), ("spec", "template", "metadata", "name"), ("spec", "destination", "name"))


def _held(one: Object) -> Texts:
    entries: dict[str, Text] = {}
    said: list[Said] = []
    sections = ("data", "binaryData") if one.kind == CONFIG_MAP else ("data", "stringData")
    for section in sections:
        is_encoded = (one.kind == SECRET) == (section == "data")
        for entry in entries_of(get(one.node, section)):
            if isinstance(entry.key, Scalar):
                text, told = _text(entry.key, entry.value, is_encoded=is_encoded, is_sealed=one.is_sealed)
                entries[entry.key.text] = _secretly(text) if one.kind == SECRET else text
                said += told
    is_whole = not (one.is_open or one.is_sealed or any(_is_template(one, section) for section in sections))
    return Texts(one.kind, one.name, one.namespace, one.at, entries, is_whole, may_be=one.may_be, said=tuple(said))


def _secretly(text: Text) -> Text:
    return text if isinstance(text.contents, Unknown) else text._replace(contents=text.contents.secretly())


def _is_template(one: Object, section: str) -> bool:
    return isinstance(get(one.node, section), Filled)


def _text(key: Scalar, value: Node, *, is_encoded: bool, is_sealed: bool) -> tuple[Text, list[Said]]:
    at = home_of(key)
    hidden = Text(key.text, at, UNKNOWN)
    if not isinstance(value, Scalar):
        # A mapping or a list is refused as a number is, unless a tag says that something else makes the value.
        return hidden, [] if is_sealed or value.tag.startswith("!") else [_no_string(key)]
    if is_sealed or _ENCRYPTED.search(value.text) or _is_tagged(value):
        return hidden, []
    if not is_string(value):
        return hidden, [_no_string(key)]
    if not is_encoded:
        return Text(key.text, at, value.value), []
    if isinstance(value, Filled):
        return hidden, []
    decoded = _decoded(value)
    return Text(key.text, at, decoded), [Said(NOT_BASE64, at, {"key": key.text})] if decoded is UNKNOWN else []


def _no_string(key: Scalar) -> Said:
    return Said(NOT_A_STRING, home_of(key), {"key": key.text})


def _is_tagged(value: Scalar) -> bool:
    return value.tag.startswith("!") and value.tag != "!"


def is_string(value: Node) -> bool:
    """Whether a value is a string to the API, which reads YAML 1.1: a bare `on`, number or nothing is none."""
    if not isinstance(value, Scalar):
        return False
    if isinstance(value, Filled) or not value.is_plain:
        return value.tag in ("", "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:binary")
    # What the API reads YAML with knows no numbers to the base of 60, and others that PyYAML does not know.
    if ":" in value.text:
        return True
    return kind_11(value.text) in (Kind.STRING, Kind.TIMESTAMP) and not _GO.fullmatch(value.text)


def _decoded(value: Scalar) -> Traced | Unknown:
    """What base64 stands for; UNKNOWN where it is none."""
    try:
        data = base64.b64decode(value.text.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        return UNKNOWN
    return converted(data.decode("utf-8", "surrogateescape"), value.source, value.span)


def merged(all_texts: list[Texts]) -> list[Texts]:
    """The texts, where several of kustomize's generators add to one of them, as that one."""
    made: dict[tuple[str, str, str | None], Texts] = {}
    for one in (text for text in all_texts if text.is_generated):
        key = (one.kind, one.name, one.namespace)
        before = made.get(key)
        made[key] = one if before is None else replace(one, entries={**before.entries, **one.entries})
    return [*(one for one in all_texts if not one.is_generated), *made.values()]


def private_keys(held: Texts) -> Iterator[Said]:
    """The private keys that a manifest holds in plain sight. What is told is the key's name and its place."""
    for text in held.entries.values():
        if isinstance(text.contents, Unknown):
            continue
        begin = _BEGIN.search(text.contents.text)
        if begin is None:
            continue
        label = text.contents.part(*begin.span())
        is_written = label.home() is not None and all(run.is_exact for run in label.runs)
        home = label.home() if is_written else text.at
        yield Said(PRIVATE_KEY, home or text.at, {"key": text.key, "object": f"{held.kind} {held.name}"})


def is_only_template(text: str) -> bool:
    """Whether nothing stands in a text but expressions, so that it is not in view what it will be."""
    rest, at = [], 0
    for mark in marks(text):
        rest.append(text[at : mark.span.start])
        at = mark.span.end
    return at > 0 and not "".join([*rest, text[at:]]).strip()


def _generated(one: Object, files: Files, folder: str) -> Iterator[Texts]:
    """What the generators of a kustomization make."""
    namespace = text_of(get(one.node, "namespace"))
    for section, kind in (("configMapGenerator", CONFIG_MAP), ("secretGenerator", SECRET)):
        for item in items_of(get(one.node, section)):
            name = get(item, "name")
            if isinstance(name, Scalar):
                sourced = _sourced(item, files, folder)
                entries = {text.key: _secretly(text) if kind == SECRET else text for text in sourced}
                at = home_of(name)
                own_namespace = text_of(get(item, "namespace"))
                yield Texts(
                    kind, name.text, own_namespace or namespace, at, entries, may_be=one.may_be, is_generated=True
                )


def _sourced(item: Node, files: Files, folder: str) -> Iterator[Text]:
    """The keys of one generator: whole files, NAME=VALUE, and files of such lines."""
    for entry in items_of(get(item, "files")):
        if isinstance(entry, Scalar) and not is_null(entry):
            key, equals, path = entry.text.partition("=")
            path = path if equals else key
            key = key if equals else os.path.basename(path)
            local = None if "://" in path else clean(os.path.join(folder, path))
            yield Text(key, home_of(entry), UNKNOWN, local)
    for entry in items_of(get(item, "literals")):
        if isinstance(entry, Scalar) and "=" in entry.text:
            at = entry.text.index("=")
            yield Text(entry.text[:at], home_of(entry), _unquoted(entry.value.part(at + 1, len(entry.text))))
    env = get(item, "env")
    for entry in (*items_of(get(item, "envs")), *([env] if env is not None else [])):
        if isinstance(entry, Scalar):
            found = files.read(clean(os.path.join(folder, entry.text)))
            if isinstance(found, Source):
                yield from _lines(found)


def _unquoted(value: Traced) -> Traced:
    """The value of a literal, off which kustomize takes one pair of quotes."""
    text = value.text
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return value.part(1, len(text) - 1) if is_quoted else value


def _lines(source: Source) -> Iterator[Text]:
    """The variables of a file of lines NAME=VALUE."""
    for number in range(1, source.line_count + 1):
        span = source.line_span(number)
        line = source.text[span.start : span.end]
        name, equals, _ = line.partition("=")
        if equals and not line.lstrip().startswith("#") and _KEY.fullmatch(name.strip()):
            value = written(source, Span(span.start + len(name) + 1, span.end))
            yield Text(name.strip(), source.home(Span(span.start, span.start + len(name))), value)
