"""What mends a record by which clients of other machines get in with too little, so that nothing is left of it."""

from pgssllint.checks.library.fixes import (
    SCRAM,
    TLS_FIRST,
    WITHOUT_SCRAM,
    deleted,
    to_method,
    to_scram,
    to_tls,
    written,
)
from pgssllint.checks.library.places import at_record
from pgssllint.checks.library.words import line_beside
from pgssllint.cluster import Cluster
from pgssllint.finding import Fix
from pgssllint.postgres.coverage import EVERY
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import PASSWORD_METHODS, PROOFLESS_METHODS
from pgssllint.postgres.password_encryption import stores_md5
from pgssllint.text import Span

_OWN = "password"
"""The method of those that send the password itself by which PostgreSQL compares it with one of its own."""


def closed(cluster: Cluster, number: int, *, tls: bool = False) -> Fix | None:
    """The fix of the record at a position: a proof where it asks for none, a password that is not sent in clear, and
    TLS where that is meant, or with `tls` anyhow; a record that would then match nobody goes. None where one sentence
    cannot say it: the server has no TLS, or nobody could log in by scram-sha-256.
    """
    record = cluster.auth.records[number]
    wanted = "plain" in record.kinds and (cluster.deployment.deployed or cluster.auth.means_tls)
    encrypted = to_tls(cluster, record) if record.conntype != "hostssl" and (tls or wanted) else None
    if record.clientcert is not None or record.method_name not in PROOFLESS_METHODS | {_OWN}:
        return _without_a_double(cluster, number, encrypted)
    proof = _proof(cluster, record)
    if proof is None:
        return encrypted if record.method_name == _OWN else None
    if encrypted is not None:
        once = "" if cluster.conf.ssl else ", once 'ssl' is on"
        both = Fix(_asked(record, proof, once), (*encrypted.edits, *proof.edits), safe=False)
        return _without_a_double(cluster, number, both)
    if cluster.conf.ssl is False and wanted:
        return Fix(f"{TLS_FIRST}. {_asked(record, proof, '')}", (), safe=False)
    return proof._replace(description=_asked(record, proof, None))


def closing_too(cluster: Cluster, number: int, fix: Fix | None) -> Fix | None:
    """A fix by which the record at a position lets in clients of other machines, with what that asks for besides."""
    record = cluster.auth.records[number]
    gives_away = record.method_name in PROOFLESS_METHODS | PASSWORD_METHODS
    is_open = gives_away or ("plain" in record.kinds and cluster.conf.ssl is not False and cluster.auth.means_tls)
    if fix is None or not is_open:
        return fix
    more = closed(cluster, number, tls=record.method_name in PASSWORD_METHODS)
    if more is not None and more.edits:
        return Fix(f"{fix.description} {more.description}", (*fix.edits, *more.edits), safe=False)
    said = more.description if more is not None else "Ask these clients for a password, and for TLS."
    return Fix(f"{fix.description} {said}", (), safe=False)


def _proof(cluster: Cluster, record: Record) -> Fix | None:
    """The fix that asks for a password in a way that keeps it, with whatever options of the method in its place."""
    if record.method_name == _OWN and stores_md5(
        cluster.conf.setting("password_encryption").value or "", cluster.major
    ):
        return to_method([record], "md5", "")
    fix = to_scram(cluster, [record])
    if fix is None or not record.options or record.method is None:
        return fix
    return written(at_record(record, Span(record.method.span.start, record.span.end)), SCRAM, "")


def _asked(record: Record, proof: Fix, once: str | None) -> str:
    """What to write in place of a method, and of a connection type where `once` says when that will do."""
    method = proof.edits[0].text
    options = " and its options" * bool(record.options)
    what = f"'{method}' in place of '{record.method_name}'{options}"
    of_type = f"'hostssl' in place of '{record.conntype}'{once}" if once is not None else ""
    if record.method_name in PROOFLESS_METHODS:
        also = f", and {of_type}" if of_type else ""
        return f"Give the roles passwords, then ask for them: write {what}{also}."
    locked_out = WITHOUT_SCRAM if method == SCRAM else ""
    return f"Write {f'{of_type}, and ' if of_type else ''}{what}{locked_out}."


def _without_a_double(cluster: Cluster, number: int, fix: Fix | None) -> Fix | None:
    """A fix that lets a record match TLS alone; where others above take all of that, it is not needed, or no use."""
    record = cluster.auth.records[number]
    if fix is None or record.conntype == "hostssl":
        return fix
    covered = (cluster.auth.coverage if "tls" in record.kinds else cluster.auth.coverage_as_hostssl)[number]
    if "tls" not in covered.kinds(EVERY):
        return fix
    by = [one for n in covered.by if "tls" in (one := cluster.auth.records[n]).kinds]
    rejecting = [one for one in by if not one.admits]
    if rejecting:
        line = line_beside(rejecting[0], record)
        return Fix(f"{fix.description.removesuffix('.')}, and delete line {line}, which rejects TLS.", (), safe=False)
    lines = " and others let" if len(by) > 1 else " lets"
    return deleted(record, f"Delete the record: line {line_beside(by[0], record)}{lines} its clients in with TLS.")
