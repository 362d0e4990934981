"""Asks attribution for the demo's results, and lays them out for a terminal."""

from __future__ import annotations

from typing import Any

import httpx
from rich.console import Console
from rich.table import Table
from rich.text import Text

from wanamaker_shared.service.keys import WorkspaceKeys

from .script import Script

MODEL = "linear"
BASIS = "conversion"
_DASH = "–"


class Reports:
    def __init__(self, client: httpx.AsyncClient, address: str, keys: WorkspaceKeys) -> None:
        self._client = client
        self._address = address
        self._headers = {"authorization": f"Bearer {keys.analyst_key}"}

    async def roi(self, first_day: str, last_day: str) -> Any:
        query = {"model": MODEL, "basis": BASIS, "group_by": "channel", "from": first_day, "to": last_day}
        return await self._get("/v1/roi", query)

    async def deal(self, connection: str, deal_id: str) -> Any:
        return await self._get(f"/v1/deals/{connection}/{deal_id}", {})

    async def _get(self, path: str, query: dict[str, str]) -> Any:
        answer = await self._client.get(self._address + path, params=query, headers=self._headers)
        answer.raise_for_status()
        return answer.json()


def roi_table(report: Any, script: Script) -> Table:
    """A row a channel, the dearest first, and the totals."""
    table = Table(
        title=f"What each channel earned: {MODEL} model, {script.days} days to {script.end}, {report['currency']}",
        title_justify="left",
    )
    table.add_column("Channel")
    for heading in ("Sessions", "Leads", "Deals", "Revenue", "Spend", "ROI", "Cost per customer"):
        table.add_column(heading, justify="right")
    for row in sorted(report["rows"], key=lambda row: (-row["spend_minor"], -row["revenue_minor"], row["channel"])):
        table.add_row(row["channel"], *_figures(row), style="red" if _wasted(row) else None)
    table.add_section()
    table.add_row("Total", *_figures(report["totals"]), style="bold")
    return table


def verdict(report: Any) -> str | None:
    """The sentence the table is read for; None if no channel lost money."""
    losing = [row for row in report["rows"] if _wasted(row)]
    if not losing:
        return None
    worst = max(losing, key=lambda row: row["spend_minor"] - row["revenue_minor"])
    totals = report["totals"]
    return (
        f"{worst['channel']} took {worst['spend_minor'] / totals['spend_minor']:.0%} of the money "
        f"and brought {worst['revenue_minor'] / totals['revenue_minor']:.0%} of the revenue."
    )


def show_journey(console: Console, answer: Any) -> None:
    """One deal's touchpoints in order, each with the part of the revenue that the model gives it."""
    deal = answer["deal"]
    credits = next(each["credits"][MODEL] for each in answer["conversions"] if each["kind"] == "deal")
    earned = {credit["touchpoint"]: credit["revenue_minor"] for credit in credits}
    console.print(
        Text(
            f"\nDeal {deal['id']}: {_money(deal['amount_minor'])} {deal['currency']}, won {deal['won_at'][:10]}", "bold"
        )
    )
    for point in answer["touchpoints"]:
        if point["id"] in earned:
            when = point["at"][:16].replace("T", " ")
            came = f"{point['source']} / {point['medium']}"
            console.print(Text(f"  {when}  {point['channel']:<15} {came:<36} {_money(earned[point['id']]):>12}"))


def _figures(row: Any) -> list[str]:
    return [
        f"{row['sessions']:,}",
        f"{row['leads']:,.1f}",
        f"{row['deals']:,.1f}",
        _money(row["revenue_minor"]),
        _money(row["spend_minor"]),
        _DASH if row["roi"] is None else f"{row['roi']:+,.0%}",
        _money(row["cac_minor"]) if row["cac_minor"] else _DASH,
    ]


def _wasted(row: Any) -> bool:
    return row["roi"] is not None and row["roi"] < 0


def _money(minor: int) -> str:
    return f"{minor / 100:,.2f}"
