"""Values of Helm charts: texts at any depth, Bitnami's chart and image, Flux and Argo CD.

Each row of the facts about Bitnami's image and chart has its example here; they were read in its scripts and templates.
"""

from pathlib import Path
from time import process_time

import pytest

from pgssllint.files import Files
from pgssllint.sources.bitnami_chart import UNREAD_LAYOUT
from pgssllint.sources.bitnami_image import bitnami_site
from pgssllint.sources.bitnami_mounts import CONF
from pgssllint.sources.helm_values import INNER_UNREADABLE, MAX_SERVERS, HelmFound, read_values, role_of_key
from pgssllint.sources.kinds import EXTENDED_IGNORED, TLS_IGNORED, TLS_ONLY
from pgssllint.sources.kubernetes import read_kubernetes
from pgssllint.sources.manifests import MORE_SERVERS
from pgssllint.sources.site import Site
from pgssllint.sources.workload import Mount, Reach, Variable, Workload
from pgssllint.text import Home, Source, Span
from pgssllint.traced import By, Virtual, written
from pgssllint.unknown import UNKNOWN
from tests.support.repositories import lay
from tests.test_sites import judged

MAIN, HBA = f"{CONF}/postgresql.conf", f"{CONF}/pg_hba.conf"


def read(text: str, name: str = "values.yaml") -> HelmFound:
    return read_values(Source(f"/r/{name}", text.encode()), Files(("/r",)))


def site(text: str) -> Site:
    found = read(text)
    (one,) = found.sites
    return one


def records(one: Site) -> list[str]:
    return [" ".join(line.split()) for line in one.files[one.hba or ""].text.splitlines() if line.strip()]


def settings(one: Site) -> list[str]:
    return one.files[one.main or ""].text.splitlines()


def origin(made: Virtual, text: str) -> tuple[str, bool]:
    """What a stretch of a made file leads to, as it is written, and whether the user wrote it."""
    at = made.text.index(text)
    home = made.home(Span(at, at + len(text)))
    return home.source.text[slice(*home.span)], home.is_users


GENERATED = [
    "host all all 0.0.0.0/0 md5", "host all all ::/0 md5", "local all all md5",
    "host all all 127.0.0.1/32 md5", "host all all ::1/128 md5",
]  # fmt: skip
TLS = "tls: {enabled: true, certificatesSecret: s, certFilename: a.crt, certKeyFilename: a.key}\n"


