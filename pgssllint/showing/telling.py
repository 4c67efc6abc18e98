"""What a run may say of the files it read: the one place where that is decided, below all reports and views."""

import os
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from pgssllint.finding import Edit, Location
from pgssllint.languages import Language, Read
from pgssllint.quoting import Place, Quote, Said, Sentence
from pgssllint.showing.harmless import masked
from pgssllint.showing.lines import FROM_A_FILE, reads_as, values_of_records, words_of
from pgssllint.showing.made import COMMENT, HIDDEN, SHOWN, Made
from pgssllint.showing.vocabulary import Vocabulary
from pgssllint.showing.word import Word
from pgssllint.text import BYTE_ORDER_MARK, MASK, Source, Span
from pgssllint.traced import Virtual

REDACTED = "[redacted]"
"""What stands for a line of a secret file."""

LONGEST_LINE = 1 << 20
"""A longer line is masked as a whole."""

_BEGIN = re.compile(rf"{BYTE_ORDER_MARK}?\s*-----BEGIN [A-Z0-9 ]+-----\s*")
_OF_KEY = re.compile(r"[A-Za-z0-9+/=:]{6,}")
"""Base64, or the numbers that `openssl pkey -text` prints."""
_LEFT_OUT = re.compile(r"[\0\s\\]+")
"""What a server leaves out between two pieces of a word that stand on two lines."""
_RECORDS = frozenset({Language.HBA, Language.IDENT, Language.HOSTS})


class Stretch(NamedTuple):
    """What is masked of a line, as offsets in it."""

    start: int
    end: int
    comment: bool = False


def holds_key(source: Source) -> bool:
    """Whether a file holds a private key: then nothing of it is shown, whatever is asked for."""
    return source.holds_key


def is_begin_line(line: str) -> bool:
    """Whether a line is the first of a PEM block and nothing else; it may be shown even in a secret file."""
    return _BEGIN.fullmatch(line) is not None


