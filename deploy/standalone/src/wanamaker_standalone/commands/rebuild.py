"""`wanamaker rebuild`: makes the tables anew from the log, while the present ones serve."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from wanamaker_shared.eventlog.replay import ReplayProgress
from wanamaker_shared.service.settings import ServiceSettings

from ..proof.rebuilding import rebuild as build
from ..proof.rebuilt import Rebuilt
from ..refusal import Refusal
from .options import DEFAULT_DATA, Data, Database


def rebuild(
    data: Data = DEFAULT_DATA,
    database: Database = None,
    service: Annotated[list[str] | None, typer.Option(help="identity or attribution; both if not given.")] = None,
) -> None:
    """Build the next generation of each service's tables from the log and swap it in."""
    from ..proof.services import REBUILT  # only here: the other commands start without loading the services

    wanted = service or list(REBUILT)
    if unknown := sorted(set(wanted) - REBUILT.keys()):
        raise Refusal(f"{', '.join(unknown)} is not built from the log; {' and '.join(REBUILT)} are")
    settings = ServiceSettings(data=data, database=database)
    for name in wanted:
        generation = asyncio.run(_rebuild(settings, name, REBUILT[name]))
        typer.echo(f"{name}: generation {generation} is live")


async def _rebuild(settings: ServiceSettings, service: str, rebuilt: Rebuilt) -> int:
    with Progress(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(f"rebuilding {service}")

        def show(progress: ReplayProgress) -> None:
            bars.update(task, completed=progress.done, total=progress.total)

        return await build(settings, service, rebuilt, show)
