"""The commonest shapes of deployments, each with every fault that it can have: the finding stands at the line of the
tool's file that causes it.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.test_sites import judged


class Case(NamedTuple):
    """The files of a folder; the line of one of them that is at fault ends in `#! RULE`, or is one of `at`."""

    called: str
    files: dict[str, str]
    told: tuple[str, ...]


DB = """services:
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: x
"""
HBA = "local all all peer\nhostssl all all 10.0.0.0/8 scram-sha-256\n"
KEY = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n"

COMPOSE = [
    Case(
        "mounted, and never read",
        {"compose.yaml": DB + "    volumes:\n      - ./pg_hba.conf:/etc/pg/pg_hba.conf\n", "pg_hba.conf": HBA},
        ("compose.yaml:7 PGS801",),
    ),
    Case(
        "mounted in the data directory",
        {
            "compose.yaml": DB + "    volumes:\n      - ./pg_hba.conf:/var/lib/postgresql/data/pg_hba.conf\n",
            "pg_hba.conf": HBA,
        },
        ("compose.yaml:7 PGS807",),
    ),
    Case(
        "the command line beats the file",
        {
            "compose.yaml": DB + "    command: -c config_file=/etc/pg/postgresql.conf -c ssl=off\n"
            "    volumes: ['./postgresql.conf:/etc/pg/postgresql.conf']\n",
            "postgresql.conf": "ssl = on\n",
        },
        ("postgresql.conf:1 PGS805",),
    ),
    Case(
        "dropped by Compose",
        {"compose.yaml": DB + "    command: postgres -c ssl=off && echo done\n"},
        ("compose.yaml:6 PGS808",),
    ),
    Case(
        "a line end of its own",
        {"compose.yaml": DB + "    command: |\n      postgres \\\n      -c ssl=off\n"},
        ("compose.yaml:7 PGS808",),
    ),
    Case(
        "options among the variables",
        {
            "compose.yaml": "services:\n  db:\n    image: postgres:16\n    environment:\n      - POSTGRES_PASSWORD=x\n"
            "      - postgres -c ssl=on\n"
        },
        ("compose.yaml:6 PGS804",),
    ),
    Case(
        "trust by the environment",
        {"compose.yaml": DB.replace("PASSWORD: x", "HOST_AUTH_METHOD: trust") + "    ports: ['5432:5432']\n"},
        ("compose.yaml:5 PGS802",),
    ),
    Case(
        "an argument that initdb does not know",
        {"compose.yaml": DB.replace(":16", ":15") + "      POSTGRES_INITDB_ARGS: -c ssl=on\n"},
        ("compose.yaml:6 PGS803",),
    ),
    Case(
        "a port that nobody listens on",
        {"compose.yaml": DB + "    command: -p 5433\n    ports:\n      - 5432:5432\n"},
        ("compose.yaml:8 PGS809",),
    ),
    Case(
        "published, and listening on loopback alone",
        {"compose.yaml": DB + "    command: -c listen_addresses=localhost\n    ports:\n      - 5432:5432\n"},
        ("compose.yaml:6 PGS809",),
    ),
    Case(
        "a key with the host's owner",
        {
            "compose.yaml": DB + "    command: -c ssl=on -c ssl_key_file=/tls/server.key\n    volumes:\n"
            "      - ./tls:/tls\n"
        },
        ("compose.yaml:8 PGS800",),
    ),
    Case(
        "a record that never is reached, in an init script",
        {
            "compose.yaml": DB + "    volumes: ['./init:/docker-entrypoint-initdb.d']\n",
            "init/10-hba.sh": "#!/bin/sh\necho 'host all all 10.0.0.0/8 reject' >> \"$PGDATA/pg_hba.conf\"\n",
        },
        ("10-hba.sh:2 PGS612",),
    ),
    Case(
        "ALTER SYSTEM beats the file",
        {
            "compose.yaml": DB + "    command: -c config_file=/etc/pg/postgresql.conf\n    volumes:\n"
            "      - ./init:/docker-entrypoint-initdb.d\n      - ./postgresql.conf:/etc/pg/postgresql.conf\n",
            "init/10.sql": "ALTER SYSTEM SET ssl = 'off';\n",
            "postgresql.conf": "ssl = on\n",
        },
        ("postgresql.conf:1 PGS052",),
    ),
    Case(
        "a setting that is refused, in the command",
        {"compose.yaml": DB + "    command:\n      - -c\n      - ssl_min_protocol_version=1.2\n"},
        ("compose.yaml:8 PGS040",),
    ),
    Case(
        "a record that is refused, in a config's content",
        {
            "compose.yaml": DB
            + "    command: -c hba_file=/pg_hba.conf\n    configs: [{source: hba, target: /pg_hba.conf}]\n"
            "configs:\n  hba:\n    content: |\n      local all all peer\n      hostsll all all all scram-sha-256\n"
        },
        ("compose.yaml:12 PGS500",),
    ),
]

ON = 'CMD ["-c", "ssl=on", "-c", "ssl_cert_file=/tls/server.crt", "-c", "ssl_key_file=/tls/server.key"]\n'
DOCKERFILE = [
    Case(
        "a key in the image",
        {"Dockerfile": "FROM postgres:16\nCOPY server.key /tls/server.key\n" + ON, "server.key": KEY},
        ("Dockerfile:2 PGS806",),
    ),
    Case(
        "a key that is root's",
        {"Dockerfile": "FROM postgres:16\nCOPY --chmod=600 server.key /tls/server.key\n" + ON, "server.key": KEY},
        ("Dockerfile:2 PGS810",),
    ),
    Case(
        "a key that is made in the image",
        {
            "Dockerfile": "FROM postgres:16\nRUN mkdir /tls && \\\n  openssl req -x509 -nodes -subj /CN=x "
            "-keyout /tls/server.key -out /tls/server.crt\n" + ON
        },
        ("Dockerfile:3 PGS806",),
    ),
    Case(
        "copied, and never read",
        {"Dockerfile": "FROM postgres:16\nCOPY pg_hba.conf /etc/postgresql/pg_hba.conf\n", "pg_hba.conf": HBA},
        ("Dockerfile:2 PGS801",),
    ),
    Case(
        "trust by the environment",
        {"Dockerfile": "FROM postgres:16\nENV POSTGRES_HOST_AUTH_METHOD=trust\n"},
        ("Dockerfile:2 PGS802",),
    ),
    Case(
        "an argument that initdb does not know",
        {"Dockerfile": 'FROM postgres:14\nENV POSTGRES_INITDB_ARGS="-c ssl=on"\n'},
        ("Dockerfile:2 PGS803",),
    ),
    Case(
        "the command line beats the file",
        {
            "Dockerfile": "FROM postgres:16\nCOPY postgresql.conf /etc/pg/postgresql.conf\n"
            'CMD ["-c", "config_file=/etc/pg/postgresql.conf", "-c", "ssl=off"]\n',
            "postgresql.conf": "ssl = on\n",
        },
        ("postgresql.conf:1 PGS805",),
    ),
    Case(
        "a record that never is reached",
        {
            "Dockerfile": "FROM postgres:16\nCOPY hba.sh /docker-entrypoint-initdb.d/\n",
            "hba.sh": "cat >> $PGDATA/pg_hba.conf <<EOF\nhost all all 10.0.0.0/8 reject\nEOF\n",
        },
        ("hba.sh:2 PGS612",),
    ),
    Case(
        "a record that never is reached, written by RUN",
        {
            "Dockerfile": "FROM postgres:16\n"
            "RUN echo \"echo 'host all all 10.0.0.0/8 reject' >> \\$PGDATA/pg_hba.conf\""
            " > /docker-entrypoint-initdb.d/hba.sh\n"
        },
        ("Dockerfile:2 PGS612",),
    ),
    Case(
        "a setting in the sample",
        {
            "Dockerfile": 'FROM postgres:16\nRUN echo "ssl_min_protocol_version = 1.2" >> '
            "/usr/share/postgresql/postgresql.conf.sample\n"
        },
        ("Dockerfile:2 PGS040",),
    ),
]


def manifest(
    volume: str, *, args: str = "[-c, hba_file=/etc/pg/pg_hba.conf]", more: str = "", service: str = ""
) -> str:
    return (
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: db\nspec:\n  template:\n    metadata:\n"
        "      labels: {app: db}\n    spec:\n      containers:\n        - name: db\n          image: postgres:16\n"
        f"          args: {args}\n          env:\n            - name: POSTGRES_PASSWORD\n"
        "              valueFrom: {secretKeyRef: {name: s, key: p}}\n"
        f"{more}          volumeMounts:\n            - {{name: v, mountPath: /etc/pg}}\n      volumes:\n"
        f"        - name: v\n{volume}{service}"
    )


CONFIG = "          configMap:\n            name: db\n"
DATA = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: db\ndata:\n  pg_hba.conf: |\n    local all all peer\n"
TRUST = "    host all all 0.0.0.0/0 trust\n"
TLS = "[-c, ssl=on, -c, ssl_key_file=/etc/pg/tls.key]"
KUBERNETES = [
    Case("a record in the ConfigMap", {"a.yaml": manifest(CONFIG), "b.yaml": DATA + TRUST}, ("b.yaml:8 PGS534",)),
    Case("never read", {"a.yaml": manifest(CONFIG, args="[-c, ssl=off]"), "b.yaml": DATA}, ("b.yaml:6 PGS801",)),
    Case(
        "the mode of a Secret",
        {"a.yaml": manifest("          secret: {secretName: t}\n", args=TLS)},
        ("a.yaml:21 PGS810",),
    ),
    Case(
        "a mode that is written",
        {"a.yaml": manifest("          secret:\n            secretName: t\n            defaultMode: 0400\n", args=TLS)},
        ("a.yaml:23 PGS810",),
    ),
    Case(
        "a mode that is too large",
        {"a.yaml": manifest(CONFIG + "            defaultMode: 640\n"), "b.yaml": DATA},
        ("a.yaml:23 PGS813",),
    ),
    Case(
        "a mode in quotes",
        {"a.yaml": manifest(CONFIG + "            defaultMode: '0640'\n"), "b.yaml": DATA},
        ("a.yaml:23 PGS813",),
    ),
    Case(
        "a value that is no string", {"a.yaml": manifest(CONFIG), "b.yaml": DATA + "  ssl: on\n"}, ("b.yaml:8 PGS813",)
    ),
    Case(
        "a variable that is no string",
        {"a.yaml": manifest(CONFIG, more="            - {name: PGPORT, value: 5432}\n"), "b.yaml": DATA},
        ("a.yaml:17 PGS813",),
    ),
    Case(
        "a text for a list",
        {"a.yaml": manifest(CONFIG, args="-c hba_file=/etc/pg/pg_hba.conf"), "b.yaml": DATA},
        ("a.yaml:13 PGS813",),
    ),
    Case(
        "a private key",
        {
            "a.yaml": manifest("          secret: {secretName: t}\n"),
            "b.yaml": DATA.replace("ConfigMap", "Secret").replace("name: db", "name: t").replace("data:", "stringData:")
            + "  tls.key: |\n"
            + "".join(f"    {line}\n" for line in KEY.splitlines()),
        },
        ("b.yaml:9 PGS814",),
    ),
    Case(
        "trust by the environment",
        {
            "a.yaml": manifest(
                CONFIG, args="[-c, ssl=off]", more="            - {name: POSTGRES_HOST_AUTH_METHOD, value: trust}\n"
            )
        },
        ("a.yaml:17 PGS802",),
    ),
    Case(
        "the command line beats the file",
        {
            "a.yaml": manifest(CONFIG, args="[-c, config_file=/etc/pg/postgresql.conf, -c, ssl=off]"),
            "b.yaml": DATA + "  postgresql.conf: |\n    ssl = on\n",
        },
        ("b.yaml:9 PGS805",),
    ),
    Case(
        "an argument that initdb does not know",
        {
            "a.yaml": manifest(CONFIG, more="            - {name: POSTGRES_INITDB_ARGS, value: -c ssl=on}\n").replace(
                ":16", ":15"
            ),
            "b.yaml": DATA,
        },
        ("a.yaml:17 PGS803",),
    ),
    Case(
        "a default of a template",
        {"b.yaml": DATA + '    host all all all {{ .Values.method | default "trust" }}\n'},
        ("b.yaml:8 PGS818",),
    ),
]

CHART = "image:\n  repository: bitnami/postgresql\n  tag: 16.4.0\n"
ENABLED = "tls:\n  enabled: true\n  certificatesSecret: s\n  certFilename: tls.crt\n  certKeyFilename: tls.key\n"
BITNAMI = [
    Case(
        "TLS that is not set up",
        {"values.yaml": CHART + ENABLED + "primary:\n  configuration: |\n    port = 5432\n"},
        ("values.yaml:5 PGS815",),
    ),
    Case("a CA of clients", {"values.yaml": CHART + ENABLED + "  certCAFilename: ca.crt\n"}, ("values.yaml:9 PGS817",)),
    Case(
        "an extended configuration that is not read",
        {
            "values.yaml": CHART
            + "primary:\n  configuration: |\n    port = 5432\n  extendedConfiguration: |\n    ssl = on\n"
        },
        ("values.yaml:7 PGS816",),
    ),
    Case(
        "a record",
        {"values.yaml": CHART + "primary:\n  pgHbaConfiguration: |\n    local all all peer\n" + TRUST},
        ("values.yaml:7 PGS534",),
    ),
    Case(
        "a setting",
        {"values.yaml": CHART + "primary:\n  extendedConfiguration: |\n    ssl_min_protocol_version = 1.2\n"},
        ("values.yaml:6 PGS040",),
    ),
    Case(
        "trust where the service is reached from everywhere",
        {
            "values.yaml": CHART
            + "primary:\n  service:\n    type: NodePort\n  pgHbaConfiguration: |\n    host all all all trust\n"
        },
        ("values.yaml:8 PGS534",),
    ),
]

INIT = [
    Case(
        "a heredoc",
        {
            "docker-compose.yml": DB + "    volumes:\n      - ./init.sh:/docker-entrypoint-initdb.d/init.sh\n",
            "init.sh": "#!/bin/bash\nset -e\n"
            'cat >> "${PGDATA}/pg_hba.conf" <<-EOF\n\thost all all 10.0.0.0/8 reject\nEOF\n',
        },
        ("init.sh:4 PGS612",),
    ),
    Case(
        "a setting that is refused",
        {
            "docker-compose.yml": DB + "    volumes:\n      - ./init.sh:/docker-entrypoint-initdb.d/init.sh\n",
            "init.sh": '#!/bin/bash\necho "ssl_min_protocol_version = 1.2" >> $PGDATA/postgresql.conf\n',
        },
        ("init.sh:2 PGS040",),
    ),
    Case(
        "ALTER SYSTEM in SQL",
        {
            "docker-compose.yml": DB + "    volumes:\n      - ./init.sql:/docker-entrypoint-initdb.d/init.sql\n",
            "init.sql": "CREATE ROLE app;\nALTER SYSTEM SET ssl_min_protocol_version = 'TLSv1';\n",
        },
        ("init.sql:2 PGS101",),
    ),
    Case(
        "ALTER SYSTEM by psql",
        {
            "docker-compose.yml": DB + "    volumes:\n      - ./init.sh:/docker-entrypoint-initdb.d/init.sh\n",
            "init.sh": '#!/bin/bash\npsql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" <<-EOSQL\n'
            "  ALTER SYSTEM SET ssl_min_protocol_version = 'TLSv1';\nEOSQL\n",
        },
        ("init.sh:3 PGS101",),
    ),
    Case(
        "a file that is put in place of pg_hba.conf",
        {
            "docker-compose.yml": DB + "    volumes:\n      - ./init.sh:/docker-entrypoint-initdb.d/init.sh\n"
            "      - ./pg_hba.conf:/tmp/pg_hba.conf\n",
            "pg_hba.conf": "host all all 0.0.0.0/0 trust\n",
            "init.sh": 'cp /tmp/pg_hba.conf "$PGDATA/pg_hba.conf"\n',
        },
        ("pg_hba.conf:1 PGS534",),
    ),
]

SHAPES = {"compose": COMPOSE, "Dockerfile": DOCKERFILE, "manifests": KUBERNETES, "Bitnami": BITNAMI, "init": INIT}
CASES = [pytest.param(one, id=f"{shape}: {one.called}") for shape, cases in SHAPES.items() for one in cases]


def told_in(case: Case, folder: Path) -> list[str]:
    for name, text in case.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    found = []
    for finding in judged(folder).findings:
        line = finding.at.region.line if finding.at.region is not None else 0
        found.append(f"{Path(finding.at.path).name}:{line} {finding.rule}")
    return found


@pytest.mark.parametrize("case", CASES)
def test_the_finding_stands_at_the_line_that_causes_it(case: Case, tmp_path: Path) -> None:
    found = told_in(case, tmp_path)
    assert not [one for one in case.told if one not in found], found
    rules = [one.rpartition(" ")[2] for one in case.told]
    assert [one for one in found if one.rpartition(" ")[2] in rules] == list(case.told), "told once, and nowhere else"
