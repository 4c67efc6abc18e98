"""What the image of a workload does with what the workload gives it: its reference says so, or it is assumed.

Of a repository that nobody knows, as in a registry of one's own, the last name tells what it copies or is built from.
Where that is no server's either, or the reference is not in view, variables and mounts do that only one image takes.
"""

import re

from pgssllint.sources.images import Family, Image, liken, read_image
from pgssllint.sources.site import Image as SiteImage
from pgssllint.sources.site import shown_image
from pgssllint.sources.workload import Said, Workload
from pgssllint.target import How
from pgssllint.traced import Traced
from pgssllint.unknown import Unknown

IMAGE_ASSUMED = "image-assumed"
"""Said of an image that is taken to behave as one that it is not known to be."""

IMAGE_UNKNOWN = "image-unknown"
"""Said of an image of PostgreSQL of which nobody knows what it does besides."""

OTHER_PROGRAMS = re.compile(
    r"(?i)pgbouncer|pgpool|pgcat|odyssey|exporter|pgadmin|adminer|backup|dump|barman|pgbackrest"
)
"""What the images of programs are called that have the files, the data or the variables of a server."""

_SYSTEMS = re.compile(
    r"(?i)(?:.*/)?(?:debian|ubuntu|alpine|centos|rockylinux|almalinux|fedora|amazonlinux|archlinux|leap|tumbleweed"
    r"|oraclelinux|photon|busybox|scratch|ubi[0-9]*(?:-minimal|-micro|-init)?)(?:[:@].*)?"
)
"""Images of nothing but a system, into which a build or a script puts its own."""

_OF_OFFICIAL = frozenset({"POSTGRES_HOST_AUTH_METHOD", "POSTGRES_INITDB_WALDIR"})
"""Variables that no other image takes."""

_OF_BITNAMI = frozenset(
    {"POSTGRESQL_ENABLE_TLS", "POSTGRESQL_USERNAME", "POSTGRESQL_POSTGRES_PASSWORD", "POSTGRESQL_VOLUME_DIR"}
)
_PASSWORDS = frozenset({"POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE"})
_DATA, _BITNAMI, _PORT = "/var/lib/postgresql", "/bitnami/postgresql", 5432


def image_of(workload: Workload) -> Image | None:
    """The image of a workload (`is_assumed` where it is not known for certain what it does); None where it is none of
    PostgreSQL, or nobody can say.
    """
    if workload.image is None:
        return None
    reference = workload.image if isinstance(workload.image, Traced) else None
    image = read_image(reference) if reference is not None else None
    if image is not None and image.family is not Family.OTHER:
        return image
    by_name = image is not None
    family = _by_use(workload, by_name=by_name) if image is None or image.may_be_assumed else None
    if family is None:
        family = image.named_like if image is not None else None
    return liken(reference, image, family) if family is not None else image


def _by_use(workload: Workload, *, by_name: bool) -> Family | None:
    """Whose image it is that takes the variables and the mounts of a workload.

    Without a name that is a server's, its folder of data or its port must be among them: clients share its variables.
    """
    name = workload.image.text if isinstance(workload.image, Traced) else ""
    if OTHER_PROGRAMS.search(f"{name} {workload.name}") or _SYSTEMS.fullmatch(name):
        return None
    names, places = set(workload.environment), [one.server for one in workload.mounts if not one.read_only]
    if any(_lies_in(place, _BITNAMI) for place in places) or (by_name and names & _OF_BITNAMI):
        return Family.BITNAMI
    keeps = any(_lies_in(place, _DATA) for place in places)
    if by_name:
        return Family.OFFICIAL if keeps or names & _OF_OFFICIAL else None
    serves = keeps or any(one.target == _PORT for one in workload.ports)
    return Family.OFFICIAL if serves and names & (_PASSWORDS | _OF_OFFICIAL) else None


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + "/")


def said_of_image(workload: Workload, image: Image) -> Said | None:
    """What is told of an image that is not known: which one it is taken for, or that it is taken for none."""
    if not image.is_assumed and image.family is not Family.OTHER:
        return None
    reference = workload.image if isinstance(workload.image, Traced) else None
    at = (reference.home() if reference is not None else None) or workload.at
    shown = "The image"
    if reference is not None and reference.is_known:
        # Of a reference that is none as a whole no part may be shown.
        shown = f"The image '{shown_image(reference.text).partition('@')[0]}'"
    if image.family is Family.OTHER:
        return Said(IMAGE_UNKNOWN, at, {"image": shown})
    return Said(IMAGE_ASSUMED, at, {"image": shown, "family": _CALLED[image.family]})


_CALLED = {Family.OFFICIAL: "the official image 'postgres'", Family.BITNAMI: "'bitnami/postgresql'"}


def site_image(image: Image | None, reference: Traced | Unknown | None) -> SiteImage:
    """What an image says of its server, with the place of its version in the reference."""
    if image is None:
        return SiteImage()
    span = image.version_span
    version = reference.part(*span) if span is not None and isinstance(reference, Traced) else None
    return SiteImage(version, image.openssl, image.system_how is How.STATED, image.is_assumed)
