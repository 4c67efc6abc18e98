"""Clusters whose files have owners, modes and links on their way, started afresh as another user: what a real server
does and says first is what is predicted.

A case has some of the files that a server reads, each by a way of its own: in the data directory, in a folder of it, by
links, or elsewhere. Of each step on a way owner, group and mode are drawn. It takes root to lay a case out.
"""

import os
import random
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from pgssllint.api import lint
from pgssllint.finding import Prediction
from pgssllint.postgres.start_options import OPTIONS_FILE
from pgssllint.report.words import logged
from pgssllint.request import Request
from tests.support.connections import today
from tests.support.installations import server_user
from tests.support.pki import Spec, build
from tests.support.servers import DATA_DIRECTORY, SOMEBODY_ELSE, Cluster, File
from tests.support.shrinking import smallest
from tests.support.starting import CRL_FOLDERS_FROM, OWN, cluster_of, openssl_of, servers

MAJORS = tuple(range(10, 19))

_CHATTER = re.compile(
    r"\s*$|HINT: |DETAIL: |CONTEXT: |LOG:  (?:starting PostgreSQL|listening on|database system (?:was|is)|ending log|"
    r"redirecting log|skipping missing)"
)
Kind = Literal["file", "folder", "link", "there"]


class Step(NamedTuple):
    """What stands at a path, below the ground (`ground/`) or the data directory (`data/`): a file's bytes, or where a
    link leads, with `{ground}` and `{data}` in it; its mode, owner and group. What is `there` initdb
    made: it keeps what it holds.
    """

    path: str
    kind: Kind
    holds: bytes | str = b""
    mode: int = 0o700
    owner: str = "postgres"
    group: str = "postgres"

    @property
    def is_plain(self) -> bool:
        """Whether nothing is unusual about its rights."""
        return (self.mode, self.owner, self.group) == (_plain_mode(self.kind), "postgres", "postgres")

    @property
    def plain(self) -> "Step":
        """The same with usual rights."""
        return self._replace(mode=_plain_mode(self.kind), owner="postgres", group="postgres")


class Part(NamedTuple):
    """A file that a server reads: its `kind`, the steps to it, and what names it in postgresql.conf, pg_hba.conf and
    pg_ident.conf.
    """

    kind: str
    steps: tuple[Step, ...]
    settings: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    maps: tuple[str, ...] = ()


class Case(NamedTuple):
    """A cluster for a server of one major, whose user is in further groups."""

    major: int
    parts: tuple[Part, ...]
    groups: tuple[int, ...] = ()
    flavour: str = "npm"

    def lines(self, of: Callable[[Part], Sequence[str]], first: Sequence[str]) -> str:
        """A file of the lines that the parts want in it."""
        return "".join(f"{line}\n" for line in (*first, *(line for part in self.parts for line in of(part))))


class Judged(NamedTuple):
    """What was predicted of a case, and what a server did: its verdict and the first line that says why."""

    predicted: Prediction
    said: str
    starts: bool
    line: str

    @property
    def agrees(self) -> bool:
        """Whether the server did what was predicted."""
        same = self.predicted.starts is self.starts
        return same and (self.starts or self.said == self.line)


def run(seed: int, count: int, majors: Sequence[int] = MAJORS) -> int:
    """Ask servers of `majors` about `count` cases; 1 where one disagrees."""
    if os.geteuid() != 0:
        raise SystemExit("Only root can give files to others.")
    drawn, agreed, refused, wrong = Counter[str](), Counter[str](), Counter[str](), 0
    for case in cases(seed, count, majors):
        judged = judge(case)
        kinds = {part.kind for part in case.parts}
        drawn.update(kinds)
        refused.update(kinds if not judged.starts else ())
        if judged.agrees:
            agreed.update(kinds)
        else:
            wrong += 1
            print(_told(*smallest(case, judged, judge=judge, smaller=_smaller)), flush=True)
    for kind in sorted(drawn):
        print(f"{kind}: {drawn[kind]} drawn, {agreed[kind]} agreed, {refused[kind]} in starts that were refused")
    print(f"{count} cases, {wrong} disagree")
    return int(bool(wrong))


