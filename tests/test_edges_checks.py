"""Both sides of the edges that rules have: numbers of standards and of servers, not those of the program."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from pgssllint.files import Overlay
from tests.support.certificates import key, made, subject
from tests.support.judging import SERVER, found_in, rules_in
from tests.support.pki import AT, armour, build
from tests.support.profiles import PROFILES, Profile
from tests.test_dh import encoded
from tests.test_strength import certificate, rsa_key

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
SOMEBODY = 70_002
"""Neither the server's user nor root."""


def pem_of(profile: Profile, at: datetime = AT) -> bytes:
    return armour("CERTIFICATE", made(profile, at))


class TestDates:
    """RFC 5280 section 4.1.2.5: a certificate is valid from notBefore through notAfter, both included."""

    LEAF = PROFILES["leaf"]

    @pytest.mark.parametrize(
        ("moment", "rule"),
        [
            (AT - 30 * DAY - SECOND, "PGS241"),
            (AT - 30 * DAY, None),
            (AT + 305 * DAY, None),
            (AT + 305 * DAY + SECOND, "PGS242"),
            (AT + 335 * DAY, "PGS242"),
            (AT + 335 * DAY + SECOND, "PGS240"),
        ],
    )
    def test_a_certificate_of_a_year(self, moment: datetime, rule: str | None, tmp_path: Path) -> None:
        """It is told of in its last thirty days."""
        assert rules_in(found_in(tmp_path, {}, at=moment)) & {"PGS240", "PGS241", "PGS242"} == (
            {rule} if rule else set()
        )

    @pytest.mark.parametrize(
        ("life", "left", "told"),
        [(90, 30, False), (90, 29, True), (60, 20, False), (60, 19, True), (47, 16, False), (47, 15, True)],
    )
    def test_a_short_lived_one_is_told_of_in_its_last_third(
        self, life: int, left: int, told: bool, tmp_path: Path
    ) -> None:
        leaf = replace(self.LEAF, begins=left - life, ends=left)
        crt = pem_of(leaf) + build("intermediate")
        assert ("PGS242" in rules_in(found_in(tmp_path, {"server.crt": crt}))) == told

    @pytest.mark.parametrize(("late", "told"), [(0 * SECOND, False), (SECOND, True)])
    def test_a_list_that_is_out_of_date(self, late: timedelta, told: bool, tmp_path: Path) -> None:
        files = {"root.crt": "root", "root.crl": ["crl:root", "crl:intermediate"]}
        conf = "ssl = on\nssl_ca_file = 'root.crt'\nssl_crl_file = 'root.crl'\n"
        found = rules_in(found_in(tmp_path, files, conf=conf, at=AT + 29 * DAY + late))
        assert ("PGS422" in found) == told

    @pytest.mark.parametrize(("left", "told"), [(7 * DAY, False), (7 * DAY - SECOND, True)])
    def test_a_list_is_told_of_in_its_last_week(self, left: timedelta, told: bool, tmp_path: Path) -> None:
        files = {"root.crt": "root", "root.crl": ["crl:root", "crl:intermediate"]}
        conf = "ssl = on\nssl_ca_file = 'root.crt'\nssl_crl_file = 'root.crl'\n"
        found = rules_in(found_in(tmp_path, files, conf=conf, at=AT + 29 * DAY - left))
        assert ("PGS423" in found) == told


PUBLIC_DAYS = [
    # Baseline Requirements 6.3.2 with ballots 193, SC-31 and SC-081v3: issued on or after, so many days at most.
    (date(2018, 3, 1), None, 825),
    (date(2020, 9, 1), 825, 398),
    (date(2026, 3, 15), 398, 200),
    (date(2027, 3, 15), 200, 100),
    (date(2029, 3, 15), 100, 47),
]


