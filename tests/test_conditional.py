"""What keeps a server from starting, and stands under a template's condition, leaves open whether it starts.

Each refusal of the pages' examples is put under a condition, line by line.
"""

import random
from pathlib import Path

import pytest

from pgssllint.api import lint
from pgssllint.finding import Confidence, Effect, Outcome, Severity
from pgssllint.request import Request
from pgssllint.sites import is_of_tool
from pgssllint.syntax.template_control import Branches
from tests.support.examples import Example, examples, lay_out, request_for, sound_pages
from tests.support.pki import AT

EXAMPLES = [
    one
    for page in sound_pages()
    if page.effect is Effect.REFUSES_START
    for one in examples(page)
    if one.section == "Fires" and not one.deployed and not any(map(is_of_tool, one.files))
]
OF_SERVER = ("postgresql.conf", "pg_hba.conf", "pg_ident.conf")
IF, END = "{% if wanted %}\n", "{% endif %}\n"


def judged(example: Example, folder: Path) -> Outcome:
    return lint(request_for(example, folder, example.majors[-1], None), example.at)


def starts(outcome: Outcome) -> set[bool | None]:
    return {one.starts for cluster in outcome.clusters for one in cluster.predictions}


def beside(name: str) -> str:
    """A line that means little, for a condition that holds for all of a file is none."""
    named = {"pg_hba.conf": "local zz zz reject\n", "pg_ident.conf": "zz zz zz\n"}
    return named.get(name, "log_rotation_size = 0\n")


def put_under_a_condition(outcome: Outcome) -> bool:
    """Whether each line that a refusal stands at could be put under a condition, and something stands beside them."""
    refused: dict[str, set[int]] = {}
    for finding in outcome.findings:
        source, span = finding.at.source, finding.at.span
        if finding.effect is Effect.REFUSES_START and finding.confidence is Confidence.HIGH:
            readable = source is not None and source.data.isascii() and finding.at.path.endswith(OF_SERVER)
            if source is None or span is None or not readable:
                return False
            refused.setdefault(finding.at.path, set()).add(source.position(span.start)[0])
    for path, numbers in refused.items():
        lines = Path(path).read_bytes().decode().splitlines(keepends=True)
        if any(not line.endswith("\n") for line in lines):
            return False
        if any(line.endswith(("\\\n", "\r\n")) or "\0" in line for line in lines):
            return False
        if any(line.startswith(("include", "@")) for line in lines):
            return False
        made = [f"{IF}{line}{END}" if number in numbers else line for number, line in enumerate(lines, 1)]
        Path(path).write_text(beside(Path(path).name) + "".join(made))
    return bool(refused)


@pytest.mark.parametrize("number", range(4))
def test_a_refusal_that_may_be_there_leaves_the_start_open(number: int, tmp_path: Path) -> None:
    tried, amiss = 0, []
    for place, example in enumerate(EXAMPLES[number::4]):
        folder = tmp_path / str(place)
        folder.mkdir()
        lay_out(example, folder)
        if starts(before := judged(example, folder)) != {False} or not put_under_a_condition(before):
            continue
        tried += 1
        after = judged(example, folder)
        if starts(after) != {None}:
            amiss.append(f"{example.id}: {starts(after)}")
    assert tried > 10
    assert not amiss, "\n".join(amiss)


CONF, HBA = "log_rotation_size = 0\n", "local all all peer\n"


@pytest.mark.parametrize(
    ("conf", "hba", "expected"),
    [
        (CONF + "ssl = on\nssl_key_file = 'k'\nssl_cert_file = 'k'\n", HBA, False),
        (CONF + f"{IF}ssl = on\n{END}ssl_key_file = 'k'\nssl_cert_file = 'k'\n", HBA, None),
        (CONF + f"{IF}port = 5433\n{END}port = abc\n", HBA, False),
        (CONF + f"port = abc\n{IF}port = 5433\n{END}", HBA, None),
        (CONF, HBA + "host all all x/33 md5\n", False),
        (CONF + f"{IF}hba_file = 'h'\n{END}", HBA, None),
        (CONF, HBA + f"{IF}{HBA}{END}", None),
    ],
)
def test_what_a_condition_leaves_open(tmp_path: Path, conf: str, hba: str, expected: bool | None) -> None:
    (tmp_path / "pgssllint.toml").write_text("complete = true\n")
    (tmp_path / "postgresql.conf").write_text(conf)
    (tmp_path / "pg_hba.conf").write_text(hba)
    (tmp_path / "h").write_text(HBA)
    (tmp_path / "k").write_text("no key\n")
    assert starts(lint(Request((str(tmp_path),), majors=(16,)), AT)) == {expected}


BRANCHES = """local all all peer
{% if tls %}
hostssl all all all scram-sha-256
{% else %}
host all all all scram-sha-256
{% endif %}
"""


def rules_of(folder: Path, text: str) -> set[str]:
    (folder / "pg_hba.conf").write_text(text)
    outcome = lint(Request((str(folder / "pg_hba.conf"),), root=str(folder)), AT)
    return {finding.rule for finding in outcome.findings}


def test_what_stands_in_two_branches_is_never_there_together(tmp_path: Path) -> None:
    assert "PGS601" not in rules_of(tmp_path, BRANCHES)
    assert "PGS600" in rules_of(tmp_path, BRANCHES)


def test_what_stands_in_one_branch_is(tmp_path: Path) -> None:
    assert "PGS601" in rules_of(tmp_path, BRANCHES.replace("{% else %}", "{% if more %}x{% else %}y{% endif %}"))


@pytest.mark.parametrize("depth", [3, 99])
def test_branches_are_told_apart_below_others(depth: int, tmp_path: Path) -> None:
    deep = "local all all peer\n" + "{% if a %}\n" * depth + BRANCHES.partition("\n")[2] + "{% endif %}\n" * depth
    assert "PGS601" not in rules_of(tmp_path, deep)


def test_branches_agree_with_what_a_stack_says() -> None:
    dice = random.Random(4)
    for _ in range(300):
        words = dice.choices(["{% if a %}", "{% else %}", "{% endif %}", "x"], k=30)
        text, at, stack, places = "", 0, list[tuple[int, int]](), list[tuple[int, frozenset[tuple[int, int]]]]()
        for word in words:
            if word == "x":
                places.append((len(text), frozenset(stack)))
            elif "if a" in word:
                at += 1
                stack.append((at, 0))
            elif stack and "else" in word:
                stack[-1] = (stack[-1][0], stack[-1][1] + 1)
            elif stack and "end" in word:
                stack.pop()
            text += word + "\n"
        branches = Branches(text)
        for one, around in places:
            for other, others in places:
                held = dict(around)
                expected = any(held.get(number, branch) != branch for number, branch in others)
                assert branches.apart(one, other) == expected, text


def test_tls_under_a_condition_is_not_meant_for_the_other_branch(tmp_path: Path) -> None:
    (tmp_path / "pg_hba.conf").write_text(BRANCHES)
    outcome = lint(Request((str(tmp_path / "pg_hba.conf"),), root=str(tmp_path)), AT)
    assert {one.severity for one in outcome.findings if one.rule == "PGS600"} == {Severity.NOTE}
