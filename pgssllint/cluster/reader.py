"""The PEM files of a run, read as an OpenSSL reads them: each once, however many settings and clusters name it."""

from pgssllint.files import Files
from pgssllint.target import OpenSSL
from pgssllint.text import Source
from pgssllint.tls.chain import Bundle, read_bundle
from pgssllint.tls.crl import RevocationLists, read_crls
from pgssllint.tls.dh import DhFault, Parameters, read_dh
from pgssllint.tls.key import KeyFile, read_keys


class Reader:
    """Reads what `files` gives as `openssl` does; of the series only 1.1.1 splits a PEM file otherwise."""

    def __init__(self, files: Files, openssl: OpenSSL) -> None:
        self._files = files
        self.openssl = openssl

    def bundle(self, source: Source) -> Bundle:
        """The certificates of a file."""
        return self._files.once(self._key(source, "bundle"), lambda: read_bundle(source, self.openssl.is_111))

    def keys(self, source: Source) -> KeyFile:
        """The private keys of a file."""
        return self._files.once(self._key(source, "keys"), lambda: read_keys(source, self.openssl.is_111))

    def lists(self, source: Source) -> RevocationLists:
        """The certificate revocation lists of a file."""
        return self._files.once(self._key(source, "lists"), lambda: read_crls(source, self.openssl.is_111))

    def dh(self, source: Source) -> Parameters | DhFault:
        """The DH parameters of a file, or why they are not taken."""
        return self._files.once((source.path, "dh", self.openssl), lambda: read_dh(source, self.openssl))

    def _key(self, source: Source, what: str) -> tuple[str, str, bool]:
        return source.path, what, self.openssl.is_111
