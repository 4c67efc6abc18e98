"""The catalogue of parameters: which major knows which name, and as what."""

import subprocess
import sys
from pathlib import Path

import pytest

from pgssllint.postgres.parameters import canonical, find, folded, majors_of, nearest
from pgssllint.target import MAJORS

EVERY = tuple(MAJORS)


@pytest.mark.parametrize(
    ("name", "majors"),
    [
        ("ssl", EVERY),
        ("SSL_Cert_File", EVERY),
        ("ssl_passphrase_command", tuple(range(11, 20))),
        ("ssl_min_protocol_version", tuple(range(12, 20))),
        ("ssl_crl_dir", tuple(range(14, 20))),
        ("scram_iterations", tuple(range(16, 20))),
        ("ssl_groups", (18, 19)),
        ("ssl_ecdh_curve", EVERY),
        ("ssl_sni", (19,)),
        ("hosts_file", (19,)),
        ("output_plugin_libraries", (18, 19)),
        ("db_user_namespace", tuple(range(10, 17))),
        ("force_parallel_mode", tuple(range(10, 16))),
        ("wal_keep_segments", (10, 11, 12)),
        ("io_workers", (18,)),
        ("escape_string_warning", tuple(range(10, 19))),
        ("ssl_renegotiation_limit", EVERY),
        ("default_with_oids", EVERY),
        ("sort_mem", EVERY),
        ("krb_srvname", ()),
        ("work_mem ", ()),
        ("wor\u212a_mem", ()),
    ],
)
def test_the_majors_that_know_a_name(name: str, majors: tuple[int, ...]) -> None:
    assert majors_of(name) == majors
    assert tuple(major for major in MAJORS if find(name, major)) == majors


@pytest.mark.parametrize(
    ("name", "major", "facts"),
    [
        ("ssl", 18, ("bool", "sighup", "", "", "", "off")),
        ("AUTHENTICATION_TIMEOUT", 10, ("integer", "sighup", "s", "1", "600", "60")),
        ("ssl_min_protocol_version", 12, ("enum", "sighup", "", "", "", "TLSv1")),
        ("ssl_min_protocol_version", 13, ("enum", "sighup", "", "", "", "TLSv1.2")),
        ("password_encryption", 13, ("enum", "user", "", "", "", "md5")),
        ("password_encryption", 14, ("enum", "user", "", "", "", "scram-sha-256")),
        ("log_connections", 17, ("bool", "superuser-backend", "", "", "", "off")),
        ("log_connections", 18, ("string", "superuser-backend", "", "", "", "")),
        ("ssl_renegotiation_limit", 15, ("integer", "user", "", "0", "0", "0")),
    ],
)
def test_facts_by_major(name: str, major: int, facts: tuple[str, ...]) -> None:
    found = find(name, major)
    assert found is not None
    assert (found.type, found.context, found.unit, found.minimum, found.maximum, found.boot) == facts


def test_an_old_name_is_the_parameter_it_stands_for() -> None:
    for name, major, target in [("sort_mem", 10, "work_mem"), ("ssl_ecdh_curve", 18, "ssl_groups")]:
        found = find(name, major)
        assert found is not None
        assert (found.name, canonical(name, major)) == (target, target)
    assert canonical("SSL_ecdh_curve", 17) == "ssl_ecdh_curve"


def test_names_are_folded_as_ascii_only() -> None:
    assert folded("SSL_\u00c9\u212a") == "ssl_\u00c9\u212a"


def test_a_parameter_of_some_minor_releases_is_marked() -> None:
    marked = {m: p.minor_dependent for m in MAJORS if (p := find("output_plugin_libraries", m)) is not None}
    assert marked == {18: True, 19: False}


@pytest.mark.parametrize(
    ("name", "major", "known"),
    [
        ("ssl_cipher", 18, "ssl_ciphers"),
        ("ssl_cert_flie", 18, "ssl_cert_file"),
        ("shared_bufers", 10, "shared_buffers"),
        ("Listen_Adresses", 15, "listen_addresses"),
        ("sslv", 18, "ssl"),
        ("ssl_crl_dit", 13, None),
        ("ssl_cr_file", 18, None),
        ("ssl_c_file", 18, "ssl_ca_file"),
        ("foo", 18, None),
        ("x", 18, None),
        ("hostssl", 18, None),
    ],
)
def test_the_nearest_known_name(name: str, major: int, known: str | None) -> None:
    assert nearest(name, major) == known


def test_the_data_file_is_made_by_the_tool(tmp_path: Path) -> None:
    table = tmp_path / "rows.tsv"
    heading = "major\tname\tvartype\tcontext\tunit\tboot_val\tmin_val\tmax_val\tenumvals"
    rows = ["18\thuge_pages\tenum\tpostmaster\t\ttry\t\t\toff,on,try", "19\tssl\tbool\tsighup\t\toff\t\t\t"]
    rows.append("17\thuge_pages\tenum\tpostmaster\t\ttry\t\t\toff,on,try")
    table.write_text("\n".join([heading, *rows, ""]))
    tool = Path(__file__).parents[1] / "tools" / "make_parameters.py"
    made = subprocess.run([sys.executable, tool, table], capture_output=True, text=True, check=True).stdout
    assert "huge_pages\t17-18\tenum\tpostmaster\t\t\t\toff,on,try\ttrue,false,yes,no,1,0\ttry\t\n" in made
    assert "ssl\t19\tbool\tsighup\t\t\t\t\t\toff\t\n" in made
    assert "ssl_ecdh_curve\t18-19\talias" in made
