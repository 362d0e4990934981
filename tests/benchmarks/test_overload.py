"""What the overload benchmark makes of a run: the schedule, and when all is normal again."""

from __future__ import annotations

from array import array

from .open_loop import Outcome, Stretch, schedule
from .overload import normal_again, percentile


def test_a_plan_is_sent_evenly_whatever_happens() -> None:
    assert list(schedule([Stretch(2, 1.0), Stretch(4, 0.5), Stretch(1, 2.0)])) == [0.0, 0.5, 1.0, 1.25, 1.5, 2.5]


def test_normal_again_is_when_half_a_second_of_requests_is_accepted_in_time() -> None:
    due = array("d", (nth / 100 for nth in range(2000)))
    late = array("d", (0.2 if at < 13.05 else 0.01 for at in due))
    status = array("H", (503 if at < 12.55 else 200 for at in due))
    outcome = Outcome(0, due, late, late, status)
    assert normal_again(outcome, 12.0, 0.01) == 1.1
    assert normal_again(outcome, 12.0, 0.15) == 0.6
    assert normal_again(outcome, 12.0, 0.001) is None


def test_percentile_of_nothing_is_no_speed() -> None:
    assert percentile(range(1, 101), 99) == 100
    assert percentile([], 50) == float("inf")
