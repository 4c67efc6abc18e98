"""A copy of the working tree for each worker, in which a mutant is a file like any other.

So all that reads the package sees the mutant: what is computed at import, what is kept in a cache, what another process
of Python runs. The process that forks has imported what the tests need of others, and nothing of the package.
"""

import importlib
import os
import resource
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings

from tools.mutate.mutants import Mutant

PACKAGE = "pgssllint"
EQUIVALENTS = "tests/equivalent_mutants.toml"
LEFT_OUT = ("tests/test_house.py", "tests/test_mutate.py")
"""Tests that hold the layout of the code and the tool itself, and say nothing of what the program does."""

PROFILE = "mutate"
"""The name of hypothesis's profile for mutants."""

_DERIVED = ("pgssllint/syntax/verdicts.py",)
_OURS = {PACKAGE, "tests", "docs", "examples", "benchmarks"}
_OTHERS = ("pytest", "cryptography.x509", "lark", "jsonschema", "coverage")
_MEMORY = 4 << 30
_IGNORED = shutil.ignore_patterns(".git", ".*cache", ".venv", ".hypothesis", "__pycache__", "build", "dist")


def modules(root: Path) -> list[str]:
    """The modules that have mutants, as paths relative to the root; not what is written from something else."""
    found = (path.relative_to(root).as_posix() for path in (root / PACKAGE).rglob("*.py"))
    return sorted(path for path in found if path not in _DERIVED)


def test_files(root: Path) -> list[str]:
    """The files of tests that try mutants, as paths relative to the root; large ones first."""
    found = sorted((root / "tests").glob("test_*.py"), key=lambda path: -path.stat().st_size)
    return [path for path in (p.relative_to(root).as_posix() for p in found) if path not in LEFT_OUT]


def digest(root: Path) -> str:
    """What names the content of the tree that the tests see: all files that a worker's copy has, but for LEFT_OUT."""
    content = sha256()
    for path in sorted(_files(root)):
        name = path.relative_to(root).as_posix()
        if name not in (*LEFT_OUT, EQUIVALENTS) and not name.startswith("tools/mutate/"):
            content.update(f"{name}\0{sha256(path.read_bytes()).hexdigest()}\n".encode())
    return content.hexdigest()[:16]


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        ignored = _IGNORED(folder, [*folders, *names])
        folders[:] = [name for name in folders if name not in ignored]
        yield from (Path(folder, name) for name in names if name not in ignored and Path(folder, name).is_file())


@contextmanager
def trees(root: Path, count: int) -> Iterator[list[Path]]:
    """`count` copies of the tree at `root`; the folder around each is for whatever its worker writes."""
    with TemporaryDirectory(prefix="mutate-") as scratch:
        made = [Path(scratch).resolve() / str(number) / "tree" for number in range(count)]
        for tree in made:
            shutil.copytree(root, tree, symlinks=True, ignore=_IGNORED)
        yield made


@contextmanager
def mutated(tree: Path, mutant: Mutant) -> Iterator[None]:
    """The tree with the mutant in it, and afterwards without."""
    path = tree / mutant.key.path
    source = path.read_bytes()
    try:
        _write(path, mutant.edit.applied(source))
        yield
    finally:
        _write(path, source)


def _write(path: Path, data: bytes) -> None:
    """Write a module; what was compiled of it may look current, since many mutants are made in a second."""
    path.write_bytes(data)
    Path(cache_from_source(str(path))).unlink(missing_ok=True)


def preload() -> None:
    """Import what the tests need of others, once for all forks; no property fails because the machine is busy."""
    for name in _OTHERS:
        importlib.import_module(name)
    settings.register_profile(
        PROFILE, derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )


def enter(root: Path, tree: Path) -> None:
    """Make this process, which is a fork, one that was started in `tree` instead of `root`."""
    os.chdir(tree)
    sys.path[:] = [str(tree), *(entry for entry in sys.path if Path(entry).resolve() != root)]
    for name in [name for name in sys.modules if name.partition(".")[0] in _OURS]:
        del sys.modules[name]
    os.environ["PYTHONPATH"] = str(tree)
    os.environ.setdefault("PGSSLLINT_SERVER_CACHE", str(root / ".cache" / "servers"))
    os.environ.pop("PYTEST_ADDOPTS", None)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
