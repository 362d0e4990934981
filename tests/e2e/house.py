"""One running Wanamaker with several workspaces, and the doors of each."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.deploy.worked_example import Doors
from tests.standalone.running_demo import PATIENCE, wanamaker
from tests.standalone.running_up import Up, running_up
from wanamaker_shared.service.settings import ServiceSettings
from wanamaker_standalone.demo.waiting import until_reflected


@dataclass(frozen=True, slots=True)
class House:
    """`doors`: workspace → its doors; `identity` is the one that they do not name."""

    data: Path
    up: Up
    identity: str
    doors: Mapping[str, Doors]
    client: httpx.Client

    def report(self, workspace: str, path: str, **parameters: Any) -> Any:
        """What attribution answers to the workspace's analyst key; `from_` is the parameter `from`."""
        doors = self.doors[workspace]
        asked = {name.rstrip("_"): value for name, value in parameters.items()}
        return self._ask("GET", doors.attribution + path, doors.keys["analyst_key"], params=asked)

    def profile(self, workspace: str, identifier: str) -> Any:
        key = self.doors[workspace].keys["analyst_key"]
        return self._ask("GET", f"{self.identity}/v1/profiles", key, params={"identifier": identifier})

    def decide(self, workspace: str, decision: str, a: str, b: str) -> None:
        """`revoke` or `release`."""
        key = self.doors[workspace].keys["admin_key"]
        self._ask("POST", f"{self.identity}/v1/links/{decision}", key, json={"a": a, "b": b})

    def settle(self) -> None:
        settle(self.data)

    def _ask(self, method: str, url: str, key: str, **what: Any) -> Any:
        answer = self.client.request(method, url, headers={"Authorization": f"Bearer {key}"}, **what)
        assert answer.is_success, answer.text
        return answer.json()


@contextmanager
def running_house(data: Path, workspaces: Sequence[str]) -> Iterator[House]:
    """`default` is there besides those that are named."""
    for name in workspaces:
        added = _add_workspace(data, name)
        assert added["workspace"] == name
    with running_up(data) as up, httpx.Client(timeout=30, trust_env=False) as client:
        at = up.addresses()
        first = json.loads((data / "keys.json").read_text())
        every = [first, *first.get("workspaces", [])]
        doors = {keys["workspace"]: Doors(at["collector"], at["crm-bridge"], at["attribution"], keys) for keys in every}
        yield House(data, up, at["identity"], doors, client)


def _add_workspace(data: Path, name: str) -> Any:
    """Add a workspace as a person does; its keys."""
    added = wanamaker("keys", "--data", data, "add", name)
    assert added.returncode == 0, added.stderr
    return json.loads(added.stdout)


async def settle_soon(data: Path) -> None:
    """Return once every consumer has taken in all that is in the log, and said all it had to say."""
    async with asyncio.timeout(PATIENCE):
        await until_reflected(ServiceSettings(data=data, kafka=None, database=None), lambda _: None)


def settle(data: Path) -> None:
    asyncio.run(settle_soon(data))
