"""`wanamaker keys`: who may write, read and change, per workspace."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated

import typer

from wanamaker_shared.service.keys import new_workspace, write_keys
from wanamaker_shared.service.settings import ServiceSettings

from ..first_start import keyring
from ..refusal import Refusal
from .options import DEFAULT_DATA, Data

app = typer.Typer(help="Show the keys, or add a workspace.", invoke_without_command=True)
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


@app.callback()
def show(context: typer.Context, data: Data = DEFAULT_DATA) -> None:
    """Print keys.json; made with the workspace `default` if there is none."""
    context.obj = data
    if context.invoked_subcommand is None:
        path = _path(data)
        keyring(path)
        typer.echo(path.read_text(), nl=False)


@app.command("add")
def add(context: typer.Context, name: Annotated[str, typer.Argument(help="The new workspace's name.")]) -> None:
    """Add a workspace with keys of its own, and print them."""
    path = _path(context.obj)
    known, _ = keyring(path)
    if not _NAME.fullmatch(name):
        raise Refusal(f"a workspace's name is lower-case letters, digits, - and _, at most 63: not {name!r}")
    if name in known.workspaces:
        raise Refusal(f"{path} has a workspace {name!r} already")
    document = json.loads(path.read_text())
    fresh = new_workspace(name)
    write_keys(path, {**document, "workspaces": [*document.get("workspaces", []), fresh]})
    typer.echo(json.dumps(fresh, indent=2))
    typer.echo("restart the services: they read the keys once", err=True)


def _path(data: Path) -> Path:
    return ServiceSettings(data=data).keys_path
