"""What stops a server that has TLS on, and what comes of it where TLS is off, or that is not known."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from pgssllint.checks.library.commands import Command
from pgssllint.cluster import Cluster
from pgssllint.finding import Confidence, Effect, Fix, Location, LogLine, Problem, Severity
from pgssllint.target import BEHAVIOURS, OpenSSL


def refusal(
    cluster: Cluster,
    at: Location,
    arguments: Mapping[str, object],
    message: str,
    log: LogLine | None,
    accepts: Callable[[OpenSSL], bool] | None = None,
    *,
    related: tuple[Location, ...] = (),
    accepted_by: tuple[int, ...] = (),
    fix: Fix | None = None,
) -> Problem:
    """What stops a server that has TLS on; where that is not known, it is less sure.

    `accepts` says whether another series of OpenSSL takes it; without it, none does.
    """
    confidence = Confidence.MEDIUM if cluster.conf.ssl is None else None
    others = tuple(series for series in BEHAVIOURS if accepts(OpenSSL.parse(series))) if accepts is not None else ()
    return Problem(
        at, arguments, message, related, confidence=confidence, log=log, accepted_by=accepted_by,
        openssl_accepting=others, fix=fix,
    )  # fmt: skip


def tls_problem(
    cluster: Cluster,
    at: Location,
    arguments: Mapping[str, object],
    message: str = "default",
    *,
    related: tuple[Location, ...] = (),
    log: LogLine | None = None,
    confidence: Confidence | None = None,
    fix: Fix | None = None,
    commands: tuple[Command, ...] = (),
) -> Problem:
    """A fault of a TLS file that stops a server only while `ssl` is on.

    With ssl off nothing is opened: the finding says "would" and is hygiene; where ssl is unknown it is less sure.
    """
    if cluster.conf.ssl is False:
        off = "off" if message == "default" else f"{message}_off"
        return Problem(at, arguments, off, related, Effect.HYGIENE, Severity.NOTE, fix=fix, commands=commands)
    sure = confidence or (Confidence.MEDIUM if cluster.conf.ssl is None else None)
    return Problem(at, arguments, message, related, confidence=sure, log=log, fix=fix, commands=commands)


def without_ssl(cluster: Cluster, problem: Problem) -> Problem:
    """The problem as it is; with ssl off, where nobody meets it, hygiene and a note."""
    return replace(problem, effect=Effect.HYGIENE, severity=Severity.NOTE) if cluster.conf.ssl is False else problem
