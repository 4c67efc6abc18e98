"""Write docs/rules.md, the list of rules, and rules/index.json from the pages: `python -m docs.make_rules`."""

import json
from pathlib import Path

from pgssllint.folders import folder
from pgssllint.rulebook import INDEX, front_matter, read_page

HEAD = """\
# Rules

Made from the pages in `rules/` by `python -m docs.make_rules`; a test fails when it is not current.

"""


def rules_table() -> str:
    """The table of all rules as Markdown."""
    rows = ["| rule | name | severity | effect | what it says |", "| --- | --- | --- | --- | --- |"]
    for page in map(read_page, sorted(folder("rules").glob("PGS*.md"))):
        link = f"[{page.rule}](../rules/{page.rule}-{page.name}.md)"
        rows.append(f"| {link} | `{page.name}` | {page.severity} | {page.effect} | {page.title} |")
    return "\n".join(rows) + "\n"


def index() -> str:
    """The front matter and title of all pages as JSON, a page a line."""
    paths = sorted(folder("rules").glob("PGS*.md"))
    lines = (f"{json.dumps(path.name)}: {json.dumps(front_matter(path), ensure_ascii=False)}" for path in paths)
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    (folder("rules") / INDEX).write_text(index(), encoding="utf-8")
    (Path(__file__).parent / "rules.md").write_text(HEAD + rules_table())
