"""The endpoints whose events are not Segment's: who reads each, and what its senders expect as an answer."""

from __future__ import annotations

from .answers import OK, PICTURE, Answer
from .headers import Headers
from .pixel import PIXEL, read_pixel
from .reading import Envelope
from .snowplow import GET_PATH, POST_PATH, read_payload, read_query

PICTURES = frozenset({GET_PATH, PIXEL})
"""Asked for with GET; the query string holds one event, and the answer is a picture whatever becomes of it."""

ANSWERS: dict[str, Answer] = {POST_PATH: OK, GET_PATH: PICTURE, PIXEL: PICTURE}
"""Path → the answer once its events are durable."""


def read_dialect(path: str, body: bytes, headers: Headers, *, keyed: bool, received_at: int) -> Envelope:
    """The events of a body, or for PICTURES of a query string. Raises Unreadable.

    `keyed`: a header names the key. Otherwise the envelope does, if it can.
    """
    if path == POST_PATH:
        return read_payload(body, headers, keyed=keyed)
    if path == GET_PATH:
        return read_query(body, headers, keyed=keyed)
    return read_pixel(body, headers, keyed=keyed, received_at=received_at)
