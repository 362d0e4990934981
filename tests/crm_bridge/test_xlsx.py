"""XLSX: what its cells say, and files made to hurt, of which no byte leaves the archive."""

from __future__ import annotations

import datetime
import inspect
import io
import socket
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any, NoReturn
from xml.etree import ElementTree

import openpyxl
import pytest

from tests.crm_bridge.judging import judged
from tests.crm_bridge.workbooks import GOOD, HEAD, SHEET, changed, part, with_named, workbook
from wanamaker_crm_bridge.importing import xlsx_guard
from wanamaker_crm_bridge.importing.xlsx_file import NOT_SAVED
from wanamaker_crm_bridge.spreadsheet.refusal import Refused

BOOK = workbook(HEAD, GOOD)
XML = b'<?xml version="1.0" encoding="UTF-8"?>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCTYPE = {
    "a file": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "an address": b'<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/x">]>',
    "a DTD elsewhere": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    "a public DTD": b'<!DOCTYPE x PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://127.0.0.1:9/x.dtd">',
    "a parameter": b'<!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1:9/x"> %e;]>',
    "laughs": b'<!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12))
    + b"]>",
    "one long entity": b'<!DOCTYPE x [<!ENTITY a "' + b"ha" * 100_000 + b'">]>',
    "nothing": b"<!DOCTYPE x>",
}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a file made somebody look for an address")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def deal(body: bytes, directory: Path, **stated: str) -> Any:
    return judged(body, directory, **stated).events[0]


def test_values_of_every_type(tmp_path: Path) -> None:
    def shape(book: Any) -> None:
        sheet = book.active
        sheet["C2"].number_format = '#,##0.00\\ "zł"'
        sheet["C3"].number_format = "[$€-407]\\ #,##0"
        sheet["C4"].number_format = "0.00%"

    body = workbook(
        HEAD,
        (4711, "one", 0.1 + 0.2, datetime.date(2026, 1, 31), "ann@shop.example"),
        (4712.0, "two", 1234567, datetime.datetime(2026, 2, 1, 10, 30, 15), None),
        ("D3", True, 3e15 / 1000, datetime.datetime(1999, 12, 31), None),
        change=shape,
    )
    found = judged(body, tmp_path)
    assert [each.verdict for each in found.judged] == ["good"] * 3
    one, two, three = [event for event in found.events if event.type == "deal.revised"]
    assert (one.deal_id, one.properties) == (
        "4711",
        {"amount": "0.3", "currency": "PLN", "closed_at": "2026-01-31"},
    )
    assert (two.deal_id, two.properties) == (
        "4712",
        {"amount": "1234567", "currency": "EUR", "closed_at": "2026-02-01"},
    )
    assert (three.personal.v["name"], three.properties) == (
        "true",
        {"amount": "3000000000000", "closed_at": "1999-12-31"},
    )


def test_openpyxl_still_has_inside_what_the_reader_uses_of_it(tmp_path: Path) -> None:
    """Names that are not promised: where a newer openpyxl fails, `importing/xlsx_file.py` needs another way to walk its rows."""
    from openpyxl.worksheet import _reader

    book: Any = openpyxl.load_workbook(io.BytesIO(BOOK), read_only=True, data_only=True)
    for thing, names in (
        (_reader, ["DATA_TAG", "FORMULA_TAG", "ROW_TAG", "WorkSheetParser"]),
        (book, ["_archive", "_date_formats", "_timedelta_formats", "epoch"]),
        (book.worksheets[0], ["_worksheet_path", "_shared_strings"]),
    ):
        assert [name for name in names if not hasattr(thing, name)] == [], openpyxl.__version__
    taken = inspect.signature(_reader.WorkSheetParser.__init__).parameters
    assert {"data_only", "epoch", "date_formats", "timedelta_formats"} <= set(taken), openpyxl.__version__
    parser: Any = _reader.WorkSheetParser(io.BytesIO(), ["one", "two"], data_only=True)
    parser.row_counter, parser.col_counter = 7, 0
    cell = ElementTree.fromstring(f'<c xmlns="{MAIN}" r="C7" t="s" s="4"><v>1</v></c>')
    read = {name: parser.parse_cell(cell)[name] for name in ("column", "value", "data_type", "style_id")}
    assert read == {"column": 3, "value": "two", "data_type": "s", "style_id": 4}, openpyxl.__version__


