"""What every service answers alike: problem documents that repeat nothing, keys, health, metrics, body limit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI, Query
from pydantic import BaseModel, field_validator
from starlette.requests import Request

from wanamaker_shared.service import metrics
from wanamaker_shared.service.auth import requires
from wanamaker_shared.service.body_limit import BodyLimit
from wanamaker_shared.service.health import NotReady, health_router
from wanamaker_shared.service.keys import Grant, Keyring, WorkspaceKeys
from wanamaker_shared.service.problems import Problem, install

KEYRING = Keyring([WorkspaceKeys("default", "w" * 40, "s" * 40, "a" * 40, "d" * 40, "00" * 32, {})])
SECRET = "ann@example.com"


class Body(BaseModel):
    count: int
    email: str = ""
    more: dict[str, int] = {}

    @field_validator("email")
    @classmethod
    def _refuse(cls, value: str) -> str:
        if value:
            raise ValueError(f"cannot take {value}")
        return value


class Health:
    trouble: Exception | None = None

    async def check(self) -> None:
        if self.trouble is not None:
            raise self.trouble


def build(health: Health) -> FastAPI:
    app = FastAPI()
    install(app)
    app.add_middleware(BodyLimit, limit=1000)
    app.include_router(health_router(health.check))
    app.include_router(metrics.metrics_router())

    @app.post("/things")
    async def post(body: Body, page: Annotated[int, Query()] = 1) -> dict[str, int]:
        return {"count": body.count}

    @app.post("/raw")
    async def raw(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    @app.get("/crash")
    async def crash() -> None:
        raise RuntimeError(f"could not greet {SECRET}")

    @app.get("/busy")
    async def busy() -> None:
        raise Problem(503, "Service Unavailable", "The log is full.", headers={"Retry-After": "3"}, queue=7)

    @app.get("/mine")
    async def mine(grant: Annotated[Grant, Depends(requires(KEYRING, "analyst", "admin"))]) -> dict[str, str]:
        return {"role": grant.role}

    return app


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
async def client(health: Health) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build(health), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def assert_problem(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert (document["type"], document["status"]) == ("about:blank", status)
    assert document["title"]
    assert SECRET not in answer.text


async def test_unknown_paths_and_methods(client: httpx.AsyncClient) -> None:
    assert_problem(await client.get("/nothing"), 404)
    refused = await client.delete("/things")
    assert_problem(refused, 405)
    assert refused.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "sent",
    [
        f'{{"count": "{SECRET}"}}',
        f'{{"count": 1, "email": "{SECRET}"}}',
        f'{{"count": 1, "more": {{"{SECRET}": "x"}}}}',
        f'{{"count": 1, "more": "{SECRET}"}}',
        f'["{SECRET}"]',
        f'{{"count": {SECRET}',
        "",
    ],
)
async def test_a_refused_body_is_explained_without_being_repeated(client: httpx.AsyncClient, sent: str) -> None:
    answer = await client.post("/things", content=sent, headers={"content-type": "application/json"})
    assert_problem(answer, 422)
    assert all(set(error) == {"loc", "type", "msg"} for error in answer.json()["errors"])
    assert answer.json()["errors"]


async def test_a_refused_query_names_the_parameter(client: httpx.AsyncClient) -> None:
    answer = await client.post("/things", params={"page": SECRET}, json={"count": 1})
    assert_problem(answer, 422)
    assert answer.json()["errors"][0]["loc"] == ["query", "page"]


async def test_a_crash_says_nothing_of_its_cause(client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]) -> None:
    assert_problem(await client.get("/crash"), 500)
    written = capsys.readouterr()
    assert "RuntimeError" in written.out + written.err
    assert SECRET not in written.out + written.err


async def test_a_problem_carries_headers_and_members(client: httpx.AsyncClient) -> None:
    answer = await client.get("/busy")
    assert_problem(answer, 503)
    assert answer.headers["retry-after"] == "3"
    assert (answer.json()["detail"], answer.json()["queue"]) == ("The log is full.", 7)


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (None, 401),
        ("Bearer", 401),
        ("Bearer nobody", 401),
        ("Basic " + "a" * 40, 401),
        ("Bearer " + "w" * 40, 403),
        ("Bearer " + "s" * 40, 403),
        ("Bearer " + "a" * 40, 200),
        ("bearer " + "d" * 40, 200),
    ],
)
async def test_only_the_named_roles_come_in(client: httpx.AsyncClient, header: str | None, status: int) -> None:
    answer = await client.get("/mine", headers={"Authorization": header} if header else {})
    assert answer.status_code == status
    if status != 200:
        assert_problem(answer, status)
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_liveness_does_not_depend_on_readiness(client: httpx.AsyncClient, health: Health) -> None:
    assert (await client.get("/readyz")).json() == {"status": "ready"}
    health.trouble = NotReady("the log is behind")
    answer = await client.get("/readyz")
    assert_problem(answer, 503)
    assert answer.json()["detail"] == "the log is behind"
    health.trouble = RuntimeError(SECRET)
    assert_problem(await client.get("/readyz"), 503)
    assert (await client.get("/livez")).json() == {"status": "live"}


async def test_every_metric_of_the_catalogue_is_shown_with_its_meaning(client: httpx.AsyncClient) -> None:
    shown = (await client.get("/metrics")).text
    catalogue = metrics.catalogue()
    assert len(catalogue) > 10
    for name, meaning in catalogue.items():
        assert f"# HELP {name} {meaning}" in shown
        assert name.startswith("wanamaker_")
        assert meaning.endswith(".")


async def test_a_body_past_the_limit_is_refused_by_its_length_and_while_it_comes(client: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * 100

    assert (await client.post("/raw", content=b"x" * 1000)).json() == {"bytes": 1000}
    assert_problem(await client.post("/raw", content=b"x" * 1001), 413)
    assert_problem(await client.post("/raw", content=pieces()), 413)
    assert_problem(await client.post("/things", content=pieces(), headers={"content-type": "application/json"}), 413)


async def test_the_openapi_page_can_be_made(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    assert {"/livez", "/readyz", "/metrics", "/things"} <= set(paths)
