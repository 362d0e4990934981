"""What visitors do: pages, actions, forms and identifications, a few minutes or half an hour apart."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from wanamaker_shared.contracts import web_events
from wanamaker_shared.contracts.record import Record

from .clock import MINUTE
from .letters import (
    COOKIES,
    OTHER_USER,
    SERVER,
    USERS,
    WORKSPACES,
    Draw,
    Scene,
    domains,
    emails_of,
    envelope_of,
    maybe,
    moments,
    seldom,
)
from .story import WEB

PAGES = tuple(
    web_events.Page(host="shop.test", path=path, referrer_host=referrer, utm=web_events.Utm(**utm), click_id=click_id)
    for path, referrer, utm, click_id in (
        ("/", None, {}, None),
        ("/offer", None, {}, None),
        ("/offer", None, {"source": "google", "medium": "cpc", "campaign": "brand"}, None),
        ("/offer", None, {"source": "Google", "medium": "CPC", "campaign": "brand", "term": "shoes"}, None),
        ("/", "www.google.com", {"source": "newsletter", "medium": "email"}, None),
        ("/", None, {"campaign": "spring"}, None),
        ("/", "www.google.com", {}, None),
        ("/", "blog.partner.test", {}, None),
        ("/thanks", "www.paypal.com", {}, None),
        ("/", "semalt.com", {}, None),
        ("/", "www.shop.test", {}, None),
        ("/", "chatgpt.com", {}, None),
        ("/", None, {"source": "chatgpt.com"}, None),
        ("/", "mail.google.com", {}, None),
        ("/", "www.facebook.com", {"source": "partner", "medium": "paid"}, None),
        ("/", None, {}, web_events.ClickId(name="gclid", value="g1")),
        (
            "/",
            None,
            {"source": "google", "medium": "cpc", "campaign": "brand"},
            web_events.ClickId(name="gclid", value="g2"),
        ),
        ("/", "l.facebook.com", {}, web_events.ClickId(name="fbclid", value="f1")),
    )
)


@st.composite
def visits(draw: Draw) -> Scene:
    """A page, an action or both, and perhaps who it was; one cookie, at most an hour or so."""
    workspace, cookie, moment = draw(st.sampled_from(WORKSPACES)), draw(st.sampled_from(COOKIES)), draw(moments())
    bot = draw(seldom())
    kinds = draw(
        st.sampled_from(["page", "page form", "page form", "page track page", "track", "form", "identify", "server"])
    )
    scene: Scene = []
    for kind in kinds.split():
        envelope = envelope_of(workspace, WEB, moment) | {"sender": cookie, "bot": bot}
        scene.append((web_events.TOPIC, draw(web_event(kind, envelope))))
        moment += draw(st.sampled_from([0, 1, 29, 30, 31])) * MINUTE
    return scene


@st.composite
def web_event(draw: Draw, kind: str, envelope: dict[str, Any]) -> Record:
    """`kind` is page, track, form, identify, or server: an identification by the owner's own server."""
    if kind == "page":
        return web_events.PageViewed(**envelope, page=draw(st.sampled_from(PAGES)), user_id=draw(maybe(USERS, 5)))
    if kind == "track":
        return web_events.Tracked(**envelope, event="Video Played")
    email, user = draw(emails_of(envelope["workspace"])), draw(maybe(USERS, 2))
    envelope = envelope | {"email_domain": draw(domains()) if email else None}
    if kind == "form":
        return web_events.FormSubmitted(**envelope, form="demo", email_key=email, user_id=user)
    if kind == "server":
        user = user or draw(maybe(USERS, 1))
        sender = envelope["sender"] if draw(st.booleans()) or not user else f"u:{user}"
        envelope = envelope | {"source": SERVER, "trust": "server", "sender": sender}
    previous = draw(maybe([OTHER_USER], 3))
    return web_events.Identified(**envelope, email_key=email, user_id=user, previous_user_id=previous)
