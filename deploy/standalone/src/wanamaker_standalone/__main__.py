"""`wanamaker`: the command line. The only place that parses its arguments."""

from __future__ import annotations

import sys
from collections import UserDict
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from wanamaker_shared.service import logs

from .refusal import Refusal

_MODULES = {
    "up": "up",
    "demo": "demo",
    "import": "imports",
    "reconcile": "reconcile",
    "failed": "failed",
    "verify": "verify",
    "rebuild": "rebuild",
    "audit": "audit",
    "keys": "keys",
    "copy-log": "copy_log",
    "migrate": "migrate",
}
"""Command → its module in `commands`: there it is the function of the same name, or an `app` with commands of its own."""


class _Commands(UserDict[str, Any]):
    """Command → what runs it; imported when it is wanted, so that none waits for the libraries of the others."""

    def __getitem__(self, name: str) -> Any:
        module = import_module(f".commands.{self.data[name]}", __package__)
        holder = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        holder.callback()(_wanamaker)
        if (commands := getattr(module, "app", None)) is not None:
            holder.add_typer(commands, name=name)
        else:
            holder.command(name)(getattr(module, self.data[name]))
        return vars(typer.main.get_command(holder))["commands"][name]


class _Wanamaker(TyperGroup):
    def __init__(self, **given: Any) -> None:
        super().__init__(**given | {"commands": _Commands(_MODULES)})


def _wanamaker() -> None:
    """Which half of the advertising money is wasted: from the first click to the closed-won deal."""


app = typer.Typer(
    name="wanamaker", cls=_Wanamaker, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
app.callback()(_wanamaker)


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