@pytest.mark.parametrize(
    ("number_format", "said", "currency", "noted"),
    [
        ('"$"#,##0.00', None, "USD", True),
        ('"$"#,##0.00', "CAD", "CAD", False),
        ("$#,##0.00", None, "USD", True),
        ("[$$-409]#,##0.00", "CAD", "USD", False),
        ("[$$-1009]#,##0.00", None, "CAD", False),
        ("[$$-en-AU]#,##0.00", None, "AUD", False),
        ("#,##0.00\\ [$€-x-euro2]", None, "EUR", False),
        ("[$¥-804]#,##0.00", None, "CNY", False),
        ("[$USD] #,##0.00", "CAD", "USD", False),
    ],
)
def test_a_format_may_name_the_currency(
    number_format: str, said: str | None, currency: str, noted: bool, tmp_path: Path
) -> None:
    def shape(book: Any) -> None:
        book.active["C2"].number_format = number_format

    found = judged(workbook(HEAD, GOOD, change=shape), tmp_path, **({} if said is None else {"currency": said}))
    assert found.events[0].properties["currency"] == currency
    assert any("is read as" in note and "currency" in note for note in found.reading["notes"]) == noted


def test_a_number_that_excel_cut_short_is_no_id(tmp_path: Path) -> None:
    found = judged(workbook(HEAD, (1.2345678901234567e19, *GOOD[1:]), (12345678901, *GOOD[1:])), tmp_path)
    assert found.verdicts() == {2: "bad", 3: "good"}
    assert "cut short" in found.reasons(2)[0]


def test_a_time_is_exact_in_the_zone_that_was_said(tmp_path: Path) -> None:
    body = workbook(HEAD, ("D1", "x", 1, datetime.datetime(2026, 7, 1, 10, 30), None))
    assert deal(body, tmp_path).properties["closed_at"] == "2026-07-01"
    assert deal(body, tmp_path, zone="Europe/Warsaw").properties["closed_at"] == "2026-07-01T08:30:00Z"


def test_a_time_is_that_of_the_nearest_second(tmp_path: Path) -> None:
    times = (datetime.datetime(2026, 1, 31, 10, 30, 14, 600_000), datetime.datetime(2026, 1, 31, 23, 59, 59, 700_000))
    body = workbook(HEAD, *(("D1", "x", 1, time, None) for time in times))
    found = [event.properties["closed_at"] for event in judged(body, tmp_path, zone="UTC").events]
    assert found == ["2026-01-31T10:30:15Z", "2026-02-01"]


def test_dates_of_1904(tmp_path: Path) -> None:
    def epoch(book: Any) -> None:
        book.epoch = openpyxl_epoch

    from openpyxl.utils.datetime import CALENDAR_MAC_1904 as openpyxl_epoch

    body = workbook(HEAD, ("D1", "x", 1, datetime.date(2026, 1, 31), None), change=epoch)
    assert deal(body, tmp_path).properties["closed_at"] == "2026-01-31"


def test_a_formula_counts_as_the_value_it_was_saved_with(tmp_path: Path) -> None:
    body = workbook(HEAD, ("D1", "x", "=2*3", None, None), ("D2", "x", "=7*6", None, None))
    body = changed(body, SHEET, b"<f>2*3</f><v />", b"<f>2*3</f><v>6</v>")
    found = judged(body, tmp_path)
    assert found.verdicts() == {2: "good", 3: "bad"}
    assert found.events[0].properties["amount"] == "6"
    assert found.reasons(3) == (f'amount ("Amount") {NOT_SAVED}',)


