"""In which order the tests are asked about a mutant."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from tools.mutate.mutants import Mutant
from tools.mutate.reach import Lines, Reach
from tools.mutate.source import Place, Source
from tools.mutate.trial import Part

QUICK = 10.0
"""Seconds that the tests asked first take while they are measured: most mutants do not outlive them."""


class Uses:
    """Where the modules of a package use a name, told by the name alone."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._places: defaultdict[str, set[tuple[str, Place]]] = defaultdict(set)
        for path, source in sources.items():
            for node in source.nodes:
                match node:
                    case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name):
                        self._places[name].add((path, source.place(node)))

    def reading(self, mutant: Mutant) -> Iterator[Lines]:
        """The lines of functions that use what a mutant changes: its own, or those that use what it gives a value to
        at import, directly or by way of other values that are made then.
        """
        if not mutant.place.at_import:
            yield mutant.key.path, mutant.place.first, mutant.place.last
        names, seen = [*mutant.place.names], set(mutant.place.names)
        while names:
            for path, place in self._places[names.pop()]:
                if not place.at_import:
                    yield path, place.first, place.last
                names += [name for name in place.names if name not in seen]
                seen.update(place.names)


def stages(mutant: Mutant, reach: Reach, uses: Uses) -> list[list[Part]]:
    """The tests that can tell a mutant from the program, in the order in which they are asked.

    Those are the tests that reach its line, and all tests where it changes what is made at import; and those for which
    there was no time to measure. First come some that see most of what is around the change, then the quicker files.
    """
    place = mutant.place
    near = reach.of(uses.reading(mutant))
    around = near if place.at_import else reach.of([(mutant.key.path, place.begin, place.end)])
    ordered = sorted(near, key=lambda test: (-around[test], reach.seconds[test], test))
    quick = list(_within(QUICK, ordered, reach.seconds)) or ordered[:1]
    far = reach.seconds.keys() - reach.broken - near.keys() if place.at_import else ()
    asked = [_by_file(tests, reach) for tests in (quick, set(ordered) - set(quick), far)]
    return [parts for parts in (*asked, [Part(file) for file in reach.unmeasured]) if parts]


def _within(bound: float, tests: Iterable[str], seconds: Mapping[str, float]) -> Iterator[str]:
    """The first tests that take no longer than `bound` seconds together; one that takes too long is passed over."""
    spent = 0.0
    for test in tests:
        if spent + seconds[test] <= bound:
            spent += seconds[test]
            yield test


def _by_file(tests: Iterable[str], reach: Reach) -> list[Part]:
    """The tests by their files, the quickest file first."""
    files: defaultdict[str, set[str]] = defaultdict(set)
    for test in tests:
        files[test.partition("::")[0]].add(test)
    parts = [Part(file, frozenset(own)) for file, own in files.items()]
    return sorted(parts, key=lambda part: (sum(reach.seconds[test] for test in part.tests), part.path))