class TestPublicValidity:
    def told(self, issued: date, days: int, folder: Path) -> bool:
        noon = datetime(issued.year, issued.month, issued.day, 12, tzinfo=UTC)
        leaf = replace(PROFILES["leaf-public"], begins=0, ends=days)
        crt = pem_of(leaf, noon) + pem_of(PROFILES["public-root"], noon)
        return "PGS244" in rules_in(found_in(folder, {"server.crt": crt}, at=noon + DAY))

    @pytest.mark.parametrize(("since", "before", "most"), PUBLIC_DAYS, ids=str)
    def test_on_both_sides_of_the_day(self, since: date, before: int | None, most: int, tmp_path: Path) -> None:
        assert not self.told(since, most, tmp_path / "at most")
        assert self.told(since, most + 1, tmp_path / "more")
        assert not self.told(since - DAY, before or 5000, tmp_path / "at most before")
        assert self.told(since - DAY, (before or 5000) + 1, tmp_path / "more before") == (before is not None)


class TestStrength:
    @pytest.mark.parametrize(("bits", "told"), [(2047, True), (2048, False)])
    def test_rsa_keys(self, bits: int, told: bool, tmp_path: Path) -> None:
        """NIST SP 800-131A: 2048 bits at least."""
        found = rules_in(found_in(tmp_path, {"server.crt": certificate(rsa_key(bits))}, openssl="1.1.1:1"))
        assert ("PGS260" in found) == told

    @pytest.mark.parametrize(
        ("digest", "told"), [("MD5", True), ("SHA1", True), ("SHA224", False), ("SHA256", False), ("SHA512", False)]
    )
    def test_digests(self, digest: str, told: bool, tmp_path: Path) -> None:
        """NIST SP 800-131A: SHA-224 at least."""
        files = {"server.crt": certificate(rsa_key(2048), digest)}
        assert ("PGS264" in rules_in(found_in(tmp_path, files, openssl="1.1.1:0"))) == told

    @pytest.mark.parametrize(
        ("bits", "prime", "told"), [(2047, (1 << 2047) - 85, True), (2048, (1 << 2048) - 1557, False)]
    )
    def test_dh_parameters(self, bits: int, prime: int, told: bool, tmp_path: Path) -> None:
        """RFC 9325 section 4.1: 2048 bits at least. The primes are the greatest of their length."""
        assert prime.bit_length() == bits
        conf = "ssl = on\nssl_dh_params_file = 'dh.pem'\n"
        found = rules_in(found_in(tmp_path, {"dh.pem": encoded(prime, 3)}, conf=conf, openssl="1.1.1:1"))
        assert ("PGS143" in found) == told
        assert "PGS144" not in found

    @pytest.mark.parametrize(
        ("curve", "told"), [("prime192v1", True), ("sect193r1", True), ("secp224r1", False), ("prime256v1", False)]
    )
    def test_curves(self, curve: str, told: bool, tmp_path: Path) -> None:
        """NIST SP 800-57 part 1, table 2: 224 bits of a curve for 112 of security."""
        conf = f"ssl = on\nssl_groups = 'X25519:{curve}'\n"
        assert ("PGS142" in rules_in(found_in(tmp_path, {}, conf=conf, major=18))) == told


