"""What every answer carries, and the answers about the service itself. For the OpenAPI page: routes write bytes themselves."""

from __future__ import annotations

from pydantic import BaseModel, Field

from wanamaker_shared.contracts.settings import WorkspaceSettings


class Answer(BaseModel):
    as_of: dict[str, list[int]] = Field(
        description="Per topic the next record of each partition: what the answer reflects."
    )
    fresh_to: str | None = Field(description="Receipt of the newest record it reflects, RFC 3339.")


class Listed(Answer):
    next: str | None = Field(description="The cursor of the next page; null on the last.")


class BotDocument(BaseModel):
    cookie: str
    days: list[str] = Field(description="Of the workspace's zone, in order.")
    links: int = Field(description="Its forms and identifications on these days, which own nothing and make no lead.")


class BotsAnswer(Listed):
    bots: list[BotDocument]


class SettingsAnswer(Answer):
    settings: WorkspaceSettings = Field(description="All settings in force.")
    stated: list[str] = Field(description="Those that the workspace set itself; the others have their defaults.")


class ModelDocument(BaseModel):
    name: str
    sentence: str
    parameters: dict[str, float | int]


class ModelsAnswer(Answer):
    models: list[ModelDocument]


class StatusAnswer(Answer):
    generation: int
