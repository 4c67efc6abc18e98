"""What the security levels of OpenSSL ask for (SSL_CTX_set_security_level(3))."""

_NEEDED = (0, 80, 112, 128, 192, 256)


def needed(level: int) -> int:
    """The bits of security that a level (0 to 5) asks for; a higher one is level 5."""
    return _NEEDED[min(level, 5)]
