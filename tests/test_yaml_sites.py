"""Which YAML files are read together, and that none is read in vain."""

import re
import subprocess
import sys
from pathlib import Path

from pgssllint.files import Files
from pgssllint.sources.yaml_sites import MAX_BYTES, Found, yaml_sites
from tests.support.manifests import APPLICATION, CHART, RELEASE, STATEFUL_SET, TRUSTING, VALUES

CONFIG, SECRET, SERVER, SERVICE = re.split(r"(?m)^---\n", STATEFUL_SET)


def found(folder: Path, **texts: str) -> Found:
    """What files are said to set up; `__` stands for a slash in their names."""
    paths = []
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        paths.append(str(path))
    return yaml_sites(Files((str(folder),)), paths)


def named(found: Found) -> list[str]:
    return [site.name for site in found.sites]


def test_servers_come_in_the_order_of_their_files_and_places(tmp_path: Path) -> None:
    made = found(tmp_path, b=VALUES, a=TRUSTING, d=APPLICATION, c=RELEASE, e=CHART)
    assert named(made) == [
        "Deployment db", "values postgresql", "HelmRelease db", "Application pg",
        "ConfigMap ***-config",
    ]  # fmt: skip


def test_what_speaks_of_no_server_is_read_with_what_does(tmp_path: Path) -> None:
    made = found(tmp_path, server=SERVER, config=CONFIG, secret=SECRET, more__service=SERVICE)
    (site,) = made.sites
    assert site.workload is not None
    assert {port.reach.value for port in site.workload.ports} == {"every interface"}
    assert "/etc/postgresql/pg_hba.conf" in site.files
    assert [said.kind for said in (*site.said, *made.said)] == ["private-key-in-manifest"]


def test_what_lies_elsewhere_is_not(tmp_path: Path) -> None:
    (site,) = found(tmp_path, a__server=SERVER, b__service=SERVICE.replace("postgres", "db")).sites
    assert site.workload is not None
    assert {port.reach.value for port in site.workload.ports} == {"container network"}


def test_nothing_is_said_of_what_speaks_of_no_server(tmp_path: Path) -> None:
    assert found(tmp_path, a=SERVICE.replace("postgres", "db"), b="a: b: c\n") == Found()
    assert found(tmp_path, a="#" * MAX_BYTES + "\n" + TRUSTING) == Found()
    assert yaml_sites(Files((str(tmp_path),)), [str(tmp_path / "gone.yaml")]) == Found()


def test_other_files_cost_no_reader(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("kind: Service\n")
    code = (
        "import sys\nfrom pgssllint.files import Files\nfrom pgssllint.sources.yaml_sites import yaml_sites\n"
        f"yaml_sites(Files(({str(tmp_path)!r},)), [{str(tmp_path / 'a.yaml')!r}])\n"
        "print([name for name in sys.modules if name in ('yaml', 'pgssllint.sources.kubernetes')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
