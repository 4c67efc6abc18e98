"""What a server makes of postgresql.conf, its includes, postgresql.auto.conf and the command line."""

import os
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.files import Opened, OpenedFolder, Presence
from pgssllint.finding import LogLevel, LogLine
from pgssllint.postgres.entries import Given, SettingsKind, of_command_line, unknown_name_log
from pgssllint.postgres.reading import read_entries
from pgssllint.postgres.settings import Settings, faulty_values, unknown_names
from pgssllint.postgres.start_checks import too_many_backends
from pgssllint.target import MAJORS
from pgssllint.text import Source, Span
from pgssllint.ways import Reason

ROOT = "/etc/pg"


class Memory:
    """Files held in memory, by path relative to ROOT. A name ending in `/` is an empty folder."""

    def __init__(self, files: Mapping[str, str | bytes], absence: Presence = Presence.MISSING) -> None:
        self.sources = {
            f"{ROOT}/{name}": Source(f"{ROOT}/{name}", data if isinstance(data, bytes) else data.encode())
            for name, data in files.items()
        }
        self.absence = absence

    def open(self, name: str, beside: str) -> Opened:
        path = os.path.normpath(os.path.join(os.path.dirname(beside), name))
        if path in self.sources:
            return Opened(name, Presence.HERE, path, self.sources[path])
        if any(known.startswith(path + "/") for known in self.sources):
            return Opened(name, Presence.MISSING, path, reason=Reason.DIRECTORY, is_folder=True)
        return Opened(name, self.absence, path, reason=Reason.ABSENT)

    def names(self, name: str, beside: str) -> Opened:
        return self.open(name, beside)

    def folder(self, name: str, beside: str) -> OpenedFolder:
        path = os.path.normpath(os.path.join(os.path.dirname(beside), name))
        below = {known[len(path) + 1 :].split("/")[0] for known in self.sources if known.startswith(path + "/")}
        if below:
            return OpenedFolder(name, Presence.HERE, path, tuple(sorted(below, key=os.fsencode)))
        return OpenedFolder(name, self.absence, path, reason=Reason.ABSENT)


def settings(files: Mapping[str, str | bytes] | str | bytes, major: int = 18, **more: Presence) -> Settings:
    memory = Memory(files if isinstance(files, Mapping) else {"postgresql.conf": files}, **more)
    read = read_entries(memory.sources[f"{ROOT}/postgresql.conf"], memory)
    auto = memory.sources.get(f"{ROOT}/postgresql.auto.conf")
    if auto is not None:
        read = read.followed_by(read_entries(auto, memory, origin="auto"))
    return Settings(read, major)


def value(found: Settings, name: str) -> str | None:
    entry = found.effective(name)
    return entry.value if entry is not None else None


def logs(found: Settings) -> list[str]:
    assert {fault.log.level for fault in found.read.faults} <= {LogLevel.LOG}
    return [fault.log.text.replace(f"{ROOT}/", "") for fault in found.read.faults]


def kinds(found: Settings) -> list[SettingsKind]:
    return [fault.kind for fault in found.read.faults]


def test_an_entry_knows_where_it_stands() -> None:
    (entry,) = settings("# c\nssl_ca_file = 'root.crt' # x\n").read.all
    assert (entry.name, entry.value, entry.line, entry.origin) == ("ssl_ca_file", "root.crt", 2, "file")
    assert (entry.name_span, entry.value_span) == (Span(4, 15), Span(18, 28))


def test_the_last_entry_decides_across_spellings_includes_and_old_names() -> None:
    found = settings(
        {
            "postgresql.conf": "SSL = off\nssl = on\nSSL_CERT_FILE = 'a'\ninclude 'x.cf'\nssl_ecdh_curve = X25519\n",
            "x.cf": "ssl_cert_file = 'b'\nssl_groups = X448\n",
        }
    )
    assert value(found, "ssl") == "on"
    assert value(found, "ssl_cert_file") == "b"
    assert value(found, "ssl_groups") == "X25519"
    assert value(found, "SSL_ecdh_curve") == "X25519"
    assert value(found, "ssl_key_file") is None
    assert [e.value for e in found.of("ssl")] == ["off", "on"]


