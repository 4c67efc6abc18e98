"""What Bitnami's Helm chart of PostgreSQL makes of its values: the environment and the files of its image.

Read from the templates of the chart (postgresql 8 to 17; 2020 to 2026), and not run. `primary.configuration` becomes
postgresql.conf, `primary.pgHbaConfiguration` pg_hba.conf and `primary.extendedConfiguration` conf.d/override.conf;
charts before 11 have them at the top, as `postgresqlConfiguration` and `postgresqlExtendedConf` (whose keys are in
camel case) and `pgHbaConfiguration`. The chart always makes a password, unless postgres may not log in and nobody else
is named. Of the chart postgresql-ha only the texts are read: repmgr writes the rest.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from pgssllint.postgres.parameters import majors_of
from pgssllint.sources.bitnami_image import (
    CERTIFICATES,
    DATA,
    USER,
    Given,
    Tls,
    files_of,
    ldap_options,
    said_of,
    started,
)
from pgssllint.sources.bitnami_mounts import CONF
from pgssllint.sources.image_behaviour import site_image
from pgssllint.sources.images import read_image
from pgssllint.sources.kubernetes_mounts import number
from pgssllint.sources.manifests import at_key
from pgssllint.sources.site import Image as SiteImage
from pgssllint.sources.site import Site
from pgssllint.sources.workload import Port, Reach, Said, Workload
from pgssllint.syntax.yaml_nodes import Mapping, Node, Scalar, entries_of, get, home_of, is_null, key_of, text_of
from pgssllint.syntax.yaml_templates import Filled
from pgssllint.syntax.yaml_words import bool_word_11
from pgssllint.text import Home
from pgssllint.traced import Traced, converted, joined, own
from pgssllint.unknown import UNKNOWN, Unknown

CHART = "postgresql"
"""What the chart is called, and the key under which charts that depend on it have its values."""

TOOL = "Helm"
SERVER_PORT = 5432

UNREAD_LAYOUT = "unread-layout"
"""Records or settings in a layout that is not known; the argument `file` is the file that they are for."""

_MAIN = (("primary", "configuration"), ("master", "configuration"), ("postgresqlConfiguration",), ("configuration",))
_HBA = (("primary", "pgHbaConfiguration"), ("pgHbaConfiguration",))
_EXTENDED = (("primary", "extendedConfiguration"), ("postgresqlExtendedConf",), ("extendedConfiguration",))
_EXISTING = (("primary", "existingConfigmap"), ("configurationConfigMap",))
_TELLING = ("postgresqlConfiguration", "postgresqlExtendedConf", "postgresqlDatabase")
_AUTH = ("postgresPassword", "enablePostgresUser")
_SETTING = re.compile(r"(?m)^[ \t]*([A-Za-z_]\w{1,60})[ \t]*=")
_FEW = 100
"""So many settings are looked at to know a text by."""
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Values(NamedTuple):
    """The values of a chart: where they stand (`keys`, from the document's root), and whether it is known by something
    else than them, as its name in a HelmRelease, that the chart is this one. `is_ha`: it is postgresql-ha.
    """

    keys: tuple[str, ...]
    node: Mapping
    is_named: bool = False
    is_ha: bool = False


def is_chart(values: Values) -> bool:
    """Whether values are those of the chart, and set something that is told of."""
    node = values.node
    marked = any(get(node, *path) is not None for path in (*_HBA, *((key,) for key in _TELLING)))
    image = text_of(get(node, "image", "repository")) or ""
    named = values.is_named or (values.keys and values.keys[-1] == CHART) or ("bitnami" in image and CHART in image)
    known = bool(
        marked
        or named
        or _are_settings(get(node, *_EXTENDED[0]))
        or any(get(node, "auth", key) is not None for key in _AUTH)
    )
    return known and bool(_found(node, (*_MAIN, *_HBA, *_EXTENDED)) or _is_on(node, "tls") or _is_on(node, "ldap"))


def _are_settings(node: Node | None) -> bool:
    """Whether a text sets something of PostgreSQL's."""
    names = _SETTING.finditer(node.text) if isinstance(node, Scalar) else ()
    return any(majors_of(hit[1]) for hit in islice(names, _FEW))


def chart_site(values: Values, name: str) -> Site:
    """The server that the chart sets up; what its values leave open is as the chart has it."""
    node = values.node
    at = next((home_of(key) for key, _ in _keys(node)), home_of(node))
    said: list[Said] = []
    conf, hba, extended = (_text(node, paths, said) for paths in (_MAIN, _HBA, _EXTENDED))
    if values.is_ha or _found(node, _EXISTING):
        conf, hba = (UNKNOWN if one is None else one for one in (conf, hba))
    tls = _tls(node) if _is_on(node, "tls") else None
    verified = get(node, "tls", "certCAFilename")
    given = Given(
        at,
        values.keys[-1] if values.keys else "values",
        conf=conf,
        hba=hba,
        extended=extended if isinstance(extended, Traced) else None,
        tls=tls,
        verified=home_of(verified) if tls is not None and _is_text(verified) and verified is not None else None,
        replicates=_replicates(node),
        ldap=_ldap(node) if _is_on(node, "ldap") else None,
        has_password=_has_password(node),
    )
    found = _found(node, _EXTENDED)
    prefix = f"{node.source.path}#{at.span.start}"
    made = files_of(given, prefix)
    main, hba_path = f"{CONF}/postgresql.conf", f"{CONF}/pg_hba.conf"
    return Site(
        at=at,
        name=name,
        judged=f"Helm values for Bitnami's chart {CHART}",
        main=main if main in made else None,
        hba=hba_path if hba_path in made else None,
        files=made,
        stands=((CERTIFICATES, None),),
        given=started(at, prefix).settings,
        data_directory=DATA,
        image=_site_image(node),
        uid=USER,
        gid=0,
        said=(*said, *said_of(given, found[1] if found else None)),
        workload=Workload(
            at, TOOL, "values", ".".join(values.keys) or CHART, _image(node), ports=tuple(_ports(node, at))
        ),
    )


_SERVICES = (("primary", "service"), ("service",))
_REACH = {"NodePort": Reach.EVERYWHERE, "LoadBalancer": Reach.EVERYWHERE, "ClusterIP": Reach.NETWORK}


def _ports(node: Mapping, at: Home) -> Iterator[Port]:
    """Who reaches the server: by a Service, of the type ClusterIP unless the values say otherwise."""
    for path in _SERVICES:
        kind = get(node, *path, "type")
        if isinstance(kind, Scalar):
            published = number(get(node, *path, "nodePorts", "postgresql")) if kind.text == "NodePort" else None
            yield Port(SERVER_PORT, published, "", _REACH.get(kind.text, Reach.UNKNOWN), home_of(kind))
            return
    yield Port(SERVER_PORT, None, "", Reach.NETWORK, at)


def parts(node: Mapping) -> tuple[Node, ...]:
    """The mappings in the values that are read with them, and are none of another chart."""
    inner = [get(node, *path[:-1]) for path in (*_MAIN, *_HBA, *_EXTENDED) if len(path) > 1]
    maps = [get(node, *path) for path in (*_MAIN, *_EXTENDED)]
    return (node, *(one for one in (*inner, *maps) if one is not None))


def _keys(node: Mapping) -> tuple[tuple[Node, Node], ...]:
    return tuple((entry.key, entry.value) for entry in entries_of(node))


def _found(node: Node, paths: tuple[tuple[str, ...], ...]) -> tuple[Node, Home] | None:
    """The first of several keys under which anything stands, and where the key does."""
    for path in paths:
        value = get(node, *path)
        at = at_key(get(node, *path[:-1]), path[-1])
        if value is not None and not is_null(value) and text_of(value) != "" and at is not None:
            return value, at
    return None


def _text(node: Node, paths: tuple[tuple[str, ...], ...], said: list[Said]) -> Traced | Unknown | None:
    """The text of a file: as it is written, or of settings in camel case."""
    found = _found(node, paths)
    if found is None:
        return None
    value, at = found
    if isinstance(value, Scalar):
        return value.value
    if isinstance(value, Mapping) and paths is not _HBA:
        return joined(_setting(entry.key, entry.value) for entry in entries_of(value) if isinstance(entry.key, Scalar))
    said.append(Said(UNREAD_LAYOUT, at, {"file": "pg_hba.conf" if paths is _HBA else "postgresql.conf"}))
    return UNKNOWN


def _setting(key: Scalar, value: Node) -> Traced:
    """A setting that a key in camel case stands for; a bare boolean is written as Go writes it."""
    if not isinstance(value, Scalar) or is_null(value):
        return Traced()
    name = converted(_WORDS.sub("_", key.text).lower(), key.source, key.span)
    text = value.value
    boolean = bool_word_11(value.text) if value.is_plain else None
    if boolean is not None:
        text = converted(str(boolean).lower(), value.source, value.span)
    return joined((name, own("=", key.source, key.span, key.text), text, own("\n", key.source, key.span, key.text)))


def _is_text(node: Node | None) -> bool:
    return isinstance(node, Scalar) and not is_null(node) and bool(node.text)


def _is_on(node: Node, key: str) -> bool:
    """Whether a part of the chart is turned on."""
    enabled = get(node, key, "enabled")
    return isinstance(enabled, Scalar) and not isinstance(enabled, Filled) and bool_word_11(enabled.text) is True


def _tls(node: Node) -> Tls:
    """The files of TLS, all in one folder."""
    tls = get(node, "tls")
    key = key_of(tls, "enabled")
    at = home_of(key) if key is not None else home_of(node)
    generated = _is_true(get(tls, "autoGenerated"))
    found: dict[str, Traced] = {}
    for setting, name, usual in (
        ("ssl_ca_file", "certCAFilename", "ca.crt"),
        ("ssl_crl_file", "crlFilename", ""),
        ("ssl_cert_file", "certFilename", "tls.crt"),
        ("ssl_key_file", "certKeyFilename", "tls.key"),
    ):
        value = get(tls, name)
        folder = own(f"{CERTIFICATES}/", at.source, at.span, "tls")
        if generated and usual and (setting != "ssl_ca_file" or _is_text(value)):
            found[setting] = joined((folder, own(usual, at.source, at.span, "tls")))
        elif isinstance(value, Scalar) and _is_text(value):
            found[setting] = joined((folder, value.value))
    prefers = get(tls, "preferServerCiphers")
    return Tls(at, found, prefers_server=prefers is None or _is_true(prefers) or isinstance(prefers, Filled))


def _is_true(node: Node | None) -> bool:
    return isinstance(node, Scalar) and bool_word_11(node.text) is True


def _replicates(node: Node) -> Home | None:
    """What turns replication on: the architecture, in older charts a switch."""
    if text_of(get(node, "architecture")) == "replication":
        return at_key(node, "architecture")
    return at_key(node, "replication") if _is_on(node, "replication") else None


def _has_password(node: Node) -> bool:
    """Whether anybody has a password: postgres, unless that user may not log in, or another."""
    user = text_of(get(node, "auth", "username")) or text_of(get(node, "global", "postgresql", "auth", "username"))
    may = get(node, "auth", "enablePostgresUser")
    is_off = isinstance(may, Scalar) and bool_word_11(may.text) is False
    return not is_off or user not in (None, "", "postgres")


_LDAP: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("ldapserver", ("server",), ""),
    ("ldapprefix", ("prefix",), '"'),
    ("ldapsuffix", ("suffix",), '"'),
    ("ldapport", ("port",), ""),
    ("ldapbasedn", ("baseDN", "basedn"), '"'),
    ("ldapbinddn", ("bindDN", "binddn"), '"'),
    ("ldapbindpasswd", ("bind_password", "bindpw"), ""),
    ("ldapsearchattribute", ("search_attr", "searchAttribute"), ""),
    ("ldapsearchfilter", ("search_filter", "searchFilter"), '"'),
    ("ldapscheme", ("scheme",), ""),
)


