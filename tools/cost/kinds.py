"""Kinds of input that cost a linter more than they weigh: each writes a project of any size.

A kind doubles what it repeats, up to a mebibyte. What is included is included as often as may be, so that a small file
counts for many.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from random import Random

from tools.cost import material
from tools.cost.kind import Kind, filled
from tools.cost.tool_kinds import OF_TOOLS

MEBIBYTE = 1024 * 1024

INCLUDED = 900
"""How often something is included; the linter itself reads at most a thousand files."""

CONF, HBA, IDENT, HOSTS = "postgresql.conf", "pg_hba.conf", "pg_ident.conf", "pg_hosts.conf"

VIEW_OF: Mapping[str, str] = {CONF: "settings", HBA: "hba", IDENT: "ident", HOSTS: "hosts"}
"""The command that shows the rows of a file."""


def kinds(seed: int = 1) -> tuple[Kind, ...]:
    """All kinds, those of small inputs first, and those that a seed mixes."""
    return (*_INCLUDES, *_LINES, *_LISTS, *_PROJECTS, *OF_TOOLS, *_CERTIFICATES, *_mixed(seed))


def _lines(name: str, line: Callable[[int], str], before: str = "") -> Callable[[Path, int], None]:
    """Writes one file of such lines; what `before` begins, a quote or a record, is ended behind them."""
    quote = next((mark for mark in "'\"" if before.count(mark) % 2), "")
    after = f"{quote} all all scram-sha-256\n" if before.startswith("host ") else f"{quote}\n" if before else ""

    def write(folder: Path, size: int) -> None:
        (folder / name).write_text(before + filled(size - len(before), line) + after)

    return write


def _again(name: str, directive: str, line: Callable[[int], str]) -> Callable[[Path, int], None]:
    """Writes a file that includes another one over and over, which holds such lines."""

    def write(folder: Path, size: int) -> None:
        times = min(INCLUDED, max(1, size // 32))
        (folder / name).write_text(directive * times)
        (folder / "more").mkdir()
        (folder / "more" / "a.conf").write_text(filled(max(1, size - len(directive) * times), line))

    return write


def _at_file(folder: Path, size: int) -> None:
    _again(HBA, "host all @more/a.conf samenet scram-sha-256\n", lambda n: f"n{n}\n")(folder, size)


def _deep(folder: Path, size: int) -> None:
    """Folders in folders as deep as a path may be, and configuration in the last ones."""
    depth = min(1900, max(4, size // 4))
    here = os.open(folder, os.O_RDONLY)
    try:
        for _ in range(depth):
            os.mkdir("d", dir_fd=here)
            below = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        with open(os.open(HBA, os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=here), "w") as file:
            file.write("local all all peer\n")
    finally:
        os.close(here)
    path = "d/" * depth
    includes = filled(max(1, size - 2 * depth), lambda n: f"include_if_exists '{path}{n}.conf'\n")
    (folder / CONF).write_text(includes)


_INCLUDES = (
    Kind("hba included again", _again(HBA, "include more/a.conf\n", lambda n: f"local d{n} all peer\n"), HBA),
    Kind("bad hba included again", _again(HBA, "include more/a.conf\n", lambda n: f"x{n}\n"), HBA),
    Kind("ident included again", _again(IDENT, "include more/a.conf\n", lambda n: f"m{n} a b\n"), IDENT),
    Kind("names included again", _at_file, HBA),
    Kind("folder included again", _again(HBA, "include_dir more\n", lambda n: f"local d{n} all peer\n"), HBA),
    Kind("settings included again", _again(CONF, "include 'more/a.conf'\n", lambda n: f"a.b{n} = 1\n"), CONF),
    Kind("folders in folders", _deep, CONF),
)


def _record(databases: str = "all", roles: str = "all", rest: str = "samenet scram-sha-256") -> str:
    return f"host {databases} {roles} {rest}\n"


def _names(letter: str, number: int, many: int = 16) -> str:
    return ",".join(f"{letter}{number * many + n}" for n in range(many))


def _in_both(folder: Path, size: int, setting: Callable[[int], str], record: Callable[[int], str]) -> None:
    """Writes such lines into postgresql.conf and pg_hba.conf, half and half."""
    (folder / CONF).write_text(filled(size // 2, setting))
    (folder / HBA).write_text(filled(size // 2, record))


def _both(setting: Callable[[int], str], record: Callable[[int], str]) -> Callable[[Path, int], None]:
    return lambda folder, size: _in_both(folder, size, setting, record)


def _suppression(word: Callable[[int], str]) -> Callable[[Path, int], None]:
    def write(folder: Path, size: int) -> None:
        words = filled(size - 64, lambda n: f"{word(n)},")
        (folder / HBA).write_text(f"# pgssllint: ignore[{words}] none of these\nhost all all 0.0.0.0/0 trust\n")

    return write


def _near_miss(number: int) -> str:
    """A name of a rule with something of its own in the middle."""
    return f"trust-ov{number}r-network"


_LINES = (
    Kind("records that trust", _lines(HBA, lambda n: _record(f"d{n}", rest="0.0.0.0/0 trust")), HBA),
    Kind("one record over and over", _lines(HBA, lambda _: _record(rest="0.0.0.0/0 trust")), HBA),
    Kind("bad records", _lines(HBA, lambda n: f"h{n}\n"), HBA),
    Kind("bad records of one line", _lines(HBA, lambda _: "x y\n"), HBA),
    Kind("no-break spaces", _both(lambda _: "a\u00a0=b\n", lambda _: "a\u00a0b\n"), HBA),
    Kind("no-break spaces in settings", _lines(CONF, lambda _: "a\u00a0=b\n"), CONF),
    Kind("no-break spaces in records", _lines(HBA, lambda _: "a\u00a0b\n"), HBA),
    Kind("NULs in records", _lines(HBA, lambda _: "a\0\n"), HBA),
    Kind("NULs in settings", _lines(CONF, lambda _: "a\0\n"), CONF),
    Kind("NULs in values", _lines(CONF, lambda n: f"a.b{n}='\0'\n"), CONF),
    Kind("records of 16 by 16 names", _lines(HBA, lambda n: _record(_names("d", n), _names("r", n))), HBA),
    Kind("curly quotes in records", _lines(HBA, lambda n: _record(f"“{n}”")), HBA),
    Kind("curly quotes in settings", _lines(CONF, lambda n: f"a{n} = “b”\n"), CONF),
    Kind("patterns in records", _lines(HBA, lambda n: _record(f'"/^a{n}(b|c)*$"')), HBA),
    Kind("patterns in maps", _lines(IDENT, lambda n: f'm "/^(.*)@h{n}[.]com$" \\1\n'), IDENT),
    Kind(
        "slow patterns",
        _lines(HBA, lambda n: _record(f"/.*.*.*{n}x")),
        HBA,
        asked=("--database", "a" * 63, "--user", "b", "--address", "10.1.2.3", "--tls"),
    ),
    Kind("unknown settings", _lines(CONF, lambda n: f"shared_bufers{n} = 1\n"), CONF),
    Kind("unknown options", _lines(HBA, lambda n: _record(rest=f"samenet cert mapp{n}=a")), HBA),
    Kind("many options", _lines(HBA, lambda n: f" clientcret{n}=a", "host all all samenet cert"), HBA),
    Kind("one wrong setting over and over", _lines(CONF, lambda _: "ssl = perhaps\n"), CONF),
    Kind("spellings of one wrong setting", _lines(CONF, lambda n: f"{_spelt('ssl_ciphers', n)} = ''\n"), CONF),
    Kind("words of one suppression", _suppression(lambda n: f"a{n}"), HBA),
    Kind("near misses of one suppression", _suppression(_near_miss), HBA),
    Kind("suppressions", _lines(HBA, lambda n: f"host d{n} all 0/0 trust # pgssllint: ignore[PGS2]\n"), HBA),
    Kind("one long line", _lines(HBA, lambda n: f"d{n},", "host "), HBA),
    Kind("one long value", _lines(CONF, lambda n: f"d{n},", "listen_addresses = '"), CONF),
    Kind("one long list of ciphers", _lines(CONF, lambda n: f"A{n}:", "ssl_ciphers = '"), CONF),
    Kind("continued lines", _lines(HBA, lambda n: f"d{n},\\\n", "host "), HBA),
    Kind("quotes", _lines(HBA, lambda _: '"'), HBA),
    Kind("entries of hosts", _lines(HOSTS, lambda n: f"h{n}.example a.crt a.key\n"), HOSTS),
    Kind("template expressions", _lines(CONF, lambda n: f"a.b{n} = {{{{ x }}}}\n"), CONF),
)


def _networks(number: int) -> str:
    """Addresses, and now and then a network around all of them, of which something is left."""
    if number % 2:
        return _record(rest="10.0.0.0/8 reject")
    return _record(rest=f"10.0.{number >> 9 & 255}.{number >> 1 & 255}/32 scram-sha-256")


def _mapped(folder: Path, size: int) -> None:
    """Records that each name a map of their own, and the maps."""
    (folder / HBA).write_text(filled(size // 2, lambda n: _record(rest=f"samenet cert map=m{n}")))
    (folder / IDENT).write_text(filled(size // 2, lambda n: f"m{n} a{n} b\n"))


_PATTERN = ("--database", "a" * 63, "--user", "a" * 63, "--address", "10.1.2.3", "--tls")
"""A connection that patterns are tried on."""

_LISTS = (
    Kind("settings without more", _lines(CONF, lambda _: "a=1\n"), CONF),
    Kind("custom settings", _lines(CONF, lambda n: f"a.b{n}=1\n"), CONF),
    Kind("wrong lines of settings", _lines(CONF, lambda _: "=\n"), CONF),
    Kind("comments in records", _lines(HBA, lambda _: "#\n"), HBA),
    Kind("comments in settings", _lines(CONF, lambda _: "#\n"), CONF),
    Kind("blank lines", _both(lambda _: "\n", lambda _: "\n"), HBA),
    Kind("returns in records", _lines(HBA, lambda _: "a\rb\n"), HBA),
    Kind("lines of suppressions", _lines(HBA, lambda n: f"# pgssllint: ignore[a{n}] x\n"), HBA),
    Kind("malformed suppressions", _lines(HBA, lambda _: "# pgssllint: ignore\n"), HBA),
    Kind("networks in a network", _lines(HBA, _networks), HBA),
    Kind("hosts by name", _lines(HBA, lambda n: _record(rest=f".h{n}.example scram-sha-256")), HBA),
    Kind("networks of all lengths", _lines(HBA, lambda n: _record(rest=f"{n % 224}.{n % 251}.0.0/{n % 33} md5")), HBA),
    Kind("shadowed certificates", _lines(HBA, lambda n: _record(f"d{n % 99}", rest="samenet cert")), HBA),
    Kind("members", _lines(HBA, lambda n: _record(f"d{n}", f"+r{n}")), HBA),
    Kind("replication", _lines(HBA, lambda n: _record("replication", f"r{n}", "all md5")), HBA),
    Kind("own databases", _lines(HBA, lambda n: _record("sameuser", f"r{n}", "0.0.0.0/0 password")), HBA),
    Kind("LDAP", _lines(HBA, lambda n: _record(rest=f'samenet ldap ldapurl="ldap://h{n}/dc=x?uid"')), HBA),
    Kind("one long ldapserver", _lines(HBA, lambda n: f"h{n} ", 'host all all samenet ldap ldapserver="'), HBA),
    Kind("one long quoted name", _lines(HBA, lambda _: "a", 'host "'), HBA),
    Kind("maps of records", _mapped, HBA),
    Kind("one map", _lines(IDENT, lambda n: f"m a{n} b{n}\n"), IDENT),
    Kind("bad patterns in maps", _lines(IDENT, lambda n: f"m /(a{n} b\n"), IDENT),
    Kind("one long pattern", _lines(HBA, lambda _: "a*", "host /"), HBA, asked=_PATTERN),
    Kind("one long pattern of brackets", _lines(HBA, lambda _: "(", "host /"), HBA, asked=_PATTERN),
    Kind("one long pattern of choices", _lines(HBA, lambda _: "a|", "host /"), HBA, asked=_PATTERN),
    Kind("one long pattern of sets", _lines(HBA, lambda _: "[a-z]", "host /"), HBA, asked=_PATTERN),
    Kind("patterns in patterns", _lines(HBA, lambda _: _record('"/^((a*)*)*$"', '"/^(a|aa)+b$"')), HBA, asked=_PATTERN),
    Kind(
        "many ciphers", _lines(CONF, lambda _: "HIGH:", "ssl = on\nssl_ciphers = '"), ciphers=lambda _: "HIGH:" * 26000
    ),
    Kind(
        "ciphers out", _lines(CONF, lambda _: "!MD5:", "ssl = on\nssl_ciphers = '"), ciphers=lambda _: "+AES:" * 26000
    ),
    Kind(
        "ciphers of one letter",
        _lines(CONF, lambda _: "A:", "ssl = on\nssl_ciphers = '"),
        ciphers=lambda _: "HIGH+AES+ECDHE:" * 8700,
    ),
    Kind("many groups", _lines(CONF, lambda _: "X25519:", "ssl = on\nssl_groups = '"), CONF, ("--pg-version", "18")),
    Kind(
        "unknown groups",
        _lines(CONF, lambda n: f"g{n:06}:", "ssl = on\nssl_groups = '"),
        CONF,
        ("--pg-version", "18"),
    ),
    Kind(
        "many libraries",
        _lines(CONF, lambda n: f"v{n},", "oauth_validator_libraries = '"),
        CONF,
        ("--pg-version", "18"),
    ),
    Kind("one long number", _lines(CONF, lambda _: "9", "port = "), CONF),
    Kind("one long string", _lines(CONF, lambda _: "''", "a.b = '"), CONF),
    Kind("one long include", _lines(CONF, lambda _: "d/", "include '"), CONF),
    Kind("one long comment", _lines(HBA, lambda _: "x", "#"), HBA),
    Kind("one long password", _lines(HBA, lambda _: "password=", "host "), HBA),
    Kind("addresses of URIs", _lines(CONF, lambda _: "://a:", "a.b = '"), CONF),
    Kind("commands to runners", _lines(HBA, lambda _: "##[x]::a::\n"), HBA),
)


def _in_turn(templates: Sequence[str]) -> Callable[[int], str]:
    return lambda n: templates[n % len(templates)].format(n=n) + "\n"


def _mixed(seed: int) -> tuple[Kind, ...]:
    """Kinds of records and of settings whose lines are drawn from those of all others."""
    drawn = Random(seed)
    records = ("local a{n} all peer", "host all all 0/0 trust", "x{n}", "host all b{n} 10.0.0.0/8 reject", "a\u00a0b",
               "hostssl all all all cert map=m{n}", "host “{n}” all all md5", "include more.conf",
               "host all @x all md5", "# pgssllint: ignore[a{n}]", "host /a{n}.* all samenet gss", "a\0",
               "local all all trust \\")  # fmt: skip
    settings = ("ssl = perhaps", "a{n} = 1", "ssl_ciphers = 'A{n}'", "include 'x{n}'", "port = {n}", "a\u00a0=1", "=",
                "listen_addresses = '*'", "ssl_cert_file = '{n}'", "a.b = {{{{ x }}}}",
                "shared_bufers = {n}")  # fmt: skip
    found = []
    for number in range(3):
        some, others = drawn.sample(records, 6), drawn.sample(settings, 6)
        write = _both(_in_turn(others), _in_turn(some))
        found.append(Kind(f"mixed {number}", write, HBA))
    return tuple(found)


def _spelt(name: str, number: int) -> str:
    """The name with letters of `number` as capitals."""
    return "".join(c.upper() if number >> place & 1 else c for place, c in enumerate(name))


def _plain(folder: Path) -> None:
    (folder / HBA).write_text("local all all peer\n")


def _configured(text: Callable[[int], str]) -> Callable[[Path, int], None]:
    def write(folder: Path, size: int) -> None:
        _plain(folder)
        (folder / "pgssllint.toml").write_text(text(size))

    return write


def _configured_by(name: str, line: Callable[[int], str]) -> Callable[[Path, int], None]:
    """A small cluster beside a file of such lines."""

    def write(folder: Path, size: int) -> None:
        (folder / CONF).write_text("ssl = on\n")
        _plain(folder)
        (folder / name).write_text(filled(size, line))

    return write


def _ignored(folder: Path, size: int) -> None:
    _plain(folder)
    (folder / ".gitignore").write_text(filled(size, lambda n: f"a*b{n}/**/c?d{n}.conf\n"))
    for number in range(min(900, size // 16)):
        (folder / f"a{number}b").write_text("")


def _compose(folder: Path, size: int) -> None:
    (folder / CONF).write_text("ssl = on\n")
    (folder / "compose.yaml").write_text(filled(size, lambda _: "postgres -c a=1\n"))


def _services(folder: Path, size: int) -> None:
    (folder / CONF).write_text("ssl = on\n")
    head = "services:\n"
    service = " s{n}:\n  image: postgres:16\n  command: postgres -c b{n}=1\n"
    (folder / "compose.yaml").write_text(head + filled(size, lambda n: service.format(n=n)))


_SERVICE = "services:\n db:\n  image: postgres:16\n"


def _of_service(line: Callable[[int], str], before: str) -> Callable[[Path, int], None]:
    """A compose file whose service has such lines under what stands `before`."""

    def write(folder: Path, size: int) -> None:
        (folder / "compose.yaml").write_text(_SERVICE + before + filled(size, line))

    return write


def _manifest(head: str, line: str) -> Callable[[Path, int], None]:
    """A manifest, or values of a chart, with many lines alike."""

    def write(folder: Path, size: int) -> None:
        (folder / "a.yaml").write_text(head + filled(size, lambda n: line.format(n=n)))

    return write


_CONFIG_MAP = (
    "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{n}}}\ndata: {{pg_hba.conf: 'local a{n} all md5'}}\n"
)
_KEY_ON_A_LINE = "-----BEGIN PRIVATE KEY-----{n}-----END PRIVATE KEY-----"
_POD = (
    "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{n}}}\nspec:\n  containers:\n"
    "    - {{name: a, image: postgres, args: [-c, 'work_mem={n}']}}\n"
)
_RECORDS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  pg_hba.conf: |\n"


def _list(key: str, item: str) -> Callable[[int], str]:
    return lambda size: f"{key} = [\n" + filled(size, lambda n: item.format(n=n)) + "]\n"


def _ignoring(folder: Path, size: int) -> None:
    """As many folders as may be, each with a .gitignore."""
    _plain(folder)
    for number in range(min(480, max(1, size // 64))):
        below = folder / f"d{number}"
        below.mkdir()
        (below / ".gitignore").write_text(filled(size // 480, lambda n: f"a{n}*b\n"))
        (below / "abc").write_text("")


def _many_files(name: str, line: Callable[[int], str]) -> Callable[[Path, int], None]:
    """As many files as may be with such lines, beside a small configuration."""

    def write(folder: Path, size: int) -> None:
        _plain(folder)
        many = min(990, max(1, size // 64))
        for number in range(many):
            (folder / name.format(n=number)).write_text(filled(size // many, line))

    return write


def _including(name: str, directive: str, line: Callable[[int], str]) -> Callable[[Path, int], None]:
    """A folder of as many files as may be, which is included."""

    def write(folder: Path, size: int) -> None:
        (folder / "more").mkdir()
        (folder / name).write_text(directive)
        _many_files("more/{n}.conf", line)(folder, size)
        (folder / name).write_text(directive)

    return write


def _doubling(folder: Path, size: int) -> None:
    """Files that each include the next one twenty times."""
    for number in range(10):
        name = HBA if not number else f"{number}.conf"
        (folder / name).write_text(f"include {number + 1}.conf\n" * 20 + f"local d{number} all peer\n")
    (folder / "10.conf").write_text(filled(size, lambda n: f"local d{n} all peer\n"))


def _fifty(folder: Path, size: int) -> None:
    """Fifty clusters."""
    for number in range(min(50, max(1, size // 2048))):
        below = folder / f"c{number}"
        below.mkdir()
        _in_both(below, size // 50, lambda n: f"a.b{n} = 1\n", lambda n: f"host d{n} all 0.0.0.0/0 trust\n")


def _sharing(folder: Path, size: int) -> None:
    """Fifty clusters that include the same files."""
    (folder / "hba.conf").write_text(filled(size // 2, lambda n: f"host d{n} all 0.0.0.0/0 trust\n"))
    (folder / "settings.conf").write_text(filled(size // 2, lambda n: f"a.b{n} = 1\n"))
    for number in range(min(50, max(1, size // 2048))):
        below = folder / f"c{number}"
        below.mkdir()
        (below / HBA).write_text("include ../hba.conf\n")
        (below / CONF).write_text("include '../settings.conf'\n")


_PROJECTS = (
    Kind("folders with a .gitignore", _ignoring),
    Kind("names in .gitignore", _configured_by(".gitignore", lambda n: f"name{n}\n")),
    Kind("files like records", _many_files("{n}.conf", lambda n: f"host d{n} all all trust\n")),
    Kind(
        "files of other names like settings", _many_files("{n}.conf", lambda n: f"ssl = on\nport = {n}\nfsync = on\n")
    ),
    Kind("files that read almost like settings", _many_files("{n}.conf", lambda n: f"ssl = on\nport = {n}\na\n")),
    Kind("lines of other programs", _configured_by("postgresql-x.conf", lambda n: f"[a{n}]\nx{n} = 1\n")),
    Kind("a long line of another program", _configured_by("postgresql-x.conf", lambda n: f"{{ a{n} ")),
    Kind("files like settings", _many_files("{n}.conf.j2", lambda n: f"ssl_ciphers = 'a{n}'\n")),
    Kind("files of nothing", _many_files("{n}.crt", lambda _: "-----BEGIN X-----\n")),
    Kind("compose files", _many_files("{n}.yaml", lambda n: f"postgres -c b{n}=1\n")),
    Kind("a folder of records", _including(HBA, "include_dir more\n", lambda n: f"host d{n} all 0/0 trust\n"), HBA),
    Kind("a folder of settings", _including(CONF, "include_dir 'more'\n", lambda n: f"ssl{n} = 1\n"), CONF),
    Kind("includes that double", _doubling, HBA),
    Kind("fifty clusters", _fifty),
    Kind("clusters that share files", _sharing),
    Kind("one long line of options", _configured_by("compose.yaml", lambda n: f"postgres -c b{n}=1 ")),
    Kind("one long compose line", _configured_by("compose.yaml", lambda _: "postgres ")),
    Kind("a long pyproject", _configured_by("pyproject.toml", lambda n: f"[tool.a{n}]\n")),
    Kind("dots in a key", _configured(lambda size: ".".join("a" * (size // 2)) + " = 1\n")),
    Kind("brackets in a value", _configured(lambda size: "files = " + "[" * size)),
    Kind("declared files", _configured(_list("files", "'f{n}*.c',\n"))),
    Kind("declared rules", _configured(_list("ignore", "'PGS210',\n"))),
    Kind("declared maps", _configured(lambda size: "[map]\n" + filled(size, lambda n: f"'/m{n}' = 'a'\n"))),
    Kind("patterns of .gitignore", _ignored),
    Kind("options in a compose file", _compose),
    Kind("services in a compose file", _services),
    Kind("words of a service", _of_service(lambda n: f"   -c a.b{n}=1\n", "  command: >\n")),
    Kind("variables of a service", _of_service(lambda n: f"   - A{n}=${{B{n}:-c}}\n", "  environment:\n")),
    Kind("mounts of a service", _of_service(lambda n: f"   - ./a{n}:/b{n}\n", "  volumes:\n")),
    Kind("ports of a service", _of_service(lambda n: f"   - {n + 1}:5432\n", "  ports:\n")),
    Kind("texts in a manifest", _manifest("", _CONFIG_MAP)),
    Kind("keys in a manifest", _manifest("", _CONFIG_MAP.replace("'}}", f"', k: '{_KEY_ON_A_LINE}'}}}}"))),
    Kind("containers in a manifest", _manifest("", _POD)),
    Kind("records in a manifest", _manifest(_RECORDS, "    host d{n} all all trust\n")),
    Kind("expressions in a manifest", _manifest(_RECORDS, "    {{{{ if x }}}}\n    host d{n} all all {{{{ m }}}}\n")),
    Kind("texts in values", _manifest("", "a{n}: {{pg_hba: 'host d{n} all all trust'}}\n")),
    Kind("keys of no text in values", _manifest("", "a{n}: {{pg_hba: [x]}}\n")),
)


def _numbered(folder: Path, size: int, name: Callable[[int], str], data: Callable[[int], bytes]) -> Iterator[int]:
    """Writes files until they have `size` bytes, and gives their numbers."""
    left = size
    for number in count():
        written = data(number)
        (folder / name(number)).write_bytes(written)
        yield number
        left -= len(written)
        if left <= 0:
            return


_TLS = "ssl = on\nssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\n"


def _server(folder: Path, settings: str = "") -> None:
    (folder / CONF).write_text(_TLS + settings)
    _plain(folder)
    (folder / "server.crt").write_bytes(material.certificate(0))
    (folder / "server.key").write_bytes(material.key())
    (folder / "server.key").chmod(0o600)


def _constraints(folder: Path, size: int) -> None:
    """A certificate of many names below a CA that permits as many."""
    _server(folder)
    many = max(1, size // 80)
    (folder / "server.crt").write_bytes(material.chain_of_names(many))


def _lists(folder: Path, size: int) -> None:
    _server(folder, "ssl_ca_file = 'ca.crt'\nssl_crl_file = 'ca.crl'\n")
    (folder / "ca.crt").write_bytes(material.authority())
    one = material.revocation_list(0)
    many = max(1, size // len(one))
    (folder / "ca.crl").write_bytes(b"".join(material.revocation_list(n) for n in range(many)))


def _hosts(line: str, files: Mapping[str, Callable[[int], bytes]]) -> Callable[[Path, int], None]:
    """Many hosts with the same files, which take a good part of the bytes."""

    def write(folder: Path, size: int) -> None:
        _server(folder, "ssl_sni = on\n")
        (folder / HOSTS).write_text(filled(size // 3, lambda n: line.format(n=n)))
        for name, data in files.items():
            (folder / name).write_bytes(data(size // 3))
            (folder / name).chmod(0o600)

    return write


def _authorities(size: int) -> bytes:
    one = material.certificate(1)
    return b"".join(material.certificate(n) for n in range(max(1, size // len(one))))


def _clusters(folder: Path, size: int) -> None:
    """As many clusters as there may be with one file of DH parameters each, the same for all."""
    data = material.dh_parameters()
    for number in range(max(1, min(500, size // 2048))):
        below = folder / f"c{number}"
        below.mkdir()
        (below / CONF).write_text("ssl = on\nssl_dh_params_file = 'dh.pem'\n")
        (below / "dh.pem").write_bytes(data)


def _keys(folder: Path, size: int) -> None:
    _server(folder, "ssl_ca_file = 'ca.crt'\n")
    (folder / "ca.crt").write_bytes(_authorities(size // 2))
    (folder / "server.key").write_bytes(material.key() * max(1, size // 4 // len(material.key())))
    for _ in _numbered(folder, min(size // 4, 900 * 240), lambda n: f"{n}.key", lambda _: material.key()):
        pass


def _bundle(folder: Path, size: int) -> None:
    _server(folder)
    (folder / "server.crt").write_bytes(_authorities(size))


def _authority(data: Callable[[int], bytes], settings: str = "ssl_ca_file = 'ca.crt'\n") -> Callable[[Path, int], None]:
    """A server whose CA file is made of so many bytes."""

    def write(folder: Path, size: int) -> None:
        _server(folder, settings)
        (folder / "ca.crt").write_bytes(data(size))

    return write


def _certificate(data: Callable[[int], bytes]) -> Callable[[Path, int], None]:
    """A server whose certificate file is made of so many bytes."""

    def write(folder: Path, size: int) -> None:
        _server(folder)
        (folder / "server.crt").write_bytes(data(size))

    return write


def _revoking(folder: Path, size: int) -> None:
    _server(folder, "ssl_ca_file = 'ca.crt'\nssl_crl_file = 'ca.crl'\n")
    (folder / "ca.crt").write_bytes(material.authority())
    (folder / "ca.crl").write_bytes(material.revocation_list_of(max(1, size // 30)))


def _locked(folder: Path, size: int) -> None:
    """Hosts, each with a key of its own behind a passphrase that is dear to try."""
    _server(folder, "ssl_sni = on\n")
    many = min(100, max(1, size // 4096))
    (folder / HOSTS).write_text("".join(f'h{n}.example server.crt {n}.key "" "echo x"\n' for n in range(many)))
    for number in range(many):
        (folder / f"{number}.key").write_bytes(material.locked_key(900_000))
        (folder / f"{number}.key").chmod(0o600)


def _crl_folder(folder: Path, size: int) -> None:
    _server(folder, "ssl_ca_file = 'ca.crt'\nssl_crl_dir = 'crl'\n")
    (folder / "ca.crt").write_bytes(material.authority())
    (folder / "crl").mkdir()
    many = min(990, max(1, size // 700))
    for number in range(many):
        (folder / "crl" / f"8d0b5c3a.r{number}").write_bytes(
            material.revocation_list(number % 50) * max(1, size // many // 700)
        )


_CERTIFICATES = (
    Kind("a list of many", _revoking),
    Kind("a folder of lists", _crl_folder),
    Kind("a chain of CAs", _authority(lambda size: material.long_chain(max(1, size // 600)))),
    Kind("a chain of a server", _certificate(lambda size: material.long_chain(max(1, size // 600)))),
    Kind("CAs of one name", _authority(lambda size: material.of_one_name(max(1, size // 600)))),
    Kind("a server's many CAs of one name", _certificate(lambda size: material.of_one_name(max(1, size // 600)))),
    Kind(
        "empty blocks",
        _authority(lambda size: b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n" * (size // 54)),
    ),
    Kind("blocks without an end", _authority(lambda size: b"-----BEGIN CERTIFICATE-----\n" * (size // 28))),
    Kind("a block of one letter", _authority(lambda size: b"-----BEGIN CERTIFICATE-----\n" + b"MIIB\n" * (size // 5))),
    Kind("a block in one line", _authority(lambda size: b"-----BEGIN CERTIFICATE-----\n" + b"M" * size)),
    Kind("nothing in a certificate file", _certificate(lambda size: b"x\n" * (size // 2))),
    Kind("keys behind dear passphrases", _locked, HOSTS, ("--pg-version", "19", "--openssl", "3.5")),
    Kind("names and name constraints", _constraints),
    Kind("revocation lists of one name", _lists),
    Kind(
        "hosts over one CA file",
        _hosts("h{n}.example server.crt server.key ca.crt\n", {"ca.crt": _authorities}),
        HOSTS,
        ("--pg-version", "19", "--openssl", "3.5"),
    ),
    Kind(
        "hosts over one encrypted key",
        _hosts('h{n}.example server.crt locked.key "" "echo x"\n', {"locked.key": lambda _: material.encrypted_key()}),
        HOSTS,
        ("--pg-version", "19", "--openssl", "3.5"),
    ),
    Kind("clusters with DH parameters", _clusters),
    Kind("keys beside certificates", _keys),
    Kind("a file of certificates", _bundle),
)