def cases(seed: int, count: int, majors: Sequence[int]) -> Iterator[Case]:
    """As many cases, the same for each seed, with a server of each major in turn, and Debian's."""
    rng, asked = random.Random(seed), servers(majors)
    for number in range(count):
        major, flavour = asked[number % len(asked)]
        kinds = [kind for kind, since in _KINDS.items() if major >= since]
        chosen = sorted(rng.sample(kinds, rng.choice((1, 1, 2, 3))))
        # What is written into the log's files after it began is not looked for there.
        alone = ["log_directory"] if "log_directory" in chosen else chosen
        drawn = tuple(_drawn(rng, kind) for kind in alone)
        yield Case(major, drawn, (SOMEBODY_ELSE,) * (rng.random() < 0.3), flavour)


def judge(case: Case) -> Judged:
    """Lay the case out, ask the linter about it, and start a server with it."""
    cluster = cluster_of(case.major, case.flavour)
    ground = cluster.folder / "ground"
    _lay(case, cluster, ground)
    openssl = openssl_of(case.major, case.flavour)
    user = server_user()
    request = Request(
        data_dir=str(cluster.data), majors=(case.major,), openssl=openssl, server_uid=user.uid, server_gid=user.gid,
        server_groups=case.groups,
    )  # fmt: skip
    outcome = lint(request, datetime.now(UTC))
    ((predicted,),) = (report.predictions for report in outcome.clusters)
    try:
        lines = [line for part in case.parts for line in part.settings]
        own = [name for name in OWN if any(line.startswith(name) for line in lines)]
        answer = cluster.start(own=own, groups=case.groups)
    finally:
        cluster.stop()
        shutil.rmtree(ground)
        _give_back(case, cluster)
    line = next((line for line in answer.log.splitlines() if not _CHATTER.match(line)), "")
    said = logged(predicted.log) if predicted.log is not None else ""
    return Judged(predicted, _without_folders(said, cluster), answer.starts, line)


def _without_folders(text: str, cluster: Cluster) -> str:
    return text.replace(f"{cluster.data}/", "").replace(f"{cluster.folder}/", "")


def _lay(case: Case, cluster: Cluster, ground: Path) -> None:
    """Lay down the files of a case, and then their rights, from the innermost on."""
    places = {"data": str(cluster.data), "ground": str(ground)}
    conf = case.lines(lambda part: part.settings, ("log_min_messages = warning",)).format(**places)
    hba = case.lines(lambda part: part.records, ("local all all peer",)).format(**places)
    ident = case.lines(lambda part: part.maps, ()).format(**places)
    files: dict[str, File | None] = {
        "pg_hba.conf": File(hba.encode()), "postgresql.conf": File(conf.encode()),
        "pg_ident.conf": File(ident.encode()),
    }  # fmt: skip
    shutil.rmtree(ground, ignore_errors=True)
    ground.mkdir()
    steps = {step.path: step for part in case.parts for step in part.steps}
    named = {"postgresql.conf": conf.encode(), "pg_hba.conf": hba.encode()}
    for name in named:
        if f"data/{name}" in steps:
            files[name] = None
    cluster.put({**files, DATA_DIRECTORY: File(b"", 0o700)})
    # The last start was another case's, by whose options the next one is not started.
    (cluster.data / OPTIONS_FILE).unlink(missing_ok=True)
    made = [(_placed(path, places), step) for path, step in steps.items()]
    for path, step in made:
        if step.kind == "there":
            continue
        if step.kind == "folder":
            path.mkdir(parents=True, exist_ok=True)
        elif step.kind == "link":
            path.unlink(missing_ok=True)
            path.symlink_to(str(step.holds).format(**places))
        else:
            content = named.get(str(step.holds), step.holds)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if path != cluster.data:
            cluster.take_away(path)
    cluster.give(ground, File(b"", 0o755))
    for path, step in reversed(made):
        if step.kind != "link":
            cluster.give(path, File(b"", step.mode, step.owner, step.group))


def _give_back(case: Case, cluster: Cluster) -> None:
    """Give what initdb made back to the server with the rights that it had."""
    for step in (step for part in case.parts for step in part.steps if step.kind == "there"):
        path = cluster.data / step.path.partition("/")[2]
        cluster.give(path, File(b"", 0o700 if path.is_dir() else 0o600))


def _placed(path: str, places: Mapping[str, str]) -> Path:
    """Where a step lies."""
    place, _, rest = path.partition("/")
    return Path(places[place], rest)


