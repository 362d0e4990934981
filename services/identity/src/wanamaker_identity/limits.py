"""Limits: a cookie that names too many e-mails, or an e-mail with too many cookies, says nothing about who somebody is.

Pure. Everything is decided per tie, that is for all links of one cookie to one identifier at once. A released tie is exempt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from .links import Moment

Status = Literal["active", "quarantined", "revoked"]
REVOKED = "link.revoke"
RELEASED = "link.release"


@dataclass(frozen=True, slots=True)
class Tie:
    """All links of a cookie to an identifier; `first` is the first of them, `verdict` the decision on the pair.

    `turn` and `status` as the functions below say; `fits`: the cookie is among those that the e-mail may have.
    """

    cookie: str
    identifier: str
    first: Moment
    verdict: str | None = None
    turn: int | None = None
    fits: bool = False
    status: Status = "quarantined"

    @property
    def key(self) -> tuple[str, str]:
        return self.cookie, self.identifier


def queued(tie: Tie, *, crowded: bool) -> Tie:
    """The tie with its turn; one that has none fits nowhere. `crowded`: its cookie names more e-mails than a cookie may."""
    turn = turn_of(tie.identifier, tie.verdict, crowded=crowded)
    return replace(tie, turn=turn, fits=tie.fits and turn is not None)


def settled(tie: Tie, *, crowded: bool) -> Tie:
    """The tie with its status, once its turn has come or not."""
    return replace(tie, status=status_of(tie.identifier, tie.verdict, crowded=crowded, fits=tie.fits))


def turn_of(identifier: str, verdict: str | None, *, crowded: bool) -> int | None:
    """Where a tie stands among the cookies of its e-mail: 0 = released, first; 1 = by its first link; None = not at all.

    `crowded`: the cookie names more e-mails than a cookie may.
    """
    if not identifier.startswith("email:") or verdict == REVOKED:
        return None
    if verdict == RELEASED:
        return 0
    return None if crowded else 1


def status_of(identifier: str, verdict: str | None, *, crowded: bool, fits: bool) -> Status:
    """What becomes of a tie. `fits`: the cookie is among those that the e-mail may have."""
    if verdict == REVOKED:
        return "revoked"
    if verdict == RELEASED:
        return "active"
    if crowded or (identifier.startswith("email:") and not fits):
        return "quarantined"
    return "active"
