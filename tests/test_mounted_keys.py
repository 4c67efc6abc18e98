"""Keys of Secrets in a container: which modes and groups the server takes, as it checks them and its user is."""

import pytest

from pgssllint.files import Files
from pgssllint.permissions import User
from pgssllint.sources.kubernetes import gathered
from pgssllint.sources.mounted_keys import KeyFault, key_fault, server_user
from pgssllint.sources.workload import Mount
from pgssllint.text import Home, Source, Span

DEBIAN, ALPINE = "postgres:16-bookworm", "postgres:16-alpine"
USER = "runAsUser: 999, runAsGroup: 999"


def fault(image: str, mode: str, context: str) -> KeyFault | None:
    """What becomes of a key that a Secret with this mode holds."""
    default = f", defaultMode: {mode}" if mode else ""
    text = (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: tls}\ndata: {server.key: a2V5}\n---\n"
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: db}}\nspec:\n  securityContext: {{{context}}}\n"
        f"  volumes: [{{name: tls, secret: {{secretName: tls{default}}}}}]\n  containers:\n"
        f"    - {{name: pg, image: '{image}', volumeMounts: [{{name: tls, mountPath: /tls}}]}}\n"
    )
    (workload,) = gathered([Source("/r/a.yaml", text.encode())], Files(("/r",))).workloads
    user = server_user(workload)
    assert user is not None
    (mount,) = workload.mounts
    return key_fault(mount, user)


@pytest.mark.parametrize("mode", ["0600", "0400", "0640", "0440"])
def test_with_fs_group_and_a_user_these_modes_work(mode: str) -> None:
    assert fault(DEBIAN, mode, f"{USER}, fsGroup: 999") is None
    assert fault(DEBIAN, mode, f"{USER}, fsGroup: 2000") is None


@pytest.mark.parametrize("context", ["", "fsGroup: 999", f"{USER}", f"{USER}, fsGroup: 999"])
def test_the_default_mode_is_refused_in_all_cases(context: str) -> None:
    assert fault(DEBIAN, "", context) is KeyFault.TOO_OPEN
    assert fault(DEBIAN, "0644", context) is KeyFault.TOO_OPEN


@pytest.mark.parametrize("mode", ["0600", "0400"])
def test_without_fs_group_root_alone_reads_the_key(mode: str) -> None:
    assert fault(DEBIAN, mode, USER) is KeyFault.UNREADABLE
    assert fault(DEBIAN, mode, "") is KeyFault.UNREADABLE
    assert fault(DEBIAN, "0640", "runAsUser: 999") is None, "whose group may be root's"
    assert fault(DEBIAN, "0640", USER) is KeyFault.UNREADABLE


@pytest.mark.parametrize(
    ("image", "group", "expected"),
    [
        (DEBIAN, 999, None), (DEBIAN, 70, KeyFault.UNREADABLE), (ALPINE, 70, None), (ALPINE, 999, KeyFault.UNREADABLE),
    ],
)  # fmt: skip
def test_an_entry_point_that_starts_as_root_drops_the_group(image: str, group: int, expected: KeyFault | None) -> None:
    assert fault(image, "0600", f"fsGroup: {group}") is expected
    assert fault(image, "0600", f"fsGroup: {group}, runAsUser: 0") is expected


def test_bitnamis_image_starts_as_its_user() -> None:
    assert fault("bitnami/postgresql:16", "0600", "fsGroup: 1001") is None
    assert fault("bitnami/postgresql:16", "0600", "") is KeyFault.UNREADABLE
    assert fault("bitnami/postgresql:16", "", "fsGroup: 1001") is KeyFault.TOO_OPEN


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "expected"),
    [
        (0o600, 999, 0, None), (0o640, 999, 0, KeyFault.TOO_OPEN), (0o600, 5, 0, KeyFault.FOREIGN),
        (0o640, 0, 999, None), (0o660, 0, 999, KeyFault.TOO_OPEN), (0o640, 0, 5, KeyFault.UNREADABLE),
        (None, 0, 0, None), (0o644, None, 0, None), (0o644, 0, None, None),
    ],
)  # fmt: skip
def test_owners(mode: int | None, uid: int | None, gid: int | None, expected: KeyFault | None) -> None:
    at = Home(Source("/r/a", b""), Span(0, 0), is_users=True)
    assert key_fault(Mount("/k", None, at, mode=mode, uid=uid, gid=gid), User(999, frozenset({999}))) is expected


@pytest.mark.parametrize("user", ["", "runAsUser: '{{ .x }}'"])
def test_a_user_who_is_not_known(user: str) -> None:
    image = "postgres:16" if user else "corp/db"
    text = (
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: db}}\nspec:\n  securityContext: {{{user}}}\n"
        "  volumes: [{name: c, configMap: {name: c}}]\n"
        f"  containers: [{{name: pg, image: '{image}', volumeMounts: [{{name: c, mountPath: /c}}]}}]\n"
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {pg_hba.conf: x}\n"
    )
    (workload,) = gathered([Source("/r/a.yaml", text.encode())], Files(("/r",))).workloads
    assert server_user(workload) is None
