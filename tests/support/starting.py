"""Configurations that a server is started with, afresh: what it does and says first, and what was predicted of it.

Of each case a server of one major is asked. A case is a disagreement where the verdict differs, where the first line of
the log does, or where nothing is predicted without a reason that is told. A disagreement is made smaller before it is
printed.
"""

import os
import re
import shutil
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from pgssllint.api import lint
from pgssllint.finding import Prediction
from pgssllint.report.words import logged
from pgssllint.request import Request
from pgssllint.target import OpenSSL
from tests.support.installations import Installation, Unavailable, available, server_user
from tests.support.servers import DATA_DIRECTORY, Cluster, File
from tests.support.shrinking import smallest

MAJORS = tuple(range(10, 19))
CRL_FOLDERS_FROM = 14
DEBIAN = 15
"""The major that Debian's package is asked of too: with another OpenSSL, and with all that a build may have."""

OWN = ("listen_addresses", "unix_socket_directories", "logging_collector", "data_directory", "port")
"""Settings of which nothing is forced on a server whose file has them."""

_CHATTER = re.compile(
    r"\s*$|HINT: |CONTEXT: |sh: |cp: |cat: |Enter PEM pass phrase:|"
    r"LOG:  (?:starting PostgreSQL|listening on|database system (?:was|is)|"
    r"redirecting log|entering standby|starting archive|starting point-in-time|skipping missing|consistent recovery|"
    r"invalid record length|ending log output)"
)
"""What a server says that is told to start, whatever comes of it."""


LOG_FOLDERS = ("log", "logs/more", "logs", "base/logs")
"""The folders that servers write their log into, if they do so."""

_LAST_LINE_SECONDS = 3.0
_BODY = re.compile(r"[A-Za-z0-9+/=]{40,64}")
_QUOTED = re.compile(r"'[^']*'")
_STAMP = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ \S+ (?:\[\d+\] )?")


class Part(NamedTuple):
    """What belongs together and is tried together: `kind` says what it is.

    `lines` are some of postgresql.conf, `records` of pg_hba.conf, `maps` of pg_ident.conf, `auto` of
    postgresql.auto.conf; `files` lie beside them, or instead of one of these, by their names; None: there is none.
    """

    kind: str
    lines: tuple[str, ...] = ()
    files: tuple[tuple[str, File | None], ...] = ()
    records: tuple[str, ...] = ()
    maps: tuple[str, ...] = ()
    auto: tuple[str, ...] = ()


class Case(NamedTuple):
    """A configuration for a server of one major."""

    major: int
    parts: tuple[Part, ...]
    flavour: str = "npm"

    @property
    def text(self) -> str:
        """The postgresql.conf."""
        return _joined(part.lines for part in self.parts)

    @property
    def files(self) -> Mapping[str, File | None]:
        """All files, as they are laid into the data directory."""
        texts = {
            "postgresql.conf": self.text,
            "pg_hba.conf": _joined(part.records for part in self.parts) or "local all all peer\n",
            "pg_ident.conf": _joined(part.maps for part in self.parts),
            "postgresql.auto.conf": _joined(part.auto for part in self.parts),
        }
        given = {name: file for part in self.parts for name, file in part.files}
        return {**{name: File(text.encode("utf-8", "surrogateescape")) for name, text in texts.items()}, **given}

    @property
    def own(self) -> tuple[str, ...]:
        """The settings that the server takes from the file."""
        lines = (line for part in self.parts for line in (*part.lines, *part.auto))
        names = {re.split(r"[\s=]", line.strip(), maxsplit=1)[0].lower() for line in lines}
        return tuple(name for name in OWN if name in names)


def _joined(lines: Iterable[Iterable[str]]) -> str:
    return "".join(f"{line}\n" for some in lines for line in some)


