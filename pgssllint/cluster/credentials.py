"""What a server shows its clients and asks of them: a certificate with its key, and the CAs of client certificates.

A server has one such set, by ssl_cert_file and its like, or from 19 on one for each entry of pg_hosts.conf.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from pgssllint.cluster.reader import Reader
from pgssllint.cluster.setting import Named, Setting
from pgssllint.finding import Location
from pgssllint.postgres.hosts import HostsEntry
from pgssllint.postgres.passphrase import PASSPHRASES_FROM, Outcome, Passphrase, read_passphrase
from pgssllint.syntax.auth import Value
from pgssllint.text import Source
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.chain import Bundle, Path, completed_from, matching, path
from pgssllint.tls.key import KeyFile, PrivateKey, Tried
from pgssllint.tls.loading import LoadFault, ca_fault, chain_fault, key_fault, opened_fault
from pgssllint.unknown import NOT_SET, UNKNOWN, NotSet, Unknown


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

    `now` is the moment dates are judged as of, and `entry` that of pg_hosts.conf, None for those of the settings.
    """

    number: int
    certificate: Named | NotSet | Unknown
    key: Named | NotSet | Unknown
    client_ca: Named | NotSet | Unknown
    command: Command | NotSet | Unknown
    now: datetime
    reader: Reader = field(repr=False)
    entry: HostsEntry | None = None

    @property
    def bundle(self) -> Bundle | None:
        """The certificates in the certificate file, or None if the file is not here."""
        source = _source(self.certificate)
        return self.reader.chain(source) if source is not None else None

    @property
    def ca_bundle(self) -> Bundle | None:
        """The certificates in the CA file, or None if the file is not here."""
        source = _source(self.client_ca)
        return self.reader.bundle(source) if source is not None else None

    @property
    def authorities(self) -> tuple[Certificate, ...]:
        """The certificates in the CA file; none if the file is not here."""
        return self.ca_bundle.certificates if self.ca_bundle is not None else ()

    @property
    def key_file(self) -> KeyFile | None:
        """What the key file holds, or None if the file is not here."""
        source = _source(self.key)
        return self.reader.keys(source) if source is not None else None

    @property
    def leaf(self) -> Certificate | None:
        """The server's own certificate."""
        return self.bundle.leaf if self.bundle is not None else None

    @cached_property
    def opened_key(self) -> Tried | None:
        """What the first key of the key file is when the command has given its passphrase; None where it is not
        encrypted, or the passphrase not known.
        """
        key = self.key_file.first if self.key_file is not None else None
        source, command = _source(self.key), self.command
        if key is None or source is None or not key.encrypted or not isinstance(command, Command):
            return None
        if command.passphrase.outcome is not Outcome.LITERAL or command.passphrase.placeholder is not None:
            return None
        return self.reader.tried(source, key.block, command.passphrase.literal or "")

    @cached_property
    def private_key(self) -> PrivateKey | None:
        """The first key of the key file, the only one that is read; where it is encrypted and the command itself has
        the passphrase, with what it is then.
        """
        key, tried = self.key_file.first if self.key_file is not None else None, self.opened_key
        if key is None or tried is None or not tried.opens:
            return key
        return replace(key, spki=tried.spki, key_type=tried.key_type)

    @cached_property
    def chain_fault(self) -> LoadFault | None:
        """What ends the loading of the certificate file; None if nothing does, or it is not here."""
        bundle, openssl = self.bundle, self.reader.openssl
        if bundle is None:
            return None
        asks = isinstance(self.command, NotSet)
        what = f"chain fault{' without a passphrase' if asks else ''}"
        made = self.reader.made
        fault = made(what, (_source(self.certificate),), lambda: chain_fault(bundle, openssl, asks=asks))
        ends = isinstance(self.command, Command) and self.command.passphrase.outcome is not Outcome.LITERAL
        # A command that fails ends the start before what it is asked for is looked at.
        return fault._replace(certain=False) if fault is not None and fault.is_sealed and ends else fault

    @property
    def chain_is_refused(self) -> bool:
        """Whether the certificate file is certainly not loaded, so that the server does not get as far as the key."""
        return self.chain_fault is not None and self.chain_fault.certain

    @cached_property
    def key_fault(self) -> LoadFault | None:
        """The same of the key file, a passphrase aside; also where what the right one opens is no key."""
        file, openssl, tried = self.key_file, self.reader.openssl, self.opened_key
        if file is None:
            return None
        fault = self.reader.made("key fault", (_source(self.key),), lambda: key_fault(file, openssl))
        if fault is not None or tried is None or not tried.opens or file.first is None:
            return fault
        return opened_fault(file.first, tried, openssl)

    @property
    def key_is_refused(self) -> bool:
        """Whether no key is certainly read, so that none is held against the certificate."""
        return self.key_fault is not None and self.key_fault.certain

    @cached_property
    def ca_fault(self) -> LoadFault | None:
        """The same of the CA file."""
        bundle, openssl = self.ca_bundle, self.reader.openssl
        if bundle is None:
            return None
        return self.reader.made("CA fault", (_source(self.client_ca),), lambda: ca_fault(bundle, openssl))

    @cached_property
    def own(self) -> Certificate | None:
        """The first certificate that the key belongs to; None if there is none, or no readable key."""
        key, bundle = self.private_key, self.bundle
        if key is None or bundle is None:
            return None
        files = _source(self.certificate), _source(self.key)
        blocks = self.reader.made("matching", files, lambda: matching(bundle, key, self.reader.openssl))
        return next((c for c in bundle.certificates if c.block.index in blocks), None)

    @property
    def leaf_out_of_place(self) -> bool:
        """Whether the key says that the first certificate is not the server's own."""
        return self.own is not None and self.own is not self.leaf

    @cached_property
    def sent(self) -> Path | None:
        """The chain in the certificate file, from the leaf up; None without a leaf."""
        bundle = self.bundle
        if bundle is None:
            return None
        found = self.reader.made("path", (_source(self.certificate),), lambda: path(bundle, at=self.now))
        return found if found.certificates else None

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
        bundle, ca_bundle = self.bundle, self.ca_bundle
        if bundle is None or ca_bundle is None:
            return None
        files = _source(self.certificate), _source(self.client_ca)
        return self.reader.made("completed", files, lambda: completed_from(bundle, ca_bundle, self.now))


