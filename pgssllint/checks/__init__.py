"""Cluster -> problems; one module for a ten of rule numbers."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from pgssllint.cluster import Cluster
from pgssllint.credentials import Credentials
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
            for credentials in cluster.credentials:
                for problem in function(cluster, credentials):
                    yield replace(problem, entry=credentials.number) if credentials.number else problem

        return over_hosts

    return mark
