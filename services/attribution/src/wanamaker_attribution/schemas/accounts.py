"""Accounts, for the OpenAPI page."""

from __future__ import annotations

from pydantic import BaseModel, Field

from .answers import Answer, Listed
from .journeys import CreditedConversion, DealDocument, Next, TouchpointDocument


class AccountDocument(BaseModel):
    """A company. All but `people` is of the days asked for."""

    account: str = Field(
        description="`company:<connection>/<id>` of a CRM, else `domain:<domain>` of its people's e-mails."
    )
    name: str | None = Field(description="As the CRM calls it.")
    domain: str | None = Field(description="The company's registrable domain, or the one that the account is.")
    people: int
    sessions: int
    leads: int
    deals: int = Field(description="Won.")
    revenue_minor: int = Field(description="With adjustments, each on its own day.")
    last_at: str | None = Field(description="The last touchpoint or conversion; null: none on these days.")


class AccountsAnswer(Listed):
    accounts: list[AccountDocument]
    currency: str


class NextOfAccount(Next):
    people: str | None
    deals: str | None


class AccountAnswer(Answer):
    account: AccountDocument
    currency: str
    people: list[str] = Field(description="Profile ids.")
    touchpoints: list[TouchpointDocument] = Field(description="Of all its people, in order.")
    deals: list[DealDocument]
    conversions: list[CreditedConversion] = Field(description="Of its people and deals, in order.")
    next: NextOfAccount
