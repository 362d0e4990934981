"""`wanamaker keys`: who may write, read and change, per workspace."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from wanamaker_shared.service.keys import new_workspace, webhook_secret, write_keys
from wanamaker_shared.service.settings import ServiceSettings

from ..first_start import keyring
from ..refusal import Refusal
from .options import DEFAULT_DATA, Data

app = typer.Typer(
    help="Show the keys, add a workspace, say which websites may send, connect a CRM.", invoke_without_command=True
)
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
_CONNECTION = re.compile(r"[A-Za-z0-9._-]{1,100}")
_ASK = "-"
_COOKIE_KEYS = 2
_WEBHOOK_SECRETS = 2
_RESTART = "restart the services: they read the keys once"

Workspace = Annotated[str, typer.Option(help="Whose keys.")]


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
    typer.echo(_RESTART, err=True)


@app.command("allow")
def allow(
    context: typer.Context,
    origins: Annotated[list[str], typer.Argument(help="Websites, as https://www.example.com", show_default=False)],
    workspace: Workspace = "default",
) -> None:
    """Let only these websites, and those allowed before, send with the write key from a page."""
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise Refusal(f"a website is its scheme and host, like https://www.example.com: not {origin!r}")
    _change(context.obj, workspace, lambda entry: {"origins": sorted({*entry.get("origins", []), *origins})})


@app.command("forbid")
def forbid(
    context: typer.Context,
    origins: Annotated[list[str], typer.Argument(help="Websites that were allowed.", show_default=False)],
    workspace: Workspace = "default",
) -> None:
    """Take websites off the list; once it is empty, any may send."""

    def without(entry: dict[str, Any]) -> dict[str, Any]:
        listed = entry.get("origins", [])
        for origin in origins:
            if origin not in listed:
                raise Refusal(f"{origin} is not on the list of {workspace!r}; it has {', '.join(listed) or 'none'}")
        return {"origins": [origin for origin in listed if origin not in origins]}

    _change(context.obj, workspace, without)


@app.command("rotate-cookies")
def rotate_cookies(context: typer.Context, workspace: Workspace = "default") -> None:
    """Sign cookies with a new secret; those signed with the one before stay valid and are renewed at the next visit."""
    fresh = secrets.token_urlsafe(32)
    _change(
        context.obj, workspace, lambda entry: {"cookie_keys": [fresh, *entry.get("cookie_keys", [])][:_COOKIE_KEYS]}
    )


@app.command("webhook")
def webhook(
    context: typer.Context,
    connection: Annotated[str, typer.Argument(help="The connection, as in the address: /webhooks/hubspot.")],
    secret: Annotated[
        str | None,
        typer.Option(help="The secret that the CRM gives; - asks for it. Without this option one is made and shown."),
    ] = None,
    only: Annotated[
        bool, typer.Option("--only", help="Take out the one before, once nothing is signed with it.")
    ] = False,
    workspace: Workspace = "default",
) -> None:
    """Give a connection a secret. The one before stays valid beside it, so that nothing is refused meanwhile."""
    _check_connection(connection)
    if secret == _ASK:
        secret = typer.prompt("Secret", hide_input=True)
    if secret is not None and not secret.strip():
        raise Refusal("the secret is blank; without --secret one is made and shown")
    fresh = secret or webhook_secret()

    def with_secret(entry: dict[str, Any]) -> dict[str, Any]:
        known = entry.get("webhooks", {})
        before = known.get(connection, [])
        before = [before] if isinstance(before, str) else list(before)
        rotated = [fresh, *(each for each in before if each != fresh)][: 1 if only else _WEBHOOK_SECRETS]
        return {"webhooks": {**known, connection: rotated}}

    _change(context.obj, workspace, with_secret)
    if secret is None:
        typer.echo(fresh)


@app.command("access")
def access(
    context: typer.Context,
    connection: Annotated[str, typer.Argument(help="The connection, as in the address: /webhooks/hubspot.")],
    values: Annotated[
        list[str], typer.Argument(help="NAME=VALUE, as docs/crm.md names them for the CRM; NAME=- asks for the value.")
    ],
    workspace: Workspace = "default",
) -> None:
    """Say what opens a CRM's API, so that what webhooks leave out can be read and reconciled. Replaces what was there."""
    _check_connection(connection)
    stated = {}
    for each in values:
        name, equals, value = each.partition("=")
        if not (name and equals and value):
            raise Refusal(f"say NAME=VALUE, like access_token=…: not {name!r}")
        stated[name] = typer.prompt(name, hide_input=True) if value == _ASK else value
    _change(context.obj, workspace, lambda entry: {"crm_access": {**entry.get("crm_access", {}), connection: stated}})


def _check_connection(name: str) -> None:
    if not _CONNECTION.fullmatch(name):
        raise Refusal(f"a connection's name is letters, digits, dots, - and _, at most 100: not {name!r}")


def _change(data: Path, workspace: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Write the workspace's entry with what `change` makes of it, and show that."""
    path = _path(data)
    keyring(path)
    document = json.loads(path.read_text())
    entry = next((e for e in (document, *document.get("workspaces", [])) if e["workspace"] == workspace), None)
    if entry is None:
        raise Refusal(f"{path} has no workspace {workspace!r}; `wanamaker keys add` makes one")
    changed = change(entry)
    entry.update(changed)
    write_keys(path, document)
    if "origins" in changed:  # what is no secret
        typer.echo(json.dumps({"origins": changed["origins"]}, indent=2))
    typer.echo(_RESTART, err=True)


def _path(data: Path) -> Path:
    return ServiceSettings(data=data).keys_path