class TestKeyModes:
    """check_ssl_key_file_permissions: what servers of 10 to 18 said of each mode (0600 and 0640 are documented)."""

    @pytest.mark.parametrize("mode", [0o400, 0o500, 0o600, 0o700])
    def test_of_the_servers_own(self, mode: int, tmp_path: Path) -> None:
        found = rules_in(found_in(tmp_path, {}, facts={"server.key": Overlay(mode, SERVER, SERVER)}))
        assert "PGS310" not in found

    @pytest.mark.parametrize("bit", [0o040, 0o020, 0o010, 0o004, 0o002, 0o001])
    def test_each_bit_of_group_and_world_is_too_much(self, bit: int, tmp_path: Path) -> None:
        found = rules_in(found_in(tmp_path, {}, facts={"server.key": Overlay(0o600 | bit, SERVER, SERVER)}))
        assert "PGS310" in found

    @pytest.mark.parametrize(
        ("bit", "told"), [(0o040, False), (0o020, True), (0o010, True), (0o004, True), (0o002, True), (0o001, True)]
    )
    def test_roots_may_be_readable_by_the_group(self, bit: int, told: bool, tmp_path: Path) -> None:
        found = rules_in(found_in(tmp_path, {}, facts={"server.key": Overlay(0o600 | bit, 0, SERVER)}))
        assert ("PGS310" in found) == told

    @pytest.mark.parametrize(("owner", "told"), [(0, False), (SERVER, False), (SOMEBODY, True)])
    def test_owners(self, owner: int, told: bool, tmp_path: Path) -> None:
        found = rules_in(found_in(tmp_path, {}, facts={"server.key": Overlay(0o400, owner, SERVER)}))
        assert ("PGS311" in found) == told

    @pytest.mark.parametrize(
        ("mode", "owner", "told"),
        [
            (0o755, SERVER, False),
            (0o755, 0, False),
            (0o755, SOMEBODY, True),
            (0o775, SERVER, True),
            (0o757, SERVER, True),
        ],
    )
    def test_folders_that_others_may_write_to(self, mode: int, owner: int, told: bool, tmp_path: Path) -> None:
        files = {"tls/server.crt": ["leaf", "intermediate"], "tls/server.key": "key:leaf"}
        conf = "ssl = on\nssl_cert_file = 'tls/server.crt'\nssl_key_file = 'tls/server.key'\n"
        found = rules_in(found_in(tmp_path, files, conf=conf, facts={"tls": Overlay(mode, owner, owner)}))
        assert ("PGS313" in found) == told

    @pytest.mark.parametrize(
        ("folder", "key", "told"),
        [
            (0o700, 0o600, False),
            (0o750, 0o600, True),
            (0o740, 0o600, True),
            (0o710, 0o600, False),
            (0o755, 0o600, False),
            (0o751, 0o600, False),
            (0o750, 0o640, False),
        ],
    )
    def test_a_data_directory_for_its_group(self, folder: int, key: int, told: bool, tmp_path: Path) -> None:
        """initdb -g (11 and later) makes 0750, with which a base backup by the group meets a key it cannot read."""
        facts = {"": Overlay(folder, SERVER, SERVER), "server.key": Overlay(key, SERVER, SERVER)}
        assert ("PGS314" in rules_in(found_in(tmp_path, {}, facts=facts))) == told


ANYWHERE = "listen_addresses = '*'\n"
"""What lets clients of other machines reach a server."""


def hba(folder: Path, line: str, major: int = 18) -> set[str]:
    """The rules that speak of a pg_hba.conf of one record."""
    folder.mkdir(exist_ok=True)
    conf = f"ssl = on\n{ANYWHERE}"
    return rules_in(found_in(folder, {"pg_hba.conf": f"{line}\n".encode()}, conf=conf, major=major))


class TestAddresses:
    @pytest.mark.parametrize(
        ("network", "told"),
        [
            # RFC 1918 section 3
            ("10.0.0.0/8", False),
            ("10.0.0.0/7", True),
            ("10.0.0.0/9", False),
            ("172.16.0.0/12", False),
            ("172.16.0.0/11", True),
            ("172.0.0.0/8", True),
            ("172.32.0.0/12", False),
            ("192.168.0.0/16", False),
            ("192.168.0.0/15", True),
            ("192.0.0.0/8", True),
            ("192.169.0.0/16", False),
            ("11.0.0.0/8", False),
            ("128.0.0.0/1", True),
            ("0.0.0.0/0", False),
        ],
    )
    def test_wider_than_a_private_network(self, network: str, told: bool, tmp_path: Path) -> None:
        assert ("PGS527" in hba(tmp_path, f"hostssl all all {network} scram-sha-256")) == told

    @pytest.mark.parametrize(
        ("network", "told"),
        [
            # RFC 4291 section 2.5.5.2: ::ffff:0:0/96
            ("::ffff:10.0.0.0/104", True),
            ("::ffff:0:0/96", True),
            ("::ffff:0:0/95", False),
            ("::fffe:10.0.0.0/104", False),
            ("::1:ffff:10.0.0.0/128", False),
            ("::ffff:0:10.0.0.0/104", False),
        ],
    )
    def test_mapped_ipv4(self, network: str, told: bool, tmp_path: Path) -> None:
        assert ("PGS526" in hba(tmp_path, f"hostssl all all {network} scram-sha-256")) == told

    @pytest.mark.parametrize(
        ("address", "told"),
        [
            ("10.0.0.0/32", False),
            ("10.0.0.0/33", True),
            ("10.0.0.0/-1", True),
            ("::1/128", False),
            ("::1/129", True),
            ("255.255.255.255/32", False),
            ("256.0.0.0/8", True),
            ("10.0.0.1 255.255.255.255", False),
            ("10.0.0.1 ffff::", True),
        ],
    )
    def test_what_servers_refuse(self, address: str, told: bool, tmp_path: Path) -> None:
        assert ("PGS520" in hba(tmp_path, f"hostssl all all {address} scram-sha-256")) == told


