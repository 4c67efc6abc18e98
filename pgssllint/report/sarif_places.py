"""SARIF's artifacts, locations and regions."""

import hashlib
import os
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from pgssllint.finding import Location
from pgssllint.report.places import BINARY_REGION, is_binary, region_of, relative_path
from pgssllint.showing.telling import REDACTED, Showing, is_begin_line
from pgssllint.text import Region, Source, encodable, visible

Object = dict[str, Any]
"""A JSON object."""

ROOT = "%SRCROOT%"
"""SARIF's name for the folder that relative addresses start from."""

_LONG_LINE = 1000
_NEAR = 100
_FIRST_BYTE = Region(1, 1, 1, 2)


class Artifacts:
    """The files a run speaks of, by path, in order of their addresses."""

    def __init__(self, root: str, places: Iterable[Location], showing: Showing) -> None:
        self._root = root
        self.showing = showing
        self.sources: dict[str, Source | None] = {}
        self.secret: set[str] = set()
        for place in places:
            self.sources[place.path] = self.sources.get(place.path) or place.source
            if showing.is_secret(place):
                self.secret.add(place.path)
        ordered = sorted(self.sources, key=self.address)
        self._index = {path: index for index, path in enumerate(ordered)}

    def address(self, path: str) -> str:
        """The address of a file: relative to the root, or a file URI for what lies outside."""
        inside = relative_path(path, self._root)
        if inside == ".":
            return "./"
        name = os.fsencode(inside if inside is not None else path)
        return quote(name, safe="/") if inside is not None else "file://" + quote(name, safe="/")

    def location(self, path: str) -> Object:
        """An artifactLocation with its index."""
        return {**self.bare_location(path), "index": self._index[path]}

    def objects(self) -> list[Object]:
        """The artifact objects; a file of which something may not be shown has no hash."""
        return [self._object(path) for path in self._index]

    def bare_location(self, path: str) -> Object:
        """An artifactLocation without an index."""
        base = {"uriBaseId": ROOT} if relative_path(path, self._root) is not None else {}
        return {"uri": self.address(path), **base}

    def _object(self, path: str) -> Object:
        source = self.sources[path]
        artifact: Object = {"location": self.bare_location(path), "roles": ["analysisTarget"]}
        if source is None:
            return artifact
        artifact["length"] = len(source.data)
        if b"\0" not in source.data and _is_utf8(source.data):
            artifact["encoding"] = "utf-8"
        if path not in self.secret and not self.showing.hides_value(source, range(1, source.line_count + 1)):
            artifact["hashes"] = {"sha-256": hashlib.sha256(source.data).hexdigest()}
        return artifact


def physical_location(place: Location, artifacts: Artifacts) -> Object:
    """A physicalLocation with region, snippet and context, which GitHub and viewers show.

    GitHub wants a region even for a file as a whole: its beginning, with nothing shown.
    """
    location: Object = {"artifactLocation": artifacts.location(place.path)}
    region = region_of(place)
    if region is None or place.source is None or is_binary(place):
        nothing = {"snippet": {"text": ""}}
        location["region"] = {**region_object(region or BINARY_REGION), **nothing}
        return {**location, "contextRegion": {**region_object(_FIRST_BYTE), **nothing}}
    location["region"] = {**region_object(region), "snippet": {"text": _snippet(place, region, artifacts.showing)}}
    context = _context(place, place.source, region, artifacts.showing)
    return {**location, "contextRegion": context} if context is not None else location


def plain_location(place: Location, artifacts: Artifacts) -> Object:
    """A physicalLocation with the region alone, if there is one."""
    location: Object = {"artifactLocation": artifacts.location(place.path)}
    region = region_of(place)
    return location if region is None else {**location, "region": region_object(region)}


def notification_location(place: Location, artifacts: Artifacts) -> Object:
    """The location of a notification."""
    return {"physicalLocation": plain_location(place, artifacts)}


def place_name(place: Location) -> str:
    """What a place is called where the check gave it no label."""
    region = region_of(place)
    name = visible(os.path.basename(place.path))
    return f"line {region.line} of '{name}'" if region is not None and not is_binary(place) else f"'{name}'"


def region_object(region: Region) -> Object:
    """A region with all four of its numbers."""
    return {
        "startLine": region.line,
        "startColumn": region.column,
        "endLine": region.end_line,
        "endColumn": region.end_column,
    }


def _snippet(place: Location, region: Region, showing: Showing) -> str:
    source = place.source
    if source is None or (showing.is_secret(place) and not is_begin_line(source.line(region.line))):
        return REDACTED
    end = min(region.end_column - 1, region.column - 1 + _LONG_LINE)
    return encodable(showing.line(source, region.line, region.column - 1, end))


def _context(place: Location, source: Source, region: Region, showing: Showing) -> Object | None:
    """What stands around a region: a line on each side, or a stretch of its own line where lines are very long.

    None where the region is all there is, as a context must hold more than its region.
    """
    around = Region(max(1, region.line - 1), 1, min(source.line_count, region.line + 1), 1)
    lines = range(around.line, around.end_line + 1)
    lengths = [span.end - span.start for span in map(source.line_span, lines)]
    if max(lengths) > _LONG_LINE:
        length = lengths[region.line - around.line]
        start, end = max(0, region.column - 1 - _NEAR), min(length, region.end_column - 1 + _NEAR)
        around = Region(region.line, start + 1, region.line, end + 1)
        shown = [showing.line(source, region.line, start, min(end, start + _LONG_LINE))]
    else:
        around = around._replace(end_column=lengths[-1] + 1)
        shown = [showing.line(source, line) for line in lines]
    if around == region:
        return None
    text = REDACTED if showing.is_secret(place) else encodable("\n".join(shown))
    return {**region_object(around), "snippet": {"text": text}}


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
