"""What of a command is shown: names of programs by their length and by the list, placeholders, absolute paths."""

import pytest

from pgssllint.quoting import Place, Quote
from pgssllint.showing.harmless import masked
from pgssllint.showing.vocabulary import Vocabulary


def shown(command: str) -> str:
    """A command with a star for each stretch that is masked."""
    text = command
    for span in reversed(masked(Quote(command, Place.COMMAND), Vocabulary(frozenset()))):
        text = f"{text[: span.start]}*{text[span.end :]}"
    return text


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("abcde x", "abcde *"), ("abcdef x", "*"), ("base64 x", "base64 *"), ("gcloud x", "gcloud *"),
        ("kubectl x", "kubectl *"), ("openssl x", "openssl *"), ("pgbackrest x", "pgbackrest *"),
        ("printf x", "printf *"), ("python x", "python *"), ("python3 x", "python3 *"), ("gunzip x", "gunzip *"),
        ("systemd-ask-password x", "systemd-ask-password *"), ("systemd-creds x", "systemd-creds *"),
        ("get-it.sh x", "get-it.sh *"), ("get-it.txt x", "*"), ("gsutil x", "gsutil *"),
        ("cp %p /mnt/%f", "cp %p /mnt/%f"), ("cp %r %%", "cp %r %%"), ("cp % x", "cp % *"), ("cp %pp", "cp *"),
        ("cp %1", "cp *"), ("cp '%f'", "cp '%f'"), ("cp /a/b=c", "cp /a/*"),
    ],
)  # fmt: skip
def test_what_is_shown_of_a_command(command: str, told: str) -> None:
    assert shown(command) == told
