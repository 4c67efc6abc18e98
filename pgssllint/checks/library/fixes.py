"""The edits that mend what is wrong."""

import re
from collections.abc import Iterable

from pgssllint.checks.library.places import at_method, at_record, at_type, value_start
from pgssllint.cluster import Cluster
from pgssllint.cluster.credentials import Credentials
from pgssllint.cluster.setting import Named
from pgssllint.finding import Edit, Fix, Location
from pgssllint.postgres.entries import Entry
from pgssllint.postgres.hba import Record
from pgssllint.postgres.misreadings import returns_in_words
from pgssllint.postgres.parameters import find
from pgssllint.postgres.password_encryption import stores_md5
from pgssllint.syntax.auth import Value
from pgssllint.text import Source, Span
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.channel_binding import unbindable
from pgssllint.traced import Virtual

SCRAM = "scram-sha-256"

WITHOUT_SCRAM = (
    ", which locks out the roles of SELECT rolname FROM pg_authid WHERE rolcanlogin AND rolpassword LIKE 'SCRAM-%' "
    "IS NOT TRUE"
)
"""Who cannot log in by scram-sha-256: whose password is stored as an MD5 hash, and who has none."""

TLS_FIRST = "Set 'ssl' to 'on', with a certificate and a key"
"""What comes before anything that only a server with TLS can do."""

_ONCE_ON = "Change the connection type to 'hostssl', once 'ssl' is on."

_NEEDS_QUOTES = re.compile(r"[\s,#\"]|\A[@+]|\A\Z")
"""What makes quotes needed around a name of pg_hba.conf and its kin."""


def written(at: Location, text: str, description: str, *, safe: bool = False) -> Fix | None:
    """The fix that writes `text` at a place; None where there is no text to change."""
    if at.source is None or at.span is None:
        return None
    return Fix(description, (Edit(at.path, at.source, at.span, text),), safe)


def respelt(source: Source, value: Value, text: str) -> Fix | None:
    """The fix that writes another name in the place of one, in quotes where it needs them or had them; None where the
    name does not stand there as it is read.
    """
    if value.origin is not None or source.text[slice(*value.span)] not in (value.text, f'"{value.text}"'):
        return None
    as_is = not value.quoted and _NEEDS_QUOTES.search(text) is None
    spelling = text if as_is else '"' + text.replace('"', '""') + '"'
    return Fix(f"Write '{spelling}'.", (Edit(source.path, source, value.span, spelling),), safe=False)


def to_hostssl(*records: Record) -> Fix | None:
    """The fix that changes the type; a local record has no address, so that changing the type alone mends nothing."""
    found = [fix for r in records if r.conntype != "local" and (fix := written(at_type(r), "hostssl", "")) is not None]
    return Fix("Change the connection type to 'hostssl'.", _all(found), safe=False) if found else None


def to_tls(cluster: Cluster, *records: Record) -> Fix | None:
    """The fix that makes records match connections with TLS only; None where the server has no TLS, so that they would
    match nobody. Where that is not known, it says what has to come first.
    """
    fix = to_hostssl(*records) if cluster.conf.ssl is not False else None
    return fix if fix is None or cluster.conf.ssl else fix._replace(description=_ONCE_ON)


def to_method(records: Iterable[Record], method: str, then: str) -> Fix | None:
    """The fix that writes a method in all the records; `then` is who gets in no more."""
    found = [fix for r in records if (fix := written(at_method(r), method, "")) is not None]
    return Fix(f"Write '{method}'{then}.", _all(found), safe=False) if found else None


def to_scram(cluster: Cluster, records: Iterable[Record]) -> Fix | None:
    """The fix that writes scram-sha-256 in all the records; None where nobody could log in so: passwords are stored as
    MD5 hashes, or default clients ask for a channel binding that there is not.
    """
    if stores_md5(cluster.conf.setting("password_encryption").value or "", cluster.major):
        return None
    leaves = [one.leaf for one in cluster.tls.credentials] if cluster.conf.ssl is not False else []
    if any(leaf is not None and unbindable(leaf) for leaf in leaves):
        return None
    return to_method(records, SCRAM, WITHOUT_SCRAM)


def _all(fixes: Iterable[Fix]) -> tuple[Edit, ...]:
    return tuple(edit for fix in fixes for edit in fix.edits)


def through_line_end(source: Source, span: Span) -> Span:
    """A span made longer to the end of its last line, line feed included: what is to be deleted with it."""
    end = source.text.find("\n", span.end)
    return Span(span.start, len(source.text) if end < 0 else end + 1)


