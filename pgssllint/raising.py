"""A problem and its rule's page -> the finding that it is."""

from pgssllint.finding import Confidence, Effect, Finding, Problem, Severity
from pgssllint.quoting import Sentence
from pgssllint.rulebook import Page
from pgssllint.showing.arguments import placed
from pgssllint.target import How, Target, spoken_majors
from pgssllint.text import legible, shortened


def finding_of(page: Page, problem: Problem, target: Target) -> Finding:
    """The finding that a problem is, with what its page says of the rule."""
    named = tuple((name, placed(name, value)) for name, value in problem.arguments.items())
    said = Sentence(page.messages[problem.message], named=named)
    arguments = {name: legible(str(value)) for name, value in said.named}
    text = shortened(said.template.format_map(arguments))
    severity, confidence = problem.severity or page.severity, problem.confidence or page.confidence
    accepting = _accepting(problem, target)
    if accepting:
        text += accepting
        said = said._replace(template=said.template + accepting)
        severity = min(severity, Severity.WARNING, key=lambda s: s.weight)
        confidence = Confidence.MEDIUM if confidence is Confidence.HIGH else confidence
    effect = problem.effect or page.effect
    stage = (problem.stage or page.stage) if effect is Effect.REFUSES_START else None
    return Finding(
        rule=page.rule, name=page.name, effect=effect, severity=severity, confidence=confidence, text=text,
        message=problem.message, arguments=tuple(arguments.items()), at=problem.at, related=problem.related,
        majors=(target.number,), logs=((target.number, problem.log),), stage=stage, fix=problem.fix,
        entry=problem.entry, said=said, reload=problem.reload or (stage.reload if stage is not None else None),
        commands=problem.commands,
    )  # fmt: skip


def _accepting(problem: Problem, target: Target) -> str:
    """The sentences saying who takes what an assumed target refuses; empty if nobody does, or it is not assumed."""
    text = ""
    if target.assumed and problem.accepted_by:
        verb = "accept" if len(problem.accepted_by) > 1 else "accepts"
        text += f" PostgreSQL {spoken_majors(problem.accepted_by)} {verb} it; state the major with --pg-version."
    if target.openssl_how is How.ASSUMED and problem.openssl_accepting:
        *rest, last = problem.openssl_accepting
        series = f"{', '.join(rest)} and {last} accept" if rest else f"{last} accepts"
        text += f" OpenSSL {series} it; state the series with --openssl."
    return text
