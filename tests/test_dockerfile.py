"""What a Dockerfile makes of an image, and what its server gets then."""

import time
from pathlib import Path

import pytest

from pgssllint.files import Files
from pgssllint.sources.container_site import container_site
from pgssllint.sources.dockerfile import built, read_dockerfile
from pgssllint.sources.dockerfile_lines import instructions, json_words
from pgssllint.sources.images import read_image
from pgssllint.sources.official_image import render
from pgssllint.sources.rendered import Rendered
from pgssllint.sources.workload import Build, Mount, Variable, Workload
from pgssllint.text import Home, Source, Span
from pgssllint.traced import Traced, whole, written
from pgssllint.unknown import UNKNOWN


def traced(text: str) -> Traced:
    return whole(Source("/r/Dockerfile", text.encode("utf-8", "surrogateescape")))


def workload(text: str, root: Path | None = None, target: str | None = None, **arguments: str) -> Workload:
    given = {name: Variable(traced(name), traced(value)) for name, value in arguments.items()}
    read = read_dockerfile(traced(text), Files([str(root or "/nowhere")]), str(root) if root else None, given, target)
    assert read is not None
    return read


def rendered(one: Workload, root: Path) -> Rendered:
    image = read_image(one.image) if isinstance(one.image, Traced) else None
    assert image is not None
    return render(one, image, Files([str(root)]))


def words(found: object) -> list[str]:
    assert isinstance(found, tuple)
    return [word.text for word in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FROM a\n# c\nENV b c\n", [("FROM", "a"), ("ENV", "b c")]),
        ("FROM a\nENV b=c \\\n  # comment\n\n  d=e\n", [("FROM", "a"), ("ENV", "b=c   d=e")]),
        ("# escape=`\nFROM a\nENV b=c `\n d=\\e", [("FROM", "a"), ("ENV", "b=c  d=\\e")]),
        ("# syntax=docker/dockerfile:1\n\nfrom a\n", [("FROM", "a")]),
        ("FROM a\r\nENV b=c \\\r\n d=e\r\n", [("FROM", "a"), ("ENV", "b=c  d=e")]),
        ("RUN <<EOF\necho a\nEOF\nENV a=b", [("RUN", "<<EOF"), ("ENV", "a=b")]),
        ("ENV a=<<EOF\nENV c=d", [("ENV", "a=<<EOF"), ("ENV", "c=d")]),
        ("RUN a \\", [("RUN", "a")]),
        ("RUN", [("RUN", "")]),
        ("???\nRUN a", [("RUN", "a")]),
    ],
)
def test_instructions(text: str, found: list[tuple[str, str]]) -> None:
    assert [(one.name, one.rest.text) for one in instructions(traced(text))] == found


def test_words_in_the_json_form_lead_home() -> None:
    text = r'["a", "b c", "d\"e", ""]'
    found = json_words(traced(text))
    assert found is not None
    assert words(found) == ["a", "b c", 'd"e', ""]
    home = found[1].home()
    assert home is not None
    assert text[home.span.start : home.span.end] == "b c"
    assert json_words(traced("[a]")) is None
    assert json_words(traced('["a", 1]')) is None
    assert json_words(traced("[" * 100_000)) is None


@pytest.mark.parametrize(
    ("text", "image", "environment"),
    [
        ("FROM postgres:16\n", "postgres:16", {}),
        ("FROM --platform=linux/amd64 postgres:16 AS db\n", "postgres:16", {}),
        ("ARG V=16\nFROM postgres:$V\n", "postgres:16", {}),
        ("ARG V=16\nARG S=-alpine\nFROM postgres:${V}${S}\n", "postgres:16-alpine", {}),
        ("ARG V\nFROM postgres:${V:-15}\n", "postgres:15", {}),
        ("ARG V\nFROM postgres:$V\n", "postgres:$V", {}),
        ("FROM postgres:${V:-15}\n", "postgres:15", {}),
        ("FROM redis\nFROM postgres:16\nENV A=b C='d e'\n", "postgres:16", {"A": "b", "C": "d e"}),
        ("FROM postgres:16 AS base\nENV A=b\nFROM base\nENV C=$A\n", "postgres:16", {"A": "b", "C": "b"}),
        ("FROM postgres:16\nFROM 0\nENV A x y\n", "postgres:16", {"A": "x y"}),
        ("FROM postgres:16\nARG A=1\nENV B=$A\n", "postgres:16", {"B": "1"}),
        ("ARG A=1\nFROM postgres:16\nENV B=$A\n", "postgres:16", {"B": None}),
        ("ENV A=b\nFROM postgres:16\n", "postgres:16", {}),
    ],
)
def test_images_and_variables(text: str, image: str, environment: dict[str, str | None]) -> None:
    read = workload(text)
    assert isinstance(read.image, Traced)
    assert read.image.text == image
    found = {name: one.value.text if isinstance(one.value, Traced) else None for name, one in read.environment.items()}
    assert found == environment


