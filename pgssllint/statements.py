"""What options and configurations say, held against what is found: mistakes in it, and what is told of it."""

from collections.abc import Iterable, Iterator, Sequence

from pgssllint.configuration.declared import Declared
from pgssllint.configuration.key import Command
from pgssllint.configuration.keys import (
    BASELINE,
    CLIENT_CERTIFICATES,
    DATES,
    FAIL_ON,
    OPENSSL,
    PG_VERSION,
    SELECT,
    STRICT,
)
from pgssllint.deployment import Deployment
from pgssllint.files import Unread
from pgssllint.finding import Notification
from pgssllint.gathering import Subject
from pgssllint.request import Request
from pgssllint.rulebook import Rulebook
from pgssllint.selection import Words, named_rules
from pgssllint.showing.telling import Showing
from pgssllint.target import Target


def check_declared(declared: Iterable[Declared], rules: Rulebook) -> None:
    """Raises ConfigurationError for a rule that a project's configuration names and that there is not.

    It quotes what is harmless of the word.
    """
    showing = Showing(words=(page.name for page in rules.pages.values()))
    for one in declared:
        for word, where in named_rules(one):
            try:
                rules.named(word)
            except ValueError as error:
                shown = showing.tell(word)
                why = str(error) if shown == word else f"There is no rule '{shown}'. 'pgssllint rules' lists them."
                raise one.mistake(why, *where) from None


def configured(
    subjects: Sequence[Subject], request: Request, given: Words, *, compared: bool
) -> Iterator[Notification]:
    """A line for each configuration of subjects that changes what is said of them; `compared` says whether the command
    line has what was there before.
    """
    stated = {
        PG_VERSION: request.majors, OPENSSL: request.openssl, SELECT: given.select, STRICT: given.strict,
        FAIL_ON: given.fail_on, DATES: given.dates, BASELINE: compared,
    }  # fmt: skip
    overruled = [key.name for key, value in stated.items() if value]
    found = (subject.deployment.declared for subject in subjects)
    for declared in {one.path: one for one in found}.values():
        note = declared.told(Command.CHECK, overruled)
        if note is not None:
            yield note


def check_later(request: Request, targets: Sequence[Target]) -> None:
    """Raises ValueError where the majors to upgrade to leave nothing to look at for any target."""
    if request.upgrade_to and targets and not any(target.later for target in targets):
        lowest = min(targets, key=lambda target: target.number).version
        raise ValueError(f"Option '--upgrade-to': no major above PostgreSQL '{lowest}' is among those given.")


def check_certificates(request: Request, deployments: Sequence[Deployment]) -> None:
    """Raises ValueError for a client certificate that none of the deployments can read, where an option names it, or
    not the one that it is declared for.
    """
    for deployment in deployments:
        own = deployment.stated
        for number, path in enumerate(own[CLIENT_CERTIFICATES]):
            read = deployment.files.read(path)
            if isinstance(read, Unread):
                where = (*own.path, CLIENT_CERTIFICATES.name, number)
                raise deployment.declared.mistake(f"The client's certificate {read.reason}.", *where)
    for path in request.clients.certificates:
        reads = [deployment.files.read(path) for deployment in deployments]
        unread = [one for one in reads if isinstance(one, Unread)]
        if reads and len(unread) == len(reads):
            raise ValueError(f"Option '--client-certificate': '{path}' {unread[0].reason}.")
