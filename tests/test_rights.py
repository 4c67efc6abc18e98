"""What the server's user may read, file by file and hop by hop: what real servers did, and what is predicted."""

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from pgssllint.api import lint
from pgssllint.files import Overlay
from pgssllint.finding import Prediction
from pgssllint.handles import Folders
from pgssllint.report.words import logged as as_logged
from pgssllint.request import Request
from pgssllint.target import OpenSSL
from tests.support import initdb
from tests.support.judging import settled
from tests.support.pki import AT as NOW
from tests.support.pki import pem
from tests.support.servers import File, Unavailable, attempt, available

SERVER_UID = 70001
ROOT, SHUT = 0, 0o700
LONG = "a" * 256
SERVERS = ((10, "npm"), (13, "npm"), (15, "debian"), (16, "npm"), (18, "npm"))


class Case(NamedTuple):
    """Files of a data directory with their modes and owners, and the first line of each major; None: it starts."""

    files: Mapping[str, File | None]
    lines: Mapping[range, str | None]


EVERY = range(10, 20)
BEFORE_16, FROM_16 = range(10, 16), range(16, 20)


def included(directive: str, name: str) -> File:
    return File(f"{directive} '{name}'\n".encode())


def roots(text: str = "", mode: int = 0o600) -> File:
    return File(text.encode(), mode, "root", "root")


def not_opened(name: str, why: str = "Permission denied") -> str:
    return f'LOG:  could not open configuration file "{name}": {why}'


HBA = "local all all trust\n"
CASES = {
    "main file": Case({"postgresql.conf": roots("work_mem = 4MB\n")}, {EVERY: not_opened("postgresql.conf")}),
    "auto.conf": Case({"postgresql.auto.conf": roots("no syntax at all\n")}, {EVERY: None}),
    "auto.conf is a folder": Case(
        {"postgresql.auto.conf": None, "postgresql.auto.conf/": File(b"", 0o700)},
        {EVERY: 'LOG:  input in flex scanner failed at file "postgresql.auto.conf" line 1'},
    ),
    "auto.conf is a closed folder": Case(
        {"postgresql.auto.conf": None, "postgresql.auto.conf/": roots(mode=SHUT)}, {EVERY: None}
    ),
    "include": Case(
        {"postgresql.conf": included("include", "a"), "a": roots()}, {EVERY: not_opened("a")}
    ),
    "include that everybody may read": Case(
        {"postgresql.conf": included("include", "a"), "a": roots(mode=0o644)}, {EVERY: None}
    ),
    "include of the server's group": Case(
        {"postgresql.conf": included("include", "a"), "a": File(b"", 0o640, "root", "postgres")}, {EVERY: None}
    ),
    "include in a folder that is shut": Case(
        {"postgresql.conf": included("include", "f/a"), "f/a": File(b"", 0o644), "f/": roots(mode=SHUT)},
        {EVERY: not_opened("f/a")},
    ),
    "nothing in a folder that is shut": Case(
        {"postgresql.conf": included("include", "f/a"), "f/": roots(mode=SHUT)}, {EVERY: not_opened("f/a")}
    ),
    "optional include": Case({"postgresql.conf": included("include_if_exists", "a"), "a": roots()}, {EVERY: None}),
    "include_dir": Case(
        {"postgresql.conf": included("include_dir", "f"), "f/": roots(mode=SHUT)},
        {EVERY: 'LOG:  could not open configuration directory "f": Permission denied'},
    ),
    "member of an include_dir": Case(
        {"postgresql.conf": included("include_dir", "f"), "f/a.conf": roots()}, {EVERY: not_opened("f/a.conf")}
    ),
    "folder in an include_dir": Case(
        {"postgresql.conf": included("include_dir", "f"), "f/a.conf/": roots(mode=SHUT)}, {EVERY: None}
    ),
    "include_dir that is a file": Case(
        {"postgresql.conf": included("include_dir", "pg_hba.conf")},
        {EVERY: 'LOG:  could not open configuration directory "pg_hba.conf": Not a directory'},
    ),
    "include below a file": Case(
        {"postgresql.conf": included("include", "pg_hba.conf/x")},
        {EVERY: not_opened("pg_hba.conf/x", "Not a directory")},
    ),
    "include with a long name": Case(
        {"postgresql.conf": included("include", LONG)}, {EVERY: not_opened(LONG, "File name too long")}
    ),
    "optional include with a long name": Case(
        {"postgresql.conf": included("include_if_exists", LONG)}, {EVERY: None}
    ),
    "pg_hba.conf": Case(
        {"pg_hba.conf": roots(HBA)},
        {
            BEFORE_16: not_opened("pg_hba.conf"),
            FROM_16: 'LOG:  could not open file "pg_hba.conf": Permission denied',
        },
    ),
    "@file": Case(
        {"pg_hba.conf": File(b"local all @a trust\n"), "a": roots("app\n")},
        {
            BEFORE_16: 'LOG:  could not open secondary authentication file "@a" as "a": Permission denied',
            FROM_16: 'LOG:  could not open file "a": Permission denied',
        },
    ),
    "@file with a long name": Case(
        {"pg_hba.conf": File(f"local all @{LONG} trust\n".encode())},
        {
            range(13, 16): 'LOG:  could not open secondary authentication file '
            f'"@{LONG}" as "{LONG}": File name too long',
            FROM_16: f'LOG:  could not open file "{LONG}": File name too long',
        },
    ),
    "optional include of pg_hba.conf": Case(
        {"pg_hba.conf": File(f"{HBA}include_if_exists a\n".encode()), "a": roots()},
        {FROM_16: 'LOG:  could not open file "a": Permission denied'},
    ),
    "pg_ident.conf": Case({"pg_ident.conf": roots()}, {EVERY: None}),
}  # fmt: skip
ASKED = [
    (name, server, line)
    for name, case in CASES.items()
    for server in SERVERS
    for majors, line in case.lines.items()
    if server[0] in majors
]
each = pytest.mark.parametrize(("name", "server", "line"), ASKED, ids=lambda one: str(one)[:40])


