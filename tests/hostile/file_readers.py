"""Every function that reads a file of somebody else's, each as a function of the bytes of one.

What was read is looked at, all of it: what is worked out only when it is asked for may fail as well.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from pgssllint.baseline.log import BaselineError
from pgssllint.baseline.log import read as read_baseline
from pgssllint.configuration.key import Command
from pgssllint.configuration.mistakes import ConfigurationError
from pgssllint.configuration.nearest import Configurations
from pgssllint.configuration.reading import read_declared
from pgssllint.files import Files
from pgssllint.ignores import Ignores
from pgssllint.launch import last_start, read_launch
from pgssllint.people import people_of
from pgssllint.postgres.auth_file import literal_lines
from pgssllint.postgres.hba import read_hba
from pgssllint.postgres.hosts import read_hosts
from pgssllint.postgres.ident import read_ident
from pgssllint.postgres.passphrase import read_passphrase
from pgssllint.postgres.reading import read_entries
from pgssllint.postgres.regex import read_regex
from pgssllint.postgres.settings import Settings, faulty_values, same_value, unknown_names
from pgssllint.project import Project
from pgssllint.recognition import may_be_ours, read_as, sniffed, why_left
from pgssllint.rulebook import rulebook
from pgssllint.sources.compose import project
from pgssllint.sources.compose_files import project_files
from pgssllint.sources.container_site import container_site
from pgssllint.sources.docker_run import runs_in_makefile, runs_in_script
from pgssllint.sources.dockerfile import read_file
from pgssllint.sources.helm_values import read_values
from pgssllint.sources.kubernetes import read_kubernetes
from pgssllint.sources.patroni import read_patroni
from pgssllint.sources.site import Site
from pgssllint.sources.systemd import read_unit
from pgssllint.sources.template_defaults import defaults
from pgssllint.sources.workload import Mount, Workload
from pgssllint.suppressions import directives
from pgssllint.syntax.yaml_nodes import HAS_LIBYAML, YamlError, documents
from pgssllint.target import MAJORS, OpenSSL
from pgssllint.targets import major_of
from pgssllint.text import Source, Span
from pgssllint.tls.chain import path, read_bundle
from pgssllint.tls.ciphers import expand
from pgssllint.tls.crl import read_crls
from pgssllint.tls.dh import dh_fault, read_dh
from pgssllint.tls.groups import read_groups
from pgssllint.tls.key import read_keys, what
from pgssllint.tls.loading import ca_fault, chain_fault, key_fault, store_fault
from pgssllint.tls.sniff import sniff
from pgssllint.traced import written
from tests.hostile.cases import BESIDE, SERIES, BrokenError, Case, Reader, lay, text_of
from tests.support.manifests import STATEFUL_SET
from tests.support.memory import Memory, main_file
from tests.support.passphrases import opens
from tests.support.pki import AT

_DEEPEST = 6
_WIDEST = 40


def looked_at(value: Any, depth: int = _DEEPEST) -> None:
    """Look at all there is to see of a value that was read: its fields, what it works out of them, and of theirs."""
    if depth < 0 or value is None or isinstance(value, str | bytes | int | float | type | Source):
        return
    if isinstance(value, Mapping):
        value = [*value.keys(), *value.values()]
    if is_dataclass(value) or hasattr(value, "_fields"):
        names = [field.name for field in fields(value)] if is_dataclass(value) else value._fields
        kind: Any = type(value)
        for name in (*names, *_worked_out(kind)):
            looked_at(getattr(value, name), depth - 1)
    elif isinstance(value, tuple | list | set | frozenset):
        for one in [*value][:_WIDEST]:
            looked_at(one, depth - 1)


@cache
def _worked_out(kind: Any) -> tuple[str, ...]:
    """The public properties of a class of the package."""
    if not kind.__module__.startswith("pgssllint"):
        return ()
    members = ((name, getattr(kind, name, None)) for name in dir(kind) if not name.startswith("_"))
    return tuple(name for name, member in members if isinstance(member, property | cached_property))


def _conf(random: Random, _: Path) -> Case:
    major, like_the_view = random.choice(MAJORS), random.random() < 0.3

    def ask(data: bytes) -> None:
        source = main_file(data, "postgresql.conf")
        entries = read_entries(source, Memory(BESIDE), like_the_view=like_the_view)
        settings = Settings(entries, major)
        looked_at((entries, [*directives(source, "postgresql_conf")]))
        looked_at(([*settings.losers("file")], [*settings.unread()]))
        looked_at(([*faulty_values(settings, major)], [*unknown_names(settings, major)]))
        for one, other in pairwise(entries.all):
            same_value(one, other, major)

    return Case("conf", ask, f"PostgreSQL {major}, {like_the_view=}")


def _auth(kind: str, read: Callable[[Source, Memory, int], object]) -> Reader:
    """The reader of one of the three files, and of what lies beside it."""

    def reader(random: Random, _: Path) -> Case:
        major = random.choice(MAJORS)

        def ask(data: bytes) -> None:
            source = main_file(data, f"pg_{kind}.conf")
            looked_at(read(source, Memory(BESIDE), major))
            looked_at([*literal_lines(source, Memory(BESIDE), major)])
            looked_at([*directives(source, "auth_file")])

        return Case(kind, ask, f"PostgreSQL {major}")

    return reader


def _names(random: Random, _: Path) -> Case:
    major = random.choice(MAJORS)
    text = random.choice((
        "host @f all all trust\n", "host all @f,x 0.0.0.0/0 md5\n", "include f\nlocal all all peer\n",
        "local all +a,@f peer map=@f\n", "include_if_exists f\ninclude_dir d\n",
    ))  # fmt: skip

    def ask(data: bytes) -> None:
        files = Memory(BESIDE | {"f": data.decode("utf-8", "surrogateescape")})
        looked_at(read_hba(main_file(text), files, major))

    return Case("names", ask, f"PostgreSQL {major}, {text!r}")


def _certificates(random: Random, _: Path) -> Case:
    openssl, bom = OpenSSL.parse(random.choice(SERIES)), random.random() < 0.5

    def ask(data: bytes) -> None:
        bundle = read_bundle(Source("/x.crt", data), bom)
        for fault in (chain_fault(bundle, openssl), ca_fault(bundle, openssl), store_fault(bundle.blocks, openssl)):
            looked_at(fault)
        looked_at((bundle, path(bundle, at=AT), sniff(data)))

    return Case("certificates", ask, f"OpenSSL {openssl}, {bom=}")


def _key(random: Random, _: Path) -> Case:
    openssl, bom = OpenSSL.parse(random.choice(SERIES)), random.random() < 0.5
    passphrase = random.choice((b"", b"tests only", b"\xff\0"))

    def ask(data: bytes) -> None:
        source = Source("/x.key", data)
        looked_at((read_keys(source, bom), key_fault(read_keys(source, bom), openssl), what(source)))
        opens(data, passphrase)

    return Case("key", ask, f"OpenSSL {openssl}, {bom=}, {passphrase=}")


def _crl(random: Random, _: Path) -> Case:
    openssl, bom = OpenSSL.parse(random.choice(SERIES)), random.random() < 0.5

    def ask(data: bytes) -> None:
        lists = read_crls(Source("/x.crl", data), bom)
        looked_at((lists, store_fault(read_bundle(Source("/x.crl", data)).blocks, openssl)))

    return Case("crl", ask, f"OpenSSL {openssl}, {bom=}")


def _dh(random: Random, _: Path) -> Case:
    openssl = OpenSSL.parse(random.choice(SERIES))

    def ask(data: bytes) -> None:
        found = read_dh(Source("/dh.pem", data), openssl)
        looked_at((found, dh_fault(found, openssl)))

    return Case("dh", ask, f"OpenSSL {openssl}")


def _groups(random: Random, _: Path) -> Case:
    openssl, major = OpenSSL.parse(random.choice(SERIES)), random.choice(MAJORS)
    return Case("groups", lambda data: looked_at(read_groups(text_of(data), major, openssl)), f"{major}, {openssl}")


def _suites(random: Random, _: Path) -> Case:
    openssl = OpenSSL.parse(random.choice(SERIES))
    return Case("ciphers", lambda data: looked_at(expand(text_of(data), openssl)), f"OpenSSL {openssl}")


def _regex(random: Random, _: Path) -> Case:
    major = random.choice(MAJORS)
    return Case("regex", lambda data: looked_at(read_regex(text_of(data), major)), f"PostgreSQL {major}")


def _passphrase(random: Random, _: Path) -> Case:
    major = random.choice(MAJORS)
    return Case("passphrase", lambda data: looked_at(read_passphrase(text_of(data), major)), f"PostgreSQL {major}")


def _launch(random: Random, _: Path) -> Case:
    name = random.choice(("compose.yaml", "Dockerfile"))
    return Case("launch", lambda data: looked_at(read_launch(Source(f"/{name}", data))), name)


def _manifest(random: Random, folder: Path) -> Case:
    """Readers of manifests and values, with a container beside them that mounts what there is."""
    name = random.choice(("a.yaml", "kustomization.yaml", "values.yaml"))
    beside = Source(f"{folder}/b.yaml", STATEFUL_SET.encode())

    def ask(data: bytes) -> None:
        source = Source(f"{folder}/{name}", data)
        files = Files((str(folder),))
        found = read_kubernetes([source, beside], files)
        looked_at((found, read_values(source, files), list(defaults(source))))
        for site in found.sites:
            require_whole(site)

    return Case("manifest", ask, name)


def _patroni(_: Random, folder: Path) -> Case:
    def ask(data: bytes) -> None:
        for site in read_patroni(Source(f"{folder}/patroni.yml", data), Files((str(folder),))):
            looked_at(site)
            require_whole(site)

    return Case("patroni", ask)


def _compose(name: str) -> Reader:
    """The reader of a compose file, or of a file of variables beside one."""

    def reader(random: Random, folder: Path) -> Case:
        files = {"compose.yaml": _SERVICE, ".env": b"A=1\nB=$A\n", "compose.override.yaml": _SERVICE}
        beside = {key: data for key, data in files.items() if key != name and random.random() < 0.7}

        def ask(data: bytes) -> None:
            view = lay(folder, {"compose.yaml": _SERVICE, **beside, name: data})
            with suppress(YamlError):
                looked_at(project(view, [f"{folder}/{one}" for one in project_files(view, str(folder))]))

        return Case("compose" if name == "compose.yaml" else "dotenv", ask, ", ".join(beside))

    return reader


_SERVICE = b"""services:
  db:
    image: postgres:${B:-16}
    command: -c a=$A
    env_file: .env
    environment: {C: $B}
    ports: [5432]
    volumes: ['./a:/b']
