"""Manifests of Kubernetes: which files a server gets, with which mode and owner, and who reaches it.

Each row of the facts about files, modes, environment, commands, Services and what is encrypted has its example here.
"""

import base64
from itertools import accumulate
from pathlib import Path
from random import Random
from time import process_time
from typing import NamedTuple

import pytest

from pgssllint.files import Files
from pgssllint.sources.images import Family
from pgssllint.sources.kinds import MODE_NO_NUMBER, MODE_TOO_LARGE, NOT_A_LIST, NOT_A_STRING, NOT_BASE64, PRIVATE_KEY
from pgssllint.sources.kubernetes import MAX_SERVERS, family, gathered, is_server, read_kubernetes
from pgssllint.sources.kubernetes_pods import MAX_EXPANDED
from pgssllint.sources.manifests import MORE_SERVERS, UNREADABLE
from pgssllint.sources.roles import role_of
from pgssllint.sources.site import Site
from pgssllint.sources.workload import Mount, Reach, Said, Workload
from pgssllint.text import Source, Span
from pgssllint.traced import Traced, Virtual
from pgssllint.unknown import UNKNOWN
from tests.support.yaml_scalars import STYLES, draw

KEY = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"
SECRET_WORDS = ("hunter2", "c2VjcmV0")


class Read(NamedTuple):
    """The containers that run servers, the servers of texts that nobody mounts, and what is said."""

    workloads: tuple[Workload, ...]
    sites: tuple[Site, ...]
    said: tuple[Said, ...]


def read(*texts: str, folder: Path | None = None) -> Read:
    root = str(folder or "/r")
    sources = [Source(f"{root}/{number}.yaml", text.encode()) for number, text in enumerate(texts)]
    found = read_kubernetes(sources, Files((root,)))
    loose = tuple(site for site in found.sites if site.workload is None)
    workloads = gathered(sources, Files((root,))).workloads
    return Read(workloads, loose, (*(said for one in workloads for said in one.said), *found.said))


def sites(*texts: str) -> tuple[Site, ...]:
    sources = [Source(f"/r/{number}.yaml", text.encode()) for number, text in enumerate(texts)]
    return read_kubernetes(sources, Files(("/r",))).sites


def indented(text: str, by: int) -> str:
    return "".join(" " * by + line + "\n" if line else "\n" for line in text.splitlines())


def pod(spec: str = "", container: str = "", *, image: str = "postgres:16", kind: str = "StatefulSet") -> str:
    """A StatefulSet with one container; `spec` is more of its Pod, `container` more of that."""
    return (
        f"---\napiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: db}}\nspec:\n  template:\n"
        f"    metadata: {{labels: {{app: db, tier: back}}}}\n    spec:\n{indented(spec, 6)}"
        f"      containers:\n        - name: pg\n          image: {image}\n{indented(container, 10)}"
    )


def config(kind: str = "ConfigMap", more: str = "", *, section: str = "data", name: str = "conf") -> str:
    return f"---\napiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}}}\n{section}:\n{indented(more, 2)}"


def workload(*texts: str) -> Workload:
    (found,) = read(*texts).workloads
    return found


def mounts(*texts: str) -> dict[str, Mount]:
    return {mount.server: mount for mount in workload(*texts).mounts}


def text(mount: Mount) -> str | None:
    return mount.contents.text if mount.contents is not None else None


def word(value: object) -> str:
    assert isinstance(value, Traced)
    return value.text


def kinds(found: Read) -> list[str]:
    return [said.kind for said in found.said]


VOLUME = "volumes:\n  - name: v\n    {}: {}\n"
MOUNT = "volumeMounts:\n  - {{name: v, mountPath: /etc/pg{}}}\n"
SECRET = config("Secret", "server.key: a2V5\nserver.crt: Y3J0", name="tls")


def volume(kind: str, options: str, mounted: str = "", spec: str = "") -> str:
    return pod(spec + VOLUME.format(kind, "{" + options + "}"), MOUNT.format(mounted))


