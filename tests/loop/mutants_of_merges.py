"""Mistakes about merged deals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

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

    patch.setattr(deals, "merged_into", to_the_named)


def adjustments_stay_with_the_merged_deal(patch: pytest.MonkeyPatch) -> None:
    latest = deals._latest_adjustments
    patch.setattr(deals, "_latest_adjustments", lambda stated, merges, zone: latest(stated, {}, zone))


MUTANTS = (contacts_stop_at_a_merged_deal, adjustments_stay_with_the_merged_deal)
