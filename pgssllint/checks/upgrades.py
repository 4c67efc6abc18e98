"""PGS566 and PGS860 to PGS864: what the target takes and a later major refuses, or takes for something else."""

from collections.abc import Iterator
from functools import partial
from itertools import chain

from pgssllint.checks import check
from pgssllint.checks.library.fixes import delete_option, written
from pgssllint.checks.library.later_majors import first_to_break, read_later
from pgssllint.checks.library.map_use import mappings_in_use
from pgssllint.checks.library.negotiation import MINIMUM, old_versions
from pgssllint.checks.library.passphrase_commands import PASSPHRASE_COMMAND, unknown_placeholders
from pgssllint.checks.library.places import at_method, at_record, at_word, labelled
from pgssllint.checks.library.reach import good_records, reachable
from pgssllint.cluster import Cluster
from pgssllint.finding import Confidence, Fix, Location, Problem
from pgssllint.postgres import password_encryption
from pgssllint.postgres.entries import Entry
from pgssllint.postgres.hba import Option, Record
from pgssllint.postgres.hba_model import CLIENTCERT_WORDS_FROM, HASHED_METHODS
from pgssllint.postgres.hba_options import METHODS, Row, option_fault
from pgssllint.postgres.hba_record import FIRST_WITH_PATTERNS
from pgssllint.postgres.ident import ROLE_WORDS_FROM, Mapping, RoleKind
from pgssllint.postgres.libraries import SETTING as SHARED_PRELOAD
from pgssllint.postgres.libraries import Origin, listed, origin
from pgssllint.postgres.parameters import Parameter, find, folded
from pgssllint.postgres.passphrase import STRICT_FROM
from pgssllint.postgres.regex import read_regex
from pgssllint.postgres.values import ValueFault, check_value
from pgssllint.quoting import a_file, ours, say
from pgssllint.tls.protocols import PROTOCOLS

_SUCCESSORS = {password_encryption.NAME: password_encryption.BOOLEANS_MEANT}
"""What a value meant that is no longer there, by the parameter: the booleans of password_encryption."""


@check("PGS566")
def clientcert_value_dropped_in_14(cluster: Cluster) -> Iterator[Problem]:
    """Values of clientcert that a later major refuses."""
    for record in good_records(cluster):
        for option in record.options:
            later = first_to_break(cluster, partial(_refuses_option, record, option))
            if option.name == "clientcert" and later is not None:
                arguments = {"option": say("{}={}", option.spelling, option.quote), "last": later - 1, "later": later}
                fix = _without_legacy_value(record, option)
                yield Problem(at_record(record, option.span), arguments, related=record.chain, fix=fix)
                break


@check("PGS860")
def parameter_dropped_later(cluster: Cluster) -> Iterator[Problem]:
    """Names that a later major does not know, each where it first stands."""
    entries: dict[str, list[Entry]] = {}
    for entry in cluster.conf.entries.all:
        if _known(cluster, entry) is not None:
            entries.setdefault(folded(entry.name), []).append(entry)
    for first, *others in entries.values():
        later = first_to_break(cluster, partial(_is_unknown, first.name))
        if later is not None:
            related = (*first.chain, *(labelled(other.name_at, "so is this one") for other in others))
            yield Problem(first.name_at, {"name": first.spelling, "later": later}, related=related)


@check("PGS861")
def value_dropped_later(cluster: Cluster) -> Iterator[Problem]:
    """Values that a later major refuses."""
    for entry in cluster.conf.settings.last_of_each_spelling():
        parameter = _known(cluster, entry)
        if parameter is None or check_value(parameter, entry.value, cluster.major, entry.name) is not None:
            continue
        later = first_to_break(cluster, partial(_refuses_value, entry))
        if later is not None:
            arguments = {"value": entry.quote, "name": entry.spelling, "later": later}
            yield Problem(entry.at, arguments, related=entry.chain, fix=_successor(entry, later))
    yield from _libraries_dropped(cluster)
    command = cluster.conf.setting(PASSPHRASE_COMMAND)
    strict = command.entry is not None and "%" in (command.value or "") and first_to_break(cluster, _is_strict)
    if strict and not _is_strict(cluster.major) and cluster.conf.ssl is not False:
        then = read_later(cluster, strict)
        for problem in chain.from_iterable(
            unknown_placeholders(then, credentials) for credentials in then.tls.credentials
        ):
            arguments = {name: problem.arguments[name] for name in ("placeholder", "setting")}
            yield Problem(problem.at, arguments | {"later": strict}, "placeholder", problem.related)


def _libraries_dropped(cluster: Cluster) -> Iterator[Problem]:
    """The first library of either list that a later major does not have."""
    for name, message in ((SHARED_PRELOAD, "library"), ("session_preload_libraries", "sessions")):
        setting = cluster.conf.setting(name)
        for library in listed(setting.value) if setting.entry is not None and setting.value is not None else ():
            later = first_to_break(cluster, partial(_lacks_library, library))
            if setting.entry is not None and later is not None and not _lacks_library(library, cluster.major):
                arguments = {"library": a_file(library), "later": later}
                yield Problem(setting.entry.at, arguments, message, setting.entry.chain)
                break


@check("PGS862")
def default_changed_later(cluster: Cluster) -> Iterator[Problem]:
    """Defaults that the configuration relies on and that a later major has changed."""
    sure = None if cluster.deployment.deployed else Confidence.MEDIUM
    for at, name, before in _relied_on(cluster):
        later = first_to_break(cluster, partial(_has_other_default, name, before))
        if later is not None:
            arguments = {"name": name, "before": ours(before), "after": ours(_default(name, later)), "later": later}
            message = "protocol" if name == MINIMUM else "default"
            yield Problem(at, arguments, message, confidence=sure)