def test_arguments_and_stages_are_those_of_the_build() -> None:
    text = "ARG V=16\nFROM postgres:$V AS one\nARG A=x\nENV B=$A\nFROM redis AS two\n"
    read = workload(text, None, "one", V="17", A="y")
    assert isinstance(read.image, Traced)
    assert (read.image.text, read.name) == ("postgres:17", "one")
    assert isinstance(read.environment["B"].value, Traced)
    assert read.environment["B"].value.text == "y"
    assert read_dockerfile(traced(text), Files(["/nowhere"]), None, target="three") is None
    assert read_dockerfile(traced("RUN x\n"), Files(["/nowhere"]), None) is None


@pytest.mark.parametrize(
    ("text", "entrypoint", "command"),
    [
        ('CMD ["postgres", "-c", "ssl=on"]', None, ["postgres", "-c", "ssl=on"]),
        ("CMD postgres -c ssl=on", None, ["/bin/sh", "-c", "postgres -c ssl=on"]),
        ('SHELL ["bash", "-ec"]\nCMD postgres', None, ["bash", "-ec", "postgres"]),
        ('CMD ["a"]\nENTRYPOINT ["b"]', ["b"], None),
        ('ENTRYPOINT ["b"]\nCMD ["a"]', ["b"], ["a"]),
        ('CMD ["a"]\nCMD ["c"]', None, ["c"]),
    ],
)
def test_what_is_run(text: str, entrypoint: list[str] | None, command: list[str] | None) -> None:
    read = workload(f"FROM postgres:16\n{text}\n")
    assert (read.entrypoint and words(read.entrypoint), read.command and words(read.command)) == (entrypoint, command)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("pg_hba.conf", "postgresql.conf", "server.key", "conf/a.conf", "conf/b.conf", "init/10-x.sh"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"# {name}\n")
    (tmp_path / "server.key").chmod(0o644)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("COPY pg_hba.conf /etc/x.conf", [("/etc/x.conf", "pg_hba.conf")]),
        ("COPY pg_hba.conf server.key /etc/ssl/",
         [("/etc/ssl/pg_hba.conf", "pg_hba.conf"), ("/etc/ssl/server.key", "server.key")]),
        ("COPY pg_hba.conf /docker-entrypoint-initdb.d", [("/docker-entrypoint-initdb.d/pg_hba.conf", "pg_hba.conf")]),
        ('COPY ["pg_hba.conf", "/x/"]', [("/x/pg_hba.conf", "pg_hba.conf")]),
        ("COPY conf /x/", [("/x", "conf")]),
        ("COPY conf/*.conf /x/", [("/x/a.conf", "conf/a.conf"), ("/x/b.conf", "conf/b.conf")]),
        ("COPY ./conf/a.conf /x/y", [("/x/y", "conf/a.conf")]),
        ("COPY ../secret /x/y", [("/x/y", None)]),
        ("COPY --from=other a /x/y", [("/x/y", None)]),
        ("ADD https://example.com/a /x/y", [("/x/y", None)]),
        ("WORKDIR /x\nCOPY pg_hba.conf .", [("/x/pg_hba.conf", "pg_hba.conf")]),
        ("WORKDIR /x\nWORKDIR y\nCOPY pg_hba.conf z", [("/x/y/z", "pg_hba.conf")]),
        ("ENV D=/x\nCOPY pg_hba.conf $D/y", [("/x/y", "pg_hba.conf")]),
        ("COPY $UNKNOWN /x/y", [("/x/y", None)]),
        ("COPY pg_hba.conf", []),
        ("VOLUME /x /y", [("/x", None), ("/y", None)]),
    ],
)  # fmt: skip
def test_what_is_copied_stands_in_the_image(root: Path, text: str, found: list[tuple[str, str | None]]) -> None:
    mounts = workload(f"FROM postgres:16\n{text}\n", root).mounts
    local = [(one.server, one.local and str(Path(one.local).relative_to(root))) for one in mounts]
    assert local == found
    assert all(one.is_image for one in mounts)