def _smaller(case: Case) -> Iterator[Case]:
    """The case without one of its parts, or with usual rights at one of its steps."""
    for part in case.parts if len(case.parts) > 1 else ():
        yield case._replace(parts=tuple(one for one in case.parts if one is not part))
    for number, part in enumerate(case.parts):
        for at, step in enumerate(part.steps):
            if not step.is_plain and step.kind != "link":
                steps = (*part.steps[:at], step.plain, *part.steps[at + 1 :])
                yield case._replace(parts=(*case.parts[:number], part._replace(steps=steps), *case.parts[number + 1 :]))


def _told(case: Case, judged: Judged) -> str:
    lines = [f"PostgreSQL {case.major} ({case.flavour}), groups {case.groups}:"]
    for part in case.parts:
        lines += [f"  {part.kind}: {', '.join((*part.settings, *part.records, *part.maps))}"]
        lines += [f"    {step.path} {step.kind} {step.mode:04o} {step.owner}:{step.group}" for step in part.steps]
    lines += [f"  predicted: {judged.predicted.starts} {judged.predicted.rule} {judged.said}"]
    lines += [f"  server: {judged.starts} {judged.line}"]
    return "\n".join(lines)


def _plain_mode(kind: Kind) -> int:
    return 0o600 if kind == "file" else 0o700


def _there(kind: str, *names: str) -> Callable[[random.Random], Part]:
    """One of what initdb made."""
    return lambda rng: Part(kind, (Step(f"data/{rng.choice(names)}", "there"),))


def _left(rng: random.Random) -> Part:
    """What the last start left."""
    name = rng.choice(("postmaster.opts", "postmaster.pid"))
    text = b"999999\n" if name == "postmaster.pid" else b"postgres\n"
    return Part("files of the last start", (Step(f"data/{name}", "file", text),))


def _in_use(kind: str, line: str, name: str, beside: tuple[str, ...]) -> Callable[[random.Random], Part]:
    """A folder that the server makes a file in."""

    def part(rng: random.Random) -> Part:
        path, steps = _way(rng, name, b"")
        at = next(step.path for step in steps if step.kind == "file")
        steps = tuple(step._replace(kind="folder") if step.path == at else step for step in steps)
        return Part(kind, steps, (line.format(path), *beside))

    return part


def _drawn(rng: random.Random, kind: str) -> Part:
    """A file of that kind, by some way, with some rights on it; one or two of its steps have unusual ones."""
    part = _PARTS[kind](rng)
    found = [number for number, step in enumerate(part.steps) if step.kind != "link"]
    odd = set(rng.sample(found, min(len(found), rng.choice((0, 1, 1, 1, 2)))))
    steps = tuple(_odd(rng, s) if number in odd else s.plain for number, s in enumerate(part.steps))
    return part._replace(steps=steps)


_FILE_MODES = (0o600, 0o640, 0o644, 0o400, 0o440, 0o000, 0o200, 0o604, 0o660, 0o040)
_FOLDER_MODES = (0o700, 0o750, 0o755, 0o711, 0o710, 0o500, 0o100, 0o400, 0o000, 0o701, 0o744)
_OWNERS = ("postgres", "root", str(SOMEBODY_ELSE))


def _odd(rng: random.Random, step: Step) -> Step:
    modes = _FILE_MODES if step.kind == "file" else _FOLDER_MODES
    return step._replace(mode=rng.choice(modes), owner=rng.choice(_OWNERS), group=rng.choice(_OWNERS))


def _way(rng: random.Random, name: str, holds: bytes | str) -> tuple[str, tuple[Step, ...]]:
    """A way to a file: the name that leads there, and the steps."""
    match rng.randrange(5):
        case 0:
            return name, (Step(f"data/{name}", "file", holds),)
        case 1:
            folder = f"in-{name}"
            return f"{folder}/{name}", (Step(f"data/{folder}", "folder"), Step(f"data/{folder}/{name}", "file", holds))
        case 2:
            return f"{{ground}}/at-{name}/{name}", _outside(name, holds)
        case 3:
            return name, (*_outside(name, holds), Step(f"data/{name}", "link", f"{{ground}}/at-{name}/{name}"))
    live, archive = f"ground/live-{name}", f"ground/archive-{name}"
    return f"{{ground}}/live-{name}/{name}", (
        Step(archive, "folder"),
        Step(f"{archive}/{name}", "file", holds),
        Step(live, "folder"),
        Step(f"{live}/{name}", "link", f"../archive-{name}/{name}"),
    )


def _outside(name: str, holds: bytes | str) -> tuple[Step, ...]:
    return Step(f"ground/at-{name}", "folder"), Step(f"ground/at-{name}/{name}", "file", holds)


