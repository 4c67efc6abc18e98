"""Whether OpenSSL loads a PEM file, and what it says if not: the fault that ends the loading, as servers log it.

The calls are those of be_tls_init: SSL_CTX_use_certificate_chain_file, SSL_CTX_use_PrivateKey_file,
SSL_CTX_load_verify_locations with SSL_load_client_CA_file, and X509_STORE_load_locations. Held against the libraries of
1.1.1, 1.1.1s, 3.0 and 3.6.
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple

from pgssllint.target import OpenSSL
from pgssllint.tls import strength
from pgssllint.tls.asn1 import NOTHING_LEFT
from pgssllint.tls.certificate import Certificate, Damaged, read_certificate
from pgssllint.tls.chain import Bundle
from pgssllint.tls.crl import read_crl
from pgssllint.tls.encryption import is_cut
from pgssllint.tls.key import KeyFile, PrivateKey, Tried, undecodable
from pgssllint.tls.levels import needed
from pgssllint.tls.pem import (
    CERTIFICATE_LABELS,
    CRL_LABEL,
    OF_HEADERS,
    PRIVATE_KEY_LABELS,
    TRUSTED_LABEL,
    Block,
    BlockFault,
)
from pgssllint.tls.public_key import public_key_fault
from pgssllint.tls.trust import trust

NO_START_LINE = "no start line"
NOTHING_FOUND = "no certificate or crl found"
UNSUPPORTED = "unsupported"

_LATER_LABELS = CERTIFICATE_LABELS - {TRUSTED_LABEL}
_STORE_LABELS = CERTIFICATE_LABELS | {CRL_LABEL}
_STORED_KEYS = frozenset({"RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY"})
"""Keys that the reader of a trust store decodes as well; from 3.0 on it decodes the others too."""

_OF_HEADERS = frozenset({BlockFault.BLANK_LINE, *OF_HEADERS.values()})
_TOLD_HEADERS = _OF_HEADERS - {BlockFault.VERSION}
"""The faults of headers for which the library has a word of its own."""

_IN_EACH_LIBRARY = ("AES-", "DES-EDE3-")
"""The ciphers of which the library tells only what is wrong with the data."""

_SYSTEM_REASON = 31
"""The room for the system's words in the first release of 1.1.1 (LEN_SYS_STR_REASON in err.c, less the NUL)."""

_NO_WORD = "no SSL error reported"
"""What a server says where OpenSSL fails and gives no reason."""


class LoadKind(Enum):
    """What ends the loading of a file."""

    NOTHING = "no block that is sought"
    BLOCK = "a block that cannot be decoded"
    KEY_SIZE = "a key too small for the security level"
    DIGEST = "a signature with a digest too weak for the security level"
    KEY_TYPE = "a key of a type that TLS has no use for"


class LoadFault(NamedTuple):
    """Why a file is not loaded: the block at fault, None for the file as a whole, and OpenSSL's words.

    `certificate` is the one that is refused for what it is. `certain` is false where OpenSSL may well load it.
    """

    kind: LoadKind
    reason: str
    block: Block | None = None
    certificate: Certificate | None = None
    certain: bool = True

    @property
    def is_sealed(self) -> bool:
        """Whether the block says that it is encrypted."""
        return self.block is not None and self.block.encrypted


def system_reason(text: str, openssl: OpenSSL) -> str:
    """What the library says of an error of the operating system for a file that it opens itself, `text` being what the
    system says: the first release of 1.1.1 has no words for what is longer than 31 characters.
    """
    return "unknown" if openssl.is_first_111 and len(text) > _SYSTEM_REASON else text


def chain_fault(bundle: Bundle, openssl: OpenSSL, *, asks: bool = True) -> LoadFault | None:
    """Why the chain of `bundle` cannot be loaded into a server; None if it can.

    `asks`: OpenSSL would ask for a passphrase on the terminal, since nothing else gives it one.
    """
    found = _first_fault(bundle, openssl, asks=asks)
    if found is None or found.block is None:
        return found
    # What the library could not make out of a certificate before is the first of its errors.
    before = (item for item in bundle.certificates if item.block.index < found.block.index)
    left = next((item for item in before if item.extension_fault is not None), None)
    return found if left is None else found._replace(reason=_left_by(left, openssl))


