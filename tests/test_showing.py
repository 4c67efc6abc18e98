"""What is shown of a file: what is known to be harmless in the place where it stands."""

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from pgssllint.api import lint, read
from pgssllint.finding import Edit
from pgssllint.languages import Language, Read
from pgssllint.quoting import Place, Quote, ours, say
from pgssllint.report import showing_of
from pgssllint.report.telling import told_finding
from pgssllint.request import Request
from pgssllint.rulebook import rulebook
from pgssllint.showing.harmless import masked
from pgssllint.showing.telling import Showing, holds_key, is_begin_line
from pgssllint.showing.vocabulary import Vocabulary
from pgssllint.text import MASK, Span
from pgssllint.traced import Traced, joined, own, virtual, written
from tests.support.outcomes import KEY, source

SHOWN = {
    Place.WORD: ["hostssl", "HOST", "hsot", "verify-ful", "krb5", "sslmode", "=", "\\"],
    Place.ASSIGNED: ["ssl", "no_such_name", "x.y-z", "a" * 40],
    Place.NAME: ["app", "+staff", "a.b-c$d@e\\*", "/^(.*)@EXAMPLE\\.ORG$", "\\1", "CN=app,O=Example Ltd", "ü"],
    Place.QUOTED_NAME: ["sales team"],
    Place.PATTERN: ["^(?:a|b)[[:alpha:]]{2}$"],
    Place.METHOD: ["scram-sha-256", "255.255.255.0"],
    Place.ADDRESS: ["10.0.0.0/8", "::1/128", "fe80::1%eth0", "*.example.org", ".example.org", "samenet", "0xff000000"],
    Place.SCALAR: ["on", "maybe", "TLSv1.4", "8MB", "1.5 h", "-1", "a" * 40, ""],
    Place.ITEMS: ["HIGH:!aNULL:@SECLEVEL=1", "ECDHE-RSA-AES128-GCM-SHA256", "?X448/*x25519:prime256v1", "NOSUCH_1"],
    Place.ADDRESSES: ["localhost, 10.0.0.1", "*", "db.example.org:5432"],
    Place.PATH: ["/etc/ssl/server.crt", "C:\\certs\\x.crt", "C:/x", "../a/b.conf", "server's.key", '"/etc/x.crt"'],
    Place.PATHS: ["/run/a, /run/b"],
    Place.URL: ["ldap://ldap.example.org:389/dc=example,dc=org?uid?sub?(uid=$username)", "https://login.example.org"],
    Place.FILTER: ["(&(objectClass=$username)(uid=$username))"],
    Place.COMMAND: ["/usr/bin/ask %p", "cp %p /archive/%f;", "cat /run/secrets/key", "get-key.sh", "python3.11 /x"],
    Place.TEMPLATE: ["{{ pg.port | int }}", "${PORT}", "<%= node['ssl'] %>", "{{ x | default('on') }}"],
    Place.SUBJECT: ["CN=db.example.org,OU=R\\, D,O=Example", "10.0.0.1", "db.example.org"],
    Place.OURS: ["anything at all, p=q"],
}  # fmt: skip
"""What the classes call harmless, by the place: a handful each, at their edges."""

HIDDEN = {
    Place.WORD: ["Tr0ub4dor", "hunter2hunter2"],
    Place.ASSIGNED: ["a" * 41, "a b", "p4ss:w0rd"],
    Place.NAME: ["a b", "u:p", "k=v", "x" * 64, "p!w", "x1z://u:p@h", "CN=a=b", "Tr0ub4dor=x"],
    Place.QUOTED_NAME: ["a:b", "x" * 64],
    Place.METHOD: ["Tr0ub4dor", "dead"],
    Place.ADDRESS: ["Tr0ub4dor", "u@h.example", "deadbeefcafe", "a=b"],
    Place.SCALAR: ["a" * 41, "a b", "k=v", "p@ss", "u:p"],
    Place.ITEMS: ["Tr0ub4dor", "p&w"],
    Place.PATH: ["a=b", "u@h", "my file", "pass:word", "ldap1://u:p@h/d", "*:*:*:app:p4ss", "data:text/x,p4"],
    Place.URL: ["ldap1://h/d"],
    Place.COMMAND: ["Tr0ub4dor", "Tr0ub4dor.hunter2", "-Tr0ub4dor"],
    Place.SUBJECT: ["Tr0ub4dor"],
    Place.STRING: ["x", "on"],
}
"""What stands in such a place and is hidden as a whole."""

