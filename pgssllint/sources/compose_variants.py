"""One service of Compose that is started in several ways, by files that are laid over the same one.

What is wrong in one way alone, since another file puts it right, is nothing that its owner has to mend.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from pgssllint.sources.site import Site
from pgssllint.sources.workload import Said

NOT_READ = "mounted-not-read"
"""Said of a file that is mounted where the server does not look."""

NO_PASSWORD = "no-password"
"""Said of a workload whose entry point ends for want of a password."""


class Variant(NamedTuple):
    """A server as some files set it up. `is_base`: others are laid over these."""

    site: Site
    is_base: bool


def without_amended(variants: Iterable[Variant]) -> Iterator[Site]:
    """The servers, each without what is said of it that does not hold where the same service is started otherwise: of a
    mount that is read there, and, of files that others are laid over, of a password that those give.
    """
    held = list(variants)
    ways: dict[tuple[int, int], list[Site]] = {}
    for one in held:
        ways.setdefault(_place(one.site), []).append(one.site)
    for one in held:
        others = [other for other in ways[_place(one.site)] if other is not one.site]
        kinds = {NOT_READ, NO_PASSWORD} if one.is_base else {NOT_READ}
        kept = tuple(
            said for said in one.site.said if said.kind not in kinds or all(_says(other, said) for other in others)
        )
        yield one.site if len(kept) == len(one.site.said) else replace(one.site, said=kept)


def _place(site: Site) -> tuple[int, int]:
    return id(site.at.source), site.at.span.start


def _says(site: Site, said: Said) -> bool:
    return any(one.kind == said.kind and one.at == said.at for one in site.said)
