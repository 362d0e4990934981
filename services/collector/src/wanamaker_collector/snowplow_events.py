"""Snowplow's kinds of events, each as the members that make it an event of Segment's. Names are those of Snowplow's own
column `event_name`, but for the form that is submitted: that is what a form is called here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .snowplow_forms import FORM_EVENTS, form_members
from .snowplow_parameters import Malformed, Parameters, json_of, named, number_of, text_of

Members = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """How events of one `e` are read, and from which parameters beside the common ones."""

    members: Callable[[Parameters], Members]
    parameters: frozenset[str]


def _page_view(stated: Parameters) -> Members:
    title = text_of(stated, "page")
    return {"type": "page", "name": title} if title else {"type": "page"}


def _structured(stated: Parameters) -> Members:
    action = text_of(stated, "se_ac")
    if action is None:
        raise Malformed("se_ac, the action, is missing")
    return {"type": "track", "event": action, "properties": _given(stated, _STRUCTURED)}


def _self_describing(stated: Parameters) -> Members:
    envelope = json_of(stated, "ue_pr", "ue_px")
    described = None if envelope is None else envelope.get("data")
    if not isinstance(described, dict) or (schema := named(described.get("schema"))) is None:
        raise Malformed(
            "ue_pr or ue_px must hold self-describing JSON: data.schema, written iglu:vendor/name/format/version"
        )
    vendor, name = schema
    data = described.get("data")
    properties = data if isinstance(data, dict) else {"value": data}
    if vendor.startswith("com.snowplowanalytics."):
        if name in FORM_EVENTS:
            return form_members(name, properties)
        if name == "screen_view":
            return {"type": "screen", "name": properties.get("name"), "properties": properties}
    return {"type": "track", "event": name, "properties": properties}


def _always(event: str, names: dict[str, str]) -> Kind:
    def members(stated: Parameters) -> Members:
        return {"type": "track", "event": event, "properties": _given(stated, names)}

    return Kind(members, frozenset(names))


def _given(stated: Parameters, names: dict[str, str]) -> Members:
    """The parameters by our names. An article called 0815 stays that: only what counts or costs is a number."""
    found = {
        ours: number_of(stated, theirs) if theirs in _NUMBERS else text_of(stated, theirs)
        for theirs, ours in names.items()
    }
    return {name: value for name, value in found.items() if value is not None}


_NUMBERS = frozenset("se_va pp_mix pp_max pp_miy pp_may tr_tt tr_tx tr_sh ti_pr ti_qu".split())
_STRUCTURED = {"se_ca": "category", "se_ac": "action", "se_la": "label", "se_pr": "property", "se_va": "value"}
_PING = {"pp_mix": "min_x", "pp_max": "max_x", "pp_miy": "min_y", "pp_may": "max_y"}
_ORDER = {
    "tr_id": "order_id",
    "tr_af": "affiliation",
    "tr_tt": "total",
    "tr_tx": "tax",
    "tr_sh": "shipping",
    "tr_ci": "city",
    "tr_st": "state",
    "tr_co": "country",
    "tr_cu": "currency",
}
_ITEM = {
    "ti_id": "order_id",
    "ti_sk": "sku",
    "ti_nm": "name",
    "ti_ca": "category",
    "ti_pr": "price",
    "ti_qu": "quantity",
    "ti_cu": "currency",
}

KINDS = {
    "pv": Kind(_page_view, frozenset()),
    "pp": _always("page_ping", _PING),
    "se": Kind(_structured, frozenset(_STRUCTURED)),
    "ue": Kind(_self_describing, frozenset({"ue_pr", "ue_px"})),
    "tr": _always("transaction", _ORDER),
    "ti": _always("transaction_item", _ITEM),
}
