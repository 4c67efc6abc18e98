"""PGS800 to PGS809: what a container's tool and image make of what a user wrote, before PostgreSQL sees it."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pgssllint.checks import check
from pgssllint.checks.library.places import at_method, labelled
from pgssllint.checks.library.reach import reach_of
from pgssllint.checks.library.sites import at_home, said, workload_of
from pgssllint.checks.library.words import file_of, line_of, written_in
from pgssllint.cluster import Cluster
from pgssllint.finding import Fix, Location, Problem, Severity
from pgssllint.postgres.parameters import canonical
from pgssllint.postgres.settings import same_value
from pgssllint.quoting import Place, Quote, a_file, ours
from pgssllint.sources.site import Site
from pgssllint.sources.standing import is_within, standing
from pgssllint.sources.workload import DOCKERFILE, KUBERNETES, Port, Reach, Workload
from pgssllint.stages import Reload
from pgssllint.traced import Traced
from pgssllint.ways import clean

_TRUSTING = ("POSTGRES_HOST_AUTH_METHOD", "ALLOW_EMPTY_PASSWORD")
"""The variables that make an image let everybody in by trust: the official one's and Bitnami's."""
_BY_REACH: Mapping[Reach | None, str] = MappingProxyType({Reach.EVERYWHERE: "default", Reach.UNKNOWN: "unknown"})
"""What PGS802 says, by from where the port is reached."""
_TLS = re.compile(r"ssl|(?:ssl|password|scram|krb|gss|oauth)_\w+|(?:hba|ident|hosts)_file|listen_addresses")
"""The settings of TLS and authentication."""
_USUAL_PORT = 5432
_OPTION_NAME = re.compile(r"(?:^|\s)-(?:c|-[a-z_]+)|^postgres\s")
"""What a variable is called that is an option of the server in the wrong place."""


@check("PGS801")
def mounted_file_not_read(cluster: Cluster) -> Iterator[Problem]:
    """A configuration file that is mounted where the server does not look for it."""
    for one in said(cluster, "mounted-not-read"):
        server, read = one.arguments["server"], one.arguments["reads"]
        setting = {"postgresql.conf": "config_file", "pg_hba.conf": "hba_file", "pg_ident.conf": "ident_file"}
        arguments = {
            "file": a_file(server), "reads": a_file(read), "setting": setting[posixpath.basename(server)],
        }  # fmt: skip
        folder = one.arguments.get("folder")
        if folder is not None:
            yield Problem(at_home(one.at), {**arguments, "folder": a_file(folder)}, "bitnami")
            continue
        workload = workload_of(cluster)
        # Whoever starts an image may name the file on the command line.
        severity = Severity.NOTE if workload is not None and workload.tool == DOCKERFILE else None
        yield Problem(at_home(one.at), arguments, severity=severity)


@check("PGS802")
def trust_by_environment(cluster: Cluster) -> Iterator[Problem]:
    """The record that the image writes for everybody by trust, since the environment says so."""
    workload = workload_of(cluster)
    if workload is None or not reach_of(cluster).from_elsewhere:
        return
    given = {name: one.value for name in _TRUSTING if (one := workload.environment.get(name)) is not None}
    wanted = {value.home(): name for name, value in given.items() if isinstance(value, Traced)}
    for record in cluster.auth.records:
        at = at_method(record)
        home = at.source.home(at.span) if at.source is not None and at.span is not None else None
        if record.method_name == "trust" and home is not None and home in wanted:
            yield _trusting(cluster, workload, wanted[home], at)


def _trusting(cluster: Cluster, workload: Workload, name: str, at: Location) -> Problem:
    reach = reach_of(cluster)
    is_run_by_others = workload.tool == DOCKERFILE
    published = [one for one in workload.ports if one.reach is reach.published and not is_run_by_others]
    label = "publishes it" if reach.published is Reach.EVERYWHERE else "its port"
    ports = tuple(at_home(port.at, label) for port in published)
    inside = "cluster" if workload.tool == KUBERNETES and reach.published is Reach.NETWORK else "inside"
    message = _BY_REACH.get(reach.published, inside)
    return Problem(at, {"variable": ours(name)}, message, ports[:1], severity=reach.told(Severity.ERROR))


@check("PGS803")
def initdb_refuses(cluster: Cluster) -> Iterator[Problem]:
    """An argument of initdb that the initdb of this major does not take."""
    for one in said(cluster, "initdb-refuses"):
        arguments = {"word": Quote(one.arguments["word"], Place.COMMAND), "target": cluster.major}
        yield Problem(at_home(one.at), arguments, reload=Reload.GOES_ON)


@check("PGS804")
def misplaced_command(cluster: Cluster) -> Iterator[Problem]:
    """Options of the server that stand among the variables, where nobody passes them on."""
    for one in said(cluster, "odd-variable-name"):
        if _OPTION_NAME.search(one.arguments["name"]):
            yield Problem(at_home(one.at))


@check("PGS805")
def command_line_override(cluster: Cluster) -> Iterator[Problem]:
    """Settings of TLS and authentication in a file that the command line gives another value."""
    entries = cluster.conf.entries.all
    given = {canonical(one.name, cluster.major): one for one in entries if one.origin == "command line"}
    for entry in entries:
        winner = given.get(canonical(entry.name, cluster.major))
        if winner is None or entry.origin == "command line" or not _TLS.fullmatch(winner.name.lower()):
            continue
        if entry.unknown or winner.unknown or same_value(entry, winner, cluster.major):
            continue
        arguments = {
            "name": entry.spelling, "value": entry.quote, "other": winner.quote,
            "line": line_of(winner), "file": file_of(winner),
        }  # fmt: skip
        related = (labelled(winner.at, "this value counts"), *entry.chain)
        yield Problem(entry.at, arguments, related=related)


_BESIDE = "Mount the file elsewhere, as below /etc/postgresql, and name it on the command line, as by -c hba_file=..."
_MOUNT_BOTH = "Mount a certificate and its key, and name both, as by -c ssl_cert_file=... and -c ssl_key_file=..."
_ENDS = {
    "no-password": "Give POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE.",
    "old-mount": "Mount the volume at /var/lib/postgresql.",
    "read-only-in-data-directory": _BESIDE,
    "mounted-in-data-directory": _BESIDE,
    "variable-and-file": "Take one of the two variables out.",
}
"""What ends the image's entry point before a server starts on a new volume, and what mends that; the third ends it on
every volume.
"""


@check("PGS807")
def container_without_server(cluster: Cluster) -> Iterator[Problem]:
    """A container in which no server starts on a new volume: its entry point, or initdb, ends before."""
    unseen = any(True for _ in said(cluster, "env-file-not-in-view"))
    for kind, mending in _ENDS.items():
        for one in said(cluster, kind):
            if unseen and kind == "no-password":
                continue
            arguments = {
                name: a_file(value) if name == "server" else ours(value) for name, value in one.arguments.items()
            }
            message = "default" if kind == "no-password" else kind
            # Whoever starts it once sees that; the password may come from where nobody looks.
            severity = Severity.NOTE if kind == "no-password" else None
            fix = Fix(mending, (), safe=False)
            yield Problem(at_home(one.at), arguments, message, severity=severity, reload=Reload.GOES_ON, fix=fix)
    named = _missing_certificate(cluster)
    if named is not None:
        fix = Fix(_MOUNT_BOTH, (), safe=False)
        yield Problem(cluster.conf.ssl_at, {"file": named}, "no-certificate", reload=Reload.KEEPS_TLS, fix=fix)


def _missing_certificate(cluster: Cluster) -> Quote | None:
    """The server's certificate, where it is sought in a new data directory and nothing can have put it there."""
    site, setting = cluster.deployment.site, cluster.conf.setting("ssl_cert_file")
    if site is None or not site.is_bare or site.data_directory is None or not setting.value:
        return None
    if cluster.conf.ssl is not True or _is_an_image(site):
        return None
    path = clean(posixpath.join(site.data_directory, setting.value))
    filled = tuple(mount for mount in site.mounts if not mount.is_volume)
    is_new = is_within(path, site.data_directory) and standing(path, filled) is None
    return a_file(setting.value) if is_new and not any(is_within(path, one) for one in site.touched) else None


