"""What Compose starts: each text with its place, what is said of it, what is refused, what nobody knows."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from pgssllint.files import Files
from pgssllint.sources.compose import (
    DROPPED,
    NO_ENV_FILE,
    ODD_VARIABLE,
    STRAY_LINE_END,
    Project,
    is_compose,
    project,
)
from pgssllint.sources.compose_files import MAIN_NAMES, OVERRIDE_NAMES, project_files, usual_files
from pgssllint.sources.compose_groups import file_groups, is_partial
from pgssllint.sources.workload import Reach, Workload
from pgssllint.syntax.yaml_nodes import YamlError, documents
from pgssllint.text import Home, Source
from pgssllint.traced import Traced
from pgssllint.unknown import UNKNOWN
from tests.support.compose import differences, read
from tests.support.repositories import lay

ROWS = json.loads((Path(__file__).parent / "data" / "compose_rows.json").read_text(encoding="utf-8"))
SERVICE = "services:\n  db:\n    image: postgres:16\n"


@pytest.fixture
def compose(tmp_path: Path) -> "Compose":
    return Compose(tmp_path)


class Compose:
    """A folder in which compose files are read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def project(self, text: str, others: Mapping[str, str] | None = None) -> Project:
        lay(self.folder, {"compose.yaml": text, **(others or {})})
        names = usual_files([path.name for path in self.folder.iterdir()])
        return project(Files([str(self.folder)]), [str(self.folder / name) for name in names])

    def service(self, body: str, others: Mapping[str, str] | None = None) -> Workload:
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        found = self.project(SERVICE + lines, others)
        assert found.refused == ()
        (one,) = found.workloads
        return one


def text_at(home: Home | None) -> str:
    assert home is not None
    return home.source.text[home.span.start : home.span.end]


def line_of(home: Home | None) -> tuple[str, int]:
    assert home is not None
    return home.source.path.rpartition("/")[2], home.source.position(home.span.start)[0]


@pytest.mark.parametrize("row", ROWS, ids=[row["case"] for row in ROWS])
def test_a_folder_is_what_compose_said(row: dict[str, Any]) -> None:
    found, _ = read(row["files"])
    if found is not None and not row["profiles"]:
        found = {name: one for name, one in found.items() if not one["profiles"]}

    assert differences(row["answer"], found) == []


def test_each_word_of_a_command_stands_where_it_is_written(compose: Compose) -> None:
    one = compose.service("command: >\n  postgres\n  -c \"ssl=on\"\n  -c ssl_cert_file='/a b.crt'")

    assert isinstance(one.command, tuple)
    assert [str(word) for word in one.command] == ["postgres", "-c", "ssl=on", "-c", "ssl_cert_file=/a b.crt"]
    assert [line_of(word.home()) for word in one.command] == [("compose.yaml", n) for n in (5, 6, 6, 7, 7)]
    assert text_at(one.command[2].home()) == "ssl=on"
    assert text_at(one.command[4].part(14, 22).home()) == "/a b.crt"


def test_what_a_variable_brings_leads_to_where_it_is_set(compose: Compose) -> None:
    one = compose.service(
        "command: -c ssl=${SSL} -c port=${PORT:-5433}\nenvironment: {M: '${M:-trust}', N: 0600}",
        {".env": "\n\nSSL=off\n"},
    )

    assert isinstance(one.command, tuple)
    assert [str(word) for word in one.command] == ["-c", "ssl=off", "-c", "port=5433"]
    assert line_of(one.command[1].part(4, 7).home()) == (".env", 3)
    assert text_at(one.command[3].part(5, 9).home()) == "5433"
    value = one.environment["M"].value
    assert isinstance(value, Traced)
    assert (str(value), text_at(value.home())) == ("trust", "trust")
    assert text_at(one.environment["N"].value.home()) == "0600"  # type: ignore[union-attr]


