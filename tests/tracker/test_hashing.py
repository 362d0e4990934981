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
    """A script that reads a JSON list of texts and prints the list of [sha256 of the text, what is sent of the address,
    the text without addresses]."""
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
        'import { hashed, withoutEmails } from "./hashing/emails.mjs"; import { sha256 } from "./hashing/sha256.mjs";'
        'import { readFileSync } from "node:fs";'
        "const texts = JSON.parse(readFileSync(0, 'utf8'));"
        "const shown = (text) => JSON.parse(withoutEmails(JSON.stringify(text)));"
        "console.log(JSON.stringify(texts.map((text) => [sha256(text), hashed(text), shown(text)])));"
    )
    return script


def hashes(hasher: Path, texts: list[str]) -> list[list[str | None]]:
    ran = subprocess.run(
        ["node", hasher], input=json.dumps(texts), capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(ran.stdout)  # type: ignore[no-any-return]


def test_both_sides_make_one_key_of_an_address(hasher: Path) -> None:
    for address, (_, sent, _) in zip(ADDRESSES, hashes(hasher, ADDRESSES), strict=True):
        assert sent is not None, address
        assert linkable_email_key(KEY, sent) == linkable_email_key(KEY, address), address


def test_what_is_no_address_is_not_sent(hasher: Path) -> None:
    assert [sent for _, sent, _ in hashes(hasher, OTHERS)] == [None] * len(OTHERS)


@pytest.mark.parametrize("local", ["test", "Example", "noreply", "no-reply", "none", "NULL", "ｔｅｓｔ"])
def test_placeholders_link_nobody_hashed_or_not(hasher: Path, local: str) -> None:
    ((_, sent, _),) = hashes(hasher, [f"{local}@example.com"])
    assert sent is None
    assert linkable_email_key(KEY, f"{local}@example.com") is None


def test_what_the_page_hashed_stays_as_it_is(hasher: Path) -> None:
    digest = hashlib.sha256(b"ann@example.com").hexdigest()
    assert [sent for _, sent, _ in hashes(hasher, [digest, f" {digest.upper()}"])] == [digest, digest]


WITH_ADDRESSES = [
    ("Write to\nann@example.com", "Write to\n(e-mail)"),
    ("\tann@example.com\r\n\x0bbob@example.com\u2028", "\t(e-mail)\r\n\x0b(e-mail)\u2028"),
    ('"ann@example.com" or \\ann@example.com\\', '"(e-mail)" or \\(e-mail)\\'),
    ("https://shop.test/?m=ann%40example.com&n=1", "https://shop.test/?m=(e-mail)&n=1"),
    ("@ann and a@b are none", "@ann and a@b are none"),
]


def test_addresses_within_a_text_are_not_shown(hasher: Path) -> None:
    shown = [text for _, _, text in hashes(hasher, [text for text, _ in WITH_ADDRESSES])]
    assert shown == [expected for _, expected in WITH_ADDRESSES]


@settings(max_examples=5, deadline=None)
@given(st.lists(st.text(alphabet='a.@%40"\\\n\x01u0 é', max_size=30), min_size=200, max_size=200))
def test_it_stays_json_without_them(hasher: Path, texts: list[str]) -> None:
    """`hashes` fails where it does not."""
    for text, (_, _, shown) in zip(texts, hashes(hasher, texts), strict=True):
        assert shown == text or "(e-mail)" in str(shown)


def test_a_long_text_is_looked_through_in_no_time(hasher: Path) -> None:
    """From each of its million letters to the end would be an hour; `hashes` waits a minute."""
    text = "x" * 1_000_000
    assert hashes(hasher, [text])[0][2] == text


@settings(max_examples=5, deadline=None)
@given(st.lists(st.text(max_size=300), min_size=100, max_size=100))
def test_sha256_is_that_of_everybody(hasher: Path, texts: list[str]) -> None:
    usable = [text.encode("utf-8", "replace").decode() for text in texts]
    assert [digest for digest, _, _ in hashes(hasher, usable)] == [
        hashlib.sha256(t.encode()).hexdigest() for t in usable
    ]
