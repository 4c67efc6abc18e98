"""Files of an older major: what the assumed one refuses of a configuration that an older one takes whole."""

from collections.abc import Iterator
from typing import NamedTuple

from pgssllint.deployment import Deployment
from pgssllint.finding import Location
from pgssllint.postgres.hba import read_hba
from pgssllint.postgres.parameters import BEFORE_10, folded
from pgssllint.postgres.settings import Settings, faulty_values, unknown_names
from pgssllint.target import ASSUMED_MAJOR, LAST_BEFORE_10, MAJORS
from pgssllint.unknown import Unknown

_DEPENDENT = "clientcert"
"""The option of pg_hba.conf whose values an older major takes and the assumed one refuses."""


class Refused(NamedTuple):
    """Something that a major refuses: where it stands, and the setting or the option that it is."""

    at: Location
    what: str


class Older(NamedTuple):
    """The newest member of VERSIONS that takes a configuration whole, or may, and what the assumed major refuses of
    it.
    """

    number: int
    refused: tuple[Refused, ...]


def older_major(deployment: Deployment) -> Older | None:
    """What an older major takes and the assumed one does not; None where that takes all, or none takes it."""
    return deployment.files.once(("older major", deployment.key), lambda: _older_major(deployment))


def _older_major(deployment: Deployment) -> Older | None:
    found = tuple(_refused(deployment, ASSUMED_MAJOR))
    if not found:
        return None
    for major in (known for known in reversed(MAJORS) if known < ASSUMED_MAJOR):
        if not any(True for _ in _refused(deployment, major)):
            return Older(major, found)
    oldest = list(_refused(deployment, MAJORS[0]))
    return Older(LAST_BEFORE_10, found) if all(one.what in BEFORE_10 for one in oldest) else None


def _refused(deployment: Deployment, major: int) -> Iterator[Refused]:
    """What a server of `major` refuses of the settings and, where it may depend on the major, of the records."""
    settings = Settings(deployment.entries.as_told_by(major), major)
    for entry in unknown_names(settings, major):
        yield Refused(entry.name_at, folded(entry.name))
    for entry, _ in faulty_values(settings, major):
        yield Refused(entry.at, folded(entry.name))
    opened = deployment.named("hba")
    source = None if isinstance(opened, Unknown) else opened.source
    if source is not None and _DEPENDENT in source.text:
        hba = read_hba(source, deployment.locator, major, shared=deployment.shared)
        for record in hba.items:
            yield from (Refused(Location(record.source.path, record.source, f.span), _DEPENDENT) for f in record.faults)
        yield from (Refused(Location(f.source.path, f.source, f.span), _DEPENDENT) for f in hba.faults)