def test_an_error_of_the_spreadsheet_is_a_bad_cell(tmp_path: Path) -> None:
    found = judged(workbook(HEAD, ("D1", "x", "#N/A", None, None)), tmp_path)
    assert found.reasons(2) == ('amount ("Amount") is an error of the spreadsheet',)


def test_the_first_visible_sheet_is_read_and_the_others_are_told(tmp_path: Path) -> None:
    def more(book: Any) -> None:
        book.active.sheet_state = "hidden"
        other = book.create_sheet("2026")
        other.append(HEAD)
        other.append(("D7", *GOOD[1:]))

    body = workbook(HEAD, GOOD, change=more)
    found = judged(body, tmp_path)
    assert (found.events[0].deal_id, found.reading["sheet"], found.reading["sheets_not_read"]) == (
        "D7",
        "2026",
        ["Sheet"],
    )
    assert deal(body, tmp_path, sheet="Sheet").deal_id == "D1"
    with pytest.raises(Refused, match="no sheet of that name, only Sheet, 2026"):
        judged(body, tmp_path, sheet="2027")


def test_rows_keep_their_numbers_and_a_lying_dimension_is_not_believed(tmp_path: Path) -> None:
    body = workbook((), ("Deals of 2026",), (), HEAD, GOOD, (), ("D2", "x", "many", None, None))
    dimension = part(body, SHEET).partition(b"<dimension")[2].partition(b"/>")[0]
    body = changed(body, SHEET, dimension, b' ref="A1:XFD1048576"')
    assert judged(body, tmp_path).verdicts() == {5: "good", 7: "bad"}


@pytest.mark.parametrize("where", [SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml", "_rels/.rels"])
@pytest.mark.parametrize("doctype", DOCTYPE.values(), ids=DOCTYPE)
def test_a_dtd_in_any_part_is_refused(where: str, doctype: bytes, tmp_path: Path) -> None:
    content = part(BOOK, where)
    content = XML + doctype + content[content.index(b"?>") + 2 if content.startswith(b"<?xml") else 0 :]
    with pytest.raises(Refused, match="DTD or an entity"):
        judged(with_named(BOOK, {where: content}), tmp_path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "iso-8859-1", "utf-7", "cp037"])
def test_a_dtd_is_seen_in_every_encoding(encoding: str, tmp_path: Path) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + DOCTYPE["laughs"].decode() + "<x>&c;</x>"
    with pytest.raises(Refused, match=r"DTD or an entity|no XML that can be read"):
        judged(with_named(BOOK, {SHEET: text.encode(encoding)}), tmp_path)


def test_a_part_under_another_name_is_looked_at_too(tmp_path: Path) -> None:
    body = with_named(BOOK, {"xl/theme/sheet.dat": XML + DOCTYPE["a file"] + b"<x>&e;</x>"})
    with pytest.raises(Refused, match="DTD or an entity"):
        judged(body, tmp_path)


def bomb(size: int) -> bytes:
    """One part of zeros that shrinks to a thousandth."""
    return with_named(BOOK, {"xl/media/zeros.xml": b"<x>" + b" " * size + b"</x>"})


def test_bombs_are_refused_before_they_unpack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = with_named(BOOK, {"xl/styles.xml": bytes(17 << 20)}, compression=zipfile.ZIP_STORED)
    files = ((bomb(15 << 20), "250 times its size"), (stored, "more than 16 MB"))
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("unpacked"))
    for body, why in files:
        with pytest.raises(Refused, match=why):
            xlsx_guard.check_archive(zipfile.ZipFile(io.BytesIO(body)))
    monkeypatch.setattr(xlsx_guard, "TOTAL_BYTES", 1000)
    with pytest.raises(Refused, match="unpacks to more than"):
        xlsx_guard.check_archive(zipfile.ZipFile(io.BytesIO(BOOK)))


def test_an_archive_with_two_parts_of_one_name_is_refused(tmp_path: Path) -> None:
    """One would be looked at, and the other read."""
    out = io.BytesIO(BOOK)
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(SHEET, part(BOOK, SHEET))
    with pytest.raises(Refused, match="two of one name"):
        judged(out.getvalue(), tmp_path)