PARTLY = [
    (Quote("ldap://u:p@ldap.example.org/dc=x", Place.URL), "ldap://***"),
    (Quote("ldap://h/dc=x?uid?sub?(uid=$username)?x-pw=p", Place.URL), "ldap://h/dc=x?uid?sub?(uid=$username)?***"),
    (Quote("(&(x=y1z2q3)(uid=$username))", Place.FILTER), "(&(***)(uid=$username))"),
    (Quote("/etc/a b/c=d/e", Place.PATH), "/etc/***/***/e"),
    (Quote("echo moon light %p", Place.COMMAND), "echo *** %p"),
    (Quote("/bin/x --password=a /y", Place.COMMAND), "/bin/x *** /y"),
    (Quote('/usr/bin/echo"moonlight"', Place.COMMAND), "/usr/bin/***"),
    (Quote("cat /bin/sh;p:w", Place.COMMAND), "cat /bin/***"),
    (Quote("on\u00a0moonlight", Place.SCALAR), "on\u00a0***"),
    (Quote("/etc/pkcs11:object=x?pin-source=file:/p/q", Place.PATH), "/etc/***"),
    (Quote("/etc/x\u00a0moonlight", Place.PATH), "/etc/x\u00a0***"),
    (Quote("CN=db.example.org,OU=a=b,O=x:y", Place.SUBJECT), "CN=db.example.org,OU=***,O=***"),
    (Quote("1.2.840.113549.1.9.7=moonlight,CN=x", Place.SUBJECT), "1.2.840.113549.1.9.7=***,CN=x"),
    (Quote("ldap://h/dc=x%3Amoonlight", Place.URL), "ldap://h/dc=***"),
    (Quote("HIGH:moonlight:!MD5", Place.ITEMS), "HIGH:***:!MD5"),
    (Quote("clientcert = moonlight, map=x", Place.REST), "clientcert = ***, map=***"),
    (Quote("{{ x | default('moonlight') }}", Place.SCALAR), "{{ x | default('***') }}"),
    (Quote("/etc/{{ x }}/a=b", Place.PATH), "/etc/{{ x }}/***"),
    (Quote("on", Place.SETTING, "SSL"), "on"),
    (Quote("moon light", Place.SETTING, "ssl"), "***"),
    (Quote("x", Place.SETTING, "cluster_name"), "***"),
    (Quote("/a/b", Place.SETTING, "no_such_file"), "***"),
    (Quote("x", Place.OPTION, "ldapbindpasswd"), "***"),
    (Quote("x", Place.OPTION, "ldapbinddn"), "***"),
    (Quote("people", Place.OPTION, "MAP"), "people"),
    (Quote("require", Place.OPTION, "sslmode"), "require"),
    (Quote("moonlight", Place.OPTION, "ldapbindpaswd"), "***"),
]  # fmt: skip


def shown(quote: Quote) -> str:
    text, at = "", 0
    for start, end in masked(quote, Vocabulary()):
        text += quote.text[at:start] + MASK
        at = end
    return text + quote.text[at:]


@pytest.mark.parametrize(("place", "text"), [(place, text) for place, texts in SHOWN.items() for text in texts])
def test_what_is_known_to_be_harmless_is_shown(place: Place, text: str) -> None:
    assert shown(Quote(text, place)) == text


@pytest.mark.parametrize(("place", "text"), [(place, text) for place, texts in HIDDEN.items() for text in texts])
def test_what_is_not_known_to_be_harmless_is_hidden(place: Place, text: str) -> None:
    hidden = shown(Quote(text, place))
    assert MASK in hidden
    assert not [text[n : n + 6] for n in range(len(text) - 5) if text[n : n + 6] in hidden]


@pytest.mark.parametrize(("quote", "told_as"), PARTLY)
def test_parts_are_looked_at_one_by_one(quote: Quote, told_as: str) -> None:
    assert shown(quote) == told_as


