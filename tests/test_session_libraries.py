"""Libraries that each session loads: what is told of them, and how a login ends with servers of 10 to 18."""

from pathlib import Path

import pytest

from tests.support.asked import without
from tests.support.connections import connect
from tests.support.installations import Installation, available
from tests.support.judging import found_in
from tests.support.servers import File

_ABSENT = 'could not access file "{}": No such file or directory'
_CLOSED = 'access to library "{}" is not allowed'

LINES = [
    ("session_preload_libraries = 'auto_explain'", None, "ok"),
    ("session_preload_libraries = '$libdir/auto_explain.so'", None, "ok"),
    ("session_preload_libraries = 'pg_stat_statements'", "idle", "ok"),
    ("session_preload_libraries = '$libdir/pg_stat_statements.so'", "idle", "ok"),
    (
        "session_preload_libraries = 'pg_stat_statements'\nshared_preload_libraries = '$libdir/pg_stat_statements'",
        None,
        "ok",
    ),
    ("session_preload_libraries = 'nosuch,'", None, "ok"),
    ("session_preload_libraries = ''", None, "ok"),
    ("session_preload_libraries = 'nosuch'", "elsewhere", _ABSENT.format("nosuch")),
    ("session_preload_libraries = '\"\"'", "empty", _ABSENT.format("")),
    ("session_preload_libraries = '\"a,b\"'", "list", _ABSENT.format("a,b")),
    ("session_preload_libraries = '/nowhere/x.so'", "default", _ABSENT.format("/nowhere/x.so")),
    ("local_preload_libraries = 'auto_explain'", "plugins", _ABSENT.format("$libdir/plugins/auto_explain")),
    ("local_preload_libraries = '$libdir/plugins/x'", "plugins", _ABSENT.format("$libdir/plugins/x")),
    ("local_preload_libraries = '\"\"'", "plugins", _ABSENT.format("$libdir/plugins/")),
    ("local_preload_libraries = '$libdir/auto_explain'", "closed", _CLOSED.format("$libdir/auto_explain")),
    ("local_preload_libraries = '$libdir/plugins/a/b'", "closed", _CLOSED.format("$libdir/plugins/a/b")),
    ("local_preload_libraries = '/nowhere/x'", "closed", _CLOSED.format("/nowhere/x")),
    ("local_preload_libraries = 'x,'", None, "ok"),
]
"""Lines, which message is told of them, and how a login ends."""


@pytest.mark.parametrize(("line", "message", "_said"), LINES)
def test_what_is_told(line: str, message: str | None, _said: str, tmp_path: Path) -> None:
    found = found_in(tmp_path, {}, conf=f"{line}\n")
    assert [one.message for one in found if one.rule == "PGS049"] == ([message] if message is not None else [])


@pytest.mark.servers
@pytest.mark.parametrize("major", [10, 13, 18])
def test_how_a_login_ends(major: int) -> None:
    installation = available(major)
    if not isinstance(installation, Installation):
        without(installation.reason)
    records = File(b"local all all trust\nhost all all 127.0.0.1/32 trust\n")
    for line, _, said in LINES:
        files = {"postgresql.conf": File(f"{line}\n".encode()), "pg_hba.conf": records}
        assert said in connect(installation, files, {"sslmode": "disable"}), line


@pytest.mark.parametrize(
    ("conf", "message"),
    [
        ("session_preload_libraries = 'sepgsql'\n", "late"),
        ("session_preload_libraries = '$libdir/sepgsql'\nshared_preload_libraries = 'auto_explain'\n", "late"),
        ("session_preload_libraries = 'pgaudit, auto_explain'\n", "late"),
        ("session_preload_libraries = 'sepgsql'\nshared_preload_libraries = 'sepgsql.so'\n", None),
        ("session_preload_libraries = 'pg_hint_plan'\n", None),
        ("session_preload_libraries = 'pg_stat_statements, nosuch'\n", "elsewhere"),
    ],
)
def test_libraries_of_the_start(conf: str, message: str | None, tmp_path: Path) -> None:
    found = found_in(tmp_path, {}, conf=conf)
    assert [one.message for one in found if one.rule == "PGS049"] == ([message] if message is not None else [])


@pytest.mark.servers
def test_a_library_of_the_start_ends_a_session() -> None:
    """Debian's builds have sepgsql."""
    installation = available(15, "debian")
    if not isinstance(installation, Installation):
        without(installation.reason)
    records = File(b"local all all trust\nhost all all 127.0.0.1/32 trust\n")
    files = {"postgresql.conf": File(b"session_preload_libraries = 'sepgsql'\n"), "pg_hba.conf": records}
    said = connect(installation, files, {"sslmode": "disable"})
    assert "sepgsql must be loaded via shared_preload_libraries" in said
