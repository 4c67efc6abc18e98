"""The executable examples of rule pages: how they are written down, laid out as files, and what they expect.

A page's `Fires`, `Silent` and `Fixed` hold examples: a `###` heading and its fences; docs/rule-pages.md tells the form.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from pgssllint.files import Overlay
from pgssllint.folders import folder
from pgssllint.request import Request
from pgssllint.rulebook import Page, read_page
from pgssllint.target import ASSUMED_MAJOR, Clients, OpenSSL, parse_majors
from tests.support import initdb
from tests.support.pki import AT

CASE_KEYS = {
    "majors", "assumed", "openssl", "at", "input", "server_user", "raw", "files", "tracked", "server", "hostnames",
    "libpq", "upgrade_to", "client_certificates",
    "connect", "own", "without", "gone",
}  # fmt: skip
CONNECT_KEYS = {
    "host", "sslmode", "roots", "certificate", "key", "crl", "user", "password", "channel_binding", "sslsni",
    "min_protocol", "max_protocol", "ciphers", "groups", "libpq",
}  # fmt: skip
SERVER_UID = 70_001
"""The uid that stands for the server's user in examples; root is 0, and anybody else is another one."""

_HEADING = re.compile(r"^### (.+)$", re.MULTILINE)
_FENCE = re.compile(r"^(`{3,})([^\n`]*)\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_FOUND = re.compile(r"^# *\^+ .+\n?", re.MULTILINE)
_CARETS = re.compile(r"#( *)(\^+) (.+)")
_LISTED = re.compile(
    r"(?P<file>[^\s:#]+)(?:#(?P<block>\d+)|:(?P<line>\d+)(?::(?P<first>\d+)-(?P<last>\d+))?)"
    r" (?P<rule>PGS\d{3}) (?P<text>.+)"
)


@dataclass(frozen=True)
class Expected:
    """One expected finding: on a line, or at the BEGIN line of a PEM block, counted from 1.

    Columns are from 1, the end exclusive; None where the page leaves them open.
    """

    file: str
    rule: str
    text: str
    line: int | None = None
    column: int | None = None
    end_column: int | None = None
    block: int | None = None


@dataclass(frozen=True)
class Example:
    """One example of a page; `section` is Fires, Silent or Fixed."""

    page: Page
    section: str
    name: str
    files: Mapping[str, str]
    case: Mapping[str, Any]
    expected: tuple[Expected, ...]
    server_words: Mapping[tuple[int, ...], tuple[str, ...]] = field(default_factory=dict)
    connection_words: Mapping[tuple[int, ...], tuple[str, ...]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """What the test run calls it."""
        return f"{self.page.rule}-{self.section}-{self.name}".replace(" ", "_")

    @property
    def majors(self) -> tuple[int, ...]:
        """The majors it speaks of; where none is stated, the one that is assumed."""
        if self.case.get("assumed"):
            return (ASSUMED_MAJOR,)
        if "majors" in self.case:
            return parse_majors(str(self.case["majors"]))
        return tuple(range(self.page.since, self.page.until + 1))

    @property
    def at(self) -> datetime:
        """The moment dates are judged as of."""
        moment: date | datetime = self.case.get("at", AT)
        if isinstance(moment, date) and not isinstance(moment, datetime):
            return datetime.combine(moment, time(12), UTC)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    @property
    def deployed(self) -> bool:
        """Whether the files are those of a data directory."""
        return bool(self.case.get("input", "sources") == "deployed")

    def contents(self, at: datetime | None = None) -> Iterator[tuple[str, bytes, str | None, str]]:
        """Name, bytes, mode (octal) and owner of each file; the mode is None where the page does not give one.

        A folder has a slash behind its name, no bytes and always a mode. Certificates are those of the day the example
        is judged as of, or of `at`.
        """
        from tests.support.pki import build

        for name, text in self.files.items():
            yield name, text.encode(), None, "postgres"
        for name, text in self.case.get("raw", {}).items():
            yield name, text.encode("utf-8", "surrogateescape"), None, "postgres"
        for name, spec in self.case.get("files", {}).items():
            table = spec if isinstance(spec, dict) else {}
            mode, owner = table.get("mode"), table.get("owner", "postgres")
            if name.endswith("/"):
                yield name, b"", mode or "0700", owner
            else:
                yield name, build(spec, at or self.at), mode, owner


def examples(page: Page) -> tuple[Example, ...]:
    """The examples of a page. Raises ValueError, naming page and example, for one that breaks the form."""
    found: list[Example] = []
    sections = re.split(r"^## (.+)$", page.read.examples, flags=re.MULTILINE)[1:]
    for section, body in zip(sections[::2], sections[1::2], strict=True):
        before, *pieces = _HEADING.split(body)
        if before.strip() or not pieces:
            raise ValueError(f"{page.rule}: under '## {section}' comes '### ' and the name of an example")
        for name, text in zip(pieces[::2], pieces[1::2], strict=True):
            found.append(_laid_over(found, _example(page, section.strip(), name.strip(), text)))
            if found[-1].id in {example.id for example in found[:-1]}:
                raise ValueError(f"{page.rule}, '{name}': there is another example of this name under '## {section}'")
    return tuple(found)


def broken_form(fixed: Example, own: Iterable[Example]) -> Example | None:
    """The example under Fires that an example under Fixed is the mended form of; None for one of another section."""
    if fixed.section != "Fixed":
        return None
    return next((one for one in own if one.section == "Fires" and one.name == fixed.name), None)


def _laid_over(own: Sequence[Example], example: Example) -> Example:
    """An example under Fixed as a whole: what it says laid over the example of its name under Fires."""
    broken = broken_form(example, own)
    if broken is None:
        return example
    case = {**broken.case, **example.case}
    if "server" not in example.case:
        case.pop("server", None)
    given = {name for name, _, _, _ in example.contents()} | set(example.case.get("gone", ()))
    inherited = {name: _FOUND.sub("", text) for name, text in broken.files.items() if name not in given}
    for kind in ("raw", "files"):
        kept = {name: spec for name, spec in broken.case.get(kind, {}).items() if name not in given}
        if kind in case:
            case[kind] = kept | example.case.get(kind, {})
    return replace(example, files={**inherited, **example.files}, case=case)


@cache
def sound_pages() -> tuple[Page, ...]:
    """The pages that keep the form, and their examples with them, in order of their rules, each id and name once.

    tests/test_pages.py tells what is wrong with the others, so that they stop no other test.
    """
    pages: list[Page] = []
    for path in page_paths():
        try:
            page = read_page(path)
            examples(page)
        except ValueError:
            continue
        if not any(page.rule == other.rule or page.name == other.name for other in pages):
            pages.append(page)
    return tuple(pages)


def page_paths() -> tuple[Path, ...]:
    """The files of all pages."""
    return tuple(sorted(folder("rules").glob("PGS*.md")))


def lay_out(example: Example, folder: Path) -> None:
    """Write the example's files below `folder`; modes and owners are told by the overlays of `request_for`."""
    for name, data, _, _ in example.contents():
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def request_for(example: Example, folder: Path, major: int | None, openssl: OpenSSL | None) -> Request:
    """What the linter is asked of an example laid out in `folder`; `major` is None where none is stated.

    What a server of that major has beside it in its data directory is laid down, or taken away for sources.
    """
    furnish(example, folder, major or ASSUMED_MAJOR)
    own = Overlay(0o700, SERVER_UID, SERVER_UID)
    given = tuple(example.contents())
    folders = {
        str(above) for name, _, _, _ in given for above in (folder / name).parents if above.is_relative_to(folder)
    }
    overlays = dict.fromkeys(folders, own)
    for name in initdb.furniture(ASSUMED_MAJOR) if example.deployed else ():
        overlays[str(folder / name)] = Overlay(0o700 if name.endswith("/") else 0o600, SERVER_UID, SERVER_UID)
    overlays |= {str(folder / name): _overlay(example, mode, owner) for name, _, mode, owner in given}
    return Request(
        (str(folder),) if not example.deployed else (),
        root=None if example.deployed or example.case.get("tracked") else str(folder),
        data_dir=str(folder) if example.deployed else None,
        server_uid=SERVER_UID if example.deployed else None,
        majors=(major,) if major is not None else (),
        openssl=openssl,
        upgrade_to=parse_majors(str(example.case["upgrade_to"])) if "upgrade_to" in example.case else (),
        clients=Clients(
            tuple(example.case.get("hostnames", ())),
            example.case.get("libpq"),
            tuple(str(folder / name) for name in example.case.get("client_certificates", ())),
        ),
        overlays=overlays,
    )


def furnish(example: Example, folder: Path, major: int) -> None:
    """Lay down what else is in the data directory of an example, by `initdb.furniture`, or take it away for sources."""
    given = {name.rstrip("/") for name, _, _, _ in example.contents()}
    mine = [name for name in initdb.furniture(major) if name.rstrip("/") not in given]
    for name in sorted(mine, reverse=True):
        path = folder / name
        if not name.endswith("/"):
            path.unlink(missing_ok=True)
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    if example.deployed:
        initdb.furnish(folder, major, example.case.get("without", ()))


def _overlay(example: Example, mode: str | None, owner: str) -> Overlay:
    server = str(example.case.get("server_user", "postgres"))
    uid = SERVER_UID if owner == server else 0 if owner == "root" else SERVER_UID + 1
    return Overlay(int(mode, 8) if mode is not None else 0o600, uid, SERVER_UID)


def _example(page: Page, section: str, name: str, text: str) -> Example:
    where = f"{page.rule}, '{name}'"
    files: dict[str, str] = {}
    case: dict[str, Any] = {}
    expected: list[Expected] = []
    words: dict[str, dict[tuple[int, ...], tuple[str, ...]]] = {"server": {}, "connection": {}}
    for _, info, body in _FENCE.findall(text):
        kind, _, rest = info.strip().partition(" ")
        if (kind, rest) == ("toml", "case"):
            case = _case(body, where)
        elif (kind, rest) == ("text", "findings"):
            expected += [_listed(line, where) for line in body.splitlines() if line.strip()]
        elif kind == "text" and (whose := rest.partition(" "))[0] in words:
            majors = parse_majors(whose[2].strip() or "10-19")
            words[whose[0]][majors] = tuple(line.strip() for line in body.splitlines() if line.strip())
        elif rest:
            files[rest] = body
            expected += _careted(rest, body, page.rule)
        else:
            raise ValueError(f"{where}: the fence '{info}' names no file")
    if not (files or case.get("raw") or case.get("files") or (case and section == "Fixed")):
        raise ValueError(f"{where}: the heading has no file under it")
    if unknown := (set(case) - CASE_KEYS) | (set(case.get("connect", {})) - CONNECT_KEYS):
        raise ValueError(f"{where}: the case has the unknown key '{sorted(unknown)[0]}'")
    if words["connection"] and "connect" not in case and section != "Fixed":
        raise ValueError(f"{where}: there is a connection's outcome, and no 'connect' in the case")
    if "connect" in case and section == "Fires" and not words["connection"]:
        raise ValueError(f"{where}: how the connection ends is not said")
    example = Example(page, section, name, files, case, tuple(expected), words["server"], words["connection"])
    _check_words(example, where)
    return example


def _check_words(example: Example, where: str) -> None:
    """Raises ValueError for a case that speaks of no major or no OpenSSL that there is."""
    try:
        for key in ("majors", "upgrade_to"):
            parse_majors(str(example.case.get(key, "10")))
        OpenSSL.parse(str(example.case.get("openssl", "3.0")))
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None


def _case(body: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(body)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{where}: the case is no TOML: {error}") from None


def _careted(file: str, body: str, rule: str) -> Iterator[Expected]:
    for number, line in enumerate(body.splitlines(), 1):
        if hit := _CARETS.fullmatch(line):
            column = 2 + len(hit[1])
            yield Expected(file, rule, hit[3], number - 1, column, column + len(hit[2]))


def _listed(line: str, where: str) -> Expected:
    hit = _LISTED.fullmatch(line.strip())
    if hit is None:
        raise ValueError(f"{where}: '{line}' is no expected finding")
    if hit["block"]:
        return Expected(hit["file"], hit["rule"], hit["text"], block=int(hit["block"]))
    columns = (int(hit["first"]), int(hit["last"])) if hit["first"] else (None, None)
    return Expected(hit["file"], hit["rule"], hit["text"], int(hit["line"]), *columns)
