"""What initdb makes of its options: the records of pg_hba.conf, and the settings that differ from the defaults.

Asked of the real one of majors 10 to 18 (`pytest -m servers tests/test_initdb.py`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from pgssllint.postgres.parameters import folded
from pgssllint.target import ASSUMED_MAJOR
from pgssllint.text import Home
from pgssllint.traced import By, Traced, joined, own

SETTINGS_FROM = 16
"""From this major on initdb takes settings (`-c`, `--set`)."""

SCRAM_DEFAULT_FROM = 14
"""From this major on passwords are stored for SCRAM where nothing else is set."""

_LOCAL = frozenset(
    {"trust", "reject", "scram-sha-256", "md5", "password", "peer", "radius", "pam", "pam ", "bsd", "ldap"}
)
_HOST = frozenset(
    {"trust", "reject", "scram-sha-256", "md5", "password", "ident", "radius", "gss", "sspi", "pam", "pam ", "bsd"}
    | {"ldap", "cert"}
)
"""The methods that some build of initdb takes."""

_RECORDS = (
    ("local   all             all                                     ", "local"),
    ("host    all             all             127.0.0.1/32            ", "host"),
    ("host    all             all             ::1/128                 ", "host"),
    ("local   replication     all                                     ", "local"),
    ("host    replication     all             127.0.0.1/32            ", "host"),
    ("host    replication     all             ::1/128                 ", "host"),
)
"""The records, in their order, and whose method each has."""


class _Kind(NamedTuple):
    """An option: whether it has a value, and from which major on it is there."""

    has_value: bool
    since: int = 10


_LONG: Mapping[str, _Kind] = MappingProxyType(
    {
        **dict.fromkeys(
            ("auth", "auth-host", "auth-local", "pgdata", "encoding", "locale", "pwfile", "username"), _Kind(True)
        ),
        **dict.fromkeys(("lc-collate", "lc-ctype", "lc-messages", "lc-monetary", "lc-numeric", "lc-time"), _Kind(True)),
        **dict.fromkeys(("text-search-config", "waldir"), _Kind(True)),
        **dict.fromkeys(
            ("no-locale", "pwprompt", "debug", "data-checksums", "no-clean", "no-sync", "show"), _Kind(False)
        ),
        **dict.fromkeys(("sync-only", "version", "help"), _Kind(False)),
        "allow-group-access": _Kind(False, 11),
        "wal-segsize": _Kind(True, 11),
        "discard-caches": _Kind(False, 14),
        "no-instructions": _Kind(False, 14),
        "icu-locale": _Kind(True, 15),
        "locale-provider": _Kind(True, 15),
        "icu-rules": _Kind(True, 16),
        "set": _Kind(True, SETTINGS_FROM),
        "builtin-locale": _Kind(True, 17),
        "sync-method": _Kind(True, 17),
        "no-data-checksums": _Kind(False, 18),
        "no-sync-data-files": _Kind(False, 18),
    }
)
_SHORT: Mapping[str, str] = MappingProxyType(
    {
        "A": "auth", "D": "pgdata", "E": "encoding", "L": "-input", "T": "text-search-config", "U": "username",
        "W": "pwprompt", "X": "waldir", "c": "set", "d": "debug", "g": "allow-group-access", "k": "data-checksums",
        "n": "no-clean", "N": "no-sync", "s": "show", "S": "sync-only", "V": "version", "?": "help",
    }
)  # fmt: skip
_INPUT = _Kind(True)


class Setting(NamedTuple):
    """A setting and where its name and its value are written."""

    name: Traced
    value: Traced


@dataclass(frozen=True, slots=True)
class Initdb:
    """What initdb is asked for. `local` and `host` are the methods of its records, None where no option names one.

    `fault` is the word for which it refuses; `is_known` tells whether all of its options are in view and understood.
    """

    local: Traced | None = None
    host: Traced | None = None
    settings: tuple[Setting, ...] = ()
    fault: Traced | None = None
    is_known: bool = True


def read_initdb(words: tuple[Traced, ...], major: int | None) -> Initdb:
    """What initdb of a major (None: not known, so that nothing of a later one is refused) makes of its words."""
    local: Traced | None = None
    host: Traced | None = None
    settings: list[Setting] = []
    is_known = all(word.is_known for word in words)
    for name, value in _options(words, major):
        if name == "?":
            return Initdb(fault=value) if value.is_known else Initdb(is_known=False)
        if name == "??":
            is_known = False
        elif name == "auth":
            local, host = _both(value)
        elif name == "auth-local":
            local = value
        elif name == "auth-host":
            host = value
        elif name == "set":
            setting = _setting(value)
            if setting is None and value.is_known:
                return Initdb(fault=value)
            settings += [setting] if setting is not None else []
    for method, methods in ((local, _LOCAL), (host, _HOST)):
        if method is not None and method.is_known and method.text not in methods:
            return Initdb(fault=method)
    return Initdb(local, host, tuple(settings), None, is_known)


SAMPLE, HBA_SAMPLE = "postgresql.conf.sample", "pg_hba.conf.sample"
"""The files that initdb makes those of a new data directory from."""

SAMPLE_RECORDS = "# the records of initdb\n"
"""What stands for the records in the image's own sample, of which only initdb knows the methods."""


