"""What is found in difficult repositories, whole: what paths lead to, what a cluster is made of, and
everything that is told of it.

PGSSLLINT_UPDATE_SNAPSHOTS=1 writes tests/snapshots/trees/ anew; the difference is to be read before it is committed.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pgssllint.api import lint
from pgssllint.cluster import Cluster
from pgssllint.cluster.setting import Named
from pgssllint.deployment import AUTH_SETTINGS
from pgssllint.discovery import discover
from pgssllint.files import Opened, OpenedFolder, Overlay
from pgssllint.request import Request
from pgssllint.rulebook import rulebook
from pgssllint.targets import targets
from pgssllint.unknown import NotSet, Unknown
from tests.support.pki import AT, build
from tests.support.repositories import git
from tests.support.runs import standing_in
from tests.support.snapshots import unlike
from tests.support.telling import HERE, pieces
from tests.support.trees import TREES, Tree


def laid_out(tree: Tree, folder: Path) -> Path:
    """The files and links of a tree below a folder, which is a repository's."""
    (folder / ".git").mkdir(parents=True)
    for name, text in tree.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    for name, spec in tree.pem.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(build(spec))
        (folder / name).chmod(0o600)
    for name, leads_to in tree.links.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(leads_to)
    if tree.tracked is not None:
        (folder / ".git").rmdir()
        git(folder, "init", "-q")
        git(folder, "add", "-f", *tree.tracked)
    return folder


def requests(tree: Tree, folder: Path) -> Iterator[tuple[str, Request]]:
    """What is asked of a tree: all of it, each file and folder, and each data directory that it could be."""
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if ".git" not in path.parts)
    yield "all of it", Request((".",))
    if tree.majors:
        yield (
            f"all of it, {tree.majors}",
            Request((".",), majors=tree.majors, upgrade_to=(19,) * (max(tree.majors) < 19)),
        )
    yield "a hook", Request(tuple(names), hook=True)
    for name in names:
        yield name, Request((name,))
    for name in names:
        if name.endswith("postgresql.conf") and os.path.isfile(folder / name):
            own = _of_server(folder / os.path.dirname(name), 70_002)
            files = (one for one in names if os.path.isfile(folder / one))
            own["overlays"] |= {str(folder / one): Overlay(None, 70_002, 70_002) for one in files}
            yield f"data in {name}", Request((), data_dir=os.path.dirname(name) or ".", majors=(16,), **own)
    mains = [name for name in names if name.endswith("postgresql.conf") and os.path.dirname(name)]
    of_another = _of_server(folder, 70_001)
    yield "one with all data", Request((), data_dir=".", config_file=mains[0] if mains else "x", **of_another)


def _of_server(folder: Path, uid: int) -> dict[str, Any]:
    """What is said of a server that runs as `uid`, whose data directory this is, whoever runs the tests."""
    return {"server_uid": uid, "overlays": {os.path.normpath(folder): Overlay(0o700, uid, uid)}}


def found(request: Request, folder: Path) -> Iterator[str]:
    """What a request comes to, in lines."""
    try:
        outcome = lint(request, AT)
    except ValueError as error:
        yield f"refused: {error}"
        return
    yield f"status {outcome.exit_status}, {len(outcome.clusters)} clusters: {', '.join(outcome.skipped)}"
    for piece in pieces(outcome, rulebook().pages, str(folder)):
        # What is told of one finding is what the examples of pages are there for.
        yield piece[0].partition(": ")[0] if piece[0].startswith("PGS") else piece[0]


def model(request: Request) -> Iterator[str]:
    """What the deployments of a request are made of, and their clusters of several majors."""
    for deployment in discover(request).deployments.values():
        yield f"### {deployment.at}, {deployment.project.root}, {deployment.data_directory}"
        yield f"fragment {deployment.fragment}, whole {deployment.whole}, locator {deployment.locator.maps}"
        for name in AUTH_SETTINGS:
            yield f"{name}: {_opened(deployment.named(name))}"
        for launch in deployment.launches:
            told = ", ".join(f"{g.name}={g.value}{'?' * g.unknown}" for g in launch.given)
            yield f"launched by {launch.source.path}: {launch.version} {told}"
        for target in targets(deployment, Request().stated):
            yield f"{target.how.value} {target.major} {target.evidence} {target.openssl} {target.later}"
            yield from facts(Cluster(deployment, target, AT))
        for target in targets(deployment, Request(majors=(11, 19)).stated):
            yield f"as {target.major}, later {target.later}"
            yield from facts(Cluster(deployment, target, AT))


def facts(cluster: Cluster) -> Iterator[str]:
    """What a cluster says of itself."""
    tls, auth, rights = cluster.tls, cluster.auth, cluster.rights
    yield f"  ssl {cluster.conf.ssl}, sni {auth.sni}, replaced {sorted(auth.replaced_settings)}"
    for name, file in tls.files.items():
        yield f"  {name}: {_named(file)}"
    for one in tls.credentials:
        host = one.entry.line if one.entry is not None else None
        yield f"  host {host}: {_named(one.certificate)}; {_named(one.key)}; {_named(one.client_ca)}"
    lists = [f"{held.file} {'found' if held.found else 'not found'}" for held in tls.revocation.lists]
    folder = tls.revocation.folder
    in_folder = _opened(folder) if isinstance(folder, NotSet | Unknown) else _opened(folder.opened)
    yield f"  lists set {tls.revocation.is_set}, in view {tls.revocation.in_view}: {lists}, {in_folder}"
    yield f"  ciphers {type(tls.ciphers).__name__}"
    for key in (*tls.keys, *sorted(cluster.paths)):
        yield f"  {key}: tracked {rights.tracked(key)}, read {rights.may_read(key)}"
    yield from (f"  {name}: {len(file.items)} items, complete {file.complete}" for name, file in auth.files)


def _named(file: "Named | NotSet | Unknown") -> str:
    if isinstance(file, Named):
        return f"{_opened(file.opened)}{'' if file.explicit else ' by default'}{' by host' * file.by_host}"
    return _opened(file)


def _opened(opened: "Opened | OpenedFolder | NotSet | Unknown") -> str:
    if isinstance(opened, Opened | OpenedFolder):
        candidates = getattr(opened, "candidates", ())
        return f"{opened.name} {opened.presence.name} {opened.path} {opened.reason} {'|'.join(candidates)}".rstrip()
    return type(opened).__name__


def told(tree: Tree, folder: Path) -> Iterator[str]:
    """All that is recorded of a tree."""
    with standing_in(folder):
        lines: list[str] = []
        lines += model(Request((".",)))
        for name, request in requests(tree, folder):
            lines += [f"## {name}", *found(request, folder)]
            lines += model(request) if request.data_dir is not None and request.config_file is None else ()
    yield from (line.replace(str(folder), HERE).encode("unicode_escape").decode() for line in lines)


@pytest.mark.parametrize("name", TREES)
def test_what_is_found_in_a_difficult_repository_is_as_recorded(name: str, tmp_path: Path) -> None:
    folder = laid_out(TREES[name], tmp_path / "project")
    assert not unlike(f"trees/{name}.txt", told(TREES[name], folder))
