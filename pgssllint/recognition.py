"""What a file is, by its name and by its contents."""

import os
import re
from typing import Literal

from pgssllint.deployment import AUTH_SETTINGS
from pgssllint.postgres.parameters import majors_of
from pgssllint.project import Project
from pgssllint.text import Source

Kind = Literal["conf", "hba", "ident", "hosts"]
"""What a file is: a main file, or one of the three that it names."""

TEMPLATE_SUFFIXES = (".sample", ".example", ".dist", ".j2", ".erb", ".tmpl", ".tpl", ".template")
"""A file so named is no main file unless it is named on the command line."""


def kind_of(path: str, project: Project) -> Kind | None:
    """`conf`, `hba`, `ident` or `hosts` by the file's name, `conf` for a declared file, else None."""
    name = os.path.basename(path)
    for suffix in TEMPLATE_SUFFIXES:
        name = name.removesuffix(suffix)
    for kind in AUTH_SETTINGS:
        if re.fullmatch(rf"(?:.*[._-])?pg_{kind}(?:[._-].*)?\.conf", name):
            return kind
    if name == "postgresql.auto.conf":
        return None
    if re.fullmatch(r"postgresql(?:[._-].*)?\.conf|.*[._-]postgresql\.conf", name):
        return "conf"
    return "conf" if project.is_main(path) else None


def sniffed(source: Source) -> Kind | None:
    """What a file is by its contents: `conf` or `hba` if most of its lines could be nothing else."""
    lines = [line.strip() for line in source.text.splitlines()[:2000]]
    lines = [line for line in lines if line and not line.startswith("#")]
    if not lines:
        return None
    records = sum(bool(re.match(r"(?:local|host(?:no)?(?:ssl|gssenc)?)\s+\S+\s+\S+", line)) for line in lines)
    names = [re.match(r"([A-Za-z_]\w*)\s*(?:=|\s)", line) for line in lines]
    known = sum(bool(name and majors_of(name[1])) for name in names)
    if records * 2 > len(lines):
        return "hba"
    return "conf" if known * 2 > len(lines) else None


def is_tls_material(path: str) -> bool:
    """Whether a file is named like certificates, keys and their kin."""
    return path.lower().endswith((".crt", ".cer", ".pem", ".key", ".crl", ".der"))