def deleted(record: Record, description: str = "Delete the record.", *, safe: bool = False) -> Fix:
    """The fix that deletes the line of a record."""
    source = record.source
    span = through_line_end(source, Span(source.line_span(record.line).start, record.span.end))
    return Fix(description, (Edit(source.path, source, span, ""),), safe)


def may_hold_key(source: Source) -> bool:
    """Whether a file looks as if it held a private key, so that nobody writes it for others."""
    return "PRIVATE KEY-----" in source.text


def rewritten(entry: Entry, value: str, *, safe: bool = False) -> Fix | None:
    """The fix that writes another value, in quotes; in the words of a command line as it is, if it is a plain one."""
    text = "'" + value.replace("'", "''") + "'"
    if isinstance(entry.source, Virtual) and entry.origin == "command line" and _PLAIN_WORD.fullmatch(value):
        text = value
    return written(entry.at, text, f"Write '{value}'.", safe=safe)


_PLAIN_WORD = re.compile(r"[\w./-]+")
"""What shells, YAML and servers take as it stands."""


def deleting(entry: Entry, *, safe: bool = False) -> Fix:
    """Delete the line of an entry, with its line end."""
    start, end = entry.source.line_span(entry.line)
    text = entry.source.text
    after = end + 1 if text.startswith("\n", end) else end + 2 if text.startswith("\r\n", end) else end
    return Fix("Delete the line.", (Edit(entry.source.path, entry.source, Span(start, after), ""),), safe)


def resetting(cluster: Cluster, entry: Entry, *, safe: bool = False) -> Fix | None:
    """The fix that leaves the default: it deletes the line of the entry, or writes the default where an earlier entry
    would count then. None where the default is not known, or a build's.
    """
    others = [one for one in cluster.conf.settings.of(entry.name) if not one.is_again(entry)]
    if not others:
        return deleting(entry, safe=safe)
    parameter = find(entry.name, cluster.major)
    return rewritten(entry, parameter.boot, safe=safe) if parameter is not None else None


def without_parts(entry: Entry, parts: Iterable[Span], description: str, *, safe: bool = False) -> Fix | None:
    """The fix that deletes parts of a list, each with a separator; None where escapes shift them or nothing is left."""
    start, edits, kept = value_start(entry), list[Edit](), entry.value
    if start is None:
        return None
    for part in sorted(parts, reverse=True):
        first, last = part
        if last < len(entry.value) and entry.value[last] in ":;, ":
            last += 1
        elif first and entry.value[first - 1] in ":;, ":
            first -= 1
        kept = kept[:first] + kept[last:]
        edits.append(Edit(entry.source.path, entry.source, Span(start + first, start + last), ""))
    return Fix(description, tuple(reversed(edits)), safe) if kept else None


def delete_option(record: Record, span: Span, description: str) -> Fix | None:
    """Delete an option together with the comma behind it, else with the blanks and the comma before it."""
    (start, end), text = span, record.source.text
    if text[end : end + 1] == ",":
        end += 1
        while text[end : end + 1] in (" ", "\t"):
            end += 1
    else:
        while start > 0 and text[start - 1] in " \t,":
            start -= 1
    return written(at_record(record, Span(start, end)), "", description, safe=True)


def without_block(source: Source, certificate: Certificate) -> Fix | None:
    """The fix that takes a block out of its file; none for a file that holds keys, which nobody writes for others."""
    if may_hold_key(source):
        return None
    return Fix("Delete the block.", (Edit(source.path, source, lines_of(source, certificate), ""),), safe=False)


def without_sent(
    cluster: Cluster, credentials: Credentials, certificate: Certificate, description: str = "Delete the block."
) -> Fix | None:
    """The fix that takes a block out of the file that a server presents. None for a file that holds keys.

    It has an edit only where the key is in view and that of the first certificate, so that it is sure which one the
    server presents, and where no server has the file for its client CAs too.
    """
    source = credentials.certificate.source if isinstance(credentials.certificate, Named) else None
    fix = without_block(source, certificate) if source is not None else None
    if source is None or fix is None:
        return None
    authorities = [one.client_ca for one in (*cluster.tls.credentials, credentials)]
    needed = any(isinstance(one, Named) and one.source is source for one in authorities)
    matches = credentials.own is not None and credentials.own is credentials.leaf
    return fix._replace(description=description, edits=() if needed or not matches else fix.edits)


def lines_of(source: Source, certificate: Certificate) -> Span:
    """The whole lines of a block."""
    return through_line_end(source, certificate.block.span)


def without_returns(record: Record) -> Fix:
    """The fix that writes blanks in place of the carriage returns of a record."""
    edits = tuple(Edit(record.source.path, record.source, span, " ") for span in returns_in_words(record))
    return Fix("Write a blank in place of the carriage return.", edits, safe=True)
