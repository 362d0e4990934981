"""`wanamaker rebuild`: makes the tables anew from the log, while the present ones serve."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from wanamaker_shared.eventlog.replay import ReplayProgress
from wanamaker_shared.service.settings import ServiceSettings

from ..proof.projections import REBUILT
from ..proof.rebuilding import rebuild as build
from ..refusal import Refusal
from .options import DEFAULT_DATA, Data, Database


def rebuild(
    data: Data = DEFAULT_DATA,
    database: Database = None,
    service: Annotated[list[str] | None, typer.Option(help="identity or attribution; both if not given.")] = None,
) -> None:
    """Build the next generation of each service's tables from the log and swap it in."""
    wanted = service or list(REBUILT)
    if unknown := sorted(set(wanted) - REBUILT.keys()):
        raise Refusal(f"{', '.join(unknown)} is not built from the log; {' and '.join(REBUILT)} are")
    asyncio.run(_rebuild(ServiceSettings(data=data, database=database), wanted))


async def _rebuild(settings: ServiceSettings, wanted: list[str]) -> None:
    for service in wanted:
        with Progress(console=Console(stderr=True), transient=True) as bars:
            task = bars.add_task(f"rebuilding {service}")

            def show(progress: ReplayProgress, bars: Progress = bars, task: int = task) -> None:
                bars.update(bars.task_ids[task], completed=progress.done, total=progress.total)

            generation = await build(settings, service, show)
        typer.echo(f"{service}: generation {generation} is live")
