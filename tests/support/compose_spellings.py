"""What random compose folders are drawn from: values of each key in each spelling, and what Compose refuses."""

from typing import NamedTuple


class Raw(NamedTuple):
    """Text of YAML that is written as it stands."""

    text: str


WORDS = [
    "postgres", "-c", "ssl=on", "-cssl=on", "--ssl=on", "hba_file=/etc/h", "a b", "it's", 'say "x"', "$$HOME",
    "${A:-b}", "x;y", "a&&b", "50%", "log_line_prefix='%m '", "-D", "/data", "#no", "ß", "", "$1", "\\", "a\\nb",
    "${PG}",
]  # fmt: skip
LINES = [
    "postgres -c ssl=on", "-c ssl=on -c hba_file=/etc/pg_hba.conf", "postgres -c 'log_line_prefix=%m [%p] '",
    'postgres -c "ssl_cert_file=/a b.crt"', "postgres -c ssl=on && echo x", "postgres; sleep 1", "postgres | tee x",
    "postgres > /dev/null", "postgres 2>&1", "sh -c 'chmod 600 /k && exec postgres'", "bash -c \"a; b\"", "",
    "postgres -c a=$$x -c b=${B:-c} -c c=${C-}", "postgres \\ -c", "postgres \\t x\\n", "a `b c` d", "a $(b c) d",
    "postgres -c ssl=${SSL:-on} ${EXTRA:-}", "postgres -c shared_preload_libraries=${LIBS:-a,b}", "''", "a\\;b",
    "postgres -c ssl=${T}", "postgres ${U:-${V:-x y}}", "   postgres   -c  a ", "a 'b' \"c\"d", "postgres <x",
]  # fmt: skip
LONG = [
    "postgres\n-c ssl=on\n-c hba_file=/x\n", "postgres \\\n  -c ssl=on \\\n  -c x=y\n", "-c ssl=on\n\n-c a=b\n",
    "sh -c 'a\n b'\n", "postgres -c a=1;\necho\n",
]  # fmt: skip
VALUES = [
    "on", "no", "yes", "~", "null", "true", "False", "TRUE", "0600", "0o17", "0x1F", "1_000", "1.0", "1.50", "1e3",
    "5432",
    "-1", "+1", "08", "1:30", "''", '""', "'on'", '"a\\tb"', "scram-sha-256", "trust", "--auth=md5 --data-checksums",
    "${M}", "${M:-trust}", "${S:?no}", "${T:+x}", "$T", "a$$b", "'$${T}'", '"x ${T-y} z"', "it's", "a # c", "a#b",
    "0.5e-7",
    "123456789.5", "!!str 5", "!!str on", ".inf", "1e400", "2x", "<<", "'2026-01-01'", "|-\n        a\n        b",
]  # fmt: skip
LIST_VALUES = ["", "1", "x y", "on", "a=b", "${M:-t}", "$T", " z", "'q'", '"q"', "a # b", "$$x", "%", "é"]
NAMES = [
    "POSTGRES_PASSWORD", "POSTGRES_HOST_AUTH_METHOD", "PGDATA", "POSTGRES_INITDB_ARGS", "A", "B", "C", "T", "M", "LANG",
    "a.b", "a-b",
]  # fmt: skip
IMAGES = [
    "postgres:16", "postgres", "postgres:16-alpine", "docker.io/library/postgres:15.4", "postgres:${PG:-15}",
    "bitnami/postgresql:17",
    "postgres@sha256:0123", "${IMAGE:-postgres:14}", "ghcr.io/x/y:${TAG-1}", "postgis/postgis:16-3.4",
    "postgres:${PG}", "nginx",
]  # fmt: skip
PORTS = [
    "5432:5432", "127.0.0.1:5432:5432", "[::1]:5433:5432", "0.0.0.0:5434:5432", "5432", "6000-6001:5432-5433",
    "5432/udp", "15432:5432/tcp", "${P:-5436}:5432", "127.0.0.1::5432", "::1:1:2", "7000-7010:5432", "5432-5433",
    "${HOST:-127.0.0.1}:5437:5432", "192.168.0.5:5432:5432", "127.0.0.1:6000-6001:5432-5433", "5432:${Q:-5432}",
    "${T}:5432", "127.0.0.1:${T}:5432",
]  # fmt: skip
LONG_PORTS = [
    {"target": 5432, "published": "5432"}, {"target": 5432, "published": 5433, "host_ip": "127.0.0.1"},
    {"target": 5432},
    {"target": 5432, "published": "8000-8010", "protocol": "tcp", "mode": "host"}, {"target": 5432, "protocol": "udp"},
    {"target": Raw("'5432'"), "published": "${P:-5440}", "name": "pg", "app_protocol": "tcp"},
]  # fmt: skip
VOLUMES = [
    "./pg_hba.conf:/etc/pg_hba.conf", "./a:/data:ro", "./a/../b:/data/b:rw", "../x:/x", "/etc/ssl:/ssl:ro,z", "~/k:/k",
    "data:/var/lib/postgresql/data", "data:/var/lib/postgresql/data:nocopy", "/anon", ".:/src:cached", "./certs:/c/:ro",
    "${DIR:-./d}:/dd", "./${T}:/t", "./e:/q/./w/../z", "/r:/r:rshared", "./s:/data:ro", "${DATA:-data}:/var/lib/x",
]  # fmt: skip
LONG_VOLUMES = [
    {"type": "bind", "source": "./a", "target": "/data"},
    {"type": "bind", "source": "./h", "target": "/h", "read_only": True},
    {"type": "bind", "source": "./i", "target": "/i", "read_only": Raw("yes")},
    {"type": "volume", "source": "data", "target": "/v", "volume": {"nocopy": True}},
    {"type": "tmpfs", "target": "/tmp/x"},
    {"type": "volume", "target": "/w"}, {"type": "bind", "source": "${DIR:-./z}", "target": "/z/"},
]  # fmt: skip
ENV_LINES = [
    "A=1", "A=2", "export B=x", 'C="x y"', "D='$A'", "E=$A", "F=${Z:-q}", "G = 2", 'H="a\\nb"', "# c", "", "I=a # c",
    "J=a#c", "K: v", "L=", "POSTGRES_HOST_AUTH_METHOD=trust", 'M="${A}"', "T=5", "PG=14", "M='it'\\''s'", "N=\"a\nb\"",
    "P=5450", "O=$$A", "SSL=off", "Q='x' # y", "DIR=./dir", "R=\\$A", "EXTRA=-c a=b", "CMD=postgres -c ssl=on",
]  # fmt: skip


