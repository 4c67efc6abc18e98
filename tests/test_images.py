"""What a reference of an image says: whose it is, which PostgreSQL, which system, which user."""

import pytest

from pgssllint.sources.image_systems import default_system, system_named
from pgssllint.sources.images import Family, Image, read_image
from pgssllint.target import How
from pgssllint.text import Source, Span
from pgssllint.traced import By, Traced, own, written


def traced(text: str) -> Traced:
    source = Source("/r/compose.yaml", text.encode())
    return written(source, Span(0, len(text)))


def image(text: str) -> Image:
    found = read_image(traced(text))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("reference", "version", "system", "openssl", "stated"),
    [
        # Debian by name and by default, and Alpine.
        ("postgres:16-bookworm", "16", "bookworm", "3.0:2", True),
        ("postgres:16.9-bullseye", "16", "bullseye", "1.1.1:2", True),
        ("postgres:18-trixie", "18", "trixie", "3.5:2", True),
        ("postgres:12-buster", "12", "buster", "1.1.1:2", True),
        ("postgres:16", "16", "trixie", "3.5:2", False),
        ("postgres:13", "13", "trixie", "3.5:2", False),
        ("postgres:12", "12", "bookworm", "3.0:2", False),
        ("postgres:11", "11", "stretch", "1.1.0:1", False),
        ("postgres:10", "10", "stretch", "1.1.0:1", False),
        ("postgres:9.6", "9.6", "stretch", "1.1.0:1", False),
        ("postgres:9.6.24-alpine", "9.6", "alpine3.14", "1.1.1:1", False),
        # A minor's tag was last built when the next minor came.
        ("postgres:17.5", "17", "trixie", "3.5:2", False),
        ("postgres:16.8", "16", "bookworm", "3.0:2", False),
        ("postgres:15.3", "15", "bookworm", "3.0:2", False),
        ("postgres:15.2", "15", "bullseye", "1.1.1:2", False),
        ("postgres:14.0", "14", "bullseye", "1.1.1:2", False),
        ("postgres:13.3", "13", "buster", "1.1.1:2", False),
        ("postgres:17.99", "17", "trixie", "3.5:2", False),
        ("postgres:19beta1", "19", "trixie", "3.5:2", False),
        ("postgres:16-alpine", "16", "alpine3.23", "3.5:2", False),
        ("postgres:16.2-alpine", "16", "alpine3.19", "3.1:1", False),
        ("postgres:16-alpine3.22", "16", "alpine3.22", "3.5:2", True),
        ("postgres:16-alpine3.21", "16", "alpine3.21", "3.3:2", True),
        ("postgres:16-alpine3.20", "16", "alpine3.20", "3.3:2", True),
        ("postgres:16-alpine3.19", "16", "alpine3.19", "3.1:1", True),
        ("postgres:15-alpine3.17", "15", "alpine3.17", "3.0:1", True),
        ("postgres:14-alpine3.16", "14", "alpine3.16", "1.1.1:1", True),
        ("postgres:10-alpine3.8", "10", "alpine3.8", "None", True),
        ("postgres:alpine", None, "alpine3.23", "3.5:2", False),
        ("postgres:bookworm", None, "bookworm", "3.0:2", True),
        ("postgres:latest", None, "trixie", "3.5:2", False),
        ("postgres", None, "trixie", "3.5:2", False),
        ("postgis/postgis:16-3.4", "16", "bullseye", "1.1.1:2", False),
        ("postgis/postgis:16-3.4-alpine", "16", "alpine3.23", "3.5:2", False),
        ("imresamu/postgis:16-3.5-bookworm", "16", "bookworm", "3.0:2", True),
        ("pgvector/pgvector:pg16", "16", "trixie", "3.5:2", False),
        ("pgvector/pgvector:0.8.1-pg17-bookworm", "17", "bookworm", "3.0:2", True),
        ("timescale/timescaledb:2.14.2-pg16", "16", "alpine3.23", "3.5:2", False),
        ("timescale/timescaledb:latest-pg15-oss", "15", "alpine3.23", "3.5:2", False),
        ("timescale/timescaledb-ha:pg16.2-ts2.14", "16", "jammy", "3.0:2", False),
        ("apache/age:release_PG16_1.5.0", "16", "trixie", "3.5:2", False),
        ("groonga/pgroonga:latest-debian-16", "16", "trixie", "3.5:2", False),
        ("bitnami/postgresql:16.3.0-debian-12-r10", "16", "bookworm", "3.0:2", True),
        ("bitnami/postgresql:16", "16", "None", "None", False),
    ],
)
def test_tags_tell_version_and_system(
    reference: str, version: str | None, system: str, openssl: str, stated: bool
) -> None:
    found = image(reference)
    assert (found.version, str(found.openssl)) == (version, openssl)
    assert (found.system.name if found.system else "None") == system
    assert (found.system_how is How.STATED) is stated
    if version is not None:
        assert found.version_span is not None
        assert reference[found.version_span.start : found.version_span.end] == version


