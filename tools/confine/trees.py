"""Trees that a stranger could hand in: configurations and links that name what lies outside, in every spelling."""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import NamedTuple
from zlib import crc32

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

CANARY = "canary_outside"
"""What every file outside says of itself; no file of a tree and no path in one holds it."""

OF_THE_KERNEL = ("/proc/version", "/sys/kernel/mm/transparent_hugepage/enabled")
"""What the trees ask for of what the kernel tells, beside the environment; not every machine has it."""

MARKS = (".git", "a .git file", "pgssllint.toml", "pyproject.toml", "PG_VERSION", "none")
"""What makes the top of a tree a root; the last two do not, so that it is one only as a PATH or a working directory."""

_CONF = f"{CANARY} = on\nssl_min_protocol_version = '{CANARY}'\nssl_ciphers = '{CANARY}'\n"
_HBA = f"hostssl {CANARY} all 0.0.0.0/0 trust\n{CANARY}\n"
_OUTSIDE = {
    "postgresql.conf": _CONF,
    "postgresql.auto.conf": _CONF,
    "pg_hba.conf": _HBA,
    "pg_ident.conf": f"{CANARY} /( x\nm {CANARY} x y\n",
    "pg_hosts.conf": f"{CANARY}\n",
    "names.txt": f"{CANARY}, {CANARY}_too\n",
    f"conf.d/{CANARY}.conf": _CONF,
    "conf.d/x.conf": _CONF,
    "compose.yml": f"services:\n  db:\n    image: postgres:16\n    command: postgres -c {CANARY}=on\n",
    "Dockerfile": f"FROM postgres:16\nCMD postgres -c {CANARY}=on\n",
    "kustomization.yaml": f"resources: [{CANARY}]\nconfigMapGenerator: [{{name: c, literals: [{CANARY}=1]}}]\n",
    "init.sh": f"echo {CANARY} >> $PGDATA/pg_hba.conf\n",
    ".env": f"POSTGRES_HOST_AUTH_METHOD={CANARY}\nPATH={CANARY}\n",
    "pgssllint.toml": f"{CANARY} = 1\n",
    "pyproject.toml": f"[tool.pgssllint]\n{CANARY} = 1\n",
    "PG_VERSION": f"9.6 {CANARY}\n",
    ".gitignore": f"{CANARY}\n",
    ".git": f"gitdir: {CANARY}\n",
}
"""The files outside, by their paths, beside a certificate and its key. Those of a tree have the same names."""

_WANTED = (*(name for name in _OUTSIDE if CANARY not in name), "server.crt", "server.key", "conf.d", "")
"""What a tree asks for of it; one file is only known to who lists its folder."""

_PEM = ("server.crt", "server.key")
_FOLDERS = ("", "deploy", "deploy/main", "a/b/c", "conf.d", "-x")
_SERVER_PATHS = ("/etc/postgresql", "/srv/pg")


class Tree(NamedTuple):
    """A tree: the folder that is its top, what lies outside of it, and the paths of its files, relative to the top.

    `outward` is the share of its names and links that lead outside; the others lead to its own files.
    """

    top: Path
    outside: Path
    files: tuple[str, ...]
    outward: float = 1.0


def grown(rng: Random, base: Path, outward: float = 1.0) -> Tree:
    """A tree below `base`, an empty folder, beside the files that nothing may show."""
    tree = Tree(base / "top", base / "outside", (), outward)
    top, outside = tree.top, tree.outside
    lay_outside(outside)
    top.mkdir()
    _mark(rng.choice(MARKS), top, outside)
    for folder in ("", *rng.sample(_FOLDERS[1:], rng.randint(1, 3))):
        (top / folder).mkdir(parents=True, exist_ok=True)
        for name in rng.sample(sorted(_WRITERS), rng.randint(3, len(_WRITERS))):
            _lay(rng, tree, os.path.join(folder, name))
    for name in rng.sample(_options(outside), rng.randint(0, 3)):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).touch()
    return tree._replace(files=tuple(sorted(_paths(top))))


def lay_outside(outside: Path) -> None:
    """Write the files that nothing may show into a folder, which is made."""
    for name, text in _OUTSIDE.items():
        (outside / name).parent.mkdir(parents=True, exist_ok=True)
        (outside / name).write_text(text)
    for name, data in zip(_PEM, _certificate(CANARY), strict=True):
        (outside / name).write_bytes(data)


def is_kept(outside: Path) -> bool:
    """Whether the files outside hold what was written there."""
    return all((outside / name).read_text() == text for name, text in _OUTSIDE.items())