class TestBitnamisChart:
    def test_the_texts_are_files(self) -> None:
        one = site("primary:\n  configuration: |\n    ssl = on\n  pgHbaConfiguration: |-\n    local all all peer\n")
        assert (one.main, one.hba, one.data_directory, one.uid) == (MAIN, HBA, "/bitnami/postgresql/data", 1001)
        assert (settings(one), records(one)) == (["ssl = on"], ["local all all peer"])
        assert origin(one.files[HBA], "peer") == ("peer", True)

    def test_records_are_made_where_none_are_given(self) -> None:
        one = site("postgresql:\n  primary:\n    extendedConfiguration: |\n      max_connections = 500\n")
        assert records(one) == GENERATED
        assert settings(one)[0] == "listen_addresses = '*'"
        assert settings(one)[-1] == "max_connections = 500", "conf.d is included behind what the image sets"
        assert origin(one.files[HBA], "local all all md5") == ("primary", False)
        assert origin(one.files[MAIN], "500") == ("500", True)

    def test_nobody_has_a_password_where_postgres_may_not_log_in(self) -> None:
        head = "primary: {pgHbaConfiguration: ''}\npostgresqlDatabase: x\n" + TLS
        assert records(site(head + "auth: {enablePostgresUser: false}\n"))[0] == "host all all 0.0.0.0/0 trust"
        assert records(site(head + "auth: {enablePostgresUser: false, username: app}\n"))[0].endswith("md5")
        assert records(site(head + "auth: {enablePostgresUser: true}\n"))[0].endswith("md5")

    def test_tls_is_set_up_where_postgresql_conf_is_the_images_own(self) -> None:
        one = site("auth: {enablePostgresUser: true}\n" + TLS)
        assert [line for line in settings(one) if line.startswith("ssl")] == [
            "ssl = 'on'",
            "ssl_cert_file = '/opt/bitnami/postgresql/certs/a.crt'",
            "ssl_key_file = '/opt/bitnami/postgresql/certs/a.key'",
        ]
        assert origin(one.files[MAIN], "ssl = 'on'") == ("enabled", False)
        assert origin(one.files[MAIN], "a.key") == ("a.key", True)
        assert records(one) == GENERATED

    def test_tls_beside_a_postgresql_conf_of_the_users_own_is_left_out(self) -> None:
        one = site(TLS + "primary:\n  configuration: |\n    max_connections = 10\n  pgHbaConfiguration: x\n")
        assert settings(one) == ["max_connections = 10"]
        (said,) = one.said
        assert said.kind == TLS_IGNORED
        assert said.at.source.text[slice(*said.at.span)] == "enabled"
        for text in ("ssl = on", "ssl 'true'", "SSL=1"):
            assert not site(TLS + f"primary:\n  configuration: |\n    {text}\n  pgHbaConfiguration: x\n").said
        one = site(TLS + "primary:\n  configuration: |\n    #ssl = on\n    ssl = off\n  pgHbaConfiguration: x\n")
        assert [said.kind for said in one.said] == [TLS_IGNORED]

    def test_a_ca_for_clients_asks_all_with_tls_for_a_certificate_and_nobody_else(self) -> None:
        one = site("auth: {enablePostgresUser: true}\n" + TLS.replace("}", ", certCAFilename: ca.crt}"))
        assert records(one) == ["hostssl all all 0.0.0.0/0 cert", "hostssl all all ::/0 cert", *GENERATED]
        assert "ssl_ca_file = '/opt/bitnami/postgresql/certs/ca.crt'" in settings(one)
        assert origin(one.files[HBA], "hostssl all all 0.0.0.0/0 cert") == ("ca.crt", False)
        one = site(TLS.replace("}", ", certCAFilename: ca.crt}") + "pgHbaConfiguration: |\n  local all all peer\n")
        assert records(one) == ["local all all peer"]

    def test_who_has_no_tls_gets_in_without_a_certificate(self) -> None:
        text = "auth: {enablePostgresUser: true}\n" + TLS.replace("}", ", certCAFilename: ca.crt}")
        (said,) = site(text).said
        assert (said.kind, said.at.source.text[slice(*said.at.span)]) == (TLS_ONLY, "ca.crt")
        assert not site(text + "pgHbaConfiguration: |\n  local all all peer\n").said

    @pytest.mark.parametrize(
        ("service", "reach", "published"),
        [
            ("", Reach.NETWORK, None),
            ("service: {type: ClusterIP}", Reach.NETWORK, None),
            ("service: {type: NodePort, nodePorts: {postgresql: 30432}}", Reach.EVERYWHERE, 30432),
            ("service: {type: LoadBalancer}", Reach.EVERYWHERE, None),
            ("service: {type: '{{ .x }}'}", Reach.UNKNOWN, None),
        ],
    )
    def test_who_reaches_it(self, service: str, reach: Reach, published: int | None) -> None:
        for text in (f"primary: {{{service}}}\n", f"{service}\n"):
            one = site(text + "pgHbaConfiguration: |\n  local all all peer\n")
            assert one.workload is not None
            assert [(p.target, p.published, p.reach) for p in one.workload.ports] == [(5432, published, reach)]

    def test_certificates_that_the_chart_makes(self) -> None:
        one = site(
            "auth: {enablePostgresUser: true}\ntls: {enabled: true, autoGenerated: true, preferServerCiphers: no}\n"
        )
        assert [line for line in settings(one) if line.startswith("ssl")] == [
            "ssl = 'on'",
            "ssl_prefer_server_ciphers = 'off'",
            "ssl_cert_file = '/opt/bitnami/postgresql/certs/tls.crt'",
            "ssl_key_file = '/opt/bitnami/postgresql/certs/tls.key'",
        ]

    @pytest.mark.parametrize("switch", ["architecture: replication", "replication: {enabled: true}"])
    def test_replication_has_records_of_its_own(self, switch: str) -> None:
        one = site(f"auth: {{enablePostgresUser: true}}\n{TLS}{switch}\n")
        assert records(one)[5:] == ["host replication all 0.0.0.0/0 md5", "host replication all ::/0 md5"]

    def test_ldap(self) -> None:
        head = "auth: {enablePostgresUser: true}\n"
        one = site(head + "ldap: {enabled: true, server: l.example, port: 389, baseDN: 'dc=x', bindpw: hunter2}\n")
        options = 'ldapserver=l.example ldapport=389 ldapbasedn="dc=x" ldapbindpasswd=not-in-view'
        assert records(one) == [
            "host all postgres 0.0.0.0/0 md5", "host all postgres ::/0 md5", f"host all all 0.0.0.0/0 ldap {options}",
            f"host all all ::/0 ldap {options}", *GENERATED[2:],
        ]  # fmt: skip
        assert "hunter2" not in str([made.text for made in one.files.values()])
        assert {run.by for run in one.files[HBA].runs} == {By.USER, By.TOOL, By.UNKNOWN}
        one = site(head + "ldap: {enabled: true, uri: 'ldap://l/dc=x'}\n")
        assert records(one)[2] == 'host all all 0.0.0.0/0 ldap ldapurl="ldap://l/dc=x"'

    def test_extended_configuration_counts_where_it_is_included(self) -> None:
        text = "primary:\n  configuration: |\n    ssl = on\n{}  extendedConfiguration: |\n    port = 1\n"
        text += "  pgHbaConfiguration: x\n"
        one = site(text.format(""))
        assert [said.kind for said in one.said] == [EXTENDED_IGNORED]
        assert one.said[0].at.source.position(one.said[0].at.span.start)[0] == 4
        one = site(text.format("    include_dir = 'conf.d'\n"))
        assert not one.said
        assert one.files[f"{CONF}/conf.d/override.conf"].text == "port = 1\n"

    def test_older_charts_have_their_values_at_the_top(self) -> None:
        one = site(
            "pgHbaConfiguration: |\n  local all all peer\npostgresqlConfiguration:\n  maxConnections: 10\n  ssl: on\n"
        )
        assert settings(one) == ["max_connections=10", "ssl=true"]
        assert origin(one.files[MAIN], "max_connections") == ("maxConnections", True)
        assert origin(one.files[MAIN], "10") == ("10", True)
        one = site("postgresqlExtendedConf:\n  maxWALSize: '2GB'\n  logConnections: 'on'\n  none:\n")
        assert settings(one)[-2:] == ["max_wal_size=2GB", "log_connections=on"]

    def test_a_config_map_that_exists_is_not_in_view(self) -> None:
        one = site(
            "primary: {existingConfigmap: x, pgHbaConfiguration: ''}\n" + TLS + "auth: {enablePostgresUser: true}"
        )
        assert (one.main, one.hba) == (None, None)

    def test_the_chart_for_high_availability_has_only_its_texts(self) -> None:
        one = site("pgpool: {}\npostgresql:\n  pgHbaConfiguration: |\n    local all all trust\n")
        assert (one.name, one.main, records(one)) == ("values postgresql", None, ["local all all trust"])
        one = site("pgpool: {}\npostgresql:\n  configuration: |\n    ssl = off\n")
        assert (settings(one), one.hba) == (["ssl = off"], None)

    def test_the_image_says_the_version(self) -> None:
        one = site("image: {tag: 16.4.0-debian-12-r9}\npgHbaConfiguration: |\n  local all all peer\n")
        assert one.image.version is not None
        assert one.image.version.text == "16"
        assert site("image: {tag: '{{ .x }}'}\npgHbaConfiguration: x\n").image.version is None

    def test_a_list_in_place_of_a_text_is_told(self) -> None:
        one = site("primary:\n  pgHbaConfiguration:\n    - local all all peer\n")
        assert [(s.kind, s.arguments, s.at.source.position(s.at.span.start)[0]) for s in one.said] == [
            (UNREAD_LAYOUT, {"file": "pg_hba.conf"}, 2)
        ]
        assert one.hba is None

    @pytest.mark.parametrize(
        "text",
        [
            "primary:\n  configuration: |\n    [mysqld]\n    port = 3306\nauth: {postgresPassword: x}\n",
            "primary:\n  configuration: |\n    port = 3306\n",
            "postgresql:\n  auth: {username: app, password: hunter2}\n",
            "tls: {enabled: true, certFilename: x}\nauth: {enabled: true}\n",
            "postgresql: {tls: {enabled: false}}\n",
            "postgresql: {tls: {enabled: '{{ .x }}'}}\n",
            "postgresql: x\n",
            "primary: {pgHbaConfiguration: ''}\n",
        ],
    )
    def test_what_sets_up_nothing_of_ours(self, text: str) -> None:
        assert read(text) == HelmFound()


