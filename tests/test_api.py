"""`pgssllint.check` as programs call it: paths, texts, a data directory, and an outcome that renders itself."""

import json
import os
import re
from pathlib import Path

import pytest

from pgssllint import check
from pgssllint.report import FORMATS
from tests.support.pki import AT, build

HBA = "host all all 0.0.0.0/0 trust\n"


@pytest.fixture
def cluster(tmp_path: Path) -> Path:
    """A folder with a cluster that lets everybody in."""
    (tmp_path / "pg_hba.conf").write_text(HBA)
    (tmp_path / "postgresql.conf").write_text("ssl = on\nlisten_addresses = '*'\nssl_cert_file = '/etc/tls/db.crt'\n")
    (tmp_path / "db.crt").write_bytes(build("leaf"))
    return tmp_path


def rules(outcome: object) -> set[str]:
    return {finding.rule for finding in getattr(outcome, "findings")}  # noqa: B009


class TestPaths:
    def test_one_is_a_path_and_not_its_letters(self, cluster: Path) -> None:
        one, many = check(str(cluster), pg_version=16, at=AT), check([str(cluster)], pg_version="16", at=AT)
        assert rules(one) == rules(many) >= {"PGS534"}
        assert rules(check(cluster, at=AT)) >= {"PGS534"}

    def test_so_are_a_rule_and_a_host(self, cluster: Path) -> None:
        assert rules(check(cluster, select="PGS534")) == {"PGS534"}
        assert "PGS534" not in rules(check(cluster, ignore="PGS534"))
        found = check(cluster, hostnames="other.example.net", maps={"/etc/tls": str(cluster)}, at=AT)
        assert "PGS251" in rules(found)
        assert "PGS251" not in rules(check(cluster, hostnames="db.example.org", maps={"/etc/tls": str(cluster)}, at=AT))

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"paths": ()}, "'paths' names nothing; give a path, as '.' for this folder."),
            ({"paths": b"x"}, "'paths' takes a str or several, not bytes."),
            ({"paths": 5}, "'paths' takes a str or several, not int."),
            ({"paths": ["x", None]}, "'paths' takes a str or several, not list."),
            ({"select": [534]}, "'select' takes a str or several, not int."),
            ({"paths": "x", "texts": {}}, "'paths', 'texts' and 'data_dir' stand for one another; give one of them."),
            ({"data_dir": ".", "texts": {}}, "'paths', 'texts' and 'data_dir' stand for one another; give one of"),
            ({"paths": "/no/such"}, "The path '/no/such' does not exist."),
            ({"maps": {"x": "y"}}, "'x=y' is no path map;"),
            ({"texts": {"../x": ""}}, "'../x' is no path of a text; write one like 'conf/pg_hba.conf'."),
            ({"texts": {"/x": ""}}, "'/x' is no path of a text;"),
            ({"texts": {"x": 1}}, "The text of 'x' is neither str nor bytes."),
            ({"texts": {"x": "", "x/y": ""}}, "'x/y' cannot be the path of a text: "),
            ({"texts": {"x" * 300: ""}}, "cannot be the path of a text: File name too long."),
        ],
    )
    def test_what_is_wrong_is_told_in_a_sentence(self, given: dict[str, object], said: str) -> None:
        with pytest.raises(ValueError) as raised:  # noqa: PT011 - the sentence is held below
            check(**given)  # type: ignore[arg-type]
        assert said in str(raised.value)


class TestTexts:
    def test_stand_for_files(self) -> None:
        outcome = check(texts={"conf/postgresql.conf": "ssl = on\n", "conf/pg_hba.conf": HBA.encode()}, pg_version=16)
        assert "PGS534" in rules(outcome)
        assert "conf/pg_hba.conf:1:24: PGS534" in outcome.render("concise")
        assert not os.path.exists(outcome.root)

    def test_are_judged_as_files_are(self, cluster: Path) -> None:
        texts = {path.name: path.read_bytes() for path in cluster.iterdir()}
        files, told = check(cluster, at=AT), check(texts=texts, at=AT)
        assert told.render("concise") == files.render("concise").replace(f"{cluster}/", "")

    def test_may_hold_a_configuration(self) -> None:
        outcome = check(texts={"pg_hba.conf": HBA, "pgssllint.toml": 'ignore = ["PGS534"]\n'})
        assert "PGS534" not in rules(outcome)


def test_a_data_directory_is_judged_as_deployed(cluster: Path) -> None:
    (cluster / "PG_VERSION").write_text("16\n")
    assert check(data_dir=cluster).clusters[0].deployed
    assert not check(cluster).clusters[0].deployed


class TestRendering:
    @pytest.mark.parametrize("name", FORMATS)
    def test_in_every_format(self, cluster: Path, name: str) -> None:
        assert check(cluster, at=AT).render(name)

    def test_masks_what_may_be_a_password(self) -> None:
        outcome = check(texts={"pg_hba.conf": "host all all 10.0.0.0/8 ldap ldapserver=x ldapbindpasswd=hush7hush\n"})
        assert "hush7hush" not in outcome.render("json")

    def test_there_is_no_other_format(self, cluster: Path) -> None:
        with pytest.raises(ValueError, match=r"There is no format 'yaml'. There are text, "):
            check(cluster).render("yaml")

    def test_is_what_the_command_prints(self, cluster: Path) -> None:
        told = json.loads(check(cluster, at=AT).render("json"))
        assert "PGS534" in {finding["rule"] for finding in told["findings"]}


def test_the_snippet_of_the_readme_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    snippet = re.search(r"```python\n(import pgssllint\n.*?)```", readme, re.DOTALL)
    assert snippet is not None
    exec(compile(snippet[1], "README.md", "exec"), {})
    assert capsys.readouterr().out.splitlines() == re.findall(r"(?m)^# (.*)$", snippet[1])