def _left_by(certificate: Certificate, openssl: OpenSSL) -> str:
    """The error that a certificate leaves behind of which an extension cannot be decoded."""
    said = _spoken(certificate.extension_fault or "", certificate.block, openssl)
    return said if openssl.is_111 else "invalid certificate"


def _first_fault(bundle: Bundle, openssl: OpenSSL, *, asks: bool) -> LoadFault | None:
    """The first fault of a chain, as far as it is alone."""
    certificates = {certificate.block.index: certificate for certificate in bundle.certificates}
    damaged = {item.block.index: item for item in bundle.damaged}
    first = True
    for block in bundle.blocks:
        if block.label not in (CERTIFICATE_LABELS if first else _LATER_LABELS):
            if _stops(block):
                return _undecodable(block, _reason_of(block, openssl, later=not first))
            continue
        if block.encrypted and block.fault is None:
            return _sealed(block, asks=asks)
        if block.index in damaged:
            item = damaged[block.index]
            if block.fault is not None:
                return _undecodable(block, _reason_of(block, openssl, later=not first))
            return LoadFault(LoadKind.BLOCK, _spoken(item.reason, block, openssl), block, certain=item.certain)
        certificate = certificates[block.index]
        settings = trust(certificate) if first else None
        if isinstance(settings, str):
            return _undecodable(block, settings)
        refused = _refused(certificate, openssl, leaf=first)
        if refused is not None:
            return refused
        if first and certificate.extension_fault is not None:
            # Of the first certificate no error may be left behind (use_certificate_chain_file).
            return LoadFault(LoadKind.BLOCK, _left_by(certificate, openssl), block, certificate)
        first = False
    return LoadFault(LoadKind.NOTHING, NO_START_LINE) if first else None


def ca_fault(bundle: Bundle, openssl: OpenSSL) -> LoadFault | None:
    """Why the CAs of `bundle` cannot be loaded; None if they can."""
    fault = store_fault(bundle.blocks, openssl)
    if fault is not None:
        return fault
    # The store takes lists and trusted certificates too, but the names sent to clients come from certificates alone.
    if any(block.label in _LATER_LABELS for block in bundle.blocks):
        return None
    return LoadFault(LoadKind.NOTHING, NO_START_LINE)


def store_fault(blocks: Sequence[Block], openssl: OpenSSL) -> LoadFault | None:
    """Why a file cannot be loaded into the store of CAs and revocation lists; None if it can."""
    found, stored_keys = False, _STORED_KEYS if openssl.is_111 else PRIVATE_KEY_LABELS
    for block in blocks:
        if _stops(block, _STORE_LABELS | stored_keys):
            return _undecodable(block, _reason_of(block, openssl))
        wrong = undecodable(block) if block.label in stored_keys else None
        if wrong is not None:
            return _undecodable(block, _spoken(wrong, block, openssl) if openssl.is_111 else UNSUPPORTED)
        if block.label not in _STORE_LABELS:
            continue
        if block.encrypted and block.fault is None:
            return _sealed(block, asks=False)
        item = read_crl(block) if block.label == CRL_LABEL else read_certificate(block)
        if isinstance(item, Damaged):
            return LoadFault(LoadKind.BLOCK, _spoken(item.reason, block, openssl), block, certain=item.certain)
        settings = trust(item) if block.label == TRUSTED_LABEL and isinstance(item, Certificate) else None
        if isinstance(settings, str):
            return _undecodable(block, settings)
        found = True
    return None if found else LoadFault(LoadKind.NOTHING, NOTHING_FOUND)


def key_fault(keys: KeyFile, openssl: OpenSSL) -> LoadFault | None:
    """Why no private key can be read from a file; None if one can, or needs a passphrase first."""
    for block in keys.blocks if openssl.is_111 else ():
        if block.label in PRIVATE_KEY_LABELS:
            break
        if _stops(block):
            return _undecodable(block, _reason_of(block, openssl))
    first = keys.first
    if first is None:
        return LoadFault(LoadKind.NOTHING, NO_START_LINE if openssl.is_111 else _no_key(keys))
    fault = first.fault or (None if openssl.is_first_111 else first.later_fault)
    if fault is None:
        return None
    reason = _no_key(keys)
    if openssl.is_111:
        reason = _reason_of(first.block, openssl) if first.block.fault else _spoken(fault, first.block, openssl)
    return LoadFault(LoadKind.BLOCK, reason, first.block, certain=first.certain)


