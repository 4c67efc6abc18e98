"""Whose a file is that could be PostgreSQL's: by its ending, by its contents, by its name."""

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pgssllint.api import lint, read
from pgssllint.candidates import MAX_BYTES, MOST_OTHERS, MOST_TOLD
from pgssllint.discovery import discover
from pgssllint.endings import language_of
from pgssllint.files import Files
from pgssllint.finding import Outcome
from pgssllint.gathering import gather
from pgssllint.handles import Folders
from pgssllint.programs import program_of
from pgssllint.request import Request
from pgssllint.text import Source
from tests.support.pki import AT
from tests.support.repositories import git, lay

TRUST = "host all all 0.0.0.0/0 trust\n"
SETTINGS = "listen_addresses = '*'\nmax_connections = 50\nssl = off\n"
JAIL = "[postgresql]\nenabled = true\nport = 5432\nfilter = postgresql\nlogpath = /var/log/postgresql/*.log\n"


def linted(folder: Path, *words: str, **options: Any) -> Outcome:
    return lint(Request(tuple(str(folder / word) for word in words or (".",)), majors=(16,), **options), AT)


def clusters(folder: Path, *words: str) -> list[str]:
    """What is judged, by its path; parts of settings that nothing includes stand in brackets."""
    reports = linted(folder, *words).clusters
    names = {report.path: os.path.relpath(report.path, folder) for report in reports}
    return sorted(f"[{names[one.path]}]" if one.fragment else names[one.path] for one in reports)


def said(outcome: Outcome, folder: Path) -> list[str]:
    return [str(note.message).replace(f"{folder}/", "") for note in outcome.notifications]


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("values.yaml", "YAML"), ("x/pg_hba.yml", "YAML"), ("pg_hba.conf.yml.j2", "YAML"), ("main.tf", "Terraform"),
        ("main.tofu", "Terraform"), ("init.SQL", "SQL"), ("postgresql.ini", "INI"), ("pg_hba.conf.sh", "a script"),
        ("x.json", "JSON"), ("x.toml", "TOML"), ("pg_hba.md", "a document"), (".env", "an environment"),
        ("prod.env", "an environment"), ("Dockerfile", "a Dockerfile"), ("pg.Dockerfile", "a Dockerfile"),
        ("Dockerfile.pg", "a Dockerfile"), ("pg_hba.conf", None), ("postgresql.conf.j2", None), ("pg_hba.txt", None),
        ("postgresql.conf.sample", None), ("yaml", None), ("sql", None),
    ],
)  # fmt: skip
def test_what_a_file_is_written_in_is_told_by_its_ending(path: str, language: str | None) -> None:
    assert language_of(path) == language


HELD: dict[str, tuple[str, str, str]] = {
    "an unknown key": (
        "cm.yaml",
        "data:\n  who-may: |\n    # all\n    host all all 0.0.0.0/0 trust\n",
        "is YAML; line 4 holds records of pg_hba.conf that were not read (unknown layout)",
    ),
    "a list of records": (
        "v.yml",
        "pg_hba:\n  - local all all peer\n  - {a: b}\n",
        "is YAML; line 2 holds records of pg_hba.conf that were not read (unknown layout)",
    ),
    "settings": (
        "p.yaml",
        "parameters:\n  ssl_ciphers: HIGH\n",
        "is YAML; line 2 holds settings of postgresql.conf that were not read (unknown layout)",
    ),
    "statements": ("i.sql", "CREATE TABLE a ();\n", "is SQL, which is never read as postgresql.conf or pg_hba.conf"),
    "records alone": ("pg_hba.sh", TRUST, "is a script; line 1 holds records of pg_hba.conf that were not read"),
    "settings alone": ("postgresql.ini", SETTINGS, "is INI; line 3 holds settings of postgresql.conf that"),
}


