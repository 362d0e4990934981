"""Failed events as text: a line each, JSON lines, or one whole."""

from __future__ import annotations

import re

from wanamaker_shared.contracts.record import canonical
from wanamaker_shared.failed.index import Entry, Filter, Replay
from wanamaker_shared.failed.schemas import rfc3339

from .reading import FailedEvents, Whole

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


async def lines_of(
    events: FailedEvents, wanted: Filter, workspace: str | None, last: int, *, raw: bool
) -> tuple[list[str], int]:
    """A line for each of the `last` newest that fit, the newest last; and how many fit."""
    entries = events.fitting(wanted, workspace)
    newest = entries[-last:]
    if raw:
        return [_raw(await events.whole(entry)) for entry in newest], len(entries)
    return [_line(entry, replayed=bool(events.index.replays(entry.failed_id))) for entry in newest], len(entries)


def description(entry: Entry, whole: Whole, replays: list[Replay]) -> list[str]:
    """One event as a person looks at it, with its bytes."""
    lines = [
        f"failed_id  {entry.failed_id}",
        f"received   {rfc3339(entry.received_at)}",
        f"workspace  {entry.workspace}",
        f"origin     {entry.origin}, {entry.where}, from {entry.source}",
        f"reason     {entry.reason}",
        f"sent in by {entry.replayed_by or 'nobody: `wanamaker rebuild` derives it anew'}",
    ]
    for done in replays:
        how = "edited" if done.edited else "as it was"
        lines.append(
            f"replayed   {rfc3339(done.at)} {how}, as {done.event_id} of {done.topic}, revision {done.revision}"
        )
    part = "" if whole.kept.whole else f" (the first {len(whole.kept.raw):,} of {whole.kept.size:,} bytes)"
    lines += ["", f"as it was{part}:", _harmless(whole.shown)]
    if whole.edited is not None:
        lines += ["", "as it was sent in last:", _harmless(whole.edited)]
    return lines


def _harmless(raw: bytes) -> str:
    """As text, control characters written out: anybody may send some, and a terminal would obey them."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", raw.decode("utf-8", "replace"))


def _line(entry: Entry, *, replayed: bool) -> str:
    at = rfc3339(entry.received_at // 1_000_000 * 1_000_000)
    mark = "  (replayed)" if replayed else ""
    return f"{at}  {entry.workspace}  {entry.origin}  {entry.where}  {entry.failed_id}  {entry.reason}{mark}"


def _raw(whole: Whole) -> str:
    told = whole.event.model_dump(mode="json", exclude={"personal"}, exclude_none=True)
    return canonical({**told, "raw": whole.kept.raw.decode("utf-8", "replace")}).decode()
