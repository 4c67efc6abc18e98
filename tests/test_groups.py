"""What OpenSSL and the servers make of ssl_ecdh_curve, ssl_groups and ssl_tls13_ciphers."""

from collections import Counter

import pytest

from pgssllint.report.words import logged
from pgssllint.target import OpenSSL
from pgssllint.tls.groups import Groups, Refusal, known_groups, read_groups
from pgssllint.tls.tls13 import read_suites
from tests.support.installations import Installation, Unavailable, available
from tests.support.logs import fatal
from tests.support.pki import pem
from tests.support.servers import File, attempt

FIRST, LETTER = OpenSSL("1.1.1", 1), OpenSSL("1.1.1", 1, "s")
V30, V33, V35 = OpenSSL("3.0", 2), OpenSSL("3.3", 2), OpenSSL("3.5", 2)
UNKNOWN = "ECDH: unrecognized curve name: "
NO_KEY = "ECDH: could not create key"
NOT_SET = "could not set group names specified in ssl_groups: "
NONE_VALID, INVALID, VALUE = "No valid groups found", "passed invalid argument", "unsupported config value"

CURVES = {
    "prime256v1": None,
    "secp384r1": None,
    "secp112r1": None,
    "sect571r1": None,
    "brainpoolP384t1": None,
    "wap-wsg-idm-ecid-wtls12": None,
    "Oakley-EC2N-3": None,
    "SM2": None,
    "P-256": f"{UNKNOWN}P-256",
    "secp256r1": f"{UNKNOWN}secp256r1",
    "PRIME256V1": f"{UNKNOWN}PRIME256V1",
    "prime256v1 ": f"{UNKNOWN}prime256v1 ",
    "": UNKNOWN,
    "none": f"{UNKNOWN}none",
    "auto": f"{UNKNOWN}auto",
    "X25519:prime256v1": f"{UNKNOWN}X25519:prime256v1",
    "X25519MLKEM768": f"{UNKNOWN}X25519MLKEM768",
    "x25519": f"{UNKNOWN}x25519",
    "X25519": NO_KEY,
    "X448": NO_KEY,
    "ED25519": NO_KEY,
    "ffdhe2048": NO_KEY,
    "RSA": NO_KEY,
}
"""What servers up to 17 say of one curve, whatever their OpenSSL."""

LISTS: dict[str, tuple[str | None, str | None, str | None]] = {
    "X25519:prime256v1": (None, None, None),
    " X25519 : P-256 ": (None, None, None),
    "P-521:B-163:K-571:secp256k1:brainpoolP512r1": (None, None, None),
    "x25519": (NONE_VALID, None, None),
    "secp256r1:ffdhe8192": (NONE_VALID, None, None),
    "p-256": (NONE_VALID, INVALID, None),
    "X25519MLKEM768": (NONE_VALID, INVALID, None),
    "mlkem512:SECP384R1mlkem1024": (NONE_VALID, INVALID, None),
    "brainpoolP256r1tls13": (NONE_VALID, INVALID, None),
    "nosuch": (NONE_VALID, INVALID, NONE_VALID),
    "X25519:secp112r1": (NONE_VALID, INVALID, NONE_VALID),
    "SM2": (NONE_VALID, INVALID, NONE_VALID),
    "X25519,P-256": (NONE_VALID, INVALID, NONE_VALID),
    "X25519 P-256": (NONE_VALID, INVALID, NONE_VALID),
    "X25519:X25519": (NONE_VALID, NONE_VALID, None),
    "P-256:prime256v1": (NONE_VALID, NONE_VALID, None),
    "": (NONE_VALID, NONE_VALID, None),
    "  ": (NONE_VALID, NONE_VALID, None),
    "X25519:": (NONE_VALID, NONE_VALID, VALUE),
    "X25519::P-256": (NONE_VALID, NONE_VALID, VALUE),
    "X25519//P-256": (NONE_VALID, INVALID, VALUE),
    "x" * 63: (NONE_VALID, INVALID, NONE_VALID),
    "x" * 64: (NONE_VALID, NONE_VALID, INVALID),
    "?nosuch": (NONE_VALID, INVALID, None),
    "?*X25519:nosuch": (NONE_VALID, INVALID, NONE_VALID),
    "*X25519/-prime256v1": (NONE_VALID, INVALID, None),
    "-nosuch": (NONE_VALID, INVALID, NONE_VALID),
    "**X25519": (NONE_VALID, INVALID, INVALID),
    "X25519:?": (NONE_VALID, INVALID, INVALID),
    "*DEFAULT": (NONE_VALID, INVALID, INVALID),
    "default:-x25519mlkem768": (NONE_VALID, INVALID, None),
    "DEFAULT_SUITE_B": (NONE_VALID, INVALID, None),
}
"""What a server of 18 says of a list with OpenSSL 1.1.1, with 3.0, and with 3.5."""

