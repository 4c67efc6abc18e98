"""password_encryption: how the server stores the passwords that it is given (password_encryption_options in guc.c)."""

from pgssllint.postgres.parameters import find, folded

NAME = "password_encryption"

ITERATIONS = "scram_iterations"
"""How often a password is hashed before it is stored for SCRAM."""

BOOLEANS_MEANT = "md5"
"""What the booleans stand for on the majors that take some: of these only those that mean on."""


def stores_md5(value: str, major: int) -> bool:
    """Whether `value` makes a server of `major` store MD5 hashes."""
    parameter = find(NAME, major)
    return folded(value) == "md5" or (parameter is not None and folded(value) in parameter.hidden)


def stores_scram(value: str) -> bool:
    """Whether `value` makes a server store SCRAM secrets."""
    return folded(value) == "scram-sha-256"
