"""What an image that nobody knows is taken to do, by its name, its variables and its mounts; and that it is said."""

from pathlib import Path

import pytest

from pgssllint.finding import Confidence
from pgssllint.sources.image_behaviour import image_of
from pgssllint.sources.images import Family
from pgssllint.sources.workload import Mount, Port, Reach, Variable, Workload
from pgssllint.text import Home, Source, Span
from pgssllint.traced import Traced, own, written
from pgssllint.unknown import UNKNOWN
from tests.support.repositories import lay
from tests.test_sites import judged

AT = Home(Source("/r/compose.yaml", b"x" * 200), Span(0, 1), is_users=True)


def workload(
    image: str | None, names: tuple[str, ...] = (), places: tuple[str, ...] = (), *, port: int | None = None
) -> Workload:
    def text(word: str) -> Traced:
        source = Source("/r/compose.yaml", word.encode())
        return written(source, Span(0, len(word)))

    return Workload(
        AT, "compose", "service", "db",
        image=UNKNOWN if image is None else text(image),
        environment={name: Variable(text(name), own("x", AT.source, AT.span, "x")) for name in names},
        mounts=tuple(Mount(place, None, AT, is_volume=True) for place in places),
        ports=() if port is None else (Port(port, port, "", Reach.EVERYWHERE, AT),),
    )  # fmt: skip


DATA = ("/var/lib/postgresql/data",)
PASSWORD = ("POSTGRES_PASSWORD",)


@pytest.mark.parametrize(
    ("reference", "names", "places", "port", "family", "assumed"),
    [
        ("postgres:16", (), (), None, Family.OFFICIAL, False),
        ("registry.local/team/postgres:16", (), (), None, Family.OFFICIAL, True),
        ("somebody/postgis:16-3.4", (), (), None, Family.OFFICIAL, True),
        # Copies keep the last two names.
        ("harbor.local/proxy/bitnami/postgresql:16", (), (), None, Family.BITNAMI, False),
        ("harbor.local/proxy/timescale/timescaledb:2.14.2-pg16", (), (), None, Family.OFFICIAL, False),
        # `postgresql` is whose it is by what is set.
        ("ghcr.io/x/postgresql:15", (), (), None, Family.OTHER, False),
        ("ghcr.io/x/postgresql:15", ("POSTGRES_HOST_AUTH_METHOD",), (), None, Family.OFFICIAL, True),
        ("ghcr.io/x/postgresql:15", PASSWORD, DATA, None, Family.OFFICIAL, True),
        ("ghcr.io/x/postgresql:15", PASSWORD, ("/bitnami/postgresql",), None, Family.BITNAMI, True),
        ("ghcr.io/x/postgresql:15", ("POSTGRESQL_ENABLE_TLS",), (), None, Family.BITNAMI, True),
        # A name that says nothing, or none in view.
        ("registry.local/db@sha256:ab", PASSWORD, DATA, None, Family.OFFICIAL, True),
        ("registry.local/team/pg:16", PASSWORD, (), 5432, Family.OFFICIAL, True),
        (None, PASSWORD, DATA, None, Family.OFFICIAL, True),
        # Clients have the same variables, backups the same folder, and other programs theirs.
        ("registry.local/app:1", PASSWORD, (), 8080, None, False),
        ("registry.local/app:1", (), DATA, None, None, False),
        ("registry.local/app:1", (), (), 5432, None, False),
        ("prodrigestivill/postgres-backup-local", PASSWORD, DATA, None, None, False),
        ("edoburu/pgbouncer", PASSWORD, (), 5432, None, False),
        # A bare system has none of the image's doings.
        ("ubuntu:24.04", PASSWORD, DATA, 5432, None, False),
        ("registry.local/mirror/debian:bookworm", PASSWORD, DATA, 5432, None, False),
        # These have entry points of their own.
        ("supabase/postgres:16.1.0.147", PASSWORD, DATA, None, Family.OTHER, False),
        ("kartoza/postgis:16-3.4", PASSWORD, DATA, None, Family.OTHER, False),
        ("quay.io/sclorg/postgresql-16-c9s:latest", PASSWORD, DATA, None, Family.OTHER, False),
        ("ghcr.io/zalando/spilo-16:4.0-p1", PASSWORD, DATA, None, Family.OTHER, False),
    ],
)  # fmt: skip
def test_an_image_is_taken_for_what_its_name_or_its_use_is_like(
    reference: str | None, names: tuple[str, ...], places: tuple[str, ...], port: int | None, family: Family | None,
    assumed: bool,
) -> None:  # fmt: skip
    image = image_of(workload(reference, names, places, port=port))
    assert (image.family if image is not None else None, image is not None and image.is_assumed) == (family, assumed)


