"""What a line of postgresql.conf is: terminals, errors and the token the server names, quoting, templates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lark import UnexpectedInput, UnexpectedToken

from pgssllint.syntax import conf
from pgssllint.syntax.reader import reader
from pgssllint.syntax.tree import Node, SyntaxFault
from pgssllint.text import Source, Span

ACCEPTED = [
    ("work_mem 8MB", "work_mem", "8MB"),
    ("work_mem=8MB#c", "work_mem", "8MB"),
    ("  work_mem = 8MB # c", "work_mem", "8MB"),
    ("work_mem = 8MB\r", "work_mem", "8MB"),
    ("WORK_MEM = 0x2000kB", "WORK_MEM", "0x2000kB"),
    ("ssl_min_protocol_version = TLSv1.2", "ssl_min_protocol_version", "TLSv1.2"),
    ("ssl_ciphers = HIGH:MEDIUM", "ssl_ciphers", "HIGH:MEDIUM"),
    ("ssl_ca_file = etc/x.crt", "ssl_ca_file", "etc/x.crt"),
    ("ssl_ca_file = server.crt.new", "ssl_ca_file", "server.crt.new"),
    ("ssl_ca_file = my-server.crt", "ssl_ca_file", "my-server.crt"),
    ("listen_addresses = 10.1", "listen_addresses", "10.1"),
    ("work_mem = .5", "work_mem", ".5"),
    ("foo.bar = 1", "foo.bar", "1"),
    ("w\u00e9rk = 1", "w\u00e9rk", "1"),
    ("ssl_ca_file = \u2018x\u2019", "ssl_ca_file", "\u2018x\u2019"),
    ("ssl_ca_file = 'a#b'", "ssl_ca_file", "a#b"),
    ("ssl_ca_file = ''", "ssl_ca_file", ""),
]

REFUSED = [
    ("work_mem == 8MB", "="),
    ("work_mem: 8MB", "work_mem:"),
    ("work_mem =", None),
    ("work_mem", None),
    ("work_mem # 8MB", None),
    ("\ufeff# c", None),
    ("ssl_cert_file = server.crt", "server.crt"),
    ("ssl_ca_file = /etc/x.crt", "/"),
    ("ssl_ciphers = HIGH:MEDIUM:+3DES:!aNULL", "+3DES"),
    ("listen_addresses = *", "*"),
    ("listen_addresses = 0.0.0.0", ".0"),
    ("log_connections = receipt,authentication", ","),
    ('ssl_ca_file = "x"', '"'),
    ("ssl_ca_file = 'a' 'b'", "'b'"),
    ("ssl_ca_file = 'abc", "'"),
    ("ssl_ca_file = 'a\\'", "'"),
    ("work_mem = 8MB;", ";"),
    ("work_mem = 8MB ssl = on", "ssl"),
    ("work_mem = 8.5MB", "MB"),
    ("work_mem = 1e3", "3"),
    ("[main]", "["),
    ("work_mem\f= 8MB", "\f"),
    ("work_mem = 8MB\0", ""),
    ("work-mem = 8MB", "work-mem"),
    ("1x = 3", "1x"),
    ("a.b.c = 1", "a.b.c"),
    ("foo.b$r = 1", "$"),
    ("work_mem = 8MB\rssl = on\r", "ssl"),
]


def only_line(text: str) -> tuple[Source, conf.ConfLine]:
    source = Source("/postgresql.conf", text.encode("utf-8", "surrogateescape"))
    (line,) = conf.parse(source)
    return source, line


@pytest.mark.parametrize(("text", "name", "value"), ACCEPTED)
def test_a_line_the_server_accepts_gives_name_and_value(text: str, name: str, value: str) -> None:
    source, line = only_line(text)
    assert isinstance(line.tree, Node)
    parts = conf.assignment(line.tree)
    assert source.text[parts.name.start : parts.name.end] == name
    assert conf.decoded(source, parts.value) == value


@pytest.mark.parametrize(("text", "token"), REFUSED)
def test_a_line_the_server_refuses_names_its_token(text: str, token: str | None) -> None:
    source, line = only_line(text)
    assert isinstance(line.tree, SyntaxFault)
    assert conf.near(source, line.tree) == token


def test_lines_are_counted_and_one_bad_line_hides_nothing() -> None:
    lines = conf.parse(Source("/f", b"\n# c\nssl = on\n \t\r\nbad line here\nother 'x\nport 5433"))
    assert [(line.line, isinstance(line.tree, Node)) for line in lines] == [
        (3, True),
        (5, False),
        (6, False),
        (7, True),
    ]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (r"'a''b'", "a'b"),
        (r"'a\'b'", "a'b"),
        (r"'a\\b'", "a\\b"),
        (r"'a\tb\nc\bd\fe\rf'", "a\tb\nc\bd\fe\rf"),
        (r"'a\101b'", "aAb"),
        (r"'a\1b'", "a\x01b"),
        (r"'a\1018'", "aA8"),
        (r"'\303\251.crt'", "\u00e9.crt"),
        (r"'a\x41b'", "ax41b"),
        (r"'C:\new\table'", "C:\new\table"),
        (r"'a\000b'", "a"),
        ("'a\0b'", ""),
        ("'ab\0c'", "a"),
        ("'\0'", ""),
        ("'\u00e9'", "\u00e9"),
    ],
)
def test_quotes_and_escapes(raw: str, value: str) -> None:
    assert conf.unquote(raw) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ssl_cert_file = server.crt", "server.crt"),
        ("ssl_cert_file server.crt # ours", "server.crt"),
        ("ssl_ca_file = /etc/ssl/ca.pem\r", "/etc/ssl/ca.pem"),
        ("include /etc/x.conf", "/etc/x.conf"),
        ("listen_addresses = *", "*"),
        ("listen_addresses = 0.0.0.0", "0.0.0.0"),
        ("listen_addresses = ::1", "::1"),
        ("listen_addresses = localhost,b", "localhost,b"),
        ("ssl_ciphers = HIGH:+3DES:!aNULL", "HIGH:+3DES:!aNULL"),
        ("log_line_prefix = %m", "%m"),
        ("work_mem = 8 MB", "8 MB"),
        ("ssl on port 5", None),
        ("ssl = on port = 5", None),
        ("listen_addresses = *, port = 5", None),
        ("work_mem == 8MB", None),
        ("work_mem = 8.5MB", None),
        ("work_mem = 8MB,", None),
        ("work_mem = 8MB;", None),
        ("ssl_ca_file = a.b 'c'", None),
        ("ssl_ca_file = C:\\x", None),
        ("This is a line, with a comma", None),
        ("work-mem = a.b", None),
        ("[main]", None),
        ("ssl =", None),
    ],
)
def test_a_value_that_only_wants_quotes(text: str, value: str | None) -> None:
    source, line = only_line(text)
    assert isinstance(line.tree, SyntaxFault)
    span = conf.unquoted_value(source, line.span)
    assert (None if span is None else source.text[span.start : span.end]) == value


@pytest.mark.parametrize(
    ("text", "mark", "name"),
    [
        ("ssl = {{ pg_ssl }}", "{{", "ssl"),
        ("ssl_cert_file = '{{ cert | default('x') }}'", "{{", "ssl_cert_file"),
        ("{% if tls %}", "{% if", None),
        ("{{ extra }}", "{{", None),
        ("% if version >= 17:", "%", None),
        ("ssl = <%= @ssl %>", "<%=", "ssl"),
        ("ssl_ciphers = '${CIPHERS}'", "${CIPHERS}", "ssl_ciphers"),
        ("port = ${PORT:-5432}", "${PORT:-5432}", "port"),
        ("listen_addresses = '${\",\".join(ips)}'", '${",".join(ips)}', "listen_addresses"),
        ("port = @PORT@", "@PORT@", "port"),
        ("port = '@PORT@' # ours", "@PORT@", "port"),
        ("port = @@PORT@@", "@@PORT@@", "port"),
        ("port = %%PORT%%", "%%PORT%%", "port"),
        ("ssl_{{ kind }}_file = 'x'", "{{", None),
        ("archive_command = {{ command }}", "{{", "archive_command"),
        ("archive_command = 'cp %p {{ target }}/%f'", "{{", "archive_command"),
    ],
)
def test_a_template_is_seen(text: str, mark: str, name: str | None) -> None:
    source, line = only_line(text)
    found = conf.template_line(source, line.span)
    assert found is not None
    shown = source.text[found.mark.start : found.mark.end]
    assert shown.startswith(mark)
    assert (None if found.name is None else source.text[found.name.start : found.name.end]) == name


@pytest.mark.parametrize(
    "text",
    [
        "archive_command = 'cp %p ${ARCHIVE}/%f'",
        "restore_command = '@x@'",
        "log_line_prefix = '<%m> %u@%d '",
        "log_line_prefix = '{%m} [%p]'",
        "ssl = on # {{ managed }}",
        "search_path = '\"$user\", public'",
        "ssl_passphrase_command = 'echo \"$PASS\"'",
        "listen_addresses = 'a@b'",
    ],
)
def test_ordinary_values_are_no_templates(text: str) -> None:
    source, line = only_line(text)
    assert conf.template_line(source, line.span) is None


ALPHABET = st.sampled_from([*"aZ_09.:/-+='\\#\", \t\r\0\f;*!{}@$%<", "\u00e9", "\u00a0", "\ufeff", "\udc80"])


@given(st.text(ALPHABET, max_size=30))
def test_the_fast_reader_agrees_with_plain_lark(text: str) -> None:
    fast = reader("postgresql_conf").parse(text)
    if isinstance(fast, SyntaxFault):
        with pytest.raises(UnexpectedInput) as refusal:
            reader("postgresql_conf").parse_with_lark(text)
        found = refusal.value
        if fast.token is None:
            assert isinstance(found, UnexpectedToken)
            assert found.token.type == "$END"
        else:
            assert found.pos_in_stream == fast.token.start
        return
    plain = reader("postgresql_conf").parse_with_lark(text)
    leaves = list(plain.scan_values(lambda _: True))
    assert [(t.type, t.start, t.end) for t in fast.tokens] == [(t.type, t.start_pos, t.end_pos) for t in leaves]


@given(st.text(ALPHABET | st.just("\n"), max_size=60))
def test_no_text_raises_and_spans_lie_inside(text: str) -> None:
    source = Source("/f", text.encode("utf-8", "surrogateescape"))
    for line in conf.parse(source):
        assert source.position(line.span.start)[0] == line.line
        for span in (
            conf.unquoted_value(source, line.span),
            getattr(conf.template_line(source, line.span), "mark", None),
        ):
            if span is not None:
                assert line.span.start <= span.start < span.end <= line.span.end


def test_the_span_of_a_line_ends_before_its_line_feed() -> None:
    assert [line.span for line in conf.parse(Source("/f", b"a = 1\n b\n"))] == [Span(0, 5), Span(6, 8)]
