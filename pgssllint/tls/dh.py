"""Diffie-Hellman parameters of a PEM file: their size, and whether OpenSSL and the server take them.

The calls are those of load_dh_file and initialize_dh of be-secure-openssl.c: PEM_read_DHparams, DH_check and
SSL_CTX_set_tmp_dh; held against libcrypto and libssl 1.1.1, 1.1.1s, 3.0 and 3.5.
"""

from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from pgssllint.finding import LogLine
from pgssllint.target import OpenSSL
from pgssllint.text import Source
from pgssllint.tls import der, server_log
from pgssllint.tls.levels import needed
from pgssllint.tls.pem import Block, scan
from pgssllint.tls.strength import MODULUS_BITS

DH_LABELS = frozenset({"DH PARAMETERS", "X9.42 DH PARAMETERS"})

OWN_DH_BITS = 2048
"""The size of the parameters that a server has built in (be-secure-openssl.c)."""

MAX_TESTED_BITS = 4096
"""A longer number is not tested for being prime."""

_LEAST_BITS = 80
"""Even level 0 wants so many bits of security of these keys."""

_NO_WORD = "no SSL error reported"


class DhKind(Enum):
    """Why parameters are not taken."""

    NOTHING = "no block that is sought"
    BLOCK = "a block that cannot be decoded"
    NUMBERS = "numbers that are no parameters"
    SIZE = "a prime, or a secret, too short for the security level"


class DhFault(NamedTuple):
    """Why a server does not take a file, the block at fault, and what it writes, None where that is not known."""

    kind: DhKind
    log: LogLine | None
    block: Block | None = None


class Parameters(NamedTuple):
    """What a block holds: the prime and the generator, and how many bits a secret has, None where it does not say.

    With `subgroup` (X9.42) those are the bits of the order of the generator.
    """

    block: Block
    prime: int
    generator: int
    secret_bits: int | None = None
    subgroup: bool = False

    @property
    def bits(self) -> int:
        """The bits of the prime: what is called the size of the parameters."""
        return self.prime.bit_length()

    @property
    def security_bits(self) -> int:
        """What they are worth (BN_security_bits); 0 below 80."""
        worth = next((bits for size, bits in MODULUS_BITS if self.bits >= size), 0)
        if self.secret_bits is None:
            return worth
        return min(worth, self.secret_bits // 2) if self.secret_bits >= 160 else 0


def read_dh(source: Source, openssl: OpenSSL) -> Parameters | DhFault:
    """The parameters that `openssl` reads from a file, or why it reads none. Never raises."""
    for block in scan(source, openssl.is_111):
        if block.fault is not None:
            reason = block.fault.reason or _NO_WORD
            if openssl.is_first_111 and reason == "bad end line" and "-----END" not in source.text[block.begin.end :]:
                reason = "short header"
            return DhFault(DhKind.BLOCK, server_log.dh_file_not_loaded(reason), block)
        if block.label in DH_LABELS and block.encrypted:
            # A server hands OpenSSL no passphrase here, which asks for one on the terminal.
            return DhFault(DhKind.BLOCK, server_log.dh_file_not_loaded("processing error"), block)
        if block.label in DH_LABELS:
            return _parameters(block)
    return DhFault(DhKind.NOTHING, server_log.dh_file_not_loaded("no start line"))


def dh_fault(found: Parameters | DhFault, openssl: OpenSSL) -> DhFault | None:
    """Why a server does not take what `read_dh` gave; None if it does."""
    if isinstance(found, DhFault):
        return found
    wrong = _wrong_numbers(found.prime, found.generator, found.subgroup, openssl.is_first_111)
    if wrong:
        return DhFault(DhKind.NUMBERS, server_log.dh_parameters_invalid(wrong), found.block)
    if openssl.is_first_111 and openssl.level < 2:
        # The release of 2018 asks for no size at all.
        return None
    if found.security_bits >= max(_LEAST_BITS, needed(openssl.level)):
        return None
    unknown = openssl.behaviour == "3.5" and not found.security_bits
    reason = "unknown security bits" if unknown else "dh key too small"
    return DhFault(DhKind.SIZE, server_log.dh_parameters_refused(reason), found.block)


def left_by(found: Parameters | DhFault, openssl: OpenSSL) -> str | None:
    """What the first release of 1.1.1 leaves among its errors of parameters that are too small for it and that it takes
    all the same (ssl3_ctx_ctrl); None where it leaves nothing. A server tells it of the next file that it cannot load.
    """
    if not openssl.is_first_111 or isinstance(found, DhFault) or dh_fault(found, openssl) is not None:
        return None
    return "dh key too small" if found.security_bits < max(_LEAST_BITS, needed(openssl.level)) else None


def _parameters(block: Block) -> Parameters | DhFault:
    """What a block holds (PKCS #3 DHParameter; RFC 3279 DomainParameters for X9.42)."""
    outer = der.element(block.der or b"")
    if outer is None or outer.tag != der.SEQUENCE:
        log = server_log.dh_file_not_loaded("wrong tag") if outer is not None else None
        return DhFault(DhKind.BLOCK, log, block)
    numbers = [der.integer(child) for child in der.children(outer) if child.tag == der.INTEGER]
    subgroup = block.label != "DH PARAMETERS"
    if len(numbers) < 2 + subgroup:
        return DhFault(DhKind.BLOCK, server_log.dh_file_not_loaded("field missing"), block)
    prime, generator = numbers[:2]
    if subgroup:
        return Parameters(block, prime, generator, numbers[2].bit_length(), subgroup=True)
    return Parameters(block, prime, generator, numbers[2] if len(numbers) > 2 and numbers[2] > 0 else None)


@lru_cache(maxsize=64)
def _wrong_numbers(prime: int, generator: int, subgroup: bool, first_111: bool) -> str:
    """What DH_check finds that the server does not put up with; empty if nothing, or for a prime too long to test."""
    if prime < 5 or prime % 2 == 0:
        return "p is not prime"
    if prime.bit_length() > MAX_TESTED_BITS:
        return ""
    if pow(2, prime - 1, prime) != 1:
        return "p is not prime"
    half = (prime - 1) // 2
    if subgroup or _suitable(prime, generator, first_111) or pow(2, half - 1, half) == 1:
        return ""
    return "neither suitable generator or safe prime"


def _suitable(prime: int, generator: int, first_111: bool) -> bool:
    """Whether nothing speaks against the generator: the first 1.1.1 knows two that go with some primes only."""
    if first_111:
        return prime % 24 == 11 if generator == 2 else prime % 10 in (3, 7) if generator == 5 else True
    return 1 < generator < prime - 1
