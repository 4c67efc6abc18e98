"""How secrets are spelled in the files of tools: Compose, manifests, values of charts, Dockerfiles, init scripts.

`{t}` is the token, `{b}` Base64 of it; `{v}` is filled with a scalar of YAML that holds the token.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from types import MappingProxyType

Files = Mapping[str, str]

_DEEP = " " * 20
SCALARS: Mapping[str, str] = MappingProxyType(
    {
        "plain": "{w}",
        "single quotes": "'{w}'",
        "double quotes": '"{w}"',
        "escaped": '"\\x20{w}\\u0020"',
        "literal": f"|\n{_DEEP}{{w}}\n",
        "literal of two lines": f"|-\n{_DEEP}ssl = maybe\n{_DEEP}{{w}}\n",
        "folded": f">-\n{_DEEP}x\n{_DEEP}{{w}}\n",
        "plain of two lines": f"x\n{_DEEP}{{w}}",
        "double quotes of two lines": f'"x \\\n{_DEEP}{{w}}"',
        "anchored": "&a {w}",
        "tagged": "!!str {w}",
        "of an own tag": "!vault {w}",
        "commented": "x # {w}",
    }
)
"""How a scalar is written, `{w}` being its words."""

WORDS = ("{t}", "password={t}", "postgres://u:{t}@h/d", "host=h user=u password='{t}'", "/run/{t}=x", "-W {t}")
"""What a scalar says."""

_DB = "services:\n  db:\n    image: postgres:16\n    ports: ['5432:5432']\n    command: -c ssl=maybe -c port=x\n"
_AMISS = (
    "    configs:\n      - {source: h, target: /etc/h}\nconfigs:\n  h:\n    content: |\n      host all all all trsut\n"
)
_POD = """\
apiVersion: v1
kind: Pod
metadata: {name: db}
spec:
  containers:
    - name: db
      image: postgres:16
      args: [-c, ssl=maybe, -c, hba_file=/etc/pg/pg_hba.conf]
      ports: [{containerPort: 5432, hostPort: 5432}]
      env:
        - name: POSTGRES_HOST_AUTH_METHOD
          value: trust
