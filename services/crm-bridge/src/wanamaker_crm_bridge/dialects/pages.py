"""The part of every API answer that tells which question it answers, and whether there is another page."""

from __future__ import annotations

from typing import Any

from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.mapping import page


def reconciled(answer: Fields, dialect: str) -> dict[str, Any]:
    """`run` and `fetches` of `Mapped`. `asked` in the answer is the question's parameters, `next` where its next page begins."""
    asked = answer.raw("asked")
    if not isinstance(asked, dict) or not all(isinstance(asked.get(name), str) for name in ("run", "list", "since")):
        return {}
    following = answer.raw("next")
    if not isinstance(following, str):
        return {"run": asked["run"]}
    question = page(dialect, run=asked["run"], of=asked["list"], since=asked["since"], after=following)
    return {"run": asked["run"], "fetches": (question,)}
