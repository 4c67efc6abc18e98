"""Asking git, the only way: what a repository says is data, and nothing of it runs.

The repository is not trusted: its configuration may name programs to run, so fsmonitor and hooks are switched off. What
a partial clone lacks would be fetched from its remote, by whatever program the configuration names for that, so no
transport is allowed either. As nothing of the repository's runs, it may belong to another user, as it does in most
containers. Objects are those that their names say, and none that stand in for them.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

GIT_SECONDS = 10
"""How long git may take to answer."""

_OPTIONS = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "safe.directory=*")
_ENVIRONMENT = {
    "GIT_LITERAL_PATHSPECS": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1", "GIT_NO_REPLACE_OBJECTS": "1",
}  # fmt: skip


class GitError(Exception):
    """git does not answer, or not to the end."""


def answer(top: str, *words: str) -> bytes | None:
    """What git says to a question about the work tree with this top; None where it says nothing.

    Raises TimeoutError where it takes longer than GIT_SECONDS.
    """
    import subprocess

    try:
        done = subprocess.run(
            _command(words), cwd=top, env=_environment(), stdin=subprocess.DEVNULL, capture_output=True,
            timeout=GIT_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"git took longer than {GIT_SECONDS} seconds") from None
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


@contextmanager
def answering(top: str, *words: str, seconds: float, given: bytes = b"") -> Iterator[IO[bytes]]:
    """What git says, to be read to its end piece by piece; it is `given` lines to read, and ended after `seconds`.

    Raises GitError, at the end too, where git cannot be started, has not said all, or knows of no answer.
    """
    import subprocess
    import tempfile
    from threading import Timer

    with tempfile.TemporaryFile() as lines:
        lines.write(given)
        lines.seek(0)
        try:
            process = subprocess.Popen(
                _command(words), cwd=top, env=_environment(), stdin=lines, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError as error:
            raise GitError(error.strerror or str(error)) from None
        timer = Timer(seconds, process.kill)
        timer.start()
        try:
            with cast(IO[bytes], process.stdout) as told:
                yield told
        except BaseException:
            process.kill()
            raise
        finally:
            status = process.wait()
            timer.cancel()
        if status != 0:
            raise GitError("git has not said all")


def _command(words: tuple[str, ...]) -> list[str]:
    return ["git", *(word for option in _OPTIONS for word in ("-c", option)), *words]


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | _ENVIRONMENT