class TestFilesOfVolumes:
    def test_each_key_is_a_file_named_like_it_owned_by_root_and_readable_by_all(self) -> None:
        found = mounts(volume("secret", "secretName: tls"), SECRET)
        assert {server: (text(m), m.mode, m.uid, m.gid, m.read_only) for server, m in found.items()} == {
            "/etc/pg/server.key": ("key", 0o644, 0, 0, True),
            "/etc/pg/server.crt": ("crt", 0o644, 0, 0, True),
        }

    @pytest.mark.parametrize(
        ("options", "modes"),
        [
            ("defaultMode: 0600", {"server.key": 0o600, "server.crt": 0o600}),
            ("defaultMode: 384", {"server.key": 0o600, "server.crt": 0o600}),
            ("defaultMode: 0600, items: [{key: server.key, path: server.key}]", {"server.key": 0o600}),
            ("defaultMode: 0600, items: [{key: server.key, path: a/b.key, mode: 0400}]", {"a/b.key": 0o400}),
            ("items: [{key: server.key, path: k, mode: 256}, {key: server.crt, path: c}]", {"k": 0o400, "c": 0o644}),
        ],
    )
    def test_default_mode_items_and_their_modes(self, options: str, modes: dict[str, int]) -> None:
        found = mounts(volume("secret", f"secretName: tls, {options}"), SECRET)
        assert {server: m.mode for server, m in found.items()} == {f"/etc/pg/{k}": v for k, v in modes.items()}

    @pytest.mark.parametrize(
        ("written", "kind"),
        [('"0600"', MODE_NO_NUMBER), ("'384'", MODE_NO_NUMBER), ("600", MODE_TOO_LARGE), ("512", MODE_TOO_LARGE),
         ("511", None), ("0777", None), ("0600", None), ("'{{ .mode }}'", None)],
    )  # fmt: skip
    def test_modes_that_the_api_refuses(self, written: str, kind: str | None) -> None:
        for option in (f"defaultMode: {written}", f"items: [{{key: server.key, path: k, mode: {written}}}]"):
            found = workload(volume("secret", f"secretName: tls, {option}"), SECRET)
            assert [said.kind for said in found.said] == ([kind] if kind else [])
            if kind is not None or "{{" in written:
                assert {m.mode for m in found.mounts} == {None}

    @pytest.mark.parametrize(("mode", "after"), [("0600", 0o640), ("0400", 0o440), ("0644", 0o644), ("0640", 0o640)])
    def test_fs_group_owns_the_files_and_reads_them(self, mode: str, after: int) -> None:
        spec = "securityContext: {fsGroup: 999, runAsUser: 999, runAsGroup: 998, supplementalGroups: [5]}\n"
        text_of_pod = volume("secret", f"secretName: tls, defaultMode: {mode}", spec=spec)
        found = workload(text_of_pod, SECRET)
        assert {(m.mode, m.uid, m.gid) for m in found.mounts} == {(after, 0, 999)}
        assert found.groups == (999, 5)
        assert word(found.user) == "999:998"

    def test_the_user_of_the_container_goes_before_that_of_the_pod(self) -> None:
        spec = "securityContext: {runAsUser: 1, runAsGroup: 2}"
        assert word(workload(pod(spec, "securityContext: {runAsUser: 70}")).user) == "70:2"
        assert word(workload(pod("securityContext: {runAsUser: 1}")).user) == "1"
        assert workload(pod()).user is None

    def test_sub_path_mounts_one_key_at_one_path(self) -> None:
        one = config(more="pg_hba.conf: local all all peer\npostgresql.conf: ssl = on")
        found = mounts(volume("configMap", "name: conf", "/x.conf, subPath: pg_hba.conf"), one)
        assert {server: text(m) for server, m in found.items()} == {"/etc/pg/x.conf": "local all all peer"}
        items = "name: conf, items: [{key: pg_hba.conf, path: d/hba}]"
        assert list(mounts(volume("configMap", items, ", subPath: d"), one)) == ["/etc/pg/hba"]
        found = mounts(volume("configMap", "name: conf", ", subPath: other"), one)
        assert {server: text(m) for server, m in found.items()} == {"/etc/pg": None}

    def test_projected_volumes_hold_several(self) -> None:
        sources = "defaultMode: 0440, sources: [{secret: {name: tls, items: [{key: server.key, path: k}]}}, "
        sources += "{configMap: {name: conf}}, {serviceAccountToken: {path: t}}]"
        found = mounts(volume("projected", sources), SECRET, config(more="a: b"))
        assert {server: (text(m), m.mode) for server, m in found.items()} == {
            "/etc/pg/k": ("key", 0o440),
            "/etc/pg/a": ("b", 0o440),
        }

    def test_volumes_that_are_empty_at_first(self) -> None:
        for spec in (VOLUME.format("emptyDir", "{}"), VOLUME.format("persistentVolumeClaim", "{claimName: x}")):
            (mount,) = mounts(pod(spec, MOUNT.format(""))).values()
            assert (mount.is_volume, mount.local, mount.contents) == (True, None, None)
        claims = "  volumeClaimTemplates:\n    - metadata: {name: v}\n"
        (mount,) = mounts(pod("", MOUNT.format("")) + claims).values()
        assert mount.is_volume

    def test_what_is_not_in_view_is_nothing_that_is_missing(self) -> None:
        for spec in (VOLUME.format("secret", "{secretName: x}"), VOLUME.format("hostPath", "{path: /x}"), ""):
            (mount,) = mounts(pod(spec, MOUNT.format(", readOnly: true"))).values()
            assert (mount.server, mount.local, mount.contents, mount.mode, mount.is_volume, mount.read_only) == (
                "/etc/pg", None, None, 0o644 if "secretName" in spec else None, False, True,
            )  # fmt: skip

    def test_items_of_a_secret_that_is_not_in_view_have_their_modes(self) -> None:
        options = "secretName: x, items: [{key: a, path: server.key, mode: 0400}]"
        (mount,) = mounts(volume("secret", options)).values()
        assert (mount.server, mount.contents, mount.mode) == ("/etc/pg/server.key", None, 0o400)


