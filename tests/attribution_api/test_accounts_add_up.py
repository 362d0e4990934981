"""Whatever happened: the table by account and the list of accounts say what the oracle's tables add up to."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle import Tables, tables
from tests.oracle.alphabet import histories
from tests.oracle.dedup import Entry
from tests.oracle.letters import DAYS
from tests.oracle.scenes_companies import companies
from tests.oracle.scenes_loop import loops
from tests.oracle.scenes_rest import choices
from tests.oracle.scenes_web import visits
from tests.oracle.story import KEYS
from wanamaker_attribution.reports.dimensions import NOT_SET
from wanamaker_attribution.reports.measures import MEASURE_OF_KIND, MICRO
from wanamaker_attribution.reports.question import Question
from wanamaker_attribution.reports.table import fold
from wanamaker_attribution.repository.account import read_conversions_of, read_deals_of, read_journey_of, read_people
from wanamaker_attribution.repository.accounts import read_account_list, read_activity
from wanamaker_attribution.repository.roi import read_facts

from .test_properties import LIMITS, projected

WHOLE = 10_000
Days = tuple[str | None, str | None]
SALES = st.one_of(companies(), companies(), loops(), loops(), visits(), choices())


class ByOracle:
    """What the oracle's tables say of a workspace by account; without one `(not set)`."""

    def __init__(self, found: Tables, workspace: str) -> None:
        self.tables = {
            name: {key[1:]: row for key, row in rows.items() if key[0] == workspace} for name, rows in found.items()
        }

    def of_touchpoint(self, id: str) -> str:
        owner = self.tables["touchpoints"][(id,)]["owner"]
        return self._of("person", self.tables["persons"][(owner,)]["profile"]) if owner else NOT_SET

    def of_conversion(self, kind: str, key: str) -> str:
        deal = self.tables["conversions"][kind, key]["deal"]
        return self._of("deal", deal) if deal else self._of("person", key)

    def measures(self, days: Days) -> dict[str, dict[str, int]]:
        """Whole numbers, but none that is zero."""
        sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for (id,), touchpoint in self.tables["touchpoints"].items():
            sums[self.of_touchpoint(id)]["sessions"] += within(touchpoint["day"], days)
        for (kind, key), row in self.tables["conversions"].items():
            its = sums[self.of_conversion(kind, key)]
            its[MEASURE_OF_KIND[kind]] += within(row["day"], days)
            its["revenue_minor"] += within(row["day"], days) * row["revenue_minor"]
            for each in row["adjustments"]:
                its["revenue_minor"] += within(each["day"], days) * each["revenue_minor"]
        return {
            account: {name: number for name, number in its.items() if number}
            for account, its in sums.items()
            if any(its.values())
        }

    def _of(self, kind: str, key: str) -> str:
        row = self.tables["accounts"].get((kind, key))
        return row["account"] if row else NOT_SET


def within(day: str, days: Days) -> bool:
    return (days[0] or "") <= day <= (days[1] or "9999")


@st.composite
def some_days(draw: st.DrawFn) -> Days:
    start, end = draw(st.none() | st.sampled_from(DAYS)), draw(st.none() | st.sampled_from(DAYS))
    return (end, start) if start and end and start > end else (start, end)


@settings(max_examples=40, **LIMITS)
@given(histories(of=SALES), some_days())
def test_the_table_and_the_list_by_account(history: list[Entry], days: Days) -> None:
    found = tables(history, KEYS)
    with projected(history) as connection:
        for workspace in KEYS:
            oracle = ByOracle(found, workspace)
            expected = oracle.measures(days)
            question = Question(("linear",), "conversion", ("account",), *days)
            shown = {}
            for (account,), sums in fold(read_facts(connection, workspace, question), question).rows:
                its = {name: getattr(sums, name) // MICRO for name in MEASURE_OF_KIND.values()}
                its |= {"sessions": sums.sessions, "revenue_minor": sums.revenue_minor}
                shown[account] = {name: number for name, number in its.items() if number}
            assert {account: its for account, its in shown.items() if its} == expected

            listed = [row.account for row in read_account_list(connection, workspace, limit=WHOLE)]
            assert listed == sorted(account for (account,) in oracle.tables["account_list"])
            activity = read_activity(connection, workspace, listed, *days)
            for account in listed:
                counted = {
                    name: getattr(activity[account], name) for name in ("sessions", "leads", "deals", "revenue_minor")
                }
                assert counted == {name: expected.get(account, {}).get(name, 0) for name in counted}


@settings(max_examples=25, **LIMITS)
@given(histories(of=SALES))
def test_an_account_s_page_has_all_that_is_its(history: list[Entry]) -> None:
    found = tables(history, KEYS)
    with projected(history) as connection:
        for workspace in KEYS:
            oracle = ByOracle(found, workspace)
            for (account,) in oracle.tables["account_list"]:
                accounts = {key: row["account"] for key, row in oracle.tables["accounts"].items()}
                people = sorted(key for (kind, key), its in accounts.items() if (kind, its) == ("person", account))
                deals = {key for (kind, key), its in accounts.items() if (kind, its) == ("deal", account)}
                assert read_people(connection, workspace, account, limit=WHOLE) == people
                rows = read_deals_of(connection, workspace, account, limit=WHOLE)
                assert {f"{row.connection}/{row.deal_id}" for row in rows} == deals
                touchpoints = read_journey_of(connection, workspace, account, limit=WHOLE)
                assert {row.id for row in touchpoints} == {
                    id for (id,) in oracle.tables["touchpoints"] if oracle.of_touchpoint(id) == account
                }
                places = read_conversions_of(connection, workspace, account, limit=WHOLE)
                assert places == sorted(places)
                assert {(place.kind, place.key) for place in places} == {
                    key for key in oracle.tables["conversions"] if oracle.of_conversion(*key) == account
                }
