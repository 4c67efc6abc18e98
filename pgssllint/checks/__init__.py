"""Cluster -> problems; one module for a ten of rule numbers."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Literal

from pgssllint.cluster import Cluster
from pgssllint.cluster.credentials import Credentials
from pgssllint.cluster.setting import Named
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


Role = Literal["certificate", "key", "client_ca"]
"""What a file of a host is to it."""

OWN: tuple[Role, ...] = ("certificate", "key", "client_ca")
"""All files of a host."""


def host_check(rule: str, files: tuple[Role, ...] = ()) -> Callable[[HostCheck], Check]:
    """Make a function that judges the files of one host the check of `rule`, which asks it for every host.

    Where all that it tells stands in some of the `files` and depends on them alone, of hosts with the same ones it is
    asked for the first: the others could only tell the same.
    """

    def mark(function: HostCheck) -> Check:
        @check(rule)
        def over_hosts(cluster: Cluster) -> Iterator[Problem]:
            asked: set[Hashable] = set()
            for credentials in cluster.tls.credentials:
                same = tuple(_file(credentials, role) for role in files)
                if files and same in asked:
                    continue
                asked.add(same)
                for problem in function(cluster, credentials):
                    yield replace(problem, entry=credentials.number) if credentials.number else problem

        return over_hosts

    return mark


def _file(credentials: Credentials, role: Role) -> Hashable:
    """What tells a file of a host from that of another: by the same name a host may have another file."""
    file = getattr(credentials, role)
    return (file.name, file.opened.path) if isinstance(file, Named) else file


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
