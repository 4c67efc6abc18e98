"""The parameters of RSASSA-PSS signatures as OpenSSL reads them (rsa_pss_decode, rsa_pss_get_param in rsa_ameth.c).

What they are is said in RFC 4055 section 3.1; servers were asked what of them is not taken.
"""

from collections.abc import Mapping

from pgssllint.tls import asn1, der
from pgssllint.tls.keyinfo import DIGESTS, RSASSA_PSS
from pgssllint.tls.x509_templates import ALGORITHM, PSS_PARAMETERS

_MGF1 = "1.2.840.113549.1.1.8"
_UNKNOWN_DIGEST = "unknown digest"
_HASH, _MASK, _SALT, _TRAILER = (der.CONTEXT_0 + number for number in range(4))


def parameters_fault(algorithm: der.Element) -> str | None:
    """Why the library does not read the parameters in an AlgorithmIdentifier of RSASSA-PSS, in the words of 1.1.1,
    which has none ("") where they are no SEQUENCE or the mask is not made by MGF1; None where it reads them, and for
    every other algorithm. It then takes the digest for none.
    """
    parts = tuple(der.children(algorithm))
    if not parts or der.dotted(parts[0]) != RSASSA_PSS:
        return None
    if len(parts) < 2 or parts[1].tag != der.SEQUENCE:
        return ""
    fault = asn1.fault(PSS_PARAMETERS, parts[1].encoding)
    if fault is not None:
        return fault
    given = {part.tag: next(der.children(part)) for part in der.children(parts[1])}
    masked_by = _mask_digest(given[_MASK]) if _MASK in given else None
    if _MASK in given and masked_by is None:
        return ""
    if not (_HASH not in given or _is_known(given[_HASH])) or not (masked_by is None or _is_known(masked_by)):
        return _UNKNOWN_DIGEST
    return _number_fault(given)


def _number_fault(given: Mapping[int, der.Element]) -> str | None:
    if _SALT in given and given[_SALT].contents[:1] >= b"\x80":
        return "invalid salt length"
    return "invalid trailer" if _TRAILER in given and der.integer(given[_TRAILER]) != 1 else None


def _mask_digest(algorithm: der.Element) -> der.Element | None:
    """The AlgorithmIdentifier of the digest that MGF1 has; None for another function, or where there is none."""
    parts = tuple(der.children(algorithm))
    if der.dotted(parts[0]) != _MGF1 or len(parts) < 2 or parts[1].tag != der.SEQUENCE:
        return None
    return parts[1] if asn1.fault(ALGORITHM, parts[1].encoding) is None else None


def _is_known(algorithm: der.Element) -> bool:
    return der.dotted(next(der.children(algorithm))) in DIGESTS
