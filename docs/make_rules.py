"""Write what is derived from the rule pages: `python -m docs.make_rules`.

That is docs/rules.md, the list of rules; rules/index.json, their front matter; and the numbers of rules that README.md
and CHANGELOG.md tell.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pgssllint.folders import folder
from pgssllint.rulebook import INDEX, front_matter, read_page

ROOT = Path(__file__).parents[1]

HEAD = """\
# Rules

Made from the pages in `rules/` by `python -m docs.make_rules`; a test fails when it is not current.

"""


def derived() -> Iterator[tuple[Path, str]]:
    """Each file that is made from the pages, or tells numbers of rules, and what it must hold.

    Raises PageError for a page that breaks the form.
    """
    yield folder("rules") / INDEX, index()
    yield ROOT / "docs" / "rules.md", HEAD + rules_table()
    readme, changelog = ROOT / "README.md", ROOT / "CHANGELOG.md"
    yield readme, re.sub(r"\d+ rules so far", f"{len(paths())} rules so far", readme.read_text())
    yield changelog, counted(changelog.read_text(), [read_page(path).introduced for path in paths()])


def rules_table() -> str:
    """The table of all rules as Markdown."""
    rows = ["| rule | name | severity | effect | introduced | what it says |", "| --- | --- | --- | --- | --- | --- |"]
    for page in map(read_page, paths()):
        link = f"[{page.rule}](../rules/{page.rule}-{page.name}.md)"
        told = (f"`{page.name}`", page.severity, page.effect, page.introduced, page.title)
        rows.append(f"| {link} | {' | '.join(told)} |")
    return "\n".join(rows) + "\n"


def index() -> str:
    """The front matter and title of all pages as JSON, a page a line."""
    lines = (f"{json.dumps(path.name)}: {json.dumps(front_matter(path), ensure_ascii=False)}" for path in paths())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def counted(changelog: str, introduced: Sequence[str]) -> str:
    """The changelog with each version's `N more rules, M in all` as the rules have it.

    `introduced` is the version that introduced each rule: N is how many are of the version, M how many of it or an
    earlier one. A later version than the first that has rules and does not tell them gets a line that does.
    """
    head, *sections = re.split(r"^(?=## )", changelog, flags=re.MULTILINE)
    return head + "".join(_counted_section(section, introduced) for section in sections)


def _counted_section(section: str, introduced: Sequence[str]) -> str:
    version = section.split()[1]
    earlier = sum(_numbers(one) < _numbers(version) for one in introduced)
    new = introduced.count(version)
    told = f"{new} more rules, {earlier + new} in all"
    counted, places = re.subn(r"\d+ more rules, \d+ in all", told, section)
    if new and earlier and not places:
        return re.sub(r"\n+", f"\n\n- {told}.\n", section, count=1)
    return counted


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def paths() -> list[Path]:
    """The files of all pages."""
    return sorted(folder("rules").glob("PGS*.md"))


def write() -> None:
    """Write what is derived. Raises PageError for a page that breaks the form."""
    for path, text in derived():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
