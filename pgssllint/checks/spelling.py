"""PGS004 and PGS011 to PGS014: characters and bytes that the server reads otherwise than people do."""

import re
from collections.abc import Iterator, Mapping, Sequence

from pgssllint.checks import check
from pgssllint.checks.library.fixes import written
from pgssllint.checks.library.places import labelled
from pgssllint.checks.library.words import file_of, line_of
from pgssllint.cluster import Cluster
from pgssllint.files import Presence
from pgssllint.finding import Confidence, Edit, Effect, Fix, Location, Problem, Severity
from pgssllint.postgres.address import KEYWORDS
from pgssllint.postgres.entries import SettingsKind
from pgssllint.postgres.hba_model import DATABASE_WORDS, ROLE_WORDS
from pgssllint.postgres.nul_bytes import Nul, nuls_in_records, nuls_in_settings
from pgssllint.postgres.odd_characters import (
    INVISIBLE_ONES,
    TYPOGRAPHIC_QUOTES,
    Odd,
    Oddity,
    in_records,
    in_settings,
)
from pgssllint.quoting import Place, Quote, ours, say
from pgssllint.stages import Stage
from pgssllint.syntax.characters import escapes, forward, name_of, unclosed_value
from pgssllint.syntax.conf import unquote
from pgssllint.text import Span

_PATHS = re.compile(
    r"ssl_(?:cert|key|ca|crl|dh_params)_file|ssl_crl_dir|(?:hba|ident|hosts|external_pid)_file|krb_server_keyfile"
    r"|(?:data|log|stats_temp)_directory|unix_socket_directories|include(?:_if_exists|_dir)?",
    re.IGNORECASE,
)
_OCTAL = re.compile(r"\\(?:0[4-7]|1[0-7]|[23][0-7])[0-7]")
"""The escape of a byte that is no control character, as programs write it."""

_KEYWORDS = frozenset((*DATABASE_WORDS, *ROLE_WORDS, *KEYWORDS))
_CONTROLS = {"\b": "<BS>", "\f": "<FF>", "\n": "<LF>", "\r": "<CR>", "\t": "<TAB>"}


@check("PGS004")
def backslash_escape_in_path(cluster: Cluster) -> Iterator[Problem]:
    """Paths that lose their backslashes, or their closing quote."""
    for name, at, chain in _paths(cluster):
        raw = _text(at)
        found = escapes(raw) if raw.startswith("'") else ()
        if at.source is not None and at.span is not None and found and not _meant(cluster, at, found):
            place = Span(at.span.start + found[0].start, at.span.start + found[0].end)
            stored = labelled(at, say("stored as '{}'", Quote(_with_controls(unquote(raw)), Place.PATH)))
            arguments = {"value": Quote(raw[1:-1], Place.PATH), "name": name}
            yield Problem(Location(at.path, at.source, place), arguments, related=(stored, *chain), fix=_slashes(at))
    for fault in cluster.conf.entries.faults_of(SettingsKind.SYNTAX):
        unclosed = unclosed_value(fault.source, fault.source.line_span(fault.line))
        if unclosed is not None and _PATHS.fullmatch(unclosed[0]):
            name, span = unclosed
            value = Location(fault.source.path, fault.source, span)
            place = Span(span.end - 2, span.end - 1)
            yield Problem(
                Location(fault.source.path, fault.source, place),
                {"value": Quote(_text(value)[1:-1], Place.PATH), "name": name},
                "unclosed", fault.chain, effect=Effect.REFUSES_START, severity=Severity.ERROR,
                confidence=Confidence.HIGH, log=fault.log, stage=Stage.SETTINGS, fix=_slashes(value),
            )  # fmt: skip


@check("PGS011")
def no_break_space(cluster: Cluster) -> Iterator[Problem]:
    """Invisible characters that are part of a word."""
    for found in _oddities(cluster, INVISIBLE_ONES):
        arguments = {"character": ours(name_of(_text(found.at))), "word": found.quote}
        message = "swallowed" if found.log is None else "default" if found.word else "alone"
        yield _odd_problem(found, arguments, message, "Write plain spaces.", safe=True)


