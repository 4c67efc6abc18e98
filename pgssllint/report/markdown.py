"""A page's Markdown as plain text, and plain text as Markdown."""

import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from textwrap import wrap

from pgssllint.text import visible

_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")
_MARKED = re.compile(
    r"(?P<ticks>`+)(?P<code>[^`\n]+)(?P=ticks)|(?P<stars>\*{1,2})(?P<words>(?=\S)[^*`\n]+(?<=\S))(?P=stars)"
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z'])")
_BLOCK_MARK = re.compile(r"(?m)^(?:#{1,6} |> ?|[-*+] |```.*$)")


def flat(markdown: str) -> str:
    """One paragraph of Markdown on one line: links and emphasis give way to their words, code to its text."""
    text = _LINK.sub(r"\1", _BLOCK_MARK.sub("", markdown))
    return " ".join(_MARKED.sub(lambda hit: hit["code"] or hit["words"], text).split())


def plain(markdown: str) -> str:
    """Markdown of several paragraphs as text, the paragraphs kept apart."""
    return "\n\n".join(filter(None, map(flat, re.split(r"\n\s*\n", markdown))))


_ITEM = re.compile(r"(?:[-*+]|\d{1,2}\.) ")
_TABLE_RULE = re.compile(r"\|[-:| ]+\|")


def for_terminal(markdown: str, width: int) -> Iterator[tuple[str, bool]]:
    """Markdown as lines of text of a `width`, each with whether it is a heading: without marks, paragraphs and items
    wrapped, code indented as it stands, and the cells of tables beside each other.
    """
    for block in _blocks(markdown):
        first = block[0]
        if first.startswith("#"):
            yield flat(first), True
        elif first.startswith("```"):
            yield from ((f"    {line}".rstrip(), False) for line in block[1:-1])
        elif first.startswith("|"):
            rows = [[_words(cell) for cell in line.strip("| ").split("|")] for line in block]
            sizes = [max(map(len, cells)) for cells in zip_longest(*rows, fillvalue="")]
            kept = [row for row, line in zip(rows, block, strict=True) if not _TABLE_RULE.fullmatch(line.strip())]
            for row in kept:
                yield "  ".join(cell.ljust(size) for cell, size in zip(row, sizes, strict=False)).rstrip(), False
        else:
            yield from ((line, False) for line in _wrapped(block, width))
        yield "", False


def _blocks(markdown: str) -> Iterator[list[str]]:
    """The blocks of Markdown: headings, fences with their code, tables, lists item by item, and paragraphs."""
    block: list[str] = []
    fenced = False
    for line in markdown.splitlines():
        if fenced or line.startswith("```"):
            if not fenced and block:
                yield block
                block = []
            block.append(line)
            ended, fenced = fenced and line.startswith("```"), True
            if ended:
                yield block
                block, fenced = [], False
        elif not line.strip() or line.startswith("#"):
            if block:
                yield block
            block = []
            if line.strip():
                yield [line]
        else:
            block.append(line)
    if block:
        yield block


def _wrapped(block: Iterable[str], width: int) -> Iterator[str]:
    """A paragraph, or a list whose items go on under their first words."""
    items: list[str] = []
    for line in block:
        if items and not _ITEM.match(line.lstrip()):
            items[-1] += f" {line.strip()}"
        else:
            items.append(line.strip())
    for item in items:
        indent = " " * len(hit[0]) if (hit := _ITEM.match(item)) is not None else ""
        yield from wrap(_words(item), width, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)


def _words(markdown: str) -> str:
    """A line without marks: code in single quotes where it would else run into the words around it."""
    text = _LINK.sub(r"\1", markdown)
    return " ".join(_MARKED.sub(lambda hit: _code(hit["code"]) if hit["code"] else hit["words"], text).split())


def _code(text: str) -> str:
    """Code among words: in single quotes where it has blanks of its own."""
    return f"'{text}'" if " " in text.strip() and "'" not in text else text


def lead(markdown: str, most: int) -> str:
    """The first paragraph on one line, ended after a sentence where it is longer than `most` characters."""
    text = flat(re.split(r"\n\s*\n", markdown.strip(), maxsplit=1)[0])
    if text.endswith(":"):
        text = text[:-1] + "."
    if len(text) <= most:
        return text
    kept = ""
    for sentence in _SENTENCE_END.split(text):
        if kept and len(kept) + len(sentence) >= most:
            break
        kept = f"{kept} {sentence}".lstrip()
    return kept if len(kept) <= most else kept[: most - 1].rstrip() + "…"


_MARKUP = re.compile(
    r"(?P<plain>[\\`*_\[\]<>|~])|(?P<name>[@#])|(?P<entity>[&$]|:(?=//)|(?<=(?i:www))\.)|(?P<emoji>:(?=[\w+-]+:))"
    r"|(?P<item>\A(?:[-+=]|\d{1,9}(?=[.)])))"
)
_NOTHING = "<!-- -->"
"""Parts text where GitHub, when the markup is gone, makes links to people and issues, and pictures, of it."""


def escaped(text: str) -> str:
    """`text` as a line of GitHub's Markdown that shows it and nothing else: no markup, link, mention, picture or HTML.

    What cannot be seen is written as on a terminal.
    """
    return _MARKUP.sub(_escape, visible(text))


def _escape(hit: re.Match[str]) -> str:
    if hit["item"]:
        return hit[0] + _NOTHING if hit[0].isdigit() else f"\\{hit[0]}"
    if hit["plain"]:
        return f"\\{hit[0]}"
    entity = f"&#{ord(hit[0])};"
    return entity if hit["entity"] else entity + _NOTHING