@pytest.mark.parametrize(("name", "text", "why"), HELD.values(), ids=HELD)
def test_a_file_in_another_language_is_never_read_even_by_name(root: Path, name: str, text: str, why: str) -> None:
    lay(root, {name: text, "pg_hba.conf": "local all all peer\n"})
    outcome = linted(root, name)
    assert (outcome.exit_status, outcome.clusters, outcome.findings) == (2, (), ())
    (sentence,) = said(outcome, root)
    assert sentence.startswith(f"The file '{name}' {why}")


@pytest.mark.parametrize(("name", "text", "why"), HELD.values(), ids=HELD)
def test_a_hook_gets_at_most_a_note_of_it(root: Path, name: str, text: str, why: str) -> None:
    lay(root, {name: text})
    outcome = linted(root, name, hook=True)
    assert outcome.exit_status == 0
    assert [f"The file '{name}' {why}" in note for note in said(outcome, root)] == [True] * ("holds" in why)


@pytest.mark.parametrize(("name", "text"), [("nginx.conf", "server {\n}\n"), ("x.conf", "words\n"), ("x.pem", "")])
def test_a_hook_is_given_files_of_all_kinds_and_says_nothing_of_them(root: Path, name: str, text: str) -> None:
    lay(root, {name: text})
    outcome = linted(root, name, hook=True)
    assert (outcome.exit_status, outcome.notifications) == (0, ())


@pytest.mark.parametrize("command", ["hba", "ident", "settings"])
def test_no_view_reads_it(root: Path, command: str) -> None:
    lay(root, {"values.yaml": TRUST, "values": TRUST})
    with pytest.raises(ValueError, match="is YAML; line 1 holds records"):
        read(command, str(root / "values.yaml"))
    assert list(read(command, str(root / "values")).rows)


def test_what_is_declared_is_not_read_either_and_that_is_told(root: Path) -> None:
    lay(root, {"pgssllint.toml": 'files = ["hba.yaml"]\n', "hba.yaml": TRUST, "postgresql.conf": ""})
    outcome = linted(root)
    assert clusters(root) == ["postgresql.conf"]
    assert any("'hba.yaml' is YAML; line 1" in note for note in said(outcome, root))


OTHERS = {
    "fail2ban": JAIL,
    "fail2ban, a filter": "[Definition]\nfailregex = ^FATAL: password <HOST>\nignoreregex =\n",
    "logrotate": "/var/log/postgresql/*.log {\n  weekly\n  rotate 10\n  missingok\n}\n",
    "Supervisor": "[program:postgresql]\ncommand=/usr/bin/postgres -D /x\nuser=postgres\nautostart=true\n",
    "Telegraf": '[[inputs.postgresql]]\n  address = "host=localhost"\n  databases = ["a"]\n',
    "Monit": "check process postgresql with pidfile /run/pg.pid\n  start program = '/x start'\n",
    "PgBouncer": "[databases]\n* = host=db\n[pgbouncer]\nlisten_port = 6432\nmax_client_conn = 9\n",
    "Prometheus": "scrape_configs:\n  - job_name: postgres\n    static_configs:\n",
    "collectd": "LoadPlugin postgresql\n<Plugin postgresql>\n  <Database x>\n    Port 5432\n  </Database>\n</Plugin>\n",
    "Logstash": "input {\n  beats {\n    port => 5044\n  }\n}\n",
    "nginx": "upstream db {\n  server 10.0.0.1:5432;\n}\n",
    "sysctl": "kernel.shmmax = 17179869184\nvm.overcommit_memory = 2\n",
    "pam_limits": "postgres soft nofile 65536\npostgres hard nofile 65536\n",
    "systemd": "d /run/postgresql 2775 postgres postgres - -\n",
    "systemd, a unit": "[Service]\nEnvironment=PGDATA=/data\n",
    "Zabbix": "UserParameter=pgsql.ping[*],psql -h $1\n",
    "NRPE": "command[check_pg]=/usr/lib/nagios/plugins/check_pgsql\n",
    "ldconfig": "/usr/pgsql-15/lib/\n",
    "Upstart": "start on runlevel [2345]\nstop on runlevel [016]\nexec /usr/bin/postgres\n",
    "rsyslog": "local0.* /var/log/postgresql/postgresql.log\n",
    "HAProxy": "listen postgres\n  bind *:5000\n  server pg1 10.0.0.1:5432 check\n",
    "Apache": "<VirtualHost *:80>\n  ServerName x\n</VirtualHost>\n",
    "the shell": "POSTGRES_USER=x\nPOSTGRES_DB=z\n",
    "another program": "[INPUT]\n    Name tail\n    Path /var/log/pg.log\n",
    "another program, JSON": '{\n  "port": 5432\n}\n',
    "another program, YAML": "postgresql:\n  port: 5432\n  max_connections: 9\n  work_mem: 4MB\n",
    "another program, blocks": "db {\n  default {\n    url = jdbc\n  }\n}\n",
}