@check("PGS012")
def curly_quote(cluster: Cluster) -> Iterator[Problem]:
    """Typographic quotes that quote nothing."""
    for found in _oddities(cluster, TYPOGRAPHIC_QUOTES):
        message = "default" if found.log is None else "refused"
        if found.where == "record" and not found.word:
            continue
        keyword = found.where == "record" and (found.word in _KEYWORDS or found.word[:1] in ("+", "@"))
        yield _odd_problem(found, {"word": found.quote}, message, "Write straight quotes.", safe=not keyword)


@check("PGS014")
def nul_byte(cluster: Cluster) -> Iterator[Problem]:
    """NUL bytes that hide a part of what can be seen."""
    for nul in nuls_in_settings(cluster.conf.settings, cluster.conf.faulty_values):
        yield _nul_problem(nul, Stage.SETTINGS)
    for nul in nuls_in_records(cluster.auth.hba) if cluster.auth.hba is not None else ():
        yield _nul_problem(nul, Stage.HBA)


def _paths(cluster: Cluster) -> Iterator[tuple[str, Location, tuple[Location, ...]]]:
    """The settings and includes that name files: what they are called, the value, and how it was reached."""
    for entry in cluster.conf.entries.all:
        if entry.origin != "command line" and not entry.unknown and _PATHS.fullmatch(entry.name):
            yield entry.name, entry.at, entry.chain
    for include in cluster.conf.entries.includes:
        yield include.directive, include.at, include.chain


def _meant(cluster: Cluster, at: Location, found: Sequence[Span]) -> bool:
    """Whether escapes in a path say what they were to say: each a byte in three digits, or the file is there."""
    raw = _text(at)
    if all(_OCTAL.fullmatch(raw, *span) for span in found):
        return True
    return cluster.deployment.locator.named(unquote(raw), at.path, explicit=False).presence is Presence.HERE


def _slashes(at: Location) -> Fix | None:
    return written(at, forward(_text(at)), "Write the path so that it is read as it stands.", safe=True)


def _text(at: Location) -> str:
    return at.source.text[at.span.start : at.span.end] if at.source is not None and at.span is not None else ""


def _with_controls(text: str) -> str:
    return "".join(_CONTROLS.get(character, character) for character in text)


def _oddities(cluster: Cluster, odd: Odd) -> Iterator[Oddity]:
    yield from in_settings(cluster.conf.settings, cluster.conf.faulty_values, odd)
    if cluster.auth.hba is not None:
        yield from in_records(cluster.auth.hba, odd)


def _odd_problem(found: Oddity, arguments: Mapping[str, object], message: str, advice: str, *, safe: bool) -> Problem:
    """The problem of odd characters; the server refuses to start for some, and takes others as they are."""
    source, hba = found.source, found.where == "record"
    fix = Fix(advice, tuple(Edit(source.path, source, span, text) for span, text in found.changes.items()), safe)
    if found.log is None:
        return Problem(found.at, arguments, message, found.chain, Effect.NO_EFFECT, fix=fix)
    stage = Stage.HBA if hba else Stage.SETTINGS
    return Problem(found.at, arguments, message, found.chain, Effect.REFUSES_START, log=found.log, stage=stage, fix=fix)


def _nul_problem(nul: Nul, stage: Stage) -> Problem:
    rest = Quote(nul.rest, Place.REST)
    arguments: dict[str, object] = {"line": line_of(nul), "file": file_of(nul), "rest": rest}
    if nul.log is not None:
        return Problem(nul.at, arguments, "refused", nul.chain, Effect.REFUSES_START, log=nul.log, stage=stage)
    if nul.entry is None:
        return Problem(nul.at, arguments, nul.effect, nul.chain)
    arguments |= {"name": nul.entry.spelling, "value": nul.entry.quote}
    return Problem(nul.at, arguments, nul.effect, nul.chain)
