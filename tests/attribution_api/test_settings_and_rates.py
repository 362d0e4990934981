"""PUT and GET /v1/settings, POST /v1/rates: what an administrator chooses takes effect for past and future."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wanamaker_attribution.steps import touchpoints
from wanamaker_attribution.tables import fact, spend
from wanamaker_shared.contracts.record import encode
from wanamaker_shared.contracts.settings import TOPIC, SettingsRevised, WorkspaceSettings, key

from .serving import Api, append, catch_up, opened, problem_of, rows_of, settings_in


async def put(api: Api, body: Any, *, key: str = "a-w1") -> Any:
    return await api.send("PUT", "/v1/settings", body if isinstance(body, str) else json.dumps(body), key=key)


async def rates(api: Api, body: Any, *, key: str = "a-w1") -> Any:
    return await api.send("POST", "/v1/rates", json.dumps(body), key=key)


async def test_settings_begin_with_their_defaults(empty: Api) -> None:
    answer = await empty.get("/v1/settings")
    assert answer["settings"] == WorkspaceSettings().model_dump(mode="json")
    assert answer["stated"] == []


async def test_names_that_are_given_change_and_null_goes_back(empty: Api) -> None:
    stated = {
        "zone": "Europe/Berlin",
        "currency": "usd",
        "look_back_days": 0,
        "own_domains": [" Shop.Example "],
        "channel_rules": [{"channel": " Podcast ", "source": "pod.*"}],
    }
    assert (await put(empty, stated)).json() == {"accepted": 5}
    assert (await put(empty, {"look_back_days": None, "journey_cap": 20})).json() == {"accepted": 2}
    await catch_up(empty.data)
    answer = await empty.get("/v1/settings")
    settings = answer["settings"]
    assert (settings["zone"], settings["currency"], settings["look_back_days"], settings["journey_cap"]) == (
        "Europe/Berlin",
        "USD",
        365,
        20,
    )
    assert settings["own_domains"] == ["shop.example"]
    assert settings["channel_rules"] == [{"channel": "Podcast", "source": "pod.*", "medium": None, "campaign": None}]
    assert answer["stated"] == ["channel_rules", "currency", "journey_cap", "own_domains", "zone"]
    assert (await empty.get("/v1/settings", workspace="w2"))["stated"] == []


@pytest.mark.parametrize(
    ("stated", "anew"),
    [
        ({"link_domains": ["shop.example"]}, False),
        ({"stage_maps": {"*": {"*": {"paid": "won"}}}}, False),
        ({"lifecycle_maps": {"*": {"hot": "mql"}}}, False),
        ({"journey_cap": 9}, True),
    ],
)
async def test_only_what_changes_visits_cuts_them_anew(
    api: Api, monkeypatch: pytest.MonkeyPatch, stated: dict[str, Any], anew: bool
) -> None:
    """A workspace of years is not cut again because its links may lead somewhere else, or a stage was mapped."""
    cut = []
    monkeypatch.setattr(touchpoints, "recut", lambda run, moved: cut.append(len(moved)))
    await put(api, stated)
    await catch_up(api.data)
    assert bool(cut) is anew
    for name, value in stated.items():
        assert (await api.get("/v1/settings"))["settings"][name] == value


async def test_a_zone_moves_the_days_of_reports(api: Api) -> None:
    await put(api, {"zone": "Pacific/Auckland"})
    await catch_up(api.data)
    days = [row["day"] for row in (await api.get("/v1/roi", group_by="day"))["rows"] if row["deals"]]
    assert days == ["2026-01-21", "2026-02-03", "2026-02-04", "2026-02-05"]
    assert (await api.get("/v1/roi"))["currency"] == "EUR"


@pytest.mark.parametrize(
    ("body", "name", "says"),
    [
        ({"zone": "Mars/Olympus"}, "zone", "IANA"),
        ({"zone": "../../etc/passwd"}, "zone", "IANA"),
        ({"zone": "posix/Europe/Berlin"}, "zone", "IANA"),
        ({"zone": "right/UTC"}, "zone", "IANA"),
        ({"zone": "localtime"}, "zone", "IANA"),
        ({"zone": ["UTC"]}, "zone", "IANA"),
        ({"zone": "\ud800"}, "zone", "IANA"),
        ({"currency": "EURO"}, "currency", "ISO 4217"),
        ({"look_back_days": -1}, "look_back_days", "greater than or equal to 0"),
        ({"look_back_days": 1.5}, "look_back_days", "integer"),
        ({"look_back_days": 10**30}, "look_back_days", "integer"),
        ({"look_back_days": 100_000}, "look_back_days", "at most"),
        ({"journey_cap": 1}, "journey_cap", "greater than or equal to 2"),
        ({"bot_pages_per_minute": True}, "bot_pages_per_minute", "true or false"),
        ({"bot_pages_per_day": -1}, "bot_pages_per_day", "greater than or equal to 0"),
        ({"bot_pages_per_minute": 100_001}, "bot_pages_per_minute", "at most 100000"),
        ({"own_domains": ["no dots"]}, "own_domains", "domain"),
        ({"own_domains": "example.com"}, "own_domains", "tuple"),
        ({"excluded_referrers": ["https://pay.example"]}, "excluded_referrers", "domain"),
        ({"spam_referrers": ["x.test", "*.spam.test"]}, "spam_referrers", "1: must be a domain"),
        ({"spam_referrers": ["spam.test"] * 1_001}, "spam_referrers", "at most 1000"),
        ({"free_mail_domains": ["@village.test"]}, "free_mail_domains", "0: must be a domain"),
        ({"free_mail_domains": ["mail.test"] * 10_001}, "free_mail_domains", "at most 10000"),
        ({"link_domains": ["https://shop.example/"]}, "link_domains", "domain"),
        ({"channel_rules": [{"channel": "X", "source": "("}]}, "channel_rules", "regular expression"),
        ({"channel_rules": [{"channel": "X", "source": "((a{100}){100}){100}"}]}, "channel_rules", "0.source"),
        ({"channel_rules": [{"channel": "X", "source": "(?=look)ahead"}]}, "channel_rules", "expression of RE2"),
        ({"channel_rules": [{"channel": "X", "source": "x" * 301}]}, "channel_rules", "at most 300 characters"),
        ({"channel_rules": [{"channel": "X", "medium": "(" * 5_000 + ")" * 5_000}]}, "channel_rules", "0.medium"),
        ({"channel_rules": [{"channel": "X", "medium": "x"}] * 201}, "channel_rules", "at most 200"),
        (
            {"channel_rules": [{"channel": "ü" * 128, "medium": "x"}]},
            "channel_rules",
            "0.channel: must have 1 to 255 bytes",
        ),
        ({"channel_rules": [{"channel": "  ", "medium": "x"}]}, "channel_rules", "0.channel: must have 1 to 255 bytes"),
        ({"channel_rules": [{"channel": "\ud800", "medium": "x"}]}, "channel_rules", "0.channel"),
        ({"channel_rules": [{"channel": "X", "source": "a\x00"}]}, "channel_rules", "control"),
        ({"channel_rules": [{"channel": "X", "colour": "red"}]}, "channel_rules", "colour"),
        ({"channel_rules": [{"channel": "X"}]}, "channel_rules", "condition"),
        ({"colour": "red"}, "colour", "not a setting"),
        ({"\ud800": "red"}, "?", "not a setting"),
    ],
)
async def test_what_cannot_be_set_is_refused_whole(empty: Api, body: dict[str, Any], name: str, says: str) -> None:
    problem = problem_of(await put(empty, body | {"session_gap_minutes": 20}), 400)
    (error,) = problem["errors"]
    assert error["name"] == name
    assert says in error["reason"]
    await catch_up(empty.data)
    assert (await empty.get("/v1/settings"))["stated"] == []


@pytest.mark.parametrize("body", ["[]", "", "{", '{"zone": NaN}', '{"zone": "UTC", "zone": "UTC"}'])
async def test_a_body_that_is_no_object_is_refused(empty: Api, body: str) -> None:
    problem_of(await put(empty, body), 400)


@pytest.mark.parametrize("depth", [100, 400, 900, 3_000])
async def test_a_value_nested_however_deeply_is_refused(empty: Api, depth: int) -> None:
    problem_of(await put(empty, '{"own_domains": ' + "[" * depth + "]" * depth + "}"), 400)
    problem_of(await put(empty, '{"zone": ' + '{"a":' * depth + "1" + "}" * depth + "}"), 400)


async def test_a_refusal_is_not_much_longer_than_what_was_sent(empty: Api) -> None:
    refused = await put(empty, {f"n{number}": 1 for number in range(50_000)})
    assert len(problem_of(refused, 400)["errors"]) == 20
    assert len(refused.content) < 20_000


async def test_a_setting_that_this_installation_cannot_read_keeps_its_default(tmp_path: Path) -> None:
    """A zone that only the tables of the machine had where it was stated: nothing else of the workspace suffers."""
    stated = {"zone": "Europe/Atlantis", "journey_cap": 7}
    record = SettingsRevised(
        workspace="w1", source="settings", event_id="e", occurred_at=1, received_at=1, stated=stated
    )
    settings_in(tmp_path)
    await append(tmp_path, [(TOPIC, key("w1"), encode(record))])
    async with opened(tmp_path) as api:
        await catch_up(tmp_path)
        cost = {"date": "2026-01-02", "source": "a", "medium": "email", "campaign": "b", "amount": "1"}
        assert (await api.send("POST", "/v1/spend", json.dumps([cost]))).status_code == 200
        await catch_up(tmp_path)
        settings = (await api.get("/v1/settings"))["settings"]
        assert (settings["zone"], settings["journey_cap"]) == ("UTC", 7)
        assert (await api.get("/v1/roi"))["totals"]["spend_minor"] == 100


async def test_only_an_administrator_sets(empty: Api) -> None:
    problem_of(await put(empty, {"zone": "UTC"}, key="r-w1"), 403)
    problem_of(await rates(empty, [], key="r-w1"), 403)
    problem_of(await rates(empty, [], key="?"), 401)


async def test_a_rate_converts_what_was_unconverted(api: Api) -> None:
    """D3's 9000 JPY on 3 February at 150 = 60 EUR, by base JPY; the costs of 4 January keep without a rate."""
    rate = {"day": "2026-02-03", "base": "EUR", "currency": "JPY", "rate": "150"}
    assert (await rates(api, [rate])).json() == {"accepted": 1}
    await catch_up(api.data)
    answer = await api.get("/v1/roi")
    assert answer["unconverted"] == [{"currency": "JPY", "deals": 0, "revenue_minor": 0, "spend_minor": 5_000}]
    assert answer["totals"]["revenue_minor"] == 43_001 + 6_000
    await rates(api, [rate | {"rate": 100}])
    await catch_up(api.data)
    assert (await api.get("/v1/roi"))["totals"]["revenue_minor"] == 43_001 + 9_000