"""
_PATRONI = "scope: demo\npostgresql:\n  listen: '*:5432'\n  data_dir: /var/lib/postgresql/16/main\n"
_VARIABLES = (
    "POSTGRES_PASSWORD", "PGPASSWORD", "POSTGRESQL_PASSWORD", "POSTGRES_HOST_AUTH_METHOD", "POSTGRES_INITDB_ARGS",
    "DSN", "POSTGRESQL_EXTRA_FLAGS", "POSTGRES_INITDB_WALDIR", "PGDATA", "POSTGRES_USER", "postgres -c x",
)  # fmt: skip
_BARE = frozenset({"POSTGRES_INITDB_WALDIR", "PGDATA", "POSTGRES_USER"})
"""The variables of names and files, for which a bare word is one."""

HOLDERS: Mapping[str, Files] = MappingProxyType(
    {
        **{
            f"variable {name}": {"compose.yaml": f"{_DB}    environment:\n      {name}: {{v}}\n"
                f""} for name in _VARIABLES
        },
        "quoted key": {"compose.yaml": f"{_DB}    environment:\n      \"POSTGRES_PASSWORD\": {{v}}\n"},
        "secret of the environment": {"compose.yaml": f"{_DB}secrets:\n  s:\n    environment: {{v}}\n"},
        "argument of a build": {"compose.yaml": f"{_DB}    build:\n      context: .\n      args:\n"
            f"        X: {{v}}\n"},
        "label": {"compose.yaml": f"{_DB}    labels:\n      a: {{v}}\n"},
        "extension": {"compose.yaml": f"{_DB}x-db:\n  dsn: {{v}}\n"},
        "health check": {"compose.yaml": f"{_DB}    healthcheck:\n      test: {{v}}\n"},
        "entry point": {"compose.yaml": f"{_DB}    entrypoint: {{v}}\n"},
        "image": {"compose.yaml": "services:\n  db:\n    image: {v}\n    command: postgres -c ssl=maybe\n"},
        "user": {"compose.yaml": f"{_DB}    user: {{v}}\n"},
        "another service": {"compose.yaml": f"{_DB}  app:\n    image: x\n    environment:\n      DB: {{v}}\n"},
        "config": {"compose.yaml": f"{_DB}{_AMISS}  g:\n    content: {{v}}\n"},
        "value of a Pod": {"pod.yaml": f"{_POD}        - name: POSTGRES_PASSWORD\n          value: {{v}}\n"},
        "annotation": {"pod.yaml": _POD.replace("{name: db}", "\n  name: db\n  annotations:\n    a: {v}")},
        "Secret beside": {
            "pod.yaml": _POD, "s.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  pg: {v}\n",
        },
        "Secret of records": {
            "s.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  pg_hba.conf: {v}\n",
        },
        "Secret of settings": {
            "s.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  postgresql.conf: {v}\n",
        },
        "ConfigMap of records": {
            "s.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s}\ndata:\n  pg_hba.conf: {v}\n",
        },
        "ConfigMap of settings": {
            "s.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s}\ndata:\n  postgresql.conf: {v}\n",
        },
        "password in values": {
            "values.yaml": "auth:\n  postgresPassword: {v}\nprimary:\n  pgHbaConfiguration: |\n"
                "    host all all all trsut\n",
        },
        "records in values": {"values.yaml": "auth:\n  x: 1\nprimary:\n  pgHbaConfiguration: {v}\n"},
        "settings in values": {"values.yaml": "image:\n  repository: bitnami/postgresql\nprimary:\n"
            "  configuration: {v}\n"},
        "password in Patroni's": {"patroni.yml": f"{_PATRONI}  authentication:\n    superuser: {{password: x}}\n"
            "    replication:\n      password: {v}\n"},
        "parameter of Patroni's": {"patroni.yml": f"{_PATRONI}  parameters:\n    ssl: onn\n    cluster_name: {{v}}\n"
            "    archive_command: {v}\n    primary_conninfo: {v}\n"},
        "record of Patroni's": {"patroni.yml": f"{_PATRONI}  pg_hba:\n    - host all all all trsut\n    - {{v}}\n"},
        "flags in values": {
            "values.yaml": "image:\n  repository: bitnami/postgresql\nprimary:\n  extraEnvVars:\n"
                "    - name: POSTGRESQL_EXTRA_FLAGS\n      value: {v}\n",
        },
    }
)  # fmt: skip
"""Where a scalar with a secret stands."""

_ENV_FILE = (
    f"{_DB}    env_file: [db.env]\n    environment:\n      A: ${{S:-x}}\n      POSTGRES_HOST_AUTH_METHOD: ${{S}}\n"
)
WHOLE: Mapping[str, Files] = MappingProxyType(
    {
        "list of variables": {"compose.yaml": f"{_DB}    environment:\n      - POSTGRES_PASSWORD={{t}}\n"
            f"      - '{{t}} x'\n"},
        "flow mapping": {"compose.yaml": f"{_DB}    environment: {{POSTGRES_PASSWORD: {{t}}, 'P': \"a{{t}}\"}}\n"},
        "merge key": {"compose.yaml": f"x-e: &e\n  POSTGRES_PASSWORD: {{t}}\n{_DB}    environment:\n      <<: *e\n"},
        "comment": {"compose.yaml": f"# {{t}}\n{_DB}    # password {{t}}\n    environment: # {{t}}\n      A: 1\n"},
        "comment on a line": {"compose.yaml": _DB.replace("port=x", "port=x # {t}")},
        "setting of the command": {"compose.yaml": f"{_DB} -c primary_conninfo='host=h password={{t}}' -c x.y={{t}}\n"},
        "list of the command": {"compose.yaml": (
            "services:\n  db:\n    image: postgres:16\n    command: [postgres, -c, 'primary_conninfo=password={t}', "
            "'--archive_command=curl -u u:{t} h', -c, ssl=maybe, '{t} x', '--p={t}']\n")},
        "shell of the command": {"compose.yaml": (
            "services:\n  db:\n    image: postgres:16\n"
            "    command: sh -c \"PGPASSWORD={t} exec postgres -c ssl=maybe "
            "-c cluster_name='{t} x'\"\n")},
        "words that Compose drops": {"compose.yaml": f"{_DB} && psql postgres://u:{{t}}@h/d\n"},
        "argument of initdb": {"compose.yaml": f"{_DB}    environment:\n"
            f"      POSTGRES_INITDB_ARGS: --pw={{t}} -A {{t}};x\n"},
        "file of variables": {
            "compose.yaml": _ENV_FILE, "db.env": "POSTGRES_PASSWORD={t}\nPOSTGRES_INITDB_ARGS=--x={t}\n"
                "", ".env": "S=a:{t}\n",
        },
        "broken file of variables": {"compose.yaml": _ENV_FILE, "db.env": "a b={t}\n'{t}\n"
            "", ".env": "S='{t}\nb {t}\n"},
        "variable in the image": {
            "compose.yaml": _DB.replace("postgres:16", "u:${S}@r.io/postgres:16"), ".env": "S={t}\n"},
        "variable in the command": {
            "compose.yaml": f"{_DB} -c cluster_name=\"a ${{S}}\" -c ssl_ciphers=${{S}}:x\n", ".env": "S=p:{t}\n"},
        "variable in a mount": {
            "compose.yaml": f"{_DB}    volumes: ['./x:/run/${{S}}']\n", ".env": "S='p={t}'\n"},
        "variable that must be": {"compose.yaml": f"{_DB}    environment:\n      A: ${{NO:?{{t}} x}}\n"},
        "password file": {
            "compose.yaml": f"{_DB}    environment:\n      POSTGRES_PASSWORD_FILE: /run/secrets/p\n    secrets: [p]\n"
            "secrets:\n  p:\n    file: ./p.txt\n",
            "p.txt": "{t}\n",
        },
        "secret that is a file of records": {
            "compose.yaml": f"{_DB} -c hba_file=/run/secrets/p\n    secrets: [p]\nsecrets:\n  p:\n"
                f"    file: ./p.txt\n",
            "p.txt": "{t}\nhost all all 0.0.0.0/0 trsut {t}\n",
        },
        "argument in a file": {
            "compose.yaml": "services:\n  db:\n    build:\n      context: .\n      args:\n        - PW={t}\n",
            "Dockerfile": "FROM postgres:16\nARG PW\nENV A=$PW\nRUN psql \"password={t}\"\n"
                "CMD [\"postgres\", \"-c\", "
            "\"ssl=maybe\", \"-c\", \"cluster_name=x {t}\", \"-c\", \"primary_conninfo=password=${PW}\"]\n",
        },
        "build in the file": {"compose.yaml": (
            "services:\n  db:\n    build:\n      dockerfile_inline: |\n        FROM postgres:16\n"
            "        ENV POSTGRES_PASSWORD={t}\n"
            "        RUN echo \"password={t}\" >> /etc/postgresql.conf\n"
            "        CMD postgres -c ssl=maybe -c x='{t} y'\n")},
        "image's variables": {"Dockerfile": (
            "FROM postgres:16\nENV POSTGRES_PASSWORD={t} POSTGRES_HOST_AUTH_METHOD='a {t}'\n"
            "ENV POSTGRES_INITDB_ARGS --p={t}\n"
            "LABEL x={t}\n# {t}\nARG A={t}\nCMD postgres -c ssl=maybe -c \"cluster_name=u:{t}\"\n")},
        "image's file": {
            "Dockerfile": "FROM postgres:16\n"
                "RUN echo 'host all all all trsut {t}' >> /usr/share/postgresql/pg_hba.conf.sample\n"
            "COPY x.conf /etc/x.conf\nCMD postgres -c config_file=/etc/x.conf\n",
            "x.conf": "primary_conninfo = 'password={t}' x\nssl = maybe # {t}\n{t}\n",
        },
        "init script": {
            "compose.yaml": f"{_DB}    volumes: ['./init:/docker-entrypoint-initdb.d']\n",
            "init/a.sh": "#!/bin/sh\nexport PGPASSWORD={t}\npsql -c \"ALTER SYSTEM SET cluster_name='p {t}'\"\n"
            "echo \"host all all all trsut {t}\" >> $PGDATA/pg_hba.conf\n"
            "cat >> $PGDATA/postgresql.conf <<E\nprimary_conninfo = 'password={t}' x\nE\n",
            "init/b.sql": "CREATE ROLE a PASSWORD '{t}';\nALTER SYSTEM SET primary_conninfo = 'password={t}';\n"
            "ALTER SYSTEM SET ssl = 'u:{t}';\n",
        },
        "Secret in Base64": {
            "s.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  password: {b}\n"
                "  pg_hba.conf: {h}\n",
            "pod.yaml": f"{_POD}      volumeMounts: [{{name: s, mountPath: /etc/pg}}]\n"
                f"  volumes: [{{name: s, secret: {{secretName: s}}}}]\n",
        },
        "Secret that is mounted": {
            "s.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  password: {t}\n"
                "  pg_hba.conf: |\n"
            "    host {t} all 0.0.0.0/0 trsut\n    host all {t} 0.0.0.0/0 trust\n",
            "pod.yaml": f"{_POD}      volumeMounts: [{{name: s, mountPath: /etc/pg}}]\n"
                f"  volumes: [{{name: s, secret: {{secretName: s}}}}]\n",
        },
        "Secret of the environment": {
            "s.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n"
                "  POSTGRES_HOST_AUTH_METHOD: {t}\n"
            "  POSTGRES_USER: {t}\n  POSTGRES_INITDB_ARGS: {t}\n",
            "pod.yaml": f"{_POD}      envFrom: [{{secretRef: {{name: s}}}}]\n",
        },
        "arguments of a container": {
            "pod.yaml": _POD.replace("ssl=maybe", "ssl=maybe, -c, 'primary_conninfo=password={t}', '{t} x'"),
        },
        "key in a scalar": {
            "s.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s}\ndata:\n  server.key: |\n"
            "    -----BEGIN EC PRIVATE KEY-----\n    {t}AA\n    -----END EC PRIVATE KEY-----\n"
            "  pg_hba.conf: |\n    host all all all trsut\n    @server.key\n",
        },
        "key among records": {
            "s.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s}\ndata:\n  pg_hba.conf: |\n"
            "    -----BEGIN EC PRIVATE KEY-----\n    {t}AA\n    -----END EC PRIVATE KEY-----\n"
            "    host all all all trsut\n",
        },
        "Flux": {"h.yaml": (
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: p}\nspec:\n"
            "  chart: {spec: {chart: postgresql}}\n"
            "  values:\n    auth: {postgresPassword: {t}, password: 'x{t}'}\n    primary:\n"
            "      pgHbaConfiguration: |-\n"
            "        host all all all trsut {t}\n        # {t}\n")},
        "not YAML": {"compose.yaml": f"{_DB}    environment:\n      POSTGRES_PASSWORD: \"{{t}}\n   x: [{{t}}\n"},
        "duplicate key": {"compose.yaml": f"{_DB}    environment:\n      'a {{t}}': 1\n      'a {{t}}': 2\n"},
        "key of a service": {"compose.yaml": f"{_DB}    'password={{t}}': 1\n    environment:\n      'p={{t}}': x\n"},
        "unknown alias": {"compose.yaml": f"{_DB}    environment: *p{{t}}\n"},
        "number of no port": {"compose.yaml": f"{_DB}      - 'u:{{t}}@h:5432'\n"
            f"".replace("['5432:5432']", "\n      - '{t};1:x'")},
    }
)  # fmt: skip
"""Files with secrets in places that are not one scalar."""


WHOLE_FILE = "whole files"
"""The mechanism of files that are written out."""

_NEVER = re.compile(r"PASSWORD|Secret|password (?:file|in values)|key (?:in a scalar|among records)")


def spelled() -> Iterator[tuple[str, str, Files, bool]]:
    """Mechanism, place and files of each way to spell a secret for a tool, and whether it is never shown."""
    for (style, scalar), words, (place, files) in product(SCALARS.items(), WORDS, HOLDERS.items()):
        alone = words == "{t}" and place.removeprefix("variable ") in _BARE
        if not alone and not (style in ("plain", "tagged") and words.startswith("-W")):
            value = scalar.replace("{w}", words)
            filled = {name: text.replace("{v}", value) for name, text in files.items()}
            yield f"{style}: {words}", place, filled, _NEVER.search(place) is not None
    for place, files in WHOLE.items():
        yield WHOLE_FILE, place, files, _NEVER.search(place) is not None
