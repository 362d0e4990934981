"""Exports that leave something open, contradict themselves or were broken on the way: refused with the word what to do."""

from __future__ import annotations

from typing import Any

import pytest

from wanamaker_attribution.spend_exports import PLATFORMS, Asked, BadExport, Export, read_export

HEAD = "Day,Campaign,Campaign ID,Currency code,Cost\n"


def read(text: str, **asked: Any) -> Export:
    return read_export(text.encode(), Asked(**asked))


def refusal(text: str | bytes, **asked: Any) -> str:
    content = text.encode() if isinstance(text, str) else text
    with pytest.raises(BadExport) as refused:
        read_export(content, Asked(**asked))
    return str(refused.value)


def lines(export: Export) -> list[tuple[int, str]]:
    return [(refused.line, refused.reason) for refused in export.refused]


# What platform, what table


def test_no_headings_tells_what_was_found() -> None:
    told = refusal("Report\nWhen,What,How much\n2026-09-01,A,1\n")
    assert "No line has the headings" in told
    assert "Line 2 has: When, What, How much" in told
    assert "of Meta Ads have" in refusal("Day,Campaign,Cost\n", platform="meta_ads")
    assert refusal("") == refusal("\n \n") == refusal(b"\xef\xbb\xbf") == "The file is empty."


def test_headings_in_any_case_and_width() -> None:
    export = read("DAY ,  campaign, Currency  Code,ＣＯＳＴ\n2026-09-01,A,EUR,1.50\n")
    assert [(cost.day, cost.amount) for cost in export.costs] == [("2026-09-01", "1.50")]


def test_a_column_named_twice_is_refused() -> None:
    assert refusal("Day,Campaign,Currency code,Cost,Cost\n2026-09-01,A,EUR,1,2\n") == (
        "Line 1 names two columns 'Cost'; leave one out."
    )


def test_a_column_that_is_not_read_may_be_there_twice() -> None:
    assert len(read("Day,Campaign,Currency code,Cost,Clicks,Clicks\n2026-09-01,A,EUR,1.5,2,3\n").costs) == 1


def test_two_platforms_that_would_fit() -> None:
    both = "Day,Campaign,Currency code,Cost,Spend,TimePeriod\n2026-09-01,A,EUR,1.50,2.50,2026-09-01\n"
    assert refusal(both) == "The file may be of google_ads or of microsoft_ads; say which: platform=google_ads"
    assert read(both, platform="microsoft_ads").costs[0].amount == "2.50"
    assert read("Report Name: x\n" + both).platform.name == "microsoft_ads"
    assert read(both.replace(",TimePeriod", ",Time")).platform.name == "google_ads"


def test_of_two_platforms_it_is_the_one_whose_days_the_file_has() -> None:
    text = "Date,Campaign,Currency code,Cost,Spend\n2026-09-01,A,EUR,1.50,2.50\n©2026 Microsoft Corporation\n"
    assert [cost.amount for cost in read(text).costs] == ["2.50"]


def test_the_account_is_the_files_own_where_it_names_one() -> None:
    head = "Day,Campaign,Account,Customer ID,Currency code,Cost\n"
    export = read(
        head + "2026-09-01,A,Shop,1-2,EUR,1\n2026-09-01,B,Shop,,EUR,1\n2026-09-01,C,,,EUR,1\n", account="Mine"
    )
    assert [cost.account for cost in export.costs] == ["1-2", "Shop", "Mine"]


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("Date,Campaign Name,Spend,Currency\n2026-09-01,A,1.50,EUR\n", "microsoft_ads"),
        ("Day,Campaign Name,Amount Spent,Currency\n2026-09-01,A,1.50,EUR\n", "meta_ads"),
    ],
)
def test_columns_that_other_platforms_have_too(text: str, platform: str) -> None:
    """Of Reddit or X, and of Snapchat."""
    told = refusal(text)
    assert f"platform={platform}; else send its rows to POST /v1/spend." in told
    assert read(text, platform=platform).costs[0].amount == "1.50"