LINES = [
    (Language.SETTINGS, "port = 5432 # moonlight", "port = 5432 # ***"),
    (Language.SETTINGS, "moonlight", "***"),
    (Language.SETTINGS, "DB_PASSWORD=moonlight", "DB_PASSWORD=***"),
    (Language.SETTINGS, "primary_conninfo = 'host=h password=moonlight'", "primary_conninfo = '***'"),
    (Language.SETTINGS, "ssl_cert_file = server.crt", "ssl_cert_file = server.crt"),
    (Language.SETTINGS, "ssl = on moonlight", "ssl = on ***"),
    (Language.SETTINGS, "# pgssllint: ignore[ssl-off, x1y2z3] moonlight", "# pgssllint: ignore[ssl-off, ***] ***"),
    (Language.SETTINGS, "ssl = off # pgssllint: moonlight", "ssl = off # pgssllint: ***"),
    (Language.HBA, "moonlight all all trust", "*** all all trust"),
    (Language.HBA, "host all all 10.0.0.0/8 moonlight map=x", "host all all 10.0.0.0/8 *** map=***"),
    (Language.HBA, "host a,+b /^c$ 10.0.0.1 255.0.0.0 md5", "host a,+b /^c$ 10.0.0.1 255.0.0.0 md5"),
    (Language.HBA, "local all all ldap ldapbindpasswd=moon light x=y", "local all all ldap ldapbindpasswd=***=***"),
    (Language.HBA, 'local all all ldap ldapbindpasswd="moon light"', 'local all all ldap ldapbindpasswd="***"'),
    (Language.HBA, 'local all all ldap "ldapbindpasswd=moon light"', 'local all all ldap "ldapbindpasswd=***"'),
    (Language.HBA, 'local "all moonlight', 'local "all ***'),
    (Language.HBA, "include a=b", "include ***"),
    (Language.IDENT, "m /^(.*)@X$ \\1", "m /^(.*)@X$ \\1"),
    (Language.IDENT, "m u:moonlight r", "m ***:*** r"),
    (Language.IDENT, "m u r moonlight", "m u r ***"),
    (Language.HOSTS, 'h.example a.crt a.key "" "echo moonlight" on', 'h.example a.crt a.key "" "echo ***" on'),
    (Language.NAMES, "alice moonlight", "alice ***"),
    (Language.LAUNCH, "command: -c ssl=on -c cluster_name=moonlight x", "command: -c ssl=on -c cluster_name=***"),
    (Language.LAUNCH, "- -cssl=on", "- -cssl=on"),
    (Language.LAUNCH, "COPY --chown=moon:moon a/tls ./b . /etc/", "COPY ***=***:*** a/tls ./b . /etc/"),
    (Language.LAUNCH, "ADD http://moon.light/x?k=v /a", "ADD http:***=v /a"),
    (Language.LAUNCH, "  POSTGRESQL_TLS_KEY_FILE: /moon", "  POSTGRESQL_TLS_KEY_FILE: ***"),
    (Language.LAUNCH, "- -cmoonlight=on -ccluster_name=moonlight", "- ***=on -ccluster_name=***"),
    (Language.LAUNCH, 'docker run --name moon -v "$PWD/a":/b A=moon', 'docker run --name *** -v "$PWD/a":/b ***=***'),
    (Language.LAUNCH, "-v $(pwd):/e:ro -v ${PWD}/y:/z -v $HOME/moon:/x", "-v $(pwd):/e:ro -v ${PWD}/y:/z -v ***:***"),
    (Language.LAUNCH, "x $PWD@moonlight:/b $(pwd moon):/light", "***:*** $(***):***"),
    (Language.OTHER, "-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----"),
    (Language.OTHER, "-----BEGIN MOONLIGHT-----", "-----BEGIN ***"),
    (Language.OTHER, "MIIBIjANBgkq", "***"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "line", "told_as"), LINES)
def test_each_word_of_a_line_has_its_place(language: Language, line: str, told_as: str) -> None:
    where = source("a", f"{line}\n")
    records = source("b", "local all alice trust\n")
    showing = Showing([Read(where, language), Read(records, Language.HBA)], words=["ssl-off"])
    assert showing.line(where, 1) == told_as
    # Of the files of tools no option shows more: environment and arguments stand in them.
    all_there_is = told_as if language is Language.LAUNCH else line
    assert Showing([Read(where, language)], secrets=True).line(where, 1) == all_there_is


def test_the_rest_of_a_continued_line_is_a_rest() -> None:
    where = source("a", "local all all ldap \\\nmap=moonlight ldapport=1\nlocal all all md5\n")
    showing = Showing([Read(where, Language.HBA)])
    assert [showing.line(where, n) for n in (2, 3)] == ["map=*** ldapport=1", "local all all md5"]