def of_settings(
    files: Mapping[str, Named | NotSet | Unknown],
    setting: Callable[[str], Setting],
    major: int,
    now: datetime,
    reader: Reader,
) -> Credentials:
    """What the settings name: `files` by the settings that name them."""
    names = ("ssl_cert_file", "ssl_key_file", "ssl_ca_file")
    certificate, key, client_ca = (files[name] for name in names)
    return Credentials(
        number=0, certificate=certificate, key=key, client_ca=client_ca, command=_command(setting, major), now=now,
        reader=reader,
    )  # fmt: skip


def of_entry(
    number: int,
    entry: HostsEntry,
    named: Callable[[str, Value, Source], Named],
    *,
    major: int,
    now: datetime,
    reader: Reader,
) -> Credentials:
    """What a good entry of pg_hosts.conf names; an empty name stands for no CA, and for no command.

    `named` seeks the file that a word of the entry names in place of a setting.
    """

    def of(role: str, value: Value | None) -> Named | NotSet:
        return named(role, value, entry.source) if value is not None and value.text else NOT_SET

    command: Command | NotSet = NOT_SET
    given = entry.passphrase_command
    if given is not None and given.text:
        at = Location(entry.source.path, entry.source, given.span)
        command = Command(read_passphrase(given.text, major), at, entry.reload, entry.location)
    return Credentials(
        number=number, certificate=of("ssl_cert_file", entry.certificate), key=of("ssl_key_file", entry.key),
        client_ca=of("ssl_ca_file", entry.ca), command=command, now=now, reader=reader, entry=entry,
    )  # fmt: skip


def _source(named: Named | NotSet | Unknown) -> Source | None:
    return named.source if isinstance(named, Named) else None


def _command(setting: Callable[[str], Setting], major: int) -> Command | NotSet | Unknown:
    """The command that the settings give."""
    if major < PASSPHRASES_FROM:
        return NOT_SET
    given, reload = setting("ssl_passphrase_command"), setting("ssl_passphrase_command_supports_reload")
    if not given.value or given.entry is None:
        return UNKNOWN if given.value is None else NOT_SET
    reload_at = reload.entry.at if reload.entry is not None else None
    return Command(read_passphrase(given.value, major), given.entry.at, reload.on, reload_at)
