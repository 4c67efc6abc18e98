"""The libraries that a server loads at its start or for each session, and where they come from.

load_libraries in miscinit.c, expand_dynamic_library_name in dfmgr.c; what is here was listed of 10 to 18.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from pgssllint.finding import LogLine, at_log
from pgssllint.postgres.lists import directories
from pgssllint.quoting import ours
from pgssllint.unknown import Malformed

SETTING = "shared_preload_libraries"

_CONTRIB = """
    _int amcheck auth_delay auto_explain autoinc bloom btree_gin btree_gist citext cube dblink dict_int dict_xsyn
    earthdistance file_fdw fuzzystrmatch hstore insert_username isn lo ltree moddatetime pageinspect passwordcheck
    pg_buffercache pg_freespacemap pg_prewarm pg_stat_statements pg_trgm pg_visibility pgcrypto pgrowlocks pgstattuple
    pgxml postgres_fdw refint seg sslinfo tablefunc tcn test_decoding tsm_system_rows tsm_system_time unaccent
    uuid-ossp
"""
_SERVER = """
    cyrillic_and_mic dict_snowball euc2004_sjis2004 euc_cn_and_mic euc_jp_and_sjis euc_kr_and_mic euc_tw_and_big5
    latin2_and_win1250 latin_and_mic libpqwalreceiver pgoutput plpgsql utf8_and_big5 utf8_and_cyrillic utf8_and_euc2004
    utf8_and_euc_cn utf8_and_euc_jp utf8_and_euc_kr utf8_and_euc_tw utf8_and_gb18030 utf8_and_gbk utf8_and_iso8859
    utf8_and_iso8859_1 utf8_and_johab utf8_and_sjis utf8_and_sjis2004 utf8_and_uhc utf8_and_win
"""
_FOREVER = range(10, 100)
_SOME_MAJORS: Mapping[str, range] = MappingProxyType(
    {
        "adminpack": range(10, 17),
        "ascii_and_mic": range(10, 13),
        "basebackup_to_shell": range(15, 100),
        "basic_archive": range(15, 100),
        "chkpass": range(10, 11),
        "old_snapshot": range(14, 17),
        "pg_logicalinspect": range(18, 100),
        "pg_overexplain": range(18, 100),
        "pg_surgery": range(14, 100),
        "pg_walinspect": range(15, 100),
        "timetravel": range(10, 12),
        "utf8_and_ascii": range(10, 13),
    }
)
_OWN: Mapping[str, range] = MappingProxyType(
    {**dict.fromkeys((*_SERVER.split(), *_CONTRIB.split()), _FOREVER), **_SOME_MAJORS}
)
"""The libraries of PostgreSQL itself, with the majors that have them."""

_FOLDER = "$libdir/"
PLUGINS = f"{_FOLDER}plugins/"
"""Where libraries lie that every user may load; PostgreSQL puts none there."""


WELL_KNOWN = frozenset(
    {
        "age", "anon", "citus", "credcheck", "login_hook", "orafce", "passwordcheck_extra", "pg_cron", "pg_hint_plan",
        "pg_permissions", "pg_show_plans", "pg_stat_kcache", "pg_stat_monitor", "pg_tle", "pg_wait_sampling", "pgaudit",
        "pgextwlist", "plprofiler", "plrust", "plugin_debugger", "postgis-3", "powa", "safeupdate", "sepgsql",
        "set_user", "supautils", "timescaledb",
    }
)  # fmt: skip
"""Libraries of others that who names them most likely has."""


_AT_START_ONLY: Mapping[str, bool] = MappingProxyType(
    {
        "citus": False, "pg_cron": False, "pg_search": False, "pg_stat_kcache": False, "pgaudit": False,
        "sepgsql": True, "timescaledb": False,
    }
)  # fmt: skip
"""Libraries that end a session which loads them where the server has not, and whether one was asked."""

_IDLE_IN_SESSIONS = frozenset({"pg_stat_statements"})
"""Libraries of PostgreSQL that do nothing where the server has not loaded them (asked of 10 to 18)."""


class Late(StrEnum):
    """What comes of a library that sessions load and the server has not."""

    REFUSED = "refused"
    SAID_TO_BE_REFUSED = "said to be refused"
    IDLE = "idle"


class Origin(StrEnum):
    """Where a library comes from."""

    CONTRIB = "contrib"
    """It is installed with PostgreSQL, or with its contrib."""

    OTHER_MAJOR = "other major"
    """It came with PostgreSQL of other majors only."""

    PATH = "path"
    """It is named by a path."""

    NOWHERE = "nowhere"
    """No file can be called so."""

    ELSEWHERE = "elsewhere"
    """It is not part of PostgreSQL, or only of some builds."""


def listed(value: str) -> tuple[str, ...]:
    """The libraries of a list; of one that does not parse the server loads nothing."""
    names = directories(value)
    return () if isinstance(names, Malformed) else names


def is_malformed(value: str) -> bool:
    """Whether a list does not parse."""
    return isinstance(directories(value), Malformed)


def malformed_log(setting: str) -> LogLine:
    """A list that does not parse, of which nothing is loaded."""
    return at_log('invalid list syntax in parameter "{}"', ours(setting))


def for_everybody(name: str) -> str | None:
    """What a name of local_preload_libraries stands for; None for a path out of the folder, which is refused."""
    if "/" not in name:
        return PLUGINS + name
    return name if name.startswith(PLUGINS) and "/" not in name.removeprefix(PLUGINS) else None


def late(name: str, preloaded: Iterable[str]) -> Late | None:
    """What comes of a library that sessions load, where the server loads those `preloaded`; None where it works."""
    plain = _plain(name)
    if plain in map(_plain, preloaded):
        return None
    if plain in _IDLE_IN_SESSIONS:
        return Late.IDLE
    asked = _AT_START_ONLY.get(plain)
    return None if asked is None else Late.REFUSED if asked else Late.SAID_TO_BE_REFUSED


def _plain(name: str) -> str:
    """A library's name without the folder and the ending that the server adds."""
    return name.removeprefix(_FOLDER).removesuffix(".so")


def origin(name: str, major: int) -> Origin:
    """Where the library of that name comes from on `major`."""
    plain = _plain(name)
    if plain in ("", "$libdir") or "," in plain:
        return Origin.NOWHERE
    majors = _OWN.get(plain)
    if majors is not None:
        return Origin.CONTRIB if major in majors else Origin.OTHER_MAJOR
    if "/" in plain and not name.startswith(_FOLDER):
        return Origin.PATH
    return Origin.ELSEWHERE
