"""The history of one deal, read from the facts."""

from __future__ import annotations

from sqlalchemy import Connection

from wanamaker_shared.contracts.settings import WorkspaceSettings

from ..deal_history import Entry, history_of
from ..stages import Words
from ..steps.statements import statements_about


def read_history(
    connection: Connection, workspace: str, name: str, deal_id: str, settings: WorkspaceSettings
) -> list[Entry]:
    """All entries of a deal of connection `name`, in order; empty if nothing was said of it."""
    statements, _ = statements_about(connection, workspace, [(name, deal_id)])
    return history_of(deal_id, statements.get(name, []), settings.zone, Words(settings).stages_of(name))
