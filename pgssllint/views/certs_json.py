"""Certificate files as JSON."""

import json
from collections.abc import Iterable
from datetime import datetime

from pgssllint.quoting import Place, Quote
from pgssllint.runners import disarmed_json
from pgssllint.tls.certificate import Certificate
from pgssllint.views.certs import BlockEntry, CertificateFile, period, signature_name, validity
from pgssllint.views.certs_tree import Tell


def as_json(files: Iterable[tuple[str, CertificateFile]], at: datetime, tell: Tell) -> str:
    """An array with an object for each file, by the path it is called by; dates are judged as of `at`, and `tell` says
    what may be shown of names.

    For a file of CA certificates, which presents none, `chain` is empty and `complete` null.
    """
    objects = [_file_object(name, found, at, tell) for name, found in files]
    return disarmed_json(json.dumps(objects, indent=2)) + "\n"


def _file_object(name: str, found: CertificateFile, at: datetime, tell: Tell) -> dict[str, object]:
    own = {id(entry.block) for entry in found.entries.values()}
    walked = found.chain.certificates if found.chain is not None else ()
    return {
        "file": name,
        "blocks": [_block_object(entry, at, tell) for entry in found.entries.values()],
        "chain": [certificate.block.index for certificate in walked if id(certificate.block) in own],
        "complete": None if found.chain is None else found.chain.complete,
        "missing_issuer": None if found.chain is None else _told(found.chain.missing_issuer, tell),
        "overlooked": [
            {
                "line": found.source.position(line.begin.start)[0],
                "label": tell(Quote(line.label, Place.REST)),
                "reason": line.why.value,
            }
            for line in found.overlooked
        ],
    }


def _block_object(entry: BlockEntry, at: datetime, tell: Tell) -> dict[str, object]:
    certificate, holds = entry.certificate, entry.holds
    notes = [note.text for note in entry.notes]
    names = [*certificate.dns_names, *certificate.ip_addresses] if certificate is not None else []
    begins, ends = period(holds) if holds is not None else (None, None)
    if holds is not None and (state := validity(holds, at)).wrong:
        notes.insert(0, state.text)
    return {
        "index": entry.block.index, "line": entry.line, "end_line": entry.end_line,
        "kind": tell(Quote(entry.kind, Place.REST)),
        "subject": _told(certificate.subject if certificate is not None else None, tell),
        "issuer": _told(holds.issuer if holds is not None else None, tell),
        "serial": f"{certificate.serial:X}" if certificate is not None else None,
        "not_before": begins.isoformat() if begins is not None else None,
        "not_after": ends.isoformat() if ends is not None else None,
        "names": [tell(Quote(name, Place.SUBJECT)) for name in names],
        "key": _key_object(certificate),
        "signature": signature_name(certificate) if certificate is not None else None,
        "is_ca": certificate.is_ca if certificate is not None else None,
        "self_signed": certificate.self_signed if certificate is not None else None,
        "issued_by": entry.issued_by, "notes": notes,
    }  # fmt: skip


def _told(name: str | None, tell: Tell) -> str | None:
    return tell(Quote(name, Place.SUBJECT)) if name else name


def _key_object(certificate: Certificate | None) -> dict[str, object] | None:
    key = certificate.key if certificate is not None else None
    return None if key is None else {"type": key.kind, "bits": key.bits, "curve": key.curve}
