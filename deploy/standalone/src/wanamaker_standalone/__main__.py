"""`wanamaker`: the command line. The only place that parses its arguments."""

from __future__ import annotations

import sys

import typer

from .commands.up import up
from .refusal import Refusal

app = typer.Typer(
    name="wanamaker",
    help="Which half of the advertising money is wasted: from the first click to the closed-won deal.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(up)


@app.callback()
def _root() -> None:
    pass


def main() -> None:
    """Exit codes: 0 = done, 1 = looked and found something wrong, 2 = could not do it."""
    try:
        app()
    except Refusal as refusal:
        typer.echo(f"wanamaker: {refusal}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
