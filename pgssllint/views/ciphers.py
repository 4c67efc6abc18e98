"""What a cipher list comes to, as `openssl ciphers -V` shows it, and why a suite of it is still not negotiated."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple

from pgssllint.runners import disarmed_json
from pgssllint.target import OpenSSL
from pgssllint.text import Span, visible
from pgssllint.tls.cipher_names import Pattern, joined, patterns
from pgssllint.tls.cipher_suites import Suite, suites, tls13_suites
from pgssllint.tls.ciphers import Expansion, Part, expand, suite_b_curves
from pgssllint.tls.obstacles import Circumstances, obstacle
from pgssllint.tls.protocols import PROTOCOLS
from pgssllint.views.rows import Row

CIPHER_COLUMNS = ("id", "name", "protocol", "Kx", "Au", "Enc", "Mac", "negotiable")

MOST_NOTES = 20
"""So many parts that OpenSSL ignores are told of; how many more there are is said."""


class ListedSuite(NamedTuple):
    """A suite, why it is not negotiated (None: it can be), and the part that brought it in (None for TLS 1.3)."""

    suite: Suite
    reason: str | None
    part: Part | None


class Listing(NamedTuple):
    """What a list comes to on a target: the suites of TLS 1.3, which no list governs, and then those of the list.

    Nothing is listed where the server refuses the list.
    """

    text: str
    openssl: OpenSSL
    expansion: Expansion
    suites: tuple[ListedSuite, ...]

    @property
    def refused(self) -> bool:
        """Whether a server with this list does not start."""
        return self.expansion.rejected or (self.expansion.empty and not self.openssl.is_first_111)


def cipher_listing(text: str, given: Circumstances) -> Listing:
    """What the list `text` comes to; the level of `given` is the one before the list is read.

    Raises ValueError with a sentence where the bounds of the protocol version cross.
    """
    low, high = given.min_protocol, given.max_protocol
    if low and high and PROTOCOLS.index(low) > PROTOCOLS.index(high):
        raise ValueError(f"The least protocol version '{low}' is above the greatest, '{high}'; no server starts so.")
    expansion = expand(text, given.openssl)
    brought = {name: part for part in expansion.parts for name in part.adds}
    found = Listing(text, given.openssl, expansion, ())
    if found.refused:
        return found
    given = given._replace(level=expansion.level, suite_b=suite_b_curves(expansion))
    listed = (*tls13_suites(), *expansion.suites)
    return found._replace(suites=tuple(ListedSuite(s, obstacle(s, given), brought.get(s.openssl_name)) for s in listed))


def masked_listing(listing: Listing, tell: Callable[[str], str]) -> Listing:
    """The listing with the words of its list as `tell` shows them; of a malformed list nothing is shown."""
    expansion = listing.expansion
    parts = {id(part): _masked_part(part, tell) for part in expansion.parts}
    shown = expansion._replace(parts=tuple(parts[id(part)] for part in expansion.parts))
    listed = (one._replace(part=parts.get(id(one.part))) for one in listing.suites)
    return Listing("*" * len(listing.text), listing.openssl, shown, tuple(listed))


def _masked_part(part: Part, tell: Callable[[str], str]) -> Part:
    return replace(
        part,
        text=tell(part.text),
        names=tuple(map(tell, part.names)),
        unknown_name=tell(part.unknown_name) if part.unknown_name else "",
        swallowed=tell(part.swallowed) if part.swallowed else "",
    )


def cipher_rows(listing: Listing) -> Iterator[Row]:
    """The rows of the table, in the order of `openssl ciphers -V`."""
    for suite, reason, part in listing.suites:
        said = reason or "yes"
        values = (*_cells(suite), said if part is not None else f"{said} (not governed by the list)")
        yield dict(zip(CIPHER_COLUMNS, values, strict=True))


def _cells(suite: Suite) -> tuple[str, ...]:
    return (
        _id(suite), suite.openssl_name, suite.min_protocol, suite.kx, suite.au, suite.enc, suite.mac,
    )  # fmt: skip


def _id(suite: Suite) -> str:
    return f"0x{suite.id >> 8:02X},0x{suite.id & 0xFF:02X}"


def fault_sentence(listing: Listing) -> str | None:
    """What is wrong with a malformed list, in a sentence; None for a list that is not."""
    span = listing.expansion.fault
    if span is None:
        return None
    found = listing.text[span.start : span.end]
    if found.startswith("@") and len(found) > 1:
        why = f"'{visible(found)}' is no command; there are '@STRENGTH' and '@SECLEVEL=0' to '@SECLEVEL=5'"
    elif found in ("+", "-", "!", "@"):
        why = f"no name follows the '{found}'"
    else:
        word = {"'": "a single quote", '"': "a double quote"}.get(found, f"'{visible(found)}'")
        why = f"{word} belongs to no name and separates none"
    return f"The cipher list is malformed, which a server refuses: {why}."


def cipher_notes(listing: Listing) -> Iterator[str]:
    """Sentences worth knowing of a list that is not malformed: how much of it is negotiated, what is ignored, the
    level and what set it, and whether the server refuses the list.
    """
    free = sum(listed.reason is None for listed in listing.suites)
    if free < len(listing.suites):
        yield f"{free or 'None'} of the {len(listing.suites)} suites can be negotiated."
    ignored = [part for part in listing.expansion.parts if _is_ignored(part, listing.openssl)]
    yield from (_ignored(part, listing.openssl) for part in ignored[:MOST_NOTES])
    if len(ignored) > MOST_NOTES:
        yield f"{len(ignored) - MOST_NOTES} more parts do nothing; --format json has all parts."
    yield from _level_notes(listing)
    if listing.expansion.empty and listing.refused:
        yield (
            "The list leaves no suite up to TLS 1.2, and a server refuses it: "
            "'could not set the cipher list (no valid ciphers available)'."
        )
    elif listing.expansion.empty:
        yield (
            "The list leaves no suite up to TLS 1.2: the first release of OpenSSL 1.1.1 leaves it at TLS 1.3, "
            "and every later one refuses the list."
        )


def _level_notes(listing: Listing) -> Iterator[str]:
    expansion = listing.expansion
    level, at = expansion.level, expansion.level_part
    for part in expansion.parts[: at or 0]:
        if part.operator == "@" and part.names[0].startswith("SECLEVEL"):
            yield f"'{part.text}' counts for nothing: a later command sets the level."
    if at is None:
        yield f"The security level is {level}, the library's own; the list sets none."
    else:
        yield f"The security level is {level}, set by '{expansion.parts[at].text}'."


def _is_ignored(part: Part, openssl: OpenSSL) -> bool:
    """Whether something of a part does nothing."""
    if part.unknown or part.contradictory or part.swallowed:
        return True
    return part.operator != "@" and part.text != "DEFAULT" and not _matches(part.names, openssl)


def _ignored(part: Part, openssl: OpenSSL) -> str:
    """What of a part does nothing, and why."""
    text, rest = visible(part.text), visible(part.swallowed)
    behind = f", and '{rest}' behind it is not read" if rest else ""
    if part.unknown:
        return _unknown(part, openssl, behind)
    if part.contradictory:
        return f"'{text}' does nothing: its names exclude each other{behind}."
    if rest:
        return f"'{rest}' is not read, since it stands behind '{text}'."
    return f"'{text}' does nothing: OpenSSL {openssl.series} has no such suite."


def _unknown(part: Part, openssl: OpenSSL, behind: str) -> str:
    name, whole = visible(part.unknown_name), part.text + part.swallowed
    if whole in {suite.openssl_name for suite in tls13_suites()}:
        return f"'{whole}' does nothing: it is a suite of TLS 1.3, which no such list governs."
    known = next((s.openssl_name for s in suites(openssl) if s.iana_name == whole), None)
    if known is not None:
        return f"'{whole}' does nothing: OpenSSL {openssl.series} calls this suite '{known}'."
    near = get_close_matches(part.unknown_name, patterns(openssl), 1, 0.6)
    upper = part.unknown_name.upper()
    nearest = upper if upper in patterns(openssl) else near[0] if near else None
    hint = f" (the nearest name is '{nearest}')" if nearest is not None else ""
    fact = f"'{name}' is unknown to OpenSSL {openssl.series}{hint}"
    said = (
        f"{fact} and does nothing" if part.text == part.unknown_name else f"'{visible(part.text)}' does nothing: {fact}"
    )
    return f"{said}{behind}."


@lru_cache(maxsize=1024)
def _matches(names: tuple[str, ...], openssl: OpenSSL) -> bool:
    """Whether names that are known and do not exclude each other choose any suite; a Suite B word does."""
    known, whole = patterns(openssl), Pattern()
    for name in names:
        whole = (joined(whole, known[name]) if name in known else None) or whole
    return any(whole.matches(suite) for suite in suites(openssl))


def cipher_json(listing: Listing) -> str:
    """The listing as JSON, one object."""
    expansion = listing.expansion
    found = {
        "openssl": f"{listing.openssl.series}{listing.openssl.letter}",
        "level": expansion.level,
        "suites": [_suite_object(listed) for listed in listing.suites],
        "parts": [_part_object(part) for part in expansion.parts],
        "fault": None if expansion.fault is None else _fault_object(listing, expansion.fault),
    }
    return disarmed_json(json.dumps(found, indent=2)) + "\n"


def _suite_object(listed: ListedSuite) -> dict[str, object]:
    suite, reason, part = listed
    return {
        "id": _id(suite), "name": suite.openssl_name, "iana_name": suite.iana_name, "protocol": suite.min_protocol,
        "kx": suite.kx, "au": suite.au, "enc": suite.enc, "mac": suite.mac, "bits": suite.strength_bits,
        "negotiable": reason is None, "reason": reason,
        "part": None if part is None else {"start": part.start, "end": part.end, "text": part.text},
    }  # fmt: skip


def _part_object(part: Part) -> dict[str, object]:
    return {
        "start": part.start, "end": part.end, "text": part.text, "operator": part.operator, "names": list(part.names),
        "unknown_name": part.unknown_name or None, "contradictory": part.contradictory,
        "swallowed": part.swallowed or None, "adds": list(part.adds),
    }  # fmt: skip


def _fault_object(listing: Listing, fault: Span) -> dict[str, object]:
    text = listing.text[fault.start : fault.end]
    return {"start": fault.start, "end": fault.end, "text": text, "message": fault_sentence(listing)}
