"""The keys of all workspaces: who may write, who may read, who may change, and what hashes the e-mails.

`DIR/keys.json` holds the first workspace's keys at the top and further ones in `workspaces`; every service reads it, none
writes it but the command line. A presented key is looked up by its SHA-256.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Role = Literal["write", "secret", "analyst", "admin"]

_SHORTEST_HMAC_KEY = 16
_HMAC_KEY = re.compile(rf"([0-9a-f]{{2}}){{{_SHORTEST_HMAC_KEY},}}")


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
    origins: tuple[str, ...] = ()
    """The websites whose pages may send with the write key, as in the header Origin; empty = any."""
    cookie_keys: tuple[str, ...] = ()
    """Secrets that sign visitors' cookies: the first signs, all are valid."""
    crm_access: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By connection what opens its CRM's API, as that CRM calls it (`access_token`, `client_id` …)."""

    @property
    def hmac_key(self) -> bytes:
        return bytes.fromhex(self.workspace_key)

    @property
    def cookie_secrets(self) -> tuple[bytes, ...]:
        """At least one: files from before cookies have none, so one is derived."""
        stated = tuple(key.encode() for key in self.cookie_keys)
        return stated or (hmac.digest(self.hmac_key, b"wanamaker/cookie", "sha256"),)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a presented key allows. `key_id` names the key without revealing it: the first 12 hex digits of its SHA-256."""

    workspace: str
    role: Role
    key_id: str


class Keyring:
    """All workspaces' keys, looked up by SHA-256: the work does not depend on the key that was presented.

    Raises ValueError if two workspaces have one name, or one key would be granted twice.
    """

    def __init__(self, workspaces: Iterable[WorkspaceKeys]) -> None:
        self.workspaces: dict[str, WorkspaceKeys] = {}
        self._grants: dict[bytes, Grant] = {}
        for keys in workspaces:
            if keys.workspace in self.workspaces:
                raise ValueError(f"two workspaces are called {keys.workspace!r}")
            self.workspaces[keys.workspace] = keys
            roles: dict[Role, str] = {
                "write": keys.write_key,
                "secret": keys.secret_key,
                "analyst": keys.analyst_key,
                "admin": keys.admin_key,
            }
            for role, key in roles.items():
                digest = hashlib.sha256(key.encode()).digest()
                if digest in self._grants:
                    raise ValueError(f"the {role} key of {keys.workspace!r} is used twice")
                self._grants[digest] = Grant(keys.workspace, role, digest.hex()[:12])

    def grant(self, key: str) -> Grant | None:
        """What this key allows, or None if it is nobody's."""
        return self._grants.get(hashlib.sha256(key.encode("utf-8", "replace")).digest())

    def grant_of(self, workspace: str, key_id: str) -> Grant | None:
        """What the workspace's key of this id allows, or None if it has no such key (any more)."""
        mine = (grant for grant in self._grants.values() if grant.workspace == workspace)
        return next((grant for grant in mine if grant.key_id == key_id), None)

    def hmac_key(self, workspace: str) -> bytes:
        return self.workspaces[workspace].hmac_key


def new_workspace(name: str, connections: Iterable[str] = ("generic",)) -> dict[str, Any]:
    """Fresh keys of 32 random bytes each, in the shape of keys.json."""
    return {
        "workspace": name,
        **{field: secrets.token_urlsafe(32) for field in ("write_key", "secret_key", "analyst_key", "admin_key")},
        "workspace_key": secrets.token_hex(32),
        "webhooks": {connection: webhook_secret() for connection in connections},
        "origins": [],
        "cookie_keys": [secrets.token_urlsafe(32)],
    }


def read_keyring(path: Path) -> Keyring:
    """Raises FileNotFoundError, or ValueError naming what is wrong in the file, without a word of its content."""
    try:
        document = json.loads(path.read_text())
        return Keyring(_parse(entry) for entry in [document, *document.get("workspaces", [])])
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{path} is not there; `wanamaker up` writes one on its first start") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}: no JSON (line {error.lineno})") from None
    except KeyError as error:
        raise ValueError(f"{path}: {error} is missing; `wanamaker keys` writes a good file") from None
    except (TypeError, AttributeError):
        raise ValueError(f"{path}: not the shape of a keys file; `wanamaker keys` writes a good one") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def write_keys(path: Path, document: Mapping[str, Any]) -> None:
    """Replace the file in one step, readable by its owner only at every moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(document, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _parse(entry: Mapping[str, Any]) -> WorkspaceKeys:
    texts = {
        name: _text(entry, name)
        for name in ("workspace", "write_key", "secret_key", "analyst_key", "admin_key", "workspace_key")
    }
    if not _HMAC_KEY.fullmatch(texts["workspace_key"]):
        raise ValueError(f"workspace_key must be at least {_SHORTEST_HMAC_KEY} bytes in hex")
    if "/" in texts["workspace"]:
        raise ValueError("a workspace's name holds no `/`: topic keys begin with it")
    return WorkspaceKeys(
        **texts,
        webhooks={name: _secrets(name, value) for name, value in entry.get("webhooks", {}).items()},
        origins=_texts(entry, "origins"),
        cookie_keys=_texts(entry, "cookie_keys"),
        crm_access={name: _access(name, value) for name, value in entry.get("crm_access", {}).items()},
    )


def _secrets(connection: str, value: Any) -> tuple[str, ...]:
    """One, or during a rotation several."""
    stated = [value] if isinstance(value, str) else value
    if not isinstance(stated, list) or not all(isinstance(each, str) and each for each in stated):
        raise ValueError(f"webhooks.{connection} must be a text that is not empty, or a list of such")
    return tuple(stated)


def _access(connection: str, value: Any) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(isinstance(each, str) and each for each in value.values()):
        raise ValueError(f"crm_access.{connection} must be an object of texts that are not empty")
    return value


def _texts(entry: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = entry.get(name, [])
    if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
        raise ValueError(f"{name} must be a list of texts that are not empty")
    return tuple(values)


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry[name]
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} must be a text that is not empty")
    return value


def webhook_secret() -> str:
    """A fresh one, as Standard Webhooks writes them; without `/` and `+`, so that it can be a part of an address too."""
    while True:
        made = base64.b64encode(secrets.token_bytes(32)).decode()
        if "/" not in made and "+" not in made:
            return f"whsec_{made}"
