"""`wanamaker up`: everything on this machine, until Ctrl-C."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from ..running import running
from ..supervisor import ports as port_numbers
from .options import DEFAULT_DATA, DEFAULT_HOST, Data, Host


def up(
    data: Data = DEFAULT_DATA,
    host: Host = DEFAULT_HOST,
    ports: Annotated[
        str, typer.Option(help="Ports of collector, identity, crm-bridge and attribution; 0 takes a free one.")
    ] = port_numbers.DEFAULT_PORTS,
) -> None:
    """Start Wanamaker on this machine; Ctrl-C stops it."""
    asyncio.run(_up(data, host, port_numbers.parse(ports)))


async def _up(data: Path, host: str, ports: list[int]) -> None:
    async with running(data, host, ports, _say) as wanamaker:
        _say("ready  " + "  ".join(f"{service} {address}" for service, address in wanamaker.addresses.items()))
        await wanamaker.supervisor.watch(wanamaker.stop)
        _say("stopping")
    _say("stopped")


def _say(line: str) -> None:
    typer.echo(line)  # flushes, so that whoever reads a pipe sees `ready` at once
