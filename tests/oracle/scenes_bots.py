"""What a machine does with one cookie: pages close together, a form between them; often with limits so small that it is a bot."""

from __future__ import annotations

from hypothesis import strategies as st

from wanamaker_shared.contracts import settings, web_events

from .clock import MINUTE, SECOND
from .letters import COOKIES, WORKSPACES, Draw, Scene, envelope_of, moments, seldom, some
from .scenes_web import web_event
from .story import WEB


@st.composite
def crawls(draw: Draw) -> Scene:
    """Its limits stand in the scene, else they would seldom meet a day with so many pages."""
    workspace, cookie, moment = draw(st.sampled_from(WORKSPACES)), draw(st.sampled_from(COOKIES)), draw(moments())
    scene: Scene = []
    kinds = draw(st.lists(st.sampled_from(["page", "page", "page", "form", "track"]), min_size=2, max_size=5))
    for kind in kinds:
        about = envelope_of(workspace, WEB, moment) | {"sender": cookie, "bot": draw(seldom())}
        scene.append((web_events.TOPIC, draw(web_event(kind, about))))
        moment += draw(st.sampled_from([0, 20 * SECOND, MINUTE, 31 * MINUTE]))
    just_over = max(1, kinds.count("page") - 1)
    stated = draw(
        some(
            {
                "bot_pages_per_day": st.sampled_from([just_over, just_over, 1, 2, 3, 0, None]),
                "bot_pages_per_minute": st.sampled_from([1, 2, 0, None]),
            }
        )
    )
    if stated:
        about = envelope_of(workspace, "attribution", draw(moments()))
        scene.append((settings.TOPIC, settings.SettingsRevised(**about, stated=stated)))
    return scene