class TestTexts:
    def test_strings_alone_may_stand_in_a_config_map(self) -> None:
        values = "a: on\nb: 1\nc:\nd: 1.5\ne: [x]\nf: y\ng: 1e3\nh: 'on'\ni: word\nj: !!str 1\nk: |\n  1\nl: 10:30"
        found = read(volume("configMap", "name: conf"), config(more=values))
        assert [(said.kind, said.arguments["key"]) for said in found.said] == [(NOT_A_STRING, key) for key in "abcdefg"]
        (one,) = found.workloads
        held = {m.server[-1]: text(m) for m in one.mounts}
        assert {key for key, value in held.items() if value is None} == set("abcdefg")
        assert (held["h"], held["j"], held["k"]) == ("on", "1", "1\n")

    def test_base64_leads_to_the_scalar(self) -> None:
        encoded = base64.b64encode(b"ssl = on\n").decode()
        one = config("Secret", f"postgresql.conf: |\n  {encoded[:5]}\n  {encoded[5:]}")
        (site,) = read(one).sites
        made = site.files["/postgresql.conf"]
        assert made.text == "ssl = on\n"
        home = made.home(made.line_span(1))
        assert home.source.position(home.span.start)[0] == one[: one.index("|")].count("\n") + 1

    def test_string_data_beats_data_and_binary_data_is_base64(self) -> None:
        one = config("Secret", "a: eA==") + "stringData:\n  a: z\n"
        assert text(mounts(volume("secret", "secretName: conf"), one)["/etc/pg/a"]) == "z"
        one = config(more="a: eA==", section="binaryData")
        assert text(mounts(volume("configMap", "name: conf"), one)["/etc/pg/a"]) == "x"

    def test_what_is_no_base64_is_refused(self) -> None:
        found = read(volume("secret", "secretName: conf"), config("Secret", "a: '-----BEGIN'\nb: e A=="))
        assert kinds(found) == [NOT_BASE64, NOT_BASE64]

    @pytest.mark.parametrize(
        "text",
        [
            config("Secret", "pg_hba.conf: ENC[AES256_GCM,data:x,type:str]") + "sops: {version: 3}\n",
            config(more="pg_hba.conf: ENC[AES256_GCM,data:x,type:str]"),
            config(more="pg_hba.conf: 1") + "sops: {version: 3}\n",
            config(more="pg_hba.conf: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162"),
            config(more="pg_hba.conf: |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162"),
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: conf}\n"
            "spec:\n  encryptedData:\n    pg_hba.conf: AgB\n",
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: x}\n"
            "spec:\n  target: {name: conf}\n  data: [{secretKey: pg_hba.conf}]\n",
        ],
    )
    def test_what_is_encrypted_is_not_in_view(self, text: str) -> None:
        kind = "secret" if "Secret" in text else "configMap"
        name = "secretName" if kind == "secret" else "name"
        found = read(text, volume(kind, f"{name}: conf"))
        assert not found.sites
        assert not found.said
        (one,) = found.workloads
        assert all(m.contents is None for m in one.mounts)

    def test_namespaces_count(self) -> None:
        def there(namespace: str, value: str) -> str:
            return config(more=f"a: {value}").replace("{name: conf}", f"{{name: conf, namespace: {namespace}}}")

        own = volume("configMap", "name: conf").replace("{name: db}", "{name: db, namespace: x}")
        assert text(mounts(own, there("x", "1x"), there("y", "1y"))["/etc/pg/a"]) == "1x"
        assert list(mounts(own, there("y", "1y"))) == ["/etc/pg"]
        assert text(mounts(own, config(more="a: b"))["/etc/pg/a"]) == "b"

    def test_of_several_that_are_called_alike_the_nearest_counts(self) -> None:
        def there(value: str) -> str:
            return config(more=f"a: {value}")

        own = volume("configMap", "name: conf")
        assert text(mounts(own + there("1x"), there("2x"))["/etc/pg/a"]) == "1x"
        assert list(mounts(own, there("1x"), there("2x"))) == ["/etc/pg"]
        near, far = Source("/r/a/x.yaml", there("1x").encode()), Source("/r/b/x.yaml", there("2x").encode())
        found = gathered([near, far, Source("/r/b/pod.yaml", own.encode())], Files(("/r",)))
        assert [text(m) for m in found.workloads[0].mounts] == ["2x"]

    def test_lists_of_objects(self) -> None:
        one = config(more="pg_hba.conf: local all all trust").removeprefix("---\n")
        found = read(f"apiVersion: v1\nkind: List\nitems:\n  -\n{indented(one, 4)}")
        assert [site.name for site in found.sites] == ["ConfigMap conf"]


