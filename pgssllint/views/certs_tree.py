"""A certificate file drawn as a tree: from the certificate presented up to its root, or from each CA down."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from pgssllint.quoting import Place, Quote
from pgssllint.text import visible
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.chain import MAX_DEPTH
from pgssllint.tls.crl import RevocationList
from pgssllint.views.certs import BlockEntry, CertificateFile, period, signature_name, validity
from pgssllint.views.certs_notes import Note, is_clients, other_side
from pgssllint.views.forest import Grown, forest
from pgssllint.views.tree import MOST_CHARACTERS, Detail, Glyphs, Node, Tree

FEW = 10
"""A file of fewer certificates is drawn with the details of each."""

SHORT = 72
"""A subject is cut after so many characters where a certificate is one line."""

MOST_NAMES = 8
"""So many names of a certificate are shown."""


Tell = Callable[[Quote], str]
"""What may be shown of a quote."""


def as_tree(
    name: str, found: CertificateFile, at: datetime, glyphs: Glyphs, tell: Tell, *, verbose: bool = False
) -> Tree:
    """The tree of a file that is called `name`, judged as of `at`; a line a certificate where they are many.

    `tell` says what may be shown of names.
    """
    certificates = [entry for entry in found.entries.values() if entry.certificate is not None]
    drawing = _Drawing(found, at, verbose or len(certificates) < FEW, verbose, tell)
    nodes = [*drawing.nodes(), *drawing.overlooked()]
    head = name if drawing.detailed else f"{name}: {_summary(certificates, at)}; --verbose tells more of each"
    return Tree(head, tuple(nodes), glyphs)


def _summary(entries: Sequence[BlockEntry], at: datetime) -> str:
    held = [entry.certificate for entry in entries if entry.certificate is not None]
    wrong = sum(validity(c, at).wrong for c in held)
    return f"{len(held)} certificates" + (f", {wrong} of them not valid" if wrong else "")


class _Drawing(NamedTuple):
    """The making of the nodes."""

    found: CertificateFile
    at: datetime
    detailed: bool
    verbose: bool
    tell: Tell

    def nodes(self) -> Iterator[Node]:
        """The path first and then what is not on it, or the CA certificates with what they issued below."""
        entries, chain = self.found.entries, self.found.chain
        if chain is None:
            issued = {index: e.issued_by for index, e in entries.items() if e.certificate and e.issued_by}
            yield from (self._grown(top) for top in forest(entries, issued))
            return
        yield self._path(chain.certificates)
        walked = {certificate.block.index for certificate in chain.certificates if self._own(certificate)}
        yield from (self._entry(entry, self._role(entry)) for index, entry in entries.items() if index not in walked)

    def overlooked(self) -> Iterator[Node]:
        """The lines that look like BEGIN lines and are none to OpenSSL."""
        for line in self.found.overlooked:
            number = self.found.source.position(line.begin.start)[0]
            what = f"'BEGIN {visible(self.tell(Quote(line.label, Place.REST)))}'"
            yield Node(f"line {number}: OpenSSL does not see {what} there: {line.why.value}", kind="error")

    def _own(self, certificate: Certificate) -> bool:
        entry = self.found.entries.get(certificate.block.index)
        return entry is not None and entry.block is certificate.block

    def _path(self, path: Sequence[Certificate]) -> Node:
        """The path as nodes, each inside the one that it issued; built from its end, since it may be long."""
        end, others = self._end(), self._others(path[0])
        above: tuple[Node, ...] = (end,) if end is not None else ()
        for number in range(len(path) - 1, -1, -1):
            certificate = path[number]
            role = _leaf_role(certificate, of_server=self.found.of_server) if number == 0 else "issued it"
            trusted = self.found.trusted is not None and self.found.trusted.holds(certificate)
            root = ": a root" if number and certificate.is_root else ""
            role += root + (f" that {others} trust" if root else f", which {others} trust") * trusted
            if self._own(certificate):
                node = self._entry(self.found.entries[certificate.block.index], role, above)
            else:
                fits = number == 0 or path[number - 1].signed_by(certificate) is not False
                node = self._trusted(certificate, role, fits, above)
            above = (node,)
        return above[0]

    def _end(self) -> Node | None:
        """What the path lacks at its end; None where it lacks nothing."""
        chain, trusted = self.found.chain, self.found.trusted
        if chain is None or chain.complete:
            return None
        if chain.missing_issuer is None:
            why = "is longer than any that is followed" if len(chain.certificates) >= MAX_DEPTH else "runs in a circle"
            return Node(f"the path {why}", kind="error")
        others = self._others(chain.certificates[0])
        name = f"missing: '{_cut(visible(self._name(chain.missing_issuer)))}'"
        if trusted is not None:
            alike = any(map(chain.certificates[-1].names_as_issuer, trusted.certificates))
            why = f"{others} trust one of that name, which has another key"
            return Node(f"{name} ({why if alike else f'not among the roots that {others} trust either'})", kind="error")
        return Node(f"{name} (a root that {others} have themselves, or an intermediate)", kind="warning")

    def _is_clients(self, leaf: Certificate) -> bool:
        return is_clients(leaf, of_server=self.found.of_server)

    def _others(self, leaf: Certificate) -> str:
        return other_side(leaf, of_server=self.found.of_server)

    def _trusted(self, certificate: Certificate, role: str, fits: bool, above: tuple[Node, ...]) -> Node:
        """A certificate of the other side; `fits` says whether its key signed what it is to have issued."""
        trusted = self.found.trusted
        line = trusted.source.position(certificate.block.begin.start)[0] if trusted is not None else 0
        notes = () if fits else (Note("its key did not sign that, although the names fit", True),)
        details = tuple(self._details(certificate, notes)) if self.detailed or notes else ()
        return Node(f"--roots, line {line}", self._subject(certificate), role, details, above)

    def _grown(self, grown: Grown) -> Node:
        entry = self.found.entries[grown.block]
        return self._entry(entry, self._role(entry), tuple(map(self._grown, grown.below)))

    def _entry(self, entry: BlockEntry, role: str, children: tuple[Node, ...] = ()) -> Node:
        """The node of a block."""
        where, what = f"block {entry.block.index}, line {entry.line}", self.tell(Quote(entry.kind, Place.REST))
        holds, notes = entry.holds, entry.notes
        if isinstance(holds, Certificate):
            what = self._subject(holds)
        elif holds is not None:
            what, role = f"CRL of '{_cut(self._name(holds.issuer))}'", ""
        if entry.duplicate_of is not None:
            return Node(where, what, notes[0].text, (), children, "note")
        if self.detailed:
            return Node(where, what, role, tuple(self._details(holds, notes)), children)
        what, told = _cut(what, SHORT), [role] if role else []
        if holds is not None:
            told.append(self._briefly_valid(holds))
        wrong = any(note.wrong for note in notes) or (holds is not None and validity(holds, self.at).wrong)
        told += [note.text for note in notes]
        return Node(where, what, visible(", ".join(told)), (), children, "error" if wrong else "")

    def _role(self, entry: BlockEntry) -> str:
        """The part that a certificate plays which is not on the path, or in a file of CA certificates."""
        certificate = entry.certificate
        if certificate is None:
            return ""
        if entry.issued_by is not None:
            return f"issued by block {entry.issued_by}"
        if certificate.is_root:
            return _root_role(certificate, len(self.found.entries) == 1)
        known = self.found.trusted.certificates if self.found.trusted is not None else ()
        where = "which clients trust" if any(map(certificate.names_as_issuer, known)) else "which is not here"
        return f"issued by '{_cut(visible(self._name(certificate.issuer)))}', {where}"

    def _briefly_valid(self, holds: Certificate | RevocationList) -> str:
        state = validity(holds, self.at)
        return state.text if state.wrong else f"until {_day(period(holds)[1])}"

    def _details(self, holds: Certificate | RevocationList | None, notes: Sequence[Note]) -> Iterator[Detail]:
        if isinstance(holds, Certificate):
            yield from self._names(holds, self.found.chain is not None and holds is self.found.chain.certificates[0])
        if holds is not None:
            begins, ends = map(_day, period(holds))
            state = validity(holds, self.at)
            yield Detail("valid", f"{begins} to {ends} ({state.text})", "error" if state.wrong else "")
        if isinstance(holds, Certificate):
            yield Detail("key", f"{_key(holds)}, signed with {signature_name(holds)}")
            if self.verbose:
                yield Detail("serial", f"{holds.serial:X}")
        for text, wrong in notes:
            yield Detail("wrong", text, "error") if wrong else Detail("note", text, "note")

    def _names(self, certificate: Certificate, presented: bool) -> Iterator[Detail]:
        names = [*certificate.dns_names, *certificate.ip_addresses]
        if names:
            more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
            yield Detail("names", ", ".join(_cut(self._name(name)) for name in names[:MOST_NAMES]) + more)
        elif (
            presented
            and certificate.extensions_readable
            and certificate.common_name
            and not self._is_clients(certificate)
        ):
            yield Detail("names", f"none besides the common name '{_cut(self._name(certificate.common_name))}'")

    def _subject(self, certificate: Certificate) -> str:
        return self._name(certificate.subject) if certificate.subject else "(no subject)"

    def _name(self, name: str) -> str:
        return self.tell(Quote(name, Place.SUBJECT))


def _leaf_role(leaf: Certificate, *, of_server: bool) -> str:
    """Whose certificate is presented, as far as it says."""
    named = of_server or leaf.dns_names or leaf.ip_addresses or "serverAuth" in (leaf.extended_key_usage or ())
    whose = (
        "the client's"
        if is_clients(leaf, of_server=of_server)
        else "the server's"
        if named
        else "a server's or a client's"
    )
    return f"{whose} certificate" + (", self-signed" if leaf.is_root else "")


def _root_role(root: Certificate, alone: bool) -> str:
    """What a self-signed certificate in a file of CA certificates is; `alone` says that nothing else is there."""
    if root.is_ca is False and root.version > 1:
        return "self-signed, no CA"
    signs = root.key_usage is not None and "keyCertSign" in root.key_usage
    return "a root" if signs or not alone else "a root, or the self-signed certificate of a server"


def _key(certificate: Certificate) -> str:
    key = certificate.key
    if key is None:
        return "not readable"
    size = key.curve or (f"{key.bits} bits" if key.bits is not None else "")
    return f"{key.kind} {size}".rstrip()


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment is not None else "(unknown)"


def _cut(text: str, most: int = MOST_CHARACTERS - 20) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."
