"""The pages of rules/ as objects: metadata from the front matter, prose from the fixed headings."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from pgssllint.finding import Confidence, Effect, Severity
from pgssllint.folders import folder
from pgssllint.stages import Stage
from pgssllint.target import MAJORS
from pgssllint.text import legible

HEADINGS = ("What is wrong", "What happens", "How to fix it", "Fires", "Silent", "Fixed")
"""The level-2 headings of a page, in their order; the last three hold examples, and Fixed may be absent."""

HELP_URI = "https://pgssllint.github.io/pgssllint/rules/"
"""Where the pages are published; a page's own address is this and its file's name without `.md`."""


INDEX = "index.json"
"""The file beside the pages that has their front matter and titles, so that a run reads no page it says nothing of."""


class Prose(NamedTuple):
    """What people read of a page: `what`, `happens` and `fix_advice` are Markdown; `examples` is the raw rest, and
    `text` the whole file.
    """

    what: str
    happens: str
    fix_advice: str
    examples: str
    text: str


@dataclass(frozen=True)
class Page:
    """One rule. `title` is a sentence; `prose` is what people read, or the file to read it from when it is asked for.

    `introduced` is the version of pgssllint that had the rule first ("0.1.0"); `since` and `until` are the majors of
    PostgreSQL that the condition can hold on. `security_severity` is GitHub's number (0.1 to 10.0) or None. `needs`
    names the kinds of file without which the rule cannot run: settings, hba, certificate, key, ca, crl, dh, ident,
    hosts; `asks` those that it looks into besides, without which it may be silent. A rule yields to those of
    `yields_to` on the same line, and to those of `yields_beside` also where one points at the line of the other, but
    for the messages that `says_more` names. `messages` are the templates, by name, with {named} places; `dates` names
    those that only the day makes true. Places of a file are told as one that have the same message, or any where there
    is `also`, which tells of the other {lines} what holds of all; else the arguments of `cause` are the same too.
    `masked` says why reports mask the place that an example of the page is about, empty where none is; `unfixed` why
    no example shows it mended (on some majors).
    """

    rule: str
    name: str
    title: str
    prose: Prose | Path
    messages: Mapping[str, str]
    effect: Effect
    severity: Severity
    introduced: str
    confidence: Confidence = Confidence.HIGH
    security_severity: float | None = None
    opt_in: bool = False
    tags: tuple[str, ...] = ()
    cwe: tuple[int, ...] = ()
    since: int = MAJORS[0]
    until: int = MAJORS[-1]
    needs: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()
    yields_beside: tuple[str, ...] = ()
    says_more: tuple[str, ...] = ()
    cause: tuple[str, ...] = ()
    also: str = ""
    raised_by: str = "check"
    stage: Stage | None = None
    fix: str = "none"
    masked: str = ""
    unfixed: str = ""
    references: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """What the page's file is called."""
        return f"{self.rule}-{self.name}.md"

    @property
    def help_uri(self) -> str:
        """The address of the published page."""
        return HELP_URI + self.file_name.removesuffix(".md")

    def applies_to(self, major: int) -> bool:
        """Whether the condition can hold on `major`."""
        return self.since <= major <= self.until

    @cached_property
    def read(self) -> Prose:
        """What people read. Raises PageError for a page that breaks the form."""
        if isinstance(self.prose, Prose):
            return self.prose
        _, _, prose = _parts(self.prose)
        return prose

    @property
    def fix_advice(self) -> str:
        """How to mend it, as Markdown; its first sentence is the shortest useful advice."""
        return self.read.fix_advice

    @property
    def help_markdown(self) -> str:
        """The page without front matter and examples: what a person reads beside a finding."""
        parts = zip(HEADINGS, self.read[:3], strict=False)
        return f"# {self.title}\n\n" + "\n\n".join(f"## {heading}\n\n{body}" for heading, body in parts) + "\n"


class PageError(ValueError):
    """A page that breaks the form; the message names the file and says what to do."""


_SEPARATOR = re.compile(r"\A\+\+\+\n(.*?)\n\+\+\+\n(.*)\Z", re.DOTALL)
_FILE_NAME = re.compile(r"(PGS\d{3})-([a-z0-9-]+)\.md\Z")
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_FROM_FILE = {"rule", "name", "title", "prose"}


def read_page(path: Path) -> Page:
    """The page in the file at `path`. Raises PageError for a page that breaks the form."""
    matter, title, prose = _parts(path)
    return _page(path, {"title": title, **matter}, prose)


def front_matter(path: Path) -> dict[str, Any]:
    """What INDEX holds of a page: its front matter and its title. Raises PageError for a page that breaks the form."""
    matter, title, _ = _parts(path)
    return {"title": title, **matter}


def _parts(path: Path) -> tuple[dict[str, Any], str, Prose]:
    """Front matter, title and prose of the page in a file."""
    import tomllib

    text = path.read_text(encoding="utf-8")
    halves = _SEPARATOR.fullmatch(text)
    if halves is None:
        raise PageError(f"{path.name}: a page begins with TOML front matter between two lines '+++'.")
    try:
        matter = tomllib.loads(halves[1])
    except tomllib.TOMLDecodeError as error:
        raise PageError(f"{path.name}: the front matter is no TOML: {error}.") from None
    title, sections = _split(halves[2], lambda why: PageError(f"{path.name}: {why}"))
    what, happens, fix_advice = (sections[heading] for heading in HEADINGS[:3])
    return matter, title, Prose(what, happens, fix_advice, sections["examples"], text)


