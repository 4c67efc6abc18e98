"""Write docs/rules.md, the list of rules, from the pages: `python -m docs.make_rules`."""

from pathlib import Path

from pgssllint.rulebook import rulebook

HEAD = """\
# Rules

Made from the pages in `rules/` by `python -m docs.make_rules`; a test fails when it is not current.

"""


def rules_table() -> str:
    """The table of all rules as Markdown."""
    rows = ["| rule | name | severity | effect | what it says |", "| --- | --- | --- | --- | --- |"]
    for page in rulebook().pages.values():
        link = f"[{page.rule}](../rules/{page.rule}-{page.name}.md)"
        rows.append(f"| {link} | `{page.name}` | {page.severity} | {page.effect} | {page.title} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    (Path(__file__).parent / "rules.md").write_text(HEAD + rules_table())
