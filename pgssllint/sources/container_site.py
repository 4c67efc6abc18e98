"""A workload -> the server that is set up by it, as any tool's is."""

from collections.abc import Iterator
from dataclasses import replace

from pgssllint.files import Files
from pgssllint.sources.bitnami_image import bitnami_site
from pgssllint.sources.command_line import environment_settings
from pgssllint.sources.image_behaviour import image_of, said_of_image, site_image
from pgssllint.sources.images import Family
from pgssllint.sources.official_image import render
from pgssllint.sources.packages import packaged_site
from pgssllint.sources.rendered import Rendered
from pgssllint.sources.site import Site, server_name, shown_image, shown_name
from pgssllint.sources.standing import seen
from pgssllint.sources.workload import Workload
from pgssllint.traced import Traced, Virtual, virtual

NO_SERVER = "no-server"
"""Said of a workload whose command starts no server."""


def container_site(workload: Workload, files: Files, major: int | None = None) -> Site | None:
    """The server in a container; None where its image is not known to be one of PostgreSQL, or starts none."""
    image = image_of(workload)
    if image is None:
        return packaged_site(workload)
    if (said := said_of_image(workload, image)) is not None:
        workload = replace(workload, said=(*workload.said, said))
    if image.family is Family.BITNAMI:
        return bitnami_site(workload, files)
    made = render(workload, image, files, major)
    return site_of(made) if all(one.kind != NO_SERVER for one in made.said) else None


def site_of(made: Rendered) -> Site:
    """The server that a workload sets up. A file that a script changes in a way that is not known is not in view."""
    workload, image, unsure = made.workload, made.image, made.edited
    mounts = tuple(seen(made.mounts))

    def sure(path: str | None) -> str | None:
        return None if path in unsure else path

    return Site(
        workload.at,
        server_name(workload.kind, workload.name),
        _judged(made),
        main=sure(made.main_path),
        auto=made.auto_path if made.auto is not None else None,
        hba=sure(made.hba_path),
        ident=sure(made.ident_path),
        files={path: file for path, file in _files(made) if path not in unsure},
        stands=(
            *((mount.server, mount.local) for mount in mounts if mount.contents is None),
            *((path, None) for path in sorted(unsure)),
        ),
        given=made.options,
        by_environment=environment_settings(workload.environment, workload.at, workload.name),
        whole=made.options_whole,
        data_directory=made.data_directory,
        image=site_image(image, workload.image),
        uid=made.uid,
        gid=made.gid,
        said=(*made.refusals, *made.said),
        workload=workload,
        mounts=made.mounts,
        touched=(*workload.touched, *made.touched),
        is_bare=made.is_bare,
    )


def _judged(made: Rendered) -> str:
    """What of a server was looked at: `postgres:16, command line, 3 mounts`."""
    workload, count = made.workload, len(made.workload.mounts)
    image = shown_image(workload.image.text).rpartition("/")[2] if isinstance(workload.image, Traced) else "image"
    parts = [shown_name(image.partition("@")[0].replace(":", " ")).replace(" ", ":")]
    if workload.command is not None or workload.entrypoint is not None:
        parts.append("command line")
    if count:
        parts.append(f"{count} mount{'s' if count > 1 else ''}")
    return ", ".join(parts)


def _files(made: Rendered) -> Iterator[tuple[str, Virtual]]:
    """The files that the tool writes, or that its own file holds, by their paths in the container."""
    for mount in seen(made.mounts):
        if mount.contents is not None:
            yield (
                mount.server,
                virtual(f"{made.workload.at.source.path}#{mount.at.span.start}{mount.server}", mount.contents),
            )
    named = ((made.main_path, made.main), (made.hba_path, made.hba), (made.ident_path, made.ident))
    for path, source in (*named, (made.auto_path, made.auto)):
        if path is not None and isinstance(source, Virtual):
            yield path, source
