"""Private keys of a key file. What is kept of a key is its public half; the bytes of the key itself are let go."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from pgssllint.target import OpenSSL
from pgssllint.text import Source
from pgssllint.tls import asn1, der
from pgssllint.tls.decryption import is_cut_short, opened
from pgssllint.tls.encryption import encryption, is_legacy
from pgssllint.tls.guard import attempt
from pgssllint.tls.keyinfo import EXPLICIT, key_info, key_type
from pgssllint.tls.pem import PRIVATE_KEY_LABELS, Block, BlockFault, scan
from pgssllint.tls.private_key import public_half
from pgssllint.tls.sniff import sniff
from pgssllint.tls.x509_templates import ENCRYPTED_KEY


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """One private key block, its `block.der` taken out.

    `spki` is the DER of the public key that belongs to it, None where it is encrypted or cannot be read. `key_type` is
    named as in `keyinfo.KeyInfo`. `fault` says why it cannot be read, in OpenSSL's words where it has some; `certain`
    is false where only the parser used here objects: OpenSSL may well load it. `cipher` is that of an encrypted one, by
    OpenSSL's name, empty where it is not known. `later_fault` is what all but the first release of 1.1.1 say of one
    whose label names another type.
    """

    block: Block
    encrypted: bool = False
    spki: bytes | None = field(default=None, repr=False)
    key_type: str | None = None
    fault: str | None = None
    certain: bool = True
    cipher: str = ""
    later_fault: str | None = None


class KeyFile(NamedTuple):
    """The blocks of a key file, without their contents, and the private keys among them, in their order.

    `resumes`: behind a key that cannot be decoded, or whose encryption takes the legacy provider, the next one is
    tried, as by OpenSSL 3; 1.1.1 gives up there.
    """

    blocks: tuple[Block, ...]
    keys: tuple[PrivateKey, ...]
    resumes: bool = False

    @property
    def first(self) -> PrivateKey | None:
        """The only key OpenSSL reads: the first, or the first that can be decoded."""
        good = [key for key in self.keys if key.fault is None and key.later_fault is None] if self.resumes else []
        supported = (key for key in good if not is_legacy(key.cipher))
        return next(supported, None) or next(iter((*good, *self.keys)), None)

    @property
    def asked(self) -> PrivateKey | None:
        """The key for which a passphrase is asked, if one is; also where OpenSSL then has no use for it."""
        first = self.first
        tried = (key for key in self.keys if key.fault is None) if self.resumes else iter(self.keys[:1])
        before = next(tried, None)
        return before if before is not None and before.encrypted and first is not None else None


def read_keys(source: Source, bom_hides: bool = False) -> KeyFile:
    """The private keys of a file. Never raises.

    Other blocks, such as EC PARAMETERS or certificates, are passed over, as OpenSSL does. `bom_hides`: as OpenSSL 1.1.1
    reads, which does not see a block behind a byte order mark and stops at a damaged one; otherwise as 3.x.
    """
    blocks = scan(source, bom_hides)
    return KeyFile(tuple(_bare(block) for block in blocks), tuple(_keys(blocks)), resumes=not bom_hides)


class Tried(NamedTuple):
    """Whether a passphrase opens a key, None where that was not tried; and what the key is then, but for its secret.

    `cut`: no passphrase opens it, for what is encrypted is cut short. `fault` says why what comes out is no key, in the
    words of OpenSSL 1.1.1; where it opens, the key itself is damaged.
    """

    opens: bool | None
    spki: bytes | None = None
    key_type: str | None = None
    cut: bool = False
    fault: str | None = None


def tried(block: bytes, passphrase: bytes, label: str) -> Tried:
    """What comes of a passphrase for the PEM block of a key with this label."""
    plain = opened(block, passphrase)
    if plain is None:
        return Tried(None)
    if not plain:
        return Tried(False, cut=is_cut_short(block))
    outer, named = der.element(plain), _LABEL_TYPES.get(label)
    spki, fault, _ = public_half(plain, named)
    if outer is None or outer.tag != der.SEQUENCE or outer.end != len(plain):
        return Tried(False, fault=fault) if fault is not None else Tried(None)
    if fault is not None:
        return Tried(True, key_type=named, fault=fault)
    return Tried(True, spki or attempt(lambda: _spki(outer.encoding), None), named or _pkcs8_type(outer))


def lacks_provider(key: PrivateKey, openssl: OpenSSL) -> bool:
    """Whether a key is encrypted with what this OpenSSL does not do, unless its configuration loads more providers."""
    return not openssl.is_111 and is_legacy(key.cipher)


def what(source: Source) -> str:
    """The word for what a file without private key holds, as in `holds a 'public key'`."""
    return sniff(source.data)


def same_key(one: bytes, other: bytes) -> bool:
    """Whether two DER SubjectPublicKeyInfo hold the same public key, written in whatever way."""
    if one == other:
        return True
    first, second = key_info(one), key_info(other)
    if first is None or second is None:
        return False
    if first.kind in _RSA_TYPES and second.kind in _RSA_TYPES:
        # The private key does not tell here whether its public half is bound to RSASSA-PSS.
        return _numbers(one) == _numbers(other)
    if first.kind == second.kind == "EC" and (first.curve == EXPLICIT) is not (second.curve == EXPLICIT):
        # Whether a curve is named or spelt out: on two different ones no point of use is the same.
        point = _point(one)
        return point is not None and point == _point(other)
    normal = _normal(one) if first.kind == second.kind else None
    return normal is not None and normal == _normal(other)


def _point(spki: bytes) -> bytes | None:
    """The point that the DER of a key on a curve holds, as it is written there."""
    parts = der.sequence(der.element(spki), der.SEQUENCE, der.BIT_STRING)
    return parts[1].contents if parts else None


def _keys(blocks: tuple[Block, ...]) -> Iterator[PrivateKey]:
    read_to = -1
    for block in blocks:
        if block.label in PRIVATE_KEY_LABELS:
            # Who reads on behind a bad block does not see the BEGIN line that was read as a part of it.
            consumed = block.begin.start <= read_to
            yield PrivateKey(_bare(block), fault=BlockFault.GLUED.reason) if consumed else _private_key(block)
        read_to = block.span.end if block.fault is not None else -1


def _bare(block: Block) -> Block:
    return replace(block, der=None, headers=())


def undecodable(block: Block) -> str | None:
    """Why a key that is not encrypted cannot be decoded, in OpenSSL's words; None where it can, or is not known."""
    if block.der is None or block.encrypted:
        return None
    return public_half(block.der, _LABEL_TYPES.get(block.label)).fault


