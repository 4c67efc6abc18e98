"""A setting as the server will have it, and a file that one names."""

from typing import NamedTuple

from pgssllint.files import Opened
from pgssllint.finding import Location
from pgssllint.postgres.entries import Entry
from pgssllint.postgres.value_faults import parse_bool
from pgssllint.text import Source

TLS_FILE_KINDS = {
    "ssl_cert_file": "certificate",
    "ssl_key_file": "key",
    "ssl_ca_file": "ca",
    "ssl_crl_file": "crl",
    "ssl_dh_params_file": "dh",
}
"""The settings that name TLS files, and the word rule pages use for the file in `needs`."""


class Setting(NamedTuple):
    """A setting as the server will have it.

    `value` is None where it is unknown; a default that depends on the build is empty. `entry` is where it is set, or
    None for a default.
    """

    name: str
    value: str | None
    entry: Entry | None

    @property
    def is_default(self) -> bool:
        """Whether nothing sets it and that is certain."""
        return self.value is not None and self.entry is None

    @property
    def on(self) -> bool | None:
        """The value as a boolean; None if unknown or no boolean."""
        return parse_bool(self.value) if self.value is not None else None


class Named(NamedTuple):
    """A file that the configuration names.

    `role` is the setting that names it, or whose place an entry of pg_hosts.conf takes (`by_host`). `opened` is what
    was found, `at` where to point: the value, or the ssl line for a default, which nothing names (not `explicit`).
    """

    role: str
    opened: Opened
    at: Location
    explicit: bool = True
    by_host: bool = False

    @property
    def name(self) -> str:
        """The file as the configuration calls it."""
        return self.opened.name

    @property
    def source(self) -> Source | None:
        """Its contents, if it is here."""
        return self.opened.source
