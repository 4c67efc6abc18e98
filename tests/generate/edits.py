"""Clusters in which a rule with an edit fires: the edit makes its finding vanish, and breaks nothing.

A case is an example of a rule's page, mixed with lines and files of examples of other pages and with settings that
edits meet: so each edit stands in a configuration that nobody had in mind when it was written. Every edit of every
finding of a case is made, and the linter asked again; then all of them are made as `--fix --unsafe-fixes` does.
"""

import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pgssllint.api import lint
from pgssllint.finding import Outcome
from pgssllint.target import MAJORS, OpenSSL
from tests.support.edits import broken_by, fixed_whole
from tests.support.examples import Example, examples, lay_out, request_for, sound_pages

AUTH = ("pg_hba.conf", "pg_ident.conf", "pg_hosts.conf")
CONF = "postgresql.conf"

_SETTINGS = (
    "ssl = on", "ssl = on", "ssl = off", "ssl_ca_file = 'root.crt'", "ssl_min_protocol_version = 'TLSv1'",
    "ssl_min_protocol_version = 'TLSv1.3'", "ssl_max_protocol_version = 'TLSv1'",
    "ssl_max_protocol_version = 'TLSv1.1'", "ssl_max_protocol_version = 'TLSv1.2'", "password_encryption = 'md5'",
    "password_encryption = 'scram-sha-256'", "ssl_ciphers = 'eNULL'", "ssl_ciphers = 'ALL'",
    "ssl_ciphers = 'DEFAULT@SECLEVEL=0'", "ssl_ecdh_curve = 'secp384r1'", "listen_addresses = ''",
    "ssl_passphrase_command = 'echo x'",
)  # fmt: skip
_RECORDS = (
    "host all all all trust", "hostssl all all all cert", "local all all peer", "host all all all reject",
    "hostssl all all 10.0.0.0/8 scram-sha-256 clientcert=verify-full", "host all app 127.0.0.1/32 md5",
    "host all @users ::1/128 ident map=m", "hostnossl all all all reject", "host replication all all md5",
    'host all "all" 10.0.0.1/8 md5', "host all all 0.0.0.0/0 scram-sha-256", "hostssl all all ::/0 scram-sha-256",
)  # fmt: skip
_FOR_ALL = re.compile(r"^((?:local|host\w*)[ \t]+\S+[ \t]+)all(?=[ \t])")
"""The beginning of a record for all roles."""


def run(seed: int, count: int, majors: Sequence[int] = MAJORS) -> int:
    """Draw `count` cases in which a rule with an edit fires and make every edit; 1 where one is not as it should be."""
    drawn, agreed, wrong, merged = Counter[str](), Counter[str](), 0, 0
    for case, major in cases(seed, count, majors):
        drawn_here, faults, merged_here = judged(case, major)
        merged += merged_here
        wrong += bool(faults)
        drawn.update(drawn_here)
        agreed.update(drawn_here - Counter(fault[:6] for fault in faults))
        if faults:
            print(_told(*_smallest(case, major, faults[0])), flush=True)
    for rule in sorted(with_edits()):
        print(f"{rule}: {drawn[rule]} drawn, {agreed[rule]} agreed")
    edits = f"{sum(drawn.values())} edits, {merged} of findings with several places"
    print(f"{count} cases, {edits}, {wrong} cases with an edit that breaks or mends nothing")
    return int(bool(wrong))


@cache
def with_edits() -> tuple[str, ...]:
    """The rules that offer edits."""
    return tuple(page.rule for page in sound_pages() if page.fix != "none")


def cases(seed: int, count: int, majors: Sequence[int]) -> Iterator[tuple[Example, int]]:
    """As many cases, the same for each seed, each with a major; in each the rule whose turn it is fires."""
    rng = random.Random(seed)
    for number in range(count):
        rule = with_edits()[number % len(with_edits())]
        yield next(drawn for drawn in _draws(rng, rule, majors) if judged(*drawn, only=rule).drawn)


class Judged(NamedTuple):
    """How often each rule offered an edit in a case, what is wrong with the edits, and how many are of findings with
    several places.
    """

    drawn: Counter[str]
    faults: list[str]
    merged: int