def _mark(mark: str, top: Path, outside: Path) -> None:
    match mark:
        case ".git":
            (top / ".git").mkdir()
        case "a .git file":
            (top / ".git").write_text(f"gitdir: {outside}\n")
        case "PG_VERSION":
            (top / "PG_VERSION").write_text("16\n")
        case "pgssllint.toml" | "pyproject.toml":
            (top / mark).write_text("[tool.pgssllint]\n" if mark == "pyproject.toml" else "")


def _lay(rng: Random, tree: Tree, path: str) -> None:
    """A file of the tree, or a link in its place."""
    place = tree.top / path
    if os.path.lexists(place):
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    name = os.path.basename(path)
    if rng.random() < 0.35:
        place.symlink_to(_spelt(rng, tree, path, rng.choice(_WANTED)))
        return
    if name in _PEM and rng.random() >= tree.outward:
        place.write_bytes(dict(zip(_PEM, _certificate("inside"), strict=True))[name])
        return
    times = 1 if name in _SAID_ONCE else rng.randint(1, 4)
    place.write_text("".join(_WRITERS[name](lambda: _named(rng, tree, path)) for _ in range(times)))


def _spelt(rng: Random, tree: Tree, path: str, wanted: str) -> str:
    """One of the ways in which the file at `path` of a tree can name the file `wanted` outside, or of its own."""
    folder = os.path.dirname(tree.top / path)
    there = tree.outside if rng.random() < tree.outward else tree.top / rng.choice(("", os.path.dirname(path)))
    absolute, up = os.path.join(there, wanted), os.path.relpath(there / wanted, folder)
    return rng.choice(
        [
            absolute,
            up,
            f"./x/../{up}",
            f"//{absolute.lstrip('/')}",
            f"{folder}/{up}",
            f"{rng.choice(_SERVER_PATHS)}/{wanted}",
            *(
                []
                if there != tree.outside
                else [
                    f"/proc/self/root{absolute}",
                    f"/proc/self/cwd/{os.path.relpath(there / wanted, tree.top)}",
                    "/proc/self/environ",
                    rng.choice(OF_THE_KERNEL),
                ]
            ),
        ]
    )


def _named(rng: Random, tree: Tree, path: str) -> str:
    return _spelt(rng, tree, path, rng.choice((*_WANTED, "nothing")))


Named = Callable[[], str]
"""Gives a path that leads outside, each time another one."""


def _conf(named: Named) -> str:
    return (
        f"include '{named()}'\ninclude_if_exists '{named()}'\ninclude_dir '{named()}'\nssl = on\n"
        f"hba_file = '{named()}'\nident_file = '{named()}'\nhosts_file = '{named()}'\ndata_directory = '{named()}'\n"
        f"ssl_cert_file = '{named()}'\nssl_key_file = '{named()}'\nssl_ca_file = '{named()}'\n"
        f"ssl_crl_dir = '{named()}'\nssl_dh_params_file = '{named()}'\n"
    )


def _hba(named: Named) -> str:
    return (
        f'include "{named()}"\ninclude_if_exists "{named()}"\ninclude_dir "{named()}"\nlocal all all peer map=m\n'
        f'hostssl "@{named()}" all 10.0.0.0/8 cert\nhost all @{named()} 10.0.0.0/8 trust\n'
    )


def _declared(named: Named) -> str:
    """One of several, since a path that leads out ends each run that reads it."""
    first, *others = _SERVER_PATHS
    word = named()
    maps = "".join(f', "{server}" = "{named()}"' for server in others)
    written = (
        f'map = {{"{first}" = "{word}"{maps}}}\nfiles = ["{named()}", "*"]\n',
        f'map = {{"{first}" = "{word}"}}\nfiles = ["{named()}", "*"]\n',
        f'files = ["{word}", "*"]\n[[clusters]]\nfiles = ["*"]\ndata-directory = "{named()}"\n',
        f'[[clusters]]\nfiles = ["*"]\nclient-certificates = ["{word}"]\n',
    )
    return written[crc32(word.encode()) % len(written)]


