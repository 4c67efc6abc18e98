"""A fix that is followed to the letter leaves no other failing finding about the same record."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgssllint import api
from pgssllint.finding import Effect, Finding, Outcome, Severity
from pgssllint.request import Request
from tests.support.edits import applied
from tests.support.pki import AT, build

TYPES = ("host", "host", "hostssl", "hostnossl", "local")
ADDRESSES = ("127.0.0.1/32", "10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0", "::/0", "all", "127.17.0.0/16", "172.0.0.0/8")
METHODS = ("trust", "ident", "password", "md5", "md5", "scram-sha-256", "reject", "cert", "peer", "ident map=m")
NAMES = ("all", "all", "app")
CONFS = ("", "ssl = on\n", "ssl = on\n", "ssl = off\n")
LISTENS = ("", "listen_addresses = '*'\n", "listen_addresses = 'localhost'\n")
MORE = ("", "", "password_encryption = 'md5'\n", "ssl_ca_file = 'root.crt'\n")


ALSO_TRUE = ("PGS527", "PGS528", "PGS611")
"""What else may be wrong with a record that is not told while the server refuses it."""

OF_OTHERS = ("PGS610", "PGS614")
"""What a record for the network that was meant may have in common with others, which the misprint did not."""


def cluster(seed: int) -> tuple[str, str]:
    """A random pg_hba.conf, and a postgresql.conf."""
    draw = random.Random(seed)
    records = []
    for _ in range(draw.randint(1, 4)):
        kind = draw.choice(TYPES)
        address = "" if kind == "local" else f" {draw.choice(ADDRESSES)}"
        records.append(f"{kind} {draw.choice(NAMES)} {draw.choice(NAMES)}{address} {draw.choice(METHODS)}\n")
    return "".join(records), "".join(map(draw.choice, (CONFS, LISTENS, MORE)))


def lint(folder: Path, *, deployed: bool) -> Outcome:
    request = Request((), data_dir=str(folder)) if deployed else Request((str(folder),), majors=(16,))
    return api.lint(request, AT)


def failing(outcome: Outcome) -> Iterator[tuple[str, Finding]]:
    for finding in outcome.open_findings:
        if finding.severity.weight >= Severity.WARNING.weight:
            yield from ((finding.rule, place) for place in finding.places)


def chains(folder: Path, *, deployed: bool) -> Iterator[str]:
    """The findings that are left, or brought about, at a record by the edits of another one."""
    before = lint(folder, deployed=deployed)
    was = {(rule, place.at.path, place.at.line_key[1]) for rule, place in failing(before)}
    for finding in before.open_findings:
        if finding.fix is None or not finding.fix.edits:
            continue
        if any("\n" in (e.text or "") + e.source.text[slice(*e.span)] for e in finding.fix.edits):
            continue
        lines = {(place.at.path, place.at.line_key[1]) for place in finding.places}
        with applied(finding.fix):
            after = lint(folder, deployed=deployed)
        for rule, place in failing(after):
            at = (place.at.path, place.at.line_key[1])
            hidden = finding.effect is Effect.REFUSES_START and rule in ALSO_TRUE
            hidden |= finding.rule == "PGS528" and rule in OF_OTHERS
            if at in lines and (rule, *at) not in was and not hidden:
                yield f"{finding.rule} '{finding.fix.description}' -> {rule} line {at[1]}: {place.text}"


@pytest.mark.parametrize("seed", range(200))
def test_edits_leave_nothing_else_to_mend_of_a_record(seed: int, tmp_path: Path) -> None:
    hba, conf = cluster(seed)
    (tmp_path / "pgssllint.toml").write_text("")
    (tmp_path / "PG_VERSION").write_text("16\n")
    (tmp_path / "pg_hba.conf").write_text(hba)
    (tmp_path / "postgresql.conf").write_text(conf)
    (tmp_path / "root.crt").write_bytes(build(["root"]))
    (tmp_path / "server.crt").write_bytes(build(["leaf", "intermediate"]))
    (tmp_path / "server.key").write_bytes(build("key:leaf"))
    (tmp_path / "server.key").chmod(0o600)
    found = list(chains(tmp_path, deployed=seed % 3 == 0))
    assert not found, f"{conf}{hba}" + "\n".join(found)