"""


def _yaml(random: Random, _: Path) -> Case:
    libyaml = random.random() < 0.5 and HAS_LIBYAML

    def ask(data: bytes) -> None:
        with suppress(YamlError):
            looked_at(tuple(documents(Source("/a.yaml", data), libyaml=libyaml)))

    return Case("compose", ask, "libyaml" if libyaml else "")


def _recognised(random: Random, folder: Path) -> Case:
    kind, name = random.choice((
        ("conf", "x.conf"), ("hba", "x.conf"), ("conf", "pg_hba.conf"), ("hba", "postgresql.conf"),
        ("ident", "pg_ident.conf"), ("launch", "values.yaml"), ("gitignore", "postgresql.conf"),
    ))  # fmt: skip

    def ask(data: bytes) -> None:
        files = lay(folder, {name: data})
        source = Source(str(folder / name), data)
        project = Project(str(folder), files, Configurations(str(folder), files))
        looked_at((may_be_ours(data), read_as(source, project), sniffed(source), why_left(source, project)))

    return Case(kind, ask, name)


def _dockerfile(_: Random, folder: Path) -> Case:
    """A Dockerfile and the server of its image, whose files are as long as what they are made of."""

    def ask(data: bytes) -> None:
        files = lay(folder, {"Dockerfile": data, "pg_hba.conf": b"local all all peer\n", "server.key": b"x"})
        workload = read_file(Source(f"{folder}/Dockerfile", data), files)
        require_whole(container_site(workload, files) if workload is not None else None)

    return Case("dockerfile", ask)


def _script(random: Random, folder: Path) -> Case:
    """A script of a container's first start, one that starts containers, a unit of systemd."""
    name = random.choice(("a.sh", "a.sql"))

    def ask(data: bytes) -> None:
        files = lay(folder, {"init/" + name: data, "pg_hba.conf": b"local all all peer\n"})
        source = Source(f"{folder}/{name}", data)
        started = [*runs_in_script(source, files), *runs_in_makefile(source, files)]
        looked_at((started, read_unit(source, files)))
        at = source.home(Span(0, 0))
        mount = Mount("/docker-entrypoint-initdb.d", f"{folder}/init", at)
        image = written(Source("/compose.yaml", b"postgres:16"), Span(0, 11))
        one = Workload(
            at, "compose", "service", "db", image, mounts=(mount, mount._replace(server="/in", local=str(folder)))
        )
        for workload in (one, *started):
            require_whole(container_site(workload, files))

    return Case("script", ask, name)


