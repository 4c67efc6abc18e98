r"""Maps and records with patterns, groups and names of every form: who gets in as whom, asked of real servers.

Each case is a pg_hba.conf and a pg_ident.conf for a server of one major, and some logins: with certificates of many
names over TLS, and as users of this system through the socket (where this runs as root). Compared is whether the login
gets in, and which record decides, as far as the server's log tells it. A login hangs on what is not known here where a
role's members come in; then the server must do one of the things that are possible. A disagreement is made smaller
before it is printed.
"""

import os
import pwd
import random
import re
import shutil
import socket
import ssl
import struct
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pgssllint.postgres.first_match import Connection, decide
from pgssllint.postgres.hba import Record, read_hba
from pgssllint.postgres.ident import Mapping, read_ident
from pgssllint.postgres.usermap import granted
from pgssllint.tls.rfc2253 import rfc2253
from tests.support.installations import Installation, Unavailable, available, server_user
from tests.support.memory import Memory, main_file
from tests.support.pki import pem
from tests.support.protocol import Client
from tests.support.servers import Cluster, File
from tests.support.shrinking import smallest
from tests.support.starting import servers
from tests.support.steps import HANGS

MAJORS = tuple(range(10, 19))
KEEP = "local postgres postgres trust\n"
"""The way in for the generator itself, which comes first."""

LOGINS = 8
"""So many are tried of each case."""

ROLES = (
    "anna",
    "ben",
    "app",
    "app_anna",
    "admin",
    "a b",
    "CN=app,O=Acme",
    "/^app",
    "all",
    "+staff",
    "jörg",
    "\\1",
    "ann",
)
"""The roles that there are; anna and app are in the role staff."""

_PEOPLE = (
    "anna",
    "ben",
    "app",
    "admin",
    "anna@example.org",
    "eve@example.org.evil.net",
    "App",
    "a b",
    "x/y",
    "jörg",
    "",
)
_SUBJECTS = tuple(
    tuple(part for part in parts if part[1])
    for name in _PEOPLE
    for parts in (
        (("C", "DE"), ("O", "Acme"), ("CN", name)),
        (("O", "Acme"), ("CN", name)),
        (("CN", name), ("OU", "Databases, new")),
    )
)
_TYPES = {
    "C": NameOID.COUNTRY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "CN": NameOID.COMMON_NAME,
}
_MATCHED = re.compile(r'pg_hba\.conf(?:" line |:| line )(\d+)')
_SYSTEM_USERS = ("root", "daemon", "bin", "games", "nobody", "www-data")


class Part(NamedTuple):
    """A line of pg_ident.conf or a record of pg_hba.conf, and what it tries."""

    kind: str
    line: str
    ident: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """What each of its fields tries."""
        head, _, rest = self.kind.partition(": ")
        return tuple(f"{head}: {field}" for field in rest.split(" -> "))


class Login(NamedTuple):
    """A login as a role by somebody: with the certificate of a number, or as a user of this system."""

    role: str
    certificate: int | None = None
    user: str = ""


class Case(NamedTuple):
    """What a server of one major is given, and who logs in."""

    major: int
    parts: tuple[Part, ...]
    logins: tuple[Login, ...]
    flavour: str = "npm"

    @property
    def hba(self) -> str:
        """The pg_hba.conf."""
        return KEEP + "".join(f"{part.line}\n" for part in self.parts if not part.ident)

    @property
    def ident(self) -> str:
        """The pg_ident.conf."""
        return "".join(f"{part.line}\n" for part in self.parts if part.ident)

    @property
    def records(self) -> Sequence[Record]:
        """The records as they are read."""
        return read_hba(main_file(self.hba), Memory({}), self.major, True).items

    @property
    def mappings(self) -> Sequence[Mapping]:
        """The lines of the maps as they are read."""
        return read_ident(main_file(self.ident, "pg_ident.conf"), Memory({}), self.major).items


class Answer(NamedTuple):
    """Whether a login gets in, and the line of the record that decides; None where none does or it is not told."""

    lets_in: bool
    line: int | None


