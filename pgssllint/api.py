"""The public functions: `import pgssllint.api`, or `from pgssllint import check`."""

import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pgssllint.cluster import Cluster
from pgssllint.configuration.keys import BASELINE, Dates
from pgssllint.discovery import discover
from pgssllint.engine import Options, run
from pgssllint.files import Files, Unread
from pgssllint.finding import Notification, Outcome, Severity
from pgssllint.gathering import Subject, gather, one_server
from pgssllint.handles import real_path
from pgssllint.locate import PathMap, idle_maps
from pgssllint.request import Request
from pgssllint.roots import absolute, placed, project_around
from pgssllint.rulebook import rulebook
from pgssllint.selection import Choice, Words, choice, no_rule_on
from pgssllint.showing.telling import Showing
from pgssllint.sites import is_of_tool
from pgssllint.statements import check_certificates, check_declared, check_later, configured
from pgssllint.target import ASSUMED_SERIES, Clients, OpenSSL, parse_majors, parse_versions
from pgssllint.text import Source, visible

if TYPE_CHECKING:
    from pgssllint.baseline.marking import Before
    from pgssllint.checked import Checked, Some, Texts
    from pgssllint.tls.certificate import Certificate
    from pgssllint.views import Row
    from pgssllint.views.ciphers import Listing
    from pgssllint.views.reading import Reading


def check(
    paths: "Some" = (".",),
    *,
    texts: "Texts | None" = None,
    data_dir: str | os.PathLike[str] | None = None,
    pg_version: str | int | None = None,
    openssl: str | None = None,
    upgrade_to: str | int | None = None,
    hostnames: "Some" = (),
    maps: Mapping[str, str] | None = None,
    at: datetime | None = None,
    select: "Some" = (),
    ignore: "Some" = (),
    strict: bool = False,
    baseline: str | None = None,
) -> "Checked":
    """Lint the configuration at `paths`, one or several, and return everything there is to say of it, word for word:
    its texts may hold passwords that stand in the files, which its `render` masks.

    In place of `paths` there may be `texts`, by the paths that they would have in a repository, or the `data_dir` of a
    server. `maps` are folders or files here by the absolute paths that the server knows them by, and `hostnames` the
    hosts that clients connect to. `pg_version`, `openssl` and `upgrade_to` are as the options of those names; `at` is
    the moment dates are judged as of (aware; now if None); what the file `baseline` has is marked as unchanged. Raises
    ValueError with a sentence for a wrong option, rule, path, text, baseline or project configuration.
    """
    from pgssllint.checked import checked, laid_out, paths_given, several

    request = Request(
        paths_given(paths, instead=(texts, data_dir)),
        data_dir=None if data_dir is None else several(data_dir, "data_dir")[0],
        majors=parse_versions(str(pg_version)) if pg_version else (),
        openssl=OpenSSL.parse(openssl) if openssl else None,
        upgrade_to=parse_majors(str(upgrade_to)) if upgrade_to else (),
        maps=tuple(PathMap.parse(f"{server}={local}") for server, local in (maps or {}).items()),
        clients=Clients(several(hostnames, "hostnames")),
    )
    chosen, left_out = several(select, "select"), several(ignore, "ignore")
    moment, before = at or datetime.now(UTC), None if baseline is None else _baseline(baseline)

    def outcome_of(request: Request) -> Outcome:
        outcome = lint(request, moment, select=chosen, ignore=left_out, strict=strict, before=before)
        errors = [str(note.message) for note in outcome.notifications if note.error and note.rule is None]
        if errors:
            raise ValueError(" ".join(errors))
        return outcome

    if texts is None:
        return checked(outcome_of(request))
    with laid_out(texts) as folder:
        return checked(outcome_of(replace(request, paths=(folder,), root=folder)), folder)


def _baseline(file: str) -> "Before":
    from pgssllint.baseline.log import read as read_baseline

    return read_baseline(file, rulebook().pages)


