"""Whatever is done to an export, it is read or refused: nothing else is raised, and no line below the headings is lost."""

from __future__ import annotations

import contextlib
import csv
import io
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wanamaker_attribution.spend_exports import Asked, BadExport, read_export
from wanamaker_attribution.spend_exports.recognising import recognise
from wanamaker_attribution.uploads.exports import judge_export

GOLDEN = sorted(path.read_bytes().decode() for path in (Path(__file__).parent / "golden_exports").glob("*.csv"))
PIECES = st.sampled_from(
    [
        "\n",
        '"',
        ",",
        ";",
        "\t",
        "=",
        "-",
        "--",
        "0",
        "1",
        "13",
        "/",
        ".",
        " ",
        "(",
        ")",
        "EUR",
        "Total",
        "Cost",
        "Day",
        "€",
    ]
)
ASKED = st.builds(
    Asked,
    platform=st.sampled_from([None, None, "meta_ads", "microsoft_ads"]),
    currency=st.sampled_from([None, "EUR", "JPY"]),
    date_order=st.sampled_from([None, "dmy", "mdy"]),
    decimal=st.sampled_from([None, ".", ","]),
    by_day=st.booleans(),
)
often = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A golden export with a few pieces put in, and a few letters taken out."""
    text = draw(st.sampled_from(GOLDEN))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.one_of(PIECES, st.text(max_size=3))) + text[at + draw(st.integers(0, 3)) :]
    return text


@often
@given(damaged(), ASKED)
def test_no_line_is_lost(text: str, asked: Asked) -> None:
    with contextlib.suppress(BadExport, UnicodeEncodeError):
        export = read_export(text.encode(), asked)
        found = recognise(text, asked.platform)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=found.delimiter, strict=True)
        below = [row for row in reader if reader.line_num > found.heading.number and any(cell.strip() for cell in row)]
        assert len(export.costs) + len(export.refused) + export.skipped == len(below)
        judged = judge_export("w1", export, post="attract", received_at=1)
        told = {cost.line for cost in export.costs} | {refused.line for refused in export.refused}
        assert {row.line for row in judged.bad} <= told
        assert len(judged.bad) + len(judged.records) <= len(export.costs) + len(export.refused)
        assert bool(judged.bad) or len(judged.records) > 0


@often
@given(
    st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: text.encode("utf-16", "surrogatepass"))),
    ASKED,
)
def test_any_bytes_are_read_or_refused(content: bytes, asked: Asked) -> None:
    with contextlib.suppress(BadExport):
        read_export(content, asked)
