"""A list of questions as a spreadsheet has them, and the replies."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from archive.enrich.claims.indicators import load_indicators
from archive.enrich.labels import place_label
from archive.export.coverage import coverage_in_words
from archive.export.tables import cell, csv_lines
from archive.ledger import arithmetic
from archive.models import ArchiveError
from archive.pledges import Statement
from archive.search import Enquiry, Reply

_REPLY_COLUMNS = (
    "district", "indicator", "year", "place", "place_name", "indicator_id", "pledge", "assigner", "direction", "target",
    "result", "unit", "ratio", "arithmetic", "verdict", "sources", "coverage", "note", "target_article", "target_capture_sha256",
    "target_quote", "result_article", "result_capture_sha256", "result_quote",
)  # fmt: skip


def read_enquiries(path: Path) -> list[Enquiry]:
    """Return the questions of a CSV file with the columns district, indicator and year, others left out.

    Comma or semicolon, with or without the mark of UTF-8, as spreadsheets save it. Raise ArchiveError naming the
    columns that are missing, or a file that is no UTF-8.
    """
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ArchiveError(f"{path}: is not UTF-8 ({error}); save it as CSV UTF-8") from error
    head = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ",")
    missing = [name for name in ("district", "indicator", "year") if name not in (rows.fieldnames or ())]
    if missing:
        raise ArchiveError(f"{path}: has no column {' and no column '.join(missing)}; its first line names the columns")
    return [Enquiry(*(_plain(row[name]) for name in ("district", "indicator", "year"))) for row in rows]


def _plain(value: str | None) -> str:
    """Return what stood in a cell before it was kept from being read as a formula."""
    return (value or "").strip().removeprefix("'")


def replies_csv(replies: Iterable[Reply]) -> Iterator[str]:
    """Yield the replies to a list of questions as CSV.

    `verdict` is also no-target, where nothing was promised that the archive knows of (`result` is what was reported all
    the same), and empty where the question was not understood (`note` says why).
    """
    return csv_lines(_REPLY_COLUMNS, map(_reply_cells, replies))


def _reply_cells(reply: Reply) -> Iterator[str]:
    enquiry, pledge = reply.enquiry, reply.pledge
    target = pledge.sources[0] if pledge else None
    told = [one for one in (target, reply.result) if one is not None]
    return map(cell, (
        enquiry.district, enquiry.indicator, enquiry.year,
        reply.place, place_label(reply.place) if reply.place else "", reply.indicator,
        pledge.id if pledge else "", target.claim.assigner if target else "",
        told[0].claim.direction if told else "", target.claim.value if target else "",
        reply.result.claim.value if reply.result else "", told[0].claim.unit if told else "",
        pledge.verdict.progress if pledge else "",
        arithmetic(pledge, load_indicators()[reply.indicator]) if pledge else "", _verdict(reply),
        " ".join(dict.fromkeys(one.url for one in told)),
        coverage_in_words(reply.coverage) if reply.coverage else "", reply.note,
        *_evidence(target), *_evidence(reply.result),
    ))  # fmt: skip


def _verdict(reply: Reply) -> str:
    if reply.pledge is not None:
        return reply.pledge.verdict.kind
    return "" if reply.note else "no-target"


def _evidence(statement: Statement | None) -> tuple[str, str, str]:
    return (statement.article, statement.sha256, statement.claim.quote) if statement else ("", "", "")
