"""Cluster -> problems; one module for a ten of rule numbers."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import ModuleType

from pgssllint.cluster import Cluster
from pgssllint.cluster.credentials import Credentials
from pgssllint.finding import Problem

Check = Callable[[Cluster], Iterator[Problem]]
"""A generator over what is wrong with a cluster, for one rule."""

HostCheck = Callable[[Cluster, Credentials], Iterator[Problem]]
"""A generator over what is wrong with the files of one host of a cluster, for one rule."""

MARK = "__pgssllint_rule__"
"""The attribute by which the engine knows a check."""


def check(rule: str) -> Callable[[Check], Check]:
    """Mark a function as the check of `rule`; the engine collects the marked functions of this package."""

    def mark(function: Check) -> Check:
        setattr(function, MARK, rule)
        return function

    return mark


def host_check(rule: str) -> Callable[[HostCheck], Check]:
    """Make a function that judges the files of one host the check of `rule`, which asks it for every host."""

    def mark(function: HostCheck) -> Check:
        @check(rule)
        def over_hosts(cluster: Cluster) -> Iterator[Problem]:
            for credentials in cluster.tls.credentials:
                for problem in function(cluster, credentials):
                    yield replace(problem, entry=credentials.number) if credentials.number else problem

        return over_hosts

    return mark


def marked(modules: Iterable[ModuleType]) -> Mapping[str, Check]:
    """The checks that modules hold, by their rules in order. Raises ValueError, naming both, for two of one rule."""
    found: dict[str, tuple[str, Check]] = {}
    for module in modules:
        for name, value in vars(module).items():
            rule = getattr(value, MARK, None)
            if not isinstance(rule, str):
                continue
            here = f"{module.__name__}.{name}"
            place, check = found.setdefault(rule, (here, value))
            if check is not value:
                raise ValueError(f"'{place}' and '{here}' are both the check of {rule}; each rule has its own.")
    return {rule: check for rule, (_, check) in sorted(found.items())}