async def test_a_rate_reaches_its_day_and_the_six_after_it(empty: Api) -> None:
    costs = [{"date": f"2026-02-{day:02}", "amount": "150", "currency": "JPY"} for day in (2, 3, 9, 10)]
    await empty.send("POST", "/v1/spend", json.dumps(costs))
    await catch_up(empty.data)
    assert await converted(empty) == [None] * 4
    await rates(empty, [{"day": "2026-02-03", "base": "EUR", "currency": "JPY", "rate": "150"}])
    await catch_up(empty.data)
    assert await converted(empty) == [None, 100, 100, None]


@pytest.mark.parametrize("currency", ["HRK", "SLL"])
async def test_a_currency_that_left_has_costs_and_rates_of_its_days(empty: Api, currency: str) -> None:
    await empty.send("POST", "/v1/spend", json.dumps([{"date": "2022-02-03", "amount": "15", "currency": currency}]))
    await rates(empty, [{"day": "2022-02-03", "base": "EUR", "currency": currency, "rate": "7.5"}])
    await catch_up(empty.data)
    assert await converted(empty) == [200]


async def test_a_cost_that_becomes_foreign_without_a_change_follows_its_rate(empty: Api) -> None:
    """At a rate of 1 its row stays what it was when the reporting currency changes."""
    await rates(empty, [{"day": "2026-02-03", "base": "EUR", "currency": "USD", "rate": "1"}])
    await empty.send("POST", "/v1/spend", json.dumps([{"date": "2026-02-03", "amount": "3", "currency": "EUR"}]))
    await catch_up(empty.data)
    await put(empty, {"currency": "USD"})
    await catch_up(empty.data)
    assert await converted(empty) == [300]
    await rates(empty, [{"day": "2026-02-03", "base": "EUR", "currency": "USD", "rate": "1.25"}])
    await catch_up(empty.data)
    assert await converted(empty) == [375]


