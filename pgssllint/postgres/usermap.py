r"""Which names become which roles through a map of pg_ident.conf: check_usermap and check_ident_usermap in hba.c.

The lines of a map are tried in their order, and the first that takes the name for the role decides. A line whose role
has a `\1` that its pattern cannot fill ends the search, and the login with it. Membership in roles is not known here.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple

from pgssllint.postgres.hba_model import Record
from pgssllint.postgres.ident import Mapping, RoleKind
from pgssllint.postgres.regex_match import Found, find

GROUP = r"\1"
"""What stands in a role for the part of the name that the pattern's first group takes."""


_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


class Fate(Enum):
    """What a map makes of a name and a role."""

    TAKEN = "taken"
    REFUSED = "refused"
    NO_GROUP = "no group"
    PERHAPS = "perhaps"


class Mapped(NamedTuple):
    """What becomes of a login: its fate, and the line that decides or may; None where none does."""

    fate: Fate
    mapping: Mapping | None = None

    @property
    def lets_in(self) -> bool | None:
        """Whether the name may log in as the role; None where that is not known."""
        return None if self.fate is Fate.PERHAPS else self.fate is Fate.TAKEN


def lines_of(mappings: Iterable[Mapping], map_name: str) -> tuple[Mapping, ...]:
    """The good lines of a map, in their order."""
    return tuple(m for m in mappings if not m.faults and m.map_name is not None and m.map_name.text == map_name)


def mapped(lines: Sequence[Mapping], name: str, role: str, *, caseless: bool = False) -> Mapped:
    """Whether somebody called `name` may log in as `role` through the lines of a map.

    `caseless`: upper and lower case are the same, as for GSSAPI and SSPI with krb_caseins_users.
    """
    perhaps: Mapping | None = None
    for line in lines:
        fate = _fate(line, name, role, caseless)
        if fate is Fate.PERHAPS:
            perhaps = perhaps or line
        elif fate is not Fate.REFUSED:
            return Mapped(fate, line) if perhaps is None else Mapped(Fate.PERHAPS, perhaps)
    return Mapped(Fate.REFUSED) if perhaps is None else Mapped(Fate.PERHAPS, perhaps)


def own_role(name: str, role: str, *, caseless: bool = False) -> Mapped:
    """The same for a record without a map."""
    return Mapped(Fate.TAKEN if _same(name, role, caseless) else Fate.REFUSED)


def granted(record: Record, mappings: Sequence[Mapping], name: str, role: str) -> bool | None:
    """Whether a record that compares the name of whoever logs in with the role lets him in; None where it is not known.

    `name` is what the server makes of the client: of a certificate its common name, or all of it with clientname=DN.
    An empty one gets nowhere.
    """
    if not name:
        return False
    if not record.map_name:
        return own_role(name, role).lets_in
    return mapped(lines_of(mappings, record.map_name), name, role).lets_in


class Becomes(NamedTuple):
    """What a line makes of a name: a role by its name, or by a kind of word, as it is written in `mapping`."""

    mapping: Mapping
    kind: RoleKind
    role: str


def roles_of(lines: Sequence[Mapping], name: str) -> Iterator[Becomes]:
    """All that somebody called `name` may log in as through the lines of a map, up to one that ends every login.

    A line whose pattern is not decided here is among them.
    """
    for line in lines:
        found = _takes(line, name, caseless=False)
        if found is not None and not found.matches:
            continue
        if found is not None and _lacks_group(line, found):
            return
        if line.role is not None:
            group = found.group if found is not None and found.group is not None else GROUP
            fills = line.system_pattern is not None and line.wants_group
            yield Becomes(line, line.role_kind, line.role.text.replace(GROUP, group, 1) if fills else line.role.text)


def may_yield(line: Mapping, role: str, *, caseless: bool = False) -> bool:
    """Whether there may be a name that a line takes for a role. Whose names there are is not looked at."""
    word = line.role
    if word is None or (line.system_pattern is not None and line.system_pattern.matches_none):
        return False
    if line.role_kind is RoleKind.PATTERN:
        found = find(line.role_pattern, role) if line.role_pattern is not None else None
        return found is None or found.matches
    if line.role_kind is not RoleKind.NAME:
        return True
    if line.wants_group and line.system_pattern is not None:
        before, _, behind = word.text.partition(GROUP)
        fits = len(role) >= len(before + behind) and role.startswith(before) and role.endswith(behind)
        return fits and line.system_pattern.groups > 0
    return _same(word.text, role, caseless)


def _fate(line: Mapping, name: str, role: str, caseless: bool) -> Fate:
    found = _takes(line, name, caseless=caseless)
    if found is None:
        return Fate.PERHAPS
    if not found.matches or line.role is None:
        return Fate.REFUSED
    if line.role_kind is RoleKind.ALL:
        return Fate.TAKEN
    if line.role_kind is RoleKind.MEMBERS:
        # A role is a member of itself; who else is one is not known.
        return Fate.TAKEN if line.role.text[1:] == role else Fate.PERHAPS
    if line.role_kind is RoleKind.PATTERN:
        fits = find(line.role_pattern, role) if line.role_pattern is not None else None
        return Fate.PERHAPS if fits is None else Fate.TAKEN if fits.matches else Fate.REFUSED
    wanted = line.role.text
    if line.system_pattern is not None and line.wants_group:
        if _lacks_group(line, found):
            return Fate.NO_GROUP
        wanted = wanted.replace(GROUP, found.group or "", 1)
    return Fate.TAKEN if _same(wanted, role, caseless) else Fate.REFUSED


def _takes(line: Mapping, name: str, *, caseless: bool) -> Found | None:
    """What the second field makes of a name; None where that is not known."""
    if line.system_pattern is not None:
        return find(line.system_pattern, name)
    return Found(line.system_user is not None and _same(line.system_user.text, name, caseless))


def _lacks_group(line: Mapping, found: Found) -> bool:
    return line.wants_group and line.system_pattern is not None and found.group is None


def _same(one: str, other: str, caseless: bool) -> bool:
    return one == other or (caseless and _lower(one) == _lower(other))


def _lower(text: str) -> str:
    """The text with letters of ASCII in lower case, as pg_strcasecmp compares."""
    return text.translate(_LOWER)
