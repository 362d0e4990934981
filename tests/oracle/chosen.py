"""The settings of a workspace: of each name the latest statement, applied to everything, past and future."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wanamaker_shared.contracts.settings import SettingsRevised, WorkspaceSettings


def chosen_settings(revisions: Iterable[SettingsRevised]) -> WorkspaceSettings:
    """`revisions` stand in order; a setting stated as None goes back to its default."""
    stated: dict[str, Any] = {}
    for revision in revisions:
        stated |= revision.stated
    return WorkspaceSettings(**{name: value for name, value in stated.items() if value is not None})
