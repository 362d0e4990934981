"""CSV files made to hurt: each is refused with a word that says what and where, or costs its own rows and nothing else."""

from __future__ import annotations

import codecs
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crm_bridge.judging import judged
from wanamaker_crm_bridge.importing.csv_file import CELL_CHARACTERS
from wanamaker_crm_bridge.importing.judging import Watch, survey
from wanamaker_crm_bridge.importing.opening import open_source
from wanamaker_crm_bridge.spreadsheet.encodings import encoding_of
from wanamaker_crm_bridge.spreadsheet.options import Options
from wanamaker_crm_bridge.spreadsheet.refusal import Refused

HEAD = "Deal ID,Deal Name,Amount,Currency,Contact Email,Close Date\n"
GOOD = "D1,Relaunch,10.50,EUR,ann@shop.example,2026-01-31\n"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "the file is empty"),
        (b"\n\n\n", "has one column"),
        (HEAD.encode() + b"D1,\x00,1,EUR,,\n", "byte 62 is a NUL"),
        ((HEAD + GOOD).encode("utf-16-le"), "byte 1 is a NUL, which no text has; if the file is UTF-16 without a mark"),
        ((HEAD + GOOD).encode("utf-32"), "UTF-32"),
        ((HEAD + GOOD).encode("utf-16")[:-1], "was cut off"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8D\x00", "no utf-16"),
        ("D1,é\n".encode() + "D2,é\n".encode("cp1252"), "byte 9 is not UTF-8, and at byte 3 stands a letter in UTF-8"),
        (HEAD.encode() + b"D1,\x81\x90,1,EUR,,\n", "in neither of the encodings"),
        (b"\xd0\xcf\x11\xe0" + bytes(512), "before 2007 (.xls)"),
        (b"%PDF-1.7\n%\xe2", "a PDF"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (HEAD.encode() + b'D1,"' + b"x" * (10 << 20) + b'",1,EUR,,\n', "line 2 has more than 1,048,576 characters"),
        (HEAD.encode() + b'D1,"' + b"x\n" * (2 << 20) + b'",1,EUR,,\n', f"a cell of more than {CELL_CHARACTERS:,}"),
        (HEAD.encode() + b'D1,"never closed\n' + GOOD.encode() * 10_000, "a quote in it is not closed"),
        (HEAD.encode() + b'D1,"never closed\n' + GOOD.encode() * 3, "line 2 begins a quote that is never closed"),
        (
            HEAD.encode() + b'D1,"Nail 5,1\nD2,"x",2\n' + GOOD.encode(),
            "or has one within a text that is not written twice",
        ),
        (HEAD.encode() + b"D1,1" + b',"\n"' * (2 << 20), "does not end; a quote before it is not closed"),
        ((",".join(f"c{n}" for n in range(1000)) + "\n").encode() + HEAD.encode(), "line 1 has 1,000 cells"),
        (b"Name,Adresse\nx,y\n", "row of headings"),
        (b"Amount,Currency\n1,EUR\n", "no column says which deal a row is"),
        (b"Deal ID\nD1\n", "has one column"),
        (b"Deal ID;Amount,Status\nD1;5,won\n", "part the cells equally well; say with `delimiter` which it is"),
        (HEAD.encode(), "no row stands below the headings of line 1"),
    ],
    ids=range(24),
)
def test_a_file_that_cannot_be_trusted_is_refused_as_a_whole(body: bytes, why: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        judged(body, tmp_path)
    assert why in str(refusal.value)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("D2,x,=1+1,EUR,,\n", 'amount ("Amount") is no amount'),
        ('D2,x,"=HYPERLINK(""http://evil.example"")",EUR,,\n', 'amount ("Amount") is no amount'),
        ("D2,x,1e999,EUR,,\n", 'amount ("Amount") is no amount'),
        ("D2,x,999999999999999,EUR,,\n", 'amount ("Amount") must be smaller than 10^14'),
        ("D2,x,NaN,EUR,,\n", 'amount ("Amount") is no amount'),
        ("D2,x,١٢٣,EUR,,\n", 'amount ("Amount") is no amount'),
        ("D2,x,1,XXX,,\n", 'currency ("Currency") must be an ISO 4217 code such as "EUR"'),
        ("D2,x,€ 1,USD,,\n", 'amount ("Amount") has the sign of another currency than currency ("Currency")'),
        ("D2,x,1,EUR,,2026-02-30\n", 'closed_at ("Close Date") is a day that the calendar does not have'),
        ("D2,x,(-1),EUR,,\n", 'amount ("Amount") has two signs'),
        ("D2,x,-1-,EUR,,\n", 'amount ("Amount") has two signs'),
        ("D2,x,+1-,EUR,,\n", 'amount ("Amount") has two signs'),
        ("D2,x,1,EUR,,46022\n", 'closed_at ("Close Date") is no date'),
        (f"D2,{'x' * 10_001},1,EUR,,\n", 'name ("Deal Name") has more than 10,000 characters'),
        (f"{'D' * 257},x,1,EUR,,\n", 'id ("Deal ID") must have 1 to 256 characters'),
        ("D\x072,x,1,EUR,,\n", 'id ("Deal ID") must not be blank or hold control characters or lone surrogates'),
        ("D2,x,1,EUR,a@b.example,2026-01-01,more\n", "has 7 cells under 6 headings"),
        ("1.23457E+11,x,1,EUR,,\n", 'id ("Deal ID") is a number that the spreadsheet program cut short'),
        ('"1,23457E+11",x,1,EUR,,\n', 'id ("Deal ID") is a number that the spreadsheet program cut short'),
    ],
    ids=range(19),
)
def test_a_bad_row_costs_itself_and_says_why(row: str, why: str, tmp_path: Path) -> None:
    found = judged(HEAD + GOOD + row + GOOD.replace("D1", "D3"), tmp_path)
    assert found.verdicts() == {2: "good", 3: "bad", 4: "good"}
    assert why in found.reasons(3)[0]
    assert [failure.item for failure in found.failures] == ["line 3"]
    assert {event.deal_id for event in found.events if event.type == "deal.revised"} == {"D1", "D3"}


