"""More cookies on an e-mail, or e-mails on a cookie, than a limit of the workspace admits; and the limit, stated some time.

Drawn apart, a limit would seldom be stated where anybody exceeds it, and a verdict seldom be on a link that is there.
"""

from __future__ import annotations

from hypothesis import strategies as st

from wanamaker_shared.contracts import decisions, settings, web_events
from wanamaker_shared.contracts.identifiers import email_key

from .letters import ADDRESSES, COOKIES, WORKSPACES, Draw, Scene, envelope_of, moments
from .story import KEYS, WEB

LIMITS = ("cookies_per_email", "emails_per_cookie", "identifiers_per_person")


@st.composite
def crowds(draw: Draw) -> Scene:
    """Two links, a limit of one or two, perhaps a verdict on one of the links."""
    workspace, limit = draw(st.sampled_from(WORKSPACES)), draw(st.sampled_from(LIMITS))
    stated = {limit: draw(st.sampled_from([1, 1, 2]))}
    scene: Scene = [
        (
            settings.TOPIC,
            settings.SettingsRevised(**envelope_of(workspace, "attribution", draw(moments())), stated=stated),
        )
    ]
    cookies, addresses = [draw(st.sampled_from(COOKIES))] * 2, list(ADDRESSES)
    if limit != "emails_per_cookie":
        cookies, addresses = list(COOKIES), [draw(st.sampled_from(ADDRESSES))] * 2
    links = [(cookie, email_key(KEYS[workspace], address)) for cookie, address in zip(cookies, addresses, strict=True)]
    for cookie, key in links:
        about = envelope_of(workspace, WEB, draw(moments())) | {"sender": cookie}
        scene.append((web_events.TOPIC, web_events.FormSubmitted(**about, form="demo", email_key=key)))
    verdict = draw(st.sampled_from([None, None, decisions.LinkRevoke, decisions.LinkRelease]))
    if verdict is not None:
        cookie, key = draw(st.sampled_from(links))
        about = envelope_of(workspace, "identity", draw(moments()))
        scene.append((decisions.TOPIC, verdict(**about, a=f"cookie:{cookie}", b=f"email:{key}")))
    return scene