SUITES = {
    "": (False, False),
    "TLS_AES_128_GCM_SHA256": (False, False),
    " TLS_AES_128_CCM_8_SHA256 : TLS_CHACHA20_POLY1305_SHA256": (False, False),
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": (False, False),
    "TLS_AES_128_GCM_SHA256:x": (True, False),
    "TLS_AES_128_GCM_SHA256:": (True, False),
    "TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384": (True, True),
    "ECDHE-RSA-AES128-GCM-SHA256": (True, True),
    "tls_aes_128_gcm_sha256": (True, True),
    ":": (True, True),
    " ": (True, True),
}
"""Whether ssl_tls13_ciphers is refused with OpenSSL 1.1.1, and with 3.x."""


def reason(found: Groups) -> str | None:
    return found.log.text.removeprefix(NOT_SET) if found.log is not None else None


@pytest.mark.parametrize(("value", "log"), CURVES.items())
def test_one_curve_up_to_17(value: str, log: str | None) -> None:
    for major in (10, 17):
        for openssl in (FIRST, LETTER, V30, V35):
            found = read_groups(value, major, openssl)
            assert found.log == (fatal(log) if log is not None else None)
            assert (found.refusal is None) == (log is None) == bool(found.groups)


@pytest.mark.parametrize(("value", "reasons"), LISTS.items())
def test_a_list_from_18_on(value: str, reasons: tuple[str | None, ...]) -> None:
    for major in (18, 19):
        for openssl, expected in zip((FIRST, V30, V35), reasons, strict=True):
            found = read_groups(value, major, openssl)
            assert reason(found) == expected
            assert (found.refusal is None) == (expected is None)
        assert read_groups(value, major, LETTER) == read_groups(value, major, FIRST)


def test_what_is_left_of_a_list() -> None:
    def names(value: str, openssl: OpenSSL = V35) -> list[str]:
        return [group.name for group, _ in read_groups(value, 18, openssl).groups]

    assert names("X25519:P-256", FIRST) == ["X25519", "prime256v1"]
    assert names("?nosuch:*secp521r1/X448:X448") == ["secp521r1", "X448"]
    assert names("X25519:P-256:-secp256r1") == ["X25519"]
    assert names("DEFAULT:-X25519MLKEM768")[:2] == ["X25519", "prime256v1"]
    assert names("?nosuch") == names("") == []


def test_the_element_at_fault() -> None:
    found = read_groups("X25519: P-265 :P-256", 18, V30)
    assert (found.refusal, tuple(found.at)) == (Refusal.UNKNOWN, (8, 13))
    assert tuple(read_groups("X25519:P-256:X25519", 18, V30).at) == (13, 19)
    assert tuple(read_groups("X25519: /P-256", 18, V35).at) == (7, 7)


def test_3_3_passes_over_what_may_be_unknown() -> None:
    assert [group.name for group, _ in read_groups("?nosuch:X25519:X25519", 18, V33).groups] == ["X25519"]
    assert reason(read_groups("?nosuch", 18, V33)) == INVALID
    assert reason(read_groups("nosuch", 18, V33)) == NONE_VALID


def test_names_of_groups_are_used_once() -> None:
    names = [name for group in known_groups() for name in {group.name, group.nist, group.tls} if name]
    assert [name for name, times in Counter(names).items() if times > 1] == []


@pytest.mark.parametrize("openssl", [FIRST, V30, V35])
def test_hostile_lists_take_linear_time(openssl: OpenSSL) -> None:
    for value in ("X25519:" * 200_000, "/" * 500_000, "?" * 500_000, "?a:" * 200_000, " " * 500_000, "\0:\ud800é" * 9):
        read_groups(value, 18, openssl)
        read_suites(value, openssl)


@pytest.mark.parametrize(("value", "refused"), SUITES.items())
def test_suites_of_tls13(value: str, refused: tuple[bool, bool]) -> None:
    assert tuple(read_suites(value, openssl).refused for openssl in (LETTER, V30)) == refused
    assert read_suites(value, V35).refused == refused[1]


def test_the_integrity_only_suites_are_new() -> None:
    assert read_suites("TLS_SHA256_SHA256", V30).refused
    assert not read_suites("TLS_SHA256_SHA256", V35).refused


def ended(installation: Installation, setting: str, value: str) -> str | None:
    """What a server with TLS on says of a value; None where it starts."""
    conf = f"ssl = on\n{setting} = '{value}'\n".encode()
    tls = {"server.crt": File(pem("leaf")), "server.key": File(pem("key:leaf"))}
    answer = attempt(installation, {**tls, "postgresql.conf": File(conf)})
    return None if answer.starts else next(line for line in answer.log.splitlines() if line.startswith("FATAL"))


@pytest.mark.servers
@pytest.mark.parametrize(
    ("flavour", "major"), [("npm", 10), ("npm", 13), ("npm", 17), ("npm", 18), ("pypi", 17), ("pypi", 18)]
)
def test_servers_say_so_too(flavour: str, major: int) -> None:
    installation = available(major, flavour)
    if isinstance(installation, Unavailable):
        pytest.skip(installation.reason)
    for value in CURVES if major < 18 else LISTS:
        setting = "ssl_ecdh_curve" if major < 18 else "ssl_groups"
        log = read_groups(value, major, installation.openssl).log
        assert ended(installation, setting, value) == (logged(log) if log is not None else None)
    for value, refused in SUITES.items() if major >= 18 else ():
        said = ended(installation, "ssl_tls13_ciphers", value)
        assert (said is not None) is refused[not installation.openssl.is_111]