def sample_text(name: str, at: Home) -> Traced | None:
    """The image's own sample, as far as it is no default; None where that is not known."""
    given = {SAMPLE: "listen_addresses = '*'\n", HBA_SAMPLE: SAMPLE_RECORDS}
    return own(given[name], at.source, at.span, "image") if name in given else None


def of_sample(text: Traced, made: Traced) -> Traced:
    """The records of a sample, with what initdb `made` in place of its own."""
    if not text.text.startswith(SAMPLE_RECORDS):
        return text
    return made + text.part(len(SAMPLE_RECORDS), len(text))


def records(initdb: Initdb, at: Home, key: str) -> Traced:
    """The records of pg_hba.conf. What no option asks for is there because of `at`, which is called `key`."""
    lines: list[Traced] = []
    for text, which in _RECORDS:
        method = initdb.local if which == "local" else initdb.host
        if method is None:
            by = By.TOOL if initdb.is_known else By.UNKNOWN
            lines += [own(text, at.source, at.span, key), own("trust", at.source, at.span, key, by)]
        else:
            lines += [method.beside(text, key), method]
        lines.append(own("\n", at.source, at.span, key))
    return joined(lines)


def settings_text(initdb: Initdb, major: int | None) -> Traced:
    """The lines of postgresql.conf that initdb writes because of its options."""
    held: dict[str, Traced] = {}
    method = _stored_as(initdb, major or ASSUMED_MAJOR)
    if method is not None:
        held["password_encryption"] = (
            method.beside("password_encryption = ", "password_encryption") + method + method.beside("\n", "")
        )
    for name, value in initdb.settings:
        held[folded(name.text)] = joined(
            [name, name.beside(" = ", name.text), _quoted(value, name), name.beside("\n", "")]
        )
    return joined(held.values())


def _stored_as(initdb: Initdb, major: int) -> Traced | None:
    """The method that password_encryption is set to, where initdb sets it."""
    scram, md5 = _is(initdb, "scram-sha-256"), _is(initdb, "md5")
    if major < SCRAM_DEFAULT_FROM:
        return scram
    return md5 if scram is None else None


def _is(initdb: Initdb, method: str) -> Traced | None:
    return next((one for one in (initdb.host, initdb.local) if one is not None and one.text == method), None)


def _both(value: Traced) -> tuple[Traced, Traced]:
    """The methods of `-A`: of ident and peer each is the other one's where it does not work itself."""
    if value.text == "ident":
        return value.become("peer"), value
    if value.text == "peer":
        return value, value.become("ident")
    return value, value


def _setting(value: Traced) -> Setting | None:
    name, equals, _ = value.text.partition("=")
    return Setting(value.part(0, len(name)), value.part(len(name) + 1, len(value))) if equals and name else None


def _quoted(value: Traced, name: Traced) -> Traced:
    """A value as initdb writes it: between quotes, if it is neither a word nor a number with a unit."""
    text = value.text
    digits = len(text) - len(text.lstrip("0123456789"))
    if text.isascii() and (
        (text[:1].isalpha() and text.isalnum()) or (digits and text[digits:].isalpha()) or text.isdigit()
    ):
        return value
    mark = name.beside("'", name.text)
    parts = [mark]
    at = 0
    for number, character in enumerate(text):
        if character == "'":
            parts += [value.part(at, number + 1), value.part(number, number + 1).become("'")]
            at = number + 1
    return joined([*parts, value.part(at, len(value)), mark])


def _options(words: tuple[Traced, ...], major: int | None) -> Iterator[tuple[str, Traced]]:
    """The options by their long names with their values, as getopt_long parts them; `?` for one that initdb refuses,
    `??` for one that is not understood.
    """
    left = list(reversed(words))
    while left:
        word = left.pop()
        text = word.text
        if text == "--":
            yield from (("?", one) for one in reversed(left))
            return
        if text.startswith("--"):
            yield from _long(word, left, major)
        elif text.startswith("-") and len(text) > 1:
            yield from _short(word, left, major)
        else:
            yield "?", word


def _long(word: Traced, left: list[Traced], major: int | None) -> Iterator[tuple[str, Traced]]:
    given, equals, _ = word.text[2:].partition("=")
    fitting = [name for name in _LONG if name == given] or [name for name in _LONG if name.startswith(given)]
    if len(fitting) != 1:
        yield "??", word
        return
    kind = _LONG[fitting[0]]
    if major is not None and major < kind.since:
        yield "?", word
    elif not kind.has_value:
        yield ("?" if equals else fitting[0]), word
    elif equals:
        yield fitting[0], word.part(len(given) + 3, len(word))
    else:
        yield (fitting[0], left.pop()) if left else ("?", word)


def _short(word: Traced, left: list[Traced], major: int | None) -> Iterator[tuple[str, Traced]]:
    for at in range(1, len(word)):
        name = _SHORT.get(word.text[at])
        kind = _LONG.get(name, _INPUT) if name is not None else None
        if name is None or kind is None or (major is not None and major < kind.since):
            yield "?", word
            return
        if not kind.has_value:
            yield name, word.part(at, at + 1)
        elif at + 1 < len(word):
            yield name, word.part(at + 1, len(word))
            return
        else:
            yield (name, left.pop()) if left else ("?", word)
            return
