"""A part that this machine cannot run, and why."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


class PartMissing(Exception):
    """The message is for the one who reads the test summary: what is missing and how to get it."""


def without(part: str, reason: str) -> NoReturn:
    """Skip the test; fail it where `WANAMAKER_REQUIRE_<PART>=1` says that the part must be there."""
    variable = f"WANAMAKER_REQUIRE_{part}"
    if os.environ.get(variable) == "1":
        pytest.fail(f"{variable}=1, but {reason}")
    pytest.skip(reason)
