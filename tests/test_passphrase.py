"""ssl_passphrase_command: placeholders by major, and what a command prints as far as that can be told unrun."""

import re
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.postgres.passphrase import Outcome, failure_log, read_passphrase

MAJORS = range(11, 20)


@pytest.mark.parametrize(
    ("text", "placeholder", "at"),
    [
        ("cat /run/pass", None, 0),
        ("cat /run/%p", None, 0),
        ("echo 100%%", None, 0),
        ("echo %%f", None, 0),
        ("echo %%%p", None, 0),
        ("cat %f", "%f", 4),
        ("cat %P", "%P", 4),
        ("cat %p %x %y", "%x", 7),
        ("echo 100%", "%", 8),
        ("echo %%%", "%", 7),
        ("", None, 0),
    ],
)
def test_placeholders_are_an_error_from_16_on(text: str, placeholder: str | None, at: int) -> None:
    for major in MAJORS:
        found = read_passphrase(text, major)
        assert found.text == text
        assert (found.placeholder, found.at) == ((placeholder, at) if major >= 16 else (None, 0))


LITERAL = {
    "echo secret": "secret",
    "/bin/echo secret": "secret",
    "/usr/bin/printf secret": "secret",
    "echo two  words": "two words",
    "echo 'two  words'": "two  words",
    'echo "two  words"': "two  words",
    "\techo\tsecret ": "secret",
    "echo -n secret": "secret",
    "echo": "",
    "echo ''": "",
    "echo a'b'\"c\"d": "abcd",
    r"echo two\ words": "two words",
    r"echo \'quoted\'": "'quoted'",
    r"echo 'it'\''s'": "it's",
    'echo "it\'s"': "it's",
    r'echo "a \"word\""': 'a "word"',
    "echo '$HOME'": "$HOME",
    "echo 'a|b;c&d'": "a|b;c&d",
    r"echo \$HOME": "$HOME",
    r'echo "\$HOME"': "$HOME",
    "echo secret # not this": "secret",
    "echo secret # | nor ' that": "secret",
    "echo secret#1": "secret#1",
    "echo 'secret'#1": "secret#1",
    "echo 'secret #1'": "secret #1",
    "echo \\# secret": "# secret",
    "# echo secret": None,
    "echo a=b": "a=b",
    "echo ünïcode": "ünïcode",
    "echo 50%%": "50%",
    "echo 'one\ntwo'": "one",
    "echo 'one\r'": "one",
    "printf secret": "secret",
    r"printf 'secret\n'": "secret",
    r"printf secret\n": "secretn",
    "printf %%s secret": "secret",
    r"printf '%%s\n' 'two words'": "two words",
    "true": "",
    "true ignored": "",
    ":": "",
}
UNKNOWN = [
    "",
    " ",
    "cat /run/pass",
    "/opt/bin/echo secret",
    "pass show %p",
    "echo %p",
    "echo x%p",
    "printf '%%s' %p",
    "echo secret | tr a-z A-Z",
    "echo secret > /dev/stdout",
    "echo secret; true",
    "echo secret && false",
    "! echo secret",
    "(echo secret)",
    "{ echo secret; }",
    "echo $HOME",
    'echo "$HOME"',
    'echo "`hostname`"',
    "echo `hostname`",
    r"echo \'$HOME\'",
    "echo \"it's\" $HOME 'x'",
    "echo *",
    "echo ~",
    "echo 'open",
    'echo "open',
    "echo open\\",
    "echo one\necho two",
    "X=1 echo secret",
    "echo -e secret",
    "echo -nn secret",
    "echo -n -n secret",
    r"echo 'a\tb'",
    "printf",
    "printf '%%d' 1",
    "printf '%%s' a b",
    "printf a b",
    r"printf 'a\tb'",
    r"printf '%%b' 'a\tb'",
    "printf -- secret",
]


@pytest.mark.parametrize("text", LITERAL)
def test_what_is_written_in_the_command(text: str) -> None:
    found, literal = read_passphrase(text, 18), LITERAL[text]
    assert (found.outcome, found.literal) == (Outcome.UNKNOWN if literal is None else Outcome.LITERAL, literal)
    assert found.is_constant == bool(literal)


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_only_running_it_would_tell(text: str) -> None:
    found = read_passphrase(text, 18)
    assert (found.outcome, found.literal, found.is_constant) == (Outcome.UNKNOWN, None, False)


