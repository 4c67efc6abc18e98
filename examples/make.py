"""Make the example clusters: `python examples/make.py DIR` writes DIR/broken and DIR/sound, two data directories.

Git keeps neither keys nor modes such as 0600, so the examples are made rather than kept. `broken` has the problems
that people meet most: a NULL cipher, clientcert on a record that is not hostssl, a key that others may read, and a
bundle with the root in it whose first certificate is not the server's own. `sound` is how it should be.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pgssllint.postgres.control_file import blank

CONF = """\
# A server for the machines of one network.
listen_addresses = '*'
ssl = on
ssl_cert_file = 'server.crt'
ssl_key_file = 'server.key'
ssl_ca_file = 'root.crt'
ssl_min_protocol_version = 'TLSv1.2'
"""

FOLDERS = (
    "base", "global", "pg_commit_ts", "pg_multixact", "pg_notify", "pg_replslot", "pg_tblspc", "pg_twophase", "pg_wal",
    "pg_xact",
)  # fmt: skip
"""What initdb makes, without which no server starts."""

SOUND_HBA = """\
# TYPE   DATABASE  USER  ADDRESS      METHOD
local    all       all                peer
hostssl  all       all   10.0.0.0/8   scram-sha-256 clientcert=verify-full
"""

BROKEN_HBA = """\
# TYPE   DATABASE  USER  ADDRESS      METHOD
local    all       all                peer
host     all       all   10.0.0.0/8   scram-sha-256 clientcert=verify-full
"""


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The private key as PEM."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def issue(name: str, issuer: Issued | None, *, ca: bool, days: int) -> Issued:
    """A certificate for `name`, valid for `days` from yesterday on, signed by `issuer` or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    signer = issuer.key if issuer is not None else key
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime.now(UTC) - timedelta(days=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer is not None else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if not ca:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return Issued(builder.sign(signer, hashes.SHA256()), key)


def write(folder: Path, files: Mapping[str, bytes], key_mode: int) -> None:
    """Write a data directory; `key_mode` is that of server.key."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    for name in FOLDERS:
        (folder / name).mkdir(mode=0o700, exist_ok=True)
    for name, data in files.items():
        path = folder / name
        path.write_bytes(data)
        path.chmod(key_mode if name == "server.key" else 0o644)


def make(target: Path) -> None:
    """Write both clusters below `target`."""
    root = issue("Example Root", None, ca=True, days=3650)
    intermediate = issue("Example Intermediate", root, ca=True, days=1825)
    server = issue("db.example.org", intermediate, ca=False, days=365)
    files = {"PG_VERSION": b"16\n", "global/pg_control": blank(16)}
    common = files | {"root.crt": root.pem, "server.key": server.key_pem}
    sound = {
        "postgresql.conf": CONF.encode(),
        "pg_hba.conf": SOUND_HBA.encode(),
        "server.crt": server.pem + intermediate.pem,
    }
    broken = {
        "postgresql.conf": (CONF + "ssl_ciphers = 'HIGH:eNULL:@SECLEVEL=0'\n").encode(),
        "pg_hba.conf": BROKEN_HBA.encode(),
        "server.crt": intermediate.pem + server.pem + root.pem,
    }
    write(target / "sound", common | sound, 0o600)
    write(target / "broken", common | broken, 0o644)


def main() -> int:
    """Run the command line."""
    if len(sys.argv) != 2:
        print("usage: python examples/make.py DIR", file=sys.stderr)
        return 2
    make(Path(sys.argv[1]))
    print(f"made {sys.argv[1]}/broken and {sys.argv[1]}/sound")
    return 0


if __name__ == "__main__":
    sys.exit(main())
