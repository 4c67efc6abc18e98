"""A server of an image that is not known, which gets PostgreSQL's files: what is mounted is what it has."""

import re
from collections.abc import Iterable

from pgssllint.sources.roles import Role, role_of
from pgssllint.sources.site import Assigned, Site
from pgssllint.sources.workload import Workload
from pgssllint.traced import Traced, virtual

_SETTING = re.compile(r"(?:-c[ \t]*|--)(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)=", re.DOTALL)
_NAMES: dict[str, Role] = {"config_file": "main", "hba_file": "hba", "ident_file": "ident"}


def mounted_site(workload: Workload) -> Site | None:
    """The server with the files that are mounted by the names that a server looks for, or that its command line names;
    None where there is none of them.
    """
    given = settings(workload)
    path = f"{workload.at.source.path}#{workload.kind.lower()}-{workload.at.span.start}"
    files = {m.server: virtual(path + m.server, m.contents) for m in workload.mounts if m.contents is not None}
    stands = tuple((m.server, m.local) for m in workload.mounts if m.contents is None)
    found: dict[Role, str] = {}
    for server in [*files, *(server for server, local in stands if local is not None)]:
        role = role_of(server.rpartition("/")[2])
        if role is not None:
            found.setdefault(role, server)
    for one in given:
        role = _NAMES.get(one.name.text)
        if role is not None and one.value.text.startswith("/"):
            found[role] = one.value.text
    if not found:
        return None
    return Site(
        at=workload.at,
        name=f"{workload.kind} {workload.name}",
        judged=f"{workload.kind} {workload.name}, {len(workload.mounts)} mounts",
        main=found.get("main"),
        hba=found.get("hba"),
        ident=found.get("ident"),
        files=files,
        stands=stands,
        given=given,
        said=workload.said,
        workload=workload,
        may_be=workload.may_be,
    )


def settings(workload: Workload) -> tuple[Assigned, ...]:
    """The settings that the words of a container's command line give."""
    lines = [words for words in (workload.entrypoint, workload.command) if isinstance(words, tuple)]
    return tuple(one for words in lines for one in settings_of(words))


def settings_of(words: Iterable[Traced]) -> tuple[Assigned, ...]:
    """The settings that words give, each as a word of its own (`--name=value`, `-cname=value`) or behind a `-c`."""
    found: list[Assigned] = []
    is_setting = False
    for word in words:
        hit = _SETTING.match(word.text) or (_BARE.match(word.text) if is_setting else None)
        is_setting = word.text == "-c"
        if hit is not None:
            found.append(_assigned(word, hit))
    return tuple(found)


_BARE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)=")


def _assigned(word: Traced, hit: "re.Match[str]") -> Assigned:
    name = word.part(*hit.span("name"))
    if "-" in name.text:
        name = Traced(name.text.replace("-", "_"), name.runs)
    value = word.part(hit.end(), len(word.text))
    return Assigned(name, value, unknown=not value.is_known)
