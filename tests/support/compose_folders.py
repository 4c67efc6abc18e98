"""Random folders of compose files: all spellings, several files, what is extended and included, variables, faults."""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from pgssllint.sources.compose_files import MAIN_NAMES, OVERRIDE_NAMES
from tests.support.compose_spellings import (
    ENV_LINES,
    FAULTS,
    IMAGES,
    LINES,
    LIST_VALUES,
    LONG,
    LONG_PORTS,
    LONG_VOLUMES,
    NAMES,
    PORTS,
    VALUES,
    VOLUMES,
    WORDS,
    Raw,
)


class Folder(NamedTuple):
    """The files, and of what kinds what stands in them is."""

    files: dict[str, str]
    kinds: tuple[str, ...]


NETWORKS: "list[Any]" = [
    {"driver": "macvlan"}, {"driver": "ipvlan"}, {"driver": "bridge"}, {"external": True}, {"driver": "${D:-macvlan}"},
]  # fmt: skip
PARTS = ("volumes", "configs", "secrets", "networks")


@dataclass(slots=True)
class _Drawing:
    """A folder that is being drawn."""

    random: Random
    files: dict[str, str] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)
    top: dict[str, dict[str, Any]] = field(default_factory=lambda: {part: {} for part in PARTS})

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def pick(self, kind: str, choices: "list[Any]") -> Any:
        self.kinds.append(kind)
        return self.random.choice(choices)


def draw(seed: int) -> Folder:
    """The folder of a seed."""
    it = _Drawing(Random(seed))
    if it.chance(0.5):
        it.kinds.append(".env")
        it.files[".env"] = _env_text(it)
    main = it.random.choice(MAIN_NAMES)
    documents = [_document(it, "", is_first=True)]
    if it.chance(0.05):
        it.kinds.append("several documents")
        documents.append(_over(it))
    it.files[main] = "---\n".join(_yaml(it, one) for one in documents)
    if it.chance(0.35):
        it.kinds.append("override file")
        it.files[it.random.choice(OVERRIDE_NAMES)] = _yaml(it, _over(it))
    if it.chance(0.05):
        it.kinds.append("two main files")
        it.files.setdefault(it.random.choice(MAIN_NAMES), "services: {db: {image: other}}\n")
    if it.chance(0.15):
        _fault(it, main)
    return Folder(it.files, tuple(sorted(set(it.kinds))))


def _document(it: _Drawing, folder: str, *, is_first: bool) -> dict[str, Any]:
    names = ["db", "app", "base"] if is_first else ["other"]
    services: dict[str, Any] = {}
    for name in names[: it.random.randint(1, 3)]:
        services[name] = _service(it, folder, is_whole=True)
    if is_first and len(services) > 1 and it.chance(0.3):
        it.kinds.append("extends")
        base = it.random.choice([one for one in services if one != "db"])
        services["db"]["extends"] = it.random.choice([base, {"service": base}])
        services["db"].pop("image", None)
        services[base].setdefault("image", "postgres:13")
    if is_first and it.chance(0.15):
        it.kinds.append("extends of a file")
        it.files["sub/common.yml"] = _yaml(it, {"services": {"pg": _service(it, "sub/", is_whole=True) | {
            "extends": {"service": "low"}}, "low": _service(it, "sub/", is_whole=False)}})  # fmt: skip
        file = it.random.choice(["sub/common.yml", "./sub/common.yml", "${SUB:-sub}/common.yml"])
        services["ext"] = _service(it, folder, is_whole=False) | {"extends": {"file": file, "service": "pg"}}
    document: dict[str, Any] = {"services": services}
    if is_first and it.chance(0.15):
        _include(it, document)
    if it.chance(0.1):
        it.kinds.append("merged variables")
        document = {"x-env": Raw("&env\n  A: one\n  M: two"), **document}
        services[next(iter(services))]["environment"] = {"<<": Raw("*env"), "M": Raw("three"), "Z": "z"}
    if it.chance(0.2):
        it.kinds.append("merge key")
        document = {
            "x-common": Raw("&common\n  user: '5'\n  environment: {A: shared}\n  stop_signal: SIGINT"),
            **document,
        }
        services[it.random.choice(list(services))]["<<"] = Raw("*common")
    if it.chance(0.2):
        document["version"] = "3.8"
    if it.chance(0.1):
        document["name"] = "some"
    if not folder:
        document |= {key: value for key, value in it.top.items() if value}
        if it.chance(0.3):
            document["networks"] = {"n": Raw("")}
    return document


