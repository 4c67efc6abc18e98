"""How many processes settings ask for together: up to 17 each of them is held to the sum as it is applied (guc.c)."""

from collections.abc import Mapping
from types import MappingProxyType

from pgssllint.postgres.parameters import find
from pgssllint.postgres.value_faults import ValueFault, ValueKind, invalid_number
from pgssllint.unknown import Unknown

SUMMED_AT_END_FROM = 18
"""From this major on the processes are added up once the settings are read (start_checks.py)."""

SENDERS_COUNT_FROM = 12
"""From this major on max_wal_senders has processes of its own."""

MAX_BACKENDS = 0x3FFFF

_ALWAYS = ("max_connections", "autovacuum_max_workers", "max_worker_processes")


def process_defaults(major: int) -> Mapping[str, int | Unknown]:
    """The defaults of the settings that a server of `major` adds up while it applies them; of 18 and later, none."""
    if major >= SUMMED_AT_END_FROM:
        return MappingProxyType({})
    names = (*_ALWAYS, "max_wal_senders") if major >= SENDERS_COUNT_FROM else _ALWAYS
    found = {name: parameter for name in names if (parameter := find(name, major)) is not None}
    return MappingProxyType({name: int(parameter.boot) for name, parameter in found.items()})


def process_fault(name: str, number: int, together: Mapping[str, int | Unknown]) -> ValueFault | None:
    """What a server says of a setting with which the processes are too many; None where they are not, or not known.

    `together` are all that it adds up, with this one; one more is the launcher of autovacuum.
    """
    known = [one for one in together.values() if isinstance(one, int)]
    if len(known) < len(together) or sum(known) + 1 <= MAX_BACKENDS:
        return None
    return ValueFault(ValueKind.REFUSED, invalid_number(name, number))