class Judged(NamedTuple):
    """For each login the answers that are possible, and that of the server."""

    logins: tuple[tuple[frozenset[Answer], Answer, str], ...]

    @property
    def agrees(self) -> bool:
        """Whether the server did what was predicted, each time."""
        return all(any(_same(one, told) for one in possible) for possible, told, _ in self.logins)

    @property
    def unknown(self) -> int:
        """How many logins are not known."""
        return sum(len(possible) > 1 for possible, _, _ in self.logins)


def run(seed: int, count: int, majors: Sequence[int] = MAJORS) -> int:
    """Ask servers of `majors` about `count` cases; 1 where one disagrees."""
    drawn, agreed, wrong = Counter[str](), Counter[str](), 0
    logins = unknown = admitted = 0
    try:
        for case in cases(seed, count, majors):
            judged = judge(case)
            kinds = {kind for part in case.parts for kind in part.kinds}
            drawn.update(kinds)
            logins += len(judged.logins)
            unknown += judged.unknown
            admitted += sum(told.lets_in for _, told, _ in judged.logins)
            if judged.agrees:
                agreed.update(kinds)
            else:
                wrong += 1
                print(_told(*smallest(case, judged, judge=judge, smaller=_smaller)), flush=True)
    finally:
        for site in _sites.values():
            site.close()
        _sites.clear()
    for kind in sorted(drawn):
        print(f"{kind}: {drawn[kind]} drawn, {agreed[kind]} agreed")
    print(
        f"{count} cases, {wrong} disagree; {logins} logins, {admitted} got in, "
        f"{unknown} not known ({100 * unknown / max(logins, 1):.1f} %)"
    )
    return int(bool(wrong))


def cases(seed: int, count: int, majors: Sequence[int]) -> Iterator[Case]:
    """As many cases that a server loads, the same for each seed, for each major in turn, and Debian's server."""
    rng, asked = random.Random(seed), servers(majors)
    for number in range(count):
        major, flavour = asked[number % len(asked)]
        while True:
            logins = tuple(_login(rng) for _ in range(LOGINS))
            case = Case(major, tuple(_parts(rng, major, logins)), logins, flavour)
            if not any(one.faults for one in case.records) and not any(one.faults for one in case.mappings):
                break
        yield case


def judge(case: Case) -> Judged:
    """Have a server load the case, and try each login."""
    site = _site(case.major, case.flavour)
    site.load(case.hba, case.ident)
    records, mappings = case.records, case.mappings
    found = []
    for login in case.logins:
        told, message = site.answer(login)
        found.append((_predicted(records, mappings, login), told, message))
    return Judged(tuple(found))


def _predicted(records: Sequence[Record], mappings: Sequence[Mapping], login: Login) -> frozenset[Answer]:
    local = login.certificate is None
    address = None if local else ip_address("127.0.0.1")
    decision = decide(records, Connection("local" if local else "tls", "postgres", login.role, address))
    possible = [*(verdict.record for verdict in decision.perhaps), decision.record]
    return frozenset(answer for record in possible for answer in _answers(record, mappings, login))


def _answers(record: Record | None, mappings: Sequence[Mapping], login: Login) -> Iterator[Answer]:
    """What may become of a login whose record this is."""
    if record is None or not record.admits:
        yield Answer(False, record.line if record is not None else None)
        return
    compares = record.method_name == "peer" or record.clientcert == "verify-full"
    by_dn = (option := record.option("clientname")) is not None and option.value == "DN"
    lets_in = granted(record, mappings, _name(login, by_dn), login.role) if compares else True
    if lets_in is not False:
        yield Answer(True, record.line)
    if lets_in is not True:
        yield Answer(False, record.line)


def _name(login: Login, by_dn: bool) -> str:
    """What a server makes of who logs in."""
    if login.certificate is None:
        return login.user
    subject = _subject(login.certificate)
    if by_dn:
        return rfc2253(subject.public_bytes()) or ""
    return next((str(one.value) for one in subject if one.oid == NameOID.COMMON_NAME), "")


def _same(one: Answer, told: Answer) -> bool:
    return one.lets_in == told.lets_in and (told.line is None or one.line == told.line)


