"""What a consumer set aside of the decisions, once more onto their topic."""

from __future__ import annotations

from wanamaker_shared.contracts import decisions
from wanamaker_shared.failed.ways import TopicWay

WAYS = (TopicWay(decisions.TOPIC, decisions.adapter, lambda decision: decisions.key(decision.workspace)),)
