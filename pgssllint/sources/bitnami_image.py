"""What Bitnami's image of PostgreSQL makes of its environment and of the files that are mounted into it.

Read from its own scripts (libpostgresql.sh, setup.sh and run.sh of 11 to 18, 2021 to 2025), and not run. Files of
CONF_MOUNTED are copied over those of CONF at every start. A postgresql.conf there is taken as it is, and none of the
variables change it but the few that are set in all cases; a pg_hba.conf there is what the server has in the end: the
image makes one of its own for the time of the initialisation and puts the mounted one over it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from pgssllint.files import Files
from pgssllint.sources.bitnami_mounts import CONF, CONF_MOUNTED, VOLUME, contents, extended, mounted, seen
from pgssllint.sources.bitnami_variables import (
    allows_empty_password,
    has_password,
    is_yes,
    name_at,
    text_of,
    value_of,
    variable,
    words_in,
)
from pgssllint.sources.command_line import CommandLine, read_command_line
from pgssllint.sources.image_behaviour import image_of, site_image
from pgssllint.sources.kinds import EXTENDED_IGNORED, TLS_IGNORED, TLS_ONLY
from pgssllint.sources.mount_faults import not_taken
from pgssllint.sources.site import Site, server_name
from pgssllint.sources.workload import Mount, Said, Variable, Workload
from pgssllint.text import Home
from pgssllint.traced import By, Traced, Virtual, joined, own, virtual
from pgssllint.unknown import Unknown

CERTIFICATES = "/opt/bitnami/postgresql/certs"
DATA = f"{VOLUME}/data"
USER = 1001
"""The user whom the image runs as; its group is 0."""

_SETTINGS = (
    ("listen_addresses", "*"),
    ("wal_level", "replica"),
    ("max_wal_size", "400MB"),
    ("max_wal_senders", "16"),
    ("hot_standby", "on"),
)
"""What the image sets in a postgresql.conf that it makes. The libraries it loads, and what has no bearing on who gets
in and how, are left out.
"""

_ANY = ("0.0.0.0/0", "::/0")
_SSL_ON = re.compile(r"(?im)^[ \t]*ssl[ \t]*(?:=|[ \t])[ \t]*'?(?:on|true|yes|1)\b")
_INCLUDES = re.compile(r"(?im)^[ \t]*include_dir[ \t]*(?:=|[ \t])[^\n]*conf\.d")


class Tls(NamedTuple):
    """Where TLS is turned on, and the settings that are paths. `prefers_server`: its order of ciphers counts."""

    at: Home
    files: Mapping[str, Traced]
    prefers_server: bool = True


@dataclass(frozen=True, slots=True)
class Given:
    """What the image is given. `at` is what makes it write what is its own, `key` how that is called.

    `conf` and `hba` are the user's own files, None where there is none and UNKNOWN where that is not known. `extended`
    is what stands in conf.d. `tls` is None where it is off. `verified` is what names the CA of clients. `replicates` is
    what turns replication on. `ldap` are the options of the records for LDAP. `has_password`: there is one, which makes
    all `trust` of the records `md5`; `trusted` is what says that there need be none. `encryption` is
    password_encryption.
    """

    at: Home
    key: str
    conf: Traced | Unknown | None = None
    hba: Traced | Unknown | None = None
    extended: Traced | None = None
    tls: Tls | None = None
    verified: Home | None = None
    replicates: Home | None = None
    ldap: Traced | None = None
    has_password: bool = True
    trusted: Traced | None = None
    encryption: Traced | None = None


def main_text(given: Given) -> Traced | None:
    """The postgresql.conf; None where it is not in view."""
    if isinstance(given.conf, Unknown):
        return None
    tools = _Writer(given.at, given.key)
    lines: list[Traced] = []
    if given.encryption is not None:
        lines += [tools.text("password_encryption = '"), given.encryption, tools.text("'\n")]
    if given.conf is not None:
        # The line is set in place of what the user has, or put at the end.
        end = [tools.text("\n")] if lines and not given.conf.text.endswith("\n") else []
        return joined([given.conf, *end, *lines])
    lines += [tools.text(f"{name} = '{value}'\n") for name, value in _SETTINGS]
    if given.tls is not None:
        lines += _tls_lines(given.tls)
    if given.extended is not None:
        lines.append(given.extended)
    return joined(lines)


def _tls_lines(tls: Tls) -> Iterator[Traced]:
    tools = _Writer(tls.at, "tls")
    yield tools.text("ssl = 'on'\n")
    if not tls.prefers_server:
        yield tools.text("ssl_prefer_server_ciphers = 'off'\n")
    for name, path in tls.files.items():
        yield joined((tools.text(f"{name} = '"), path, tools.text("'\n")))


def hba_text(given: Given) -> Traced | None:
    """The pg_hba.conf; None where it is not in view."""
    if isinstance(given.hba, Unknown):
        return None
    if given.hba is not None:
        return given.hba
    tools = _Writer(given.at, given.key)
    method = "md5" if given.has_password else "trust"
    asked = given.trusted.become(method) if given.trusted is not None and method == "trust" else tools.text(method)
    parts: list[Traced] = []
    if given.tls is not None and given.verified is not None:
        # They come first: who has TLS needs a certificate, and who has none does not.
        own_lines = _Writer(given.verified, "certCAFilename")
        parts += [own_lines.text(f"hostssl all all {address} cert\n") for address in _ANY]
    if given.ldap is not None:
        parts += [tools.text(f"host all postgres {address} {method}\n") for address in _ANY]
        for address in _ANY:
            parts += [tools.text(f"host all all {address} ldap "), given.ldap, tools.text("\n")]
    else:
        for address in _ANY:
            parts += [tools.text(f"host all all {address} "), asked, tools.text("\n")]
    parts.append(tools.text(f"local all all {method}\n"))
    parts += [tools.text(f"host all all {address} {method}\n") for address in ("127.0.0.1/32", "::1/128")]
    if given.replicates is not None:
        own_lines = _Writer(given.replicates, "replication")
        parts += [own_lines.text(f"host replication all {address} {method}\n") for address in _ANY]
    return joined(parts)


def said_of(given: Given, extended_at: Home | None = None) -> Iterator[Said]:
    """What the image does not do though it is asked to."""
    if given.tls is not None and given.verified is not None and given.hba is None:
        yield Said(TLS_ONLY, given.verified, {"file": "pg_hba.conf"})
    if not isinstance(given.conf, Traced):
        return
    if given.tls is not None and _SSL_ON.search(given.conf.text) is None:
        yield Said(TLS_IGNORED, given.tls.at, {"file": "postgresql.conf"})
    if extended_at is not None and _INCLUDES.search(given.conf.text) is None:
        yield Said(EXTENDED_IGNORED, extended_at, {"file": "postgresql.conf"})


def files_of(given: Given, prefix: str) -> dict[str, Virtual]:
    """The files that the server has, by their paths; `prefix` makes those of the files themselves unique."""
    main, hba = main_text(given), hba_text(given)
    found = {"postgresql.conf": main, "pg_hba.conf": hba}
    if isinstance(given.conf, Traced) and given.extended is not None:
        found["conf.d/override.conf"] = given.extended
    return {f"{CONF}/{name}": virtual(f"{prefix}/{name}", text) for name, text in found.items() if text is not None}


class _Writer:
    """Writes text that is the tool's own, for one reason."""

    def __init__(self, at: Home, key: str) -> None:
        self._at, self._key = at, key

    def text(self, text: str) -> Traced:
        return own(text, self._at.source, self._at.span, self._key)


