"""RFC 9457 problem documents: what every error answer of every service looks like.

No answer repeats what was sent: the value that was wrong may be somebody's address, so a validation error names the field
and what is expected of it, no more.
"""

from __future__ import annotations

import http
from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from .errors import describe, frames, location

MEDIA_TYPE = "application/problem+json"
_log = structlog.get_logger(__name__)


class Problem(Exception):
    """An error answer. `extra` are further members of the document, `headers` further headers (Retry-After …)."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(f"{status} {title}")
        self.status, self.title, self.detail = status, title, detail
        self.headers, self.extra = dict(headers or {}), extra


def problem_body(status: int, title: str, detail: str | None = None, **extra: Any) -> bytes:
    """The document's bytes, for callers outside FastAPI."""
    document = {"type": "about:blank", "status": status, "title": title, **extra}
    return orjson.dumps(document if detail is None else {**document, "detail": detail})


def problem_response(problem: Problem) -> Response:
    body = problem_body(problem.status, problem.title, problem.detail, **problem.extra)
    return Response(body, problem.status, problem.headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of the app (also 404, 405, 422 and 500) with a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(Exception, _on_crash)


def _on_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(error)


def _on_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title = http.HTTPStatus(error.status_code).phrase
    detail = error.detail if error.detail != title else None
    return problem_response(Problem(error.status_code, title, detail, headers=error.headers))


def _on_validation(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [
        {"loc": location(problem["loc"]), "type": problem["type"], "msg": _expectation(problem)}
        for problem in error.errors()
    ]
    return problem_response(
        Problem(422, "Unprocessable Content", "The request does not have the shape of this endpoint.", errors=errors)
    )


def _on_crash(request: Request, error: Exception) -> Response:
    _log.error(
        "request crashed", method=request.method, route=_route(request), error=describe(error), frames=frames(error)
    )
    return problem_response(Problem(500, "Internal Server Error", "This is our fault; the log has the details."))


def _expectation(problem: Mapping[str, Any]) -> str:
    """pydantic's message, unless our own code or the JSON parser wrote it: those may quote the input."""
    return "invalid" if problem["type"] in ("value_error", "assertion_error", "json_invalid") else str(problem["msg"])


def _route(request: Request) -> str:
    return getattr(request.scope.get("route"), "path", "")
