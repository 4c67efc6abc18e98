"""How messages call what a finding is about."""

import os

from pgssllint.postgres.address import Keyword
from pgssllint.postgres.entries import Entry
from pgssllint.postgres.hba import Record
from pgssllint.text import MASK
from pgssllint.tls.certificate import Certificate
from pgssllint.ways import Reason


def base(path: str) -> str:
    """The base name of a path: what messages call a configuration file."""
    return os.path.basename(path)


def shown_subject(certificate: Certificate) -> str:
    """The subject as messages name a certificate; its serial number where it has none."""
    return certificate.subject or f"serial {certificate.serial}"


def shown_value(entry: Entry) -> str:
    """The value of a setting as messages may show it: a command may hold the passphrase itself."""
    return MASK if entry.name.lower().endswith("_command") else entry.value


def reason(why: Reason | None) -> str:
    """Why a file cannot be read, as messages say it."""
    return str(why or Reason.ABSENT)


def shown_address(record: Record) -> str:
    """The record's address as it is written, with its mask; the keyword `all` in words."""
    if record.address is None:
        return "the server itself"
    if isinstance(record.network, Keyword) and record.network.word == "all":
        return "any address"
    return record.address_text


def shown_users(record: Record) -> str:
    """The record's roles as they are written."""
    return ",".join(user.text for user in record.users)
