"""What is not sure of findings: what stands under a condition may not be there, and what an image does is assumed."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pgssllint.cluster import Cluster
from pgssllint.finding import Confidence, Effect, Finding, Location
from pgssllint.stages import Reload, Stage
from pgssllint.syntax.template_control import MayBe


def unsure(findings: Iterable[Finding], cluster: Cluster) -> Iterator[Finding]:
    """The findings, of which those that keep the server from starting by what may not be there are not sure, nor any
    where what the image does is assumed; those are left out that take together what stands in two branches of a
    template.
    """
    may_be = MayBe()
    is_assumed = _has_assumed_image(cluster)
    for finding in findings:
        if any(_are_apart(finding.at, place, may_be) for place in finding.related):
            continue
        refuses = finding.effect is Effect.REFUSES_START and finding.confidence is Confidence.HIGH
        open_ = refuses and any(is_open(at, may_be) for at in _grounds(finding, cluster))
        assumed = finding.confidence is Confidence.HIGH and is_assumed
        yield replace(finding, confidence=Confidence.MEDIUM) if open_ or assumed else finding


def _has_assumed_image(cluster: Cluster) -> bool:
    """Whether it is assumed of the image of a server what it does, on which all rests that is read of it."""
    site = cluster.deployment.site
    return site is not None and site.image.is_assumed


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
