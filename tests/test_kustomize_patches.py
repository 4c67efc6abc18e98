"""Of what patches of kustomize touch nothing is said, and of the rest what is said without them."""

from pathlib import Path
from time import process_time

import pytest

from pgssllint.api import lint
from pgssllint.request import Request
from tests.support.pki import AT

STATEFUL_SET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  template:
    spec:
      containers:
        - name: postgres
          image: postgres:16
          args: ["-c", "config_file=/etc/pg/postgresql.conf", "-c", "hba_file=/etc/hba/pg_hba.conf", "-c", "ssl=off"]
          env: [{name: POSTGRES_PASSWORD, value: x}]
          volumeMounts: [{name: conf, mountPath: /etc/pg}, {name: hba, mountPath: /etc/hba}]
        - name: other
          image: busybox
      volumes: [{name: conf, configMap: {name: conf}}, {name: hba, configMap: {name: hba}}]
"""
MAPS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data:
  postgresql.conf: |
    password_encryption = md5
    ssl = on
---
apiVersion: v1
kind: ConfigMap
metadata: {name: hba}
data:
  pg_hba.conf: |
    host all all 0.0.0.0/0 trust
"""
HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [db.yaml, maps.yaml]\n"
SETTINGS, RECORDS, LINE = {"PGS160"}, {"PGS534"}, {"PGS805"}
OF_DB = "target: {kind: StatefulSet, name: db}"


def merge(container: str, kind: str = "StatefulSet") -> str:
    spec = f"{{template: {{spec: {{containers: [{container}]}}}}}}"
    return f"patches: [{{patch: '{{apiVersion: apps/v1, kind: {kind}, metadata: {{name: db}}, spec: {spec}}}'}}]\n"


def pointed(path: str) -> str:
    op = f'[{{"op": "add", "path": "{path}", "value": x}}]'
    return f"patches: [{{{OF_DB}, patch: '{op}'}}]\n"


def told(folder: Path, patches: str, **files: str) -> set[str]:
    laid = {"db.yaml": STATEFUL_SET, "maps.yaml": MAPS, "kustomization.yaml": HEAD + patches}
    for name, text in {**laid, **{name.replace("_", "."): text for name, text in files.items()}}.items():
        (folder / name).write_text(text)
    outcome = lint(Request((str(folder),)), AT)
    assert outcome.errors == ()
    return {finding.rule for finding in outcome.findings} & (SETTINGS | RECORDS | LINE)


@pytest.mark.parametrize(
    ("patches", "expected"),
    [
        ("", SETTINGS | RECORDS | LINE),
        (merge("{name: postgres, args: [a]}"), SETTINGS | RECORDS),
        (merge("{name: other, args: [a]}"), SETTINGS | RECORDS | LINE),
        (merge("{name: postgres, args: [a]}", kind="Deployment"), SETTINGS | RECORDS | LINE),
        (merge("{name: postgres, resources: {limits: {cpu: 1}}}"), SETTINGS | RECORDS | LINE),
        (merge("{name: postgres, env: [{name: A, value: b}]}"), SETTINGS | RECORDS | LINE),
        (merge("{name: postgres, volumeMounts: [{name: z, mountPath: /etc/hba}]}"), SETTINGS | LINE),
        (merge("{name: postgres, volumeMounts: [{name: z, mountPath: /etc/z}]}"), SETTINGS | RECORDS | LINE),
        (merge("{name: postgres, image: x}"), SETTINGS | RECORDS | LINE),
        (pointed("/spec/replicas"), SETTINGS | RECORDS | LINE),
        (pointed("/spec/template/spec/containers/0/args/-"), SETTINGS | RECORDS),
        (pointed("/spec/template/spec/volumes/1"), set()),
        (pointed("/spec/template/metadata/labels/a"), SETTINGS | RECORDS | LINE),
        (pointed("/spec/template/spec"), set()),
        (f"patches: [{{{OF_DB}, path: gone.yaml}}]\n", set()),
        (f"patches: [{{{OF_DB}, path: there.yaml}}]\n", SETTINGS | RECORDS | LINE),
        ("patchesStrategicMerge: [there.yaml]\n", SETTINGS | RECORDS | LINE),
        (f"patchesJson6902: [{{{OF_DB}, path: op.yaml}}]\n", SETTINGS | RECORDS),
        ("patches: [{target: {kind: ConfigMap}, path: data.yaml}]\n", SETTINGS | LINE),
        ("images: [{name: postgres, newTag: '17'}]\n", SETTINGS | RECORDS | LINE),
    ],
)
def test_what_a_patch_touches_is_not_known(tmp_path: Path, patches: str, expected: set[str]) -> None:
    there = "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db}, spec: {replicas: 2}}\n"
    op = "- {op: add, path: /spec/template/spec/containers/0/args/-, value: x}\n"
    data = "- {op: replace, path: /data/pg_hba.conf, value: x}\n"
    assert told(tmp_path, patches, there_yaml=there, op_yaml=op, data_yaml=data) == expected


@pytest.mark.parametrize(
    ("images", "major", "how", "judged"),
    [
        ("[{name: postgres, newTag: '17'}]", 17, "found", "postgres:17"),
        (
            "[{name: postgres, newTag: '17-alpine', newName: a.example/b/postgres}]",
            17,
            "found",
            "postgres:17-alpine",
        ),
        ("[{name: postgres, newName: postgis/postgis}]", 16, "found", "postgis:16"),
        ("[{name: postgres, digest: 'sha256:ab'}]", 18, "assumed", "postgres"),
        ("[{name: postgres, newTag: '15', digest: 'sha256:ab'}]", 15, "found", "postgres:15"),
        ("[{name: other, newTag: '17'}]", 16, "found", "postgres:16"),
        # Two stages choose two versions, and nobody says which is meant.
        ("[{name: postgres, newTag: '17'}, {name: postgres, newTag: '15'}]", 18, "assumed", "postgres"),
        ("[{name: postgres, newTag: '17'}, {name: postgres, newTag: '17'}]", 17, "found", "postgres:17"),
    ],
)
def test_the_image_is_the_one_that_kustomize_chooses(
    images: str, major: int, how: str, judged: str, tmp_path: Path
) -> None:
    told(tmp_path, f"images: {images}\n")
    (cluster,) = lint(Request((str(tmp_path),)), AT).clusters
    (target,) = [one.target for one in cluster.predictions]
    assert (target.number, str(target.how), cluster.judged.partition(",")[0]) == (major, how, judged)


def test_many_patches_and_aliases_touch_everything_in_little_time(tmp_path: Path) -> None:
    laughs = "a0: &a0 {}\n" + "".join(f"a{n}: &a{n} {{x: *a{n - 1}, y: *a{n - 1}}}\n" for n in range(1, 25))
    patch = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\n" + laughs
    before = process_time()
    assert told(tmp_path, "patches: [{path: laughs.yaml}]\n", laughs_yaml=patch) == set()
    many = "patches:\n" + "".join(f"- {{{OF_DB.replace('db', f'd{n}')}, path: gone.yaml}}\n" for n in range(301))
    assert told(tmp_path, many) == set()
    assert process_time() - before < 10
