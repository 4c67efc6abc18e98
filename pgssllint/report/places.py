"""What all reports share: text made fit to show, paths as they are shown, and regions."""

from pgssllint.finding import Edit, Location
from pgssllint.text import Region, Span, visible_path

BINARY_REGION = Region(1, 1, 1, 1)
"""Where a finding in a binary file points: SARIF's consumers want a region even there."""


def relative_path(path: str, base: str) -> str | None:
    """`path` relative to the folder `base`, both absolute; None where it lies outside."""
    if path == base:
        return "."
    prefix = base.rstrip("/") + "/"
    return path[len(prefix) :] if path.startswith(prefix) else None


def shown_path(path: str, base: str) -> str:
    """The path that a person reads: relative to `base`, absolute where it lies outside."""
    return visible_path(relative_path(path, base) or path)


def is_binary(location: Location) -> bool:
    """Whether the location is a binary file as a whole: its start, in a source that holds NUL bytes."""
    return location.source is not None and location.span == Span(0, 0) and b"\0" in location.source.data


def region_of(location: Location) -> Region | None:
    """Lines and columns of a location; None for a file as a whole, BINARY_REGION for a binary one."""
    return BINARY_REGION if is_binary(location) else location.region


def edit_region(edit: Edit) -> Region:
    """What an edit replaces; unlike a finding's region it may run over line ends."""
    return Region(*edit.source.position(edit.span.start), *edit.source.position(edit.span.end))
