"""Topic `crm-events`: what a CRM said about deals, contacts, companies and adjustments, as statements that replace one another.

Producer: crm-bridge. Consumers: identity, attribution. Key: workspace, connection and deal or contact. Retention: for
ever (source). `source` is the connection. A revision states properties; absent = unchanged, null = cleared; of each property
the latest statement by order holds. Names, addresses and titles of people and deals stand in `personal`; e-mails as their keys.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from .record import Personal, Record

TOPIC = "crm-events"

DEAL_PROPERTIES = (
    "status",  # open | won | lost; a CRM that has none states `stage`, which the workspace's settings map
    "pipeline",  # the CRM's own id or name of it: whose stage `stage` is
    "stage",
    "stage_means",  # {stage: open | won | lost}, what the CRM itself says of its stages, where no map of the workspace does
    "amount",  # decimal text, as sent
    "currency",  # ISO 4217, upper case
    "created_at",  # RFC 3339 time or a date, as text
    "closed_at",  # the same
    "original_source",
    "company_id",
    "company_domain",
)
CONTACT_PROPERTIES = (
    "email_keys",  # list of linkable e-mail keys
    "email_domains",  # their registrable domains in the same order, null where the CRM has a hash; for accounts
    "user_ids",  # list of linkable user ids
    "lifecycle",  # lead | mql | sql | opportunity | customer | churned
    "lifecycle_stage",  # the CRM's own word, where it states no `lifecycle`; the workspace's settings map it
    "company_id",
    "company_domain",
)
COMPANY_PROPERTIES = (
    "name",
    "domain",  # as the CRM has it, lower case
)
LIFECYCLE = ("lead", "mql", "sql", "opportunity", "customer")
"""The steps in order; `churned` is no step."""


class CrmEvent(Record):
    @property
    def connection(self) -> str:
        return self.source


class DealRevised(CrmEvent):
    type: Literal["deal.revised"] = "deal.revised"
    deal_id: str
    properties: dict[str, Any] = {}
    """Stated properties of `DEAL_PROPERTIES`; None means cleared."""
    contacts: list[str] | None = None
    """A full list of contact ids: each is present and every other absent. None: no list was stated."""
    contacts_added: list[str] = []
    contacts_removed: list[str] = []
    personal: Personal | None = None


class DealMerged(CrmEvent):
    type: Literal["deal.merged"] = "deal.merged"
    from_id: str
    into_id: str


class DealDeleted(CrmEvent):
    type: Literal["deal.deleted"] = "deal.deleted"
    deal_id: str


class DealRestored(CrmEvent):
    type: Literal["deal.restored"] = "deal.restored"
    deal_id: str


class ContactRevised(CrmEvent):
    """Also stated for each contact that a deal mentions, so that identity knows all of them."""

    type: Literal["contact.revised"] = "contact.revised"
    contact_id: str
    properties: dict[str, Any] = {}
    """Stated properties of `CONTACT_PROPERTIES`; None means cleared."""
    personal: Personal | None = None


class ContactMerged(CrmEvent):
    type: Literal["contact.merged"] = "contact.merged"
    from_id: str
    into_id: str


class ContactErased(CrmEvent):
    """The CRM erased a contact for privacy: identity makes it a decision `person.erase`."""

    type: Literal["contact.erased"] = "contact.erased"
    contact_id: str


class CompanyRevised(CrmEvent):
    type: Literal["company.revised"] = "company.revised"
    company_id: str
    properties: dict[str, Any] = {}
    """Stated properties of `COMPANY_PROPERTIES`; None means cleared."""


class CompanyMerged(CrmEvent):
    type: Literal["company.merged"] = "company.merged"
    from_id: str
    into_id: str


class RevenueAdjusted(CrmEvent):
    """A refund (negative) or an addition to a deal's revenue. Key (deal, adjustment id); the latest holds."""

    type: Literal["revenue.adjusted"] = "revenue.adjusted"
    adjustment_id: str
    deal_id: str
    amount: str
    currency: str | None = None
    at: str
    """RFC 3339 time or a date, as text."""


_Any = (
    DealRevised
    | DealMerged
    | DealDeleted
    | DealRestored
    | ContactRevised
    | ContactMerged
    | ContactErased
    | CompanyRevised
    | CompanyMerged
    | RevenueAdjusted
)
AnyCrmEvent = Annotated[_Any, Field(discriminator="type")]
TYPES = frozenset(
    [
        "deal.revised",
        "deal.merged",
        "deal.deleted",
        "deal.restored",
        "contact.revised",
        "contact.merged",
        "contact.erased",
        "company.revised",
        "company.merged",
        "revenue.adjusted",
    ]
)
adapter: TypeAdapter[_Any] = TypeAdapter(AnyCrmEvent)


def key(workspace: str, connection: str, subject: str) -> str:
    """`subject` is `deal:<id>`, `contact:<id>` or `company:<id>`; a merge goes by the one merged into, an adjustment by its
    deal."""
    return f"{workspace}/{connection}/{subject}"
