"""`pgssllint ciphers` with groups, and with the settings and the certificate of a server."""

from pathlib import Path

import pytest

from pgssllint.api import cipher_suites
from pgssllint.cli import main
from pgssllint.views.ciphers import Listing
from tests.support.pki import pem


def reasons_of(listing: Listing) -> dict[str, str | None]:
    return {listed.suite.openssl_name: listed.reason for listed in listing.suites}


@pytest.mark.parametrize(
    ("groups", "free"),
    [
        (None, ("TLS_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-SHA", "DHE-RSA-AES128-SHA")),
        ("secp384r1", ("TLS_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-SHA", "DHE-RSA-AES128-SHA")),
        ("X25519:brainpoolP256r1", ("TLS_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-SHA", "DHE-RSA-AES128-SHA")),
        ("brainpoolP256r1", ("DHE-RSA-AES128-SHA",)),
        ("secp256k1", ("DHE-RSA-AES128-SHA",)),
        ("ffdhe2048", ("DHE-RSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "TLS_AES_128_GCM_SHA256")),
    ],
)
def test_groups_that_no_client_offers_leave_suites_that_take_none(groups: str | None, free: tuple[str, ...]) -> None:
    found = reasons_of(cipher_suites("ECDHE-RSA-AES128-SHA:DHE-RSA-AES128-SHA", groups=groups))
    assert {name for name in free if found[name] is None} == set(free)
    assert {found[name] for name in found if name not in free and "AES128" in name and "128_GCM" not in name} <= {
        "clients offer none of the groups"
    }


def test_groups_that_a_server_refuses_are_an_error() -> None:
    with pytest.raises(ValueError, match="A server refuses the groups 'nosuch'"):
        cipher_suites("HIGH", groups="nosuch")


def laid_out(folder: Path, conf: str, name: str, key: str) -> Path:
    (folder / "PG_VERSION").write_text("16\n")
    (folder / "postgresql.conf").write_text(f"ssl = on\n{conf}")
    (folder / "server.crt").write_bytes(pem(name))
    (folder / "server.key").write_bytes(pem(f"key:{key}"))
    return folder


@pytest.mark.parametrize(
    ("conf", "certificate", "openssl", "status", "said"),
    [
        ("", "leaf", "3.0", 0, "suites can be negotiated"),
        ("ssl_ciphers = 'AES128-SHA'\n", "leaf", "3.0", 0, "needs an RSA certificate"),
        ("ssl_ecdh_curve = 'brainpoolP256r1'\n", "leaf", "3.0", 0, "None of the"),
        ("ssl_max_protocol_version = 'TLSv1.2'\n", "leaf", "3.0", 0, "TLS 1.3 is above ssl_max_protocol_version"),
        ("ssl_ciphers = 'HIGH:@SECLEVEL=3'\n", "rsa-leaf", "3.0", 0, "security level 3 refuses the key"),
        ("ssl_ciphers = 'HIGH:@SECLEVEL=3'\n", "leaf", "1.1.1", 0, "takes no certificate"),
        ("ssl_ciphers = 'SUITEB128'\n", "rsa-leaf", "3.0", 0, "Suite B needs a key on prime256v1 or secp384r1"),
        ("ssl_ciphers = 'NOSUCH'\n", "leaf", "3.0", 1, "refuses it"),
        ("ssl_ciphers = 'HIGH:@SECLEVEL=9'\n", "leaf", "3.0", 2, ""),
    ],
)
def test_a_server_has_its_own_list_certificate_groups_and_bounds(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    conf: str,
    certificate: str,
    openssl: str,
    status: int,
    said: str,
) -> None:
    laid_out(tmp_path, conf, certificate, certificate)
    assert main(["ciphers", "--data-dir", str(tmp_path), "--openssl", openssl]) == status
    assert said in capsys.readouterr().out


def test_a_list_may_stand_in_place_of_the_servers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    laid_out(tmp_path, "ssl_ciphers = 'NOSUCH'\n", "leaf", "leaf")
    assert main(["ciphers", "--data-dir", str(tmp_path), "ECDHE-ECDSA-AES128-SHA"]) == 0
    assert "ECDHE-ECDSA-AES128-SHA" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Give STRING"),
        (["--pg-version", "16", "HIGH"], "'--pg-version' goes with '--data-dir'"),
        (["--data-dir", ".", "--groups", "X25519"], "'--groups' does not go with '--data-dir'"),
        (["--data-dir", ".", "--certificate", "x"], "'--certificate' does not go with '--data-dir'"),
    ],
)
def test_options_that_do_not_go_together(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ciphers", *words]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("form", ["table", "json"])
@pytest.mark.parametrize(
    "text", ["HIGH:hunter2-Xyzzy", "HIGH:hunter2@SECLEVEL=9", "hunter2Xyzzy!HIGH", "AES128-SHA:'hunter2"]
)
def test_words_of_the_servers_list_that_no_openssl_knows_are_masked(
    form: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laid_out(tmp_path, "ssl_ciphers = '" + text.replace("'", "''") + "'\n", "leaf", "leaf")
    main(["ciphers", "--data-dir", str(tmp_path), "--format", form])
    told = "".join(capsys.readouterr())
    assert "hunter2" not in told
    assert "Xyzzy" not in told
    main(["ciphers", "--data-dir", str(tmp_path), "--format", form, "--show-secrets"])
    assert "hunter2" in "".join(capsys.readouterr())


def test_dh_parameters_count_for_the_level(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    laid_out(tmp_path, "ssl_ciphers = 'DHE-RSA-AES128-SHA:@SECLEVEL=3'\n", "leaf", "leaf")
    (tmp_path / "server.crt").unlink()
    main(["ciphers", "--data-dir", str(tmp_path)])
    assert "security level 3 refuses the DH parameters" in capsys.readouterr().out
