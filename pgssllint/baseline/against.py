"""What a change adds and removes: a request judged as things are, and as they were in a revision or a folder."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from pgssllint.baseline.marking import Before, places_of
from pgssllint.baseline.revision import commit, lay_out
from pgssllint.configuration.mistakes import ConfigurationError
from pgssllint.finding import Notification, Outcome
from pgssllint.handles import real_path, within
from pgssllint.imposed import with_configuration
from pgssllint.locate import PathMap
from pgssllint.quoting import Sentence, a_file, ours, say
from pgssllint.report import showing_of
from pgssllint.report.telling import notice
from pgssllint.report.words import plain
from pgssllint.request import Request
from pgssllint.roots import Placed, placed
from pgssllint.rulebook import Page
from pgssllint.tracking import work_tree


class Earlier(NamedTuple):
    """What was there before: the request that asks for it, None where nothing of what is asked about was there; what it
    is called; and the folder `root` that stood where `now` stands, both real paths.
    """

    request: Request | None
    called: Sentence
    root: str
    now: str

    def led(self, text: str) -> str:
        """A path, or a text that names paths, with the folder that is compared in the place of the earlier one."""
        return text.replace(self.root, self.now)

    def before(self, outcome: Outcome, pages: Mapping[str, Page]) -> Before:
        """What was there, as an outcome of the earlier request has it; what kept that from being judged is noted."""
        showing = showing_of(outcome, pages)
        errors = (self.led(plain(notice(note, showing).message)) for note in outcome.errors)
        return Before(
            places_of(outcome, pages, self.root),
            self.now,
            self.called,
            notes=tuple(Notification(say("In {}: {}", self.called, ours(text))) for text in errors),
            clusters=tuple(one._replace(path=self.led(one.path)) for one in outcome.clusters),
        )

    def nothing(self) -> Before:
        """What was there where nothing was of what is asked about."""
        return Before((), self.now, self.called, clusters=())


class AgainstError(ValueError):
    """Nothing can be compared; the message is a sentence that says why."""


@contextmanager
def earlier(request: Request, word: str) -> Iterator[Earlier]:
    """What a request asks about as it was in `word`: the folder of that name, else the revision of the work tree that
    its paths lie in, which is laid out in a folder that goes away at the end.

    A folder stands for the only path of the request, or for its data directory. Raises AgainstError and RevisionError.
    """
    if os.path.isdir(word):
        yield _in_folder(request, word)
        return
    top = _top(request, word)
    found = commit(top, word)
    if found is None:
        raise AgainstError(
            f"'{word}' is neither a folder nor a revision that git knows in '{top}'; fetch it first where it is one."
        )
    with tempfile.TemporaryDirectory(prefix="pgssllint-") as made:
        folder = os.path.realpath(made)
        os.mkdir(os.path.join(folder, ".git"))
        tracked = lay_out(top, found, word, folder)
        one = Earlier(None, say("'{}'", ours(word)), folder, top)
        try:
            moved = _moved(request, top, folder, tracked)
        except ConfigurationError as error:
            raise AgainstError(f"In {one.called}: {one.led(str(error))}") from None
        yield one._replace(request=moved)


def _in_folder(request: Request, word: str) -> Earlier:
    """A folder in the place of the only path. Raises AgainstError where a revision has the same name."""
    one = request.data_dir is not None or len(request.paths) == 1
    if request.installed or request.config_file is not None or not one:
        raise AgainstError(f"Option '--against': the folder '{word}' stands for one PATH, or for one '--data-dir'.")
    path = request.data_dir if request.data_dir is not None else request.paths[0]
    now, root = real_path(path), real_path(word)
    if not os.path.isdir(now):
        raise AgainstError(f"Option '--against': '{word}' is a folder, and '{path}' is none.")
    top = work_tree(now)
    if top is not None and "/" not in word and commit(top, word) is not None:
        raise AgainstError(f"'{word}' is a folder and a revision; write './{word}' or 'refs/heads/{word}'.")
    asked = replace(request, data_dir=word) if request.data_dir is not None else replace(request, paths=(word,))
    if request.root is not None and not within(root, real_path(request.root)):
        asked = replace(asked, root=None)
    return Earlier(asked, say("'{}'", a_file(word)), root, now)


def _top(request: Request, word: str) -> str:
    """The top of the work tree that all paths of a request lie in. Raises AgainstError."""
    if request.names_servers:
        raise AgainstError(f"Option '--against': '{word}' is no folder; a revision goes with paths in a git work tree.")
    tops = {work_tree(place.path if place.is_folder else place.folder) for place in _placed(request)}
    top = tops.pop() if len(tops) == 1 else None
    if top is None:
        raise AgainstError(f"Option '--against': '{word}' is no folder, and the paths do not lie in one git work tree.")
    return top


def _placed(request: Request) -> list[Placed]:
    return [placed(os.path.abspath(path)) for path in request.paths]


def _moved(request: Request, top: str, folder: str, tracked: frozenset[str]) -> Request | None:
    """The request with each of its paths below `top` led to the same below `folder`; None where none is there."""

    def led(path: str) -> str:
        real = real_path(path)
        return folder + real[len(top) :] if within(real, top) else path

    asked = [place.path if place.is_folder else place.here for place in _placed(request)]
    paths = tuple(path for one in asked if os.path.lexists(path := folder + one[len(top) :]))
    if not paths:
        return None
    imposed = request.imposed.path if request.imposed is not None else None
    if imposed is not None and within(imposed, top):
        config = led(imposed) if os.path.isfile(led(imposed)) else None
        request = with_configuration(replace(request, imposed=None), config)
    certificates = tuple(path for path in map(led, request.clients.certificates) if os.path.isfile(path))
    return replace(
        request,
        paths=paths,
        root=None if request.root is None else led(request.root),
        maps=tuple(PathMap(one.server, led(one.local)) for one in request.maps),
        clients=replace(request.clients, certificates=certificates),
        tracked={folder: tracked},
        overlays={},
    )