@pytest.mark.parametrize(
    ("reference", "family"),
    [
        ("postgres:16", Family.OFFICIAL),
        ("library/postgres:16", Family.OFFICIAL),
        ("docker.io/postgres:16", Family.OFFICIAL),
        ("docker.io/library/postgres:16", Family.OFFICIAL),
        ("public.ecr.aws/docker/library/postgres:16", Family.OFFICIAL),
        ("localhost:5000/postgres:16", Family.OFFICIAL),
        ("harbor.example.com/proxy/bitnami/postgresql:16", Family.BITNAMI),
        ("registry.example.com:5000/library/postgres:16", Family.OFFICIAL),
        ("arm64v8/postgres:16", Family.OFFICIAL),
        ("ghcr.io/timescale/timescaledb:2.1-pg16", Family.OFFICIAL),
        ("bitnami/postgresql:16", Family.BITNAMI),
        ("docker.io/bitnamilegacy/postgresql-repmgr:16", Family.BITNAMI),
        ("somebody/postgres:16", Family.OTHER),
        ("registry.gitlab.com/group/project/postgres:16", Family.OTHER),
        ("ghcr.io/immich-app/postgres:16-vectorchord0.3.0", Family.OTHER),
        ("kartoza/postgis:16-3.4", Family.OTHER),
        ("quay.io/sclorg/postgresql-16-c9s:latest", Family.OTHER),
        ("ghcr.io/zalando/spilo-16:4.0-p1", Family.OTHER),
        ("registry.developers.crunchydata.com/crunchydata/crunchy-postgres:ubi8-16.2-0", Family.OTHER),
        ("supabase/postgres:16.1.0.147", Family.OTHER),
    ],
)
def test_repositories_tell_what_an_image_does(reference: str, family: Family) -> None:
    found = image(reference)
    assert found.family is family
    if "crunchy" not in reference:
        assert found.version == "16"
        assert found.version_span is not None
        assert reference[found.version_span.start : found.version_span.end] == "16"


@pytest.mark.parametrize(
    "reference",
    [
        "", " ", "redis:7", "postgrest/postgrest:12", "prom/postgres-exporter:16", "dpage/pgadmin4",
        "bitnami/postgresql-exporter:16", "edoburu/pgbouncer", ":16", "/postgres", "postgres:16:17", "@sha256:ab",
        "postgres/", "a" * 2000 + "/postgres",
    ],
)  # fmt: skip
def test_other_images_are_none_of_postgresql(reference: str) -> None:
    assert read_image(traced(reference)) is None


def test_a_digest_pins_a_build_and_says_no_version() -> None:
    assert image("postgres@sha256:abcd").version is None
    pinned = image("registry:5000/postgres:16-bookworm@sha256:abcd")
    assert (pinned.version, pinned.is_pinned, image("postgres:16").is_pinned) == ("16", True, False)
    assert str(pinned.openssl) == "3.0:2"


