"""What a compose file or a Dockerfile beside a postgresql.conf that it does not mount says of its version."""

from pathlib import Path

import pytest

from tests.support.repositories import lay
from tests.test_sites import judged

SERVICE = "services:\n  db:\n    image: {}\n    environment: {{POSTGRES_PASSWORD: x}}\n"
DOCKERFILE = 'ARG PG=15\nFROM postgres:${PG}\nCMD ["postgres", "-c", "ssl=on"]\n'
BUILT = 'services:\n  db:\n    build: {context: ., args: {PG: "13"}}\n    environment: {POSTGRES_PASSWORD: x}\n'


@pytest.mark.parametrize(
    ("files", "major", "evidence"),
    [
        ({"compose.yaml": SERVICE.format("postgres:16")}, 16, "the image in 'compose.yaml'"),
        ({"compose.yaml": SERVICE.format('"postgres:${V:-14}"')}, 14, "the image in 'compose.yaml'"),
        (
            {"compose.yaml": SERVICE.format("postgres:$V"), ".env": "V=13\nPOSTGRES_PASSWORD=Tr0ub4dor\n"},
            13,
            "the image in 'compose.yaml'",
        ),
        ({"Dockerfile": DOCKERFILE}, 15, "the image in 'Dockerfile'"),
        # What is built is told by who builds it.
        ({"Dockerfile": DOCKERFILE, "compose.yaml": BUILT}, 13, "the image in 'compose.yaml'"),
        ({"compose.yaml": SERVICE.format("postgres:$V")}, None, ""),
        (
            {"compose.yaml": SERVICE.format("postgres:${V:-14}") + "  old:\n    image: postgres:${W:-13}\n"},
            None,
            "",
        ),
    ],
)
def test_the_version_of_a_plain_server_is_that_of_what_starts_it(
    files: dict[str, str], major: int | None, evidence: str, tmp_path: Path
) -> None:
    lay(tmp_path, {**files, "postgresql.conf": "port = 5432\n", "pg_hba.conf": "local all all peer\n"})
    (plain,) = [one for one in judged(tmp_path).clusters if one.path.endswith("postgresql.conf")]
    target = plain.predictions[0].target
    assert (None if target.assumed else target.number, target.evidence) == (major, evidence)