def _private_key(block: Block) -> PrivateKey:
    bare, contents = _bare(block), block.der
    if contents is None:
        fault = block.fault.reason or block.fault.value if block.fault else "unreadable"
        return PrivateKey(bare, block.encrypted, fault=fault)
    named = _LABEL_TYPES.get(block.label)
    if block.encrypted:
        found, sealed = encryption(block), block.label == SEALED_LABEL and not block.headers
        wrong = asn1.fault(ENCRYPTED_KEY, contents) if sealed else None
        return PrivateKey(bare, True, key_type=named, fault=wrong, cipher=found.cipher if found is not None else "")
    half, outer = public_half(contents, named), der.element(contents)
    if half.fault is not None:
        return PrivateKey(bare, fault=half.fault, key_type=named)
    if half.named_otherwise is not None:
        return PrivateKey(
            bare, spki=half.spki, key_type=_pkcs8_type(outer) if outer else None, later_fault=half.named_otherwise
        )
    kind = named or (_pkcs8_type(outer) if outer is not None else None)
    spki = half.spki or attempt(lambda: _spki(contents if outer is None else outer.encoding), None)
    if spki is None:
        return PrivateKey(bare, key_type=kind, fault="the key cannot be read", certain=False)
    return PrivateKey(bare, spki=spki, key_type=kind)


SEALED_LABEL = "ENCRYPTED PRIVATE KEY"
"""The label of a key that is encrypted as a whole (PKCS #8)."""

_LABEL_TYPES = {"RSA PRIVATE KEY": "RSA", "EC PRIVATE KEY": "EC", "DSA PRIVATE KEY": "DSA"}


def _pkcs8_type(outer: der.Element) -> str | None:
    """The key type of a PrivateKeyInfo (RFC 5958 section 2)."""
    parts = der.sequence(outer, der.INTEGER, der.SEQUENCE)
    algorithm = der.sequence(parts[1], der.OID) if parts else ()
    return key_type(algorithm[0]) if algorithm else None


def _spki(contents: bytes) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key

    # OpenSSL does not test the numbers of an RSA key when it loads one, and the test takes long for large numbers.
    key = load_der_private_key(contents, None, unsafe_skip_rsa_key_validation=True)
    public = key.public_key()
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


_RSA_TYPES = frozenset({"RSA", "RSA-PSS"})


def _numbers(spki: bytes) -> bytes:
    """The modulus and the exponent of an RSA key, as they are encoded."""
    return der.sequence(der.element(spki), der.SEQUENCE, der.BIT_STRING)[1].contents


def _normal(spki: bytes) -> bytes | None:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

    def write() -> bytes:
        return load_der_public_key(spki).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    return attempt(write, None)