@pytest.mark.parametrize(("program", "text"), OTHERS.items(), ids=OTHERS)
def test_a_file_of_another_program_is_left_alone(root: Path, program: str, text: str) -> None:
    program = program.partition(",")[0]
    lay(root, {"etc/postgresql.conf": text, "db/pg_hba.conf": TRUST})
    outcome = linted(root)
    assert clusters(root) == ["db/pg_hba.conf"], "it took the only pg_hba.conf"
    assert said(outcome, root) == [
        f"'etc/postgresql.conf' is a file of {program} and not of PostgreSQL; it was left alone."
    ]
    by_name = linted(root, "etc/postgresql.conf")
    assert (by_name.exit_status, by_name.clusters) == (2, ())
    assert said(by_name, root) == [f"The file 'etc/postgresql.conf' is a file of {program} and not of PostgreSQL."]
    assert linted(root, "etc/postgresql.conf", hook=True).exit_status == 0


OWN = {
    "nothing": "", "comments": "# [section]\n", "a slip": "sssl = on\n", "words": "hello world\n",
    "unknown names": "foo = bar\nbaz = 1\n", "a section before settings": "[postgresql]\nssl = on\nport = 1\n",
    "marks of YAML": "ssl: on\nport: 5432\n", "statements": "ssl = on;\nport = 1;\n", "an include": "include 'x'\n",
    "an extension's": "cron.database_name = 'x'\n", "a value in braces": "cluster_name = '{x}'\n",
    "a conflict": "<<<<<<< HEAD\nssl = on\n=======\nssl = off\n>>>>>>> x\n", "old names": "silent_mode = on\n",
    "a template": "{% for a in b %}\n{{ a }} = {{ c }}\n{% endfor %}\n[hosts]\n", "bytes": "\x00{\n\x01\n}\n",
    "a brace left over": "ssl = on\n}\n", "a heredoc": "cat > x <<EOF\nssl = on\nport = 1\nEOF\n",
}  # fmt: skip


@pytest.mark.parametrize("text", OWN.values(), ids=OWN)
def test_a_postgresql_conf_with_faults_is_not_another_programs(text: str) -> None:
    assert program_of("conf", Source("/r/postgresql.conf", text.encode()), Files(("/r",))) is None


@pytest.mark.parametrize(
    "text",
    [
        "- local all all trust\n- host all all all md5\n", '"local" all all trust\n', "hots all all all md5\n",
        "include x\n", "all all trust\n", "[hba]\nlocal all all trust\n", "# pgbouncer\nhost all app all md5\n", "",
        "[% FOREACH rule IN rules %]\n[% rule.type %] x\n[% END %]\n",
    ],
)  # fmt: skip
def test_nor_is_a_pg_hba_conf(text: str) -> None:
    assert program_of("hba", Source("/r/pg_hba.conf", text.encode()), Files(("/r",))) is None


@pytest.mark.parametrize(
    ("kind", "text", "others"),
    [
        ("hba", "[auth]\nbackend = ldap\n", True),
        ("hba", "rules:\n  - allow: all\n", True),
        ("ident", "[map]\nsystem = pg\n", True),
        ("ident", "map:\n  - root: postgres\n", True),
        ("ident", "m root postgres\n", False),
        ("ident", "m /^(.*)@x$ \\1\n", False),
        ("ident", "m root\n", False),
        ("hosts", "hosts:\n  - a: b\n", True),
        ("hosts", "a.example cert.pem key.pem\n", False),
    ],
)
def test_the_other_files_of_others(kind: str, text: str, others: bool) -> None:
    name = f"/r/pg_{kind}.conf"
    assert program_of(kind, Source(name, text.encode()), Files(("/r",))) == ("another program" if others else None)


