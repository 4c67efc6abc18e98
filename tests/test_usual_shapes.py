"""The usual ways to set up a server, each with each fault that it can have: the line that causes it is told.

A line that a finding is to stand at ends with ` <-- RULE...`, which is no part of the file; of the rules that are named
anywhere in the table no other finding may be told.
"""

import base64
import re
from pathlib import Path

import pytest

from pgssllint.api import lint
from pgssllint.request import Request
from tests.support.pki import AT
from tests.support.repositories import lay

_MARK = re.compile(r" <-- (?P<rules>PGS[0-9 PGS]+)$", re.MULTILINE)
Files = dict[str, str]

KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"


def compose(*lines: str, environment: str = "POSTGRES_PASSWORD: x", **files: str) -> Files:
    head = f"services:\n  db:\n    image: postgres:16\n    environment:\n      {environment}\n"
    return {"compose.yaml": head + "".join(f"    {line}\n" for line in lines), **_named(files)}


def dockerfile(*lines: str, **files: str) -> Files:
    return {"Dockerfile": "FROM postgres:16\n" + "".join(f"{line}\n" for line in lines), **_named(files)}


def scripted(script: str, *lines: str, environment: str = "POSTGRES_PASSWORD: x", **files: str) -> Files:
    mounts = "volumes: ['./init:/docker-entrypoint-initdb.d']"
    return {**compose(mounts, *lines, environment=environment), "init/10.sh": script, **_named(files)}


def stateful_set(*container: str, spec: str = "", texts: str = "", service: str = "") -> Files:
    text = (
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: postgres}\nspec:\n  template:\n"
        "    metadata: {labels: {app: db}}\n    spec:\n      containers:\n      - name: postgres\n"
        "        image: postgres:16\n" + "".join(f"        {line}\n" for line in container) + spec
    )
    files = {"db.yaml": text}
    if texts:
        files["texts.yaml"] = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: conf}}\ndata:\n{texts}"
    if service:
        ports = f"spec: {{type: {service}, selector: {{app: db}}, ports: [{{port: 5432}}]}}\n"
        files["service.yaml"] = f"apiVersion: v1\nkind: Service\nmetadata: {{name: db}}\n{ports}"
    return files


def values(text: str) -> Files:
    head = "image: {repository: bitnami/postgresql, tag: 16.3.0}\nauth: {postgresPassword: x}\n"
    return {"values.yaml": head + text}


def _named(files: Files) -> Files:
    names = {"hba": "pg_hba.conf", "conf": "postgresql.conf", "key": "server.key", "sql": "init/20.sql"}
    return {names[name]: text for name, text in files.items()}


def scalar(name: str, *lines: str) -> str:
    return f"  {name}: |\n" + "".join(f"    {line}\n" for line in lines)


ARGS = 'args: ["-c", "config_file=/etc/pg/postgresql.conf", "-c", "hba_file=/etc/pg/pg_hba.conf"]'
CONF = "volumeMounts: [{name: conf, mountPath: /etc/pg}]"
VOLUME = "      volumes: [{name: conf, configMap: {name: conf}}]\n"
PASSWORD = "env: [{name: POSTGRES_PASSWORD, value: x}]"
READ = "command: -c config_file=/c -c hba_file=/h"
MOUNTS = "volumes: ['./postgresql.conf:/c', './pg_hba.conf:/h']"
COPIED = ("COPY postgresql.conf /c", "COPY pg_hba.conf /h", 'CMD ["-c", "config_file=/c", "-c", "hba_file=/h"]')
OPEN, SAFE = "host all all 0.0.0.0/0 trust <-- PGS534", "hostssl all all all scram-sha-256\n"
LISTENS = "listen_addresses = '*'"
BAD, WEAK = "port = abc <-- PGS040", "password_encryption = md5 <-- PGS160"
REFUSED = "host all all 10.0.0.0/33 md5 <-- PGS520"
BEHIND = "cat >> $PGDATA/pg_hba.conf <<EOF\n"

