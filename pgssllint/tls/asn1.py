"""What OpenSSL says of DER that it cannot decode: the templates by which it reads, and the words of their faults.

asn1_item_embed_d2i and what it calls (tasn_dec.c, asn1_lib.c); 1.1.1 and 3.0 say the
same. Told is the first error, which is that of the innermost element.
"""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from pgssllint.tls.asn1_types import BOOLEAN, ENUMERATED, INTEGER, NULL, OBJECT, SEQUENCE, SET, contents_fault

UNIVERSAL, CONTEXT = 0, 2
_PRIMITIVE = frozenset({BOOLEAN, INTEGER, NULL, OBJECT, ENUMERATED})
_MAX_NESTING = 5
_LENGTH_BYTES = 8

NOTHING_LEFT = "too small"
"""What 3.x says where an element is sought and nothing is left; 1.1.1 says that its header is too long."""

Tag = tuple[int, int]
"""Class and number."""


class DecodingError(Exception):
    """DER that is not decoded; its text is the reason in OpenSSL's words."""


class Head(NamedTuple):
    """The tag and the length of an element: its contents are from `inner` to `end`; `open` is an indefinite length."""

    tag: Tag
    constructed: bool
    inner: int
    end: int
    open: bool


class Item(NamedTuple):
    """How an element is read: the position behind it, or None where it is optional and another stands there.

    Called with the data, where it begins and ends, the tag that stands instead of its own, and whether it is optional.
    """

    read: Callable[[bytes, int, int, Tag | None, bool], int | None]


class Field(NamedTuple):
    """A field of a sequence; `of` says that there are any number of them in a SEQUENCE or a SET."""

    item: Item
    optional: bool = False
    explicit: int | None = None
    implicit: int | None = None
    of: int | None = None


def fault(item: Item, data: bytes, at: int = 0) -> str | None:
    """Why `data` cannot be decoded as that, in OpenSSL's words; None if it can. What is behind it is not read."""
    try:
        item.read(data, at, len(data), None, False)
    except DecodingError as error:
        return str(error)
    return None


def head(data: bytes, at: int, limit: int) -> Head:
    """The head of the element at a place (ASN1_get_object). Raises DecodingError."""
    position = at
    if limit - position < 2:
        raise DecodingError("header too long" if position < limit else NOTHING_LEFT)
    first, number = data[position], data[position] & 0x1F
    position += 1
    if number == 0x1F:
        number = 0
        while data[position] & 0x80:
            number = number << 7 | data[position] & 0x7F
            position += 1
            if position >= limit:
                raise DecodingError("header too long")
        number = number << 7 | data[position] & 0x7F
        position += 1
        if position >= limit:
            raise DecodingError("header too long")
    length, inner, is_open = _length(data, position, limit)
    if is_open and not first & 0x20:
        raise DecodingError("header too long")
    if length > limit - inner:
        raise DecodingError("too long")
    return Head((first >> 6, number), bool(first & 0x20), inner, limit if is_open else inner + length, is_open)


def _length(data: bytes, position: int, limit: int) -> tuple[int, int, bool]:
    byte = data[position]
    position += 1
    if byte == 0x80:
        return 0, position, True
    if not byte & 0x80:
        return byte, position, False
    count = byte & 0x7F
    if limit - position <= count:
        raise DecodingError("header too long")
    digits = data[position : position + count].lstrip(b"\0")
    length = int.from_bytes(digits, "big")
    if len(digits) > _LENGTH_BYTES or length >= 1 << (8 * _LENGTH_BYTES - 1):
        raise DecodingError("header too long")
    return length, position + count, False


def _expected(data: bytes, at: int, limit: int, tag: Tag, optional: bool) -> Head | None:
    """The head of an element with that tag; None where it is optional and another stands there (asn1_check_tlen)."""
    found = head(data, at, limit)
    if found.tag == tag:
        return found
    if optional:
        return None
    raise DecodingError("wrong tag")