class TestLooseTexts:
    def test_what_nobody_mounts_is_a_server_of_its_own(self) -> None:
        one = config(
            more="postgresql.conf: |\n  ssl = on\npg_hba.conf: |\n  local all all peer\npg_ident.conf: ''\nx: y"
        )
        (site,) = read(one).sites
        assert (site.name, site.main, site.hba, site.ident) == (
            "ConfigMap conf", "/postgresql.conf", "/pg_hba.conf", "/pg_ident.conf",
        )  # fmt: skip
        made = site.files["/pg_hba.conf"]
        at = made.home(made.line_span(1)).span
        assert (made.text, one[at.start : at.end]) == ("local all all peer\n", "local all all peer")

    def test_the_main_file_says_where_the_others_stand(self) -> None:
        conf = "postgresql.conf: |\n  hba_file = '/etc/pg/hba'\n  HBA_FILE '/etc/pg/x.conf'\n  #ident_file = '/a'\n"
        (site,) = read(config(more=conf + "pg_hba.conf: local all all trust\npg_ident.conf: a b c\n")).sites
        assert (site.hba, site.ident, site.data_directory) == ("/etc/pg/x.conf", "/pg_ident.conf", "/")
        assert site.files["/etc/pg/x.conf"].text == "local all all trust"

    def test_several_main_files_are_several_servers(self) -> None:
        one = config(more="replica-postgresql.conf: ssl = off\npostgresql.conf: ssl = on\npg_hba.conf: ''")
        found = [(site.name, site.main, site.hba) for site in read(one).sites]
        assert found == [
            ("ConfigMap conf", "/postgresql.conf", "/pg_hba.conf"),
            ("ConfigMap conf (2)", "/replica-postgresql.conf", None),
        ]

    def test_texts_that_helm_has_yet_to_write_are_none(self) -> None:
        one = config(more="postgresql.conf: |\n  {{- tpl .Values.conf . | nindent 4 }}\npg_hba.conf: ''")
        (site,) = read(one).sites
        assert (site.main, site.hba) == (None, "/pg_hba.conf")

    def test_what_stands_under_a_condition_may_be(self) -> None:
        one = config(more="pg_hba.conf: local all all trust").removeprefix("---\n")
        assert [site.may_be for site in read(one, "{{ if .x }}\n" + one + "{{ end }}\n").sites] == [False, True]

    def test_other_texts_are_none(self) -> None:
        assert not read(config(more="pgbouncer.conf: x\napp.conf: x\npostgresql.auto.conf: x\nPG_HBA: x")).sites

    @pytest.mark.parametrize(
        ("name", "role"),
        [
            ("pg_hba.conf", "hba"), ("prod-pg_hba.conf", "hba"), ("pg_hba.replica.conf", "hba"), ("pghba.conf", "hba"),
            ("pg_ident.conf", "ident"), ("postgresql.conf", "main"), ("postgres.conf", "main"),
            ("postgresql-security.conf", "main"), ("postgresql.auto.conf", None), ("hba.conf", None),
            ("pgbouncer.conf", None), ("pg_hba", None), ("recovery.conf", None), ("postgresql.conf.sample", None),
        ],
    )  # fmt: skip
    def test_names_of_files(self, name: str, role: str | None) -> None:
        assert role_of(name) == role


