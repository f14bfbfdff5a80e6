"""Finds articles: the published index says which match, the store what they say; the hits tell why."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Literal

from archive.index import Engine, IndexDamaged
from archive.masking import is_guarded, mask
from archive.models import Asked, EngineHits, Entry, Hit, Match, Node, Query, Results, SearchRequest, article_text
from archive.search.facets import show_facet
from archive.search.parse import Question, ask
from archive.search.queries import to_query
from archive.search.snippet import Reading, snippet, why
from archive.search.suggest import suggest
from archive.store import Store

_log = logging.getLogger(__name__)
Unready = Literal["index-missing", "index-damaged"]


class Finder:
    """Searches one archive, by the index in `folder`."""

    def __init__(self, store: Store, engine: Engine, folder: Path, portal_title: Callable[[str], str]) -> None:
        self._store, self._engine, self._folder, self._portal_title = store, engine, folder, portal_title
        self.refusal = ""  # why the index cannot answer at all, and what mends it; known after a search

    def search(self, request: SearchRequest) -> Results:
        """Return the hits of one page with facets, and a suggestion when nothing is found.

        A damaged index finds nothing, is behind by everything, and is complained of in the log. Raise QueryError for a
        query that cannot be understood or is out of bounds.
        """
        began = time.perf_counter()
        query, question = to_query(request), ask(request.text)
        found = self._find(query)
        suggestion, relaxed = None, None
        if not found.total:
            suggestion = suggest(request, question, self._frequency, self._best)
            relaxed = question.relaxed()
        if relaxed is not None:
            query = replace(query, node=relaxed)
            found = self._find(query)
        partial = relaxed is not None and found.total > 0
        return Results(
            query=request.text,
            total=found.total,
            hits=self._hits(found, query.node, question, partial),
            facets={
                name: show_facet(name, counts, request.filters.get(name, ()), self._portal_title)
                for name, counts in found.facets.items()
            },
            suggestion=suggestion,
            took_ms=round((time.perf_counter() - began) * 1000, 1),
            behind=self.behind(),
            partial=partial,
            asked=tuple(clause.asked for clause in question.clauses),
        )

    def behind(self) -> int:
        """Return how many changes of the database the published index does not show yet."""
        try:
            shown = 0 if self.refusal else max(self._engine.seq(), 0)
        except IndexDamaged:
            shown = 0
        return self._store.seq() - shown

    def unready(self) -> Unready | None:
        """Return why the index cannot answer; None while it can."""
        try:
            self._check_database()
            self._engine.frequency("")  # opens it, which checks every file
            return None if self._engine.seq() >= 0 else "index-missing"
        except IndexDamaged:
            return "index-damaged"

    # the index -------------------------------------------------------------------------------------------

    def _find(self, query: Query) -> EngineHits:
        try:
            self._check_database()
            found = self._engine.search(query)
            self.refusal = (
                "" if self._engine.seq() >= 0 else f"{self._folder}: there is no index; `ansinh index` makes it"
            )
            return found
        except IndexDamaged as error:
            self.refusal = str(error)
            _log.error("%s", error)
            return EngineHits(0, (), {name: {} for name in query.facets})

    def _check_database(self) -> None:
        """Raise IndexDamaged for an index that was made from another database."""
        if self._engine.seq() >= 0 and self._engine.database() != self._store.identity():
            raise IndexDamaged(f"{self._folder}: was made from another database; `ansinh index` makes it again")

    def _frequency(self, term: str) -> int:
        try:
            return self._engine.frequency(term)
        except IndexDamaged:
            return 0

    def _files(self, article_id: str, node: Node) -> tuple[int, ...]:
        try:
            return self._engine.files(article_id, node)
        except IndexDamaged:
            return ()

    def _best(self, request: SearchRequest) -> Hit | None:
        """Return the first hit of a search; None where there is none."""
        query = replace(to_query(request), facets=(), limit=1)
        return next(iter(self._hits(self._find(query), query.node, ask(request.text), False)), None)

    # the hits --------------------------------------------------------------------------------------------

    def _hits(self, found: EngineHits, node: Node | None, question: Question, partial: bool) -> tuple[Hit, ...]:
        """Return the articles found, without those that the index still has and the store no more."""
        rows = self._store.find_rows([article_id for article_id, _ in found.ids])
        return tuple(
            self._hit(mask(rows[article_id]), score, node, question, partial)
            for article_id, score in found.ids
            if article_id in rows
        )

    def _hit(self, entry: Entry, score: float, node: Node | None, question: Question, partial: bool) -> Hit:
        article = entry.article
        told = "" if is_guarded(entry.enrichment) else article_text("", article.summary, article.body)
        title, text = Reading(article.title, "title"), Reading(told, "text")
        own = why(question, (title, text))
        in_files = self._in_files(entry, question, {match.typed for match in own})
        matches = (*own, *(Match(asked.typed, "file", asked.how) for asked in in_files))
        held = {match.typed for match in matches}
        asked_for = dict.fromkeys(clause.asked.typed for clause in question.clauses)
        return Hit(
            entry=entry,
            title_spans=title.spans(node),
            snippet=snippet(text, node),
            score=score,
            why=matches,
            missing=tuple(typed for typed in asked_for if partial and typed not in held),
            files=tuple(article.attachments[n] for n in sorted({n for found in in_files.values() for n in found})),
        )

    def _in_files(self, entry: Entry, question: Question, held: Collection[str]) -> dict[Asked, set[int]]:
        """Return what of a question the article's own words do not hold, with the numbers of the files that do.

        The index may be of before the article's files have changed: of those that have words now.
        """
        files = entry.article.attachments
        if not any(file.text for file in files):
            return {}
        readable = {n for n, file in enumerate(files) if file.text}
        sought = [one for one in question.clauses if not one.asked.excluded and one.asked.typed not in held]
        found = {one.asked: readable.intersection(self._files(entry.id, one.node)) for one in sought}
        return {asked: numbers for asked, numbers in found.items() if numbers}