def test_a_file_of_totals_only() -> None:
    assert "no line of costs below its headings (line 1)" in refusal(HEAD + "Total: Account,--,--,EUR,5.00\n")
    assert "no line of costs" in refusal(HEAD)


# By day


@pytest.mark.parametrize(
    ("text", "tick"),
    [
        ("Campaign,Currency code,Cost\nA,EUR,1.50\n", "Segment > Time > Day"),
        ("Week,Campaign,Currency code,Cost\n2026-08-31,A,EUR,1.50\n", "by week or longer. Add Segment"),
        ("Woche,Kampagne,Währungscode,Kosten\n2026-08-31,A,EUR,1.50\n", "by week or longer. Add Segment"),
        ("Campaign name,Amount spent (EUR)\nA,1.50\n", "Breakdown > By time > Day"),
        (
            "Reporting starts,Reporting ends,Campaign name,Amount spent (EUR)\n2026-09-01,2026-09-30,A,1.50\n",
            "Line 2 is of several days. Choose Breakdown",
        ),
        ("Campaign Name,Total Spent,Currency\nA,1.50,EUR\n", "time breakdown Daily"),
        ("Report Name: x\nMonth,Campaign name,Spend,Currency code\n2026-09-01,A,1.50,EUR\n", "unit of time Day"),
        (
            "Report Name: x\nReport Aggregation: Weekly\nTimePeriod,CampaignName,CurrencyCode,Spend\n2026-09-06,A,EUR,1.5\n",
            "It says 'Report Aggregation: Weekly'. Choose the unit of time Day",
        ),
    ],
)
def test_an_export_that_is_not_by_day_says_what_to_tick(text: str, tick: str) -> None:
    told = refusal(text)
    assert "but not by day" in told
    assert tick in told


SUM = """Campaign Performance Report (in UTC)
Report Start: September 1, 2026, 12:00 AM
Report End: September 30, 2026, 11:59 PM
Date Generated: October 2, 2026, 9:15 AM

Start Date (in UTC)\tCampaign Name\tCurrency\tTotal Spent
9/1/2026\tA\tUSD\t33.33
9/1/2026\tB\tUSD\t33.34
"""


def test_a_sum_of_a_period_looks_like_a_day() -> None:
    assert "the day on which the report begins" in refusal(SUM, date_order="mdy")
    assert len(read(SUM, date_order="mdy", by_day=True).costs) == 2
    one_day = SUM.replace("September 30", "September 1")
    assert len(read(one_day, date_order="mdy").costs) == 2
    assert len(read(SUM.replace("9/1/2026\tB", "9/13/2026\tB")).costs) == 2


def test_lines_that_say_when_they_end_are_believed() -> None:
    ends = SUM.replace("Campaign Name", "End Date\tCampaign Name").replace("9/1/2026\t", "9/1/2026\t9/1/2026\t")
    assert len(read(ends, date_order="mdy").costs) == 2
    assert "several days" in refusal(ends.replace("\t9/1/2026\tA", "\t9/2/2026\tA"), date_order="mdy")


def test_a_report_of_the_api_says_by_what_it_is() -> None:
    """Its first day of the week looks like a day. Hours have one each, and add up."""
    text = (
        "Report Aggregation: {}\nTimePeriod,CampaignName,CurrencyCode,Spend\n2026-09-06,A,EUR,1.5\n2026-09-13,A,EUR,2\n"
    )
    for word in ("Weekly", "WeeklyStartingMonday", "Monthly", "Yearly"):
        assert "but not by day. It says" in refusal(text.format(word))
        assert len(read(text.format(word), by_day=True).costs) == 2
    for word in ("Daily", "Hourly"):
        assert len(read(text.format(word)).costs) == 2


def test_sums_of_months_look_like_days() -> None:
    months = SUM.replace("9/1/2026\tB", "10/1/2026\tB")
    assert "first day of a month" in refusal(months, date_order="mdy")
    assert len(read(months, date_order="dmy").costs) == 2
    assert len(read(months, date_order="mdy", by_day=True).costs) == 2


