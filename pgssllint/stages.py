"""The steps of a starting server, in the order of each major."""

from collections.abc import Iterable, Mapping
from enum import Enum, StrEnum, auto
from types import MappingProxyType

from pgssllint.target import HOSTS_FROM, MAJORS


class Reload(StrEnum):
    """What a running server does at a reload about what would end its start."""

    GOES_ON = "goes on"
    """It does not look at it: the setting is read at a start only, or not checked again."""
    KEEPS_SETTINGS = "keeps settings"
    """It applies no setting of any file; the other files are read by the settings that it had."""
    KEEPS_SETTING = "keeps the setting"
    KEEPS_RECORDS = "keeps records"
    KEEPS_TLS = "keeps TLS"
    """A renewed certificate is not taken either; SHOW tells what the files say all the same."""
    OWN_PARAMETERS = "own parameters"
    """It goes on with DH parameters of its own, and takes the rest of TLS."""
    ENDS = "ends"


class Stage(Enum):
    """The steps of a starting server: the first that fails ends it. START_SEQUENCES has their order."""

    SETTINGS = auto()
    DATA_DIRECTORY = auto()
    VERSION_FILE = auto()
    CONTROL_FILE_ACCESS = auto()
    CONNECTIONS = auto()
    COMBINATION = auto()
    LOCK_FILE = auto()
    CONTROL_FILE = auto()
    LIBRARIES = auto()
    HOSTS = auto()
    REPEATED_HOST = auto()
    CERTIFICATE = auto()
    KEY_ACCESS = auto()
    KEY = auto()
    PROTOCOL = auto()
    DH = auto()
    GROUPS = auto()
    CIPHERS = auto()
    CA = auto()
    CRL = auto()
    PROCESSES = auto()
    DEFERRED = auto()
    SHARED_MEMORY = auto()
    LOG_FILES = auto()
    SOCKETS = auto()
    OPTIONS_FILE = auto()
    TABLESPACES = auto()
    HBA = auto()
    IDENT = auto()
    WAL = auto()
    RECOVERY = auto()
    REPLICATION_SLOTS = auto()

    @property
    def reload(self) -> Reload:
        """What a reload does about most of what fails in the step."""
        if self is Stage.SETTINGS:
            return Reload.KEEPS_SETTINGS
        if self is Stage.HBA:
            return Reload.KEEPS_RECORDS
        if self in _TLS or self in (Stage.HOSTS, Stage.REPEATED_HOST):
            return Reload.KEEPS_TLS
        return Reload.KEEPS_SETTING if self is Stage.DEFERRED else Reload.GOES_ON

    def order_of(self, major: int, entry: int = 0) -> tuple[int, int, int]:
        """Where the step stands among the others on a server of `major`, to be compared; the first is (1, 0, 0).

        `entry` counts the entries of pg_hosts.conf from 1; it counts in the steps that are taken for each of them.
        Raises ValueError for a step that the major does not have.
        """
        sequence = next(steps for majors, steps in START_SEQUENCES.items() if major in majors)
        for number, together in enumerate(sequence, 1):
            if self in together:
                return (number, entry, together.index(self)) if len(together) > 1 else (number, 0, 0)
        raise ValueError(f"a server of {major} does not have the step {self.name}")


_UP_TO_LOCK_FILE = (
    Stage.SETTINGS, Stage.DATA_DIRECTORY, Stage.VERSION_FILE, Stage.CONTROL_FILE_ACCESS, Stage.CONNECTIONS,
    Stage.COMBINATION, Stage.LOCK_FILE,
)  # fmt: skip
_FIRST_STEPS = (*_UP_TO_LOCK_FILE, Stage.CONTROL_FILE)
_TLS = (
    Stage.CERTIFICATE, Stage.KEY_ACCESS, Stage.KEY, Stage.PROTOCOL, Stage.DH, Stage.GROUPS, Stage.CIPHERS, Stage.CA,
    Stage.CRL,
)  # fmt: skip
_LAST_STEPS = (Stage.HBA, Stage.IDENT, Stage.WAL, Stage.RECOVERY, Stage.REPLICATION_SLOTS)
_SETTLED = (
    Stage.PROCESSES, Stage.DEFERRED, Stage.SHARED_MEMORY, Stage.LOG_FILES, Stage.SOCKETS, Stage.OPTIONS_FILE,
    Stage.TABLESPACES, *_LAST_STEPS,
)  # fmt: skip
_BEFORE_MEMORY = (*_TLS, Stage.LIBRARIES, Stage.PROCESSES, Stage.DEFERRED, Stage.SOCKETS)
_WITH_MEMORY = (
    Stage.SHARED_MEMORY, Stage.OPTIONS_FILE, Stage.TABLESPACES, Stage.LOG_FILES, *_LAST_STEPS,
)  # fmt: skip
_UP_TO_10 = (*_UP_TO_LOCK_FILE, *_BEFORE_MEMORY, Stage.CONTROL_FILE, *_WITH_MEMORY)
_UP_TO_12 = (*_FIRST_STEPS, *_BEFORE_MEMORY, *_WITH_MEMORY)
_UP_TO_18 = (*_FIRST_STEPS, Stage.LIBRARIES, *_TLS, *_SETTLED)
_BEFORE_HOSTS = (*_FIRST_STEPS, Stage.LIBRARIES, Stage.HOSTS)
_OF_ONE_HOST = (Stage.REPEATED_HOST, Stage.CERTIFICATE, Stage.KEY_ACCESS, Stage.KEY, Stage.CA, Stage.CRL)
_AFTER_HOSTS = (Stage.PROTOCOL, Stage.DH, Stage.GROUPS, Stage.CIPHERS, *_SETTLED)

_CONTROL_FILE_FIRST_FROM = 11
"""From this major on pg_control is read before all else that takes a data directory of the server's own."""

_LIBRARIES_FIRST_FROM = 13
"""From this major on libraries are loaded before TLS is set up, and the log's files opened before the sockets."""


def _one_by_one(stages: Iterable[Stage]) -> tuple[tuple[Stage, ...], ...]:
    return tuple((stage,) for stage in stages)


START_SEQUENCES: Mapping[range, tuple[tuple[Stage, ...], ...]] = MappingProxyType(
    {
        range(MAJORS[0], _CONTROL_FILE_FIRST_FROM): _one_by_one(_UP_TO_10),
        range(_CONTROL_FILE_FIRST_FROM, _LIBRARIES_FIRST_FROM): _one_by_one(_UP_TO_12),
        range(_LIBRARIES_FIRST_FROM, HOSTS_FROM): _one_by_one(_UP_TO_18),
        range(HOSTS_FROM, MAJORS[-1] + 1): (*_one_by_one(_BEFORE_HOSTS), _OF_ONE_HOST, *_one_by_one(_AFTER_HOSTS)),
    }
)
"""The order of the steps by major; steps that stand together are taken for one entry of pg_hosts.conf after the other.

Up to 18 that is the order of PostmasterMain and be_tls_init; 19, as measured, reads pg_hosts.conf first, looks before
the files of an entry whether it knows the host already, and loads the CA and the CRL right after the key.
"""
