"""Which of PostgreSQL's files a text is, by what it is called in a tool's file."""

import re
from typing import Literal

Role = Literal["main", "hba", "ident"]
"""The three files of which a server is made."""

_NAMES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("hba", re.compile(r"(?:.*[._-])?pg_?hba(?:[._-].*)?\.conf")),
    ("ident", re.compile(r"(?:.*[._-])?pg_?ident(?:[._-].*)?\.conf")),
    ("main", re.compile(r"(?:.*[._-])?(?:postgresql|postgres|pg)(?:[._-].*)?\.conf")),
)
_USUAL = {"postgresql.conf": "main", "pg_hba.conf": "hba", "pg_ident.conf": "ident"}
_NO_MAIN = re.compile(r"(?i)auto\.conf|pgbouncer|pgpool|recovery|repmgr|pgbackrest|exporter|odyssey")


def role_of(name: str) -> Role | None:
    """What the file of a name is for; None where that is none of the three."""
    if _NO_MAIN.search(name):
        return None
    return next((role for role, pattern in _NAMES if pattern.fullmatch(name)), None)


def is_usual(name: str) -> bool:
    """Whether it is the name that the server itself looks for."""
    return name in _USUAL
