"""A page's Markdown as plain text, and plain text as Markdown."""

import re

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
