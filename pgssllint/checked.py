"""What programs hand over and get back: one word or many, texts in place of files, an outcome that renders itself."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields

from pgssllint.finding import Outcome
from pgssllint.report import FORMATS, render
from pgssllint.rulebook import rulebook
from pgssllint.text import legible

Texts = Mapping[str, str | bytes]
"""What files hold, by their paths from the root of a repository, as `conf/pg_hba.conf`."""

Some = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
"""One word or path, or several."""


@dataclass(frozen=True, slots=True)
class Checked(Outcome):
    """An outcome that renders itself."""

    def render(self, format: str = "text", *, show_secrets: bool = False, width: int = 100) -> str:  # noqa: A002
        """The report in a format of the option --format, its paths relative to `root`; what may be a password is masked
        unless `show_secrets`. Raises ValueError with a sentence for a format that there is not.
        """
        if format not in FORMATS:
            raise ValueError(f"There is no format '{legible(format)}'. There are {', '.join(FORMATS)}.")
        pages = rulebook().pages
        return render(
            format, self, pages, show_secrets=show_secrets, color=False, relative_to=self.root, width=width
        )  # fmt: skip


def checked(outcome: Outcome, root: str | None = None) -> Checked:
    """The outcome as programs get it; `root` is what its paths are relative to, where that is another than its own."""
    held = {field.name: getattr(outcome, field.name) for field in fields(Outcome)}
    return Checked(**{**held, "root": root or outcome.root})


def several(given: Some, what: str) -> tuple[str, ...]:
    """The words that are given, one or several. Raises ValueError with a sentence for what is none."""
    if isinstance(given, str | os.PathLike):
        given = (given,)
    words = tuple(given) if isinstance(given, Iterable) and not isinstance(given, bytes) else (None,)
    for word in words:
        if not isinstance(word, str | os.PathLike) or not isinstance(os.fspath(word), str):
            raise ValueError(f"'{what}' takes a str or several, not {type(given if word is None else word).__name__}.")
    return tuple(os.fspath(word) for word in words if word is not None)


def paths_given(paths: Some, instead: Sequence[object]) -> tuple[str, ...]:
    """The paths that are given; `.` where they are not, as where one of what may stand `instead` is no None.

    Raises ValueError with a sentence where there are none, or where more than one way in is given.
    """
    given = several(paths, "paths")
    if not given:
        raise ValueError("'paths' names nothing; give a path, as '.' for this folder.")
    if (given != (".",)) + sum(one is not None for one in instead) > 1:
        raise ValueError("'paths', 'texts' and 'data_dir' stand for one another; give one of them.")
    return given


@contextmanager
def laid_out(texts: Texts) -> Iterator[str]:
    """The real path of a folder that holds these texts for as long as it is wanted.

    Raises ValueError with a sentence for a path that is not below it, or for what is no text.
    """
    import tempfile

    with tempfile.TemporaryDirectory(prefix="pgssllint-") as name:
        folder = os.path.realpath(name)
        for path, text in texts.items():
            parts = path.split("/") if isinstance(path, str) else []
            if not parts or any(part in ("", ".", "..") or "\0" in part for part in parts):
                raise ValueError(f"'{legible(str(path))}' is no path of a text; write one like 'conf/pg_hba.conf'.")
            if not isinstance(text, str | bytes):
                raise ValueError(f"The text of '{legible(path)}' is neither str nor bytes.")
            place = os.path.join(folder, path)
            try:
                os.makedirs(os.path.dirname(place), exist_ok=True)
                with open(place, "xb") as file:
                    file.write(text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape"))
            except OSError as error:
                raise ValueError(f"'{legible(path)}' cannot be the path of a text: {error.strerror}.") from None
        yield folder
