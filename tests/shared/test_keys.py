"""The keys file is its owner's alone and says what is wrong with it; a key is granted once, by its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wanamaker_shared.service.keys import Grant, new_workspace, read_keyring, write_keys


def test_what_is_written_is_read(tmp_path: Path) -> None:
    document = new_workspace("default") | {"workspaces": [new_workspace("other", ["generic", "hubspot"])]}
    write_keys(tmp_path / "data" / "keys.json", document)
    keyring = read_keyring(tmp_path / "data" / "keys.json")
    assert set(keyring.workspaces) == {"default", "other"}
    for role in ("write", "secret", "analyst", "admin"):
        grant = keyring.grant(document[f"{role}_key"])
        assert grant is not None
        assert (grant.workspace, grant.role) == ("default", role)
        assert document[f"{role}_key"] not in repr(grant)
    assert keyring.grant(document["workspaces"][0]["admin_key"]) == Grant("other", "admin", keyring_id(document))
    assert keyring.hmac_key("default").hex() == document["workspace_key"]
    assert set(keyring.workspaces["other"].webhooks) == {"generic", "hubspot"}


def keyring_id(document: dict[str, Any]) -> str:
    return hashlib.sha256(document["workspaces"][0]["admin_key"].encode()).hexdigest()[:12]


@pytest.mark.parametrize("wrong", ["", "wrong", "\ud800", "x" * 100_000])
def test_any_other_text_is_nobodys_key(tmp_path: Path, wrong: str) -> None:
    write_keys(tmp_path / "keys.json", new_workspace("default"))
    assert read_keyring(tmp_path / "keys.json").grant(wrong) is None


def test_the_file_is_readable_by_its_owner_only_and_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text("{}")
    path.chmod(0o644)
    write_keys(path, new_workspace("default"))
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["keys.json"]


def _without(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda document: {key: value for key, value in document.items() if key != name}


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (_without("workspace_key"), "'workspace_key' is missing"),
        (lambda document: [document], "not the shape"),
        (lambda document: document | {"admin_key": ""}, "admin_key must be a text"),
        (lambda document: document | {"admin_key": 7}, "admin_key must be a text"),
        (lambda document: document | {"admin_key": document["write_key"]}, "the admin key of 'default' is used twice"),
        (lambda document: document | {"workspace_key": "zz" * 32}, "in hex"),
        (lambda document: document | {"workspace_key": "ab"}, "at least 16 bytes"),
        (lambda document: document | {"workspace": "a/b"}, "no `/`"),
        (lambda document: document | {"workspaces": [new_workspace("default")]}, "two workspaces are called 'default'"),
        (lambda document: document | {"workspace_key": "abc" * 11}, "in hex"),
        (lambda document: document | {"webhooks": [1]}, "not the shape"),
        *(
            (lambda document, wrong=wrong: document | {"webhooks": {"hubspot": wrong}}, "webhooks.hubspot must be")
            for wrong in ("", [""], [7], 7, None, {"new": "x"}, ["x", None])
        ),
    ],
)
def test_a_spoilt_file_is_named_with_its_fault_and_without_its_keys(
    tmp_path: Path, spoil: Callable[[dict[str, Any]], Any], complaint: str
) -> None:
    document = new_workspace("default")
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(spoil(document)))
    with pytest.raises(ValueError) as told:
        read_keyring(path)
    assert str(path) in str(told.value)
    assert complaint in str(told.value)
    assert not any(document[f"{role}_key"] in str(told.value) for role in ("write", "secret", "analyst", "admin"))


def test_no_json_and_no_file_say_so(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    with pytest.raises(FileNotFoundError, match="is not there; `wanamaker up`"):
        read_keyring(path)
    path.write_text('{"write_key": "sec')
    with pytest.raises(ValueError, match=r"no JSON \(line 1\)"):
        read_keyring(path)
