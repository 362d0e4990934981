"""The two lists that a person's and a deal's page share: touchpoints and conversions, each with a cursor of its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import Connection

from ..reports.documents import credited_conversion, touchpoint_document
from ..repository.conversions import TimePlace
from ..repository.credited import read_credits_of
from ..repository.touchpoints import Place, TouchpointRow, place_of, read_owned
from .cursors import decode_cursor, encode_cursor

TouchpointsAfter = Annotated[str | None, Query(max_length=4000, description="`next.touchpoints` of the page before.")]
ConversionsAfter = Annotated[str | None, Query(max_length=4000, description="`next.conversions` of the page before.")]


def touchpoint_place(cursor: str | None) -> Place | None:
    place = decode_cursor(cursor, int, str, str, str)
    return Place(*place) if place else None


def conversion_place(cursor: str | None) -> TimePlace | None:
    place = decode_cursor(cursor, int, str, str)
    return TimePlace(*place) if place else None


def owned_page(
    connection: Connection, workspace: str, owners: Collection[str], *, limit: int, after: Place | None
) -> tuple[list[dict[str, Any]], str | None]:
    """Touchpoints of the owners, and the cursor of the next page."""
    return touchpoint_page(read_owned(connection, workspace, owners, limit=limit + 1, after=after), limit)


def touchpoint_page(rows: Sequence[TouchpointRow], limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """The first `limit` rows, and the cursor of the rest if there is any."""
    more = len(rows) > limit
    return [touchpoint_document(row) for row in rows[:limit]], encode_cursor(
        place_of(rows[limit - 1])
    ) if more else None


def conversion_page(
    connection: Connection, workspace: str, places: Sequence[TimePlace], *, limit: int, currency: str
) -> tuple[list[dict[str, Any]], str | None]:
    """The first `limit` conversions with the credits of all models, and the cursor of the rest if there is any."""
    shown = places[:limit]
    credited = read_credits_of(connection, workspace, [(place.kind, place.key) for place in shown])
    documents = [
        credited_conversion(models, currency) for place in shown if (models := credited[place.kind, place.key])
    ]
    return documents, encode_cursor(shown[-1]) if len(places) > limit else None
