"""The whole loop at once: a few visits, a form, the person's contact, a deal won, perhaps some money back.

Drawn apart, these would seldom concern the same person.
"""

from __future__ import annotations

from hypothesis import strategies as st

from wanamaker_shared.contracts import crm_events, rates, web_events
from wanamaker_shared.contracts.identifiers import email_key

from .clock import DAY, HOUR, MINUTE
from .letters import (
    ADDRESSES,
    CONTACTS,
    COOKIES,
    DEALS,
    FIRST_DAY,
    WORKSPACES,
    Draw,
    Scene,
    amounts,
    envelope_of,
    some,
    times_as_text,
)
from .scenes_crm import adjustments
from .scenes_rest import recorded_rates
from .scenes_web import PAGES
from .story import CONNECTION, KEYS, WEB, at


@st.composite
def loops(draw: Draw) -> Scene:
    workspace, which = draw(st.sampled_from(WORKSPACES)), draw(st.sampled_from([0, 1]))
    key = email_key(KEYS[workspace], ADDRESSES[which])
    noon = at(f"{FIRST_DAY} 12:00")
    visitor = {"sender": draw(st.sampled_from(COOKIES))}
    scene: Scene = []

    for day in draw(st.lists(st.integers(0, 7), min_size=1, max_size=4)):
        about = envelope_of(workspace, WEB, noon + day * DAY) | visitor
        scene.append((web_events.TOPIC, web_events.PageViewed(**about, page=draw(st.sampled_from(PAGES)))))
    submitted = noon + draw(st.integers(0, 9)) * DAY + draw(st.sampled_from([0, 30, 31])) * MINUTE
    form = web_events.FormSubmitted(**envelope_of(workspace, WEB, submitted) | visitor, form="demo", email_key=key)
    scene.append((web_events.TOPIC, form))

    contact, deal = CONTACTS[which], draw(st.sampled_from(DEALS))
    created, won = (noon + draw(st.integers(5, 10)) * DAY + draw(st.sampled_from([0, 0, 10])) * HOUR for _ in range(2))
    stated = {"status": "won", "amount": draw(amounts())} | draw(some({"closed_at": times_as_text()}))
    terms = draw(
        some({"currency": st.just("PLN"), "company_id": st.just("A1"), "original_source": st.just("PAID_SEARCH")})
    )
    about = envelope_of(workspace, CONNECTION, created)
    scene += [
        (crm_events.TOPIC, crm_events.ContactRevised(**about, contact_id=contact, properties={"email_keys": [key]})),
        (
            crm_events.TOPIC,
            crm_events.DealRevised(**about, deal_id=deal, contacts_added=[contact], properties=terms),
        ),
        (
            crm_events.TOPIC,
            crm_events.DealRevised(**envelope_of(workspace, CONNECTION, won), deal_id=deal, properties=stated),
        ),
    ]
    if draw(st.booleans()):
        scene.append((crm_events.TOPIC, draw(adjustments(envelope_of(workspace, CONNECTION, won), deal))))
    if "currency" in terms and draw(st.booleans()):
        scene.append((rates.TOPIC, draw(recorded_rates(envelope_of(workspace, "attribution", won)))))
    return scene