@pytest.mark.parametrize("text", ["false", "/bin/false", "false # always", "false x y"])
def test_what_fails(text: str) -> None:
    assert read_passphrase(text, 18).outcome is Outcome.FAILS
    assert run(text).returncode != 0


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("false", 1),
        ("exit 1", 1),
        ("exit 3", 3),
        ("exit 127", 127),
        ("exit 255", 255),
        ("exit 257", 1),
        ("exit 126", 126),
    ],
)
def test_the_status_of_what_fails(text: str, status: int) -> None:
    found = read_passphrase(text, 18)
    assert (found.outcome, found.status) == (Outcome.FAILS, status)
    assert run(text).returncode == status


@pytest.mark.parametrize("text", ["exit 0", "exit 256"])
def test_an_end_without_a_word(text: str) -> None:
    assert (read_passphrase(text, 18).outcome, read_passphrase(text, 18).literal) == (Outcome.LITERAL, "")
    assert (run(text).returncode, run(text).stdout) == (0, b"")


@pytest.mark.parametrize("text", ["exit", "exit 1 2", "exit x", "exit -1", "exit 1; echo x", "nosuchprogram"])
def test_an_end_that_only_a_shell_would_tell(text: str) -> None:
    assert read_passphrase(text, 18).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("status", "detail"),
    [
        (1, "child process exited with exit code 1"), (125, "child process exited with exit code 125"),
        (126, "command not executable"), (127, "command not found"), (128, "child process exited with exit code 128"),
    ],
)  # fmt: skip
def test_how_a_server_tells_a_status(status: int, detail: str) -> None:
    line = failure_log(read_passphrase(f"exit {status}", 18))
    assert (line.text, line.detail) == (f'command "exit {status}" failed', detail)


@pytest.mark.parametrize(
    ("text", "told"),
    [("/nowhere/x %p", "/nowhere/x Enter PEM pass phrase:"), ("exit 1%%", "exit 1%"), ("cat a%fb", "cat a%fb")],
)
def test_a_server_tells_the_command_that_it_ran(text: str, told: str) -> None:
    assert failure_log(read_passphrase(text, 15), 127).text == f'command "{told}" failed'


@pytest.mark.parametrize(("major", "literal"), [(11, "%x"), (15, "%x"), (16, "%x")])
def test_a_placeholder_that_is_not_known_stays(major: int, literal: str) -> None:
    assert read_passphrase("echo %x", major).literal == literal


def run(text: str) -> subprocess.CompletedProcess[bytes]:
    """A command as the server gives it to the shell."""
    command = re.sub("%(.)", lambda match: "%" if match[1] == "%" else match[0], text)
    return subprocess.run(["/bin/sh", "-c", command], capture_output=True, env={"PATH": "/usr/bin:/bin"}, check=False)


@pytest.mark.parametrize("text", [text for text, literal in LITERAL.items() if literal is not None])
def test_the_shell_prints_it(text: str) -> None:
    done = run(text)
    assert done.returncode == 0
    assert done.stdout.partition(b"\n")[0].rstrip(b"\r").decode() == LITERAL[text]


@given(
    st.one_of(st.text(max_size=60), st.text(alphabet="echo -n'\"\\$%p# \t\nab|", max_size=40)), st.sampled_from(MAJORS)
)
def test_any_text_is_read(text: str, major: int) -> None:
    found = read_passphrase(text, major)
    assert (found.literal is None) == (found.outcome is not Outcome.LITERAL)
    if found.placeholder is not None:
        assert text.startswith(found.placeholder, found.at)


@given(st.text(alphabet="ab '\"\\$#%|;-n\t", max_size=12))
def test_what_is_told_of_echo_is_what_the_shell_does(argument: str) -> None:
    text = f"echo {argument}"
    found = read_passphrase(text, 15)
    if found.outcome is Outcome.LITERAL:
        assert run(text).stdout.partition(b"\n")[0].decode() == found.literal