def _compose(named: Named) -> str:
    return (
        f"include: [{{path: '{named()}', env_file: '{named()}'}}]\n"
        "services:\n  db:\n    image: postgres:16\n"
        f"    command: postgres -c hba_file={named()} -c cluster_name=${{PATH}} -c config_file=/c -c ident_file=/i\n"
        f"    env_file: ['{named()}', {{path: '{named()}', required: false}}]\n"
        "    environment: {HOME: , POSTGRES_HOST_AUTH_METHOD: '${PATH}', POSTGRES_USER_FILE: /u}\n"
        f"    volumes: ['{named()}:/c', '{named()}:/docker-entrypoint-initdb.d', '{named()}:/u']\n"
        "    configs: [{source: i, target: /i}]\n    secrets: [s]\n"
        f"  e:\n    extends: {{file: '{named()}', service: db}}\n"
        f"  f:\n    build: {{context: '{named()}', dockerfile: '{named()}'}}\n"
        f"configs:\n  i: {{file: '{named()}'}}\nsecrets:\n  s: {{file: '{named()}'}}\n"
    )


def _kustomization(named: Named) -> str:
    return (
        f"resources: ['{named()}']\nconfigMapGenerator:\n"
        f"- {{name: c, files: ['pg_hba.conf={named()}', 'postgresql.conf={named()}'], envs: ['{named()}']}}\n"
        f"secretGenerator:\n- {{name: s, files: ['{named()}'], env: '{named()}'}}\n"
        "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n"
        "  volumes: [{name: v, configMap: {name: c}}, {name: w, hostPath: {path: /etc}}]\n"
        "  containers:\n  - name: db\n    image: postgres:16\n    envFrom: [{configMapRef: {name: c}}]\n"
        "    args: [-c, hba_file=/v/pg_hba.conf, -c, config_file=/v/postgresql.conf, -c, ident_file=/w/passwd]\n"
        "    volumeMounts: [{name: v, mountPath: /v}, {name: w, mountPath: /w}]\n"
    )


_WRITERS: dict[str, Callable[[Named], str]] = {
    "postgresql.conf": _conf,
    "postgresql.auto.conf": _conf,
    "x.conf": _conf,
    "pg_hba.conf": _hba,
    "pg_ident.conf": lambda named: f'include "{named()}"\nm "@{named()}" x\n',
    "pg_hosts.conf": lambda named: f'db.example "{named()}" "{named()}" "{named()}"\ninclude "{named()}"\n',
    "names.txt": lambda named: f'"@{named()}"\n',
    "compose.yml": lambda named: _compose(named),
    "Dockerfile": lambda named: (
        f"FROM postgres:16\nCOPY {named()} /etc/pg/\nADD {named()} /h\nCOPY . {named()}\nENV A=$HOME$PATH\n"
        "CMD postgres -c hba_file=/h -c config_file=/etc/pg/postgresql.conf -c cluster_name=$PATH\n"
    ),
    "kustomization.yaml": lambda named: _kustomization(named),
    "init.sh": lambda named: (
        f"cat {named()} >> $PGDATA/pg_hba.conf\n. {named()}\ncp {named()} $PGDATA/postgresql.conf\n"
        f"docker run -v {named()}:/h --env-file {named()} -e A=$HOME postgres:16 -c hba_file=/h -c x.y=$PATH\n"
    ),
    "pg.service": lambda named: (
        f"[Service]\nEnvironment=PGDATA={named()}\nEnvironmentFile={named()}\n"
        f"ExecStart=/usr/lib/postgresql/16/bin/postgres -D {named()} -c hba_file={named()}\n"
    ),
    "pgssllint.toml": _declared,
    "server.crt": lambda named: f"{named()}\n",
    "server.key": lambda named: f"{named()}\n",
    "PG_VERSION": lambda _: "16\n",
    ".gitignore": lambda _: "*.txt\n",
}
"""What the files of a tree say, by their names."""

_SAID_ONCE = frozenset({"pgssllint.toml", "compose.yml", "kustomization.yaml", "pg.service", "PG_VERSION"})
"""Files that would not be read if they said it twice."""


def _options(outside: Path) -> Sequence[str]:
    """Names of files that read as options."""
    return (
        "--root=..", "--root=.", f"--root={outside}", "--data-dir=..", f"--data-dir={outside}", "--data-dir=deploy",
        f"--config-file={outside}/postgresql.conf", f"--format=text={outside}/written", f"--map=/srv/pg={outside}",
        "--chroot=..", "--exit-zero", "--select=PGS999", "--format=json", f"--client-certificate={outside}/server.crt",
    )  # fmt: skip


def _paths(top: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(top):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        yield from (os.path.relpath(os.path.join(folder, name), top) for name in [*names, *links])


def _certificate(subject: str) -> tuple[bytes, bytes]:
    """A certificate that has ended, and its key, both in PEM."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2021, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made.public_bytes(Encoding.PEM), private
