"""The verdict on a user agent: whether it is a crawler, by the public list of `crawler-user-agents`."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import version
from typing import Any

from crawleruseragents import is_crawler

LIST_VERSION = version("crawler-user-agents")
"""Stands on every event beside the verdict, so that it can be told which list judged."""

LONGEST = 512
"""Characters that are looked at: crawlers name themselves early, and matching costs by length."""


def is_bot(user_agent: Any) -> bool:
    """Whether the user agent an event names is a robot's. None, or anything that is no text, is not."""
    return isinstance(user_agent, str) and _is_bot(user_agent[:LONGEST])


# A miss costs a quarter of a millisecond (some 1,300 patterns), and visitors share few thousand user agents.
@lru_cache(maxsize=65536)
def _is_bot(user_agent: str) -> bool:
    return bool(is_crawler(user_agent))