def require_whole(site: Site | None) -> None:
    """Each file that a tool makes is as long as what it is made of."""
    looked_at(site)
    for made in site.files.values() if site is not None else ():
        if len(made.text) != sum(run.length for run in made.runs):
            raise BrokenError("a file is not as long as what it is made of")


def _options(_: Random, __: Path) -> Case:
    return Case("options", lambda data: looked_at(last_start(Source("/postmaster.opts", data))))


def _people(_: Random, folder: Path) -> Case:
    def ask(data: bytes) -> None:
        lay(folder, {"etc/passwd": data, "etc/group": data})
        looked_at(people_of(Files(None, chroot=str(folder))))

    return Case("people", ask)


def _version(_: Random, folder: Path) -> Case:
    def ask(data: bytes) -> None:
        files = lay(folder, {"PG_VERSION": data})
        found = major_of(f"{folder}/postgresql.conf", files)
        if found is not None and found[0] not in MAJORS:
            raise BrokenError(f"there is no PostgreSQL {found[0]}")

    return Case("version", ask)


def _declared(name: str) -> Reader:
    """The reader of the linter's own configuration in a file of that name."""

    def reader(_: Random, folder: Path) -> Case:
        def ask(data: bytes) -> None:
            with suppress(ConfigurationError):
                declared = read_declared(str(folder), lay(folder, {name: data}))
                looked_at((declared, declared.told(Command.CHECK)))

        return Case("toml" if name == "pgssllint.toml" else "pyproject", ask)

    return reader


