"""`wanamaker import spend`: exports of ad platforms, and costs in columns of one's own, file by file, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from wanamaker_shared.service.settings import ServiceSettings

from ...first_start import keyring
from ...refusal import Refusal
from ...supervisor.addresses import addresses_of
from ..options import DEFAULT_DATA, Data

_SECONDS = 120.0
_EXPORTS = "/v1/spend/exports"
_ROWS = "/v1/spend"
_MOST_TOLD = 20

Files = Annotated[list[Path], typer.Argument(help="Files as the platform gave them; .json takes a list of rows.")]
Platform = Annotated[
    str | None, typer.Option(help="google_ads, meta_ads, linkedin_ads or microsoft_ads; else by the headings.")
]


def spend(
    files: Files,
    data: Data = DEFAULT_DATA,
    workspace: Annotated[str, typer.Option(help="Whose costs they are.")] = "default",
    rows: Annotated[bool, typer.Option("--rows", help="The CSV has the columns of POST /v1/spend.")] = False,
    platform: Platform = None,
    currency: Annotated[str | None, typer.Option(help="Where the file does not name it: EUR.")] = None,
    date_order: Annotated[str | None, typer.Option(help="Of 03/04/2026, if unclear: dmy or mdy.")] = None,
    decimal: Annotated[str | None, typer.Option(help="Before the cents, if unclear: , or .")] = None,
    account: Annotated[str | None, typer.Option(help="The account, where the file does not name it.")] = None,
    post: Annotated[str, typer.Option(help="What they paid for: attract, convert or close.")] = "attract",
    by_day: Annotated[bool, typer.Option("--by-day", help="Each line is of a day, though it looks otherwise.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be written.")] = False,
    address: Annotated[
        str | None, typer.Option(help="Of attribution, where `wanamaker up` on this directory is not what runs.")
    ] = None,
) -> None:
    """Send costs of advertising. A file is taken whole or not at all; sent again it changes nothing."""
    asked = {
        "platform": platform,
        "currency": currency,
        "date_order": date_order,
        "decimal": decimal,
        "account": account,
        "post": post,
        "by_day": "true" if by_day else None,
        "dry_run": "true" if dry_run else None,
    }
    parameters = {name: value for name, value in asked.items() if value is not None}
    where, key = _address(data, address), _key(data, workspace)
    good = True
    with httpx.Client(trust_env=False, timeout=_SECONDS) as client:
        for file in files:
            content = _content(file)
            own = rows or file.suffix.lower() == ".json"
            if own and dry_run:
                raise Refusal("--dry-run is for exports of ad platforms, not for rows in columns of your own")
            kind = "application/json" if file.suffix.lower() == ".json" else "text/csv"
            path, query = (_ROWS, {}) if own else (_EXPORTS, parameters)
            answer = _post(client, where + path, key, kind, content, query)
            good = _tell(file, answer, dry_run=dry_run) and good
    raise typer.Exit(0 if good else 1)


def _tell(file: Path, answer: httpx.Response, *, dry_run: bool) -> bool:
    """Say what became of a file, and each line that cannot be taken; whether it was good."""
    document = answer.json()
    errors: list[dict[str, Any]] = document.get("errors", [])
    if not answer.is_success:
        typer.echo(f"{file}: refused. {document.get('detail', '')}")
    elif "platform" not in document:
        typer.echo(f"{file}: {document['accepted']} rows taken")
    else:
        taken = f"{document['lines']} lines looked at" if dry_run else f"{document['accepted']} lines taken"
        money = ", ".join(f"{amount} {currency}" for currency, amount in document["amounts"].items())
        period = f"{document['first']} to {document['last']}"
        typer.echo(
            f"{file}: {document['platform']}, {taken}, {document['costs']} costs, {period}, {money or 'no money'}"
        )
    for error in errors[:_MOST_TOLD]:
        place = f"line {error['line']}" if "line" in error else f"row {error.get('index')}"
        typer.echo(f"  {place}: {error['reason']}")
    if len(errors) > _MOST_TOLD:
        typer.echo(f"  … and {len(errors) - _MOST_TOLD} more")
    return answer.is_success and not errors


def _post(
    client: httpx.Client, url: str, key: str, kind: str, content: bytes, query: Mapping[str, str]
) -> httpx.Response:
    headers = {"authorization": f"Bearer {key}", "content-type": kind}
    try:
        answer = client.post(url, content=content, params=dict(query), headers=headers)
    except httpx.HTTPError as error:
        raise Refusal(f"{url} does not answer ({type(error).__name__}); is attribution running?") from error
    if answer.status_code in (401, 403):
        raise Refusal(f"{url} does not know this workspace's key: it may run with another keys.json; restart it")
    if answer.is_server_error or "json" not in answer.headers.get("content-type", ""):
        raise Refusal(f"{url} answered {answer.status_code}; nothing of this file was taken, send it again")
    return answer


def _address(data: Path, given: str | None) -> str:
    if given is not None:
        if not given.startswith(("http://", "https://")):
            raise Refusal(f"--address takes a URL, like http://127.0.0.1:8004; not {given!r}")
        return given.rstrip("/")
    addresses = addresses_of(data)
    if "attribution" not in addresses:
        raise Refusal(
            "attribution has to be running for this: start `wanamaker up` on this --data directory, or say where it is "
            "with --address URL"
        )
    return addresses["attribution"]


def _key(data: Path, workspace: str) -> str:
    path = ServiceSettings(data=data).keys_path
    if not path.exists():
        raise Refusal(f"{path} is not there, and this needs its analyst key; say where the installation is with --data")
    keys = keyring(path)[0].workspaces.get(workspace)
    if keys is None:
        raise Refusal(f"{path} has no workspace {workspace!r}; `wanamaker keys` shows those it has")
    return keys.analyst_key


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refusal(f"cannot read {file}: {error.strerror}") from error