def _ends_here(data: bytes, at: int, limit: int) -> bool:
    """Whether the two bytes that end an indefinite length stand here."""
    return limit - at >= 2 and data[at : at + 2] == b"\0\0"


def sequence(fields: Sequence[Field]) -> Item:
    """A SEQUENCE of these fields."""

    def read(data: bytes, at: int, limit: int, tag: Tag | None, optional: bool) -> int | None:
        found = _expected(data, at, limit, tag or (UNIVERSAL, SEQUENCE), optional)
        if found is None:
            return None
        if not found.constructed:
            raise DecodingError("sequence not constructed")
        position, is_open, number = found.inner, found.open, 0
        for number, field in enumerate(fields):
            if position >= found.end:
                number -= 1
                break
            if _ends_here(data, position, found.end):
                if not is_open:
                    raise DecodingError("unexpected eoc")
                position, is_open, number = position + 2, False, number - 1
                break
            # Whatever the last field is, something else in its place is an error of it.
            may_lack = field.optional and number != len(fields) - 1
            position = _field(data, position, found.end, field, may_lack) or position
        if is_open:
            if not _ends_here(data, position, found.end):
                raise DecodingError("missing eoc")
            position += 2
        elif not found.open and position != found.end:
            raise DecodingError("sequence length mismatch")
        if not all(field.optional for field in fields[number + 1 :]):
            raise DecodingError("field missing")
        return position

    return Item(read)


def _field(data: bytes, at: int, limit: int, field: Field, optional: bool) -> int | None:
    if field.explicit is None:
        return _untagged(data, at, limit, field, optional)
    found = _expected(data, at, limit, (CONTEXT, field.explicit), optional)
    if found is None:
        return None
    if not found.constructed:
        raise DecodingError("explicit tag not constructed")
    position = _untagged(data, found.inner, found.end, field, False) or found.inner
    if found.open:
        if not _ends_here(data, position, found.end):
            raise DecodingError("missing eoc")
        return position + 2
    if position != found.end:
        raise DecodingError("explicit length mismatch")
    return position


def _untagged(data: bytes, at: int, limit: int, field: Field, optional: bool) -> int | None:
    tag = None if field.implicit is None else (CONTEXT, field.implicit)
    if field.of is None:
        return field.item.read(data, at, limit, tag, optional)
    found = _expected(data, at, limit, tag or (UNIVERSAL, field.of), optional)
    if found is None:
        return None
    position, is_open = found.inner, found.open
    while position < found.end:
        if _ends_here(data, position, found.end):
            if not is_open:
                raise DecodingError("unexpected eoc")
            position, is_open = position + 2, False
            break
        position = field.item.read(data, position, found.end, None, False) or position
    if is_open:
        raise DecodingError("missing eoc")
    return position


def choice(fields: Sequence[Field]) -> Item:
    """One of these fields, by its tag."""

    def read(data: bytes, at: int, limit: int, _: Tag | None, optional: bool) -> int | None:
        for field in fields:
            end = _field(data, at, limit, field, True)
            if end is not None:
                return end
        if optional:
            return None
        raise DecodingError("no matching choice type")

    return Item(read)


def several(item: Item, of: int) -> Item:
    """Any number of an item in a SEQUENCE or a SET."""
    field = Field(item, of=of)
    return Item(lambda data, at, limit, _, optional: _untagged(data, at, limit, field, optional))


def checked(item: Item, check: Callable[[bytes], str | None]) -> Item:
    """An item of whose whole encoding something else must hold: `check` says what is wrong with it."""

    def read(data: bytes, at: int, limit: int, tag: Tag | None, optional: bool) -> int | None:
        end = item.read(data, at, limit, tag, optional)
        reason = None if end is None else check(data[at:end])
        if reason is not None:
            raise DecodingError(reason)
        return end

    return Item(read)


