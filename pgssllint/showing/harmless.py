"""What of a text is known to be harmless in the place where it stands: one function for all that reports show."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from types import MappingProxyType

from pgssllint.quoting import Place, Quote
from pgssllint.showing.places import place_of
from pgssllint.showing.templates import MARK, WHOLE_MARK, expression
from pgssllint.showing.urls import filter_parts, subject_parts, url_parts
from pgssllint.showing.vocabulary import Items, Vocabulary
from pgssllint.syntax.characters import CURLY, INVISIBLE
from pgssllint.text import Span

LONGEST_NAME = 63
"""Bytes of a name (NAMEDATALEN less the NUL that ends it)."""

_JUDGE = Callable[[str, Vocabulary], bool]
_ODD = rf"{INVISIBLE.pattern}|{CURLY.pattern}|[\0\r]|\udcff\udcfe|\udcfe\udcff"
_ODD_ONES = re.compile(_ODD)
_SEPARATORS = re.compile(rf"[\s=,;:\"'\\()\[\]{{}}<>#|&!]|{_ODD}")
_NAME = re.compile(r"\+?[\w.$@+\\*-]*")
_QUOTED_NAME = re.compile(r"\+?[\w.$@+\\* -]*")
_REGEX = re.compile(r"/(?:\(\?(?::|!|<?[=!])|\[[:=]\w+[:=]\]|[\w .$@+\\*^()\[\]?|{},/-]){0,1000}+")
_NUMBER = r"(?:0x[0-9A-Fa-f]{1,8}|[0-9]{1,10}|[0-9A-Fa-f]{1,4})(?![0-9A-Za-z])"
_ADDRESS = re.compile(rf"(?:{_NUMBER}|[.:/*\[\]-])++")
_LABEL = r"[A-Za-z0-9_*-]{1,63}"
_HOST = re.compile(
    rf"(?=[^/%]{{1,253}}(?:[/%]|\Z))(?:\.?{_LABEL}(?:\.{_LABEL})+\.?|\.{_LABEL}|\w{{1,5}})(?:/[0-9]{{1,3}})?"
)
_ZONE = re.compile(r"%\w{1,15}(?=/|\Z)")
_PORT = re.compile(r":[0-9]{1,5}\Z")
_SCALAR = re.compile(r"[A-Za-z0-9._-]{0,40}|[-+]?[0-9.]{1,40}(?:[eE][-+]?[0-9]{1,3})?[ \t]*[A-Za-zµ]{0,3}")
_ITEM = re.compile(r"[A-Z0-9_+!@=?-]{1,64}")
_ITEM_SEPARATORS = re.compile(r"[:;, \t/\"]+")
_OPERATORS = re.compile(r"\A[-+!?*@]+|[+!@]")
_SCHEME = re.compile(r"(?<![^/])[A-Za-z][A-Za-z0-9+.-]+:")
_UNFIT_IN_PATH = re.compile(r"[=@\s:;?&|<>`]|\$\(")
_DRIVE = re.compile(r"[A-Za-z]:(?=[\\/]|\Z)")
_COMMAND_PATH = re.compile(r"/[\w./+%*$~-]*")
_PLACEHOLDER = re.compile(r"%[A-Za-z%]?")
_PROGRAMS = frozenset({
    "base64", "gcloud", "gsutil", "gunzip", "kubectl", "openssl", "pgbackrest", "printf", "python", "python3",
    "systemd-ask-password", "systemd-creds",
})  # fmt: skip
"""Programs that commands begin with, of more than _SHORT letters. Another word there may be what the command should
have printed.
"""
_SCRIPT = re.compile(r"[\w+-]+\.(?:sh|bash|py|pl|rb|js|exe|bat|cmd|ps1|[0-9]{1,2})")
_ATTRIBUTES = frozenset({
    "cn", "uid", "mail", "sn", "ou", "dc", "o", "memberof", "member", "objectclass", "samaccountname", "userid",
    "userprincipalname", "displayname", "givenname", "employeenumber", "emailaddress", "krbprincipalname", "name",
})  # fmt: skip
_SCOPES = frozenset(
    {"openid", "profile", "email", "address", "phone", "offline_access", "groups", "roles", "postgresql"}
)
_TELLING = frozenset({"password", "passwd", "passphrase", "pass", "pwd", "pw", "secret", "secrets", "token", "key"})
"""Words behind which a secret is told."""
_LONGEST_WORD = 20
"""Letters of a word that people speak."""
_SHORT = 5
"""A word of so few letters is no secret worth the name, where nothing but a secret would be out of place."""


def masked(quote: Quote, words: Vocabulary) -> list[Span]:
    """The stretches of a quote's text that are not known to be harmless, in order; blanks between two belong to them.

    `words` are those of the grammars. What is to be shown in the place is the text of the principle: database names,
    addresses, numbers, file names and their like, each by its form; and words of the grammars anywhere but in strings.
    """
    place, text = place_of(quote), quote.text
    if place is Place.OURS or not text or _is_sign(text):
        return []
    judge = _WHOLE.get(place)
    if (judge is not None or place is Place.REST) and text.isalnum() and text.isascii():
        # The way below comes to the same, and most words are one.
        is_harmless = (judge is not None and judge(text, words)) or text in words
        return [] if is_harmless else [Span(0, len(text))]
    return _joined(text, _unmarked(text, place, words))


def _joined(text: str, spans: Iterator[Span]) -> list[Span]:
    """The stretches, those joined between which there is nothing but blanks."""
    found: list[Span] = []
    for span in spans:
        if found and not text[found[-1].end : span.start].strip(" \t"):
            found[-1] = Span(found[-1].start, span.end)
        else:
            found.append(span)
    return found


def _unmarked(text: str, place: Place, words: Vocabulary) -> Iterator[Span]:
    """The same beside template expressions, each of which is looked at by itself."""
    if place is Place.TEMPLATE:
        yield from expression(text, words)
        return
    if place is not Place.STRING and WHOLE_MARK.fullmatch(text):
        yield from expression(text, words)
        return
    at = 0
    for mark in MARK.finditer(text) if place is not Place.STRING else ():
        yield from _shifted(_between_odd(text[at : mark.start()], place, words), at)
        yield from _shifted(expression(mark[0], words), mark.start())
        at = mark.end()
    yield from _shifted(_between_odd(text[at:], place, words), at)


def _between_odd(text: str, place: Place, words: Vocabulary) -> Iterator[Span]:
    """The same between characters that cannot be seen, or that are no quotes but for people.

    What follows such a one, as a blank that is none to the server, was meant for another word of an unknown place.
    """
    if text.isprintable() and text.isascii():
        yield from _of(text, place, words)
        return
    for number, part in enumerate(_between(text, _ODD_ONES)):
        follows = number > 0 and (place in _WHOLE or place is Place.PATH) and part.end - part.start > _SHORT
        inner = _of(text[part.start : part.end], Place.REST if follows else place, words)
        yield from _shifted(inner, part.start)


def _of(text: str, place: Place, words: Vocabulary) -> Iterator[Span]:
    if not text:
        return
    judge = _WHOLE.get(place)
    if judge is not None:
        if not judge(text, words):
            yield from _salvaged(text, words)
        return
    split = _PARTS.get(place)
    if split is not None:
        yield from split(text, words)
    else:
        yield Span(0, len(text))


def _shifted(spans: Iterator[Span], by: int) -> Iterator[Span]:
    return (Span(span.start + by, span.end + by) for span in spans)


def _salvaged(text: str, words: Vocabulary) -> Iterator[Span]:
    """All but the words of the grammars and what separates them."""
    ends = [(0, 0), *(hit.span() for hit in _SEPARATORS.finditer(text)), (len(text), len(text))]
    for (_, start), (end, _) in pairwise(ends):
        if start < end and not (text[start:end] in words or _is_sign(text[start:end])):
            yield Span(start, end)


def _is_sign(text: str) -> bool:
    """Whether a text is one character that is neither letter nor digit."""
    return len(text) == 1 and not text.isalnum()


def _is_word(text: str, words: Vocabulary) -> bool:
    return text in words or _is_sign(text)


def _is_assigned(text: str, words: Vocabulary) -> bool:
    """Whether it is known, or may be any name that a value is given to."""
    return text in words or re.fullmatch(r"[A-Za-z0-9_.-]{1,40}", text) is not None


def _is_name(text: str, words: Vocabulary) -> bool:
    return _fits(_NAME, text) or _is_pattern(text, words) or _is_special(text, words)


def _is_quoted_name(text: str, words: Vocabulary) -> bool:
    bare = text.strip('"')
    named = _fits(_QUOTED_NAME, bare) and _is_of_plain_words(bare, words)
    return named or _is_pattern(bare, words) or _is_special(bare, words)


def _is_of_plain_words(text: str, words: Vocabulary) -> bool:
    """Whether a text has no blanks, or is made of words as people speak them, none of which speaks of a secret:
    `Domain Users` is a name, `password hunter2` is none.
    """
    parts = re.findall(r"\w+", text) if " " in text else ()
    plain = all(_is_plain(part) or part in words for part in parts)
    return plain and _TELLING.isdisjoint(map(str.lower, parts))


def _is_plain(word: str) -> bool:
    spelt = word.islower() or word.isupper() or word.istitle()
    return len(word) <= _SHORT or (spelt and word.isalpha() and len(word) <= _LONGEST_WORD)


def _fits(form: re.Pattern[str], text: str) -> bool:
    return form.fullmatch(text) is not None and len(text.encode("utf-8", "surrogateescape")) <= LONGEST_NAME


def _is_pattern(text: str, words: Vocabulary) -> bool:
    return text.startswith("/") and _is_bare_pattern(text[1:], words)


def _is_bare_pattern(text: str, words: Vocabulary) -> bool:
    return _REGEX.fullmatch(f"/{text}") is not None and _is_of_plain_words(text, words)


def _is_special(text: str, words: Vocabulary) -> bool:
    """A distinguished name, a host with its port, or a word of the grammars."""
    host = _PORT.sub("", text)
    named = host != text and "." in host and _HOST.fullmatch(host) is not None
    return named or text in words or ("=" in text and not any(True for _ in subject_parts(text)))


def _is_address(text: str, words: Vocabulary) -> bool:
    bare = _ZONE.sub("", text.strip("'"))
    return bare in words or any(form.fullmatch(bare) for form in (_ADDRESS, _HOST))


def _is_method(text: str, words: Vocabulary) -> bool:
    return _is_word(text, words) or (any(sign in text for sign in ".:/") and _ADDRESS.fullmatch(text) is not None)


def _is_scalar(text: str, words: Vocabulary) -> bool:
    return text in words or _SCALAR.fullmatch(text) is not None


def _is_item(text: str, words: Items) -> bool:
    parts = _OPERATORS.split(text)
    return all(not part or part in words or _ITEM.fullmatch(part) for part in parts)


def _is_attribute(text: str, words: Vocabulary) -> bool:
    return text.lower() in _ATTRIBUTES or len(text) <= _SHORT or text in words


def _is_scope(text: str, words: Vocabulary) -> bool:
    return text.lower() in _SCOPES or len(text) <= _SHORT or text in words


def _is_path_part(text: str) -> bool:
    drive = _DRIVE.match(text)
    return _UNFIT_IN_PATH.search(text, drive.end() if drive is not None else 0) is None


def _path(text: str, _: Vocabulary) -> Iterator[Span]:
    """The names on the way that hold an equals sign, an `@`, a blank or what else separates; all from a scheme on."""
    uri = _SCHEME.search(text)
    end = len(text) if uri is None else uri.start()
    for span in _between(text[:end], re.compile("/")):
        if not _is_path_part(text[span.start : span.end]):
            yield span
    if uri is not None:
        yield Span(end, len(text))


def _between(text: str, separators: re.Pattern[str]) -> Iterator[Span]:
    ends = [(0, 0), *(hit.span() for hit in separators.finditer(text)), (len(text), len(text))]
    return (Span(start, end) for (_, start), (end, _) in pairwise(ends) if start < end)


def _paths(text: str, words: Vocabulary) -> Iterator[Span]:
    for part in _between(text, re.compile(r",[ \t]*")):
        yield from _shifted(_path(text[part.start : part.end], words), part.start)


def _items(text: str, words: Vocabulary) -> Iterator[Span]:
    parts = _between(text, _ITEM_SEPARATORS)
    return (part for part in parts if not _is_item(text[part.start : part.end], Items(words)))


def _addresses(text: str, words: Vocabulary) -> Iterator[Span]:
    for part in _between(text, re.compile(r"[, \t\"]+")):
        item = text[part.start : part.end]
        if not _is_address(_PORT.sub("", item), words) and not _is_address(item, words):
            yield part


def _scopes(text: str, words: Vocabulary) -> Iterator[Span]:
    return (part for part in _between(text, re.compile(r"[ \t]+")) if not _is_scope(text[part.start : part.end], words))


def _command(text: str, _: Vocabulary) -> Iterator[Span]:
    """All but the name of the program, the placeholders of the server, and absolute paths."""
    for number, part in enumerate(_between(text, re.compile(r"[ \t]+"))):
        word = text[part.start : part.end]
        bare = word.strip("'\"")
        if _PLACEHOLDER.fullmatch(bare) or (number == 0 and _is_program(bare)):
            continue
        path = _COMMAND_PATH.match(bare)
        if path is None:
            yield part
        elif any(map(str.isalnum, bare[path.end() :])):
            # What goes on otherwise than a path does is none from the last folder on.
            yield Span(part.start + word.find(bare) + path[0].rindex("/") + 1, part.end)


def _is_program(word: str) -> bool:
    if re.fullmatch(r"[\w.+-]{1,40}", word) is None:
        return False
    return word in _PROGRAMS or len(word) <= _SHORT or _SCRIPT.fullmatch(word) is not None


def _url(text: str, words: Vocabulary) -> Iterator[Span]:
    for part, place in url_parts(text):
        yield from _shifted(_of(text[part.start : part.end], place, words), part.start)


def _filter(text: str, words: Vocabulary) -> Iterator[Span]:
    return (part for part in filter_parts(text) if not _is_attribute(text[part.start : part.end], words))


def _subject(text: str, words: Vocabulary) -> Iterator[Span]:
    if "=" in text:
        yield from subject_parts(text)
    elif not _is_address(text, words):
        yield from _salvaged(text, words)


_WHOLE: Mapping[Place, _JUDGE] = MappingProxyType(
    {
        Place.WORD: _is_word,
        Place.ASSIGNED: _is_assigned,
        Place.NAME: _is_name,
        Place.QUOTED_NAME: _is_quoted_name,
        Place.PATTERN: _is_bare_pattern,
        Place.METHOD: _is_method,
        Place.ADDRESS: _is_address,
        Place.SCALAR: _is_scalar,
        Place.ATTRIBUTE: _is_attribute,
    }
)
"""The places in which a text is harmless as a whole, or words of the grammars in it alone are."""

_PARTS: Mapping[Place, Callable[[str, Vocabulary], Iterator[Span]]] = MappingProxyType(
    {
        Place.REST: _salvaged,
        Place.PATH: _path,
        Place.PATHS: _paths,
        Place.ITEMS: _items,
        Place.ADDRESSES: _addresses,
        Place.SCOPE: _scopes,
        Place.COMMAND: _command,
        Place.URL: _url,
        Place.FILTER: _filter,
        Place.SUBJECT: _subject,
    }
)
"""The places in which parts are looked at one by one."""