def image(files: str = "", **variables: str | None) -> Workload:
    """A container of the image with these variables, and files mounted over its configuration, `name=text` each."""
    source = Source("/r/compose.yaml", "\n".join([*(v or "" for v in variables.values()), files]).encode())
    at = Home(source, Span(0, 0), is_users=True)

    def text(word: str) -> Span:
        start = source.text.index(word)
        return Span(start, start + len(word))

    held = {
        name: Variable(written(source, Span(0, 0)), UNKNOWN if value is None else written(source, text(value)))
        for name, value in variables.items()
    }
    mounts = []
    for file in files.split("|") if files else ():
        name, _, contents = file.partition("=")
        mounts.append(Mount(f"/bitnami/postgresql/conf/{name}", None, at, written(source, text(contents))))
    return Workload(at, "compose", "service", "db", None, environment=held, mounts=tuple(mounts))


class TestBitnamisImage:
    def made(self, workload: Workload) -> Site:
        return bitnami_site(workload, Files(("/r",)))

    def test_records_by_environment(self) -> None:
        assert records(self.made(image(POSTGRESQL_PASSWORD=None))) == GENERATED
        trusting = [line.replace("md5", "trust") for line in GENERATED]
        assert records(self.made(image(ALLOW_EMPTY_PASSWORD="yes"))) == trusting
        assert records(self.made(image(POSTGRES_PASSWORD_FILE="/x"))) == GENERATED
        assert self.made(image(POSTGRESQL_ALLOW_REMOTE_CONNECTIONS="no")).hba is None

    def test_a_mounted_pg_hba_conf_is_what_the_server_has(self) -> None:
        one = self.made(
            image("pg_hba.conf=local all all peer", POSTGRESQL_TLS_CA_FILE="/ca", POSTGRESQL_ENABLE_TLS="yes")
        )
        assert records(one) == ["local all all peer"]

    def test_tls_by_environment(self) -> None:
        given = {"POSTGRESQL_ENABLE_TLS": "yes", "POSTGRES_TLS_CERT_FILE": "/c", "POSTGRESQL_TLS_KEY_FILE": "/k"}
        one = self.made(image(**given, POSTGRESQL_PASSWORD="hunter2"))
        assert [line for line in settings(one) if line.startswith("ssl")] == [
            "ssl = 'on'", "ssl_cert_file = '/c'", "ssl_key_file = '/k'",
        ]  # fmt: skip
        assert "hunter2" not in str([made.text for made in one.files.values()])
        one = self.made(image("postgresql.conf=port = 1", **given))
        assert settings(one) == ["port = 1"]
        assert [said.kind for said in one.said] == [TLS_IGNORED]
        assert not any(line.startswith("ssl") for line in settings(self.made(image(POSTGRESQL_ENABLE_TLS="no"))))

    def test_password_encryption_and_flags(self) -> None:
        one = self.made(image("postgresql.conf=port = 1", POSTGRESQL_PASSWORD_ENCRYPTION="md5"))
        assert settings(one) == ["port = 1", "password_encryption = 'md5'"]
        one = self.made(image(POSTGRESQL_EXTRA_FLAGS="-c  ssl=on --log-connections=on -p 1"))
        assert [(a.name, a.value) for a in one.given] == [
            ("config-file", MAIN), ("hba_file", HBA), ("ssl", "on"), ("log-connections", "on"), ("port", "1"),
        ]  # fmt: skip

    def test_replication_and_ldap(self) -> None:
        one = self.made(
            image(POSTGRESQL_REPLICATION_USER="r", POSTGRESQL_ENABLE_LDAP="yes", POSTGRESQL_LDAP_SERVER="l")
        )
        assert records(one)[2] == "host all all 0.0.0.0/0 ldap ldapserver=l"
        assert records(one)[-2:] == ["host replication all 0.0.0.0/0 trust", "host replication all ::/0 trust"]

    def test_a_local_folder_of_configuration(self, tmp_path: Path) -> None:
        (tmp_path / "postgresql.conf").write_text("port = 1\n")
        source = Source(str(tmp_path / "compose.yaml"), b"")
        at = Home(source, Span(0, 0), is_users=True)
        mount = Mount("/bitnami/postgresql/conf", str(tmp_path), at)
        workload = Workload(at, "compose", "service", "db", None, mounts=(mount,))
        one = bitnami_site(workload, Files((str(tmp_path),)))
        assert dict(one.stands)[MAIN] == str(tmp_path / "postgresql.conf")
        assert MAIN not in one.files
        assert records(one) == [line.replace("md5", "trust") for line in GENERATED]

    def test_a_container_of_kubernetes(self) -> None:
        text = (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n"
            "    - {name: b, image: 'bitnami/postgresql:16', env: [{name: POSTGRESQL_PASSWORD, value: x}]}\n"
        )
        (one,) = read_kubernetes([Source("/r/a.yaml", text.encode())], Files(("/r",))).sites
        assert (one.name, records(one)) == ("Pod a", GENERATED)
        assert one.image.version is not None
        assert one.image.version.text == "16"


