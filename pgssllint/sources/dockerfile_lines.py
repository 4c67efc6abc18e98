"""The instructions of a Dockerfile, each with its words: continued lines, comments, here-documents, the JSON form."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pgssllint.sources.workload import Port, Reach
from pgssllint.text import Span
from pgssllint.traced import Cutter, Traced, joined

MAX_DOCKERFILE = 256 * 1024
"""A longer file is none that a person wrote."""

MAX_INSTRUCTIONS = 1_000
"""More are not read."""

_ESCAPE = re.compile(r"#[ \t]*escape[ \t]*=[ \t]*(\S)", re.IGNORECASE)
_DIRECTIVE = re.compile(r"#[ \t]*\w+[ \t]*=")
_INSTRUCTION = re.compile(r"[ \t]*([A-Za-z]+)(?=[ \t\r\n]|\Z)[ \t]*")
_DOCUMENT = re.compile(r"<<(-?)(['\"]?)([A-Za-z_][\w.]*)\2")
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"')


class Document(NamedTuple):
    """A here-document behind an instruction: its word, whether nothing is put into it, and its text."""

    word: str
    is_literal: bool
    text: Traced


class Instruction(NamedTuple):
    """An instruction: its name in capitals, its arguments as one text, and the here-documents that follow."""

    name: str
    at: Traced
    rest: Traced
    documents: tuple[Document, ...] = ()


def instructions(text: Traced) -> Iterator[Instruction]:
    """The instructions of a Dockerfile, in order."""
    if len(text) > MAX_DOCKERFILE:
        return
    cutter = Cutter(text)
    lines = list(_spans(text.text))
    escape, number = _escape(text.text, lines), 0
    for _ in range(MAX_INSTRUCTIONS):
        while number < len(lines) and _is_idle(text.text, lines[number]):
            number += 1
        if number >= len(lines):
            return
        parts, number = _continued(text.text, lines, number, escape)
        whole = joined(cutter.part(*span) for span in parts)
        head = _INSTRUCTION.match(whole.text)
        if head is None:
            continue
        rest = whole.part(head.end(), len(whole)).stripped(" \t\r\n")
        documents: list[Document] = []
        if head[1].upper() in ("RUN", "COPY", "ADD"):
            for hit in _DOCUMENT.finditer(rest.text):
                document, number = _document(cutter, lines, number, hit)
                documents.append(document)
        yield Instruction(head[1].upper(), whole.part(*head.span(1)), rest, tuple(documents))


def json_words(rest: Traced) -> tuple[Traced, ...] | None:
    """The words of an instruction in the JSON form; None where it is not in that form."""
    if not rest.text.startswith("["):
        return None
    try:
        words = json.loads(rest.text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        return None
    spans = [hit.span() for hit in _STRING.finditer(rest.text)]
    found = []
    for word, (start, end) in zip(words, spans, strict=False):
        inner = rest.part(start + 1, end - 1)
        found.append(inner if inner.text == word else rest.part(start, end).become(word))
    return tuple(found)


def _spans(text: str) -> Iterator[Span]:
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end + 1
        yield Span(at, end)
        at = end


def _escape(text: str, lines: list[Span]) -> str:
    """What continues a line: a directive at the top may name another than the backslash."""
    for span in lines:
        line = text[span.start : span.end]
        if not _DIRECTIVE.match(line):
            break
        found = _ESCAPE.match(line)
        if found is not None and found[1] in "\\`":
            return found[1]
    return "\\"


def _is_idle(text: str, span: Span) -> bool:
    line = text[span.start : span.end].strip()
    return not line or line.startswith("#")


def _continued(text: str, lines: list[Span], number: int, escape: str) -> tuple[list[Span], int]:
    """The parts of an instruction that begins on a line, and the line behind it. Comments and empty lines within are
    not part of it.
    """
    parts: list[Span] = []
    while number < len(lines):
        span = lines[number]
        number += 1
        if parts and _is_idle(text, span):
            continue
        line = text[span.start : span.end].rstrip("\r\n").rstrip(" \t")
        if not line.endswith(escape):
            parts.append(span)
            break
        parts.append(Span(span.start, span.start + len(line) - 1))
    return parts, number


def _document(cutter: Cutter, lines: list[Span], number: int, hit: re.Match[str]) -> tuple[Document, int]:
    strips, quote, word = hit[1] == "-", hit[2], hit[3]
    found: list[Traced] = []
    while number < len(lines):
        span = lines[number]
        number += 1
        line = cutter.text[span.start : span.end]
        tabs = len(line) - len(line.lstrip("\t")) if strips else 0
        if line[tabs:].rstrip("\r\n") == word:
            break
        found.append(cutter.part(span.start + tabs, span.end))
    return Document(word, bool(quote), joined(found)), number


def exposed_ports(words: Iterable[Traced]) -> Iterator[Port]:
    """The ports of an EXPOSE: those that an image is said to have, and that whoever starts it may publish."""
    for word in words:
        at, (port, _, protocol) = word.home(), word.text.partition("/")
        if at is not None and word.is_known and port.isascii() and port.isdigit() and len(port) < 6:
            yield Port(int(port), None, "", Reach.UNKNOWN, at, protocol.lower() or "tcp")
