"""PGS420 to PGS439: the revocation lists that client certificates are held against."""

from collections.abc import Iterator
from datetime import timedelta

from pgssllint.checks import check, host_check
from pgssllint.checks.library.dates import ends_soon
from pgssllint.checks.library.declared import declared
from pgssllint.checks.library.fixes import through_line_end
from pgssllint.checks.library.pem_faults import first_entry, unusable_store
from pgssllint.checks.library.places import at_block, at_method, named_by
from pgssllint.checks.library.reach import TLS, reachable
from pgssllint.checks.library.refusals import without_ssl
from pgssllint.checks.library.words import base, reason, shown_subject, written_in
from pgssllint.cluster import Cluster
from pgssllint.cluster.credentials import Credentials
from pgssllint.cluster.revocation import CrlFolder, HeldList, issued_at, taken_list, valid_list
from pgssllint.cluster.setting import Named
from pgssllint.configuration.keys import CRL_EXPIRES_WITHIN
from pgssllint.files import Presence
from pgssllint.finding import Edit, Fix, Location, Problem
from pgssllint.postgres.parameters import find
from pgssllint.quoting import ours
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.names import name_hash
from pgssllint.tls.pem import CRL_LABEL

_SOON = timedelta(days=7)
"""A list that ends sooner is told of, or after two thirds of its time where that is later."""


@check("PGS420")
def unusable_crl_file(cluster: Cluster) -> Iterator[Problem]:
    """A file that is not there, or holds neither list nor certificate."""
    revocation, entry = cluster.tls.revocation, first_entry(cluster)
    named = revocation.file
    if isinstance(named, Named):
        arguments = {"file": named.name, "setting": "ssl_crl_file"}
        yield from unusable_store(cluster, named, revocation.fault, entry, arguments)


@check("PGS421")
def certificate_as_crl(cluster: Cluster) -> Iterator[Problem]:
    """A file of certificates where lists should be."""
    named, held = cluster.tls.revocation.file, cluster.tls.revocation.in_file
    if not isinstance(named, Named) or named.source is None or held is None or cluster.tls.revocation.fault is not None:
        return
    if _checks_clients(cluster) and not any(block.label == CRL_LABEL for block in held.blocks):
        at = at_block(named.source, held.blocks[0])
        yield without_ssl(cluster, Problem(at, {"file": named.name}, related=named_by(named)))


@check("PGS422")
def expired_crl(cluster: Cluster) -> Iterator[Problem]:
    """Lists whose time is over, and no other of their issuer that is valid."""
    for newest in _without_valid(cluster):
        due = newest.crl.next_update
        if due is not None and due < cluster.now:
            arguments = {"issuer": newest.crl.issuer, "date": due.date().isoformat()}
            yield without_ssl(cluster, Problem(_at(newest), arguments, related=_by(cluster)))


@check("PGS423")
def crl_expiring_soon(cluster: Cluster) -> Iterator[Problem]:
    """Lists that end before long, and no newer one."""
    for lists in _by_issuer(cluster):
        valid = [held for held in lists if valid_list(held, cluster.now)]
        newest = max(valid, key=issued_at) if valid else None
        if newest is None or newest.crl.next_update is None or newest.crl.last_update is None:
            continue
        left = newest.crl.next_update - cluster.now
        if ends_soon(cluster, CRL_EXPIRES_WITHIN, left, newest.crl.next_update - newest.crl.last_update, _SOON):
            day = newest.crl.next_update.date().isoformat()
            arguments = {"issuer": newest.crl.issuer, "days": left.days, "date": day}
            yield without_ssl(cluster, Problem(_at(newest), arguments, related=_by(cluster)))


@check("PGS424")
def crl_not_yet_valid(cluster: Cluster) -> Iterator[Problem]:
    """Lists whose time is still to come, and no other of their issuer that is valid."""
    for newest in _without_valid(cluster):
        begins = newest.crl.last_update
        if begins is not None and begins > cluster.now:
            arguments = {"issuer": newest.crl.issuer, "date": begins.date().isoformat()}
            yield without_ssl(cluster, Problem(_at(newest), arguments, related=_by(cluster)))


