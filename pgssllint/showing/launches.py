"""Lines of the files that start servers: compose files, manifests, Dockerfiles."""

import re
from collections.abc import Iterator

from pgssllint.postgres.parameters import majors_of
from pgssllint.quoting import Place
from pgssllint.showing.word import Word, unquoted
from pgssllint.syntax.images import image_versions
from pgssllint.text import Source, Span

_GIVEN = re.compile(
    r"(?P<option>(?<![\w-])-c)?(?P<name>[A-Za-z_][\w-]*)=(?P<value>'[^'\n]*'|\"[^\"\n]*\"|[^\s\"',\]]*)"
)

_WORDS = """
    services build context dockerfile args environment env_file volumes ports expose configs secrets content source
    target mode uid gid read_only published protocol network_mode networks restart depends_on healthcheck
    container_name profiles extends image command entrypoint user apiversion kind metadata name namespace labels spec
    data stringdata binarydata template containers initcontainers env envfrom value valuefrom configmapref secretref
    configmapkeyref secretkeyref volumemounts mountpath subpath items defaultmode path securitycontext runasuser
    runasgroup fsgroup type hostport hostnetwork containerport configmap secret pg_hba.conf postgresql.conf
    pg_ident.conf values primary configuration extendedconfiguration pghbaconfiguration postgresqlconfiguration tls
    auth enabled certificatessecret certfilename certkeyfilename certcafilename postgres_host_auth_method
    postgres_initdb_args postgres_user postgres_db pgdata postgres_password postgres_password_file
    postgresql_enable_tls postgresql_extra_flags postgresql_password_encryption port nodeport targetport clusterip
    selector matchlabels secretname optional readonly emptydir persistentvolumeclaim claimname postgres_user_file
    postgres_db_file postgres_initdb_waldir postgresql_username postgresql_database postgresql_password
    postgresql_postgres_password postgresql_password_file postgresql_initdb_args postgresql_data_dir
    postgresql_conf_dir postgresql_port_number postgresql_replication_mode postgresql_shared_preload_libraries
    postgresql_tls_cert_file postgresql_tls_key_file postgresql_tls_ca_file postgresql_tls_crl_file
    postgresql_tls_prefer_server_ciphers pgport networks network_mode driver expose newname newtag digest
"""
"""The keys of Compose, Kubernetes and charts, and the variables of images."""

_KEYS = frozenset(_WORDS.split())

_OPTION = re.compile(
    r"(?<!\S)(?:(?:docker|podman)[ \t]+run|-[cDdeiptuv]|-it|-ti|--(?:name|rm|detach|volume|mount|publish|env|env-file|"
    r"network|user|restart|hostname|entrypoint))(?=[ \t=]|$)"
)
"""The call of Docker, and the options of it and of the server."""

_IMAGE = re.compile(
    r"(?i:image:|FROM)[ \t]+[\"']?(?P<name>[a-z0-9][a-z0-9._/-]{0,100})(?P<tag>:[\w][\w.-]{0,40})?"
    r"(?=[\s\"',}]|@sha256:|$)"
)
"""An image, by its name and its tag."""
_SECTION = re.compile(r"[ \t]+(?P<name>[A-Za-z_][\w.-]{0,40}):[ \t]*(?:[|>][-+0-9]{0,2}[ \t]*)?(?:#.*)?$", re.MULTILINE)
"""A key with nothing or a block behind it, as the name of a service or of a file."""
_FILE = re.compile(r"(?<![\w./:@=-])[\w.-]{0,60}(?:/[\w.-]{1,60}){0,12}\.(?:key|crt|cer|pem|conf|sh|sql)(?![\w./:@=-])")
"""A file by its ending."""
_MODE = re.compile(r"\b(?:defaultMode|mode):[ \t]*[\"']?(?P<mode>[0-9]{1,4})(?=[\"'\s,}]|$)")
"""The mode of a mounted file."""
_PORT = re.compile(r"\bPGPORT[\"']?[ \t]*[=:][ \t]*[\"']?(?P<number>[0-9]{1,5})(?=[\"'\s,}]|$)")
"""The port of a server by the variable of its environment."""
_MOUNT = re.compile(
    r"(?<![\w/:@.$-])(?P<here>\$(?:PWD|\{PWD\}|\(pwd\))[\"']?(?=[/:]))?"
    r"(?P<local>(?(here)(?:/[\w./-]*)?|(?:\.{0,2}/[\w./-]*|[\w.-]{1,40})))(?P<quote>(?(here)[\"']?)):"
    r"(?P<server>/(?!/)[\w./-]*)(?P<options>(?::(?:ro|rw|z|Z|U|cached|delegated|consistent|,)+)?)(?=[\s\"',\]]|$)"
)
"""A mount of a file, a folder or a volume."""
_PORTS = re.compile(
    r"(?<![\w:/.@-])(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}:)?[0-9]{1,5}:[0-9]{1,5}(?:/tcp|/udp)?(?=[\s\"',\]]|$)"
)
"""A published port."""

