"""What OpenSSL makes of a cipher list: the suites in order, the security level, and which part brought in what.

The behaviour is that of SSL_CTX_set_cipher_list in OpenSSL 1.1.1, 3.0 and 3.5, compared suite by suite with the
libraries; ciphers(1) describes it in outline. The grammar is grammars/cipher_list.lark. Pure functions of text and
target.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from pgssllint.syntax.reader import reader
from pgssllint.syntax.tree import Node, SyntaxFault, Token
from pgssllint.target import OpenSSL
from pgssllint.text import Span
from pgssllint.tls.cipher_names import BEFORE_IANA_NAMES, Pattern, joined, patterns
from pgssllint.tls.cipher_suites import Suite, suites

MAX_CIPHER_LIST = 16 * 1024
"""A longer cipher list is not expanded."""

_AES128_OF_SUITE_B = ("", ("ECDHE-ECDSA-AES128-GCM-SHA256",))
_AES256_OF_SUITE_B = ("", ("ECDHE-ECDSA-AES256-GCM-SHA384",))
_ALONE = frozenset({"SUITE_B", "DEFAULT", "SEPARATOR"})
"""The terminals that are no part of an element."""

_WORDS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "DEFAULT": (("", ("ALL",)), ("!", ("COMPLEMENTOFDEFAULT",)), ("!", ("eNULL",))),
    "SUITEB128ONLY": (_AES128_OF_SUITE_B,),
    "SUITEB128C2": (_AES256_OF_SUITE_B,),
    "SUITEB128": (_AES128_OF_SUITE_B, _AES256_OF_SUITE_B),
    "SUITEB192": (_AES256_OF_SUITE_B,),
}
"""The words that stand for a list at its beginning, those for Suite B (RFC 6460) for all of it, and what they mean:
operators with their names. A word comes before those that it begins with."""


_CURVES_OF_SUITE_B = {
    "SUITEB128ONLY": ("prime256v1",), "SUITEB192": ("secp384r1",), "SUITEB128": ("prime256v1", "secp384r1"),
}  # fmt: skip
"""The curves that a word for Suite B leaves to keys; a word comes before those that it begins with."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a cipher list that OpenSSL reads: names with their operator, a command, or a word for a whole list.

    `start` and `end` are offsets in the list. `operator` is one of `!`, `-`, `+`, `@` or empty; `names` are what it
    applies to (a command's whole word, `SECLEVEL=0`). `unknown_name` is the first name that the target does not know,
    empty if there is none; with `contradictory` the names are known and exclude each other. Either way the part does
    nothing, and neither does `swallowed`: what follows it up to the next separator and is not read at all (also true of
    what follows a command). `adds` are the suites of the expansion that are there because of this part.
    """

    start: int
    end: int
    text: str
    operator: str = ""
    names: tuple[str, ...] = ()
    unknown_name: str = ""
    contradictory: bool = False
    swallowed: str = ""
    adds: tuple[str, ...] = ()

    @property
    def unknown(self) -> bool:
        """Whether it holds a name that the target does not know."""
        return self.unknown_name != ""

    @property
    def span(self) -> Span:
        """Where it stands in the list."""
        return Span(self.start, self.end)


class Expansion(NamedTuple):
    """What a cipher list comes to.

    `suites` are those up to TLS 1.2, in order; the suites of TLS 1.3 do not depend on it. `level` is the security
    level, `level_part` the index of the part that sets it, None where it is the target's own. `fault` is where OpenSSL
    finds the list malformed: then there are no suites, and `parts` ends before it.
    """

    suites: tuple[Suite, ...]
    level: int
    parts: tuple[Part, ...]
    level_part: int | None = None
    fault: Span | None = None

    @property
    def rejected(self) -> bool:
        """Whether the list is malformed, which every OpenSSL refuses."""
        return self.fault is not None

    @property
    def empty(self) -> bool:
        """Whether a well-formed list leaves no suite: the first 1.1.1 of 2018 accepts that, later ones refuse it."""
        return self.fault is None and not self.suites


class DefaultList(NamedTuple):
    """No list is set: the server has its own, `text`."""

    text: str


SYSTEM_LIST = "PROFILE=SYSTEM"
"""What a list begins with that stands for the list of the system's policy, by a patch of Red Hat's."""


class UnreadList(StrEnum):
    """Why it is not known what the list comes to, so that nothing may be concluded from it."""

    TEMPLATE = "a template has yet to write it"
    TOO_LONG = "it is longer than any list that somebody means"
    NOT_IN_VIEW = "it may be set where nobody looks"
    OF_SYSTEM = "Red Hat's OpenSSL reads it from the system's policy, and no other one takes it"


class _Choice(NamedTuple):
    """The suites that names choose, or why they choose none."""

    matches: frozenset[str] = frozenset()
    unknown_name: str = ""
    contradictory: bool = False


class _Order(NamedTuple):
    """The suites chosen so far, by name, and those that may still be chosen, each in order."""

    active: tuple[str, ...]
    pool: tuple[str, ...]


def expand(text: str, openssl: OpenSSL) -> Expansion:
    """What `text` comes to on `openssl`. Never fails; a malformed list gives an expansion with a fault.

    3.2 and later know the suites by their IANA names too, and are read like 3.0 otherwise.
    """
    known = {suite.openssl_name: suite for suite in suites(openssl)}
    order = _Order((), tuple(known))
    level, level_part, fault = openssl.level, None, None
    parts: list[Part] = []
    added: dict[str, int] = {}
    for part in _parts(text, openssl):
        if isinstance(part, Span):
            fault = part
            break
        before = set(order.active)
        order = _applied(part, order, openssl)
        added.update((name, len(parts)) for name in order.active if name not in before)
        if part.operator == "@" and part.names[0] != "STRENGTH":
            level, level_part = int(part.names[0][-1]), len(parts)
        parts.append(part)
    left = order.active if fault is None else ()
    by_part: dict[int, list[str]] = {}
    for name in left:
        by_part.setdefault(added[name], []).append(name)
    whole = tuple(replace(part, adds=tuple(by_part[i])) if i in by_part else part for i, part in enumerate(parts))
    return Expansion(tuple(known[name] for name in left), level, whole, level_part, fault)


def _parts(text: str, openssl: OpenSSL) -> Iterator[Part | Span]:
    """The parts that OpenSSL reads, in order; where it finds the list malformed, that place and no more."""
    read, element = reader("cipher_list"), list[Token]()
    # From 3.2 on a name may hold an underscore; the grammar's `=` is as good, and of the same length.
    for token in read.tokens(text if openssl.behaviour in BEFORE_IANA_NAMES else text.replace("_", "=")):
        if token.type not in _ALONE:
            element.append(token)
            continue
        if element:
            yield from _parts_of_element(read.tree(element), text, openssl)
            element = []
        if token.type != "SEPARATOR":
            yield _word(text, token)
    if element:
        yield from _parts_of_element(read.tree(element), text, openssl)


def _parts_of_element(element: Node | SyntaxFault, text: str, openssl: OpenSSL) -> Iterator[Part | Span]:
    if isinstance(element, SyntaxFault):
        yield Span(element.tokens[0].start, element.tokens[-1].end)
        return
    end = element.span.end
    for node in (child for child in element.children if isinstance(child, Node)):
        if node.rule == "selection":
            part = _selection(node, text, end, openssl)
            yield part
            if part.unknown or part.contradictory:
                return
        elif node.rule == "command":
            yield _command(node, text, end)
        else:
            yield next(node.tokens).span


def _word(text: str, token: Token) -> Part:
    """DEFAULT, or a word for Suite B: the rest of the list counts for nothing there."""
    word = next(word for word in _WORDS if text.startswith(word))
    return Part(0, len(word), word, names=(word,), swallowed=text[len(word) : token.end])


def _command(node: Node, text: str, end: int) -> Part | Span:
    at, name = list(node.tokens)[:2]
    word = text[name.start : name.end]
    if word != "STRENGTH" and not (word[:-1] == "SECLEVEL=" and word[-1] in "012345"):
        return Span(at.start, name.end)
    return Part(at.start, name.end, text[at.start : name.end], "@", (word,), swallowed=text[name.end : end])


def _selection(node: Node, text: str, end: int, openssl: OpenSSL) -> Part:
    tokens = list(node.tokens)
    start, stop = tokens[0].start, tokens[-1].end
    operator = "" if tokens[0].type == "NAME" else text[start]
    names = tuple(text[token.start : token.end] for token in tokens if token.type == "NAME")
    choice = _choice(names, openssl)
    dropped = choice.contradictory or choice.unknown_name
    swallowed = text[stop:end] if dropped else ""
    return Part(
        start, stop, text[start:stop], operator, names,
        unknown_name=choice.unknown_name, contradictory=choice.contradictory, swallowed=swallowed,
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _choice(names: tuple[str, ...], openssl: OpenSSL) -> _Choice:
    """What names joined by `+` choose; the first that is unknown or contradicts those before it decides."""
    known, whole = patterns(openssl), Pattern()
    for name in names:
        if name not in known:
            return _Choice(unknown_name=name)
        narrower = joined(whole, known[name])
        if narrower is None:
            return _Choice(contradictory=True)
        whole = narrower
    return _Choice(frozenset(suite.openssl_name for suite in suites(openssl) if whole.matches(suite)))


def _applied(part: Part, order: _Order, openssl: OpenSSL) -> _Order:
    """The order after a part."""
    if part.unknown or part.contradictory:
        return order
    if part.operator == "@":
        return _by_strength(order, openssl) if part.names == ("STRENGTH",) else order
    for operator, names in _WORDS.get(part.text, ((part.operator, part.names),)):
        order = _step(order, operator, _choice(names, openssl).matches)
    return order


def _step(order: _Order, operator: str, matches: frozenset[str]) -> _Order:
    hit = tuple(name for name in order.active if name in matches)
    rest = tuple(name for name in order.active if name not in matches)
    pool = tuple(name for name in order.pool if name not in matches)
    match operator:
        case "!":
            return _Order(rest, pool)
        case "-":
            return _Order(rest, hit + order.pool)
        case "+":
            return _Order(rest + hit, order.pool)
        case _:
            return _Order(order.active + tuple(name for name in order.pool if name in matches), pool)


def _by_strength(order: _Order, openssl: OpenSSL) -> _Order:
    bits = {suite.openssl_name: suite.strength_bits for suite in suites(openssl)}
    return _Order(tuple(sorted(order.active, key=lambda name: -bits[name])), order.pool)


def suite_b_curves(expansion: Expansion) -> tuple[str, ...]:
    """The curves that a list of Suite B leaves to the keys of certificates; none for another list, which binds none."""
    words = (part.text for part in expansion.parts[:1])
    return next((curves for text in words for word, curves in _CURVES_OF_SUITE_B.items() if text.startswith(word)), ())
