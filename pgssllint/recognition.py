"""What a file is, by its name and by its contents."""

import os
import re
from itertools import islice
from typing import Literal

from pgssllint.deployment import AUTH_SETTINGS
from pgssllint.endings import held_in, language_of, why_unread, without_template_suffix
from pgssllint.postgres.hba_options import METHODS
from pgssllint.postgres.parameters import is_known
from pgssllint.programs import content_lines, has_structure, is_foreign, is_ours, program_of
from pgssllint.project import Project
from pgssllint.text import Source

Kind = Literal["conf", "hba", "ident", "hosts"]
"""What a file is: a main file, or one of the three that it names."""

FIRST_LINES = 20
"""So many lines of a file that is called otherwise are all to be records of pg_hba.conf."""

FEWEST_PARAMETERS = 3
"""So many parameters make a file that is called otherwise one of settings."""

MAX_NAMES = 2000
"""So many names at the beginning of lines are looked up before a file is read."""

_MAIN_NAME = re.compile(r"postgres(?:ql)?(?:[._-].*)?\.conf|.*[._-]postgres(?:ql)?\.conf")

_AUTH_NAME = r"(?:.*[._-])?(?:pg|postgres(?:ql)?)[._-]{}(?:[._-].*)?\.conf"

_TYPE = rb"(?:local|host(?:no)?(?:ssl|gssenc)?)[ \t]+\S+[ \t]+\S"
_TYPED = re.compile(r"(?:local|host(?:no)?(?:ssl|gssenc)?)\s+\S+\s+\S+")
"""What begins like a record, whatever follows."""

_FIRST_WORDS = re.compile(rb"(?m)^[ \t]*(?:(?P<record>%b)|(?P<name>[A-Za-z_]\w*)[ \t]*[ \t=])" % _TYPE)


def kind_of(path: str, project: Project) -> Kind | None:
    """`conf`, `hba`, `ident` or `hosts` by the file's name, `conf` for a declared file, else None.

    What is written in another language is none of them, whatever it is called or declared to be.
    """
    name = without_template_suffix(path)
    if language_of(path) is not None or name == "postgresql.auto.conf":
        return None
    for kind in AUTH_SETTINGS:
        if re.fullmatch(_AUTH_NAME.format(kind), name):
            return kind
    return "conf" if _MAIN_NAME.fullmatch(name) or project.is_main(path) else None


def is_fragment(path: str, project: Project) -> bool:
    """Whether a file of settings is a part of a main file, as far as its name and its folder tell."""
    if project.is_main(path):
        return False
    return kind_of(path, project) != "conf" or os.path.dirname(path).endswith(".d")


def sniffed(source: Source) -> Kind | None:
    """What a file is by its contents: `conf` or `hba` if most of its lines could be nothing else."""
    lines = list(content_lines(source.text))
    if not lines or language_of(source.path) is not None:
        return None
    if 2 * sum(bool(_TYPED.match(line)) for line in lines) > len(lines):
        return "hba"
    names = (re.match(r"([A-Za-z_]\w*)\s*(?:=|\s)", line) for line in lines)
    return "conf" if 2 * sum(bool(name and is_known(name[1])) for name in names) > len(lines) else None


def may_be_ours(data: bytes) -> bool:
    """Whether a file may hold records, or settings enough, so that it is worth reading."""
    known = set[bytes]()
    for hit in islice(_FIRST_WORDS.finditer(data), MAX_NAMES):
        if hit["record"] is not None:
            return True
        name = hit["name"].lower()
        if name not in known and is_known(name.decode()):
            known.add(name)
            if len(known) == FEWEST_PARAMETERS:
                return True
    return False


def read_as(source: Source, project: Project) -> Kind | None:
    """What a file is that is not called as PostgreSQL's own are, and that nothing names; None where it is not one.

    With a name that begins or ends as theirs half of the lines will do, be it one; else the contents alone must tell.
    """
    lines = list(content_lines(source.text))
    kind = kind_of(source.path, project)
    if kind is not None:
        kind = kind if _bears_out(kind, lines) else None
    elif lines and all(map(_is_record, lines[:FIRST_LINES])):
        kind = "hba"
    elif _holds_settings(lines):
        kind = "conf"
    return kind if kind is not None and of_others(kind, source, project) is None else None


def of_others(kind: Kind, source: Source, project: Project) -> str | None:
    """The program that a file named like PostgreSQL's is of; None where it is PostgreSQL's, or declared to be."""
    named = kind_of(source.path, project) is not None
    return None if project.is_declared(source.path) else program_of(kind, source, project.files, named=named)


def named_ours(project: Project, base_name: str) -> tuple[str, ...]:
    """The files of the root with this base name, less those of other programs."""

    def is_others(path: str) -> bool:
        kind = kind_of(path, project)
        source = project.files.read(path) if kind is not None else None
        return kind is not None and isinstance(source, Source) and of_others(kind, source, project) is not None

    return tuple(path for path in project.named(base_name) if not is_others(path))


def why_left(source: Source, project: Project) -> str | None:
    """Why a file was read as none of PostgreSQL's, where that is known: what follows its name in a sentence."""
    language = language_of(source.path)
    if language is not None:
        return why_unread(language, source)
    program = of_others(kind_of(source.path, project) or sniffed(source) or "conf", source, project)
    return f"is a file of {program} and not of PostgreSQL" if program is not None else None


def is_worth_a_word(source: Source, project: Project) -> bool:
    """Whether it is to be told of a file that it was left, where nobody named it: it is named like one of PostgreSQL's,
    or it holds records or settings in another language.
    """
    return kind_of(source.path, project) is not None or (
        language_of(source.path) is not None and held_in(source) is not None
    )


def is_tls_material(path: str) -> bool:
    """Whether a file is named like certificates, keys and their kin."""
    return path.lower().endswith((".crt", ".cer", ".pem", ".key", ".crl", ".der"))


def _is_record(line: str) -> bool:
    """Whether a line reads as a record of pg_hba.conf: a type, three words more, and a method among those behind."""
    words = line.split("#")[0].split()
    if len(words) < 4 or not re.fullmatch(r"local|host(?:no)?(?:ssl|gssenc)?", words[0]):
        return False
    return any(word.strip("\"'") in METHODS for word in words[3:])


def _bears_out(kind: Kind, lines: list[str]) -> bool:
    """Whether lines are what a name says: half of them, and of settings one that no extension brings."""
    ours = [line for line in lines if is_ours(kind, line)]
    return 2 * len(ours) >= len(lines) and (bool(ours) if kind != "conf" else bool(_parameters(ours)))


def _parameters(lines: list[str]) -> list[str]:
    """The parameters that lines begin with, in lower case."""
    names = (hit[1].lower() for line in lines if (hit := re.match(r"([A-Za-z_]\w*)[ \t]*[ \t=]", line)))
    return [name for name in names if is_known(name)]


def _holds_settings(lines: list[str]) -> bool:
    """Whether lines are settings of PostgreSQL, most of them parameters, and none of another program."""
    if any(has_structure(line) or (is_foreign(line) and not is_ours("conf", line)) for line in lines):
        return False
    known = _parameters(lines)
    return len(set(known)) >= FEWEST_PARAMETERS and 2 * len(known) > len(lines)