@pytest.mark.parametrize(
    ("parts", "version", "is_known"),
    [
        (("postgres:", "${V}", ""), None, False),
        (("postgres:16", "${SUFFIX}", ""), None, False),
        (("postgres:16-", "${SUITE}", ""), "16", False),
        (("", "${REGISTRY}", "/postgres:16"), "16", False),
        (("", "${NAME}", ":16"), None, None),
    ],
)
def test_parts_that_are_not_in_view_are_not_guessed(
    parts: tuple[str, str, str], version: str | None, is_known: bool | None
) -> None:
    source = Source("/r/compose.yaml", "".join(parts).encode())
    first, second = len(parts[0]), len(parts[0]) + len(parts[1])
    hole = own(parts[1], source, Span(first, second), "V", By.UNKNOWN)
    found = read_image(written(source, Span(0, first)) + hole + written(source, Span(second, len(source.text))))
    if is_known is None:
        assert found is None
    else:
        assert found is not None
        assert (found.version, found.openssl is not None) == (version, is_known)


@pytest.mark.parametrize(
    ("reference", "user", "data"),
    [
        ("postgres:16", (999, 999), "/var/lib/postgresql/data"),
        ("postgres:17", (999, 999), "/var/lib/postgresql/data"),
        ("postgres:18", (999, 999), "/var/lib/postgresql/18/docker"),
        ("postgres:19beta1", (999, 999), "/var/lib/postgresql/19/docker"),
        ("postgres:9.6", (999, 999), "/var/lib/postgresql/data"),
        ("postgres:16-alpine", (70, 70), "/var/lib/postgresql/data"),
        ("timescale/timescaledb:2.1-pg16", (70, 70), "/var/lib/postgresql/data"),
        ("timescale/timescaledb-ha:pg16", (1000, 1000), "/home/postgres/pgdata/data"),
        ("bitnami/postgresql:16", (1001, 0), "/bitnami/postgresql/data"),
        ("somebody/postgres:16", (None, None), None),
    ],
)
def test_users_and_data_directories(reference: str, user: tuple[int | None, int | None], data: str | None) -> None:
    found = image(reference)
    assert ((found.uid, found.gid), found.data_directory()) == (user, data)


def test_a_major_stated_elsewhere_moves_the_data_directory_of_an_image_without_one() -> None:
    assert image("postgres").data_directory(17) == "/var/lib/postgresql/data"
    assert image("postgres").data_directory(18) == "/var/lib/postgresql/18/docker"


def test_majors_that_the_linter_knows() -> None:
    assert (image("postgres:10").major, image("postgres:10").is_older) == (10, False)
    assert (image("postgres:9.6").major, image("postgres:9.6").is_older) == (None, True)
    assert (image("postgres:20").major, image("postgres:20").is_older) == (None, False)


def test_a_later_minor_is_never_on_an_older_system() -> None:
    order = ["stretch", "buster", "bullseye", "bookworm", "trixie"]
    for version in ("12", "13", "14", "15", "16", "17", "18"):
        names = [order.index(default_system(version, minor, alpine=False).name) for minor in range(25)]
        assert names == sorted(names)
        releases = [int(default_system(version, m, alpine=True).name.rpartition(".")[2]) for m in range(25)]
        assert releases == sorted(releases)


def test_suites_that_are_no_systems() -> None:
    assert system_named("alpine") is None
    assert system_named("debian-99") is None
    assert system_named("slim") is None


@pytest.mark.parametrize(
    "text", ["-" * 1000, "pg" * 500, ":" * 1000, "postgres:" + "9." * 500, "\0", "\udc80/postgres:16", "a/" * 400]
)
def test_any_text_is_read(text: str) -> None:
    source = Source("/r/a", text.encode("utf-8", "surrogateescape"))
    read_image(written(source, Span(0, len(source.text))))
