"""Attribution's tables. All but the history and the outbox are derived: a pure function of the set of source records.

The order of the file is the way the data flows: facts → touchpoints → people → deals → conversions and credits → ROI.
Times are microseconds UTC, money is minor units, days are `YYYY-MM-DD` of the workspace's zone, lists are canonical JSON.

On SQLite a table whose rows are little more than their key is its key's index (`sqlite_with_rowid=False`). One with long rows or
further indexes is not: new rows then fill pages one after the other, where each would change a page of its own and, at a split,
its neighbours (a third fewer pages are written for an event).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table
from sqlalchemy import text as text_clause

from wanamaker_shared.eventlog.outbox import outbox_table
from wanamaker_shared.service.database import Id

metadata = MetaData()
DERIVED = {"derived": True}


def text(name: str, *, key: bool = False, null: bool = False) -> Column[str]:
    return Column(name, Id, primary_key=key, nullable=null)


def number(name: str, *, key: bool = False, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, primary_key=key, nullable=null, autoincrement=False)


# Facts: of the records with one identity the one that counts.

web_event = Table(
    "web_event",
    metadata,
    text("workspace", key=True),
    text("cookie", key=True),
    text("record_source", key=True),
    text("event_id", key=True),
    number("at"),
    number("received_at"),
    number("revision"),
    Column("digest", LargeBinary, nullable=False),
    text("type"),
    Column("bot", Integer, nullable=False),
    text("page", null=True),  # canonical JSON of contracts.web_events.Page, for type `page`
    info=DERIVED,
)
# The type stands last, so that page views are counted in the index alone.
Index("web_event_in_time", web_event.c.workspace, web_event.c.cookie, web_event.c.at, web_event.c.type)

fact = Table(  # the rarer records: CRM, spend, settings, rates
    "fact",
    metadata,
    text("workspace", key=True),
    text("topic", key=True),
    text("record_source", key=True),
    text("event_id", key=True),
    text(
        "subject"
    ),  # what it is about: deal:<connection>/<id>, contact:…, spend:<provider>/<key>, rate:<day>, settings
    text("other", null=True),  # a merged-away deal's subject
    number("at"),
    number("received_at"),
    number("revision"),
    Column("digest", LargeBinary, nullable=False),
    text("body"),  # canonical JSON of the record without `personal`
    info=DERIVED,
)
Index("fact_of_subject", fact.c.workspace, fact.c.subject)
Index("fact_of_other", fact.c.workspace, fact.c.other, sqlite_where=fact.c.other.isnot(None))

workspace_settings = Table(
    "workspace_settings",
    metadata,
    text("workspace", key=True),
    text("settings"),  # canonical JSON of the names stated
    info=DERIVED,
)

# Touchpoints: a session each.

touchpoint = Table(
    "touchpoint",
    metadata,
    text("workspace", key=True),
    text("cookie", key=True),
    number("start_at", key=True),
    text("record_source", key=True),
    text("event_id", key=True),
    text("id"),
    number("end_at"),
    text("end_source"),
    text("end_event_id"),
    text("arrival", null=True),  # canonical JSON list; null = none
    text("day"),
    text("channel"),
    text("source"),
    text("medium"),
    text("campaign"),
    text("term"),
    text("content"),
    text("landing_page"),
    text("original_source"),
    number("rules"),  # version of the rules that classified it
    text("owner", null=True),  # identifier of the owning link
    text("owned_by", null=True),  # event id of the owning link
    info=DERIVED,
)
Index(
    "touchpoint_of_owner",
    touchpoint.c.workspace,
    touchpoint.c.owner,
    touchpoint.c.start_at,
    sqlite_where=touchpoint.c.owner.isnot(None),
    postgresql_where=touchpoint.c.owner.isnot(None),
)
Index("touchpoint_of_day", touchpoint.c.workspace, touchpoint.c.day)

# People: what identity concluded, and the steps they took.

cookie = Table(
    "cookie",
    metadata,
    text("workspace", key=True),
    text("cookie", key=True),
    text("profile"),  # the cookie's own profile id
    text("links"),  # those in force: canonical JSON list of [at, source, event_id, identifier, lead]
    text("bot_links"),  # those made on a bot's day, likewise
    text("bot_days"),  # canonical JSON list of days, sorted
    info=DERIVED,
)
Index("cookie_of_profile", cookie.c.workspace, cookie.c.profile)
HAS_BOT_DAYS = text_clause("bot_days <> '[]'")
Index(
    "cookie_with_bot_days",
    cookie.c.workspace,
    cookie.c.cookie,
    sqlite_where=HAS_BOT_DAYS,
    postgresql_where=HAS_BOT_DAYS,
)

identifier = Table(
    "identifier",
    metadata,
    text("workspace", key=True),
    text("identifier", key=True),
    text("profile"),  # the person's
    text("own_profile", null=True),  # its own id: `profile_id(key, identifier)`; any member's id finds the person
    number("since"),
    text("via"),
    info=DERIVED,
)
Index("identifier_of_profile", identifier.c.workspace, identifier.c.profile)
Index("identifier_of_own_profile", identifier.c.workspace, identifier.c.own_profile)

identity_version = Table(  # the newest update taken in of each key; depends on arrival, so no replay gives it again
    "identity_version",
    metadata,
    text("workspace", key=True),
    text("identifier", key=True),  # cookies too
    number("generation"),
    number("version"),
    sqlite_with_rowid=False,
)

lead_link = Table(  # a cookie's first link that makes a lead of an e-mail
    "lead_link",
    metadata,
    text("workspace", key=True),
    text("identifier", key=True),
    text("cookie", key=True),
    number("at"),
    info=DERIVED,
    sqlite_with_rowid=False,
)

contact_step = Table(  # when a contact's lifecycle first reached a step
    "contact_step",
    metadata,
    text("workspace", key=True),
    text("identifier", key=True),
    number("lead_at", null=True),
    number("mql_at", null=True),
    number("sql_at", null=True),
    info=DERIVED,
    sqlite_with_rowid=False,
)

person = Table(  # when a person first reached a step
    "person",
    metadata,
    text("workspace", key=True),
    text("profile", key=True),
    number("lead_at", null=True),
    number("mql_at", null=True),
    number("sql_at", null=True),
    info=DERIVED,
    sqlite_with_rowid=False,
)

# Deals that exist: neither deleted nor merged away.

deal = Table(
    "deal",
    metadata,
    text("workspace", key=True),
    text("connection", key=True),
    text("deal_id", key=True),
    text("status"),  # as stated, else that of its stage
    text("pipeline", null=True),
    text("stage", null=True),
    text("amount", null=True),  # as sent
    text("currency"),  # in force
    number("amount_minor"),
    number("revenue_minor", null=True),  # in the reporting currency; null = no rate, or not won
    number("created_at"),
    number("won_at", null=True),
    number("mql_at", null=True),  # when its stage first said so of its contacts
    number("sql_at", null=True),
    text("account"),
    text("original_source", null=True),
    text("contacts"),  # canonical JSON list of present contact ids, sorted
    text(
        "adjustments"
    ),  # canonical JSON list of [id, at, native_minor, native_currency, reporting minor or null], by id
    info=DERIVED,
    sqlite_with_rowid=False,
)
Index("deal_of_account", deal.c.workspace, deal.c.account, deal.c.won_at)

deal_contact = Table(
    "deal_contact",
    metadata,
    text("workspace", key=True),
    text("identifier", key=True),  # contact:<connection>/<id>
    text("connection", key=True),
    text("deal_id", key=True),
    info=DERIVED,
    sqlite_with_rowid=False,
)

# Conversions. One row holds a conversion's whole journey and its credits, so that every number explains itself.

conversion = Table(
    "conversion",
    metadata,
    text("workspace", key=True),
    text("kind", key=True),  # lead | mql | sql | opportunity | deal | customer
    text("key", key=True),  # profile id; <connection>/<deal id>; account
    number("at"),
    text("day"),
    text("connection", null=True),
    text("deal_id", null=True),
    text("people"),  # canonical JSON list of profile ids, sorted
    number("opened_at", null=True),  # creation of its deal
    number("lead_at", null=True),  # the earliest lead of its people
    number("revenue_minor"),
    text("crm_channel", null=True),  # where an unattributed credit stands by the CRM's own original source
    text("crm_original_source"),  # the same among the original sources
    text("adjustments"),  # canonical JSON list of [id, at, day, reporting minor]
    text(
        "journey"
    ),  # canonical JSON list of [id, at, day, channel, source, medium, campaign, term, content, landing_page,
    # original_source]
    text("credits"),  # canonical JSON {model: [micro, revenue, [each adjustment]]}; lists with a number per touchpoint
    info=DERIVED,
)
Index("conversion_of_day", conversion.c.workspace, conversion.c.day)
_adjusted = conversion.c.adjustments != text_clause("'[]'")
Index(  # an adjustment's own day may lie outside the days of its conversion
    "conversion_adjusted", conversion.c.workspace, conversion.c.day, sqlite_where=_adjusted, postgresql_where=_adjusted
)
Index("conversion_of_deal", conversion.c.workspace, conversion.c.connection, conversion.c.deal_id)

conversion_person = Table(
    "conversion_person",
    metadata,
    text("workspace", key=True),
    text("profile", key=True),
    text("kind", key=True),
    text("key", key=True),
    number("at"),
    info=DERIVED,
    sqlite_with_rowid=False,
)

# Money.

spend = Table(  # of each cost a row for every day over which it is spread
    "spend",
    metadata,
    text("workspace", key=True),
    text("provider", key=True),
    text("spend_key", key=True),
    text("day", key=True),
    text("post"),  # attract | convert | close
    text("channel"),
    text("source"),
    text("medium"),
    text("campaign"),
    text("amount"),
    text("currency"),
    number("minor", null=True),  # in the reporting currency; null = no rate
    info=DERIVED,
    sqlite_with_rowid=False,
)

foreign_money = Table(  # every amount in another currency than the reporting one, so that a late rate finds it
    "foreign_money",
    metadata,
    text("workspace", key=True),
    text("kind", key=True),  # deal | adjustment | spend
    text("key", key=True),  # <connection>/<deal id>[/<adjustment id>]; <provider>/<spend key>
    text("day", key=True),  # a cost of a period has several
    # The deal's <connection>/<deal id>, or spend:<provider>/<spend key>. Ids hold slashes: two adjustments' keys may read alike.
    text("owner", key=True),
    text("currency"),
    number("native_minor"),
    number("minor", null=True),  # null = unconverted
    info=DERIVED,
    sqlite_with_rowid=False,
)
Index("foreign_money_of_owner", foreign_money.c.workspace, foreign_money.c.owner)
Index("foreign_money_of_day", foreign_money.c.workspace, foreign_money.c.day)
Index("foreign_money_of_currency", foreign_money.c.workspace, foreign_money.c.currency, foreign_money.c.day)

# ROI tables: sums kept by difference. A row whose measures are all zero does not exist.

DIMENSIONS = ("channel", "source", "medium", "campaign")
CREDIT_MEASURES = ("leads", "mqls", "sqls", "opportunities", "deals", "customers", "revenue_minor", "close_seconds")
TRAFFIC_MEASURES = ("sessions", "attract_minor", "convert_minor", "close_minor")

roi_credit = Table(
    "roi_credit",
    metadata,
    text("workspace", key=True),
    text("model", key=True),
    text("basis", key=True),  # touch | conversion
    text("day", key=True),
    *(text(name, key=True) for name in DIMENSIONS),
    *(number(name) for name in CREDIT_MEASURES),  # counts in micro-conversions; close_seconds = Σ deal micro x seconds
    info=DERIVED,
    sqlite_with_rowid=False,
)

roi_traffic = Table(
    "roi_traffic",
    metadata,
    text("workspace", key=True),
    text("day", key=True),
    *(text(name, key=True) for name in DIMENSIONS),
    *(number(name) for name in TRAFFIC_MEASURES),
    info=DERIVED,
    sqlite_with_rowid=False,
)

for _table, _measures in ((roi_credit, CREDIT_MEASURES), (roi_traffic, TRAFFIC_MEASURES)):
    _empty = text_clause(" AND ".join(f"{name} = 0" for name in _measures))
    Index(f"{_table.name}_empty", _table.c.workspace, sqlite_where=_empty, postgresql_where=_empty)

# History and the outbox: written once, not derived.

restatement = Table(
    "restatement",
    metadata,
    text("workspace", key=True),
    number("written_at", key=True),
    text("id", key=True),
    text("kind"),
    text("conversion"),
    text("model"),
    text("cause"),  # identity (JSON list) of the record that changed it
    text("differences"),  # canonical JSON list of [touchpoint, day, channel, micro, revenue_minor]
    sqlite_with_rowid=False,
)

outbox = outbox_table(metadata)