POOLERS: dict[str, tuple[dict[str, str], str, str]] = {
    "by its name": ({"pool_hba.conf": TRUST}, "pool_hba.conf", "Pgpool-II"),
    "by the folder": ({"pgbouncer/pg_hba.conf": TRUST}, "pgbouncer/pg_hba.conf", "PgBouncer"),
    "by what names it": (
        {"etc/pg_hba.conf": TRUST, "etc/pgbouncer.ini": "[pgbouncer]\nauth_hba_file = /etc/pgbouncer/pg_hba.conf\n"},
        "etc/pg_hba.conf",
        "PgBouncer",
    ),
    "by its first line": (
        {"pg_hba.conf": f"# pgpool Client Authentication Configuration File\n{TRUST}"},
        "pg_hba.conf",
        "Pgpool-II",
    ),
    "a map": ({"pgbouncer/pg_ident.conf": "m a b\n"}, "pgbouncer/pg_ident.conf", "PgBouncer"),
}


@pytest.mark.parametrize(("files", "path", "program"), POOLERS.values(), ids=POOLERS)
def test_records_of_what_stands_before_servers_are_left_alone(
    root: Path, files: dict[str, str], path: str, program: str
) -> None:
    lay(root, files | {"main/postgresql.conf": "hba_file = '/etc/pg_hba.conf'\n"})
    outcome = linted(root)
    assert clusters(root) == ["main/postgresql.conf"]
    assert not outcome.findings or "trust" not in {finding.name for finding in outcome.findings}
    assert path not in {os.path.relpath(finding.at.path, root) for finding in outcome.findings}
    by_name = linted(root, path)
    assert said(by_name, root) == [f"The file '{path}' is a file of {program} and not of PostgreSQL."]


def test_a_file_by_another_name_is_a_programs_for_one_of_its_lines(root: Path) -> None:
    text = f"{SETTINGS}log_connections = on\nnum_init_children = 32\n"
    lay(root, {"pgpool.conf": text, "postgresql.conf": text})
    assert clusters(root) == ["postgresql.conf"]
    assert said(linted(root, "pgpool.conf"), root) == [
        "The file 'pgpool.conf' is a file of Pgpool-II and not of PostgreSQL."
    ]


def test_a_text_that_nobody_takes_for_configuration_is_of_no_program(root: Path) -> None:
    lay(root, {"README": "Dear: reader\n- see below\n[links]\n"})
    assert said(linted(root, "README"), root) == [
        "The file 'README' holds nothing of PostgreSQL's configuration that the linter reads."
    ]


def test_where_nothing_else_is_found_it_is_told_beside_that(root: Path) -> None:
    lay(root, {"postgresql.conf": JAIL})
    assert [note.error for note in linted(root).notifications] == [True, True]
    assert [note.error for note in linted(root, hook=True).notifications] == [False]


def test_a_pg_hba_conf_beside_a_pooler_is_the_servers_own_where_nothing_else_is_said(root: Path) -> None:
    lay(root, {"etc/pg_hba.conf": TRUST, "etc/pgbouncer.ini": "[pgbouncer]\nauth_type = md5\n"})
    lay(root, {"pgbouncer/pg_hba.conf": TRUST, "pgbouncer/postgresql.conf": ""})
    assert clusters(root) == ["etc/pg_hba.conf", "pgbouncer/postgresql.conf"]


def test_a_declared_file_is_postgresqls_whatever_it_looks_like(root: Path) -> None:
    lay(root, {"pgssllint.toml": 'files = ["a.conf"]\n', "a.conf": JAIL})
    assert clusters(root) == ["a.conf"]