# Days, currencies and amounts that leave something open


def test_the_order_of_day_and_month_is_never_guessed() -> None:
    unclear = HEAD + "03/04/2026,A,1,EUR,1.50\n"
    assert refusal(unclear) == (
        "Whether the day or the month stands first cannot be told from the file (line 2 is the first such day). "
        "Say which: date_order=dmy or date_order=mdy"
    )
    assert read(unclear, date_order="dmy").costs[0].day == "2026-04-03"
    assert read(unclear + "13/04/2026,A,1,EUR,1.50\n").costs[0].day == "2026-04-03"
    assert read("Report\n4/13/2026 - 4/14/2026\n" + unclear).costs[0].day == "2026-03-04"
    assert read(HEAD + "04/04/2026,A,1,EUR,1.50\n").costs[0].day == "2026-04-04"
    assert "cannot be mdy" in refusal(unclear + "13/04/2026,A,1,EUR,1.50\n", date_order="mdy")
    assert "day first here" in refusal(HEAD + "13/04/2026,A,1,EUR,1.50\n04/13/2026,A,1,EUR,1.50\n")


def test_the_language_tells_the_order_where_it_has_one() -> None:
    for head in (
        "Tag,Kampagne,Währungscode,Kosten",
        "Jour,Campagne,Code de devise,Coût",
        "Dzień,Kampania,Kod waluty,Koszt",
    ):
        assert read(f"{head}\n03/04/2026,A,EUR,1.50\n").costs[0].day == "2026-04-03"


def test_the_currency_is_never_guessed() -> None:
    bare = "Day,Campaign,Cost\n2026-09-01,A,1.50\n"
    tick = "Add the column Attributes > Currency code, or say it: currency=EUR"
    assert refusal(bare) == f"The file names no currency. {tick}"
    assert lines(read(bare + "2026-09-01,B,€1.50\n")) == [(2, f"names no currency. {tick}")]
    assert read(bare, currency="PLN").costs[0].currency == "PLN"
    assert read("Currency: CHF\n" + bare).costs[0].currency == "CHF"
    assert read("Währung,CHF\n" + bare).costs[0].currency == "CHF"
    assert read("USA CHF\n" + bare, currency="PLN").costs[0].currency == "PLN"
    assert read(bare.replace("Cost", "Cost (CHF)")).costs[0].currency == "CHF"
    assert read(bare.replace("1.50", "€1.50")).costs[0].currency == "EUR"


def test_currencies_that_contradict_one_another() -> None:
    own = HEAD + "2026-09-01,A,1,EUR,1.50\n"
    assert lines(read(own, currency="USD")) == [(2, "is in EUR and in USD at once; leave out currency=")]
    assert lines(read(own.replace("1.50", "£1.50"))) == [(2, "is in EUR and in GBP at once")]
    for cell in ("€1.50 USD", "USD 1.50 EUR"):
        assert lines(read(own.replace("1.50", cell))) == [(2, "Cost is in EUR and in USD at once")]
    assert lines(read(own.replace("EUR", "EURO"))) == [(2, "Currency code is not a currency of ISO 4217")]
    assert "is in CHF, not in USD" in refusal("Day,Campaign,Cost (CHF)\n2026-09-01,A,1.50\n", currency="USD")
    assert "several currencies" in refusal("Currency: CHF, USD\nDay,Campaign,Cost\n2026-09-01,A,1.50\n")


def test_each_line_may_have_its_currency() -> None:
    export = read(HEAD + '2026-09-01,A,1,EUR,1.50\n2026-09-01,B,2,jpy,"1,500"\n')
    assert [(cost.currency, cost.amount) for cost in export.costs] == [("EUR", "1.50"), ("JPY", "1500")]


