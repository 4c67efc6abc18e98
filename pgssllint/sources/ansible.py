"""Variables of Ansible roles -> pg_hba.conf and settings: literal lists, each file that sets one by itself.

Read in the templates of geerlingguy.postgresql (whose rows were asked of Ansible 2.19), ANXS.postgresql, autobase and
galaxyproject.postgresql. Which file's variables win over which is not computed. A list of another name that speaks of
pg_hba is read where each of its items reads as a record.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from pgssllint.files import Files
from pgssllint.postgres.parameters import majors_of
from pgssllint.sources.kinds import LAYOUT
from pgssllint.sources.loose import NOWHERE, loose_site
from pgssllint.sources.manifests import manifests, mappings
from pgssllint.sources.patroni_parameters import escaped
from pgssllint.sources.patroni_values import python_value
from pgssllint.sources.roles import role_of
from pgssllint.sources.site import Site, own_name
from pgssllint.sources.template_defaults import with_defaults
from pgssllint.syntax.yaml_nodes import Mapping, Node, Scalar, entries_of, get, home_of, items_of, text_of
from pgssllint.syntax.yaml_nodes import Sequence as YamlSequence
from pgssllint.syntax.yaml_templates import Filled
from pgssllint.text import Home, Source
from pgssllint.traced import Traced, Virtual, joined, own, virtual

TOOL = "Ansible"


class _Columns(NamedTuple):
    """The keys of an item that become the words of a record, and what stands for a method that is not given."""

    keys: tuple[str, ...]
    method: str = ""


_LISTS: dict[str, _Columns] = {
    "postgresql_hba_entries": _Columns(
        ("type", "database", "user", "address", "ip_address", "ip_mask", "auth_method", "auth_options")
    ),
    "postgresql_pg_hba": _Columns(("type", "database", "user", "address", "method", "options"), "md5"),
    "postgresql_pg_hba_default": _Columns(("type", "database", "user", "address", "method")),
    "postgresql_pg_hba_custom": _Columns(("type", "database", "user", "address", "method")),
}
"""The lists of the roles."""

_HOSTS = {
    "postgresql_pg_hba_md5_hosts": "md5",
    "postgresql_pg_hba_passwd_hosts": "password",
    "postgresql_pg_hba_trust_hosts": "trust",
}
"""Lists of addresses, each of which becomes a record for everybody."""

_OPTIONS = "postgresql_global_config_options"
_ORDER = (
    "postgresql_hba_entries",
    "postgresql_pg_hba",
    "postgresql_pg_hba_default",
    *_HOSTS,
    "postgresql_pg_hba_custom",
)
"""The lists of the roles, in the order in which a role writes them."""
_HBA_KEY = re.compile(r"(?i)\w*(?:pg_?)?hba\w*")
_TYPES = re.compile(r"local|host(?:no)?(?:ssl|gssenc)?")
_RECORD = re.compile(r"(?:local|host(?:no)?(?:ssl|gssenc)?)[ \t]+\S+[ \t]+\S+[ \t]+\S")
_ALIKE = (
    ("type", "contype", "connection", "connection_type", "host_type"),
    ("database", "databases", "db"),
    ("user", "users", "role"),
    ("address", "addresses", "source", "src", "cidr", "ip_address", "net"),
    ("mask", "netmask", "ip_mask"),
    ("method", "auth_method", "auth"),
    ("options", "auth_options"),
)
"""What the columns of a record are called in lists that nobody knows; the first and the last but one must be there."""

_OF_ADDRESSES = (_ALIKE[3], _ALIKE[4])
_STARRED = re.compile(r"^\*\w+\*$")
"""Words that a role replaces by names of its own."""


def read_ansible(source: Source, files: Files) -> tuple[Site, ...]:
    """The servers that variables in a file speak for: one for each mapping that holds such lists."""
    found = []
    for root in manifests(source, files).roots:
        if text_of(get(root, "kind")) is None and get(root, "services") is None:
            for keys, node in mappings(root):
                found += [site for site in (_site(keys, node), _copied(node)) if site is not None]
    return tuple(with_defaults(site) for site in found)


def _site(keys: tuple[str, ...], node: Mapping) -> Site | None:
    held = {entry.key.text: entry for entry in entries_of(node) if isinstance(entry.key, Scalar)}
    names = sorted(held, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))
    read = {name: lines for name in names if (lines := _records(name, held[name].value))}
    settings = tuple(_settings(held[_OPTIONS].value)) if _OPTIONS in held else ()
    if not read and not settings:
        return None
    of_role = [name for name in read if name in _ORDER]
    # A role's own lists are one file; of lists that nobody knows each is one by itself, of which the first is taken.
    taken = of_role or list(read)[:1]
    at = home_of(held[(taken or [_OPTIONS])[0]].key)
    prefix = f"{node.source.path}#{at.span.start}"
    files: dict[str, Virtual] = {}
    if taken:
        files[f"{NOWHERE}pg_hba.conf"] = virtual(
            f"{prefix}/pg_hba.conf", joined(line for name in taken for line in read[name])
        )
    if settings:
        files[f"{NOWHERE}postgresql.conf"] = virtual(f"{prefix}/postgresql.conf", joined(settings))
    called = "variables" if not keys else f"variables {own_name(keys[-1])}"
    return Site(
        at=at,
        name=called,
        judged=_judged(of_role, settings=bool(settings)),
        main=f"{NOWHERE}postgresql.conf" if settings else None,
        hba=f"{NOWHERE}pg_hba.conf" if taken else None,
        files=files,
        whole=False,
        data_directory=NOWHERE,
        tool=TOOL,
    )


def _judged(of_role: Sequence[str], *, settings: bool) -> str:
    """What was looked at: the lists that roles are known by, or a list that nobody knows."""
    known = (*of_role, *((_OPTIONS,) if settings else ()))
    return f"{TOOL}, {', '.join(known)}" if known else "a list of records"


def _copied(node: Mapping) -> Site | None:
    """The server of a file that a task writes: `content` to `dest`."""
    content, dest = get(node, "content"), get(node, "dest")
    name = dest.text.rpartition("/")[2] if isinstance(dest, Scalar) else ""
    role = role_of(name)
    if role is None or not isinstance(content, Scalar) or "\n" not in content.text or not isinstance(dest, Scalar):
        return None
    at = home_of(dest)
    made = virtual(f"{node.source.path}#{at.span.start}/{name}", content.value)
    site = loose_site(at, f"task {own_name(name)}", {role: (name, made)})
    return replace(site, tool=TOOL) if site is not None else None


def _records(key: str, value: Node) -> list[Traced]:
    """The lines of a list; none where it is no list of records."""
    items = items_of(value)
    if key in _HOSTS:
        return [_host(item, _HOSTS[key]) for item in items if isinstance(item, Scalar)]
    if not items or not _HBA_KEY.fullmatch(key):
        return []
    if all(isinstance(item, Scalar) for item in items):
        texts = [item for item in items if isinstance(item, Scalar)]
        sure = [item for item in texts if _RECORD.match(item.text)]
        return [_with_end(item.value, home_of(item)) for item in texts] if sure and len(sure) * 2 > len(texts) else []
    columns = _LISTS.get(key)
    lines = [_line(item, columns) for item in items if isinstance(item, Mapping)]
    known = [line for line in lines if line is not None]
    return known if len(known) == len(items) else []


def _host(item: Scalar, method: str) -> Traced:
    before = own("host all all ", item.source, item.span, LAYOUT)
    return joined((before, item.value, own(f" {method}\n", item.source, item.span, LAYOUT)))


def _with_end(text: Traced, at: Home) -> Traced:
    return joined((text, own("\n", at.source, at.span, LAYOUT)))


def _line(item: Mapping, columns: _Columns | None) -> Traced | None:
    """The record of an item; None where it is none."""
    keys = columns.keys if columns is not None else tuple(_present(item))
    if columns is None and any(_STARRED.search(text_of(get(item, key)) or "") for key in keys):
        return None
    words = [_word(value) for key in keys if (value := get(item, key)) is not None]
    kind = get(item, keys[0]) if keys else None
    is_typed = isinstance(kind, Scalar) and (isinstance(kind, Filled) or _TYPES.fullmatch(kind.text) is not None)
    has_method = any(get(item, key) is not None for key in ("method", "auth_method", "auth"))
    if not is_typed or len(words) < 3 or not (has_method or (columns is not None and columns.method)):
        return None
    at = home_of(item)
    if not has_method and columns is not None:
        words.append(own(columns.method, at.source, at.span, "method"))
    blank = own(" ", at.source, at.span, LAYOUT)
    parts = [part for word in words for part in (word, blank)]
    return _with_end(joined(parts[:-1]), at)


def _present(item: Mapping) -> Iterator[str]:
    """The keys of an item that nobody knows, in the order of a record's columns; no address for the socket."""
    is_local = any(text_of(get(item, name)) == "local" for name in _ALIKE[0])
    for names in _ALIKE:
        if is_local and names in _OF_ADDRESSES:
            continue
        yield from (name for name in names if get(item, name) is not None)


def _word(value: Node) -> Traced:
    """A value as a template prints it; of a list, its items with commas."""
    if isinstance(value, YamlSequence):
        items = [item.value for item in value.items if isinstance(item, Scalar)]
        comma = own(",", value.source, value.span, LAYOUT)
        return joined([part for item in items for part in (item, comma)][:-1])
    if not isinstance(value, Scalar):
        return Traced()
    text = str(python_value(value))
    return value.value if isinstance(value, Filled) or text == value.text else value.value.become(text)


def _settings(value: Node) -> Iterator[Traced]:
    """The lines that `option` and `value` of each item become."""
    for item in items_of(value):
        name, setting = get(item, "option"), get(item, "value")
        if not isinstance(name, Scalar) or not isinstance(setting, Scalar) or not majors_of(name.text):
            continue
        if text_of(get(item, "state")) != "absent":
            yield joined((name.value, name.value.beside(" = '", LAYOUT), escaped(_word(setting)), _end(name)))


def _end(name: Scalar) -> Traced:
    return name.value.beside("'\n", LAYOUT)
