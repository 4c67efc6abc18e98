"""The parts of URLs, of search filters and of distinguished names, and what each of them is."""

import re
from collections.abc import Iterator

from pgssllint.quoting import Place
from pgssllint.text import Span

_URL = re.compile(
    r"(?P<scheme><?(?:url:)?[A-Za-z][A-Za-z0-9+.-]{0,15}://)(?P<authority>[^/?#]*)(?P<path>/[^?#]*)?(?P<rest>.*)",
    re.DOTALL,
)
_LDAP = re.compile(r"<?(?:url:)?(?:ldap[is]?|cldap)://", re.IGNORECASE)
_SCHEMES = re.compile(r"<?(?:url:)?(?:ldap[is]?|cldap|https?)://", re.IGNORECASE)
_TYPE = re.compile(
    r"\s*(?:cn|c|l|st|s|o|ou|dc|uid|sn|gn|surname|givenName|initials|title|street|postalCode|serialNumber|emailAddress|E"
    r"|userId|description|dnQualifier|pseudonym|[0-9]+(?:\.[0-9]+)+)\s*=\s*",
    re.IGNORECASE,
)
"""The types of attributes (RFC 4519 and X.520): of a name with another one nothing is known."""
_PASSWORD = re.compile(r"\s*(?:1\.2\.840\.113549\.1\.9\.7|2\.5\.4\.35)\s*=\s*")
"""A password to revoke or to log in with (challengePassword and userPassword), by its number."""
_UNIT = re.compile(r"(?:\\.|[^\\,+])*", re.DOTALL)
_UNFIT = re.compile(r"[=:/#]|%(?:3[AD]|2[F3]|40)", re.IGNORECASE)
_LONGEST_VALUE = 64
"""Characters of a common name (ub-common-name of RFC 5280), as of most attributes."""


def url_parts(text: str) -> Iterator[tuple[Span, Place]]:
    """What a URL has that is not its scheme; all behind the scheme is a string where it names a user or a password."""
    hit = _URL.fullmatch(text)
    if hit is None or not _SCHEMES.fullmatch(hit["scheme"]):
        yield Span(0, len(text)), Place.STRING
        return
    if "@" in text:
        yield Span(hit.end("scheme"), len(text)), Place.STRING
        return
    yield Span(*hit.span("authority")), Place.ADDRESSES
    directory = _LDAP.match(text) is not None
    if hit["path"] is not None:
        yield Span(hit.start("path") + 1, hit.end("path")), Place.SUBJECT if directory else Place.STRING
    places = (Place.ATTRIBUTE, Place.WORD, Place.FILTER) if directory else ()
    at = hit.start("rest")
    for number, part in enumerate(hit["rest"].split("?")[1:]):
        at += 1
        yield Span(at, at + len(part)), places[number] if number < len(places) else Place.STRING
        at += len(part)
    if not hit["rest"].startswith("?"):
        yield Span(*hit.span("rest")), Place.STRING


def filter_parts(text: str) -> Iterator[Span]:
    """The words of a search filter but for `$username`: attributes, and what they are compared with."""
    at = 0
    for hit in re.finditer(r"[()&|!]+|[=~<>]+(?:\$username)?(?=\))", text):
        if at < hit.start():
            yield Span(at, hit.start())
        at = hit.end()
    if at < len(text):
        yield Span(at, len(text))


def subject_parts(text: str) -> Iterator[Span]:
    """The values of a distinguished name that may hold more than a value; all of what is no such name (RFC 2253)."""
    at = 0
    while at < len(text):
        kind = _TYPE.match(text, at)
        if kind is None:
            yield Span(at, len(text))
            return
        value = _UNIT.match(text, kind.end())
        end = value.end() if value is not None else len(text)
        inner = text[kind.end() : end]
        if len(inner) > _LONGEST_VALUE or _UNFIT.search(inner) or _PASSWORD.fullmatch(kind[0]):
            yield Span(kind.end(), end)
        at = end + 1