class TestTextsAtAnyDepth:
    @pytest.mark.parametrize(
        ("key", "role"),
        [
            ("pg_hba", "hba"), ("pg_hba.conf", "hba"), ("pgHba", "hba"), ("pgHbaConfiguration", "hba"),
            ("pg-hba-conf", "hba"), ("PG_HBA", "hba"), ("pg_ident", "ident"), ("pgIdentConf", "ident"),
            ("postgresql.conf", "main"), ("postgresql_conf", "main"), ("postgresqlConfiguration", "main"),
            ("postgresConf", "main"), ("pg_hba_path", None), ("hba", None), ("configuration", None),
        ],
    )  # fmt: skip
    def test_keys(self, key: str, role: str | None) -> None:
        assert role_of_key(key) == role

    @pytest.mark.parametrize(
        ("text", "hba"),
        [
            ("a:\n  b:\n    - c:\n        pg_hba: |\n          local all all trust\n", "local all all trust\n"),
            ("db: {pg_hba.conf: 'local all all trust'}\n", "local all all trust"),
            (
                'db: {pgHba: "local all all trust\\nhost all all all md5"}\n',
                "local all all trust\nhost all all all md5",
            ),
            ("db: {pg_hba: /etc/pg_hba.conf}\n", None),
            ("db: {pg_hba: ''}\n", None),
            ("db: {pg_hba: }\n", None),
            ("db:\n  pg_hba: |\n    {{ .Values.x }}\n", None),
        ],
    )
    def test_a_text_is_a_file(self, text: str, hba: str | None) -> None:
        found = read(text)
        assert [one.files["/pg_hba.conf"].text for one in found.sites] == ([] if hba is None else [hba])
        assert not found.said

    def test_texts_that_stand_together_are_one_server(self) -> None:
        text = (
            "db:\n  pg_hba: |\n    local all all trust\n  postgresql_conf: |\n    ssl = on\n  pg_ident: |\n    a b c\n"
        )
        one = site(text)
        assert (one.name, one.main, one.hba, one.ident) == (
            "values db", "/postgresql.conf", "/pg_hba.conf", "/pg_ident.conf",
        )  # fmt: skip
        assert origin(one.files["/pg_ident.conf"], "b") == ("b", True)

    @pytest.mark.parametrize(
        ("text", "line", "file"),
        [
            ("postgresql:\n  pg_hba:\n    - local all all trust\n", 2, "pg_hba.conf"),
            ("a: {pg_hba: {first: local all all trust}}\n", 1, "pg_hba.conf"),
            ("\npg_ident: [x]\npg_hba: []\n", 2, "pg_ident.conf"),
            ("postgresql_conf: {max_connections: 100}\n", 1, "postgresql.conf"),
            ("apiVersion: db.example.org/v1\nkind: Server\nspec: {postgresql: {pg_hba: [x]}}\n", 3, "pg_hba.conf"),
            ("apiVersion: x.io/v1\nkind: X\nspec:\n  pg_hba: |\n    local all all trust\n", 4, "pg_hba.conf"),
        ],
    )
    def test_a_layout_that_is_not_known_is_told(self, text: str, line: int, file: str) -> None:
        found = read(text)
        assert not found.sites
        assert [(s.kind, s.arguments["file"], s.at.source.position(s.at.span.start)[0]) for s in found.said] == [
            (UNREAD_LAYOUT, file, line)
        ]

    @pytest.mark.parametrize(
        "text",
        [
            "postgresql_conf: {host: db, port: 5432, ssl: true}\n",
            "services:\n  db: {image: postgres, pg_hba: [x]}\n",
            "apiVersion: apps/v1\nkind: Deployment\nspec: {pg_hba: [x]}\n",
            "apiVersion: v1\nkind: ConfigMap\ndata: {pg_hba: |-\n  x}\n",
            "- pg_hba\n",
            "pg_hba\n",
            "",
        ],
    )
    def test_what_is_for_others_is_left_alone(self, text: str) -> None:
        assert read(text) == HelmFound()

    def test_the_same_is_told_once(self) -> None:
        assert len(read("".join(f"a{n}: {{pg_hba: [x]}}\n" for n in range(9))).said) == 1

    def test_of_many_servers_some_are_looked_at(self) -> None:
        text = "".join(f"a{n}: {{pg_hba: 'local all all trust'}}\n" for n in range(MAX_SERVERS + 2))
        found = read(text)
        assert len(found.sites) == MAX_SERVERS
        assert [(s.kind, s.at.source.position(s.at.span.start)[0]) for s in found.said] == [
            (MORE_SERVERS, MAX_SERVERS + 1)
        ]

    def test_what_stands_under_a_condition_may_be(self) -> None:
        text = (
            "{{ if .x }}\na:\n  pg_hba: |\n    local all all trust\n{{ end }}\nb:\n  pg_hba: |\n    local all all md5\n"
        )
        assert [one.may_be for one in read(text).sites] == [True, False]


