"""The first start on a data directory: the workspace `default` and its keys."""

from __future__ import annotations

from pathlib import Path

from wanamaker_shared.service.keys import Keyring, new_workspace, read_keyring, write_keys

from .refusal import Refusal


def keyring(path: Path) -> tuple[Keyring, bool]:
    """The keys of the installation, made if there are none yet, and whether they were. Raises Refusal for a bad file."""
    fresh = not path.exists()
    if fresh:
        write_keys(path, new_workspace("default"))
    try:
        return read_keyring(path), fresh
    except ValueError as error:
        raise Refusal(str(error)) from error
