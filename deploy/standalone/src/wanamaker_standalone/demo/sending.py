"""Sends a simulation's steps to the four services as any website, CRM or ad platform would: over HTTP, with their keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

import httpx
import orjson
from standardwebhooks import Webhook as Signer

from wanamaker_shared.service.keys import WorkspaceKeys

from ..refusal import Refusal
from ..simulation.values import SpendRows, Spreadsheet, Step, WebBatch, Webhook
from . import hubspot

AT_ONCE = 8
_TRIES = 20
_LONGEST_PAUSE = 5.0
_LOOK_SECONDS = 0.2
_BUSY = (429, 503)


class Sender:
    """`addresses`: service → base URL. Repeats what was refused for the moment (429, 503, no connection)."""

    def __init__(self, client: httpx.AsyncClient, addresses: Mapping[str, str], keys: WorkspaceKeys) -> None:
        self._client = client
        self._addresses = addresses
        self._keys = keys

    async def send_all(self, steps: Iterable[Step], sent: Callable[[Step], None]) -> None:
        """In order, `AT_ONCE` under way; `sent` is called after each. Raises Refusal at the first that is refused for good."""
        room = asyncio.Semaphore(AT_ONCE)

        async def one(step: Step) -> None:
            try:
                await self.send(step)
            finally:
                room.release()
            sent(step)

        try:
            async with asyncio.TaskGroup() as group:
                for step in steps:
                    await room.acquire()
                    group.create_task(one(step))
        except* Refusal as refusals:
            raise refusals.exceptions[0] from None

    async def send(self, step: Step) -> None:
        match step:
            case WebBatch():
                await self._send_batch(step)
            case Webhook():
                await self._send_webhook(step)
            case SpendRows():
                await self._post("attribution", "/v1/spend", orjson.dumps(step.rows), self._bearer)
            case Spreadsheet():
                await self._import(step)

    async def _send_batch(self, batch: WebBatch) -> None:
        answer = await self._post("collector", "/v1/batch", orjson.dumps(batch.body(self._keys.secret_key)), _text)
        verdict = answer.json()
        if verdict["accepted"] != len(batch.events):
            raise Refusal(
                f"the collector took {verdict['accepted']} of {len(batch.events)} events: {verdict['results'][:3]}"
            )

    async def _send_webhook(self, webhook: Webhook) -> None:
        """Signed again for each try: receivers refuse old signatures."""
        body = orjson.dumps(webhook.body)
        secret = self._keys.webhooks[webhook.connection][0]

        def signed() -> dict[str, str]:
            now = datetime.now(UTC)
            if webhook.connection == hubspot.CONNECTION:
                return hubspot.signature(secret, body, str(round(now.timestamp() * 1000)))
            return {
                "webhook-id": webhook.event_id,
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": Signer(secret).sign(webhook.event_id, now, body.decode()),
            }

        await self._post("crm-bridge", f"/webhooks/{webhook.connection}", body, signed)

    async def _import(self, spreadsheet: Spreadsheet) -> None:
        """Send the file, and wait until every row is in the inbox."""
        key = {"authorization": f"Bearer {self._keys.admin_key}", "content-type": "text/csv"}
        state = (await self._post("crm-bridge", "/v1/imports/deals", spreadsheet.content, lambda: key)).json()
        while state["state"] in ("reading", "importing"):
            await asyncio.sleep(_LOOK_SECONDS)
            url = f"{self._addresses['crm-bridge']}/v1/imports/{state['id']}"
            state = (await self._client.get(url, headers=key)).raise_for_status().json()
        if state["state"] != "done" or state["counts"]["bad"]:
            raise Refusal(f"the demo's spreadsheet was not imported: {state['state']}, {state['counts']}")

    def _bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._keys.analyst_key}"}

    async def _post(
        self, service: str, path: str, body: bytes, headers: Callable[[], dict[str, str]]
    ) -> httpx.Response:
        url = self._addresses[service] + path
        reason = ""
        for tried in range(_TRIES):
            try:
                answer = await self._client.post(
                    url, content=body, headers={"content-type": "application/json", **headers()}
                )
            except httpx.TransportError as error:
                reason, pause = type(error).__name__, 0.1 * 2**tried
            else:
                if answer.is_success:
                    return answer
                reason, pause = f"{answer.status_code} {answer.text[:300]}", _asked_to_wait(answer)
                if answer.status_code not in _BUSY:
                    break
            await asyncio.sleep(min(pause, _LONGEST_PAUSE))
        raise Refusal(f"{url} did not take the demo's data: {reason}")


def _text() -> dict[str, str]:
    """The tracker sends plain text, of which a browser asks no permission first."""
    return {"content-type": "text/plain;charset=UTF-8"}


def _asked_to_wait(answer: httpx.Response) -> float:
    try:
        return float(answer.headers.get("retry-after", "1"))
    except ValueError:
        return 1.0
