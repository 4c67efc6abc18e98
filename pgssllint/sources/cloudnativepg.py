"""Clusters of CloudNativePG -> the servers that the operator starts.

Asked of the operator's own code at v1.30.0-86: custom.conf holds the parameters, sorted, with the operator's own over
them; pg_hba.conf and pg_ident.conf have fixed records, then the user's, then those for LDAP and the operator's last one
for everybody. Its webhook refuses an object that sets what the operator sets itself.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pgssllint.sources.kinds import LAYOUT, NOT_A_STRING, OPERATOR, REFUSED_BY_OPERATOR, UNKNOWN_SELECTOR
from pgssllint.sources.kubernetes_texts import is_string
from pgssllint.sources.manifests import Object
from pgssllint.sources.patroni_parameters import escaped
from pgssllint.sources.site import Image, Site, server_name
from pgssllint.sources.workload import Port, Reach, Said, Workload
from pgssllint.syntax.yaml_nodes import Node, Scalar, entries_of, get, home_of, items_of, key_of, text_of
from pgssllint.syntax.yaml_templates import Filled
from pgssllint.syntax.yaml_words import bool_word_11
from pgssllint.target import ASSUMED_MAJOR
from pgssllint.text import Home
from pgssllint.traced import Traced, joined, own, virtual
from pgssllint.unknown import UNKNOWN

TOOL = "CloudNativePG"
API = "postgresql.cnpg.io/"
DATA = "/var/lib/postgresql/data/pgdata"
_USER = 26
_PORT = 5432

OWN: Mapping[str, str] = MappingProxyType(
    {
        "archive_command": "/controller/manager wal-archive --log-destination /controller/log/postgres.json %p",
        "listen_addresses": "*",
        "log_destination": "csvlog",
        "log_directory": "/controller/log",
        "log_filename": "postgres",
        "log_rotation_age": "0",
        "log_rotation_size": "0",
        "log_truncate_on_rotation": "false",
        "logging_collector": "on",
        "port": "5432",
        "restart_after_crash": "false",
        "ssl": "on",
        "ssl_ca_file": "/controller/certificates/client-ca.crt",
        "ssl_cert_file": "/controller/certificates/server.crt",
        "ssl_key_file": "/controller/certificates/server.key",
        "unix_socket_directories": "/controller/run",
    }
)
"""What the operator sets whatever the user has."""

DEFAULTS: Mapping[str, str] = MappingProxyType(
    {
        "archive_mode": "on",
        "archive_timeout": "5min",
        "dynamic_shared_memory_type": "posix",
        "full_page_writes": "on",
        "hot_standby": "true",
        "max_parallel_workers": "32",
        "max_replication_slots": "32",
        "max_worker_processes": "32",
        "shared_memory_type": "mmap",
        "shared_preload_libraries": "",
        "ssl_max_protocol_version": "TLSv1.3",
        "ssl_min_protocol_version": "TLSv1.3",
        "wal_keep_size": "512MB",
        "wal_level": "logical",
        "wal_log_hints": "on",
        "wal_receiver_timeout": "5s",
        "wal_sender_timeout": "5s",
    }
)
"""What it sets where the user says nothing."""

REFUSED: frozenset[str] = frozenset(
    {
        *OWN, "ssl_crl_file", "ssl_dh_params_file", "ssl_passphrase_command", "ssl_passphrase_command_supports_reload",
        "ssl_prefer_server_ciphers", "hba_file", "ident_file", "unix_socket_group", "unix_socket_permissions",
    }
)  # fmt: skip
"""Parameters that the webhook takes in no object, by their names in lower case as they are written."""

ALTER_SYSTEM_FROM = 17
"""From this major on the operator says whether ALTER SYSTEM is allowed."""

SCRAM_FROM = 14
"""From this major on the operator's last record asks for SCRAM, before for MD5 hashes."""

