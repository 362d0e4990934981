"""Mistakes about accounts that would be easy to make, beside those of mutants.py; test_late_accounts.py tells more by hand."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from hypothesis import strategies as st
from sqlalchemy import false

from tests.oracle.alphabet import histories
from tests.oracle.dedup import Entry
from tests.oracle.scenes_companies import companies, firms, groups
from tests.oracle.scenes_web import visits
from wanamaker_attribution import accounts as core
from wanamaker_attribution.steps import account_rows, account_statements, accounts
from wanamaker_attribution.steps import companies as settling

Mutant = Callable[[pytest.MonkeyPatch], None]


def what_is_said_of_an_account_by_arrival(patch: pytest.MonkeyPatch) -> None:
    """The statement that was taken in last holds, not the latest in order."""
    clock, rows = count(), account_statements._rows

    def arriving(run: Any, topic: str, record: Any, statements: Any) -> Any:
        return rows(run, topic, record.model_copy(update={"occurred_at": next(clock)}), statements)

    patch.setattr(account_statements, "_rows", arriving)


def a_replaced_record_still_speaks(patch: pytest.MonkeyPatch) -> None:
    replace = account_statements._replace
    patch.setattr(account_statements, "_replace", lambda run, topic, replaced, said: replace(run, topic, [], said))


def a_cleared_company_stays(patch: pytest.MonkeyPatch) -> None:
    statements_of = core.statements_of

    def stubborn(record: Any) -> Any:
        return [each for each in statements_of(record) if each.property != core.COMPANY or each.value is not None]

    patch.setattr(account_statements, "statements_of", stubborn)


def the_first_of_several_companies(patch: pytest.MonkeyPatch) -> None:
    """Of a person's contacts the company that was stated first."""

    def first(emails: Any, companies: Any, free_mail: Any) -> Any:
        stated = [each for each in companies if each.value is not None]
        return core.affiliation(emails, sorted(stated, key=lambda each: each.place)[:1], free_mail)

    patch.setattr(accounts, "affiliation", first)


def the_last_of_several_emails(patch: pytest.MonkeyPatch) -> None:
    def last(emails: Any, companies: Any, free_mail: Any) -> Any:
        return core.affiliation([(-since, who, domain) for since, who, domain in emails], companies, free_mail)

    patch.setattr(accounts, "affiliation", last)


def free_mail_as_it_was(patch: pytest.MonkeyPatch) -> None:
    """A changed list of free mail holds for what comes after it."""
    settle = accounts.settle_accounts

    def forgetful(run: Any) -> None:
        run.free_mail_revised = False
        settle(run)

    patch.setattr("wanamaker_attribution.projection.settle_accounts", forgetful)


def a_bot_tells_its_domain(patch: pytest.MonkeyPatch) -> None:
    take = account_statements.take_web_statements

    def gullible(run: Any, changed: Any) -> None:
        take(run, [each._replace(event=each.event.model_copy(update={"bot": False})) for each in changed])

    patch.setattr("wanamaker_attribution.projection.take_web_statements", gullible)


def a_domain_joins_from_then_on(patch: pytest.MonkeyPatch) -> None:
    """Whose domain became a company's stays where he was until something else happens to him."""
    settle = settling.settle_companies
    patch.setattr(accounts, "settle_companies", lambda run: settle(run)._replace(domains=set()))


def a_merge_moves_nobody(patch: pytest.MonkeyPatch) -> None:
    settle = settling.settle_companies
    patch.setattr(accounts, "settle_companies", lambda run: settle(run)._replace(moved=set()))


def the_last_company_merge_closes_the_circle(patch: pytest.MonkeyPatch) -> None:
    """Merges are tried from the latest on, so that it is the earliest that does not hold."""
    final = core.final_companies

    def backwards(merges: Any) -> Any:
        return final(
            {name: each._replace(place=each.place._replace(at=-each.place.at)) for name, each in merges.items()}
        )

    patch.setattr(settling, "final_companies", backwards)


def a_domain_is_the_greatest_company_s(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(settling, "_key", lambda account: tuple(-ord(letter) for letter in account))


def a_deal_does_not_follow_its_person(patch: pytest.MonkeyPatch) -> None:
    keys = accounts._keys
    patch.setattr(
        accounts,
        "_keys",
        lambda run, statement, wanted: (
            set() if statement is accounts._deals_of_people else keys(run, statement, wanted)
        ),
    )


def a_deal_does_not_follow_its_company(patch: pytest.MonkeyPatch) -> None:
    keys = accounts._keys
    patch.setattr(
        accounts,
        "_keys",
        lambda run, statement, wanted: (
            set() if statement is accounts._deals_of_companies else keys(run, statement, wanted)
        ),
    )


def an_empty_account_stays_listed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(account_rows, "_forget", account_rows._forget.where(false()))


def a_renamed_company_keeps_its_name(patch: pytest.MonkeyPatch) -> None:
    settle = settling.settle_companies
    patch.setattr(accounts, "settle_companies", lambda run: settle(run)._replace(companies=set()))


ACCOUNT_MUTANTS: tuple[Mutant, ...] = (
    what_is_said_of_an_account_by_arrival,
    a_replaced_record_still_speaks,
    a_cleared_company_stays,
    the_first_of_several_companies,
    the_last_of_several_emails,
    free_mail_as_it_was,
    a_bot_tells_its_domain,
    a_domain_joins_from_then_on,
    a_merge_moves_nobody,
    the_last_company_merge_closes_the_circle,
    a_domain_is_the_greatest_company_s,
    a_deal_does_not_follow_its_person,
    a_deal_does_not_follow_its_company,
    an_empty_account_stays_listed,
    a_renamed_company_keeps_its_name,
)

_GROUPS = histories(of=groups(), max_scenes=2, max_repeats=2)
_FIRMS = histories(of=st.one_of(companies(), firms()), max_scenes=4, max_repeats=2)
WHERE_ACCOUNTS_SHOW: dict[str, st.SearchStrategy[list[Entry]]] = {
    mutant.__name__: _GROUPS for mutant in ACCOUNT_MUTANTS
} | {
    "a_replaced_record_still_speaks": histories(of=st.one_of(companies(), firms()), max_scenes=3, max_repeats=8),
    "a_bot_tells_its_domain": histories(of=visits()),
    "a_cleared_company_stays": histories(of=st.one_of(companies(), companies(), firms()), max_scenes=6),
    "a_deal_does_not_follow_its_person": _FIRMS,
    "the_first_of_several_companies": _FIRMS,
    "the_last_of_several_emails": _FIRMS,
}
