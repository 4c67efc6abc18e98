"""A server that a tool sets up is judged as any other: its files, command line and image, at the lines of the user."""

import json
from itertools import accumulate
from pathlib import Path

import pytest

from pgssllint import engine
from pgssllint.cli import main
from pgssllint.cluster import Cluster
from pgssllint.configuration.nearest import Configurations
from pgssllint.contained import contained
from pgssllint.deployment import Deployment
from pgssllint.engine import Options
from pgssllint.files import Files, Presence
from pgssllint.finding import Outcome
from pgssllint.gathering import Gathered, Subject
from pgssllint.mounted import MountedLocator, Stand
from pgssllint.postgres.entries import Given
from pgssllint.project import Project
from pgssllint.request import Request
from pgssllint.rulebook import rulebook
from pgssllint.selection import Choice
from pgssllint.showing.telling import Showing
from pgssllint.sources.site import Image, Site
from pgssllint.target import How, OpenSSL, Stated
from pgssllint.targets import targets
from pgssllint.text import Home, Source, Span
from pgssllint.traced import Traced, joined, own, virtual, written
from pgssllint.tracking import WorkTrees
from pgssllint.views import render
from tests.support.pki import AT

COMPOSE = """services:
  db:
    image: postgres:13
    command: -c ssl=on -c ssl_passphrase_command='echo hunter2'
    environment:
      POSTGRES_HOST_AUTH_METHOD: trust
    volumes: [./conf:/etc/pg]
"""
DATA = "/var/lib/postgresql/data"


def found(source: Source, text: str) -> Traced:
    at = source.text.index(text)
    return written(source, Span(at, at + len(text)))


def given(name: str, value: str, source: Source) -> Given:
    """A setting of the command line, which a tool makes a file of."""
    at = Span(0, 1)
    parts = [own("-c ", source, at, "db"), found(source, name), own("=", source, at, "db"), found(source, value)]
    starts = [0, *accumulate(len(part) for part in parts)]
    line = virtual(f"{source.path}#db/{name}", joined(parts))
    return Given(name, value, line, Span(starts[1], starts[2]), Span(starts[3], starts[4]))


def site_of(folder: Path) -> Site:
    """What a reader makes of the compose file."""
    source = Source(str(folder / "compose.yaml"), COMPOSE.encode())
    service = Span(source.text.index("db:"), source.text.index("db:") + 2)

    def tools(text: str) -> Traced:
        return own(text, source, service, "db")

    hba = virtual(
        f"{source.path}#db{DATA}/pg_hba.conf",
        tools("local all all trust\nhost all all all ") + found(source, "trust") + tools("\n"),
    )
    return Site(
        at=Home(source, service, is_users=True),
        name="service db",
        judged="postgres:13, command line, 1 mount",
        main="/etc/pg/postgresql.conf",
        hba=f"{DATA}/pg_hba.conf",
        files={f"{DATA}/pg_hba.conf": hba},
        stands=(("/etc/pg", str(folder / "conf")), (DATA, None)),
        given=(given("ssl", "on", source), given("ssl_passphrase_command", "echo hunter2", source)),
        data_directory=DATA,
        image=Image(found(source, "13"), OpenSSL.parse("1.1.1")),
    )


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    (tmp_path / "conf" / "conf.d").mkdir(parents=True)
    (tmp_path / "conf" / "postgresql.conf").write_text(
        "listen_addresses = '*'\ninclude 'more.conf'\ninclude_dir '/etc/pg/conf.d'\n"
        "ssl_cert_file = '/etc/pg/server.crt'\n"
    )
    (tmp_path / "conf" / "more.conf").write_text("ssl_ciphers = 'NULL'\n")
    (tmp_path / "conf" / "conf.d" / "a.conf").write_text("work_mem = 4MB\n")
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    root = str(tmp_path)
    files = Files((root,))
    project = Project(root, files, Configurations(root, files), WorkTrees())
    return contained(project, Request((root,)), site_of(tmp_path))


