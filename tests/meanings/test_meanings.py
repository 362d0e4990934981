"""Every rule of docs/meanings.md has an example, and every example comes out as the page says: by the oracle and the product."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.loop.product import product
from tests.oracle import Tables, tables
from tests.oracle.dedup import Entry
from tests.oracle.models import MODELS
from tests.oracle.story import KEYS
from wanamaker_shared.contracts.settings import WorkspaceSettings

from .expecting import Outcome, tell_outcome
from .page import PAGE, Example, Rule, rules_of
from .telling import tell

COMPUTED_BY: Mapping[str, Callable[[list[Entry]], Tables]] = {
    "oracle": lambda entries: tables(entries, KEYS),
    "product": product,
}

RULES = rules_of(PAGE.read_text())
EXAMPLES = [example for rule in RULES for example in rule.examples]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.title)
def test_the_rule_has_an_example_that_expects_something(rule: Rule) -> None:
    assert rule.examples
    assert all(example.expected for example in rule.examples)


def test_examples_have_names_of_their_own() -> None:
    ids = [example.id for example in EXAMPLES]
    assert len(ids) == len(set(ids))


def test_every_setting_and_every_model_is_explained() -> None:
    text = PAGE.read_text()
    assert [name for name in [*WorkspaceSettings.model_fields, *MODELS] if name not in text] == []


@pytest.mark.parametrize("computed_by", COMPUTED_BY)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_the_example_comes_out_as_written(example: Example, computed_by: str) -> None:
    found, written = outcome_of(example, COMPUTED_BY[computed_by])
    assert found == written


def test_a_wrong_example_is_noticed() -> None:
    text = "### A rule\n```example wrong\n2026-01-01 10:00  page c1 google/cpc\n= channels: Email\n```\n"
    [rule] = rules_of(text)
    found, written = outcome_of(rule.examples[0], COMPUTED_BY["oracle"])
    assert (found, written) == (["channels: Paid Search"], ["channels: Email"])


@pytest.mark.parametrize(
    "text",
    [
        "```example x\n= days:\n```",
        "### A rule\n```example x\n= days:\n",
        "### A rule\n```python\n```",
    ],
    ids=["outside a rule", "never closed", "fenced, but no example"],
)
def test_what_would_not_be_tested_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="example"):
        rules_of(text)


def test_a_line_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot read this line"):
        tell(["2026-01-01 10:00  dance c1"])


def outcome_of(example: Example, compute: Callable[[list[Entry]], Tables]) -> tuple[list[str], list[str]]:
    """(what comes out, what is written), an expectation a line."""
    told = tell(example.told)
    shown = None if told.shown is None else compute(told.shown)
    outcome = Outcome(told, compute(told.story.entries), shown)
    found = [f"{each.head}: {tell_outcome(outcome, each.name, each.args, each.value)}" for each in example.expected]
    return found, [f"{each.head}: {each.value}" for each in example.expected]