def bitnami_site(workload: Workload, files: Files) -> Site:
    """The server that a container of the image is, whatever tool starts it."""
    variables = workload.environment
    named = mounted(workload, files)
    conf, hba = named.get("postgresql.conf"), named.get("pg_hba.conf")
    given = Given(
        workload.at,
        workload.name,
        conf=contents(conf),
        hba=_hba(hba, variables),
        extended=extended(named, files) if conf is None else None,
        tls=_tls(variables, workload.at),
        verified=name_at(variables, "TLS_CA_FILE"),
        replicates=name_at(variables, "REPLICATION_USER"),
        ldap=_ldap(variables),
        has_password=has_password(variables),
        trusted=allows_empty_password(variables),
        encryption=value_of(variables, "PASSWORD_ENCRYPTION"),
    )
    prefix = f"{workload.at.source.path}#{workload.kind}-{workload.at.span.start}"
    made = files_of(given, prefix)
    stands = [(f"{CONF}/{name}", one.local) for name, one in named.items() if one.contents is None]
    made |= {
        f"{CONF}/{name}": virtual(f"{prefix}/{name}", one.contents)
        for name, one in named.items()
        if one.contents is not None and f"{CONF}/{name}" not in made
    }
    made |= {
        one.server: virtual(prefix + one.server, one.contents)
        for one in workload.mounts
        if one.contents is not None and not one.server.startswith(CONF_MOUNTED + "/")
    }
    others = [(one.server, one.local) for one in workload.mounts if one.contents is None]
    words = (*words_in(value_of(variables, "EXTRA_FLAGS")), *_command(workload))
    command = started(workload.at, prefix, words)
    data = value_of(variables, "DATA_DIR") or text_of(variables.get("PGDATA"))
    return Site(
        at=workload.at,
        name=server_name(workload.kind, workload.name),
        judged=f"{server_name(workload.kind, workload.name)}, {len(workload.mounts)} mounts",
        main=f"{CONF}/postgresql.conf",
        hba=f"{CONF}/pg_hba.conf" if f"{CONF}/pg_hba.conf" in {**made, **dict(stands)} else None,
        files=made,
        stands=(*others, *stands),
        given=command.settings,
        whole=command.is_whole and not isinstance(workload.command, Unknown),
        data_directory=data.text if data is not None else DATA,
        image=site_image(image_of(workload), workload.image),
        uid=USER,
        gid=0,
        mounts=workload.mounts,
        said=(
            *workload.said,
            *said_of(replace(given, conf=seen(conf, files))),
            *not_taken(workload.mounts, CONF, CONF_MOUNTED, files),
        ),
        workload=workload,
        may_be=workload.may_be,
    )


