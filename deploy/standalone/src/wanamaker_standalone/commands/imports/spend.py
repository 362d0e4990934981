"""`wanamaker import spend`: exports of ad platforms, and costs in columns of one's own, file by file, all or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from ...asking import service
from ...refusal import Refusal
from ..options import DEFAULT_DATA, Data

_EXPORTS = "/v1/spend/exports"
_ROWS = "/v1/spend"
_MOST_TOLD = 20
_TRIES = 60
"""With --whole, until the costs sent before are counted."""

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
    whole: Annotated[
        bool,
        typer.Option("--whole", help="All campaigns of the days are in the file: earlier ones that are not become 0."),
    ] = False,
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
        "whole": "true" if whole else None,
        "dry_run": "true" if dry_run else None,
    }
    parameters = {name: value for name, value in asked.items() if value is not None}
    good = True
    with service("attribution", data, workspace, "analyst", address) as attribution:
        for file in files:
            content = _content(file)
            own = rows or file.suffix.lower() == ".json"
            if own and dry_run:
                raise Refusal("--dry-run is for exports of ad platforms, not for rows in columns of your own")
            kind = "application/json" if file.suffix.lower() == ".json" else "text/csv"
            path, query = (_ROWS, {}) if own else (_EXPORTS, parameters)
            patience = _TRIES if whole else 0
            answer = attribution.post(
                path, patience=patience, content=content, params=query, headers={"content-type": kind}
            )
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
        costs = f"{document['costs']} costs"
        if document["withdrawn"]:
            costs += f", {document['withdrawn']} earlier ones {'would be' if dry_run else 'are'} 0"
        if document["costs"]:
            costs += f", {document['first']} to {document['last']}, {money}"
        typer.echo(f"{file}: {document['platform']}, {taken}, {costs}")
    for error in errors[:_MOST_TOLD]:
        place = f"line {error['line']}" if "line" in error else f"row {error.get('index')}"
        typer.echo(f"  {place}: {error['reason']}")
    if len(errors) > _MOST_TOLD:
        typer.echo(f"  … and {len(errors) - _MOST_TOLD} more")
    return answer.is_success and not errors


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refusal(f"cannot read {file}: {error.strerror}") from error
