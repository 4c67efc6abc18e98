"""A workload -> the server that is set up by it, as any tool's is."""

import os
from collections.abc import Iterator

from pgssllint.files import Files
from pgssllint.postgres.entries import Given
from pgssllint.sources.images import Image, read_image
from pgssllint.sources.official_image import render
from pgssllint.sources.rendered import Rendered
from pgssllint.sources.site import Assigned, Site
from pgssllint.sources.site import Image as SiteImage
from pgssllint.sources.standing import seen
from pgssllint.sources.workload import Workload
from pgssllint.target import How
from pgssllint.text import Span
from pgssllint.traced import Traced, Virtual, virtual


def container_site(workload: Workload, files: Files, major: int | None = None) -> Site | None:
    """The server in a container; None where its image is not known to be one of PostgreSQL."""
    image = read_image(workload.image) if isinstance(workload.image, Traced) else None
    return site_of(render(workload, image, files, major)) if image is not None else None


def site_of(made: Rendered) -> Site:
    """The server that a workload sets up."""
    workload, image = made.workload, made.image
    return Site(
        workload.at,
        f"{workload.kind} {workload.name}",
        _judged(workload),
        main=made.main_path,
        hba=made.hba_path,
        ident=made.ident_path,
        files=dict(_files(made)),
        stands=tuple((mount.server, mount.local) for mount in seen(made.mounts) if mount.contents is None),
        given=tuple(_assigned(one) for one in made.options),
        data_directory=made.data_directory,
        image=SiteImage(_version(workload, image), image.openssl, image.system_how is How.STATED),
        uid=made.uid,
        gid=made.gid,
        said=(*made.refusals, *made.said),
        workload=workload,
    )


def _judged(workload: Workload) -> str:
    image = workload.image.text if isinstance(workload.image, Traced) else "image"
    parts = [f"{os.path.basename(workload.at.source.path)}, {workload.kind} {workload.name}: {image}"]
    if workload.command is not None or workload.entrypoint is not None:
        parts.append("command line")
    count = len(workload.mounts)
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


def _version(workload: Workload, image: Image) -> Traced | None:
    span = image.version_span
    return workload.image.part(*span) if span is not None and isinstance(workload.image, Traced) else None


def _assigned(given: Given) -> Assigned:
    """A setting of the command line; of a letter (`-l`) what it stands for."""
    name, value = _part(given, given.name_span), _part(given, given.value_span)
    return Assigned(
        name if name.text == given.name else name.become(given.name),
        value if value.text == given.value else value.become(given.value),
        given.unknown,
    )


def _part(given: Given, span: Span) -> Traced:
    source = given.source
    return Traced(source.text, source.runs).part(*span) if isinstance(source, Virtual) else Traced()