def test_a_part_of_a_line_is_masked_where_it_holds_what_is_hidden() -> None:
    where = source("a", "a_b = 'moonlight' # c")
    showing = Showing([Read(where, Language.SETTINGS)])
    assert [showing.line(where, 1, *part) for part in ((0, 5), (5, 18), (8, 10), (16, 18))] == [
        "a_b =",
        " '***' ",
        "***",
        "' ",
    ]


def test_a_line_too_long_to_be_looked_through_is_masked_as_a_whole() -> None:
    where = source("a", "x" * (1 << 20) + "y")
    assert Showing([Read(where, Language.SETTINGS)]).line(where, 1) == MASK


@pytest.mark.parametrize(
    ("language", "text", "is_read"),
    [
        (Language.HBA, "local all all trust\n*:*:*:u:p\n", False),
        (Language.HBA, "local all all trust\nhost a b c md5\n*:*:*:u:p\n", True),
        (Language.IDENT, "machine h login l password p\n", False),
        (Language.IDENT, "m u r\nm u r # x\nx\n", True),
        (Language.IDENT, "m u r\n-----BEGIN PGP MESSAGE-----\nx\n-----END PGP MESSAGE-----\n", False),
        (Language.SETTINGS, "A=1\nB=2\nport=3\n", False),
        (Language.SETTINGS, "A=1\nssl=on\nport=3\n", True),
    ],
)
def test_an_included_file_shows_words_where_it_reads_as_its_kind(language: Language, text: str, is_read: bool) -> None:
    where = source("a", text)
    showing = Showing([Read(where, language, included=True)])
    assert (showing.line(where, 1) != MASK) is is_read
    assert (showing.tell(Quote("alice", Place.NAME), where.path) == "alice") is is_read
    assert Showing([Read(where, language)]).line(where, 1) != MASK


def test_words_of_an_at_file_are_called_by_their_number(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("alice M00nlight\nbob\n")
    (tmp_path / "pg_hba.conf").write_text("host all @names.txt 0.0.0.0/0 trust\nhost all bob ::/0 md5\n")
    texts = [finding.text for finding in shown_findings(tmp_path) if finding.rule == "PGS534"]
    assert texts == [
        "The record lets every client from '0.0.0.0/0' log in as 'name 1 of names.txt', 'name 2 of names.txt' or "
        "'bob' without any proof."
    ]


def test_a_connection_that_is_let_in_is_told_without_a_word_of_an_at_file(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("M00nlight\n")
    (tmp_path / "pg_hba.conf").write_text("host all @names.txt 0.0.0.0/0 md5\n")
    labels = [str(finding.at.label) for finding in shown_findings(tmp_path) if finding.rule == "PGS600"]
    assert labels == [f"lets in user '{MASK}' from 10.1.2.3 without TLS"]
    (tmp_path / "pg_hba.conf").write_text("host all alice 0.0.0.0/0 md5\n")
    labels = [str(finding.at.label) for finding in shown_findings(tmp_path) if finding.rule == "PGS600"]
    assert labels == ["lets in user 'alice' from 10.1.2.3 without TLS"]


@pytest.mark.parametrize("how", ["main", "include", "at-file"])
def test_no_line_of_a_key_is_told(how: str, tmp_path: Path) -> None:
    body = [line for line in KEY.text.splitlines() if "-----" not in line]
    (tmp_path / "server.key").write_bytes(KEY.data)
    text = {"main": KEY.text, "include": "include server.key\n", "at-file": "host all @server.key 0.0.0.0/0 trust\n"}[
        how
    ]
    (tmp_path / "pg_hba.conf").write_text(text)
    for secrets in (False, True):
        said = [f"{one.text} {one.log}" for one in shown_findings(tmp_path, secrets=secrets)]
        assert said
        assert not [line for line in body for one in said if line in one]


def shown_findings(folder: Path, *, secrets: bool = False) -> Iterable:  # type: ignore[type-arg]
    outcome = lint(Request((str(folder),), majors=(16,)), datetime(2026, 1, 1, tzinfo=UTC))
    showing = showing_of(outcome, rulebook().pages, secrets=secrets)
    return [told_finding(finding, showing) for finding in outcome.findings]


def test_an_edit_is_told_where_its_text_is_harmless() -> None:
    where = source("a", "ssl = off\nlocal = 'x'\n")
    showing = Showing([Read(where, Language.SETTINGS)])
    for text, may in (("on", True), ("moon light", False), ("", True)):
        assert showing.may_tell(Edit(where.path, where, Span(6, 9), text)) is may
    assert not showing.may_tell(Edit(where.path, where, Span(19, 20), "y"))
    assert Showing([Read(where, Language.SETTINGS)], secrets=True).may_tell(Edit(where.path, where, Span(19, 20), "y"))


MANIFEST = """\
kind: ConfigMap
data:
  pg_hba.conf: |
    host all all 10.0.0.0/8 md5
    hostssl all all 192.168.0.0/16 cert clientcert=0
    host all bob 0.0.0.0/0 ldap ldapserver=l.example.org ldapbindpasswd=moonlight
"""


def test_what_is_shown_of_a_manifest_does_not_hang_on_what_was_asked_before() -> None:
    home = source("map.yaml", MANIFEST)
    start = MANIFEST.index("    host all")
    records = [line.strip() for line in MANIFEST[start:].splitlines()]
    text = Traced()
    for record in records:
        at = MANIFEST.index(record)
        text = joined([text, written(home, Span(at, at + len(record))), own("\n", home, Span(at, at), "data")])
    read = Read(virtual("map.yaml#x/pg_hba.conf", text), Language.HBA)

    def edit(old: str, new: str) -> Edit:
        at = MANIFEST.index(old)
        return Edit(home.path, home, Span(at, at + len(old)), new)

    edits = [
        (edit("md5", "scram-sha-256"), True),
        (edit("clientcert=0", ""), True),
        (edit("0.0.0.0/0", "10.1.2.3"), True),
        (edit("moonlight", "starlight"), False),
        (edit("kind: ConfigMap", "kind: Starlight"), False),
    ]
    shown = ["    host all all 10.0.0.0/8 md5", "    hostssl all all 192.168.0.0/16 cert clientcert=0"]
    for asked in permutations(edits):
        showing = Showing([read])
        assert [showing.may_tell(one) for one, _ in asked] == [may for _, may in asked]
        assert [showing.line(home, number) for number in (4, 5)] == shown
        assert showing.line(home, 6).endswith("ldapserver=l.example.org ldapbindpasswd=***")


@pytest.mark.parametrize("form", ['"{}"', '"/^{}$"'])
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Domain Users", True), ("my app 2", True), ("Größe Übung", True), ("kW4pXv9QhT2m", True),
        ("b kW4pXv9Q", False), ("user kw4pxv9qht", False),
        ("the password moonlight", False), ("My Token is moonlight", False),
    ],
)  # fmt: skip
def test_a_name_with_blanks_is_of_words_that_people_speak(name: str, shown: bool, form: str) -> None:
    file = source("pg_hba.conf", f"local all {form.format(name)} peer\n")
    assert (name in Showing([Read(file, Language.HBA)]).line(file, 1)) is shown


