"""The error that the command line shows as one sentence instead of a traceback."""

from __future__ import annotations


class Refusal(Exception):
    """What cannot be done, why, and what to do instead. `wanamaker` prints it and exits 2."""