def test_an_assumed_image_has_users_folders_and_versions_as_the_one_it_is_like() -> None:
    image = image_of(workload("registry.local/team/postgres:16-alpine3.22"))
    assert image is not None
    assert (image.uid, image.major, str(image.openssl), image.data_directory()) == (70, 16, "3.5:2", DATA[0])
    ha = image_of(workload("registry.local/team/timescaledb-ha:pg16"))
    assert ha is not None
    assert (ha.major, ha.data_directory()) == (16, "/home/postgres/pgdata/data")


COMPOSE = """\
services:
  db:
    image: {image}
    environment: {{POSTGRES_HOST_AUTH_METHOD: trust}}
    ports: ['5432:5432']
"""


@pytest.mark.parametrize(
    "image", ["registry.local/team/postgres:16", "ghcr.io/x/postgresql@sha256:ab", "${REGISTRY}/postgres:16", "a/pg:16"]
)
def test_an_assumed_image_is_judged_with_less_trust_and_said_once(image: str, tmp_path: Path) -> None:
    lay(tmp_path, {"compose.yaml": COMPOSE.format(image=image)})
    outcome = judged(tmp_path)
    found = [one for one in outcome.open_findings if one.rule == "PGS802"]
    assert [one.confidence for one in found] == [Confidence.MEDIUM]
    assert all(one.confidence is not Confidence.HIGH for one in outcome.open_findings)
    assert [str(one.message).count("is taken to do as") for one in outcome.notifications].count(1) == 1
    assert [one.predictions[0].starts for one in outcome.clusters] == [None]


def test_an_image_that_is_like_none_is_said_to_be_unknown(tmp_path: Path) -> None:
    lay(tmp_path, {"compose.yaml": COMPOSE.format(image="supabase/postgres:16.1.0.147")})
    outcome = judged(tmp_path)
    assert not outcome.open_findings
    assert any("'supabase/postgres:16.1.0.147' is not known" in str(one.message) for one in outcome.notifications)


STATEFUL = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: db}}
spec:
  template:
    spec:
      containers:
        - name: db
          image: {image}
          env: [{{name: POSTGRES_HOST_AUTH_METHOD, value: trust}}]
          ports: [{{containerPort: 5432, hostPort: 5432}}]
"""


def test_manifests_are_read_as_compose_files_are(tmp_path: Path) -> None:
    lay(tmp_path, {"db.yaml": STATEFUL.format(image="registry.local/team/postgres:16")})
    found = {one.rule: one.confidence for one in judged(tmp_path).open_findings}
    assert found["PGS802"] is Confidence.MEDIUM
    (tmp_path / "db.yaml").write_text(STATEFUL.format(image="supabase/postgres:16.1.0.147"))
    assert any("is not known" in str(one.message) for one in judged(tmp_path).notifications)


def test_a_run_of_an_image_of_any_name_is_read(tmp_path: Path) -> None:
    options = "-e POSTGRES_HOST_AUTH_METHOD=trust -p 5432:5432 -v pg:/var/lib/postgresql/data"
    lay(tmp_path, {"run.sh": f"docker run {options} registry.local/db:1\n"})
    assert "PGS802" in {one.rule for one in judged(tmp_path).open_findings}


def test_an_image_of_many_containers_is_told_of_once_in_a_file(tmp_path: Path) -> None:
    service = "  db{}:\n    image: a.example/team/postgres:{}\n    environment: {{POSTGRES_PASSWORD: x}}\n"
    services = "".join(service.format(number, 15 + number % 2) for number in range(6))
    lay(tmp_path, {"compose.yaml": f"services:\n{services}"})
    told = [str(one.message) for one in judged(tmp_path).notifications]
    assert len(told) == 2
