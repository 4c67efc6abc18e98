"""Whose a file is that is named like one of PostgreSQL's: of many programs a file is called postgresql.conf."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from pgssllint.files import Files
from pgssllint.postgres.parameters import BEFORE_10, folded, is_known
from pgssllint.text import BYTE_ORDER_MARK, Source

MAX_LINES = 2000
"""So many lines that are no comments tell whose a file is."""


class _Program(NamedTuple):
    """A program, and the lines by which its files are known."""

    name: str
    lines: re.Pattern[str]


_PROGRAMS = tuple(
    _Program(name, re.compile(lines))
    for name, lines in (
        ("fail2ban", r"\[(?:Definition|INCLUDES|Init)\]|(?:failregex|maxretry|bantime|filter|logpath)[ \t]*="),
        ("Supervisor", r"\[(?:program|group|eventlistener|fcgi-program):[^\]]+\]"),
        ("Telegraf", r"\[\[?(?:inputs|outputs|processors|aggregators)\.[^\]]+\]\]?"),
        ("PgBouncer", r"\[(?:pgbouncer|databases|users|peers)\]|auth_hba_file[ \t]*="),
        ("systemd", r"\[(?:Unit|Service|Timer|Socket|Install|Slice)\]|[dDfFLqQeCvzZ][+!=~^$]*[ \t]+/\S*[ \t]+[0-7-]"),
        ("Monit", r"check[ \t]+(?:process|host|file|system|program|directory|filesystem)[ \t]"),
        ("Logstash", r"(?:input|filter|output)[ \t]*\{"),
        ("nginx", r"(?:http|server|stream|upstream|location)\b[^=]*\{|(?:proxy_pass|ssl_protocols)[ \t].*;"),
        ("logrotate", r"[/\"].*\{|(?:missingok|notifempty|sharedscripts|copytruncate|endscript|postrotate)\b"),
        ("collectd", r"LoadPlugin[ \t]|</?Plugin\b"),
        ("Apache", r"</?(?:VirtualHost|Directory|Location|IfModule)\b"),
        ("sysctl", r"(?:kernel|vm|net|fs)\.[\w.]+[ \t]*="),
        ("pam_limits", r"[@*%\w-]+[ \t]+(?:soft|hard|-)[ \t]+\w+[ \t]+\S+\Z"),
        ("Zabbix", r"UserParameter[ \t]*="),
        ("NRPE", r"command\[[^\]]+\][ \t]*="),
        ("Upstart", r"(?:start|stop)[ \t]+on[ \t]|(?:pre|post)-(?:start|stop)\b|respawn\b|end script\b"),
        ("rsyslog", r"\$[A-Z]\w+[ \t]|(?:module|input|template|action|ruleset)[ \t]*\(|if[ \t]+\$|:\w+,[ \t]*\w+,"
                    r"|[\w*,]+\.[\w*=!]+[ \t]+[-&~/@|]"),
        ("HAProxy", r"(?:listen|frontend|backend)[ \t]+[\w-]+\Z|bind[ \t]+\S*:\d+|server[ \t]+\S+[ \t]+\S+:\d+"),
        ("Prometheus", r"(?:scrape_configs|rule_files|alerting):"),
        ("Pgpool-II", r"(?:backend_(?:hostname|port|weight|flag)\d+|num_init_children|pcp_port|pcp_listen_addresses"
                      r"|load_balance_mode|backend_clustering_mode)[ \t]*="),
        ("repmgr", r"(?:node_id|node_name|promote_command|follow_command)[ \t]*="),
        ("ldconfig", r"/[\w./+-]+\Z"),
        ("the shell", r"#!|export[ \t]+\w+=|[A-Z][A-Z0-9_]*="),
    )
)  # fmt: skip

_STRUCTURE = re.compile(
    r"\[\[?[^\[\]]+\]\]?(?:[ \t]*[#;].*)?\Z"  # a section
    r"|.*[{;]\Z|[{}]|\S+[ \t]*=>"  # a block, and what ends a statement
    r"|</?[A-Za-z!?]"  # a tag
    r"|---\Z|-[ \t]+\S|[\w./-]+:(?:[ \t]|\Z)"  # YAML
)
"""What files of many programs have, and none of PostgreSQL's."""

_SETTING = re.compile(r"(?:-[ \t]+)?([A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)*)[ \t]*(?:=(?!>)|:?[ \t])")
"""What begins with the name of a setting, also where the mark behind it is that of YAML."""

_KEY = re.compile(r"[\w.-]+:")
"""A key of YAML with something below it: then what else looks like a pair of YAML is one."""

_PAIR = re.compile(r"[\w.-]+:[ \t]")

_RECORD = re.compile(
    r"(?:-[ \t]+)?[\"']?(?:local|host(?:no)?(?:ssl|gssenc)?|include(?:_if_exists|_dir)?)[\"']?[ \t]+\S"
)

_MAPPING = re.compile(r"\S+[ \t]+(?!=)\S+[ \t]+\S|include(?:_if_exists|_dir)?[ \t]+\S")

_OPEN = re.compile(r"\{\{|\{[%#]|#\}|<%|\[%|\$\{|<<?\w+>>?|@\w+@")
"""What a template has yet to put something for; such a line says nothing of whose it is."""

