"""A generic deal's or contact's company."""

from __future__ import annotations

from typing import Any

from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.values import domain, identifier


def company_properties(owner: Fields) -> dict[str, Any]:
    """The `company_…` properties that `owner` states; `"company": null` clears both."""
    if not owner.states("company"):
        return {}
    if owner.raw("company") is None:
        return {"company_id": None, "company_domain": None}
    company = owner.object("company")
    stated = {**company.stated("id", identifier), **company.stated("domain", domain)}
    return {f"company_{name}": value for name, value in stated.items()}
