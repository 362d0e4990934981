"""GET and PUT /v1/settings: what the workspace chose, and the defaults of the rest."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request, Response

from wanamaker_shared.contracts import settings
from wanamaker_shared.contracts.record import canonical
from wanamaker_shared.contracts.settings import SettingsRevised, WorkspaceSettings

from ..repository.reading import read_settings, read_stated
from ..schemas.answers import SettingsAnswer
from ..schemas.uploads import Accepted
from ..uploads.settings import BadSettings, check_settings
from .access import Admin, Analyst, Here
from .answers import answer, bad_request
from .bodies import decoded, parse_json

router = APIRouter(prefix="/v1", tags=["settings"])
SOURCE = "settings"
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": WorkspaceSettings.model_json_schema()}},
    }
}


@router.get(
    "/settings", summary="The settings in force", response_class=Response, responses={200: {"model": SettingsAnswer}}
)
async def get_settings(grant: Analyst, ports: Here) -> Response:
    """`settings` are all of them with their defaults; `stated` names those that the workspace set itself."""
    (effective, stated), as_of = await ports.read(
        lambda connection: (read_settings(connection, grant.workspace), read_stated(connection, grant.workspace))
    )
    named = sorted(name for name, value in stated.items() if value is not None)
    return answer({"settings": effective.model_dump(mode="json"), "stated": named}, as_of)


@router.put("/settings", summary="State some settings", openapi_extra=_BODY)
async def put_settings(request: Request, grant: Admin, ports: Here) -> Accepted:
    """Names that are not given stay as they are; null goes back to the default. They apply to everything, past and
    future. `accepted` counts the names."""
    body = parse_json(decoded(await request.body()))
    if not isinstance(body, dict):
        raise bad_request("The body must be a JSON object of settings.")
    try:
        stated = check_settings(_plain(body))
    except RecursionError as error:
        raise bad_request("The body is nested more deeply than any setting.") from error
    except BadSettings as error:
        raise bad_request(
            "Some settings cannot be taken, so none was.",
            errors=[{"name": name, "reason": reason} for name, reason in error.faults.items()],
        ) from error
    if stated:
        at = ports.stamp()
        record = SettingsRevised(
            workspace=grant.workspace,
            source=SOURCE,
            event_id=hashlib.sha256(canonical([stated, at])).hexdigest(),
            occurred_at=at,
            received_at=at,
            stated=stated,
        )
        await ports.append(settings.TOPIC, [(settings.key(grant.workspace), record)])
    return Accepted(accepted=len(stated))


def _plain(value: Any) -> Any:
    """JSON numbers as int where they are whole and of a size that a setting can have, else as text that none accepts."""
    if isinstance(value, Decimal):
        whole = value.adjusted() < 18 and value == value.to_integral_value()
        return int(value) if whole else "not a whole number"
    if isinstance(value, dict):
        return {name: _plain(its) for name, its in value.items()}
    return [_plain(its) for its in value] if isinstance(value, list) else value
