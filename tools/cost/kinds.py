"""Kinds of input that cost a linter more than they weigh: each writes a project of any size.

A kind doubles what it repeats, up to a mebibyte. What is included is included as often as may be, so that a small file
counts for many.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import NamedTuple

from tools.cost import material

MEBIBYTE = 1024 * 1024

INCLUDED = 900
"""How often something is included; the linter itself reads at most a thousand files."""

CONF, HBA, IDENT, HOSTS = "postgresql.conf", "pg_hba.conf", "pg_ident.conf", "pg_hosts.conf"

VIEW_OF: Mapping[str, str] = {CONF: "settings", HBA: "hba", IDENT: "ident", HOSTS: "hosts"}
"""The command that shows the rows of a file."""


class Kind(NamedTuple):
    """A kind of input: `write` fills an empty folder with about so many bytes.

    `shown` is the file whose rows a view can show, None where there is none. `options` are those of `check` that the
    kind is about, and `asked` those of `access`, none where it is asked for all ways in. `ciphers` is the list that
    `ciphers` is asked for, None where the kind is not about one.
    """

    name: str
    write: Callable[[Path, int], None]
    shown: str | None = None
    options: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    ciphers: Callable[[Path], str] | None = None


def kinds(seed: int = 1) -> tuple[Kind, ...]:
    """All kinds, those of small inputs first, and those that a seed mixes."""
    return (*_INCLUDES, *_LINES, *_PROJECTS, *_CERTIFICATES)


def _filled(size: int, line: Callable[[int], str]) -> str:
    """Lines one after the other until they have `size` bytes, at least one."""
    parts, left = [], size
    for number in count():
        parts.append(line(number))
        left -= len(parts[-1].encode())
        if left <= 0:
            return "".join(parts)
    raise AssertionError("counting ends")


def _lines(name: str, line: Callable[[int], str], before: str = "") -> Callable[[Path, int], None]:
    """Writes one file of such lines."""

    def write(folder: Path, size: int) -> None:
        (folder / name).write_text(before + _filled(size - len(before), line))

    return write


def _again(name: str, directive: str, line: Callable[[int], str]) -> Callable[[Path, int], None]:
    """Writes a file that includes another one over and over, which holds such lines."""

    def write(folder: Path, size: int) -> None:
        times = min(INCLUDED, max(1, size // 32))
        (folder / name).write_text(directive * times)
        (folder / "more").mkdir()
        (folder / "more" / "a.conf").write_text(_filled(max(1, size - len(directive) * times), line))

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
    includes = _filled(max(1, size - 2 * depth), lambda n: f"include_if_exists '{path}{n}.conf'\n")
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
    (folder / CONF).write_text(_filled(size // 2, setting))
    (folder / HBA).write_text(_filled(size // 2, record))


def _both(setting: Callable[[int], str], record: Callable[[int], str]) -> Callable[[Path, int], None]:
    return lambda folder, size: _in_both(folder, size, setting, record)


def _suppression(word: Callable[[int], str]) -> Callable[[Path, int], None]:
    def write(folder: Path, size: int) -> None:
        words = _filled(size - 64, lambda n: f"{word(n)},")
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


def _ignored(folder: Path, size: int) -> None:
    _plain(folder)
    (folder / ".gitignore").write_text(_filled(size, lambda n: f"a*b{n}/**/c?d{n}.conf\n"))
    for number in range(min(900, size // 16)):
        (folder / f"a{number}b").write_text("")


def _compose(folder: Path, size: int) -> None:
    (folder / CONF).write_text("ssl = on\n")
    (folder / "compose.yaml").write_text(_filled(size, lambda _: "postgres -c a=1\n"))


def _services(folder: Path, size: int) -> None:
    (folder / CONF).write_text("ssl = on\n")
    head = "services:\n"
    service = " s{n}:\n  image: postgres:16\n  command: postgres -c b{n}=1\n"
    (folder / "compose.yaml").write_text(head + _filled(size, lambda n: service.format(n=n)))


def _list(key: str, item: str) -> Callable[[int], str]:
    return lambda size: f"{key} = [\n" + _filled(size, lambda n: item.format(n=n)) + "]\n"


_PROJECTS = (
    Kind("dots in a key", _configured(lambda size: ".".join("a" * (size // 2)) + " = 1\n")),
    Kind("brackets in a value", _configured(lambda size: "files = " + "[" * size)),
    Kind("declared files", _configured(_list("files", "'f{n}*.c',\n"))),
    Kind("declared rules", _configured(_list("ignore", "'PGS210',\n"))),
    Kind("declared maps", _configured(lambda size: "[map]\n" + _filled(size, lambda n: f"'/m{n}' = 'a'\n"))),
    Kind("patterns of .gitignore", _ignored),
    Kind("options in a compose file", _compose),
    Kind("services in a compose file", _services),
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
        (folder / HOSTS).write_text(_filled(size // 3, lambda n: line.format(n=n)))
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


_CERTIFICATES = (
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