def _is_an_image(site: Site) -> bool:
    """Whether an image is all that is in view: who starts it mounts what it is to have."""
    return site.workload is not None and site.workload.tool == DOCKERFILE


@check("PGS808")
def words_that_compose_drops(cluster: Cluster) -> Iterator[Problem]:
    """What no shell reads: operators and line ends in a command that Compose splits itself."""
    for one in said(cluster, "dropped-after-operator"):
        yield Problem(at_home(one.at), {"operator": ours(one.arguments["operator"])})
    for one in said(cluster, "stray-line-end"):
        yield Problem(at_home(one.at), {}, "line-end")


@check("PGS809")
def published_without_listener(cluster: Cluster) -> Iterator[Problem]:
    """A published port that the server does not listen on: of another number, or on its own loopback only."""
    workload = workload_of(cluster)
    ports = workload.ports if workload is not None else ()
    published = [port for port in ports if port.reach in (Reach.EVERYWHERE, Reach.LOOPBACK)]
    # In the network of its machine a container has no port of its own that leads anywhere.
    published = [port for port in published if port.target is not None or port.published is not None]
    if not published:
        return
    addresses = cluster.conf.setting("listen_addresses")
    names = {part.strip().lower() for part in (addresses.value or "").split(",") if part.strip()}
    if addresses.value is not None and names <= {"localhost", "127.0.0.1", "::1"}:
        if addresses.entry is not None:
            related = tuple(at_home(port.at, "is published") for port in published[:1])
            yield Problem(addresses.entry.at, {"value": addresses.entry.quote}, "loopback", related)
        elif cluster.deployment.main is not None:
            yield Problem(at_home(published[0].at), {"file": written_in(cluster.deployment.main)}, "unset")
        return
    port = cluster.conf.setting("port")
    number = int(port.value) if port.value is not None and port.value.isdigit() else None
    targets = [one.target for one in published if one.protocol == "tcp"]
    if number is not None and targets and None not in targets and number not in targets:
        related = (labelled(port.entry.at, "the server's port"),) if port.entry is not None else ()
        fix = Fix(f"Let the port lead to {number}, as in {_outer(published[0])}:{number}.", (), safe=False)
        yield Problem(at_home(published[0].at), {"target": targets[0], "number": number}, related=related, fix=fix)


def _outer(port: Port) -> int:
    """The port outside that one is published at; the usual one where it is chosen at the start."""
    return port.published if port.published is not None else _USUAL_PORT