VERSIONS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
"""From the oldest to the newest."""


class TestProtocols:
    @pytest.mark.parametrize("lowest", VERSIONS)
    @pytest.mark.parametrize("highest", VERSIONS)
    @pytest.mark.parametrize(("major", "rule"), [(12, "PGS114"), (13, "PGS113"), (18, "PGS113")])
    def test_a_highest_below_the_lowest(self, lowest: str, highest: str, major: int, rule: str, tmp_path: Path) -> None:
        """Servers of 13 to 18 refuse it (SSL_CTX_set_min_proto_version and its like, then a test of their own)."""
        conf = f"ssl = on\nssl_min_protocol_version = '{lowest}'\nssl_max_protocol_version = '{highest}'\n"
        found = rules_in(found_in(tmp_path, {}, conf=conf, major=major))
        inverted = VERSIONS.index(highest) < VERSIONS.index(lowest)
        assert found & {"PGS113", "PGS114"} == ({rule} if inverted else set())
        assert ("PGS115" in found) == (not inverted and highest != "TLSv1.3")

    @pytest.mark.parametrize(
        ("lowest", "old"), [("TLSv1", True), ("TLSv1.1", True), ("TLSv1.2", False), ("TLSv1.3", False)]
    )
    def test_old_versions(self, lowest: str, old: bool, tmp_path: Path) -> None:
        """RFC 8996: 1.0 and 1.1 are not to be used."""
        conf = f"ssl = on\nssl_min_protocol_version = '{lowest}'\n"
        assert ("PGS110" in rules_in(found_in(tmp_path, {}, conf=conf, openssl="1.1.1:1"))) == old


class TestClientCas:
    CONF = "ssl = on\nssl_ca_file = '{}'\n"

    @pytest.mark.parametrize(
        ("name", "public"),
        [
            # what Debian, Red Hat, SUSE and FreeBSD call the file
            ("certs/ca-certificates.crt", True),
            ("certs/ca-bundle.crt", True),
            ("certs/tls-ca-bundle.pem", True),
            ("certs/ca-bundle.trust.crt", True),
            ("/etc/ssl/cert.pem", True),
            ("/etc/pki/tls/cert.pem", True),
            ("/usr/local/share/certs/ca-root-nss.crt", True),
            ("cert.pem", False),
            ("ca-certificates.crt.bak", False),
        ],
    )
    def test_names_of_the_public_roots(self, name: str, public: bool, tmp_path: Path) -> None:
        files = {} if name.startswith("/") else {name: build("root")}
        assert ("PGS415" in rules_in(found_in(tmp_path, files, conf=self.CONF.format(name)))) == public

    @pytest.mark.parametrize(
        ("roots", "others", "told"), [(10, 0, False), (10, 5, False), (11, 0, True), (11, 3, True)]
    )
    def test_a_choice_of_public_roots_has_ten_at_most(
        self, roots: int, others: int, told: bool, tmp_path: Path
    ) -> None:
        public = [pem_of(replace(PROFILES["public-root"], serial=number)) for number in range(1, roots + 1)]
        own = [pem_of(replace(PROFILES["root"], serial=number)) for number in range(1, others + 1)]
        files = {"root.crt": b"".join(public + own)}
        assert ("PGS415" in rules_in(found_in(tmp_path, files, conf=self.CONF.format("root.crt")))) == told