CELLS: dict[str, Files] = {
    # Faults of the files themselves, in each shape.
    "compose, files": compose(
        READ, MOUNTS, "ports: ['5432:5432']", conf=f"{LISTENS}\n{BAD}\n{WEAK}\n", hba=f"{OPEN}\n{REFUSED}\n"
    ),
    "compose, command line": compose("command:", "  - -c", "  - password_encryption=md5 <-- PGS160", "  - -c",
                                     "  - port=abc <-- PGS040"),
    "Dockerfile, files": dockerfile(*COPIED, conf=f"{LISTENS}\n{BAD}\n{WEAK}\n", hba=f"{OPEN}\n{REFUSED}\n"),
    "Dockerfile, command line": dockerfile('CMD ["-c", "password_encryption=md5", "-c", "port=abc"] <-- PGS160 PGS040'),
    "script, files": scripted(
        "#!/bin/sh\necho 'password_encryption = md5' >> $PGDATA/postgresql.conf <-- PGS161\n"
        f"{BEHIND}local all all nosuch <-- PGS530\nEOF\n",
    ),
    "ConfigMap, files": stateful_set(
        ARGS, PASSWORD, CONF, spec=VOLUME, service="NodePort",
        texts=scalar("postgresql.conf", LISTENS, BAD, WEAK) + scalar("pg_hba.conf", OPEN, REFUSED),
    ),
    "ConfigMap, command line": stateful_set(
        "args:", "  - -c", "  - password_encryption=md5 <-- PGS160", "  - -c", "  - port=abc <-- PGS040", PASSWORD
    ),
    "Bitnami, files": values(
        "primary:\n" + scalar("configuration", LISTENS, BAD, WEAK) + scalar("pgHbaConfiguration", OPEN, REFUSED)
        + "  service: {type: LoadBalancer}\n"
    ),
    # Records that the one of the image takes.
    "script, catch-all": scripted(
        f"{BEHIND}host all app 10.0.0.0/8 md5 <-- PGS610\nhost replication all all md5\nEOF\n"
    ),
    "Dockerfile, catch-all": dockerfile(
        "COPY 10.sh /docker-entrypoint-initdb.d/",
    ) | {"10.sh": "echo 'host all app 10.0.0.0/8 md5' >> $PGDATA/pg_hba.conf <-- PGS610\n"},
    # A file that is never read.
    "compose, never read": compose(
        "volumes:", "  - ./pg_hba.conf:/etc/pg/pg_hba.conf <-- PGS801", hba=SAFE
    ),
    "Dockerfile, never read": dockerfile("COPY pg_hba.conf /etc/pg/pg_hba.conf <-- PGS801", hba=SAFE),
    "ConfigMap, never read": stateful_set(
        PASSWORD, CONF, spec=VOLUME, texts="  pg_hba.conf: | <-- PGS801\n    local all all peer\n"
    ),
    "Bitnami, never read": values(
        "primary:\n" + scalar("configuration", "listen_addresses = 'localhost'")
        + "  extendedConfiguration: | <-- PGS816\n    ssl = on\n"
    ),
    # What the tool drops.
    "compose, dropped": compose("command: postgres -c ssl=off && echo done <-- PGS808"),
    "compose, line ends": compose("command: |", "  -c ssl=off \\ <-- PGS808", "  -c port=5433"),
    "compose, options among the variables": compose(
        "command: -c ssl=off", environment="POSTGRES_PASSWORD: x\n      postgres -c ssl: 'on' <-- PGS804"
    ),
    # What the API refuses.
    "ConfigMap, no string": stateful_set(
        "env: [{name: POSTGRES_PASSWORD, value: 12}] <-- PGS813", "args: [-c, ssl=off]"
    ),
    "ConfigMap, no list": stateful_set("args: -c ssl=off <-- PGS813", PASSWORD),
    "ConfigMap, a block for a list": stateful_set("args: | <-- PGS813", "  -c ssl=off", PASSWORD),
    "ConfigMap, a value that is none": stateful_set(
        ARGS, PASSWORD, CONF, spec=VOLUME, texts=scalar("pg_hba.conf", "local all all peer") + "  x: on <-- PGS813\n"
    ),
    # ALTER SYSTEM wins.
    "script, ALTER SYSTEM": scripted(
        "echo 'ssl_min_protocol_version = TLSv1.3' >> $PGDATA/postgresql.conf <-- PGS052\n",
        sql="ALTER SYSTEM SET ssl_min_protocol_version = 'TLSv1.2';\n",
    ),
    # Trust by the environment.
    "compose, trust": compose("ports: ['5432:5432']", environment="POSTGRES_HOST_AUTH_METHOD: trust <-- PGS802"),
    "Dockerfile, trust": dockerfile("ENV POSTGRES_HOST_AUTH_METHOD=trust <-- PGS802"),
    "script, trust": scripted("true\n", environment="POSTGRES_HOST_AUTH_METHOD: trust <-- PGS802"),
    "ConfigMap, trust": stateful_set("envFrom: [{configMapRef: {name: conf}}]", service="NodePort",
                                     texts="  POSTGRES_HOST_AUTH_METHOD: trust <-- PGS802\n  X: on <-- PGS813\n"),
    "StatefulSet, trust": stateful_set("env:", "- name: POSTGRES_HOST_AUTH_METHOD", "  value: trust <-- PGS802"),
    # Keys.
    "compose, key": compose(
        "command: -c ssl=on -c ssl_key_file=/k", "volumes:", "  - ./server.key:/k <-- PGS800", key=KEY
    ),
    "Dockerfile, key": dockerfile(
        "COPY server.key /k <-- PGS806 PGS810", 'CMD ["-c", "ssl=on", "-c", "ssl_key_file=/k"]', key=KEY
    ),
    "Secret, mode": stateful_set(
        'args: ["-c", "ssl=on", "-c", "ssl_cert_file=/tls/c", "-c", "ssl_key_file=/tls/k"]', PASSWORD,
        "volumeMounts: [{name: tls, mountPath: /tls}]",
        spec="      volumes:\n      - name: tls\n        secret: {secretName: tls, defaultMode: 0644} <-- PGS810\n",
    ) | {"tls.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: tls}\ndata:\n  c: ''\n"
         f"  k: {base64.b64encode(KEY.encode()).decode()} <-- PGS814\n"},
    # Ports.
    "compose, not listened on": compose("command: -c listen_addresses=localhost <-- PGS809", "ports: ['5432:5432']"),
    "compose, another port": compose("command: -c port=5433", "ports:", "  - '5432:5432' <-- PGS809"),
    "ConfigMap, not listened on": stateful_set(
        ARGS, PASSWORD, CONF, spec=VOLUME, service="NodePort",
        texts=scalar("postgresql.conf", "listen_addresses = 'localhost' <-- PGS809")
        + scalar("pg_hba.conf", "local all all peer"),
    ),
    # What the chart makes of TLS.
    "Bitnami, TLS not set up": values(
        "tls:\n  enabled: true <-- PGS815\n  certificatesSecret: s\n  certFilename: c\n  certKeyFilename: k\n"
        "primary:\n" + scalar("configuration", "listen_addresses = 'localhost'")
    ),
    "Bitnami, certificates of TLS alone": values(
        "tls:\n  enabled: true\n  certificatesSecret: s\n  certFilename: c\n  certKeyFilename: k\n"
        "  certCAFilename: ca <-- PGS817\n"
    ),
}  # fmt: skip
RULES = {rule for files in CELLS.values() for text in files.values() for hit in _MARK.finditer(text)
         for rule in hit["rules"].split()}  # fmt: skip


