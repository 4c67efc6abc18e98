"""The pre-commit hooks, as a user's repository runs them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.pki import build

ROOT = Path(__file__).parents[1]
PRE_COMMIT = Path(sys.executable).parent / "pre-commit"
CONF = "ssl = on\nlisten_addresses = '*'\nssl_cert_file = 'server.crt'\n"
GOOD_HBA = "local all all peer\nhostssl all all 10.0.0.0/8 scram-sha-256\n"
BAD_HBA = "local all all peer\nhost all all 10.0.0.0/8 scram-sha-256 clientcert=verify-ca\n"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One home of pre-commit for the module, so that the hook's environment is built once."""
    base = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "PRE_COMMIT"))}
    identity = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    home = {"PRE_COMMIT_HOME": str(tmp_path_factory.mktemp("pre-commit")), "GIT_CONFIG_GLOBAL": "/dev/null"}
    return base | identity | home | {"GIT_CONFIG_SYSTEM": "/dev/null"}


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """This checkout as a repository of its own, its uncommitted state included."""
    copy = tmp_path_factory.mktemp("hooks") / "pgssllint"
    ignored = shutil.ignore_patterns(".git", ".venv", ".cache", "__pycache__", ".*_cache", "dist", ".hypothesis")
    shutil.copytree(ROOT, copy, ignore=ignored)
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "hooks"]):
        subprocess.run(["git", *command], cwd=copy, env=environment, check=True)
    return copy


@pytest.fixture
def consumer(tmp_path: Path, environment: dict[str, str]) -> Path:
    """A repository with a cluster in deploy/, committed."""
    deploy = tmp_path / "deploy"
    deploy.mkdir()
    (deploy / "postgresql.conf").write_text(CONF)
    (deploy / "pg_hba.conf").write_text(GOOD_HBA)
    (deploy / "server.crt").write_bytes(build(["leaf", "intermediate"]))
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"]):
        subprocess.run(["git", *command], cwd=tmp_path, env=environment, check=True)
    return tmp_path


def run(hooks: Path, consumer: Path, environment: dict[str, str], hook: str) -> "subprocess.CompletedProcess[str]":
    """Stage everything and run one hook over what is staged, as a commit would."""
    subprocess.run(["git", "add", "-A"], cwd=consumer, env=environment, check=True)
    command = [str(PRE_COMMIT), "try-repo", str(hooks), hook, "--verbose", "--color", "never"]
    return subprocess.run(command, cwd=consumer, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("hook", ["pgssllint", "pgssllint-all"])
def test_a_commit_that_breaks_the_server_is_blocked(
    hooks: Path, consumer: Path, environment: dict[str, str], hook: str
) -> None:
    (consumer / "deploy" / "pg_hba.conf").write_text(BAD_HBA)
    done = run(hooks, consumer, environment, hook)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "PGS560" in done.stdout
    assert "\033[" not in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("hook", ["pgssllint", "pgssllint-all"])
def test_a_sound_commit_passes(hooks: Path, consumer: Path, environment: dict[str, str], hook: str) -> None:
    (consumer / "deploy" / "pg_hba.conf").write_text(GOOD_HBA + "hostssl all all fd00::/8 scram-sha-256\n")
    (consumer / "nginx").mkdir()
    (consumer / "nginx" / "site.crt").write_bytes(build("leaf-expired"))
    done = run(hooks, consumer, environment, hook)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_a_changed_certificate_is_judged_with_its_cluster(
    hooks: Path, consumer: Path, environment: dict[str, str]
) -> None:
    (consumer / "deploy" / "server.crt").write_bytes(build(["leaf", "intermediate", "root"]))
    done = run(hooks, consumer, environment, "pgssllint")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "PGS212" in done.stdout


@pytest.mark.slow
def test_the_changed_files_hook_is_silent_about_old_findings(
    hooks: Path, consumer: Path, environment: dict[str, str]
) -> None:
    (consumer / "deploy" / "pg_hba.conf").write_text(BAD_HBA)
    subprocess.run(["git", "commit", "-qam", "bad"], cwd=consumer, env=environment, check=True)
    (consumer / "deploy" / "postgresql.conf").write_text(CONF + "# a comment\n")
    assert run(hooks, consumer, environment, "pgssllint").returncode == 0
    assert run(hooks, consumer, environment, "pgssllint-all").returncode == 1
