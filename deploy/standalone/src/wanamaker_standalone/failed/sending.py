"""Asks the running services to send failed events in again, each by the way that it came, with its workspace's admin key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from wanamaker_shared.failed.index import Entry, Filter
from wanamaker_shared.failed.schemas import rfc3339
from wanamaker_shared.service.keys import Keyring

from ..refusal import Refusal

SECONDS = 120.0
NOBODYS = "no service takes it in again; `wanamaker rebuild` derives it anew"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one event: `replayed`, `failed` (again) or `skipped`, and why or as what."""

    failed_id: str
    status: str
    text: str


class Services:
    """`addresses`: service → base URL. Every call raises Refusal if the service it needs cannot be asked."""

    def __init__(self, client: httpx.Client, addresses: Mapping[str, str], keyring: Keyring) -> None:
        self._client = client
        self._addresses = addresses
        self._keyring = keyring

    def replay(self, entry: Entry, edited: bytes | None) -> Told:
        service = entry.replayed_by
        if service is None:
            return Told(entry.failed_id, "skipped", NOBODYS)
        answer = self._post(service, entry.workspace, f"/v1/failed/{entry.failed_id}/replay", content=edited or b"")
        document = answer.json()
        if answer.is_success:
            done = document["replay"]
            text = f"is {done['event_id']} of {done['topic']}, revision {done['revision']}"
            return Told(entry.failed_id, "replayed", text)
        status = {422: "failed", 404: "skipped", 409: "skipped", 413: "skipped"}.get(answer.status_code)
        if status is None:
            raise Refusal(_unexpected(service, answer))
        return Told(entry.failed_id, status, str(document.get("detail")))

    def replay_all(self, service: str, workspace: str, wanted: Filter) -> tuple[int, list[Told]]:
        """Work the filter off, a part in each call; how many were sent in, and the others."""
        body: dict[str, Any] = {
            "reason": wanted.reason,
            "origin": wanted.origin,
            "where": wanted.where,
            "status": wanted.status or "open",
            "from": None if wanted.since is None else rfc3339(wanted.since),
            "to": None if wanted.until is None else rfc3339(wanted.until),
        }
        replayed = 0
        others: list[Told] = []
        while True:
            answer = self._post(service, workspace, "/v1/failed/replay", json=body)
            if not answer.is_success:
                raise Refusal(_unexpected(service, answer))
            document = answer.json()
            replayed += document["replayed"]
            others += [Told(each["failed_id"], each["status"], each["reason"]) for each in document["results"]]
            if document["next"] is None:
                return replayed, others
            body["cursor"] = document["next"]

    def _post(self, service: str, workspace: str, path: str, **what: Any) -> httpx.Response:
        keys = self._keyring.workspaces.get(workspace)
        if keys is None:
            raise Refusal(f"keys.json has no workspace {workspace!r}, whose admin key this needs")
        url = self._address(service) + path
        try:
            return self._client.post(
                url, headers={"authorization": f"Bearer {keys.admin_key}"}, timeout=SECONDS, **what
            )
        except httpx.HTTPError as error:
            raise Refusal(f"{url} does not answer ({type(error).__name__}); is the {service} running?") from error

    def _address(self, service: str) -> str:
        if service not in self._addresses:
            raise Refusal(
                f"the {service} has to be running for this: start `wanamaker up` on this --data directory, "
                f"or say where it is with --address {service}=URL"
            )
        return self._addresses[service].rstrip("/")


def _unexpected(service: str, answer: httpx.Response) -> str:
    try:
        detail = answer.json().get("detail", "")
    except (ValueError, AttributeError):
        detail = ""
    hint = "; it may run with other keys than this keys.json: restart it" if answer.status_code in (401, 403) else ""
    return f"the {service} answered {answer.status_code} {detail}{hint}"
