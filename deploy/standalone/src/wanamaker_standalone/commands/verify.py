"""`wanamaker verify`: are the tables what the log says? Exit 0 = yes, 1 = no, naming the rows."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from wanamaker_shared.eventlog.replay import ReplayProgress
from wanamaker_shared.service.settings import ServiceSettings

from ..proof.verification import Verdict
from ..proof.verification import verify as prove
from .options import DEFAULT_DATA, Data, Database


def verify(
    data: Data = DEFAULT_DATA,
    database: Database = None,
    hashed: Annotated[bool, typer.Option("--hash", help="Print one SHA-256 of all derived tables.")] = False,
) -> None:
    """Replay the log and compare every derived table with the live ones."""
    verdict = asyncio.run(_verify(ServiceSettings(data=data, database=database)))
    for note in verdict.notes:
        typer.echo(f"note: {note}", err=True)
    for line in verdict.wrong:
        typer.echo(line)
    if verdict.unnamed:
        typer.echo(f"… and {verdict.unnamed} more")
    typer.echo(
        "the tables are not what the log says" if verdict.wrong else "every table is what the log says", err=True
    )
    if hashed:
        typer.echo(verdict.digest)
    raise typer.Exit(1 if verdict.wrong else 0)


async def _verify(settings: ServiceSettings) -> Verdict:
    from ..proof.services import REBUILT  # only here: the other commands start without loading the services

    bars = Progress(console=Console(stderr=True), transient=True)
    tasks: dict[str, TaskID] = {}

    def show(service: str, progress: ReplayProgress) -> None:
        if service not in tasks:
            tasks[service] = bars.add_task(f"replaying {service}")
        bars.update(tasks[service], completed=progress.done, total=progress.total)

    with bars, tempfile.TemporaryDirectory(prefix="wanamaker-verify-") as scratch:
        return await prove(settings, REBUILT, Path(scratch), show)
