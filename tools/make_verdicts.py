"""Write pgssllint/syntax/verdicts.py from the grammars: `python -m tools.make_verdicts`.

For each grammar: its terminals as one regular expression, and Lark's verdict on every shape an ordinary line has. The
file is derived; a test fails when it is not current.
"""

import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from pgssllint.syntax.reader import ask, load_lark, terminals_of

TARGET = Path(__file__).parents[1] / "pgssllint" / "syntax" / "verdicts.py"
HEAD = '''"""Terminals of the grammars, and Lark's verdicts on ordinary lines; written by tools/make_verdicts.py."""

from typing import Any

KNOWN: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]] = \\
'''


def conf_shapes() -> Iterator[tuple[str, ...]]:
    """The shapes of the lines of postgresql.conf that parse, blank ones aside."""
    names, equals = ("ID", "QUALIFIED_ID"), ((), ("EQUALS",))
    values, comments = ("ID", "INTEGER", "REAL", "STRING", "UNQUOTED_STRING"), ((), ("COMMENT",))
    yield ("COMMENT",)
    for name, sign, value, comment in product(names, equals, values, comments):
        yield (name, *sign, value, *comment)


def cipher_shapes() -> Iterator[tuple[str, ...]]:
    """The shapes of the elements of an everyday cipher list: up to four names joined, with an operator or without."""
    yield ("AT", "NAME")
    for operator, joined in product(((), ("KILL",), ("MOVE",), ("DELETE",)), range(4)):
        yield (*operator, "NAME", *(("JOIN", "NAME") * joined))


def no_shapes() -> Iterator[tuple[str, ...]]:
    """For a grammar whose reader groups terminals without asking for a tree."""
    return iter(())


GRAMMARS = {"auth_file": no_shapes, "cipher_list": cipher_shapes, "postgresql_conf": conf_shapes}


def generated() -> str:
    """The text of verdicts.py."""
    known = {}
    for grammar, shapes in GRAMMARS.items():
        lark = load_lark(grammar)
        verdicts = {" ".join(shape): ask(lark, shape).skeleton for shape in shapes()}
        known[grammar] = (*terminals_of(lark), verdicts)
    lines = ["{"]
    for grammar, (pattern, ignored, verdicts) in known.items():
        lines += [f"    {grammar!r}: (", f"        {pattern!r},", f"        {ignored!r},", "        {"]
        lines += [f"            {shape!r}: {skeleton!r}," for shape, skeleton in verdicts.items()]
        lines += ["        },", "    ),"]
    return HEAD + "\n".join([*lines, "}"]) + "\n"


def main() -> int:
    """Write the file."""
    TARGET.write_text(generated())
    return 0


if __name__ == "__main__":
    sys.exit(main())
