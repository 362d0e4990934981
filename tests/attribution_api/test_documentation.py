"""The OpenAPI page says what the routes really answer."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from wanamaker_attribution.schemas import answers, journeys, links, roi, unmatched

from .company import story
from .serving import Api

STORY = story()
ANN = STORY.profile(STORY.email("ann@example.com"))
ANSWERS: list[tuple[str, dict[str, str], type[BaseModel]]] = [
    ("/v1/roi", {}, roi.RoiAnswer),
    ("/v1/roi", {"group_by": "model", "model": "linear,w_shaped"}, roi.RoiAnswer),
    ("/v1/explain", {}, roi.ExplainAnswer),
    ("/v1/explain", {"channel": "(unattributed)"}, roi.ExplainAnswer),
    ("/v1/restatements", {}, roi.RestatementsAnswer),
    ("/v1/conversions", {}, journeys.ConversionsAnswer),
    (f"/v1/journeys/{ANN}", {}, journeys.JourneyAnswer),
    ("/v1/deals/D2", {}, journeys.DealAnswer),
    ("/v1/deals/D3", {}, journeys.DealAnswer),
    ("/v1/links", {}, links.LinksAnswer),
    ("/v1/spend/unmatched", {}, unmatched.UnmatchedAnswer),
    ("/v1/spend/unmatched", {"of": "sessions"}, unmatched.UnmatchedAnswer),
    ("/v1/models", {}, answers.ModelsAnswer),
    ("/v1/status", {}, answers.StatusAnswer),
    ("/v1/settings", {}, answers.SettingsAnswer),
]


@pytest.mark.parametrize(("path", "parameters", "model"), ANSWERS)
async def test_answers_have_the_documented_shape(
    api: Api, path: str, parameters: dict[str, str], model: type[BaseModel]
) -> None:
    """Every field is documented, every documented one that is required is there, and each is of its kind."""
    document = await api.get(path, **parameters)
    parsed = model.model_validate(document)
    again = parsed.model_dump(mode="json", by_alias=True, exclude_unset=True)
    assert again == document
    assert undocumented(parsed) == []


def undocumented(model: Any) -> list[str]:
    """Fields that only came along; rows of reports may have their groups beside their measures."""
    if isinstance(model, BaseModel):
        extra = [] if isinstance(model, roi.RoiMeasures) else list(model.model_extra or {})
        return extra + [name for its in model.__dict__.values() for name in undocumented(its)]
    return [name for its in model for name in undocumented(its)] if isinstance(model, list) else []


async def test_every_operation_is_described(empty: Api) -> None:
    paths = (await empty.client.get("/openapi.json")).json()["paths"]
    for path, operations in paths.items():
        for method, operation in operations.items():
            assert operation["summary"], (path, method)
            if path.endswith("/qr"):
                assert set(operation["responses"]["200"]["content"]) == {"image/svg+xml", "image/png"}
            elif path.startswith("/v1/") and method == "get":
                schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
                assert schema["$ref"].startswith("#/components/schemas/"), path