_FIXED = """
#
# FIXED RULES
#

# Grant local access ('local' user map)
local all cnpg_metrics_exporter peer map=cnpg_metrics_exporter
local all all peer map=local

# Require client certificate authentication for the streaming_replica user
hostssl postgres streaming_replica all cert map=cnpg_streaming_replica
hostssl replication streaming_replica all cert map=cnpg_streaming_replica
hostssl all cnpg_pooler_pgbouncer all cert map=cnpg_pooler_pgbouncer

#
# USER-DEFINED RULES
#


"""
_LDAP = "\n\n#\n# LDAP CONFIGURATION (optional)\n#\n"
_LAST = "\n\n#\n# DEFAULT RULES\n#\n"
_FIXED_MAPS = """
#
# FIXED RULES
#

# Grant local access ('local' user map)
local postgres postgres

# Grant streaming_replica access ('cnpg_streaming_replica' user map)
cnpg_streaming_replica streaming_replica streaming_replica

# Grant cnpg_pooler_pgbouncer access ('cnpg_pooler_pgbouncer' user map)
cnpg_pooler_pgbouncer cnpg_pooler_pgbouncer cnpg_pooler_pgbouncer

# Grant cnpg_metrics_exporter access via peer authentication on the Unix socket
cnpg_metrics_exporter postgres cnpg_metrics_exporter

#
# USER-DEFINED RULES
#


"""
_TAG = re.compile(r":(?P<major>[0-9]{2})(?:[.-]|@|\Z)")
_SELECTOR = re.compile(r"\$\{(?P<kind>[A-Za-z_-]+):[^}]*\}")


def is_cluster(one: Object) -> bool:
    """Whether an object is a cluster of the operator's."""
    return one.kind == "Cluster" and one.api.startswith(API)


def cluster_site(one: Object) -> Site:
    """The server that the operator starts for a cluster; what an expression may write into it is not known."""
    spec = get(one.node, "spec")
    section = get(spec, "postgresql")
    version = _version(spec)
    major = int(version.text) if version is not None else ASSUMED_MAJOR
    said: list[Said] = []
    conf = _conf(section, one, major, said)
    hba, ident = (None, None) if one.is_open else (_hba(section, one, major, said), _ident(section, one))
    paths = {"main": f"{DATA}/custom.conf", "hba": f"{DATA}/pg_hba.conf", "ident": f"{DATA}/pg_ident.conf"}
    prefix = f"{one.source.path}#{one.at.span.start}"
    texts = {paths["main"]: conf, paths["hba"]: hba, paths["ident"]: ident}
    files = {path: virtual(prefix + path, text) for path, text in texts.items() if text is not None}
    name = server_name(one.kind, one.name)
    return Site(
        at=one.at,
        name=name,
        judged=f"{TOOL}, {name}",
        main=paths["main"],
        hba=paths["hba"] if hba is not None else None,
        ident=paths["ident"] if ident is not None else None,
        files=files,
        whole=not one.is_open,
        data_directory=DATA,
        image=Image(version=version),
        uid=_USER,
        gid=_USER,
        said=tuple(said),
        workload=Workload(one.at, TOOL, one.kind, one.name, UNKNOWN, ports=tuple(_ports(spec, one.at))),
        may_be=one.may_be,
        tool=TOOL,
    )


def _version(spec: Node | None) -> Traced | None:
    """The major, by the tag of the image or the catalogue's key."""
    image = get(spec, "imageName")
    hit = _TAG.search(image.text) if isinstance(image, Scalar) else None
    if hit is not None and isinstance(image, Scalar):
        return image.value.part(*hit.span("major"))
    major = get(spec, "imageCatalogRef", "major")
    return major.value if isinstance(major, Scalar) and re.fullmatch("[0-9]{2}", major.text) else None


def _ports(spec: Node | None, at: Home) -> Iterator[Port]:
    """Who reaches the server: the operator's services are for the cluster of Kubernetes, others as they say."""
    yield Port(_PORT, None, "", Reach.NETWORK, at)
    for service in items_of(get(spec, "managed", "services", "additional")):
        kind = get(service, "serviceTemplate", "spec", "type")
        if text_of(kind) in ("LoadBalancer", "NodePort") and isinstance(kind, Scalar):
            yield Port(_PORT, None, "", Reach.EVERYWHERE, home_of(kind))


