"""The concise report, line by line."""

from pgssllint.report import render
from tests.support.outcomes import MANY, ROOT, WORKING, at, finding, outcome, source, whole


def test_a_line_for_each_finding_and_one_with_the_counts() -> None:
    assert render("concise", MANY, {}, color=True, relative_to=WORKING, width=20).splitlines() == [
        "postgresql.conf:4:17: PGS210 error: The first certificate in 'server.crt' is not the one 'server.key' belongs "
        "to, so the server does not start.",
        "pg_hba.conf:3:1: PGS520 warning: The record lets every role in from '0.0.0.0/0' without TLS.",
        "pg_hba.conf:2: The line holds a template expression.",
        "secret.conf: The file cannot be read: permission denied.",
        "Fails: 1 error and 1 warning to mend. 1 suppressed.",
    ]


def test_a_file_as_a_whole_has_no_line_and_odd_bytes_are_escaped() -> None:
    odd = source("caf\udce9.conf", "x\n")
    findings = [finding(whole("deploy/a\nb.conf"), text="One\nline."), finding(at(odd, "x"), text="\udcff\x1b.")]
    assert render("concise", outcome(findings), {}, color=False, relative_to=WORKING, width=80).splitlines() == [
        r"a\nb.conf: PGS210 error: One\nline.",
        rf"{ROOT}/caf\xe9.conf:1:1: PGS210 error: \xff\x1b.",
        "Fails: 2 errors to mend.",
    ]


def test_nothing_found_is_one_line() -> None:
    assert render("concise", outcome(), {}, color=False, relative_to=WORKING, width=80) == "No findings in 1 cluster.\n"
