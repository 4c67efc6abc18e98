"""The parameters of every major: what a name in postgresql.conf means to which server.

The facts are those of pg_settings of real servers, with the names and values that servers accept without showing them
there. They lie in parameters.tsv, which tools/make_parameters.py writes.
"""

from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from pgssllint.target import MAJORS

Type = Literal["bool", "enum", "integer", "real", "string"]

_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}

LIBPQ_WORDS = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "channel_binding", "sslnegotiation"})
"""What libpq calls its own settings of TLS, none of which is a parameter of the server."""

BEFORE_10 = frozenset({
    "add_missing_from", "checkpoint_segments", "custom_variable_classes", "max_fsm_pages", "max_fsm_relations",
    "min_parallel_relation_size", "redirect_stderr", "regex_flavor", "replication_timeout", "silent_mode",
    "sql_inheritance", "unix_socket_directory",
})  # fmt: skip
"""Names that a configuration of an earlier major may well hold (release notes of 8.3 to 10)."""

TLS_PARAMETERS = frozenset({
    "ssl_cert_file", "ssl_key_file", "ssl_ca_file", "ssl_crl_file", "ssl_crl_dir", "ssl_ciphers",
    "ssl_min_protocol_version", "ssl_max_protocol_version", "ssl_dh_params_file", "ssl_groups", "ssl_ecdh_curve",
    "ssl_tls13_ciphers",
})  # fmt: skip
"""Parameters of TLS, by whatever name some major has them, that do nothing while `ssl` is off."""


class Parameter(NamedTuple):
    """A parameter of one major, in the terms of pg_settings.

    `name` is spelled as the server spells it. `minimum` and `maximum` are the texts of pg_settings, empty where there
    is no range. `values` are the values of an enumeration that the server shows, `hidden` those that it accepts
    besides. `boot` is the built-in default, empty too where it depends on the build. With `minor_dependent`, only some
    minor releases of the major, or only some distributions' builds of it, know the parameter.
    """

    name: str
    type: Type
    context: str
    unit: str
    minimum: str
    maximum: str
    values: tuple[str, ...]
    hidden: tuple[str, ...]
    boot: str
    minor_dependent: bool

    @property
    def read_only(self) -> bool:
        """Whether no configuration may set it."""
        return self.context == "internal"


_WORDS = (4, 5)
"""The columns of `_Row.rest` with the words of enumerations: those that are shown, and hidden ones."""


class _Row(NamedTuple):
    """One line of the data file: facts that hold for a run of majors."""

    name: str
    first: int
    last: int
    type: str
    rest: tuple[str, ...]


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """`name` as the server compares names: A to Z in lower case, everything else as it is (guc_name_compare)."""
    return name.lower() if name.isascii() else name.translate(_LOWER)


@lru_cache(maxsize=4096)
def canonical(name: str, major: int) -> str:
    """The folded name of the parameter that `name` sets on `major`: an old name gives the one it stands for."""
    name = folded(name)
    row = _row(name, major)
    return row.rest[4] if row is not None and row.type == "alias" else name


@lru_cache(maxsize=4096)
def find(name: str, major: int) -> Parameter | None:
    """The parameter that `name` (any case, old names too) sets on `major`; None if the server does not know it."""
    row = _row(canonical(name, major), major)
    if row is None:
        return None
    context, unit, minimum, maximum, values, hidden, boot, minor = row.rest
    shown = tuple(values.split(",")) if row.type == "enum" else ()
    unseen = tuple(hidden.split(",")) if hidden else ()
    return Parameter(
        name=row.name, type=_type(row.type), context=context, unit=unit, minimum=minimum, maximum=maximum,
        values=shown, hidden=unseen, boot=boot, minor_dependent=minor == "minor",
    )  # fmt: skip


def majors_of(name: str) -> tuple[int, ...]:
    """The majors that accept `name` (any case, old names too); none for a name unknown everywhere."""
    rows = _catalogue().get(folded(name), ())
    return tuple(major for major in MAJORS if any(row.first <= major <= row.last for row in rows))


def is_known(name: str) -> bool:
    """Whether some major accepts `name` (any case, old names too)."""
    return folded(name) in _catalogue()


def words() -> Iterator[str]:
    """The names of all parameters of all majors, and the words of their enumerations."""
    for rows in _catalogue().values():
        for row in rows:
            yield row.name
            if row.type == "enum":
                yield from (word for column in _WORDS for word in row.rest[column].split(",") if word)


def type_of(name: str) -> Type | None:
    """The type of the parameter `name` (any case, old names too) on the last major that has it; None if none has."""
    majors = majors_of(name)
    parameter = find(name, majors[-1]) if majors else None
    return parameter.type if parameter is not None else None


def nearest(name: str, major: int) -> str | None:
    """The name known to `major` that `name` is most likely a slip of: the only one at the least edit distance.

    The distance is at most 2, and less than half the length of the name.
    """
    name = folded(name)
    best: list[str] = []
    bound = min(2, (len(name) - 1) // 2)
    for key in _catalogue():
        if _row(key, major) is None:
            continue
        distance = _distance(name, key, bound)
        if distance < bound:
            bound, best = distance, [key]
        elif distance == bound:
            best.append(key)
    if bound < 1 or len(best) != 1:
        return None
    found = _row(best[0], major)
    return found.name if found is not None else None


def _row(name: str, major: int) -> _Row | None:
    return next((row for row in _catalogue().get(name, ()) if row.first <= major <= row.last), None)


def _type(word: str) -> Type:
    match word:
        case "bool" | "enum" | "integer" | "real":
            return word
        case _:
            return "string"


def _distance(a: str, b: str, bound: int) -> int:
    """The edit distance (insert, delete, replace) of two names; `bound` + 1 stands for anything above `bound`."""
    if abs(len(a) - len(b)) > bound:
        return bound + 1
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            current.append(min(previous[j] + 1, current[-1] + 1, previous[j - 1] + (x != y)))
        if min(current) > bound:
            return bound + 1
        previous = current
    return previous[-1]


@cache
def _catalogue() -> dict[str, tuple[_Row, ...]]:
    """The data file by folded name, read when first asked for."""
    catalogue: dict[str, tuple[_Row, ...]] = {}
    text = Path(__file__).with_name("parameters.tsv").read_text(encoding="utf-8")
    for line in text.splitlines()[1:]:
        name, majors, kind, *rest = line.split("\t")
        first, _, last = majors.partition("-")
        key = folded(name)
        catalogue[key] = (*catalogue.get(key, ()), _Row(name, int(first), int(last or first), kind, tuple(rest)))
    return catalogue
