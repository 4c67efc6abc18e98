"""PGS650 and PGS700 to PGS707: pg_ident.conf, which never stops a server: with a fault it starts without any map."""

from collections.abc import Iterator
from dataclasses import replace

from pgssllint.checks import check
from pgssllint.checks.library.fixes import written
from pgssllint.checks.library.map_use import good_mappings, mappings_in_use, used_maps
from pgssllint.checks.library.places import MANY, at_file, at_map_option, at_word
from pgssllint.checks.library.reach import reachable
from pgssllint.checks.library.words import base, file_of, line_of, reason, written_in
from pgssllint.cluster import Cluster
from pgssllint.files import Opened, Presence
from pgssllint.finding import Effect, Location, Problem, Severity
from pgssllint.postgres.auth_model import AuthKind
from pgssllint.postgres.hba import Record, loads
from pgssllint.postgres.hba_model import SUPERUSER
from pgssllint.postgres.ident import IdentKind, RoleKind, no_group_log
from pgssllint.quoting import NOTHING, Place, Quote, a_file
from pgssllint.syntax.auth import Value
from pgssllint.text import BYTE_ORDER_MARK, Span


@check("PGS650")
def undefined_map(cluster: Cluster) -> Iterator[Problem]:
    """Maps that records use and that have no line, each said once. Of a file that does not load PGS701 speaks."""
    ident = cluster.auth.ident
    if ident is None or not ident.complete or not ident.is_sound:
        return
    defined = {m.map_name.text.removeprefix(BYTE_ORDER_MARK) for m in ident.items if m.map_name is not None}
    users: dict[str, list[Record]] = {}
    for record in reachable(cluster):
        if record.map_name and record.map_name not in defined:
            users.setdefault(record.map_name, []).append(record)
    for name, (first, *others) in users.items():
        related = tuple(at_map_option(record, "so does this record") for record in others[:MANY])
        arguments = {"map": name, "file": written_in(ident.main)}
        places = (at_file(ident.main, "has no line for the map"), *related)
        yield Problem(at_map_option(first), arguments, related=places)


@check("PGS700")
def ident_file_missing(cluster: Cluster) -> Iterator[Problem]:
    """Maps that records use and that no file holds."""
    opened, used = cluster.auth.opened("ident"), used_maps(cluster)
    if not isinstance(opened, Opened) or opened.presence is not Presence.MISSING or not used:
        return
    name, record = next(iter(used.items()))
    is_set = cluster.conf.setting("ident_file").entry is not None
    at = cluster.conf.set_at("ident_file") if is_set else at_map_option(record)
    related = (at_map_option(record, "uses a map"),) if is_set else ()
    arguments = {"file": base(opened.name), "reason": reason(opened.reason), "map": Quote(name, Place.OPTION, "map")}
    yield Problem(at, arguments, related=related, log=cluster.auth.maps_not_opened)


@check("PGS701")
def ident_syntax_error(cluster: Cluster) -> Iterator[Problem]:
    """Lines for which the server drops all maps."""
    ident = cluster.auth.ident
    if ident is None:
        return
    used = used_maps(cluster)
    related = tuple(at_map_option(record, "uses a map") for record in list(used.values())[:1])
    for auth in ident.faults:
        at = Location(auth.source.path, auth.source, auth.span)
        arguments = {"line": line_of(auth), "file": file_of(auth), "value": a_file(auth.value)}
        message = "long" if auth.kind in (AuthKind.LINE_TOO_LONG, AuthKind.TOKEN_TOO_LONG) else "include"
        yield _of_a_line(cluster, Problem(at, arguments, message, (*related, *auth.chain), log=auth.log), used)
    for mapping in ident.items:
        for fault in mapping.faults:
            message = {IdentKind.MULTIPLE_VALUES: "several", IdentKind.BAD_REGEX: "pattern"}.get(fault.kind, "default")
            arguments = {
                "line": line_of(mapping), "file": file_of(mapping), "value": fault.quote, "why": fault.reason,
            }  # fmt: skip
            at = Location(mapping.source.path, mapping.source, fault.span)
            problem = Problem(at, arguments, message, (*related, *mapping.chain), log=fault.log)
            yield _of_a_line(cluster, problem, used)
        name = mapping.map_name
        if (
            not mapping.faults
            and name is not None
            and mapping.span.start == 0
            and name.text.startswith(BYTE_ORDER_MARK)
        ):
            arguments = {
                "file": file_of(mapping),
                "map": name.name._replace(text=name.text.removeprefix(BYTE_ORDER_MARK)),
            }
            at = Location(mapping.source.path, mapping.source, Span(0, 1))
            yield Problem(at, arguments, "mark", related)