def test_a_size_that_lies_ends_where_it_said(tmp_path: Path) -> None:
    """The directory says ten bytes of a part that has millions."""
    body = bytearray(bomb(4 << 20))
    place = body.rindex(b"xl/media/zeros.xml") - 46
    body[place + 24 : place + 28] = (10).to_bytes(4, "little")
    with pytest.raises(Refused, match=r"damaged|no XML"):
        judged(bytes(body), tmp_path)


@pytest.mark.parametrize(
    ("sheet", "why"),
    [
        (
            b'<row r="1"><c r="A1" t="inlineStr"><is><t>' + b"x" * (11 << 20) + b"</t></is></c></row>",
            "no cell is that long",
        ),
        (b'<row r="1">' + b"<c/>" * 300_000 + b"</row>", "more than 16,384 cells"),
        (b'<row r="1">' + b"<c>" * 300_000 + b"</c>" * 300_000 + b"</row>", "256 elements within"),
        (b'<row r="1"><c r="ZZZ1"><v>1</v></c></row>', "column 18,278, and at most 500"),
        (b'<row r="99999999999"><c><v>1</v></c></row>', "no sheet has more than 1,048,576"),
        (b'<row r="x"><c><v>1</v></c></row>', "cannot be read"),
        (b'<row r="1"><c r="A1" t="s"><v>99</v></c></row>', "cannot be read"),
        (b'<row r="1"><c r="1"><v>1</v></c></row>', "cannot be read"),
        (b'<row r="1"><c r="A1" s="999"><v>1</v></c></row>', "cannot be read"),
        (b'<row r="1"><c r="A1">', "no XML that can be read"),
        (b"", "the file has no rows"),
    ],
    ids=range(11),
)
def test_a_sheet_made_to_hurt_is_refused(sheet: bytes, why: str, tmp_path: Path) -> None:
    content = (
        XML
        + b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + sheet
        + b"</sheetData></worksheet>"
    )
    body = with_named(BOOK, {SHEET: content}, compression=zipfile.ZIP_STORED)
    tracemalloc.start()
    try:
        with pytest.raises(Refused, match=why):
            judged(body, tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"PK\x03\x04" + bytes(100), "damaged"),
        (BOOK[: len(BOOK) // 2], "damaged"),
        (BOOK.replace(b"xl/workbook.xml", b"xl/workbook.xmx"), "cannot be read|damaged"),
        (with_named(BOOK, {"xl/workbook.xml": b"<x/>"}), "cannot be read|no sheet"),
        (with_named(BOOK, {"xl/workbook.xml": b"not xml"}), "no XML"),
        (with_named(BOOK, {"xl/_rels/workbook.xml.rels": b"<x/>"}), "cannot be read|no sheet"),
        (with_named(BOOK, {SHEET: bytes(100)}), "no XML"),
    ],
    ids=range(7),
)
def test_a_broken_archive_is_refused(body: bytes, why: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=why):
        judged(body, tmp_path)


def test_other_archives_are_told_apart(tmp_path: Path) -> None:
    for names, why in ((["mimetype", "content.xml"], "OpenDocument"), (["deals.csv"], "a zip archive, and no XLSX")):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name in names:
                archive.writestr(name, "x")
        with pytest.raises(Refused, match=why):
            judged(out.getvalue(), tmp_path)


def test_a_password_is_told(tmp_path: Path) -> None:
    body = bytearray(BOOK)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = body.find(signature)
        while at >= 0:
            body[at + offset] |= 1
            at = body.find(signature, at + 4)
    with pytest.raises(Refused, match="protected by a password"):
        judged(bytes(body), tmp_path)


def test_links_and_macros_are_not_followed(tmp_path: Path) -> None:
    link = XML + b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    body = with_named(BOOK, {"xl/externalLinks/externalLink1.xml": link, "xl/vbaProject.bin": b"\x00" * 100})
    assert deal(body, tmp_path).deal_id == "D1"