def test_of_many_files_that_are_left_some_are_named(root: Path) -> None:
    lay(root, {f"{number}/postgresql.conf": JAIL for number in range(MOST_TOLD + 2)})
    outcome = linted(root)
    assert [note.startswith("'") for note in said(outcome, root)[:-2]] == [True] * MOST_TOLD or said(outcome, root)
    assert any(note.startswith("2 more files") for note in said(outcome, root))
    assert outcome.exit_status == 2, "there is nothing of PostgreSQL"


WALKS: dict[str, tuple[dict[str, str], list[str]]] = {
    "records": ({"prod-hba.conf": TRUST}, ["prod-hba.conf"]),
    "records of that name": ({"pg_hba_prod.conf": TRUST + "hots all all all md5\n"}, ["pg_hba_prod.conf"]),
    "records, wherever": ({"x/postgresql_hba.conf": TRUST}, ["x/postgresql_hba.conf"]),
    "records but for one line": ({"prod.conf": TRUST + "all all\n"}, []),
    "a fault behind the first twenty": ({"prod.conf": TRUST * 20 + "all all\n"}, ["prod.conf"]),
    "no records": ({"a.conf": "local 10.0.0.1\n", "b.conf": "host all the words you want\n"}, []),
    "settings": ({"master.conf": SETTINGS}, ["[master.conf]"]),
    "two parameters": ({"master.conf": "ssl = on\nport = 1\nport = 2\n"}, []),
    "three parameters among others": ({"m.conf": SETTINGS + "a = 1\nb = 2\nc = 3\nd = 4\n"}, []),
    "a section": ({"m.conf": f"[mysqld]\n{SETTINGS}"}, []),
    "statements": ({"tls.conf": "ssl_ciphers HIGH;\nssl_prefer_server_ciphers on;\nssl_ecdh_curve x;\n"}, []),
    "Pgpool-II's": ({"pgpool.conf": f"{SETTINGS}port = 9999\nbackend_hostname0 = 'x'\n"}, []),
    "a main file's name": ({"postgres.conf": "ssl = off\n"}, ["postgres.conf"]),
    "with its records": (
        {"postgres.conf": "ssl = off\n", "pg_hba.conf": TRUST, "x/postgresql-replica.conf": "ssl = off\n"},
        ["postgres.conf", "x/postgresql-replica.conf"],
    ),
    "a client's settings": (
        {"postgres.conf": "host = db\nport = 1\nuser = me\ndbname = x\n", "pg_hba.conf": TRUST},
        ["pg_hba.conf"],
    ),
    "properties": ({"postgres.conf": "spring.url = x\nspring.user = y\n"}, []),
    "a main file's name, half of it": ({"postgresql-a.conf": "ssl = on\nssll = on\n"}, ["postgresql-a.conf"]),
    "a main file's name alone": ({"postgres-exporter.conf": "a = 1\n", "postgresql-x.conf": JAIL}, []),
    "a recovery.conf": ({"recovery.conf": "restore_command = 'x'\nprimary_conninfo = 'x'\nhot_standby = on\n"}, []),
    "a fragment": ({"conf.d/postgresql-tls.conf": SETTINGS}, ["[conf.d/postgresql-tls.conf]"]),
    "a fragment that is included": (
        {"postgresql.conf": "include_dir 'conf.d'\n", "conf.d/tls.conf": SETTINGS},
        ["postgresql.conf"],
    ),
    "a fragment that none includes": (
        {"postgresql.conf": "", "conf.d/tls.conf": SETTINGS},
        ["[conf.d/tls.conf]", "postgresql.conf"],
    ),
    "a fragment of a fragment": ({"z.conf": f"include 'a.conf'\n{SETTINGS}", "a.conf": SETTINGS}, ["[z.conf]"]),
    "records that a setting names": (
        {"postgresql.conf": "hba_file = '/etc/pg/prod-hba.conf'\n", "prod-hba.conf": TRUST},
        ["postgresql.conf"],
    ),
    "records that are included": (
        {"pg_hba.conf": "include_dir hba.d\ninclude sub/b.conf\n", "hba.d/a.conf": TRUST, "sub/b.conf": TRUST},
        ["pg_hba.conf"],
    ),
    "a template": ({"prod-hba.conf.j2": TRUST}, []),
    "another ending": ({"prod-hba.txt": TRUST}, []),
}


