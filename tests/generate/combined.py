"""Several faults at once, started afresh: what a real server does and says first is what is predicted.

Each case has up to four faults of all kinds: what the examples of rules have in their files, those of the generator of
starts, and what else a server trips over. tests/support/starting.py says what counts as agreement.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from tests.generate.starts import DRAWS, Draw, plain
from tests.support import starting
from tests.support.connections import today
from tests.support.dealing import Deck
from tests.support.examples import Example, examples, sound_pages
from tests.support.pki import pem
from tests.support.servers import DATA_DIRECTORY, File
from tests.support.starting import MAJORS, Case, Part, free_port

_CARETS = re.compile(r"\s*#\s*\^")
_MERGED = ("postgresql.conf", "pg_hba.conf", "pg_ident.conf", "postgresql.auto.conf")
_FOUND_THERE = frozenset({"postgresql.auto.conf", "recovery.conf", "recovery.signal", "standby.signal"})
_BY_BUILD = re.compile(r"\b(?:ldap|gss|sspi|pam|bsd)\b")
"""Methods that a server without the library refuses; those asked here have none."""

_TEMPLATE = re.compile(r"\{\{|\$\{|@@|<%")
_KINDS = frozenset({*_MERGED, "recovery.conf"})
_ELSEWHERE = (
    "connect",
    "server",
    "raw",
    "tracked",
    "upgrade_to",
    "server_user",
    "own",
    "assumed",
    "openssl",
    "without",
)
"""What an example has that is no fault in a file, or that takes another server."""


def run(seed: int, count: int, majors: Sequence[int] = MAJORS) -> int:
    """Ask servers of `majors` about `count` cases; 1 where one disagrees."""
    return starting.run(cases(seed, count, majors))


def cases(seed: int, count: int, majors: Sequence[int]) -> Iterator[Case]:
    """As many cases, the same for each seed, with a server of each major in turn, and Debian's."""
    decks = _Decks(Deck(DRAWS), Deck(_FAULTS))
    return starting.drawn(seed, count, majors, lambda rng, major: _fitting(_parts(rng, major, decks)))


class _Decks(NamedTuple):
    """What is dealt: the draws of starts, and the faults of this generator."""

    draws: Deck[Draw]
    faults: Deck[Draw]


def _parts(rng: random.Random, major: int, decks: _Decks) -> Iterator[Part]:
    yield _base(rng)
    for _ in range(rng.choice((0, 1, 2, 2, 3, 3, 4, 4))):
        chance = rng.random()
        if chance < 0.3:
            yield _of_example(rng.choice(_refusing(major)))
        elif chance < 0.4:
            yield _of_example(rng.choice(_others(major)))
        else:
            deck = decks.draws if chance < 0.55 else decks.faults
            yield deck.deal(rng, lambda draw: draw.fits(major)).make(rng, major)
    yield plain(rng, major)


def _base(rng: random.Random) -> Part:
    """What a sound server has: with TLS or without."""
    records = ("local all all peer", "host all all 127.0.0.1/32 scram-sha-256")
    if rng.random() < 0.4:
        return Part("without TLS", records=records)
    files = (("base.crt", File(pem("leaf"))), ("base.key", File(pem("key:leaf"))), ("base-ca.crt", File(pem("root"))))
    lines = ("ssl = on", "ssl_cert_file = 'base.crt'", "ssl_key_file = 'base.key'")
    more = ("ssl_ca_file = 'base-ca.crt'",) if rng.random() < 0.5 else ()
    return Part("with TLS", (*lines, *more), files, (*records, "hostssl all all all scram-sha-256"))


def _fitting(parts: Iterator[Part]) -> Iterator[Part]:
    """The parts, each without what lies in a file that another one has before; a port where one listens."""
    taken: dict[str, File | None] = {}
    kept: list[Part] = []
    listens = moved = False
    for part in parts:
        if any(taken.get(name, file) != file for name, file in part.files):
            continue
        # Of another data directory the files that lie in this one are not read.
        if (moved and _in_data_directory(part)) or (
            part.kind == "data_directory" and any(map(_in_data_directory, kept))
        ):
            continue
        moved |= part.kind == "data_directory"
        kept.append(part)
        taken.update(part.files)
        listens |= any("listen_addresses" in line.lower() for line in (*part.lines, *part.auto))
        yield part
    if listens:
        yield Part("port", (f"port = {free_port()}",))


