"""What a server refuses of the file of its private key, before it reads it (check_ssl_key_file_permissions)."""

_GROUP_OR_WORLD = 0o077
"""What a key of the server's user may not have."""

_WRITABLE_OR_WORLD = 0o037
"""What a key of root may not have: its group may read it, nothing more."""


def is_too_open(mode: int, *, by_root: bool) -> bool:
    """Whether the mode of a key gives too much to others; `by_root`: whether root owns it, else the server's user."""
    return bool(mode & (_WRITABLE_OR_WORLD if by_root else _GROUP_OR_WORLD))
