"""`wanamaker`: the command line. The only place that parses its arguments."""

from __future__ import annotations

import sys

import typer

from wanamaker_shared.service import logs

from .commands import failed, imports, keys
from .commands.audit import audit
from .commands.copy_log import copy_log
from .commands.demo import demo
from .commands.migrate import migrate
from .commands.rebuild import rebuild
from .commands.reconcile import reconcile
from .commands.up import up
from .commands.verify import verify
from .refusal import Refusal

app = typer.Typer(
    name="wanamaker",
    help="Which half of the advertising money is wasted: from the first click to the closed-won deal.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for _command in (up, demo, reconcile, verify, rebuild, audit, copy_log, migrate):
    app.command(_command.__name__.replace("_", "-"))(_command)
app.add_typer(failed.app, name="failed")
app.add_typer(imports.app, name="import")
app.add_typer(keys.app, name="keys")


def main() -> None:
    """Exit codes: 0 = done, 1 = looked and found something wrong, 2 = could not do it."""
    logs.configure("wanamaker", "error")
    try:
        app()
    except Refusal as refusal:
        typer.echo(f"wanamaker: {refusal}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
