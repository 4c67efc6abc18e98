"""PGS813 and PGS815 to PGS818: what Kubernetes, a chart or a template make of what a user wrote."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pgssllint.checks import check
from pgssllint.checks.library.sites import at_home, said
from pgssllint.cluster import Cluster
from pgssllint.finding import Problem
from pgssllint.quoting import Place, Quote, a_file, ours
from pgssllint.sources.kinds import (
    EXTENDED_IGNORED,
    MODE_NO_NUMBER,
    MODE_TOO_LARGE,
    NOT_A_LIST,
    NOT_A_STRING,
    NOT_BASE64,
    TEMPLATE_DEFAULT,
    TLS_IGNORED,
    TLS_ONLY,
)
from pgssllint.sources.template_defaults import defaults
from pgssllint.stages import Reload
from pgssllint.traced import Virtual

_REFUSED: Mapping[str, str] = MappingProxyType(
    {
        NOT_A_STRING: "default",
        NOT_A_LIST: "list",
        NOT_BASE64: "base64",
        MODE_TOO_LARGE: "large",
        MODE_NO_NUMBER: "quoted",
    }
)
"""The messages by what the API refuses."""


@check("PGS813")
def manifest_refused(cluster: Cluster) -> Iterator[Problem]:
    """Values that the API takes no object with, so that no server gets it."""
    for one in said(cluster, *_REFUSED):
        key = one.arguments.get("key", "")
        named = {"key": ours(key) if key in ("args", "command") else a_file(key)}
        if one.kind == MODE_NO_NUMBER:
            named["mode"] = Quote(str(one.arguments.get("mode", "")), Place.SCALAR)
        yield Problem(at_home(one.at), {**one.arguments, **named}, _REFUSED[one.kind], reload=Reload.GOES_ON)


@check("PGS815")
def tls_not_set_up(cluster: Cluster) -> Iterator[Problem]:
    """TLS that is turned on for an image which leaves it to the postgresql.conf that it is given."""
    for one in said(cluster, TLS_IGNORED) if cluster.conf.ssl is not True else ():
        yield Problem(at_home(one.at))


@check("PGS816")
def extended_configuration_not_read(cluster: Cluster) -> Iterator[Problem]:
    """An extended configuration beside a postgresql.conf that does not include it."""
    for one in said(cluster, EXTENDED_IGNORED):
        yield Problem(at_home(one.at))


@check("PGS817")
def certificate_demanded_of_tls_alone(cluster: Cluster) -> Iterator[Problem]:
    """A CA for clients that makes the image ask those for a certificate who come with TLS, and nobody else."""
    for one in said(cluster, TLS_ONLY):
        yield Problem(at_home(one.at))


@check("PGS818")
def default_in_template(cluster: Cluster) -> Iterator[Problem]:
    """Defaults of a template that let everybody in without a password; of others nothing is told."""
    files = (source for name, file in cluster.auth.files if name == "hba" for source in file.sources)
    plain = (source for source in files if not isinstance(source, Virtual))
    for one in (*said(cluster, TEMPLATE_DEFAULT), *(one for source in plain for one in defaults(source))):
        if one.arguments["value"] == "trust":
            yield Problem(at_home(one.at))
