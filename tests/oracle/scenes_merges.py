"""Duplicates of one deal, merged in any order while their contacts come and go."""

from __future__ import annotations

from hypothesis import strategies as st

from wanamaker_shared.contracts import crm_events
from wanamaker_shared.contracts.record import Record

from .letters import CONTACTS, WORKSPACES, Draw, Scene, amounts, envelope_of, moments
from .scenes_crm import adjustments
from .story import CONNECTION

DUPLICATES = ("D1", "D2", "D3")


@st.composite
def merges(draw: Draw) -> Scene:
    """Two or three merges of three deals, so that one goes into a deal that went into another, and a contact named again."""
    workspace = draw(st.sampled_from(WORKSPACES))
    deals, contacts = st.sampled_from(DUPLICATES), st.sampled_from(CONTACTS)

    def about() -> dict[str, object]:
        return envelope_of(workspace, CONNECTION, draw(moments()))

    records: list[Record] = [
        crm_events.DealRevised(
            **about(),
            deal_id=deal,
            contacts_added=[draw(contacts)],
            properties={"status": "won", "amount": draw(amounts())},
        )
        for deal in DUPLICATES
    ]
    one, other, third = draw(st.permutations(DUPLICATES))
    pairs = [(one, other), (third, one), (draw(deals), draw(deals))]
    for from_id, into_id in pairs[: draw(st.integers(2, 3))]:
        records.append(crm_events.DealMerged(**about(), from_id=from_id, into_id=into_id))
    for _ in range(draw(st.integers(0, 3))):
        change = draw(st.sampled_from(["contacts_added", "contacts_removed"]))
        records.append(crm_events.DealRevised(**about(), deal_id=draw(deals), **{change: [draw(contacts)]}))
    if draw(st.booleans()):
        records.append(draw(adjustments(about(), draw(deals))))
    return [(crm_events.TOPIC, record) for record in records]
