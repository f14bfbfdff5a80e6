"""What was promised, what came of it, and every statement behind that: as JSON, and as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict

from archive.enrich.claims.indicators import load_indicators
from archive.enrich.labels import place_label
from archive.export.articles import facet_value_json
from archive.export.coverage import coverage_json
from archive.export.tables import cell, csv_lines
from archive.ledger import arithmetic
from archive.models import Json
from archive.pledges import Answer, Pledge, PledgePage, Statement

_PLEDGE_COLUMNS = (
    "pledge", "place", "place_name", "commune", "indicator", "indicator_name", "year", "period", "assigner",
    "sub_population", "direction", "verdict", "progress", "arithmetic", "conflicting", "gap", "articles_held",
)  # fmt: skip
_STATEMENT_COLUMNS = (
    "role", "when", "kind", "value", "value_max", "unit", "comparator", "decided", "published", "article", "title",
    "url", "capture", "capture_sha256", "quote",
)  # fmt: skip


def pledges_json(page: PledgePage) -> Json:
    """Return a page of pledges with the counts by facet."""
    return {
        "total": page.total,
        "pledges": [pledge_json(pledge) for pledge in page.pledges],
        "facets": {name: [facet_value_json(value) for value in values] for name, values in page.facets.items()},
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


def _answer(answer: Answer) -> Json:
    return {**statement_json(answer.statement), "when": answer.when, "ratio": answer.ratio, "met": answer.met}


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
    return map(cell, (
        pledge.id, pledge.place, place_label(pledge.place), pledge.commune, indicator.id, indicator.label, target.year,
        target.period, target.assigner, target.sub_population, target.direction, verdict.kind, verdict.progress,
        arithmetic(pledge, indicator), "yes" if pledge.conflicting else "no", coverage.gap if coverage else "",
        coverage.total if coverage else "",
    ))  # fmt: skip


_EXACTLY = {"=": "exactly", ">=": "at-least", "<=": "at-most", "~": "about"}  # words: "=" begins a formula


def _statement_cells(role: str, when: str, statement: Statement) -> Iterator[str]:
    claim = statement.claim
    return map(cell, (
        role, when, claim.kind, claim.value, claim.value_max, claim.unit, _EXACTLY[claim.comparator],
        statement.decided,
        statement.published, statement.article, statement.title, statement.url, statement.capture, statement.sha256,
        claim.quote,
    ))  # fmt: skip