def opened_fault(key: PrivateKey, tried: Tried, openssl: OpenSSL) -> LoadFault | None:
    """Why an encrypted key is not read although its passphrase opens it; None if it is."""
    if tried.fault is None:
        return None
    reason = _spoken(tried.fault, key.block, openssl) if openssl.is_111 else UNSUPPORTED
    return LoadFault(LoadKind.BLOCK, reason, key.block)


def no_key_by_passphrase(key: PrivateKey, tried: Tried, openssl: OpenSSL) -> str:
    """What the library says where a passphrase does not open a key."""
    if tried.cut:
        return "wrong final block length"
    if tried.fault is None:
        return "bad decrypt"
    return _spoken(tried.fault, key.block, openssl) if openssl.is_111 else UNSUPPORTED


def _no_key(keys: KeyFile) -> str:
    """What OpenSSL 3 says where it decodes no key: of the faults of blocks it tells only that of their headers."""
    reasons = (block.fault.reason for block in keys.blocks if block.fault in _TOLD_HEADERS)
    return next(reasons, None) or UNSUPPORTED


def _refused(certificate: Certificate, openssl: OpenSSL, *, leaf: bool) -> LoadFault | None:
    """Why the library refuses a certificate that it can read (ssl_security_cert, ssl_set_cert)."""
    block = certificate.block
    unknown = strength.key_type_fault(certificate.key_type, openssl, leaf=leaf)
    if unknown is not None:
        return LoadFault(LoadKind.KEY_TYPE, unknown, block, certificate)
    numbers = public_key_fault(certificate.spki, openssl)
    if numbers is not None:
        return LoadFault(LoadKind.BLOCK, numbers, block)
    if strength.key_bits(certificate.key, openssl) < needed(openssl.level):
        reason = "ee key too small" if leaf else "ca key too small"
        return LoadFault(LoadKind.KEY_SIZE, reason, block, certificate)
    if strength.refuses_signature(certificate, openssl):
        said = certificate.signature_fault if openssl.is_111 else None
        return LoadFault(LoadKind.DIGEST, said or "ca md too weak", block, certificate)
    return None


def _stops(block: Block, read: Iterable[str] = ()) -> bool:
    """Whether a block that is not sought ends the loading all the same: headers are looked at in blocks `read` only."""
    if block.fault in _OF_HEADERS:
        return block.label in read
    return block.fault is not None


def _sealed(block: Block, *, asks: bool) -> LoadFault:
    """Why a certificate or list is not read whose headers say that it is encrypted, which none is.

    What it holds is decrypted with whatever passphrase there is, and by its length it may be known to make no sense.
    """
    if asks:
        return LoadFault(LoadKind.BLOCK, "processing error", block)
    cipher = dict(block.headers).get("DEK-Info", "").partition(",")[0]
    certain = cipher.startswith(_IN_EACH_LIBRARY) and is_cut(cipher, block.der or b"")
    return LoadFault(LoadKind.BLOCK, "wrong final block length" if certain else "bad decrypt", block, certain=certain)


def _undecodable(block: Block, reason: str) -> LoadFault:
    return LoadFault(LoadKind.BLOCK, reason, block)


def _reason_of(block: Block, openssl: OpenSSL, *, later: bool = False) -> str:
    """OpenSSL's words for the fault of a block; `later`: behind the first certificate of a chain."""
    if block.fault is None:
        return ""
    if block.fault is BlockFault.EMPTY:
        return _NO_WORD if later else "PEM lib"
    return _spoken(block.fault.reason or block.fault.value, block, openssl)


def _spoken(reason: str, block: Block, openssl: OpenSSL) -> str:
    """OpenSSL's words for a fault: the first release of 1.1.1 has others for a block without its END line, and each of
    1.1.1 for an element of which nothing is there.
    """
    if reason == NOTHING_LEFT and openssl.is_111:
        return "header too long"
    if block.fault is BlockFault.NO_END and openssl.is_first_111 and not block.headers:
        return "short header"
    return reason
