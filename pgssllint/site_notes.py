"""What tools and images do that no rule is about: said in a sentence, since it keeps a server's files out of view."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from pgssllint.finding import Location, Notification
from pgssllint.sources.workload import Said

NOTES: Mapping[str, str] = MappingProxyType(
    {
        "unread-layout": "What stands here for {file} was not read: its layout is unknown.",
        "values-unreadable": "The values here are no YAML that could be read.",
        "unreadable": "The file is no YAML that could be read.",
        "script-not-understood": "What the script does from here on is not understood, so its files are not in view.",
        "edited-by-script": "This changes {file} in a way that is not followed, so what is read is not in view.",
        "more-servers": "Here stands one server more than are looked at; it and what comes behind it were not read.",
        "server-by-package": "A package installs PostgreSQL here; of its files only what is copied whole was read.",
        "image-assumed": "{image} is not known; it is taken to do as {family} does, so all is less sure.",
        "image-unknown": "{image} is not known, so only what is mounted and the command line were read.",
        "command-unknown": "What is started here is not understood, so the server's command line is not in view.",
    }
)
"""The notes by the kinds of what is said."""

_OF_IMAGES = frozenset({"image-assumed", "image-unknown", "server-by-package"})

NOT_TOLD: Mapping[str, str] = MappingProxyType(
    {
        "no-server": "it keeps a container that starts no server from being taken for one",
        "env-file-not-in-view": "it keeps PGS807 from missing a password there; such files are not in git",
    }
)
"""The kinds that nothing is told of, and why. Every other one is a rule's."""


def notes(said: Iterable[Said]) -> Iterator[Notification]:
    """The notes on what is said, each once; of an image once for a file, however many containers have it."""
    told: set[tuple[str, int, str]] = set()
    for one in said:
        template = NOTES.get(one.kind)
        if template is None:
            continue
        text = template.format_map(one.arguments)
        key = (one.at.source.path, 0 if one.kind in _OF_IMAGES else one.at.span.start, text)
        if key not in told:
            told.add(key)
            yield Notification(text, Location(one.at.source.path, one.at.source, one.at.span))
