"""A look at an XLSX before a library opens it: an archive can hold a bomb, and XML can name files, addresses and itself.

Sizes and ratios come from the archive's directory, and every XML part is run through a parser that stops at the first DTD, so
that no entity is ever defined, let alone fetched or multiplied.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from xml.parsers import expat

from ..spreadsheet.refusal import Refused

TOTAL_BYTES = 2 << 30
"""A million rows of twenty columns are about one gigabyte of XML."""
STRINGS_BYTES = 128 << 20
"""Texts that cells share are in memory while the file is read."""
OTHER_BYTES = 16 << 20
"""Of every other part but the sheets: styles, relations, the workbook."""
MEMBERS = 10_000
RATIO = 250
"""Sheets shrink to a tenth or thirtieth; a thousandth is a bomb."""
_RATIO_FROM = 8 << 20
RUN_BYTES = 1 << 20
"""So many bytes without a `<` are no cell: Excel's have 32,767 letters at most."""
DEPTH = 256
"""Elements within elements; those of spreadsheets are some ten deep."""
_XML = (".xml", ".rels", ".vml")
_NOT_XML = (".png", ".jpeg", ".jpg", ".gif", ".emf", ".wmf", ".bin", ".tiff", ".svm")
_SAVE = "save it again as .xlsx, or as CSV"


def check_archive(archive: zipfile.ZipFile) -> None:
    """Raises Refused; nothing but this archive is read."""
    members = archive.infolist()
    names = {member.filename for member in members}
    if "mimetype" in names and "content.xml" in names:
        raise Refused(f"the file is an OpenDocument spreadsheet (.ods); {_SAVE}")
    if "[Content_Types].xml" not in names:
        raise Refused("the file is a zip archive, and no XLSX; unpack it, and send what is in it")
    if len(members) > MEMBERS or len(names) != len(members):
        raise Refused(f"the archive of the XLSX has more than {MEMBERS:,} parts, or two of one name; {_SAVE}")
    _check_sizes(members)
    for member in members:
        if member.filename.lower().endswith(_NOT_XML) or member.is_dir():
            continue
        _check_xml(archive, member)


def _check_sizes(members: list[zipfile.ZipInfo]) -> None:
    if any(member.flag_bits & 0x1 for member in members):
        raise Refused(f"the XLSX is protected by a password; {_SAVE} without one")
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
        raise Refused(f"the XLSX is packed in a way that spreadsheet programs do not use; {_SAVE}")
    if sum(member.file_size for member in members) > TOTAL_BYTES:
        raise Refused(f"the XLSX unpacks to more than {TOTAL_BYTES >> 20:,} MB; send it as CSV, or in parts")
    for member in members:
        if member.file_size > _RATIO_FROM and member.file_size > RATIO * max(member.compress_size, 1):
            raise Refused(f"a part of the XLSX unpacks to more than {RATIO} times its size, as a bomb does; {_SAVE}")
        limit = _limit(member.filename.lower())
        if member.file_size > limit:
            raise Refused(f"a part of the XLSX unpacks to more than {limit >> 20:,} MB; send it as CSV")


def _limit(name: str) -> int:
    if "/worksheets/" in f"/{name}":
        return TOTAL_BYTES
    return STRINGS_BYTES if name.endswith("sharedstrings.xml") else OTHER_BYTES


def _check_xml(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    parser = _parser()
    is_xml = member.filename.lower().endswith(_XML)
    try:
        for number, block in enumerate(_blocks(archive, member)):
            if number == 0 and not is_xml and b"<" not in block:
                return
            if len(block) == RUN_BYTES and b"<" not in block:
                raise Refused(f"a part of the XLSX has a cell of more than {RUN_BYTES >> 20} MB; no cell is that long")
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError):  # the last two of encodings that it does not know
        if is_xml:
            raise Refused(f"a part of the XLSX is no XML that can be read; {_SAVE}") from None


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_dtd
    parser.EntityDeclHandler = _refuse_dtd
    parser.ordered_attributes = True
    depth = 0

    def start(_name: str, _attributes: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH:
            raise Refused(f"a part of the XLSX has more than {DEPTH} elements within each other; {_SAVE}")

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    return parser


def _blocks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(member) as part:
            while block := part.read(RUN_BYTES):
                yield block
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise Refused(f"the archive of the XLSX is damaged; {_SAVE}") from None


def _refuse_dtd(*_: object) -> None:
    raise Refused(f"a part of the XLSX has a DTD or an entity, which could name files or addresses; {_SAVE}")
