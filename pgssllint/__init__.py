"""A linter for PostgreSQL's TLS configuration: what the server and its clients will do, said before deployment."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pgssllint.api import check, file_settings, hba_file_rules, hosts_entries, ident_file_mappings

__all__ = ["__version__", "check", "file_settings", "hba_file_rules", "hosts_entries", "ident_file_mappings"]

__version__ = "0.3.0"


def __getattr__(name: str) -> object:
    """Load what the package offers when it is asked for, so that `--version` need not."""
    if name in __all__:
        from pgssllint import api

        return getattr(api, name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
