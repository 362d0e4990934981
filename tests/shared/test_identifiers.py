"""What is an e-mail address: no text with a space or a control character in it, wherever that stands."""

from __future__ import annotations

import sys
import unicodedata

from wanamaker_shared.contracts.identifiers import normalise_email


def test_no_space_and_no_control_character_is_part_of_an_address() -> None:
    refused = [c for c in map(chr, range(sys.maxunicode + 1)) if c.isspace() or unicodedata.category(c) == "Cc"]
    assert {" ", "\t", "\x00", "\x85", "\u2009"} <= set(refused)
    for character in refused:
        for address in (f"a{character}nn@example.com", f"ann@exam{character}ple.com"):
            assert normalise_email(address) is None, hex(ord(character))