def judged(deployment: Deployment) -> Outcome:
    rules = rulebook()
    options = Options({None: Choice(frozenset(rules.pages))}, AT)
    subject = Subject(deployment, targets(deployment, Stated()))
    return engine.run(Gathered((subject,), (), frozenset()), rules, options)


def test_files_are_found_by_their_paths_in_the_container(deployment: Deployment) -> None:
    names = [source.path.rpartition("/")[2] for source in deployment.entries.sources]
    assert names == ["postgresql.conf", "more.conf", "a.conf"]
    assert deployment.whole
    locator = deployment.locator
    assert locator.named("/etc/ssl/x.crt", "", explicit=True).presence is Presence.NOT_IN_VIEW
    assert locator.named("server.crt", "", explicit=True).presence is Presence.NOT_IN_VIEW
    assert locator.named("/etc/pg/server.crt", "", explicit=True).presence is Presence.NOT_IN_VIEW


def test_what_lies_deeper_hides_what_lies_above_and_of_two_the_later_counts(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.conf").write_text(name)
    (tmp_path / "lone").write_text("lone")

    def text(*stands: tuple[str, str | None]) -> str | None:
        files = Files((str(tmp_path),))
        held = tuple(Stand(server, str(tmp_path / here) if here else None) for server, here in stands)
        locator = MountedLocator(files, deployed=False, data_directory=None, stands=held)
        source = locator.named("/etc/pg/x.conf", "", explicit=True).source
        return source.text if source is not None else None

    assert text(("/etc/pg", "a"), ("/etc/pg/x.conf", "lone")) == "lone"
    assert text(("/etc/pg/x.conf", "lone"), ("/etc/pg", "a")) == "lone"
    assert text(("/etc/pg", "a"), ("/etc/pg", "b")) == "b"
    assert text(("/etc/pg", "a"), ("/etc/pg", None)) is None
    assert text(("/etc/pg/", "a")) == "a"
    assert text(("/etc/pgx", "a")) is None
    assert text(("/", None), ("/etc", None)) is None


def test_the_image_tells_the_major_and_its_openssl(deployment: Deployment) -> None:
    (target,) = targets(deployment, Stated())
    assert (target.major, target.how, str(target.openssl), target.openssl_how) == (
        13,
        How.FOUND,
        "1.1.1:1",
        How.ASSUMED,
    )
    (stated,) = targets(deployment, Stated((16,), OpenSSL.parse("3.0")))
    assert (stated.major, str(stated.openssl)) == (16, "3.0:2")


def test_findings_stand_where_the_user_wrote_what_makes_them(deployment: Deployment) -> None:
    outcome = judged(deployment)
    places = {(f.rule, f.at.path.rpartition("/")[2], f.at.region.line if f.at.region else 0) for f in outcome.findings}
    assert ("PGS534", "compose.yaml", 6) in places
    assert ("PGS121", "more.conf", 1) in places
    assert not any("#" in f.at.path for f in outcome.findings)
    assert not any("#" in place.path for f in outcome.findings for place in f.related)
    assert outcome.clusters[0].name == "service db"


def test_what_is_rendered_hides_what_is_secret(deployment: Deployment) -> None:
    cluster = Cluster(deployment, targets(deployment, Stated())[0], AT)
    showing = Showing(render.reads(cluster))
    files = {one.name: one for one in render.rendered(cluster, showing)}

    assert list(files) == ["postgresql.conf", "more.conf", "a.conf", "pg_hba.conf"]
    assert files["postgresql.conf"].text.endswith(
        "# Given on the command line, which comes last:\nssl = 'on'\nssl_passphrase_command = 'echo ***'\n"
    )
    assert files["pg_hba.conf"].text == "local all all trust\nhost all all all trust\n"
    assert [(line.by.value, line.line) for line in files["pg_hba.conf"].lines] == [("tool", 2), ("user", 6)]
    assert "hunter2" not in json.dumps(render.document(cluster, showing))
    shown = showing.line(deployment.site.at.source, 4) if deployment.site is not None else ""
    assert "hunter2" not in shown
    assert "ssl=on" in shown


def test_render_shows_plain_files_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "postgresql.conf").write_text("ssl = on\n")
    assert main(["render", str(tmp_path)]) == 0
    assert capsys.readouterr().out.endswith("# ---- postgresql.conf\nssl = on\n")
    assert main(["render", "--format", "json", str(tmp_path)]) == 0
    (one,) = json.loads(capsys.readouterr().out)["deployments"]
    assert one["files"]["postgresql.conf"]["lines"][0]["origin_line"] == 1


