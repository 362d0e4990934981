"""Mistakes about merged deals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pytest

from wanamaker_attribution import deals
from wanamaker_attribution.deals import Merge


def contacts_stop_at_a_merged_deal(patch: pytest.MonkeyPatch) -> None:
    """What is merged into a deal that is merged away already came with that one, not at its own moment."""

    def to_the_named(merges: Mapping[str, Merge]) -> dict[str, list[Merge]]:
        came: dict[str, list[Merge]] = defaultdict(list)
        for merge in sorted(merges.values()):
            came[merge.into_id].append(merge)
        return came

    def with_theirs(by_deal: Any, merges: Mapping[str, Merge], came: Mapping[str, list[Merge]]) -> dict[str, set[str]]:
        passed: dict[str, set[str]] = {}

        def of(name: str) -> set[str]:
            passed.update({each.from_id: of(each.from_id) for each in came.get(name, ())})
            return deals._present_contacts(by_deal.get(name, ()), came.get(name, ()), passed)

        return {name: of(name) for name in merges}

    patch.setattr(deals, "merged_into", to_the_named)
    patch.setattr(deals, "contacts_passed_on", with_theirs)


def adjustments_stay_with_the_merged_deal(patch: pytest.MonkeyPatch) -> None:
    latest = deals._latest_adjustments
    patch.setattr(deals, "_latest_adjustments", lambda stated, merges, zone: latest(stated, {}, zone))


MUTANTS = (contacts_stop_at_a_merged_deal, adjustments_stay_with_the_merged_deal)
