"""GET /v1/models and GET /v1/status: what can be asked, and how far the answers reach."""

from __future__ import annotations

from fastapi import APIRouter, Response

from ..models import MODELS
from ..schemas.answers import ModelsAnswer, StatusAnswer
from .access import Analyst, Here
from .answers import answer

router = APIRouter(prefix="/v1", tags=["about"])

PARAMETERS: dict[str, dict[str, float | int]] = {
    "position_based": {"first": 0.4, "last": 0.4, "others": 0.2},
    "time_decay": {"half_life_days": 7},
    "w_shaped": {"first": 0.3, "lead": 0.3, "opportunity": 0.3, "others": 0.1},
    "full_path": {"first": 0.225, "lead": 0.225, "opportunity": 0.225, "last": 0.225, "others": 0.1},
}
"""What the models fix, for the reader; docs/meanings.md has the rules."""


@router.get(
    "/models", summary="The attribution models", response_class=Response, responses={200: {"model": ModelsAnswer}}
)
async def get_models(_: Analyst, ports: Here) -> Response:
    _none, as_of = await ports.read(lambda _: None)
    models = [
        {"name": model.name, "sentence": model.sentence, "parameters": PARAMETERS.get(model.name, {})}
        for model in MODELS.values()
    ]
    return answer({"models": models}, as_of)


@router.get(
    "/status", summary="What answers reflect now", response_class=Response, responses={200: {"model": StatusAnswer}}
)
async def get_status(_: Analyst, ports: Here) -> Response:
    generation = await ports.generations.live_generation()
    _none, as_of = await ports.read(lambda _: None)
    return answer({"generation": generation}, as_of)
