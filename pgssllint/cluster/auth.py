"""Who may log in to a cluster, by whom and with which certificate: pg_hba.conf, pg_ident.conf and pg_hosts.conf."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from pgssllint.cluster.conf import Conf
from pgssllint.deployment import AUTH_SETTINGS, AuthName, Deployment
from pgssllint.files import Opened, Presence, errno_text
from pgssllint.finding import Location, LogLine
from pgssllint.postgres import auth_log
from pgssllint.postgres.auth_model import AuthFile
from pgssllint.postgres.coverage import Covered, coverage, deciding
from pgssllint.postgres.hba import Hba, Record, read_hba
from pgssllint.postgres.hba_model import Encryption, Fault
from pgssllint.postgres.hosts import HOSTS_FROM, REPLACED_BY_HOSTS, Hosts, HostsEntry, read_hosts
from pgssllint.postgres.ident import Ident, read_ident
from pgssllint.postgres.lists import directories
from pgssllint.postgres.misreadings import read_faults
from pgssllint.postgres.shapes import Shape, shapes
from pgssllint.postgres.template_marks import BY_HAND
from pgssllint.syntax.template_control import MayBe
from pgssllint.text import Source
from pgssllint.unknown import UNKNOWN, Unknown
from pgssllint.ways import Reason


class Auth:
    """The three files as a server of `major` reads them; each is None where it is not here."""

    def __init__(self, deployment: Deployment, conf: Conf, major: int) -> None:
        self._deployment = deployment
        self._conf = conf
        self._major = major

    def opened(self, name: AuthName) -> Opened | Unknown:
        """The file that a setting or its default names, as the server finds it."""
        return self._deployment.named(name)

    def path_in_log(self, name: AuthName, opened: Opened) -> str:
        """What the server's log calls one of the three files that it cannot open.

        The default is made absolute by the data directory; what a setting names by wherever the server is started,
        which nobody knows here (SelectConfigFiles, make_absolute_path).
        """
        is_set = self._conf.setting(AUTH_SETTINGS[name].setting).entry is not None
        return opened.name if is_set or opened.path is None else self._deployment.files.replaced(opened.path)

    @property
    def maps_not_opened(self) -> LogLine | None:
        """What the server logs of a pg_ident.conf that it does not get; None where it does, or that is not known."""
        opened = self.opened("ident")
        if not isinstance(opened, Opened) or opened.presence is not Presence.MISSING:
            return None
        path = self.path_in_log("ident", opened)
        if opened.reason is Reason.DIRECTORY:
            return auth_log.folder_in_place_of_file(path)
        return auth_log.ident_not_opened(path, errno_text(opened.reason), self._major)

    @property
    def files(self) -> Iterator[tuple[AuthName, AuthFile[Any]]]:
        """Those of the three files that are here and that the major has, whatever they hold."""
        found: dict[AuthName, AuthFile[Any] | None] = {"hba": self.hba, "ident": self.ident, "hosts": self.hosts}
        yield from ((name, file) for name, file in found.items() if file is not None)

    @cached_property
    def hba(self) -> Hba | None:
        """The records of pg_hba.conf."""
        source = self._source("hba")
        if source is None:
            return None
        libraries = self._conf.setting("oauth_validator_libraries").value
        validators = directories(libraries) if libraries is not None else UNKNOWN
        locator, major, ssl = self._deployment.locator, self._major, self._conf.ssl
        shared = self._deployment.shared
        return self._deployment.once("hba", major, lambda: read_hba(source, locator, major, ssl, validators, shared))

    @cached_property
    def records(self) -> tuple[Record, ...]:
        """The records of pg_hba.conf, good and bad; none if the file is not here.

        Of a line whose file is included over and over they are the first two: a third can decide about nothing, and
        nothing can be said of it that is not said of the second.
        """
        return tuple(_twice(self.hba.items)) if self.hba is not None else ()

    @cached_property
    def faults(self) -> tuple[tuple[Record, Fault], ...]:
        """The faults of the `records`, less those that come of a line that is not split as it seems to be, and those
        in a file that a person has yet to fill in, which no server loads as it stands.
        """
        drafts = {at.path for at in (self.hba.templates if self.hba is not None else ()) if _is_by_hand(at)}
        return tuple(found for found in read_faults(self.records) if found[0].source.path not in drafts)

    @cached_property
    def coverage(self) -> tuple[Covered, ...]:
        """What earlier records have taken of each of the `records`."""
        return coverage(self.records, self.shapes)

    @cached_property
    def coverage_as_hostssl(self) -> tuple[Covered, ...]:
        """What earlier records would take of each if it were a hostssl record."""
        return coverage(self.records, self.shapes, as_hostssl=True)

    @cached_property
    def deciding(self) -> tuple[tuple[int, Record, frozenset[Encryption]], ...]:
        """The good records that get some connections, with their positions and the kinds of those."""
        return tuple(deciding(self.records, self.coverage))

    @cached_property
    def wants_tls(self) -> bool:
        """Whether something would do nothing without TLS: a record that asks for it, or a certificate.

        What stands under a condition of a template is there where that has it so.
        """
        may_be = MayBe()
        set_ones = (self._conf.setting(name) for name in _CERTIFICATES)
        entries = [setting.entry for setting in set_ones if setting.value != ""]
        if any(entry is not None and not may_be.holds(entry.source, entry.name_span.start) for entry in entries):
            return True
        good = (record for record in self.records if not record.faults)
        asking = (record for record in good if record.conntype == "hostssl" or record.clientcert is not None)
        if any(not may_be.holds(record.source, record.span.start) for record in asking):
            return True
        beside = self._deployment.locator.named("server.crt", self._deployment.at, explicit=False)
        return beside.presence is Presence.HERE

    @cached_property
    def means_tls(self) -> bool:
        """Whether TLS is meant: it is surely on, or something would do nothing without it."""
        entry = self._conf.setting("ssl").entry
        is_sure = entry is None or not MayBe().holds(entry.source, entry.name_span.start)
        return (self._conf.ssl is True and is_sure) or self.wants_tls

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """What each of the `records` matches."""
        return shapes(self.records)

    @cached_property
    def ident(self) -> Ident | None:
        """The user name maps."""
        source, locator = self._source("ident"), self._deployment.locator
        if source is None:
            return None
        shared = self._deployment.shared
        return self._deployment.once("ident", self._major, lambda: read_ident(source, locator, self._major, shared))

    @cached_property
    def using_maps(self) -> Mapping[str, tuple[Record, ...]]:
        """The good records that have a map, by its name."""
        found: dict[str, list[Record]] = {}
        for record in self.records:
            if record.map_name:
                found.setdefault(record.map_name, []).append(record)
        return {name: tuple(records) for name, records in found.items()}

    @cached_property
    def hosts(self) -> Hosts | None:
        """The entries of pg_hosts.conf; None also where the major has no such file."""
        source, locator = self._source("hosts"), self._deployment.locator
        if source is None or self._major < HOSTS_FROM:
            return None
        shared = self._deployment.shared
        return self._deployment.once("hosts", HOSTS_FROM, lambda: read_hosts(source, locator, shared))

    @property
    def entries(self) -> tuple[HostsEntry, ...]:
        """The entries of pg_hosts.conf, good and bad; none if the file is not here."""
        return self.hosts.items if self.hosts is not None else ()

    @cached_property
    def sni(self) -> bool | None:
        """Whether the server chooses its certificate by host name, from pg_hosts.conf; None if that is not known."""
        if self._major < HOSTS_FROM or self._conf.ssl is False:
            return False
        on = self._conf.setting("ssl_sni").on
        return on if self._conf.ssl or on is False else None

    @cached_property
    def replaced_settings(self) -> frozenset[str]:
        """The settings that the server does not look at, since pg_hosts.conf has entries or may have."""
        opened = self.opened("hosts")
        if not self.sni or isinstance(opened, Unknown) or opened.presence is Presence.MISSING:
            return frozenset()
        return frozenset() if self.hosts is not None and self.hosts.is_empty else REPLACED_BY_HOSTS

    def _source(self, name: AuthName) -> Source | None:
        opened = self.opened(name)
        return None if isinstance(opened, Unknown) else opened.source


_CERTIFICATES = ("ssl_cert_file", "ssl_key_file", "ssl_ca_file", "ssl_crl_file")


def _is_by_hand(at: Location) -> bool:
    """Whether a template expression is one that a person is to put a word for."""
    return at.source is not None and at.span is not None and BY_HAND.search(at.source.text, *at.span) is not None


def _twice(records: Iterable[Record]) -> Iterator[Record]:
    """The records less the third and later ones of the same line."""
    met: dict[tuple[str, int], int] = {}
    for record in records:
        if not record.chain:
            yield record
            continue
        key = record.source.path, record.span.start
        met[key] = met.get(key, 0) + 1
        if met[key] <= 2:
            yield record
