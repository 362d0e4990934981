"""`wanamaker import`: what other programs keep in files, into the running services."""

from __future__ import annotations

import typer

from .deals import deals

app = typer.Typer(help="Import files: deals from a spreadsheet.", no_args_is_help=True)


@app.callback()
def imports() -> None:
    """A group, whatever the number of its commands."""


app.command("deals")(deals)