class Showing:
    """Decides for one run. `read` are the files it read and in which language; of any other file the PEM markers are
    shown. With `secrets` nothing is masked but keys, the values of Secrets, and what in the files of tools is neither a
    file of the server's nor a setting. `words` are known beside those of the grammars.
    """

    def __init__(self, read: Iterable[Read] = (), *, words: Iterable[str] = (), secrets: bool = False) -> None:
        self._words = Vocabulary(words)
        self._secrets = secrets
        self._files: dict[str, list[Read]] = {}
        self._made = Made()
        self._with_keys: list[str] = []
        self._stretches: dict[tuple[str, int, int], tuple[Stretch, ...]] = {}
        self._opaque: dict[str, bool] = {}
        self._keys: dict[str, str] = {}
        for one in read:
            self.add(one)

    def add(self, read: Read) -> None:
        """Take note of one more file that was read."""
        known = self._files.setdefault(read.source.path, [])
        if not known and holds_key(read.source):
            self._with_keys.append(read.source.path)
        if read not in known:
            known.append(read)
            self._opaque.pop(read.source.path, None)
            for origin in self._made.add(read.source) if isinstance(read.source, Virtual) else ():
                self.add(Read(origin, Language.LAUNCH))

    def is_secret(self, location: Location) -> bool:
        """Whether no text of the file may be shown: the check says so, or the file holds a private key. Of a tool's
        file, which holds other things too, only the lines of the key may not.
        """
        source = location.source
        if source is None or not (location.secret or holds_key(source)):
            return location.secret
        return self._language(source) is not Language.LAUNCH

    def stretches(self, source: Source, line: int) -> tuple[Stretch, ...]:
        """The stretches of line number `line` (from 1) that may not be shown, in order."""
        key = source.path, line, id(source)
        found = self._stretches.get(key)
        if found is None:
            found = self._stretches[key] = tuple(self._masked_in(source, line))
        return found

    def line(self, source: Source, line: int, start: int = 0, end: int | None = None) -> str:
        """Line number `line`, or its columns from offset `start` to `end`, with what may not be shown masked."""
        text = source.line(line)
        end = len(text) if end is None else end
        parts, at = [], start
        for stretch in self.stretches(source, line):
            if stretch.end <= at or stretch.start >= end:
                continue
            parts += [text[at : max(stretch.start, at)], MASK]
            at = min(stretch.end, end)
        return "".join([*parts, text[at:end]])

    def hides_value(self, source: Source, lines: Iterable[int]) -> bool:
        """Whether in some of the lines something other than a comment may not be shown."""
        return any(not stretch.comment for line in lines for stretch in self.stretches(source, line))

    def tell(self, said: Said, path: str | None = None) -> str:
        """What is said, with what may not be shown masked. `path` is that of the file that is spoken of."""
        if isinstance(said, Sentence):
            return said.told(lambda argument: self.tell(argument, path))
        if isinstance(said, int):
            return str(said)
        quote = said if isinstance(said, Quote) else Quote(said, Place.WORD)
        if quote.place is Place.OURS:
            return quote.text
        if self._is_of_key(quote.text) or self._is_of_secret(quote.text):
            return MASK
        if self._secrets:
            return quote.text
        if quote.instead and quote.text not in self._values:
            return quote.instead
        if path is not None and self._is_opaque(path) and not self._names_what_was_read(quote):
            quote = quote._replace(place=Place.REST)
        return _with_masks(quote.text, masked(quote, self._words))

    def may_tell(self, edit: Edit) -> bool:
        """Whether the text of an edit is harmless where it is to stand."""
        if edit.text is None:
            return False
        if self.is_secret(Location(edit.source.path, edit.source)) or self._is_of_key(edit.text):
            return not edit.text.strip()
        source, span = self._made.within(edit.source, edit.span) or (edit.source, edit.span)
        if self._secrets and not self._is_never_shown(source):
            return not self._is_of_secret(edit.text)
        first = source.line_span(source.position(span.start)[0]).start
        last = source.line_span(source.position(span.end)[0]).end
        changed = source.text[first : span.start] + edit.text + source.text[span.end : max(span.end, last)]
        new = Source(source.path, changed.encode("utf-8", "surrogateescape"))
        start, end = span.start - first, span.start - first + len(edit.text)
        return len(changed) <= LONGEST_LINE and not any(
            low + stretch.start < end and low + stretch.end > start
            for line in range(1, new.line_count + 1)
            for low in (new.line_span(line).start,)
            for stretch in self._by_words(new, line, Span(start, end))
        )

    def _names_what_was_read(self, quote: Quote) -> bool:
        """Whether a quote is the name of a file that was read, which everybody sees who sees the report."""
        return quote.place is Place.PATH and any(os.path.basename(path) == quote.text for path in self._files)

    def _masked_in(self, source: Source, line: int) -> Iterator[Stretch]:
        """The same, made anew."""
        span = source.line_span(line)
        length = span.end - span.start
        if length > LONGEST_LINE:
            yield Stretch(0, length)
            return
        never = tuple(_within(self._never(source), span))
        if source.path in self._made:
            stretches = self._beside_made(source, line)
        else:
            shows_more = self._secrets and not self._is_never_shown(source)
            stretches = iter(()) if shows_more else self._by_words(source, line)
        yield from _with(stretches, never) if never else stretches

    def _never(self, source: Source) -> Sequence[Span]:
        """What is never shown of a file that is shown otherwise."""
        if isinstance(source, Virtual):
            return source.secret_spans
        return source.key_spans if holds_key(source) and self._language(source) is Language.LAUNCH else ()

    def _is_never_shown(self, source: Source) -> bool:
        """Whether no option shows more of a file: it holds a key, or is one of a tool, or of nobody knows what."""
        if holds_key(source) or isinstance(source, Virtual):
            return holds_key(source)
        if source.path not in self._files:
            return b"-----BEGIN " not in source.data
        return self._language(source) is Language.LAUNCH

    def _beside_made(self, source: Source, line: int) -> Iterator[Stretch]:
        """The stretches of a line of a file that tools make others of."""

        def hidden(made: Virtual, number: int) -> Iterator[tuple[Span, bool]]:
            start = made.line_span(number).start
            for one in self.stretches(made, number):
                yield Span(start + one.start, start + one.end), one.comment

        base = bytearray(len(source.line(line)))
        for one in self._by_words(source, line):
            base[one.start : one.end] = bytes([COMMENT if one.comment else HIDDEN]) * (one.end - one.start)
        at = 0
        for mark, group in groupby(self._made.marks(source, line, base, hidden)):
            end = at + len(list(group))
            if mark != SHOWN:
                yield Stretch(at, end, mark == COMMENT)
            at = end

    def _by_words(self, source: Source, line: int, within: Span | None = None) -> Iterator[Stretch]:
        """The stretches of a line by what its words are; `within` asks for those alone that may reach into a stretch of
        the source.
        """
        span = source.line_span(line)
        last: Stretch | None = None
        for word in sorted(words_of(source, line, self._language(source)), key=lambda word: word.span):
            if within is not None and (word.span.end < within.start or word.span.start > within.end):
                continue
            for hidden in self._hidden(word, source.text):
                start, end = (word.span.start + offset - span.start for offset in hidden)
                if last is not None and not source.text[span.start + last.end : span.start + start].strip(" \t"):
                    last = Stretch(last.start, end, last.comment and word.comment)
                    continue
                if last is not None:
                    yield last
                last = Stretch(start, end, word.comment)
        if last is not None:
            yield last

    def _is_of_secret(self, text: str) -> bool:
        """Whether a word of a text stands in what is never shown, and is none of the grammars."""
        return any(word not in self._words for word in self._made.secret_words_of(text))

    def _hidden(self, word: Word, text: str) -> list[Span]:
        quote = word.quote(text)
        bare = quote.text.strip()
        if not any(map(str.isalnum, bare)) and word.place is not Place.SETTING and word.place is not Place.OPTION:
            return []
        if word.of == FROM_A_FILE and bare not in self._values:
            return [Span(0, len(quote.text))]
        before = len(quote.text) - len(quote.text.lstrip())
        found = masked(quote._replace(text=bare), self._words)
        return [Span(start + before, end + before) for start, end in found]

    def _language(self, source: Source) -> Language:
        """The language of a file; OTHER where it is read in several, or does not read as what includes it says."""
        languages = {read.language for read in self._files.get(source.path, ())}
        if len(languages) != 1 or self._is_opaque(source.path):
            return Language.OTHER
        return languages.pop()

    def _is_opaque(self, path: str) -> bool:
        """Whether a file holds a key alone, or is included and does not read as its kind."""
        found = self._opaque.get(path)
        if found is None:
            known = self._files.get(path, ())
            unlike = any(read.included and not reads_as(read.source, read.language) for read in known)
            found = self._opaque[path] = unlike or (bool(known) and self._is_key_alone(path))
        return found

    def _is_of_key(self, text: str) -> bool:
        """Whether a piece of a text stands in a key among the files read."""
        if not self._with_keys:
            return False
        keys = [self._key_of(path) for path in self._with_keys]
        return any(hit[0] in key for hit in _OF_KEY.finditer(text) for key in keys)

    def _key_of(self, path: str) -> str:
        """The text of a file that holds a key, as it is and in one piece."""
        found = self._keys.get(path)
        if found is None:
            source = self._files[path][0].source
            spans = source.key_spans if self._language(source) is Language.LAUNCH else (Span(0, len(source.text)),)
            text = "\n".join(source.text[span.start : span.end] for span in spans)
            found = self._keys[path] = f"{text}\n{_LEFT_OUT.sub('', text)}"
        return found

    def _is_key_alone(self, path: str) -> bool:
        """Whether a file holds a private key, and is none of a tool, which holds other things too."""
        known = self._files[path]
        return holds_key(known[0].source) and any(read.language is not Language.LAUNCH for read in known)

    @cached_property
    def _values(self) -> frozenset[str]:
        """What stands in a record itself."""
        reads = (read for path, known in self._files.items() if not self._is_opaque(path) for read in known)
        sources = [read.source for read in reads if read.language in _RECORDS]
        return frozenset(value for source in sources for value in values_of_records(source))


def _within(spans: Sequence[Span], line: Span) -> Iterator[Span]:
    """The parts of some stretches, which are in order, that stand in a line, as offsets in it."""
    for number in range(bisect_right(spans, line.start, key=lambda span: span.end), len(spans)):
        start, end = max(spans[number].start, line.start), min(spans[number].end, line.end)
        if spans[number].start >= line.end:
            return
        if start < end:
            yield Span(start - line.start, end - line.start)


def _with(stretches: Iterable[Stretch], never: Sequence[Span]) -> Iterator[Stretch]:
    """Stretches of a line and what is never shown of it, in order; those that touch are one."""
    last: Stretch | None = None
    for one in sorted((*stretches, *(Stretch(*span) for span in never))):
        if last is not None and one.start < last.end:
            last = Stretch(last.start, max(last.end, one.end), last.comment and one.comment)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _with_masks(text: str, spans: Iterable[Span]) -> str:
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], MASK]
        at = span.end
    return "".join([*parts, text[at:]])
