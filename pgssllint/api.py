"""The public functions: `import pgssllint.api`, or `from pgssllint import check`."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pgssllint.discovery import Request, discover, targets_of
from pgssllint.engine import Options, chosen, run
from pgssllint.finding import Outcome, Severity
from pgssllint.project import Declared
from pgssllint.rulebook import rulebook
from pgssllint.target import OpenSSL, parse_majors


def check(
    paths: Sequence[str] = (".",),
    *,
    pg_version: str | None = None,
    openssl: str | None = None,
    at: datetime | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    strict: bool = False,
) -> Outcome:
    """Lint the configuration at `paths` and return everything there is to say of it.

    `pg_version` and `openssl` are as the options of those names; `at` is the moment dates are judged as of (aware;
    now if None). Raises ValueError with a sentence for a wrong option, rule, path or project configuration.
    """
    request = Request(
        tuple(paths),
        majors=parse_majors(pg_version) if pg_version else (),
        openssl=OpenSSL.parse(openssl) if openssl else None,
    )
    outcome, errors = lint(request, at or datetime.now(UTC), select=select, ignore=ignore, strict=strict)
    if errors:
        raise ValueError(" ".join(errors))
    return outcome


def lint(
    request: Request,
    now: datetime,
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    strict: bool = False,
    fail_on: Severity = Severity.WARNING,
    exit_zero: bool = False,
    whole_cluster: bool = False,
) -> tuple[Outcome, tuple[str, ...]]:
    """The outcome of a request, and a sentence for each path that leads nowhere.

    What the project declares stands in for what is not stated. Raises ValueError for a word that names no rule and
    project.ConfigurationError (a ValueError) for a configuration that is not right.
    """
    found, rules = discover(request), rulebook()
    counted = chosen(rules, select or found.declared.select, (*ignore, *found.declared.ignore), strict)
    targets = {site.at: targets_of(site, _stated(request, site.project.declared)) for site in found.sites}
    options = Options(counted, now, fail_on, exit_zero, whole_cluster)
    return run(found, targets, rules, options), found.errors


def _stated(request: Request, declared: Declared) -> Request:
    """What the request states of a target, and what the project declares where it states nothing."""
    return Request(
        majors=request.majors or (parse_majors(declared.pg_version) if declared.pg_version else ()),
        openssl=request.openssl or (OpenSSL.parse(declared.openssl) if declared.openssl else None),
    )