@pytest.mark.parametrize(("files", "expected"), WALKS.values(), ids=WALKS)
def test_files_with_other_names_are_found_where_they_read_as_such(
    root: Path, files: dict[str, str], expected: list[str]
) -> None:
    lay(root, files)
    assert clusters(root) == expected


def test_a_folder_of_fragments_by_name_does_not_part_them_from_their_main_file(root: Path) -> None:
    lay(root, {"postgresql.conf": "include_dir 'conf.d'\n", "conf.d/tls.conf": SETTINGS})
    assert clusters(root, "conf.d") == []
    assert clusters(root, "conf.d/tls.conf") == ["postgresql.conf"]


def test_so_many_files_of_other_names_are_judged_and_those_with_their_own_name_all_the_same(root: Path) -> None:
    lay(root, {f"{number:02}-hba.conf": TRUST for number in range(MOST_OTHERS + 3)} | {"z/pg_hba.conf": TRUST})
    lay(
        root,
        {"y/postgresql.conf": "include_dir 'd'\n", "y/pg_hba.conf": ""}
        | {f"y/d/{n}.conf": SETTINGS for n in range(MOST_OTHERS)},
    )
    assert clusters(root) == [
        *(f"{number:02}-hba.conf" for number in range(MOST_OTHERS)), "y/postgresql.conf", "z/pg_hba.conf"
    ]  # fmt: skip
    assert "3 more files of other names read as PostgreSQL's; name those that are to be checked." in said(
        linted(root), root
    )


def test_a_file_given_by_name_may_have_more_faults(root: Path) -> None:
    lay(root, {"records": "host all all 0.0.0.0/0 scram-sha256\n", "settings": "ssl = on\nport = 1\nx = 1\n"})
    assert clusters(root, "records", "settings") == ["[settings]", "records"]


