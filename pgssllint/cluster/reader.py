"""The PEM files of a run, read as an OpenSSL reads them: each once, however many settings and clusters name it."""

from collections.abc import Callable
from typing import TypeVar

from pgssllint.files import Files
from pgssllint.target import OpenSSL
from pgssllint.text import Source
from pgssllint.tls.chain import Bundle, chain_of, read_bundle
from pgssllint.tls.crl import RevocationLists, read_crls
from pgssllint.tls.decryption import MAX_ROUNDS, rounds
from pgssllint.tls.dh import DhFault, Parameters, read_dh
from pgssllint.tls.key import KeyFile, Tried, read_keys, tried
from pgssllint.tls.pem import Block

T = TypeVar("T")


class Reader:
    """Reads what `files` gives as `openssl` does; of the series only 1.1.1 splits a PEM file otherwise."""

    def __init__(self, files: Files, openssl: OpenSSL) -> None:
        self._files = files
        self.openssl = openssl

    def bundle(self, source: Source) -> Bundle:
        """The certificates of a file."""
        return self._files.once(self._key(source, "bundle"), lambda: read_bundle(source, self.openssl.is_111))

    def chain(self, source: Source) -> Bundle:
        """The certificates of a file that is read as ssl_cert_file is."""
        return self._files.once(self._key(source, "chain"), lambda: chain_of(self.bundle(source)))

    def keys(self, source: Source) -> KeyFile:
        """The private keys of a file."""
        return self._files.once(self._key(source, "keys"), lambda: read_keys(source, self.openssl.is_111))

    def lists(self, source: Source) -> RevocationLists:
        """The certificate revocation lists of a file."""
        return self._files.once(self._key(source, "lists"), lambda: read_crls(source, self.openssl.is_111))

    def dh(self, source: Source) -> Parameters | DhFault:
        """The DH parameters of a file, or why they are not taken."""
        return self._files.once((source.path, "dh", self.openssl), lambda: read_dh(source, self.openssl))

    def made(self, what: str, sources: tuple[Source | None, ...], make: Callable[[], T]) -> T:
        """What `make` makes of the contents of some files as this OpenSSL reads them, made once."""
        paths = tuple(source.path if source is not None else None for source in sources)
        return self._files.once((what, self.openssl, paths), make)

    def tried(self, source: Source, block: Block, passphrase: str) -> Tried:
        """What comes of a passphrase for a block of a file.

        For all files together no more rounds of derivation are spent than one key may take.
        """
        spent: list[int] = self._files.once("rounds", lambda: [0])

        def made() -> Tried:
            text = source.text[block.span.start : block.span.end].encode("ascii", "replace")
            needed = rounds(text)
            if needed is None or spent[0] + needed > MAX_ROUNDS:
                return Tried(None)
            spent[0] += needed
            return tried(text, passphrase.encode("utf-8", "surrogateescape"), block.label)

        return self._files.once((source.path, block.span, passphrase), made)

    def _key(self, source: Source, what: str) -> tuple[str, str, bool]:
        return source.path, what, self.openssl.is_111