@host_check("PGS425")
def crl_missing_for_ca(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """CAs of clients for which there is no list, while there are lists of others."""
    revocation, named = cluster.tls.revocation, credentials.client_ca
    held = revocation.held
    if (
        not revocation.is_set
        or not revocation.in_view
        or not held
        or not isinstance(named, Named)
        or named.source is None
    ):
        return
    listed = {item.crl.issuer_key for item in held}
    for authority in credentials.authorities:
        ca = authority.is_ca or (authority.self_signed and authority.version < 3)
        if ca and authority.subject_key not in listed and not _misnamed(cluster, authority):
            places = (at_block(named.source, authority.block, "no list is from this one"),)
            arguments = {"issuer": held[0].crl.issuer, "subject": shown_subject(authority)}
            yield without_ssl(cluster, Problem(_set_at(cluster), arguments, related=places))
            return
    for client in declared(cluster):
        for authority in client.brought:
            issued = any(one.names_as_issuer(authority) for one in (client.certificate, *client.brought))
            if issued and not authority.self_signed and authority.subject_key not in listed:
                subject = shown_subject(authority)
                arguments = {"issuer": held[0].crl.issuer, "subject": subject, "file": written_in(client.source)}
                places = (at_block(client.source, authority.block, "clients bring this one"),)
                yield without_ssl(cluster, Problem(_set_at(cluster), arguments, "brought", places))
                return


@check("PGS426")
def crl_from_unknown_issuer(cluster: Cluster) -> Iterator[Problem]:
    """Lists from nobody among the client CAs."""
    authorities = _all_authorities(cluster)
    known = {authority.subject_key for authority in authorities}
    for held in cluster.tls.revocation.held if authorities else ():
        if held.crl.issuer_key not in known:
            arguments = {"issuer": held.crl.issuer, "file": _ca_name(cluster)}
            yield without_ssl(cluster, Problem(_at(held), arguments, related=_by(cluster)))


@check("PGS427")
def crl_bad_signature(cluster: Cluster) -> Iterator[Problem]:
    """Lists that the key of their issuer does not verify, and that OpenSSL takes of those there are."""
    for lists in _by_issuer(cluster):
        taken = taken_list(lists, cluster.now)
        if _is_forged(taken, cluster):
            arguments = {"issuer": taken.crl.issuer, "file": _ca_name(cluster)}
            yield without_ssl(cluster, Problem(_at(taken), arguments, related=_by(cluster)))


@check("PGS428")
def delta_crl(cluster: Cluster) -> Iterator[Problem]:
    """Lists that say only what changed."""
    for held in cluster.tls.revocation.held:
        if held.crl.is_delta:
            yield without_ssl(cluster, Problem(_at(held), {"issuer": held.crl.issuer}, related=_by(cluster)))


@host_check("PGS429")
def crl_in_ca_file(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A list among the client CAs, and no setting that makes the server look at it."""
    named, bundle = credentials.client_ca, credentials.ca_bundle
    if (
        not isinstance(named, Named)
        or named.source is None
        or bundle is None
        or cluster.tls.revocation.is_set
        or not _unset(cluster)
    ):
        return
    block = next((block for block in bundle.blocks if block.label == CRL_LABEL), None)
    if block is not None:
        problem = Problem(at_block(named.source, block), {"file": named.name}, related=named_by(named))
        yield without_ssl(cluster, problem)


@check("PGS430")
def crl_without_ca_file(cluster: Cluster) -> Iterator[Problem]:
    """Lists, and no CAs of clients."""
    hosts = cluster.tls.credentials
    known = cluster.conf.setting("ssl_ca_file").value is not None or cluster.auth.replaced_settings
    if not hosts or not known or any(isinstance(credentials.client_ca, Named) for credentials in hosts):
        return
    for name in ("ssl_crl_file", "ssl_crl_dir"):
        setting = cluster.conf.setting(name)
        if setting.entry is not None and setting.value:
            yield without_ssl(cluster, Problem(setting.entry.at, {"setting": name}))


@check("PGS431")
def empty_crl_directory(cluster: Cluster) -> Iterator[Problem]:
    """A folder that is not there, or has no files."""
    folder = cluster.tls.revocation.folder
    if not isinstance(folder, CrlFolder) or not _checks_clients(cluster) or cluster.tls.revocation.held:
        return
    opened = folder.opened
    if opened.presence is Presence.MISSING:
        arguments = {"folder": opened.name, "reason": reason(opened.reason)}
        yield without_ssl(cluster, Problem(folder.at, arguments))
    elif opened.presence is Presence.HERE and not opened.names:
        yield without_ssl(cluster, Problem(folder.at, {"folder": opened.name}, "empty"))


@check("PGS432")
def unhashed_crl_directory(cluster: Cluster) -> Iterator[Problem]:
    """Lists in the folder that OpenSSL does not find by their names."""
    folder, found = cluster.tls.revocation.folder, {held.crl.issuer_key for held in cluster.tls.revocation.held}
    for held in cluster.tls.revocation.lists if _checks_clients(cluster) else ():
        if not isinstance(folder, CrlFolder) or held.file is None or held.found or held.crl.issuer_key in found:
            continue
        arguments = {
            "file": held.file,
            "folder": folder.opened.name,
            "name": ours(f"{name_hash(held.crl.issuer_der)}.r0"),
        }
        yield without_ssl(cluster, Problem(folder.at, arguments, related=(_at(held),)))
        return


@check("PGS433")
def no_revocation_source(cluster: Cluster) -> Iterator[Problem]:
    """Logins by certificates that nobody can revoke."""
    if (
        cluster.tls.revocation.is_set
        or not _unset(cluster)
        or cluster.conf.ssl is not True
        or not _checks_clients(cluster)
    ):
        return
    for record in reachable(cluster, TLS):
        if record.clientcert is not None:
            setting = cluster.conf.setting("ssl_ca_file").entry
            yield Problem(at_method(record), related=(setting.at,) if setting is not None else ())
            return


@check("PGS434")
def stale_crl(cluster: Cluster) -> Iterator[Problem]:
    """Lists that a newer one of the same issuer takes the place of."""
    for lists in _by_issuer(cluster):
        newest = max(lists, key=issued_at)
        for held in lists:
            if held is newest or held.crl.is_delta or newest.crl.is_delta:
                continue
            first, second = held.crl.last_update, newest.crl.last_update
            if first is None or second is None or (held.source is newest.source and held.file is not None):
                continue
            arguments = {
                "issuer": held.crl.issuer,
                "date": first.date().isoformat(),
                "newer": second.date().isoformat(),
            }
            places = (at_block(newest.source, newest.crl.block, "the newer list"),)
            fix = _deleted(held) if held.file is None and _spare(held, newest, cluster) else None
            yield without_ssl(cluster, Problem(_at(held), arguments, related=places, fix=fix))


def _spare(held: HeldList, newest: HeldList, cluster: Cluster) -> bool:
    """Whether a list may go: the newer one is valid, and one stays in the file, which no server takes empty."""
    staying = (max(lists, key=issued_at) for lists in _by_issuer(cluster))
    good = valid_list(newest, cluster.now) and not _is_forged(newest, cluster)
    return good and any(one.source is held.source for one in staying)


def _is_forged(held: HeldList, cluster: Cluster) -> bool:
    """Whether no key of a client CA of the issuer's name verifies a list."""
    own = [one for one in _all_authorities(cluster) if one.subject_key == held.crl.issuer_key]
    return bool(own) and all(held.crl.signed_by(authority) is False for authority in own)


def _deleted(held: HeldList) -> Fix:
    """The fix that takes a list out of its file."""
    span = through_line_end(held.source, held.crl.block.span)
    return Fix("Delete the older list.", (Edit(held.source.path, held.source, span, ""),), safe=False)


def _checks_clients(cluster: Cluster) -> bool:
    """Whether the server looks at client certificates of some host."""
    return any(isinstance(credentials.client_ca, Named) for credentials in cluster.tls.credentials)


def _all_authorities(cluster: Cluster) -> list[Certificate]:
    """The client CAs of all hosts; none where one of their files is not here."""
    hosts = [credentials for credentials in cluster.tls.credentials if isinstance(credentials.client_ca, Named)]
    if any(credentials.ca_bundle is None for credentials in hosts):
        return []
    return [certificate for credentials in hosts for certificate in credentials.authorities]


def _ca_name(cluster: Cluster) -> str:
    names = [
        credentials.client_ca.name
        for credentials in cluster.tls.credentials
        if isinstance(credentials.client_ca, Named)
    ]
    return base(names[0]) if names else "ssl_ca_file"


def _by_issuer(cluster: Cluster) -> list[list[HeldList]]:
    """The lists that the server finds, by their issuers, where it looks at client certificates at all."""
    found: dict[bytes, list[HeldList]] = {}
    for held in cluster.tls.revocation.held if _checks_clients(cluster) else ():
        found.setdefault(held.crl.issuer_key, []).append(held)
    return list(found.values())


def _without_valid(cluster: Cluster) -> Iterator[HeldList]:
    """Of each issuer that has no valid list, the newest one."""
    for lists in _by_issuer(cluster):
        if not any(valid_list(held, cluster.now) for held in lists):
            yield max(lists, key=issued_at)


def _misnamed(cluster: Cluster, authority: Certificate) -> bool:
    """Whether a list of the CA is there under a name by which it is not found (PGS432)."""
    return any(item.crl.issuer_key == authority.subject_key for item in cluster.tls.revocation.lists if not item.found)


def _unset(cluster: Cluster) -> bool:
    """Whether it is certain that no setting names a source of lists."""
    crl_dir = cluster.conf.setting("ssl_crl_dir")
    return cluster.conf.setting("ssl_crl_file").value == "" and (
        find("ssl_crl_dir", cluster.major) is None or crl_dir.value == ""
    )


def _at(held: HeldList) -> Location:
    return at_block(held.source, held.crl.block)


def _set_at(cluster: Cluster) -> Location:
    """Where the source of lists is set."""
    file, folder = cluster.tls.revocation.file, cluster.tls.revocation.folder
    return file.at if isinstance(file, Named) else folder.at if isinstance(folder, CrlFolder) else cluster.conf.main_at


def _by(cluster: Cluster) -> tuple[Location, ...]:
    file = cluster.tls.revocation.file
    return named_by(file) if isinstance(file, Named) else ()