def test_a_long_file_with_another_name_is_not_read(root: Path) -> None:
    lay(root, {"a.conf": TRUST * (MAX_BYTES // len(TRUST) + 1), "b.conf": TRUST})
    assert clusters(root) == ["b.conf"]


def test_each_candidate_is_opened_once_and_nothing_else(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(root, {"postgresql.conf": "", "a.conf": TRUST, "b.conf": SETTINGS, "c.conf": "x", "d.txt": TRUST, "e.yaml": ""})
    opened = Counter[str]()
    open_there = Folders.open

    def noting(folders: Folders, path: str, flags: int) -> int:
        opened[os.path.basename(path)] += 1
        return open_there(folders, path, flags)

    monkeypatch.setattr(Folders, "open", noting)
    request = Request((str(root),))
    gather(discover(request), request.stated, AT)
    assert {name: opened[name] for name in ("postgresql.conf", "a.conf", "b.conf", "c.conf", "d.txt", "e.yaml")} == {
        "postgresql.conf": 1, "a.conf": 1, "b.conf": 1, "c.conf": 1, "d.txt": 0, "e.yaml": 1,
    }  # fmt: skip


def test_a_link_that_leads_out_of_the_root_is_told_once(root: Path, tmp_path: Path) -> None:
    lay(tmp_path, {"outside/pg_hba.conf": TRUST})
    lay(root, {"postgresql.conf": "", "in/pg_hba.conf": "local all all peer\n"})
    (root / "shared").symlink_to(tmp_path / "outside")
    (root / "x-hba.conf").symlink_to(tmp_path / "outside" / "pg_hba.conf")
    (root / "within").symlink_to("in")
    (root / "nowhere").symlink_to("absent")
    outcome = linted(root)
    assert said(outcome, root) == ["'shared', 'x-hba.conf' lead out of the root and are not followed."]
    assert clusters(root) == ["postgresql.conf"]


def test_what_git_tracks_is_found_under_any_name_and_a_submodule_by_its_own_git(tmp_path: Path) -> None:
    root = tmp_path / "root"
    lay(root, {".gitignore": "/deploy/\n/venv/\n", "deploy/prod-hba.conf": TRUST, "deploy/other-hba.conf": TRUST})
    lay(root, {"venv/x-hba.conf": TRUST, "sub/.gitignore": "ignored/\n", "sub/ignored/y-hba.conf": TRUST})
    lay(root, {"sub/ignored/z-hba.conf": TRUST, "sub/w-hba.conf": TRUST})
    git(root / "sub", "init", "-q")
    git(root / "sub", "add", "-f", "ignored/y-hba.conf")
    git(root, "init", "-q")
    git(root, "add", "-f", "deploy/prod-hba.conf")
    assert clusters(root) == ["deploy/prod-hba.conf", "sub/ignored/y-hba.conf", "sub/w-hba.conf"]


UNREAD = {
    "db.pp": (
        "class { 'postgresql::server': }\npostgresql::server::pg_hba_rule { 'x': type => 'host' }\n",
        "It is Puppet; line 2 holds records of pg_hba.conf that were not read (unknown layout).",
    ),
    "db.nix": (
        "{\n  services.postgresql = {\n    authentication = ''\n      local all all trust\n    '';\n  };\n}\n",
        "It is Nix; line 4 holds records of pg_hba.conf that were not read (unknown layout).",
    ),
    "pillar.sls": (
        "postgres:\n  acls:\n    - ['local', 'all']\n",
        "It is Salt; line 2 holds records of pg_hba.conf that were not read (unknown layout).",
    ),
    "attributes.rb": (
        "default['postgresql']['version'] = 1\ndefault['postgresql']['pg_hba'] = [{ type: 'host' }]\n",
        "It is a script; line 2 holds records of pg_hba.conf that were not read (unknown layout).",
    ),
    "pool_hba.conf": (
        "host all all 0.0.0.0/0 trust\n", "It is a file of Pgpool-II and not of PostgreSQL; it was left alone.",
    ),
    "odyssey.conf": ("storage \"x\" {\n}\n", "It is a file of Odyssey and not of PostgreSQL; it was left alone."),
}  # fmt: skip


@pytest.mark.parametrize("name", UNREAD)
def test_what_is_configured_in_a_form_that_is_not_read_is_said(name: str, tmp_path: Path) -> None:
    text, said = UNREAD[name]
    (tmp_path / name).write_text(text)
    outcome = lint(Request((str(tmp_path),), root=str(tmp_path)), AT)
    assert [str(note.message) for note in outcome.notifications] == [said]
    assert outcome.exit_status == 0
    (tmp_path / "pg_hba.conf").write_text("local all all peer\n")
    assert said not in [str(n.message) for n in lint(Request((str(tmp_path),), root=str(tmp_path)), AT).notifications]


@pytest.mark.parametrize("name", [name for name in UNREAD if not name.endswith(".conf")])
def test_by_name_it_is_a_mistake_and_not_by_a_hook(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(UNREAD[name][0])
    by_name = lint(Request((str(tmp_path / name),), root=str(tmp_path)), AT)
    assert by_name.exit_status == 2
    assert UNREAD[name][1].partition("; ")[2] in str(by_name.errors[0].message)
    assert lint(Request((str(tmp_path / name),), root=str(tmp_path), hook=True), AT).exit_status == 0


def test_other_files_of_these_languages_hold_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.rb").write_text("puts 'postgres'\n")
    (tmp_path / "y.pp").write_text("class { 'postgresql::server': }\n")
    (tmp_path / "z.nix").write_text("services.postgresql.enable = true;\n")
    assert lint(Request((str(tmp_path),), root=str(tmp_path)), AT).exit_status == 2


def test_the_name_of_a_file_alone_is_no_record(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("[map]\n'/etc/pg_hba.conf' = 'pg_hba.conf'\n")
    by_name = lint(Request((str(tmp_path / "x.toml"),), root=str(tmp_path)), AT)
    assert ["unknown layout" in str(note.message) for note in by_name.errors] == [False]
