"""The certificate revocation lists of a server: those of ssl_crl_file, and those that ssl_crl_dir gives by their names.

OpenSSL looks into the folder when a certificate is checked, for `HASH.r0`, `HASH.r1` ... of the issuer's name, and
stops at the first that is not there (by_dir.c; asked of servers with OpenSSL 1.1.1 and 3.0).
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from pgssllint.cluster.reader import Reader
from pgssllint.cluster.setting import Named, Setting
from pgssllint.files import OpenedFolder, Presence
from pgssllint.finding import Location
from pgssllint.locate import Locator
from pgssllint.text import Source
from pgssllint.tls.crl import RevocationList, RevocationLists
from pgssllint.tls.loading import LoadFault, store_fault
from pgssllint.tls.names import name_hash
from pgssllint.unknown import NOT_SET, UNKNOWN, NotSet, Unknown

MAX_FILES = 10_000
"""So many files of ssl_crl_dir are looked at."""

_HASHED = re.compile(r"([0-9a-f]{8})\.r(0|[1-9][0-9]{0,5})\Z")


class CrlFolder(NamedTuple):
    """The folder of ssl_crl_dir, and where that is set."""

    opened: OpenedFolder
    at: Location


class HeldList(NamedTuple):
    """A list that the server holds or could hold. `file` is the name it has in ssl_crl_dir, None in ssl_crl_file.

    `found`: the server finds it; in ssl_crl_dir only by the hash of its issuer's name.
    """

    crl: RevocationList
    source: Source
    file: str | None
    found: bool


@dataclass(frozen=True, eq=False)
class Revocation:
    """Where the lists come from, and what they are."""

    file: Named | NotSet | Unknown
    folder: CrlFolder | NotSet | Unknown
    locator: Locator = field(repr=False)
    reader: Reader = field(repr=False)

    @property
    def is_set(self) -> bool:
        """Whether there is a source of lists, so that the server wants one for each CA."""
        return isinstance(self.file, Named) or isinstance(self.folder, CrlFolder)

    @property
    def in_view(self) -> bool:
        """Whether every source of lists is known: what is not listed is not there."""
        return not any(
            isinstance(one, Unknown) or (not isinstance(one, NotSet) and one.opened.presence is Presence.NOT_IN_VIEW)
            for one in (self.file, self.folder)
        )

    @cached_property
    def in_file(self) -> RevocationLists | None:
        """What ssl_crl_file holds, or None if it is not here."""
        if not isinstance(self.file, Named) or self.file.source is None:
            return None
        return self.reader.lists(self.file.source)

    @cached_property
    def fault(self) -> LoadFault | None:
        """What ends the loading of ssl_crl_file; None if nothing does, or it is not here."""
        return store_fault(self.in_file.blocks, self.reader.openssl) if self.in_file is not None else None

    @cached_property
    def lists(self) -> tuple[HeldList, ...]:
        """All lists in view, those of the file first."""
        return tuple(self._lists())

    @property
    def held(self) -> tuple[HeldList, ...]:
        """The lists that the server finds."""
        return tuple(item for item in self.lists if item.found)

    @property
    def paths(self) -> Iterator[str]:
        """The local paths of the files in ssl_crl_dir that the server may read."""
        folder = self.folder.opened if isinstance(self.folder, CrlFolder) else None
        if folder is not None and folder.path is not None and folder.presence is Presence.HERE:
            paths = (os.path.join(folder.path, name) for name in folder.names[:MAX_FILES])
            yield from (path for path in paths if not self.locator.is_denied(path))

    def _lists(self) -> Iterator[HeldList]:
        if self.in_file is not None and isinstance(self.file, Named) and self.file.source is not None:
            for crl in self.in_file.lists:
                yield HeldList(crl, self.file.source, None, found=True)
        paths = tuple(self.paths)
        gapless = _gapless(map(os.path.basename, paths))
        for path in paths:
            source = self.locator.files.read(path)
            if not isinstance(source, Source):
                continue
            name = os.path.basename(path)
            for crl in self.reader.lists(source).lists:
                found = name in gapless and name.startswith(name_hash(crl.issuer_der))
                yield HeldList(crl, source, name, found)


def revocation_of(
    file: Named | NotSet | Unknown, crl_dir: Setting, locator: Locator, at: str, reader: Reader
) -> Revocation:
    """The sources that the settings of the main file `at` name: `file` is that of ssl_crl_file."""
    folder: CrlFolder | NotSet | Unknown = UNKNOWN if crl_dir.value is None else NOT_SET
    if crl_dir.value and crl_dir.entry is not None:
        folder = CrlFolder(locator.named_folder(crl_dir.value, at), crl_dir.entry.at)
    return Revocation(file, folder, locator, reader)


def valid_list(held: HeldList, at: datetime) -> bool:
    """Whether a list counts at that moment."""
    begins, due = held.crl.last_update, held.crl.next_update
    return begins is not None and begins <= at and (due is None or due >= at)


def issued_at(held: HeldList) -> float:
    """When a list was issued, to be compared."""
    return held.crl.last_update.timestamp() if held.crl.last_update is not None else 0.0


def taken_list(lists: Sequence[HeldList], at: datetime) -> HeldList:
    """The list of one issuer that OpenSSL holds a certificate against: a valid one, of those the newest, else the first
    (get_crl_score of x509_vfy.c; asked of servers).
    """
    return max(lists, key=lambda held: (valid_list(held, at), issued_at(held)))


def _gapless(names: Iterable[str]) -> frozenset[str]:
    """The names `HASH.rN` whose numbers before are all there."""
    numbers: dict[str, set[int]] = {}
    for name in names:
        if match := _HASHED.match(name):
            numbers.setdefault(match[1], set()).add(int(match[2]))
    found = set()
    for digest, known in numbers.items():
        n = 0
        while n in known:
            found.add(f"{digest}.r{n}")
            n += 1
    return frozenset(found)