def _include(it: _Drawing, document: dict[str, Any]) -> None:
    it.kinds.append("include")
    own, it.top = it.top, {part: {} for part in PARTS}
    inner = _document(it, "inc/", is_first=False) | {key: value for key, value in it.top.items() if value}
    it.top = own
    # A name may stand on one side alone: what is declared within must not be declared outside with another value.
    for kind in own:
        inner[kind] = {**inner.get(kind, {})}
        own[kind] = {key: value for key, value in own[kind].items() if key not in inner[kind]}
    document["include"] = [it.random.choice(["inc/c.yml", {"path": "inc/c.yml"}, {"path": ["inc/c.yml", "inc/d.yml"]},
                                             {"path": "inc/c.yml", "project_directory": "."},
                                             {"path": "inc/c.yml", "env_file": "inc/e.env"}])]  # fmt: skip
    if it.chance(0.3):
        it.kinds.append("include within")
        inner["include"] = ["../deep/e.yml" if "project_directory" not in str(document["include"]) else "deep/e.yml"]
        it.files["deep/e.yml"] = _yaml(it, {"services": {"deep": {"image": "x:${T:-1}", "volumes": ["./q:/q"]}}})
        it.files["deep/.env"] = _env_text(it)
    it.files["inc/c.yml"] = _yaml(it, inner)
    it.files["inc/d.yml"] = "services: {other: {command: over}}\n"
    it.files["inc/e.env"] = _env_text(it)
    if it.chance(0.4):
        it.files["inc/.env"] = _env_text(it)


def _service(it: _Drawing, folder: str, *, is_whole: bool) -> dict[str, Any]:
    service: dict[str, Any] = {}
    if is_whole or it.chance(0.3):
        service["image"] = it.random.choice(IMAGES)
    if it.chance(0.12):
        service["build"] = it.pick("build", [
            "./db", ".", {"context": "db", "args": ["A=1", "T"]}, {"context": ".", "dockerfile_inline": "FROM x\n"},
            {"context": "./db", "dockerfile": "Dockerfile.pg", "args": {"PG": 15, "B": "x"}, "target": "prod"},
        ])  # fmt: skip
    for key in ("command", "entrypoint"):
        if it.chance(0.45 if key == "command" else 0.12):
            service[key] = _command(it, key)
    makers = {
        "environment": (0.5, _environment), "env_file": (0.2, _env_file), "ports": (0.4, _ports),
        "volumes": (0.45, _volumes), "configs": (0.2, _given), "secrets": (0.2, _given),
        "tmpfs": (0.06, _tmpfs), "profiles": (0.08, _profiles), "networks": (0.12, _networks),
    }  # fmt: skip
    for key, (share, make) in makers.items():
        if it.chance(share):
            service[key] = make(it, key, folder)
    if it.chance(0.08):
        service["network_mode"] = it.pick("network_mode", ["host", "none", "bridge"])
    if it.chance(0.08):
        service["expose"] = it.pick("expose", [[5432], ["5432"], ["5432-5433"]])
    if it.chance(0.1):
        service["user"] = it.pick("user", ["999", "postgres", "999:999", "${UID:-70}"])
    if it.chance(0.3):
        service |= it.random.choice([{"restart": "always"}, {"restart": Raw("no")}, {"shm_size": "1g"}, {"x-a": 1},
                                     {"labels": {"a": "b"}}])  # fmt: skip
    return _shuffled(it, service)


def _command(it: _Drawing, key: str) -> Any:
    match it.random.randrange(5):
        case 0 | 1:
            return it.pick(f"{key}: string", LINES)
        case 2:
            it.kinds.append(f"{key}: list")
            return [it.random.choice(WORDS) for _ in range(it.random.randint(0, 4))]
        case 3:
            return it.pick(f"{key}: lines", LONG)
    return it.pick(f"{key}: nothing", [Raw(""), Raw("~"), Raw("null"), Raw("!!str 5")])


def _environment(it: _Drawing, _key: str, _folder: str) -> Any:
    names = it.random.sample(NAMES, it.random.randint(1, 4))
    if it.chance(0.5):
        it.kinds.append("environment: list")
        return [it.random.choice([f"{name}={it.random.choice(LIST_VALUES)}"] * 4 + [name]) for name in names]
    it.kinds.append("environment: mapping")
    return {name: Raw(it.random.choice(VALUES)) for name in names}