@pytest.mark.servers
@each
def test_a_real_server_says_so(name: str, server: tuple[int, str], line: str | None) -> None:
    installation = available(*server)
    if isinstance(installation, Unavailable):
        pytest.skip(installation.reason)
    if os.geteuid() != 0:
        pytest.skip("only root can give files to others")
    answer = attempt(installation, CASES[name].files)
    assert answer.starts is (line is None)
    assert line is None or line in answer.log.splitlines()


@each
def test_the_prediction_is_what_a_server_did(
    name: str, server: tuple[int, str], line: str | None, tmp_path: Path
) -> None:
    prediction = predicted(CASES[name], server[0], tmp_path)
    assert prediction.starts is (line is None), prediction
    if prediction.log is not None:
        assert as_logged(prediction.log).replace(f"{tmp_path}/", "") == line


def predicted(case: Case, major: int, folder: Path) -> Prediction:
    """What is predicted of the files, with the modes and owners of the case laid over them."""
    stock = {name: File(text.encode()) for name, text in initdb.written(major).items()}
    overlays = {str(folder): Overlay(0o700, SERVER_UID, SERVER_UID)}
    for name, file in {**stock, **case.files}.items():
        path = folder / name
        if file is None:
            continue
        for above in path.parents:
            if above.is_relative_to(folder):
                overlays.setdefault(str(above), Overlay(0o700, SERVER_UID, SERVER_UID))
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(file.data)
        uid, gid = (ROOT if one == "root" else SERVER_UID for one in (file.owner, file.group))
        overlays[str(path)] = Overlay(file.mode, uid, gid)
    initdb.furnish(folder, major)
    for name in initdb.furniture(major):
        overlays.setdefault(str(folder / name), Overlay(0o700, SERVER_UID, SERVER_UID))
    request = Request(data_dir=str(folder), majors=(major,), openssl=OpenSSL.parse("3.0"), overlays=overlays)
    (cluster,) = lint(request, NOW).clusters
    return cluster.predictions[0]


LINKS = [
    # A folder on the way of the link's target is shut, as certbot's 'archive' is, whatever the way as written says.
    ({"archive": SHUT}, False),
    ({"live": SHUT}, False),
    ({"archive": 0o755, "live": 0o755}, True),
    ({"archive": 0o711, "live": 0o711}, True),
]


