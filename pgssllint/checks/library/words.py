"""How messages call what a finding is about."""

import os
from typing import Protocol

from pgssllint.postgres.address import Keyword
from pgssllint.postgres.hba import Record
from pgssllint.postgres.shapes import ALL, role_atom
from pgssllint.quoting import Place, Quote, Said, Sentence, ours, say
from pgssllint.text import Source
from pgssllint.tls.certificate import Certificate
from pgssllint.ways import Reason


def base(path: str) -> str:
    """The base name of a path: what messages call a configuration file."""
    return os.path.basename(path)


def written_in(source: Source) -> str:
    """The base name of the file that a user wrote, where a source is made of parts of it, else the source's own."""
    return base(source.written_path)


def line_at(source: Source, offset: int) -> int:
    """The number of the line that what stands at an offset of a source was written on."""
    return source.written_line(source.position(offset)[0])


class _Numbered(Protocol):
    """What stands on a line of a source."""

    @property
    def source(self) -> Source: ...

    @property
    def line(self) -> int: ...


def line_of(item: _Numbered) -> int:
    """The number of the line that an item was written on, as messages name it; a server's log has `item.line`."""
    return item.source.written_line(item.line)


def line_beside(item: _Numbered, other: _Numbered) -> int | Quote:
    """The number of the line of an item, and its file where `other`, which is told with it, stands in another one."""
    is_same = item.source.written_file(item.line) == other.source.written_file(other.line)
    return line_named(item) if is_same else _in_its_file(item)


def line_named(item: _Numbered) -> int | Quote:
    """The number of the line of an item; of one that a tool writes, with the file of what makes it do so."""
    span = item.source.line_span(item.line)
    return line_of(item) if item.source.home(span).is_users else _in_its_file(item)


def _in_its_file(item: _Numbered) -> Quote:
    return ours(f"{line_of(item)} of '{file_of(item)}'")


def file_of(item: _Numbered) -> str:
    """The base name of the file that an item was written in, whose line `line_of` tells."""
    return base(item.source.written_file(item.line))


def shown_subject(certificate: Certificate) -> Quote:
    """The subject as messages name a certificate; its serial number where it has none."""
    if certificate.subject:
        return Quote(certificate.subject, Place.SUBJECT)
    return ours(f"serial {certificate.serial}")


def reason(why: Reason | None) -> str:
    """Why a file cannot be read, as messages say it."""
    return str(why or Reason.ABSENT)


def shown_address(record: Record) -> Said:
    """The record's address in quotes, as it is written and with its mask; the keyword `all` in words."""
    if record.address is None:
        return ours("the server itself")
    if isinstance(record.network, Keyword) and record.network.word == "all":
        return ours("any address")
    return say("'{}'", record.written_address)


def shown_users(record: Record) -> Sentence:
    """Whom a record lets clients log in as: `any role`, or its roles in quotes, as they are written."""
    atoms = [role_atom(value, record.major) for value in record.users]
    if ALL in atoms:
        return say("any role")
    *head, last = ("a member of '{}'" if atom[0] == "member" else "'{}'" for atom in atoms)
    template = f"{', '.join(head)} or {last}" if head else last
    return Sentence(template, tuple(value.name for value in record.users))
