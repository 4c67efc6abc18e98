"""What the names in a cipher list stand for: suites and groups, and how names joined by `+` combine."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from pgssllint.target import OpenSSL
from pgssllint.tls.cipher_suites import Suite, suites

BEFORE_IANA_NAMES = frozenset({"1.1.1", "3.0"})
"""The behaviours of OpenSSL whose lists name suites only as OpenSSL does."""

NAMES_OF_102 = frozenset({
    "DES", "EXP", "EXPORT", "EXPORT40", "EXPORT56", "FZA", "KRB5", "LOW", "RC2", "SSLv2", "aDH", "aECDH", "aFZA",
    "aKRB5", "eFZA", "kDH", "kDHd", "kDHr", "kECDH", "kECDHe", "kECDHr", "kFZA", "kKRB5",
})  # fmt: skip
"""Groups that 1.0.2 and older series had and no later one has (ciphers(1) of 1.0.2, CHANGES of 1.1.0): lists still
exclude them.
"""

Values = frozenset[str]

_ANY: Values = frozenset()

_AES128 = frozenset({"AES(128)", "AESGCM(128)", "AESCCM(128)", "AESCCM8(128)"})
_AES256 = frozenset({"AES(256)", "AESGCM(256)", "AESCCM(256)", "AESCCM8(256)"})
_CCM8 = frozenset({"AESCCM8(128)", "AESCCM8(256)"})
_CCM = _CCM8 | {"AESCCM(128)", "AESCCM(256)"}
_GCM = frozenset({"AESGCM(128)", "AESGCM(256)"})
_ARIA = frozenset({"ARIAGCM(128)", "ARIAGCM(256)"})
_CAMELLIA = frozenset({"Camellia(128)", "Camellia(256)"})
_CBC = _CAMELLIA | {"AES(128)", "AES(256)", "3DES(168)"}
_OLD = frozenset({"3DES(168)", "RC4(128)", "RC2(128)", "IDEA(128)", "SEED(128)"})
_ENCRYPTED = _AES128 | _AES256 | _ARIA | _CAMELLIA | _OLD | {"CHACHA20/POLY1305(256)"}
_PSK = frozenset({"PSK", "RSAPSK", "DHEPSK", "ECDHEPSK"})
_AUTHENTICATED = frozenset({"RSA", "DSS", "ECDSA", "PSK", "SRP"})


@dataclass(frozen=True, slots=True)
class Pattern:
    """A condition on suites: an attribute with values must have one of them, one without may have any.

    `suite` is the name of the only suite it may be, or empty; `strength` holds the groups HIGH, MEDIUM, LOW, NONE and
    FIPS, which are one attribute to OpenSSL.
    """

    kx: Values = _ANY
    au: Values = _ANY
    enc: Values = _ANY
    mac: Values = _ANY
    strength: Values = _ANY
    not_default: bool = False
    min_protocol: str = ""
    suite: str = ""

    def matches(self, suite: Suite) -> bool:
        """Whether the suite meets the condition."""
        return (
            self.suite in ("", suite.openssl_name)
            and self.min_protocol in ("", suite.min_protocol)
            and not (self.not_default and suite.in_default)
            and (not self.kx or suite.kx in self.kx)
            and (not self.au or suite.au in self.au)
            and (not self.enc or suite.enc in self.enc)
            and (not self.mac or suite.mac in self.mac)
            and (not self.strength or not self.strength.isdisjoint(_strengths(suite)))
        )


def patterns(openssl: OpenSSL) -> Mapping[str, Pattern]:
    """Every name that the target's cipher lists know, groups that no suite of the build belongs to among them."""
    return _patterns(openssl.is_111, openssl.behaviour not in BEFORE_IANA_NAMES, suites(openssl))


def joined(whole: Pattern, name: Pattern) -> Pattern | None:
    """The condition `whole` with one more name joined by `+`; None where they contradict each other.

    An attribute given twice is left with the values common to both. Two oddities of OpenSSL are part of it: only the
    last name counts as the one suite, and a strength that follows COMPLEMENTOFDEFAULT replaces it.
    """
    pairs = zip(_attributes(whole), _attributes(name), strict=True)
    values = [_common(one, other) for one, other in pairs]
    protocols = {whole.min_protocol, name.min_protocol} - {""}
    if None in values or len(protocols) > 1:
        return None
    kx, au, enc, mac, strength = (value or _ANY for value in values)
    replaced = bool(name.strength) and not whole.strength
    not_default = name.not_default or (whole.not_default and not replaced)
    return Pattern(
        kx, au, enc, mac, strength, not_default=not_default, min_protocol="".join(protocols), suite=name.suite
    )


def _attributes(pattern: Pattern) -> tuple[Values, ...]:
    return pattern.kx, pattern.au, pattern.enc, pattern.mac, pattern.strength


def _common(one: Values, other: Values) -> Values | None:
    """The values that meet both conditions, where none at all means any; None where nothing does."""
    if not one or not other:
        return one or other
    return one & other or None


def _strengths(suite: Suite) -> Values:
    return frozenset({suite.strength, "FIPS"} if suite.fips else {suite.strength})


