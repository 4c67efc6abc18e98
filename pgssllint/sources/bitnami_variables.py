"""The variables that Bitnami's image reads, by the names that it knows them by."""

import re
from collections.abc import Iterator, Mapping

from pgssllint.sources.workload import Variable
from pgssllint.text import Home
from pgssllint.traced import Cutter, Traced
from pgssllint.unknown import Unknown


def variable(variables: Mapping[str, Variable], name: str) -> Variable | None:
    """A variable by either of the names that the image takes, the longer first."""
    found = (variables.get(prefix + name) for prefix in ("POSTGRESQL_", "POSTGRES_"))
    return next((one for one in found if one is not None and _is_set(one)), None)


def _is_set(one: Variable) -> bool:
    return isinstance(one.value, Unknown) or bool(one.value.text)


def text_of(one: Variable | None) -> Traced | None:
    """The value of a variable; None where there is none, or it is not known."""
    return one.value if one is not None and isinstance(one.value, Traced) else None


def value_of(variables: Mapping[str, Variable], name: str) -> Traced | None:
    """The value of such a variable; None where it is not set, or not known."""
    return text_of(variable(variables, name))


def name_at(variables: Mapping[str, Variable], name: str) -> Home | None:
    """Where such a variable is named."""
    one = variable(variables, name)
    return one.name.home() if one is not None else None


def is_yes(value: Traced | None) -> bool:
    """Whether the image's scripts take a value for yes (is_boolean_yes)."""
    return value is not None and value.text.strip().lower() in ("1", "yes", "true")


def has_password(variables: Mapping[str, Variable]) -> bool:
    """Whether a password is given, in a variable or a file."""
    return any(variable(variables, name) is not None for name in ("PASSWORD", "PASSWORD_FILE"))


def allows_empty_password(variables: Mapping[str, Variable]) -> Traced | None:
    """What says that the superuser needs no password; None where nothing does."""
    value = text_of(variables.get("ALLOW_EMPTY_PASSWORD"))
    return value if is_yes(value) else None


def words_in(text: Traced | None) -> Iterator[Traced]:
    """The words of a variable, parted by blanks, as `read -a` parts them."""
    if text is None:
        return
    cutter = Cutter(text)
    for hit in re.finditer(r"\S+", text.text):
        yield cutter.part(*hit.span())
