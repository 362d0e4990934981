"""Connects the demo's HubSpot before the services start: its secret in keys.json, the rest in connections.toml."""

from __future__ import annotations

import json
from pathlib import Path

from wanamaker_shared.service.keys import webhook_secret, write_keys
from wanamaker_shared.service.settings import ServiceSettings

from ..first_start import keyring
from . import hubspot


def connect_hubspot(data: Path) -> None:
    """Once; a second demo on the directory finds it done."""
    path = ServiceSettings(data=data).keys_path
    known, _ = keyring(path)
    if hubspot.CONNECTION not in known.workspaces["default"].webhooks:
        document = json.loads(path.read_text())
        document["webhooks"][hubspot.CONNECTION] = webhook_secret()
        write_keys(path, document)
    (data / "connections.toml").write_text(hubspot.CONNECTIONS)
