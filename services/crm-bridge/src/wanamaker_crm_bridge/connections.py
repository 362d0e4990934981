"""What the owner says of each connection: the file `connections.toml`, a table a connection. Secrets stand in keys.json.

A connection needs no table here if it is called after its CRM (`hubspot`, `hubspot-eu`) and nothing about it is special.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator, model_validator

from .currencies import CURRENCIES
from .schemes import CRMS, SCHEMES, Verifier
from .signatures import Part, Scheme
from .templates import Template, compiled, found, word

EVENT_TYPES = frozenset(
    [
        "deal.updated",
        "deal.merged",
        "deal.deleted",
        "deal.restored",
        "contact.updated",
        "contact.merged",
        "contact.erased",
        "company.updated",
        "company.merged",
        "revenue.adjusted",
    ]
)
"""What a rule may say: the events of the generic dialect."""


class OwnScheme(BaseModel):
    """A signature of the usual kind, described: the fields of `signatures.Scheme` (docs/crm.md has a table)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    signature_header: str
    parts: tuple[Part, ...]
    separator: str = ""
    id_header: str | None = None
    timestamp_header: str | None = None
    packed: bool = False
    digest: Literal["sha256", "sha512"] = "sha256"
    encoding: Literal["base64", "hex"] = "hex"
    version: str = ""
    ticks_per_second: int = Field(default=1, ge=1, le=1_000_000)
    tolerance_seconds: int = Field(default=300, ge=1, le=3_600)

    @model_validator(mode="after")
    def _proves_what_it_says(self) -> OwnScheme:
        timed = self.packed or self.timestamp_header is not None
        if "body" not in self.parts:
            raise ValueError("parts must have body, or an overheard signature is good for any body")
        if timed and "timestamp" not in self.parts:
            raise ValueError("parts must have timestamp, or anybody can make an old request new")
        if not timed and "timestamp" in self.parts:
            raise ValueError("parts has timestamp, and timestamp_header does not say where it stands")
        if self.id_header is None and "id" in self.parts:
            raise ValueError("parts has id, and id_header does not say where it stands")
        if self.packed and not self.version:
            raise ValueError("version must say what a packed signature is called, like v1")
        return self

    @property
    def scheme(self) -> Scheme:
        return Scheme(
            name="own",
            signature_header=self.signature_header.lower().encode(),
            parts=self.parts,
            separator=self.separator.encode(),
            id_header=_header(self.id_header),
            timestamp_header=_header(self.timestamp_header),
            packed=self.packed,
            digest=self.digest,
            encoding=self.encoding,
            version=self.version.encode(),
            ticks_per_second=self.ticks_per_second,
            tolerance_seconds=self.tolerance_seconds,
        )


class Rule(BaseModel):
    """When a body is like this, it says that: `event` is an event of docs/crm.md with `$.paths` where its values come from."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    when: dict[str, str | tuple[str, ...]] = {}
    """By path the word, or the words, that must stand there."""
    says: dict[str, Any] = Field(alias="event")
    _template: Template = PrivateAttr()

    @model_validator(mode="after")
    def _compiles(self) -> Rule:
        for path in self.when:
            compiled(path)
        if self.says.get("type") not in EVENT_TYPES:
            raise ValueError(f"event.type must be one of {', '.join(sorted(EVENT_TYPES))}")
        self._template = Template(self.says, "event")
        return self

    def fits(self, body: Any) -> bool:
        return all(
            any(word(each) in ((wanted,) if isinstance(wanted, str) else wanted) for each in found(path, body))
            for path, wanted in self.when.items()
        )

    def event(self, body: Any) -> Any:
        """In our own words. Raises Unmappable."""
        return self._template.fill(body)


class FieldMapping(BaseModel):
    """How a CRM's bodies are read that has no dialect of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    each: str | None = Field(
        default=None, description="The path of the things that a body tells of; absent: it is one."
    )
    rules: tuple[Rule, ...] = Field(min_length=1)

    @field_validator("each")
    @classmethod
    def _is_a_path(cls, path: str | None) -> str | None:
        if path is not None:
            compiled(path)
        return path

    def bodies(self, body: Any) -> list[Any]:
        return [body] if self.each is None else found(self.each, body)


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
    speaks_of: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9._-]{1,100}$",
        description="Another connection whose deals it speaks of: billing that tells the CRM's refunds.",
    )
    user_id: str | None = Field(
        default=None, min_length=1, description="The contact's property that holds the website's user id."
    )
    signed: OwnScheme | None = Field(
        default=None, description="How its webhooks are signed, if no scheme of ours fits."
    )
    mapping: FieldMapping | None = Field(
        default=None, description="How its bodies are read, for a CRM that has no dialect."
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
        if self.of(name).mapping is not None:
            return "mapped"
        prefix = name.partition("-")[0]
        return prefix if prefix in CRMS else "generic"

    def verifiers_of(self, name: str) -> tuple[Verifier, ...]:
        stated = self.of(name)
        if stated.signed is not None:
            return (stated.signed.scheme,)
        return CRMS[self.crm_of(name)] if stated.signature is None else (SCHEMES[stated.signature],)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)


def _header(name: str | None) -> bytes | None:
    return None if name is None else name.lower().encode()


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