def judged(case: Example, major: int, only: str | None = None) -> Judged:
    """What comes of the edits of a case; with `only`, merely how often that rule offered one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_out(case, folder)

        def ask() -> Outcome:
            return lint(request_for(case, folder, major, _openssl(case)), case.at, strict=True)

        before = ask()
        mending = [one for one in before.findings if one.fix is not None and one.fix.edits and only in (None, one.rule)]
        faults = [] if only else [fault for finding in mending for fault in broken_by(finding, before, ask)]
        faults += [] if only else fixed_whole(request_for(case, folder, major, _openssl(case)), case.at, folder)
        told = [fault.replace(f"{folder}/", "") for fault in faults]
        return Judged(Counter(one.rule for one in mending), told, sum(len(one.places) > 1 for one in mending))


def _openssl(case: Example) -> OpenSSL | None:
    return OpenSSL.parse(str(case.case["openssl"])) if "openssl" in case.case else None


def _draws(rng: random.Random, rule: str, majors: Sequence[int]) -> Iterator[tuple[Example, int]]:
    """Mixed forms of the rule's examples, without end; some have the fault mended, hidden or on another major."""
    page = next(page for page in sound_pages() if page.rule == rule)
    own = [one for one in examples(page) if one.section == "Fires"]
    while True:
        base = rng.choice(own)
        fitting = [major for major in base.majors if major in majors] or list(base.majors)
        mixed = base
        for _ in range(rng.choice((0, 1, 1, 2))):
            mixed = _mixed(rng, mixed, rng.choice(_others()))
        yield _strewn(rng, mixed), rng.choice(fitting)


@cache
def _others() -> tuple[Example, ...]:
    """All examples of all pages."""
    return tuple(one for page in sound_pages() for one in examples(page))


def _mixed(rng: random.Random, base: Example, other: Example) -> Example:
    """The example with the files of another one, and with its lines above or below its own."""
    files = dict(base.files)
    for name, text in other.files.items():
        if name not in files:
            files[name] = text
        elif name in (CONF, *AUTH):
            first, second = (files[name], text) if rng.random() < 0.6 else (text, files[name])
            files[name] = f"{first.rstrip(chr(10))}\n{second}" if first else second
    return replace(base, files=files, case={**base.case, "files": _joined(base, other, files)})


def _joined(base: Example, other: Example, files: Mapping[str, str]) -> dict[str, object]:
    taken = {*files, *base.case.get("raw", {})}
    theirs = {name: spec for name, spec in other.case.get("files", {}).items() if name not in taken}
    return {**theirs, **base.case.get("files", {})}


def _strewn(rng: random.Random, case: Example) -> Example:
    """The example with some settings and records more."""
    files = dict(case.files)
    for name, lines in ((CONF, _SETTINGS), ("pg_hba.conf", _RECORDS)):
        if name in files or name not in case.case.get("raw", {}):
            more = "".join(f"{line}\n" for line in rng.sample(lines, rng.choice((0, 0, 1, 2))))
            text = files.get(name, "")
            below = rng.random() < 0.7
            files[name] = f"{text.rstrip(chr(10))}\n{more}" if below else more + text
    if rng.random() < 0.4:
        files["pg_hba.conf"] = _twinned(rng, files.get("pg_hba.conf", ""))
    return replace(case, files=files)


def _twinned(rng: random.Random, hba: str) -> str:
    """The records with some of them for another role too, above or below, so that findings of both are one."""
    lines = hba.splitlines(keepends=True)
    able = [n for n, line in enumerate(lines) if _FOR_ALL.match(line) and line.endswith("\n")]
    for n in sorted(rng.sample(able, min(len(able), rng.choice((1, 1, 2)))), reverse=True):
        lines.insert(n + rng.choice((0, 1)), _FOR_ALL.sub(rf"\g<1>{rng.choice(('ben', 'carla'))}", lines[n]))
    return "".join(lines)


def _smallest(case: Example, major: int, fault: str) -> tuple[Example, int, str]:
    """The case with as few lines of each file as still have a fault of the same rule."""
    for name in case.files:
        for line in case.files[name].splitlines(keepends=True):
            smaller = replace(case, files={**case.files, name: case.files[name].replace(line, "", 1)})
            left = [one for one in judged(smaller, major).faults if one[:6] == fault[:6]]
            if left:
                case, fault = smaller, left[0]
    return case, major, fault


def _told(case: Example, major: int, fault: str) -> str:
    files = "".join(f"  {name}: {text!r}\n" for name, text in case.files.items())
    rest = {key: value for key, value in case.case.items() if key not in ("majors", "connect")}
    return f"PostgreSQL {major} ({case.id}, {rest}):\n{files}  {fault}"