def test_what_nothing_in_view_sets_is_unknown(compose: Compose, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL", "off")
    monkeypatch.setenv("M", "trust")
    one = compose.service(
        "command: -c ssl=$SSL -c a=b\nenvironment: [M, 'N=${M}', 'O=${M:+x}', P=p]\nuser: ${M?say}\n"
        "ports: ['${M}:5432', '127.0.0.1:${M}:5432', '5432:${M}']\nvolumes: ['${M}:/a', './a:/${M}']"
    )

    assert isinstance(one.command, tuple)
    assert [word.is_known for word in one.command] == [True, False, True, True]
    assert {name: v.value for name, v in one.environment.items() if v.value is UNKNOWN}.keys() == {"M", "N", "O"}
    assert one.user is not None
    assert not one.user.is_known
    assert [(port.target, port.reach) for port in one.ports] == [
        (5432, Reach.UNKNOWN), (5432, Reach.LOOPBACK), (None, Reach.EVERYWHERE),
    ]  # fmt: skip
    assert [(mount.server, mount.local, mount.is_volume) for mount in one.mounts] == [("/a", None, False)]


def test_an_image_is_known_as_far_as_it_is_written(compose: Compose) -> None:
    found = compose.project("services:\n  a: {image: 'postgres:${PG}'}\n  b: {image: '${IMAGE}'}\n  c: {build: ./c}\n")

    first, second, third = (one.image for one in found.workloads)
    assert isinstance(first, Traced)
    assert (first.masked(""), first.is_known) == ("postgres:", False)
    assert second is UNKNOWN
    assert third is None
    build = found.workloads[2].build
    assert build is not None
    assert build.context == str(compose.folder / "c")


def test_what_compose_does_with_a_command_is_said(compose: Compose) -> None:
    one = compose.service("command: postgres -c ssl=on && exec rm /x\nentrypoint: |\n  sh \\\n    -c a")

    assert [(said.kind, said.arguments.get("operator"), text_at(said.at)) for said in one.said] == [
        (STRAY_LINE_END, None, "\n"),
        (DROPPED, "&", "&& exec rm /x"),
    ]


def test_an_option_under_environment_is_said(compose: Compose) -> None:
    one = compose.service("environment:\n  - A=b c\n  - postgres -c ssl=on")

    assert [(said.kind, text_at(said.at)) for said in one.said] == [(ODD_VARIABLE, "postgres -c ssl")]


def test_a_file_of_variables_that_is_not_there_is_not_in_view(compose: Compose) -> None:
    found = compose.project(SERVICE + "    env_file: secret.env\n    environment: {A: b}\n")

    (one,) = found.workloads
    assert found.refused == ()
    assert not one.is_environment_complete
    assert [(said.kind, text_at(said.at)) for said in one.said] == [(NO_ENV_FILE, "secret.env")]
    assert list(one.environment) == ["A"]


def test_what_lies_outside_of_the_roots_is_not_in_view(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    lay(tmp_path, {"a.env": "A=1\n", "c.yml": SERVICE, "Dockerfile": ""})
    found = Compose(inside).project(
        "include: [../c.yml, 'https://x/y.yml']\n" + SERVICE + "    env_file: ../a.env\n    build: ..\n"
        "    volumes: ['../a.env:/a', '/etc/passwd:/b', '~/c:/c', './d:/d', 'e-f:/e']\nvolumes: {e-f: }\n"
        "configs: {x: {file: ../a.env}, y: {content: z}}\n"
    )

    assert [line_of(at) for at in found.unseen] == [("compose.yaml", 1), ("compose.yaml", 1)]
    (one,) = found.workloads
    assert one.environment == {}
    assert one.build is not None
    assert one.build.context is None
    assert [mount.local for mount in one.mounts] == [None, None, None, str(inside / "d"), None]
    assert [source.path.rpartition("/")[2] for source in found.sources] == ["compose.yaml"]


def test_ports_are_reached_from_where_they_are_published(compose: Compose) -> None:
    def reaches(body: str) -> list[tuple[int | None, Reach]]:
        return [(port.target, port.reach) for port in compose.service(body).ports]

    assert reaches("ports: [5432, '127.0.0.1:1:5432', '[::1]:1:5433', '0.0.0.0:2:5434', '10.0.0.1:3:5435']") == [
        (5432, Reach.EVERYWHERE), (5432, Reach.LOOPBACK), (5433, Reach.LOOPBACK), (5434, Reach.EVERYWHERE),
        (5435, Reach.EVERYWHERE),
    ]  # fmt: skip
    assert reaches("expose: [5432]") == [(5432, Reach.NETWORK)]
    assert reaches("network_mode: host\nports: ['127.0.0.1:1:5432']") == [(None, Reach.EVERYWHERE)]
    assert reaches("network_mode: none\nports: ['127.0.0.1:1:5432']") == []
    assert reaches("network_mode: 'service:x'") == [(None, Reach.UNKNOWN)]


@pytest.mark.parametrize(
    ("body", "networks", "reaches"),
    [
        ("networks: [lan]", "lan: {driver: macvlan}", [(None, Reach.EVERYWHERE)]),
        (
            "networks: {lan: {ipv4_address: 10.0.0.2}, back: }",
            "lan: {driver: ipvlan}, back: ",
            [(None, Reach.EVERYWHERE)],
        ),
        ("networks: []", "default: {driver: macvlan}", [(None, Reach.EVERYWHERE)]),
        ("networks: [back]", "default: {driver: macvlan}, back: {}", []),
        ("networks: [back]", "lan: {driver: macvlan}, back: {external: true}", []),
        ("networks: [lan]", "lan: {driver: '${DRIVER}'}", [(None, Reach.UNKNOWN)]),
        ("network_mode: bridge", "lan: {driver: macvlan}", []),
    ],
)
def test_a_container_in_a_network_of_the_machines_around_is_reached_from_there(
    body: str, networks: str, reaches: list[tuple[int | None, Reach]], compose: Compose
) -> None:
    (made,) = compose.project(f"{SERVICE}    {body}\nnetworks: {{{networks}}}\n").workloads
    assert [(port.target, port.reach) for port in made.ports] == reaches


def test_a_deeper_mount_comes_later_and_what_is_given_has_its_text_and_mode(compose: Compose) -> None:
    found = compose.project(
        SERVICE
        + "    volumes: ['./h:/data/pg/pg_hba.conf:ro', 'pgdata:/data/pg']\n    configs: [{source: c, mode: 0440}]\n"
        "    secrets: [k, {source: f, mode: 0400}]\nvolumes: {pgdata: }\n"
        "configs:\n  c:\n    content: |\n      host all all all md5\n"
        "secrets: {k: {external: true}, f: {file: ./server.key}}\n"
    )

    (one,) = found.workloads
    assert [(mount.server, mount.is_volume, mount.read_only) for mount in one.mounts] == [
        ("/c", False, True), ("/data/pg", True, False), ("/data/pg/pg_hba.conf", False, True),
        ("/run/secrets/k", False, True), ("/run/secrets/f", False, True),
    ]  # fmt: skip
    content = one.mounts[0].contents
    assert content is not None
    assert (str(content), text_at(content.part(0, 4).home())) == ("host all all all md5\n", "host")
    assert (one.mounts[0].mode, one.mounts[4].mode) == (0o440, None)
    assert one.mounts[4].local == str(compose.folder / "server.key")


def test_a_profile_that_is_on_is_none(compose: Compose) -> None:
    text = "services:\n  a: {image: x, profiles: [p]}\n  b: {image: x, profiles: [q]}\n"

    assert [one.profiles for one in compose.project(text).workloads] == [("p",), ("q",)]
    assert [one.profiles for one in compose.project(text, {".env": "COMPOSE_PROFILES=x,p\n"}).workloads] == [(), ("q",)]


def test_services_of_an_override_file_lead_to_it(compose: Compose) -> None:
    one = compose.service(
        "command: a\nenvironment: {A: 1}",
        {"compose.override.yml": "services:\n  db:\n    command: b\n    environment: [B=2]\n"},
    )

    assert isinstance(one.command, tuple)
    assert line_of(one.command[0].home()) == ("compose.override.yml", 3)
    assert [line_of(v.name.home()) for v in one.environment.values()] == [
        ("compose.yaml", 5),
        ("compose.override.yml", 4),
    ]
    assert line_of(one.at) == ("compose.yaml", 2)


REFUSED = {
    "unknown key": (SERVICE + "    comand: x\n", "comand"),
    "unknown key of a file": ("servics: {}\n", "servics"),
    "key twice": (SERVICE + "    user: '1'\n    user: '2'\n", "user"),
    "no volume": (SERVICE + "    volumes: ['pg_hba.conf:/x']\n", "'pg_hba.conf:/x'"),
    "open quote": (SERVICE + '    command: "a \'b"\n', '"a \'b"'),
    "number": (SERVICE + "    command: 5\n", "5"),
    "open brace": (SERVICE + "    command: a ${b\n", "${b"),
    "no image": ("services: {a: {command: x}}\n", "a"),
    "extends itself": ("services: {a: {image: x, extends: b}, b: {image: x, extends: a}}\n", "a"),
    "includes itself": ("include: [compose.yaml]\n" + SERVICE, "compose.yaml"),
    "includes nothing": ("include: [none.yaml]\n" + SERVICE, "none.yaml"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_compose_refuses_is_told_at_its_place(name: str, compose: Compose) -> None:
    text, place = REFUSED[name]
    found = compose.project(text)

    assert [text_at(one.at) for one in found.refused] == [place]


def test_a_compose_file_is_known_by_its_services() -> None:
    def known(text: str) -> bool:
        (root,) = documents(Source("/a", text.encode()))
        return is_compose(root)

    assert known(SERVICE)
    assert known("x: 1\nservices: {a: {build: .}}\n")
    assert not known("services: [a]\n")
    assert not known("services: {a: {host: x}}\n")
    assert not known("apiVersion: v1\nservices: {a: {image: x}}\n")


def test_the_usual_files_are_the_first_of_each_kind() -> None:
    assert usual_files(["a", *MAIN_NAMES, *OVERRIDE_NAMES]) == (MAIN_NAMES[0], OVERRIDE_NAMES[0])
    assert usual_files([MAIN_NAMES[3], OVERRIDE_NAMES[3]]) == (MAIN_NAMES[3], OVERRIDE_NAMES[3])
    assert usual_files(OVERRIDE_NAMES) == ()


LONG: dict[str, Callable[[int], str]] = {
    "services": lambda n: "services:\n" + "".join(f"  s{i}: {{image: x, command: a b}}\n" for i in range(n // 4)),
    "words": lambda n: SERVICE + "    command: x " + "'a' \\b " * n + "\n",
    "dollars": lambda n: SERVICE + "    command: " + "$$ " * n + "\n",
    "defaults": lambda n: SERVICE + "    command: " + "${A:-b} " * n + "\n",
    "variables": lambda n: SERVICE + "    environment:\n" + "".join(f"      A{i}: $A\n" for i in range(n)),
    "volumes": lambda n: SERVICE + "    volumes:\n" + "".join(f"      - ./a{i}:/b{i}\n" for i in range(n)),
    "long volume": lambda n: SERVICE + "    volumes: ['./" + "a/" * n * 5 + ":/b']\n",
    "ports": lambda n: SERVICE + "    ports:\n" + "      - 1-65535:1-65535\n" * n,
    "exposed": lambda n: SERVICE + "    expose:\n" + "      - 1-65535\n" * n,
    "extended": lambda n: (
        "services:\n" + "".join(f"  s{i}: {{image: x, extends: s{(i + 1) % (n // 4)}}}\n" for i in range(n // 4))
    ),
    "included": lambda n: "include: [" + "compose.yaml, " * n + "]\n" + SERVICE,
    "braces": lambda n: SERVICE + "    command: " + "${A:-" * n + "\n",
}


@pytest.mark.parametrize("kind", LONG)
def test_a_long_file_costs_what_its_length_is(kind: str, compose: Compose) -> None:
    def cost(size: int) -> float:
        begun = process_time()
        compose.project(LONG[kind](size))
        return process_time() - begun

    # Eight times as long: not much more than that as dear, beside what others take of the machine meanwhile.
    least = max(min(cost(200) for _ in range(3)), 0.01)
    assert min(cost(1600) for _ in range(2)) < least * 8 * 4


HOSTILE = {
    "services that extend one another": "services:\n"
    + "".join(f"  s{i}: {{image: x, extends: s{i + 1}, environment: {{A{i}: x, B{i}: y}}}}\n" for i in range(499))
    + "  s499: {image: x, environment: {" + ", ".join(f"C{i}: x" for i in range(800)) + "}}\n",
    "ports of many documents": SERVICE + "".join(f"---\nservices: {{db: {{ports: ['{i}:1']}}}}\n" for i in range(2000)),
    "aliases": "x: &x {image: y, environment: {" + ", ".join(f"A{i}: x" for i in range(1000)) + "}}\nservices:\n"
    + "".join(f"  s{i}: *x\n" for i in range(5000)),
    "documents": SERVICE + "---\nvolumes: {a: }\n" * 201,
    "services": "services:\n" + "".join(f"  s{i}: {{image: x}}\n" for i in range(501)),
    "services of two documents": "---\n".join(
        "services:\n" + "".join(f"  {name}{i}: {{image: x}}\n" for i in range(251)) for name in "ab"
    ),
    "levels": SERVICE + "    environment: " + "{a: " * 20000,
    "bytes": "\0\udcff",
    "text": "postgres: [",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_would_be_dear_is_one_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_bytes(HOSTILE[name].encode("utf-8", "surrogateescape"))

    with pytest.raises(YamlError, match=r"^(comes to|stands for|nests|is not|holds|has) "):
        project(Files([str(tmp_path)]), [str(tmp_path / "compose.yaml")])


def test_a_file_with_less_than_a_service_is_read_over_the_first(tmp_path: Path) -> None:
    files = {
        "docker-compose.yml": SERVICE, "docker-compose.override.yml": "services: {db: {user: a}}\n",
        "docker-compose.prod.yml": "services: {db: {command: -c ssl=on}}\n", "other.yml": "services: {x: {image: y}}\n",
        "broken.yml": "services: [\n", "values.yaml": "a: 1\n",
    }  # fmt: skip
    lay(tmp_path, files)
    groups = file_groups(Files([str(tmp_path)]), str(tmp_path), sorted(files))
    over = project(Files([str(tmp_path)]), [str(tmp_path / name) for name in groups[1].names])

    assert [group.names for group in groups] == [
        ("docker-compose.yml", "docker-compose.override.yml"), ("docker-compose.yml", "docker-compose.prod.yml"),
        ("other.yml",),
    ]  # fmt: skip
    assert over.refused == ()
    assert [str(word) for word in over.workloads[0].command or ()] == ["-c", "ssl=on"]  # type: ignore[union-attr]


def test_files_that_lead_on_and_on_are_one_sentence(compose: Compose) -> None:
    chain = {f"i{n}.yml": f"include: [i{n + 1}.yml]\n" for n in range(40)}
    bases = {f"e{n}.yml": f"services: {{a: {{extends: {{file: e{n + 1}.yml, service: a}}}}}}\n" for n in range(40)}
    same = "services:\n" + "".join(f"  s{n}: {{extends: {{file: e.yml, service: a}}}}\n" for n in range(120))

    with pytest.raises(YamlError, match=r"^is included or extended over more than 20 files"):
        compose.project("include: [i0.yml]\n", chain | {"i40.yml": SERVICE})
    with pytest.raises(YamlError, match=r"^is included or extended over more than 20 files"):
        compose.project("services: {a: {extends: {file: e0.yml, service: a}}}\n", bases | {"e40.yml": SERVICE})
    with pytest.raises(YamlError, match=r"^is one of more than 100 files"):
        compose.project(same, {"e.yml": "services: {a: {image: x}}\n"})
    with pytest.raises(YamlError, match=r"^is one of more than 100 files"):
        compose.project("include: [" + "e.yml, " * 120 + "]\n", {"e.yml": "services: {a: {image: x}}\n"})


ODD = [
    "",
    "a",
    "[]",
    "services:",
    "services: []",
    "services: {a: }",
    "services: {a: []}",
    "services: {[a]: b}",
    "include: a",
    "include: [{}]",
    "services: {a: {build: [], environment: 5, ports: {}, volumes: [[]], configs: [[]], extends: []}}",
    "services: {a: {image: x, env_file: [{}], ports: [{}], volumes: [{}], secrets: [{}], extends: {file: []}}}",
    "volumes: a\nservices: {a: {image: {}, command: {}, profiles: {}, network_mode: [], user: {}, expose: [[]]}}",
    "services: {a: {image: x, ports: ['::::', '/', ':', '-', '99999999999', '1-0'], volumes: [':', '::', ' ']}}",
    "services: &s {a: {image: x}, <<: {b: {image: y}}}\nx: *s",
    "configs: [a]\nsecrets: {a: [], b: {file: {}}}\nservices: {a: {image: x, secrets: [a, b, c], configs: [a]}}",
]


@pytest.mark.parametrize("text", ODD)
def test_odd_files_end_no_run(text: str, compose: Compose) -> None:
    compose.project(text, {".env": "=\n\"'\n${", "compose.override.yaml": text})


def test_files_of_variables_have_bounds(compose: Compose) -> None:
    chain = "A0=x\n" + "".join(f"A{n}=${{A{n - 1}}}x\n" for n in range(1, 9000))
    doubled = "A0=xx\n" + "".join(f"A{n}=$A{n - 1}$A{n - 1}\n" for n in range(1, 40))
    begun = process_time()
    found = [compose.project(SERVICE, {".env": text}) for text in (chain, doubled, "A=" + "b" * 300_000)]
    huge = compose.service(
        "environment:\n" + "  - $A\n" * 100 + "command: " + "$A " * 9000, {".env": "A=" + "b" * 200_000}
    )

    assert [one.refused[0].why.split(" ")[0] for one in found] == ["comes", "comes", "is"]
    assert isinstance(huge.command, tuple)
    assert not all(word.is_known for word in huge.command)
    assert process_time() - begun < 20


def test_the_files_of_a_project_are_those_that_dotenv_names(tmp_path: Path) -> None:
    def names(dotenv: str | None) -> tuple[str, ...]:
        lay(tmp_path, {"compose.yaml": SERVICE, "a.yml": SERVICE} | ({} if dotenv is None else {".env": dotenv}))
        return project_files(Files([str(tmp_path)]), str(tmp_path))

    assert names(None) == ("compose.yaml",)
    assert names("COMPOSE_FILE=a.yml:./b/c.yml\n") == ("a.yml", "b/c.yml")
    assert names("COMPOSE_FILE=a.yml;b.yml\nCOMPOSE_PATH_SEPARATOR=;\n") == ("a.yml", "b.yml")
    assert names("COMPOSE_FILE=$NOBODY\n") == ("compose.yaml",)
    assert names("COMPOSE_FILE='\n") == ("compose.yaml",)


def test_a_file_with_less_than_a_service_is_part_of_another() -> None:
    def partial(text: str) -> bool:
        (root,) = documents(Source("/a", text.encode()))
        return is_partial(root)

    assert partial("services: {a: {image: x}, b: {command: y}}")
    assert not partial("services: {a: {image: x}, b: {build: .}, c: {extends: a}}")
    assert not partial("services: {a: }")


SHARING = """\
services:
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: x}
    command: -c hba_file=/etc/pg/hba.conf
    volumes_from: [OF]
    volumes: ["./own:/own"]
  conf:
    image: busybox
    volumes: ["./hba.conf:/etc/pg/hba.conf", "./theirs:/own"]
    volumes_from: [deep]
  deep:
    image: busybox
    configs: [{source: c, target: /deep}]
configs: {c: {content: x}}
"""


@pytest.mark.parametrize(
    ("of", "mounted", "refused"),
    [
        ("conf", {"/deep": None, "/etc/pg/hba.conf": "hba.conf", "/own": "own"}, None),
        ('"conf:ro"', {"/deep": None, "/etc/pg/hba.conf": "hba.conf", "/own": "own"}, None),
        ('"container:x"', {"/": None, "/own": "own"}, None),
        ("nosuch", {"/own": "own"}, "takes the volumes of a service that is not there"),
        ("db", {"/own": "own"}, "takes volumes in a circle"),
    ],
)
def test_volumes_are_taken_from_other_services(
    tmp_path: Path, of: str, mounted: dict[str, str | None], refused: str | None
) -> None:
    (tmp_path / "compose.yaml").write_text(SHARING.replace("OF", of))
    made = project(Files([str(tmp_path)]), [str(tmp_path / "compose.yaml")])
    (db,) = (one for one in made.workloads if one.name == "db")
    names = {one.server: one.local.rpartition("/")[2] if one.local is not None else None for one in db.mounts}
    # Of two at one path the service's own comes last, and counts.
    assert names == mounted
    assert [one.why for one in made.refused] == ([] if refused is None else [refused])
    taken = [one.read_only for one in db.mounts if one.server == "/etc/pg/hba.conf"]
    assert taken in ([], ["ro" in of])


def test_services_that_take_volumes_of_each_other_cost_no_more_than_their_number(tmp_path: Path) -> None:
    services = ""
    for n in range(300):
        others = ", ".join(f"s{m}" for m in range(n + 1, min(n + 9, 300)))
        services += f"  s{n}:\n    image: x\n    volumes: ['./a:/a{n}']\n    volumes_from: [{others}]\n"
    (tmp_path / "compose.yaml").write_text(f"services:\n{services}")
    made = project(Files([str(tmp_path)]), [str(tmp_path / "compose.yaml")])
    assert {"/a0", "/a10"} <= {one.server for one in made.workloads[0].mounts}
    assert len(made.workloads[0].mounts) <= 301