def started(at: Home, prefix: str, words: Iterable[Traced] = ()) -> CommandLine:
    """The command line of the server: the image's own script names the files, and what it is told comes behind."""
    tools = _Writer(at, "run.sh")
    named = [tools.text(f"--{name}={CONF}/{file}") for name, file in _NAMED.items()]
    return read_command_line((*named, *words), at, f"{prefix}/command line")


_NAMED = {"config-file": "postgresql.conf", "hba_file": "pg_hba.conf"}


def _hba(one: Mount | None, variables: Mapping[str, Variable]) -> Traced | Unknown | None:
    remote = value_of(variables, "ALLOW_REMOTE_CONNECTIONS")
    if one is None and remote is not None and not is_yes(remote):
        return Unknown.UNKNOWN
    return contents(one)


def _tls(variables: Mapping[str, Variable], at: Home) -> Tls | None:
    if not is_yes(value_of(variables, "ENABLE_TLS")):
        return None
    names = {"ssl_ca_file": "CA", "ssl_crl_file": "CRL", "ssl_cert_file": "CERT", "ssl_key_file": "KEY"}
    found = {name: value_of(variables, f"TLS_{kind}_FILE") for name, kind in names.items()}
    prefers = value_of(variables, "TLS_PREFER_SERVER_CIPHERS")
    return Tls(
        name_at(variables, "ENABLE_TLS") or at,
        {name: path for name, path in found.items() if path is not None},
        prefers_server=prefers is None or is_yes(prefers),
    )


_LDAP = {
    "SERVER": ("ldapserver", ""),
    "PREFIX": ("ldapprefix", '"'),
    "SUFFIX": ("ldapsuffix", '"'),
    "PORT": ("ldapport", ""),
    "BASE_DN": ("ldapbasedn", '"'),
    "BIND_DN": ("ldapbinddn", '"'),
    "BIND_PASSWORD": ("ldapbindpasswd", ""),
    "SEARCH_ATTR": ("ldapsearchattribute", ""),
    "SEARCH_FILTER": ("ldapsearchfilter", '"'),
    "TLS": ("ldaptls", ""),
    "SCHEME": ("ldapscheme", ""),
}
"""The options of a record by the variables that they are made of, and the quotes they are put in."""


def _ldap(variables: Mapping[str, Variable]) -> Traced | None:
    if not is_yes(value_of(variables, "ENABLE_LDAP")):
        return None
    named = {"URL": ("ldapurl", '"')} if variable(variables, "LDAP_URL") is not None else _LDAP
    found = {
        option: (one, quote)
        for name, (option, quote) in named.items()
        if (one := variable(variables, f"LDAP_{name}")) is not None
    }
    return ldap_options({option: (one.name, one.value, quote) for option, (one, quote) in found.items()})


def ldap_options(found: Mapping[str, tuple[Traced, Traced | Unknown, str]]) -> Traced:
    """The options of a record for LDAP, each with what names it, its value and its quotes. A password is never told:
    a word stands for it that is not known.
    """
    parts: list[Traced] = []
    for option, (name, value, quote) in found.items():
        at = name.home()
        if at is None:
            continue
        tools = _Writer(at, option)
        is_hidden = isinstance(value, Unknown) or option == "ldapbindpasswd"
        shown = own("not-in-view", at.source, at.span, option, By.UNKNOWN)
        start = tools.text((" " if parts else "") + f"{option}={quote}")
        parts += [start, shown if is_hidden or isinstance(value, Unknown) else value, tools.text(quote)]
    return joined(parts)


def _command(workload: Workload) -> tuple[Traced, ...]:
    """The options of a command line; what the image's own script is told besides, it hands on."""
    words = workload.command if isinstance(workload.command, tuple) else ()
    is_script = bool(words) and not words[0].text.startswith("-")
    return words[1:] if is_script else words
