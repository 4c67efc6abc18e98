"""What the certificates of the tests say: one row a certificate, named for the one thing that is odd about it."""

from dataclasses import dataclass, replace

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

NETSCAPE_TYPE = x509.ObjectIdentifier("2.16.840.1.113730.1.1")
UNKNOWN_EXTENSION = x509.ObjectIdentifier("1.3.6.1.4.1.99999.1")
YEAR = 365


@dataclass(frozen=True, slots=True)
class Profile:
    """What a certificate says. Days count from the day asked for; `issuer` None: self-signed.

    `ca` None leaves basicConstraints out; `names` are subject alternative names written `DNS:host` or `IP:address`;
    `usages` are extended key usages; `key_usage` names bits of keyUsage (empty: no such extension); `identifier` is
    "issuer" (authority key identifier as it should be), "wrong" or "none"; `raw` are (identifier, critical, value)
    extensions appended as they are; with `explicit_curve` the key spells out the parameters of its curve.
    """

    subject: str
    key: str
    issuer: str | None = None
    begins: int = -30
    ends: int = 335
    ca: bool | None = False
    ca_critical: bool = True
    path_length: int | None = None
    key_usage: tuple[str, ...] = ("digital_signature", "key_encipherment")
    names: tuple[str, ...] = ()
    usages: tuple[str, ...] = ()
    permitted: tuple[str, ...] = ()
    identifier: str = "issuer"
    digest: str = "sha256"
    version: int = 3
    serial: int | None = None
    raw: tuple[tuple[x509.ObjectIdentifier, bool, bytes], ...] = ()
    explicit_curve: bool = False


_CA_USAGE = ("key_cert_sign", "crl_sign")
_ROOT = Profile("Example Root", "root", begins=-2 * YEAR, ends=8 * YEAR, ca=True, key_usage=_CA_USAGE)
_INTERMEDIATE = replace(
    _ROOT, subject="Example Intermediate", key="intermediate", issuer="root", begins=-YEAR, ends=4 * YEAR
)
_LEAF = Profile(
    "db.example.org",
    "leaf",
    "intermediate",
    names=("DNS:db.example.org",),
    usages=("serverAuth", "clientAuth"),
)
_SELF_SIGNED = Profile("dbhost", "self-signed", names=("DNS:dbhost",), usages=("serverAuth",))
_SELF_SIGNED_MD5 = replace(_SELF_SIGNED, key="rsa2048-intermediate", digest="md5")
_CLIENT = Profile("app", "client", "root", usages=("clientAuth",))
_PROXY_INFORMATION = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.14")
_INHERIT_ALL = bytes.fromhex("300c300a06082b06010505071501")
_AUTHORITY = ExtensionOID.AUTHORITY_KEY_IDENTIFIER
_SERIAL_1_OF_DBHOST = bytes.fromhex("301aa115a4133011310f300d06035504030c06") + b"dbhost\x82\x01\x01"
_UNDECODABLE_NAMES = (ExtensionOID.SUBJECT_ALTERNATIVE_NAME, False, b"\x30\x10\x82\x20db")

