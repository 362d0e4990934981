"""Uploads are judged on a thread: a hundred thousand rows take seconds, and whoever asks for a report does not wait for them."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from wanamaker_attribution.api import exports, uploads

from .serving import Api

SPEND = {"date": "2026-09-01", "source": "google", "medium": "cpc", "campaign": "a", "amount": "1", "currency": "EUR"}
RATE = {"day": "2026-09-01", "base": "EUR", "currency": "PLN", "rate": "4.2"}
EXPORT = "Campaign report\nDay,Campaign,Campaign ID,Currency code,Cost\n2026-09-01,Brand,11,PLN,10.50\n"
PATIENCE = 20.0


@pytest.mark.parametrize(
    ("path", "body", "kind", "where", "judge"),
    [
        ("/v1/spend", json.dumps([SPEND]), "application/json", uploads, "check_rows"),
        ("/v1/rates", json.dumps([RATE]), "application/json", uploads, "check_rows"),
        ("/v1/spend/exports", EXPORT, "text/csv", exports, "judge_export"),
    ],
    ids=["spend", "rates", "export"],
)
async def test_reports_are_answered_while_an_upload_is_judged(
    path: str, body: str, kind: str, where: Any, judge: str, empty: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    judging, answered = threading.Event(), threading.Event()
    judges: Callable[..., Any] = getattr(where, judge)

    def slow(*arguments: Any, **named: Any) -> Any:
        judging.set()
        assert answered.wait(PATIENCE), "no report was answered meanwhile"
        return judges(*arguments, **named)

    monkeypatch.setattr(where, judge, slow)
    upload = asyncio.ensure_future(empty.send("POST", path, body, kind=kind))
    assert await asyncio.to_thread(judging.wait, PATIENCE)
    await empty.get("/v1/roi", from_="2026-09-01", to="2026-09-30")
    answered.set()
    assert (await upload).status_code == 200, (await upload).text