def test_an_old_name_is_its_own_parameter_where_there_is_no_other() -> None:
    assert value(settings("ssl_ecdh_curve = prime256v1\n", 17), "ssl_groups") is None


def test_auto_conf_and_the_command_line_come_last() -> None:
    memory = Memory({"postgresql.conf": "ssl = on\nport = 1\n", "postgresql.auto.conf": "ssl = off\nport = 2\n"})
    main, auto = memory.sources.values()
    spec = Source("/compose.yaml", b"-c log-connections=on")
    line = [Given("log-connections", "on", spec, Span(3, 18), Span(19, 21))]
    line.append(Given("port", "3", spec, Span(0, 1), Span(0, 1)))
    read = read_entries(main, memory).followed_by(read_entries(auto, memory, origin="auto"))
    found = Settings(read.followed_by(of_command_line(line)), 18)
    assert value(found, "ssl") == "off"
    assert value(found, "port") == "3"
    assert value(found, "log_connections") == "on"
    assert [e.origin for e in found.of("port")] == ["file", "auto", "command line"]


def test_a_data_directory_in_auto_conf_has_no_effect() -> None:
    found = settings({"postgresql.conf": "data_directory = 'a'\n", "postgresql.auto.conf": "data_directory = 'b'\n"})
    assert value(found, "data_directory") == "a"


def test_includes_are_read_in_place_relative_to_the_including_file() -> None:
    found = settings(
        {
            "postgresql.conf": "ssl = off\nINCLUDE = 'sub/a.cf'\nssl_key_file = 'k'\n",
            "sub/a.cf": "include_if_exists 'none'\ninclude 'b.cf'\n",
            "sub/b.cf": "ssl = on\n",
        }
    )
    assert [e.name for e in found.read.all] == ["ssl", "ssl", "ssl_key_file"]
    assert [(at.path, at.source and at.source.text[slice(*at.span or ())]) for at in found.read.all[1].chain] == [
        (f"{ROOT}/postgresql.conf", "'sub/a.cf'"),
        (f"{ROOT}/sub/a.cf", "'b.cf'"),
    ]
    assert [s.path for s in found.read.sources] == [f"{ROOT}/postgresql.conf", f"{ROOT}/sub/a.cf", f"{ROOT}/sub/b.cf"]
    assert found.read.complete
    assert not found.read.faults


def test_include_dir_takes_conf_files_in_byte_order() -> None:
    names = ["10.conf", "9.conf", "B.conf", "a.conf", ".h.conf", "x.CONF", "y.conf~", "z.cnf", ".conf", "d.conf/x"]
    found = settings({"postgresql.conf": "include_dir 'd'\n", **{f"d/{n}": f"work_mem = '{n}'\n" for n in names}})
    assert [e.value for e in found.read.all] == ["10.conf", "9.conf", "B.conf", "a.conf"]
    assert not found.read.faults


def test_the_first_bad_file_stops_an_include_dir_but_not_the_file_that_names_it() -> None:
    found = settings(
        {"postgresql.conf": "include_dir 'd'\nport = 9\n", "d/1.conf": "port = 1\nbad x y\n", "d/2.conf": "port = 2\n"}
    )
    assert [e.value for e in found.read.all] == ["1", "9"]


