"""Files of tools in which each text is a hostile one: Compose, Dockerfiles, scripts, units, manifests, values."""

import json
import shlex
from collections.abc import Callable, Mapping

Hostile = Callable[[], str]
"""Gives a hostile text, each time another one."""


def tool_files(hostile: Hostile) -> Mapping[str, str]:
    """The files, by their names."""
    return {
        "compose.yaml": _compose(hostile),
        ".env": f"A={hostile()}\n{hostile()}\nB='{hostile()}'\n",
        "Dockerfile": _dockerfile(hostile),
        "run.sh": _script(hostile),
        "pg.service": _unit(hostile),
        "pod.yaml": _manifests(hostile),
        "values.yaml": _values(hostile),
        "init/a.sh": f"echo {_word(hostile)} >> $PGDATA/pg_hba.conf\n{hostile()}\n",
        "init/b.sql": f"ALTER SYSTEM SET ssl = {_quoted(hostile)};\nALTER SYSTEM SET port = {_quoted(hostile)};\n",
    }


def _json(hostile: Hostile) -> str:
    return json.dumps(hostile())


def _word(hostile: Hostile) -> str:
    return shlex.quote(hostile())


def _quoted(hostile: Hostile) -> str:
    return "'" + hostile().replace("'", "''") + "'"


def _compose(hostile: Hostile) -> str:
    return (
        f"name: {_json(hostile)}\ninclude: [{_json(hostile)}]\nservices:\n  {_json(hostile)}:\n    image: postgres:16\n"
        f"    command: [-c, ssl=maybe, -c, {json.dumps('ssl_ciphers=' + hostile())}, {_json(hostile)}]\n"
        f"    ports: [{_json(hostile)}, '5432:5432']\n    user: {_json(hostile)}\n"
        f"    environment: {{POSTGRES_HOST_AUTH_METHOD: {_json(hostile)}, PGDATA: {_json(hostile)}}}\n"
        f"    volumes: ['./init:/docker-entrypoint-initdb.d', {_json(hostile)}]\n"
        f"    configs: [{{source: h, target: {_json(hostile)}}}]\n"
        f"  db:\n    image: {_json(hostile)}\n    extends: {{service: {_json(hostile)}}}\n"
        f"    container_name: {_json(hostile)}\n"
        f"configs:\n  h: {{content: {json.dumps(f'host all all all {hostile()}')}}}\n"
    )


def _dockerfile(hostile: Hostile) -> str:
    return (
        f"FROM postgres:16\nENV POSTGRES_HOST_AUTH_METHOD={_json(hostile)}\n# {hostile()}\n"
        f"COPY [{_json(hostile)}, {_json(hostile)}]\n"
        f"RUN echo {_word(hostile)} >> /usr/share/postgresql/pg_hba.conf.sample\n"
        f'CMD ["postgres", "-c", "ssl=maybe", {_json(hostile)}, "-c", {json.dumps("hba_file=" + hostile())}]\n'
    )


def _script(hostile: Hostile) -> str:
    return (
        f"docker run --name {_word(hostile)} -e POSTGRES_HOST_AUTH_METHOD={_word(hostile)} -v {_word(hostile)} "
        f"-p 5432:5432 postgres:16 -c ssl=maybe -c ssl_ciphers={_word(hostile)} {_word(hostile)}\n"
        f"podman run {_word(hostile)} postgres -c ssl=maybe\n"
    )


def _unit(hostile: Hostile) -> str:
    return (
        f"[Service]\nUser={hostile()}\nEnvironment={_json(hostile)} PGDATA={_json(hostile)}\n"
        f"ExecStart=/usr/lib/postgresql/16/bin/postgres -c ssl=maybe -c {_json(hostile)} -D {_json(hostile)}\n"
    )


def _manifests(hostile: Hostile) -> str:
    return (
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {_json(hostile)}, namespace: {_json(hostile)}}}\nspec:\n"
        f"  containers:\n    - name: {_json(hostile)}\n      image: postgres:16\n"
        f"      args: [-c, ssl=maybe, {_json(hostile)}, -c, hba_file=/etc/pg/pg_hba.conf]\n"
        f"      env: [{{name: {_json(hostile)}, value: {_json(hostile)}}}, {{name: PGDATA, value: {_json(hostile)}}}]\n"
        f"      volumeMounts: [{{name: c, mountPath: /etc/pg}}, {{name: c, mountPath: {_json(hostile)}}}]\n"
        "  volumes: [{name: c, configMap: {name: c}}]\n"
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n"
        f"  pg_hba.conf: {json.dumps(f'host all {hostile()} all trsut')}\n  {_json(hostile)}: {_json(hostile)}\n"
        f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {_json(hostile)}}}\ndata:\n"
        f"  postgresql.conf: {json.dumps('ssl = maybe' + chr(10) + hostile())}\n  a.key: {_json(hostile)}\n"
    )


def _values(hostile: Hostile) -> str:
    return (
        f"image: {{repository: bitnami/postgresql, tag: {_json(hostile)}}}\n{_json(hostile)}: {_json(hostile)}\n"
        f"primary:\n  pgHbaConfiguration: {json.dumps(f'host all all all {hostile()}')}\n"
        f"  extendedConfiguration: {_json(hostile)}\n"
        f"  extraEnvVars: [{{name: {_json(hostile)}, value: {_json(hostile)}}}]\n"
        f"tls: {{enabled: true, certFilename: {_json(hostile)}, certificatesSecret: {_json(hostile)}}}\n"
    )
