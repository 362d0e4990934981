"""`wanamaker reconcile`: what webhooks missed, read through a CRM's API while one watches."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ..asking import Service, service
from ..refusal import Refusal
from .options import DEFAULT_DATA, Data
from .output import console

_LOOK_SECONDS = 0.5
_TOLD = 20

Connection = Annotated[str, typer.Argument(help="The connection, as in keys.json: hubspot.", show_default=False)]


def reconcile(
    connection: Connection,
    data: Data = DEFAULT_DATA,
    since: Annotated[
        datetime | None, typer.Option(help="Read what changed since then (UTC); else since the last run, at first all.")
    ] = None,
    workspace: Annotated[str, typer.Option(help="Whose connection it is.")] = "default",
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Watch until it is done; it goes on without us.")
    ] = True,
    address: Annotated[
        str | None, typer.Option(help="Of the crm-bridge, where `wanamaker up` on this directory is not what runs.")
    ] = None,
) -> None:
    """Read what changed in a CRM, take in what its webhooks missed, and tell what that was. Exit code 1 if it failed."""
    path = f"/v1/reconcile/{connection}"
    with service("crm-bridge", data, workspace, "admin", address) as bridge:
        parameters = {} if since is None else {"since": since.replace(tzinfo=since.tzinfo or UTC).isoformat()}
        answer = bridge.post(path, params=parameters)
        if not answer.is_success:
            raise Refusal(str(answer.json().get("detail")))
        run = answer.json()
        if not wait:
            typer.echo(f"run {run['run']} has begun; GET {path}/{run['run']} tells how far it is")
            return
        found = _watched(bridge, f"{path}/{run['run']}")
    for line in told(found):
        typer.echo(line)
    if found["state"] == "failed":
        raise typer.Exit(1)


def _watched(bridge: Service, path: str) -> Any:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console(), transient=True) as progress:
        task = progress.add_task("reading")
        while True:
            found = bridge.get(path).json()
            if found["state"] != "reading":
                return found
            lists = f"{found['lists_read']} of {found['lists']} lists"
            progress.update(
                task, description=f"{lists}, {found['statements']:,} statements, {found['missed']:,} missed"
            )
            time.sleep(_LOOK_SECONDS)


def told(found: Any) -> list[str]:
    """A finished run in words."""
    if found["state"] == "failed":
        return [f"failed: {found['failed']}"]
    lines = [
        f"{found['connection']}: {found['statements']:,} statements since {found['since'][:10]}, "
        f"{found['missed']:,} that no webhook had brought"
    ]
    lines += [
        f"  {each['at'][:16].replace('T', ' ')}  {each['about']}  {each['what']}" for each in found["news"][:_TOLD]
    ]
    if found["missed"] > _TOLD:
        lines.append(f"  … and {found['missed'] - _TOLD:,} more")
    if found["unreadable"]:
        lines.append(f"{found['unreadable']:,} could not be read: `wanamaker failed reasons` tells why")
    return lines
