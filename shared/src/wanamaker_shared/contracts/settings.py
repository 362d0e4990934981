"""Topic `settings`: what a workspace chose. Each record states some settings; the latest statement of each by order holds.

Producer: attribution (`PUT /v1/settings`). Consumers: attribution, identity. Key: workspace. Retention: for ever (source).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import re2
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from .ad_spend import Post
from .record import Record

TOPIC = "settings"
_TOLD = 100


@cache
def known_zones() -> frozenset[str]:
    """The names of the IANA database; not `localtime`, which is another zone on every machine."""
    return frozenset(available_timezones() - {"localtime"})


def _known_zone(name: str) -> str:
    if name not in known_zones():
        raise ValueError("not a time zone of the IANA database")
    return name


_OPTIONS = re2.Options()
_OPTIONS.case_sensitive = False
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 1 << 20


@lru_cache(maxsize=4096)
def matches_whole(pattern: str) -> Callable[[str], object | None]:
    """Whether the pattern matches a whole text, in any case: something, or None. Raises ValueError with what is wrong in it.

    RE2, as in GA4: the time that it takes grows with the text and never explodes, whatever pattern a workspace states and
    whatever campaign a visitor makes up.
    """
    try:
        matcher: Callable[[str], object | None] = re2.compile(pattern, _OPTIONS).fullmatch
    except re2.error as error:
        why = error.args[0].decode(errors="replace")
        raise ValueError(f"not a regular expression of RE2: {why[:_TOLD]}") from None
    return matcher


def groups_of(pattern: str) -> int:
    """How many groups the pattern has."""
    number: int = re2.compile(pattern, _OPTIONS).groups
    return number


def _compiles(pattern: str) -> str:
    matches_whole(pattern)
    return pattern


Pattern = Annotated[str, Field(max_length=300), AfterValidator(_compiles)]


class ChannelRule(BaseModel):
    """One of the workspace's own channel rules: every condition given must match (RE2 expressions, whole value, any case)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel: str = Field(min_length=1)
    source: Pattern | None = None
    medium: Pattern | None = None
    campaign: Pattern | None = None


StageMeaning = Literal["mql", "sql", "open", "opportunity", "won", "lost"]
"""What a stage of a pipeline means: `mql`, `sql` and `opportunity` are open, and the deal's contacts are that far."""
LifecycleMeaning = Literal["lead", "mql", "sql", "opportunity", "customer", "churned"]

StageMap = dict[str, dict[str, StageMeaning]]
"""Of one connection: pipeline, or "*" for all -> stage -> what it means."""


class SpendRule(BaseModel):
    """What costs count under: every condition given must match (RE2 expressions, whole value, any case), and the `to_…`, channel
    and post given take the place of what the cost says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: Pattern | None = None
    account: Pattern | None = None
    source: Pattern | None = None
    medium: Pattern | None = None
    campaign: Pattern | None = None
    to_source: str | None = Field(default=None, min_length=1)
    to_medium: str | None = Field(default=None, min_length=1)
    to_campaign: str | None = Field(default=None, min_length=1)
    """`\\1` to `\\9` stand for the groups of `campaign`."""
    channel: str | None = Field(default=None, min_length=1)
    post: Post | None = None

    @model_validator(mode="after")
    def _groups_are_there(self) -> SpendRule:
        named = [int(number) for number in re.findall(r"\\([1-9])", self.to_campaign or "")]
        if max(named, default=0) > (groups_of(self.campaign) if self.campaign is not None else 0):
            raise ValueError("to_campaign names a group that campaign does not have")
        return self


class WorkspaceSettings(BaseModel):
    """All settings with their defaults."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    """IANA name; days of reports are days of this zone."""
    currency: str = Field(default="EUR", pattern=r"^[A-Z]{3}$")
    """ISO 4217, the reporting currency."""
    look_back_days: int = Field(default=365, ge=0)
    """How long before a conversion a touchpoint may lie; 0 = unlimited."""
    journey_cap: int = Field(default=500, ge=2)
    session_gap_minutes: int = Field(default=30, ge=1)
    own_domains: tuple[str, ...] = ()
    """Registrable domains that are the workspace's own: a referrer from them is not external."""
    excluded_referrers: tuple[str, ...] = ()
    """Domains, with all below them, whose referrals say nothing of where a visitor came from; payment providers are so anyway."""
    spam_referrers: tuple[str, ...] = ()
    """Domains, with all below them, that send referrer spam, beside those known to everybody."""
    link_domains: tuple[str, ...] = ()
    """Registrable domains that tracking links may lead to, beside the own ones."""
    free_mail_domains: tuple[str, ...] = ()
    """Registrable domains where anybody can have an address, beside those known to everybody: they make no account."""
    channel_rules: tuple[ChannelRule, ...] = ()
    spend_rules: tuple[SpendRule, ...] = ()
    """What the visits call a campaign that an ad platform calls otherwise; the first that fits holds."""
    emails_per_cookie: int = Field(default=10, ge=1)
    cookies_per_email: int = Field(default=100, ge=1)
    identifiers_per_person: int = Field(default=50, ge=1)
    bot_pages_per_day: int = Field(default=500, ge=0)
    """A cookie with more page views on a day is a bot on that day; 0 = never."""
    bot_pages_per_minute: int = Field(default=60, ge=0)
    """Likewise with more page views within one minute of the clock."""
    stage_maps: dict[str, StageMap] = {}
    """By connection, or "*" for all: what its stages mean. Well-known names of won and lost ones need no entry."""
    lifecycle_maps: dict[str, dict[str, LifecycleMeaning | None]] = {}
    """By connection, or "*" for all: what its own lifecycle words mean; None = nothing. Well-known words need no entry."""


class SettingsRevised(Record):
    type: Literal["settings.revised"] = "settings.revised"
    stated: dict[str, Any]
    """Names and values of `WorkspaceSettings`; None = back to the default."""


TYPES = frozenset(["settings.revised"])
adapter: TypeAdapter[SettingsRevised] = TypeAdapter(SettingsRevised)


def key(workspace: str) -> str:
    return workspace
