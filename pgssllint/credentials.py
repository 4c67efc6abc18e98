"""What a server shows its clients and asks of them: a certificate with its key, and the CAs of client certificates.

A server has one such set, by ssl_cert_file and its like, or from 19 on one for each entry of pg_hosts.conf.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple, TypeVar

from pgssllint.finding import Location
from pgssllint.postgres.hosts import HostsEntry
from pgssllint.postgres.passphrase import PASSPHRASES_FROM, Passphrase, read_passphrase
from pgssllint.setting import Named, Setting
from pgssllint.syntax.auth import Value
from pgssllint.target import OpenSSL
from pgssllint.text import Source
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.chain import Bundle, Path, completed_from, matching, path, read_bundle
from pgssllint.tls.key import KeyFile, PrivateKey, read_keys
from pgssllint.tls.loading import LoadFault, ca_fault, chain_fault, key_fault

T = TypeVar("T")


class Reader:
    """Reads PEM files as the target's OpenSSL does, each once, however many entries name it."""

    def __init__(self, openssl: OpenSSL, now: datetime) -> None:
        """`now` is the moment that dates are judged as of."""
        self.openssl = openssl
        self.now = now
        self._bundles: dict[str, Bundle] = {}
        self._keys: dict[str, KeyFile] = {}

    def bundle(self, named: Named | None) -> Bundle | None:
        """The certificates of a file, or None if it is not here."""
        return _read(named, self._bundles, lambda source: read_bundle(source, self.openssl.is_111))

    def keys(self, named: Named | None) -> KeyFile | None:
        """The private keys of a file, or None if it is not here."""
        return _read(named, self._keys, lambda source: read_keys(source, self.openssl.is_111))


def _read(named: Named | None, known: dict[str, T], read: Callable[[Source], T]) -> T | None:
    if named is None or named.source is None:
        return None
    found = known.get(named.source.path)
    if found is None:
        found = known[named.source.path] = read(named.source)
    return found


class Command(NamedTuple):
    """The command that gives the passphrase of the key, and where it is set.

    `reloads` is whether it is run at a reload too, None where that is not known; `reload_at` is where that is set.
    """

    passphrase: Passphrase
    at: Location
    reloads: bool | None
    reload_at: Location | None = None


