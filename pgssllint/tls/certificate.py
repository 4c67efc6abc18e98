"""One X.509 certificate: what it says, each part readable for itself even where others are damaged (RFC 5280)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pgssllint.tls import asn1, der, names
from pgssllint.tls.guard import attempt
from pgssllint.tls.keyinfo import KeyInfo, hash_name, key_info
from pgssllint.tls.pem import Block
from pgssllint.tls.pss import parameters_fault
from pgssllint.tls.signature import verifies
from pgssllint.tls.tbs import ExtensionEntry, Fields, extensions, walk
from pgssllint.tls.x509_templates import CERTIFICATE

if TYPE_CHECKING:
    from cryptography import x509

UNREADABLE_NAME = "(unreadable name)"
T = TypeVar("T")
E = TypeVar("E", bound="x509.ExtensionType")


class Damaged(NamedTuple):
    """A block that should hold a certificate, a key or a list and does not.

    `reason` says why in a few words, OpenSSL's where it has some. `certain` is false where only the parser used here
    objects: OpenSSL may well load it.
    """

    block: Block
    reason: str
    certain: bool = True


class AuthorityKey(NamedTuple):
    """An authority key identifier (RFC 5280 section 4.2.1.1); `issuer` is the DER of the issuer's own issuer."""

    key_id: bytes | None
    issuer: bytes | None
    serial: int | None


class BasicConstraints(NamedTuple):
    """RFC 5280 section 4.2.1.9."""

    ca: bool
    path_length: int | None


