"""Private keys that the commands of a build make, and leave in the image."""

from collections.abc import Iterable, Iterator

from pgssllint.sources.said import KEY_MADE
from pgssllint.sources.shell_effects import Call, Effect
from pgssllint.sources.workload import Said

_MAKING = frozenset({"genrsa", "genpkey", "gendsa", "ecparam"})
"""The commands of openssl whose `-out` is a private key; that of ecparam with -genkey."""


def made_keys(done: Iterable[Effect]) -> Iterator[Said]:
    """The keys that commands of openssl make and none of the later ones removes."""
    made: dict[str, Said] = {}
    for effect in done:
        if not isinstance(effect, Call):
            continue
        words = [word.text for word in effect.words]
        if effect.name == "openssl":
            path = _written(words)
            if path:
                made.setdefault(path, Said(KEY_MADE, effect.at))
        elif effect.name in ("rm", "shred"):
            for word in words[1:]:
                made.pop(word, None)
    yield from made.values()


def _written(words: list[str]) -> str:
    """Where a command of openssl writes a private key that it makes; empty where it makes none."""
    command = words[1] if len(words) > 1 else ""
    if command == "req":
        return _after(words, "-keyout")
    if command in _MAKING and (command != "ecparam" or "-genkey" in words):
        return _after(words, "-out")
    return ""


def _after(words: list[str], option: str) -> str:
    at = words.index(option) + 1 if option in words else len(words)
    return words[at] if at < len(words) else ""