@dataclass(frozen=True, eq=False)
class Credentials:
    """The files of one host. `number` counts the entries of pg_hosts.conf from 1; 0 is for those of the settings.

    A file is None where it is not known which one it is; the CA also where there is none. `command` is None where no
    command is set, `command_known` says whether that is certain.
    """

    number: int
    certificate: Named | None
    key: Named | None
    client_ca: Named | None
    command: Command | None
    command_known: bool
    reader: Reader = field(repr=False)
    entry: HostsEntry | None = None

    @property
    def bundle(self) -> Bundle | None:
        """The certificates in the certificate file, or None if the file is not here."""
        return self.reader.bundle(self.certificate)

    @property
    def ca_bundle(self) -> Bundle | None:
        """The certificates in the CA file, or None if the file is not here."""
        return self.reader.bundle(self.client_ca)

    @property
    def authorities(self) -> tuple[Certificate, ...]:
        """The certificates in the CA file; none if the file is not here."""
        return self.ca_bundle.certificates if self.ca_bundle is not None else ()

    @property
    def key_file(self) -> KeyFile | None:
        """What the key file holds, or None if the file is not here."""
        return self.reader.keys(self.key)

    @property
    def leaf(self) -> Certificate | None:
        """The server's own certificate."""
        return self.bundle.leaf if self.bundle is not None else None

    @property
    def private_key(self) -> PrivateKey | None:
        """The first key of the key file, the only one that is read."""
        return self.key_file.first if self.key_file is not None else None

    @cached_property
    def chain_fault(self) -> LoadFault | None:
        """What ends the loading of the certificate file; None if nothing does, or it is not here."""
        return chain_fault(self.bundle, self.reader.openssl) if self.bundle is not None else None

    @property
    def chain_is_refused(self) -> bool:
        """Whether the certificate file is certainly not loaded, so that the server does not get as far as the key."""
        return self.chain_fault is not None and self.chain_fault.certain

    @cached_property
    def key_fault(self) -> LoadFault | None:
        """The same of the key file, a passphrase aside."""
        return key_fault(self.key_file, self.reader.openssl) if self.key_file is not None else None

    @cached_property
    def ca_fault(self) -> LoadFault | None:
        """The same of the CA file."""
        return ca_fault(self.ca_bundle, self.reader.openssl) if self.ca_bundle is not None else None

    @cached_property
    def own(self) -> Certificate | None:
        """The first certificate that the key belongs to; None if there is none, or no readable key."""
        key, bundle = self.private_key, self.bundle
        if key is None or bundle is None:
            return None
        blocks = matching(bundle, key)
        return next((c for c in bundle.certificates if c.block.index in blocks), None)

    @property
    def leaf_out_of_place(self) -> bool:
        """Whether the key says that the first certificate is not the server's own."""
        return self.own is not None and self.own is not self.leaf

    @cached_property
    def sent(self) -> Path | None:
        """The chain in the certificate file, from the leaf up; None without a leaf."""
        found = path(self.bundle, at=self.reader.now) if self.bundle is not None else None
        return found if found is not None and found.certificates else None

    @property
    def chain(self) -> tuple[Certificate, ...]:
        """The certificates of `sent`; none without a leaf."""
        return self.sent.certificates if self.sent is not None else ()

    @property
    def own_chain(self) -> tuple[Certificate, ...]:
        """The same; none where the first certificate is not the server's own."""
        return self.chain if not self.leaf_out_of_place else ()

    @cached_property
    def completed(self) -> Path | None:
        """The chain that the server completes out of the CA file; None if it does not."""
        if self.bundle is None or self.ca_bundle is None:
            return None
        return completed_from(self.bundle, self.ca_bundle, self.reader.now)


def of_settings(
    files: Mapping[str, Named], setting: Callable[[str], Setting], major: int, reader: Reader
) -> Credentials:
    """What the settings name: `files` by the settings that name them."""
    command, known = _command(setting, major)
    names = ("ssl_cert_file", "ssl_key_file", "ssl_ca_file")
    certificate, key, client_ca = (files.get(name) for name in names)
    return Credentials(0, certificate, key, client_ca, command=command, command_known=known, reader=reader)


def of_entry(
    number: int, entry: HostsEntry, named: Callable[[str, Value, Source], Named], major: int, reader: Reader
) -> Credentials:
    """What a good entry of pg_hosts.conf names; an empty name stands for no CA, and for no command.

    `named` seeks the file that a word of the entry names in place of a setting.
    """
    certificate = named("ssl_cert_file", entry.certificate, entry.source) if entry.certificate is not None else None
    key = named("ssl_key_file", entry.key, entry.source) if entry.key is not None else None
    client_ca = named("ssl_ca_file", entry.ca, entry.source) if entry.ca is not None and entry.ca.text else None
    command, given = None, entry.passphrase_command
    if given is not None and given.text:
        at = Location(entry.source.path, entry.source, given.span, secret=True)
        command = Command(read_passphrase(given.text, major), at, entry.reload, entry.location)
    return Credentials(
        number, certificate, key, client_ca, command=command, command_known=True, reader=reader, entry=entry
    )


def _command(setting: Callable[[str], Setting], major: int) -> tuple[Command | None, bool]:
    """The command that the settings give, and whether that is known."""
    if major < PASSPHRASES_FROM:
        return None, True
    given, reload = setting("ssl_passphrase_command"), setting("ssl_passphrase_command_supports_reload")
    if not given.value or given.entry is None:
        return None, given.value is not None
    reload_at = reload.entry.at if reload.entry is not None else None
    at = given.entry.at
    hidden = Location(at.path, at.source, at.span, at.label, secret=True)
    return Command(read_passphrase(given.value, major), hidden, reload.on, reload_at), True