def test_the_decimal_sign_is_never_guessed() -> None:
    unclear = "Tag;Kampagne;Währungscode;Kosten\n2026-09-01;A;EUR;1.234\n"
    assert "decimal=, or decimal=." in refusal(unclear)
    assert read(unclear, decimal=",").costs[0].amount == "1234"
    assert read(unclear, decimal=".").costs[0].amount == "1.234"
    assert read(HEAD + '2026-09-01,A,1,EUR,"1,234"\n').costs[0].amount == "1234"
    assert "decimal comma here" in refusal(HEAD + '2026-09-01,A,1,EUR,"1,5"\n2026-09-01,B,1,EUR,1.5\n')


def test_a_report_of_search_terms_leaves_costs_out() -> None:
    told = refusal("Day,Search term,Campaign,Currency code,Cost\n2026-09-01,shoes,A,EUR,1.50\n")
    assert told.endswith("Export the campaigns.")


# Lines


def test_totals_are_passed_over_and_campaigns_called_so_are_not() -> None:
    export = read(
        HEAD
        + "2026-09-01,Total Recall,1,EUR,1.50\n2026-09-01,Summe,2,EUR,1.50\n2026-09-01,Total,3,EUR,1.50\n"
        + "Total,,,EUR,3.00\n--,Total: Campaigns,--,EUR,3.00\n,,,EUR,3.00\nGesamt: Konto,--,--,EUR,3.00\n"
    )
    assert ([cost.campaign for cost in export.costs], export.skipped) == (["Total Recall", "Summe", "Total"], 4)


def test_a_broken_line_is_told_and_never_taken_for_totals() -> None:
    export = read(
        HEAD
        + "2026-13-45,Total Recall,1,EUR,1.50\n,Total Recall,1,EUR,1.50\n2026-09-01,,1,EUR,1.50\n"
        + "2026-09-01,A,1,EUR,1.50,9\n2026-09-01,A,1\n2026-09-01,A,1,EUR,=1+1\n2026-09-01,=cmd|x,1,EUR,1.50\n"
        + "2026-09-01,A,1.2021E+17,EUR,1.50\nDay,Campaign,Campaign ID,Currency code,Cost\n"
    )
    assert (export.costs, export.skipped) == ((), 0)
    assert lines(export) == [
        (2, "Day is not a day"),
        (3, "Day is not a day"),
        (4, "Campaign is missing"),
        (5, "has more cells than there are headings"),
        (6, "has fewer cells than there are headings; is the file whole?"),
        (7, "Cost is a formula; send the file as the platform gave it"),
        (8, "Campaign is a formula; send the file as the platform gave it"),
        (9, "Campaign ID was rounded by a spreadsheet; send the file as the platform gave it"),
        (10, "Cost is not an amount of money"),
    ]


def test_a_meta_export_of_one_day_has_totals_with_that_day() -> None:
    text = "Reporting starts,Reporting ends,Campaign name,Amount spent (EUR)\n2026-09-01,2026-09-01,A,1.50\n"
    export = read(text + "2026-09-01,2026-09-01,,1.50\n")
    assert (len(export.costs), export.skipped, export.refused) == (1, 1, ())


def test_lines_are_those_of_the_file() -> None:
    export = read('Report\n\n"two\nlines"\n\n' + HEAD + '\n2026-09-01,"A\nB",1,EUR,1.50\n2026-09-02,C,1,EUR,x\n')
    assert ([cost.line for cost in export.costs], lines(export)) == ([9], [(10, "Cost is not an amount of money")])


def test_words_above_are_of_one_platform_each() -> None:
    marks = [mark for platform in PLATFORMS.values() for mark in platform.marks]
    assert len(marks) == len(set(marks))


def test_no_two_platforms_call_their_costs_alike() -> None:
    """Else a file without marks would have to be guessed."""
    said = [
        (name, platform.name)
        for platform in PLATFORMS.values()
        for names in platform.headings["cost"].values()
        for name in set(names)
    ]
    words = {(name, of) for name, of in said}
    assert len(words) == len({name for name, _ in words})