def _baseline(_: Random, folder: Path) -> Case:
    def ask(data: bytes) -> None:
        lay(folder, {"b.sarif": data})
        with suppress(BaselineError):
            looked_at(read_baseline(f"{folder}/b.sarif", rulebook().pages))

    return Case("baseline", ask)


def _gitignore(random: Random, folder: Path) -> Case:
    where = random.choice(("", "conf/"))
    paths = [
        "/".join(random.choice(("conf", "a", "x", "build", "deploy", "pg_hba.conf", "a\n", "é", "[a]", "\udcff", "aab"))
                 for _ in range(random.randrange(1, 6)))
        for _ in range(4)
    ] + ["a" * 200, "a/" * 60 + "b"]  # fmt: skip
    folders = [random.random() < 0.5 for _ in paths]

    def ask(data: bytes) -> None:
        ignores = Ignores(lay(folder, {f"{where}.gitignore": data}), str(folder))
        for name, is_folder in zip(paths, folders, strict=True):
            ignores.match(f"{folder}/conf/{name}", is_folder)

    return Case("gitignore", ask, where)


FILE_READERS: Mapping[str, Reader] = {
    "postgresql.conf": _conf, "pg_hba.conf": _auth("hba", read_hba), "pg_ident.conf": _auth("ident", read_ident),
    "pg_hosts.conf": _auth("hosts", lambda source, opener, _: read_hosts(source, opener)), "@file": _names,
    "certificates": _certificates, "key": _key, "crl": _crl, "dh": _dh, "groups": _groups, "suites": _suites,
    "regex": _regex, "passphrase": _passphrase, "launch": _launch, "PG_VERSION": _version,
    "manifests": _manifest, "compose.yaml": _compose("compose.yaml"), ".env": _compose(".env"), "YAML": _yaml,
    "Dockerfile": _dockerfile, "scripts": _script, "Patroni": _patroni,
    "other names": _recognised, "postmaster.opts": _options, "passwd": _people,
    "pgssllint.toml": _declared("pgssllint.toml"), "pyproject.toml": _declared("pyproject.toml"),
    ".gitignore": _gitignore, "baseline": _baseline,
}  # fmt: skip
"""The readers by the names of what they read."""