@pytest.mark.parametrize(
    ("text", "kind", "log"),
    [
        (
            "include 'none'",
            SettingsKind.INCLUDE_MISSING,
            'could not open configuration file "none": No such file or directory',
        ),
        (
            "include_dir 'none'",
            SettingsKind.INCLUDE_MISSING,
            'could not open configuration directory "none": No such file or directory',
        ),
        ("include 'd'", SettingsKind.INCLUDE_MISSING, 'input in flex scanner failed at file "d" line 1'),
        ("include_if_exists 'd'", SettingsKind.INCLUDE_MISSING, 'input in flex scanner failed at file "d" line 1'),
        ("include ''", SettingsKind.INCLUDE_EMPTY_NAME, 'empty configuration file name: ""'),
        ("include ' '", SettingsKind.INCLUDE_EMPTY_NAME, 'empty configuration file name: " "'),
        ("include 'postgresql.conf'", SettingsKind.INCLUDE_LOOP, 'configuration file recursion in "postgresql.conf"'),
        (
            "include 'loop1.cf'",
            SettingsKind.INCLUDE_LOOP,
            'could not open configuration file "loop1.cf": maximum nesting depth exceeded',
        ),
        ("include 'bad.cf'", SettingsKind.SYNTAX, 'syntax error in file "bad.cf" line 1, near token "here"'),
        (
            "include inc1.cf",
            SettingsKind.UNQUOTED_VALUE,
            'syntax error in file "postgresql.conf" line 1, near token "inc1.cf"',
        ),
    ],
)
def test_what_is_wrong_with_an_include(text: str, kind: SettingsKind, log: str) -> None:
    found = settings(
        {
            "postgresql.conf": text + "\nport = 9\n",
            "d/x": "",
            "loop1.cf": "include 'loop2.cf'\n",
            "loop2.cf": "include 'loop1.cf'\n",
            "bad.cf": "bad line here\n",
        }
    )
    assert kinds(found) == [kind]
    assert logs(found) == [log]
    assert value(found, "port") == "9"


def test_ten_levels_are_read_and_no_more() -> None:
    def deep(levels: int) -> Settings:
        files = {f"{n}.cf": f"include '{n + 1}.cf'\n" for n in range(1, levels)}
        return settings({"postgresql.conf": "include '1.cf'\n", **files, f"{levels}.cf": "port = 9\n"})

    assert value(deep(10), "port") == "9"
    assert value(deep(11), "port") is None
    assert logs(deep(11)) == ['could not open configuration file "11.cf": maximum nesting depth exceeded']
    assert kinds(deep(11)) == [SettingsKind.INCLUDE_DEPTH]


def test_a_file_may_be_included_from_two_places_and_its_faults_are_said_once() -> None:
    found = settings({"postgresql.conf": "include 'a'\nport = 2\ninclude 'a'\n", "a": "port = 1\nbad x y\n"})
    assert [e.value for e in found.read.all] == ["1", "2", "1"]
    assert kinds(found) == [SettingsKind.SYNTAX]
    assert [source.path for source in found.read.sources] == [f"{ROOT}/postgresql.conf", f"{ROOT}/a"]


def test_includes_that_multiply_come_to_an_end() -> None:
    files = {f"{n}.cf": f"include '{n + 1}.cf'\n" * 10 for n in range(1, 10)}
    found = settings({"postgresql.conf": "include '1.cf'\n", **files, "10.cf": "port = 1\n"})
    assert not found.read.complete


@pytest.mark.parametrize("text", ["include 'x'", "include_if_exists 'x'", "include_dir 'x'"])
def test_an_include_not_in_view_leaves_unset_parameters_unknown(text: str) -> None:
    found = settings(text + "\n", absence=Presence.NOT_IN_VIEW)
    assert kinds(found) == [SettingsKind.INCLUDE_NOT_IN_VIEW]
    assert not found.read.complete
    assert found.read.includes[0].name == "x"


