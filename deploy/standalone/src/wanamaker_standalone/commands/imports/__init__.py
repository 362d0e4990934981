"""`wanamaker import`: files into a running installation, one kind of file each."""

from __future__ import annotations

import typer

from . import deals, spend

app = typer.Typer(help="Send files to the running services: deals, costs.", no_args_is_help=True)
app.command("deals")(deals.deals)
app.command("spend")(spend.spend)
