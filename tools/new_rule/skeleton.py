"""What a new rule begins as: page, check and test, in which everything that is to be written is marked."""

from collections.abc import Sequence
from string import Template
from typing import NamedTuple

from pgssllint.rulebook import Page

MARK = "FILL IN"
"""Where something is to be filled in; outside the page the id of the rule follows."""


class Shape(NamedTuple):
    """How rules about one kind of file begin: `imports`, `parameters` and `body` of the check, the page's `examples`,
    and the call by which a test asks for the rules that speak of `$words`. `place` is what the message tells.
    """

    mark: str
    imports: Sequence[str]
    parameters: str
    body: str
    place: str
    examples: str
    asked: str


_CHECK = (
    "from collections.abc import Iterator",
    "from pgssllint.checks import check",
    "from pgssllint.cluster import Cluster",
    "from pgssllint.finding import Problem",
)
_HOST_CHECK = (
    "from collections.abc import Iterator",
    "from pgssllint.checks import host_check",
    "from pgssllint.cluster import Cluster",
    "from pgssllint.cluster.credentials import Credentials",
    "from pgssllint.finding import Problem",
)

SETTINGS = Shape(
    mark="check",
    imports=_CHECK,
    parameters="cluster: Cluster",
    body="""\
    setting = cluster.conf.setting("ssl_ciphers")
    if setting.value == "$mark":
        yield Problem(cluster.conf.set_at(setting.name), {"value": setting.value})
""",
    place="value",
    examples="""\
```ini postgresql.conf
ssl = on
ssl_ciphers = 'HIGH'
#             ^^^^^^ $message
```

## Silent

### FILL IN: the nearest that is right

```ini postgresql.conf
ssl = on
ssl_ciphers = 'HIGH:!aNULL'
```
""",
    asked='rules_in(found_in(tmp_path / "$side", {}, conf="$words"))',
)
RECORDS = Shape(
    mark="check",
    imports=(
        *_CHECK,
        "from pgssllint.checks.library.places import at_method",
        "from pgssllint.checks.library.reach import good_records",
    ),
    parameters="cluster: Cluster",
    body="""\
    for record in good_records(cluster):
        if record.method_name == "$mark":
            yield Problem(at_method(record), {"method": record.method_name})
""",
    place="method",
    examples="""\
```ini pg_hba.conf
local all all peer
hostssl all all 10.0.0.0/8 scram-sha-256
#                          ^^^^^^^^^^^^^ $message
```

## Silent

### FILL IN: the nearest that is right

```ini pg_hba.conf
hostssl all all 10.0.0.0/8 cert
```
""",
    asked='hba(tmp_path / "$side", "$words")',
)
MAPPINGS = Shape(
    mark="check",
    imports=(
        *_CHECK,
        "from pgssllint.checks.library.map_use import good_mappings",
        "from pgssllint.checks.library.places import at_word",
    ),
    parameters="cluster: Cluster",
    body="""\
    for mapping in good_mappings(cluster):
        if mapping.role is not None and mapping.role.text == "$mark":
            yield Problem(at_word(mapping, mapping.role), {"role": mapping.role.text})
""",
    place="role",
    examples="""\
```ini pg_hba.conf
local all all peer map=people
```

```ini pg_ident.conf
people alice app
#            ^^^ $message
```

## Silent

### FILL IN: the nearest that is right

```ini pg_hba.conf
local all all peer map=people
```

```ini pg_ident.conf
people alice alice
```
""",
    asked='rules_in(found_in(tmp_path / "$side", {"pg_ident.conf": b"$words"}))',
)
ENTRIES = Shape(
    mark="check",
    imports=_CHECK,
    parameters="cluster: Cluster",
    body="""\
    for entry in cluster.auth.entries:
        if entry.certificate is not None and entry.certificate.text == "$mark":
            yield Problem(entry.location, {"file": entry.certificate.text})
""",
    place="file",
    examples="""\
```ini postgresql.conf
ssl = on
ssl_sni = on
```

```ini pg_hosts.conf
db.example.org db.crt db.key
```

```text findings
pg_hosts.conf:1 $rule $message
```

## Silent

### FILL IN: the nearest that is right

```ini postgresql.conf
ssl = on
ssl_sni = on
```

```ini pg_hosts.conf
* db.crt db.key
```
""",
    asked='rules_in(found_in(tmp_path / "$side", {"pg_hosts.conf": b"$words"}, major=19))',
)
CERTIFICATES = Shape(
    mark="host_check",
    imports=(
        *_HOST_CHECK,
        "from pgssllint.checks.library.places import at_certificate",
        "from pgssllint.checks.library.words import shown_subject",
    ),
    parameters="_: Cluster, credentials: Credentials",
    body="""\
    for certificate in credentials.own_chain:
        if str(shown_subject(certificate)) == "$mark":
            yield Problem(at_certificate(credentials, certificate), {"subject": shown_subject(certificate)})
""",
    place="subject",
    examples="""\
```toml case
files = {"server.crt" = ["leaf", "intermediate"], "server.key" = {key = "leaf"}}
```

```ini postgresql.conf
ssl = on
```

```text findings
server.crt#1 $rule $message
```

## Silent

### FILL IN: the nearest that is right

```toml case
files = {"server.crt" = ["leaf", "intermediate"], "server.key" = {key = "leaf"}}
```

```ini postgresql.conf
ssl = on
```
""",
    asked='rules_in(found_in(tmp_path / "$side", {"server.crt": b"$words"}))',
)
_SHAPES = {"hba": RECORDS, "ident": MAPPINGS, "hosts": ENTRIES}