@pytest.mark.parametrize(
    ("text", "kind", "span", "log"),
    [
        ("ssl = on\nbad line here\n", SettingsKind.SYNTAX, (18, 22), 'line 2, near token "here"'),
        ("ssl = # on\n", SettingsKind.SYNTAX, (0, 5), "line 1, near end of line"),
        ("ssl = ", SettingsKind.SYNTAX, (0, 5), "line 0, near end of line"),
        ("ssl_cert_file = server.crt\n", SettingsKind.UNQUOTED_VALUE, (16, 26), 'line 1, near token "server.crt"'),
        ("ssl_ca_file = /a b # c\n", SettingsKind.UNQUOTED_VALUE, (14, 18), 'line 1, near token "/"'),
        ("ssl on port 5\n", SettingsKind.SYNTAX, (7, 11), 'line 1, near token "port"'),
        ("\ufeff# c\n", SettingsKind.BOM, (0, 1), "line 1, near end of line"),
        ("\ufeff\n", SettingsKind.BOM, (0, 1), "line 1, near end of line"),
        ("\ufeffssl_cert_file = a.b\n", SettingsKind.BOM, (0, 1), 'line 1, near token "a.b"'),
    ],
)
def test_syntax_errors(text: str, kind: SettingsKind, span: tuple[int, int], log: str) -> None:
    (fault,) = settings(text).read.faults
    assert (fault.kind, tuple(fault.span)) == (kind, span)
    assert fault.log == LogLine(LogLevel.LOG, f'syntax error in file "{ROOT}/postgresql.conf" {log}')
    assert log.startswith(f"line {fault.reported_line},")


def test_a_byte_order_mark_makes_the_first_name_unknown_and_is_said_once() -> None:
    found = settings("\ufeffssl = on\nport = 1\n")
    assert kinds(found) == [SettingsKind.BOM]
    assert logs(found) == ['unrecognized configuration parameter "\ufeffssl" in file "postgresql.conf" line 1']
    assert list(unknown_names(found, 18)) == []
    assert value(found, "port") == "1"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_gives_one_fault(codec: str) -> None:
    found = settings("\ufeffssl = on\nport = 1\n".encode(codec))
    assert kinds(found) == [SettingsKind.BOM]
    assert (found.read.all, found.read.complete) == ((), False)


def test_after_a_hundred_syntax_errors_the_file_is_left() -> None:
    found = settings("bad x y\n" * 150 + "port = 1\n")
    assert kinds(found) == [SettingsKind.SYNTAX] * 100 + [SettingsKind.TOO_MANY_ERRORS]
    assert logs(found)[-1] == 'too many syntax errors found, abandoning file "postgresql.conf"'
    assert found.read.all == ()


def test_the_view_leaves_a_file_at_its_first_syntax_error() -> None:
    memory = Memory(
        {"postgresql.conf": "port = 1\ninclude 'a'\nport = 2\nbad x y\nport = 3\n", "a": "x y z\nport = 4\n"}
    )
    found = Settings(read_entries(memory.sources[f"{ROOT}/postgresql.conf"], memory, like_the_view=True), 18)
    assert [e.value for e in found.read.all] == ["1", "2"]
    assert kinds(found) == [SettingsKind.SYNTAX] * 2


def test_values_of_earlier_duplicates_are_never_looked_at() -> None:
    found = settings(
        {
            "postgresql.conf": "work_mem = bogus\nwork_mem = 8MB\nPORT = x\nport = 1\nssl = maybe\n",
            "postgresql.auto.conf": "ssl = on\n",
        }
    )
    assert [(e.name, e.value, f.log.text) for e, f in faulty_values(found, 17)] == [
        ("PORT", "x", 'invalid value for parameter "PORT": "x"')
    ]


def test_a_bad_value_in_a_file_counts_even_if_the_command_line_has_another() -> None:
    memory = Memory({"postgresql.conf": "port = x\n"})
    main = memory.sources[f"{ROOT}/postgresql.conf"]
    given_port = Given("port", "1", main, Span(0, 1), Span(0, 1))
    found = Settings(read_entries(main, memory).followed_by(of_command_line([given_port, given_port])), 18)
    assert [e.value for e, _ in faulty_values(found, 18)] == ["x"]
    assert [entry.value for entry in found.last_of_each_spelling()] == ["x", "1", "1"]


