"""The services of a compose file, with those that they extend, of the same file or of another.

Asked of Docker Compose 2.40.3.
"""

import os
from collections.abc import Mapping
from typing import NamedTuple

from pgssllint.sources.compose_mounts import in_view
from pgssllint.sources.compose_reading import MAX_SERVICES, Place, Reading, too_large
from pgssllint.sources.compose_rules import READ_KEYS, check_service, once_each, spelt_out
from pgssllint.sources.compose_tree import RESET, Field, Leaf, RefusedError, Table, child, leaf, tree
from pgssllint.syntax import yaml_nodes
from pgssllint.syntax.yaml_nodes import Scalar, documents, get, home_of
from pgssllint.text import Source


class _Extending(NamedTuple):
    """The services of a document, those of them that are made, and from where it is read."""

    own: Mapping[str, Field]
    place: Place
    made: dict[str, Table]


def services(reading: Reading, node: yaml_nodes.Mapping, place: Place) -> Table:
    """The services of a document, with what they extend."""
    own: dict[str, Field] = {}
    if len(node.by_name) > MAX_SERVICES:
        raise too_large(f"has more than {MAX_SERVICES} services", home_of(node))
    for name, entry in node.by_name.items():
        if isinstance(entry.key, Scalar) and isinstance(entry.value, yaml_nodes.Mapping):
            own[name] = Field(entry.key.value, _service(reading, entry.value, place))
        elif isinstance(entry.key, Scalar) and entry.value.tag == RESET:
            own[name] = Field(entry.key.value, Table({}, home_of(entry.value), entry.value.tag))
    of = _Extending(own, place, {})
    return Table({name: Field(own[name].name, _made(reading, of, name)) for name in own}, home_of(node))


def is_remote(path: str) -> bool:
    """Whether a path names something that Compose would fetch."""
    return "://" in path or path.startswith(("git@", "github.com/", "oci:"))


def _service(reading: Reading, node: yaml_nodes.Mapping, place: Place) -> Table:
    """A service, as far as its keys say how it starts."""
    fields: dict[str, Field] = {}
    for key in READ_KEYS:
        entry = node.by_name.get(key)
        if entry is None or not isinstance(entry.key, Scalar):
            continue
        try:
            value = tree(entry.value, place.lookup, place.folder)
            field = Field(entry.key.value, value)
            one = spelt_out(Table({key: field}, home_of(node)))
            check_service(one)
            fields[key] = one.fields[key]
        except RefusedError as error:
            reading.refused.append(error.refused)
    service = Table(fields, home_of(node), node.tag)
    return reading.guarded(lambda: once_each(service), service)


def _made(reading: Reading, of: _Extending, name: str) -> Table:
    """A service over what it extends. A chain is gone down and up again without recursion, whatever its length."""
    chain: list[str] = []
    at: str | None = name
    while at is not None and at not in of.made:
        service = of.own[at].value
        assert isinstance(service, Table)  # made so above
        chain.append(at)
        base, path = _extends(service)
        at = None
        if base is not None and path is None:
            if base.text in chain:
                reading.refuse("extends itself", base.at)
            elif base.text not in of.own:
                reading.refuse("extends what is not there", base.at)
            else:
                at = base.text
    for one in reversed(chain):
        of.made[one] = _extended(reading, of, one)
    return of.made[name]


def _extends(service: Table) -> tuple[Leaf | None, Leaf | None]:
    """The service that one extends, and the file that it stands in where that is another."""
    node = child(service, "extends")
    if isinstance(node, Leaf):
        return node if node.tag != RESET else None, None
    return leaf(child(node, "service")), leaf(child(node, "file"))


def _extended(reading: Reading, of: _Extending, name: str) -> Table:
    service = of.own[name].value
    assert isinstance(service, Table)  # made so above
    base, path = _extends(service)
    over = Table({key: field for key, field in service.fields.items() if key != "extends"}, service.at, service.tag)
    if base is None:
        return over
    if path is None:
        below = of.made.get(base.text)
        return over if below is None or base.text == name else reading.service_over(below, over)
    found = _from_file(reading, of, base, path)
    return over if found is None else reading.service_over(found, over)


def _from_file(reading: Reading, of: _Extending, base: Leaf, path: Leaf) -> Table | None:
    """A service of another file, with what it extends itself; None where it is not in view or Compose refuses it."""
    is_named = path.value.is_known and base.value.is_known and not is_remote(path.text)
    local = in_view(reading.files, path.text, of.place.folder) if is_named else None
    if local is None:
        reading.unseen.append(path.at)
        return None
    source = reading.files.read(local)
    step = f"{local}\0{base.text}"
    place = Place(os.path.dirname(local), of.place.lookup, (*of.place.steps, step))
    if not isinstance(source, Source) or step in of.place.steps:
        reading.refuse("extends itself, or what is not there", path.at)
        return None
    reading.enter(source, place)
    found: Table | None = None
    for root in documents(source):
        inner = get(root, "services")
        if isinstance(inner, yaml_nodes.Mapping) and base.text in inner.by_name:
            one = _only(reading, inner, place, base.text)
            found = one if found is None else reading.service_over(found, one)
    if found is None:
        reading.refuse("extends what is not there", base.at)
    return found


def _only(reading: Reading, node: yaml_nodes.Mapping, place: Place, name: str) -> Table:
    """One service of a document, of which no other is looked at unless it is extended."""
    own: dict[str, Field] = {}
    waiting = [name]
    while waiting:
        entry = node.by_name.get(waiting.pop())
        if entry is None or not isinstance(entry.key, Scalar) or entry.key.text in own:
            continue
        if isinstance(entry.value, yaml_nodes.Mapping):
            service = _service(reading, entry.value, place)
            own[entry.key.text] = Field(entry.key.value, service)
            base, file = _extends(service)
            waiting += [base.text] if base is not None and file is None else []
    if name not in own:
        return Table({}, home_of(node))
    return _made(reading, _Extending(own, place, {}), name)