class TestContainers:
    def test_args_and_command(self) -> None:
        def words(container: str) -> tuple[object, object]:
            one = workload(pod("", container))
            return tuple(  # type: ignore[return-value]
                [word(w) for w in got] if isinstance(got, tuple) else got for got in (one.entrypoint, one.command)
            )

        assert words("") == (None, None)
        assert words("args: [-c, ssl=on]") == (None, ["-c", "ssl=on"])
        assert words("command: [postgres, -c, ssl=on]") == (["postgres", "-c", "ssl=on"], [])
        assert words("command: [docker-entrypoint.sh]\nargs: [postgres]") == (["docker-entrypoint.sh"], ["postgres"])
        assert words("args: {{ .Values.args }}") == (None, UNKNOWN)

    def test_variables_are_expanded_in_words_and_variables(self) -> None:
        env = "env:\n  - {name: A, value: 'on'}\n  - {name: B, value: 'x$(A)y'}\n"
        env += "  - {name: C, valueFrom: {fieldRef: {}}}\n"
        args = "args: [-c, ssl=$(A), $(B), $$(A), $(NONE), $A, $, '$(A', $(C), $$$(A)]"
        one = workload(pod("", env + args))
        assert isinstance(one.command, tuple)
        assert [w.text for w in one.command] == [
            "-c", "ssl=on", "xony", "$(A)", "$(NONE)", "$A", "$", "$(A", "$(C)", "$on",
        ]  # fmt: skip
        assert [w.is_known for w in one.command] == [True] * 8 + [False, True]

    def test_an_expanded_character_leads_to_where_it_was_written(self) -> None:
        source = pod("", "env:\n  - {name: A, value: scram}\nargs: ['-m=$(A)$$']")
        one = workload(source)
        assert isinstance(one.command, tuple)
        runs = one.command[0].runs
        at = [0, *accumulate(run.length for run in runs)]
        pieces = [(one.command[0].text[a:b], source[r.span.start : r.span.end]) for a, b, r in zip(at, at[1:], runs)]  # noqa: B905
        assert pieces == [("-m=", "-m="), ("scram", "scram"), ("$", "$")]

    def test_expansion_has_bounds(self) -> None:
        env = "env:\n  - {name: A0, value: aaaaaaaa}\n"
        env += "".join(f"  - {{name: A{n + 1}, value: $(A{n})$(A{n})}}\n" for n in range(40))
        one = workload(pod("", env + "args: [$(A40)]"))
        assert all(len(word(v.value)) <= MAX_EXPANDED + 100 for v in one.environment.values())
        assert isinstance(one.command, tuple)
        assert not one.command[0].is_known

    def test_environment_from_config_maps_and_secrets(self) -> None:
        container = (
            "envFrom:\n  - configMapRef: {name: conf}\n  - {prefix: P_, secretRef: {name: s}}\n"
            "env:\n  - {name: B, value: mine}\n  - {name: E, valueFrom: {configMapKeyRef: {name: conf, key: A}}}\n"
            "  - {name: F, valueFrom: {secretKeyRef: {name: gone, key: A}}}\n  - {name: G}\n"
        )
        texts = config(more="POSTGRES_HOST_AUTH_METHOD: trust\nA: 1a\nB: 2b"), config("Secret", "X: eA==", name="s")
        found = workload(pod("", container), *texts).environment
        assert {name: v.value.text if isinstance(v.value, Traced) else None for name, v in found.items()} == {
            "POSTGRES_HOST_AUTH_METHOD": "trust", "A": "1a", "B": "mine", "P_X": "x", "E": "1a", "F": None, "G": "",
        }  # fmt: skip
        at = found["POSTGRES_HOST_AUTH_METHOD"].name.home()
        assert at is not None
        assert at.source.text[slice(*at.span)] == "POSTGRES_HOST_AUTH_METHOD"

    @pytest.mark.parametrize(
        ("container", "texts", "complete"),
        [
            ("", [], True),
            ("env: [{name: A, valueFrom: {secretKeyRef: {name: gone, key: x}}}]", [], True),
            ("envFrom: [{configMapRef: {name: conf}}]", [config(more="A: b")], True),
            ("envFrom: [{configMapRef: {name: conf}}]", [], False),
            ("envFrom: [{secretRef: {name: conf}}]", [config("Secret", "A: Yg==") + "sops: {}\n"], False),
            ("envFrom: [{configMapRef: {name: conf}}]", [config(more="{{ toYaml .x | nindent 2 }}\nA: b")], False),
            ("env: {{ .x }}", [], False),
        ],
    )
    def test_whether_all_variables_are_in_view(self, container: str, texts: list[str], complete: bool) -> None:
        assert workload(pod("", container), *texts).is_environment_complete is complete

    def test_values_that_are_no_strings_are_refused(self) -> None:
        one = workload(pod("", "env:\n  - {name: A, value: on}\n  - {name: B, value: 'on'}\nargs: [-p, 5433]"))
        assert [(s.kind, s.arguments["key"]) for s in one.said] == [(NOT_A_STRING, "A"), (NOT_A_STRING, "args")]
        assert [s.kind for s in workload(pod("", "args: -c ssl=on")).said] == [NOT_A_LIST]

    @pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"])
    def test_kinds_that_make_pods(self, kind: str) -> None:
        assert workload(pod(kind=kind)).kind == kind

    def test_pods_and_cron_jobs(self) -> None:
        spec = "containers: [{name: pg, image: postgres}, {name: x, image: busybox}]"
        assert workload(f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{{spec}}}").name == "a/pg"
        cron = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\n"
        cron += f"spec: {{jobTemplate: {{spec: {{template: {{spec: {{{spec}}}}}}}}}}}"
        assert workload(cron).kind == "CronJob"

    @pytest.mark.parametrize(
        ("container", "image", "runs"),
        [
            ("", "postgres:16", True),
            ("", "busybox", False),
            ("", "bitnami/postgresql", True),
            ("args: [-c, ssl=on]", "postgres", True),
            ("command: [postgres]", "postgres", True),
            ("command: [psql, -U, postgres]", "postgres", False),
            ("command: [pg_dump]\nargs: [postgres]", "postgres", False),
            ("command: [sh, -c, 'pg_isready -U postgres && psql']", "postgres", False),
            ("command: [sh, -c, 'cp /a /b && exec docker-entrypoint.sh postgres']", "postgres", True),
            ("command: [sh, -c, 'exec gosu postgres postgres -D /x']", "postgres", True),
            ("command: [sh, -c, 'psql -U postgres']", "bitnami/postgresql", False),
            ("args: [psql]", "bitnami/postgresql", False),
            ("command: [/opt/bitnami/scripts/postgresql/entrypoint.sh]", "bitnami/postgresql", True),
            ("args: {{ .x }}", "postgres", True),
        ],
    )
    def test_which_containers_run_a_server(self, container: str, image: str, runs: bool) -> None:
        found = read(pod("", container, image=image))
        assert bool(found.workloads) is runs
        assert bool(sites(pod("", container, image=image))) is runs

    def test_a_server_of_an_image_that_is_not_known_has_what_is_mounted(self) -> None:
        one = config(more="pg_hba.conf: local all all trust\nmain.conf: ssl = on")
        container = "args: [-c, config_file=/etc/pg/main.conf]\n" + MOUNT.format("")
        text_of_pod = pod(VOLUME.format("configMap", "{name: conf}"), container)
        (site,) = sites(text_of_pod.replace("postgres:16", "corp/db:1"), one)
        assert not sites(text_of_pod.replace("postgres:16", "corp/pgbouncer:1"), one)[0].given
        assert (site.main, site.hba, site.files["/etc/pg/main.conf"].text) == (
            "/etc/pg/main.conf", "/etc/pg/pg_hba.conf", "ssl = on",
        )  # fmt: skip
        assert [(given.name, given.value) for given in site.given] == [("config_file", "/etc/pg/main.conf")]
        assert isinstance(site.files["/etc/pg/main.conf"], Virtual)

    def test_what_a_server_mounts_is_none_of_its_own(self) -> None:
        one = config(more="pg_hba.conf: local all all trust\npostgresql.conf: ssl = on")
        found = read(volume("configMap", "name: conf, items: [{key: pg_hba.conf, path: x}]"), one)
        assert not found.sites


