"""PEM, certificates, keys, CRLs, chains, cipher lists -> what OpenSSL makes of them."""

from cryptography import __version__

from pgssllint.failures import OutdatedError

OLDEST_CRYPTOGRAPHY = 44
"""The first release of cryptography with all that is asked of it here, by which pyproject.toml asks for it."""

if int(__version__.partition(".")[0]) < OLDEST_CRYPTOGRAPHY:
    raise OutdatedError(
        f"The package cryptography {__version__} is too old: pgssllint needs {OLDEST_CRYPTOGRAPHY} or later; "
        "install it with pip, in an environment of its own."
    )