RELEASE = """apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: db}
spec:
  chart: {spec: {chart: CHART}}
  values:
"""
APPLICATION = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: db}
spec:
  source:
    chart: postgresql
    helm:
"""
VALUES = "primary:\n  pgHbaConfiguration: |\n    local all all trust\n    host all all all md5\n"


def indented(text: str, by: int) -> str:
    return "".join(" " * by + line + "\n" for line in text.splitlines())


class TestFluxAndArgo:
    def test_a_helm_release(self) -> None:
        one = site(RELEASE + indented(VALUES, 4))
        assert (one.name, records(one)[1]) == ("HelmRelease db", "host all all all md5")
        assert read(RELEASE.replace("  values:\n", "")) == HelmFound()

    def test_the_name_of_the_chart_tells_what_values_are(self) -> None:
        values = indented(TLS, 4)
        assert site(RELEASE.replace("CHART", "postgresql") + values).main == MAIN
        assert read(RELEASE.replace("CHART", "redis") + values) == HelmFound()

    def test_values_as_an_object(self) -> None:
        one = site(APPLICATION + "      valuesObject:\n" + indented(VALUES, 8))
        assert (one.name, len(records(one))) == ("Application db", 2)

    @pytest.mark.parametrize("style", ["|", "|-", ">", "double", "single"])
    def test_values_as_a_text_lead_home_through_both(self, style: str) -> None:
        match style:
            case "double":
                value = '"' + VALUES.replace("\n", "\\n") + '"\n'
            case "single":
                value = "'primary: {pgHbaConfiguration: \"local all all trust\\nhost all all all md5\"}'\n"
            case ">":
                value = ">\n" + indented(VALUES.replace("\n", "\n\n"), 8)
            case _:
                value = f"{style}\n" + indented(VALUES, 8)
        text = APPLICATION + "      values: " + value
        one = site(text)
        made = one.files[HBA]
        assert records(one) == ["local all all trust", "host all all all md5"]
        home = made.home(Span(made.text.index("md5"), made.text.index("md5") + 3))
        assert (home.source.path, home.is_users) == ("/r/values.yaml", True)
        assert home.source.text[slice(*home.span)] == "md5"
        assert home.span.start == text.rindex("md5")
        assert not isinstance(home.source, Virtual)

    def test_several_sources_and_sets(self) -> None:
        spec = "  sources:\n    - chart: x\n    - chart: postgresql\n      helm:\n        values: |\n"
        text = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n" + spec
        assert len(read(text + indented(VALUES, 10)).sites) == 1
        text = text.replace("kind: Application", "kind: ApplicationSet").replace(
            "spec:\n", "spec:\n template:\n  spec:\n", 1
        )
        assert len(read(text.replace(spec, indented(spec, 2)) + indented(VALUES, 12)).sites) == 1

    def test_values_that_are_no_yaml_are_told_in_their_place(self) -> None:
        found = read(APPLICATION + "      values: |\n        a: b\n        c: d: e\n")
        (said,) = found.said
        assert said.kind == INNER_UNREADABLE
        assert said.at.source.path == "/r/values.yaml"
        assert said.at.source.position(said.at.span.start)[0] >= 9


class TestHostileInput:
    @pytest.mark.parametrize("value", ["x", "[]", "{}", "null", "[[x]]", "{a: {b: [c]}}", "1", "on", "|\n  x", "!x y"])
    @pytest.mark.parametrize(
        "path",
        ["primary", "primary.configuration", "primary.pgHbaConfiguration", "primary.extendedConfiguration", "tls",
         "tls.enabled", "tls.certFilename", "tls.certCAFilename", "auth", "ldap", "ldap.enabled", "ldap.port",
         "image", "image.tag", "image.repository", "architecture", "replication", "postgresqlConfiguration",
         "postgresqlExtendedConf", "pgHbaConfiguration", "pgpool", "postgresql", "auth.username"],
    )  # fmt: skip
    def test_anything_may_stand_anywhere(self, path: str, value: str) -> None:
        keys = path.split(".")
        lines = "\n".join(f"{'  ' * depth}{key}:" for depth, key in enumerate(keys))
        for more in ("", "pg_hba: [x]\n", TLS, "ldap: {enabled: on}\n"):
            read(f"{more}{lines} {value}\n")
            read(RELEASE.replace("CHART", "postgresql") + indented(f"{more}{lines} {value}", 4))

    @pytest.mark.parametrize(
        "key", ["spec", "source", "helm", "values", "sources", "template", "valuesObject", "chart"]
    )
    def test_anything_may_stand_in_objects(self, key: str) -> None:
        for value in ("x", "[]", "[x]", "{x: y}", "null", "'a: b: c'", "'[[['"):
            for text in (RELEASE + "    {}\n", APPLICATION + "      values: x\n"):
                lines = text.splitlines()
                changed = [
                    line.partition(f"{key}:")[0] + f"{key}: {value}" if f"{key}:" in line else line for line in lines
                ]
                read("\n".join(changed))

    @pytest.mark.parametrize(
        "text", ["\0", "a: b: c", "[" * 20_000, "{" * 20_000, "\ud800", "- " * 20_000, "? " * 9999]
    )
    def test_what_is_no_yaml_says_nothing(self, text: str) -> None:
        assert read_values(Source("/r/a.yaml", text.encode("utf-8", "surrogatepass")), Files(("/r",))) == HelmFound()

    def test_time_is_linear(self) -> None:
        def spent(count: int) -> float:
            text = "".join(
                f"a{n}:\n  primary:\n    pgHbaConfiguration: |\n      local all all md5\n" for n in range(count)
            )
            started = process_time()
            read(text)
            read(RELEASE + indented(text, 4))
            read(APPLICATION + "      values: |\n" + indented(text, 8))
            return process_time() - started

        small = max(spent(100), 0.02)
        assert spent(400) < 16 * small


BITNAMI = (
    "services:\n  db:\n    image: bitnami/postgresql:16\n    environment: {POSTGRESQL_PASSWORD: x}\n"
    "    ports: ['5432:5432']\n    volumes:\n"
)


@pytest.mark.parametrize("folder", ["/bitnami/postgresql/conf", "/opt/bitnami/postgresql/conf"])
def test_files_in_either_folder_of_the_image_are_those_of_the_server(folder: str, tmp_path: Path) -> None:
    mounts = f"      - ./hba.conf:{folder}/pg_hba.conf\n      - ./tls.conf:{folder}/conf.d/tls.conf\n"
    lay(
        tmp_path,
        {"compose.yaml": BITNAMI + mounts, "hba.conf": "host all all 0.0.0.0/0 trust\n", "tls.conf": "ssl = x\n"},
    )
    found = {(one.rule, Path(one.at.path).name) for one in judged(tmp_path).open_findings}
    assert {("PGS534", "hba.conf"), ("PGS040", "tls.conf")} <= found


def test_a_folder_of_further_settings_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    mounts = "      - ./conf.d:/bitnami/postgresql/conf/conf.d\n"
    files = {"compose.yaml": BITNAMI + mounts, "conf.d/b.conf": "port = 5433", "conf.d/a.conf": "port = 5432\n"}
    lay(tmp_path, {**files, "conf.d/c.txt": "port = 5434\n"})
    assert "PGS809" in {one.rule for one in judged(tmp_path).open_findings}
    (tmp_path / "conf.d/b.conf").unlink()
    assert "PGS809" not in {one.rule for one in judged(tmp_path).open_findings}