def _page(path: Path, matter: Mapping[str, Any], prose: Prose | Path) -> Page:
    """The page of a file with this front matter and title."""

    def broken(why: str) -> PageError:
        return PageError(f"{path.name}: {why}")

    name = _FILE_NAME.fullmatch(path.name)
    if name is None:
        raise broken("a page is named 'PGS000-rule-name.md'.")
    given = {key.replace("-", "_"): value for key, value in matter.items()}
    known = {f.name for f in fields(Page)} - _FROM_FILE | {"title"}
    if unknown := sorted(set(given) - known):
        raise broken(f"the front matter has the unknown key '{unknown[0]}'.")
    try:
        values: dict[str, Any] = {key: _convert(key, value) for key, value in given.items()}
        return Page(rule=name[1], name=name[2], prose=prose, **values)
    except (TypeError, ValueError, KeyError) as error:
        raise broken(f"the front matter is not right: {error}.") from None


def _split(body: str, broken: Callable[[str], PageError]) -> tuple[str, dict[str, str]]:
    """Title and sections of a page's Markdown; the sections with examples come as one text under `examples`."""
    pieces = re.split(r"^## (.+)$", body, flags=re.MULTILINE)
    title = re.fullmatch(r"# (.+)", pieces[0].strip())
    found = {heading.strip(): text.strip() for heading, text in zip(pieces[1::2], pieces[2::2], strict=True)}
    if title is None:
        raise broken("after the front matter comes '# ' and the title, a sentence, and nothing else.")
    if list(found) not in ([*HEADINGS], [*HEADINGS[:-1]], [*HEADINGS[:3]]):
        raise broken(
            f"the headings are {list(found)}, and should be {list(HEADINGS)} ('Fixed' unless 'unfixed' says why not)."
        )
    examples = "\n\n".join(f"## {heading}\n\n{found[heading]}" for heading in HEADINGS[3:] if heading in found)
    return title[1], {**{h: found[h] for h in HEADINGS[:3]}, "examples": examples}


def _convert(key: str, value: Any) -> Any:
    match key:
        case "effect":
            return Effect(value)
        case "severity":
            return Severity(value)
        case "confidence":
            return Confidence(value)
        case "stage":
            return Stage[value.upper().replace("-", "_")]
        case "security_severity":
            return float(value)
        case "introduced":
            return _version(value)
        case "cwe":
            return tuple(map(_weakness, value))
        case "tags" | "needs" | "asks" | "dates" | "yields_to" | "yields_beside" | "says_more" | "cause" | "references":
            return tuple(value)
    return value


def _weakness(value: object) -> int:
    """The number of a weakness. Raises ValueError for what is none."""
    if isinstance(value, int):
        return value
    raise ValueError(f"'cwe' has {value!r}, and should have numbers such as 319")


def _version(value: object) -> str:
    """A version of pgssllint. Raises ValueError for what is none."""
    if isinstance(value, str) and _VERSION.fullmatch(value):
        return value
    raise ValueError(f"'introduced' is {value!r}, and should be a version of pgssllint such as '0.1.0'")


class Rulebook:
    """All pages by id, in order of id, and how rules are named.

    Raises PageError for two pages of one id or of one name.
    """

    def __init__(self, pages: Iterable[Page]) -> None:
        self.pages: dict[str, Page] = {}
        self._by_name: dict[str, str] = {}
        for page in sorted(pages, key=lambda p: (p.rule, p.name)):
            other = self.pages.get(page.rule) or self.pages.get(self._by_name.get(page.name, ""))
            if other is not None:
                what = "id" if other.rule == page.rule else "name"
                raise PageError(f"{other.file_name} and {page.file_name} have the same {what}; each rule has its own.")
            self.pages[page.rule] = page
            self._by_name[page.name] = page.rule

    def find(self, word: str) -> tuple[str, ...]:
        """The ids that `word` names: an id, a name, or a prefix of ids such as `PGS2`; empty if none."""
        upper = word.upper()
        if upper in self.pages:
            return (upper,)
        if word.lower() in self._by_name:
            return (self._by_name[word.lower()],)
        if re.fullmatch(r"PGS\d{0,2}", upper):
            return tuple(rule for rule in self.pages if rule.startswith(upper))
        return ()

    def named(self, word: str) -> tuple[str, ...]:
        """The ids that `word` names. Raises ValueError with a sentence for a word that names no rule."""
        found = self.find(word)
        if not found:
            nearest = self.nearest(word)
            hint = f"Did you mean '{nearest}'?" if nearest else "'pgssllint rules' lists them."
            raise ValueError(f"There is no rule '{legible(word)}'. {hint}")
        return found

    def nearest(self, word: str, *, internal: bool = True) -> str | None:
        """The id or name nearest to a mistyped `word`, or None; if not `internal`, of the rules that have a check."""
        known = [page for page in self.pages.values() if internal or page.raised_by == "check"]
        names = get_close_matches(word.lower(), [page.name for page in known], 1, 0.6)
        ids = get_close_matches(word.upper(), [page.rule for page in known], 1, 0.6)
        return next(iter(names or ids), None)


@cache
def rulebook() -> Rulebook:
    """The rulebook that travels with the program. Raises PageError for a page that breaks the form."""
    pages = folder("rules")
    paths = {path.name: path for path in pages.glob("PGS*.md")}
    index = pages / INDEX
    if not index.is_file() or any(path.stat().st_mtime > index.stat().st_mtime for path in paths.values()):
        return Rulebook(read_page(path) for path in paths.values())
    matters: dict[str, dict[str, Any]] = json.loads(index.read_text(encoding="utf-8"))
    if set(matters) != set(paths):
        return Rulebook(read_page(path) for path in paths.values())
    return Rulebook(_page(paths[name], matter, paths[name]) for name, matter in matters.items())