@check("PGS702")
def surplus_ident_field(cluster: Cluster) -> Iterator[Problem]:
    """What stands behind the role."""
    for mapping in good_mappings(cluster):
        if not mapping.surplus or mapping.role is None:
            continue
        first, last = mapping.surplus[0], mapping.surplus[-1]
        whole = Location(mapping.source.path, mapping.source, Span(mapping.role.span.end, last.span.end))
        fix = written(whole, "", "Delete what follows the role.", safe=True)
        yield Problem(at_word(mapping, first), {"text": first.quote(Place.REST)}, fix=fix)


@check("PGS703")
def unused_map(cluster: Cluster) -> Iterator[Problem]:
    """Maps that no record speaks of."""
    hba = cluster.auth.hba
    if hba is None or not hba.complete or not loads(hba):
        return
    seen = set(used_maps(cluster))
    for mapping in good_mappings(cluster):
        name = mapping.map_name
        if name is not None and name.text not in seen and not name.text.startswith(BYTE_ORDER_MARK):
            seen.add(name.text)
            yield Problem(at_word(mapping, name), {"map": name.name})


@check("PGS704")
def unanchored_map_pattern(cluster: Cluster) -> Iterator[Problem]:
    """Patterns that find what they look for anywhere in a name."""
    for mapping, related in mappings_in_use(cluster):
        pattern, user = mapping.system_pattern, mapping.system_user
        if pattern is None or user is None or mapping.describes_whole_name:
            continue
        text = pattern.pattern
        whole = f"/{'' if pattern.anchored_start else '^'}{text}{'' if pattern.anchored_end else '$'}"
        plain = not any(sign in text for sign in '|"') and not text.startswith(("***", "(?"))
        at = at_word(mapping, user)
        if user.quoted:
            whole = f'"{whole}"'
        fix = written(at, whole, f"Write '{whole}'.") if plain and _is_as_written(user) else None
        yield Problem(at, {"pattern": user.name}, related=related, fix=fix)


@check("PGS705")
def missing_capture_group(cluster: Cluster) -> Iterator[Problem]:
    r"""Roles with a `\1` that nothing fills."""
    for mapping, related in mappings_in_use(cluster):
        pattern, user, role = mapping.system_pattern, mapping.system_user, mapping.role
        if not mapping.wants_group or user is None or role is None or (pattern is not None and pattern.groups):
            continue
        message = "plain" if pattern is None else "default"
        log = (
            no_group_log(user.quote(Place.PATTERN)._replace(text=pattern.pattern), role.name)
            if pattern is not None
            else None
        )
        where = (at_word(mapping, user, "the system user name"), *related)
        yield Problem(at_word(mapping, role), {"role": role.name, "pattern": user.name}, message, where, log=log)


@check("PGS706")
def map_role_keyword_before_16(cluster: Cluster) -> Iterator[Problem]:
    """Words in the role field that mean something from 16 on."""
    for mapping, related in mappings_in_use(cluster):
        role, kind = mapping.role, mapping.written_role
        if role is not None and kind is not mapping.role_kind:
            message = "pattern" if kind is RoleKind.PATTERN else "default"
            yield Problem(at_word(mapping, role), {"word": role.name, "target": cluster.major}, message, related)


@check("PGS707")
def map_to_any_role(cluster: Cluster) -> Iterator[Problem]:
    """Lines by which whoever is authenticated becomes a superuser, or any role."""
    for mapping, related in mappings_in_use(cluster):
        pattern, role = mapping.system_pattern, mapping.role
        if pattern is None or not pattern.matches_all or role is None:
            continue
        of_all = mapping.role_kind is RoleKind.ALL
        of_all = of_all or (mapping.role_pattern is not None and mapping.role_pattern.matches_all)
        if of_all or role.text == SUPERUSER:
            arguments = {"map": mapping.map_name.name if mapping.map_name is not None else NOTHING, "role": role.name}
            yield Problem(mapping.location, arguments, "all" if of_all else "default", related)


def _of_a_line(cluster: Cluster, problem: Problem, used: dict[str, Record]) -> Problem:
    """The problem of a faulty line; where it is certain that nobody uses a map, nobody is locked out."""
    hba = cluster.auth.hba
    if used or hba is None or not hba.complete:
        return problem
    return replace(problem, effect=Effect.HYGIENE, severity=Severity.WARNING)


def _is_as_written(value: Value) -> bool:
    """Whether a value stands in the file as it is, give or take the quotes around it."""
    return value.origin is None and value.span.end - value.span.start == len(value.text) + 2 * value.quoted