PROFILES: dict[str, Profile] = {
    "root": _ROOT,
    "root-expired": replace(_ROOT, begins=-9 * YEAR, ends=-30),
    "root-expiring": replace(_ROOT, ends=20),
    "root-not-yet-valid": replace(_ROOT, begins=10),
    "root-renewed": replace(_ROOT, begins=-10, ends=10 * YEAR),
    "root-sha1": replace(_ROOT, digest="sha1"),
    "root-v1": replace(_ROOT, version=1),
    "root-not-ca": replace(_ROOT, ca=False),
    "root-cross": replace(_ROOT, issuer="other-root", ends=4 * YEAR),
    "root-rsa1024": replace(_ROOT, subject="Old Root", key="rsa1024-root"),
    "root-client-only": replace(_ROOT, usages=("clientAuth",)),
    "root-server-only": replace(_ROOT, usages=("serverAuth",)),
    "intermediate": _INTERMEDIATE,
    "intermediate2": replace(
        _INTERMEDIATE,
        subject="Example Intermediate 2",
        key="intermediate2",
        issuer="intermediate",
        begins=-200,
        ends=3 * YEAR,
    ),
    "intermediate-expired": replace(_INTERMEDIATE, ends=-30),
    "intermediate-expiring": replace(_INTERMEDIATE, ends=20),
    "intermediate-not-yet-valid": replace(_INTERMEDIATE, begins=10),
    "intermediate-not-ca": replace(_INTERMEDIATE, ca=False),
    "intermediate-no-constraints": replace(_INTERMEDIATE, ca=None),
    "intermediate-noncritical": replace(_INTERMEDIATE, ca_critical=False),
    "intermediate-no-keycertsign": replace(_INTERMEDIATE, key_usage=("digital_signature", "crl_sign")),
    "intermediate-pathlen0": replace(_INTERMEDIATE, path_length=0),
    "intermediate-constrained": replace(_INTERMEDIATE, permitted=("example.net",)),
    "intermediate-permitting": replace(_INTERMEDIATE, permitted=("example.org",)),
    "intermediate-server-only": replace(_INTERMEDIATE, usages=("serverAuth",)),
    "intermediate-client-only": replace(_INTERMEDIATE, usages=("clientAuth",)),
    "intermediate-unknown-critical": replace(_INTERMEDIATE, raw=((UNKNOWN_EXTENSION, True, b"\x05\x00"),)),
    "intermediate-v1": replace(_INTERMEDIATE, version=1),
    "intermediate-sha1": replace(_INTERMEDIATE, digest="sha1"),
    "intermediate-twin": replace(_INTERMEDIATE, key="twin"),
    "intermediate-cross": replace(_INTERMEDIATE, issuer="other-root"),
    "intermediate-by-old-root": replace(_INTERMEDIATE, issuer="root-rsa1024"),
    "rsa-intermediate": replace(_INTERMEDIATE, subject="Example RSA Intermediate", key="rsa2048-intermediate"),
    "rsa1024-intermediate": replace(_INTERMEDIATE, subject="Example Old Intermediate", key="rsa1024-intermediate"),
    "ed25519-intermediate": replace(_INTERMEDIATE, subject="Example Ed25519 Intermediate", key="ed25519-intermediate"),
    "leaf": _LEAF,
    "authority": replace(_ROOT, subject="Example Authority", key="authority"),
    "leaf-by-authority": replace(_LEAF, issuer="authority"),
    "leaf-by-root": replace(_LEAF, issuer="root"),
    "leaf-by-intermediate2": replace(_LEAF, issuer="intermediate2"),
    "leaf-by-rsa-intermediate": replace(_LEAF, issuer="rsa-intermediate"),
    "leaf-by-rsa1024-intermediate": replace(_LEAF, issuer="rsa1024-intermediate"),
    "leaf-by-ed25519-intermediate": replace(_LEAF, issuer="ed25519-intermediate"),
    "leaf-expired": replace(_LEAF, begins=-YEAR, ends=-30),
    "leaf-expiring": replace(_LEAF, begins=-YEAR, ends=10),
    "leaf-not-yet-valid": replace(_LEAF, begins=10),
    "leaf-outliving": replace(_LEAF, ends=5 * YEAR),
    "leaf-sha1": replace(_LEAF, digest="sha1"),
    "self-signed-md5": _SELF_SIGNED_MD5,
    "self-signed-md5-cert-sign": replace(_SELF_SIGNED_MD5, key_usage=_CA_USAGE),
    "self-signed-md5-other-key-id": replace(
        _SELF_SIGNED_MD5, key_usage=_CA_USAGE, raw=((_AUTHORITY, False, b"\x30\x16\x80\x14" + bytes(20)),)
    ),
    "self-signed-md5-other-serial": replace(
        _SELF_SIGNED_MD5, key_usage=_CA_USAGE, serial=77, raw=((_AUTHORITY, False, _SERIAL_1_OF_DBHOST),)
    ),
    "namesake-md5": replace(_SELF_SIGNED, issuer="self-signed-md5", identifier="none", digest="md5", key_usage=()),
    "leaf-md5": replace(_LEAF, issuer="rsa-intermediate", digest="md5"),
    "leaf-rsa1024": replace(_LEAF, key="rsa1024-leaf"),
    "leaf-ed25519": replace(_LEAF, key="ed25519-leaf"),
    "leaf-ed448": replace(_LEAF, key="ed448-leaf"),
    "leaf-p192": replace(_LEAF, key="p192-leaf"),
    "leaf-secp256k1": replace(_LEAF, key="secp256k1-leaf"),
    "leaf-brainpool": replace(_LEAF, key="brainpool-leaf"),
    "leaf-explicit-curve": replace(_LEAF, explicit_curve=True),
    "leaf-ca-true": replace(_LEAF, ca=True, key_usage=()),
    "leaf-ca-usage": replace(_LEAF, ca=True, key_usage=_CA_USAGE),
    "leaf-client-only": replace(_LEAF, usages=("clientAuth",)),
    "leaf-any-usage": replace(_LEAF, usages=("anyExtendedKeyUsage",)),
    "leaf-no-san": replace(_LEAF, names=()),
    "leaf-nameless": replace(_LEAF, subject="OU=Databases,O=Example", names=()),
    "leaf-no-san-ip": replace(_LEAF, subject="192.0.2.5", names=()),
    "leaf-ip": replace(_LEAF, names=("IP:192.0.2.5",)),
    "leaf-dns-and-ip": replace(_LEAF, names=("DNS:db.example.org", "IP:192.0.2.5", "IP:2001:db8::5")),
    "leaf-other-name": replace(_LEAF, names=("DNS:replica.example.org",)),
    "leaf-wildcard": replace(_LEAF, subject="*.example.org", names=("DNS:*.example.org",)),
    "leaf-bad-wildcard": replace(_LEAF, names=("DNS:d*.example.org",)),
    "leaf-trailing-dot": replace(_LEAF, names=("DNS:db.example.org.",)),
    "leaf-v1": replace(_LEAF, version=1),
    "leaf-no-aki": replace(_LEAF, identifier="none"),
    "leaf-aki-mismatch": replace(_LEAF, identifier="wrong"),
    "leaf-unknown-critical": replace(_LEAF, raw=((UNKNOWN_EXTENSION, True, b"\x05\x00"),)),
    "leaf-broken-extension": replace(_LEAF, names=(), raw=(_UNDECODABLE_NAMES,)),
    "leaf-duplicate-extension": replace(
        _LEAF, raw=tuple((UNKNOWN_EXTENSION, False, value) for value in (b"\x05\x00", b"\x05\x00"))
    ),
    "leaf-serial-zero": replace(_LEAF, serial=0),
    "leaf-serial-negative": replace(_LEAF, serial=-5),
    "leaf-no-usage": replace(_LEAF, usages=()),
    "leaf-spoken-name": replace(_LEAF, subject="Database of Example", names=("DNS:db.example.org",)),
    "rsa-leaf": replace(_LEAF, key="rsa2048-leaf"),
    "public-root": replace(_ROOT, subject="CN=ISRG Root X1,O=Internet Security Research Group,C=US", key="public-root"),
    "leaf-public": replace(_LEAF, issuer="public-root", begins=-10, ends=80),
    "leaf-public-long": replace(_LEAF, issuer="public-root", begins=-10, ends=720),
    "other-root": replace(_ROOT, subject="Other Root", key="other-root"),
    "other-intermediate": replace(
        _INTERMEDIATE, subject="Other Intermediate", key="other-intermediate", issuer="other-root"
    ),
    "other-leaf": replace(
        _LEAF,
        subject="other.example.org",
        key="other-leaf",
        issuer="other-intermediate",
        names=("DNS:other.example.org",),
    ),
    "self-signed": _SELF_SIGNED,
    "self-signed-p384": replace(_SELF_SIGNED, key="p384-self-signed"),
    "self-signed-ca": replace(_SELF_SIGNED, ca=True, key_usage=()),
    "self-signed-expired": replace(_SELF_SIGNED, begins=-YEAR, ends=-30),
    "self-signed-client": replace(
        _SELF_SIGNED, subject="app", key="self-signed-client", names=(), usages=("clientAuth",)
    ),
    "client": _CLIENT,
    "client-early": replace(_CLIENT, begins=5),
    "client-p384": replace(_CLIENT, key="p384-client"),
    "root-unknown-critical": replace(_ROOT, raw=((UNKNOWN_EXTENSION, True, b"\x05\x00"),)),
    "client-by-intermediate": replace(_CLIENT, issuer="intermediate"),
    "client-server-only": replace(_CLIENT, usages=("serverAuth",)),
    "client-any-usage": replace(_CLIENT, usages=("anyExtendedKeyUsage",)),
    "client-encipherment": replace(_CLIENT, key_usage=("key_encipherment",)),
    "client-agreement": replace(_CLIENT, key_usage=("key_agreement",)),
    "client-ca-true": replace(_CLIENT, ca=True, key_usage=()),
    "client-ca-usage": replace(_CLIENT, ca=True, key_usage=_CA_USAGE),
    "client-unknown-critical": replace(_CLIENT, raw=((UNKNOWN_EXTENSION, True, b"\x05\x00"),)),
    "client-proxy": replace(_CLIENT, raw=((_PROXY_INFORMATION, True, _INHERIT_ALL),)),
    "client-netscape-server": replace(_CLIENT, raw=((NETSCAPE_TYPE, False, b"\x03\x02\x06\x40"),)),
    "client-netscape-client": replace(_CLIENT, raw=((NETSCAPE_TYPE, False, b"\x03\x02\x07\x80"),)),
    "client-v1": replace(_CLIENT, version=1),
    "client-md5": replace(_CLIENT, issuer="rsa-intermediate", digest="md5"),
    "client-sha1": replace(_CLIENT, issuer="rsa-intermediate", digest="sha1"),
    "client-rsa1024": replace(_CLIENT, key="rsa1024-client"),
    "client-by-rsa1024-intermediate": replace(_CLIENT, issuer="rsa1024-intermediate"),
    "client-by-intermediate2": replace(_CLIENT, issuer="intermediate2"),
}
"""Certificates that stand for one another (`intermediate-expired` for `intermediate`) share subject and key."""
