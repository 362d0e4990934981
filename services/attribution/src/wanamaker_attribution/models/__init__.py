"""The attribution models: each gives the touchpoints of a journey whole-number weights. One file each, all pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..journeys import Journey
from ..models import (
    first_touch,
    full_path,
    last_non_direct,
    last_touch,
    linear,
    position_based,
    time_decay,
    w_shaped,
)


@dataclass(frozen=True, slots=True)
class Model:
    name: str
    sentence: str
    weigh: Callable[[Journey], Sequence[int]]


MODELS: dict[str, Model] = {
    module.__name__.rpartition(".")[2]: Model(
        module.__name__.rpartition(".")[2], (module.__doc__ or "").splitlines()[0], module.weigh
    )
    for module in (
        first_touch,
        last_touch,
        last_non_direct,
        linear,
        position_based,
        time_decay,
        w_shaped,
        full_path,
    )
}