def _in_data_directory(part: Part) -> bool:
    """Whether a part has what a server reads in its data directory, wherever its configuration is."""
    return bool(part.auto) or any(name in _FOUND_THERE for name, _ in part.files)


def _of_example(example: Example) -> Part:
    """What the example has in its files."""
    texts = {name: _lines(example.files.get(name, "")) for name in _MERGED}
    files = tuple(
        (name, File(data, int(mode, 8) if mode is not None else 0o600, owner))
        for name, data, mode, owner in example.contents()
        if name not in texts
    )
    return Part(
        example.page.rule,
        texts["postgresql.conf"],
        files,
        texts["pg_hba.conf"],
        texts["pg_ident.conf"],
        texts["postgresql.auto.conf"],
    )


def _lines(text: str) -> tuple[str, ...]:
    """The lines of a file, without those that say what is found in it."""
    return tuple(line for line in text.split("\n") if line and not _CARETS.match(line))


@cache
def _by_effect() -> Mapping[bool, tuple[Example, ...]]:
    """The examples whose faults can be put together, by whether their rule's refuse a start."""
    found: dict[bool, list[Example]] = {True: [], False: []}
    for page in sound_pages():
        for example in examples(page):
            foreign = any(key in example.case for key in _ELSEWHERE) or not _KINDS.issuperset(example.files)
            foreign |= any(name.startswith((".", "/")) for name, _, _, _ in example.contents())
            foreign |= any(_TEMPLATE.search(text) for text in example.files.values())
            foreign |= any(_BY_BUILD.search(line) for line in _lines(example.files.get("pg_hba.conf", "")))
            if example.section == "Fires" and not foreign:
                found[page.effect == "refuses-start"].append(example)
    return {refuses: tuple(several) for refuses, several in found.items()}


@cache
def _refusing(major: int) -> Sequence[Example]:
    return [example for example in _by_effect()[True] if major in example.majors]


@cache
def _others(major: int) -> Sequence[Example]:
    return [example for example in _by_effect()[False] if major in example.majors]


def _part(part: Part) -> Draw:
    """What makes always the same part."""
    return Draw(lambda *_: part)


def _key(kind: str, *lines: str, files: Mapping[str, bytes]) -> Draw:
    """A fault of the server's certificate and key."""
    named = ("ssl = on", "ssl_cert_file = 'fault.crt'", "ssl_key_file = 'fault.key'", *lines)
    given = {"fault.crt": pem("leaf"), "fault.key": pem("key:leaf"), **files}
    return _part(Part(kind, named, tuple((name, File(data)) for name, data in given.items())))


def _damaged(data: bytes) -> bytes:
    """A PEM block one line of which is no base64."""
    lines = data.splitlines(keepends=True)
    return b"".join([*lines[:3], b"!" + lines[3][1:], *lines[4:]])


def _with_header(data: bytes) -> bytes:
    """A PEM block that says that it is encrypted, and is not."""
    first, rest = data.split(b"\n", 1)
    return first + b"\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n" + rest


def _command(word: str) -> Draw:
    line = f"ssl_passphrase_command = '{word}'"
    return _key(f"passphrase command: {word}", line, files={"fault.key": pem("encrypted-key:leaf")})


def _text(kind: str, name: str, text: str, *lines: str) -> Draw:
    """A file with some text, and lines of postgresql.conf that lead to it."""
    return _part(Part(kind, lines, ((name, File(text.encode())),)))


def _settings(kind: str, *lines: str) -> Draw:
    return _part(Part(kind, lines))


def _records(kind: str, *records: str, **files: str) -> Draw:
    given = tuple((f"{name}.txt", File(text.encode())) for name, text in files.items())
    return _part(Part(kind, records=records, files=given))


def _maps(kind: str, *maps: str, **files: str) -> Draw:
    given = tuple((f"{name}.txt", File(text.encode())) for name, text in files.items())
    return _part(Part(kind, records=("local all all peer map=m",), maps=maps, files=given))


def _folder(mode: int, owner: str) -> Draw:
    """The data directory with a mode and an owner."""
    return _laid(f"data directory of {owner} with {mode:04o}", DATA_DIRECTORY, File(b"", mode, owner))


def _laid(kind: str, name: str, file: File = File(b"", 0o700)) -> Draw:  # noqa: B008 (a value without state)
    """Something that stands where a server has a file of that name."""
    return _part(Part(kind, (), ((name, file),)))


def _named(kind: str, line: str, name: str) -> Draw:
    """A file that nobody may read, and the line that names it."""
    return _part(Part(kind, (line,), ((name, File(b"work_mem = 5MB\n", 0)),)))


