"""Kinds of input that are files of tools: what compose files, images, scripts and manifests make of a few bytes."""

import base64
from collections.abc import Callable
from pathlib import Path

from tools.cost.kind import Kind, filled

Write = Callable[[Path, int], None]

MOST_FILES = 900


def _one(name: str, line: Callable[[int], str], before: str = "", after: str = "") -> Write:
    """Writes one file of such lines between what stands `before` and `after`."""

    def write(folder: Path, size: int) -> None:
        (folder / name).write_text(before + filled(size, line) + after)

    return write


def _beside(name: str, text: str, write: Write) -> Write:
    """The same beside another file."""

    def both(folder: Path, size: int) -> None:
        write(folder, size)
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)

    return both


def _init(name: str, line: Callable[[int], str], before: str = "", after: str = "") -> Write:
    """A script that runs at the first start of a container, of such lines."""

    def write(folder: Path, size: int) -> None:
        (folder / "init").mkdir()
        (folder / "compose.yaml").write_text(f"{_SERVICE}  volumes: ['./init:/docker-entrypoint-initdb.d']\n")
        _one(f"init/{name}", line, before, after)(folder, size)

    return write


def _init_scripts(folder: Path, size: int) -> None:
    """As many scripts of a first start as may be."""
    (folder / "init").mkdir()
    (folder / "compose.yaml").write_text(f"{_SERVICE}  volumes: ['./init:/docker-entrypoint-initdb.d']\n")
    _files("init/{n}.sh", lambda n, size: filled(size, lambda _: _APPENDS.format(n=n)))(folder, size)


