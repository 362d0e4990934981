"""Accounts as rows: what they are called."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from wanamaker_shared.service.sql import in_texts

from .account_tables import company


def names_of(connection: Connection, workspace: str, accounts: Collection[str]) -> dict[str, str]:
    """By account its company's name, where the CRM stated one."""
    statement = select(company.c.company, company.c.name).where(
        company.c.workspace == workspace, in_texts(company.c.company, accounts), company.c.name.isnot(None)
    )
    return {row.company: row.name for row in connection.execute(statement)}