_PAGE = """\
+++
# FILL IN: choose as CONTRIBUTING.md tells; tags and needs are those of $like.
effect = "hygiene"
severity = "note"
confidence = "high"
$matter
fix = "none"
references = [
  'FILL IN: who says so, as PostgreSQL documentation, "Chapter"',
]
introduced = "$version"

[messages]
default = "FILL IN: what '{$place}' does here, and what comes of it."
+++

# FILL IN: what should be, in a sentence.

## What is wrong

FILL IN: what is written, and what the server makes of it.

## What happens

FILL IN: what the server, its log and its clients do, and on which majors.

## How to fix it

FILL IN: a sentence that is printed under each finding.

## Fires

### FILL IN: the plain case

$examples"""

_CHECK_TEXT = '''\
@$by("$rule")
def $function($parameters) -> Iterator[Problem]:
    """$mark: what is wrong, in a line."""
$body'''

_TEST = '''

def test_$function(tmp_path: Path) -> None:
    """$mark: whose number or answer the edge is."""
    assert "$rule" in $wrong
    assert "$rule" not in $right
'''


def shape_of(by: str, needs: Sequence[str]) -> Shape:
    """How a rule begins that is marked `by` and needs these files."""
    if by == CERTIFICATES.mark:
        return CERTIFICATES
    return next((_SHAPES[need] for need in needs if need in _SHAPES), SETTINGS)


_RIGHT = f"### {MARK}: the nearest that is right\n\n"
_FIXED = f"\n## Fixed\n\n### {MARK}: as the plain case is called\n\n"


def page_text(rule: str, shape: Shape, like: Page, version: str) -> str:
    """The page of a rule; its tags and needs are those of the page `like`, and `version` introduces it."""
    lines = [f"tags = {_array(like.tags)}"]
    lines += [f"since = {like.since}"] if shape is ENTRIES else []
    lines += [f"needs = {_array(like.needs)}"] if like.needs else []
    message = "FILL IN: the message as it comes out."
    examples = Template(shape.examples).substitute(rule=rule, message=message)
    examples += _FIXED + examples.partition(_RIGHT)[2]
    return Template(_PAGE).substitute(
        like=like.rule, matter="\n".join(lines), version=version, place=shape.place, examples=examples
    )


def check_text(rule: str, function: str, shape: Shape) -> str:
    """The check, which yields nothing."""
    mark = f"{MARK} {rule}"
    body = Template(shape.body).substitute(mark=mark)
    return Template(_CHECK_TEXT).substitute(
        by=shape.mark, rule=rule, function=function, parameters=shape.parameters, mark=mark, body=body
    )


def edge_test_text(rule: str, function: str, shape: Shape) -> str:
    """The test of both sides of the rule's edge, which fails."""
    mark, asked = f"{MARK} {rule}", Template(shape.asked)
    wrong = asked.substitute(side="wrong", words=f"{mark}: what is just wrong")
    right = asked.substitute(side="right", words=f"{mark}: what is just right")
    return Template(_TEST).substitute(rule=rule, function=function, mark=mark, wrong=wrong, right=right)


def _array(words: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"