class _Site:
    """A server that listens on 127.0.0.1 and on a socket that every user of the system reaches."""

    def __init__(self, installation: Installation) -> None:
        self._cluster = Cluster(installation)
        self._sockets = Path(tempfile.mkdtemp(prefix="pgssllint-"))
        self._sockets.chmod(0o755)
        if os.geteuid() == 0:
            os.chown(self._sockets, server_user().uid, server_user().gid)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        tls = {
            "server.crt": pem("leaf") + pem("intermediate"),
            "server.key": pem("key:leaf"),
            "root.crt": _authority()[2],
        }
        self._cluster.put({**{name: File(data) for name, data in tls.items()}, "pg_hba.conf": File(KEEP.encode())})
        settings = [f"port={self._port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={self._sockets}"]
        settings += ["ssl=on", "ssl_ca_file=root.crt", f"log_connections={'all' if installation.major > 17 else 'on'}"]
        started = self._cluster.start(settings)
        if not started.starts:
            raise RuntimeError(started.log)
        self._path = str(self._sockets / f".s.PGSQL.{self._port}")
        self._client = Client(self._path, "postgres", "postgres")
        for role in ROLES:
            self._client.query(f'create role "{role}" login')
        self._client.query("create role staff")
        self._client.query("grant staff to anna, app")

    def load(self, hba: str, ident: str) -> None:
        """Have the server read these files, and wait until it has."""
        (self._cluster.data / "pg_hba.conf").write_text(hba)
        (self._cluster.data / "pg_ident.conf").write_text(ident)
        before = self._client.query("select pg_conf_load_time()")
        self._client.query("select pg_reload_conf()")
        deadline = time.monotonic() + HANGS
        while self._client.query("select pg_conf_load_time()") == before:
            if time.monotonic() > deadline:
                raise TimeoutError("the server does not reload")
            time.sleep(0.002)

    def answer(self, login: Login) -> tuple[Answer, str]:
        """What becomes of a login, and the server's message."""
        log = self._cluster.folder / "log"
        size = log.stat().st_size
        message = self._try(login)
        with log.open("rb") as file:
            file.seek(size)
            found = _MATCHED.search(file.read().decode("utf-8", "replace"))
        return Answer(not message, int(found[1]) if found is not None else None), message

    def close(self) -> None:
        """Stop the server."""
        self._client.close()
        self._cluster.stop()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _try(self, login: Login) -> str:
        if login.certificate is None:
            with socket.socket(socket.AF_UNIX) as stream:
                stream.settimeout(HANGS)
                # The server is told who is behind a socket as of the moment of connecting.
                os.seteuid(pwd.getpwnam(login.user).pw_uid)
                try:
                    stream.connect(self._path)
                finally:
                    os.seteuid(0)
                return _ask(stream, login.role)
        with socket.create_connection(("127.0.0.1", self._port), HANGS) as plain:
            plain.sendall(struct.pack("!ii", 8, 80877103))
            if plain.recv(1) != b"S":
                raise OSError("the server does not offer TLS")
            with _context(login.certificate).wrap_socket(plain) as stream:
                return _ask(stream, login.role)


_sites: dict[tuple[int, str], _Site] = {}


def _site(*server: *tuple[int, str]) -> _Site:
    if server not in _sites:
        installation = available(*server)
        if isinstance(installation, Unavailable):
            raise SystemExit(installation.reason)
        _sites[server] = _Site(installation)
    return _sites[server]


def _ask(stream: socket.socket, role: str) -> str:
    """Ask to log in; the server's message, empty where it lets the client in."""
    words = b"".join(f"{word}\0".encode() for word in ("user", role, "database", "postgres")) + b"\0"
    stream.sendall(struct.pack("!ii", len(words) + 8, 196608) + words)
    with stream.makefile("rb") as answers:
        head = answers.read(5)
        content = answers.read(struct.unpack("!i", head[1:])[0] - 4)
    if head[:1] == b"R":
        return "" if content == b"\0\0\0\0" else "asked for a proof"
    parts = {part[:1]: part[1:].decode("utf-8", "replace") for part in content.split(b"\0")}
    return parts.get(b"M", "")