def _env_text(it: _Drawing) -> str:
    return "".join(
        it.random.choice(ENV_LINES) + it.random.choice(["\n", "\n", "\r\n"]) for _ in range(it.random.randint(0, 6))
    )


def _env_file(it: _Drawing, _key: str, folder: str) -> Any:
    for name in ("a.env", "b.env"):
        it.files.setdefault(folder + name, _env_text(it))
    it.files.setdefault(folder + "raw.env", "A='x y' # c\n# d\n\nB=$A\nC\n  D=1\nE= f \n")
    return it.pick("env_file", [
        "a.env", ["a.env"], ["b.env", "./a.env"], [{"path": "a.env"}], ["a.env", "b.env", "a.env"], "${ENVFILE:-b.env}",
        [{"path": "none.env", "required": False}, "b.env"], [{"path": "raw.env", "format": "raw"}, "a.env"],
    ])  # fmt: skip


def _ports(it: _Drawing, _key: str, _folder: str) -> Any:
    it.kinds.append("ports")
    choices: list[list[Any]] = [PORTS, PORTS, LONG_PORTS, [Raw("5432"), Raw("5432:5432")]]
    return [it.random.choice(it.random.choice(choices)) for _ in range(it.random.randint(0, 3))]


def _volumes(it: _Drawing, _key: str, _folder: str) -> Any:
    it.top["volumes"].setdefault("data", it.random.choice([Raw(""), {"external": True}, {"driver": "local"}, {}]))
    it.kinds.append("volumes")
    choices: list[list[Any]] = [VOLUMES, VOLUMES, LONG_VOLUMES]
    return [it.random.choice(it.random.choice(choices)) for _ in range(it.random.randint(1, 3))]


def _given(it: _Drawing, key: str, _folder: str) -> Any:
    name = it.random.choice(["hba", "key"])
    declared: list[Any] = [{"file": "./server.key"}, {"external": True}, {"file": "../out"}, {"environment": "T"}]
    if key == "configs":
        declared += [
            {"content": "host all all all md5 # $$x ${M:-q}\nlocal all all peer\n"},
            {"content": "a"},
            {"content": "b $T c"},
        ]
    it.top[key].setdefault(name, it.random.choice(declared))
    return [it.pick(key, [
        name, {"source": name}, {"source": name, "target": "/etc/x"},
        {"source": name, "target": "rel/x", "mode": Raw("0440")},
        {"source": name, "target": "/run/k2", "uid": "999", "gid": "999", "mode": Raw("'0400'")},
    ])]  # fmt: skip


def _tmpfs(it: _Drawing, _key: str, _folder: str) -> Any:
    return it.pick("tmpfs", ["/t1", ["/t1", "/t2:size=1m"]])


def _networks(it: _Drawing, _key: str, _folder: str) -> Any:
    names = ["lan", "back", "default", *it.pick("networks", [[], ["nosuch"]] if it.chance(0.05) else [[]])]
    for name in ("lan", "back"):
        it.top["networks"].setdefault(name, it.random.choice(NETWORKS))
    if it.chance(0.1):
        it.top["networks"].setdefault("default", it.random.choice(NETWORKS))
    chosen = it.random.sample(names, it.random.randint(0, 2))
    if it.chance(0.5):
        return chosen
    return {name: it.random.choice([Raw(""), {"aliases": ["q"]}, {"ipv4_address": "192.168.1.20"}]) for name in chosen}


def _profiles(it: _Drawing, _key: str, _folder: str) -> Any:
    return it.pick("profiles", [["dev"], ["dev", "test"], []])


def _over(it: _Drawing) -> dict[str, Any]:
    """A file that is laid over the first."""
    service = _service(it, "", is_whole=False)
    for key in list(service):
        if key not in ("volumes", "configs", "secrets", "image", "x-a") and it.chance(0.1):
            tag = it.pick("tag", ["!reset", "!override"])
            service[key] = Raw("!reset null") if tag == "!reset" else _Tagged("!override", service[key])
    if it.chance(0.1):
        service[it.random.choice(["command", "ports", "environment", "user"])] = it.pick(
            "tag", [Raw("!reset"), Raw("!reset null")]
        )
    if it.chance(0.1):
        service["environment"] = {"A": Raw(it.pick("tag", ["!reset null"])), "B": "kept"}
    services: dict[str, Any] = {"db": service or Raw("{}")}
    if it.chance(0.1):
        it.kinds.append("extends in a later file")
        services["late"] = {"image": "postgres:17", "command": "-c a=b", "ports": ["5432"]}
        services["db"] = {**service, "extends": it.random.choice(["late", {"service": "late"}])}
    return {"services": services, **{key: dict(value) for key, value in it.top.items() if value}}


