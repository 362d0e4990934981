"""Which demo a data directory holds: fixed by the first run, so that the second one sends the same and changes nothing."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from wanamaker_shared.contracts import ad_spend, crm_events, web_events
from wanamaker_shared.service.opening import open_log
from wanamaker_shared.service.settings import ServiceSettings

from ..refusal import Refusal

_NAME = "demo.json"


@dataclass(frozen=True, slots=True)
class Script:
    seed: int
    days: int
    end: date


def script_of(data: Path, seed: int, days: int, last_day: date) -> Script:
    """The demo of this directory; on the first run one that ends on `last_day`, written down for the next.

    Raises Refusal if the directory holds a demo with another seed or number of days: both together would be neither.
    """
    path = data / _NAME
    if not path.exists():
        script = Script(seed, days, last_day)
        data.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**asdict(script), "end": last_day.isoformat()}) + "\n")
        return script
    try:
        written = json.loads(path.read_text())
        script = Script(written["seed"], written["days"], date.fromisoformat(written["end"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal(f"{path} cannot be read; use another directory with --data") from error
    if (script.seed, script.days) != (seed, days):
        raise Refusal(
            f"{data} holds the demo with --seed {script.seed} --days {script.days}; use the same, "
            "or another directory with --data"
        )
    return script


async def require_no_other_data(data: Path) -> None:
    """Raises Refusal if somebody's own events are in the directory's log: the demo's would mix with them for ever."""
    settings = ServiceSettings(data=data)
    if (data / _NAME).exists() or not (settings.kafka or (data / "log").exists()):
        return
    log = open_log(settings, "demo")
    try:
        ends = await log.end_positions([web_events.TOPIC, crm_events.TOPIC, ad_spend.TOPIC])
    finally:
        await log.close()
    if any(ends.values()):
        raise Refusal(f"{settings.kafka or data} holds other data than a demo's; choose an empty directory with --data")