def _linked(rng: random.Random, name: str) -> Part:
    """A file that has its name in the data directory whatever way leads on from there."""
    steps: tuple[Step, ...] = (Step(f"data/{name}", "file", name),)
    if rng.randrange(2):
        steps = (*_outside(name, name), Step(f"data/{name}", "link", f"{{ground}}/at-{name}/{name}"))
    return Part(name, steps)


def _included(keyword: str, name: str, holds: bytes) -> Callable[[random.Random], Part]:
    def part(rng: random.Random) -> Part:
        path, steps = _way(rng, name, holds)
        return Part(keyword, steps, (f"{keyword} '{path}'",))

    return part


def _folder_of(rng: random.Random) -> Part:
    """include_dir, a folder with two members."""
    path, steps = _in_folder(rng, "conf.d", ("a.conf", "b.conf"), b"work_mem = 2MB\n")
    return Part("include_dir", steps, (f"include_dir '{path}'",))


def _in_folder(rng: random.Random, name: str, members: Sequence[str], holds: bytes) -> tuple[str, tuple[Step, ...]]:
    """A way to a folder of that name with some files."""
    path, steps = _way(rng, name, b"")
    folder = next(step.path for step in steps if step.kind == "file")
    steps = tuple(step._replace(kind="folder") if step.path == folder else step for step in steps)
    after = next(number for number, step in enumerate(steps) if step.path == folder) + 1
    inside = tuple(Step(f"{folder}/{member}", "file", holds) for member in members)
    return path, (*steps[:after], *inside, *steps[after:])


def _set(kind: str, name: str, holds: bytes, also: tuple[str, ...] = ()) -> Callable[[random.Random], Part]:
    """A file that a setting names. hba_file and ident_file are told by their whole path: the server takes others from
    where it was started.
    """

    def part(rng: random.Random) -> Part:
        path, steps = _way(rng, name, holds)
        whole = path if path.startswith("{") else f"{{data}}/{path}"
        return Part(kind, steps, (f"{kind} = '{whole}'", *also))

    return part


def _tls(kind: str, name: str, spec: Spec, also: tuple[str, ...] = ()) -> Callable[[random.Random], Part]:
    """A file of TLS, with the others that it takes beside it."""

    def part(rng: random.Random) -> Part:
        path, steps = _way(rng, name, build(spec, today()))
        beside: Mapping[str, tuple[str, Spec]] = {
            "ssl_cert_file": ("own.crt", ["leaf", "intermediate"]),
            "ssl_key_file": ("own.key", {"key": "leaf"}),
        }
        others = tuple(
            Step(f"data/{own}", "file", build(item, today())) for other, (own, item) in beside.items() if other != kind
        )
        settings = tuple(f"{other} = '{own}'" for other, (own, _) in beside.items() if other != kind)
        return Part(kind, (*steps, *others), ("ssl = on", f"{kind} = '{path}'", *settings, *also))

    return part


def _names(rng: random.Random) -> Part:
    """A file of names in a record."""
    path, steps = _way(rng, "names", b"a b\n")
    return Part(
        "@file", steps, records=(f'local all "@{path}" peer' if rng.randrange(2) else f"local @{path} all peer",)
    )


def _mapped(rng: random.Random) -> Part:
    """A file of a name in a map."""
    path, steps = _way(rng, "mapped", b"a\n")
    return Part("@file of pg_ident.conf", steps, maps=(f'm "@{path}" b' if rng.randrange(2) else f"m @{path} b",))


def _more_records(rng: random.Random) -> Part:
    keyword = rng.choice(("include", "include_if_exists"))
    path, steps = _way(rng, "more.hba", b"local b b peer\n")
    return Part("include in pg_hba.conf", steps, records=(f"{keyword} {path}",))


def _more_maps(rng: random.Random) -> Part:
    keyword = rng.choice(("include", "include_if_exists"))
    path, steps = _way(rng, "more.ident", b"m c d\n")
    return Part("include in pg_ident.conf", steps, maps=(f"{keyword} {path}",))


def _folder_of_records(rng: random.Random) -> Part:
    path, steps = _in_folder(rng, "hba.d", ("a.conf", "b.conf"), b"local c c peer\n")
    return Part("include_dir in pg_hba.conf", steps, records=(f"include_dir {path}",))