@cache
def _authority() -> tuple[ec.EllipticCurvePrivateKey, x509.Name, bytes]:
    """The CA of the clients: its key, its name, its certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Clients")])
    return key, name, _signed(name, key).public_bytes(serialization.Encoding.PEM)


def _signed(subject: x509.Name, key: ec.EllipticCurvePrivateKey, issuer: x509.Name | None = None) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(issuer or subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=2))
    builder = builder.add_extension(x509.BasicConstraints(issuer is None, None), critical=True)
    return builder.sign(key if issuer is None else _authority()[0], hashes.SHA256())


def _subject(number: int) -> x509.Name:
    return x509.Name([x509.NameAttribute(_TYPES[kind], value) for kind, value in _SUBJECTS[number]])


@cache
def _context(number: int) -> ssl.SSLContext:
    """A client with the certificate of a number, which checks nothing of the server."""
    key = ec.generate_private_key(ec.SECP256R1())
    own = _signed(_subject(number), key, _authority()[1]).public_bytes(serialization.Encoding.PEM)
    own += key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with tempfile.NamedTemporaryFile() as file:
        file.write(own)
        file.flush()
        context.load_cert_chain(file.name)
    return context


_SYSTEM_NAMES: tuple[tuple[str, str], ...] = (
    ("name", "anna"), ("name", "root"), ("name", "nobody"), ("name", '"a b"'), ("name", "jörg"),
    ("name in another case", "ANNA"), ("name in single quotes", "'anna'"), ("no value", "None"),
    ("whole name", '"CN=app,O=Acme"'), ("whole name", '"CN=app,O=Acme,C=DE"'),
    ("whole name", '"OU=Databases\\, new,CN=anna"'), ("whole name with blanks", '"CN=app, O=Acme"'),
    ("whole name reversed", '"O=Acme,CN=app"'), ("whole name, other types", '"cn=app,o=Acme"'),
    ("empty name", '""'), ("pattern", "/^anna$"), ("pattern", "/^(?:root|nobody)$"), ("pattern", "/."),
    ("pattern for any", "/"), ("pattern for any", "/.*"), ("pattern, not anchored", "/ann"), ("pattern", '"/^a b$"'),
    ("pattern in another case", "/(?i)^app$"), ("pattern with a group", "/^(.*)@example[.]org$"),
    ("pattern with a group", "/(.*)@example[.]org"), ("pattern with a group", "/^(.*)$"),
    ("pattern with a group", "/^(a.+?)"),
    ("pattern with a group", '"/^CN=([^,]+),O=Acme"'), ("pattern with a group", "/^(x)?(.*)$"),
    ("pattern with a group", "/^(?:(ro)ot|nobody|anna)$"), ("pattern with a group", '"/CN=(.*?)(,|$)"'),
    ("pattern that ends in a slash", "/^anna$/"), ("pattern that ends in a slash", "/^(.*)$/"),
    ("pattern that ends in a slash", "/x/"), ("pattern with bytes", "/^j..rg$"), ("pattern with bytes", "/^j(.)"),
    ("pattern before the start", "/a^nna"), ("pattern with classes", "/^[[:alpha:]]+$"),
)  # fmt: skip
_ROLES: tuple[tuple[str, str], ...] = (
    ("role", "anna"), ("role", "app"), ("role", '"a b"'), ("role", '"CN=app,O=Acme"'), ("role", "jörg"),
    ("group", "\\1"), ("group", "app_\\1"), ("group", "\\1\\1"), ("group", '"\\1"'), ("group", "an\\1"),
    ("all", "all"), ("all in quotes", '"all"'), ("members", "+staff"), ("members in quotes", '"+staff"'),
    ("members by group", "+\\1"), ("members of nothing", "+nothing"), ("role pattern", "/^app"),
    ("role pattern", '"/^a.*a$"'), ("role pattern that ends in a slash", "/^anna$/"), ("role pattern", "/^\\\\1$"),
    ("role pattern", "/\\1"), ("role pattern", "/(a)"), ("no value", "None"), ("role in single quotes", "'anna'"),
)  # fmt: skip
_USERS: tuple[tuple[str, str], ...] = (
    ("any role", "all"), ("any role", "all"), ("any role", "all"), ("named roles", "anna,ben,app"),
    ("named roles", '"a b",app_anna,admin'), ("members", "+staff"), ("members in quotes", '"+staff"'),
    ("all in quotes", '"all"'), ("pattern", "/^a"), ("pattern", '"/^(anna|ben)$"'), ("empty pattern", "/^anna$/"),
    ("empty pattern", "/x^"), ("single quotes", "'anna'"), ("no value", "None"), ("whole name", '"CN=app,O=Acme"'),
    ("pattern", "/nn,ben"), ("pattern", "/(?i)^ANN"),
)  # fmt: skip


def _parts(rng: random.Random, major: int, logins: Sequence[Login]) -> Iterator[Part]:
    for _ in range(rng.choice((1, 1, 2, 3))):
        kind, users = rng.choice(_USERS if rng.random() < 0.6 else _USERS[:3])
        for prefix, method in (("local all", _peer(rng)), ("hostssl all", _certificate(rng, major))):
            address = "" if prefix.startswith("local") else " 127.0.0.1/32"
            yield Part(f"record: {kind}", f"{prefix} {users}{address} {method}")
    for _ in range(rng.randrange(1, 7)):
        name, user = rng.choice(_SYSTEM_NAMES)
        what, role = rng.choice(_ROLES)
        login = rng.choice(logins)
        fits = rng.random()
        if fits < 0.4:
            name, user = "name of a login", _quoted(_name(login, rng.random() < 0.4))
        if fits > 0.2 and rng.random() < 0.6:
            what, role = "role of a login", _quoted(login.role)
        yield Part(f"map: {name} -> {what}", f"{rng.choice('mmmn')} {user} {role}", ident=True)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _peer(rng: random.Random) -> str:
    return rng.choice(("peer", "peer map=m", "peer map=m", "peer map=n", "ident map=m", "reject"))


def _certificate(rng: random.Random, major: int) -> str:
    words = ["cert", "cert map=m", "cert map=m", "cert map=m", "cert map=nosuch", "reject"]
    words += ["trust clientcert=verify-full"] if major > 11 else ["trust clientcert=1"]
    words += ["cert map=m clientname=DN", "cert map=m clientname=DN", "cert clientname=DN"] if major > 13 else []
    return rng.choice(words)


def _login(rng: random.Random) -> Login:
    """Somebody who asks for a role; oftener than not for one that has to do with the name."""
    users = [name for name in _SYSTEM_USERS if _is_user(name)] if os.geteuid() == 0 else []
    if users and rng.random() < 0.3:
        return Login(rng.choice(ROLES), user=rng.choice(users))
    number = rng.randrange(len(_SUBJECTS))
    own = dict(_SUBJECTS[number]).get("CN", "").partition("@")[0]
    near = [role for role in ROLES if own and own in role]
    return Login(rng.choice(near) if near and rng.random() < 0.6 else rng.choice(ROLES), number)


def _is_user(name: str) -> bool:
    try:
        return bool(pwd.getpwnam(name))
    except KeyError:
        return False


def _smaller(case: Case) -> Iterator[Case]:
    """The case with one of its logins, or without one of its parts."""
    yield from (case._replace(logins=(login,)) for login in case.logins if len(case.logins) > 1)
    yield from (case._replace(parts=tuple(one for one in case.parts if one is not part)) for part in case.parts)


def _told(case: Case, judged: Judged) -> str:
    lines = "".join(f"  {line}\n" for line in (*case.hba.splitlines()[1:], "--", *case.ident.splitlines()))
    logins = ""
    for login, (possible, told, message) in zip(case.logins, judged.logins, strict=True):
        if not any(_same(one, told) for one in possible):
            who = login.user or f"{_name(login, False)!r} ({_name(login, True)})"
            logins += f"  {who} as {login.role!r}: predicted {sorted(possible, key=str)}, was {told} {message}\n"
    return f"PostgreSQL {case.major} ({case.flavour}):\n{lines}{logins}"