def test_behind_what_is_no_name_of_a_map_nothing_is_a_name() -> None:
    file = source("pg_ident.conf", "m moonlight app\npassword: moonlight\nuser=x moonlight app\n")
    lines = [Showing([Read(file, Language.IDENT)]).line(file, number) for number in (1, 2, 3)]
    assert ["moonlight" in line for line in lines] == [True, False, False]


@pytest.mark.parametrize("options", [False, True])
def test_what_is_never_shown_of_a_line_takes_nothing_else_into_the_light(options: bool) -> None:
    """A secret of the environment in the middle of what is hidden anyway, and in the middle of what is not."""
    home = source("pod.yaml", "a: moonlight\nb: starlight\n")
    text = joined([
        own("host all all all ldap ldapbindpasswd=moonlight", home, Span(0, 1), "a"),
        written(home, Span(16, 25)).secretly(),
        own("sunlight\nhost all all all md", home, Span(0, 1), "a"),
        written(home, Span(16, 20)).secretly(),
        own("5\n", home, Span(0, 1), "a"),
    ])  # fmt: skip
    made = virtual("pod.yaml#x/pg_hba.conf", text)
    showing = Showing([Read(made, Language.HBA)], secrets=options)
    lines = [showing.line(made, number) for number in (1, 2)]
    assert not [line for line in lines if "star" in line]
    assert ("moonlight" in lines[0]) is ("sunlight" in lines[0]) is options
    assert lines[1].startswith("host all all all")


def test_a_sentence_masks_its_arguments_alone() -> None:
    sentence = say("moonlight {} {} {}", ours("moonlight"), "moonlight", Quote("alice", Place.NAME))
    assert str(sentence) == "moonlight moonlight moonlight alice"
    assert Showing().tell(sentence) == "moonlight moonlight *** alice"