def _folder_of_lists(rng: random.Random) -> Part:
    path, steps = _in_folder(rng, "lists", ("0a1b2c3d.r0",), build("crl:root", today()))
    part = _tls("ssl_ca_file", "ca.crt", ["root"])(rng)
    return Part("ssl_crl_dir", (*steps, *part.steps), (*part.settings, f"ssl_crl_dir = '{path}'"))


def _loop(rng: random.Random) -> Part:
    """A file whose link leads to itself, at once or by another one."""
    name = rng.choice(("include", "include_if_exists", "hba_file", "ident_file", *_TLS_FILES, *_TLS_FILES))
    target = rng.choice(("loop", "other"))
    steps = (Step("data/loop", "link", target), Step("data/other", "link", "loop"))
    if name.startswith("include"):
        return Part("a link to itself", steps, (f"{name} 'loop'",))
    if name not in _TLS_FILES:
        return Part("a link to itself", steps, (f"{name} = '{{data}}/loop'",))
    part = _tls(name, "instead", "leaf")(rng)
    beside = tuple(step for step in part.steps if step.path.startswith("data/own."))
    settings = tuple(f"{name} = 'loop'" if line.startswith(name) else line for line in part.settings)
    return Part("a link to itself as file of TLS", (*steps, *beside), settings)


_TLS_FILES = ("ssl_cert_file", "ssl_key_file", "ssl_ca_file", "ssl_crl_file", "ssl_dh_params_file")


def _data_directory(rng: random.Random) -> Part:
    return Part("data directory", (Step("data/", "folder", mode=rng.choice(_FOLDER_MODES)),))


_WORK = b"work_mem = 2MB\n"
_LOG = ("logging_collector = on", "log_filename = 'pg.log'")
_PARTS: dict[str, Callable[[random.Random], Part]] = {
    "data directory": _data_directory,
    "postgresql.conf": lambda rng: _linked(rng, "postgresql.conf"),
    "pg_hba.conf": lambda rng: _linked(rng, "pg_hba.conf"),
    "postgresql.auto.conf": lambda rng: _auto(rng),
    "include": _included("include", "more.conf", _WORK),
    "include_if_exists": _included("include_if_exists", "maybe.conf", _WORK),
    "include_dir": _folder_of,
    "hba_file": _set("hba_file", "own.hba", b"local all all peer\n"),
    "ident_file": _set("ident_file", "own.ident", b"m a b\n"),
    "@file": _names,
    "@file of pg_ident.conf": _mapped,
    "include in pg_hba.conf": _more_records,
    "include in pg_ident.conf": _more_maps,
    "include_dir in pg_hba.conf": _folder_of_records,
    "ssl_crl_dir": _folder_of_lists,
    "a link to itself": _loop,
    "ssl_cert_file": _tls("ssl_cert_file", "server.pem", ["leaf", "intermediate"]),
    "ssl_key_file": _tls("ssl_key_file", "server.key", {"key": "leaf"}),
    "ssl_ca_file": _tls("ssl_ca_file", "ca.crt", ["root"]),
    "ssl_crl_file": _tls("ssl_crl_file", "ca.crl", ["crl:root"]),
    "PG_VERSION": _there("PG_VERSION", "PG_VERSION"),
    "pg_control": _there("pg_control", "global/pg_control"),
    "folders of initdb": _there(
        "folders of initdb",
        "base",
        "global",
        "pg_notify",
        "pg_wal",
        "pg_replslot",
        "pg_twophase",
        "pg_commit_ts",
        "pg_tblspc",
        "pg_subtrans",
    ),
    "files of the last start": _left,
    "unix_socket_directories": _in_use("unix_socket_directories", "unix_socket_directories = '{}'", "run", ()),
    "log_directory": _in_use("log_directory", "log_directory = '{}'", "logs", _LOG),
    "ssl_dh_params_file": _tls("ssl_dh_params_file", "dh.pem", ["dh:2048"]),
}

_SINCE = {
    "include in pg_hba.conf": 16, "include in pg_ident.conf": 16, "include_dir in pg_hba.conf": 16,
    "ssl_crl_dir": CRL_FOLDERS_FROM,
}  # fmt: skip
_KINDS = {kind: _SINCE.get(kind, MAJORS[0]) for kind in _PARTS}


def _auto(rng: random.Random) -> Part:
    part = _linked(rng, "postgresql.auto.conf")
    return part._replace(steps=tuple(s._replace(holds=_WORK) if s.kind == "file" else s for s in part.steps))
