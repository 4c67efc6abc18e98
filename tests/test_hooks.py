"""The pre-commit hooks, as a user's repository runs them."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from tests.support.pki import build

ROOT = Path(__file__).parents[1]
PRE_COMMIT = Path(sys.executable).parent / "pre-commit"
RUNNERS = (PRE_COMMIT, PRE_COMMIT.with_name("prek"))
"""The programs that run hooks."""
CONF = "ssl = on\nlisten_addresses = '*'\nssl_cert_file = 'server.crt'\n"
GOOD_HBA = "local all all peer\nhostssl all all 10.0.0.0/8 scram-sha-256\n"
BAD_HBA = "local all all peer\nhost all all 10.0.0.0/8 scram-sha-256 clientcert=verify-ca\n"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One home of pre-commit for the module, so that the hook's environment is built once."""
    base = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "PRE_COMMIT"))}
    identity = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    home = {"PRE_COMMIT_HOME": str(tmp_path_factory.mktemp("pre-commit")), "GIT_CONFIG_GLOBAL": "/dev/null"}
    home |= {"PREK_HOME": str(tmp_path_factory.mktemp("prek"))}
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


OUTSIDE = "the_contents_of_a_file_outside"
REFUSED = "reads as an option and names something here; put '--' before names"
LOCAL = f"{sys.executable} -m pgssllint"


@pytest.fixture
def stranger(tmp_path: Path, environment: dict[str, str]) -> Path:
    """A repository whose pg_hba.conf would tell the contents of a file beside the repository, if it were read."""
    (tmp_path / "outside").write_text(f"{OUTSIDE}\n")
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "pg_hba.conf").write_text("local all all peer\ninclude ../outside\n")
    (repository / "link.pem").symlink_to("..")
    subprocess.run(["git", "init", "-q"], cwd=repository, env=environment, check=True)
    return repository


def run_all(
    runner: Path, repository: Path, environment: dict[str, str], source: Mapping[str, str], **hook: object
) -> "subprocess.CompletedProcess[str]":
    """Stage everything and run one configured hook over all files."""
    configured = {**source, "hooks": [{"verbose": True, **hook}]}
    (repository / ".pre-commit-config.yaml").write_text(json.dumps({"repos": [configured]}))
    subprocess.run(["git", "add", "-A"], cwd=repository, env=environment, check=True)
    command = [str(runner), "run", "--all-files", "--color", "never"]
    return subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)


def local(entry: str, **more: object) -> dict[str, object]:
    """A hook of the repository itself, which hands over what a cluster is made of."""
    return {
        "id": "x", "name": "x", "language": "system", "entry": f"{LOCAL} {entry}", "files": r"\.(conf|pem)$",
        "require_serial": True, **more,
    }  # fmt: skip


ENTRIES: dict[str, dict[str, object]] = {
    "check with --hook": local("check --hook"),
    "the default command": local("", args=["--format=concise"]),
    "access": local("access --forbid plaintext"),
    "hba": local("hba", args=["--pg-version", "16"]),
}


@pytest.mark.slow
@pytest.mark.parametrize("runner", RUNNERS, ids=lambda runner: runner.name)
@pytest.mark.parametrize("hook", ENTRIES.values(), ids=ENTRIES)
@pytest.mark.parametrize("option", ["--root=link.pem", "--format=text={outside}/written.pem", "--format=json.pem"])
def test_the_name_of_a_file_is_no_option(
    stranger: Path, environment: dict[str, str], runner: Path, hook: dict[str, object], option: str
) -> None:
    name = option.format(outside=stranger.parent)
    (stranger / name).parent.mkdir(parents=True, exist_ok=True)
    (stranger / name).write_text("")
    done = run_all(runner, stranger, environment, {"repo": "local"}, **hook)
    assert done.returncode == 1
    assert "exit code: 2" in done.stdout
    assert f"pgssllint: '{name}' {REFUSED}" in " ".join(done.stdout.split())
    assert OUTSIDE not in done.stdout
    assert not (stranger.parent / "written.pem").exists()