@check("PGS863")
def method_dropped_later(cluster: Cluster) -> Iterator[Problem]:
    """Methods that a later major does not have."""
    for record in good_records(cluster):
        method = record.method.text if record.method is not None else ""
        later = first_to_break(cluster, partial(_lacks_method, method))
        if later is not None:
            yield Problem(at_method(record), {"method": method, "later": later}, related=record.chain)


@check("PGS864")
def name_becoming_pattern(cluster: Cluster) -> Iterator[Problem]:
    """Names that are patterns or keywords on a later major."""
    if first_to_break(cluster, _reads_patterns) is not None:
        for record in good_records(cluster):
            name = next((v for v in (*record.databases, *record.users) if v.text.startswith("/")), None)
            if name is not None:
                message = "default" if _compiles(name.text) else "refused"
                arguments = {"name": name.name, "later": FIRST_WITH_PATTERNS}
                yield Problem(at_record(record, name.span), arguments, message, record.chain)
    if first_to_break(cluster, _reads_role_words) is not None:
        for mapping, related in mappings_in_use(cluster):
            yield from _becoming_more(mapping, related)


def _becoming_more(mapping: Mapping, related: tuple[Location, ...]) -> Iterator[Problem]:
    """The problem of a map's role that stands for more than the role of that name from ROLE_WORDS_FROM on."""
    role, kind = mapping.role, mapping.written_role
    if role is None or kind is mapping.role_kind:
        return
    compiles = kind is not RoleKind.PATTERN or _compiles(role.text)
    message = {RoleKind.ALL: "all", RoleKind.MEMBERS: "members"}.get(kind, "default" if compiles else "maps")
    yield Problem(at_word(mapping, role), {"name": role.name, "later": ROLE_WORDS_FROM}, message, related)


def _known(cluster: Cluster, entry: Entry) -> Parameter | None:
    """The parameter that an entry sets on the target; None if no configuration may, or the name is a template's."""
    parameter = find(entry.name, cluster.major) if not entry.unknown else None
    return parameter if parameter is not None and not parameter.read_only else None


def _is_strict(major: int) -> bool:
    return major >= STRICT_FROM


def _reads_patterns(major: int) -> bool:
    return major >= FIRST_WITH_PATTERNS


def _reads_role_words(major: int) -> bool:
    return major >= ROLE_WORDS_FROM


def _is_unknown(name: str, major: int) -> bool:
    return find(name, major) is None


def _refuses_value(entry: Entry, major: int) -> bool:
    return _value_fault(entry, major) is not None


def _value_fault(entry: Entry, major: int) -> ValueFault | None:
    parameter = find(entry.name, major)
    return check_value(parameter, entry.value, major, entry.name) if parameter is not None else None


def _lacks_library(library: str, major: int) -> bool:
    return origin(library, major) is Origin.OTHER_MAJOR


def _successor(entry: Entry, later: int) -> Fix | None:
    """The fix that writes what stands for the value on the later major: its own word, or the only one there is."""
    fault = _value_fault(entry, later)
    allowed = fault.allowed if fault is not None else ()
    word = _SUCCESSORS.get(folded(entry.name)) or (allowed[0] if len(allowed) == 1 else None)
    return written(entry.at, word, f"Write '{word}'.") if word is not None else None


def _refuses_option(record: Record, option: Option, major: int) -> bool:
    method = record.method.text if record.method is not None else ""
    return option_fault(option, Row(major, record.conntype, method, not _lacks_method(method, major))) is not None


def _lacks_method(method: str, major: int) -> bool:
    return method not in METHODS or major not in METHODS[method]


def _without_legacy_value(record: Record, option: Option) -> Fix | None:
    """The fix that says the same in words that all majors from 12 on take."""
    if record.major < CLIENTCERT_WORDS_FROM or option.name_span == option.span:
        return None
    if option.value == "1" and record.method_name != "cert":
        text = "clientcert=verify-ca"
        return written(at_record(record, option.span), text, f"Write '{text}'.", safe=True)
    return delete_option(record, option.span, "Delete the option.")


def _compiles(pattern: str) -> bool:
    """Whether a later major takes what stands behind the slash for a regular expression."""
    return read_regex(pattern[1:], FIRST_WITH_PATTERNS).error is None


def _default(name: str, major: int) -> str | None:
    parameter = find(name, major)
    return parameter.boot if parameter is not None else None


def _has_other_default(name: str, before: str, major: int) -> bool:
    return _default(name, major) not in (None, before)


def _relied_on(cluster: Cluster) -> Iterator[tuple[Location, str, str]]:
    """The defaults that the configuration relies on: where that shows, the parameter, and its default on the target."""
    passwords = (r for r in reachable(cluster) if r.method_name in HASHED_METHODS)
    record = next(passwords, None) if cluster.conf.setting("password_encryption").is_default else None
    if record is not None:
        yield at_method(record), "password_encryption", cluster.conf.setting("password_encryption").value or ""
    if cluster.conf.ssl is not True:
        return
    lowest = cluster.conf.setting(MINIMUM)
    unset = lowest.is_default or (cluster.conf.whole and find(MINIMUM, cluster.major) is None)
    if unset and old_versions(cluster).negotiated:
        yield cluster.conf.ssl_at, MINIMUM, lowest.value or PROTOCOLS[0]
    curve = cluster.conf.setting("ssl_ecdh_curve")
    # Every server with TLS on relies on this one, and it turns nobody away: told to those who ask about an upgrade.
    if curve.is_default and cluster.target.upgrade_stated:
        yield cluster.conf.ssl_at, "ssl_ecdh_curve", curve.value or ""
