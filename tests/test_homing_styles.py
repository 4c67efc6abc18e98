"""Findings in a file that stands in a scalar of YAML are those in the plain file, at the same words, in every style."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from pgssllint.api import lint
from pgssllint.finding import Effect, Outcome
from pgssllint.request import Request
from tests.support.pki import AT

RECORDS = (
    "host all all all trsut", "host all all 0.0.0.0/0 trust", "# note", "hostssl all all 10.0.0.0/33 md5",
    "local all all peer mpa=x", "host all é,bob 0.0.0.0/0 trust", "  host all all 192.168.0.1/24 trust",
    "host \"a b\" all ::/0 trust", "host all all samehost password", "host a\\\\b all 10.0.0.1/8 password",
)  # fmt: skip
SETTINGS = (
    "ssl = maybe", "ssl_cipers = 'x'", "listen_addresses = '*'", "# note", "port = 99999", "  ssl_ciphers = 'ALL'",
    "ssl_min_protocol_version = 'TLSv1.9'", "password_encryption = md5", "log_line_prefix = '%m é '",
    "ssl_cert_file = 'a''b'", "bonjour_name = 'x\\\\y'", "ssl_prefer_server_ciphers = nope",
)  # fmt: skip
HEADS = (
    ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: postgres}\ndata:\n  ", 6),
    ("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: pg\n  labels: {a: &a b}\ndata:\n  x: *a\n    \n  ", 6),
    ("# Values.\nx: {y: [a, 'b']}\ndatabase:\n  files:\n    ", 4),
    ("# A note.\n---\n{apiVersion: v1}\n---\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: pg}\ndata:\n  ", 6),
)
"""What stands above a scalar, and how much deeper than that its lines are."""
INDENTED = " " * 8


def styles(lines: list[str]) -> Iterator[tuple[str, str]]:
    """The text of some lines as a scalar of each style, indented by eight."""
    quoted = [line.replace("\\", "\\\\").replace('"', '\\"') for line in lines]
    yield "literal", "|{indent}\n" + "".join(f"{INDENTED}{line}\n" for line in lines)
    yield "folded", "\n".join([">{indent}", *(f"{INDENTED}{line}\n" for line in lines)])
    yield "double quotes", '"' + "".join(f"{line}\\n" for line in quoted) + '"\n'
    opened = (f"\\{line}" if line.startswith(" ") else line for line in quoted)
    yield (
        "double quotes of many lines",
        '"\\\n' + "".join(f"{INDENTED}{line}\\n\\\n" for line in opened) + f'{INDENTED}"\n',
    )
    yield "single quotes", "'" + f"\n\n{INDENTED}".join(line.replace("'", "''") for line in lines) + "'\n"
    escaped = "".join(f"\\x{ord(one):02x}" if one.isdigit() else one for line in lines for one in f"{line}\n")
    yield "escapes", '"' + "\\n".join(escaped.replace('"', '\\"').split("\n")) + '"\n' if "\\\\" not in escaped else ""


def standing(outcome: Outcome, style: str = "") -> list[tuple[str, str]]:
    """Each finding with the words that it stands at, as the scalar has them without its style."""
    found = []
    for finding in outcome.findings:
        source, span = finding.at.source, finding.at.span
        assert source is not None
        assert span is not None
        words = source.text[span.start : span.end]
        if style.startswith(("double", "escapes")):
            words = yaml.safe_load(f'"{words}"') or ""
        elif style == "single quotes":
            words = words.replace("''", "'")
        found.append((finding.rule, words))
    return sorted(found)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("name", "written"), [("pg_hba.conf", RECORDS), ("postgresql.conf", SETTINGS)])
def test_a_finding_stands_at_the_same_words(seed: int, name: str, written: tuple[str, ...], tmp_path: Path) -> None:
    rng, amiss, tried = random.Random(seed), [], 0
    for number in range(6):
        lines = rng.sample(written, rng.randrange(1, 7))
        head, deeper = rng.choice(HEADS)
        for style, scalar in styles(lines):
            if not scalar:
                continue
            text = f"{head}{name}: {scalar.replace('{indent}', str(deeper))}"
            *_, held = yaml.safe_load_all(text)
            held = {"data": held.get("data") or held["database"]["files"]}
            plain, made = (tmp_path / f"{number} {style}" / kind for kind in ("plain", "made"))
            for folder in (plain, made):
                folder.mkdir(parents=True)
            (plain / name).write_text(held["data"][name], encoding="utf-8")
            (made / "map.yaml").write_text(text, encoding="utf-8")
            before = lint(Request((str(plain / name),), root=str(plain), majors=(16,)), AT)
            after = lint(Request((str(made / "map.yaml"),), root=str(made), majors=(16,)), AT)
            tried += bool(before.findings)
            if standing(before) != standing(after, style):
                amiss.append((text, standing(before), standing(after, style)))
    assert tried > 10
    assert not amiss, amiss[0]


DOLLARS = {"pg_hba.conf": "host all a$$b,$$ 10.0.0.0/99 md5", "postgresql.conf": "ssl_ciphers = '$$a$$' zz"}
"""Compose takes two dollars for one, so what stands behind them is further left in the file."""
COMPOSED = """\
services:
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: x}
    command: -c OPTION=/etc/own
    configs: [{source: own, target: /etc/own}]
configs:
  own:
    content: """


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("name", "option", "written"), [("pg_hba.conf", "hba_file", RECORDS), ("postgresql.conf", "config_file", SETTINGS)]
)
def test_what_refuses_a_start_stands_at_the_same_words_in_a_config_of_compose(
    seed: int, name: str, option: str, written: tuple[str, ...], tmp_path: Path
) -> None:
    rng, amiss, tried = random.Random(seed), [], 0
    for number in range(6):
        lines = [*rng.sample(written, rng.randrange(1, 7)), DOLLARS[name]]
        for style, scalar in styles(lines):
            if not scalar:
                continue
            text = f"{COMPOSED.replace('OPTION', option)}{scalar.replace('{indent}', '4')}"
            content = yaml.safe_load(text)["configs"]["own"]["content"]
            plain, made = (tmp_path / f"{number} {style}" / kind for kind in ("plain", "made"))
            for folder in (plain, made):
                folder.mkdir(parents=True)
            (plain / name).write_text(content.replace("$$", "$"), encoding="utf-8")
            (made / "compose.yaml").write_text(text, encoding="utf-8")
            before = refusing(lint(Request((str(plain / name),), root=str(plain), majors=(16,)), AT))
            after = refusing(lint(Request((str(made),), root=str(made)), AT))
            tried += bool(before.findings)
            if standing(before) != standing(after, style):
                amiss.append((text, standing(before), standing(after, style)))
    assert tried > 10
    assert not amiss, amiss[0]


def refusing(outcome: Outcome) -> Outcome:
    """What is told whatever stands around a file."""
    found = [one for one in outcome.findings if one.effect is Effect.REFUSES_START]
    return replace(outcome, findings=tuple(found))