@pytest.mark.parametrize(("modes", "starts"), LINKS)
def test_the_folders_on_the_way_of_a_link_count(modes: dict[str, int], starts: bool, tmp_path: Path) -> None:
    data, root = tmp_path / "data", tmp_path
    (root / "live").mkdir()
    (root / "archive").mkdir()
    (root / "archive" / "one.conf").write_text("work_mem = 4MB\n")
    (root / "live" / "one.conf").symlink_to("../archive/one.conf")
    data.mkdir()
    (data / "postgresql.conf").write_text(f"include '{root}/live/one.conf'\n")
    (data / "pg_hba.conf").write_text(HBA)
    overlays = {str(root / name): Overlay(mode, ROOT, ROOT) for name, mode in modes.items()}
    overlays |= {str(data): Overlay(0o700, SERVER_UID, SERVER_UID)}
    initdb.furnish(data, 16)
    overlays |= {str(data / name): Overlay(0o700, SERVER_UID, SERVER_UID) for name in initdb.furniture(16)}
    for path in (data / "postgresql.conf", data / "pg_hba.conf", root / "archive" / "one.conf"):
        overlays[str(path)] = Overlay(0o644, SERVER_UID, SERVER_UID)
    request = Request(data_dir=str(data), majors=(16,), overlays=overlays)
    (cluster,) = lint(request, NOW).clusters
    assert cluster.predictions[0].starts is starts


@pytest.mark.parametrize(
    ("name", "data_dir", "told"),
    [
        ("pg_hba.conf", True, True),
        ("pg_hba.conf", False, True),
        ("postgresql.auto.conf", True, True),
        ("postgresql.auto.conf", False, True),
        ("a.conf", True, True),
        ("users", True, True),
        ("server.key", True, False),
    ],
)
def test_what_the_linter_may_not_read_is_not_the_servers(
    name: str, data_dir: bool, told: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not known whether the server starts, and without a main file the linter cannot do its job."""
    texts = {
        "postgresql.conf": "include 'a.conf'\nssl = on\n",
        "pg_hba.conf": "local @users all trust\n",
        "postgresql.auto.conf": "work_mem = 4MB\n",
        "a.conf": "work_mem = 4MB\n",
        "users": "app\n",
        "server.crt": pem("leaf").decode(),
        "server.key": "",
    }
    for file, text in texts.items():
        (tmp_path / file).write_text(text)
        (tmp_path / file).chmod(0o600)
    opens = Folders.open

    def shut(folders: Folders, path: str, flags: int, mode: int = 0o777) -> int:
        if path == f"{tmp_path}/{name}":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return opens(folders, path, flags, mode)

    monkeypatch.setattr(Folders, "open", shut)
    if name != "server.key":
        (tmp_path / "postgresql.conf").write_text("include 'a.conf'\n")
    where = {"data_dir": str(settled(tmp_path, 16))} if data_dir else {"paths": (str(tmp_path),), "root": str(tmp_path)}
    outcome = lint(Request(**where, majors=(16,)), NOW, ignore=["PGS0", "PGS911"], exit_zero=True)
    assert [note.error for note in outcome.notifications if note.rule == "PGS911"] == [told]
    assert outcome.exit_status == (2 if told else 0)
    predictions = [prediction for cluster in outcome.clusters for prediction in cluster.predictions]
    assert [prediction.starts for prediction in predictions] == [None], predictions


SHUT_LINES = [
    (15, 'could not stat file "c/{first}": Permission denied'),
    (16, 'could not open configuration file "c/a.conf": Permission denied'),
]


@pytest.mark.parametrize(("major", "line"), SHUT_LINES)
def test_a_folder_that_can_be_listed_and_not_gone_into(major: int, line: str, tmp_path: Path) -> None:
    """Up to 15 a server looks at each member in the order of the disk before it opens the first by its name."""
    included: dict[str, File | None] = {f"c/{name}.conf": File(b"work_mem = 1MB\n") for name in "bac"}
    files = {"postgresql.conf": File(b"include_dir 'c'\n"), **included, "c/": File(b"", 0o744, "root", "root")}
    prediction = predicted(Case(files, {}), major, tmp_path)
    with os.scandir(tmp_path / "c") as found:
        first = next(found).name
    assert prediction.log is not None
    assert prediction.log.text.replace(f"{tmp_path}/", "") == line.format(first=first)