_INCLUDES = frozenset({"include", "include_dir", "include_if_exists"})

_POOLERS: Mapping[str, str] = {
    "pgbouncer": "PgBouncer", "pgpool": "Pgpool-II", "pgpool2": "Pgpool-II", "pgpool-ii": "Pgpool-II",
    "pool": "Pgpool-II", "pgcat": "PgCat", "pg_doorman": "pg_doorman", "pg-doorman": "pg_doorman",
    "odyssey": "Odyssey",
}  # fmt: skip
"""Programs in front of servers that have files of records of their own, by what files and folders are called."""

_POOLERS_FILE = re.compile(rf"(?:.*[._-])?({'|'.join(_POOLERS)})[._-](?:pg_)?(?:hba|ident)(?:[._-].*)?\.conf")

_POOLERS_TITLE = re.compile(rf"\s*#[ \t#=*-]*({'|'.join(_POOLERS)})[ \t]+(?:client authentication|hba|ident)\b", re.I)
"""A first line that says whose records follow."""


def content_lines(text: str, most: int = MAX_LINES) -> Iterator[str]:
    """The first lines that are neither empty nor comments, stripped. In INI files `;` begins a comment."""
    for line in text.removeprefix(BYTE_ORDER_MARK).split("\n"):
        if (line := line.strip()) and not line.startswith(("#", ";")):
            if most == 0:
                return
            most -= 1
            yield line


def is_ours(kind: str, line: str) -> bool:
    """Whether a line could be one of PostgreSQL's file of a kind: conf, hba, ident or hosts."""
    return _OURS[kind](line)


def is_foreign(line: str) -> bool:
    """Whether a line is made as those of other programs are, and not as PostgreSQL's."""
    return has_structure(line) or any(program.lines.match(line) for program in _PROGRAMS)


def has_structure(line: str) -> bool:
    """Whether a line has the marks of another format, be its words PostgreSQL's."""
    return _STRUCTURE.match(line.partition(" #")[0].rstrip()) is not None


def _is_setting(line: str) -> bool:
    """Whether a line begins with the name of a parameter that some major has, or could be an extension's."""
    hit = _SETTING.match(line)
    if hit is None or _of_program(line, "sysctl"):
        return False
    return "." in hit[1] or is_known(hit[1]) or folded(hit[1]) in BEFORE_10 | _INCLUDES


_OURS: Mapping[str, Callable[[str], bool]] = {
    "conf": _is_setting,
    "hba": lambda line: _RECORD.match(line) is not None,
    "ident": lambda line: _MAPPING.match(line) is not None and _STRUCTURE.match(line) is None,
    "hosts": lambda line: _MAPPING.match(line) is not None and _STRUCTURE.match(line) is None,
}


def program_of(kind: str, source: Source, files: Files, *, named: bool = True) -> str | None:
    """The program that a file is of, which is named like PostgreSQL's of this kind; None where it is PostgreSQL's.

    It is another program's if it has lines of one, and less than half of its lines could be PostgreSQL's; where it is
    not `named` like PostgreSQL's a line that is known of a program is needed and enough, since some have settings in
    common. What holds records of a program in front of servers reads alike: its name, its first line, and what lies
    beside it tell.
    """
    held = [] if "\0" in source.text else list(content_lines(source.text))
    lines = [line for line in held if not _OPEN.search(line)]
    nested = any(map(_KEY.fullmatch, lines))
    ours = [line for line in lines if is_ours(kind, line) and not (nested and _PAIR.match(line))]
    theirs = [line for line in lines if not is_ours(kind, line) and is_foreign(line)]
    if theirs and (2 * len(ours) < len(lines) or not named):
        counts = {program.name: sum(bool(program.lines.match(line)) for line in theirs) for program in _PROGRAMS}
        name = max(counts, key=lambda one: counts[one])
        if counts[name]:
            return name
        # The comments of a template, and what it says in its own language, may look like anything.
        if named and len(lines) == len(held):
            return "another program"
    return _pooler(kind, source, files) if kind in ("hba", "ident") else None


def _of_program(line: str, name: str) -> bool:
    return any(program.lines.match(line) for program in _PROGRAMS if program.name == name)


def _pooler(kind: str, source: Source, files: Files) -> str | None:
    """The program in front of servers that a file of records is of; None where nothing says so."""
    folder, name = os.path.split(source.path)
    hit = _POOLERS_FILE.fullmatch(name) or _POOLERS_TITLE.match(source.text)
    if hit is not None:
        return _POOLERS[hit[1].lower()]
    if files.look(folder).kind != "directory" or files.look(os.path.join(folder, "postgresql.conf")).kind:
        return None
    ini_at = os.path.join(folder, "pgbouncer.ini")
    if files.look(ini_at).kind == "file":
        ini = files.read(ini_at)
        named = rf"(?m)^[ \t]*auth_{kind}_file[ \t]*=[ \t]*(?:\S*/)?{re.escape(name)}[ \t]*$"
        if isinstance(ini, Source) and re.search(named, ini.text):
            return "PgBouncer"
    return _POOLERS.get(os.path.basename(folder).lower())