_KEY = re.compile(r"[ \t]*(?:-[ \t]+)*[\"']?(?P<key>[A-Za-z_][\w.-]{0,63})[\"']?[ \t]*(?=[:=])")

_FLOW_KEY = re.compile(r"[{,][ \t]*[\"']?(?P<key>[A-Za-z_][\w.-]{0,63})[\"']?(?=:(?:[ \t\"'\[{]|$))")
"""A key of a mapping in braces."""
_VARIABLE = re.compile(r"\bname:[ \t]*[\"']?(?P<key>[A-Z][A-Z_]{0,63})(?=[\"'\s,}]|$)")
"""The name of a variable in a list of them."""
_COMMAND = re.compile(
    r"[ \t]*(?P<key>echo|cat|printf|sed|cp|install|chown|chmod|mkdir|exec|set"
    r"|FROM|COPY|ADD|RUN|ENV|ARG|CMD|ENTRYPOINT|USER)(?=[ \t])"
)
"""What a line of a script or a Dockerfile begins with."""
_COPIED = re.compile(r"(?<=[ \t])\.{0,2}/?[\w.-]+(?:/[\w.-]+)*/?(?=[ \t]|$)|(?<=[ \t])\.?/(?=[ \t]|$)", re.MULTILINE)
"""A file or folder of an instruction that copies."""


def launch(source: Source, line: int) -> Iterator[Word]:
    """The settings that a command line gives, and the version of an image; all else in such a file is a string."""
    text, span = source.text, source.line_span(line)
    said = []
    if (key := _KEY.match(text, *span)) is not None and key["key"].lower() in _KEYS:
        said.append(Word(Span(*key.span("key")), Place.OURS))
    elif (section := _SECTION.match(text, *span)) is not None:
        said.append(Word(Span(*section.span("name")), Place.NAME))
    if (command := _COMMAND.match(text, *span)) is not None:
        said.append(Word(Span(*command.span("key")), Place.OURS))
        if command["key"] in ("COPY", "ADD"):
            said += [Word(Span(*hit.span()), Place.PATH) for hit in _COPIED.finditer(text, command.end(), span.end)]
    keys = (hit for pattern in (_FLOW_KEY, _VARIABLE) for hit in pattern.finditer(text, *span))
    said += [Word(Span(*hit.span("key")), Place.OURS) for hit in keys if hit["key"].lower() in _KEYS]
    for hit in _IMAGE.finditer(text, *span):
        said.append(Word(Span(*hit.span("name")), Place.PATH))
        said += [Word(Span(hit.start("tag") + 1, hit.end("tag")), Place.SCALAR)] if hit["tag"] else []
    for hit in _MOUNT.finditer(text, *span):
        said += [Word(Span(*hit.span(name)), Place.PATH) for name in ("local", "server")]
        said += [Word(Span(*hit.span(name)), Place.OURS) for name in ("here", "quote", "options") if hit[name]]
    said += [Word(Span(*hit.span()), Place.PATH) for hit in _FILE.finditer(text, *span)]
    said += [Word(Span(*hit.span("mode")), Place.OURS) for hit in _MODE.finditer(text, *span)]
    said += [Word(Span(*hit.span("number")), Place.OURS) for hit in _PORT.finditer(text, *span)]
    said += [Word(Span(*hit.span()), Place.ADDRESS) for hit in _PORTS.finditer(text, *span)]
    said += [Word(version, Place.SCALAR) for version in image_versions(text, span)]
    for hit in _GIVEN.finditer(text, *span):
        name = hit["name"].replace("-", "_")
        if majors_of(name):
            if hit["option"] is not None:
                said.append(Word(Span(hit.start("option"), hit.end("name")), Place.OURS))
            said.append(Word(unquoted(text, Span(*hit.span("value"))), Place.SETTING, name))
    said += [Word(Span(*hit.span()), Place.OURS) for hit in _OPTION.finditer(text, *span)]
    at = span.start
    for word in sorted(said, key=lambda word: (word.span.start, -word.span.end)):
        if word.span.start >= at:
            yield Word(Span(at, word.span.start), Place.REST)
            yield word
            at = word.span.end
    yield Word(Span(at, span.end), Place.REST)
