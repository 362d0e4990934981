"""Parameters of the reports: models, basis, days, groups. Everything unknown is a 400 that names what is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, get_args

from fastapi import Query

from ..models import MODELS
from ..reports.dimensions import ACCOUNT, FINE, PERIODS, STORED, parse_group_by
from ..reports.question import Basis, Question
from .answers import bad_request, parsed

FILTERS = (*PERIODS, *STORED, *FINE, ACCOUNT)
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

ModelText = Annotated[
    str, Query(alias="model", max_length=500, description=f"{', '.join(MODELS)}; a comma list where grouped by model.")
]
BasisText = Annotated[
    str, Query(alias="basis", max_length=40, description="Credits by the day of `touch` or `conversion`.")
]
GroupText = Annotated[
    str, Query(alias="group_by", max_length=500, description=f"Comma list of {', '.join((*FILTERS, 'model'))}.")
]
FromText = Annotated[
    str | None, Query(alias="from", max_length=40, description="First day, YYYY-MM-DD; default: everything.")
]
ToText = Annotated[str | None, Query(alias="to", max_length=40, description="Last day, included.")]


def question_of(
    *,
    model: str,
    basis: str,
    first: str | None,
    last: str | None,
    group_by: str = "",
    only: Mapping[str, str] | None = None,
) -> Question:
    """The question that the parameters ask. Raises a 400."""
    groups = parsed(parse_group_by, group_by)
    if basis not in get_args(Basis):
        raise bad_request("basis: must be touch or conversion")
    start, end = day_of(first, "from"), day_of(last, "to")
    if start is not None and end is not None and start > end:
        raise bad_request("from: lies after to")
    kept = {name: _period(name, value) for name, value in (only or {}).items()}
    return Question(
        models=_models(model, several="model" in groups),
        basis="touch" if basis == "touch" else "conversion",
        group_by=groups,
        start=start,
        end=end,
        only=kept,
    )


def day_of(text: str | None, name: str) -> str | None:
    """A day given as a parameter; blank is none."""
    if text is None or text == "":
        return None
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            pass
    raise bad_request(f"{name}: must be a day, YYYY-MM-DD")


def _models(text: str, *, several: bool) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    if any(name not in MODELS for name in names):
        raise bad_request(f"model: must be one of {', '.join(MODELS)}")
    if len(names) > 1 and not several:
        raise bad_request("model: several models need `model` in group_by")
    return names


def _period(name: str, value: str) -> str:
    """A filter's value; those of periods must be in their form."""
    if name == "month" and not _MONTH.fullmatch(value):
        raise bad_request("month: must be YYYY-MM")
    if name in ("day", "week"):
        day = day_of(value, name)
        if day is None or (name == "week" and date.fromisoformat(day).weekday() != 0):
            raise bad_request(f"{name}: must be {'a Monday' if name == 'week' else 'a day'}, YYYY-MM-DD")
    if "\x00" in value:
        raise bad_request(f"{name}: must not hold NUL")
    return value