def lint(
    request: Request,
    now: datetime,
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    strict: bool = False,
    fail_on: Severity | None = None,
    dates: Dates | None = None,
    exit_zero: bool = False,
    whole_cluster: bool = False,
    before: "Before | None" = None,
) -> Outcome:
    """The outcome of a request; what keeps the linter from its work is an error among the notifications.

    What a project declares stands in for what is not stated, for its own deployments. What was there `before` is
    unchanged, and fails nothing. Raises ValueError for a word that
    names no rule, for majors to upgrade to of which none is above a target, for a client
    certificate that cannot be read, and ConfigurationError (a ValueError) for a configuration not in order.
    """
    rules = rulebook()
    with closing(discover(request)) as found:
        gathered = gather(found, request.stated, now)
        check_declared((one for project in found.projects for one in project.configurations.met), rules)
        given = Words(select, ignore, strict, fail_on, dates)
        choices, idle = dict[str | None, Choice](), dict[str | None, Notification]()
        for deployment in (subject.deployment for subject in gathered.subjects):
            declared = deployment.declared
            if declared.path not in choices:
                choices[declared.path] = made = choice(rules, given, declared)
                note = no_rule_on(rules, deployment.project.configurations.base(declared), made.off)
                idle |= {declared.path: note} if note is not None else {}
        judged, spared = _parted(gathered.subjects, idle)
        sets = configured(gathered.subjects, request, given, compared=before is not None)
        told = (*sets, *gathered.notes, *(idle[path] for path in spared))
        gathered = gathered._replace(subjects=judged, notes=told)
        check_later(request, [target for subject in gathered.subjects for target in subject.targets])
        check_certificates(request, [subject.deployment for subject in gathered.subjects])
        options = Options(choices, now, exit_zero, whole_cluster, _named(request), request.deployment is not None)
        outcome = run(gathered, rules, options)
        looked = [subject.deployment.files for subject in gathered.subjects if not request.hook]
        idle_maps_told = map(Notification, idle_maps(request.maps if looked else (), looked))
        outcome = replace(outcome, notifications=(*outcome.notifications, *idle_maps_told))
        configurations = [subject.deployment.declared for subject in gathered.subjects]
        if before is None and not any(one[BASELINE] for one in configurations):
            return outcome
        from pgssllint.baseline.declared import compared

        return compared(outcome, request, before, configurations, [one.rules for one in choices.values()])


def _named(request: Request) -> frozenset[str]:
    """The real paths that the user names; those that a hook passes nobody named."""
    return frozenset() if request.hook else frozenset(map(real_path, request.paths))


def _parted(
    subjects: Sequence[Subject], idle: Collection[str | None]
) -> tuple[tuple[Subject, ...], tuple[str | None, ...]]:
    """The subjects for which a rule is on, and the configurations, by their paths, that leave the others none."""
    paths = [subject.deployment.declared.path for subject in subjects]
    judged = tuple(subject for subject, path in zip(subjects, paths, strict=True) if path not in idle)
    return judged, tuple(dict.fromkeys(path for path in paths if path in idle))


def gathered_clusters(request: Request, now: datetime | None = None) -> tuple[Cluster, ...]:
    """The clusters of a request, each for its first target, as of `now` (aware; now if None).

    Raises ValueError with a sentence for a path that leads nowhere, or a project configuration that is not right.
    """
    moment = now or datetime.now(UTC)
    with closing(discover(request)) as found:
        gathered = gather(found, request.stated, moment)
    errors = [str(note.message) for note in gathered.notes if note.error]
    if errors:
        raise ValueError(errors[0])
    return tuple(Cluster(one.deployment, one.targets[0], moment) for one in gathered.subjects)


def read(command: str, path: str, major: int | None = None, root: str | None = None) -> "Reading":
    """The view that the command `command` (settings, hba, ident, hosts) shows of the file at `path`.

    `major` is the server's; where it is None, what PG_VERSION or the path says, else the assumed one. What the file
    includes is read where the server would look for it, below `root` (the repository, else the file's folder, if None).
    Raises ValueError with a sentence for a file that cannot be read, or one that the major does not have.
    """
    return read_view(command, Request((path,), root=root, majors=() if major is None else (major,)))


def read_view(command: str, request: Request) -> "Reading":
    """The view of the file that a request names as its path, or of the one server that it names instead or whose folder
    or tool's file it names; it holds all that is said of the server's start. Raises ValueError with a sentence as
    `read` does, and where an option cannot hold.
    """
    from pgssllint.views.reading import of_file, of_server

    if request.names_servers or request.deployment is not None or _holds_servers(request.paths):
        return of_server(command, one_server(request, datetime.now(UTC)))
    return of_file(command, request)


def _holds_servers(paths: Sequence[str]) -> bool:
    """Whether a path is that of a folder, or of a file by which a tool sets up servers."""
    return any(os.path.isdir(path) or is_of_tool(path) for path in paths)


def hba_file_rules(path: str, major: int | None = None) -> "list[Row]":
    """The rows of pg_hba_file_rules for a pg_hba.conf, word for word; raises ValueError as `read` does."""
    return list(read("hba", path, major).rows)


