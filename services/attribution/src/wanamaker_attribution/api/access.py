"""Who may call, and what the routes work with, as FastAPI dependencies."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from wanamaker_shared.service.auth import requires
from wanamaker_shared.service.keys import Grant

from ..ports import Ports

_bearer = HTTPBearer(auto_error=False, description="The analyst key or the admin key of keys.json")
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


async def _ports(request: Request) -> Ports:
    ports: Ports = request.app.state.ports
    return ports


Here = Annotated[Ports, Depends(_ports)]


async def _analyst(ports: Here, credentials: _Credentials) -> Grant:
    grant: Grant = requires(ports.keyring, "analyst", "admin")(credentials)
    return grant


async def _admin(ports: Here, credentials: _Credentials) -> Grant:
    grant: Grant = requires(ports.keyring, "admin")(credentials)
    return grant


Analyst = Annotated[Grant, Depends(_analyst)]
Admin = Annotated[Grant, Depends(_admin)]
