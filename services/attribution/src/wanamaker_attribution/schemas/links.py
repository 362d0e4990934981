"""The bodies and answers of tracking links."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from wanamaker_shared.contracts.tracking_links import SLUG, SLUG_LENGTH

from ..links.targets import has_email
from .answers import Answer, Listed
from .fields import label, lower_label


def _parameter(value: object) -> str | None:
    return _checked(label(value))


def _lower_parameter(value: object) -> str | None:
    return _checked(lower_label(value))


def _checked(text: str | None) -> str | None:
    if text is None:
        raise PydanticCustomError("blank", "must not be blank")
    if has_email(text):
        raise PydanticCustomError("personal", "must not hold an e-mail address; name the campaign, not the person")
    return text


def _slug(value: object) -> str:
    text = value.strip().lower() if isinstance(value, str) else ""
    if not SLUG.match(text):
        raise PydanticCustomError(
            "slug",
            "must be 1 to {most} letters a-z and digits, with single dashes between them",
            {"most": SLUG_LENGTH},
        )
    return text


Parameter = Annotated[str, BeforeValidator(_parameter)]
LowerParameter = Annotated[str, BeforeValidator(_lower_parameter)]
Slug = Annotated[str, BeforeValidator(_slug)]


class LinkRow(BaseModel):
    """A link that is wanted. Absent, null and blank are the same."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(
        max_length=4000, description="The page that it leads to.", examples=["https://shop.example/landing"]
    )
    source: LowerParameter = Field(
        description="utm_source; in lower case, as visits are read.", examples=["newsletter"]
    )
    medium: LowerParameter = Field(description="utm_medium, likewise: decides the channel.", examples=["email"])
    campaign: Parameter = Field(description="utm_campaign.", examples=["spring-sale"])
    term: Parameter | None = Field(default=None, description="utm_term.")
    content: Parameter | None = Field(
        default=None, description="utm_content: which of several ads, or places of print."
    )
    slug: Slug | None = Field(default=None, description="Of the short link; absent = made of the names.")
    offline: bool = Field(default=False, description="It is printed, said or shown: people come by the short link.")
    allow_similar: bool = Field(default=False, description="Take it although a name reads like one in use.")

    @model_validator(mode="before")
    @classmethod
    def _drop_blanks(cls, fields: Any) -> Any:
        return {
            name: value
            for name, value in fields.items()
            if value is not None and not (isinstance(value, str) and not value.strip())
        }


class LinkDocument(BaseModel):
    slug: str
    url: str = Field(description="The page with its campaign parameters: where the short link leads.")
    short_url: str | None = Field(description="Null while WANAMAKER_COLLECTOR_URL is not set.")
    channel: str = Field(description="Where its visits land by the rules in force now.")
    target: str = Field(description="The page without them.")
    source: str
    medium: str
    campaign: str
    term: str | None
    content: str | None
    offline: bool
    created_at: str
    retired_at: str | None


Verdict = Literal["created", "exists", "restored", "refused"]


class LinkVerdict(BaseModel):
    """What became of one row."""

    index: int = Field(description="Its place in the request, from 0.")
    line: int | None = Field(description="Where it ends in a CSV file.")
    verdict: Verdict
    reason: str | None = Field(description="Why it was refused, and what to do.")
    channel: str | None = Field(description="Also of a refused row, if it could be told.")
    link: LinkDocument | None


class LinksMade(Answer):
    created: int
    exists: int
    restored: int
    refused: int
    links: list[LinkVerdict]


class LinkAnswer(Answer):
    link: LinkDocument


class LinksAnswer(Listed):
    links: list[LinkDocument]
