"""`wanamaker demo`: a demo company's traffic through the public endpoints, and what it earned by channel."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from wanamaker_shared.service.settings import ServiceSettings

from ..demo import hubspot, spreadsheet
from ..demo.connecting import connect_hubspot
from ..demo.reports import Reports, roi_table, show_journey, verdict
from ..demo.script import Script, require_no_other_data, script_of
from ..demo.sending import Sender
from ..demo.waiting import until_reflected
from ..refusal import Refusal
from ..running import Running, running
from ..simulation.simulate import simulate
from ..simulation.values import Simulation, Spreadsheet, Step, WebBatch
from ..stages import Stage
from ..supervisor import ports
from .options import DEFAULT_DATA, DEFAULT_HOST, Data
from .output import console


def demo(
    data: Data = DEFAULT_DATA,
    days: Annotated[int, typer.Option(min=1, help="How many days of the demo company's life.")] = 90,
    seed: Annotated[int, typer.Option(help="Another number is another company.")] = 1,
    keep_running: Annotated[bool, typer.Option("--keep-running", help="Leave Wanamaker on until Ctrl-C.")] = False,
) -> None:
    """Send a demo company's days through the real services and show what each channel earned."""
    asyncio.run(_demo(data, seed, days, keep_running=keep_running, console=console()))


async def _demo(data: Path, seed: int, days: int, *, keep_running: bool, console: Console) -> None:
    await require_no_other_data(data)
    script = script_of(data, seed, days, last_day=datetime.now(UTC).date() - timedelta(days=1))
    wanted = [port if ports.is_free(DEFAULT_HOST, port) else 0 for port in ports.parse(ports.DEFAULT_PORTS)]
    simulation = simulate(script.seed, script.days, script.end)
    connect_hubspot(data)
    console.print("starting the four services …")
    async with running(data, DEFAULT_HOST, wanted, console.print) as wanamaker:
        await _unless_stopped(_play(wanamaker, data, script, simulation, console), wanamaker.stop)
        _show_addresses(console, wanamaker, data, keep_running=keep_running)
        if keep_running:
            await wanamaker.supervisor.watch(wanamaker.stop)


async def _play(wanamaker: Running, data: Path, script: Script, simulation: Simulation, console: Console) -> None:
    keys = wanamaker.keyring.workspaces["default"]
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        with _progress(console) as bars:
            steps = hubspot.told(spreadsheet.kept_by_hand(simulation.steps))
            sending = bars.add_task("sending", total=sum(map(_size, steps)))
            sender = Sender(client, wanamaker.addresses, keys)
            await sender.send_all(steps, lambda step: bars.advance(sending, _size(step)))
            attributing = bars.add_task("attributing")

            def show(stages: list[Stage]) -> None:
                done, total = sum(stage.done for stage in stages), sum(stage.total for stage in stages)
                bars.update(attributing, completed=done, total=total)

            await until_reflected(ServiceSettings(data=data), show)
        reports = Reports(client, wanamaker.addresses["attribution"], keys)
        first_day = script.end - timedelta(days=script.days - 1)
        report = await reports.roi(first_day.isoformat(), script.end.isoformat())
        console.print(roi_table(report, script))
        if sentence := verdict(report):
            console.print(sentence)
        for deal_id in simulation.truth.example_deals:
            show_journey(console, await reports.deal(*_place_of(deal_id, steps)))


def _place_of(deal_id: str, steps: list[Step]) -> tuple[str, str]:
    """(connection, id) of a deal of the simulation: in the partner's spreadsheet, or in HubSpot."""
    if any(isinstance(step, Spreadsheet) and f"{deal_id},".encode() in step.content for step in steps):
        return spreadsheet.CONNECTION, deal_id
    return hubspot.CONNECTION, str(hubspot.object_id(deal_id))


async def _unless_stopped(work: Coroutine[Any, Any, None], stop: asyncio.Event) -> None:
    working, stopped = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not working.done():
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        raise Refusal("the demo was stopped; run it again to go on, nothing counts twice")
    working.result()


def _show_addresses(console: Console, wanamaker: Running, data: Path, *, keep_running: bool) -> None:
    if not keep_running:
        console.print(f"\nTo look around, start it again: wanamaker up --data {data}, then open")
    else:
        console.print("\nRunning until Ctrl-C:")
    console.print(
        f"  {wanamaker.addresses['attribution']}/      the ROI table (the analyst key is in {data}/keys.json)"
    )
    for service, address in wanamaker.addresses.items():
        console.print(f"  {address}/docs  {service}")


def _size(step: Step) -> int:
    return len(step.events) if isinstance(step, WebBatch) else 1


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )
