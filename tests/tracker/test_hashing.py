"""An address that is hashed in the browser has the same key as one that is hashed by the server."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wanamaker_shared.contracts.identifiers import linkable_email_key

from .test_build import run, source  # noqa: F401  # the fixture

KEY = b"workspace"
ADDRESSES = [
    "ann@example.com",
    "  Ann@Example.COM ",
    "ann+news@mail.example.co.uk",
    "ａｎｎ@example.com",
    "ann@bücher.example",
    "ann@BÜCHER.example",
    "ÄNNE@example.com",
    "straße@example.com",
    "o'neil@example.com",
]
OTHERS = ["", "ann", "@example.com", "ann@", "ann@localhost", "ann@example.com, bob@example.com", "ann @example.com"]


@pytest.fixture(scope="module")
def hasher(source: Path) -> Path:  # noqa: F811
    """A script that reads a JSON list of texts and prints the list of [sha256 of the text, what is sent of the address]."""
    script = source / "hash-many.mjs"
    run(
        "node_modules/.bin/esbuild",
        "src/emails.ts",
        "src/sha256.ts",
        "--bundle",
        "--format=esm",
        "--outdir=hashing",
        "--out-extension:.js=.mjs",
        at=source,
    )
    script.write_text(
        'import { hashed } from "./hashing/emails.mjs"; import { sha256 } from "./hashing/sha256.mjs";'
        'import { readFileSync } from "node:fs";'
        "const texts = JSON.parse(readFileSync(0, 'utf8'));"
        "console.log(JSON.stringify(texts.map((text) => [sha256(text), hashed(text)])));"
    )
    return script


def hashes(hasher: Path, texts: list[str]) -> list[list[str | None]]:
    ran = subprocess.run(
        ["node", hasher], input=json.dumps(texts), capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(ran.stdout)  # type: ignore[no-any-return]


def test_both_sides_make_one_key_of_an_address(hasher: Path) -> None:
    for address, (_, sent) in zip(ADDRESSES, hashes(hasher, ADDRESSES), strict=True):
        assert sent is not None, address
        assert linkable_email_key(KEY, sent) == linkable_email_key(KEY, address), address


def test_what_is_no_address_is_not_sent(hasher: Path) -> None:
    assert [sent for _, sent in hashes(hasher, OTHERS)] == [None] * len(OTHERS)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.text(max_size=300), min_size=100, max_size=100))
def test_sha256_is_that_of_everybody(hasher: Path, texts: list[str]) -> None:
    usable = [text.encode("utf-8", "replace").decode() for text in texts]
    assert [digest for digest, _ in hashes(hasher, usable)] == [hashlib.sha256(t.encode()).hexdigest() for t in usable]