def test_comments_alone_do_not_count_as_values() -> None:
    where = source("a", "ssl = on # x\ncluster_name = 'x'\nport = 1\n")
    showing = Showing([Read(where, Language.SETTINGS)])
    assert [showing.hides_value(where, [line]) for line in (1, 2, 3)] == [False, True, False]


@pytest.mark.parametrize(
    ("line", "begins"),
    [
        ("-----BEGIN PRIVATE KEY-----", True),
        ("-----BEGIN EC PRIVATE KEY----- ", True),
        ("\ufeff-----BEGIN PRIVATE KEY-----", True),
        ("-----BEGIN PRIVATE KEY-----MIGH", False),
        ("MIGHAgEA", False),
        ("-----END PRIVATE KEY-----", False),
    ],
)
def test_only_a_begin_line_alone_may_be_shown_of_a_key(line: str, begins: bool) -> None:
    assert is_begin_line(line) is begins


@pytest.mark.parametrize("text", ["-----BEGIN PRIVATE KEY-----\n", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n"])
def test_a_key_is_known_by_its_markers(text: str) -> None:
    assert holds_key(source("a", text))
    assert not holds_key(source("a", text.replace("PRIVATE", "PUBLIC")))


def test_a_key_is_known_by_other_signs_too() -> None:
    key = generate_private_key(SECP256R1())
    der, locked, old = (
        key.private_bytes(Encoding.DER, form, lock)
        for form, lock in (
            (PrivateFormat.PKCS8, NoEncryption()),
            (PrivateFormat.PKCS8, BestAvailableEncryption(b"x")),
            (PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        )
    )
    whole = f"-----BEGIN PRIVATE KEY-----\n{base64.b64encode(b'x' * 9).decode()}\n-----END PRIVATE KEY-----\n"
    for data in (
        *(one for form in (der, locked, old) for one in (form, base64.b64encode(form))),
        whole.encode("utf-16-le"), whole.encode("utf-16-be"), whole.lower().encode(), base64.b64encode(whole.encode()),
        whole.replace("-----", "---").encode(), whole.replace("-----", "\u2014").encode(),
        whole.replace("PRIVATE KEY", "PRIVATE  KEY").encode(), b"Private-Key: (256 bit)\npriv:\n    00:b1",
    ):  # fmt: skip
        assert holds_key(source("a", data)), data[:40]
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for data in (public, base64.b64encode(public), b"# ----- Private key -----\nssl_key_file = 'x'\n"):
        assert not holds_key(source("a", data)), data[:40]


def test_a_view_shows_no_word_of_an_at_file_that_reads_like_records(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("local M00nlight\nhostssl M00nlight\nm00n.light.example\n")
    (tmp_path / "pg_hba.conf").write_text("host @names.txt all all md5\nhost all all m00n.light.example md5\n")
    rows = list(read("hba", str(tmp_path / "pg_hba.conf"), 18).told(show_secrets=False))
    assert [row["database"] for row in rows] == [
        [*(f"name {number} of names.txt" for number in range(1, 5)), "m00n.light.example"],
        ["all"],
    ]


def test_a_host_name_of_an_at_file_is_called_by_its_number(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("m00n.light.example\n")
    (tmp_path / "pg_hba.conf").write_text("host all all @names.txt md5\n")
    (row,) = read("hba", str(tmp_path / "pg_hba.conf"), 18).told(show_secrets=False)
    texts = [finding.text for finding in shown_findings(tmp_path) if finding.rule == "PGS525"]
    assert (row["address"], *texts) == (
        "name 1 of names.txt",
        "The record admits clients by the name 'name 1 of names.txt', so whoever controls DNS decides who matches.",
    )


def test_no_piece_of_a_key_is_told_however_its_lines_are_joined() -> None:
    numbers = source("numbers", "Private-Key: (256 bit)\npriv:\n    00:b1:7d:ec:53:6b:\n")
    joined = source("joined", KEY.text.replace("\n", "\0\n"))
    showing = Showing([Read(numbers, Language.NAMES), Read(joined, Language.NAMES)], secrets=True)
    whole = "".join(KEY.text.splitlines()[1:-1])
    for text in ("00:b1:7d:ec:53:6b:", f"KEY-----{whole}"):
        assert showing.tell(Quote(text, Place.NAME)) == MASK
    assert showing.tell(Quote("moon light", Place.NAME)) == "moon light"
