"""pg_hba.conf as PostgreSQL of a given major reads it."""

from collections.abc import Sequence

from pgssllint.postgres.hba_model import (
    ClientCertLevel,
    Encryption,
    Fault,
    FaultKind,
    Hba,
    Option,
    Record,
)
from pgssllint.postgres.opener import Opener
from pgssllint.text import Source

__all__ = [
    "ClientCertLevel",
    "Encryption",
    "Fault",
    "FaultKind",
    "Hba",
    "Option",
    "Record",
    "accepting_majors",
    "read_hba",
]


def read_hba(
    main: Source,
    opener: Opener,
    major: int,
    ssl: bool | None = None,
    validator_libraries: Sequence[str] | None = None,
) -> Hba:
    """The records and faults of `main` and all it includes, for a server of `major`. Raises nothing."""
    raise NotImplementedError


def accepting_majors(record: Record) -> tuple[int, ...]:
    """The majors on which `record` has no fault."""
    raise NotImplementedError
