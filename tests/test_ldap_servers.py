"""Logins through records that ask LDAP, on a server that is built with it: which options can never work.

There is no LDAP server here. What can never work fails before one is asked; what can work fails because nobody answers.
"""

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.asked import without
from tests.support.connections import connect, today
from tests.support.installations import Installation, available
from tests.support.judging import found_in, rules_in
from tests.support.pki import build
from tests.support.servers import File

START_TLS = b"1.3.6.1.4.1.1466.20037"
"""The request of StartTLS (RFC 4511 section 4.14)."""

NO_ANSWER = "Can't contact LDAP server"
NOT_INITIALIZED = "could not initialize LDAP: Bad parameter to an ldap routine"

RECORDS = [
    ('ldapserver=localhost ldapport=1 ldapprefix="cn="', NO_ANSWER),
    ('ldapserver=localhost ldapport=1 ldapscheme=LDAPS ldapprefix="cn="', NO_ANSWER),
    ('ldapserver=localhost ldapport=1 ldapscheme=ldapi ldapprefix="cn="', NO_ANSWER),
    ('ldapserver="localhost [::1]" ldapport=1 ldapprefix="cn="', NO_ANSWER),
    ('ldapbasedn="dc=example,dc=invalid"', "could not find DNS SRV records"),
    ('ldapbasedn="ou=people, DC = invalid"', "could not find DNS SRV records"),
    ('ldapserver=localhost ldapport=1 ldapscheme=tls ldapprefix="cn="', NOT_INITIALIZED),
    ('ldapserver=localhost ldapport=1 ldapscheme="" ldapprefix="cn="', NOT_INITIALIZED),
    ('ldapserver="localhost:389" ldapprefix="cn="', NOT_INITIALIZED),
    ('ldapserver="[::1] localhost:389" ldapprefix="cn="', NOT_INITIALIZED),
    ('ldapserver="ldap://localhost" ldapprefix="cn="', NOT_INITIALIZED),
    ('ldapserver="localhost,localhost" ldapport=1 ldapprefix="cn="', NOT_INITIALIZED),
    ('ldapserver="localhost, localhost" ldapport=1 ldapprefix="cn="', NOT_INITIALIZED),
    ('ldapserver="localhost," ldapport=1 ldapprefix="cn="', NOT_INITIALIZED),
    ('ldapserver="localhost,ldap://localhost" ldapport=1 ldapprefix="cn="', NO_ANSWER),
    ('ldapserver="a,b" ldapscheme=ldapi ldapprefix="cn="', NOT_INITIALIZED),
    ('ldapserver="localhost:389" ldapscheme=ldapi ldapprefix="cn="', NO_ANSWER),
    ('ldapserver="[::1]:389" ldapprefix="cn="', NOT_INITIALIZED),
    ('ldapserver="[::1]x" ldapport=1 ldapprefix="cn="', NOT_INITIALIZED),
    ('ldapserver="[::1" ldapport=1 ldapprefix="cn="', NOT_INITIALIZED),
    ('ldapserver="::1" ldapport=1 ldapprefix="cn="', NOT_INITIALIZED),
    ('ldapserver="localhost:" ldapport=1 ldapprefix="cn="', NOT_INITIALIZED),
    ('ldapserver="localhost:1:2/" ldapport=1 ldapprefix="cn="', NOT_INITIALIZED),
    ('ldapserver="localhost:1x/" ldapport=1 ldapprefix="cn="', NOT_INITIALIZED),
    ('ldapserver="localhost:1/" ldapport=1 ldapprefix="cn="', NO_ANSWER),
    ('ldapserver="localhost:-1/" ldapport=1 ldapprefix="cn="', NO_ANSWER),
    ('ldapserver="localhost?x" ldapport=1 ldapprefix="cn="', NO_ANSWER),
    ('ldapserver="localhost\tlocalhost" ldapport=1 ldapprefix="cn="', NO_ANSWER),
    ('ldapserver="URL:ldap://localhost" ldapport=1 ldapprefix="cn="', NOT_INITIALIZED),
    ('ldapurl="ldap://[::1]:1/dc=x"', NOT_INITIALIZED),
    ('ldapurl="ldap://localhost,localhost:1/dc=x"', NOT_INITIALIZED),
    ('ldapprefix="cn="', "LDAP server not specified, and no ldapbasedn"),
    ('ldapserver="" ldapprefix="cn="', "LDAP server not specified, and no ldapbasedn"),
    ('ldapbasedn=""', "LDAP server not specified, and no ldapbasedn"),
    ('ldapbasedn="people"', "could not extract domain name from ldapbasedn"),
    # The library aborts the process for want of a domain.
    ('ldapbasedn="dc=example,ou=people"', "terminated by signal 6"),
    ('ldapbasedn="dc=example+ou=people"', "terminated by signal 6"),
    ('ldapurl="ldap:///ou=people"', "terminated by signal 6"),
]
"""Options, and what the server's log says of a login."""

