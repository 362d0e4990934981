"""How a file's bytes are text: UTF-8 or UTF-16 by its mark, UTF-8 without one, else Windows-1252 or -1250 by what it says.

The whole file is looked at, in blocks. A mixture is refused with the byte's place, and so is a NUL, which no text has.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from .refusal import Refused
from .words import HEADINGS, plain

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CODECS = {
    "utf-8": "utf-8-sig",
    "utf-16": "utf-16",
    "windows-1252": "cp1252",
    "windows-1250": "cp1250",
    "iso-8859-2": "iso8859-2",
}
"""What one calls an encoding → what Python does."""
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
_WESTERN = re.compile("[àèùåøãõûïÀÈÙÅØÃÕÛÏ]".encode("cp1252"))
"""In the centre these are ŕ č ů ĺ ř ă ő ű ď, none of them Polish."""
_LETTER = rb"[A-Za-z\x80-\xff]"
_POLISH = "[łążźŁĄŻŹ]".encode("cp1250")
_CENTRAL = re.compile(b"(?<=" + _LETTER + b")" + _POLISH + b"|" + _POLISH + b"(?=" + _LETTER + b")")
"""In the west these are ³ ¹ ¿ Ÿ £ ¥ ¯, which stand beside no letter. Others (ê ę, ñ ń, œ ś) may be either."""
_HEAD_BYTES = 65_536

Blocks = Callable[[], Iterable[bytes]]
"""Reads the file again from its beginning, block by block."""


@dataclass(frozen=True, slots=True)
class Encoding:
    name: str
    """As it is told: `utf-8`, `utf-16`, `windows-1252`, `windows-1250`."""
    codec: str


def encoding_of(blocks: Blocks, asked: str | None) -> Encoding:
    """Raises Refused."""
    head = _head(blocks)
    if asked is not None:
        encoding = Encoding(asked, CODECS[asked])
        _check(blocks, encoding)
        return encoding
    for mark, codec in MARKS:
        if head.startswith(mark):
            if codec == "utf-32":
                raise Refused("the file is UTF-32, which is not read; save it as UTF-8")
            encoding = Encoding(codec.removesuffix("-sig"), codec)
            _check(blocks, encoding)
            return encoding
    place = _first_not_utf8(blocks)
    if place is None:
        encoding = Encoding("utf-8", "utf-8-sig")
    else:
        if (multibyte := _first_multibyte(blocks)) is not None:
            raise Refused(
                f"the file mixes encodings: byte {place:,} is not UTF-8, and at byte {multibyte:,} stands a letter in UTF-8; "
                "save it in one encoding, or say with `encoding` which one is meant",
                option="encoding",
            )
        encoding = _code_page(blocks, head, place)
    _check(blocks, encoding)
    return encoding


def _head(blocks: Blocks) -> bytes:
    head = b""
    for block in blocks():
        head += block
        if len(head) >= _HEAD_BYTES:
            break
    return head[:_HEAD_BYTES]


def _check(blocks: Blocks, encoding: Encoding) -> None:
    """That all of the file is text in this encoding, without a NUL."""
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    wide = encoding.codec == "utf-16"
    passed = 0
    for block in blocks():
        if not wide and (nul := block.find(0)) >= 0:
            raise Refused(
                f"byte {passed + nul:,} is a NUL, which no text has; if the file is UTF-16 without a mark, say "
                "encoding=utf-16, else save it as UTF-8",
                option="encoding",
            )
        try:
            text = decoder.decode(block)
        except UnicodeDecodeError as error:
            held = len(error.object) - len(block)
            raise Refused(
                f"byte {passed - held + error.start:,} is no {encoding.name}; save the file as UTF-8", option="encoding"
            ) from None
        if wide and "\0" in text:
            raise Refused(f"a NUL stands within the {passed:,}th to {passed + len(block):,}th byte, which no text has")
        passed += len(block)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise Refused(f"the file ends within a letter, at byte {passed:,}; it was cut off") from None


def _first_not_utf8(blocks: Blocks) -> int | None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    passed = 0
    for block in blocks():
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            return passed - (len(error.object) - len(block)) + error.start
        passed += len(block)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return passed - len(error.object) + error.start
    return None


def _first_multibyte(blocks: Blocks) -> int | None:
    for start, piece in _overlapping(blocks):
        if (match := _MULTIBYTE.search(piece)) is not None:
            return start + match.start()
    return None


def _overlapping(blocks: Blocks) -> Iterator[tuple[int, bytes]]:
    """The blocks, each with the three bytes before it, so that nothing is cut in two."""
    passed, tail = 0, b""
    for block in blocks():
        yield passed - len(tail), tail + block
        passed += len(block)
        tail = (tail + block)[-3:]


def _code_page(blocks: Blocks, head: bytes, place: int) -> Encoding:
    """By bytes that are letters of one page's languages and hardly stand in words under the other; else by the headings."""
    pages = (Encoding("windows-1252", "cp1252"), Encoding("windows-1250", "cp1250"))
    western = central = 0
    differs = False
    impossible: dict[Encoding, int] = {}
    for start, piece in _overlapping(blocks):
        if not _HIGH.search(piece):
            continue
        for page in pages:
            if (undefined := _undefined(page, piece)) is not None:
                impossible.setdefault(page, start + undefined)
        western += len(_WESTERN.findall(piece))
        central += len(_CENTRAL.findall(piece))
        differs = differs or piece.decode("cp1252", "replace") != piece.decode("cp1250", "replace")
    possible = [page for page in pages if page not in impossible]
    if not possible:
        raise Refused(
            f"byte {place:,} is not UTF-8, and byte {max(impossible.values()):,} is in neither of the encodings of Western and "
            "Central European Windows; save the file as UTF-8, or say with `encoding` what it is",
            option="encoding",
        )
    if len(possible) == 1:
        return possible[0]
    if western != central or not differs:
        return pages[central > western]
    words = {plain(word) for word in re.split(r"[,;\t|\r\n]", head.decode("cp1250", "replace"))}
    polish = HEADINGS["pl"].keys() - HEADINGS["en"].keys() - HEADINGS["de"].keys() - HEADINGS["fr"].keys()
    others = (HEADINGS["fr"].keys() | HEADINGS["de"].keys()) - HEADINGS["pl"].keys()
    if bool(words & polish) == bool(words & others):
        raise Refused(
            f"byte {place:,} is not UTF-8, and nothing tells whether it is a letter of Western or of Central Europe; save the "
            "file as UTF-8, or say with `encoding` which it is (windows-1252 or windows-1250)",
            option="encoding",
        )
    return pages[bool(words & polish)]


def _undefined(page: Encoding, piece: bytes) -> int | None:
    try:
        piece.decode(page.codec)
    except UnicodeDecodeError as error:
        return error.start
    return None
