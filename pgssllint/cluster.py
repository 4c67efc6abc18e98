"""One server: its settings, records and TLS files, each gathered when first asked for.

A cluster says what *is*; what is wrong with it is for `checks` to say.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

from pgssllint.credentials import Credentials, Reader, of_entry, of_settings
from pgssllint.files import FileFacts, Files, Opened, Presence, Reason
from pgssllint.finding import Location
from pgssllint.locate import Locator
from pgssllint.permissions import ServerView, user_of
from pgssllint.postgres.coverage import Covered, coverage
from pgssllint.postgres.hba import Hba, Record, read_hba
from pgssllint.postgres.hosts import HOSTS_FROM, REPLACED_BY_HOSTS, Hosts, read_hosts
from pgssllint.postgres.ident import Ident, read_ident
from pgssllint.postgres.lists import guc_list
from pgssllint.postgres.parameters import find
from pgssllint.postgres.settings import Entry, Given, Settings, faulty_values, read_settings, unknown_names
from pgssllint.postgres.shapes import Shape, shapes
from pgssllint.postgres.values import ValueFault
from pgssllint.project import Project, keys_in
from pgssllint.revocation import Revocation, revocation_of
from pgssllint.setting import TLS_FILE_KINDS, Named, Setting
from pgssllint.syntax.auth import Value
from pgssllint.target import ASSUMED_MAJOR, Clients, Target
from pgssllint.text import Source
from pgssllint.tls.ciphers import MAX_CIPHER_LIST, DefaultList, Expansion, UnreadList, expand


@dataclass(frozen=True)
class Site:
    """Where a cluster was found, before anything is said about its target.

    `main` is its postgresql.conf, or None for a pg_hba.conf (`hba`), pg_ident.conf or pg_hosts.conf that no cluster
    took. `fragment`: `main` is no main file, so that everything it does not set is unknown. `data_directory` is local
    and None if not known. `server_uid` is the user the server runs as, for deployed input. `at` is the main file's
    absolute path.
    """

    at: str
    main: Source | None
    project: Project
    locator: Locator
    deployed: bool = False
    fragment: bool = False
    data_directory: str | None = None
    hba: Source | None = None
    ident: Source | None = None
    hosts: Source | None = None
    given: tuple[Given, ...] = ()
    server_uid: int | None = None
    tracked: frozenset[str] | None = frozenset()
    clients: Clients = field(default_factory=Clients)

    @property
    def files(self) -> Files:
        """The view of the file system."""
        return self.locator.files

    @cached_property
    def at_first_sight(self) -> "Cluster":
        """The cluster as the assumed major reads it: for what does not depend on the major."""
        return Cluster(self, Target(ASSUMED_MAJOR))


class Cluster:
    """One server's configuration, read for one target."""

    def __init__(self, site: Site, target: Target, now: datetime | None = None) -> None:
        """`now` is the moment dates are judged as of; the clock's if None."""
        self.site = site
        self.target = target
        self.now = now if now is not None else datetime.now(UTC)

        self.major = target.major
        self.deployed = site.deployed
        self.files: Files = site.files

    @cached_property
    def settings(self) -> Settings:
        """What the files and the command line set; of a cluster without a main file, nothing."""
        site = self.site
        if site.main is None:
            return Settings(self.major, complete=False)
        return read_settings(site.main, site.locator, self.major, self._auto, site.given)

    @cached_property
    def faulty_values(self) -> tuple[tuple[Entry, ValueFault], ...]:
        """The entries whose values the target refuses, with what it says."""
        return tuple(faulty_values(self.settings, self.major))

    @cached_property
    def unknown_names(self) -> tuple[Entry, ...]:
        """The entries whose names the target does not know."""
        return tuple(unknown_names(self.settings, self.major))

    @property
    def settings_whole(self) -> bool:
        """Whether everything that may set a parameter was read, so that what is not set has its default."""
        return self.site.main is not None and not self.site.fragment and self.settings.complete

    def setting(self, name: str) -> Setting:
        """The setting called `name`; a parameter that the target does not know is unknown."""
        entry = self.settings.effective(name)
        if entry is not None:
            return Setting(name, None if entry.unknown else entry.value, entry, known=not entry.unknown)
        parameter = find(name, self.major)
        if parameter is None or not self.settings_whole:
            return Setting(name, None, None, known=False)
        return Setting(name, parameter.boot, None, known=True)

    @cached_property
    def ssl(self) -> bool | None:
        """Whether the server offers TLS; None if that is not known."""
        return self.setting("ssl").on

    @cached_property
    def ssl_at(self) -> Location:
        """Where `ssl` is set, else the main file as a whole."""
        return self.set_at("ssl")

    @property
    def main_at(self) -> Location:
        """The first line of the main file, or of pg_hba.conf where there is no main file."""
        site = self.site
        source = site.main or site.hba or site.ident or site.hosts
        return Location(self.site.at, source, source.line_span(1) if source is not None else None)

    @cached_property
    def tls_files(self) -> dict[str, Named]:
        """The TLS files that settings name, by the setting; those that are unknown or set to nothing are absent.

        The certificate and the key have defaults and are always named where the settings are known.
        """
        sought = {name: self._tls_file(name) for name in TLS_FILE_KINDS if name not in self.replaced_settings}
        return {name: named for name, named in sought.items() if named is not None}

    @cached_property
    def credentials(self) -> tuple[Credentials, ...]:
        """What the server shows its clients: the files of the settings, or of each good entry of pg_hosts.conf.

        There are none where pg_hosts.conf decides and is not in view.
        """
        reader = Reader(self.target.openssl, self.now)
        if not self.replaced_settings:
            return (of_settings(self.tls_files, self.setting, self.major, reader),)
        entries = self.hosts.entries if self.hosts is not None else ()
        good = ((number, entry) for number, entry in enumerate(entries, 1) if not entry.faults)
        return tuple(of_entry(number, entry, self._of_host, self.major, reader) for number, entry in good)

    @property
    def named_files(self) -> Iterator[Named]:
        """The TLS files that settings and good entries of pg_hosts.conf name."""
        yield from self.tls_files.values()
        for one in self.credentials:
            yield from (n for n in (one.certificate, one.key, one.client_ca) if n is not None and n.by_host)

    @cached_property
    def revocation(self) -> Revocation:
        """The certificate revocation lists that the server holds client certificates against."""
        file, folder, site = self.tls_files.get("ssl_crl_file"), self.setting("ssl_crl_dir"), self.site
        return revocation_of(file, folder, site.locator, site.at, self.target.openssl)

    @cached_property
    def ciphers(self) -> Expansion | DefaultList | UnreadList:
        """What the target's OpenSSL makes of ssl_ciphers."""
        setting = self.setting("ssl_ciphers")
        if setting.value is None:
            return UnreadList.TEMPLATE if setting.entry is not None else UnreadList.NOT_IN_VIEW
        if setting.entry is None:
            return DefaultList(setting.value)
        too_long = len(setting.value) > MAX_CIPHER_LIST
        return UnreadList.TOO_LONG if too_long else expand(setting.value, self.target.openssl)

    @cached_property
    def hba_opened(self) -> Opened | None:
        """The host-based authentication file, or None where it is not known which one it is."""
        return self._configuration("hba_file", "pg_hba.conf", self.site.hba)

    @cached_property
    def ident_opened(self) -> Opened | None:
        """The file of the user name maps, or None where it is not known which one it is."""
        return self._configuration("ident_file", "pg_ident.conf", self.site.ident)

    @cached_property
    def hosts_named(self) -> Opened | None:
        """What hosts_file names, or its default, whether or not the target has it: it may tell the major."""
        return self._configuration("hosts_file", "pg_hosts.conf", self.site.hosts)

    @property
    def hosts_opened(self) -> Opened | None:
        """The file of the hosts' certificates, which there is from 19 on, or None where it is not known which it is."""
        return self.hosts_named if self.major >= HOSTS_FROM else None

    def _configuration(self, name: str, default: str, alone: Source | None) -> Opened | None:
        """The file that the setting `name` names; where the site has no main file, the one it was found by."""
        site = self.site
        if alone is not None:
            return Opened(os.path.basename(alone.path), Presence.HERE, alone.path, alone)
        if site.main is None and site.hba is not None:
            beside = site.locator.named(default, site.at, explicit=False)
            return beside if beside.presence is Presence.HERE else None
        if site.main is None or site.fragment:
            return None
        setting = self.setting(name)
        found = site.locator.configuration(setting.value, default, site.at, is_set=setting.entry is not None)
        return self._for_server(found) if found is not None else None

    def set_at(self, name: str) -> Location:
        """Where a setting is set, else the main file."""
        entry = self.setting(name).entry if self.site.main is not None else None
        return entry.at if entry is not None else self.main_at

    @cached_property
    def hba(self) -> Hba | None:
        """The records of pg_hba.conf as the target reads them, or None if the file is not here."""
        source = _source(self.hba_opened)
        if source is None:
            return None
        libraries = self.setting("oauth_validator_libraries").value
        validators = guc_list(libraries) if libraries is not None else None
        return read_hba(source, self.site.locator, self.major, self.ssl, validators)

    @property
    def records(self) -> tuple[Record, ...]:
        """The records of pg_hba.conf, good and bad; none if the file is not here."""
        return self.hba.records if self.hba is not None else ()

    @cached_property
    def coverage(self) -> tuple[Covered, ...]:
        """What earlier records have taken of each of the `records`."""
        return coverage(self.records, self.shapes)

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """What each of the `records` matches."""
        return shapes(self.records)

    @cached_property
    def ident(self) -> Ident | None:
        """The user name maps as the target reads them, or None if the file is not here."""
        source = _source(self.ident_opened)
        return read_ident(source, self.site.locator, self.major) if source is not None else None

    @cached_property
    def hosts(self) -> Hosts | None:
        """The entries of pg_hosts.conf, or None if the file is not here, or the target has none."""
        source = _source(self.hosts_opened)
        return read_hosts(source, self.site.locator) if source is not None else None

    @cached_property
    def sni(self) -> bool | None:
        """Whether the server chooses its certificate by host name, from pg_hosts.conf; None if that is not known."""
        if self.major < HOSTS_FROM or self.ssl is False:
            return False
        on = self.setting("ssl_sni").on
        return on if self.ssl or on is False else None

    @cached_property
    def replaced_settings(self) -> frozenset[str]:
        """The settings that the server does not look at, since pg_hosts.conf has entries or may have."""
        opened = self.hosts_opened
        if not self.sni or opened is None or opened.presence is Presence.MISSING:
            return frozenset()
        return frozenset() if self.hosts is not None and self.hosts.is_empty else REPLACED_BY_HOSTS

    @cached_property
    def keys_beside(self) -> tuple[str, ...]:
        """Sources: the paths of files named like private keys that lie beside the cluster's files."""
        if self.deployed:
            return ()
        here = [n.opened.path for n in self.named_files if n.opened.presence is Presence.HERE]
        return tuple(keys_in(self.files, {os.path.dirname(path) for path in (self.site.at, *here) if path is not None}))

    def facts(self, path: str) -> FileFacts:
        """Mode, owner and kind of a local path, and whether git tracks it."""
        facts = self.files.look(path)
        tracked = self.site.tracked
        return replace(facts, tracked=None if tracked is None else facts.path in tracked or facts.real in tracked)

    @property
    def data_directory(self) -> str:
        """The local data directory; where that is not known, the folder of the main file."""
        return self.site.data_directory or os.path.dirname(self.site.at)

    @cached_property
    def server_view(self) -> ServerView | None:
        """What the server's user may read of deployed input; a user not known here is in the data directory's group."""
        uid = self.site.server_uid
        if not self.deployed or uid is None:
            return None
        user = user_of(uid, self.files.look(self.data_directory).gid)
        return ServerView(self.files, user, self.data_directory)

    def readable_by_server(self, path: str) -> bool:
        """Whether the server's user may read a file of deployed input; True if that is not known."""
        return self.server_view is None or self.server_view.may_read(path)

    @property
    def sources(self) -> Iterator[Source]:
        """Every text file that was read as configuration."""
        yield from self.settings.sources
        for file in (self.hba, self.ident, self.hosts):
            if file is not None:
                yield from file.sources

    @property
    def paths(self) -> frozenset[str]:
        """The absolute local paths of everything that belongs to the cluster, links resolved."""
        paths = {self.site.at, *(source.path for source in self.sources)}
        paths |= {named.opened.path for named in self.named_files if named.opened.path is not None}
        paths |= set(self.revocation.paths)
        paths |= set(self.keys_beside)
        return frozenset(os.path.realpath(path) for path in paths)

    @property
    def _auto(self) -> Source | None:
        folder = self.site.data_directory or (None if self.deployed else os.path.dirname(self.site.at))
        if folder is None or self.site.fragment:
            return None
        found = self.files.read(os.path.join(folder, "postgresql.auto.conf"))
        return found if isinstance(found, Source) else None

    def _tls_file(self, name: str) -> Named | None:
        setting = self.setting(name)
        if setting.value is None or (not setting.value and name not in ("ssl_cert_file", "ssl_key_file")):
            return None
        if setting.is_default and self.ssl is not True:
            return None
        beside = setting.entry.source.path if setting.entry is not None else self.site.at
        explicit = setting.entry is not None
        opened = self.site.locator.named(setting.value, self.site.at, explicit=explicit)
        if opened.presence is not Presence.HERE and beside != self.site.at and not self.deployed:
            near = self.site.locator.named(setting.value, beside, explicit=False)
            opened = near if near.presence is Presence.HERE else opened
        at = setting.entry.at if setting.entry is not None else self.ssl_at
        return Named(name, self._for_server(opened), at, explicit=setting.entry is not None)

    def _of_host(self, role: str, value: Value, source: Source) -> Named:
        """A file that an entry of pg_hosts.conf names in place of the setting `role`."""
        opened = self.site.locator.named(value.text, source.path, explicit=True)
        return Named(role, self._for_server(opened), Location(source.path, source, value.span), by_host=True)

    def _for_server(self, opened: Opened) -> Opened:
        """A file as the server finds it: one that is here is missing to a user who may not read it."""
        if opened.presence is not Presence.HERE or opened.path is None or self.readable_by_server(opened.path):
            return opened
        return replace(opened, presence=Presence.MISSING, source=None, reason=Reason.UNREADABLE)


def _source(found: Opened | None) -> Source | None:
    return found.source if found is not None else None
