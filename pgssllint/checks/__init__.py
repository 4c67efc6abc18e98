"""Cluster -> problems; one module for a ten of rule numbers."""

from collections.abc import Callable, Iterator

from pgssllint.cluster import Cluster
from pgssllint.finding import Problem

Check = Callable[[Cluster], Iterator[Problem]]
"""A generator over what is wrong with a cluster, for one rule."""

MARK = "__pgssllint_rule__"
"""The attribute by which the engine knows a check."""


def check(rule: str) -> Callable[[Check], Check]:
    """Mark a function as the check of `rule`; the engine collects the marked functions of this package."""

    def mark(function: Check) -> Check:
        setattr(function, MARK, rule)
        return function

    return mark