FAULTS = {
    "number as name": "user: a\n  12:\n    image: x",
    "extends no name": "extends:",
    "no kind": "volumes: [{type: foo, source: ./a, target: /b}]",
    "no target": "volumes: [{type: bind, source: ./a}]",
    "no source": "volumes: [{type: bind, target: /b}]",
    "port 0": "ports: ['5432:0']",
    "name": "user: a\n  'a b':\n    image: x",
    "unknown key": "comand: x",
    "key twice": "user: '1'\n    user: '1'",
    "no such volume": "volumes: ['nosuch:/x']",
    "no port": "ports: ['x:5432']",
    "number": "command: 5",
    "open quote": 'command: "postgres \'a"',
    "open brace": 'command: "${A"',
    "no such config": "configs: [nosuch]",
    "not a list": "ports: 5432",
    "number in a list": "command: [a, 5]",
    "extends nothing": "extends: nosuch",
    "date": "environment: {A: 2026-01-01}",
    "no address": "ports: ['localhost:1:2']",
    "mapping": "environment: {A: {B: c}}",
    "empty volume": "volumes: ['']",
    "colons": "volumes: ['./a:/b:ro:x']",
    "no env_file": "env_file: nosuch.env",
    "blank in a name": "environment: ['A =1']",
    "empty part": "volumes: ['./a::ro']",
    "number as user": "user: 5",
    "two Dockerfiles": "build: {context: ., dockerfile: D, dockerfile_inline: 'FROM x'}",
    "two containers of a name": "container_name: pg\n  more:\n    image: x\n    container_name: pg",
    "no image": "",
}
