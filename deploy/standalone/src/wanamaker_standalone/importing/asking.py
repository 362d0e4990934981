"""Sends a file to the crm-bridge and follows its import to the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from ..refusal import Refusal

SECONDS = 60.0
LOOK_SECONDS = 0.3
RETRIES = 20
"""So often in a row an answer may fail to come while an import is followed; it goes on in the service meanwhile."""
_PIECE = 1 << 18
_RUNNING = ("reading", "importing")

Tell = Callable[[str, int, int | None], None]
"""(step, how much is done, of how much)"""


class Imports:
    """`client` knows the crm-bridge's address and a workspace's admin key (`asking.client_of`). Raises Refusal."""

    def __init__(self, client: httpx.Client, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._address = str(client.base_url).rstrip("/")
        self._sleep = sleep

    def send(
        self, file: Path, size: int, options: Mapping[str, str | None], *, dry_run: bool, again: bool, tell: Tell
    ) -> Any:
        """The import's state once it is at its end."""
        parameters = {name: value for name, value in options.items() if value is not None}
        flags = {name: "true" for name, on in (("dry_run", dry_run), ("again", again)) if on}
        try:
            answer = self._client.post(
                "/v1/imports/deals",
                params={**parameters, **flags},
                content=_pieces(file, tell),
                headers={"content-length": str(size)},
                timeout=SECONDS,
            )
        except httpx.HTTPError as error:
            raise Refusal(
                f"{self._address} does not answer ({type(error).__name__}); is crm-bridge running?"
            ) from error
        return self._followed(_document(answer), tell)

    def rows_as_csv(self, import_id: str) -> bytes:
        """All rows that are bad or have a warning and are kept."""
        text, after = b"", 0
        while True:
            page = _document(self._get(f"{import_id}/rows", after=after, limit=10_000))
            answer = self._get(f"{import_id}/rows", after=after, limit=10_000, format="csv")
            lines = answer.content.splitlines(keepends=True)
            text += b"".join(lines if not text else lines[1:])
            if page["next"] is None:
                return text
            after = page["next"]

    def _followed(self, state: Any, tell: Tell) -> Any:
        failures = 0
        while state["state"] in _RUNNING:
            progress, rows = state["progress"], state["counts"]["rows"] or None
            if state["state"] == "importing":
                tell("importing", progress["rows_mapped"], rows)
            elif state["reading"] is not None:
                tell("judging", progress["rows_judged"], progress["rows_read"] or None)
            else:
                tell("reading", progress["rows_read"], None)
            self._sleep(LOOK_SECONDS)
            try:
                state = _document(self._get(state["id"]))
                failures = 0
            except httpx.HTTPError as error:
                failures += 1
                if failures > RETRIES:
                    raise Refusal(
                        f"{self._address} does not answer any more ({type(error).__name__}); once it runs again, the same "
                        "command goes on"
                    ) from error
        if state["state"] == "interrupted":
            raise Refusal("the crm-bridge was stopped; once it runs again, the same command goes on")
        if state["state"] == "failed":
            raise Refusal(str(state["reason"]))
        return state

    def _get(self, path: str, **parameters: Any) -> httpx.Response:
        return self._client.get(f"/v1/imports/{path}", params=parameters, timeout=SECONDS)


def _pieces(file: Path, tell: Tell) -> Iterator[bytes]:
    sent, size = 0, file.stat().st_size
    with file.open("rb") as opened:
        while piece := opened.read(_PIECE):
            yield piece
            sent += len(piece)
            tell("sending", sent, size)


def _document(answer: httpx.Response) -> Any:
    try:
        document = answer.json()
    except ValueError:
        document = {}
    if answer.is_success:
        return document
    hint = "; it may run with other keys than this keys.json: restart it" if answer.status_code in (401, 403) else ""
    detail = document.get("detail") if isinstance(document, dict) else None
    if answer.status_code == 422 and detail:
        raise Refusal(str(detail))
    raise Refusal(f"the crm-bridge answered {answer.status_code} {detail or ''}{hint}".rstrip())
