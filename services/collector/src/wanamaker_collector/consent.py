"""What a visitor has agreed to, by purpose, and what follows for an event. Pure; enforced here, whatever the page's script does.

`analytics` refused: the event is declined, nothing of it is stored. `marketing` refused: it is stored without e-mail, user id,
click id and all that is personal. A purpose that is not stated is refused if the browser sends DNT or Sec-GPC, else it is as
the policy says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

ANALYTICS, MARKETING = "analytics", "marketing"

_NAMES = {
    **dict.fromkeys(("analytics", "statistics", "measurement", "performance"), ANALYTICS),
    **dict.fromkeys(("marketing", "advertising", "ads", "targeting"), MARKETING),
}
"""How consent platforms call the two purposes."""


class Declined(Exception):
    """The visitor does not want the event to be stored."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds where a visitor stated nothing."""

    mode: Literal["opt-out", "opt-in"] = "opt-out"
    """`opt-in`: without consent no cookie (visitors are told apart by a daily hash) and nothing that names a person."""
    signals: bool = True
    """Whether DNT and Sec-GPC count as a refusal."""


OPT_OUT = Policy()


class Consent(NamedTuple):
    """What holds for one event. `stated` is what goes on its record: purpose → given or not; None = nothing was stated."""

    stated: dict[str, bool] | None
    marketing: bool
    cookie: bool
    """Whether the browser may be given a cookie."""


UNASKED = Consent(None, marketing=True, cookie=True)


def consent_of(context: Mapping[str, Any], policy: Policy, *, browser: bool, opted_out: bool) -> Consent:
    """The consent under which an event comes (`context.consent.categoryPreferences`, as in Segment's spec).

    `browser`: it came with a write key; servers answer for themselves where nothing is stated. Raises Declined.
    """
    stated = _stated(context)
    if stated is None and not browser:
        return UNASKED
    given = stated or {}
    unasked = not browser or not (policy.signals and opted_out)
    if not given.get(ANALYTICS, unasked):
        raise Declined
    opt_in = browser and policy.mode == "opt-in"
    return Consent(
        stated,
        marketing=given.get(MARKETING, unasked and not opt_in),
        cookie=given.get(ANALYTICS, not opt_in),
    )


def _stated(context: Mapping[str, Any]) -> dict[str, bool] | None:
    consent = context.get("consent")
    preferences = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    if not isinstance(preferences, dict):
        return None
    stated: dict[str, bool] = {}
    for name, given in preferences.items():
        if isinstance(given, bool) and (purpose := _purpose(name)) is not None:
            stated[purpose] = given and stated.get(purpose, True)  # two names for one purpose: one refusal is enough
    return stated or None


def _purpose(name: str) -> str | None:
    return _NAMES.get(name) or _NAMES.get(name.strip().lower())