_OTHERS = ("root", "54321")
_LONG = "x" * 256
_FAULTS: tuple[Draw, ...] = (
    _key("damaged key", files={"fault.key": _damaged(pem("key:leaf"))}),
    _key("damaged certificate", files={"fault.crt": _damaged(pem("leaf"))}),
    _key("certificate with a header", files={"fault.crt": _with_header(pem("leaf"))}),
    _key("key of another", files={"fault.key": pem("key:root")}),
    *(
        _key("key of another label", files={"fault.key": pem("key:leaf").replace(b" PRIVATE", label + b" PRIVATE")})
        for label in (b" EC", b" RSA", b" DSA")
    ),
    _key("certificate as key", files={"fault.key": pem("leaf")}),
    _key("key as certificate", files={"fault.crt": pem("key:leaf")}),
    _key("no certificate", files={"fault.crt": b""}),
    _key("key behind an encrypted one", files={"fault.key": pem("encrypted-key:leaf") + pem("key:leaf")}),
    _key("encrypted key", files={"fault.key": pem("encrypted-key:leaf")}),
    _key("empty passphrase", "ssl_passphrase_command = 'echo'", files={"fault.key": pem("encrypted-key-empty:leaf")}),
    *map(_command, ("exit 1", "nosuchprogram", "cat nosuch", "false", "true", "echo wrong", "echo \"tests only\"")),
    _key("damaged CA", "ssl_ca_file = 'fault-ca.crt'", files={"fault-ca.crt": _damaged(pem("root"))}),
    _key("empty CA", "ssl_ca_file = 'fault-ca.crt'", files={"fault-ca.crt": b"\n"}),
    _key("damaged list", "ssl_crl_file = 'fault.crl'", files={"fault.crl": _damaged(pem("crl:root"))}),
    _key("certificate as list", "ssl_crl_file = 'fault.crl'", files={"fault.crl": pem("root")}),
    _key("parameters", "ssl_dh_params_file = 'fault.dh'", files={"fault.dh": b"no parameters\n"}),
    _settings("missing certificate", "ssl = on", "ssl_cert_file = 'nosuch.crt'"),
    _settings("missing key", "ssl = on", "ssl_key_file = 'nosuch.key'"),
    _settings("missing CA", "ssl = on", "ssl_ca_file = 'nosuch.crt'"),
    _settings("missing list", "ssl = on", "ssl_crl_file = 'nosuch.crl'"),
    _settings("missing parameters", "ssl_dh_params_file = 'nosuch.dh'"),
    _settings("long name: TLS", f"ssl_cert_file = '{_LONG}'"),
    _settings("long name: include", f"include '{_LONG}'"),
    _settings("long name: include_if_exists", f"include_if_exists '{_LONG}'"),
    _settings("long name: hba_file", f"hba_file = '{_LONG}'"),
    _settings("ciphers", "ssl_ciphers = 'nosuch'"),
    _settings("groups", "ssl_ecdh_curve = 'nosuch'"),
    _settings("protocols", "ssl_min_protocol_version = 'TLSv1.3'", "ssl_max_protocol_version = 'TLSv1.2'"),
    _settings("protocols", "ssl_min_protocol_version = 'TLSv1.4'"),
    _settings("table access method", "default_table_access_method = ''"),
    _settings("log_min_messages: fatal", "log_min_messages = fatal"),
    _settings("log_min_messages: panic", "log_min_messages = panic"),
    _settings("log_min_messages: error", "log_min_messages = error"),
    _settings("missing include", "include 'nosuch.conf'"),
    _settings("missing include", "include_dir 'nosuch.d'"),
    _settings("missing include", "include_if_exists 'nosuch.conf'"),
    _settings("a folder included", "include 'base'"),
    _settings("a folder included", "include_if_exists 'base'"),
    _settings("a folder as pg_hba.conf", "hba_file = '/tmp'"),
    _settings("a folder in place of a file", "ident_file = '/tmp'"),
    _settings("a folder in place of a file", "ssl = on", "ssl_cert_file = 'base'"),
    _settings("/dev/null as pg_hba.conf", "hba_file = '/dev/null'"),
    _settings("a device", "ident_file = '/dev/null'"),
    _settings("a missing file", "hba_file = 'nosuch.conf'"),
    _settings("a missing file", "ident_file = 'nosuch.conf'"),
    _settings("syntax", "work_mem"),
    _settings("syntax", "work_mem = 5 MB"),
    _settings("syntax", "work_mem = 'x"),
    _settings("syntax", "= 5"),
    _settings("names", "nosuch = 1"),
    _settings("names", "no_such = 'x'", "nosuch2 = 1"),
    _settings("values", "work_mem = 'x'"),
    _settings("values", "ssl = 'maybe'"),
    _settings("values", "max_connections = 0"),
    _settings("values", "password_encryption = 'nosuch'"),
    _settings("values", "authentication_timeout = 0"),
    _text("include loop", "loop.conf", "include 'loop.conf'\n", "include 'loop.conf'"),
    _text("an included fault", "faults.conf", "work_mem = 'x'\nnosuch = 1\n", "include 'faults.conf'"),
    _text("an included fault", "faults2.conf", "= 5\n", "include_if_exists 'faults2.conf'"),
    _text("an included fault", "conf.d/a.conf", "nosuch = 1\n", "include_dir 'conf.d'"),
    _text("auto.conf", "postgresql.auto.conf", "nosuch = 1\n"),
    _text("auto.conf", "postgresql.auto.conf", "work_mem = 'x'\n"),
    _text("auto.conf", "postgresql.auto.conf", "work_mem\n"),
    _records("method", "host all all 127.0.0.1/32 nosuch"),
    _records("address", "host all all 127.0.0.1/33 trust", "host all all 10.0.0.0 trust"),
    _records("tokens", "host all"),
    _records("tokens", "nosuch all all trust"),
    _records("tokens", "host all all all trust nosuch=1"),
    _records("tokens", 'local "all all trust'),
    _records("options", "hostssl all all all cert clientcert=nosuch"),
    _records("options", "host all all all trust clientcert=verify-full"),
    _records("options", "host all all all radius"),
    _records("options", "local all all trust map=x"),
    _records("TLS", "hostssl all all all trust"),
    _records("included records", "include more.txt", more="host all all nosuch\n"),
    _records("included records", "include_if_exists nosuch.txt"),
    _records("included records", "include nosuch.txt"),
    _records("included records", "include_dir nosuch.d"),
    _records("an include of itself in pg_hba.conf", "include loopr.txt", loopr="include loopr.txt\n"),
    _records("names of a file", "local @nosuch.txt all trust"),
    _records("names of a file", "local @names.txt all trust", names="a, b\n@nosuch.txt\n"),
    _records("an @file in itself", "local @loopn.txt all trust", loopn="a @loopn.txt\n"),
    _maps("maps", "m a"),
    _maps("maps", "m /( b"),
    _maps("maps", "m @nosuch.txt b"),
    _maps("an @file of pg_ident.conf in itself", "m @loopm.txt b", loopm="a @loopm.txt\n"),
    _maps("maps", "m /^(.*)$ \\1", "m b c d"),
    *(_folder(mode, "postgres") for mode in (0o755, 0o750, 0o770, 0o701)), *(_folder(0o755, name) for name in _OTHERS),
    _laid("auto.conf is a folder", "postgresql.auto.conf/"),
    _laid("pg_hba.conf is a folder", "pg_hba.conf/"),
    _laid("postgresql.auto.conf that nobody may read", "postgresql.auto.conf", File(b"work_mem = 5MB\n", 0)),
    _named("include_if_exists of a file that nobody may read", "include_if_exists 'shut.conf'", "shut.conf"),
    _named("include of a file that nobody may read", "include 'shut2.conf'", "shut2.conf"),
    _key("key with a wrong label", files={"fault.key": pem("key:leaf").replace(b" PRIVATE", b" RSA PRIVATE")}),
    _key("key with a wrong label", files={"fault.key": pem("key-ec:leaf").replace(b"EC PRIVATE", b"PRIVATE")}),
    _key("key with a wrong label", files={"fault.key": pem("key:leaf").replace(b"PRIVATE KEY", b"CERTIFICATE")}),
    _key("self-signed with MD5", files={
        "fault.crt": pem("self-signed-md5", today()), "fault.key": pem("key:self-signed-md5"),
    }),
    _settings("PROFILE=SYSTEM", "ssl_ciphers = 'PROFILE=SYSTEM'"),
    _settings("PROFILE=SYSTEM", "ssl = on", "ssl_cert_file = 'base.crt'", "ssl_key_file = 'base.key'",
              "ssl_ciphers = 'PROFILE=SYSTEM'"),
)  # fmt: skip
