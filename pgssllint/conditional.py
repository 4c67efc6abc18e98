"""What keeps a server from starting and stands under a condition: whether it is there, and it starts, is not known."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pgssllint.cluster import Cluster
from pgssllint.finding import Confidence, Effect, Finding, Location
from pgssllint.stages import Reload, Stage
from pgssllint.syntax.template_control import MayBe


def unsure(findings: Iterable[Finding], cluster: Cluster) -> Iterator[Finding]:
    """The findings, of which those that keep the server from starting by what may not be there are not sure, and those
    are left out that take together what stands in two branches of a template.
    """
    may_be = MayBe()
    for finding in findings:
        if any(_are_apart(finding.at, place, may_be) for place in finding.related):
            continue
        refuses = finding.effect is Effect.REFUSES_START and finding.confidence is Confidence.HIGH
        open_ = refuses and any(is_open(at, may_be) for at in _grounds(finding, cluster))
        yield replace(finding, confidence=Confidence.MEDIUM) if open_ else finding


def _are_apart(one: Location, other: Location, may_be: MayBe) -> bool:
    source = one.source
    if source is None or other.source is not source or one.span is None or other.span is None:
        return False
    return may_be.apart(source, one.span.start, other.span.start)


def is_open(at: Location, may_be: MayBe) -> bool:
    """Whether what stands at a place is there under a condition only."""
    return at.source is not None and at.span is not None and may_be.holds(at.source, at.span.start)


def _grounds(finding: Finding, cluster: Cluster) -> Iterator[Location]:
    """The places without which the server would not refuse: its own, and what has the server look there."""
    yield finding.at
    yield from finding.related
    if finding.stage is not None and finding.stage.reload is Reload.KEEPS_TLS:
        yield cluster.conf.set_at("ssl")
    elif finding.stage is Stage.HBA:
        yield cluster.conf.set_at("hba_file")
