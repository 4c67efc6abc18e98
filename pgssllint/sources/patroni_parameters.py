"""What Patroni makes of `parameters`: the lines of postgresql.conf.

Read in patroni/config.py and patroni/postgresql/config.py, and asked of Patroni 4.1.5. What the dynamic configuration
has (at the first start that is `bootstrap.dcs`) is overlaid by the local one, name by name in any case; some parameters
are taken from the dynamic one alone and some from other keys.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from pgssllint.sources.kinds import DROPPED_NAME, DROPPED_VALUE, TAKEN_FROM
from pgssllint.sources.patroni_values import Dropped, Value, boolean, let_through, python_value, whole_number
from pgssllint.sources.workload import Said
from pgssllint.syntax.yaml_nodes import Mapping as YamlMapping
from pgssllint.syntax.yaml_nodes import Node, Scalar, entries_of, home_of
from pgssllint.syntax.yaml_templates import Filled
from pgssllint.text import Home
from pgssllint.traced import Traced, joined, own

WAL_KEEP_SIZE_FROM = 13
"""From this major on Patroni makes wal_keep_size of wal_keep_segments, before it the other way round."""

OLD_LEVEL = "hot_standby"
"""What wal_level was called before 9.6, for which Patroni writes the name of today."""

_LISTEN, _SCOPE, _DYNAMIC = "postgresql.listen", "scope", "bootstrap.dcs"


class _Of(NamedTuple):
    """A parameter that Patroni puts on the command line: its default (empty: it is taken from `where`), and the least
    number, or the words, that it takes; None where any boolean does.
    """

    default: str = ""
    where: str = _DYNAMIC
    least: int | None = None
    words: tuple[str, ...] = ()


COMMAND_LINE: Mapping[str, _Of] = MappingProxyType(
    {
        "listen_addresses": _Of(where=_LISTEN),
        "port": _Of(where=_LISTEN),
        "cluster_name": _Of(where=_SCOPE),
        "wal_level": _Of("replica", words=("hot_standby", "replica", "logical")),
        "hot_standby": _Of("on", words=("on", "true", "yes", "1")),
        "max_connections": _Of("100", least=25),
        "max_wal_senders": _Of("10", least=3),
        "wal_keep_segments": _Of("8", least=1),
        "wal_keep_size": _Of("128MB", least=16),
        "max_prepared_transactions": _Of("0", least=0),
        "max_locks_per_transaction": _Of("64", least=32),
        "track_commit_timestamp": _Of("off"),
        "max_replication_slots": _Of("10", least=4),
        "max_worker_processes": _Of("8", least=2),
        "wal_log_hints": _Of("on"),
    }
)
"""CMDLINE_OPTIONS of patroni/postgresql/config.py."""


class _Set(NamedTuple):
    """A parameter as it is set: its name as spelled, and what stands for its value; `is_open` where a template has yet
    to write a part of that.
    """

    name: Traced
    value: Value
    text: Traced
    is_open: bool = False

    def become(self, value: str) -> "_Set":
        """Another value in place of this one."""
        return self._replace(value=value, text=self.text.become(value))


class Parameters(NamedTuple):
    """The lines of postgresql.conf behind the include, in the order in which they are written, and what is said.

    `named` are the values by name in lower case.
    """

    lines: Traced
    named: Mapping[str, str]
    said: tuple[Said, ...]


def parameters(
    dynamic: Node | None,
    local: Node | None,
    own_ones: Mapping[str, Traced],
    major: int,
    at: Home,
    sure: frozenset[str] = frozenset(),
) -> Parameters:
    """The parameters of two layers for a server of `major`.

    `own_ones` are those that are taken from other keys, by name; of them `sure` hold whatever a layer says. What is
    Patroni's own is because of `at`.
    """
    said: list[Said] = []
    defaults = ((name, of.default) for name, of in COMMAND_LINE.items() if of.default and name not in _KEPT_WAL)
    found = {name: _default(name, value, at) for name, value in defaults}
    found |= {name: _Set(_own(name, text), text.text, text) for name, text in own_ones.items()}
    for layer, is_local in ((dynamic, False), (local, True)):
        for entry in entries_of(layer):
            if isinstance(entry.key, Scalar) and not isinstance(entry.key, Filled):
                taken = _taken(entry.key, entry.value, is_local=is_local)
                if isinstance(taken, Said):
                    said.append(taken)
                elif entry.key.text.lower() not in sure:
                    found[entry.key.text.lower()] = taken
    if found["wal_level"].value == OLD_LEVEL:
        found["wal_level"] = found["wal_level"].become("replica")
    kept = _kept_wal(found, at, in_segments=major < WAL_KEEP_SIZE_FROM)
    found = {name: one for name, one in found.items() if name not in _KEPT_WAL} | {kept.name.text: kept}
    lines: list[Traced] = []
    named: dict[str, str] = {}
    for one in sorted(found.values(), key=lambda one: one.name.text):
        line = _line(one, major, said)
        if line is not None:
            lines.append(line)
            named[one.name.text.lower()] = str(one.value)
    return Parameters(joined(lines), named, tuple(said))


_KEPT_WAL = ("wal_keep_segments", "wal_keep_size")
_SEGMENT = 16
"""Patroni takes a segment of WAL for so many megabytes."""


def _kept_wal(found: Mapping[str, _Set], at: Home, *, in_segments: bool) -> _Set:
    """How much WAL is kept, by the parameter of the major, which is made of the other one where that alone is set."""
    name, other = _KEPT_WAL if in_segments else _KEPT_WAL[::-1]
    if name in found:
        return found[name]
    given = found.get(other) or _default(other, COMMAND_LINE[other].default, at)
    number = whole_number(given.value, "MB" if in_segments else "") or 0
    value = str((number + _SEGMENT // 2) // _SEGMENT) if in_segments else f"{number * _SEGMENT}MB"
    return _Set(given.text.beside(name, other), value, given.text.become(value))


def _default(name: str, value: str, at: Home) -> _Set:
    return _Set(own(name, at.source, at.span, "postgresql"), value, own(value, at.source, at.span, "postgresql"))


def _own(name: str, text: Traced) -> Traced:
    return text.beside(name, name)


def _taken(key: Scalar, value: Node, *, is_local: bool) -> _Set | Said:
    """What a layer sets, or that it is taken from elsewhere."""
    of = COMMAND_LINE.get(key.text.lower())
    if of is not None and (is_local or not of.default):
        return Said(TAKEN_FROM, home_of(key), {"name": key.text.lower(), "where": of.where})
    held = python_value(value)
    text = value.value if isinstance(value, Scalar) else Traced()
    if of is not None and not isinstance(value, Filled) and not _fits(of, held):
        return Said(DROPPED_VALUE, home_of(key), {"name": key.text.lower()})
    if isinstance(value, Filled):
        return _Set(key.value, held, text, is_open=True)
    return _Set(key.value, held, _text_of(value, held))


def _fits(of: _Of, value: Value) -> bool:
    if of.words:
        return str(value).lower() in of.words
    if of.least is None:
        return boolean(value) is not None
    number = whole_number(value, "MB" if of.default.endswith("MB") else "")
    return number is not None and number >= of.least


def _text_of(node: Node, value: Value) -> Traced:
    """The value as Python writes it, each character with its place where that is what stands there."""
    written = str(value)
    if isinstance(node, Scalar):
        return node.value if node.text == written else node.value.become(written)
    first = next((key for key in _scalars(node)), None)
    return first.value.become(written) if first is not None else Traced()


def _scalars(node: Node) -> Iterator[Scalar]:
    waiting: list[Node] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Scalar):
            yield one
        elif isinstance(one, YamlMapping):
            waiting += [entry.key for entry in reversed(one.entries)]
        else:
            waiting += reversed(one.items)


def _line(one: _Set, major: int, said: list[Said]) -> Traced | None:
    """The line of a parameter; None where it is dropped."""
    name = one.name.text
    at = one.name.home()
    passed = let_through(name, one.value, major)
    is_open = one.is_open or not one.text.is_known
    if isinstance(passed, Dropped) and not (is_open and passed is Dropped.VALUE):
        if at is not None and passed is Dropped.NAME:
            said.append(Said(DROPPED_NAME, at, {"name": name, "major": str(major)}))
        elif at is not None and passed is Dropped.VALUE:
            said.append(Said(DROPPED_VALUE, at, {"name": name}))
        return None
    text = one.text
    if not isinstance(passed, Dropped) and passed.is_limit and not is_open:
        text = one.text.become(passed.text)
    between = one.name.beside(" = '", name)
    return joined((one.name, between, escaped(text), one.name.beside("'\n", name)))


_DOUBLED = re.compile(r"['\\]")


def escaped(text: Traced) -> Traced:
    """A text with each quote and backslash written twice."""
    pieces: list[Traced] = []
    at = 0
    for hit in _DOUBLED.finditer(text.text):
        pieces += [text.part(at, hit.start()), text.part(hit.start(), hit.end()).become(hit[0] * 2)]
        at = hit.end()
    return joined((*pieces, text.part(at, len(text)))) if pieces else text
