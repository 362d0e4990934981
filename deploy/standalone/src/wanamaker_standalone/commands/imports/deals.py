"""`wanamaker import deals`: shows how a spreadsheet was read, asks, and imports it with a progress bar."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ...asking import client_of
from ...importing.asking import Imports
from ...importing.telling import bad_rows, columns, counts, first_rows
from ...refusal import Refusal
from ..options import DEFAULT_DATA, Data
from ..output import console

_SHOWN = 20


def deals(
    file: Annotated[Path, typer.Argument(help="A CSV or XLSX file with a row for each deal.")],
    data: Data = DEFAULT_DATA,
    connection: Annotated[
        str | None,
        typer.Option(help="The CRM whose deals the rows are, such as hubspot. Without it they are their own."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HEADING=FIELD",
            help="What a column is, or HEADING= for not to be read. May be given several times.",
        ),
    ] = None,
    decimal: Annotated[str | None, typer.Option(help="The decimal sign of amounts: comma or point.")] = None,
    date_order: Annotated[str | None, typer.Option(help="The order in dates: day_first or month_first.")] = None,
    currency: Annotated[str | None, typer.Option(help="Of amounts that name none: EUR.")] = None,
    status: Annotated[str | None, typer.Option(help="Of rows that name none: open, won or lost.")] = None,
    zone: Annotated[str | None, typer.Option(help="Of times without one: Europe/Warsaw.")] = None,
    encoding: Annotated[
        str | None, typer.Option(help="utf-8, utf-16, windows-1252, windows-1250 or iso-8859-2.")
    ] = None,
    delimiter: Annotated[str | None, typer.Option(help="comma, semicolon, tab or bar.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Of an XLSX: which sheet. Without it, the first.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be imported.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="State a file that was imported before anew, as of now.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write all rows that are bad or have a warning to this CSV file.")
    ] = None,
    workspace: Annotated[str, typer.Option(help="Into which workspace.")] = "default",
    address: Annotated[
        str | None, typer.Option(help="URL of the crm-bridge, where `wanamaker up` on this directory is not what runs.")
    ] = None,
) -> None:
    """Import deals from a spreadsheet. The same file again imports nothing twice, and goes on where it was interrupted.

    Exit codes: 0 all rows, 1 some rows are bad (they are in `wanamaker failed`), 2 refused.
    """
    options = {
        "connection": connection,
        "columns": _columns(column),
        "decimal": decimal,
        "date_order": date_order,
        "currency": currency,
        "status": status,
        "zone": zone,
        "encoding": encoding,
        "delimiter": delimiter,
        "sheet": sheet,
    }
    size = _size(file)
    out = console()
    with client_of("crm-bridge", data, workspace, "admin", address) as client:
        imports = Imports(client)
        known = _send(imports, file, size, options, dry_run=dry_run or not yes, again=again and yes)
        settled = known["state"] in ("done", "importing")
        if settled and not yes:
            typer.echo(f"this file was imported before, as {known['id']}; --again states it anew, as of now")
        for shown in (*columns(known), *first_rows(known), counts(known), *bad_rows(known, _SHOWN)):
            out.print(shown)
        if report is not None:
            _write(report, imports.rows_as_csv(known["id"]))
        if not dry_run and (again or not settled) and not yes:
            _ask(known["counts"]["good"] + known["counts"]["warned"])
            known = _send(imports, file, size, options, dry_run=False, again=again)
        if known["state"] == "done" and not dry_run:
            typer.echo(f"{known['counts']['good'] + known['counts']['warned']:,} rows imported, as {known['id']}")
    if known["counts"]["bad"]:
        if not dry_run:
            typer.echo(
                f"{known['counts']['bad']:,} rows are bad: see `wanamaker failed`, and mend them with `wanamaker failed edit`",
                err=True,
            )
        raise typer.Exit(1)


def _send(
    imports: Imports, file: Path, size: int, options: dict[str, str | None], *, dry_run: bool, again: bool
) -> Any:
    try:
        with _progress() as progress:
            return imports.send(file, size, options, dry_run=dry_run, again=again, tell=_bars(progress))
    except KeyboardInterrupt:
        raise Refusal(
            "the crm-bridge goes on with it; the same command shows how far it is, and goes on if it was stopped"
        ) from None


def _ask(rows: int) -> None:
    try:
        if typer.confirm(f"Import {rows:,} rows?"):
            return
    except typer.Abort:
        raise Refusal("nothing was imported; --yes imports without asking") from None
    raise Refusal("nothing was imported")


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console(),
        transient=True,
    )


def _bars(progress: Progress) -> Any:
    """What `Imports.send` tells how far it is: one bar for each of its steps."""
    bars: dict[str, Any] = {}

    def tell(step: str, done: int, total: int | None) -> None:
        if step not in bars:
            bars[step] = progress.add_task(step, total=total)
        progress.update(bars[step], completed=done, total=total)

    return tell


def _columns(given: list[str] | None) -> str | None:
    if not given:
        return None
    chosen: dict[str, str | None] = {}
    for each in given:
        heading, equals, field = each.rpartition("=")
        if not equals or not heading:
            raise Refusal(f"--column takes HEADING=FIELD, like --column Betrag=amount; not {each!r}")
        chosen[heading] = field or None
    return json.dumps(chosen)


def _size(file: Path) -> int:
    try:
        if file.is_dir():
            raise Refusal(f"{file} is a directory")
        return file.stat().st_size
    except OSError as error:
        raise Refusal(f"cannot read {file}: {error.strerror}") from error


def _write(report: Path, text: bytes) -> None:
    try:
        report.write_bytes(text)
    except OSError as error:
        raise Refusal(f"cannot write {report}: {error.strerror}") from error