@dataclass(frozen=True, eq=False)
class Certificate:
    """A certificate of a PEM block. Where a part cannot be read its property is None, unless it says otherwise.

    `trailing` counts the bytes behind the certificate in its block. In the first block of ssl_cert_file OpenSSL reads
    them as trust settings (`trust.trust`), as under the label TRUSTED CERTIFICATE, and refuses the file if they are
    none; in later blocks it ignores them (libcrypto 1.1.1 and 3.0.19).
    """

    block: Block
    der: bytes = field(repr=False)
    trailing: int
    _fields: Fields = field(repr=False)
    _loaded: "x509.Certificate | None" = field(repr=False)

    @property
    def strictly_readable(self) -> bool:
        """Whether a strict parser accepts it; where not, its names, dates and extensions are not known."""
        return self._loaded is not None

    @cached_property
    def subject(self) -> str:
        """The subject as RFC 4514 writes it, most specific part first, as in `CN=db.example.org,O=Example`.

        An empty one is the empty string, one that cannot be read UNREADABLE_NAME.
        """
        return self._name(lambda x: x.subject)

    @cached_property
    def issuer(self) -> str:
        """The issuer, likewise."""
        return self._name(lambda x: x.issuer)

    @property
    def subject_der(self) -> bytes:
        """The DER of the subject."""
        return self._fields.subject.encoding

    @property
    def issuer_der(self) -> bytes:
        """The DER of the issuer."""
        return self._fields.issuer.encoding

    @cached_property
    def subject_key(self) -> bytes:
        """The subject in the form that OpenSSL compares."""
        return names.canonical(self.subject_der)

    @cached_property
    def issuer_key(self) -> bytes:
        """The issuer in the form that OpenSSL compares."""
        return names.canonical(self.issuer_der)

    @cached_property
    def common_name(self) -> str | None:
        """The first common name of the subject, the one libpq looks at."""
        return self._read(lambda x: next((str(a.value) for a in x.subject if a.oid.dotted_string == "2.5.4.3"), None))

    @cached_property
    def not_before(self) -> datetime | None:
        """The beginning of its validity, in UTC."""
        return self._read(lambda x: x.not_valid_before_utc)

    @cached_property
    def not_after(self) -> datetime | None:
        """The end of its validity, in UTC."""
        return self._read(lambda x: x.not_valid_after_utc)

    def valid_at(self, at: datetime) -> bool | None:
        """Whether `at` (aware) lies in its validity, both ends included."""
        if self.not_before is None or self.not_after is None:
            return None
        return self.not_before <= at <= self.not_after

    @property
    def version(self) -> int:
        """1, 2 or 3, as people count versions."""
        return self._fields.version

    @property
    def serial(self) -> int:
        """The serial number, which may be negative or too long in a certificate that breaks the rules."""
        return der.integer(self._fields.serial)

    @property
    def spki(self) -> bytes:
        """The DER of SubjectPublicKeyInfo."""
        return self._fields.spki.encoding

    @cached_property
    def key(self) -> KeyInfo | None:
        """Type, size, curve and exponent of the public key."""
        return key_info(self.spki)

    @property
    def key_type(self) -> str | None:
        """`RSA`, `RSA-PSS`, `EC`, `DSA`, `Ed25519`, `Ed448`, `ML-DSA-65` ... or the dotted identifier."""
        return self.key.kind if self.key else None

    @cached_property
    def signature_oid(self) -> str:
        """The dotted identifier of the signature algorithm."""
        return der.dotted(next(der.children(self._fields.signature), self._fields.signature))

    @cached_property
    def signature_fault(self) -> str | None:
        """Why the parameters of the signature algorithm are not read, as `parameters_fault` says it."""
        return parameters_fault(self._fields.signature)

    @cached_property
    def signature_hash(self) -> str | None:
        """The hash of the signature algorithm, as `SHA256`; None where it has none (EdDSA, ML-DSA) or is not known."""
        return hash_name(self._fields.signature) if self.signature_fault is None else None

    @cached_property
    def extension_entries(self) -> tuple[ExtensionEntry, ...]:
        """All extensions in their order, those that cannot be decoded too."""
        return tuple(extensions(self._fields))

    @cached_property
    def extension_fault(self) -> str | None:
        """Why OpenSSL cannot decode an extension that it looks at as soon as it takes a certificate, in its words."""
        return next((fault for entry in self.extension_entries if (fault := entry.fault) is not None), None)

    @cached_property
    def extensions_readable(self) -> bool:
        """Whether every extension can be decoded; where not, what depends on them is None or empty."""
        return self._extensions is not None

    @cached_property
    def basic_constraints(self) -> BasicConstraints | None:
        """What basicConstraints say; None if there are none."""
        from cryptography.x509 import BasicConstraints as Found

        found = self._extension(Found)
        return BasicConstraints(found.ca, found.path_length) if found else None

    @property
    def is_ca(self) -> bool | None:
        """Whether basicConstraints say CA:TRUE (False without them); None if the extensions cannot be read."""
        if not self.extensions_readable:
            return None
        return self.basic_constraints is not None and self.basic_constraints.ca

    @cached_property
    def key_usage(self) -> frozenset[str] | None:
        """The bits of keyUsage by their names in RFC 5280 (`keyCertSign`); None if there is no such extension."""
        from cryptography.x509 import KeyUsage

        found = self._extension(KeyUsage)
        if found is None:
            return None
        return frozenset(name for attribute, name in _KEY_USAGES if getattr(found, attribute))

    @cached_property
    def extended_key_usage(self) -> tuple[str, ...] | None:
        """Names (`serverAuth`, `clientAuth`, `anyExtendedKeyUsage`) or dotted identifiers; None if there is none."""
        from cryptography.x509 import ExtendedKeyUsage

        found = self._extension(ExtendedKeyUsage)
        if found is None:
            return None
        return tuple(_EXTENDED_USAGES.get(use.dotted_string, use.dotted_string) for use in found)

    @cached_property
    def dns_names(self) -> tuple[str, ...]:
        """The dNSName entries of the subject alternative names."""
        from cryptography.x509 import DNSName, SubjectAlternativeName

        found = self._extension(SubjectAlternativeName)
        return tuple(found.get_values_for_type(DNSName)) if found else ()

    @cached_property
    def ip_addresses(self) -> tuple[str, ...]:
        """The iPAddress entries of the subject alternative names."""
        from cryptography.x509 import IPAddress, SubjectAlternativeName

        found = self._extension(SubjectAlternativeName)
        return tuple(str(address) for address in found.get_values_for_type(IPAddress)) if found else ()

    @cached_property
    def permitted_and_excluded_dns(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The dNSName subtrees of the name constraints (RFC 5280 section 4.2.1.10): permitted, excluded."""
        from cryptography.x509 import DNSName, NameConstraints

        found = self._extension(NameConstraints)
        trees = (found.permitted_subtrees, found.excluded_subtrees) if found else (None, None)
        permitted, excluded = (tuple(t.value for t in tree or () if isinstance(t, DNSName)) for tree in trees)
        return permitted, excluded

    @cached_property
    def subject_key_id(self) -> bytes | None:
        """The subject key identifier."""
        from cryptography.x509 import SubjectKeyIdentifier

        found = self._extension(SubjectKeyIdentifier)
        return found.digest if found else None

    @cached_property
    def authority_key(self) -> AuthorityKey | None:
        """The authority key identifier, with the issuer and serial it may name."""
        from cryptography.x509 import AuthorityKeyIdentifier, DirectoryName

        found = self._extension(AuthorityKeyIdentifier)
        if found is None:
            return None
        given = [name.value for name in found.authority_cert_issuer or () if isinstance(name, DirectoryName)]
        issuer = attempt(given[0].public_bytes, None) if given else None
        return AuthorityKey(found.key_identifier, issuer, found.authority_cert_serial_number)

    @property
    def authority_key_id(self) -> bytes | None:
        """The key identifier of the issuer, where the certificate names it."""
        return self.authority_key.key_id if self.authority_key else None

    @property
    def self_issued(self) -> bool:
        """Whether subject and issuer are the same, byte for byte; the signature may still be another's."""
        return self.subject_der == self.issuer_der

    @cached_property
    def self_signed(self) -> bool:
        """Whether it is self-issued and its own key verifies its signature."""
        return self.self_issued and self.signed_by(self) is True

    @cached_property
    def is_root(self) -> bool:
        """Whether a path ends here: it is self-issued, and its signature is its own key's or cannot be checked."""
        return self.self_issued and self.signed_by(self) is not False

    def names_as_issuer(self, other: "Certificate") -> bool:
        """Whether the issuer that this one names is `other`: by the name alone."""
        return self.issuer_key == other.subject_key

    def identifies(self, other: "Certificate") -> bool:
        """Whether the authority key identifier of this one, if any, agrees with `other` (X509_check_akid)."""
        authority = self.authority_key
        if authority is None:
            return True
        if authority.key_id is not None and other.subject_key_id not in (None, authority.key_id):
            return False
        if authority.serial is not None and authority.serial != other.serial:
            return False
        return authority.issuer is None or names.canonical(authority.issuer) == other.issuer_key

    def signed_by(self, other: "Certificate") -> bool | None:
        """Whether the key of `other` verifies the signature; None where the algorithm or the key cannot be used."""
        same_name = self.issuer_der == other.subject_der
        return self._read(lambda x: other._read(lambda issuer: verifies(x, issuer, same_name)))

    def issued(self, other: "Certificate") -> bool:
        """Whether this certificate issued `other`: by name, key identifier and signature."""
        return other.names_as_issuer(self) and other.identifies(self) and other.signed_by(self) is True

    def _name(self, choose: "Callable[[x509.Certificate], x509.Name]") -> str:
        text = self._read(lambda x: names.spoken(choose(x)))
        return UNREADABLE_NAME if text is None else text

    def _read(self, read: "Callable[[x509.Certificate], T]") -> T | None:
        loaded = self._loaded
        return None if loaded is None else attempt(lambda: read(loaded), None)

    @cached_property
    def _extensions(self) -> "x509.Extensions | None":
        return self._read(lambda x: x.extensions)

    def _extension(self, kind: "type[E]") -> "E | None":
        extensions = self._extensions
        return None if extensions is None else attempt(lambda: extensions.get_extension_for_class(kind).value, None)


def signed_structure(block: Block, template: asn1.Item) -> der.Element | Damaged:
    """The outermost sequence of a block that should hold a certificate or a list, or why there is none."""
    if block.der is None:
        return Damaged(block, (block.fault and (block.fault.reason or block.fault.value)) or "unreadable")
    fault = asn1.fault(template, block.der)
    if fault is not None:
        return Damaged(block, fault)
    return der.element(block.der) or Damaged(block, "its lengths are not those of DER", certain=False)


def read_certificate(block: Block) -> Certificate | Damaged:
    """The certificate in a block of one of the CERTIFICATE_LABELS, or why there is none. Never raises."""
    outer = signed_structure(block, CERTIFICATE)
    if isinstance(outer, Damaged):
        return outer
    fields = walk(outer)
    if fields is None:
        return Damaged(block, "its parts are not those of a certificate", certain=False)
    from cryptography import x509

    loaded = attempt(lambda: x509.load_der_x509_certificate(outer.encoding), None)
    return Certificate(block, outer.encoding, len(block.der or b"") - outer.end, fields, loaded)


_KEY_USAGES = (
    ("digital_signature", "digitalSignature"), ("content_commitment", "nonRepudiation"),
    ("key_encipherment", "keyEncipherment"), ("data_encipherment", "dataEncipherment"),
    ("key_agreement", "keyAgreement"), ("key_cert_sign", "keyCertSign"), ("crl_sign", "cRLSign"),
)  # fmt: skip
_EXTENDED_USAGES = {
    "1.3.6.1.5.5.7.3.1": "serverAuth", "1.3.6.1.5.5.7.3.2": "clientAuth", "1.3.6.1.5.5.7.3.3": "codeSigning",
    "1.3.6.1.5.5.7.3.4": "emailProtection", "1.3.6.1.5.5.7.3.8": "timeStamping", "1.3.6.1.5.5.7.3.9": "OCSPSigning",
    "2.5.29.37.0": "anyExtendedKeyUsage",
}  # fmt: skip