def test_empty_cells_behind_the_last_heading_are_no_fault(tmp_path: Path) -> None:
    assert judged(f"{HEAD}D1,x,1,EUR,,2026-01-31,, ,\n", tmp_path).verdicts() == {2: "good"}


def test_no_reason_quotes_a_cell(tmp_path: Path) -> None:
    secret = "hush-hush@private.example"
    found = judged(f"{HEAD}{secret * 12},{secret},{secret},{secret},{secret},{secret}\n", tmp_path)
    (judgement,) = found.judged
    assert len(judgement.reasons) == 4
    assert "hush" not in " ".join(judgement.reasons)


def test_a_long_id_that_a_spreadsheet_program_cut_short_names_nobody(tmp_path: Path) -> None:
    found = judged('Deal ID,Contact ID,Company ID\nD1,1.23457E+11,1\nD2,7,"5,1E+20"\n1E5,2e10,\n', tmp_path)
    assert found.verdicts() == {2: "bad", 3: "bad", 4: "good"}
    assert found.reasons(2)[0].startswith(
        'contact_id ("Contact ID") is a number that the spreadsheet program cut short'
    )
    assert found.reasons(3)[0].startswith(
        'company_id ("Company ID") is a number that the spreadsheet program cut short'
    )


def test_a_quote_within_an_unquoted_cell_is_a_letter(tmp_path: Path) -> None:
    found = judged(f'{HEAD}D1,Nail 5",1,EUR,,\nD2,"Nail 6""",1,EUR,,\n', tmp_path)
    assert [event.personal.v["name"] for event in found.events] == ['Nail 5"', 'Nail 6"']


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx"])
def test_what_looks_like_a_formula_is_text(cell: str, tmp_path: Path) -> None:
    found = judged(f'{HEAD}D1,"{cell}",1,EUR,,\n', tmp_path)
    (deal,) = found.events
    assert deal.personal.v["name"] == cell.strip()


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
        lambda text: text.encode("cp1252"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: ("\n\nReport of January\n\n" + text).encode(),
        lambda text: ("sep=,\n" + text).encode(),
        lambda text: (text + "\n,,,,,\n \n").encode(),
        lambda text: text.replace("\n", ",,,\n").encode(),
    ],
    ids=[
        "utf-8",
        "mark",
        "utf-16-le",
        "utf-16-be",
        "1252",
        "crlf",
        "cr",
        "title above",
        "sep",
        "empty rows",
        "empty cells",
    ],
)
def test_one_table_in_every_dress(encode: Callable[[str], bytes], tmp_path: Path) -> None:
    found = judged(encode(HEAD + GOOD.replace("Relaunch", "Café Müller")), tmp_path)
    deal, contact = found.events
    assert (deal.deal_id, deal.personal.v["name"], deal.properties["amount"]) == ("D1", "Café Müller", "10.50")
    assert contact.personal.v == {"emails": ["ann@shop.example"]}


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_among_those_in_the_cells(sign: str, tmp_path: Path) -> None:
    cells = [["Deal ID", "Deal Name", "Pipeline"], *([f"D{n}", '"a, b; c | d"', "x"] for n in range(5))]
    found = judged("\n".join(sign.join(row) for row in cells), tmp_path)
    assert [event.personal.v["name"] for event in found.events] == ["a, b; c | d"] * 5