def _files(name: str, text: Callable[[int, int], str]) -> Write:
    """As many files as may be, each made of its number and its size."""

    def write(folder: Path, size: int) -> None:
        many = min(MOST_FILES, max(1, size // 256))
        for number in range(many):
            (folder / name.format(n=number)).write_text(text(number, size // many))

    return write


def _sharing(head: str, one: str, name: str, text: Callable[[int], str], many: int) -> Write:
    """As many servers as may be that have one file, which takes most of the bytes."""

    def write(folder: Path, size: int) -> None:
        (folder / name).write_text(text(size * 9 // 10))
        servers = "".join(one.format(n=number) for number in range(min(many, max(1, size // 1024))))
        (folder / ("servers.yaml" if name == "a.yaml" else "compose.yaml")).write_text(head + servers)

    return write


def _hba(size: int) -> str:
    return filled(size, lambda n: f"host d{n} all 10.0.0.0/8 md5\n")


def _config_map(size: int) -> str:
    return f"{_MAP}  pg_hba.conf: |\n" + filled(size, lambda n: f"    host d{n} all 10.0.0.0/8 md5\n")


def _secret(folder: Path, size: int) -> None:
    text = base64.b64encode(_hba(size * 3 // 4).encode()).decode()
    (folder / "a.yaml").write_text(_MAP.replace("ConfigMap", "Secret") + f"  pg_hba.conf: {text}\n")


def _doubling(folder: Path, size: int) -> None:
    """Aliases each of which stands for twice the one before, and much else."""
    anchors = "".join(f"x{n}: &x{n} [*x{n - 1}, *x{n - 1}]\n" for n in range(1, min(40, max(2, size // 64))))
    service = "services:\n db:\n  image: postgres:16\n  command: *x{}\n".format(anchors.count("\n"))
    (folder / "compose.yaml").write_text("x0: &x0 [-c, a.b=1]\n" + anchors + service + filled(size, lambda _: "#\n"))


_SERVICE = "services:\n db:\n  image: postgres:16\n"
_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n"
_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n"
    "  volumes: [{name: c, configMap: {name: c}}]\n  containers:\n"
    "  - name: a\n    image: postgres:16\n    args: [-c, hba_file=/etc/pg/pg_hba.conf]\n"
)
_PODS = (
    "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{n}}}\nspec:\n"
    "  volumes: [{{name: c, configMap: {{name: c}}}}]\n  containers:\n"
    "  - name: a\n    image: postgres:16\n    args: [-c, hba_file=/etc/pg/pg_hba.conf]\n"
    "    volumeMounts: [{{name: c, mountPath: /etc/pg}}]\n"
)
_MOUNTING = (
    " s{n}:\n  image: postgres:16\n  command: -c hba_file=/etc/pg_hba.conf\n"
    "  volumes: ['./pg_hba.conf:/etc/pg_hba.conf']\n"
)
_APPENDS = 'echo "host d{n} all all md5" >> $PGDATA/pg_hba.conf\n'
_WRITES = "RUN echo 'host d{n} all all md5' >> /etc/pg_hba.conf\n"
_READS = "CMD postgres -c hba_file=/etc/pg_hba.conf\n"

OF_TOOLS = (
    Kind("copies of a Dockerfile", _one("Dockerfile", lambda n: f"COPY a{n} /b{n}\n", "FROM postgres:16\n", _READS)),
    Kind("records of a Dockerfile", _one("Dockerfile", lambda n: _WRITES.format(n=n), "FROM postgres:16\n", _READS)),
    Kind("variables of a Dockerfile", _one("Dockerfile", lambda n: f"ENV A{n}=$A{n - 1}b\n", "FROM postgres:16\n")),
    Kind(
        "variables that grow", _one("Dockerfile", lambda _: "ENV A=$A$A\n", "FROM postgres:16\nENV A=b\n", "CMD $A\n")
    ),
    Kind(
        "stages of a Dockerfile",
        _one("Dockerfile", lambda n: f"FROM s{n} AS s{n + 1}\nCOPY a /b{n}\n", "FROM postgres:16 AS s0\n", _READS),
    ),
    Kind("records of a first start", _init("a.sh", lambda n: _APPENDS.format(n=n))),
    Kind(
        "a here-document of a first start",
        _init("a.sh", lambda n: f"host d{n} all all md5\n", "cat >> $PGDATA/pg_hba.conf <<E\n", "E\n"),
    ),
    Kind("edits of a first start", _init("a.sh", lambda n: f"sed -i 's/d{n}/e/' $PGDATA/pg_hba.conf\n")),
    Kind("settings of a first start", _init("a.sql", lambda n: f"ALTER SYSTEM SET a.b{n} = '1';\n")),
    Kind("conditions of a first start", _init("a.sh", lambda n: f"if [ $A{n} ]; then echo x >> $PGDATA/a.conf; fi\n")),
    Kind("quotes of a first start", _init("a.sh", lambda _: "'\"")),
    Kind("commands in commands of a first start", _init("a.sh", lambda _: "$(")),
    Kind("blocks in blocks of a first start", _init("a.sh", lambda _: "{ ")),
    Kind(
        "variables of a first start",
        _init("a.sh", lambda _: 'A="$A$A"\n', "A=b\n", 'echo "$A" >> $PGDATA/pg_hba.conf\n'),
    ),
    Kind("scripts of a first start", _init_scripts),
    Kind("options of a container of a script", _one("up.sh", lambda n: f" -e A{n}=b", "docker run", " postgres:16\n")),
    Kind(
        "options of a unit",
        _one("pg.service", lambda n: f" -c a.b{n}=1 \\\n", "[Service]\nExecStart=/usr/bin/postgres \\\n", " -D /x\n"),
    ),
    Kind("units", _files("{n}.service", lambda n, _: f"[Service]\nExecStart=/usr/bin/postgres -D /d{n} -c a.b=1\n")),
    Kind(
        "lines of an env file",
        _beside("compose.yaml", f"{_SERVICE}  env_file: .env\n", _one(".env", lambda n: f"A{n}=$A{n - 1}b\n")),
    ),
    Kind(
        "aliases of a service",
        _one("compose.yaml", lambda n: f" s{n}: *a\n", "x: &a {image: 'postgres:16', command: -c a.b=1}\nservices:\n"),
    ),
    Kind(
        "merged services",
        _one(
            "compose.yaml",
            lambda n: f" s{n}: {{<<: *a, user: u{n}}}\n",
            "x: &a {image: 'postgres:16', command: -c a.b=1}\nservices:\n",
        ),
    ),
    Kind("aliases that double", _doubling),
    Kind(
        "compose files that include",
        _files("{n}.yaml", lambda n, _: f"include: [{n + 1}.yaml]\nservices:\n s{n}: {{image: 'postgres:16'}}\n"),
    ),
    Kind("services that mount one file", _sharing("services:\n", _MOUNTING, "pg_hba.conf", _hba, 45)),
    Kind("pods that mount one text", _sharing("", _PODS, "a.yaml", _config_map, 45)),
    Kind(
        "keys of a text",
        _one(
            "a.yaml",
            lambda n: f"  k{n}.conf: 'local all all peer'\n",
            f"{_POD}    volumeMounts: [{{name: c, mountPath: /etc/pg}}]\n---\n{_MAP}",
        ),
    ),
    Kind(
        "mounts of a pod",
        _one(
            "a.yaml",
            lambda n: f"    - {{name: c, mountPath: /e{n}, subPath: a}}\n",
            f"{_MAP}  a: b\n---\n{_POD}    volumeMounts:\n",
        ),
    ),
    Kind("a text in base64", _secret),
    Kind(
        "documents of nothing",
        _one("a.yaml", lambda _: "---\n# pg_hba.conf\n", f"{_MAP}  pg_hba.conf: local all all md5\n"),
    ),
    Kind("brackets in a manifest", _one("a.yaml", lambda _: "[", _MAP + "  pg_hba.conf: ")),
    Kind(
        "records of a chart",
        _one("values.yaml", lambda n: f"    host d{n} all all md5\n", "primary:\n  pgHbaConfiguration: |\n"),
    ),
    Kind(
        "conditions of a template",
        _one("pg_hba.conf.j2", lambda n: f"{{% if a{n} %}}\nhost d{n} all all md5\n{{% endif %}}\n"),
    ),
    Kind(
        "conditions in conditions of a template",
        _one("pg_hba.conf.j2", lambda n: f"{{% if a{n} %}}\nhost d{n} all all md5\n"),
    ),
    Kind(
        "a text of conditions",
        _one("a.yaml", lambda n: f"    {{{{ if a{n} }}}}\n    host d{n} all all md5\n", f"{_MAP}  pg_hba.conf: |\n"),
    ),
)