def crl(issued: datetime, until: datetime) -> bytes:
    """A revocation list of the root."""
    builder = x509.CertificateRevocationListBuilder(subject("Example Root")).last_update(issued).next_update(until)
    return builder.sign(key("root"), SHA256()).public_bytes(Encoding.PEM)


@pytest.mark.parametrize(
    ("life", "left", "told"),
    [(15, 5, False), (15, 4, True), (21, 7, False), (21, 6, True), (90, 7, False), (90, 6, True)],
)
def test_a_short_lived_list_is_told_of_in_its_last_third(life: int, left: int, told: bool, tmp_path: Path) -> None:
    files = {"root.crt": build("root"), "root.crl": crl(AT + (left - life) * DAY, AT + left * DAY)}
    conf = "ssl = on\nssl_ca_file = 'root.crt'\nssl_crl_file = 'root.crl'\n"
    assert ("PGS423" in rules_in(found_in(tmp_path, files, conf=conf))) == told


STRENGTHS = ["ident", "password", "md5", "scram-sha-256", "scram-sha-256 clientcert=verify-full"]
"""From what asks least of a client to what asks most."""


@pytest.mark.parametrize("first", STRENGTHS)
@pytest.mark.parametrize("second", ["ident", "md5", "scram-sha-256"])
def test_a_fallback_is_no_stronger_than_what_it_goes_around(first: str, second: str, tmp_path: Path) -> None:
    records = f"hostssl all all 192.0.2.0/24 {first}\nhost all all 192.0.2.0/24 {second}\n"
    found = rules_in(
        found_in(
            tmp_path,
            {"pg_hba.conf": records.encode(), "root.crt": "root"},
            conf=TestClientCas.CONF.format("root.crt") + ANYWHERE,
        )
    )
    around = STRENGTHS.index(second) <= STRENGTHS.index(first)
    # Of a record that believes what a client's machine says, PGS540 speaks.
    of_itself = {"PGS540"} if second == "ident" else {"PGS601" if around else "PGS600"}
    told = {"PGS600", "PGS601"} | ({"PGS540"} if second == "ident" else set())
    assert found & told == of_itself


@pytest.mark.parametrize(
    ("address", "twin", "told"),
    [
        ("127.0.0.1/32", "", True),
        ("127.0.0.1/32", "::1/128", False),
        ("127.0.0.1/32", "::2/128", True),
        ("127.0.0.2/32", "", False),
        ("0.0.0.0/1", "", False),
        ("all", "", False),
    ],
)
def test_the_other_family(address: str, twin: str, told: bool, tmp_path: Path) -> None:
    """RFC 4291 section 2.5: the whole of IPv6 is ::/0, its loopback address ::1."""
    records = "".join(f"hostssl all all {a} scram-sha-256\n" for a in (address, twin) if a)
    conf = "ssl = on\nlisten_addresses = '*'\n"
    found = rules_in(found_in(tmp_path, {"pg_hba.conf": records.encode()}, conf=conf))
    assert ("PGS631" in found) == told


@pytest.mark.parametrize(
    ("count", "told"),
    # 4096: boot_val of scram_iterations in pg_settings, and RFC 7677 section 4.
    [("1", True), ("4095", True), ("0x0fff", True), ("4096", False), ("010000", False), ("0", False), ("-1", False)],
)
def test_low_scram_iterations(count: str, told: bool, tmp_path: Path) -> None:
    found = rules_in(found_in(tmp_path, {}, conf=f"ssl = on\nscram_iterations = {count}\n", major=16))
    assert ("PGS162" in found) == told


