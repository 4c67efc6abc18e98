"""A place of a finding as it is recognised again, by what stands there and not by its line."""

from typing import NamedTuple


class Keyed(NamedTuple):
    """The rule of a finding, the key of one of its places (`report.fingerprint.place_key`), and the path of the file:
    relative to the folder that paths are told from, absolute where it lies outside. `weight` is how loud it was told,
    as `Severity.weight` has it.
    """

    rule: str
    key: str
    path: str
    weight: int = 2
