"""Routes whose paths hold ids: matched as the path was written, so that an encoded `/` is part of an id and never parts two."""

from __future__ import annotations

from urllib.parse import unquote

from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope


class WrittenPathRoute(APIRoute):
    """`/v1/deals/generic/a%2Fhistory` is the deal `a/history`, `/v1/deals/generic/a/history` the history of `a`."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        written = scope.get("raw_path") or scope["path"].encode()
        match, its = super().matches({**scope, "path": written.decode("latin-1")})
        if match is not Match.NONE:
            its["path_params"] = {name: unquote(value) for name, value in its["path_params"].items()}
            if any("\x00" in value for value in its["path_params"].values()):
                return Match.NONE, {}  # nothing is called so, and PostgreSQL refuses to look
        return match, its
