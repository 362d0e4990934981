"""The tables of accounts: what records state, the companies this makes, and whose people and deals are.

Derived like those of `tables`, whose rules hold here too.
"""

from __future__ import annotations

from sqlalchemy import Index, Table
from sqlalchemy import text as text_clause

from .tables import DERIVED, metadata, number, text

account_statement = Table(  # of each subject and property the last in order holds
    "account_statement",
    metadata,
    text("workspace", key=True),
    text("subject", key=True),  # email:<key> | contact:<connection>/<id> | company:<connection>/<id>
    text("property", key=True),  # domain | company | name | into
    number("at", key=True),
    text("source", key=True),
    text("sender", key=True),
    text("event_id", key=True),
    text("topic", key=True),
    text("value", null=True),  # null = none
    info=DERIVED,
    sqlite_with_rowid=False,
)
_of_record = (account_statement.c[name] for name in ("workspace", "topic", "source", "sender", "event_id"))
Index("account_statement_of_record", *_of_record)
IS_MERGE = text_clause("property = 'into'")
Index(
    "account_statement_into",
    account_statement.c.workspace,
    account_statement.c.value,
    sqlite_where=IS_MERGE,
    postgresql_where=IS_MERGE,
)

company = Table(  # that a CRM said something of, beside that somebody belongs to it
    "company",
    metadata,
    text("workspace", key=True),
    text("company", key=True),  # company:<connection>/<id>
    text("account"),  # the one that it was merged into in the end, else itself
    text("domain", null=True),
    text("name", null=True),
    info=DERIVED,
)
Index(
    "company_of_domain",
    company.c.workspace,
    company.c.domain,
    sqlite_where=company.c.domain.isnot(None),
    postgresql_where=company.c.domain.isnot(None),
)
Index("company_of_account", company.c.workspace, company.c.account)

person_account = Table(  # people who have one
    "person_account",
    metadata,
    text("workspace", key=True),
    text("profile", key=True),
    text("company", null=True),  # as the CRM states it, before merges
    text("domain", null=True),
    text("account"),  # company:<connection>/<id> | domain:<domain>
    info=DERIVED,
)
Index("person_of_account", person_account.c.workspace, person_account.c.account, person_account.c.profile)
Index("person_of_company", person_account.c.workspace, person_account.c.company)
Index("person_of_domain", person_account.c.workspace, person_account.c.domain)

deal_account = Table(  # deals that have one
    "deal_account",
    metadata,
    text("workspace", key=True),
    text("connection", key=True),
    text("deal_id", key=True),
    text("account"),
    info=DERIVED,
)
Index(
    "deal_of_its_account",
    deal_account.c.workspace,
    deal_account.c.account,
    deal_account.c.connection,
    deal_account.c.deal_id,
)

account = Table(  # those that somebody or a deal belongs to
    "account",
    metadata,
    text("workspace", key=True),
    text("account", key=True),
    text("domain", null=True),
    text("name", null=True),
    text("searched"),  # what a search looks at: account, domain and name without case
    info=DERIVED,
)
