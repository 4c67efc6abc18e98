"""`connect` brings a client and a real server together, and says how it went."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.connections import about_the_client, connect, openssl_conf, today
from tests.support.installations import Installation, Unavailable, available
from tests.support.pki import build
from tests.support.servers import File

CHAIN = ("leaf", "intermediate")
CERT = b"hostssl all all 127.0.0.1/32 cert\n"
SCRAM = b"hostssl all all 127.0.0.1/32 scram-sha-256\n"
SERVERS = [(10, "npm"), (16, "npm"), (18, "pypi")]


def files(hba: bytes | None = None, conf: bytes = b"", **more: str) -> Mapping[str, File | None]:
    """The files of a server with a chain that clients can verify; `more` are further items, by setting."""
    lines = [f"{setting} = '{setting}.pem'\n".encode() for setting in more]
    found: dict[str, File | None] = {f"{setting}.pem": File(build(item, today())) for setting, item in more.items()}
    found["postgresql.conf"] = File(b"ssl = on\n" + b"".join(lines) + conf)
    found["server.crt"] = File(build(CHAIN, today()))
    found["server.key"] = File(build({"key": "leaf"}, today()))
    return found if hba is None else {**found, "pg_hba.conf": File(hba)}


def server(major: int, flavour: str) -> Installation:
    found = available(major, flavour)
    if isinstance(found, Unavailable):
        pytest.skip(found.reason)
    return found


@pytest.fixture(params=SERVERS, ids=lambda param: f"{param[1]}{param[0]}")
def installation(request: pytest.FixtureRequest) -> Installation:
    return server(*request.param)


@pytest.mark.servers
class TestConnections:
    """What comes of connections whose end is known."""

    def test_a_client_that_verifies_everything(self, installation: Installation) -> None:
        assert connect(installation, files(), {}) == "ok TLSv1.3 TLS_AES_256_GCM_SHA384"

    def test_an_old_libpq(self, installation: Installation) -> None:
        assert connect(installation, files(), {"libpq": 10}).startswith("ok TLSv1.3")

    def test_a_root_that_issued_nothing_here(self, installation: Installation) -> None:
        outcome = connect(installation, files(), {"roots": "other-root"})
        client, log = outcome.split("\n")
        assert client.endswith("SSL error: certificate verify failed")
        assert log == "LOG:  could not accept SSL connection: tlsv1 alert unknown ca"

    def test_no_root_at_all(self, installation: Installation) -> None:
        assert 'root certificate file "roots.crt" does not exist' in connect(installation, files(), {"roots": []})
        assert connect(installation, files(), {"sslmode": "require"}).startswith("ok TLSv1.3")

    def test_another_host(self, installation: Installation) -> None:
        outcome = connect(installation, files(), {"host": "replica.example.org"})
        assert 'server certificate for "db.example.org" does not match host name "replica.example.org"' in outcome

    def test_a_client_certificate(self, installation: Installation) -> None:
        given = files(CERT, ssl_ca_file="root")
        assert connect(installation, given, {"user": "app", "certificate": "client"}).startswith("ok")
        assert "requires a valid client certificate" in connect(installation, given, {"user": "app"})
        stranger = connect(installation, given, {"user": "app", "certificate": "self-signed-client"})
        assert "LOG:  could not accept SSL connection: certificate verify failed" in stranger
        wrong = {"user": "app", "certificate": "client", "key": "leaf"}
        assert "key values mismatch" in connect(installation, given, wrong)

    def test_a_password(self, installation: Installation) -> None:
        asked = {"user": "alice", "password": "it's \\ secret"}
        assert connect(installation, files(SCRAM), asked).startswith("ok")
        assert connect(installation, files(SCRAM), {**asked, "password": "another one"}).startswith("ok")
        assert "no password supplied" in connect(installation, files(SCRAM), {"user": "alice"})

    def test_channel_binding(self, installation: Installation) -> None:
        asked = {"user": "alice", "password": "secret", "channel_binding": "require"}
        outcome = connect(installation, files(SCRAM), asked)
        # 10 has SCRAM without channel binding, which came with 11.
        assert outcome.startswith("ok") is (installation.major > 10)

    def test_a_connection_without_tls(self, installation: Installation) -> None:
        hba = b"host all all 127.0.0.1/32 trust\n"
        assert connect(installation, files(hba), {"sslmode": "disable"}) == "ok plaintext"
        assert "no pg_hba.conf entry" in connect(installation, files(), {"sslmode": "disable"})

    def test_a_revocation_list_of_the_client(self, installation: Installation) -> None:
        lists = {"crl": ["crl:root", "crl-revoking:leaf"]}
        assert "certificate revoked" in connect(installation, files(), lists)
        assert connect(installation, files(), {"crl": ["crl:root", "crl:intermediate"]}).startswith("ok")

    @pytest.mark.parametrize(
        ("asked", "words"),
        [
            ({"max_protocol": "TLSv1.2", "ciphers": "ECDHE-ECDSA-AES128-GCM-SHA256"}, "ok TLSv1.2 ECDHE-ECDSA-AES128"),
            ({"ciphers": "eNULL:@SECLEVEL=0", "max_protocol": "TLSv1.2"}, "no shared cipher"),
            ({"groups": "X448"}, "no suitable key share"),
            ({"groups": "P-256"}, "ok TLSv1.3"),
        ],
    )
    def test_lists_of_the_client(self, installation: Installation, asked: Mapping[str, Any], words: str) -> None:
        assert words in connect(installation, files(), asked)

    def test_a_server_that_does_not_start(self, installation: Installation) -> None:
        outcome = connect(installation, files(conf=b"ssl_cert_file = 'none.crt'\n"), {})
        assert outcome.startswith("the server does not start\n")
        assert 'could not load server certificate file "none.crt"' in outcome

    def test_nothing_is_left_of_an_earlier_connection(self, installation: Installation) -> None:
        connect(installation, files(CERT, ssl_ca_file="root"), {"user": "app"})
        assert connect(installation, files(), {"user": "app"}).startswith("ok")


@pytest.mark.servers
def test_a_libpq_that_is_not_to_be_had() -> None:
    with pytest.raises(LookupError, match="9"):
        connect(server(16, "npm"), files(), {"libpq": 9})


def test_what_a_server_logged_of_a_client() -> None:
    log = """LOG:  listening on IPv4 address "127.0.0.1", port N
LOG:  database system is ready to accept connections
LOG:  could not receive data from client: Connection reset by peer
FATAL:  no pg_hba.conf entry
LOG:  received smart shutdown request
LOG:  shutting down
"""
    assert list(about_the_client(log)) == ["FATAL:  no pg_hba.conf entry"]
    assert list(about_the_client("FATAL:  no pg_hba.conf entry")) == ["FATAL:  no pg_hba.conf entry"]


def test_the_settings_of_the_clients_openssl() -> None:
    assert openssl_conf({}) == ""
    assert openssl_conf({"groups": "P-256"}).endswith("[client]\nGroups = P-256\n")