def services(*specs: str) -> str:
    return "".join(f"---\napiVersion: v1\nkind: Service\nmetadata: {{name: s}}\nspec: {{{spec}}}\n" for spec in specs)


class TestReach:
    PORTS = "ports: [{containerPort: 5432, name: pg}]"

    @pytest.mark.parametrize(
        ("spec", "ports"),
        [
            ("ports: [{port: 5432}]", [(5432, None, Reach.NETWORK)]),
            ("type: ClusterIP, ports: [{port: 1, targetPort: pg}]", [(5432, None, Reach.NETWORK)]),
            ("type: NodePort, ports: [{port: 5432, nodePort: 30000}]", [(5432, 30000, Reach.EVERYWHERE)]),
            ("type: NodePort, ports: [{port: 5432}]", [(5432, None, Reach.EVERYWHERE)]),
            ("type: LoadBalancer, ports: [{port: 6, targetPort: 5432}]", [(5432, 6, Reach.EVERYWHERE)]),
            ("type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8], ports: [{port: 5432}]",
             [(5432, 5432, Reach.UNKNOWN)]),
            ("externalIPs: [192.0.2.1], ports: [{port: 5432}]", [(5432, 5432, Reach.EVERYWHERE)]),
            ("type: ExternalName, ports: [{port: 5432}]", [(5432, None, Reach.NETWORK)]),
            ("type: LoadBalancer, ports: [{port: 1, targetPort: metrics}]", [(5432, None, Reach.NETWORK)]),
            ("type: '{{ .type }}', ports: [{port: '{{ .port }}'}]",
             [(None, None, Reach.UNKNOWN), (5432, None, Reach.NETWORK)]),
        ],
    )  # fmt: skip
    def test_services(self, spec: str, ports: list[tuple[int | None, int | None, Reach]]) -> None:
        one = workload(pod("", self.PORTS), services("selector: {app: db}, " + spec))
        assert [(p.target, p.published, p.reach) for p in one.ports] == ports

    def test_a_service_leads_to_pods_with_all_its_labels(self) -> None:
        ports = "type: NodePort, ports: [{port: 5432}]"
        for selector, reach in [
            ("{app: db, tier: back}", Reach.EVERYWHERE),
            ("{app: db, tier: front}", Reach.NETWORK),
            ("{}", Reach.NETWORK),
        ]:
            one = workload(pod("", self.PORTS), services(f"selector: {selector}, {ports}"))
            assert [p.reach for p in one.ports] == [reach]
        elsewhere = services(f"selector: {{app: db}}, {ports}").replace("name: s", "name: s, namespace: y")
        own = pod("", self.PORTS).replace("{name: db}", "{name: db, namespace: x}")
        assert [p.reach for p in workload(own, elsewhere).ports] == [Reach.NETWORK]

    def test_no_service_leaves_the_addresses_of_pods(self) -> None:
        assert [(p.target, p.reach) for p in workload(pod("", self.PORTS)).ports] == [(5432, Reach.NETWORK)]
        assert not workload(pod()).ports

    @pytest.mark.parametrize(
        ("spec", "ports", "expected"),
        [
            ("", "{containerPort: 5432, hostPort: 15432}", (15432, "", Reach.EVERYWHERE)),
            ("", "{containerPort: 5432, hostPort: 5432, hostIP: 127.0.0.1}", (5432, "127.0.0.1", Reach.LOOPBACK)),
            ("", "{containerPort: 5432, hostPort: 5432, hostIP: 0.0.0.0}", (5432, "", Reach.EVERYWHERE)),
            ("hostNetwork: true", "{containerPort: 5432}", (5432, "", Reach.EVERYWHERE)),
            ("hostNetwork: false", "{containerPort: 5432}", (None, "", Reach.NETWORK)),
        ],
    )
    def test_ports_of_the_node(self, spec: str, ports: str, expected: tuple[int | None, str, Reach]) -> None:
        (port,) = workload(pod(spec, f"ports: [{ports}]")).ports
        assert (port.published, port.address, port.reach) == expected

    @pytest.mark.parametrize(("spec", "reached"), [("true", [Reach.EVERYWHERE]), ("false", [])])
    def test_the_network_of_the_node_reaches_what_is_not_declared(self, spec: str, reached: list[Reach]) -> None:
        assert [port.reach for port in workload(pod(f"hostNetwork: {spec}")).ports] == reached


