"""PGS160 to PGS169: how passwords are stored."""

from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.checks.library.fixes import rewritten, written
from pgssllint.checks.library.places import at_method
from pgssllint.checks.library.reach import reachable
from pgssllint.checks.library.sites import workload_of
from pgssllint.checks.library.words import line_named
from pgssllint.cluster import Cluster
from pgssllint.finding import Confidence, Fix, Problem, Severity
from pgssllint.postgres.numbers import parse_integer
from pgssllint.postgres.parameters import find
from pgssllint.postgres.password_encryption import ITERATIONS, stores_md5, stores_scram
from pgssllint.targets import found_at


@check("PGS160")
def md5_password_storage(cluster: Cluster) -> Iterator[Problem]:
    """New passwords are stored as MD5 hashes."""
    if _stores_md5(cluster):
        entry = cluster.conf.setting("password_encryption").entry
        message = "default" if entry is not None else "unset"
        sure = Confidence.MEDIUM if entry is None and not cluster.deployment.deployed else None
        # Where the major is only the newest that takes the file, the one that runs may do otherwise; and who starts an
        # image of an old major wrote nothing of passwords.
        by_image = entry is None and workload_of(cluster) is not None
        severity = Severity.NOTE if cluster.target.or_older or by_image else None
        # Where nothing is set, the major decides.
        found = found_at(cluster.deployment, cluster.target) if entry is None else None
        at = found or cluster.conf.set_at("password_encryption")
        yield Problem(at, {"major": cluster.major}, message, severity=severity, confidence=sure, fix=_to_scram(cluster))


@check("PGS161")
def scram_record_with_md5_storage(cluster: Cluster) -> Iterator[Problem]:
    """A record that asks for SCRAM, which passwords stored as MD5 hashes cannot pass."""
    if not _stores_md5(cluster):
        return
    for record in reachable(cluster):
        if record.admits and record.method is not None and record.method.text == "scram-sha-256":
            entry, at = cluster.conf.setting("password_encryption").entry, at_method(record, "asks for SCRAM")
            related = (at,) if entry is not None else ()
            said_at = entry.at if entry is not None else at
            yield Problem(said_at, {"line": line_named(record)}, related=related, fix=_to_scram(cluster))
            return


@check("PGS162")
def low_scram_iterations(cluster: Cluster) -> Iterator[Problem]:
    """Fewer iterations than by default, where passwords are stored for SCRAM."""
    setting, parameter = cluster.conf.setting(ITERATIONS), find(ITERATIONS, cluster.major)
    if parameter is None or setting.value is None or setting.entry is None or not _stores_scram(cluster):
        return
    given, default = (parse_integer(text, "", cluster.major) for text in (setting.value, parameter.boot))
    if isinstance(given, int) and isinstance(default, int) and int(parameter.minimum) <= given < default:
        fix = written(setting.entry.at, parameter.boot, f"Write '{parameter.boot}'.")
        yield Problem(setting.entry.at, {"count": given, "default": default}, related=setting.entry.chain, fix=fix)


def _stores_scram(cluster: Cluster) -> bool:
    return stores_scram(cluster.conf.setting("password_encryption").value or "")


def _stores_md5(cluster: Cluster) -> bool:
    return stores_md5(cluster.conf.setting("password_encryption").value or "", cluster.major)


def _to_scram(cluster: Cluster) -> Fix | None:
    entry = cluster.conf.setting("password_encryption").entry
    return rewritten(entry, "scram-sha-256") if entry is not None else None