def primitive(number: int) -> Item:
    """A value of a universal type."""

    def read(data: bytes, at: int, limit: int, tag: Tag | None, optional: bool) -> int | None:
        found = _expected(data, at, limit, tag or (UNIVERSAL, number), optional)
        return None if found is None else _value(data, found, number)

    return Item(read)


def small_integer() -> Item:
    """An INTEGER that has 32 bits (INT32)."""
    return checked(primitive(INTEGER), _size_fault)


def _size_fault(encoding: bytes) -> str | None:
    found = head(encoding, 0, len(encoding))
    number = int.from_bytes(encoding[found.inner : found.end], "big", signed=True)
    if found.end - found.inner > _LENGTH_BYTES or number >= 1 << 31:
        return "too large"
    return "too small" if number < -(1 << 31) else None


def raw(number: int, *, constructed: bool = False) -> Item:
    """An element of a universal type, whatever it holds."""

    def read(data: bytes, at: int, limit: int, tag: Tag | None, optional: bool) -> int | None:
        found = _expected(data, at, limit, tag or (UNIVERSAL, number), optional)
        if found is None:
            return None
        if found.constructed is not constructed:
            raise DecodingError("type not constructed" if constructed else "type not primitive")
        return _behind(data, found)

    return Item(read)


def one_of(numbers: Collection[int]) -> Item:
    """A value of one of several universal types."""

    def read(data: bytes, at: int, limit: int, _: Tag | None, optional: bool) -> int | None:
        found = head(data, at, limit)
        kind, number = found.tag
        if kind == UNIVERSAL and number in numbers:
            return _value(data, found, number)
        if optional:
            return None
        raise DecodingError("mstring wrong tag" if kind == UNIVERSAL else "mstring not universal")

    return Item(read)


def _any(data: bytes, at: int, limit: int, _: Tag | None, __: bool) -> int | None:
    found = head(data, at, limit)
    kind, number = found.tag
    if kind != UNIVERSAL:
        return _behind(data, found)
    return _value(data, found, number)


ANY = Item(_any)
"""A value of any type."""


def _behind(data: bytes, found: Head) -> int:
    """The position behind an element that is taken as it is (asn1_find_end)."""
    if not found.open:
        return found.end
    position, depth = found.inner, 1
    while position < found.end:
        if _ends_here(data, position, found.end):
            position, depth = position + 2, depth - 1
            if not depth:
                return position
            continue
        inside = head(data, position, found.end)
        depth += inside.open
        position = inside.inner if inside.open else inside.end
    raise DecodingError("missing eoc")


def _value(data: bytes, found: Head, number: int) -> int:
    """The position behind a value whose contents are right for its type (asn1_d2i_ex_primitive)."""
    if number in (SEQUENCE, SET):
        if not found.constructed:
            raise DecodingError("type not constructed")
        return _behind(data, found)
    if not found.constructed:
        return _right(number, data[found.inner : found.end], found.end)
    if number in _PRIMITIVE:
        raise DecodingError("type not primitive")
    contents = bytearray()
    end = _collect(data, found, contents, 0)
    return _right(number, bytes(contents), end)


def _right(number: int, contents: bytes, end: int) -> int:
    """The position behind contents that are right for their type. Raises DecodingError."""
    reason = contents_fault(number, contents)
    if reason is not None:
        raise DecodingError(reason)
    return end


def _collect(data: bytes, found: Head, contents: bytearray, depth: int) -> int:
    """Put the parts of a string together that stands in several; the position behind it."""
    position, is_open = found.inner, found.open
    while position < found.end:
        if _ends_here(data, position, found.end):
            if not is_open:
                raise DecodingError("unexpected eoc")
            return position + 2
        part = head(data, position, found.end)
        if part.constructed:
            if depth >= _MAX_NESTING:
                raise DecodingError("nested asn1 string")
            position = _collect(data, part, contents, depth + 1)
        else:
            contents += data[part.inner : part.end]
            position = part.end
    if is_open:
        raise DecodingError("missing eoc")
    return position
