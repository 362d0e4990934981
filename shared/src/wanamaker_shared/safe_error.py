"""The error that pure code raises when its message may be shown: no import, so that the pure core can have it."""

from __future__ import annotations


class SafeError(Exception):
    """An error whose message holds no value of any record and may be shown."""