def wanted(files: Files) -> set[tuple[str, int, str]]:
    return {
        (name, number, rule)
        for name, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        for hit in _MARK.finditer(line)
        for rule in hit["rules"].split()
    }


@pytest.mark.parametrize("cell", CELLS)
def test_a_finding_stands_at_the_line_that_causes_it(cell: str, tmp_path: Path) -> None:
    files = CELLS[cell]
    lay(tmp_path, {name: re.sub(r" <-- .*$", "", text, flags=re.MULTILINE) for name, text in files.items()})
    for key in tmp_path.rglob("server.key"):
        key.chmod(0o600)
    outcome = lint(Request((str(tmp_path),), root=str(tmp_path)), AT)
    assert outcome.errors == ()
    told = {
        (str(Path(place.at.path).relative_to(tmp_path)), place.at.line_key[1], place.rule)
        for finding in outcome.findings
        for place in finding.places
        if place.rule in RULES
    }
    assert told == wanted(files)


COPYING = "cp /tls/k /k && chmod 600 /k && exec docker-entrypoint.sh postgres -c ssl=on -c ssl_key_file=/k"


@pytest.mark.parametrize("copies", [True, False])
def test_a_key_that_is_copied_before_the_start_has_a_mode_of_its_own(copies: bool, tmp_path: Path) -> None:
    command = COPYING if copies else "exec docker-entrypoint.sh postgres -c ssl=on -c ssl_key_file=/tls/k"
    spec = "      volumes:\n      - name: tls\n        secret: {secretName: tls, defaultMode: 0644}\n"
    lay(
        tmp_path,
        stateful_set(
            f'command: ["sh", "-c", "{command}"]', PASSWORD, "volumeMounts: [{name: tls, mountPath: /tls}]", spec=spec
        ),
    )
    outcome = lint(Request((str(tmp_path),), root=str(tmp_path)), AT)
    assert ("PGS810" in {finding.rule for finding in outcome.findings}) is not copies


def test_the_table_has_each_rule_about_tools() -> None:
    of_tools = {rule for rule in RULES if rule.startswith("PGS8")}
    assert of_tools == {f"PGS{number}" for number in (800, 801, 802, 804, 806, 808, 809, 810, 813, 814, 815, 816, 817)}
    assert len({cell.partition(",")[0] for cell in CELLS}) >= 6
