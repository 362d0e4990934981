"""docs/crm.md says what the code does: every event type, field, setting and answer stands there, and its examples map."""

from __future__ import annotations

import json
import re
from pathlib import Path

from wanamaker_crm_bridge.api import ANSWERS
from wanamaker_crm_bridge.connections import Connection, parse_connections
from wanamaker_crm_bridge.dialects import DIALECTS
from wanamaker_crm_bridge.dialects.generic import RECORDS_OF
from wanamaker_crm_bridge.dialects.generic_contact import LIFECYCLES, NAMES
from wanamaker_crm_bridge.dialects.generic_deal import STATUSES
from wanamaker_crm_bridge.mapping import Context, Webhook
from wanamaker_crm_bridge.schemes import CRMS, SCHEMES, STANDARD_WEBHOOKS
from wanamaker_crm_bridge.settings import BridgeSettings
from wanamaker_shared.service.settings import ServiceSettings

TEXT = (Path(__file__).parents[2] / "docs" / "crm.md").read_text()


def test_every_name_a_sender_needs_is_told() -> None:
    headers = (STANDARD_WEBHOOKS.id_header, STANDARD_WEBHOOKS.timestamp_header, STANDARD_WEBHOOKS.signature_header)
    names = [*RECORDS_OF, *STATUSES, *LIFECYCLES, *NAMES, *(header.decode() for header in headers if header)]
    assert [name for name in names if f"`{name}`" not in TEXT] == []


def test_every_answer_and_own_setting_is_told() -> None:
    assert [status for status in ANSWERS if f"| {status} |" not in TEXT] == []
    own = BridgeSettings.model_fields.keys() - ServiceSettings.model_fields.keys()
    assert [name for name in own if f"`WANAMAKER_{name.upper()}`" not in TEXT] == []


def test_the_examples_map() -> None:
    examples = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    assert examples
    for example in examples:
        mapped = DIALECTS["generic"](
            Webhook("w", "generic", "m", 0, json.dumps(json.loads(example)).encode()), Context(bytes(32))
        )
        assert mapped.events
        assert not mapped.failures


def test_the_examples_of_other_dialects_map() -> None:
    """A block is marked with the dialect after `json`."""
    examples = re.findall(r"```json (\w+)\n(.*?)```", TEXT, re.DOTALL)
    assert "salesforce" in {dialect for dialect, _ in examples}
    for dialect, example in examples:
        mapped = DIALECTS[dialect](Webhook("w", dialect, "m", 0, example.encode()), Context(bytes(32)))
        assert mapped.events
        assert not mapped.failures


def test_every_option_of_a_connection_is_told() -> None:
    names = [name for name in Connection.model_fields if f"{name} = " not in TEXT and f".{name}" not in TEXT]
    assert names == []


def test_the_examples_of_connections_are_taken() -> None:
    examples = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert examples
    for example in examples:
        assert list(parse_connections(example))


def test_every_signature_is_told() -> None:
    assert [name for name in SCHEMES if f"`{name}`" not in TEXT] == []


def test_every_dialect_that_is_called_has_a_mapping() -> None:
    assert CRMS.keys() <= DIALECTS.keys()