def test_a_row_stands_at_the_line_where_it_begins(tmp_path: Path) -> None:
    found = judged(f'{HEAD}D1,"two\nlines",1,EUR,,\n\nD2,x,many,EUR,,\n', tmp_path)
    assert found.verdicts() == {2: "good", 5: "bad"}


@pytest.mark.parametrize(
    "body",
    [
        HEAD.encode() + b'D1,"' + b"x" * (30 << 20) + b'"\n',
        HEAD.encode() + b'D1,"' + b"x\n" * (15 << 20) + b'"\n',
        HEAD.encode() + b"," * (30 << 20),
        HEAD.encode() + b'D1,"\n"' + b',"\n"' * (7 << 20),
        b"\n" * (30 << 20) + HEAD.encode(),
    ],
    ids=["one line", "one cell", "one row of commas", "one row of quotes", "no rows"],
)
def test_no_file_fills_the_memory(body: bytes, tmp_path: Path) -> None:
    """Thirty megabytes each; a record may have four million letters, and is held twice."""
    path = tmp_path / "body"
    path.write_bytes(body)
    del body
    tracemalloc.start()
    try:
        with pytest.raises(Refused):
            survey(open_source(path, Options()), Options(), tmp_path, Watch())
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_a_letter_that_two_blocks_share_is_seen() -> None:
    def read(*blocks: bytes) -> str:
        return encoding_of(lambda: blocks, None).name

    with pytest.raises(Refused, match=r"byte 10 is not UTF-8, and at byte 2 stands a letter in UTF-8"):
        read(b"Id\xc3", b"\xa9,x\nD1,\xe9\n")
    assert read("Łódź;Łódź;".encode("cp1250")[:-2], "ź;".encode("cp1250")) == "windows-1250"
    assert read(b"Id;Name\n1;\xe9t\xe9 \xb3", b" \xe0\n") == "windows-1252"


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("Łódź i Kraków", "windows-1250"),
        ("Część żółtych zamówień", "windows-1250"),
        ("Année à Besançon", "windows-1252"),
        ("El Niño, São Paulo", "windows-1252"),
        ("Größe für Bär", "windows-1252"),
    ],
)
def test_the_code_page_is_told_by_the_letters(name: str, page: str, tmp_path: Path) -> None:
    """The headings are of no language here."""
    codec = {"windows-1250": "cp1250", "windows-1252": "cp1252"}[page]
    found = judged(f"Id;Email;Deal Name\nD1;;{name}\n".encode(codec), tmp_path)
    assert found.events[0].personal.v["name"] == name
    assert found.reading["encoding"] == page


def test_a_code_page_that_letters_leave_open_is_that_of_the_headings(tmp_path: Path) -> None:
    """Byte EA is ê in the west and ę in the centre of Europe."""
    for head, name in (("Id;Wartość;Nazwa", "Pręt"), ("Id;Montant;Nom", "Prêt")):
        codec = "cp1250" if "ę" in name else "cp1252"
        body = f"{head.replace('ść', 'sc')}\nD1;5;{name}\n".encode(codec)
        assert judged(body, tmp_path).events[0].personal.v["name"] == name


def test_a_code_page_that_nothing_tells_is_asked(tmp_path: Path) -> None:
    body = "Id;Amount;Name\nD1;5;Prêt\n".encode("cp1252")
    with pytest.raises(Refused, match="Western or of Central Europe") as refusal:
        judged(body, tmp_path)
    assert refusal.value.option == "encoding"


def test_an_encoding_that_was_said_is_taken(tmp_path: Path) -> None:
    body = "Id;Amount;Name\nD1;5;Prêt\n".encode("cp1252")
    assert judged(body, tmp_path, encoding="windows-1250").events[0].personal.v["name"] == "Pręt"
    with pytest.raises(Refused, match="byte 22 is no utf-8"):
        judged(body, tmp_path, encoding="utf-8")
