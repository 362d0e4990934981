"""Requests that are refused as a whole, and how that is said. Nothing of them was kept."""

from __future__ import annotations

from .answers import Answer, problem


class Rejected(Exception):
    """The request as a whole is refused with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def unknown_key() -> Rejected:
    return Rejected(
        problem(
            401,
            "Send the write key or the secret key: Basic auth with the key as user name, `writeKey` in the body, "
            "`aid` (appId) for Snowplow's trackers, or `k` for the pixel.",
        )
    )


def unreadable(why: object) -> Rejected:
    return Rejected(problem(400, f"{why}."))


def too_large(most: int) -> Rejected:
    return Rejected(problem(413, f"A body may have at most {most} bytes; send several."))


def too_often(seconds: int) -> Rejected:
    return Rejected(problem(429, "Too many requests from one sender; nothing was taken.", retry_after=seconds))


def busy(why: str) -> Rejected:
    return Rejected(problem(503, f"Nothing was taken: {why}. Send the same request again."))
