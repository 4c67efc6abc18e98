"""Outcomes and pages made by hand: what the tests of the reports are about."""

from collections.abc import Iterable
from dataclasses import replace

from pgssllint.finding import (
    ClusterReport,
    Confidence,
    Edit,
    Effect,
    Finding,
    Fix,
    Location,
    LogLine,
    NotChecked,
    Notification,
    Outcome,
    Prediction,
    Severity,
    Suppression,
)
from pgssllint.languages import Language, Read
from pgssllint.rulebook import Page, Prose
from pgssllint.stages import Stage
from pgssllint.target import How, OpenSSL, Target
from pgssllint.text import Source, Span
from tests.support.logs import fatal

ROOT = "/srv/project"
WORKING = f"{ROOT}/deploy"


def source(name: str, content: str | bytes) -> Source:
    """A source at `name`, below the root unless absolute."""
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
    return Source(name if name.startswith("/") else f"{ROOT}/{name}", data)


def at(where: Source, words: str, label: str = "", *, nth: int = 1, secret: bool = False) -> Location:
    """The place of the nth occurrence of `words`."""
    start = -1
    for _ in range(nth):
        start = where.text.index(words, start + 1)
    return Location(where.path, where, Span(start, start + len(words)), label, secret)


def whole(name: str, label: str = "") -> Location:
    """A file as a whole."""
    return Location(f"{ROOT}/{name}", label=label)


def edit(where: Source, words: str, text: str) -> Edit:
    """Replace the first `words` by `text`."""
    start = where.text.index(words)
    return Edit(where.path, where, Span(start, start + len(words)), text)


def page(
    rule: str = "PGS210",
    name: str = "leaf-not-first",
    *,
    effect: Effect = Effect.REFUSES_START,
    severity: Severity = Severity.ERROR,
    messages: dict[str, str] | None = None,
    advice: str = "Put the server's own certificate **first** in [the bundle](https://example.org/).",
    security_severity: float | None = None,
    cwe: tuple[int, ...] = (),
    opt_in: bool = False,
    tags: tuple[str, ...] = ("tls",),
) -> Page:
    return Page(
        rule=rule,
        name=name,
        title=f"The configuration has a {name.replace('-', ' ')}.",
        prose=Prose(
            "The server looks at the `first` certificate only.\n\nIt ignores the others.",
            "It compares this certificate with the key.",
            advice,
            "",
            "",
        ),
        messages=messages or {"default": "The file '{file}' is wrong in '{word}', says '{file}'."},
        effect=effect,
        severity=severity,
        introduced="0.1.0",
        security_severity=security_severity,
        cwe=cwe,
        opt_in=opt_in,
        tags=tags,
    )


def finding(
    place: Location,
    *related: Location,
    rule: str = "PGS210",
    name: str = "leaf-not-first",
    effect: Effect = Effect.REFUSES_START,
    severity: Severity = Severity.ERROR,
    confidence: Confidence = Confidence.HIGH,
    text: str = "The file 'server.crt' is wrong in 'leaf', says 'server.crt'.",
    arguments: tuple[tuple[str, str], ...] = (("word", "leaf"), ("file", "server.crt")),
    majors: tuple[int, ...] = (15,),
    log: LogLine | None = None,
    fix: Fix | None = None,
    suppressed: Suppression | None = None,
) -> Finding:
    stage = Stage.CERTIFICATE if effect is Effect.REFUSES_START else None
    return Finding(
        rule, name, effect, severity, confidence, text, "default", arguments, place, related, majors,
        tuple((major, log) for major in majors), stage, fix, suppressed,
    )  # fmt: skip


def target(major: int = 15, how: How = How.STATED, evidence: str = "") -> Target:
    return Target(major, OpenSSL("3.0", 2), how, evidence)


def cluster(name: str, *predictions: Prediction, deployed: bool = False) -> ClusterReport:
    return ClusterReport(f"{ROOT}/{name}", deployed, predictions or (Prediction(target(), True),))


def outcome(
    findings: Iterable[Finding] = (),
    *,
    clusters: tuple[ClusterReport, ...] = (cluster("deploy/postgresql.conf"),),
    not_checked: tuple[NotChecked, ...] = (),
    notifications: tuple[Notification, ...] = (),
    exit_status: int | None = None,
) -> Outcome:
    found = tuple(findings)
    read = {
        place.path: place.source for each in found for place in (each.at, *each.related) if place.source is not None
    }
    reads = tuple(Read(source, language) for source in read.values() if (language := _language(source)) is not None)
    made = Outcome(ROOT, clusters, found, not_checked, notifications, 0, read=reads)
    failed = int(any(map(made.fails, found)))
    return replace(made, exit_status=failed if exit_status is None else exit_status)


def _language(source: Source) -> Language | None:
    """What a file is by its name; None for what is no configuration."""
    if "hba" in source.path:
        return Language.HBA
    return Language.SETTINGS if source.path.endswith(".conf") else None


