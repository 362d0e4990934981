"""What the owner says of each connection: the file `connections.toml`, a table a connection. Secrets stand in keys.json.

A connection needs no table here if it is called after its CRM (`hubspot`, `hubspot-eu`) and nothing about it is special.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from .currencies import CURRENCIES
from .schemes import CRMS, SCHEMES, Verifier


class Connection(BaseModel):
    """One connection's options; all have defaults."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    crm: str | None = Field(
        default=None, description="Which CRM it is: the name up to its first `-` where that is one."
    )
    signature: str | None = Field(
        default=None, description="How its webhooks are verified, where not as its CRM does by default."
    )
    url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s?#]+$",
        description="The address that the CRM calls, if a proxy hides it: HubSpot signs it.",
    )
    api: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s?#]+[^\s?#/]$",
        description="Where the CRM's API is, if not where most are.",
    )
    reconcile_hours: float | None = Field(
        default=None, gt=0, description="How often to read what webhooks missed; never by itself if absent."
    )

    organization: str | None = Field(
        default=None,
        pattern=r"^00D[A-Za-z0-9]{12}([A-Za-z0-5]{3})?$",
        description="Salesforce: whose messages these are, 15 or 18 characters; others fail. Absent: any.",
    )
    lifecycle_field: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z]\w{0,99}$",
        description="Salesforce: the contact's field that says its lifecycle stage, such as `Lifecycle_Stage__c`.",
    )

    currency: str | None = Field(
        default=None,
        description="Salesforce: the currency of an organization that has only one, for then it does not say it.",
    )

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, code: str | None) -> str | None:
        if code is not None and code not in CURRENCIES:
            raise ValueError('is no ISO 4217 code such as "EUR"')
        return code

    @field_validator("crm")
    @classmethod
    def _known_crm(cls, name: str | None) -> str | None:
        if name is not None and name not in CRMS:
            raise ValueError(f"is none of {', '.join(CRMS)}")
        return name

    @field_validator("signature")
    @classmethod
    def _known_scheme(cls, name: str | None) -> str | None:
        if name is not None and name not in SCHEMES:
            raise ValueError(f"is none of {', '.join(SCHEMES)}")
        return name


class Connections:
    """By name; a connection without a table has the defaults."""

    def __init__(self, tables: Mapping[str, Connection] | None = None) -> None:
        self._tables = dict(tables or {})

    def of(self, name: str) -> Connection:
        return self._tables.get(name) or Connection()

    def crm_of(self, name: str) -> str:
        """Which CRM a connection is; a name that none has is `generic`, so that it can be called after what is behind it."""
        stated = self.of(name).crm
        if stated is not None:
            return stated
        prefix = name.partition("-")[0]
        return prefix if prefix in CRMS else "generic"

    def verifiers_of(self, name: str) -> tuple[Verifier, ...]:
        stated = self.of(name).signature
        return CRMS[self.crm_of(name)] if stated is None else (SCHEMES[stated],)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)


def parse_connections(text: str) -> Connections:
    """What a connections file says. Raises ValueError telling what is wrong in it, and where."""
    tables: dict[str, Connection] = {}
    for name, table in tomllib.loads(text).items():
        try:
            tables[name] = Connection.model_validate(table)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join([name, *(str(part) for part in first["loc"])])
            raise ValueError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from None
    return Connections(tables)
