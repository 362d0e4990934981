"""What a reader of a CRM's API raises when asking goes no further: not today, or not ever."""

from __future__ import annotations

from wanamaker_shared.safe_error import SafeError


class LimitUsedUp(SafeError):
    """The vendor answers no more questions for a while. Nothing is wrong with the question: it is asked again, however often."""


class AnswerTooLarge(SafeError):
    """The answer is larger than we take, and will not be smaller the next time."""
