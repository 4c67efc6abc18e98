"""What comes up while a Compose project is read: the state that its readers share, and what they do with a refusal."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from pgssllint.files import Files
from pgssllint.sources.compose_interpolation import Lookup
from pgssllint.sources.compose_rules import laid_over
from pgssllint.sources.compose_tree import OVERRIDE, RESET, Field, Refused, RefusedError, Table, Tree, weight
from pgssllint.syntax.yaml_nodes import YamlError
from pgssllint.text import Home, Source, Span

MAX_FILES = 100
"""A project reads at most so many files, each time counted."""

MAX_SERVICES = 500
"""A project has at most so many services."""

MAX_DOCUMENTS = 200
"""A file holds at most so many documents."""

MAX_STEPS = 20
"""Files include and extend one another at most so deep."""

MAX_REPLACED = 4 * 1024 * 1024
"""What variables of files put into a project is at most so long; more is not known."""

MAX_WEIGHT = 400_000
"""What services that are laid over one another come to has at most so many values."""

_OTHER_YAML = re.compile(r"^%YAML[ \t]+(?!1\.1[ \t\r\n])[0-9.]+", re.MULTILINE)


class Place(NamedTuple):
    """From where a file is read: the folder that paths in it begin at, the variables that are replaced in it, and what
    led there.
    """

    folder: str
    lookup: Lookup
    steps: tuple[str, ...] = ()


def too_large(why: str, at: Home) -> YamlError:
    """The error of a project that goes over a bound."""
    return YamlError(f"{why} and is not read as a compose file", at.source, at.span.start)


@dataclass(slots=True)
class Reading:
    """What has come up so far: files that were read, what Compose refuses, and what is named and not in view."""

    files: Files
    sources: list[Source] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    unseen: list[Home] = field(default_factory=list)
    weight: int = 0
    count: int = 0
    replaced: int = 0

    def refuse(self, why: str, at: Home) -> None:
        """Keep what Compose refuses."""
        self.refused.append(Refused(why, at))

    def enter(self, source: Source, place: Place) -> None:
        """Keep a file that is read on from there. Raises YamlError for too many of them, or too deep in one another."""
        self.count += 1
        at = source.home(Span(0, 0))
        if self.count > MAX_FILES:
            raise too_large(f"is one of more than {MAX_FILES} files of a project", at)
        if len(place.steps) > MAX_STEPS:
            raise too_large(f"is included or extended over more than {MAX_STEPS} files", at)
        self.take(source)

    def take(self, source: Source) -> None:
        """Keep a file that was read, and what Compose refuses of its head."""
        found = _OTHER_YAML.search(source.text) if "%YAML" in source.text else None
        if found is not None:
            self.refuse("is a version of YAML that Compose does not read", source.home(Span(*found.span())))
        if all(one.path != source.path for one in self.sources):
            self.sources.append(source)

    def guarded(self, make: Callable[[], Tree], other: Table) -> Table:
        """What is made, if it is a mapping; `other` where Compose refuses it, which is kept."""
        try:
            made = make()
        except RefusedError as error:
            self.refused.append(error.refused)
            return other
        return made if isinstance(made, Table) else other

    def service_over(self, base: Table, over: Table) -> Table:
        """A service laid over another; the upper one alone where Compose refuses that.

        Raises YamlError where it comes to more than MAX_WEIGHT values.
        """
        if over.tag == OVERRIDE:
            return over
        made = self.guarded(lambda: laid_over(base, over), over)
        self.weight += weight(made)
        if self.weight > MAX_WEIGHT:
            raise too_large(f"comes to more than {MAX_WEIGHT} values", over.at)
        return made

    def services_over(self, base: Table, over: Table) -> Table:
        """The services of a file with those of a later one laid over them."""
        fields = dict(base.fields)
        for name, one in over.fields.items():
            below = fields.get(name)
            if one.value.tag == RESET:
                fields.pop(name, None)
            elif below is None or not isinstance(below.value, Table) or not isinstance(one.value, Table):
                fields[name] = one
            else:
                fields[name] = Field(below.name, self.service_over(below.value, one.value))
        if len(fields) > MAX_SERVICES:
            raise too_large(f"has more than {MAX_SERVICES} services", over.at)
        return Table(fields, base.at)
