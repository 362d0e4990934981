"""The keys of all workspaces: who may write, who may read, who may change, and what hashes the e-mails.

`DIR/keys.json` holds the first workspace's keys at the top and further ones in `workspaces`; every service reads it, none
writes it but the command line. A presented key is looked up by its SHA-256.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Role = Literal["write", "secret", "analyst", "admin"]


@dataclass(frozen=True, slots=True)
class WorkspaceKeys:
    """`workspace_key` (hex) hashes e-mails and profile ids; `webhooks` maps a connection to its signing secrets."""

    workspace: str
    write_key: str
    secret_key: str
    analyst_key: str
    admin_key: str
    workspace_key: str
    webhooks: Mapping[str, tuple[str, ...]]

    @property
    def hmac_key(self) -> bytes:
        return bytes.fromhex(self.workspace_key)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a presented key allows. `key_id` names the key without revealing it: the first 12 hex digits of its SHA-256."""

    workspace: str
    role: Role
    key_id: str


class Keyring:
    def __init__(self, workspaces: Iterable[WorkspaceKeys]) -> None:
        self.workspaces = {keys.workspace: keys for keys in workspaces}
        self._grants: dict[bytes, Grant] = {}
        for keys in self.workspaces.values():
            roles: dict[Role, str] = {
                "write": keys.write_key,
                "secret": keys.secret_key,
                "analyst": keys.analyst_key,
                "admin": keys.admin_key,
            }
            for role, key in roles.items():
                digest = hashlib.sha256(key.encode()).digest()
                self._grants[digest] = Grant(keys.workspace, role, digest.hex()[:12])

    def grant(self, key: str) -> Grant | None:
        """What this key allows, or None if it is nobody's."""
        return self._grants.get(hashlib.sha256(key.encode("utf-8", "replace")).digest())

    def hmac_key(self, workspace: str) -> bytes:
        return self.workspaces[workspace].hmac_key


def new_workspace(name: str, connections: Iterable[str] = ("generic",)) -> dict[str, Any]:
    """Fresh keys of 32 random bytes each, in the shape of keys.json."""
    return {
        "workspace": name,
        **{field: secrets.token_urlsafe(32) for field in ("write_key", "secret_key", "analyst_key", "admin_key")},
        "workspace_key": secrets.token_hex(32),
        "webhooks": {connection: _webhook_secret() for connection in connections},
    }


def read_keyring(path: Path) -> Keyring:
    """Raises FileNotFoundError, or ValueError naming what is wrong in the file."""
    document = json.loads(path.read_text())
    try:
        return Keyring(_parse(entry) for entry in [document, *document.get("workspaces", [])])
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path}: missing or misshapen {error}; `wanamaker keys` writes a good file") from error


def write_keys(path: Path, document: Mapping[str, Any]) -> None:
    """Replace the file in one step, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(document, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _parse(entry: Mapping[str, Any]) -> WorkspaceKeys:
    return WorkspaceKeys(
        workspace=entry["workspace"],
        write_key=entry["write_key"],
        secret_key=entry["secret_key"],
        analyst_key=entry["analyst_key"],
        admin_key=entry["admin_key"],
        workspace_key=entry["workspace_key"],
        webhooks={
            name: (value,) if isinstance(value, str) else tuple(value) for name, value in entry["webhooks"].items()
        },
    )


def _webhook_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