class TestPrivateKeys:
    def test_a_key_in_plain_sight_is_told_at_its_begin_line(self) -> None:
        one = config("Secret", "server.key: |\n" + indented(KEY, 2), section="stringData", name="tls")
        found = read(volume("secret", "secretName: tls"), one)
        (said,) = found.said
        assert (said.kind, said.arguments) == (PRIVATE_KEY, {"key": "server.key", "object": "Secret tls"})
        assert said.at.source.text[slice(*said.at.span)] == "-----BEGIN PRIVATE KEY-----"

    def test_one_in_base64_is_told_at_its_key(self) -> None:
        one = config("Secret", f"server.key: {base64.b64encode(KEY.encode()).decode()}", name="tls")
        (said,) = read(volume("secret", "secretName: tls"), one).said
        assert said.at.source.text[slice(*said.at.span)] == "server.key"

    def test_that_of_another_program_is_not_ours(self) -> None:
        assert not read(config("Secret", "server.key: |\n" + indented(KEY, 2), section="stringData")).said

    def test_nothing_that_is_told_holds_a_secret(self) -> None:
        one = config("Secret", "server.key: |\n" + indented(KEY, 2), section="stringData", name="tls")
        env = "env:\n  - {name: POSTGRES_PASSWORD, value: hunter2}\n  - {name: B, value: 1}\n"
        found = read(pod(VOLUME.format("secret", "{secretName: tls}"), MOUNT.format("") + env), one)
        told = found.said
        assert len(told) == 2
        assert not [said for said in told for secret in SECRET_WORDS if secret in f"{said.kind}{said.arguments}"]


class TestKustomize:
    def test_generators_lead_to_files(self, tmp_path: Path) -> None:
        (tmp_path / "conf").mkdir()
        (tmp_path / "x.env").write_text("# told\nPOSTGRES_HOST_AUTH_METHOD=trust\n\nB=a=b\n")
        kustomization = (
            "kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\nconfigMapGenerator:\n"
            "  - name: conf\n    files: [conf/pg_hba.conf, postgresql.conf=conf/prod.conf, https://x/y]\n"
            "    literals: [A=1, C='x y', nothing]\n  - {name: vars, envs: [x.env, gone.env], behavior: merge}\n"
            "secretGenerator:\n  - {name: tls, files: [conf/server.key]}\n"
        )
        container = MOUNT.format("") + "  - {name: w, mountPath: /tls}\nenvFrom: [{configMapRef: {name: vars}}]\n"
        spec = VOLUME.format("configMap", "{name: conf}") + "  - {name: w, secret: {secretName: tls}}\n"
        (one,) = read(kustomization, pod(spec, container), folder=tmp_path).workloads
        assert {m.server: (m.local, text(m)) for m in one.mounts} == {
            "/etc/pg/pg_hba.conf": (f"{tmp_path}/conf/pg_hba.conf", None),
            "/etc/pg/postgresql.conf": (f"{tmp_path}/conf/prod.conf", None),
            "/etc/pg/y": (None, None),
            "/etc/pg/A": (None, "1"),
            "/etc/pg/C": (None, "x y"),
            "/tls/server.key": (f"{tmp_path}/conf/server.key", None),
        }
        assert {name: word(v.value) for name, v in one.environment.items()} == {
            "POSTGRES_HOST_AUTH_METHOD": "trust", "B": "a=b",
        }  # fmt: skip

    def test_a_file_outside_the_roots_is_not_read(self, tmp_path: Path) -> None:
        inner = tmp_path / "in"
        inner.mkdir()
        (tmp_path / "x.env").write_text("A=hunter2\n")
        kustomization = "kind: Kustomization\napiVersion: x/v1\nconfigMapGenerator: [{name: v, envs: [../x.env]}]\n"
        (one,) = read(kustomization, pod("", "envFrom: [{configMapRef: {name: v}}]"), folder=inner).workloads
        assert not one.environment


BROKEN = ["a: b: c", "\0", "{", "- - -\n - -", "a: &a [*a]", "[" * 20_000, "\ud800", "kind: [", "%YAML 9\n---\n"]