class Judged(NamedTuple):
    """What was predicted of a case, and what a server did: its verdict and the first line that says why."""

    predicted: Prediction
    said: str
    starts: bool
    line: str

    @property
    def agrees(self) -> bool:
        """Whether the server did what was predicted."""
        if self.predicted.starts is None:
            return bool(self.predicted.open) or self.predicted.rule is not None
        same = self.predicted.starts is self.starts
        return same and (self.starts or self.predicted.log is None or self.said == self.line)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why nothing is predicted, without the words of the case; none where something is."""
        if self.predicted.starts is not None:
            return ()
        told = (_QUOTED.sub("'...'", str(one)) for one in self.predicted.open)
        return tuple(told) or (f"{self.predicted.rule} is not sure",)


def servers(majors: Sequence[int]) -> tuple[tuple[int, str], ...]:
    """The servers of some majors that cases go to in turn: major and flavour."""
    return (*((major, "npm") for major in majors), *((major, "debian") for major in majors if major == DEBIAN))


def drawn(
    seed: int, count: int, majors: Sequence[int], draw: Callable[[Random, int], Iterable[Part]]
) -> Iterator[Case]:
    """As many cases of what `draw` gives for a major, the same for each seed, for each server in turn."""
    rng, asked = Random(seed), servers(majors)
    for number in range(count):
        major, flavour = asked[number % len(asked)]
        yield Case(major, tuple(draw(rng, major)), flavour)


def run(cases: Iterable[Case]) -> int:
    """Ask servers about the cases; 1 where one disagrees."""
    drawn, agreed, reasons = Counter[str](), Counter[str](), Counter[str]()
    total = unknown = silent = wrong = 0
    for case in cases:
        judged = judge(case)
        total += 1
        kinds = {part.kind for part in case.parts}
        drawn.update(kinds)
        unknown += judged.predicted.starts is None
        reasons.update(judged.reasons)
        silent += judged.predicted.starts is False and judged.predicted.log is None
        if judged.agrees:
            agreed.update(kinds)
        else:
            wrong += 1
            print(_told(*smallest(case, judged, judge=judge, smaller=_smaller)), flush=True)
    for kind in sorted(drawn):
        print(f"{kind}: {drawn[kind]} drawn, {agreed[kind]} agreed")
    for reason, times in reasons.most_common():
        print(f"not known {times} times: {reason}")
    print(
        f"{total} cases, {wrong} disagree, {unknown} not known ({100 * unknown / max(total, 1):.1f} %), "
        f"of {silent} refusals no line is told"
    )
    return int(bool(wrong))


def judge(case: Case) -> Judged:
    """Lay the case out, ask the linter about it, and start a server with it."""
    cluster = laid_out(case)
    openssl = openssl_of(case.major, case.flavour)
    request = Request(data_dir=str(cluster.data), majors=(case.major,), openssl=openssl)
    if DATA_DIRECTORY in case.files and os.geteuid() == 0:
        # Of a data directory that may be somebody else's nobody can tell whom the server runs as.
        user = server_user()
        request = replace(request, server_uid=user.uid, server_gid=user.gid)
    outcome = lint(request, datetime.now(UTC))
    ((predicted,),) = (report.predictions for report in outcome.clusters)
    return held_to(predicted, case)


def laid_out(case: Case) -> Cluster:
    """The data directory of the case's server, with its files."""
    cluster = cluster_of(case.major, case.flavour)
    cluster.put(case.files)
    if not any(name.startswith("postmaster.opts") for name in case.files):
        # The last start was another case's, by whose options the next one is not started.
        (cluster.data / "postmaster.opts").unlink(missing_ok=True)
    return cluster


def openssl_of(major: int, flavour: str = "npm") -> OpenSSL:
    """The OpenSSL of a server: npm's package of 10 has a letter release of 1.1.1, the others the first release."""
    lettered = (major, flavour) == (MAJORS[0], "npm")
    return OpenSSL.parse("1.1.1s") if lettered else _installation(major, flavour).openssl


def held_to(predicted: Prediction, case: Case) -> Judged:
    """What a server does that starts with the case, whose files are laid out, beside what was predicted."""
    cluster = cluster_of(case.major, case.flavour)
    try:
        answer = cluster.start(own=case.own)
    finally:
        cluster.stop()
    written = answer.log.splitlines() + _collected(cluster, waits="logging_collector" in case.own)
    lines = (line for line in written if not _CHATTER.match(line))
    said = logged(predicted.log) if predicted.log is not None else ""
    said = said.replace(f"{cluster.data}/", "").replace(f"{cluster.folder}/", "")
    return Judged(predicted, (said.splitlines() or [""])[0], answer.starts, next(lines, ""))


def _collected(cluster: Cluster, *, waits: bool) -> list[str]:
    """The lines of the files that a server wrote its log into, and no longer these files.

    `waits`: the process that collects the log may outlive the server, and is given time to write its last line.
    """
    folders = [cluster.data / name for name in LOG_FOLDERS]
    ends = time.monotonic() + _LAST_LINE_SECONDS
    while waits and time.monotonic() < ends and not any("is shut down" in line for line in _written(cluster, folders)):
        time.sleep(0.02)
    lines = _written(cluster, folders)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return lines


def _written(cluster: Cluster, folders: Iterable[Path]) -> list[str]:
    files = (file for folder in folders for file in sorted(folder.glob("*")) if file.is_file())
    texts = (file.read_bytes().decode("utf-8", "replace").replace(f"{cluster.data}/", "") for file in files)
    return [_STAMP.sub("", line) for text in texts for line in text.splitlines()]


def _installation(major: int, flavour: str) -> Installation:
    installation = available(major, flavour)
    if isinstance(installation, Unavailable):
        raise SystemExit(installation.reason)
    assert isinstance(installation, Installation)
    return installation


@cache
def cluster_of(major: int, flavour: str = "npm") -> Cluster:
    """The data directory that the servers of a major are started on."""
    return Cluster(_installation(major, flavour))


def _smaller(case: Case) -> Iterator[Case]:
    """The case without one of its parts."""
    yield from (case._replace(parts=tuple(one for one in case.parts if one is not part)) for part in case.parts)


def _told(case: Case, judged: Judged) -> str:
    lines = [f"PostgreSQL {case.major} ({case.flavour}): {', '.join(part.kind for part in case.parts)}"]
    for name, file in case.files.items():
        if file is not None and file.data:
            text = file.data.decode("utf-8", "surrogateescape")
            shown = (line for line in text.splitlines() if not _BODY.fullmatch(line))
            lines += [f"  {name} ({file.mode:04o}, {file.owner}):", *(f"    {line!a}" for line in shown)]
    doubt = f" {list(judged.predicted.open)}" if judged.predicted.open else ""
    lines += [f"  predicted: {judged.predicted.starts} {judged.predicted.rule} {judged.said!a}{doubt}"]
    return "\n".join([*lines, f"  server: {judged.starts} {judged.line!a}"])


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