CONF = source(
    "deploy/postgresql.conf",
    "# TLS of the shop's server\n"
    "listen_addresses = '*'\n"
    "ssl = on\n"
    "ssl_cert_file = 'server.crt'\n"
    "ssl_key_file = 'server.key'\t\t# 0600\n"
    "ssl_min_protocol_version = 'TLSv1'   # pgssllint: ignore[PGS101] the till needs it\n",
)
HBA = source(
    "deploy/pg_hba.conf",
    "# TYPE\tDATABASE\tUSER\tADDRESS\tMETHOD\n"
    "local\tall\tall\t\tpeer\n"
    "host\tall\tall\t0.0.0.0/0\tscram-sha-256\n"
    "\n"
    "\n"
    'hostssl\tshop\tpos\t10.0.0.0/8\tldap ldapserver=dir.example ldapbindpasswd="tr0ub4dor &3" ldapbasedn="dc=x"\n',
)
CERTIFICATE = source(
    "deploy/server.crt",
    "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUW\n-----END CERTIFICATE-----\n"
    "-----BEGIN CERTIFICATE-----\nMIIBuDCCAV6gAwIBAgIUX\n-----END CERTIFICATE-----\n",
)
KEY = source(
    "deploy/server.key",
    "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49S3cr3t\nQmFzZTY0S3cr3tS3cr3t\n-----END PRIVATE KEY-----\n",
)


NO_MATCH = fatal('could not load private key file "server.key": key values mismatch')


def leaf_not_first() -> Finding:
    """Three files, one of them a key."""
    return finding(
        at(CONF, "'server.crt'", "the bundle"),
        at(CONF, "'server.key'", "the key"),
        at(CERTIFICATE, "-----BEGIN CERTIFICATE-----", "CN=Shop Intermediate CA comes first"),
        at(CERTIFICATE, "-----BEGIN CERTIFICATE-----", "CN=db.shop.example is the key's", nth=2),
        at(KEY, "-----BEGIN PRIVATE KEY-----", "belongs to the second certificate", secret=True),
        text="The first certificate in 'server.crt' is not the one 'server.key' belongs to, so the server does not "
        "start.",
        log=NO_MATCH,
    )


def plaintext_allowed() -> Finding:
    """Two lines of one file, with an unsafe fix."""
    return finding(
        at(HBA, "host", "accepts connections without TLS", nth=1),
        at(HBA, "hostssl", "never reached by this role"),
        rule="PGS520",
        name="plaintext-record",
        effect=Effect.EXPOSES,
        severity=Severity.WARNING,
        text="The record lets every role in from '0.0.0.0/0' without TLS.",
        arguments=(("address", "0.0.0.0/0"),),
        fix=Fix("Write 'hostssl' instead of 'host'.", (edit(HBA, "host", "hostssl"),), False),
    )


def old_protocol(*, suppressed: bool) -> Finding:
    reason = Suppression(at(CONF, "# pgssllint: ignore[PGS101] the till needs it"), "the till needs it")
    return finding(
        at(CONF, "'TLSv1'"),
        rule="PGS101",
        name="obsolete-protocol",
        effect=Effect.EXPOSES,
        severity=Severity.WARNING,
        text="'ssl_min_protocol_version' allows 'TLSv1'.",
        arguments=(("version", "TLSv1"),),
        suppressed=reason if suppressed else None,
    )


PAGES = {
    p.rule: p
    for p in (
        page(),
        page(
            "PGS101",
            "obsolete-protocol",
            severity=Severity.WARNING,
            effect=Effect.EXPOSES,
            messages={"default": "'ssl_min_protocol_version' allows '{version}'."},
            security_severity=7.5,
            cwe=(327, 326),
        ),
        page(
            "PGS520",
            "plaintext-record",
            severity=Severity.WARNING,
            effect=Effect.EXPOSES,
            messages={"default": "The record lets every role in from '{address}' without TLS."},
            security_severity=8.1,
            cwe=(319,),
            opt_in=True,
        ),
        page(
            "PGS910",
            "file-not-in-view",
            effect=Effect.HYGIENE,
            severity=Severity.NOTE,
            messages={
                "default": "The file '{file}' is not in view: {reason}.",
                "needed": "The file '{file}' is not in view: {reason}. Rules that did not run for want of it: {rules}.",
            },
        ),
        page("PGS912", "unresolved-template", effect=Effect.HYGIENE, severity=Severity.NOTE),
    )
}

MANY = outcome(
    [leaf_not_first(), plaintext_allowed(), old_protocol(suppressed=True)],
    clusters=(
        cluster(
            "deploy/postgresql.conf",
            Prediction(target(15, How.FOUND, "'/etc/postgresql/15/' in hba_file"), False, "PGS210", NO_MATCH),
        ),
        cluster("replica/postgresql.conf", Prediction(target(18, How.ASSUMED), None)),
    ),
    not_checked=(
        NotChecked("root.crt", at(CONF, "ssl = on"), ("PGS400", "PGS401"), "does not exist here"),
        NotChecked("/etc/ssl/root.crl", whole("replica/postgresql.conf"), ("PGS401",), "lies outside the given roots"),
    ),
    notifications=(
        Notification("The line holds a template expression.", at(HBA, "local"), "PGS912"),
        Notification("The file cannot be read: permission denied.", whole("deploy/secret.conf"), "PGS911"),
    ),
    exit_status=1,
)  # fmt: skip
