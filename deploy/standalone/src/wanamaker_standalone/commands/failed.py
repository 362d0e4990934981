"""`wanamaker failed`: what could not be taken in, where it stood and why; and sending it in again, mended or as it was."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import httpx
import typer

from wanamaker_shared.failed.index import Entry, Filter
from wanamaker_shared.failed.schemas import micros
from wanamaker_shared.service.settings import ServiceSettings

from ..failed.editing import in_editor, with_values
from ..failed.reading import FailedEvents, Whole, reading
from ..failed.sending import NOBODYS, Services, Told
from ..failed.telling import description, lines_of
from ..first_start import keyring
from ..refusal import Refusal
from ..supervisor.addresses import addresses_of
from .options import DEFAULT_DATA, Data

app = typer.Typer(help="List failed events with their reasons, look at one, mend it, send it in again.")

Reason = Annotated[str, typer.Option(help="Only where the reason contains this.")]
Origin = Annotated[
    str, typer.Option(help="Only what this service refused: collector, crm-bridge, identity, attribution.")
]
Where = Annotated[str, typer.Option(help="Only where the place begins so: /v1/track, web-events/.")]
Workspace = Annotated[str | None, typer.Option(help="Only this workspace's.")]
Since = Annotated[datetime | None, typer.Option("--from", help="Only what was received then or later (UTC).")]
Until = Annotated[datetime | None, typer.Option("--to", help="Only what was received then or earlier (UTC).")]
Own = Annotated[Path | None, typer.Option("--data", help="Directory of the log, the databases and keys.json.")]
Address = Annotated[
    list[str] | None,
    typer.Option(
        help="SERVICE=URL, where `wanamaker up` on this directory is not what runs. May be given several times."
    ),
]
Name = Annotated[str, typer.Argument(metavar="ID", help="The failed_id, or how it begins.")]

T = TypeVar("T")


@app.callback(invoke_without_command=True)
def failed(
    context: typer.Context,
    data: Data = DEFAULT_DATA,
    last: Annotated[int, typer.Option(min=1, help="How many, newest last.")] = 50,
    raw: Annotated[
        bool, typer.Option("--raw", help="JSON lines with the raw bytes (may hold personal values).")
    ] = False,
    reason: Reason = "",
    origin: Origin = "",
    where: Where = "",
    workspace: Workspace = None,
) -> None:
    """List the newest failed events with their reasons; `(replayed)` marks what was sent in again."""
    context.obj = data
    if context.invoked_subcommand is None:
        wanted = Filter(reason=reason, origin=origin, where=where)
        lines, count = _read(data, lambda events: lines_of(events, wanted, workspace, last, raw=raw))
        for line in lines:
            typer.echo(line)
        typer.echo(f"{count} failed", err=True)


@app.command("reasons")
def reasons(
    context: typer.Context,
    data: Own = None,
    reason: Reason = "",
    origin: Origin = "",
    where: Where = "",
    workspace: Workspace = None,
) -> None:
    """Count the open failed events by origin and reason, the most frequent first."""
    wanted = Filter(reason=reason, origin=origin, where=where, status="open")
    entries = _read(data or context.obj, lambda events: _gathered(events, wanted, workspace))
    counts = Counter((entry.origin, entry.reason) for entry in entries)
    for (of, why), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        typer.echo(f"{count:>8,}  {of:<11}  {why}")
    typer.echo(f"{len(entries)} open", err=True)


@app.command("show")
def show(context: typer.Context, name: Name, data: Own = None) -> None:
    """Show one with its bytes (which may hold personal values), what was sent in instead, and its replays."""
    for line in _read(data or context.obj, lambda events: _shown(events, name)):
        typer.echo(line)


@app.command("edit")
def edit(
    context: typer.Context,
    name: Name,
    data: Own = None,
    values: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="PATH=VALUE", help="Set one value: --set properties.form=demo. May be given several times."
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Send what is in this file instead; - reads it from the input.")
    ] = None,
    editor: Annotated[str, typer.Option(help="Program that edits a file.", envvar=["VISUAL", "EDITOR"])] = "vi",
    address: Address = None,
) -> None:
    """Mend one and send it in: by --set, from --file, else in the editor, beginning with what was sent in last."""
    data = data or context.obj
    if values and file:
        raise Refusal("either --set or --file, not both")
    entry, whole = _read(data, lambda events: _one(events, name))
    now = whole.shown if whole.edited is None else whole.edited
    if file is not None:
        mended: bytes | None = sys.stdin.buffer.read() if str(file) == "-" else _content(file)
    else:
        mended = with_values(now, values) if values else in_editor(now, editor)
    if not mended:
        raise Refusal("nothing was changed, so nothing was sent in; `wanamaker failed replay` sends it in as it was")
    with _client() as client:
        _tell([_services(data, client, address).replay(entry, mended)])


@app.command("replay")
def replay(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="The failed_ids, or how they begin.")
    ] = None,
    data: Own = None,
    reason: Reason = "",
    origin: Origin = "",
    where: Where = "",
    workspace: Workspace = None,
    since: Since = None,
    until: Until = None,
    every: Annotated[bool, typer.Option("--all", help="All that are open.")] = False,
    address: Address = None,
) -> None:
    """Send in again, as they were: those named, or all open ones that fit. Doing it twice changes nothing."""
    data = data or context.obj
    wanted = Filter(reason, origin, where, micros(since), micros(until), "open")
    filtered = wanted != Filter(status="open") or workspace is not None
    if (bool(names) + filtered + every) != 1:
        raise Refusal(
            "say which: either IDs, or a filter (--reason, --origin, --where, --from, --to, --workspace), or --all"
        )
    with _client() as client:
        if names:
            entries = _read(data, lambda events: _named(events, names))
            services = _services(data, client, address)
            _tell([services.replay(entry, None) for entry in entries])
        else:
            entries = _read(data, lambda events: _gathered(events, wanted, workspace))
            _replay_all(_services(data, client, address), entries, wanted)


def _replay_all(services: Services, entries: list[Entry], wanted: Filter) -> None:
    told: list[Told] = []
    replayed = 0
    ways = {(entry.replayed_by, entry.workspace) for entry in entries if entry.replayed_by is not None}
    mine = {entry.failed_id: entry.replayed_by for entry in entries}
    for service, of in sorted(ways):
        sent, others = services.replay_all(service, of, wanted)
        replayed += sent
        # a service skips what comes by another's way; that one is asked too
        told += [each for each in others if mine.get(each.failed_id) == service]
    told += [Told(entry.failed_id, "skipped", NOBODYS) for entry in entries if entry.replayed_by is None]
    typer.echo(f"{replayed} sent in again")
    _tell(told)


def _tell(told: list[Told]) -> None:
    """One line each; exit 1 if one was not sent in."""
    words = {"replayed": "sent in again:", "failed": "fails again:", "skipped": "not sent in:"}
    for each in told:
        typer.echo(f"{words[each.status]} {each.failed_id} {each.text}")
    if any(each.status != "replayed" for each in told):
        raise typer.Exit(1)


def _read(data: Path, look: Callable[[FailedEvents], Coroutine[Any, Any, T]]) -> T:
    async def run() -> T:
        async with reading(ServiceSettings(data=data)) as events:
            return await look(events)

    return asyncio.run(run())


async def _gathered(events: FailedEvents, wanted: Filter, workspace: str | None) -> list[Entry]:
    return events.fitting(wanted, workspace)


async def _named(events: FailedEvents, names: list[str]) -> list[Entry]:
    return [events.one(name) for name in names]


async def _shown(events: FailedEvents, name: str) -> list[str]:
    entry, whole = await _one(events, name)
    return description(entry, whole, events.index.replays(entry.failed_id))


async def _one(events: FailedEvents, name: str) -> tuple[Entry, Whole]:
    entry = events.one(name)
    return entry, await events.whole(entry)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refusal(f"cannot read {file}: {error.strerror}") from error


def _client() -> httpx.Client:
    return httpx.Client(trust_env=False)


def _services(data: Path, client: httpx.Client, given: list[str] | None) -> Services:
    addresses = addresses_of(data)
    for each in given or ():
        service, equals, url = each.partition("=")
        if not equals or not url.startswith(("http://", "https://")):
            raise Refusal(f"--address takes SERVICE=URL, like collector=http://127.0.0.1:8001; not {each!r}")
        addresses[service] = url
    path = ServiceSettings(data=data).keys_path
    if not path.exists():
        raise Refusal(f"{path} is not there, and this needs its admin key; say where the installation is with --data")
    return Services(client, addresses, keyring(path)[0])
