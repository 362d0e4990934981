"""What a workspace decides, chooses, pays and exchanges."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from wanamaker_shared.contracts import ad_spend, decisions, rates, settings
from wanamaker_shared.contracts.identifiers import email_key

from .clock import SECOND
from .letters import ADDRESSES, CONTACTS, COOKIES, DAYS, WORKSPACES, Draw, Scene, envelope_of, maybe, moments, some
from .story import CONNECTION, KEYS


@st.composite
def verdicts(draw: Draw) -> Scene:
    """A pair revoked, released, or one and then the other."""
    workspace, moment = draw(st.sampled_from(WORKSPACES)), draw(moments())
    emails = [f"email:{email_key(KEYS[workspace], address)}" for address in ADDRESSES]
    contacts = [f"contact:{CONNECTION}/{contact}" for contact in CONTACTS]
    a, b = draw(
        st.one_of(
            st.tuples(
                st.sampled_from([f"cookie:{cookie}" for cookie in COOKIES]), st.sampled_from([*emails, "user:u1"])
            ),
            st.tuples(st.sampled_from(contacts), st.sampled_from([*emails, "user:u1", *contacts])),
            st.tuples(st.just("user:u1"), st.sampled_from([*emails, "user:u0"])),
        )
    )
    if draw(st.booleans()):
        a, b = b, a
    kinds = {"revoke": decisions.LinkRevoke, "release": decisions.LinkRelease}
    names = draw(st.sampled_from(["revoke", "revoke", "release", "revoke release"])).split()
    about = envelope_of(workspace, "identity", moment)
    return [
        (decisions.TOPIC, kinds[name](**about | {"occurred_at": moment + place * SECOND}, a=a, b=b))
        for place, name in enumerate(names)
    ]


SPEND_RULES: tuple[list[dict[str, str]] | None, ...] = (
    [{"provider": "ADS", "to_source": "Newsletter", "to_medium": "email", "post": "close"}],
    [{"campaign": "(br)(.*)", "to_campaign": r"\2-\1"}, {"source": "google", "channel": "Brand"}],
    [{"account": "acme", "to_campaign": "acme"}, {"account": r"\(not set\)", "medium": "cpc|email", "channel": "Rest"}],
    None,
)


@st.composite
def choices(draw: Draw) -> Scene:
    stated = draw(
        some(
            {
                "zone": st.sampled_from(["Europe/Warsaw", "Europe/Warsaw", "America/New_York", None]),
                "currency": st.sampled_from(["PLN", "EUR", None]),
                "look_back_days": st.sampled_from([1, 3, 0, None]),
                "journey_cap": st.sampled_from([2, 3, None]),
                "session_gap_minutes": st.sampled_from([29, 31, None]),
                "own_domains": st.sampled_from([["partner.test"], []]),
                "excluded_referrers": st.sampled_from([["chatgpt.com"], ["partner.test"], None]),
                "spam_referrers": st.sampled_from([["partner.test"], ["blog.partner.test", "google.com"], None]),
                "channel_rules": st.sampled_from(
                    [
                        [{"channel": "Partners", "source": r".*partner\.test"}],
                        [{"channel": "Brand", "medium": "cpc", "campaign": "BRAND"}],
                        [],
                    ]
                ),
                "spend_rules": st.sampled_from(SPEND_RULES),
                "free_mail_domains": st.sampled_from([["example.com"], ["other.test"], None]),
                "emails_per_cookie": st.sampled_from([1, None]),
                "cookies_per_email": st.sampled_from([1, None]),
                "identifiers_per_person": st.sampled_from([1, 2, 3, None]),
            },
            1,
        )
    )
    return draw(chosen(stated))


@st.composite
def chosen(draw: Draw, stated: dict[str, Any]) -> Scene:
    """Just these settings, some time."""
    about = envelope_of(draw(st.sampled_from(WORKSPACES)), "attribution", draw(moments()))
    return [(settings.TOPIC, settings.SettingsRevised(**about, stated=stated))]


@st.composite
def money(draw: Draw) -> Scene:
    """A rate, or what a campaign cost on a day."""
    about = envelope_of(draw(st.sampled_from(WORKSPACES)), "attribution", draw(moments()))
    if draw(st.booleans()):
        return [(rates.TOPIC, draw(recorded_rates(about)))]
    source, medium, campaign = draw(
        st.sampled_from([("google", "cpc", "brand"), ("Newsletter", "Email", None), ("radio", None, None)])
    )
    return [(ad_spend.TOPIC, draw(costs(about, source, medium, campaign)))]


@st.composite
def renamed_costs(draw: Draw) -> Scene:
    """Costs, and a rule that gives them other names, stated some time."""
    about = envelope_of(draw(st.sampled_from(WORKSPACES)), "attribution", draw(moments()))
    stated = settings.SettingsRevised(**about, stated={"spend_rules": draw(st.sampled_from(SPEND_RULES[:-1]))})
    told = [draw(costs(about, "google", "cpc", "brand")) for _ in range(draw(st.integers(1, 2)))]
    return [(settings.TOPIC, stated), *((ad_spend.TOPIC, cost) for cost in told)]


@st.composite
def costs(
    draw: Draw, about: dict[str, Any], source: str | None, medium: str | None, campaign: str | None
) -> ad_spend.SpendRevised:
    """Of a day or of a few."""
    first = draw(st.integers(0, len(DAYS) - 1))
    last = first + draw(st.sampled_from([0, 0, 1, 2]))
    return ad_spend.SpendRevised(
        **about,
        provider=draw(st.sampled_from(["manual", "manual", "ads"])),
        spend_key=draw(st.sampled_from(["s1", "s2"])),
        date=DAYS[first],
        until=DAYS[last] if first < last < len(DAYS) else None,
        account=draw(maybe(["Acme"], 2)),
        utm_source=source,
        medium=medium,
        campaign=campaign,
        channel=draw(maybe(["Audio"], 4)),
        post=draw(st.sampled_from(["attract", "attract", "convert", "close"])),
        amount=draw(st.sampled_from(["10.00", "0.125", "0", "3", "-0.05"])),
        currency=draw(maybe(["EUR", "PLN"], 2)),
    )


@st.composite
def recorded_rates(draw: Draw, about: dict[str, Any]) -> rates.RateRecorded:
    base, currency = draw(
        st.sampled_from([("EUR", "PLN"), ("EUR", "PLN"), ("PLN", "EUR"), ("USD", "EUR"), ("USD", "PLN")])
    )
    return rates.RateRecorded(
        **about,
        day=draw(st.sampled_from(DAYS)),
        base=base,
        currency=currency,
        rate=draw(st.sampled_from(["4.25", "0.3", "1.0625"])),
        origin=draw(st.sampled_from(["uploaded", "table"])),
    )
