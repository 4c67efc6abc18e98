"""In which order the tests are asked about a mutant."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from tools.mutate.mutants import Mutant
from tools.mutate.reach import Lines, Reach
from tools.mutate.source import Place, Source
from tools.mutate.trial import Part

QUICK = 5.0
"""Seconds that the tests asked first take: most mutants do not outlive them."""


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
    """The tests that can tell a mutant from the program, those that are nearer to it and quicker first.

    Those are the tests that reach its line, and all tests where it changes what is made at import. What was not
    measured may reach anything.
    """
    near = reach.of(uses.reading(mutant))
    far = frozenset(reach.seconds) - reach.broken - near if mutant.place.at_import else frozenset()
    quick: list[Part] = []
    slow: list[Part] = []
    spent = 0.0
    for seconds, part in _by_file(near, reach):
        spent += seconds
        (slow if quick and spent > QUICK else quick).append(part)
    unmeasured = [Part(file) for file in sorted(reach.unmeasured)]
    rest = [part for _, part in _by_file(far, reach)]
    return [stage for stage in (quick, slow, [*rest, *unmeasured]) if stage]


def _by_file(tests: Iterable[str], reach: Reach) -> list[tuple[float, Part]]:
    """The tests by their files with the seconds that they take, the quickest file first."""
    files: defaultdict[str, set[str]] = defaultdict(set)
    for test in tests:
        files[test.partition("::")[0]].add(test)
    timed = ((sum(reach.seconds[test] for test in own), Part(file, frozenset(own))) for file, own in files.items())
    return sorted(timed, key=lambda pair: (pair[0], pair[1].path))
