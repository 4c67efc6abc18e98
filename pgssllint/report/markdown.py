"""A page's Markdown as plain text."""

import re

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
