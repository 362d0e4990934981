"""Answers as bytes, and the refusals that several routes share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import orjson
from fastapi import Response

from wanamaker_shared.service.problems import Problem

from ..repository.reading import AsOf
from ..schemas.rows import BadRows

T = TypeVar("T")


def answer(document: Mapping[str, Any], as_of: AsOf) -> Response:
    """A JSON answer with what it reflects."""
    return Response(orjson.dumps({**document, **as_of.document()}), media_type="application/json")


def bad_request(detail: str, **extra: Any) -> Problem:
    return Problem(400, "Bad Request", detail, **extra)


def not_found(detail: str) -> Problem:
    return Problem(404, "Not Found", detail)


def rows_refused(error: BadRows) -> Problem:
    return bad_request(
        f"{len(error.rows)} of the rows cannot be taken, so none was.", errors=[row.document() for row in error.rows]
    )


def parsed(parse: Callable[[str], T], text: str) -> T:
    """What `parse` makes of a parameter; its ValueError is a 400."""
    try:
        return parse(text)
    except ValueError as error:
        raise bad_request(str(error)) from error
