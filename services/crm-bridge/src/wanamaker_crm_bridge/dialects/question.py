"""The dialect of questions sent in again: the body is one to a CRM's API that was given up, and is asked once more.

`consume` alone queues questions, so it takes the way through the inbox. No connection can be given this dialect:
`schemes.CRMS` has the CRMs' own only.
"""

from __future__ import annotations

from pydantic import BaseModel, ValidationError

from wanamaker_crm_bridge.mapping import Context, Failure, Fetch, Mapped, Webhook

DIALECT = "question"


class Question(BaseModel):
    id: str
    dialect: str
    parameters: dict[str, str]


def map_question(webhook: Webhook, _: Context) -> Mapped:
    try:
        asked = Question.model_validate_json(webhook.body)
    except ValidationError:
        return Mapped(failures=(Failure("question", "is none to a CRM's API"),))
    return Mapped(fetches=(Fetch(asked.id, asked.dialect, asked.parameters),))
