"""Asks one running service over HTTP, for the commands that do: finds its address and the workspace's key, and says in words
what keeps it from answering."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import httpx

from wanamaker_shared.service.settings import ServiceSettings

from .first_start import keyring
from .refusal import Refusal
from .supervisor.addresses import addresses_of

SECONDS = 120.0
Role = Literal["analyst", "admin"]


class Service:
    """Every call raises Refusal if the service cannot be asked, or does not know the key; other answers are the caller's."""

    def __init__(self, name: str, client: httpx.Client) -> None:
        self._name = name
        self._client = client

    def get(self, path: str, **request: Any) -> httpx.Response:
        return self._checked(self._ask("GET", path, request))

    def post(self, path: str, *, patience: int = 0, **request: Any) -> httpx.Response:
        """`patience`: how often to ask again, a second later, while it answers that it cannot yet (503)."""
        answer = self._ask("POST", path, request)
        for _ in range(patience):
            if answer.status_code != 503:
                break
            time.sleep(1)
            answer = self._ask("POST", path, request)
        return self._checked(answer)

    def _ask(self, method: str, path: str, request: dict[str, Any]) -> httpx.Response:
        try:
            answer = self._client.request(method, path, **request)
        except httpx.HTTPError as error:
            where = self._client.base_url
            raise Refusal(f"{where} does not answer ({type(error).__name__}); is {self._name} running?") from error
        return answer

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        if answer.status_code in (401, 403):
            raise Refusal(f"{self._name} does not know this key: it may run with another keys.json; restart it")
        if answer.is_server_error or "json" not in answer.headers.get("content-type", ""):
            raise Refusal(f"{self._name} answered {answer.status_code} and took nothing; send it again")
        return answer


@contextmanager
def service(name: str, data: Path, workspace: str, role: Role, address: str | None) -> Iterator[Service]:
    """The service that runs on this data directory, or the one at `address`, asked with the workspace's key of that role."""
    with client_of(name, data, workspace, role, address) as client:
        yield Service(name, client)


def client_of(name: str, data: Path, workspace: str, role: Role, address: str | None) -> httpx.Client:
    """The same for who reads the answers otherwise: a client with the service's address and the key. Raises Refusal."""
    headers = {"authorization": f"Bearer {_key(data, workspace, role)}"}
    base = _address(name, data, address)
    return httpx.Client(trust_env=False, timeout=SECONDS, base_url=base, headers=headers)


def _address(name: str, data: Path, given: str | None) -> str:
    if given is not None:
        if not given.startswith(("http://", "https://")):
            raise Refusal(f"--address takes a URL, like http://127.0.0.1:8003; not {given!r}")
        return given.rstrip("/")
    addresses = addresses_of(data)
    if name not in addresses:
        raise Refusal(
            f"{name} has to be running for this: start `wanamaker up` on this --data directory, or say where it is "
            "with --address URL"
        )
    return addresses[name]


def _key(data: Path, workspace: str, role: Role) -> str:
    path = ServiceSettings(data=data).keys_path
    if not path.exists():
        raise Refusal(f"{path} is not there, and this needs its {role} key; say where the installation is with --data")
    keys = keyring(path)[0].workspaces.get(workspace)
    if keys is None:
        raise Refusal(f"{path} has no workspace {workspace!r}; `wanamaker keys` shows those it has")
    return keys.admin_key if role == "admin" else keys.analyst_key
