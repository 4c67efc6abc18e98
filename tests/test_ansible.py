"""Variables of Ansible roles: the lines are those that the roles' templates print."""

import pytest

from pgssllint.files import Files
from pgssllint.sources.ansible import read_ansible
from pgssllint.sources.site import Site
from pgssllint.text import Source, Span


def sites_of(text: str) -> tuple[Site, ...]:
    return read_ansible(Source("/r/main.yml", text.encode()), Files(("/r",)))


def records_of(text: str) -> list[str]:
    (site,) = sites_of(text)
    assert site.hba is not None
    return site.files[site.hba].text.splitlines()


GEERLINGGUY = """\
postgresql_hba_entries:
  - {type: local, database: all, user: postgres, auth_method: peer}
  - {type: hostssl, database: all, user: all, address: all, auth_method: cert, auth_options: clientcert=verify-full}
  - {type: host, database: all, user: all, ip_address: 10.0.0.0, ip_mask: 255.0.0.0, auth_method: md5}
  - {type: host, database: all, user: on, address: samenet, auth_method: md5}
"""


def test_entries_are_printed_in_their_order() -> None:
    """As Ansible 2.19 printed them, but for blanks that stand for what is not given."""
    assert records_of(GEERLINGGUY) == [
        "local all postgres peer",
        "hostssl all all all cert clientcert=verify-full",
        "host all all 10.0.0.0 255.0.0.0 md5",
        "host all True samenet md5",
    ]


@pytest.mark.parametrize(
    ("text", "records"),
    [
        (
            "postgresql_pg_hba_custom:\n  - {type: host, database: a, user: a, address: all, method: md5}\n"
            "postgresql_pg_hba_trust_hosts: [10.0.0.0/8]\npostgresql_pg_hba_md5_hosts: [10.1.0.0/16]\n"
            "postgresql_pg_hba_default:\n  - {type: local, database: all, user: postgres, method: peer}\n",
            ["local all postgres peer", "host all all 10.1.0.0/16 md5",
             "host all all 10.0.0.0/8 trust", "host a a all md5"],
        ),
        (
            "postgresql_pg_hba:\n  - {type: host, database: all, user: all, address: 10.0.0.0/8}\n",
            ["host all all 10.0.0.0/8 md5"],
        ),
        ("postgresql_pg_hba_conf:\n  - hostssl all all all md5\n", ["hostssl all all all md5"]),
        (
            "our_pg_hba_rules:\n  - {contype: local, databases: all, users: [a, b], method: peer, source: '::1/128'}\n"
            "  - {contype: host, databases: all, users: all, source: 10.0.0.0/8, method: md5}\n",
            ["local all a,b peer", "host all all 10.0.0.0/8 md5"],
        ),
        (
            "- name: records\n  copy:\n    dest: /etc/postgresql/16/main/pg_hba.conf\n    content: |\n"
            "      local all all peer\n      host all all all trust\n",
            ["local all all peer", "host all all all trust"],
        ),
    ],
)  # fmt: skip
def test_lists_of_roles_become_records(text: str, records: list[str]) -> None:
    assert records_of(text) == records


@pytest.mark.parametrize(
    "text",
    [
        "postgresql_hba_entries: []\n",
        "postgresql_hba_entries: '{{ entries }}'\n",
        "some_hba:\n  - {name: x, value: y}\n",
        "some_hba:\n  - {type: host, database: all, user: '*postgres*', address: all, method: md5}\n",
        "hba: [one, two]\n",
        "- copy: {dest: /etc/motd, content: 'host all all all trust'}\n",
    ],
)
def test_what_is_no_list_of_records_is_none(text: str) -> None:
    assert sites_of(text) == ()


def test_options_become_settings_of_a_file_that_holds_more() -> None:
    text = (
        "postgresql_global_config_options:\n  - {option: ssl, value: on}\n  - {option: nosuch, value: 1}\n"
        "  - {option: ssl_key_file, value: /k}\n  - {option: port, value: 1, state: absent}\n"
    )
    (site,) = sites_of(text)
    assert site.main is not None
    assert site.files[site.main].text == "ssl = 'True'\nssl_key_file = '/k'\n"
    assert not site.whole


def test_each_word_leads_to_where_it_stands() -> None:
    (site,) = sites_of(GEERLINGGUY)
    assert site.hba is not None
    made = site.files[site.hba]
    at = made.text.index("verify-full")
    led = made.home(Span(at, at + len("verify-full")))
    assert led.is_users
    assert led.source.text[led.span.start : led.span.end] == "verify-full"
