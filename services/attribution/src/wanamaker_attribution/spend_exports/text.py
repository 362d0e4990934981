"""The text of an export: UTF-8 or UTF-16, as the platforms write it, with or without a byte order mark. Never guessed."""

from __future__ import annotations

import codecs

from .layout import BadExport

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SPREADSHEET = b"PK\x03\x04"
_OLD_SPREADSHEET = b"\xd0\xcf\x11\xe0"
_AGAIN = "Send the file as the platform gave it, or save it as 'CSV UTF-8'."


def text_of(content: bytes) -> str:
    """The file as text, without its mark. Raises BadExport."""
    if content.startswith((_SPREADSHEET, _OLD_SPREADSHEET)):
        raise BadExport(
            "The file is a spreadsheet, not CSV. Choose CSV in the platform's export, or save it as 'CSV UTF-8'."
        )
    mark, encoding = next(
        ((mark, encoding) for mark, encoding in _MARKS if content.startswith(mark)), (b"", _unmarked(content))
    )
    try:
        text = content[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        before = content[len(mark) : len(mark) + error.start].decode(encoding, errors="replace")
        raise BadExport(f"Line {before.count(chr(10)) + 1} is not {encoding[:6].upper()}. {_AGAIN}") from error
    if "\x00" in text:
        raise BadExport(f"Line {text.count(chr(10), 0, text.index(chr(0))) + 1} holds a NUL. {_AGAIN}")
    return text


def _unmarked(content: bytes) -> str:
    """UTF-16 without a mark shows by the zeros beside ASCII letters."""
    head = content[:200]
    if len(content) % 2 == 0 and len(head) >= 4:
        if head[1::2].count(0) > len(head) // 3 and 0 not in head[::2]:
            return "utf-16-le"
        if head[::2].count(0) > len(head) // 3 and 0 not in head[1::2]:
            return "utf-16-be"
    return "utf-8"
