"""A tracking link from end to end: made over HTTP, followed on the collector, visited, and seen in the channel that was said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.standalone.running_demo import wanamaker
from tests.standalone.running_up import wait_for

from .house import House, running_house

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

OTHER = "other"
LINKS = [
    {"url": "https://shop.test/landing?id=7#top", "source": "Newsletter", "medium": "email", "campaign": "Spring Sale"},
    {
        "url": "https://shop.test/",
        "source": "city-flyer",
        "medium": "flyer",
        "campaign": "Spring Sale",
        "slug": "flyer",
    },
    {
        "url": "https://shop.test/radio",
        "source": "radio-one",
        "medium": "audio",
        "campaign": "été & Söhne",
        "slug": "go",
    },
    {"url": "https://shop.test/", "source": "x", "medium": "poster", "campaign": "spring_sale"},
]
CHANNELS = ["Email", "Print", "Audio"]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running_house(tmp_path_factory.mktemp("links") / "data", [OTHER]) as house:
        settings = {"own_domains": ["shop.test"], "channel_rules": [{"channel": "Print", "medium": "flyer"}]}
        ask(house, "PUT", "/v1/settings", "admin_key", json=settings)
        ask(house, "PUT", "/v1/settings", "admin_key", OTHER, json={"link_domains": ["shop.test"]})
        house.settle()
        yield house


@pytest.fixture(scope="module")
def made(house: House) -> list[Any]:
    verdicts = ask(house, "POST", "/v1/links", json=LINKS)["links"]
    assert [verdict["verdict"] for verdict in verdicts] == ["created"] * 3 + ["refused"]
    return [verdict["link"] for verdict in verdicts[:3]]


def ask(house: House, method: str, path: str, key: str = "analyst_key", workspace: str = "default", **body: Any) -> Any:
    doors = house.doors[workspace]
    headers = {"Authorization": f"Bearer {doors.keys[key]}"}
    answer = house.client.request(method, doors.attribution + path, headers=headers, **body)
    assert answer.is_success, answer.text
    return answer.json()


def follow(house: House, slug: str) -> httpx.Response:
    return house.client.get(f"{house.doors['default'].collector}/l/{slug}")


def visit(house: House, url: str, number: int) -> None:
    """A page view as a browser sends it from that address."""
    doors = house.doors["default"]
    event = {
        "type": "page",
        "messageId": f"m{number}",
        "anonymousId": f"c{number}",
        "context": {
            "page": {"url": url, "referrer": "https://www.google.com/"},
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/143.0 Safari/537.36",
        },
    }
    answer = house.client.post(f"{doors.collector}/v1/page", json=event, auth=(doors.keys["write_key"], ""))
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1), answer.text


def test_a_visit_by_a_link_lands_where_the_link_said(house: House, made: list[Any]) -> None:
    assert [link["channel"] for link in made] == CHANNELS
    for number, link in enumerate(made):
        answer = follow(house, link["slug"])
        assert (answer.status_code, answer.headers["location"]) == (302, link["url"])
        visit(house, answer.headers["location"], number)
    house.settle()
    rows = house.report("default", "/v1/roi", group_by="channel,source,campaign")["rows"]
    seen = {(row["channel"], row["source"], row["campaign"]): row["sessions"] for row in rows}
    assert seen == {(link["channel"], link["source"], link["campaign"]): 1 for link in made}


def test_another_workspace_has_neither_the_link_nor_its_slug(house: House, made: list[Any]) -> None:
    (verdict,) = ask(house, "POST", "/v1/links", workspace=OTHER, json=[{**LINKS[0], "slug": "flyer"}])["links"]
    assert (verdict["verdict"], "taken" in verdict["reason"]) == ("refused", True)
    assert ask(house, "GET", "/v1/links", workspace=OTHER)["links"] == []


def test_a_retired_link_is_gone(house: House, made: list[Any]) -> None:
    assert ask(house, "DELETE", "/v1/links/go")["link"]["retired_at"] is not None
    wait_for(lambda: True if follow(house, "go").status_code == 410 else None)
    assert follow(house, "flyer").status_code == 302
    assert follow(house, "never").status_code == 404


def test_the_tables_are_what_the_log_says(house: House) -> None:
    verified = wanamaker("verify", data=house.data)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    audited = wanamaker("audit", data=house.data)
    assert audited.returncode == 0, audited.stdout + audited.stderr