def _ldap(node: Node) -> Traced:
    ldap = get(node, "ldap")
    named = (("ldapurl", ("url", "uri"), '"'),) if _is_text(get(ldap, "url") or get(ldap, "uri")) else _LDAP
    found: dict[str, tuple[Traced, Traced | Unknown, str]] = {}
    for option, keys, quote in named:
        for key in keys:
            name, value = key_of(ldap, key), get(ldap, key)
            if name is not None and isinstance(value, Scalar) and _is_text(value):
                found.setdefault(option, (name.value, value.value, quote))
    return ldap_options(found)


def _site_image(node: Node) -> SiteImage:
    """What the image that values name says of the server."""
    reference = _image(node)
    return site_image(read_image(reference) if reference is not None else None, reference)


def _image(node: Node) -> Traced | None:
    """The reference of the image, of which the chart's own repository is taken where none is written."""
    tag, repository = get(node, "image", "tag"), get(node, "image", "repository")
    if not isinstance(tag, Scalar) or is_null(tag) or isinstance(tag, Filled):
        return None
    usual = own("bitnami/postgresql", tag.source, tag.span, "tag")
    name = repository.value if isinstance(repository, Scalar) and _is_text(repository) else usual
    return joined((name, own(":", tag.source, tag.span, "tag"), tag.value))
