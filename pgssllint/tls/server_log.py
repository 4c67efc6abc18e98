"""What a server logs where it cannot set up TLS, and so does not start: one function for each of its messages.

They are those of be_tls_init and what it calls (be-secure-openssl.c) and of check_ssl_key_file_permissions
(be-secure-common.c), with OpenSSL's or the operating system's reason behind the colon; held against servers' answers.
"""

from dataclasses import replace

from pgssllint.finding import LogLevel, LogLine, log_line
from pgssllint.quoting import Place, Quote, Said, a_file, ours

_FILES = {
    "ssl_cert_file": "server certificate file",
    "ssl_key_file": "private key file",
    "ssl_ca_file": "root certificate file",
    "ssl_crl_file": "SSL certificate revocation list file",
}
"""What the server calls the file that a setting names."""

_KEY_MODES = (
    "File must have permissions u=rw (0600) or less if owned by the database user, or permissions u=rw,g=r (0640) or "
    "less if owned by root."
)
_RANGE = '"ssl_min_protocol_version" cannot be higher than "ssl_max_protocol_version"'

_RANGE_WITH_STOP_FROM = 19
"""From this major on the sentence about the versions ends in a full stop (servers' answers)."""

_TLS12_NAMED_FROM = 18
"""From this major on, which has a setting for the suites of TLS 1.3, the list of ssl_ciphers is called TLS 1.2's."""


def _fatal(template: str, *arguments: Said) -> LogLine:
    return log_line(LogLevel.FATAL, template, *arguments)


def file_not_loaded(setting: str, name: str, reason: str, crl_folder: str | None = None) -> LogLine:
    """OpenSSL does not load the file `name` in the place of `setting` (ssl_cert_file, ssl_key_file, ssl_ca_file or
    ssl_crl_file); `crl_folder` is ssl_crl_dir, which is told beside ssl_crl_file.
    """
    called = ours(_FILES[setting])
    if crl_folder:
        words = 'could not load {} "{}" or directory "{}": {}'
        return _fatal(words, called, a_file(name), a_file(crl_folder), ours(reason))
    return _fatal('could not load {} "{}": {}', called, a_file(name), ours(reason))


def key_not_accessible(name: str, reason: str) -> LogLine:
    """The server cannot look at the key's owner and mode."""
    return _fatal('could not access private key file "{}": {}', a_file(name), ours(reason))


def key_not_regular(name: str) -> LogLine:
    """The key is a folder, a socket or the like."""
    return _fatal('private key file "{}" is not a regular file', a_file(name))


def key_too_open(name: str) -> LogLine:
    """The key's mode allows others more than the server puts up with."""
    return replace(_fatal('private key file "{}" has group or world access', a_file(name)), detail=_KEY_MODES)


def key_of_another_owner(name: str) -> LogLine:
    """The key belongs to neither the server's user nor root."""
    return _fatal('private key file "{}" must be owned by the database user or root', a_file(name))


def key_does_not_match(name: str, certificate_type: str | None = None, key_type: str | None = None) -> LogLine:
    """The key in the file `name` is not that of the first certificate: the server says so where both are of one type,
    or of types that are not known (None); of another type OpenSSL has no certificate to hold it against.
    """
    if certificate_type is not None and key_type is not None and certificate_type != key_type:
        return _fatal("check of private key failed: no certificate assigned")
    return file_not_loaded("ssl_key_file", name, "key values mismatch")


def protocol_range_refused(major: int) -> LogLine:
    """The lowest version is above the highest (13 and later)."""
    detail = f"{_RANGE}." if major >= _RANGE_WITH_STOP_FROM else _RANGE
    return replace(_fatal("could not set SSL protocol version range"), detail=detail)


def cipher_list_refused(major: int) -> LogLine:
    """OpenSSL refuses ssl_ciphers, or finds no suite by it."""
    words = "the TLSv1.2 cipher list" if major >= _TLS12_NAMED_FROM else "the cipher list"
    return _fatal("could not set {} (no valid ciphers available)", ours(words))


def tls13_suites_refused() -> LogLine:
    """OpenSSL refuses ssl_tls13_ciphers (18 and later)."""
    return _fatal("could not set the TLSv1.3 cipher suites (no valid ciphers available)")


def curve_unknown(name: str) -> LogLine:
    """OpenSSL has nothing of the name that ssl_ecdh_curve gives (17 and earlier)."""
    return _fatal("ECDH: unrecognized curve name: {}", Quote(name, Place.ITEMS))


def curve_not_made() -> LogLine:
    """What ssl_ecdh_curve names is no curve (17 and earlier)."""
    return _fatal("ECDH: could not create key")


def groups_refused(reason: str) -> LogLine:
    """OpenSSL refuses the list of ssl_groups (18 and later)."""
    return _fatal("could not set group names specified in ssl_groups: {}", ours(reason))


def dh_file_not_opened(name: str, reason: str) -> LogLine:
    """The server cannot open the file of ssl_dh_params_file."""
    return _fatal('could not open DH parameters file "{}": {}', a_file(name), ours(reason))


def dh_file_not_loaded(reason: str) -> LogLine:
    """OpenSSL reads no parameters from the file."""
    return _fatal("could not load DH parameters file: {}", ours(reason))


def dh_parameters_invalid(reason: str) -> LogLine:
    """The server's own test (DH_check) finds that the numbers are no parameters."""
    return _fatal("invalid DH parameters: {}", ours(reason))


def dh_parameters_refused(reason: str) -> LogLine:
    """OpenSSL does not take the parameters at its security level."""
    return _fatal("DH: could not set DH parameters: {}", ours(reason))