@pytest.mark.parametrize(
    ("text", "rights"),
    [
        ("COPY server.key /k", (0o644, 0, 0)),
        ("COPY --chmod=600 server.key /k", (0o600, 0, 0)),
        ("COPY --chown=postgres:postgres server.key /k", (0o644, 999, 999)),
        ("COPY --chown=999:0 --chmod=0640 server.key /k", (0o640, 999, 0)),
        ("COPY --chown=nobody server.key /k", (0o644, None, None)),
        ("COPY --chmod=u+x server.key /k", (None, 0, 0)),
        ("COPY server.key /k\nRUN chmod 600 /k && chown postgres /k", (0o600, 999, 0)),
        ("COPY server.key /k\nRUN chmod 0600 /k; chown -R postgres:postgres /k", (0o600, 999, 999)),
    ],
)
def test_owner_and_mode(root: Path, text: str, rights: tuple[int | None, int | None, int | None]) -> None:
    read = workload(f"FROM postgres:16\n{text}\n", root)
    last = read.mounts[-1]
    assert (last.server, last.mode, last.uid, last.gid) == ("/k", *rights)
    assert read.touched == ()


@pytest.mark.parametrize(
    "run",
    [
        "chmod go-rwx /k", "[ -f /k ] && chmod 600 /k", "install -m 600 /k /l", "openssl genrsa -out /k",
        "chown nobody /k", "sed -i s/a/b/ /k", "chmod -R go-rwx /",
    ],
)  # fmt: skip
def test_a_mode_that_is_not_followed_is_not_known(root: Path, run: str) -> None:
    read = workload(f"FROM postgres:16\nCOPY server.key /k\nRUN {run}\n", root)
    held = [mount for mount in read.mounts if mount.server == "/k"][-1]
    assert (held.mode, held.uid) == (None, None)


@pytest.mark.parametrize(
    ("run", "rights"),
    [
        ("chmod 600 /x/*.key && chown -R postgres: /x", (0o600, 999)),
        ("chmod -R 0640 /x/y", (0o640, 0)),
        ("chmod 600 /x/y", (0o644, 0)),
        ("chmod 600 /x/*.crt /x/y/*.k??", (0o600, 0)),
        ("mkdir -p /x/y", (0o644, 0)),
    ],
)
def test_folders_and_patterns_of_names(root: Path, run: str, rights: tuple[int, int]) -> None:
    place = "/x/y/server.key" if "/x/y" in run else "/x/server.key"
    (held,) = workload(f"FROM postgres:16\nCOPY server.key {place}\nRUN {run}\n", root).mounts
    assert (held.mode, held.uid) == rights


def test_a_file_of_a_folder_that_is_copied_has_rights_of_its_own(root: Path) -> None:
    read = workload("FROM postgres:16\nCOPY conf /x\nRUN chmod 600 /x/a.conf\n", root)
    assert [(m.server, m.local, m.mode) for m in read.mounts][1:] == [("/x/a.conf", str(root / "conf/a.conf"), 0o600)]


def test_the_owner_of_alpine_is_another(root: Path) -> None:
    read = workload("FROM postgres:16-alpine\nCOPY --chown=postgres:postgres server.key /k\n", root)
    assert (read.mounts[0].uid, read.mounts[0].gid) == (70, 70)


def test_files_that_commands_write(root: Path) -> None:
    text = (
        "FROM postgres:16\nCOPY pg_hba.conf /h.conf\n"
        "RUN echo 'local all all peer' >> /h.conf && \\\n    echo \"host all all all md5\" >> /h.conf\n"
        "RUN <<EOF\ncat > /i.conf <<'END'\nm a b\nEND\nEOF\n"
        "COPY <<EOF /j.conf\nj\nEOF\n"
    )
    read = workload(text, root)
    held = {mount.server: mount.contents.text for mount in read.mounts if mount.contents is not None}
    assert held["/h.conf"] == "# pg_hba.conf\nlocal all all peer\nhost all all all md5\n"
    assert held["/j.conf"] == "j\n"
    last = [mount for mount in read.mounts if mount.server == "/h.conf"][-1].contents
    assert last is not None
    at = last.text.index("peer")
    home = last.part(at, at + 4).home()
    assert home is not None
    assert text[home.span.start : home.span.end] == "peer"


def test_the_sample_becomes_the_main_file(root: Path) -> None:
    sample = "/usr/share/postgresql/postgresql.conf.sample"
    made = rendered(workload(f"FROM postgres:16\nRUN echo 'ssl = on' >> {sample}\n", root), root)
    assert made.main is not None
    assert made.main.text == "listen_addresses = '*'\nssl = on\n"
    made = rendered(workload(f"FROM postgres:16\nCOPY postgresql.conf {sample}\n", root), root)
    assert made.main is not None
    assert made.main.text == "# postgresql.conf\n"
    made = rendered(workload(f"FROM postgres:16\nRUN sed -i 's/a/b/' {sample}\n", root), root)
    assert made.main is None


