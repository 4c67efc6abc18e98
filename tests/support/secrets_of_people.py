"""How people leak: the words they write a password in, and the places in files of tools that they write them into.

`{t}` is the token, `{b}` Base64 of it. A place has `{q}` for the words in double quotes (of JSON, which YAML, Docker
and systemd read alike), `{s}` for them in single quotes of a shell, `{a}` in those of SQL, `{j}` in an object of JSON,
`{r}` for them as they are, `{1}` on one line, `{l4}` for the lines of a block with its indent, `{b64}` in Base64.
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from itertools import product
from types import MappingProxyType

Files = Mapping[str, str]

PEOPLE = "people"
"""What the mechanisms begin with."""

WORDS = (
    "PGPASSWORD={t} psql -h db -U app -c 'select 1'", "export PGPASSWORD={t}", "PGPASSWORD={t}",
    "postgresql://app:{t}@db.example.org:5432/app?sslmode=require", "postgres://app@db/app?password={t}",
    "postgresql+psycopg2://app:{t}@/app?host=/var/run/postgresql", "jdbc:postgresql://db/app?user=app&password={t}",
    "db:5432:*:app:{t}", "*:*:*:*:{t}",
    "host=db user=app password={t} dbname=app", "host=db password='{t} x' sslmode=x",
    "Server=db;Uid=app;Pwd={t};", "{\"user\": \"app\", \"password\": \"{t}\"}", "{\"d\": {\"k\": [\"{t}\"]}}",
    "ALTER ROLE app PASSWORD '{t}'", "CREATE USER MAPPING FOR app OPTIONS (password '{t}')",
    "Authorization: Bearer {t}",
    "curl -u app:{t} https://h/x", "curl -sfH 'X-Token: {t}' h | sh", "aws_secret_access_key = {t}", "--password={t} x",
    "sshpass -p {t} ssh h", "${PW:-{t}}", "${PW:?{t} x}", "$$({t})", "{{ pw | default('{t}') }}", "%(pw)s {t}",
    "{b}", "YXBwOg=={b}", "password {t}\nlogin app", "x\n\npassword: {t}\n", "# old password: {t}", "on # {t}",
    "-----BEGIN RSA PRIVATE KEY-----\n{t}{t}\n-----END RSA PRIVATE KEY-----", "AGE-SECRET-KEY-1:{t}",
    "https://app:{t}@h.example.org/x.git", "redis://:{t}@h:6379/0", "verifier=md5:{t}", "SCRAM-SHA-256$4096:{t}=$x:y",
    "ssl=maybe -c primary_conninfo=password={t}", "trsut -c cluster_name='a {t}'", "host all all all trsut {t}",
    "hostssl all all 0.0.0.0/0 ldap ldapserver=h ldapbindpasswd={t}", "app/{t}@db", "{t}@db:5432", "u%40:{t}%21@h",
)  # fmt: skip
"""What people write, in any place."""

_DB = 'services:\n  db:\n    image: postgres:16\n    ports: ["5432:5432"]\n    command: -c ssl=maybe -c port=x\n'
_TRUST = f"{_DB}    environment:\n      POSTGRES_HOST_AUTH_METHOD: trust\n"
_LATER = "    configs: [{source: h, target: /etc/h}]\nconfigs:\n  h:\n    content: |\n      host all all all trsut\n"
_META = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: db\n"
_SPEC = """\
spec:
  containers:
    - name: db
      image: postgres:16
      args: [-c, ssl=maybe, -c, hba_file=/etc/pg/pg_hba.conf]
      ports: [{containerPort: 5432, hostPort: 5432}]
      env:
        - {name: POSTGRES_HOST_AUTH_METHOD, value: trust}