class TestHostileInput:
    @pytest.mark.parametrize("text", BROKEN)
    def test_what_cannot_be_read_is_said_in_a_sentence(self, text: str) -> None:
        source = Source("/r/a.yaml", text.encode("utf-8", "surrogatepass"))
        found = read_kubernetes([source], Files(("/r",)))
        assert [said.kind for said in found.said] == [UNREADABLE]
        assert str(found.said[0].arguments["reason"]).startswith(("is not", "nests"))

    def test_documents_before_the_fault_are_read(self) -> None:
        found = read(config(more="pg_hba.conf: local all all trust") + "---\na: b: c\n")
        assert (len(found.sites), kinds(found)) == (1, [UNREADABLE])

    @pytest.mark.parametrize("value", ["x", "[]", "{}", "null", "[[]]", "{a: {b: [c]}}", "- x", "1"])
    @pytest.mark.parametrize(
        "path",
        ["metadata", "metadata.name", "metadata.namespace", "spec", "spec.template", "spec.template.spec",
         "spec.template.spec.containers", "spec.template.spec.volumes", "spec.template.metadata.labels", "kind",
         "apiVersion", "data", "stringData", "spec.selector", "spec.ports", "spec.type", "items", "sops",
         "configMapGenerator", "spec.volumeClaimTemplates", "spec.template.spec.securityContext"],
    )  # fmt: skip
    def test_anything_may_stand_anywhere(self, path: str, value: str) -> None:
        for kind, api in (("StatefulSet", "apps/v1"), ("ConfigMap", "v1"), ("Secret", "v1"), ("Service", "v1"),
                          ("List", "v1"), ("Kustomization", "v1")):  # fmt: skip
            keys = path.split(".")
            lines = [f"{'  ' * depth}{key}:" for depth, key in enumerate(keys)]
            text = "\n".join([*lines, indented(value, 2 * len(keys))])
            head = "" if keys[0] in ("kind", "apiVersion") else f"apiVersion: {api}\nkind: {kind}\n"
            read(head + text, pod(VOLUME.format("configMap", "{name: conf}"), MOUNT.format("")))

    @pytest.mark.parametrize("value", ["x", "[x]", "{x: y}", "null", "[[x]]", "- {name: [x]}", "- {name: {x: y}}"])
    @pytest.mark.parametrize("key", ["env", "envFrom", "args", "command", "ports", "volumeMounts", "securityContext"])
    def test_anything_may_stand_in_a_container(self, key: str, value: str) -> None:
        read(pod("", f"{key}:\n{indented(value, 2)}"))

    def test_time_is_linear(self) -> None:
        def spent(count: int) -> float:
            texts = [
                "".join(config(more="pg_hba.conf: local all all peer\nb: x", name=f"c{n}") for n in range(count)),
                "".join(pod(VOLUME.format("configMap", f"{{name: c{n}}}"), MOUNT.format("")) for n in range(count)),
                services(*(["selector: {app: db}, ports: [{port: 5432}]"] * count)),
            ]
            started = process_time()
            read(*texts)
            return process_time() - started

        small = max(spent(100), 0.02)
        assert spent(400) < 16 * small

    def test_of_many_servers_some_are_looked_at(self) -> None:
        for count, kinds_of in ((MAX_SERVERS, []), (MAX_SERVERS + 2, [MORE_SERVERS])):
            for one in (config(more="pg_hba.conf: x"), pod()):
                source = Source("/r/a.yaml", (one * count).encode())
                found = read_kubernetes([source], Files(("/r",)))
                assert len(found.sites) == MAX_SERVERS
                assert [said.kind for said in found.said] == kinds_of

    def test_aliases_do_not_multiply(self) -> None:
        keys = "\n".join(f"k{n}: x" for n in range(900))
        mounted = "volumeMounts: &m\n" + "".join(f"  - {{name: v, mountPath: /d{n}}}\n" for n in range(100))
        pods = pod(VOLUME.format("configMap", "{name: conf}"), mounted)
        started = process_time()
        (one,) = read(config(more=keys), pods).workloads
        assert len(one.mounts) == 1000
        assert process_time() - started < 10


def test_families_are_told_apart() -> None:
    assert family(workload(pod())) is Family.OFFICIAL
    assert is_server(workload(pod()))


@pytest.mark.parametrize("style", STYLES)
def test_each_character_of_a_file_leads_to_its_place(style: str) -> None:
    random = Random(style)
    told = 0
    for _ in range(300):
        drawn = draw(random, style)
        # Those are taken that stand at the top of a document, under the key that becomes the name of a file.
        if not drawn.text.startswith("k:") or "\r" in drawn.text:
            continue
        head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n"
        text = head + "".join(f"  {line}\n" if line else "\n" for line in drawn.text.split("\n")[:-1])
        text = text.replace("  k:", "  pg_hba.conf:", 1)
        found = read_kubernetes([Source("/r/a.yaml", text.encode("utf-8", "surrogateescape"))], Files(("/r",)))
        for site in found.sites:
            made = site.files["/pg_hba.conf"]
            for at, letter in enumerate(made.text):
                home = made.home(Span(at, at + 1))
                assert home.is_users
                if letter.isalnum():
                    assert home.source.text[home.span.start] in (letter, "\\"), (text, at)
                    told += 1
    assert told > 50
