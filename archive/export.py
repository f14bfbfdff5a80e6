"""Out of the archive: the JSON of design section 6 and 10, and the export formats built on it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from archive.coverage import Cell, CoverageTable, Line
from archive.enrich.claims.indicators import load_indicators
from archive.enrich.labels import place_label
from archive.ledger import arithmetic
from archive.masking import mask
from archive.models import (
    SCHEMA,
    ArchiveError,
    Attachment,
    Capture,
    Enrichment,
    Entry,
    FacetValue,
    Hit,
    Json,
    Place,
    Results,
)
from archive.pledges import Answer, Coverage, Pledge, PledgePage, Series, Statement
from archive.search import Enquiry, Reply

FORMATS = ("jsonl", "csv")


def entry_json(entry: Entry) -> Json:
    """Return all that is held about an article in the published shape (`"schema": 1`)."""
    article = entry.article
    return {
        "schema": SCHEMA,
        "id": entry.id,
        "url": article.url,
        "portal": article.portal,
        "section": article.section,
        "title": article.title,
        "summary": article.summary,
        "author": article.author,
        "source": article.source,
        "language": article.language,
        "body": list(article.body),
        "kinds": list(article.kinds),
        "attachments": [_attachment(attachment) for attachment in article.attachments],
        "published": article.published,
        "published_source": article.published_source,
        "not_after": entry.not_after,
        "updated": article.updated,
        **enrichment_json(entry.enrichment),
        "same_as": list(entry.same_as),
        "versions": [asdict(version) for version in entry.versions],
        "status": entry.status,
        "captures": [_capture(capture) for capture in entry.captures],
        "extracted_by": article.extracted_by,
        "enriched_by": entry.enrichment.enriched_by,
    }


def enrichment_json(enrichment: Enrichment) -> Json:
    """Return what rules inferred: places, years, topics, documents, claims, how each is known, what is sensitive."""
    return {
        "places": [_place(place) for place in enrichment.places],
        "place_candidates": [_place(place) for place in enrichment.place_candidates],
        "years": list(enrichment.years),
        "topics": list(enrichment.topics),
        "documents": [asdict(document) for document in enrichment.documents],
        "claims": [asdict(claim) for claim in enrichment.claims],
        "evidence": [asdict(evidence) for evidence in enrichment.evidence],
        "sensitive": list(enrichment.sensitive),
    }


def results_json(results: Results) -> Json:
    """Return search results in the published shape."""
    return {
        "total": results.total,
        "hits": [_hit(hit) for hit in results.hits],
        "facets": {name: [_facet_value(value) for value in values] for name, values in results.facets.items()},
        "suggestion": results.suggestion.text if results.suggestion else None,
        "explanation": _explanation(results),
        "took_ms": results.took_ms,
    }


def _explanation(results: Results) -> Json:
    """Return how the query was understood, why each hit matched, and what the suggestion changed."""
    return {
        "asked": [asdict(asked) for asked in results.asked],
        "partial": results.partial,
        "why": {hit.entry.id: [asdict(match) for match in hit.why] for hit in results.hits},
        "missing": {hit.entry.id: list(hit.missing) for hit in results.hits if hit.missing},
        "files": {hit.entry.id: [_attachment(file) for file in hit.files] for hit in results.hits if hit.files},
        "changes": [asdict(change) for change in results.suggestion.changes] if results.suggestion else [],
    }


def _attachment(attachment: Attachment) -> Json:
    return {
        "name": attachment.name,
        "type": attachment.type,
        "url": attachment.url,
        "sha256": attachment.sha256,
        "capture": attachment.capture,
        "text": attachment.text,
    }


def _capture(capture: Capture) -> Json:
    names = ("id", "fetched_at", "via", "sha256", "warc", "offset")
    return {name: getattr(capture, name) for name in names}


def _place(place: Place) -> Json:
    return {**asdict(place), "successors": list(place.successors)}


def _hit(hit: Hit) -> Json:
    article, enrichment = hit.entry.article, hit.entry.enrichment
    return {
        "id": hit.entry.id,
        "url": article.url,
        "title": article.title,
        "published": article.published,
        "places": [_place(place) for place in enrichment.places],
        "years": list(enrichment.years),
        "topics": list(enrichment.topics),
        "snippet": hit.snippet.text,
        "score": hit.score,
    }


def _facet_value(value: FacetValue) -> Json:
    return {"value": value.value, "label": value.label, "count": value.count}


# --- coverage ------------------------------------------------------------------------------------------------


def table_json(table: CoverageTable) -> Json:
    """Return a table of coverage: the numbers and reasons of the page."""
    return {
        "by": table.by,
        "columns": list(table.columns),
        "years": list(table.years),
        "as_of": table.as_of,
        "lines": [_covered_line(line, table) for line in table.lines],
        "total": _covered(table.total),
    }


def _covered_line(line: Line, table: CoverageTable) -> Json:
    label = line.key if table.by == "year" else place_label(line.key)
    cells = {column: _covered(cell) for column, cell in zip(table.columns, line.cells, strict=True)}
    return {
        "key": line.key,
        "label": label,
        "cells": cells,
        "undated": _covered(line.undated),
        "portals": [asdict(one) for one in line.reached],
    }


def _covered(cell: Cell) -> Json:
    return {**asdict(cell), "gap": cell.gap}


# --- pledges -------------------------------------------------------------------------------------------------


def pledges_json(page: PledgePage) -> Json:
    """Return a page of pledges with the counts by facet."""
    return {
        "total": page.total,
        "pledges": [pledge_json(pledge) for pledge in page.pledges],
        "facets": {name: [_facet_value(value) for value in values] for name, values in page.facets.items()},
        "pending": page.pending,
    }


def pledge_json(pledge: Pledge) -> Json:
    """Return a pledge with its verdict, arithmetic and every statement behind it.

    `verdict.answer` and `verdict.baseline` are claim ids, of a statement among `answers` and one given in full.
    """
    verdict, indicator = pledge.verdict, load_indicators()[pledge.target.indicator]
    return {
        "id": pledge.id,
        "place": pledge.place,
        "place_name": place_label(pledge.place),
        "commune": pledge.commune,
        "indicator": indicator.id,
        "indicator_name": indicator.label,
        "topic": indicator.topic,
        "year": pledge.target.year,
        "period": pledge.target.period,
        "target": asdict(pledge.target),
        "verdict": {
            "kind": verdict.kind,
            "progress": verdict.progress,
            "arithmetic": arithmetic(pledge, indicator),
            "answer": verdict.answer.statement.claim.id if verdict.answer else None,
            "baseline": statement_json(verdict.baseline) if verdict.baseline else None,
        },
        "conflicting": pledge.conflicting,
        "sources": [statement_json(source) for source in pledge.sources],
        "answers": [_answer(answer) for answer in pledge.answers],
        "parts": [statement_json(part) for part in pledge.parts],
        "coverage": coverage_json(pledge.coverage) if pledge.coverage else None,
    }


def statement_json(statement: Statement) -> Json:
    """Return a claim with the article and the capture that show it."""
    names = ("article", "title", "url", "portal", "published", "capture", "sha256", "commune", "decided")
    return {**{name: getattr(statement, name) for name in names}, "claim": asdict(statement.claim)}


def coverage_json(coverage: Coverage) -> Json:
    """Return why a report may not have been found, and what is held instead."""
    return {
        "gap": coverage.gap,
        "first": coverage.first,
        "last": coverage.last,
        "portals": list(coverage.portals),
        "articles": dict(coverage.articles),
        "missing": coverage.missing,
        "problems": coverage.problems,
    }


def series_json(series: Series) -> Json:
    """Return what one indicator of a place was to become, and what was reported."""
    return {
        "indicator": series.indicator,
        "indicator_name": load_indicators()[series.indicator].label,
        "direction": series.direction,
        "unit": series.unit,
        "sub_population": series.sub_population,
        "targets": [statement_json(one) for one in series.targets],
        "results": [statement_json(one) for one in series.results],
        "breaks": list(series.breaks),
    }


def _answer(answer: Answer) -> Json:
    return {**statement_json(answer.statement), "when": answer.when, "ratio": answer.ratio, "met": answer.met}


_PLEDGE_COLUMNS = (
    "pledge", "place", "place_name", "commune", "indicator", "indicator_name", "year", "period", "assigner",
    "sub_population", "direction", "verdict", "progress", "arithmetic", "conflicting", "gap", "articles_held",
)  # fmt: skip
_STATEMENT_COLUMNS = (
    "role", "when", "kind", "value", "value_max", "unit", "comparator", "decided", "published", "article", "title",
    "url", "capture", "capture_sha256", "quote",
)  # fmt: skip


def pledges_csv(pledges: Iterable[Pledge]) -> Iterator[str]:
    """Yield pledges as CSV, a line for each statement behind one.

    `role`: target, decides (the result that the verdict rests on), answer (another one), baseline, part.
    """
    rows = (
        (*_pledge_cells(pledge), *cells)
        for pledge in pledges
        for cells in (_statement_cells(*behind) for behind in _behind(pledge))
    )
    return csv_lines((*_PLEDGE_COLUMNS, *_STATEMENT_COLUMNS), rows)


def _behind(pledge: Pledge) -> Iterator[tuple[str, str, Statement]]:
    """Yield the role, the time and the statement of all that stands behind a pledge."""
    for source in pledge.sources:
        yield "target", "", source
    for answer in pledge.answers:
        yield "decides" if answer == pledge.verdict.answer else "answer", answer.when, answer.statement
    if pledge.verdict.baseline is not None:
        yield "baseline", "", pledge.verdict.baseline
    for part in pledge.parts:
        yield "part", "", part


def _pledge_cells(pledge: Pledge) -> Iterator[str]:
    target, verdict, coverage = pledge.target, pledge.verdict, pledge.coverage
    indicator = load_indicators()[target.indicator]
    return map(_text, (
        pledge.id, pledge.place, place_label(pledge.place), pledge.commune, indicator.id, indicator.label, target.year,
        target.period, target.assigner, target.sub_population, target.direction, verdict.kind, verdict.progress,
        arithmetic(pledge, indicator), "yes" if pledge.conflicting else "no", coverage.gap if coverage else "",
        coverage.total if coverage else "",
    ))  # fmt: skip


_EXACTLY = {"=": "exactly", ">=": "at-least", "<=": "at-most", "~": "about"}  # words: "=" begins a formula


def _statement_cells(role: str, when: str, statement: Statement) -> Iterator[str]:
    claim = statement.claim
    return map(_text, (
        role, when, claim.kind, claim.value, claim.value_max, claim.unit, _EXACTLY[claim.comparator],
        statement.decided,
        statement.published, statement.article, statement.title, statement.url, statement.capture, statement.sha256,
        claim.quote,
    ))  # fmt: skip


def _text(value: str | float | None) -> str:
    """Return a value as it stands in a cell: numbers with a point and no zeros behind it, nothing for none."""
    if value is None:
        return ""
    return value if isinstance(value, str) else f"{value:.15g}"


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


def _plain(cell: str | None) -> str:
    """Return what stood in a cell before it was kept from being read as a formula."""
    return (cell or "").strip().removeprefix("'")


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
    return map(_text, (
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


def coverage_in_words(coverage: Coverage) -> str:
    """Return in a sentence why a report may not have been found, and what is held."""
    held = ", ".join(f"{count} of {portal}" for portal, count in coverage.articles.items()) or "none"
    return (
        f"{coverage.gap}: articles held {coverage.first}..{coverage.last}: {held}; "
        f"known pages missing: {coverage.missing}; pages not read: {coverage.problems}"
    )


# --- formats -------------------------------------------------------------------------------------------------

_CSV_COLUMNS = (
    "id", "url", "portal", "section", "title", "summary", "author", "source", "published", "published_source",
    "not_after", "places", "years", "topics", "documents", "status", "text_sha256", "capture_sha256", "text",
)  # fmt: skip


def export(entries: Iterable[Entry], form: str) -> Iterator[str]:
    """Yield the lines (each with its newline) of the entries in a format, masked; raise ArchiveError naming the known."""
    entries = map(mask, entries)
    if form == "jsonl":
        return (json.dumps(entry_json(entry), ensure_ascii=False, separators=(",", ":")) + "\n" for entry in entries)
    if form == "csv":
        return csv_lines(_CSV_COLUMNS, map(_row, entries))
    raise ArchiveError(f"no export format is called {form!r}; known: {', '.join(FORMATS)}")


def csv_lines(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield a table as CSV (RFC 4180, all cells quoted), no cell of which a spreadsheet takes for a formula.

    A cell that begins with a sign of formulas, or with an apostrophe, has an apostrophe before it: a program that reads
    the file takes one leading apostrophe away and has the text as it was.
    """
    line = io.StringIO()
    writer = csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        yield line.getvalue()
        line.seek(0)
        line.truncate()
        writer.writerow([_cell(value) for value in row])
    yield line.getvalue()


def _row(entry: Entry) -> tuple[str, ...]:
    article, enrichment = entry.article, entry.enrichment
    return (
        entry.id, article.url, article.portal, article.section, article.title, article.summary, article.author,
        article.source, article.published or "", article.published_source or "", entry.not_after,
        "; ".join(f"{place.id} {place.name}" for place in enrichment.places if place.role == "subject"),
        "; ".join(map(str, enrichment.years)), "; ".join(enrichment.topics),
        "; ".join(document.number for document in enrichment.documents), entry.status, article.sha256,
        entry.captures[-1].sha256 if entry.captures else "", "\n".join(article.body),
    )  # fmt: skip


def _cell(value: str) -> str:
    """Keep a spreadsheet from reading text as a formula, full-width signs included (OWASP ASVS 1.2.10)."""
    return f"'{value}" if value[:1] in "'=+-@\t\r\0＝＋－＠" and value else value