@pytest.mark.slow
@pytest.mark.parametrize("runner", RUNNERS, ids=lambda runner: runner.name)
def test_behind_the_end_of_options_it_is_a_path(stranger: Path, environment: dict[str, str], runner: Path) -> None:
    (stranger / "--root=link.pem").write_text("")
    (stranger / "-pg_hba.conf").write_text("host all all 0.0.0.0/0 trust\n")
    done = run_all(runner, stranger, environment, {"repo": "local"}, **local("check --hook --format=concise --"))
    assert "-pg_hba.conf:1:24: PGS534 error:" in done.stdout
    assert OUTSIDE not in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("runner", RUNNERS, ids=lambda runner: runner.name)
def test_options_of_a_hook_keep_working(stranger: Path, environment: dict[str, str], runner: Path) -> None:
    args = ["--pg-version", "13", "--strict", "--format=concise"]
    (stranger / "pg_hba.conf").write_text("host all postgres 10.0.0.0/8 scram-sha-256\n")
    done = run_all(runner, stranger, environment, {"repo": "local"}, **local("check --hook", args=args))
    assert "pg_hba.conf:1:10: PGS641 note:" in done.stdout
    (stranger / "--strict").write_text("")
    done = run_all(runner, stranger, environment, {"repo": "local"}, **local("check --hook", args=args))
    assert f"pgssllint: '--strict' {REFUSED}" in " ".join(done.stdout.split())
    assert done.returncode == 1


@pytest.mark.slow
@pytest.mark.parametrize("runner", RUNNERS, ids=lambda runner: runner.name)
def test_the_published_hook_takes_names_for_paths(
    hooks: Path, stranger: Path, environment: dict[str, str], runner: Path
) -> None:
    """Unless it is given options, and does not end them: then such a name ends it."""
    revision = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=hooks, env=environment, capture_output=True, text=True, check=True
    )
    source = {"repo": str(hooks), "rev": revision.stdout.strip()}
    (stranger / "--root=link.pem").write_text("")
    (stranger / "-deploy").mkdir()
    (stranger / "-deploy" / "pg_hba.conf").write_text("host all all 0.0.0.0/0 trust\n")
    args = ["--pg-version", "16", "--format=concise"]
    for given, said in (({}, "PGS534"), ({"args": args}, REFUSED), ({"args": [*args, "--"]}, "PGS534")):
        done = run_all(runner, stranger, environment, source, id="pgssllint", **given)
        assert said in " ".join(done.stdout.split()), done.stdout + done.stderr
        assert OUTSIDE not in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("runner", RUNNERS, ids=lambda runner: runner.name)
def test_the_hook_that_edits_ends_with_1_and_runs_clean_the_next_time(
    hooks: Path, consumer: Path, environment: dict[str, str], runner: Path
) -> None:
    revision = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=hooks, env=environment, capture_output=True, text=True, check=True
    )
    source, hba = {"repo": str(hooks), "rev": revision.stdout.strip()}, consumer / "deploy" / "pg_hba.conf"
    hba.write_text(f"{GOOD_HBA}host all all 0.0.0.0/0 trust\n{GOOD_HBA}")
    done = run_all(runner, consumer, environment, source, id="pgssllint-fix")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "exit code: 1" in done.stdout
    assert "mended in 1 file." in done.stdout
    # The open network stays: to close it is no safe edit.
    assert hba.read_text() == f"{GOOD_HBA}host all all 0.0.0.0/0 trust\n"
    assert run_all(runner, consumer, environment, source, id="pgssllint-fix").returncode == 0
    assert hba.read_text() == f"{GOOD_HBA}host all all 0.0.0.0/0 trust\n"


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("conf/pg_hba.conf", True), ("tls/server.crt", True), ("compose.yaml", True), ("deploy/values.yml", True),
        ("templates/pg_hba.conf.j2", True), ("main.tf", True), ("init/10-hba.sh", True), ("init/1.sql", True),
        ("pgbouncer.ini", True), (".env", True), ("db/Dockerfile", True), ("Dockerfile.prod", True),
        ("pg.Containerfile", True), ("Makefile", True), ("pg.service", True),
        ("main.py", False), ("README.md", False), ("yaml/x.txt", False), ("a.yamlx", False),
    ],
)  # fmt: skip
def test_the_hook_is_given_all_that_may_say_something_of_a_server(name: str, given: bool) -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert set(hooks) == {"pgssllint", "pgssllint-fix", "pgssllint-all"}
    for hook in ("pgssllint", "pgssllint-fix"):
        assert (re.search(hooks[hook]["files"], name) is not None) is given
