"""A server of an image that is not known, which gets PostgreSQL's files: what is mounted is what it has."""

from pgssllint.sources.command_line import read_command_line
from pgssllint.sources.roles import Role, role_of
from pgssllint.sources.site import Site, server_name
from pgssllint.sources.workload import Workload
from pgssllint.traced import virtual
from pgssllint.unknown import Unknown

_NAMES: dict[Role, str] = {"main": "config_file", "hba": "hba_file", "ident": "ident_file"}


def mounted_site(workload: Workload) -> Site | None:
    """The server with the files that are mounted by the names that a server looks for, or that its command line names;
    None where there is none of them. Where nothing says which is its data directory, files that lie together lie there.
    """
    path = f"{workload.at.source.path}#{workload.kind.lower()}-{workload.at.span.start}"
    lines = (workload.entrypoint, workload.command)
    words = [word for line in lines if isinstance(line, tuple) for word in line]
    given = read_command_line(tuple(words), workload.at, f"{path}/command line")
    files = {m.server: virtual(path + m.server, m.contents) for m in workload.mounts if m.contents is not None}
    stands = tuple((m.server, m.local) for m in workload.mounts if m.contents is None)
    found: dict[Role, str] = {}
    for server in [*files, *(server for server, local in stands if local is not None)]:
        role = role_of(server.rpartition("/")[2])
        if role is not None:
            found.setdefault(role, server)
    for role, name in _NAMES.items():
        value = given.value(name)
        if value is not None and value.text.startswith("/"):
            found[role] = value.text
    if not found:
        return None
    folders = {server.rpartition("/")[0] for role, server in found.items() if role != "ident"}
    beside = folders.pop() if len(folders) == 1 and "main" in found else None
    folder = given.folder.text if given.folder is not None and given.folder.is_known else beside
    return Site(
        at=workload.at,
        name=server_name(workload.kind, workload.name),
        judged=f"{server_name(workload.kind, workload.name)}, {len(workload.mounts)} mounts",
        main=found.get("main"),
        hba=found.get("hba"),
        ident=found.get("ident"),
        files=files,
        stands=stands,
        data_directory=folder,
        given=given.settings,
        whole=given.is_whole and not any(isinstance(line, Unknown) for line in lines),
        said=workload.said,
        workload=workload,
        mounts=workload.mounts,
        touched=workload.touched,
        may_be=workload.may_be,
    )
