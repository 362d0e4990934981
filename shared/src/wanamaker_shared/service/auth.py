"""Who may call: `Authorization: Bearer <key>`, looked up by its SHA-256, so that the work does not depend on the key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from .keys import Grant, Keyring, Role
from .problems import Problem

_bearer = HTTPBearer(auto_error=False, description="A key of keys.json")


def requires(keyring: Keyring, *roles: Role) -> Callable[..., Grant]:
    """A FastAPI dependency that yields the caller's grant if it is of one of the roles.

    No or an unknown key: 401. A key of another role: 403. Use: `grant: Annotated[Grant, Depends(requires(keyring, "analyst"))]`.
    """

    def authorised(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Grant:
        grant = keyring.grant(credentials.credentials) if credentials else None
        if grant is None:
            raise Problem(
                401,
                "Unauthorized",
                f"Send `Authorization: Bearer <{' or '.join(roles)} key>`.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if grant.role not in roles:
            raise Problem(403, "Forbidden", f"This needs the {' or '.join(roles)} key; a {grant.role} key was sent.")
        return grant

    return authorised
