"""Makes the links that a request asks for, and retires them: judged against the log as it is now, appended, and looked at again.

Two processes may give one slug away at the same moment; then the log says who has it, and the other's row is judged once more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from wanamaker_shared.contracts import tracking_links
from wanamaker_shared.contracts.settings import WorkspaceSettings
from wanamaker_shared.contracts.tracking_links import LinkRetired
from wanamaker_shared.service.problems import Problem

from .days import day_of, days_before
from .links.names import Names
from .links.plan import SOURCE, Judged, Plan, record_id
from .ports import Ports
from .repository.links import read_reported_names
from .repository.reading import AsOf, read_settings
from .schemas.links import LinkRow
from .schemas.rows import BadRows, SentRow, check_rows

_TIMES = 5
_AT_ONCE = 50
_NAMES_OF_DAYS = 400
"""Names that nobody used for longer than that are forgotten."""


async def make_links(
    ports: Ports, workspace: str, sent: Sequence[SentRow]
) -> tuple[list[Judged], WorkspaceSettings, AsOf]:
    """A verdict for each row, true and durable.

    Raises LogUnavailable; some links may have been made then, and the same request finds them.
    """
    since = days_before(day_of(ports.clock(), "UTC"), _NAMES_OF_DAYS)

    def read(connection: Connection) -> tuple[WorkspaceSettings, Names]:
        return read_settings(connection, workspace), read_reported_names(connection, workspace, since)

    (settings, reported), as_of = await ports.read(read)
    judged: list[Judged | None] = [None] * len(sent)
    rows: dict[int, LinkRow] = {}
    for place, row in enumerate(sent):
        try:
            (rows[place],) = check_rows(LinkRow, [row])
        except BadRows as error:
            judged[place] = Judged("refused", (error.rows[0].reason,))
    async with ports.links.making:
        for _ in range(_TIMES):
            await ports.links.catch_up()
            names = (ports.links.names(workspace), reported)
            plan = Plan(
                workspace=workspace,
                settings=settings,
                find=ports.links.held,
                links=len(ports.links),
                names=names,
                at=ports.stamp(),
                has_short_urls=ports.collector_url is not None,
            )
            fresh: dict[int, Judged] = {}
            for place, wanted in rows.items():
                fresh[place] = plan.judge(wanted)
                if len(fresh) % _AT_ONCE == 0:
                    await asyncio.sleep(0)  # others are answered meanwhile
            judged = [fresh.get(place, verdict) for place, verdict in enumerate(judged)]
            await _append(ports, fresh.values())
            rows = {place: rows[place] for place, verdict in fresh.items() if not _holds(ports, verdict)}
            if not rows:
                return [verdict for verdict in judged if verdict is not None], settings, as_of
    raise Problem(
        503, "Service Unavailable", "Others took the same slugs again and again; send the same request again."
    )


async def retire_link(ports: Ports, workspace: str, slug: str) -> None:
    """Retire the workspace's link, if it has one of this slug that is not retired. Raises LogUnavailable."""
    async with ports.links.making:
        await ports.links.catch_up()
        held = ports.links.held(slug)
        if held is None or held.workspace != workspace or held.retired:
            return
        at = max(ports.stamp(), held.changed_at + 1)
        record = LinkRetired(
            workspace=workspace,
            source=SOURCE,
            event_id=record_id("link.retired", slug, at),
            occurred_at=at,
            received_at=at,
            slug=slug,
        )
        await ports.append(tracking_links.TOPIC, [(tracking_links.key(slug), record)])
        await ports.links.catch_up()


async def _append(ports: Ports, judged: Iterable[Judged]) -> None:
    records = [verdict.record for verdict in judged if verdict.record is not None]
    if records:
        await ports.append(tracking_links.TOPIC, [(tracking_links.key(record.slug), record) for record in records])
        await ports.links.catch_up()


def _holds(ports: Ports, judged: Judged) -> bool:
    """Whether the log says of the slug what the verdict says.

    A slug that was just given can be lost, also to a row that found it `exists`, made by a row before it.
    """
    if judged.held is None:
        return True
    held = ports.links.held(judged.held.slug)
    return held is not None and (held.workspace, held.link) == (judged.held.workspace, judged.held.link)