def _conf(section: Node | None, one: Object, major: int, said: list[Said]) -> Traced:
    """custom.conf, which counts over what initdb writes."""
    at = one.at
    lines: dict[str, Traced] = {}
    for entry in entries_of(get(section, "parameters")):
        key, value = entry.key, entry.value
        if not isinstance(key, Scalar) or isinstance(key, Filled):
            continue
        if not is_string(value) and not isinstance(value, Filled):
            said.append(Said(NOT_A_STRING, home_of(key), {"key": key.text}))
        elif key.text in REFUSED:
            said.append(Said(REFUSED_BY_OPERATOR, home_of(key), {"name": key.text}))
        elif isinstance(value, Scalar):
            between, end = key.value.beside(" = '", key.text), key.value.beside("'\n", key.text)
            lines[key.text] = joined((key.value, between, escaped(value.value), end))
    owned = {**DEFAULTS, **OWN, "cluster_name": one.name}
    if major >= ALTER_SYSTEM_FROM:
        owned["allow_alter_system"] = "on" if bool_word_11(text_of(get(section, "enableAlterSystem")) or "") else "off"
    for name, text in owned.items():
        lines.setdefault(name, own(f"{name} = '{text}'\n", at.source, at.span, OPERATOR))
    return joined(lines[name] for name in sorted(lines))


def _hba(section: Node | None, one: Object, major: int, said: list[Said]) -> Traced:
    """pg_hba.conf, whose last record is the operator's."""
    key = key_of(section, "pg_hba")
    spec = key_of(one.node, "spec")
    at = home_of(key) if key is not None else home_of(spec) if spec is not None else one.at
    for item in items_of(get(section, "pg_hba")):
        kinds = [hit["kind"] for hit in _SELECTOR.finditer(text_of(item) or "")]
        said += [Said(UNKNOWN_SELECTOR, home_of(item), {"kind": kind}) for kind in kinds if kind != "podselector"]
    method = "scram-sha-256" if major >= SCRAM_FROM else "md5"
    return joined(
        (
            own(_FIXED, at.source, at.span, OPERATOR),
            *_items(get(section, "pg_hba")),
            *_ldap(get(section, "ldap")),
            own(f"{_LAST}host all all all {method}\n", at.source, at.span, OPERATOR),
        )
    )


def _items(node: Node | None) -> Iterator[Traced]:
    """The items of a list, a line each."""
    for item in items_of(node):
        if isinstance(item, Scalar):
            yield from (item.value, own("\n", item.source, item.span, LAYOUT))


_LDAP_OPTIONS = (
    ("ldapserver", ("server",)),
    ("ldapport", ("port",)),
    ("ldapscheme", ("scheme",)),
    ("ldapprefix", ("bindAsAuth", "prefix")),
    ("ldapsuffix", ("bindAsAuth", "suffix")),
    ("ldapbasedn", ("bindSearchAuth", "baseDN")),
    ("ldapbinddn", ("bindSearchAuth", "bindDN")),
    ("ldapsearchfilter", ("bindSearchAuth", "searchFilter")),
    ("ldapsearchattribute", ("bindSearchAuth", "searchAttribute")),
)


def _ldap(node: Node | None) -> Iterator[Traced]:
    """The record for LDAP, of what the password of a search stays out of view."""
    server = get(node, "server")
    if not isinstance(server, Scalar):
        return
    yield own(f"{_LDAP}host all all 0.0.0.0/0 ldap", server.source, server.span, "ldap")
    for option, keys in _LDAP_OPTIONS:
        value = get(node, *keys)
        if isinstance(value, Scalar) and (value.text or len(keys) > 1):
            quote = "" if option == "ldapport" else '"'
            before, after = (value.value.beside(text, option) for text in (f" {option}={quote}", quote))
            yield joined((before, value.value, after))
        if option == "ldapscheme" and bool_word_11(text_of(get(node, "tls")) or ""):
            yield own(" ldaptls=1", server.source, server.span, "tls")
    yield own("\n", server.source, server.span, "ldap")


def _ident(section: Node | None, one: Object) -> Traced:
    """pg_ident.conf: the operator's maps, then the user's."""
    return joined((own(_FIXED_MAPS, one.at.source, one.at.span, OPERATOR), *_items(get(section, "pg_ident"))))
