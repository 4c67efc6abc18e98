"""Every option behind every method on every type of record: what each major says of it.

tests/data/hba/matrix.tsv holds the error column of pg_hba_file_rules of real servers, `+` for a record that is taken.
Types, methods and options that were answered alike share a line. 15, 18 and 19 are Debian's builds; gss, ldap and pam
were asked where they are built in.
"""

from collections.abc import Iterator

import pytest

from pgssllint.postgres.hba_model import MATCHED
from pgssllint.postgres.hba_shown import shown_options
from pgssllint.target import MAJORS
from tests.test_hba import BASE, read, record, rows

Asked = tuple[str, str, str]
"""A type, a method and an option, `-` for none."""


def answers(major: int) -> Iterator[tuple[Asked, str]]:
    """What a server of `major` said."""
    for row in rows("matrix.tsv"):
        for part in row["answers"].split(" ## "):
            span, _, said = part.partition(": ")
            first, _, last = span.partition("-")
            if int(first) <= major <= int(last or first):
                for kind in row["types"].split():
                    for method in row["methods"].split():
                        yield from (((kind, method, option), said) for option in row["options"].split("|"))


def line(asked: Asked) -> str:
    kind, method, option = asked
    base = "ldapserver=h" if (method, option) == ("ldap", "ldapsuffix=y") else BASE.get(method, "")
    address = "" if kind == "local" else "all"
    return f"{kind} all all {address} {method} {base} " + ("" if option == "-" else f'"{option}"')


@pytest.mark.parametrize("major", MAJORS)
def test_options(major: int) -> None:
    asked = dict(answers(major))
    assert len(asked) > 2500
    records = read("\n".join(map(line, asked)), major).items
    told = [str(found.faults[0].view or "(error column NULL)") if found.faults else "+" for found in records]
    differing = {what: (said, mine) for (what, said), mine in zip(asked.items(), told, strict=True) if said != mine}
    assert not differing


@pytest.mark.parametrize(
    ("kind", "local", "plain", "tls", "gss"),
    [
        # client-authentication.sgml, and check_hba of hba.c
        ("local", True, False, False, False),
        ("host", False, True, True, True),
        ("hostssl", False, False, True, False),
        ("hostnossl", False, True, False, True),
        ("hostgssenc", False, False, False, True),
        ("hostnogssenc", False, True, True, False),
    ],
)
def test_which_connections_a_type_matches(kind: str, local: bool, plain: bool, tls: bool, gss: bool) -> None:
    given = {"local": local, "plain": plain, "tls": tls, "gss": gss}
    assert MATCHED[kind] == {name for name, matched in given.items() if matched}


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (
            "ldap ldapsearchattribute=g ldapbindpasswd=p ldapbinddn=b ldapbasedn=c ldaptls=1 ldapscheme=ldaps "
            "ldapport=9 ldapserver=h",
            "ldapserver=h ldapport=9 ldapscheme=ldaps ldaptls=true ldapbasedn=c ldapbinddn=b ldapbindpasswd=p "
            "ldapsearchattribute=g ldapscope=2",
        ),
        (
            "ldap ldapsuffix=s ldapprefix=p ldaptls=1 ldapscheme=ldap ldapport=1 ldapserver=h",
            "ldapserver=h ldapport=1 ldapscheme=ldap ldaptls=true ldapprefix=p ldapsuffix=s ldapscope=2",
        ),
        (
            "ldap ldapsearchfilter=f ldapbasedn=c ldapserver=h",
            "ldapserver=h ldapbasedn=c ldapsearchfilter=f ldapscope=2",
        ),
        (
            "radius radiusports=1 radiusidentifiers=i radiussecrets=s radiusservers=127.0.0.1 clientcert=verify-ca",
            "clientcert=verify-ca radiusservers=127.0.0.1 radiussecrets=s radiusidentifiers=i radiusports=1",
        ),
        (
            "gss clientcert=verify-full map=m krb_realm=R include_realm=1",
            "include_realm=true krb_realm=R map=m clientcert=verify-full",
        ),
        ("gss map=m krb_realm=R include_realm=0", "krb_realm=R map=m"),
        ("pam pamservice=x", "pamservice=x"),
        ("cert map=m", "map=m clientcert=verify-full"),
    ],
)
def test_options_are_shown_in_the_order_of_the_view(options: str, shown: str) -> None:
    """What Debian's 15 has in the options column of pg_hba_file_rules."""
    assert [str(option) for option in shown_options(record(f"hostssl all all all {options}", 15))] == shown.split()