"""
_MOUNTED = "      volumeMounts: [{name: c, mountPath: /etc/pg}]\n  volumes: [{name: c, configMap: {name: c}}]\n"
_MAP = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n"
_BAD = "  pg_hba.conf: |\n    host all all all trsut\n"
_FROM = "FROM postgres:16\nENV POSTGRES_HOST_AUTH_METHOD=trust\n"
_CMD = 'CMD ["postgres", "-c", "ssl=maybe", "-c", "port=x"]\n'
_UNIT = "[Unit]\nDescription=PostgreSQL\n[Service]\n"
_START = "ExecStart=/usr/lib/postgresql/16/bin/postgres -D /d -c ssl=maybe"
_INIT = f'{_DB}    volumes: ["./init:/docker-entrypoint-initdb.d"]\n'
_RUN = "docker run -d --name db -p 5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust"
_CHART = "image: {repository: bitnami/postgresql}\nprimary:\n  pgHbaConfiguration: |-\n    host all all all trsut\n"
_ARGO = (
    "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: p}\nspec:\n  source:\n"
    "    chart: postgresql\n"
    "    helm:\n"
)

PLACES: Mapping[str, Files] = MappingProxyType(
    {
        "label": {"compose.yaml": f"{_TRUST}    labels:\n      app.dsn: {{q}}\n"},
        "list of labels": {"compose.yaml": f"{_TRUST}    labels:\n      - {{q}}\n"},
        "label's name": {"compose.yaml": f"{_TRUST}    labels:\n      {{q}}: x\n"},
        "check in a shell": {"compose.yaml": f"{_DB}    healthcheck:\n      test: [CMD-SHELL, {{q}}]\n"},
        "word of the command": {"compose.yaml": _DB.replace("-c ssl=maybe -c port=x", "[-c, ssl=maybe, {q}]")},
        "setting of the command": {
            "compose.yaml": _DB.replace("-c ssl=maybe", "|\n      -c ssl=maybe -c archive_command={s}\n     "),
        },
        "setting's value": {"compose.yaml": _DB.replace("-c port=x", "-c ssl_ciphers={s} -c listen_addresses={s}")},
        "words of an entry point": {"compose.yaml": f"{_DB}    entrypoint: [sh, -c, {{q}}]\n"},
        "list of variables": {"compose.yaml": f"{_TRUST.replace(': trust', ': trsut')}      DSN: {{q}}\n"},
        "authentication by a variable": {"compose.yaml": _TRUST.replace(": trust", ": {q}")},
        "arguments of initdb": {"compose.yaml": f"{_TRUST}      POSTGRES_INITDB_ARGS: {{q}}\n"},
        "block among variables": {"compose.yaml": f"{_TRUST}      DSN: |\n{{l10}}\n"},
        "comment beside": {
            "compose.yaml": _TRUST.replace(": trust", ": trust # {1}").replace("port=x", "port=x # {1}"),
        },
        "file of variables": {"compose.yaml": f"{_DB}    env_file:\n      - {{path: ./a.env, required: true}}\n",
            "a.env": "POSTGRES_HOST_AUTH_METHOD={s}\nPOSTGRES_INITDB_ARGS=\"{r}\"\nDSN={r}\n"},
        "file of interpolation": {"compose.yaml": f"{_DB} -c cluster_name=${{A}} -c ssl_ciphers=$A\n",
            ".env": "A={s}\n"},
        "path of a file": {"compose.yaml": f"{_DB}    env_file: {{q}}\n"},
        "argument of a build": {"compose.yaml": f"{_DB}    build: {{context: ., args: {{A: {{q}}}}}}\n",
            "Dockerfile": f"FROM postgres:16\nARG A\nENV POSTGRES_INITDB_ARGS=$A\n{_CMD}"},
        "extension": {"compose.yaml": "x-db: &x\n  command: [-c, ssl=maybe, -c, {q}]\nservices:\n  db:\n"
            "    <<: *x\n    image: postgres:16\n"},
        "tagged": {"compose.yaml": f"{_TRUST}      A: !secret {{q}}\n      B: !reset {{q}}\n"},
        "content of a config": {"compose.yaml": f"{_DB} -c hba_file=/etc/h\n{_LATER}{{l6}}\n"},
        "content before a record": {
            "compose.yaml": f"{_DB} -c hba_file=/etc/h\n"
                f"{_LATER.replace('      host', '{l6}' + chr(10) + '      host')}"},
        "content of settings": {"compose.yaml": f"{_DB} -c config_file=/etc/h\n{_LATER}      ssl = {{r}}\n"},
        "secret of the environment": {"compose.yaml": f"{_DB}    secrets: [s]\nsecrets:\n"
            f"  s: {{environment: {{q}}}}\n"},
        "option of logging": {"compose.yaml": f"{_DB}    logging: {{driver: x, options: {{a: {{q}}}}}}\n"},
        "name of a host": {"compose.yaml": f"{_DB}    hostname: {{q}}\n    extra_hosts: [{{q}}]\n"},
        "name of a container": {"compose.yaml": f"{_DB}    container_name: {{q}}\n"},
        "name of a service": {"compose.yaml": _DB.replace("  db:", "  {q}:")},
        "name of a project": {"compose.yaml": f"name: {{q}}\n{_DB}"},
        "name of a profile": {"compose.yaml": f"{_DB}    profiles: [{{q}}]\n"},
        "mount": {"compose.yaml": f"{_DB}    volumes: [{{q}}]\n"},
        "long mount": {"compose.yaml": f"{_DB}    volumes: [{{type: bind, source: {{q}}, target: {{q}}}}]\n"},
        "port": {"compose.yaml": f"{_DB}".replace("\"5432:5432\"", "{q}")},
        "user": {"compose.yaml": f"{_DB}    user: {{q}}\n"},
        "image": {"compose.yaml": _DB.replace("postgres:16", "{q}")},
        "what is extended": {"compose.yaml": f"{_DB}    extends: {{service: {{q}}, file: {{q}}}}\n"},
        "what is included": {"compose.yaml": f"include: [{{q}}, {{path: {{q}}, env_file: {{q}}}}]\n{_DB}"},
        "what it depends on": {"compose.yaml": f"{_DB}    depends_on: [{{q}}]\n    networks: [{{q}}]\n"},
        "variable of an image": {"Dockerfile": f"{_FROM}ENV DSN={{q}} POSTGRES_INITDB_ARGS={{q}}\n{_CMD}"},
        "old variable of an image": {"Dockerfile": f"{_FROM}ENV POSTGRES_HOST_AUTH_METHOD {{1}}\n{_CMD}"},
        "default of an argument": {"Dockerfile": f"ARG P={{q}}\n{_FROM}ARG P={{q}}\nENV X=$P\n{_CMD}"},
        "label of an image": {"Dockerfile": f"{_FROM}LABEL dsn={{q}}\nHEALTHCHECK CMD {{1}}\n{_CMD}"},
        "document of a step": {"Dockerfile": f"{_FROM}RUN <<E\nexport A={{s}}\n"
            f"echo {{s}} >> /usr/share/postgresql/pg_hba.conf.sample\nE\n{_CMD}"},
        "document that is copied": {"Dockerfile": f"{_FROM}COPY <<E /etc/p.conf\nssl = maybe\n{{r}}\nE\n"
            'CMD ["postgres", "-c", "config_file=/etc/p.conf"]\n'},
        "what is copied": {"Dockerfile": f"{_FROM}COPY [{{q}}, \"/etc/p.conf\"]\n{_CMD}"},
        "command of an image": {"Dockerfile": f"{_FROM}CMD [\"postgres\", \"-c\", \"ssl=maybe\", {{q}}]\n"},
        "shell of an image": {"Dockerfile": f"{_FROM}CMD {{1}} && exec postgres -c ssl=maybe -c cluster_name={{s}}\n"},
        "image in a file": {"Dockerfile": f"FROM {{1}}\n{_FROM}USER {{1}}\n{_CMD}"},
        "init script": {"compose.yaml": _INIT, "init/a.sh": "#!/bin/sh\nA={s}\npsql -c {q}\n"
            "echo \"host all all all trsut $A\" >> $PGDATA/pg_hba.conf\necho {s} >> $PGDATA/postgresql.conf\n"},
        "document of a script": {"compose.yaml": _INIT, "init/a.sh": "#!/bin/sh\n"
            "cat >> $PGDATA/pg_hba.conf <<E\n{r}\nhost all all all trsut\nE\n"
            "cat > $PGDATA/postgresql.conf <<'E'\nssl = maybe\n{r}\nE\n"},
        "statements": {"compose.yaml": _INIT, "init/b.sql": "ALTER SYSTEM SET ssl = 'maybe';\n-- {1}\n"
            "ALTER SYSTEM SET archive_command = {a};\nALTER SYSTEM SET port = {a};\nALTER SYSTEM SET x.y TO {a};\n"},
        "edit of a script": {"compose.yaml": _INIT, "init/a.sh": "#!/bin/sh\n"
            "sed -i \"s|#ssl = off|ssl = {r}|\" $PGDATA/postgresql.conf\n"},
        "variable of a run": {"run.sh": f"{_RUN} -e {{s}} -e DSN={{s}} postgres:16 -c ssl=maybe\n"},
        "word of a run": {"run.sh": f"{_RUN} postgres:16 -c ssl=maybe -c cluster_name={{s}} {{s}}\n"},
        "label of a run": {"run.sh": f"{_RUN} --label {{s}} --name {{s}} -v {{s}} postgres:16 -c ssl=maybe # {{1}}\n"},
        "file of a run": {"run.sh": f"A={{s}}\n"
            f"{_RUN} --env-file a.env postgres:16 -c ssl=maybe -c ssl_ciphers=\"$A\"\n",
            "a.env": "POSTGRES_INITDB_ARGS={r}\nPOSTGRES_HOST_AUTH_METHOD={r}\n"},
        "variable of a unit": {"p.service": f"{_UNIT}Environment={{q}} DSN={{q}}\nEnvironment=\"PGDATA={{r}}\"\n"
            f"{_START}\n"},
        "word of a unit": {"p.service": f"{_UNIT}ExecStartPre={{1}}\n{_START} -c cluster_name={{s}} {{q}}\n"},
        "file of a unit": {"p.service": f"{_UNIT}EnvironmentFile={{1}}\nUser={{1}}\n{_START} -c ssl_ciphers=$A\n"},
        "annotation": {"p.yaml": f"{_META}  annotations:\n    a: {{q}}\n  labels: {{x: {{q}}}}\n{_SPEC}"},
        "variable of a Pod": {"p.yaml": f"{_META}{_SPEC}        - {{name: DSN, value: {{q}}}}\n"
            f"        - {{name: POSTGRES_INITDB_ARGS, value: {{q}}}}\n"},
        "name of a variable": {"p.yaml": f"{_META}{_SPEC}        - {{name: {{q}}, value: x}}\n"},
        "word of a Pod": {"p.yaml": f"{_META}{_SPEC}".replace("ssl=maybe", "ssl=maybe, {q}, -c, {q}")},
        "command of a Pod": {"p.yaml": f"{_META}{_SPEC}      command: [sh, -c, {{q}}]\n"},
        "hook of a Pod": {"p.yaml": f"{_META}{_SPEC}      lifecycle: {{postStart: {{exec: {{command: [{{q}}]}}}}}}\n"},
        "name of a Pod": {"p.yaml": f"{_META}{_SPEC}".replace("name: db", "name: {q}")},
        "image of a Pod": {"p.yaml": f"{_META}{_SPEC}".replace("image: postgres:16", "image: {q}")},
        "records of a map": {"p.yaml": f"{_META}{_SPEC}{_MOUNTED}{_MAP}{_BAD}{{l4}}\n"},
        "quoted records of a map": {"p.yaml": f"{_META}{_SPEC}{_MOUNTED}{_MAP}  pg_hba.conf: {{q}}\n"},
        "beside records of a map": {"p.yaml": f"{_META}{_SPEC}{_MOUNTED}{_MAP}  dsn: {{q}}\n{_BAD}  t: |\n{{l4}}\n"},
        "settings of a map": {"p.yaml": f"{_META}{_SPEC}{_MOUNTED}{_MAP}  postgresql.conf: |\n    ssl = maybe\n"
            f"{{l4}}\n"},
        "key of a map": {"p.yaml": f"{_META}{_SPEC}{_MOUNTED}{_MAP}  {{q}}: x\n{_BAD}"},
        "binary data": {"p.yaml": f"{_META}{_SPEC}{_MOUNTED}{_MAP.replace('data:', 'binaryData:')}"
            f"  pg_hba.conf: {{b64}}\n"},
        "Secret": {"p.yaml": f"{_META}{_SPEC}{_MOUNTED.replace('configMap: {name', 'secret: {secretName')}"
            f"{_MAP.replace('ConfigMap', 'Secret')}  pg_hba.conf: {{b64}}\n  pg: {{b64}}\n"},
        "plain Secret": {"p.yaml": f"{_META}{_SPEC}{_MOUNTED.replace('configMap: {name', 'secret: {secretName')}"
            f"{_MAP.replace('ConfigMap', 'Secret').replace('data:', 'stringData:')}  pg: {{q}}\n{_BAD}{{l4}}\n"},
        "last applied": {"p.yaml": f"{_META}  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n"
            f"      {{j}}\n{_SPEC}"},
        "generator": {"kustomization.yaml": "resources: [p.yaml]\nconfigMapGenerator:\n  - name: c\n"
            "    literals: [{q}]\n"
            "    files: [pg_hba.conf=h.txt, {q}]\nsecretGenerator:\n  - name: s\n    literals: [{q}]\n"
            "    envs: [a.env]\n",
            "h.txt": "host all all all trsut {1}\n{r}\n", "a.env": "POSTGRES_INITDB_ARGS={r}\n",
            "p.yaml": f"{_META}{_SPEC}{_MOUNTED}"},
        "values beside": {"values.yaml": f"dsn: {{q}}\nauth: {{password: {{q}}, x: {{q}}}}\n{_CHART}"},
        "records in values": {"values.yaml": f"{_CHART}{{l4}}\n"},
        "settings in values": {"values.yaml": f"{_CHART}  configuration: |-\n    ssl = maybe\n{{l4}}\n"},
        "extended settings": {"values.yaml": f"{_CHART}  extendedConfiguration: {{q}}\n"},
        "variables in values": {"values.yaml": f"{_CHART}  extraEnvVars:\n"
            f"    - {{name: POSTGRESQL_EXTRA_FLAGS, value: {{q}}}}\n"
            "    - {name: POSTGRESQL_PGHBA_REMOVE_FILTERS, value: {q}}\n"},
        "scripts in values": {"values.yaml": f"{_CHART}  initdb:\n    scripts:\n      a.sh: |\n{{l8}}\n"
            f"      b.sql: {{q}}\n"},
        "unknown layout": {"values.yaml": "db:\n  pg_hba:\n    - {q}\n    - host all all all trsut\n"
            "  postgresql: {ssl: maybe}\n"},
        "Argo's values": {"a.yaml": f"{_ARGO}      parameters: [{{name: x, value: {{q}}}}]\n      valuesObject:\n"
            "        dsn: {q}\n        primary:\n          pgHbaConfiguration: |\n"
            "            host all all all trsut\n{l12}\n"},
        "Argo's text": {"a.yaml": f"{_ARGO}      values: |\n        dsn: {{q}}\n        primary:\n"
            f"          pgHbaConfiguration: |\n"
            "            host all all all trsut\n{l12}\n"},
        "template of records": {"pg_hba.conf.j2": "# {{ ansible_managed }}\nhost all all all trsut\n"
            "host {{ db }} all all {r}\n"},
        "condition of a template": {"pg_hba.conf.j2": "{% if x == '{1}' %}\nhost all all all trsut\n{% endif %}\n"},
        "template of settings": {"postgresql.conf.j2": "ssl = {{ s | default({q}) }}\n"
            "port = {{ p | d({s}) }} x\nssl_key_file = '{r}'\n"},
        "template of a chart": {"templates/c.yaml": f"{_MAP}  pg_hba.conf: |\n    host all all all trsut\n"
            "    {{- range .V }}\n    host {{ .d | default {q} }} all all trsut\n    {{- end }}\n  x: {q}\n"},
    }
)  # fmt: skip
"""Where they write it."""

_LINES = re.compile(r"\{l(\d+)\}")
_MARKS = re.compile(r"\{[qsr1aj]\}|\{l\d+\}|\{b64\}")


def _spelt(text: str, words: str) -> str:
    """A file's text with the words in it, as its quotes take them."""

    def filled(hit: re.Match[str]) -> str:
        mark = hit[0]
        if (lines := _LINES.fullmatch(mark)) is not None:
            return "\n".join(" " * int(lines[1]) + line for line in words.splitlines())
        return {
            "{q}": json.dumps(words), "{s}": shlex.quote(words), "{r}": words, "{1}": words.replace("\n", " "),
            "{a}": "'" + words.replace("'", "''") + "'", "{j}": json.dumps({"spec": {"x": words}}),
            "{b64}": f"{{64|{words}|64}}",
        }[mark]  # fmt: skip

    return _MARKS.sub(filled, text)


def leaked() -> Iterator[tuple[str, str, Files, bool]]:
    """Mechanism, place and files of each way that a person leaks, and whether it is never shown."""
    for words, (place, files) in product(WORDS, PLACES.items()):
        yield (
            f"{PEOPLE}: {words}",
            place,
            {name: _spelt(text, words) for name, text in files.items()},
            "Secret" in place,
        )