def test_a_line_that_the_image_writes_is_named_with_the_file_that_makes_it_do_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = "services:\n  db:\n    image: postgres:16\n    environment: {POSTGRES_PASSWORD: x}\n"
    (tmp_path / "compose.yaml").write_text(f"{service}    volumes: ['./init:/docker-entrypoint-initdb.d']\n")
    (tmp_path / "init").mkdir()
    (tmp_path / "init" / "10.sh").write_text("echo 'local replication all trust' >> $PGDATA/pg_hba.conf\n")
    main(["check", "--root", str(tmp_path), "--select", "PGS613", "--notes", str(tmp_path)])
    assert "The record on line 1 repeats line 3 of 'compose.yaml'." in capsys.readouterr().out


@pytest.mark.parametrize(
    "command",
    [
        "-c ssl=off -c password_encryption=md5",
        '["-c", "ssl=off", "-c", "password_encryption=md5"]',
        "[postgres, --ssl=off, '--password_encryption=md5']",
        "\n      - -c\n      - password_encryption=md5",
        ">-\n      -c ssl=off\n      -c password_encryption=md5",
    ],
)
def test_a_fix_of_a_command_line_is_written_as_it_stands_there(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = "services:\n  db:\n    image: postgres:16\n    environment: {POSTGRES_PASSWORD: x}\n"
    (tmp_path / "compose.yaml").write_text(f"{service}    command: {command}\n")
    main(["check", "--root", str(tmp_path), "--select", "PGS160", "--format", "json", str(tmp_path)])
    [finding] = json.loads(capsys.readouterr().out)["findings"]
    [edit] = finding["fix"]["edits"]
    lines = (tmp_path / "compose.yaml").read_text().splitlines()
    line = lines[edit["line"] - 1]
    assert line[edit["column"] - 1 : edit["end_column"] - 1] == "md5"
    lines[edit["line"] - 1] = line[: edit["column"] - 1] + edit["text"] + line[edit["end_column"] - 1 :]
    (tmp_path / "compose.yaml").write_text("\n".join(lines))
    main(["check", "--root", str(tmp_path), "--select", "PGS160", "--format", "json", str(tmp_path)])
    assert json.loads(capsys.readouterr().out)["findings"] == []


TEXTS = {
    "ConfigMap": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: postgres}\ndata:\n  pg_hba.conf: |\n    {}\n",
    "Helm values": "primary:\n  pgHbaConfiguration: |\n    {}\n",
    "config of Compose": (
        "services:\n  db:\n    image: postgres:16\n    command: -c hba_file=/h\n    ports: ['5432:5432']\n"
        "    configs: [{source: c, target: /h}]\nconfigs:\n  c:\n    content: |\n      {}\n"
    ),
}


@pytest.mark.parametrize("text", TEXTS)
def test_the_text_of_an_edit_in_a_tools_file_is_told_where_it_is_harmless(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "compose.yaml" if "Compose" in text else "values.yaml"
    (tmp_path / name).write_text(TEXTS[text].replace("{}", "host all all 10.0.0.0/8 trust"))
    main(["check", "--root", str(tmp_path), "--select", "PGS534", "--format", "json", str(tmp_path)])
    [finding] = json.loads(capsys.readouterr().out)["findings"]
    assert [edit["text"] for edit in finding["fix"]["edits"]] == ["scram-sha-256"]
