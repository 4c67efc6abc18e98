"""The TLS files of a cluster: those that settings or entries of pg_hosts.conf name, and what lies beside them."""

import os
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property

from pgssllint.cluster.auth import Auth
from pgssllint.cluster.conf import Conf
from pgssllint.cluster.credentials import Credentials, of_entry, of_settings
from pgssllint.cluster.reader import Reader
from pgssllint.cluster.revocation import Revocation, revocation_of
from pgssllint.cluster.setting import TLS_FILE_KINDS, Named, Setting
from pgssllint.deployment import Deployment
from pgssllint.files import Presence
from pgssllint.finding import Location
from pgssllint.postgres.parameters import find
from pgssllint.project import keys_in
from pgssllint.syntax.auth import Value
from pgssllint.target import How, Target
from pgssllint.text import Source
from pgssllint.tls.ciphers import MAX_CIPHER_LIST, SYSTEM_LIST, DefaultList, Expansion, UnreadList, expand
from pgssllint.unknown import NOT_SET, UNKNOWN, NotSet, Unknown

CRL_DIR = "ssl_crl_dir"
"""The setting that names a folder of lists; majors that do not have it look into none."""


class Tls:
    """What the server shows its clients, asks of them, and holds their certificates against."""

    def __init__(self, deployment: Deployment, target: Target, now: datetime, *, conf: Conf, auth: Auth) -> None:
        self._deployment = deployment
        self.reader = Reader(deployment.files, target.openssl)
        self._target = target
        self._now = now
        self._conf = conf
        self._auth = auth

    @cached_property
    def files(self) -> dict[str, Named | NotSet | Unknown]:
        """The files that settings name, by the setting.

        The certificate and the key have defaults, which are named where TLS is on.
        """
        replaced = self._auth.replaced_settings
        return {name: NOT_SET if name in replaced else self._file(name) for name in TLS_FILE_KINDS}

    @cached_property
    def credentials(self) -> tuple[Credentials, ...]:
        """What the server shows its clients: the files of the settings, or of each good entry of pg_hosts.conf.

        There are none where pg_hosts.conf decides and is not in view.
        """
        major, now, reader = self._target.major, self._now, self.reader
        if not self._auth.replaced_settings:
            return (of_settings(self.files, self._conf.setting, major, now, reader),)
        good = ((number, entry) for number, entry in enumerate(self._auth.entries, 1) if not entry.faults)
        return tuple(
            of_entry(number, entry, self._of_host, major=major, now=now, reader=reader) for number, entry in good
        )

    @property
    def named(self) -> Iterator[Named]:
        """The files that settings and good entries of pg_hosts.conf name."""
        yield from (file for file in self.files.values() if isinstance(file, Named))
        for one in self.credentials:
            yield from (n for n in (one.certificate, one.key, one.client_ca) if isinstance(n, Named) and n.by_host)

    @cached_property
    def revocation(self) -> Revocation:
        """The certificate revocation lists that the server holds client certificates against."""
        file, folder = self.files["ssl_crl_file"], self._conf.setting(CRL_DIR)
        if find(CRL_DIR, self._target.major) is None:
            folder = Setting(CRL_DIR, "", None)
        return revocation_of(file, folder, self._deployment.locator, self._deployment.at, self.reader)

    @cached_property
    def ciphers(self) -> Expansion | DefaultList | UnreadList:
        """What the target's OpenSSL makes of ssl_ciphers."""
        setting = self._conf.setting("ssl_ciphers")
        if setting.value is None:
            return UnreadList.TEMPLATE if setting.entry is not None else UnreadList.NOT_IN_VIEW
        if setting.entry is None:
            return DefaultList(setting.value)
        if setting.value.startswith(SYSTEM_LIST) and self._target.openssl_how is How.ASSUMED:
            return UnreadList.OF_SYSTEM
        too_long = len(setting.value) > MAX_CIPHER_LIST
        return UnreadList.TOO_LONG if too_long else expand(setting.value, self._target.openssl)

    @cached_property
    def keys_beside(self) -> tuple[str, ...]:
        """Sources: the paths of files named like private keys that lie beside the cluster's files."""
        if self._deployment.deployed:
            return ()
        here = [n.opened.path for n in self.named if n.opened.presence is Presence.HERE]
        folders = {os.path.dirname(path) for path in (self._deployment.at, *here) if path is not None}
        return tuple(keys_in(self._deployment.files, folders))

    @property
    def sources(self) -> Iterator[Source]:
        """The files that are here of those that are named, and of those in ssl_crl_dir the ones that hold lists."""
        yield from (named.source for named in self.named if named.source is not None)
        yield from (held.source for held in self.revocation.lists)

    @property
    def keys(self) -> Iterator[str]:
        """Sources: the paths of all private keys in view, the server's own first."""
        own = NOT_SET if self._deployment.deployed else self.files["ssl_key_file"]
        if isinstance(own, Named) and own.opened.path and own.opened.presence is Presence.HERE:
            yield own.opened.path
        yield from self.keys_beside

    def _file(self, name: str) -> Named | NotSet | Unknown:
        setting, main = self._conf.setting(name), self._deployment.at
        if setting.value is None:
            return UNKNOWN
        if not setting.value and name not in ("ssl_cert_file", "ssl_key_file"):
            return NOT_SET
        if setting.is_default and not self._conf.ssl:
            return UNKNOWN if self._conf.ssl is None else NOT_SET
        locator, explicit = self._deployment.locator, setting.entry is not None
        beside = setting.entry.source.path if setting.entry is not None else main
        opened = locator.named(setting.value, main, explicit=explicit)
        if opened.presence is not Presence.HERE and beside != main and not self._deployment.deployed:
            near = locator.named(setting.value, beside, explicit=False)
            opened = near if near.presence is Presence.HERE else opened
        at = setting.entry.at if setting.entry is not None else self._conf.ssl_at
        return Named(name, opened, at, explicit=explicit)

    def _of_host(self, role: str, value: Value, source: Source) -> Named:
        """A file that an entry of pg_hosts.conf names in place of the setting `role`."""
        opened = self._deployment.locator.named(value.text, source.path, explicit=True)
        at = Location(source.path, source, value.span)
        return Named(role, opened, at, by_host=True)