@cache
def _patterns(first: bool, iana: bool, known: tuple[Suite, ...]) -> Mapping[str, Pattern]:
    """The names of 1.1.1 (`first`) or of 3.x, whose suites are `known`; with `iana` by their IANA names too."""
    named = {
        suite.openssl_name: Pattern(
            kx=frozenset({suite.kx}),
            au=frozenset({suite.au}),
            enc=frozenset({suite.enc}),
            mac=frozenset({suite.mac}),
            strength=_strengths(suite),
            not_default=not suite.in_default,
            suite=suite.openssl_name,
        )
        for suite in known
    }
    named |= {suite.iana_name: named[suite.openssl_name] for suite in known} if iana else {}
    return named | _groups() | (_groups_of_111() if first else {"CBC": Pattern(enc=_CBC)})


def _groups() -> dict[str, Pattern]:
    """The groups that 1.1.1 and 3.x have in common; ciphers(1) lists them under CIPHER STRINGS."""
    dh, ecdh, rsa = (Pattern(kx=frozenset({kx})) for kx in ("DH", "ECDH", "RSA"))
    anonymous, dss, ecdsa = (Pattern(au=frozenset({au})) for au in ("None", "DSS", "ECDSA"))
    null, sha1, tls1 = Pattern(enc=frozenset({"None"})), Pattern(mac=frozenset({"SHA1"})), Pattern(min_protocol="TLSv1")
    triple_des = Pattern(enc=frozenset({"3DES(168)"}))
    edh_rsa_des = Pattern(dh.kx, frozenset({"RSA"}), triple_des.enc, sha1.mac, frozenset({"HIGH", "FIPS"}))
    dhe, ecdhe = (replace(kx, au=_AUTHENTICATED) for kx in (dh, ecdh))
    return {
        "ALL": Pattern(enc=_ENCRYPTED),
        "COMPLEMENTOFALL": null,
        "COMPLEMENTOFDEFAULT": Pattern(not_default=True),
        **dict.fromkeys(("kDHE", "kEDH", "DH"), dh),
        **dict.fromkeys(("kECDHE", "kEECDH", "ECDH"), ecdh),
        **dict.fromkeys(("DHE", "EDH"), dhe),
        **dict.fromkeys(("ECDHE", "EECDH"), ecdhe),
        "kRSA": rsa,
        **{f"k{kx}": Pattern(kx=frozenset({kx})) for kx in _PSK},
        "PSK": Pattern(kx=_PSK),
        **dict.fromkeys(("kSRP", "SRP"), Pattern(kx=frozenset({"SRP"}))),
        **{f"a{au}": Pattern(au=frozenset({au})) for au in ("RSA", "PSK", "SRP")},
        "aNULL": anonymous,
        **dict.fromkeys(("aDSS", "DSS"), dss),
        **dict.fromkeys(("aECDSA", "ECDSA"), ecdsa),
        "RSA": replace(rsa, au=frozenset({"RSA"})),
        "ADH": replace(dh, au=anonymous.au),
        "AECDH": replace(ecdh, au=anonymous.au),
        **dict.fromkeys(("eNULL", "NULL"), null),
        "AES": Pattern(enc=_AES128 | _AES256),
        "AES128": Pattern(enc=_AES128),
        "AES256": Pattern(enc=_AES256),
        "AESGCM": Pattern(enc=_GCM),
        "AESCCM": Pattern(enc=_CCM),
        "AESCCM8": Pattern(enc=_CCM8),
        **dict.fromkeys(("ARIA", "ARIAGCM"), Pattern(enc=_ARIA)),
        "ARIA128": Pattern(enc=frozenset({"ARIAGCM(128)"})),
        "ARIA256": Pattern(enc=frozenset({"ARIAGCM(256)"})),
        "CAMELLIA": Pattern(enc=_CAMELLIA),
        "CAMELLIA128": Pattern(enc=frozenset({"Camellia(128)"})),
        "CAMELLIA256": Pattern(enc=frozenset({"Camellia(256)"})),
        "CHACHA20": Pattern(enc=frozenset({"CHACHA20/POLY1305(256)"})),
        "3DES": triple_des,
        **{mac: Pattern(mac=frozenset({mac})) for mac in ("MD5", "SHA256", "SHA384")},
        **dict.fromkeys(("SHA1", "SHA"), sha1),
        **dict.fromkeys(("TLSv1", "TLSv1.0"), tls1),
        **{protocol: Pattern(min_protocol=protocol) for protocol in ("SSLv3", "TLSv1.2")},
        **{strength: Pattern(strength=frozenset({strength})) for strength in ("LOW", "MEDIUM", "HIGH")},
        "FIPS": Pattern(enc=_ENCRYPTED, strength=frozenset({"FIPS"})),
        "EDH-RSA-DES-CBC3-SHA": edh_rsa_des,
        "EDH-DSS-DES-CBC3-SHA": replace(edh_rsa_des, au=dss.au),
    }


def _groups_of_111() -> dict[str, Pattern]:
    """The groups of 1.1.1 that 3.x no longer has; RC2 and RC4 are names without suites there already."""
    bits128 = ("IDEA", "RC2", "RC4", "SEED")
    return {name: Pattern(enc=frozenset({f"{name}(128)"})) for name in bits128}
