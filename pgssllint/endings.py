"""What a file is written in, by the ending of its name: templates, and languages that PostgreSQL reads none of."""

import os
import re

from pgssllint.text import Source

TEMPLATES = (".j2", ".jinja2", ".erb", ".epp", ".tmpl", ".tpl", ".template")
"""What a file is called from which a tool writes another one."""

TEMPLATE_SUFFIXES = (".sample", ".example", ".dist", *TEMPLATES)
"""What stands behind the name of a file that no server reads as it is; a walk takes templates, and no examples."""

_LANGUAGES = {
    "YAML": (".yaml", ".yml"),
    "JSON": (".json",),
    "TOML": (".toml",),
    "INI": (".ini",),
    "XML": (".xml",),
    "SQL": (".sql",),
    "Terraform": (".tf", ".tofu", ".tfvars", ".hcl"),
    "Puppet": (".pp",),
    "Nix": (".nix",),
    "Salt": (".sls",),
    "a script": (".sh", ".bash", ".ps1", ".py", ".rb", ".pl"),
    "an environment": (".env",),
    "a systemd unit": (".service", ".timer", ".socket"),
    "a document": (".md", ".rst", ".adoc", ".html"),
}
"""Languages that PostgreSQL reads none of, and how the names of files in them end."""

_BY_ENDING = {ending: language for language, endings in _LANGUAGES.items() for ending in endings}

_HELD = re.compile(
    r"(?m)^[ \t]*(?:-[ \t]+){0,2}[\"']?"
    r"(?:(?P<record>(?:local|host(?:no)?(?:ssl|gssenc)?)[ \t]+\S+[ \t]+\S+[ \t]+\S)"
    r"|(?:ssl|ssl_\w+|hba_file|ident_file|password_encryption)[\"']?[ \t]*[:=][ \t]*\S)"
)
"""What a record of pg_hba.conf, or a setting, looks like in a file of another language."""

_NAMED = re.compile(
    r"\bpg_?hba(?:_rules?)?\b"  # Puppet, Chef and others
    r"|\bservices\.postgresql(?:\.authentication\b|\b(?=[^{}]*\{[^{}]*\bauthentication\b))"  # NixOS
    r"|(?m:^)[ \t]*acls:"  # Salt's formula
)
"""What a language calls records of pg_hba.conf that it has in a form of its own."""

CONFIGURING = (".pp", ".nix", ".sls", ".rb")
"""The endings of languages in which servers are set up, and of which nothing is read."""


def without_template_suffix(path: str) -> str:
    """The base name of a path, less what says that it is a template or an example."""
    name = os.path.basename(path)
    for suffix in TEMPLATE_SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def language_of(path: str) -> str | None:
    """The language of a file, or the kind of it, where its name says that PostgreSQL reads no such file; else None."""
    name = without_template_suffix(path).lower()
    if re.fullmatch(r"(?:.+\.)?(?:dockerfile|containerfile)(?:\..+)?", name):
        return "a Dockerfile"
    return _BY_ENDING.get(name if name.startswith(".") else os.path.splitext(name)[1])


def held_in(source: Source) -> str | None:
    """What of PostgreSQL's a file in another language holds, and where; None where it is nothing to be seen."""
    hit = _HELD.search(source.text)
    if (hit is None or not hit["record"]) and without_template_suffix(source.path).endswith(CONFIGURING):
        hit = _NAMED.search(source.text) or hit
    if hit is None:
        return None
    is_record = hit.re is _NAMED or hit["record"]
    what = "records of pg_hba.conf" if is_record else "settings of postgresql.conf"
    return f"line {source.position(hit.end() - 1)[0]} holds {what} that were not read (unknown layout)"


def why_unread(language: str, source: Source) -> str:
    """Why a file of that language was not read as one of PostgreSQL's: what follows its name in a sentence.

    Readers of such a language say more of what they understand; here stands what is said of all the rest.
    """
    held = held_in(source)
    return f"is {language}; {held}" if held else f"is {language}, which is never read as postgresql.conf or pg_hba.conf"
