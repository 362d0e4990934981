"""What a workspace states about its settings: each name checked on its own, null = back to the default. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from wanamaker_shared.contracts.settings import WorkspaceSettings, known_zones

from ..currencies import is_currency
from ..settings_maps import check_lifecycle_map, check_stage_map

_CHANNEL_BYTES = 255
"""A channel is part of keys, as source, medium and campaign are, which the collector cuts there."""
_GIVES = frozenset(["to_source", "to_medium", "to_campaign", "channel", "post"])
_MOST_FAULTS = 20
_MOST_ENTRIES = {
    "own_domains": 1_000,
    "excluded_referrers": 1_000,
    "spam_referrers": 1_000,
    "link_domains": 1_000,
    "free_mail_domains": 10_000,
    "channel_rules": 200,
    "spend_rules": 500,
}
_MOST = {
    "look_back_days": 36_525,
    "journey_cap": 10_000,
    "session_gap_minutes": 1_440,
    "emails_per_cookie": 100_000,
    "cookies_per_email": 100_000,
    "identifiers_per_person": 100_000,
    "bot_pages_per_day": 1_000_000,
    "bot_pages_per_minute": 100_000,
}
_DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}")


class BadSettings(ValueError):
    """Names of settings and what is wrong with each."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(f"{len(faults)} bad settings")
        self.faults = dict(faults)


def check_settings(stated: Mapping[str, Any]) -> dict[str, Any]:
    """The statements in the form the topic keeps them. Raises BadSettings with what is wrong, twenty names at most."""
    checked: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, value in stated.items():
        try:
            checked[name] = _check(name, value)
        except ValueError as error:
            faults[name[:60].encode(errors="replace").decode()] = str(error)
            if len(faults) == _MOST_FAULTS:
                break
    if faults:
        raise BadSettings(faults)
    return checked


def _check(name: str, value: object) -> Any:
    if name not in WorkspaceSettings.model_fields:
        raise ValueError(f"is not a setting; known: {', '.join(WorkspaceSettings.model_fields)}")
    if value is None:
        return None
    if isinstance(value, bool):
        raise ValueError("must not be true or false")
    if name in _OWN:
        return _OWN[name](value)
    most = _MOST_ENTRIES.get(name)
    if most is not None and isinstance(value, list) and len(value) > most:
        raise ValueError(f"may list at most {most}")
    try:
        settings = WorkspaceSettings.model_validate({name: value}, strict=False)
    except ValidationError as error:
        raise ValueError("; ".join(_told(problem) for problem in error.errors(include_url=False))) from None
    whole = settings.model_dump(mode="json", exclude_none=True)[name]
    return _CHECKS.get(name, _number)(name, whole)


def _told(problem: Any) -> str:
    place = ".".join(str(part) for part in problem["loc"][1:])
    return f"{place}: {problem['msg']}" if place else str(problem["msg"])


def _number(name: str, value: int) -> int:
    if value > _MOST[name]:
        raise ValueError(f"may be at most {_MOST[name]}")
    return value


def _zone(value: object) -> str:
    if not isinstance(value, str) or value not in known_zones():
        raise ValueError("must be a time zone of the IANA database, like Europe/Berlin")
    return value


def _currency(value: object) -> str:
    if not isinstance(value, str) or not is_currency(value.strip().upper()):
        raise ValueError("must be a currency of ISO 4217, like EUR")
    return value.strip().upper()


def _domains(_: str, value: list[str]) -> list[str]:
    domains = [domain.strip().lower() for domain in value]
    for index, domain in enumerate(domains):
        if not _DOMAIN.fullmatch(domain):
            raise ValueError(f"{index}: must be a domain in ASCII, like example.com")
    return domains


def _rules(_: str, value: list[dict[str, str]]) -> list[dict[str, str]]:
    for index, rule in enumerate(value):
        rule["channel"] = rule["channel"].strip()
        if not 0 < len(rule["channel"].encode()) <= _CHANNEL_BYTES:
            raise ValueError(f"{index}.channel: must have 1 to {_CHANNEL_BYTES} bytes")
        _without_controls(index, rule)
        if len(rule) == 1:
            raise ValueError(f"{index}: needs a condition (source, medium or campaign); it would take every visit")
    return value


def _spend_rules(_: str, value: list[dict[str, str]]) -> list[dict[str, str]]:
    """Of what a rule gives, source and medium in lower case, as costs and visits have them."""
    for index, rule in enumerate(value):
        _without_controls(index, rule)
        for name in _GIVES & rule.keys():
            rule[name] = rule[name].strip().lower() if name in ("to_source", "to_medium") else rule[name].strip()
            if not 0 < len(rule[name].encode()) <= _CHANNEL_BYTES:
                raise ValueError(f"{index}.{name}: must have 1 to {_CHANNEL_BYTES} bytes")
        if not _GIVES & rule.keys():
            raise ValueError(f"{index}: gives nothing; it needs one of {', '.join(sorted(_GIVES))}")
        if not rule.keys() - _GIVES:
            raise ValueError(f"{index}: needs a condition (provider, account, source, medium or campaign)")
    return value


def _without_controls(index: int, rule: dict[str, str]) -> None:
    if any(unicodedata.category(character) in ("Cc", "Cs") for text in rule.values() for character in text):
        raise ValueError(f"{index}: must not hold control characters or halves of surrogate pairs")


_OWN: dict[str, Callable[[object], Any]] = {
    "zone": _zone,
    "currency": _currency,
    "stage_maps": check_stage_map,
    "lifecycle_maps": check_lifecycle_map,
}
_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "own_domains": _domains,
    "excluded_referrers": _domains,
    "spam_referrers": _domains,
    "link_domains": _domains,
    "free_mail_domains": _domains,
    "channel_rules": _rules,
    "spend_rules": _spend_rules,
}
