"""What stages and lifecycle words mean: the workspace's maps before well-known names, as docs/stages.md tells them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from wanamaker_attribution.plain_words import fold
from wanamaker_attribution.stage_words import LANGUAGES, LIFECYCLE_WORDS, LOST, WON
from wanamaker_attribution.stages import Words, steps_reached, well_known_stage
from wanamaker_shared.contracts.settings import WorkspaceSettings

PAGE = (Path(__file__).parents[2] / "docs" / "stages.md").read_text()
LISTED = re.findall(r"^\| [A-Z][a-z]+ \| (.+?) \| (.+?) \| (.*?) ?\|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(
    ("stage", "meaning"),
    [
        ("closedwon", "won"),  # HubSpot's ids of its default pipeline
        ("closedlost", "lost"),
        ("appointmentscheduled", "open"),
        ("qualifiedtobuy", "open"),
        ("presentationscheduled", "open"),
        ("decisionmakerboughtin", "open"),
        ("contractsent", "open"),
        ("Closed Won", "won"),  # Salesforce's standard picklist
        ("Closed Lost", "lost"),
        ("Prospecting", "open"),
        ("Id. Decision Makers", "open"),
        ("Negotiation/Review", "open"),
        ("Closed-Lost to Competition", "lost"),  # Zoho's
        ("Proposal/Price Quote", "open"),
        ("C1:WON", "open"),  # Bitrix24's pipelines put their number before it: an id, to be mapped
        ("WON", "won"),
        ("Clôturée - Gagnée", "won"),
        ("GAGNE\u0301", "won"),  # the accent as a sign of its own
        ("Zamknięte – przegrane", "lost"),
        ("Geschlossen und verloren", "lost"),
        ("KAZANILDI", "won"),  # capitals of "kazanıldı", whose I has no dot
        ("受注", "won"),
        ("実注", "open"),
        ("", "open"),
        ("???", "open"),
        ("Not won", "open"),
        ("Lost contact, call again", "open"),
    ],
)
def test_a_name_alone_says_what_a_stage_means(stage: str, meaning: str) -> None:
    assert well_known_stage(stage) == meaning


def test_a_known_name_is_known_in_any_case() -> None:
    names = [name for its in LANGUAGES.values() for part in its for name in part.split(", ")]
    assert [name for name in names if {fold(name.upper()), fold(name.title())} != {fold(name)}] == []


def test_the_page_lists_the_names_that_are_known() -> None:
    def names(words: str, before: str) -> set[str]:
        return {fold(start + word) for word in words.split(", ") for start in ("", *before.split(", "))}

    assert len(LISTED) == 22
    assert {name for won, _, before in LISTED for name in names(won, before)} == WON
    assert {name for _, lost, before in LISTED for name in names(lost, before)} == LOST
    assert not WON & LOST


def test_the_page_lists_the_lifecycle_words_that_are_known() -> None:
    rows = re.findall(r"^\| `?(\w+)`? \| (.+) \|$", PAGE.partition("| means | without a map |")[2], re.MULTILINE)
    listed = {fold(word): meaning for meaning, words in rows for word in re.findall("`(.+?)`", words)}
    nothing = {word for word, meaning in listed.items() if meaning == "nothing"}
    assert len(nothing) >= 6
    assert {word: meaning for word, meaning in listed.items() if word not in nothing} == LIFECYCLE_WORDS


def stage(
    maps: dict[str, Any], connection: str, pipeline: str | None, name: str | None, said: str | None = None
) -> str:
    return Words(WorkspaceSettings(stage_maps=maps)).stages_of(connection)(pipeline, name, said)


MAPS = {
    "hubspot": {"default": {"closedwon": "open", "A": "mql"}, "*": {"A": "sql", "B": "won"}},
    "*": {"default": {"B": "lost", "C": "lost"}, "*": {"C": "won", "D": "opportunity"}},
}


@pytest.mark.parametrize(
    ("connection", "pipeline", "name", "meaning"),
    [
        ("hubspot", "default", "A", "mql"),
        ("hubspot", "other", "A", "sql"),
        ("hubspot", None, "A", "sql"),
        ("hubspot", "default", "B", "won"),
        ("hubspot", "default", "C", "lost"),
        ("hubspot", "other", "C", "won"),
        ("hubspot", "Default", "a", "mql"),
        ("hubspot", "default", "D", "opportunity"),
        ("hubspot", "default", "closedwon", "open"),
        ("hubspot", "other", "closedwon", "won"),
        ("zoho", "default", "A", "open"),
        ("zoho", "default", "B", "lost"),
        ("HubSpot", "default", "A", "open"),  # a connection is a key of ours, written in one way
        ("hubspot", "default", None, "open"),
        ("hubspot", "default", "*", "open"),
    ],
)
def test_the_nearest_map_that_names_the_stage_holds(
    connection: str, pipeline: str | None, name: str | None, meaning: str
) -> None:
    assert stage(MAPS, connection, pipeline, name) == meaning


def test_a_name_without_letters_is_found_only_as_it_is_written() -> None:
    maps = {"*": {"*": {"+": "won", "-": "lost"}}}
    assert [stage(maps, "x", None, name) for name in ("+", "-", "!")] == ["won", "lost", "open"]


def test_a_pipeline_called_as_the_sign_for_all_is_all() -> None:
    assert stage({"*": {"*": {"A": "won"}}}, "x", "*", "A") == "won"


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("subscriber", None),  # HubSpot's lifecycle stages
        ("lead", "lead"),
        ("marketingqualifiedlead", "mql"),
        ("salesqualifiedlead", "sql"),
        ("opportunity", "opportunity"),
        ("customer", "customer"),
        ("evangelist", "customer"),
        ("other", None),
        ("Open - Not Contacted", "lead"),  # Salesforce's lead statuses
        ("Working - Contacted", "lead"),
        ("Closed - Converted", "sql"),
        ("Closed - Not Converted", None),
        ("Attempted to Contact", "lead"),  # Zoho's
        ("Pre-Qualified", "mql"),
        ("Not Qualified", None),
        ("Junk Lead", None),
        ("Lost Lead", None),
        ("-None-", None),
    ],
)
def test_a_lifecycle_word_alone_says_what_it_means(word: str, meaning: str | None) -> None:
    assert Words(WorkspaceSettings()).lifecycle("any", {"lifecycle_stage": word}) == meaning


def test_a_map_may_say_that_a_word_means_nothing() -> None:
    words = Words(WorkspaceSettings(lifecycle_maps={"zoho": {"Lead": None}, "*": {"lead": "mql", "hot": "sql"}}))
    said = [("zoho", "lead"), ("zoho", "HOT"), ("other", "LEAD"), ("other", "customer")]
    assert [words.lifecycle(name, {"lifecycle_stage": word}) for name, word in said] == [None, "sql", "mql", "customer"]


def test_our_own_word_stands_before_the_crms() -> None:
    words = Words(WorkspaceSettings())
    assert words.lifecycle("any", {"lifecycle": "lead", "lifecycle_stage": "customer"}) == "lead"
    assert words.lifecycle("any", {"lifecycle": None, "lifecycle_stage": "customer"}) == "customer"
    assert words.lifecycle("any", {}) is None


def test_every_known_lifecycle_word_means_something_of_ours() -> None:
    assert set(LIFECYCLE_WORDS.values()) == {"lead", "mql", "sql", "opportunity", "customer", "churned"}
    assert [steps_reached(word) for word in ("lead", "mql", "sql", "opportunity", "customer", "churned", None)] == [
        *(1, 2, 3, 3, 3),
        *(0, 0),
    ]