class _Tagged(NamedTuple):
    tag: str
    value: Any


def _fault(it: _Drawing, main: str) -> None:
    """Something that Compose refuses, in a service of its own."""
    name = it.random.choice(sorted(FAULTS))
    it.kinds.append(f"fault: {name}")
    image = "" if name == "no image" else "\n    image: x"
    body = FAULTS[name] or "command: x"
    it.files[main] += f"---\nservices:\n  fault:{image}\n    {body}\n"


def _shuffled(it: _Drawing, mapping: dict[str, Any]) -> dict[str, Any]:
    keys = list(mapping)
    it.random.shuffle(keys)
    return {key: mapping[key] for key in keys}


def _yaml(it: _Drawing, document: dict[str, Any]) -> str:
    text = "".join(_entry(it, key, value, 0) for key, value in document.items())
    if it.chance(0.05):
        text = it.random.choice(["---\n", "# compose\n---\n", "%YAML 1.2\n---\n", "\ufeff"]) + text
    return text.replace("\n", "\r\n") if it.chance(0.03) else text


def _entry(it: _Drawing, key: str, value: Any, depth: int) -> str:
    comment = it.random.choice([f"{'  ' * depth}# a: comment\n", "\n", "   # x\n"]) if it.chance(0.06) else ""
    written = it.random.choice(['"', "'"]) if it.chance(0.03) and key != "<<" else ""
    return f"{comment}{'  ' * depth}{written}{key}{written}:{_value(it, value, depth)}"


def _value(it: _Drawing, value: Any, depth: int) -> str:
    """What follows a colon, to the end of the line or lines."""
    if isinstance(value, _Tagged):
        return f" {value.tag}{_value(it, value.value, depth)}"
    if isinstance(value, Raw):
        return f" {value.text}\n"
    if isinstance(value, str):
        return f" {_spelt(it, value, depth)}\n"
    if isinstance(value, bool | int):
        return f" {json.dumps(value)}\n"
    if not value or (depth > 2 and it.chance(0.3)):
        return f" {_flow(it, value)}\n"
    if isinstance(value, dict):
        return "\n" + "".join(_entry(it, key, one, depth + 1) for key, one in value.items())
    return "\n" + "".join(f"{'  ' * (depth + 1)}-{_item(it, one, depth + 1)}" for one in value)


def _item(it: _Drawing, value: Any, depth: int) -> str:
    if isinstance(value, dict) and it.chance(0.5):
        block = "".join(_entry(it, key, one, depth + 1) for key, one in value.items())
        return " " + block.removeprefix("  " * (depth + 1))
    if isinstance(value, dict):
        return f" {_flow(it, value)}\n"
    return _value(it, value, depth)


def _flow(it: _Drawing, value: Any) -> str:
    """A value in one line."""
    match value:
        case Raw():
            return value.text if "\n" not in value.text else '"a\\nb"'
        case dict():
            return "{" + ", ".join(f"{key}: {_flow(it, one)}" for key, one in value.items()) + "}"
        case list():
            return "[" + ", ".join(_flow(it, one) for one in value) + "]"
        case str():
            return json.dumps(value, ensure_ascii=it.chance(0.5))
    return json.dumps(value)


def _spelt(it: _Drawing, text: str, depth: int) -> str:
    """A string in one of the styles that can hold it."""
    indent = "  " * (depth + 1)
    styles = [json.dumps(text, ensure_ascii=False)]
    if "\n" not in text:
        styles.append("'" + text.replace("'", "''") + "'")
        if text.strip() and text[0] not in " #" and text[-1] != " ":
            styles += [
                f"|-\n{indent}{text}",
                f">-\n{indent}" + text.replace(" ", "\n" + indent, 1) if "  " not in text else f">-\n{indent}{text}",
            ]
        if (
            text[:1].isalpha()
            and not any(mark in text for mark in (": ", " #"))
            and text[-1:] not in " :"
            and text.lower() not in _SPECIAL
        ):
            styles += [text] * 3
    elif text.endswith("\n") and not text.endswith("\n\n") and text.strip():
        mark = it.random.choice(["|", ">", "|2" if depth == 0 else "|"])
        styles += [f"{mark}\n{indent}" + text[:-1].replace("\n", "\n" + indent)] * 3
    return it.random.choice(styles)


_SPECIAL = ("null", "true", "false", "on", "off", "yes", "no", "y", "n")