@pytest.mark.parametrize(
    ("name", "listens", "told"),
    [
        ("/etc/ssl/certs/ssl-cert-snakeoil.pem", "*", True),
        ("/etc/ssl/certs/ssl-cert-snakeoil.pem", "127.0.0.1,::1", False),
        ("/etc/ssl/certs/my-ssl-cert-snakeoil.pem", "*", False),
    ],
)
def test_the_placeholder_of_the_distribution(name: str, listens: str, told: bool, tmp_path: Path) -> None:
    found = rules_in(
        found_in(tmp_path, {}, conf=f"ssl = on\nssl_cert_file = '{name}'\nlisten_addresses = '{listens}'\n")
    )
    assert ("PGS237" in found) == told


def test_the_placeholder_is_told_once(tmp_path: Path) -> None:
    """That it is signed with its own key is said by the one rule or the other."""
    conf = "ssl = on\nssl_cert_file = 'ssl-cert-snakeoil.pem'\nssl_key_file = 'key'\nlisten_addresses = '*'\n"
    files = {"ssl-cert-snakeoil.pem": "self-signed", "key": "key:self-signed"}
    assert rules_in(found_in(tmp_path, files, conf=conf)) & {"PGS236", "PGS237"} == {"PGS237"}


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("/^app$/", "slash"),
        ("/^app$/i", "flags"),
        ("/^app$/gim", "flags"),
        ("/app/", "trailing"),
        ("/app/i", "trailing-flags"),
        ("/^app/gims", "trailing-flags"),
        ("/^$", "empty"),
        ("/^$/i", "default"),
        ("/^app$x", "default"),
        ("/^app/gimsu", None),
        ("/^app/prod$", None),
        ("/^app[/]i$", None),
        (r"/^app\/i$", None),
        ("/^anna$|^ben$/i", None),
        ("/", None),
    ],
)
def test_slashes_and_flags_at_the_end_of_a_pattern(pattern: str, message: str | None, tmp_path: Path) -> None:
    """16 and 18: what stands behind a second slash belongs to the pattern."""
    found = found_in(tmp_path, {"pg_hba.conf": f'host all "{pattern}" all scram-sha-256\n'.encode()}, major=16)
    assert [one.message for one in found if one.rule == "PGS516"] == ([message] if message is not None else [])


@pytest.mark.parametrize(
    ("records", "listens", "message"),
    [
        ("local all all peer\nhost all all 127.0.0.1/32 md5\n", "*", "network"),
        ("local all all peer\nhost all all 127.0.0.1/32 md5\nhost all all 10.0.0.0/8 md5\n", "*", None),
        ("local all all peer\nhost all all 127.0.0.1/32 md5\n", "localhost", None),
        ("local all all peer\nhost all all 10.0.0.0/8 md5\n", "*", "loopback"),
        ("local all all peer\nhost all all 10.0.0.0/8 md5\nhost all all 11.0.0.0/8 md5\n", "*", None),
        ("local all all peer\nhost all all 126.0.0.0/7 md5\n", "*", None),
        ("local all all peer\nhost all all samenet md5\n", "*", None),
        ("local all all reject\nhost all all 10.0.0.0/8 md5\n", "*", "machine"),
        ("local all all peer\nhost all all 0.0.0.0/0 reject\nhost all all 10.0.0.0/8 md5\n", "*", "network"),
        ("hostssl all all 10.0.0.0/8 md5\nhostssl all all 11.0.0.0/8 md5\n", "*", "machine"),
        ("hostssl all all 10.0.0.0/8 md5\n", "*", None),
    ],
)
def test_who_has_no_record(records: str, listens: str, message: str | None, tmp_path: Path) -> None:
    conf = f"ssl = on\nlisten_addresses = '{listens}'\n"
    found = found_in(tmp_path, {"pg_hba.conf": records.encode()}, conf=conf)
    assert [one.message for one in found if one.rule == "PGS634"] == ([message] if message is not None else [])