_CAN_WORK = (NO_ANSWER, "could not find DNS SRV records")


@pytest.mark.parametrize(("options", "said"), RECORDS)
def test_what_is_told(options: str, said: str, tmp_path: Path) -> None:
    assert ("PGS557" in told(options, tmp_path)) is (said not in _CAN_WORK)


@pytest.mark.parametrize("options", ['ldapprefix="cn="', 'ldapserver="localhost:389" ldapprefix="cn="'])
def test_10_reads_these_otherwise(options: str, tmp_path: Path) -> None:
    """It refuses the one, and asks the other server by a function that takes ports."""
    assert "PGS557" not in told(options, tmp_path, major=10)


@pytest.mark.parametrize(("ports", "told_of"), [("-1", True), ("-1,-2", True), ("-1,1812", False), ("1812", False)])
def test_ports_of_radius(ports: str, told_of: bool, tmp_path: Path) -> None:
    """Servers of 10, 13 and 16: a negative port is no service, and of several servers one is asked after the other."""
    servers = ",".join("127.0.0.1" for _ in ports.split(","))
    record = f'host all all all radius radiusservers="{servers}" radiussecrets=s radiusports="{ports}"\n'
    found = rules_in(found_in(tmp_path, {"pg_hba.conf": record.encode()}, major=16))
    assert ("PGS557" in found) is told_of


@pytest.mark.servers
@pytest.mark.parametrize(("options", "said"), RECORDS)
def test_what_a_server_says(options: str, said: str) -> None:
    assert said in login(options)


@pytest.mark.servers
@pytest.mark.parametrize(("also", "asked"), [("", False), (" ldaptls=1", True)])
def test_start_tls_is_asked_within_tls(also: str, asked: bool, listener: "Listener") -> None:
    """Which a server of LDAP has to refuse (section 4.14.3); without `ldaptls` the name is bound at once."""
    outcome = login(f'ldapserver=localhost ldapport={listener.port} ldapscheme=ldaps ldapprefix="cn="{also}')
    assert ("could not start LDAP TLS session" in outcome) is asked
    assert any(START_TLS in request for request in listener.heard) is asked
    assert listener.heard


class Listener:
    """Something that takes TLS on a port of this machine, hears one request, and answers nothing."""

    def __init__(self, folder: Path) -> None:
        chain, key = folder / "chain", folder / "key"
        chain.write_bytes(build(["leaf", "intermediate"], today()))
        key.write_bytes(build("key:leaf", today()))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(chain, key)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.heard: list[bytes] = []
        threading.Thread(target=self._hear, daemon=True).start()

    def close(self) -> None:
        """Take no more."""
        self._socket.close()

    def _hear(self) -> None:
        while True:
            try:
                plain, _ = self._socket.accept()
                with self._context.wrap_socket(plain, server_side=True) as secured:
                    secured.settimeout(5)
                    self.heard.append(secured.recv(1000))
            except OSError:
                if self._socket.fileno() < 0:
                    return


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    one = Listener(tmp_path)
    yield one
    one.close()


def told(options: str, folder: Path, major: int = 15) -> set[str]:
    """The rules that speak of a record with these options."""
    return rules_in(found_in(folder, {"pg_hba.conf": f"host all all all ldap {options}\n".encode()}, major=major))


def login(options: str) -> str:
    """How a login through a record with these options ends."""
    installation = available(15, "debian")
    if not isinstance(installation, Installation):
        without(installation.reason)
    records = f"local all all trust\nhost all all 127.0.0.1/32 ldap {options}\n"
    files = {"pg_hba.conf": File(records.encode()), "ldaprc": File(b"TLS_REQCERT never\n")}
    return connect(installation, files, {"sslmode": "disable", "user": "app", "password": "x"})