def test_a_file_that_sed_edits_has_what_sed_makes_of_it(root: Path) -> None:
    read = workload("FROM postgres:16\nCOPY pg_hba.conf /h.conf\nRUN sed -i 's/pg_hba/x/' /h.conf\n", root)
    assert read.mounts[-1].contents is not None
    assert (read.mounts[-1].server, read.mounts[-1].contents.text) == ("/h.conf", "# x.conf\n")


@pytest.mark.parametrize(
    "run", ["sed -i 's/[a-z]/b/' /h.conf", "perl -pi -e 's/a/b/' /h.conf", "[ x ] && sed -i s/a/b/ /h.conf"]
)
def test_a_file_that_is_edited_otherwise_is_not_in_view(root: Path, run: str) -> None:
    read = workload(f"FROM postgres:16\nCOPY pg_hba.conf /h.conf\nRUN {run}\n", root)
    assert (read.mounts[-1].server, read.mounts[-1].local, read.mounts[-1].contents) == ("/h.conf", None, None)


def test_a_workload_that_is_built_has_what_the_image_has(root: Path) -> None:
    (root / "Dockerfile").write_text(
        "ARG V=15\nFROM postgres:$V\nENV POSTGRES_PASSWORD=x A=1\nCOPY pg_hba.conf /h.conf\n"
        'CMD ["postgres", "-chba_file=/h.conf"]\n'
    )
    source = Source(str(root / "compose.yaml"), b"db:\n")
    at = Home(source, Span(0, 2), is_users=True)
    build = Build(str(root), "Dockerfile", at, arguments={"V": Variable(traced("V"), traced("16"))})
    own = {"A": Variable(traced("A"), traced("2"))}
    mount = Mount("/i.conf", str(root / "conf/a.conf"), at)
    one = Workload(at, "compose", "service", "db", None, environment=own, mounts=(mount,), build=build)
    files = Files([str(root)])

    made = built(one, files)
    assert isinstance(made.image, Traced)
    assert made.image.text == "postgres:16"
    assert made.environment["A"] is own["A"]
    assert [mount.server for mount in made.mounts] == ["/h.conf", "/i.conf"]
    assert words(made.command) == ["postgres", "-chba_file=/h.conf"]
    site = container_site(made, files)
    assert site is not None
    assert (site.hba, site.stands[0]) == ("/h.conf", ("/h.conf", str(root / "pg_hba.conf")))

    kept = Workload(at, "compose", "service", "db", None, command=(traced("bash"),), build=build)
    assert words(built(kept, files).command) == ["bash"]
    entry = Workload(at, "compose", "service", "db", None, entrypoint=(traced("bash"),), build=build)
    assert built(entry, files).command is None
    gone = Workload(at, "compose", "service", "db", None, build=build._replace(dockerfile="none"))
    assert built(gone, files).image is UNKNOWN
    text = written(source, Span(0, 0)) + traced("FROM postgres:17\n")
    inline = Workload(at, "compose", "service", "db", None, build=build._replace(inline=text))
    image = built(inline, files).image
    assert isinstance(image, Traced)
    assert image.text == "postgres:17"


@pytest.mark.parametrize(
    "text",
    [
        "\\\n" * 50_000, "FROM a\n" * 9_000, "FROM a\nRUN <<A\n" * 5_000, "FROM a\nENV " + "A=b " * 9_000,
        "\0\udc80\n" * 99,
        "FROM a\nCMD " + "[" * 50_000, "FROM a\nCOPY " + "* " * 3_000 + "/x/", "FROM a\nRUN " + "$(" * 20_000,
        "#\n" * 50_000,
        "FROM a AS b\nFROM b AS a\n" * 500,
        "FROM a\nENV A=x\n" + "ENV A=$A$A\n" * 999, "FROM a\n" + "x" * 500_000,
        "FROM a\nENV A=" + "x" * 9_000 + "\n" + ("ENV B=" + "$A " * 900 + "\n") * 20,
        "FROM a\nRUN echo a >> /f\n" * 1_000, "FROM a\n" + "RUN echo a >> /f\n" * 1_000,
    ],
    ids=lambda text: text[:14],
)  # fmt: skip
def test_any_text_is_read_in_time(text: str, root: Path) -> None:
    start = time.process_time()
    read_dockerfile(traced(text), Files([str(root)]), str(root))
    assert time.process_time() - start < 6
