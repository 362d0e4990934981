"""What a reader of a CRM's API raises when it has asked enough for today."""

from __future__ import annotations

from wanamaker_shared.safe_error import SafeError


class LimitUsedUp(SafeError):
    """The vendor answers no more questions for a while. Nothing is wrong with the question: it is asked again, however often."""
