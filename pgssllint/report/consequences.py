"""What reports tell of a finding beside its message: what comes of it, and what to do about it."""

from pgssllint.finding import Confidence, Effect, Finding
from pgssllint.report.markdown import lead
from pgssllint.rulebook import Page
from pgssllint.stages import Reload

_IN_FULL = {
    Effect.REFUSES_START: "the server does not start.",
    Effect.LOCKS_OUT: "the server starts, and some or all of the intended logins fail.",
    Effect.EXPOSES: "it works, with less protection than it appears to give.",
    Effect.BREAKS_UPGRADE: "fine on this major, refused or changed in meaning on a later one.",
    Effect.NO_EFFECT: "the line or setting does nothing.",
    Effect.HYGIENE: "works; needless or fragile.",
}

_AT_A_RELOAD = {
    Reload.GOES_ON: "a running one goes on at a reload",
    Reload.KEEPS_SETTINGS: "a reload applies no setting, and reads pg_hba.conf and certificates all the same",
    Reload.KEEPS_SETTING: "a reload leaves this setting as it was, and applies the rest",
    Reload.KEEPS_RECORDS: "a reload keeps the old records, and applies the rest",
    Reload.KEEPS_TLS: "a reload keeps the old certificate and the rest of TLS (off, where it was off)",
    Reload.OWN_PARAMETERS: "a reload goes on with DH parameters of the server's own, and takes the rest",
    Reload.ENDS: "a reload ends the running server",
}

_ADVICE_LENGTH = 240


def in_full(effect: Effect) -> str:
    """An effect in a sentence."""
    return _IN_FULL[effect]


def consequence(finding: Finding) -> str:
    """What comes of a finding, and what a reload does, in a sentence."""
    effect = _IN_FULL[finding.effect].removesuffix(".")
    if finding.effect is Effect.REFUSES_START and finding.confidence is not Confidence.HIGH:
        effect = f"if it is so, {effect}"
    return f"{effect}; {_AT_A_RELOAD[finding.reload]}." if finding.reload is not None else f"{effect}."


def advice(finding: Finding, page: Page | None) -> str:
    """What to do about a finding: what its edits do, else what the page says; empty where that says nothing."""
    if finding.fix is not None:
        return finding.fix.description
    return lead(page.fix_advice, _ADVICE_LENGTH) if page is not None and page.fix_advice else ""