async def converted(api: Api) -> list[int | None]:
    """In order of their days."""
    return [row["minor"] for row in sorted(await rows_of(api.data, spend), key=lambda row: str(row["day"]))]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"rate": "0"}, "more than 0"),
        ({"rate": "-1"}, "more than 0"),
        ({"rate": "1e500"}, "decimal"),
        ({"currency": "EUR"}, "differ"),
        ({"base": "XXX"}, "ISO 4217"),
        ({"day": "yesterday"}, "day"),
        ({"rate": None}, "rate"),
        ({"origin": "table"}, "origin"),
    ],
)
async def test_a_bad_rate_refuses_all(empty: Api, change: dict[str, Any], says: str) -> None:
    rate = {"day": "2026-02-03", "base": "EUR", "currency": "JPY", "rate": "150"}
    problem = problem_of(await rates(empty, [rate, rate | {"currency": "USD"} | change]), 400)
    assert [error["index"] for error in problem["errors"]] == [1]
    assert says in problem["errors"][0]["reason"]


async def test_a_rate_may_stand_once_in_a_request(empty: Api) -> None:
    rate = {"day": "2026-02-03", "base": "EUR", "currency": "JPY", "rate": "150"}
    problem = problem_of(await rates(empty, [rate, rate | {"rate": "151"}]), 400)
    assert problem["errors"] == [{"index": 1, "reason": "has the day, base and currency of row 0"}]
    text = "day,base,currency,rate\n" + "2026-02-03,EUR,JPY,150\n" * 2
    (error,) = problem_of(await empty.send("POST", "/v1/rates", text, kind="text/csv"), 400)["errors"]
    assert error == {"index": 1, "line": 3, "reason": "has the day, base and currency of line 2"}
    await catch_up(empty.data)
    assert await rows_of(empty.data, fact) == []
