"""Deals of CRMs that state stages and no status, and what a workspace says these mean."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from wanamaker_shared.contracts import crm_events, settings
from wanamaker_shared.contracts.identifiers import email_key

from .letters import (
    ADDRESSES,
    CONNECTIONS,
    CONTACTS,
    DEALS,
    WORKSPACES,
    Draw,
    Scene,
    amounts,
    envelope_of,
    moments,
    some,
    times_as_text,
)
from .story import CONNECTION, KEYS

PIPELINES = ["sales", "Sales", "renewals", None]
STAGES = ["Closed Won", "closedlost", "Gagné", "S1", "S1", "s-1", "S2", "S2", None]
"""Two that are one without case and punctuation, and some that are well known."""
LIFECYCLE_STAGES = ["marketingqualifiedlead", "Sales Qualified Lead", "evangelist", "customer", "other", "hot", None]
_MEANINGS = ["mql", "sql", "open", "opportunity", "won", "won", "lost"]


@st.composite
def pipelines(draw: Draw) -> Scene:
    """A deal of a known person on its way through a pipeline: its stages, in any order, now and then beside a status.

    Half of them with what the workspace says the stages mean.
    """
    workspace, which = draw(st.sampled_from(WORKSPACES)), draw(st.sampled_from([0, 1]))
    contact, deal = CONTACTS[which], draw(st.sampled_from(DEALS))
    about = envelope_of(workspace, CONNECTION, draw(moments()))
    key = email_key(KEYS[workspace], ADDRESSES[which])
    scene: Scene = [
        (crm_events.TOPIC, crm_events.ContactRevised(**about, contact_id=contact, properties={"email_keys": [key]})),
        (crm_events.TOPIC, crm_events.DealRevised(**about, deal_id=deal, contacts=[contact], properties={})),
    ]
    mapped = draw(st.booleans())
    for _ in range(draw(st.integers(1, 3))):
        stated: dict[str, Any] = {
            "stage": draw(st.sampled_from(["S1", "S2", "s-1", *STAGES[:1]] if mapped else STAGES))
        }
        stated |= draw(
            some(
                {
                    "pipeline": st.sampled_from(PIPELINES),
                    "status": st.sampled_from(["open", None, None]),
                    "amount": amounts(),
                    "currency": st.sampled_from(["PLN", "EUR"]),
                    "closed_at": st.one_of(st.none(), times_as_text()),
                }
            )
        )
        moved = about | {"occurred_at": draw(moments())}
        scene.append((crm_events.TOPIC, crm_events.DealRevised(**moved, deal_id=deal, properties=stated)))
    if mapped:
        meanings = {"S1": draw(st.sampled_from(["mql", "mql", "won"])), "S2": draw(st.sampled_from(["sql", "lost"]))}
        chosen = envelope_of(workspace, "attribution", draw(moments()))
        stated = {
            "stage_maps": {
                draw(st.sampled_from([CONNECTION, "*"])): {draw(st.sampled_from(["*", "*", "sales"])): meanings}
            }
        }
        scene.append((settings.TOPIC, settings.SettingsRevised(**chosen, stated=stated)))
    return scene


@st.composite
def moves(draw: Draw) -> Scene:
    """A deal goes from one pipeline to another, told in two records of one moment; each pipeline has its meanings."""
    workspace, deal = draw(st.sampled_from(WORKSPACES)), draw(st.sampled_from(DEALS))
    first, then = sorted(draw(st.lists(moments(), min_size=2, max_size=2)))
    about = envelope_of(workspace, CONNECTION, first)
    stages = st.sampled_from(["S1", "S2"])
    told: list[tuple[int, dict[str, Any]]] = [
        (first, {"pipeline": "sales", "stage": draw(stages)}),
        *draw(st.permutations([(then, {"pipeline": "renewals"}), (then, {"stage": draw(stages)})])),
    ]
    meanings = st.fixed_dictionaries({stage: st.sampled_from(["sql", "won", "lost"]) for stage in ("S1", "S2")})
    chosen = envelope_of(workspace, "attribution", draw(moments()))
    stated = {"stage_maps": {"*": {name: draw(meanings) for name in ("sales", "renewals")}}}
    contacts = [draw(st.sampled_from(CONTACTS))]
    return [
        *(
            (
                crm_events.TOPIC,
                crm_events.DealRevised(
                    **about | {"occurred_at": at}, deal_id=deal, properties=properties, contacts_added=contacts
                ),
            )
            for at, properties in told
        ),
        (settings.TOPIC, settings.SettingsRevised(**chosen, stated=stated)),
    ]


@st.composite
def words(draw: Draw) -> Scene:
    """A contact of whom the CRM says a word of its own, and what that means to the workspace."""
    workspace = draw(st.sampled_from(WORKSPACES))
    about = envelope_of(workspace, CONNECTION, draw(moments()))
    said = {"lifecycle_stage": draw(st.sampled_from(LIFECYCLE_STAGES))}
    chosen = envelope_of(workspace, "attribution", draw(moments()))
    meanings = {word: draw(st.sampled_from(["lead", "mql", "sql", None])) for word in ("hot", "evangelist")}
    stated = {"lifecycle_maps": {draw(st.sampled_from([CONNECTION, "*"])): meanings}}
    return [
        (
            crm_events.TOPIC,
            crm_events.ContactRevised(**about, contact_id=draw(st.sampled_from(CONTACTS)), properties=said),
        ),
        (settings.TOPIC, settings.SettingsRevised(**chosen, stated=stated)),
    ]


@st.composite
def explained(draw: Draw) -> Scene:
    """A deal in a stage of which its CRM says, sooner or later, what it means; the workspace may say otherwise."""
    workspace, deal = draw(st.sampled_from(WORKSPACES)), draw(st.sampled_from(DEALS))
    about = envelope_of(workspace, CONNECTION, draw(moments()))
    said = {"stage_means": draw(st.sampled_from([{"S1": "won"}, {"S1": "won", "S2": "lost"}, {"S1": "lost"}, None]))}
    scene: Scene = []
    for stated in ({"stage": "S1", "amount": draw(amounts())}, said, draw(st.sampled_from([{}, {"stage": "S2"}]))):
        moved = about | {"occurred_at": draw(moments())}
        scene.append((crm_events.TOPIC, crm_events.DealRevised(**moved, deal_id=deal, properties=stated)))
    if draw(st.booleans()):
        chosen = envelope_of(workspace, "attribution", draw(moments()))
        stage_maps = {"*": {"*": {"S1": draw(st.sampled_from(["open", "won"]))}}}
        scene.append((settings.TOPIC, settings.SettingsRevised(**chosen, stated={"stage_maps": stage_maps})))
    return scene


@st.composite
def maps(draw: Draw) -> Scene:
    """What stages and lifecycle words mean to the workspace, from now on and ever since."""
    stages = st.dictionaries(st.sampled_from(["S1", "s-1", "s2", "closed won"]), st.sampled_from(_MEANINGS), max_size=3)
    by_pipeline = st.dictionaries(st.sampled_from(["sales", "SALES", "renewals", "*", "*"]), stages, max_size=2)
    words = st.dictionaries(
        st.sampled_from(["hot", "HOT", "evangelist", "other"]),
        st.sampled_from(["lead", "mql", "sql", "customer", "churned", None]),
        max_size=2,
    )
    places = st.sampled_from([*CONNECTIONS, "*", "*"])
    stated = draw(
        some(
            {
                "stage_maps": st.one_of(st.none(), *[st.dictionaries(places, by_pipeline, min_size=1, max_size=2)] * 3),
                "lifecycle_maps": st.one_of(st.none(), *[st.dictionaries(places, words, min_size=1, max_size=2)] * 3),
            },
            1,
        )
    )
    about = envelope_of(draw(st.sampled_from(WORKSPACES)), "attribution", draw(moments()))
    return [(settings.TOPIC, settings.SettingsRevised(**about, stated=stated))]