def test_unknown_names_are_those_of_no_parameter_and_without_a_dot() -> None:
    found = settings("nosuch = 1\nnosuch = 2\nssl.ciphers = x\nplpgsql.nosuch = 1\nssl_sni = on\nSSL = on\n")
    assert [e.name for e in unknown_names(found, 18)] == ["nosuch", "nosuch", "ssl_sni"]
    assert [e.name for e in unknown_names(found, 19)] == ["nosuch", "nosuch"]
    log = unknown_name_log(found.read.all[1]).text.replace(f"{ROOT}/", "")
    assert log == 'unrecognized configuration parameter "nosuch" in file "postgresql.conf" line 2'


def test_what_a_template_has_yet_to_write_is_not_judged() -> None:
    found = settings("ssl = {{ ssl }}\nnosuch = @X@\nport = '{{ port }}'\nwork_mem = 8MB\n")
    assert not found.read.faults
    assert list(unknown_names(found, 18)) == []
    assert list(faulty_values(found, 18)) == []
    assert [(e.name, e.unknown) for e in found.read.all] == [
        ("ssl", True),
        ("nosuch", True),
        ("port", True),
        ("work_mem", False),
    ]
    marks = [at.source.text[at.span.start : at.span.end] for at in found.read.templates if at.source and at.span]
    assert marks == ["{{ ssl }}", "@X@", "{{ port }}"]
    assert found.read.complete


@pytest.mark.parametrize("text", ["{% if x %}\nssl = on\n{% endif %}\n", "{{ more }}\n", "include '{{ file }}'\n"])
def test_where_a_template_may_write_any_setting_unset_is_unknown(text: str) -> None:
    found = settings(text)
    assert not found.read.faults
    assert not found.read.complete


BYTES = st.binary(max_size=80)
LINES = st.lists(
    st.sampled_from(
        [
            *(
                b"ssl = on",
                b"SSL='x\\'",
                b"include 'a'",
                b"include_dir '.'",
                b"include_if_exists 'postgresql.conf'",
                b"x y z",
            ),
            *(
                b"\xef\xbb\xbf",
                b"\xff\xfe",
                b"port = {{ x }}",
                b"a = server.crt",
                b"ssl = \x00",
                b"include ''",
                b"{% x",
                b"= #",
            ),
        ]
    ),
    max_size=6,
).map(b"\n".join)


@given(BYTES | LINES, BYTES | LINES, st.sampled_from(list(MAJORS)))
def test_no_bytes_raise(main: bytes, other: bytes, major: int) -> None:
    found = settings({"postgresql.conf": main, "a": other, "b.conf": other, "postgresql.auto.conf": other}, major)
    list(faulty_values(found, major))
    list(unknown_names(found, major))
    for fault in found.read.faults:
        assert fault.log.text
        assert 0 <= fault.span.start <= fault.span.end <= len(fault.source.text)


@pytest.mark.parametrize(
    ("major", "text", "refused"),
    [
        (17, "max_connections = 262122", ['invalid value for parameter "max_connections": 262122']),
        (17, "max_connections = 262120", []),
        (11, "max_connections = 262131", []),
        (11, "max_connections = 262132", ['invalid value for parameter "max_connections": 262132']),
        (18, "max_connections = 262143", []),
        (15, "max_connections = 200\nmax_worker_processes = 262000", ["max_worker_processes"]),
        (15, "max_worker_processes = 262000\nmax_connections = 200", ["max_connections"]),
        (15, "max_connections = 262143\nmax_worker_processes = 262000", ["max_connections"]),
        (15, "max_connections = 262100\nmax_connections = 5\nmax_worker_processes = 262000", []),
    ],
)
def test_processes_are_added_up_as_settings_are_applied(major: int, text: str, refused: list[str]) -> None:
    """As servers of these majors said; one that is refused counts with the value it had before."""
    found = [log.text for _, _, log in too_many_backends(settings(text, major))]
    assert len(found) == len(refused)
    assert all(word in line for word, line in zip(refused, found, strict=True))