def file_settings(path: str, major: int | None = None) -> "list[Row]":
    """The rows of pg_file_settings for a postgresql.conf, word for word; raises ValueError as `read` does."""
    return list(read("settings", path, major).rows)


def ident_file_mappings(path: str, major: int | None = None) -> "list[Row]":
    """The rows of pg_ident_file_mappings for a pg_ident.conf, word for word; raises ValueError as `read` does."""
    return list(read("ident", path, major).rows)


def hosts_entries(path: str) -> "list[Row]":
    """The entries of a pg_hosts.conf, word for word; raises ValueError as `read` does."""
    return list(read("hosts", path).rows)


def cipher_suites(
    text: str,
    openssl: str | None = None,
    *,
    certificate: str | None = None,
    min_protocol: str = "",
    max_protocol: str = "",
    groups: str | None = None,
) -> "Listing":
    """What the cipher list `text` comes to on an OpenSSL (as the option --openssl; 3.0 if None).

    `certificate` is the path of the server's certificate, whose key decides which suites can authenticate;
    `min_protocol` and `max_protocol` are as the settings (`TLSv1.2`), empty where there is no bound; `groups` is as
    ssl_groups, or as ssl_ecdh_curve where it is one name, None for the library's own. A malformed list is told in the
    listing. Raises ValueError with a sentence for anything else that is wrong.
    """
    from pgssllint.tls.groups import stated_groups
    from pgssllint.tls.obstacles import Circumstances
    from pgssllint.views.ciphers import cipher_listing

    library = OpenSSL.parse(openssl or ASSUMED_SERIES)
    leaf = _leaf_of(certificate) if certificate is not None else None
    given = Circumstances(library, library.level, leaf.key if leaf is not None else None, min_protocol, max_protocol)
    if leaf is not None and leaf.signature_hash is not None:
        given = given._replace(digests=(leaf.signature_hash,))
    return cipher_listing(text, given._replace(groups=None if groups is None else stated_groups(groups, library)))


def cluster_suites(subject: Subject, text: str | None = None, *, show_secrets: bool = False) -> "Listing":
    """What ssl_ciphers of a server comes to on its first target, with its certificate, groups and bounds of protocol.

    `text` stands in place of ssl_ciphers, whose words are masked but for `show_secrets`. Raises ValueError with a
    sentence where its list or what decides besides is not in view.
    """
    from pgssllint.checks.library.negotiation import circumstances
    from pgssllint.quoting import Place, Quote
    from pgssllint.tls.ciphers import expand
    from pgssllint.views.ciphers import cipher_listing, masked_listing

    target = subject.targets[0]
    cluster = Cluster(subject.deployment, target, datetime.now(UTC))
    stated, text = text is not None, cluster.conf.value("ssl_ciphers") if text is None else text
    if text is None or not cluster.conf.whole:
        raise ValueError("What 'ssl_ciphers' is set to is not in view.")
    hosts = cluster.tls.credentials
    if len(hosts) != 1:
        raise ValueError("pg_hosts.conf names the certificates; state one with --certificate, and the list.")
    given = circumstances(cluster, hosts[0], expand(text, target.openssl))
    listing = cipher_listing(text, given._replace(level=target.openssl.level))
    showing = Showing(cluster.read, secrets=show_secrets)
    masked = not (stated or show_secrets)
    return masked_listing(listing, lambda word: showing.tell(Quote(word, Place.ITEMS))) if masked else listing


def source_of(path: str) -> Source:
    """The file of that name, which no link leads to out of the project that it is named in.

    Raises ValueError with a sentence where it cannot be read.
    """
    place = placed(absolute(path))
    root = place.left or project_around(place.folder)
    source = Files(None if root is None else (root,)).read(place.here)
    if isinstance(source, Unread):
        raise ValueError(f"The file '{visible(path)}' {source.reason.value}.")
    return source


def _leaf_of(path: str) -> "Certificate":
    """The certificate that a server would present from this file, whose key can be read."""
    from pgssllint.tls.chain import read_bundle
    from pgssllint.tls.sniff import holding

    source = source_of(path)
    bundle = read_bundle(source)
    if bundle.leaf is None and bundle.damaged:
        raise ValueError(f"The first certificate in '{visible(path)}' is damaged: {bundle.damaged[0].reason}.")
    if bundle.leaf is None:
        raise ValueError(f"The file '{visible(path)}' holds no PEM certificate but {holding(source.data)}.")
    if bundle.leaf.key is None:
        raise ValueError(f"The key of the certificate in '{visible(path)}' cannot be read.")
    return bundle.leaf
